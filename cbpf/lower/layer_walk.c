/* The walk through the layers of a packet, as a graph.
 *
 * A layer may begin at any place, found on many paths. Where it does is therefore a variable, and
 * what is asked of the layer is made once for all paths. Programs only jump forward: each tunnel
 * leads to another copy of the walk, the last of which sees no tunnels. */
#include "base/array.h"
#include "layers.h"
#include "net/link_types.h"
#include "net/protocols.h"

#include <linux/filter.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <stdlib.h>

enum {
        MAC_ADDRESSES = 12,
        VLAN_TAG = 4,
        VLAN_NUMBER = 0xfff,
        MPLS_LABEL = 4,
        MPLS_BOTTOM = 1,
        MPLS_GROUP = 4,
        PPPOE_HEADER = 6,
        PPP_PROTOCOL = 2,
        PPP_FRAMING = 0xff03, /* address and control */

        IPV4_FRAGMENT = 6, /* offsets */
        IPV4_PROTOCOL = 9,
        FRAGMENT_OFFSET = 0x1fff, /* of IPv4 */
        IPV6_NEXT = 6,
        IPV6_HEADER = 40,
        IPV6_FRAGMENT_OFFSET = 0xfff8, /* in the fragment header's first word */
        EXTENSION_HEADER = 8,          /* bytes that its length does not count */
};

/* --- Marks and queries --- */

static bool has_marks(const struct walk *walk)
{
        for (uint32_t i = 0; i < walk->layers->query_count; i++)
                if (walk->layers->queries[i].mark)
                        return true;
        return walk->layers->fact_count > 0;
}

/* Asks the queries of a stage, and goes on at `next`. */
static uint32_t ask(struct walk *walk, const struct layer *layer, uint32_t next)
{
        const struct layers *layers = walk->layers;

        walk->lower.layer = layer;
        for (uint32_t i = layers->query_count; i-- > 0;) {
                const struct query *query = &layers->queries[i];
                uint32_t yes;

                if (query->stage != layer->stage || !(query->levels & 1u << layer->level))
                        continue;
                yes = query->decides == DECIDES_ACCEPT   ? walk->accept
                      : query->decides == DECIDES_REJECT ? walk->reject
                                                         : walk_mark(walk, query->mark, next);
                next = layer_test(&walk->lower, query->tree, yes, next);
        }
        return next;
}

static struct layer layer_at(const struct walk *walk, uint32_t level, enum layer_class class,
                             struct place head)
{
        return (struct layer){.origin = walk->origin,
                              .level = (uint8_t)level,
                              .class = (uint8_t) class,
                              .number = NO_NUMBER,
                              .head = head};
}

/* Whether a query that is asked behind the network header looks at it, too. */
static bool looks_back(const struct walk *walk, uint32_t level)
{
        for (uint32_t i = 0; i < walk->layers->query_count; i++) {
                const struct query *query = &walk->layers->queries[i];

                if (query->stage == STAGE_TRANSPORT && query->levels & 1u << level &&
                    query->uses_head)
                        return true;
        }
        return false;
}

/* --- Behind the network header --- */

/* Asks what is to be asked of a layer that carries protocol `number`. */
static uint32_t carried(struct walk *walk, struct layer *layer, uint32_t number,
                        const struct entries *inside)
{
        uint32_t next = walk->end;

        layer->stage = STAGE_TRANSPORT;
        layer->number = (uint16_t)number;
        layer->body = walk_variable(walk, LAYER_BODY);
        if (inside && !layer->later_fragment && number < NUMBERS)
                next = walk_enter_tunnel(walk, number, inside);
        return ask(walk, layer, next);
}

/* The same for each number, which `term` is. `special` leads elsewhere, unless it is no number. */
static uint32_t switch_carried(struct walk *walk, struct layer layer, uint32_t term,
                               const struct entries *inside, uint32_t special, uint32_t special_to)
{
        static const uint8_t tunnels[] = {IPPROTO_IPIP, IPPROTO_UDP,      IPPROTO_IPV6,
                                          IPPROTO_GRE,  PROTOCOL_ETHERIP, PROTOCOL_L2TP};
        bool numbers[NUMBERS];
        struct values values;

        for (uint32_t i = 0; i < NUMBERS; i++)
                numbers[i] = walk->layers->numbers[i] || i == special;
        for (size_t i = 0; inside && i < sizeof tunnels; i++)
                numbers[tunnels[i]] = true;
        walk_begin_values(&values, carried(walk, &layer, NO_NUMBER, inside));
        for (uint32_t i = 0; i < NUMBERS; i++)
                if (numbers[i])
                        walk_add_value(&values, i,
                                       i == special ? special_to
                                                    : carried(walk, &layer, i, inside));
        return walk_end_values(walk, &values, term);
}

/* Passes a header of options, of which how much longer than eight bytes it is was passed, and
 * passes on the number of the next one. */
static uint32_t pass_header(struct walk *walk, uint32_t to)
{
        struct place body = walk_variable(walk, LAYER_BODY);
        struct place end = {walk_operation(walk, BPF_ADD, body.base, walk_passed(walk)),
                            EXTENSION_HEADER};

        return graph_set(walk->lower.graph, LAYER_BODY, walk_term(walk, end),
                         walk_load(walk, body, 0, BPF_B), to);
}

/* Its length in units of 2^shift bytes stands in the second byte. */
static uint32_t measure_header(struct walk *walk, uint32_t shift, uint32_t to)
{
        uint32_t length = walk_load(walk, walk_variable(walk, LAYER_BODY), 1, BPF_B);

        return walk_pass(walk, walk_operation(walk, BPF_LSH, length, walk_constant(walk, shift)),
                         to);
}

static uint32_t note_extension(struct walk *walk, uint32_t number, bool ipv6, uint32_t to)
{
        for (uint32_t i = walk->layers->fact_count; i-- > 0;) {
                const struct fact *fact = &walk->layers->facts[i];

                if (walk_asks(fact, walk->level) && layers_is_extension(fact->tree, number, ipv6))
                        to = walk_mark(walk, fact->mark, to);
        }
        return to;
}

/* Leads to `options` if the number passed is that of a header whose length counts units of eight
 * bytes; otherwise to `other`, to which its product is passed. 44 and 51 have been told apart. */
static uint32_t is_options_header(struct walk *walk, uint32_t options, uint32_t other)
{
        uint32_t product =
            walk_operation(walk, BPF_MUL, walk_passed(walk), walk_constant(walk, EXTENSION_FACTOR));

        return lower_jump(&walk->lower, BPF_JSET, product, EXTENSION_OTHERS,
                          walk_pass(walk, product, other), options);
}

/* One extension header, if the number passed is that of one: then what is behind it, whose number
 * is passed, goes on at `next`. A fragment that is not the first goes on at `later`; any other
 * header at `otherwise`, to which its number is passed as a product. */
static uint32_t extension(struct walk *walk, uint32_t next, uint32_t later, uint32_t otherwise)
{
        struct place body = walk_variable(walk, LAYER_BODY);
        uint32_t behind_it = pass_header(walk, next);
        uint32_t options = measure_header(walk, 3, behind_it);
        uint32_t authentication = measure_header(walk, 2, behind_it);
        uint32_t offset = walk_operation(walk, BPF_AND, walk_load(walk, body, 0, BPF_W),
                                         walk_constant(walk, IPV6_FRAGMENT_OFFSET));
        uint32_t fragment =
            lower_equal(&walk->lower, offset, 0, walk_pass(walk, offset, behind_it), later);
        struct values values;

        walk_begin_values(&values, is_options_header(walk, options, otherwise));
        for (const uint8_t *number = layers_extensions; *number != LAYERS_NO_EXTENSION; number++) {
                uint32_t header = *number == IPPROTO_FRAGMENT ? fragment
                                  : *number == IPPROTO_AH     ? authentication
                                                              : options;
                uint32_t noted = note_extension(walk, *number, true, header);

                if (noted != options)
                        walk_add_value(&values, *number, noted);
        }
        return walk_end_values(walk, &values, walk_passed(walk));
}

/* Extension headers (RFC 8200); the number of the first, which is at LAYER_BODY, was passed. */
static uint32_t extensions(struct walk *walk, struct layer layer, const struct entries *inside)
{
        struct place body = walk_variable(walk, LAYER_BODY);
        uint32_t next = walk_passed(walk);
        uint32_t node = switch_carried(walk, layer, next, inside, NO_NUMBER, 0), later, otherwise;

        layer.later_fragment = true;
        later = switch_carried(walk, layer, next, NULL, NO_NUMBER, 0);
        if (later == walk->end && node == walk->end)
                return walk->end;
        if (later != walk->end)
                later = walk_pass(walk, walk_load(walk, body, 0, BPF_B), later);
        otherwise = walk_pass(
            walk, walk_operation(walk, BPF_MUL, next, walk_constant(walk, EXTENSION_UNDO)), node);
        for (int i = 0; i < LAYERS_MAX_EXTENSIONS; i++)
                node = extension(walk, node, later, otherwise);
        return node;
}

/* --- The network header --- */

static uint32_t other(struct walk *walk, uint32_t level, enum layer_class class, uint16_t type,
                      struct place head)
{
        struct layer layer = layer_at(walk, level, class, head);
        uint32_t next;

        layer.type = type;
        layer.stage = STAGE_TRANSPORT; /* nothing is carried */
        next = ask(walk, &layer, walk->end);
        layer.stage = STAGE_NETWORK;
        return ask(walk, &layer, next);
}

static uint32_t ipv4(struct walk *walk, uint32_t level, struct place head,
                     const struct entries *inside)
{
        struct layer layer = layer_at(walk, level, CLASS_IPV4, head);
        uint32_t length = walk_load(walk, head, 0, BPF_B),
                 number = walk_load(walk, head, IPV4_PROTOCOL, BPF_B);
        uint32_t later, whole, node, behind_ah;
        struct layer asked = layer;
        bool kept = looks_back(walk, level);

        if (kept)
                asked.head = walk_variable(walk, LAYER_HEAD);
        behind_ah = switch_carried(walk, asked, walk_passed(walk), inside, NO_NUMBER, 0);
        behind_ah = measure_header(walk, 2, pass_header(walk, behind_ah));
        whole = switch_carried(walk, asked, number, inside, IPPROTO_AH,
                               note_extension(walk, IPPROTO_AH, false, behind_ah));
        asked.later_fragment = true;
        later = switch_carried(walk, asked, number, NULL, NO_NUMBER, 0);
        length = walk_operation(walk, BPF_AND, length, walk_constant(walk, 0xf));
        length = walk_operation(walk, BPF_LSH, length, walk_constant(walk, 2));
        if (head.base != GRAPH_NONE)
                length = walk_operation(walk, BPF_ADD, length, head.base);
        if (whole != walk->end)
                whole = walk_set(walk, LAYER_BODY,
                                 walk_term(walk, (struct place){length, head.add}), whole);
        node = lower_jump(&walk->lower, BPF_JSET, walk_load(walk, head, IPV4_FRAGMENT, BPF_H),
                          FRAGMENT_OFFSET, later, whole);
        if (kept)
                node = walk_move(walk, LAYER_HEAD, head, node);
        layer.stage = STAGE_NETWORK;
        return ask(walk, &layer, node);
}

static uint32_t ipv6(struct walk *walk, uint32_t level, struct place head,
                     const struct entries *inside)
{
        struct layer layer = layer_at(walk, level, CLASS_IPV6, head);
        struct layer asked = layer;
        bool kept = looks_back(walk, level);
        uint32_t node;

        if (kept)
                asked.head = walk_variable(walk, LAYER_HEAD);
        node = extensions(walk, asked, inside);
        if (node != walk->end) {
                node = walk_pass(walk, walk_load(walk, head, IPV6_NEXT, BPF_B), node);
                node = walk_move(walk, LAYER_BODY, walk_behind(head, IPV6_HEADER), node);
        }
        if (kept)
                node = walk_move(walk, LAYER_HEAD, head, node);
        layer.stage = STAGE_NETWORK;
        return ask(walk, &layer, node);
}

/* --- Before it: tags --- */

static uint32_t test_label(struct walk *walk, const struct tree *tree, struct place place,
                           uint32_t yes, uint32_t no)
{
        uint32_t number = tree->test->number;

        if (!tree->test->has_number)
                return yes;
        switch (tree->kind) {
        case TREE_VLAN:
                return lower_masked(&walk->lower, walk_load(walk, place, 0, BPF_H), VLAN_NUMBER,
                                    number, yes, no);
        case TREE_MPLS:
                return lower_masked(&walk->lower, walk_load(walk, place, 0, BPF_W), 0xfffff000,
                                    number << 12, yes, no);
        default:
                return lower_equal(&walk->lower, walk_load(walk, place, 2, BPF_H), number, yes, no);
        }
}

/* Facts of an Ethernet header that ends at `place`. */
static uint32_t note_frame(struct walk *walk, struct place place, uint32_t to)
{
        return walk_note_frame(walk, walk_frame_fact, place, to);
}

/* A label, number `i` of those at LAYER_HEAD: the bottom of the stack passes where it ends. */
static uint32_t label(struct walk *walk, uint32_t i, uint32_t bottom, uint32_t next)
{
        struct place place = walk_behind(walk_variable(walk, LAYER_HEAD), i * MPLS_LABEL);
        uint32_t last = walk_pass(walk, walk_constant(walk, (i + 1) * MPLS_LABEL), bottom);

        next = lower_jump(&walk->lower, BPF_JSET, walk_load(walk, place, 2, BPF_B), MPLS_BOTTOM,
                          last, next);
        return walk_note_facts(walk, TREE_MPLS, test_label, place, next);
}

/* Groups of labels are read from where the first of each is, so that they have the numbers to pass
 * in common. */
static uint32_t mpls(struct walk *walk, const struct entries *entries)
{
        struct place head = walk_variable(walk, LAYER_HEAD);
        struct place passed_over = {walk_operation(walk, BPF_ADD, head.base, walk_passed(walk)), 0};
        uint32_t inside =
            walk_move(walk, LAYER_HEAD, passed_over, walk_by_version(walk, head, entries));
        uint32_t node = entries->other;

        for (uint32_t i = LAYERS_MAX_LABELS; i-- > 0;) {
                node = label(walk, i % MPLS_GROUP, inside, node);
                if (i % MPLS_GROUP == 0 && i > 0)
                        node = walk_set(walk, LAYER_HEAD,
                                        walk_term(walk, walk_behind(head, MPLS_GROUP * MPLS_LABEL)),
                                        node);
        }
        return node;
}

static uint32_t pppoe(struct walk *walk, const struct entries *entries)
{
        struct place head = walk_variable(walk, LAYER_HEAD);
        struct place payload = walk_behind(head, PPPOE_HEADER + PPP_PROTOCOL);
        uint32_t protocol = walk_load(walk, head, PPPOE_HEADER, BPF_H);
        uint32_t node;

        node = lower_equal(&walk->lower, protocol, PPP_IPV6,
                           walk_move(walk, LAYER_HEAD, payload, entries->ipv6), entries->other);
        node = lower_equal(&walk->lower, protocol, PPP_IPV4,
                           walk_move(walk, LAYER_HEAD, payload, entries->ipv4), node);
        node = walk_note_facts(walk, TREE_PPPOES, test_label, head, node);
        /* A code of 0: a session's data. */
        return lower_equal(&walk->lower, walk_load(walk, head, 1, BPF_B), 0, node, entries->other);
}

static const uint16_t vlan_types[] = {ETHERTYPE_VLAN, ETHERTYPE_PROVIDER_VLAN,
                                      ETHERTYPE_OLD_PROVIDER_VLAN,
                                      ETHERTYPE_OLD_PROVIDER_VLAN_2}; /* ascending */

static bool is_vlan(uint32_t type)
{
        for (size_t i = 0; i < array_count(vlan_types); i++)
                if (vlan_types[i] == type)
                        return true;
        return false;
}

/* What an EtherType leads to. */
struct types {
        uint32_t ipv4, ipv6, arp, rarp, mpls, pppoe, vlan, other;
};

static uint32_t target_of(struct walk *walk, const struct types *types, uint32_t level,
                          uint32_t type, struct place head)
{
        switch (type) {
        case ETHERTYPE_IPV4: return types->ipv4;
        case ETHERTYPE_IPV6: return types->ipv6;
        case ETHERTYPE_ARP: return types->arp;
        case ETHERTYPE_RARP: return types->rarp;
        case ETHERTYPE_MPLS:
        case ETHERTYPE_MPLS_MULTICAST: return types->mpls;
        case ETHERTYPE_PPPOES: return types->pppoe;
        default:
                return is_vlan(type) ? types->vlan
                                     : other(walk, level, CLASS_OTHER, (uint16_t)type, head);
        }
}

static int compare_types(const void *one, const void *another)
{
        return *(const uint16_t *)one - *(const uint16_t *)another;
}

static uint32_t by_type(struct walk *walk, const struct types *types, uint32_t level, uint32_t term,
                        struct place head)
{
        static const uint16_t known[] = {ETHERTYPE_IPV4,  ETHERTYPE_ARP,  ETHERTYPE_RARP,
                                         ETHERTYPE_IPV6,  ETHERTYPE_MPLS, ETHERTYPE_MPLS_MULTICAST,
                                         ETHERTYPE_PPPOES};
        const struct layers *layers = walk->layers;
        uint16_t all[array_count(known) + array_count(vlan_types) + MAX_TYPES];
        uint32_t count = 0;
        struct values values;

        for (size_t i = 0; i < array_count(known); i++)
                all[count++] = known[i];
        for (size_t i = 0; i < array_count(vlan_types); i++)
                all[count++] = vlan_types[i];
        for (uint32_t i = 0; i < layers->type_count; i++)
                all[count++] = layers->types[i];
        qsort(all, count, sizeof *all, compare_types);
        walk_begin_values(&values, types->other);
        for (uint32_t i = 0; i < count; i++)
                if (i == 0 || all[i] != all[i - 1])
                        walk_add_value(&values, all[i],
                                       target_of(walk, types, level, all[i], head));
        return walk_end_values(walk, &values, term);
}

/* What an EtherType before LAYER_HEAD, or before `head`, leads to. */
static struct types types_at(struct walk *walk, uint32_t level, struct place head,
                             const struct entries *entries, const struct entries *inside)
{
        bool fixed = head.base == GRAPH_NONE; /* known when the program is made: shorter loads */
        struct types types = {
            .ipv4 = fixed ? ipv4(walk, level, head, inside) : entries->ipv4,
            .ipv6 = walk_move(walk, LAYER_HEAD, head, entries->ipv6),
            .arp = other(walk, level, CLASS_ARP, 0, head),
            .rarp = other(walk, level, CLASS_RARP, 0, head),
            .mpls = walk_move(walk, LAYER_HEAD, head, entries->mpls),
            .pppoe = walk_move(walk, LAYER_HEAD, head, pppoe(walk, entries)),
            .vlan = entries->other,
            .other = entries->other,
        };

        return types;
}

static uint32_t type_before(struct walk *walk, struct place head)
{
        return walk_load(walk, head, (uint32_t)-2, BPF_H);
}

/* The tags from `head` on. */
static uint32_t tags(struct walk *walk, struct place head, uint32_t untagged)
{
        uint32_t node = GRAPH_NONE, end = walk_passed(walk);

        if (head.base != GRAPH_NONE)
                end = walk_operation(walk, BPF_ADD, head.base, end);
        untagged = walk_set(walk, LAYER_HEAD, end, untagged);
        for (uint32_t i = LAYERS_MAX_TAGS; i-- > 0;) {
                struct place tag = walk_behind(head, i * VLAN_TAG),
                             payload = walk_behind(tag, VLAN_TAG);
                uint32_t last = walk_pass(walk, walk_constant(walk, payload.add), untagged);

                if (node == GRAPH_NONE) {
                        node = last;
                } else {
                        struct values values;

                        walk_begin_values(&values, last);
                        for (size_t type = 0; type < array_count(vlan_types); type++)
                                walk_add_value(&values, vlan_types[type], node);
                        node = walk_end_values(walk, &values, type_before(walk, payload));
                }
                node = walk_note_facts(walk, TREE_VLAN, test_label, tag, node);
        }
        return node;
}

/* --- Layers --- */

/* What follows `head`, before which stands `type`; tags may come first, behind which the place of
 * what they announce is a variable. */
static uint32_t frame_at(struct walk *walk, uint32_t level, struct place head, uint32_t type,
                         const struct entries *entries, const struct entries *inside)
{
        struct place moved = walk_variable(walk, LAYER_HEAD);
        struct types types = types_at(walk, level, moved, entries, inside);
        uint32_t untagged = by_type(walk, &types, level, type_before(walk, moved), moved);

        types = types_at(walk, level, head, entries, inside);
        types.vlan = tags(walk, head, untagged);
        return by_type(walk, &types, level, type, head);
}

/* The walk of one layer that begins at LAYER_HEAD. `inside`: the next one, or NULL. */
static struct entries layer_entries(struct walk *walk, uint32_t level, const struct entries *inside)
{
        struct place head = walk_variable(walk, LAYER_HEAD);
        struct entries entries = {.other = other(walk, level, CLASS_OTHER, 0, head)};

        walk->level = level;
        entries.ipv4 = ipv4(walk, level, head, inside);
        entries.ipv6 = ipv6(walk, level, head, inside);
        entries.mpls = mpls(walk, &entries);
        entries.frame = note_frame(
            walk, head, frame_at(walk, level, head, type_before(walk, head), &entries, inside));
        return entries;
}

static uint32_t ancillary(struct walk *walk, unsigned size, int number)
{
        return graph_load(walk->lower.graph, size, GRAPH_NONE, (uint32_t)(SKF_AD_OFF + number));
}

static bool loads_behind_addresses(const struct tree *tree)
{
        const struct tree *index = tree->operands;

        if (tree->kind == TREE_LOAD &&
            (index->kind != TREE_NUMBER || index->number > (uint32_t)MAC_ADDRESSES - tree->size))
                return true;
        for (const struct tree *operand = tree->operands; operand; operand = operand->next)
                if (loads_behind_addresses(operand))
                        return true;
        return false;
}

/* Whether a fact is read from where the outermost tag of a live frame would be, or from behind it.
 */
static bool asks_for_stripped_tag(const struct walk *walk)
{
        for (uint32_t i = 0; i < walk->layers->fact_count; i++) {
                const struct tree *tree = walk->layers->facts[i].tree;

                if (walk_asks(&walk->layers->facts[i], 0) && tree->kind == TREE_RELATION &&
                    loads_behind_addresses(tree))
                        return true;
        }
        return false;
}

/* The outermost tag of a live frame is beside it. */
static uint32_t note_stripped_tag(struct walk *walk, uint32_t node)
{
        uint32_t tag = ancillary(walk, BPF_H, SKF_AD_VLAN_TAG), noted = node;

        for (uint32_t i = walk->layers->fact_count; i-- > 0;) {
                const struct fact *fact = &walk->layers->facts[i];
                const struct tree_test *test = fact->tree->test;
                uint32_t yes = walk_mark(walk, fact->mark, noted);

                if (fact->tree->kind != TREE_VLAN || !walk_asks(fact, 0))
                        continue;
                noted = test->has_number
                            ? lower_masked(&walk->lower, tag, VLAN_NUMBER, test->number, yes, noted)
                            : yes;
        }
        return lower_equal(&walk->lower, ancillary(walk, BPF_B, SKF_AD_VLAN_TAG_PRESENT), 1, noted,
                           node);
}

/* Whether the socket's packets have an Ethernet header is known of the hardware. */
static uint32_t find_live_header(struct walk *walk, uint32_t to)
{
        uint32_t hardware = ancillary(walk, BPF_H, SKF_AD_HATYPE);
        uint32_t with = walk_set(walk, LAYER_HEAD, walk_constant(walk, ETHERNET_HEADER), to);
        uint32_t without = walk_set(walk, LAYER_HEAD, walk_constant(walk, 0), to);

        without = lower_equal(&walk->lower, hardware, ARPHRD_LOOPBACK, with, without);
        return lower_equal(&walk->lower, hardware, ARPHRD_ETHER, with, without);
}

/* An address family. That of DLT_NULL is in the byte order of the machine that captured, and each
 * system has its own number for IPv6: Linux; NetBSD and OpenBSD; FreeBSD; macOS. */
static uint32_t loopback_frame(struct walk *walk, const struct entries *entries)
{
        static const uint32_t ipv4[] = {AF_INET, 0}, ipv6[] = {AF_INET6, 24, 28, 30, 0};
        const struct headers *headers = walk->lower.headers;
        bool either_order = headers->link_type->header->numbers == NET_HOST_FAMILIES;
        uint32_t family = graph_load(walk->lower.graph, BPF_W, GRAPH_NONE, headers->type.add);
        struct place head = {GRAPH_NONE, 0};
        uint32_t node;

        node = walk_is_number(walk, family, ipv6, either_order,
                              walk_move(walk, LAYER_HEAD, head, entries->ipv6), entries->other);
        return walk_is_number(walk, family, ipv4, either_order,
                              walk_move(walk, LAYER_HEAD, head, entries->ipv4), node);
}

/* PPP's number at `offset`; in Cisco's framing, which is told from PPP's by the bytes before it, it
 * is an EtherType, which no number of PPP can be. */
static uint32_t ppp_number(struct walk *walk, const struct entries *entries, uint32_t offset)
{
        static const uint32_t ipv4[] = {PPP_IPV4, ETHERTYPE_IPV4, 0};
        static const uint32_t ipv6[] = {PPP_IPV6, ETHERTYPE_IPV6, 0};
        static const uint32_t mpls[] = {PPP_MPLS, PPP_MPLS_MULTICAST, ETHERTYPE_MPLS,
                                        ETHERTYPE_MPLS_MULTICAST, 0};
        uint32_t number = graph_load(walk->lower.graph, BPF_H, GRAPH_NONE, offset);
        struct place head = {GRAPH_NONE, offset + PPP_PROTOCOL - walk->origin};
        uint32_t node;

        node = walk_is_number(walk, number, mpls, false,
                              walk_move(walk, LAYER_HEAD, head, entries->mpls), entries->other);
        node = walk_is_number(walk, number, ipv6, false,
                              walk_move(walk, LAYER_HEAD, head, entries->ipv6), node);
        return walk_is_number(walk, number, ipv4, false,
                              walk_move(walk, LAYER_HEAD, head, entries->ipv4), node);
}

/* A link header that names the protocol in its own way. */
static uint32_t named_frame(struct walk *walk, const struct entries *entries)
{
        struct lower *lower = &walk->lower;
        struct place head = {GRAPH_NONE, 0};
        uint32_t node;

        switch (lower->headers->link->link_type) {
        case DLT_NULL:
        case DLT_LOOP: return loopback_frame(walk, entries);
        case DLT_PPP: /* with address and control or without */
                return lower_equal(lower, graph_load(lower->graph, BPF_H, GRAPH_NONE, 0),
                                   PPP_FRAMING, ppp_number(walk, entries, lower->headers->type.add),
                                   ppp_number(walk, entries, 0));
        case DLT_PPP_SERIAL: return ppp_number(walk, entries, lower->headers->type.add);
        case DLT_PPP_ETHER: return walk_move(walk, LAYER_HEAD, head, pppoe(walk, entries));
        default:
                node = lower_type(lower, ETHERTYPE_IPV6,
                                  walk_move(walk, LAYER_HEAD, head, entries->ipv6), entries->other);
                return lower_type(lower, ETHERTYPE_IPV4,
                                  walk_move(walk, LAYER_HEAD, head, entries->ipv4), node);
        }
}

static uint32_t outermost(struct walk *walk, const struct entries *inside)
{
        const struct net_link_type *link_type = walk->lower.headers->link_type;
        struct entries entries = layer_entries(walk, 0, inside);
        struct place head = {GRAPH_NONE, 0}, moved = walk_variable(walk, LAYER_HEAD);
        uint32_t node;

        if (walk->lower.headers->link->find)
                return walk_begin_varying(
                    walk, &entries,
                    frame_at(walk, 0, moved, type_before(walk, moved), &entries, inside));
        if (walk->lower.target->place == CBPF_LIVE_ANY || walk->lower.cooked) {
                node = frame_at(walk, 0, moved, ancillary(walk, BPF_H, SKF_AD_PROTOCOL), &entries,
                                inside);
                node = walk->lower.cooked ? walk_set(walk, LAYER_HEAD, walk_constant(walk, 0), node)
                                          : find_live_header(walk, node);
                return note_stripped_tag(walk, node);
        }
        if (!walk->lower.headers->link->tags)
                return named_frame(walk, &entries);
        node = frame_at(
            walk, 0, head,
            graph_load(walk->lower.graph, BPF_H, GRAPH_NONE, walk->lower.headers->type.add),
            &entries, inside);
        if (link_type->ethernet) {
                node = note_frame(walk, head, node);
                if (walk->lower.target->place == CBPF_LIVE && asks_for_stripped_tag(walk))
                        lower_foreign(&walk->lower);
        }
        return walk->lower.target->place == CBPF_LIVE ? note_stripped_tag(walk, node) : node;
}

/* How many layers are asked for anything. */
static uint32_t count_layers(const struct layers *layers)
{
        uint32_t count = 1;

        for (uint32_t i = 0; i < layers->query_count; i++)
                while (layers->queries[i].levels >> count)
                        count++;
        return count;
}

int graph_add_walk(struct graph *graph, struct layers *layers, const struct lists *lists,
                   const struct cbpf_target *target)
{
        struct walk walk = {
            .lower = {.graph = graph, .lists = lists, .layers = layers, .target = target},
            .layers = layers,
            .end = graph->root,
            .accept = graph_return(graph, target->snapshot_length),
            .reject = graph_return(graph, 0),
        };
        struct headers headers = {.link = NULL};
        struct entries entries[LAYERS_COUNT];
        const struct entries *inside = NULL;
        bool foreign;

        if (!lower_set_link(&headers, target->link_type))
                return 1;
        walk.lower.headers = &headers;
        walk.lower.cooked =
            (target->place == CBPF_LIVE && headers.link_type && headers.link_type->cooked) ||
            target->place == CBPF_LIVE_NETWORK;
        if (target->place != CBPF_LIVE_ANY && !walk.lower.cooked && headers.link_type)
                walk.origin = net_link_walk_offset(headers.link_type);
        if (lists)
                lists_sort(lists);
        for (uint32_t level = count_layers(layers); level-- > 1 && !graph->failed;) {
                entries[level] = layer_entries(&walk, level, inside);
                inside = &entries[level];
        }
        graph->root = outermost(&walk, inside);
        if (has_marks(&walk))
                graph->root = walk_set(&walk, LAYER_MARKS, walk_constant(&walk, 0), graph->root);
        foreign = walk.lower.foreign;
        arena_free(&walk.lower.arena);
        return graph->failed ? -1 : foreign ? 1 : 0;
}
