/* SSH's packets as long as they are not encrypted, RFC 4253 sections 6 and 7: which algorithms the
 * two ends want. */
#include "application.h"
#include "cursor.h"

enum message {
        DISCONNECT = 1,
        IGNORE = 2,
        DEBUG = 4,
        KEY_EXCHANGE_INIT = 20,
        NEW_KEYS = 21,
};

enum { LENGTH = 4, MAX_LENGTH = 35000, MIN_PADDING = 4, COOKIE = 16 };

static const struct name message_names[] = {
    {DISCONNECT, "disconnect"},
    {IGNORE, "ignore"},
    {DEBUG, "debug"},
    {KEY_EXCHANGE_INIT, "key exchange init"},
    {NEW_KEYS, "new keys"},
    {30, "key exchange 30"},
    {31, "key exchange 31"},
    {32, "key exchange 32"},
    {33, "key exchange 33"},
    {34, "key exchange 34"},
    {0, NULL},
};

static const struct {
        const char *title;
        bool always; /* without -v, too */
} lists[] = {
    {"kex", true}, {"host key", true},  {"cipher", true},      {"cipher back", false},
    {"mac", true}, {"mac back", false}, {"compression", true}, {"compression back", false},
};

enum { LISTS = sizeof lists / sizeof *lists };

/* Whether a packet of this message begins here, which is not encrypted. */
static bool is_packet(struct packet packet)
{
        uint32_t length;

        if (!has(packet, 0, LENGTH + 2) || packet.data[0] || packet.data[1])
                return false;
        length = (uint32_t)packet.data[2] << 8 | packet.data[3];
        return length <= MAX_LENGTH && (length + LENGTH) % 8 == 0 &&
               packet.data[LENGTH] >= MIN_PADDING && packet.data[LENGTH] + 2u <= length &&
               name_find(message_names, packet.data[LENGTH + 1]);
}

bool ssh_fits(struct packet payload, uint16_t source, uint16_t destination)
{
        enum { PORT = 22, LIST = LENGTH + 2 + COOKIE };

        if (packet_begins(payload, "SSH-2.0-"))
                return source != PORT && destination != PORT;
        return is_packet(payload) && payload.data[LENGTH + 1] == KEY_EXCHANGE_INIT &&
               has(payload, LIST, 4) && payload.data[LIST] == 0 && payload.data[LIST + 1] == 0;
}

/* All names, or the first one, which its sender likes best. */
static void list_print(struct printer *printer, const char *title, struct packet list)
{
        bool all = printer->options.verbose;
        const char *end = list.captured ? memchr(list.data, ',', list.captured) : NULL;

        putf(printer, all ? "\n\t  %s: " : ", %s ", title);
        if (!all && end)
                list.captured = (uint32_t)(end - (const char *)list.data);
        put_part(printer, list);
        if (list.length == 0)
                put_char(printer, '-');
}

static void algorithms_print(struct printer *printer, struct packet message)
{
        struct cursor at = cursor_of(message);

        cursor_part(&at, COOKIE);
        for (int i = 0; i < LISTS && !cursor_at_end(&at); i++) {
                struct packet list = cursor_vector(&at, 4);

                if (lists[i].always || printer->options.verbose)
                        list_print(printer, lists[i].title, list);
        }
        if (at.cut)
                put_truncated(printer);
}

static void disconnect_print(struct printer *printer, struct packet message)
{
        struct cursor at = cursor_of(message);

        put_number_as(printer, ROLE_REFUSAL, ", reason ", cursor_32(&at));
        put(printer, " \"");
        put_part(printer, cursor_vector(&at, 4));
        put_char(printer, '"');
}

static void message_print(struct printer *printer, uint8_t type, struct packet message)
{
        put_name_as(printer, ROLE_PROTOCOL, message_names, "message %u", type);
        if (type == KEY_EXCHANGE_INIT)
                algorithms_print(printer, message);
        else if (type == DISCONNECT)
                disconnect_print(printer, message);
}

void ssh_packets_print(struct printer *printer, struct packet packet)
{
        bool first = true;

        if (packet_begins(packet, "SSH-")) {
                const uint8_t *end = memchr(packet.data, '\n', packet.captured);

                ssh_print(printer, packet);
                if (!end)
                        return;
                packet = packet_from(packet, (uint32_t)(end + 1 - packet.data));
                first = false;
        }
        printer->protocol = "ssh";
        while (is_packet(packet)) {
                struct cursor at = cursor_of(packet);
                struct cursor content = cursor_of(cursor_vector(&at, LENGTH));
                uint8_t padding = cursor_8(&content), type = cursor_8(&content);
                uint32_t room = content.rest.length > padding ? content.rest.length - padding : 0;

                put(printer, first ? ": " : "; ");
                if (first) {
                        put_as(printer, ROLE_PROTOCOL, "SSH");
                        put(printer, ": ");
                }
                first = false;
                message_print(printer, type, packet_cut(content.rest, room));
                packet = at.rest;
        }
}
