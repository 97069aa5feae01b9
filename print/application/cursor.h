/* Reading in steps, without abandoning the packet: for what is put into words only after it was
 * read, such as messages of which a segment may hold only the beginning. What lies past the
 * captured bytes, or past the enclosing part, reads as zero or empty, and is noted. */
#pragma once

#include "print/printer/printer.h"

struct cursor {
        struct packet rest; /* what has not been read yet */
        bool cut;           /* something was not there */
};

static inline struct cursor cursor_of(struct packet packet)
{
        return (struct cursor){packet, false};
}

static inline bool cursor_at_end(const struct cursor *cursor)
{
        return cursor->cut || cursor->rest.length == 0;
}

/* The next `size` bytes, as far as they are there. */
static inline struct packet cursor_part(struct cursor *cursor, uint32_t size)
{
        uint32_t there = size < cursor->rest.length ? size : cursor->rest.length;
        struct packet part = packet_cut(cursor->rest, there);

        cursor->cut = cursor->cut || part.captured < size;
        cursor->rest = packet_from(cursor->rest, there);
        return part;
}

/* The next `size` bytes, at most eight, as a number. */
static inline uint64_t cursor_number(struct cursor *cursor, uint32_t size)
{
        struct packet part = cursor_part(cursor, size);
        uint64_t value = 0;

        if (part.captured < size)
                return 0;
        for (uint32_t i = 0; i < size; i++)
                value = value << 8 | part.data[i];
        return value;
}

static inline uint8_t cursor_8(struct cursor *cursor)
{
        return (uint8_t)cursor_number(cursor, 1);
}

static inline uint16_t cursor_16(struct cursor *cursor)
{
        return (uint16_t)cursor_number(cursor, 2);
}

static inline uint32_t cursor_32(struct cursor *cursor)
{
        return (uint32_t)cursor_number(cursor, 4);
}

/* A part with its length in front, in `width` bytes. */
static inline struct packet cursor_vector(struct cursor *cursor, uint32_t width)
{
        return cursor_part(cursor, (uint32_t)cursor_number(cursor, width));
}

/* Text up to a zero byte. */
static inline struct packet cursor_text(struct cursor *cursor)
{
        struct packet rest = cursor->rest;
        const uint8_t *end = rest.captured ? memchr(rest.data, 0, rest.captured) : NULL;
        struct packet text = cursor_part(cursor, end ? (uint32_t)(end - rest.data) : rest.length);

        if (end)
                cursor_8(cursor);
        return text;
}

/* What of the part was captured, each character visible. */
static inline void put_part(struct printer *printer, struct packet part)
{
        for (uint32_t i = 0; i < part.captured; i++)
                put_visible(printer, part.data[i]);
}

static inline void put_part_as(struct printer *printer, enum role role, struct packet part)
{
        size_t start = span_start(printer);

        put_part(printer, part);
        span_end(printer, role, start);
}

/* The first, in quotes; without -v, not all of a long one. */
static inline void put_text_part(struct printer *printer, struct packet text)
{
        enum { MOST = 100 };
        bool shortened = !printer->options.verbose && text.captured > MOST;

        put(printer, " \"");
        put_part(printer, shortened ? packet_cut(text, MOST) : text);
        put(printer, shortened ? "\"..." : "\"");
}

/* ": TLS ", in front of the first message of a segment. */
static inline void put_protocol(struct printer *printer, const char *name)
{
        put(printer, ": ");
        put_as(printer, ROLE_PROTOCOL, name);
        put_char(printer, ' ');
}

/* Whether the packet begins with these characters. */
static inline bool packet_begins(struct packet packet, const char *text)
{
        size_t size = strlen(text);

        return has(packet, 0, (uint32_t)size) && memcmp(packet.data, text, size) == 0;
}
