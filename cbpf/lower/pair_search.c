/* Pairs of a host and a port as sorted searches: by the port, then for the hosts of that port.
 *
 * libpcap tests pair by pair. The searches give the same answer for whole packets. For truncated
 * ones they must not load beyond the last byte that libpcap loads on its way to that answer:
 *
 * The protocol number and fragment offset precede the addresses, so they may be loaded once an
 * address is. In IPv6, and behind 20 bytes of IPv4 header or more, ports follow both addresses; but
 * an IPv4 header may claim to be shorter, and then ports may precede them.
 *
 * Host first, `host a and port p`: ports are loaded only where some host matches. So the searches
 * first look for the addresses among all hosts, unless no match means rejection, which a load may
 * cause as well. A destination port is loaded once all source ports of the matching pairs have
 * failed, so those are tried first. A destination address is loaded once a source address fails,
 * that is unless it matches in all pairs so far. So the first pairs, until no source address can
 * match them all, are tested as by libpcap; from there on that address is free.
 *
 * Port first, `port p and host a`: addresses are loaded where a port of some pair matches. With the
 * first pairs tested as by libpcap, until no source port can match them all, the destination port
 * is free. A destination address is loaded only where the source address fails for all pairs whose
 * ports match, so that is tried for both ports first. It need not be in IPv6, where the ports
 * follow it, or if only one address is asked for, which is loaded in any case. Then no pairs need
 * to come first: the destination port is free unless the source port is that of all pairs, and
 * there it does not matter. */
#include "lowering.h"

#include <stdlib.h>
#include <string.h>

enum {
        MAX_GROUPS = 16,   /* in front; if there would be more, all pairs are asked one by one */
        MAX_REPEATS = 8,   /* how often each host may be searched for, on average */
        FEW_REPEATS = 256, /* and in all */
        SOURCE = 0,        /* ends */
        DESTINATION = 1,
};

/* The hosts, or the ports, of a packet. */
struct ends_of {
        uint32_t terms[2][LISTS_MAX_WORDS];
        uint32_t words;  /* of each */
        uint8_t ends[2]; /* those asked for */
        uint32_t count;
};

struct search {
        struct lower *lower;
        const struct pairs_shape *shape;
        const struct pair *pairs; /* for the transport at hand */
        uint32_t count;
        struct ends_of hosts, ports;
        bool same_host; /* of all pairs, tested before */
        uint32_t yes, no;
};

/* Values of the source port up to the next arm's, and the hosts of the pairs with such a port. */
struct slice {
        uint32_t from;
        struct value *hosts; /* in order */
        uint32_t count;
        bool all;
};

/* --- Single tests --- */

/* Tests number `end` of the ends asked for. */
static uint32_t test_end(struct search *search, const struct ends_of *ends, uint32_t end,
                         const struct value *values, uint32_t count, uint32_t yes, uint32_t no)
{
        return lists_switch_values(search->lower->graph, values, count, ends->words,
                                   ends->terms[ends->ends[end]], yes, no);
}

static uint32_t test_ends(struct search *search, const struct ends_of *ends,
                          const struct value *values, uint32_t count, uint32_t yes, uint32_t no)
{
        for (uint32_t i = ends->count; i-- > 0;)
                no = test_end(search, ends, i, values, count, yes, no);
        return no;
}

/* The hosts, or the ports, of pairs from `first` to before `end`, in order. */
static struct value *collect(struct search *search, uint32_t first, uint32_t end, bool ports,
                             uint32_t *count)
{
        struct value *values = lower_take(search->lower, (end - first) * sizeof *values);

        for (uint32_t i = first; values && i < end; i++)
                if (ports)
                        values[i - first] = (struct value){{search->pairs[i].port}};
                else
                        values[i - first] = search->pairs[i].host;
        *count = values ? lists_order(values, end - first, ports ? 1 : search->hosts.words) : 0;
        return values;
}

/* --- The first pairs --- */

static bool same_first_part(const struct search *search, uint32_t one, uint32_t other)
{
        const struct pair *a = &search->pairs[one], *b = &search->pairs[other];

        if (search->shape->port_first)
                return lists_same_interval(a->port, b->port);
        return memcmp(a->host.words, b->host.words, search->hosts.words * sizeof *a->host.words) ==
               0;
}

static uint32_t end_of_group(const struct search *search, uint32_t first)
{
        uint32_t end = first + 1;

        while (end < search->count && same_first_part(search, first, end))
                end++;
        return end;
}

/* Pairs with the same first part: where that matches, all the second ones at once. */
static uint32_t test_group(struct search *search, uint32_t first, uint32_t end, uint32_t no)
{
        bool port_first = search->shape->port_first;
        struct value port = {{search->pairs[first].port}};
        uint32_t count, second;
        struct value *values = collect(search, first, end, !port_first, &count);

        if (!values)
                return no;
        if (port_first) {
                second = test_ends(search, &search->hosts, values, count, search->yes, no);
                return test_ends(search, &search->ports, &port, 1, second, no);
        }
        second = test_ends(search, &search->ports, values, count, search->yes, no);
        return search->same_host
                   ? second
                   : test_ends(search, &search->hosts, &search->pairs[first].host, 1, second, no);
}

/* True if the first pairs must be tested one by one, see above. */
static bool needs_front(const struct search *search)
{
        return search->shape->host == TREE_IPV4 && search->hosts.count == 2 &&
               search->ports.count == 2;
}

/* How many are tested one by one. */
static uint32_t length_of_front(const struct search *search)
{
        struct interval common = {0, UINT32_MAX};
        uint32_t end = 0;

        if (!needs_front(search))
                return 0;
        for (uint32_t groups = 0; end < search->count && groups < MAX_GROUPS; groups++) {
                const struct pair *pair = &search->pairs[end];
                struct interval part = search->shape->port_first ? pair->port : pair->host.words[0];

                if (part.first > common.first)
                        common.first = part.first;
                if (part.last < common.last)
                        common.last = part.last;
                if (common.first > common.last)
                        return end;
                end = end_of_group(search, end);
        }
        return search->count;
}

static uint32_t test_front(struct search *search, uint32_t count, uint32_t no)
{
        uint32_t *starts = lower_take(search->lower, (count + (size_t)1) * sizeof *starts);
        uint32_t groups = 0;

        if (!starts)
                return no;
        for (uint32_t i = 0; i < count; i = end_of_group(search, i))
                starts[groups++] = i;
        starts[groups] = count;
        while (groups-- > 0)
                no = test_group(search, starts[groups], starts[groups + 1], no);
        return no;
}

/* --- The others --- */

struct event {
        uint32_t at;
        uint32_t pair;
        bool ends;
};

static int by_place(const void *one, const void *other)
{
        const struct event *a = one, *b = other;

        if (a->at != b->at)
                return a->at < b->at ? -1 : 1;
        return a->pair < b->pair ? -1 : a->pair > b->pair;
}

/* Fills the events, in order: where ports of pairs from `first` on begin, and where they end. */
static uint32_t find_events(const struct search *search, uint32_t first, struct event *events)
{
        uint32_t count = 0;

        for (uint32_t i = first; i < search->count; i++) {
                const struct interval *port = &search->pairs[i].port;

                events[count++] = (struct event){port->first, i, false};
                events[count++] = (struct event){port->last + 1, i, true};
        }
        qsort(events, count, sizeof *events, by_place);
        return count;
}

/* The pairs that have the ports at hand. */
struct active {
        uint32_t *pairs;
        uint32_t *place_of; /* by pair */
        uint32_t count;
};

static void happen(struct active *active, const struct event *event)
{
        if (!event->ends) {
                active->place_of[event->pair] = active->count;
                active->pairs[active->count++] = event->pair;
                return;
        }
        uint32_t last = active->pairs[--active->count], place = active->place_of[event->pair];

        active->pairs[place] = last;
        active->place_of[last] = place;
}

static bool take_slice(struct search *search, const struct active *active, uint32_t first,
                       uint32_t from, struct slice *slice)
{
        *slice = (struct slice){.from = from, .all = active->count == search->count - first};
        if (active->count == 0)
                return true;
        slice->hosts = lower_take(search->lower, active->count * sizeof *slice->hosts);
        if (!slice->hosts)
                return false;
        for (uint32_t i = 0; i < active->count; i++)
                slice->hosts[i] = search->pairs[active->pairs[i]].host;
        slice->count = lists_order(slice->hosts, active->count, search->hosts.words);
        return true;
}

/* Cuts the ports of pairs from `first` on into slices. Returns how many; 0 if ranges overlap so
 * much that it is not worth it. */
static uint32_t cut_slices(struct search *search, uint32_t first, struct slice **slices)
{
        size_t pairs = search->count - first, budget = pairs * MAX_REPEATS + FEW_REPEATS;
        struct event *events = lower_take(search->lower, 2 * pairs * sizeof *events);
        struct active active = {
            .pairs = lower_take(search->lower, pairs * sizeof *active.pairs),
            .place_of = lower_take(search->lower, search->count * sizeof *active.place_of),
        };
        uint32_t events_count, count = 0;

        *slices = lower_take(search->lower, (2 * pairs + 1) * sizeof **slices);
        if (!events || !active.pairs || !active.place_of || !*slices)
                return 0;
        events_count = find_events(search, first, events);
        (*slices)[count++] = (struct slice){0};
        for (uint32_t i = 0; i < events_count;) {
                uint32_t at = events[i].at;

                for (; i < events_count && events[i].at == at; i++)
                        happen(&active, &events[i]);
                if (active.count > budget ||
                    !take_slice(search, &active, first, at, &(*slices)[at == 0 ? 0 : count]))
                        return 0;
                budget -= active.count;
                count += at != 0;
        }
        return count;
}

/* A search for a port at one of the ends asked for, and for its hosts at `host_count` of them from
 * number `host_end` on; goes on to `next`. */
static uint32_t search_port(struct search *search, uint32_t port_end, uint32_t host_end,
                            uint32_t host_count, const struct slice *slices, uint32_t count,
                            uint32_t next)
{
        struct arm *arms = lower_take(search->lower, count * sizeof *arms);

        if (!arms)
                return next;
        for (uint32_t i = 0; i < count; i++) {
                bool last = slices[i].all && host_count == search->hosts.count;
                uint32_t to = last ? search->no : next;

                for (uint32_t end = host_count; slices[i].count > 0 && end-- > 0;)
                        to = test_end(search, &search->hosts, host_end + end, slices[i].hosts,
                                      slices[i].count, search->yes, to);
                arms[i] = (struct arm){slices[i].from, to};
        }
        return graph_switch(search->lower->graph,
                            search->ports.terms[search->ports.ends[port_end]][0], arms, count);
}

static uint32_t search_ports(struct search *search, const struct slice *slices, uint32_t count)
{
        bool apart = search->shape->port_first && needs_front(search);
        const struct ends_of *hosts = &search->hosts;
        uint32_t node = search->no;

        for (uint32_t turn = apart ? hosts->count : 1; turn-- > 0;)
                for (uint32_t i = search->ports.count; i-- > 0;)
                        node = search_port(search, i, turn, apart ? 1 : hosts->count, slices, count,
                                           node);
        return node;
}

static bool rejects(const struct search *search)
{
        const struct node *node = &search->lower->graph->nodes[search->no];

        return node->kind == NODE_RETURN && node->k == 0;
}

static uint32_t test_pairs(struct search *search)
{
        uint32_t front = length_of_front(search), count = 0, node, hosts_count;
        struct slice *slices = NULL;
        struct value *hosts;

        if (search->count == 0)
                return search->no;
        if (search->same_host)
                return test_group(search, 0, search->count, search->no);
        if (front < search->count)
                count = cut_slices(search, front, &slices);
        if (count == 0)
                return test_front(search, search->count, search->no);
        node = search_ports(search, slices, count);
        if (!search->shape->port_first && !rejects(search)) {
                hosts = collect(search, front, search->count, false, &hosts_count);
                node = test_ends(search, &search->hosts, hosts, hosts_count, node, search->no);
        }
        return test_front(search, front, node);
}

/* --- Around them --- */

static void find_ends(uint8_t direction, struct ends_of *ends)
{
        if (direction != DIRECTION_DST)
                ends->ends[ends->count++] = SOURCE;
        if (direction != DIRECTION_SRC)
                ends->ends[ends->count++] = DESTINATION;
}

static void find_terms(struct search *search)
{
        struct lower *lower = search->lower;
        bool ipv4 = search->shape->host == TREE_IPV4;

        search->hosts.words = ipv4 ? 1 : 4;
        search->ports.words = 1;
        for (uint32_t end = 0; end < 2; end++) {
                for (uint32_t word = 0; word < search->hosts.words; word++)
                        search->hosts.terms[end][word] =
                            lower_load(lower, HEADER_NETWORK,
                                       ipv4 ? 12 + 4 * end : 8 + 16 * end + 4 * word, BPF_W);
                search->ports.terms[end][0] =
                    ipv4 ? lower_load_transport(lower, GRAPH_NONE, 2 * end, BPF_H)
                         : lower_load(lower, HEADER_NETWORK, 40 + 2 * end, BPF_H);
        }
        find_ends(search->shape->host_direction, &search->hosts);
        find_ends(search->shape->port_direction, &search->ports);
}

/* The pairs for one transport; for 0 all of them. */
static uint32_t select_pairs(struct search *search, const struct pairs *pairs, uint8_t transport)
{
        struct pair *selected = lower_take(search->lower, pairs->count * sizeof *selected);

        search->pairs = selected;
        search->count = 0;
        for (uint32_t i = 0; selected && i < pairs->count; i++)
                if (!transport || !pairs->pairs[i].transport ||
                    pairs->pairs[i].transport == transport)
                        selected[search->count++] = pairs->pairs[i];
        return test_pairs(search);
}

static bool all_alike(const struct pairs *pairs)
{
        for (uint32_t i = 1; i < pairs->count; i++)
                if (pairs->pairs[i].transport != pairs->pairs[0].transport)
                        return false;
        return true;
}

/* True if the pairs are ports of one host, which then is tested once and first, as by libpcap. */
static bool have_same_host(const struct search *search, const struct pairs *pairs)
{
        const size_t size = search->hosts.words * sizeof *pairs->pairs[0].host.words;

        for (uint32_t i = 1; i < pairs->count; i++)
                if (memcmp(pairs->pairs[i].host.words, pairs->pairs[0].host.words, size) != 0)
                        return false;
        return !search->shape->port_first;
}

uint32_t lower_pairs(struct lower *lower, const struct tree *tree, uint32_t yes, uint32_t no)
{
        const struct pairs *pairs = &lower->lists->pairs[tree->list - 1];
        struct search search = {.lower = lower, .shape = &pairs->shape, .yes = yes, .no = no};
        uint8_t wanted = pairs->pairs[0].transport;
        uint32_t type = pairs->shape.host == TREE_IPV4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6;
        uint32_t node = no, body = GRAPH_NONE;
        bool alike = all_alike(pairs); /* then the transport makes no difference */

        find_terms(&search);
        search.same_host = have_same_host(&search, pairs);
        for (const uint8_t *transport = lower_transports; *transport && !lower->graph->failed;
             transport++) {
                if (body == GRAPH_NONE || !alike)
                        body = select_pairs(&search, pairs, alike ? 0 : *transport);
                if (!alike || !wanted || wanted == *transport)
                        node = lower_transport(lower, type, *transport, body, node);
        }
        if (search.same_host)
                node = test_ends(&search, &search.hosts, &pairs->pairs[0].host, 1, node, no);
        return lower_type(lower, type, node, no);
}
