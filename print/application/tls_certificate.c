/* The certificate that a server shows before TLS 1.3: X.509, RFC 5280, in DER. Read as far as the
 * segment holds it. */
#include "tls.h"

enum tag {
        BOOLEAN = 0x01,
        OCTETS = 0x04,
        VERSION = 0xa0,
        EXTENSIONS = 0xa3,
        /* of a subject's alternative names */
        MAIL_NAME = 0x81,
        DNS_NAME = 0x82,
        URI_NAME = 0x86,
        ADDRESS_NAME = 0x87,
};

/* The next value, and its tag. Lengths of more than four bytes are not read. */
static struct packet value_read(struct cursor *at, uint8_t *tag)
{
        uint32_t length;

        *tag = cursor_8(at);
        length = cursor_8(at);
        if (length & 0x80) {
                uint32_t width = length & 0x7f;

                if (width > 4)
                        at->cut = true;
                length = width > 4 ? 0 : (uint32_t)cursor_number(at, width);
        }
        return cursor_part(at, length);
}

static struct packet value_skip(struct cursor *at)
{
        uint8_t tag;

        return value_read(at, &tag);
}

static bool is_object(struct packet value, const char *object, uint32_t size)
{
        return value.length == size && has(value, 0, size) && memcmp(value.data, object, size) == 0;
}

/* "CN=example.org": the attributes that people know by two letters, X.520. */
static void attribute_print(struct printer *printer, struct packet attribute, bool *any)
{
        static const struct name names[] = {{3, "CN"}, {6, "C"},   {7, "L"}, {8, "ST"},
                                            {10, "O"}, {11, "OU"}, {0, NULL}};
        static const char prefix[] = "\x55\x04";
        struct cursor at = cursor_of(attribute);
        struct packet object = value_skip(&at), value = value_skip(&at);
        const char *name;

        if (object.length != 3 || !has(object, 0, 3) || memcmp(object.data, prefix, 2) != 0)
                return;
        name = name_find(names, object.data[2]);
        if (!name || (!printer->options.verbose && object.data[2] != 3 && object.data[2] != 10))
                return;
        putf(printer, "%s%s=", *any ? ", " : " ", name);
        put_part(printer, value);
        *any = true;
}

/* A distinguished name: a sequence of sets of attributes. */
static void name_print(struct printer *printer, const char *title, struct packet name)
{
        struct cursor sets = cursor_of(name);
        bool any = false;

        put(printer, title);
        while (!cursor_at_end(&sets)) {
                struct cursor set = cursor_of(value_skip(&sets));

                while (!cursor_at_end(&set))
                        attribute_print(printer, value_skip(&set), &any);
        }
}

static void alternative_print(struct printer *printer, uint8_t tag, struct packet value)
{
        if (tag == DNS_NAME || tag == MAIL_NAME || tag == URI_NAME) {
                put_char(printer, ' ');
                put_part_as(printer, ROLE_ADDRESS, value);
        } else if (tag == ADDRESS_NAME && value.captured == 4) {
                put_char(printer, ' ');
                put_ipv4_numeric(printer, value.data);
        } else if (tag == ADDRESS_NAME && value.captured == 16) {
                put_char(printer, ' ');
                put_ipv6_numeric(printer, value.data);
        }
}

static void alternatives_print(struct printer *printer, struct packet octets)
{
        struct cursor outer = cursor_of(octets);
        struct cursor names = cursor_of(value_skip(&outer));

        put(printer, ", SAN");
        while (!cursor_at_end(&names)) {
                uint8_t tag;
                struct packet value = value_read(&names, &tag);

                alternative_print(printer, tag, value);
        }
}

static void extensions_print(struct printer *printer, struct packet extensions)
{
        static const char alternative_name[] = "\x55\x1d\x11"; /* 2.5.29.17 */
        struct cursor outer = cursor_of(extensions);
        struct cursor list = cursor_of(value_skip(&outer));

        while (!cursor_at_end(&list)) {
                struct cursor extension = cursor_of(value_skip(&list));
                struct packet object = value_skip(&extension);
                uint8_t tag;
                struct packet value = value_read(&extension, &tag);

                if (tag == BOOLEAN) /* whether it is critical */
                        value = value_read(&extension, &tag);
                if (tag == OCTETS && is_object(object, alternative_name, 3))
                        alternatives_print(printer, value);
        }
}

/* Two times, as they are written: 250131235959Z. */
static void validity_print(struct printer *printer, struct packet validity)
{
        struct cursor at = cursor_of(validity);

        put(printer, ", valid ");
        put_part(printer, value_skip(&at));
        put(printer, " to ");
        put_part(printer, value_skip(&at));
}

/* What is signed of a certificate, RFC 5280, 4.1.2. */
static void contents_print(struct printer *printer, struct packet contents)
{
        struct cursor at = cursor_of(contents);
        struct packet issuer, validity;
        uint8_t tag;

        value_read(&at, &tag);
        if (tag == VERSION)
                value_skip(&at); /* the serial number */
        value_skip(&at);         /* the signature's algorithm */
        issuer = value_skip(&at);
        validity = value_skip(&at);
        name_print(printer, ", subject", value_skip(&at));
        if (printer->options.verbose) {
                name_print(printer, ", issuer", issuer);
                validity_print(printer, validity);
        }
        value_skip(&at); /* the public key */
        while (!cursor_at_end(&at)) {
                struct packet value = value_read(&at, &tag);

                if (tag == EXTENSIONS)
                        extensions_print(printer, value);
        }
}

void tls_certificate_print(struct printer *printer, struct packet message)
{
        struct cursor at = cursor_of(message);
        struct cursor list = cursor_of(cursor_vector(&at, 3));
        struct cursor certificate = cursor_of(cursor_vector(&list, 3));
        struct cursor outer = cursor_of(value_skip(&certificate));

        put_as(printer, ROLE_PROTOCOL, "certificate");
        if (outer.rest.captured > 0)
                contents_print(printer, value_skip(&outer));
        if (list.cut)
                put_truncated(printer);
}
