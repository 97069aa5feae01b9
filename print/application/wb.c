/* The whiteboard wb of the Lawrence Berkeley National Laboratory: what its multicast packets say of
 * drawing operations, which are numbered by page. */
#include "print/printer/printer.h"

#include "base/array.h"

enum { HEADER = 12, PAGE = 8 };

/* "192.0.2.1:5": whose page, and which. */
static void page_print(struct printer *printer, struct packet packet, uint32_t at)
{
        put_ipv4_at(printer, packet, at);
        putf(printer, ":%u", get32(printer, packet, at + 4));
}

/* A page at the start, and the first and last operation of it. */
static void range_print(struct printer *printer, struct packet packet)
{
        page_print(printer, packet, 0);
        putf(printer, "<%u:%u>", get32(printer, packet, PAGE), get32(printer, packet, PAGE + 4));
}

/* The operations themselves, from `first` to `last`. */
static void operations_print(struct printer *printer, struct packet packet, uint32_t first,
                             uint32_t last)
{
        enum { OPERATION = 8, SKIP = 14, HOLE = 15 };
        static const char *const names[] = {"",       "",    "RECT", "LINE", "ML",  "DEL",
                                            "XFORM",  "ELL", "CHAR", "STR",  "NOP", "PSCODE",
                                            "PSCOMP", "REF", "SKIP", "HOLE"};
        uint32_t at = 0;

        put(printer, " <");
        for (; first <= last; first++) {
                uint32_t size, to;
                uint8_t type;

                need_hard(printer, packet, at, OPERATION);
                to = get32(printer, packet, at);
                size = get16(printer, packet, at + 4);
                type = get8(printer, packet, at + 7);
                if (type < array_count(names) && *names[type])
                        putf(printer, " %s", names[type]);
                else
                        putf(printer, " dop-%u!", type);
                if (type == SKIP || type == HOLE) {
                        put_decimal(printer, to - first + 1);
                        if (first > to || to > last) {
                                put(printer, "[|]");
                                if (to < first)
                                        return;
                        }
                        first = to;
                }
                at += OPERATION + ((size + 3u) & ~3u);
        }
        put(printer, " >");
}

/* "<192.0.2.1:5,192.0.2.2:7>": `count` pages. Returns where they end. */
static uint32_t pages_print(struct printer *printer, struct packet packet, uint32_t at,
                            uint32_t count)
{
        char separator = '<';

        for (; count > 0; count--, at += PAGE) {
                need_hard(printer, packet, at, PAGE);
                put_char(printer, separator);
                page_print(printer, packet, at);
                separator = ',';
        }
        put_char(printer, '>');
        return at;
}

static void drawing_print(struct printer *printer, struct packet packet)
{
        enum { SIZE = 16 };

        range_print(printer, packet);
        if (printer->options.verbose)
                operations_print(printer, packet_from(packet, SIZE), get32(printer, packet, PAGE),
                                 get32(printer, packet, PAGE + 4));
}

static void identity_print(struct printer *printer, struct packet packet)
{
        enum { SLOT = 12, CURRENT = 16, PAGES = 24, FIRST = 28 };
        uint32_t count, at;

        putf(printer, " %u/", get32(printer, packet, SLOT));
        page_print(printer, packet, CURRENT);
        putf(printer, " (max %u/", get32(printer, packet, 0));
        page_print(printer, packet, 4);
        put(printer, ") ");
        need_hard(printer, packet, 0, FIRST);
        count = get16(printer, packet, PAGES);
        if (packet.length < FIRST + PAGE * count) {
                put_invalid(printer);
                return;
        }
        at = pages_print(printer, packet, FIRST, count);
        put(printer, " \"");
        for (; at < packet.length && get8(printer, packet, at) != 0; at++)
                put_visible(printer, packet.data[at]);
        put_char(printer, '"');
}

static void repair_request_print(struct printer *printer, struct packet packet)
{
        put_ipv4_labelled(printer, " please repair ", packet, 0);
        put_char(printer, ' ');
        range_print(printer, packet_from(packet, 4));
}

static void repair_print(struct printer *printer, struct packet packet)
{
        put_ipv4_labelled(printer, " for ", packet, 0);
        put_char(printer, ' ');
        drawing_print(printer, packet_from(packet, 4));
}

static void kill_print(struct printer *printer, struct packet packet)
{
        (void)printer;
        (void)packet;
}

static void page_request_print(struct printer *printer, struct packet packet)
{
        putf(printer, " need %u/", get32(printer, packet, PAGE));
        page_print(printer, packet, 0);
        need_hard(printer, packet, 0, 16);
}

static void page_state_print(struct printer *printer, struct packet packet)
{
        uint32_t count = get32(printer, packet, 0);

        for (uint32_t at = 4; count > 0; count--) {
                need_hard(printer, packet, at, 4 + PAGE);
                putf(printer, " %u/", get32(printer, packet, at));
                page_print(printer, packet, at + 4);
                at += 4 + PAGE;
                need_hard(printer, packet, at, 4);
                at = pages_print(printer, packet, at + 4, get8(printer, packet, at));
        }
}

static const struct message {
        const char *name; /* NULL if the type is not known */
        uint8_t size;     /* the least; this much is read first: */
        uint8_t front;
        void (*print)(struct printer *printer, struct packet packet);
} messages[] = {
    {"dop:", 16, 16, drawing_print},
    {"id:", 28, 24, identity_print},
    {"rreq:", 20, 20, repair_request_print},
    {"rrep:", 20, 20, repair_print},
    {"kill", 0, 0, kill_print},
    {"preq:", 16, 12, page_request_print},
    {NULL, 0, 0, NULL},
    {"prep:", 4, 4, page_state_print},
};

void wb_print(struct printer *printer, struct packet packet)
{
        enum { TYPE = 10, FLAGS = 11 };
        const struct message *message;
        uint8_t type;

        printer->protocol = "wb";
        if (packet.length < HEADER) {
                put_invalid(printer);
                return;
        }
        need_hard(printer, packet, 0, HEADER);
        if (get8(printer, packet, FLAGS) != 0)
                put_char(printer, '*');
        type = get8(printer, packet, TYPE);
        message = type < array_count(messages) ? &messages[type] : NULL;
        if (!message || !message->name) {
                putf(printer, " wb-%u!", type);
                put_invalid(printer);
                return;
        }
        putf(printer, " wb-%s", message->name);
        packet = packet_from(packet, HEADER);
        if (packet.length < message->size) {
                put_invalid(printer);
                return;
        }
        need_hard(printer, packet, 0, message->front);
        if (message->print == drawing_print)
                put_char(printer, ' ');
        message->print(printer, packet);
}
