/* AFS's calls and replies as JSON: the values that have a name in Wireshark's reference, by the
 * formats of rx.h. What text leaves out behind a value that it cannot read, JSON leaves out, too.
 */
#include "rx.h"

#include "base/array.h"
#include "print/printer/earlier.h"
#include "print/printer/fields.h"

#include <stdio.h>

struct values {
        const struct rx_service *service;
        struct packet packet;
        uint32_t at;
        char name[40]; /* that of the field that is being written */
};

/* `field` is what braces in the format say, or "". False where what follows cannot be found. */
typedef bool value_fields(struct printer *printer, struct values *values, const char *field);

/* "afs.fs.offset" */
static const char *named(struct values *values, const char *field)
{
        snprintf(values->name, sizeof values->name, "afs.%s.%s", values->service->fields, field);
        return values->name;
}

static uint32_t word(struct printer *printer, struct values *values)
{
        uint32_t value = get32(printer, values->packet, values->at);

        values->at += 4;
        return value;
}

static void number(struct printer *printer, struct values *values, const char *field)
{
        uint32_t value = word(printer, values);

        field_number(printer, named(values, field), value);
}

/* Numbers that are one element. */
static void numbers(struct printer *printer, struct values *values, const char *const fields[],
                    unsigned count)
{
        field_open(printer, NULL, '{');
        for (unsigned i = 0; i < count; i++)
                number(printer, values, fields[i]);
        field_close(printer);
}

/* Numbers without a name are passed over. */
static bool number_fields(struct printer *printer, struct values *values, const char *field)
{
        uint32_t at = values->at, value = word(printer, values);

        if (!*field)
                return true;
        field_open(printer, NULL, '{');
        switch (*field) {
        case '#': field_hex(printer, named(values, field + 1), value, 8); break;
        case '@': field_ipv4(printer, named(values, field + 1), values->packet, at); break;
        default: field_number(printer, named(values, field), value);
        }
        field_close(printer);
        return true;
}

static bool long_fields(struct printer *printer, struct values *values, const char *field)
{
        uint64_t value = get64(printer, values->packet, values->at);

        field_open(printer, NULL, '{');
        field_number(printer, named(values, field), value);
        field_close(printer);
        values->at += 8;
        return true;
}

static bool version_fields(struct printer *printer, struct values *values, const char *field)
{
        static const char *const parts[] = {"version.epoch", "version.counter"};

        (void)field;
        numbers(printer, values, parts, array_count(parts));
        return true;
}

static bool file_fields(struct printer *printer, struct values *values, const char *field)
{
        static const char *const parts[] = {"fid.volume", "fid.vnode", "fid.uniq"};

        (void)field;
        numbers(printer, values, parts, array_count(parts));
        return true;
}

static bool callback_fields(struct printer *printer, struct values *values, const char *field)
{
        static const char *const parts[] = {"callback.version", "callback.expires",
                                            "callback.type"};

        (void)field;
        numbers(printer, values, parts, array_count(parts));
        return true;
}

/* Bytes, counted, and filled up to words. */
static bool counted(struct printer *printer, struct values *values, const char *field,
                    void (*put_bytes_field)(struct printer *printer, const char *name,
                                            struct packet packet, uint32_t at, uint32_t size))
{
        uint32_t size = word(printer, values);

        if (!has(values->packet, values->at, size))
                return false;
        if (*field) {
                field_open(printer, NULL, '{');
                put_bytes_field(printer, named(values, field), values->packet, values->at, size);
                field_close(printer);
        }
        values->at += size + (-size & 3);
        return true;
}

static bool string_fields(struct printer *printer, struct values *values, const char *field)
{
        return counted(printer, values, field, field_text);
}

static bool bytes_fields(struct printer *printer, struct values *values, const char *field)
{
        return counted(printer, values, field, field_bytes);
}

/* The text of a character a word. */
static void name(struct printer *printer, struct values *values, const char *field)
{
        enum { LIMIT = 80 };
        uint8_t text[LIMIT];
        uint32_t room = values->service->name_size, size = 0, end = values->at + room * 4;
        struct packet packet = {.data = text};

        bytes_at(printer, values->packet, values->at, room * 4);
        while (size < LIMIT && values->at < end) {
                uint8_t c = (uint8_t)word(printer, values);

                if (c == 0)
                        break;
                text[size++] = c;
        }
        values->at = end;
        packet.captured = packet.length = size;
        field_text(printer, named(values, field), packet, 0, size);
}

static bool name_fields(struct printer *printer, struct values *values, const char *field)
{
        field_open(printer, NULL, '{');
        name(printer, values, field);
        field_close(printer);
        return true;
}

static bool list(struct printer *printer, struct values *values, const char *field,
                 value_fields *item_fields)
{
        uint32_t count = word(printer, values);

        for (uint32_t i = 0; i < count; i++)
                if (!item_fields(printer, values, field))
                        return false;
        return true;
}

static bool files_fields(struct printer *printer, struct values *values, const char *field)
{
        return list(printer, values, field, file_fields);
}

static bool callbacks_fields(struct printer *printer, struct values *values, const char *field)
{
        return list(printer, values, field, callback_fields);
}

static bool numbers_fields(struct printer *printer, struct values *values, const char *field)
{
        return list(printer, values, field, number_fields);
}

static bool names_fields(struct printer *printer, struct values *values, const char *field)
{
        return list(printer, values, field, name_fields);
}

/* What is to be set of a file's status, and to what: the rest is in the packet, too, but says
 * nothing. */
static bool status_fields(struct printer *printer, struct values *values, const char *field)
{
        static const char *const parts[] = {"status.clientmodtime", "status.owner", "status.group",
                                            "status.mode", "status.segsize"};
        uint32_t mask = word(printer, values);

        (void)field;
        field_open(printer, NULL, '{');
        field_hex(printer, named(values, "status.mask"), mask, 8);
        for (unsigned i = 0; i < array_count(parts); i++) {
                if (mask & 1u << i)
                        number(printer, values, parts[i]);
                else
                        word(printer, values);
        }
        field_close(printer);
        return true;
}

/* A volume's entry has room for so many servers, of which it has the first few. */
static bool entry(struct printer *printer, struct values *values, uint32_t room, uint32_t size,
                  bool typed)
{
        static const char *const volumes[] = {"rwvol", "rovol", "bkvol"};
        enum { ADDRESS = 4 };
        uint32_t count;

        field_open(printer, NULL, '{');
        name(printer, values, "name");
        values->at += typed ? 4 : 0;
        count = get32(printer, values->packet, values->at);
        number(printer, values, "numservers");
        count = count < room ? count : room;
        if (size == ADDRESS) {
                field_open(printer, named(values, "server"), '[');
                for (uint32_t i = 0; i < count; i++)
                        field_ipv4(printer, NULL, values->packet, values->at + i * ADDRESS);
                field_close(printer);
        }
        /* Partitions and flags are behind them. */
        values->at += room * size + room * 4 + room * 4;
        for (unsigned i = 0; i < array_count(volumes); i++)
                number(printer, values, volumes[i]);
        field_close(printer);
        return true;
}

static bool old_entry_fields(struct printer *printer, struct values *values, const char *field)
{
        enum { SERVERS = 8 };

        (void)field;
        return entry(printer, values, SERVERS, 4, true);
}

enum { ENTRY_SERVERS = 13 };

static bool new_entry_fields(struct printer *printer, struct values *values, const char *field)
{
        (void)field;
        return entry(printer, values, ENTRY_SERVERS, 4, false);
}

/* Of each server eleven words identify it, and another one makes that unique. */
static bool identified_entry_fields(struct printer *printer, struct values *values,
                                    const char *field)
{
        (void)field;
        return entry(printer, values, ENTRY_SERVERS, 12 * 4, false);
}

static bool nothing(struct printer *printer, struct values *values, const char *field)
{
        (void)printer, (void)values, (void)field;
        return false;
}

static void values_fields(struct printer *printer, struct values *values, const char *format)
{
        static value_fields *const readers['z' + 1] = {['u'] = number_fields,
                                                       ['d'] = number_fields,
                                                       ['q'] = long_fields,
                                                       ['h'] = number_fields,
                                                       ['t'] = number_fields,
                                                       ['v'] = version_fields,
                                                       ['s'] = string_fields,
                                                       ['n'] = name_fields,
                                                       ['F'] = file_fields,
                                                       ['S'] = status_fields,
                                                       ['T'] = number_fields,
                                                       ['o'] = bytes_fields,
                                                       ['b'] = number_fields,
                                                       ['1'] = old_entry_fields,
                                                       ['2'] = new_entry_fields,
                                                       ['f'] = files_fields,
                                                       ['3'] = identified_entry_fields,
                                                       ['a'] = callbacks_fields,
                                                       ['i'] = numbers_fields,
                                                       ['m'] = names_fields,
                                                       ['A'] = nothing,
                                                       ['D'] = nothing,
                                                       ['U'] = nothing,
                                                       ['g'] = nothing,
                                                       ['l'] = nothing};

        while (*format) {
                size_t length = strcspn(format, " ");
                char field[24] = "";

                if (*format == '%') {
                        if (length > 4 && format[2] == '{')
                                snprintf(field, sizeof field, "%.*s", (int)length - 4, format + 3);
                        if (!readers[(unsigned char)format[1]](printer, values, field))
                                return;
                }
                format += length;
                format += *format == ' ';
        }
}

/* NULL if no reply to a call that is remembered begins in the packet. */
static const uint32_t *answered(struct printer *printer, struct packet packet)
{
        struct rx_key key = rx_key_of(printer, packet, true);

        return recall_get(printer, RECALL_RX, &key, sizeof key);
}

bool afs_starts(struct printer *printer, struct packet packet)
{
        enum { CODE = 4 };

        if (!has(packet, 0, RX_HEADER) || !printer->network)
                return false;
        if (rx_is_call(printer, packet))
                return rx_service_find(printer->destination_port) && has(packet, RX_HEADER, CODE);
        return rx_is_reply(printer, packet) && rx_service_find(printer->source_port) &&
               answered(printer, packet);
}

void afs_fields(struct printer *printer, struct packet packet)
{
        bool call = rx_is_call(printer, packet);
        bool aborted = get8(printer, packet, RX_TYPE) == RX_ABORT;
        const struct rx_service *service =
            rx_service_find(call ? printer->destination_port : printer->source_port);
        uint32_t code = call ? get32(printer, packet, RX_HEADER) : *answered(printer, packet);
        const struct rx_operation *operation = rx_operation_of(&service, code);
        struct values values = {
            .service = service, .packet = packet, .at = call ? RX_HEADER + 4 : RX_HEADER};
        char flag[16];

        snprintf(flag, sizeof flag, "afs.%s", service->fields);
        field_flag(printer, flag, true);
        field_number(printer, named(&values, "opcode"), code);
        /* Who votes for the caller says so by an error: until when. */
        if (aborted && !(service == &rx_ubik && code == RX_VOTE_BEACON))
                number(printer, &values, "errcode");
        if (aborted || !operation)
                return;
        field_open(printer, call ? "arguments" : "results", '[');
        values_fields(printer, &values, call ? operation->arguments : operation->results);
        field_close(printer);
}
