/* What became of a packet, in words: by its end, and by where it has been since it was captured. */
#include "internal.h"

#include "base/array.h"

#include <string.h>

/* Who takes a packet in the end, by the kernel's function. */
static const struct {
        const char *function, *words;
} takers[] = {
    {"icmp_rcv", "kernel (ICMP)"},
    {"icmpv6_rcv", "kernel (ICMPv6)"},
    {"igmp_rcv", "kernel (IGMP)"},
    {"igmp6_event_query", "kernel (MLD)"},
    {"igmp6_event_report", "kernel (MLD)"},
    {"ndisc_rcv", "kernel (neighbour discovery)"},
    {"arp_process", "kernel (ARP)"},
    {"arp_rcv", "kernel (ARP)"},
    {"tcp_rcv_state_process", "kernel (TCP)"},
    {"tcp_v4_rcv", "kernel (TCP)"},
    {"tcp_v6_rcv", "kernel (TCP)"},
    {"tcp_v4_do_rcv", "kernel (TCP)"},
    {"tcp_v6_do_rcv", "kernel (TCP)"},
    {"skb_defer_free_flush", "a process"}, /* that has read it from its socket */
    {"packet_rcv", "a packet socket alone"},
    {"tpacket_rcv", "a packet socket alone"},
};

/* Who sends it in pieces, which are packets of their own. */
static const struct {
        const char *function, *words;
} cutters[] = {
    {"ip_do_fragment", "sent in fragments"},
    {"ip6_fragment", "sent in fragments"},
    {"validate_xmit_skb", "sent in segments"},
    {"__skb_gso_segment", "sent in segments"},
};

#define LOOK_UP(rows, name)                                \
        for (size_t i = 0; i < array_count(rows); i++)     \
                if (strcmp(name, (rows)[i].function) == 0) \
                        return (rows)[i].words;

static const char *taker(const struct journey *journey)
{
        LOOK_UP(takers, journey->taker);
        return NULL;
}

static const char *cutter(const struct journey *journey)
{
        LOOK_UP(cutters, journey->taker);
        return NULL;
}

/* The first stop behind `from` of that kind; NULL if there is none. */
static const struct stop *next_stop(const struct journey *journey, size_t from, enum fate_kind kind)
{
        for (size_t i = from + 1; i < journey->stop_count; i++)
                if (journey->stops[i].kind == kind)
                        return &journey->stops[i];
        return NULL;
}

static void put_namespace(const struct journey *journey, const struct guide *guide,
                          struct verdict *verdict)
{
        const uint32_t number = journey->end_namespace;

        if (number && number != guide->own_namespace && guide->tables.namespaces)
                text_format(verdict->words, " in netns %s",
                            namespaces_name(guide->tables.namespaces, number));
}

/* Comes first. */
static void member(struct verdict *verdict, const char *name, const char *value)
{
        text_format(verdict->members, "\"%s\":\"%s\"", name, value);
}

static void text_member(struct verdict *verdict, const char *name, const char *value)
{
        struct text quoted = {0};
        struct json json = {.text = &quoted};

        json_text(&json, value);
        text_format(verdict->members, ",\"%s\":", name);
        text_put(verdict->members, quoted.start, quoted.length);
        text_free(&quoted);
}

static void tell_process(const struct journey *journey, const struct guide *guide,
                         struct verdict *verdict)
{
        text_string(verdict->words, "✓ ");
        text_show(verdict->words, journey->command, strlen(journey->command));
        text_format(verdict->words, "[%u]", journey->process);
        put_namespace(journey, guide, verdict);
        member(verdict, "end", "delivered");
        text_member(verdict, "command", journey->command);
        text_format(verdict->members, ",\"pid\":%u", journey->process);
}

static void tell_taken(const struct journey *journey, const char *words, const struct guide *guide,
                       struct verdict *verdict)
{
        text_string(verdict->words, "✓ ");
        if (words)
                text_format(verdict->words, "%s", words);
        else if (*journey->taker)
                text_format(verdict->words, "kernel, in %s()", journey->taker);
        else
                text_string(verdict->words, "kernel");
        put_namespace(journey, guide, verdict);
        member(verdict, "end", "delivered");
        if (words || *journey->taker)
                text_member(verdict, "to", words ? words : journey->taker);
}

static void tell_drop(const struct journey *journey, struct verdict *verdict)
{
        text_format(verdict->words, "✗ %s", journey->drop ? journey->drop : "dropped");
        member(verdict, "end", "dropped");
        if (journey->members)
                text_format(verdict->members, ",\"drop\":%s", journey->members);
}

static void tell_sent(const struct journey *journey, struct verdict *verdict)
{
        const char *pieces = journey->end == END_SENT ? cutter(journey) : NULL;

        text_format(verdict->words, "→ %s", pieces ? pieces : "sent");
        member(verdict, "end", "sent");
}

static void tell_forwarded(const struct stop *to, struct verdict *verdict)
{
        text_string(verdict->words, "→ forwarded out of ");
        text_show(verdict->words, to->name, strlen(to->name));
        member(verdict, "end", "forwarded");
        text_member(verdict, "interface", to->name);
}

static void tell_unknown(const struct journey *journey, struct verdict *verdict)
{
        text_string(verdict->words,
                    journey && journey->lost ? "? unknown (events were lost)" : "? unknown");
        member(verdict, "end", "unknown");
        verdict->known = false;
}

/* Behind an interface that has sent it: where it arrived, if it did within this host. */
static bool tell_arrival(const struct journey *journey, size_t stop, const struct guide *guide,
                         struct verdict *verdict)
{
        if (journey->stops[stop].kind != FATE_SENT || !next_stop(journey, stop, FATE_RECEIVED))
                return false;
        text_string(verdict->words, "→ sent, then ");
        switch (journey->end) {
        case END_DROPPED: tell_drop(journey, verdict); return true;
        case END_PROCESS: tell_process(journey, guide, verdict); return true;
        case END_SOCKET: tell_taken(journey, "TCP socket", guide, verdict); return true;
        case END_KERNEL: tell_taken(journey, taker(journey), guide, verdict); return true;
        default:
                verdict->words->length -= strlen(", then ");
                member(verdict, "end", "sent");
                return true;
        }
}

/* What may still come: of a TCP socket, and of what shares data, the process. */
static bool is_final(const struct journey *journey)
{
        return journey->end == END_PROCESS || journey->end == END_SENT ||
               ((journey->end == END_DROPPED || journey->end == END_KERNEL) && !journey->shared);
}

void end_tell(const struct journey *journey, size_t stop, bool last, const struct guide *guide,
              struct verdict *verdict)
{
        const bool was_received =
            journey && stop < journey->stop_count && journey->stops[stop].kind == FATE_RECEIVED;
        const struct stop *sent = was_received ? next_stop(journey, stop, FATE_SENT) : NULL;

        *verdict =
            (struct verdict){.words = verdict->words, .members = verdict->members, .known = true};
        if (sent && sent->network_namespace != journey->stops[stop].network_namespace)
                sent = NULL;
        verdict->settled = sent || (journey && (is_final(journey) || journey->lost));
        if (!verdict->settled && !last)
                return;
        if (!journey ||
            (journey->lost && journey->end != END_DROPPED && journey->end != END_PROCESS)) {
                tell_unknown(journey, verdict);
                return;
        }
        if (sent) {
                tell_forwarded(sent, verdict);
                return;
        }
        if (stop < journey->stop_count && tell_arrival(journey, stop, guide, verdict))
                return;
        switch (journey->end) {
        case END_DROPPED: tell_drop(journey, verdict); break;
        case END_PROCESS: tell_process(journey, guide, verdict); break;
        case END_SOCKET: tell_taken(journey, "TCP socket", guide, verdict); break;
        case END_KERNEL: tell_taken(journey, taker(journey), guide, verdict); break;
        case END_SENT: tell_sent(journey, verdict); break;
        case END_UNKNOWN:
                if (stop < journey->stop_count && journey->stops[stop].kind == FATE_SENT)
                        tell_sent(journey, verdict);
                else
                        tell_unknown(journey, verdict);
                break;
        }
}

/* --- The path --- */

static void put_time(struct text *words, uint64_t time)
{
        if (time < 10000000)
                text_format(words, " +%.1f µs ", (double)time / 1e3);
        else
                text_format(words, " +%.1f ms ", (double)time / 1e6);
}

void end_path(const struct journey *journey, size_t stop, struct text *words)
{
        static const char *const kinds[] = {
            [FATE_RECEIVED] = "received", [FATE_QUEUED] = "queued", [FATE_SENT] = "sent"};
        uint64_t time = 0;

        text_string(words, " [");
        for (; stop < journey->stop_count; stop++) {
                const struct stop *at = &journey->stops[stop];

                if (time)
                        put_time(words, at->time - time);
                time = at->time;
                text_show(words, at->name, strlen(at->name));
                text_format(words, " %s", kinds[at->kind]);
        }
        if (journey->end != END_UNKNOWN && time) {
                put_time(words, journey->end_time > time ? journey->end_time - time : 0);
                text_string(words, "end");
        }
        text_char(words, ']');
}
