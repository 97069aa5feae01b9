/* The arguments and results of AFS's calls, by the formats of rx.h. */
#include "rx.h"

#include "base/array.h"

#include <time.h>

/* The values, as far as they are printed. */
struct values {
        const struct rx_service *service;
        struct packet packet;
        uint32_t at;
};

/* A number that is missing abandons the packet; of what is larger, its lack is only remarked: then
 * false is returned. */
typedef bool value_printer(struct printer *printer, struct values *values);

/* Whether the next bytes are all captured. */
static bool here(const struct values *values, uint32_t size)
{
        return has(values->packet, values->at, size);
}

/* What comes next, and goes past it. */
static uint32_t word(struct printer *printer, struct values *values)
{
        uint32_t value = get32(printer, values->packet, values->at);

        values->at += 4;
        return value;
}

static bool unsigned_print(struct printer *printer, struct values *values)
{
        put_labelled(printer, " ", word(printer, values));
        return true;
}

static bool signed_print(struct printer *printer, struct values *values)
{
        putf(printer, " %d", (int)word(printer, values));
        return true;
}

static bool long_print(struct printer *printer, struct values *values)
{
        put_labelled(printer, " ", get64(printer, values->packet, values->at));
        values->at += 8;
        return true;
}

static bool number_skip(struct printer *printer, struct values *values)
{
        word(printer, values);
        return true;
}

/* In the zone of TZ. */
static bool time_print(struct printer *printer, struct values *values)
{
        time_t seconds = (int32_t)word(printer, values);
        struct tm local;

        if (localtime_r(&seconds, &local))
                putf(printer, " %04d/%02d/%02d %02d:%02d:%02d", local.tm_year + 1900,
                     local.tm_mon + 1, local.tm_mday, local.tm_hour, local.tm_min, local.tm_sec);
        return true;
}

static bool pair_print(struct printer *printer, struct values *values)
{
        if (!here(values, 8))
                return false;
        unsigned_print(printer, values);
        put_labelled(printer, ".", word(printer, values));
        return true;
}

/* Three numbers. */
static bool triple_print(struct printer *printer, struct values *values, const char *title,
                         const char *separator)
{
        if (!here(values, 12))
                return false;
        put(printer, title);
        unsigned_print(printer, values);
        for (int i = 0; i < 2; i++)
                put_labelled(printer, separator, word(printer, values));
        return true;
}

/* Volume, vnode and uniquifier. */
static bool file_print(struct printer *printer, struct values *values)
{
        return triple_print(printer, values, " fid", "/");
}

static bool server_print(struct printer *printer, struct values *values)
{
        return triple_print(printer, values, " server", ":");
}

/* Eleven words for 16 bytes: 32 bits, twice 16, and eight times 8. */
static bool identifier_print(struct printer *printer, struct values *values)
{
        enum { WORDS = 11, LONGER = 3 };

        if (!here(values, WORDS * 4))
                return false;
        put_char(printer, ' ');
        for (unsigned i = 0; i < WORDS; i++) {
                uint32_t part = word(printer, values);

                if (i < LONGER)
                        put_hex(printer, part, i == 0 ? 8 : 4);
                else
                        put_hex(printer, part & 0xff, 2);
        }
        return true;
}

static bool string_print(struct printer *printer, struct values *values)
{
        uint32_t length = word(printer, values);

        if (length > values->service->string_limit)
                return false;
        put(printer, " \"");
        if (!characters_print(printer, values->packet, values->at, length))
                return false;
        put_char(printer, '"');
        values->at += length + (-length & 3);
        return true;
}

/* A character a word, in its last byte, up to a zero. */
static bool name_print(struct printer *printer, struct values *values)
{
        uint32_t size = values->service->name_size;
        uint32_t end = values->at + size * 4;
        uint8_t c;

        if (!here(values, size * 4))
                return false;
        put(printer, " \"");
        while (values->at < end && (c = (uint8_t)word(printer, values)) != 0)
                put_visible(printer, c);
        put_char(printer, '"');
        values->at = end;
        return true;
}

static bool bytes_skip(struct printer *printer, struct values *values)
{
        uint32_t size = word(printer, values);

        if (!here(values, size))
                return false;
        values->at += size;
        return true;
}

/* A list's items, of which it states the number first. */
static bool list_print(struct printer *printer, struct values *values, const char *separator,
                       value_printer *item_print)
{
        uint32_t count = word(printer, values);

        for (uint32_t i = 0; i < count; i++) {
                if (i > 0)
                        put(printer, separator);
                if (!item_print(printer, values))
                        return false;
        }
        if (count == 0)
                put(printer, " <none!>");
        return true;
}

static bool files_print(struct printer *printer, struct values *values)
{
        return list_print(printer, values, ",", file_print);
}

static bool servers_print(struct printer *printer, struct values *values)
{
        return list_print(printer, values, ",", server_print);
}

static bool numbers_print(struct printer *printer, struct values *values)
{
        return list_print(printer, values, "", signed_print);
}

static bool names_print(struct printer *printer, struct values *values)
{
        return list_print(printer, values, "", name_print);
}

/* Its version, when it expires, and its type, which is not printed. */
static bool callbacks_print(struct printer *printer, struct values *values)
{
        uint32_t count = word(printer, values);

        if (count > 0)
                put_char(printer, ';');
        for (uint32_t i = 0; i < count; i++) {
                put(printer, " ver");
                signed_print(printer, values);
                put(printer, " expires");
                time_print(printer, values);
                number_skip(printer, values);
        }
        return true;
}

/* What is set of a file's status. */
static bool status_print(struct printer *printer, struct values *values)
{
        enum { SIZE = 24, PERMISSIONS = 07777, SYNCHRONIZE = 0x400 };
        static const struct {
                const char *label;
                value_printer *print;
        } fields[] = {{" date", time_print},
                      {" owner", unsigned_print},
                      {" group", unsigned_print},
                      {" mode ", NULL},
                      {" segsize", unsigned_print}};
        uint32_t mask;

        if (!here(values, SIZE))
                return false;
        mask = word(printer, values);
        if (mask != 0)
                put(printer, " StoreStatus");
        for (unsigned i = 0; i < array_count(fields); i++) {
                if (!(mask & 1u << i)) {
                        values->at += 4;
                        continue;
                }
                put(printer, fields[i].label);
                if (fields[i].print)
                        fields[i].print(printer, values);
                else
                        put_octal(printer, word(printer, values) & PERMISSIONS);
        }
        if (mask & SYNCHRONIZE)
                put(printer, " fsync");
        return true;
}

/* Text that is read as C's scanf() reads it. */
struct text_rest {
        const uint8_t *at, *end;
};

static bool is_space(uint8_t c)
{
        return c == ' ' || (c >= '\t' && c <= '\r');
}

static void spaces_skip(struct text_rest *rest)
{
        while (rest->at < rest->end && is_space(*rest->at))
                rest->at++;
}

/* "%d". False if there is none. */
static bool decimal_read(struct text_rest *rest, int32_t *value)
{
        const uint8_t *start;
        bool negative;
        uint64_t sum = 0;
        /* What a long can hold; then as many bits of it as an int has. */
        uint64_t limit = INT64_MAX;

        spaces_skip(rest);
        negative = rest->at < rest->end && *rest->at == '-';
        if (negative || (rest->at < rest->end && *rest->at == '+'))
                rest->at++;
        limit += negative;
        start = rest->at;
        for (; rest->at < rest->end && *rest->at >= '0' && *rest->at <= '9'; rest->at++) {
                unsigned digit = *rest->at - '0';

                sum = sum > (limit - digit) / 10 ? limit : sum * 10 + digit;
        }
        *value = (int32_t)(uint32_t)(negative ? -sum : sum);
        return rest->at > start;
}

/* Users and groups and what they may do. */
static bool rights_print(struct printer *printer, struct text_rest *rest, const char *title,
                         int32_t count)
{
        static const struct name rights[] = {{0x01, "r"}, {0x08, "l"}, {0x04, "i"}, {0x10, "d"},
                                             {0x02, "w"}, {0x20, "k"}, {0x40, "a"}, {0, NULL}};

        for (int32_t i = 0; i < count; i++) {
                const uint8_t *user;
                const uint8_t *end;
                int32_t set;

                spaces_skip(rest);
                user = rest->at;
                while (rest->at < rest->end && !is_space(*rest->at))
                        rest->at++;
                end = rest->at;
                if (!decimal_read(rest, &set))
                        return false;
                put(printer, title);
                while (user < end)
                        put_visible(printer, *user++);
                put_char(printer, ' ');
                for (const struct name *right = rights; right->name; right++) {
                        if ((uint32_t)set & right->value)
                                put(printer, right->name);
                }
                put_char(printer, '}');
        }
        return true;
}

/* The list is text: how many may do something, how many may not, and those. */
static bool access_print(struct printer *printer, struct values *values)
{
        enum { LIMIT = 1024 };
        uint32_t size = word(printer, values);
        struct text_rest rest;
        const uint8_t *zero;
        int32_t positive, negative;

        if (!here(values, size))
                return false;
        rest.at = values->packet.data + values->at;
        size = size < LIMIT ? size : LIMIT;
        zero = size > 0 ? memchr(rest.at, 0, size) : NULL;
        rest.end = zero ? zero : rest.at + size;
        if (decimal_read(&rest, &positive) && decimal_read(&rest, &negative) &&
            rights_print(printer, &rest, " +{", positive))
                rights_print(printer, &rest, " -{", negative);
        return true;
}

static bool volume_type_print(struct printer *printer, struct values *values)
{
        static const struct name types[] = {
            {0, "read-write"}, {1, "read-only"}, {2, "backup"}, {0, NULL}};
        const char *type = name_find(types, word(printer, values));

        if (type) {
                put(printer, " type ");
                put(printer, type);
        }
        return true;
}

/* The first 26 are called by letters, and in tcpdump the one after them by what follows z. */
static void partition_print(struct printer *printer, uint32_t partition)
{
        put_char(printer, ' ');
        if (partition <= 'z' + 1 - 'a')
                put_char(printer, (char)('a' + partition));
        else
                put_decimal(printer, partition);
}

/* The forms of an entry have room for so many servers, of which it has the first few. */
static bool entry_print(struct printer *printer, struct values *values, uint32_t room,
                        bool identified)
{
        static const char *const volumes[] = {" rwvol", " rovol", " backup"};
        uint32_t count;

        put(printer, " numservers");
        count = get32(printer, values->packet, values->at);
        unsigned_print(printer, values);
        put(printer, " servers");
        for (uint32_t i = 0; i < room; i++) {
                uint32_t size = identified ? 44 : 4;

                if (identified && i < count)
                        put(printer, " afsuuid");
                if (!here(values, size))
                        return false;
                if (i >= count) {
                        values->at += size;
                } else if (identified) {
                        identifier_print(printer, values);
                } else {
                        put_char(printer, ' ');
                        put_ipv4_numeric(printer, values->packet.data + values->at);
                        values->at += size;
                }
        }
        /* With identifiers, a number of each that makes it unique. */
        if (identified && !here(values, room * 4))
                return false;
        values->at += identified ? room * 4 : 0;
        put(printer, " partitions");
        for (uint32_t i = 0; i < room; i++) {
                uint32_t partition = word(printer, values);

                if (i < count)
                        partition_print(printer, partition);
        }
        /* Each server's flags. */
        if (!here(values, room * 4))
                return false;
        values->at += room * 4;
        for (unsigned i = 0; i < array_count(volumes); i++) {
                put(printer, volumes[i]);
                unsigned_print(printer, values);
        }
        return true;
}

static bool old_entry_print(struct printer *printer, struct values *values)
{
        enum { SERVERS = 8 };

        if (!name_print(printer, values) || !here(values, 4))
                return false;
        values->at += 4; /* the volume's type */
        return entry_print(printer, values, SERVERS, false);
}

enum { ENTRY_SERVERS = 13 };

static bool new_entry_print(struct printer *printer, struct values *values)
{
        return name_print(printer, values) && entry_print(printer, values, ENTRY_SERVERS, false);
}

static bool identified_entry_print(struct printer *printer, struct values *values)
{
        return name_print(printer, values) && entry_print(printer, values, ENTRY_SERVERS, true);
}

static bool volume_print(struct printer *printer, struct values *values)
{
        enum { WORDS = 54 };
        uint32_t start = values->at;

        put(printer, " name");
        if (!name_print(printer, values))
                return false;
        put(printer, " volid");
        unsigned_print(printer, values);
        put(printer, " type");
        values->at = start + WORDS * 4;
        return true;
}

static bool volumes_print(struct printer *printer, struct values *values)
{
        return list_print(printer, values, ",", volume_print);
}

static bool synchronizer_print(struct printer *printer, struct values *values)
{
        uint32_t synchronizer = word(printer, values);

        put(printer, " syncsite");
        put(printer, synchronizer ? " yes" : " no");
        return true;
}

static bool error_print(struct printer *printer, struct values *values)
{
        static const struct name errors[] = {{101, "salvage volume"},
                                             {102, "no such vnode"},
                                             {103, "no such volume"},
                                             {104, "volume exist"},
                                             {105, "no service"},
                                             {106, "volume offline"},
                                             {107, "voline online"},
                                             {108, "diskfull"},
                                             {109, "diskquota exceeded"},
                                             {110, "volume busy"},
                                             {111, "volume moved"},
                                             {112, "AFS IO error"},
                                             {(uint32_t)-100, "restarting fileserver"},
                                             {0, NULL}};
        uint32_t error = word(printer, values);

        put(printer, " error ");
        put_name_as(printer, ROLE_REFUSAL, errors, "#%d", error);
        return true;
}

void rx_values_print(struct printer *printer, const struct rx_service *service, const char *format,
                     struct packet packet, uint32_t at)
{
        static value_printer *const printers['z' + 1] = {
            ['u'] = unsigned_print,   ['d'] = signed_print,
            ['q'] = long_print,       ['h'] = number_skip,
            ['t'] = time_print,       ['v'] = pair_print,
            ['s'] = string_print,     ['n'] = name_print,
            ['F'] = file_print,       ['S'] = status_print,
            ['A'] = access_print,     ['D'] = server_print,
            ['U'] = identifier_print, ['T'] = volume_type_print,
            ['o'] = bytes_skip,       ['b'] = synchronizer_print,
            ['e'] = error_print,      ['1'] = old_entry_print,
            ['2'] = new_entry_print,  ['3'] = identified_entry_print,
            ['f'] = files_print,      ['a'] = callbacks_print,
            ['i'] = numbers_print,    ['m'] = names_print,
            ['g'] = servers_print,    ['l'] = volumes_print};
        struct values values = {service, packet, at};

        while (*format) {
                size_t length = strcspn(format, " ");

                if (*format != '%') {
                        put_char(printer, ' ');
                        put_bytes(printer, format, length);
                } else if (!printers[(unsigned char)format[1]](printer, &values)) {
                        printer->protocol = service->name;
                        put_truncated(printer);
                        return;
                }
                format += length;
                format += *format == ' ';
        }
}
