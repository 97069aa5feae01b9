/* The hellos of TLS, RFC 8446 sections 4.1.2 to 4.2, as TLS over TCP and QUIC carry them. */
#include "tls.h"

enum extension {
        SERVER_NAME = 0,
        SUPPORTED_GROUPS = 10,
        SIGNATURE_ALGORITHMS = 13,
        PROTOCOLS = 16,
        SUPPORTED_VERSIONS = 43,
        KEY_SHARE = 51,
};

/* Values that clients mix in so that servers stay tolerant, RFC 8701. */
static bool is_grease(uint16_t value)
{
        return (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff);
}

/* The first host of the list, RFC 6066, section 3. */
static struct packet server_name_read(struct packet extension)
{
        enum { HOST_NAME = 0 };
        struct cursor at = cursor_of(extension);
        struct cursor list = cursor_of(cursor_vector(&at, 2));

        while (!cursor_at_end(&list)) {
                uint8_t type = cursor_8(&list);
                struct packet name = cursor_vector(&list, 2);

                if (type == HOST_NAME)
                        return name;
        }
        return (struct packet){NULL, 0, 0};
}

/* The highest of those offered. */
static uint16_t version_highest(struct packet versions, uint16_t otherwise)
{
        struct cursor at = cursor_of(versions);
        uint16_t highest = 0;

        while (!cursor_at_end(&at)) {
                uint16_t version = cursor_16(&at);

                if (!is_grease(version) && version > highest)
                        highest = version;
        }
        return highest ? highest : otherwise;
}

static void extension_read(struct tls_hello *hello, uint16_t type, struct packet extension)
{
        struct cursor at = cursor_of(extension);

        switch (type) {
        case SERVER_NAME:
                if (hello->client)
                        hello->server_name = server_name_read(extension);
                break;
        case SUPPORTED_GROUPS: hello->groups = cursor_vector(&at, 2); break;
        case SIGNATURE_ALGORITHMS: hello->signatures = cursor_vector(&at, 2); break;
        case PROTOCOLS: hello->protocols = cursor_vector(&at, 2); break;
        case SUPPORTED_VERSIONS:
                if (hello->client)
                        hello->versions = cursor_vector(&at, 1);
                else
                        hello->version = cursor_16(&at);
                break;
        case KEY_SHARE:
                if (!hello->client)
                        hello->group = cursor_16(&at);
                break;
        default: break;
        }
}

static void extensions_read(struct tls_hello *hello)
{
        struct cursor at = cursor_of(hello->extensions);

        while (!cursor_at_end(&at)) {
                uint16_t type = cursor_16(&at);
                struct packet extension = cursor_vector(&at, 2);

                extension_read(hello, type, extension);
        }
}

/* The random of a server that asks for another hello: SHA-256 of "HelloRetryRequest". */
static bool is_retry(struct packet random)
{
        static const uint8_t mark[] = {0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11,
                                       0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
                                       0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e,
                                       0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};

        return has(random, 0, sizeof mark) && memcmp(random.data, mark, sizeof mark) == 0;
}

void tls_hello_read(struct packet message, bool client, struct tls_hello *hello)
{
        enum { RANDOM = 32 };
        struct cursor at = cursor_of(message);

        *hello = (struct tls_hello){.client = client};
        hello->legacy_version = hello->version = cursor_16(&at);
        hello->random = cursor_part(&at, RANDOM);
        hello->session = cursor_vector(&at, 1);
        if (client) {
                hello->ciphers = cursor_vector(&at, 2);
                cursor_vector(&at, 1); /* compression */
        } else {
                hello->retry = is_retry(hello->random);
                hello->cipher = cursor_16(&at);
                cursor_8(&at);
        }
        if (!cursor_at_end(&at))
                hello->extensions = cursor_vector(&at, 2);
        extensions_read(hello);
        if (client)
                hello->version = version_highest(hello->versions, hello->version);
        hello->cut = at.cut;
}

/* ---- Printing ---- */

void tls_put_version(struct printer *printer, uint16_t version)
{
        static const struct name names[] = {{0x0300, "SSL 3.0"}, {0x0301, "1.0"}, {0x0302, "1.1"},
                                            {0x0303, "1.2"},     {0x0304, "1.3"}, {0, NULL}};

        put_name(printer, names, "0x%04x", version);
}

/* "h2 http/1.1" */
static void protocols_print(struct printer *printer, struct packet protocols)
{
        struct cursor at = cursor_of(protocols);

        if (protocols.length == 0)
                return;
        put(printer, ", ALPN");
        while (!cursor_at_end(&at)) {
                put_char(printer, ' ');
                put_part(printer, cursor_vector(&at, 1));
        }
}

/* A line of numbers of 16 bits. */
static void list_print(struct printer *printer, const char *title, const struct name *names,
                       struct packet list)
{
        struct cursor at = cursor_of(list);

        if (list.length == 0)
                return;
        putf(printer, "\n\t  %s:", title);
        while (!cursor_at_end(&at)) {
                uint16_t value = cursor_16(&at);

                if (at.cut)
                        break;
                put_char(printer, ' ');
                if (is_grease(value))
                        put(printer, "GREASE");
                else if (names)
                        put_name(printer, names, "0x%04x", value);
                else
                        tls_put_version(printer, value);
        }
}

static void extension_names_print(struct printer *printer, struct packet extensions)
{
        struct cursor at = cursor_of(extensions);

        if (extensions.length == 0)
                return;
        put(printer, "\n\t  extensions:");
        while (!cursor_at_end(&at)) {
                uint16_t type = cursor_16(&at);

                if (at.cut)
                        break;
                cursor_vector(&at, 2);
                put_char(printer, ' ');
                if (is_grease(type))
                        put(printer, "GREASE");
                else
                        put_name(printer, tls_extensions, "%u", type);
        }
}

static void hex_print(struct printer *printer, const char *title, struct packet part)
{
        if (part.captured == 0)
                return;
        putf(printer, "\n\t  %s: ", title);
        put_hex_bytes(printer, part, 0, part.captured);
}

static void details_print(struct printer *printer, const struct tls_hello *hello)
{
        if (printer->options.verbose > 1) {
                hex_print(printer, "random", hello->random);
                hex_print(printer, "session", hello->session);
        }
        list_print(printer, "versions", NULL, hello->versions);
        list_print(printer, "ciphers", tls_ciphers, hello->ciphers);
        list_print(printer, "groups", tls_groups, hello->groups);
        list_print(printer, "signatures", tls_signatures, hello->signatures);
        extension_names_print(printer, hello->extensions);
}

/* Of a hello that is cut, the version may be in an extension that is not there. */
static bool version_is_known(const struct tls_hello *hello)
{
        return !hello->cut || hello->versions.captured > 0 ||
               hello->version != hello->legacy_version;
}

void tls_hello_print(struct printer *printer, const struct tls_hello *hello)
{
        if (hello->client)
                put_as(printer, ROLE_PROTOCOL, "client hello");
        else
                put_as(printer, ROLE_PROTOCOL,
                       hello->retry ? "hello retry request" : "server hello");
        if (version_is_known(hello)) {
                put(printer, ", version ");
                tls_put_version(printer, hello->version);
        }
        if (hello->server_name.length > 0) {
                put(printer, ", SNI ");
                put_part_as(printer, ROLE_ADDRESS, hello->server_name);
        }
        protocols_print(printer, hello->protocols);
        if (hello->client && (!hello->cut || hello->ciphers.captured > 0)) {
                putf(printer, ", %u ciphers", hello->ciphers.length / 2);
        } else if (!hello->client && (!hello->cut || hello->cipher)) {
                put(printer, ", cipher ");
                put_name(printer, tls_ciphers, "0x%04x", hello->cipher);
        }
        if (hello->group) {
                put(printer, ", group ");
                put_name(printer, tls_groups, "0x%04x", hello->group);
        }
        if (printer->options.verbose)
                details_print(printer, hello);
        if (hello->cut)
                put_truncated(printer);
}
