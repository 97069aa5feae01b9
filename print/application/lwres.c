/* The protocol of BIND 9's lightweight resolver, as its documents describe it. */
#include "application.h"

#include "base/array.h"

enum { RESPONSE = 1 };

/* What is read, and how far. */
struct reader {
        struct packet packet;
        uint32_t at;
};

static uint16_t take16(struct printer *printer, struct reader *reader)
{
        uint16_t value = get16(printer, reader->packet, reader->at);

        reader->at += 2;
        return value;
}

static uint32_t take32(struct printer *printer, struct reader *reader)
{
        uint32_t value = get32(printer, reader->packet, reader->at);

        reader->at += 4;
        return value;
}

/* What begins with flags and has `size` bytes of fixed fields. */
static void flags_print(struct printer *printer, struct reader *reader, uint32_t size)
{
        uint32_t flags;

        need_hard(printer, reader->packet, reader->at, size);
        flags = take32(printer, reader);

        if (printer->options.verbose > 2)
                putf(printer, " flags:0x%x", flags);
}

/* A counted string with a zero behind it. */
static void name_print(struct printer *printer, struct reader *reader)
{
        uint16_t size = take16(printer, reader);

        put_char(printer, ' ');
        if (!characters_print(printer, reader->packet, reader->at, size))
                printer_abandon_short(printer);
        reader->at += size;
        if (get8(printer, reader->packet, reader->at++) != 0)
                put(printer, " (not NUL-terminated!)");
}

static void put_hex_run(struct printer *printer, struct reader *reader, uint16_t size)
{
        for (uint32_t end = reader->at + size; reader->at < end; reader->at++)
                put_hex(printer, get8(printer, reader->packet, reader->at), 2);
}

/* False if it is too short for its family. */
static bool address_print(struct printer *printer, struct reader *reader)
{
        enum { IPV4 = 1, IPV6 = 2 };
        uint32_t family = take32(printer, reader);
        uint16_t size = take16(printer, reader);

        need_hard(printer, reader->packet, reader->at, size);
        if (family != IPV4 && family != IPV6) {
                putf(printer, " %u/", family);
                put_hex_run(printer, reader, size);
                return true;
        }
        if (size < (family == IPV4 ? 4 : 16)) {
                put_invalid(printer);
                return false;
        }
        if (family == IPV4)
                put_ipv4_labelled(printer, " ", reader->packet, reader->at);
        else
                put_ipv6_labelled(printer, " ", reader->packet, reader->at);
        reader->at += family == IPV4 ? 4 : 16;
        return true;
}

static void type_and_class_print(struct printer *printer, struct reader *reader)
{
        enum { INTERNET = 1 };
        uint16_t class = take16(printer, reader);

        dns_type_print(printer, take16(printer, reader));
        if (class == INTERNET)
                return;
        put_char(printer, ' ');
        put_name(printer, dns_class_names, "Class%u", class);
}

static void names_print(struct printer *printer, struct reader *reader, uint16_t aliases)
{
        name_print(printer, reader);
        while (aliases-- > 0)
                name_print(printer, reader);
}

/* Each of the following returns false after a fault. */

static bool addresses_asked(struct printer *printer, struct reader *reader)
{
        static const char *const families[] = {"", " IPv4", " IPv6", " IPv4/6"};
        uint32_t types;

        flags_print(printer, reader, 10);
        types = take32(printer, reader);
        put(printer, families[types & 3]);
        if (types & ~3u)
                putf(printer, "[0x%x]", types);
        name_print(printer, reader);
        return true;
}

static bool addresses_found(struct printer *printer, struct reader *reader)
{
        uint16_t aliases, addresses;

        flags_print(printer, reader, 10);
        aliases = take16(printer, reader);
        addresses = take16(printer, reader);
        putf(printer, " %u/%u", aliases, addresses);
        names_print(printer, reader, aliases);
        while (addresses-- > 0)
                if (!address_print(printer, reader))
                        return false;
        return true;
}

static bool name_asked(struct printer *printer, struct reader *reader)
{
        flags_print(printer, reader, 4);
        return address_print(printer, reader);
}

static bool name_found(struct printer *printer, struct reader *reader)
{
        uint16_t aliases;

        flags_print(printer, reader, 8);
        aliases = take16(printer, reader);
        putf(printer, " %u", aliases);
        names_print(printer, reader, aliases);
        return true;
}

static bool data_asked(struct printer *printer, struct reader *reader)
{
        flags_print(printer, reader, 10);
        type_and_class_print(printer, reader);
        name_print(printer, reader);
        return true;
}

static bool data_found(struct printer *printer, struct reader *reader)
{
        uint32_t records;

        flags_print(printer, reader, 16);
        type_and_class_print(printer, reader);
        put(printer, " TTL ");
        dns_duration_print(printer, take32(printer, reader));
        records = take32(printer, reader);
        putf(printer, " %u/%u", records >> 16, records & 0xffff);
        name_print(printer, reader);
        for (records = (records >> 16) + (records & 0xffff); records > 0; records--)
                put_hex_run(printer, reader, take16(printer, reader));
        return true;
}

static bool nothing(struct printer *printer, struct reader *reader)
{
        (void)printer;
        (void)reader;
        return true;
}

static const struct operation {
        uint32_t number;
        const char *name;
        bool (*request)(struct printer *printer, struct reader *reader);
        bool (*response)(struct printer *printer, struct reader *reader);
} operations[] = {
    {0, "noop", nothing, nothing},
    {0x10001, "getaddrsbyname", addresses_asked, addresses_found},
    {0x10002, "getnamebyaddr", name_asked, name_found},
    {0x10003, "getrdatabyname", data_asked, data_found},
};

static const struct operation *operation_find(uint32_t number)
{
        for (size_t i = 0; i < array_count(operations); i++)
                if (operations[i].number == number)
                        return &operations[i];
        return NULL;
}

static void header_print(struct printer *printer, struct packet packet,
                         const struct operation *operation)
{
        uint16_t flags = get16(printer, packet, 6);

        if (operation)
                putf(printer, " %s", operation->name);
        else
                putf(printer, " #0x%x", get32(printer, packet, 12));
        if (!(flags & RESPONSE))
                put_char(printer, '?');
        if (flags & ~RESPONSE)
                putf(printer, "[0x%x]", flags);
        if (printer->options.verbose < 2)
                return;
        putf(printer, " (serial:0x%x result:0x%x recvlen:%u", get32(printer, packet, 8),
             get32(printer, packet, 16), get32(printer, packet, 20));
        if (printer->options.verbose > 2)
                putf(printer, " authtype:0x%x authlen:%u", get16(printer, packet, 24),
                     get16(printer, packet, 26));
        put_char(printer, ')');
}

void lwres_print(struct printer *printer, struct packet packet)
{
        enum { HEADER = 28 };
        struct reader reader = {packet, HEADER};
        const struct operation *operation;
        uint32_t size;
        uint16_t version;

        printer->protocol = "lwres";
        need_hard(printer, packet, 0, HEADER);
        version = get16(printer, packet, 4);
        put(printer, " lwres");
        if (version != 0 || printer->options.verbose)
                putf(printer, " v%u", version);
        operation = version == 0 ? operation_find(get32(printer, packet, 12)) : NULL;
        if (version == 0)
                header_print(printer, packet, operation);
        if (operation &&
            !(get16(printer, packet, 6) & RESPONSE ? operation->response
                                                   : operation->request)(printer, &reader))
                return;
        size = get32(printer, packet, 0);
        if (size != packet.length)
                putf(printer, " [len: %u != %u]", size, packet.length);
        if (operation && reader.at < size)
                put(printer, "[extra]");
}
