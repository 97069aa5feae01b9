/* Protocols that are lines of text: the first line where it is a command or a reply, and with -v
 * all the lines. */
#include "application.h"

#include "base/array.h"
#include "print/printer/fields.h"

#include <string.h>
#include <strings.h>

/* As in the C locale: packets do not depend on the user's. */
static bool is_space(uint8_t c)
{
        return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_digit(uint8_t c)
{
        return c >= '0' && c <= '9';
}

struct word {
        uint32_t start, length;
};

/* The word at `at`, and where the next begins; empty if there is none, or it is cut short. */
static struct word word_at(struct packet packet, uint32_t at, uint32_t *next)
{
        struct word word = {at, 0};

        *next = 0;
        for (; at < packet.length; at++) {
                if (!has(packet, at, 1))
                        return (struct word){at, 0};
                if (is_space(packet.data[at]))
                        break;
                if (packet.data[at] <= 0x20 || packet.data[at] >= 0x7f)
                        return (struct word){at, 0};
        }
        word.length = at - word.start;
        while (at < packet.length && has(packet, at, 1) && packet.data[at] == ' ')
                at++;
        *next = at;
        return word;
}

static bool is_command(struct packet packet, struct word word, const char *const *commands,
                       size_t count)
{
        for (size_t i = 0; i < count; i++)
                if (strlen(commands[i]) == word.length &&
                    strncasecmp(commands[i], (const char *)packet.data + word.start, word.length) ==
                        0)
                        return true;
        return false;
}

static bool is_code(struct packet packet, struct word word)
{
        return word.length == 3 && is_digit(packet.data[word.start]) &&
               is_digit(packet.data[word.start + 1]) && is_digit(packet.data[word.start + 2]);
}

/* A command, or a reply: "HTTP/1.1 200 OK". */
static bool is_start(struct packet packet, const char *const *commands, size_t count)
{
        uint32_t next;
        struct word word = word_at(packet, 0, &next);

        if (word.length == 0)
                return false;
        if (is_command(packet, word, commands, count))
                return true;
        return next != 0 && is_code(packet, word_at(packet, next, &next));
}

/* The line at `at`, without its end, behind `prefix`. Returns where the next begins; 0 if this is
 * no line of text. One that ends with the payload and not with a newline is shown as cut. */
static uint32_t line_print(struct printer *printer, struct packet packet, uint32_t at,
                           const char *prefix)
{
        uint32_t start = at;

        for (; at < packet.length; at++) {
                uint32_t end = at;
                uint8_t c = get8(printer, packet, at);

                if (c == '\r') {
                        if (at + 1 >= packet.length || get8(printer, packet, ++at) != '\n')
                                return 0;
                        c = '\n';
                }
                if (c == '\n') {
                        put(printer, prefix);
                        put_bytes(printer, (const char *)packet.data + start, end - start);
                        return at + 1;
                }
                if ((c < 0x20 && c != '\t') || c >= 0x7f)
                        return 0;
        }
        put(printer, prefix);
        put_bytes(printer, (const char *)packet.data + start, at - start);
        put_truncated(printer);
        return 0;
}

void text_print(struct printer *printer, struct packet packet, const char *protocol,
                const char *title, const char *const *commands, size_t count)
{
        uint32_t at = 0;

        printer->protocol = protocol;
        put(printer, title);
        if (commands && !is_start(packet, commands, count))
                return;
        if (!printer->options.verbose) {
                line_print(printer, packet, 0, ": ");
                return;
        }
        putf(printer, ", length: %u", packet.length);
        while (at < packet.length) {
                at = line_print(printer, packet, at, "\n\t");
                if (at == 0)
                        return;
        }
}

/* ---- HTTP's fields ---- */

/* Where a line ends, without its line break, and in `next` where the following one begins. A line
 * that has no end yet ends with what is captured. */
static uint32_t line_end(struct packet packet, uint32_t at, uint32_t *next)
{
        const uint8_t *newline = memchr(packet.data + at, '\n', packet.captured - at);
        uint32_t end = newline ? (uint32_t)(newline - packet.data) : packet.captured;

        *next = newline ? end + 1 : packet.captured;
        return end > at && newline && packet.data[end - 1] == '\r' ? end - 1 : end;
}

/* "HTTP/1.1" */
static bool is_version(struct packet packet, uint32_t at, uint32_t end)
{
        return end > at && end - at == strlen("HTTP/1.1") &&
               memcmp(packet.data + at, "HTTP/1.", strlen("HTTP/1.")) == 0;
}

/* A method of a request, RFC 9110, 9.1: as all that are in use are written. */
static bool is_method(const uint8_t *method, uint32_t size)
{
        for (uint32_t i = 0; i < size; i++)
                if ((method[i] < 'A' || method[i] > 'Z') && method[i] != '-' && method[i] != '_')
                        return false;
        return size > 0;
}

/* A request's first line ends with the version, a response's begins with it, RFC 9112, 3 and 4. */
bool http_starts(struct packet payload)
{
        enum { VERSION = 8 };
        const uint8_t *blank;
        uint32_t end, next;

        if (payload.captured <= VERSION || payload.data[0] < 'A' || payload.data[0] > 'Z')
                return false;
        if (is_version(payload, 0, VERSION))
                return payload.data[VERSION] == ' ';
        blank = memchr(payload.data, ' ', payload.captured);
        if (!blank || !is_method(payload.data, (uint32_t)(blank - payload.data)))
                return false;
        end = line_end(payload, 0, &next);
        return end > VERSION && is_version(payload, end - VERSION, end);
}

static bool is_blank(uint8_t c)
{
        return c == ' ' || c == '\t';
}

/* From `at` to `end`, without the blanks around. */
static void trimmed_field(struct printer *printer, const char *name, struct packet packet,
                          uint32_t at, uint32_t end)
{
        while (at < end && is_blank(packet.data[at]))
                at++;
        while (end > at && is_blank(packet.data[end - 1]))
                end--;
        field_text(printer, name, packet, at, end - at);
}

/* A number; nothing if it is none. */
static void length_field(struct printer *printer, const char *name, struct packet packet,
                         uint32_t at, uint32_t end)
{
        enum { MOST_DIGITS = 15 };
        uint32_t digits = 0;
        uint64_t value = 0;

        while (at < end && is_blank(packet.data[at]))
                at++;
        for (; at < end && is_digit(packet.data[at]) && digits < MOST_DIGITS; at++, digits++)
                value = value * 10 + (packet.data[at] - '0');
        if (digits > 0 && (at == end || is_blank(packet.data[at])))
                field_number(printer, name, value);
}

static void start_fields(struct printer *printer, struct packet packet, uint32_t end)
{
        enum { VERSION = 8 };
        const uint8_t *blank = memchr(packet.data, ' ', end);
        uint32_t first = blank ? (uint32_t)(blank - packet.data) : end;

        if (is_version(packet, 0, first)) {
                uint32_t code, phrase;
                struct word word = word_at(packet, first + 1, &phrase);

                field_flag(printer, "http.response", true);
                field_text(printer, "http.response.version", packet, 0, first);
                if (!is_code(packet, word))
                        return;
                code = (packet.data[word.start] - '0') * 100u +
                       (packet.data[word.start + 1] - '0') * 10u + packet.data[word.start + 2] -
                       '0';
                field_number(printer, "http.response.code", code);
                if (phrase < end)
                        trimmed_field(printer, "http.response.phrase", packet, phrase, end);
        } else {
                field_flag(printer, "http.request", true);
                field_text(printer, "http.request.method", packet, 0, first);
                trimmed_field(printer, "http.request.uri", packet, first, end - VERSION);
                field_text(printer, "http.request.version", packet, end - VERSION, VERSION);
        }
}

/* A line "Name: value". Of a name that occurs twice, the first: members of an object differ. */
static void header_field(struct printer *printer, struct packet packet, uint32_t at, uint32_t end,
                         uint32_t *seen)
{
        enum { LENGTH }; /* a number */
        static const struct {
                const char *header, *name;
        } headers[] = {
            [LENGTH] = {"Content-Length", "http.content_length"},
            {"Host", "http.host"},
            {"User-Agent", "http.user_agent"},
            {"Content-Type", "http.content_type"},
            {"Content-Encoding", "http.content_encoding"},
            {"Transfer-Encoding", "http.transfer_encoding"},
            {"Server", "http.server"},
            {"Location", "http.location"},
            {"Referer", "http.referer"},
            {"Connection", "http.connection"},
        };

        for (size_t i = 0; i < array_count(headers); i++) {
                uint32_t size = (uint32_t)strlen(headers[i].header);

                if (end - at <= size || packet.data[at + size] != ':' || *seen & 1u << i ||
                    strncasecmp((const char *)packet.data + at, headers[i].header, size) != 0)
                        continue;
                *seen |= 1u << i;
                if (i == LENGTH)
                        length_field(printer, headers[i].name, packet, at + size + 1, end);
                else
                        trimmed_field(printer, headers[i].name, packet, at + size + 1, end);
        }
}

void http_fields(struct printer *printer, struct packet packet)
{
        uint32_t at, end = line_end(packet, 0, &at), seen = 0;

        start_fields(printer, packet, end);
        while (at < packet.captured) {
                uint32_t line = at;

                end = line_end(packet, at, &at);
                /* A line that goes on in another packet tells no value. */
                if (end == line || (at == packet.captured && packet.data[at - 1] != '\n'))
                        return;
                header_field(printer, packet, line, end, &seen);
        }
}
