/* See internal.h. The packet with the earliest time is delivered once it is sure that no listener
 * will bring an earlier one. A listener that has none for now may: the kernel keeps packets back
 * until it hands over their block. But it can be seen how many it keeps back; and where there are
 * none, only what has a time stamp but has not reached the ring yet, for which SLACK allows.
 *
 * That compares time stamps with the clock they are made with. It may be set, so no packet waits
 * for longer than MAX_WAIT of a clock that is not. */
#include "base/array.h"
#include "base/clock.h"
#include "internal.h"

#include <stdlib.h>

#define MILLISECOND INT64_C(1000000) /* in nanoseconds */
#define SLACK (20 * MILLISECOND)
#define MAX_WAIT ((MAX_RETIRE_MS + 500) * MILLISECOND)
#define MAX_COPIED ((size_t)64 << 20)

/* --- The heap --- */

static void sift_down(struct order *order)
{
        struct listener **heap = order->ready, *moved = heap[0];
        size_t at = 0, child;

        while ((child = 2 * at + 1) < order->ready_count) {
                if (child + 1 < order->ready_count && heap[child + 1]->time < heap[child]->time)
                        child++;
                if (heap[child]->time >= moved->time)
                        break;
                heap[at] = heap[child];
                at = child;
        }
        heap[at] = moved;
}

static void push(struct order *order, struct listener *listener)
{
        size_t at = order->ready_count++;

        for (; at > 0 && order->ready[(at - 1) / 2]->time > listener->time; at = (at - 1) / 2)
                order->ready[at] = order->ready[(at - 1) / 2];
        order->ready[at] = listener;
}

/* --- Looking for packets --- */

static bool is_drained(struct listener *listener)
{
        listener_count(listener);
        return listener->taken + listener->dropped >= listener->received ||
               clock_now(CLOCK_MONOTONIC) >= listener->drain_until;
}

/* The first packet has been delivered. Where the listener has no further one, what the kernel keeps
 * back of it came after that. */
static void advance(struct order *order)
{
        struct listener *first = order->ready[0];
        int64_t before = first->time;

        order->given = false;
        if (listener_next(first)) {
                sift_down(order);
                return;
        }
        order->idle[order->idle_count++] = first;
        order->ready[0] = order->ready[--order->ready_count];
        if (order->ready_count > 0)
                sift_down(order);
        if (before < order->safe && (first->state != LISTENER_LISTENS || listener_has_more(first)))
                order->safe = before;
}

/* Looks whether those that had no packet have one now. */
static void look_at_idle(struct order *order)
{
        int64_t now = clock_now(CLOCK_REALTIME);
        bool kept_back = false;

        for (size_t i = 0; i < order->idle_count;) {
                struct listener *listener = order->idle[i];

                if (listener_next(listener)) {
                        push(order, listener);
                        order->idle[i] = order->idle[--order->idle_count];
                        continue;
                }
                if (listener->state != LISTENER_LISTENS && is_drained(listener)) {
                        listener->next_ended = order->ended;
                        order->ended = listener;
                        order->idle[i] = order->idle[--order->idle_count];
                        continue;
                }
                if (listener->state != LISTENER_LISTENS || listener_has_more(listener))
                        kept_back = true;
                i++;
        }
        if (!kept_back)
                order->safe = now - SLACK;
}

/* The listener whose packet is the next one for sure. */
static inline struct listener *sure(const struct order *order)
{
        struct listener *first;

        if (order->ready_count == 0)
                return NULL;
        first = order->ready[0];
        if (order->idle_count == 0 || first->time <= order->safe || order->copied > MAX_COPIED ||
            clock_now(CLOCK_MONOTONIC) - first->taken_at > MAX_WAIT)
                return first;
        return NULL;
}

struct listener *order_next(struct order *order)
{
        struct listener *next;

        if (order->given)
                advance(order);
        next = sure(order);
        if (!next) {
                look_at_idle(order);
                next = sure(order);
        }
        if (next) {
                order->given = true;
                return next;
        }
        for (size_t i = 0; i < order->ready_count; i++)
                listener_make_room(order->ready[i]);
        return NULL;
}

bool order_goes_on(struct order *order)
{
        struct listener *first = order->ready[0];

        if (!listener_next_in_block(first))
                return false;
        sift_down(order);
        order->given = sure(order) == first;
        return order->given;
}

/* --- Listeners --- */

bool order_add(struct order *order, struct listener *listener)
{
        size_t count = order->ready_count + order->idle_count + 1;

        if (!array_grow(order->ready, order->ready_room, count) ||
            !array_grow(order->idle, order->idle_room, count))
                return false;
        listener->copied = &order->copied;
        order->idle[order->idle_count++] = listener;
        return true;
}

struct listener *order_take_ended(struct order *order)
{
        struct listener *listener = order->ended;

        if (listener)
                order->ended = listener->next_ended;
        return listener;
}

int order_timeout(const struct order *order, int timeout)
{
        bool soon = order->ready_count > 0;

        for (size_t i = 0; i < order->idle_count && !soon; i++)
                soon = order->idle[i]->state != LISTENER_LISTENS;
        return soon && (timeout < 0 || timeout > STEP_MS) ? STEP_MS : timeout;
}

/* What is ready is at a packet that may be one of them. */
bool order_passed_marks(const struct order *order)
{
        for (size_t i = 0; i < order->ready_count; i++)
                if (order->ready[i]->taken <= order->ready[i]->marked_at[0])
                        return false;
        for (size_t i = 0; i < order->idle_count; i++)
                if (order->idle[i]->taken < order->idle[i]->marked_at[0])
                        return false;
        return true;
}

void order_free(struct order *order)
{
        free(order->ready);
        free(order->idle);
}
