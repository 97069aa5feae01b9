/* What is known of the packets that are followed: events come in, in the order of their packet. */
#include "internal.h"

#include "base/array.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Packets that are remembered: numbers go up, and the newest ones stay. */
enum { REMEMBERED = 1 << 16 };

struct journeys {
        struct journey *all[REMEMBERED];
};

static void journey_free(struct journey *journey)
{
        if (!journey)
                return;
        free(journey->drop);
        free(journey->members);
        free(journey->name);
        free(journey);
}

struct journeys *journeys_new(void)
{
        return calloc(1, sizeof(struct journeys));
}

void journeys_free(struct journeys *journeys)
{
        for (size_t i = 0; journeys && i < REMEMBERED; i++)
                journey_free(journeys->all[i]);
        free(journeys);
}

struct journey *journeys_find(const struct journeys *journeys, uint64_t packet)
{
        struct journey *journey = journeys->all[packet % REMEMBERED];

        return journey && journey->packet == packet ? journey : NULL;
}

/* Processors tell side by side, so the first event that is read need not be the packet's first. */
static struct journey *begin(struct journeys *journeys, uint64_t packet)
{
        struct journey **place = &journeys->all[packet % REMEMBERED];

        if (*place && (*place)->packet > packet)
                return NULL;
        journey_free(*place);
        *place = calloc(1, sizeof **place);
        if (*place)
                (*place)->packet = packet;
        return *place;
}

/* --- Stops --- */

static bool is_stop(enum fate_kind kind)
{
        return kind == FATE_RECEIVED || kind == FATE_QUEUED || kind == FATE_SENT;
}

/* The copy that is captured comes right behind the event of the same place. */
static bool is_last_stop(const struct journey *journey, const struct fate_event *event)
{
        const struct stop *last;

        if (journey->stop_count == 0 || !(event->flags & FATE_CAPTURED))
                return false;
        last = &journey->stops[journey->stop_count - 1];
        return last->kind == event->kind && last->interface == event->interface &&
               last->network_namespace == event->network_namespace;
}

static void add_stop(struct journey *journey, const struct fate_event *event)
{
        struct stop *stop = &journey->stops[journey->stop_count];

        if (is_last_stop(journey, event))
                return;
        if (journey->stop_count == JOURNEY_STOPS) {
                journey->lost = true;
                return;
        }
        journey->stop_count++;
        *stop = (struct stop){
            .kind = (enum fate_kind)event->kind,
            .network_namespace = event->network_namespace,
            .interface = event->interface,
            .time = event->time,
        };
        memcpy(stop->name, event->name, sizeof stop->name - 1);
}

static enum fate_kind last_kind(const struct journey *journey)
{
        return journey->stop_count > 0 ? journey->stops[journey->stop_count - 1].kind : FATE_QUEUED;
}

/* --- Ends --- */

static void end_at(struct journey *journey, enum end end, const struct fate_event *event)
{
        journey->end = end;
        journey->end_time = event->time;
        journey->end_namespace =
            journey->stop_count > 0 ? journey->stops[journey->stop_count - 1].network_namespace : 0;
}

static void end_in_process(struct journey *journey, const struct fate_event *event)
{
        end_at(journey, END_PROCESS, event);
        journey->process = event->process;
        memcpy(journey->command, event->command, sizeof journey->command - 1);
}

/* A packet socket's copy is none of the packet's ends. */
static void end_dropped(struct journey *journey, const struct fate_event *event,
                        const struct drops_record *record, const struct guide *guide)
{
        struct text words = {0}, members = {0};
        struct json json = {.text = &members};
        struct drop drop;

        drop_explain(record, &guide->tables, &drop);
        if (drop.place.words && strcmp(drop.place.words, "copy for a packet socket") == 0)
                return;
        if (record->network_namespace == guide->own_namespace)
                drop.network_namespace = NULL;
        end_at(journey, END_DROPPED, event);
        journey->shared = event->flags & FATE_SHARED;
        drop_text(&words, &drop, guide->verbose);
        json_open(&json, '{');
        drop_members(&json, &drop);
        json_close(&json, '}');
        free(journey->drop);
        free(journey->members);
        journey->drop = text_take(&words);
        journey->members = text_take(&members);
}

/* Functions that consume what a process has read. */
static bool is_read(const char *function)
{
        static const char *const functions[] = {
            "skb_consume_udp", "udp_recvmsg", "udpv6_recvmsg", "skb_free_datagram",
            "ping_recvmsg",    "raw_recvmsg", "rawv6_recvmsg", "__skb_free_datagram_locked",
        };

        for (size_t i = 0; i < array_count(functions); i++)
                if (strcmp(function, functions[i]) == 0)
                        return true;
        return false;
}

static void end_consumed(struct journey *journey, const struct fate_event *event,
                         const struct guide *guide)
{
        const char *function;
        uint64_t offset;

        journey->shared = event->flags & FATE_SHARED;
        if (journey->end != END_UNKNOWN && journey->end != END_SOCKET)
                return;
        function = drops_symbol(guide->tables.symbols, event->location - 1, &offset);
        if (function)
                snprintf(journey->taker, sizeof journey->taker, "%s", function);
        if (function && is_read(function))
                end_in_process(journey, event);
        else if (journey->end == END_UNKNOWN)
                end_at(journey, last_kind(journey) == FATE_RECEIVED ? END_KERNEL : END_SENT, event);
}

/* Once it is read, its buffer is freed where no tracepoint is, or by the processor that made it. */
bool journey_was_read(struct journey *journey, const struct fate_event *event)
{
        const bool freed =
            journey->end == END_KERNEL && strcmp(journey->taker, "skb_defer_free_flush") == 0;

        if ((journey->end != END_UNKNOWN && !freed) || last_kind(journey) != FATE_RECEIVED)
                return false;
        end_in_process(journey, event);
        return true;
}

struct journey *journeys_take(struct journeys *journeys, const struct fate_event *event,
                              const struct drops_record *record, const struct guide *guide)
{
        struct journey *journey = journeys_find(journeys, event->packet);

        if (!journey)
                journey = begin(journeys, event->packet);
        if (!journey)
                return NULL;
        if (!(event->flags & FATE_CLONE)) {
                journey->lost |= event->number != journey->expected;
                journey->expected = event->number + 1;
        }
        if (is_stop(event->kind))
                add_stop(journey, event);
        switch ((enum fate_kind)event->kind) {
        case FATE_DROPPED:
                if (record && journey->end != END_PROCESS && journey->end != END_DROPPED)
                        end_dropped(journey, event, record, guide);
                break;
        case FATE_CONSUMED: end_consumed(journey, event, guide); break;
        case FATE_COPIED:
                if (journey->end != END_PROCESS && (journey->end != END_DROPPED || journey->shared))
                        end_in_process(journey, event);
                break;
        case FATE_SOCKET:
                if (journey->end == END_UNKNOWN)
                        end_at(journey, END_SOCKET, event);
                break;
        case FATE_RECEIVED:
        case FATE_QUEUED:
        case FATE_SENT:
        case FATE_READ: break;
        }
        return journey;
}
