/* Writing a protocol's fields as members of a JSON object. */
#include "fields.h"

/* What a byte of text takes at most: \u001b. */
enum { ESCAPED = 6 };

void field_open(struct printer *printer, const char *name, char bracket)
{
        struct fields *fields = &printer->fields;

        if (fields->depth == FIELDS_DEPTH)
                printer_abandon_softly(printer);
        field_key(printer, name);
        put_char(printer, bracket);
        fields->brackets[fields->depth++] = bracket == '{' ? '}' : ']';
        field_done(printer);
}

void field_close(struct printer *printer)
{
        struct fields *fields = &printer->fields;

        put_char(printer, fields->brackets[--fields->depth]);
        field_done(printer);
}

void fields_end(struct printer *printer, unsigned depth)
{
        printer->fields.raw = false;
        printer->text.length = printer->fields.complete;
        while (printer->fields.depth > depth)
                field_close(printer);
}

void field_hex(struct printer *printer, const char *name, uint64_t value, unsigned digits)
{
        field_key(printer, name);
        put(printer, "\"0x");
        put_hex(printer, value, digits);
        put_char(printer, '"');
        field_done(printer);
}

static void field_address(struct printer *printer, const char *name, const uint8_t *address,
                          void (*put_address)(struct printer *printer, const uint8_t *address))
{
        field_key(printer, name);
        put_char(printer, '"');
        put_address(printer, address);
        put_char(printer, '"');
        field_done(printer);
}

void field_ipv4(struct printer *printer, const char *name, struct packet packet, uint32_t at)
{
        field_address(printer, name, bytes_at(printer, packet, at, 4), put_ipv4_numeric);
}

void field_ipv6(struct printer *printer, const char *name, struct packet packet, uint32_t at)
{
        field_address(printer, name, bytes_at(printer, packet, at, 16), put_ipv6_numeric);
}

void field_station(struct printer *printer, const char *name, struct packet packet, uint32_t at)
{
        field_address(printer, name, bytes_at(printer, packet, at, 6), put_ethernet_numeric);
}

void field_bytes(struct printer *printer, const char *name, struct packet packet, uint32_t at,
                 uint32_t size)
{
        const uint8_t *bytes = bytes_at(printer, packet, at, size);

        field_key(printer, name);
        put_char(printer, '"');
        for (uint32_t i = 0; i < size; i++) {
                if (i > 0)
                        put_char(printer, ':');
                put_hex(printer, bytes[i], 2);
        }
        put_char(printer, '"');
        field_done(printer);
}

/* ---- Text ---- */

static bool is_plain(unsigned char c)
{
        return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

/* Writes the first character of `left` bytes to `at`, escaped. Moves both on. */
static char *escape(char *at, const char **text, size_t left)
{
        size_t size = text_utf8(*text, left);
        unsigned char c = (unsigned char)**text;

        if (size > 1 && !text_is_control(*text, size)) {
                memmove(at, *text, size);
                *text += size;
                return at + size;
        }
        *text += size ? size : 1;
        if (c == '"') {
                memcpy(at, "\\\"", 2);
                return at + 2;
        }
        if (size == 0 || c == '\\') { /* of \xNN the backslash is escaped for JSON */
                memcpy(at, "\\\\x", 3);
                return number_hex(at + 3, c, 2);
        }
        /* A control character; in two bytes, those of C1 have their number in the second. */
        memcpy(at, "\\u00", 4);
        return number_hex(at + 4, size == 2 ? (unsigned char)(*text)[-1] : c, 2);
}

/* Escapes what has been written from `start` on, which is what the packet has. */
static void text_escape(struct printer *printer, size_t start)
{
        size_t size = printer->text.length - start;
        size_t plain = 0;
        char *at;
        const char *text, *end;

        while (plain < size && is_plain((unsigned char)printer->text.start[start + plain]))
                plain++;
        start += plain;
        size -= plain;
        if (size == 0)
                return;
        /* To the end of the room that it may take, and from there back: that never overtakes. */
        output_room(printer, size * (ESCAPED - 1));
        at = printer->text.start + start;
        text = at + size * (ESCAPED - 1);
        end = text + size;
        memmove(at + size * (ESCAPED - 1), at, size);
        while (text < end) {
                if (is_plain((unsigned char)*text))
                        *at++ = *text++;
                else
                        at = escape(at, &text, (size_t)(end - text));
        }
        output_end(printer, at);
}

static size_t text_begin(struct printer *printer, const char *name)
{
        field_key(printer, name);
        put_char(printer, '"');
        return printer->text.length;
}

static void text_end(struct printer *printer, size_t start)
{
        text_escape(printer, start);
        put_char(printer, '"');
        field_done(printer);
}

void field_text(struct printer *printer, const char *name, struct packet packet, uint32_t at,
                uint32_t size)
{
        const uint8_t *bytes = bytes_at(printer, packet, at, size);
        size_t start = text_begin(printer, name);

        put_bytes(printer, (const char *)bytes, size);
        text_end(printer, start);
}

uint32_t field_domain_name(struct printer *printer, const char *name, struct packet message,
                           uint32_t at)
{
        size_t start;

        if (domain_name_skip(message, at) == 0)
                printer_abandon_softly(printer);
        start = text_begin(printer, name);
        printer->fields.raw = true;
        at = domain_name_print(printer, message, at);
        printer->fields.raw = false;
        if (at == 0)
                printer_abandon_softly(printer);
        if (printer->text.length - start > 1)
                printer->text.length--;
        text_end(printer, start);
        return at;
}
