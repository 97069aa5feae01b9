/* Protocols that are lines of text: the first line where it is a command or a reply, and with -v
 * all the lines. */
#include "application.h"

#include <string.h>
#include <strings.h>

/* As in the C locale: packets do not depend on the user's. */
static bool is_space(uint8_t c)
{
        return c == ' ' || (c >= '\t' && c <= '\r');
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
        for (; at < packet.length && has(packet, at, 1); at++) {
                uint8_t c = packet.data[at];

                if ((c & 0x80) || !is_space(c) || c == '\r' || c == '\n')
                        break;
        }
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
