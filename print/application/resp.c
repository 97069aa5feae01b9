/* RESP, the protocol of Redis, https://redis.io/docs/reference/protocol-spec: strings, numbers and
 * arrays of them, in either direction. */
#include "print/printer/printer.h"

#include <limits.h>

/* Puts into `*at` where the next "\r\n" is. False if there is none. */
static bool find_end(struct printer *printer, struct packet packet, uint32_t *at)
{
        for (; *at + 1 < packet.length; (*at)++) {
                need(printer, packet, *at, 2);
                if (packet.data[*at] == '\r' && packet.data[*at + 1] == '\n')
                        return true;
        }
        need(printer, packet, 0, packet.length);
        return false;
}

static void string_print(struct printer *printer, struct packet packet, uint32_t at, uint32_t end)
{
        put(printer, " \"");
        for (; at < end; at++)
                put_visible(printer, get8(printer, packet, at));
        put_char(printer, '"');
}

enum number { NUMBER, INVALID, CUT };

/* The number at `*at` and the end of its line; goes past the first character that is wrong. A
 * number that is too large is negative less than -1, too. */
static enum number number_read(struct printer *printer, struct packet packet, uint32_t *at,
                               int64_t *value, bool *too_large)
{
        bool negative = false, any = false;

        *value = 0;
        *too_large = false;
        for (;;) {
                uint8_t c;

                if (*at >= packet.length)
                        return CUT;
                c = get8(printer, packet, (*at)++);
                if (c == '-' && !negative && !any) {
                        negative = true;
                        continue;
                }
                if (c == '\r' && any)
                        break;
                if (c < '0' || c > '9')
                        return INVALID;
                any = true;
                if (*value <= INT_MAX)
                        *value = *value * 10 + (c - '0');
        }
        if (*at >= packet.length)
                return CUT;
        if (get8(printer, packet, (*at)++) != '\n')
                return INVALID;
        *too_large = *value > INT_MAX && !negative;
        /* "-0" is none of the numbers that have a meaning either. */
        if (negative)
                *value = *value == 0 ? INT64_MIN : -*value;
        return NUMBER;
}

/* A string of a stated length. False if it is cut short. */
static bool bulk_print(struct printer *printer, struct packet packet, uint32_t *at, int64_t length)
{
        if (length == 0) {
                put(printer, " empty");
        } else {
                if (length > packet.length - *at)
                        return false;
                need(printer, packet, *at, (uint32_t)length);
                string_print(printer, packet, *at, *at + (uint32_t)length);
                *at += (uint32_t)length;
        }
        if (!find_end(printer, packet, at))
                return false;
        *at += 2;
        return true;
}

static bool is_end(uint8_t c)
{
        return c == '\r' || c == '\n';
}

/* A command as a person types it: words up to the end of the line. */
static bool line_print(struct printer *printer, struct packet packet, uint32_t *at)
{
        uint32_t start;

        while (*at < packet.length && is_end(get8(printer, packet, *at)))
                (*at)++;
        start = *at;
        while (*at < packet.length && !is_end(get8(printer, packet, *at)))
                (*at)++;
        if (*at >= packet.length)
                return false;
        string_print(printer, packet, start, *at);
        while (*at < packet.length && is_end(get8(printer, packet, *at)))
                (*at)++;
        return true;
}

/* A string or array with its length in front. False if it is cut short. */
static bool sized_print(struct printer *printer, struct packet packet, uint32_t *at, bool array,
                        uint64_t *pending)
{
        int64_t length;
        bool too_large;

        switch (number_read(printer, packet, at, &length, &too_large)) {
        case CUT: return false;
        case INVALID: put_damage(printer, " invalid"); return true;
        case NUMBER: break;
        }
        if (too_large)
                put_damage(printer, " length too large");
        else if (length == -1)
                put(printer, " null");
        else if (length < 0)
                put(printer, " length negative and not -1");
        else if (!array)
                return bulk_print(printer, packet, at, length);
        else if (length == 0)
                put(printer, " empty");
        else if (*pending < UINT32_MAX)
                *pending += (uint64_t)length;
        return true;
}

void resp_print(struct printer *printer, struct packet packet)
{
        uint64_t pending = 0; /* elements of arrays that are to come */
        uint32_t at = 0;

        printer->protocol = "resp";
        put(printer, ": RESP");
        while (at < packet.length) {
                uint8_t kind = get8(printer, packet, at);
                bool whole;

                if (pending > 0)
                        pending--;
                if (kind == '+' || kind == '-' || kind == ':') {
                        uint32_t start = ++at;

                        whole = find_end(printer, packet, &at);
                        if (whole) {
                                string_print(printer, packet, start, at);
                                at += 2;
                        }
                } else if (kind == '$' || kind == '*') {
                        at++;
                        whole = sized_print(printer, packet, &at, kind == '*', &pending);
                } else {
                        whole = line_print(printer, packet, &at);
                }
                if (!whole) {
                        put_truncated(printer);
                        return;
                }
        }
        if (pending > 0)
                put_truncated(printer);
}
