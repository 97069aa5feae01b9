/* Tag stripping: from what a filter means on a packet as it is saved to what it asks of a live
 * socket. The kernel takes the outermost VLAN tag out of a frame and keeps it beside, in the socket
 * buffer; whoever shows or saves the frame puts it back. On `any`, capture/live.c puts a LINUX_SLL2
 * header in the place of the Ethernet header as well. So that a live filter answers as it would on
 * the packet saved, its graph is copied once for each form in which the kernel may show the packet,
 * with each load led to where its bytes are. Jump threading and the others then share what the
 * copies have in common.
 *
 * A load at a computed offset, where that may be on either side of the tag, asks for the offset
 * first. As the load itself computes it, no load is added. In the same way the differences between
 * the kernel and those who run a program on a file are made up for: offsets that wrap, and shifts
 * by 32 bits or more.
 *
 * Variables, of what is inside of tunnels, are all behind the tag. They are set to where the kernel
 * has that, so that the loads that use them stay as they are. */
#include "lower.h"
#include "net/protocols.h"

#include "base/array.h"

#include <linux/filter.h>
#include <linux/if_arp.h>
#include <stdlib.h>

enum {
        MAX_PIECES = 10,
        MAX_VARYING = 32,  /* terms of a node with loads from either side of the tag */
        MAX_UNDECIDED = 2, /* of these, those that is_undecided() tells: each multiplies nodes */
        ETHERNET_HEADER = 14,
        MAC_ADDRESSES = 12,
        SLL2_HEADER = 20,
};

/* Bytes of the packet as it is saved, from `from` up to the next piece. */
struct piece {
        uint32_t from;
        enum {
                FRAME,   /* in the frame that the kernel shows, `moved` bytes further on */
                FIELD,   /* what `term` is */
                UNKNOWN, /* no one tells the filter */
        } kind;
        uint32_t moved;
        uint32_t term;
};

/* A form in which the kernel shows packets; GRAPH_NONE for a term that is not asked. */
struct view {
        struct piece pieces[MAX_PIECES];
        uint32_t count;
        uint32_t added; /* bytes in the saved packet that the kernel does not count */
        uint32_t tag_type;
};

struct strip {
        struct graph *graph;
        struct view view;
        uint32_t *terms, *nodes; /* by number: what it becomes */
        bool *varies;            /* by number of a term: what it becomes depends on an offset */
        bool *inside;            /* by number of a term: a variable is part of it */
        struct arm *arms;        /* room for those of a node */
};

static uint32_t ancillary(struct graph *graph, unsigned size, uint32_t field)
{
        return graph_load(graph, size, GRAPH_NONE, (uint32_t)SKF_AD_OFF + field);
}

/* --- The forms --- */

static void add_frame(struct view *view, uint32_t from, uint32_t moved)
{
        view->pieces[view->count++] = (struct piece){from, FRAME, moved, GRAPH_NONE};
}

static void add_field(struct view *view, uint32_t from, uint32_t term)
{
        view->pieces[view->count++] = (struct piece){from, FIELD, 0, term};
}

static struct view ethernet_view(struct graph *graph, bool tagged)
{
        struct view view = {.tag_type = GRAPH_NONE};

        add_frame(&view, 0, 0);
        if (!tagged)
                return view;
        view.tag_type = ancillary(graph, BPF_H, SKF_AD_VLAN_TPID);
        add_field(&view, MAC_ADDRESSES, view.tag_type);
        add_field(&view, MAC_ADDRESSES + 2, ancillary(graph, BPF_H, SKF_AD_VLAN_TAG));
        add_frame(&view, MAC_ADDRESSES + 4, (uint32_t)-4);
        view.added = 4;
        return view;
}

/* LINUX_SLL2 in front of what is `header` bytes into the frame. The type behind a tag is that of
 * the frame, whatever the kernel makes of an 802.3 length; that of the kernel where packets begin
 * behind it. */
static struct view sll2_view(struct graph *graph, uint32_t header, bool tagged)
{
        struct view view = {.tag_type = GRAPH_NONE};
        uint32_t payload = SLL2_HEADER;

        if (tagged)
                view.tag_type = ancillary(graph, BPF_H, SKF_AD_VLAN_TPID);
        add_field(&view, 0, tagged ? view.tag_type : ancillary(graph, BPF_H, SKF_AD_PROTOCOL));
        add_field(&view, 2, graph_constant(graph, 0));
        add_field(&view, 4, ancillary(graph, BPF_W, SKF_AD_IFINDEX));
        add_field(&view, 8, ancillary(graph, BPF_H, SKF_AD_HATYPE));
        add_field(&view, 10, ancillary(graph, BPF_B, SKF_AD_PKTTYPE));
        view.pieces[view.count++] = (struct piece){11, UNKNOWN, 0, GRAPH_NONE}; /* the address */
        if (tagged) {
                add_field(&view, payload, ancillary(graph, BPF_H, SKF_AD_VLAN_TAG));
                payload += 2;
        }
        if (tagged && header == 0) {
                add_field(&view, payload, ancillary(graph, BPF_H, SKF_AD_PROTOCOL));
                payload += 2;
        }
        add_frame(&view, payload, header - payload);
        view.added = payload - header;
        return view;
}

/* --- Loads --- */

/* Stands for what the kernel cannot tell. If the filter asks for it, it cannot run there. */
static uint32_t impossible_term(struct graph *graph)
{
        return graph_argument(graph, SYMBOLIC_UNIQUE);
}

static bool is_impossible(struct graph *graph)
{
        uint32_t term = impossible_term(graph);
        bool *reached = calloc(graph->root + (size_t)1, sizeof *reached);
        bool found = false;

        if (!reached) {
                graph->failed = true;
                return false;
        }
        reached[graph->root] = true;
        for (uint32_t i = graph->root + 1; i-- > 0 && !found;) {
                const struct node *node = &graph->nodes[i];

                if (!reached[i])
                        continue;
                if (node->kind != NODE_RETURN)
                        found = graph_contains(graph, node->term, term);
                for (uint32_t arm = 0; arm < node->count; arm++)
                        reached[node->arms[arm].to] = true;
        }
        free(reached);
        return found;
}

/* The number of the piece that has the byte at `offset`. */
static uint32_t piece_of(const struct view *view, uint64_t offset)
{
        uint32_t i = view->count - 1;

        while (view->pieces[i].from > offset)
                i--;
        return i;
}

static uint64_t piece_end(const struct view *view, uint32_t piece)
{
        return piece + 1 < view->count ? view->pieces[piece + 1].from : (uint64_t)UINT32_MAX + 1;
}

/* `size` bytes of a field, `first` bytes into it and `behind` before its end. The kernel serves
 * fields whole, whatever the size of the load, so those in front have no mask. */
static uint32_t part(struct graph *graph, uint32_t field, uint32_t first, uint32_t behind,
                     uint32_t size)
{
        field = graph_operation(graph, BPF_RSH, field, graph_constant(graph, 8 * behind));
        return first == 0 ? field
                          : graph_operation(graph, BPF_AND, field,
                                            graph_constant(graph, (1u << 8 * size) - 1));
}

/* `size` bytes of the saved packet, where the kernel has them. */
static uint32_t bytes_at(struct strip *strip, uint32_t offset, uint32_t size)
{
        static const uint8_t codes[] = {[1] = BPF_B, [2] = BPF_H, [4] = BPF_W};
        struct graph *graph = strip->graph;
        uint32_t number = piece_of(&strip->view, offset), high, low;
        const struct piece *piece = &strip->view.pieces[number];
        uint64_t end = piece_end(&strip->view, number);

        if (offset + (uint64_t)size <= end) {
                switch (piece->kind) {
                case FRAME:
                        return graph_load(graph, codes[size], GRAPH_NONE, offset + piece->moved);
                case FIELD:
                        return part(graph, piece->term, offset - piece->from,
                                    (uint32_t)end - offset - size, size);
                default: return impossible_term(graph);
                }
        }
        high = bytes_at(strip, offset, size / 2);
        low = bytes_at(strip, offset + size / 2, size / 2);
        high = graph_operation(graph, BPF_LSH, high, graph_constant(graph, 4 * size));
        return graph_operation(graph, BPF_OR, high, low);
}

/* A load at `base` plus `k`, all of it behind what is `moved`. A difference below 0 is computed: as
 * the constant of a load, it would make the sum wrap. */
static uint32_t moved_load(struct graph *graph, const struct term *load, uint32_t base,
                           uint32_t moved)
{
        uint32_t k = load->k + moved;

        if (k <= INT32_MAX)
                return graph_load(graph, load->code, base, k);
        base = graph_operation(graph, BPF_SUB, base, graph_constant(graph, -k));
        return graph_load(graph, load->code, base, 0);
}

/* A packet that is saved with its tag has none beside it. */
static bool is_of_tag(uint32_t offset)
{
        return offset == (uint32_t)SKF_AD_OFF + SKF_AD_VLAN_TAG ||
               offset == (uint32_t)SKF_AD_OFF + SKF_AD_VLAN_TAG_PRESENT ||
               offset == (uint32_t)SKF_AD_OFF + SKF_AD_VLAN_TPID;
}

static uint32_t strip_load(struct strip *strip, const struct term *load)
{
        struct graph *graph = strip->graph;

        if (is_of_tag(load->k))
                return graph_constant(graph, 0);
        if (load->k > INT32_MAX) /* other ancillary data, or past the end of any packet */
                return graph_load(graph, load->code, GRAPH_NONE, load->k);
        return bytes_at(strip, load->k, graph_load_size(load));
}

static bool is_inside(const bool *inside, const struct term *term)
{
        switch (term->kind) {
        case TERM_VARIABLE: return true;
        case TERM_LOAD: return term->a != GRAPH_NONE && inside[term->a];
        case TERM_OPERATION: return inside[term->a] || (term->b != GRAPH_NONE && inside[term->b]);
        default: return false;
        }
}

/* True for a sum of a variable, or none, and what is not so great that the sum may wrap. */
static bool counts_from_variable(const struct strip *strip, uint32_t base)
{
        const struct term *terms = strip->graph->terms, *sum = &terms[base];

        if (sum->kind == TERM_VARIABLE)
                return true;
        return sum->kind == TERM_OPERATION && sum->code == BPF_ADD &&
               ((terms[sum->a].kind == TERM_VARIABLE && terms[sum->b].high <= UINT16_MAX) ||
                (terms[sum->b].kind == TERM_VARIABLE && terms[sum->a].high <= UINT16_MAX));
}

/* True if the kernel has all that the load may ask for `moved` by as much. */
static bool is_uniform(const struct strip *strip, const struct term *load, uint32_t *moved)
{
        const struct term *base = &strip->graph->terms[load->a];
        uint64_t least = (uint64_t)base->low + load->k;
        uint64_t most = (uint64_t)base->high + load->k + graph_load_size(load) - 1;
        uint32_t piece = piece_of(&strip->view, least);

        *moved = strip->view.pieces[piece].moved;
        return strip->view.pieces[piece].kind == FRAME && most < piece_end(&strip->view, piece) &&
               most <= INT32_MAX;
}

/* --- Terms --- */

static uint32_t strip_term(struct strip *strip, struct term term)
{
        struct graph *graph = strip->graph;
        uint32_t moved;

        switch (term.kind) {
        case TERM_CONSTANT: return graph_constant(graph, term.k);
        case TERM_LENGTH:
                return graph_operation(graph, BPF_ADD, graph_length(graph),
                                       graph_constant(graph, strip->view.added));
        case TERM_LOAD:
                if (term.a == GRAPH_NONE)
                        return strip_load(strip, &term);
                if (strip->inside[term.a])
                        return counts_from_variable(strip, term.a)
                                   ? graph_load(graph, term.code, strip->terms[term.a], term.k)
                                   : impossible_term(graph);
                return is_uniform(strip, &term, &moved)
                           ? moved_load(graph, &term, strip->terms[term.a], moved)
                           : impossible_term(graph); /* until decide() is here */
        case TERM_OPERATION:
                return graph_operation(graph, term.code, strip->terms[term.a],
                                       term.b == GRAPH_NONE ? GRAPH_NONE : strip->terms[term.b]);
        case TERM_ARGUMENT: return graph_argument(graph, term.k);
        case TERM_VARIABLE: return graph_variable(graph, term.k);
        default: return 0; /* a comparison: with its node */
        }
}

/* True for a shift by a count that may be too great: the kernel takes it modulo 32. */
static bool may_shift_all(const struct strip *strip, const struct term *term)
{
        return term->kind == TERM_OPERATION && (term->code == BPF_LSH || term->code == BPF_RSH) &&
               strip->graph->terms[term->b].high >= 32;
}

/* True if what the term becomes depends on where its load is, or on the count of its shift. */
static bool is_undecided(const struct strip *strip, const struct term *term)
{
        uint32_t moved;

        if (term->kind == TERM_LOAD)
                return term->a != GRAPH_NONE && !strip->inside[term->a] &&
                       !is_uniform(strip, term, &moved);
        return may_shift_all(strip, term);
}

static bool does_vary(const struct strip *strip, const struct term *term)
{
        if (is_undecided(strip, term))
                return true;
        switch (term->kind) {
        case TERM_LOAD: return term->a != GRAPH_NONE && strip->varies[term->a];
        case TERM_OPERATION:
        case TERM_EQUAL:
        case TERM_GREATER:
                return strip->varies[term->a] || (term->b != GRAPH_NONE && strip->varies[term->b]);
        default: return false;
        }
}

/* --- Nodes --- */

/* The kernel knows two types of tags only. */
static uint32_t switch_on_type(struct strip *strip, const struct node *node)
{
        uint32_t customer = node->arms[graph_arm(node, ETHERTYPE_VLAN)].to;
        uint32_t provider = node->arms[graph_arm(node, ETHERTYPE_PROVIDER_VLAN)].to;
        struct arm arms[] = {{0, strip->nodes[customer]},
                             {ETHERTYPE_PROVIDER_VLAN, strip->nodes[provider]}};

        return graph_switch(strip->graph, strip->view.tag_type, arms, 2);
}

/* With what was added, no length wraps. */
static uint32_t switch_on_length(struct strip *strip, const struct node *node)
{
        uint32_t added = strip->view.added, first = graph_arm(node, added);

        for (uint32_t i = first; i < node->count; i++)
                strip->arms[i - first] = (struct arm){i > first ? node->arms[i].from - added : 0,
                                                      strip->nodes[node->arms[i].to]};
        return graph_switch(strip->graph, graph_length(strip->graph), strip->arms,
                            node->count - first);
}

static uint32_t strip_switch(struct strip *strip, const struct node *node)
{
        struct graph *graph = strip->graph;
        struct term term = graph->terms[node->term];

        if (term.kind == TERM_EQUAL || term.kind == TERM_GREATER)
                return graph_branch(graph, term.kind == TERM_EQUAL ? BPF_JEQ : BPF_JGT,
                                    strip->terms[term.a], strip->terms[term.b],
                                    strip->nodes[node->arms[graph_arm(node, 1)].to],
                                    strip->nodes[node->arms[0].to]);
        if (strip->view.tag_type != GRAPH_NONE && strip->terms[node->term] == strip->view.tag_type)
                return switch_on_type(strip, node);
        if (term.kind == TERM_LENGTH)
                return switch_on_length(strip, node);
        for (uint32_t i = 0; i < node->count; i++)
                strip->arms[i] = (struct arm){node->arms[i].from, strip->nodes[node->arms[i].to]};
        return graph_switch(graph, strip->terms[node->term], strip->arms, node->count);
}

/* What is found from the start of a tunnel is moved as that is. */
static uint32_t strip_set(struct strip *strip, const struct node *node)
{
        struct graph *graph = strip->graph;
        uint32_t moved = strip->view.pieces[strip->view.count - 1].moved;
        uint32_t term = strip->terms[node->term];

        if (!strip->inside[node->term])
                term = graph_operation(graph, BPF_ADD, term, graph_constant(graph, moved));
        return graph_set(graph, node->k, term, GRAPH_NONE, strip->nodes[node->arms[0].to]);
}

static uint32_t strip_node(struct strip *strip, const struct node *node)
{
        switch (node->kind) {
        case NODE_SET: return strip_set(strip, node);
        case NODE_RETURN: return graph_return(strip->graph, node->k);
        case NODE_RETURN_TERM: return graph_return_term(strip->graph, strip->terms[node->term]);
        default: return strip_switch(strip, node);
        }
}

/* --- Computed offsets and counts --- */

/* The terms of a node that vary, operands before what they belong to. */
struct varying {
        uint32_t terms[MAX_VARYING];
        uint32_t count, undecided;
};

/* Returns false if there are too many. */
static bool find_varying(const struct strip *strip, uint32_t root, struct varying *varying)
{
        varying->terms[0] = root;
        varying->count = 1;
        for (uint32_t i = 0; i < varying->count; i++) { /* the greatest number comes next */
                const struct term *term;

                for (uint32_t j = i + 1; j < varying->count; j++) {
                        uint32_t other = varying->terms[j];

                        if (other > varying->terms[i]) {
                                varying->terms[j] = varying->terms[i];
                                varying->terms[i] = other;
                        }
                }
                term = &strip->graph->terms[varying->terms[i]];
                for (int operand = 0; operand < 2; operand++) {
                        uint32_t number = operand && term->kind != TERM_LOAD ? term->b : term->a;
                        bool is_new = number != GRAPH_NONE && strip->varies[number];

                        for (uint32_t j = i; j < varying->count; j++)
                                is_new &= varying->terms[j] != number;
                        if (is_new && varying->count == MAX_VARYING)
                                return false;
                        if (is_new)
                                varying->terms[varying->count++] = number;
                }
        }
        varying->undecided = 0;
        for (uint32_t i = 0; i < varying->count; i++)
                varying->undecided += is_undecided(strip, &strip->graph->terms[varying->terms[i]]);
        return varying->undecided <= MAX_UNDECIDED;
}

/* The offset from which on a load of `size` bytes is in the next piece, or in another mixture. */
static uint64_t next_offset(const struct view *view, uint64_t offset, uint32_t size)
{
        uint32_t piece = piece_of(view, offset);
        uint64_t end = piece_end(view, piece);

        if (view->pieces[piece].kind != FRAME || offset + size > end)
                return offset + 1;
        return end > INT32_MAX ? (uint64_t)INT32_MAX + 1 : end - size + 1;
}

static uint32_t decide(struct strip *strip, const struct node *node, const struct varying *varying,
                       uint32_t left);

/* Makes the node for each place where the load may be. */
static uint32_t decide_load(struct strip *strip, const struct node *node,
                            const struct varying *varying, uint32_t left)
{
        enum { MAX_PLACES = 40 };
        struct graph *graph = strip->graph;
        uint32_t number = varying->terms[left];
        struct term load = graph->terms[number];
        uint32_t base = strip->terms[load.a], size = graph_load_size(&load), count = 0;
        uint64_t offset = (uint64_t)graph->terms[load.a].low + load.k;
        uint64_t most = (uint64_t)graph->terms[load.a].high + load.k;
        struct arm arms[MAX_PLACES];

        while (offset <= INT32_MAX && offset <= most && count < MAX_PLACES - 1) {
                uint64_t next = next_offset(&strip->view, offset, size);
                uint32_t moved = strip->view.pieces[piece_of(&strip->view, offset)].moved;

                strip->terms[number] = next > offset + 1 ? moved_load(graph, &load, base, moved)
                                                         : bytes_at(strip, (uint32_t)offset, size);
                arms[count] = (struct arm){count ? (uint32_t)(offset - load.k) : 0,
                                           decide(strip, node, varying, left)};
                count++;
                offset = next;
        }
        /* Past the end of any packet; where the sum wraps, the kernel would look elsewhere. */
        if (offset <= most) {
                arms[count] =
                    (struct arm){count ? (uint32_t)(offset - load.k) : 0, graph_return(graph, 0)};
                count++;
        }
        return graph_switch(graph, base, arms, count);
}

/* Makes the node for a count of bits that is less than 32, and for others. */
static uint32_t decide_shift(struct strip *strip, const struct node *node,
                             const struct varying *varying, uint32_t left)
{
        struct graph *graph = strip->graph;
        uint32_t number = varying->terms[left];
        struct term shift = graph->terms[number];
        uint32_t count = strip->terms[shift.b], some, all;

        strip->terms[number] = strip_term(strip, shift);
        some = decide(strip, node, varying, left);
        strip->terms[number] = graph_constant(graph, 0);
        all = decide(strip, node, varying, left);
        return graph_branch(graph, BPF_JGE, count, graph_constant(graph, 32), all, some);
}

/* Makes the node, with all terms but the first `left` of `varying` known. */
static uint32_t decide(struct strip *strip, const struct node *node, const struct varying *varying,
                       uint32_t left)
{
        while (left-- > 0 && !strip->graph->failed) {
                uint32_t number = varying->terms[left];
                struct term term = strip->graph->terms[number];

                if (is_undecided(strip, &term))
                        return term.kind == TERM_LOAD ? decide_load(strip, node, varying, left)
                                                      : decide_shift(strip, node, varying, left);
                strip->terms[number] = strip_term(strip, term);
        }
        return strip->graph->failed ? 0 : strip_node(strip, node);
}

static uint32_t strip_varying(struct strip *strip, const struct node *node)
{
        struct varying varying;

        if (find_varying(strip, node->term, &varying))
                return decide(strip, node, &varying, varying.count);
        return graph_return_term(strip->graph, impossible_term(strip->graph));
}

/* --- The copies --- */

static uint32_t copy(struct strip *strip, const struct view *view, uint32_t terms, uint32_t root)
{
        struct graph *graph = strip->graph;

        strip->view = *view;
        for (uint32_t i = 0; i < terms && !graph->failed; i++) {
                struct term term = graph->terms[i];

                strip->inside[i] = is_inside(strip->inside, &term);
                strip->varies[i] = does_vary(strip, &term);
                strip->terms[i] = strip_term(strip, term);
        }
        for (uint32_t i = 0; i <= root && !graph->failed; i++) {
                struct node node = graph->nodes[i];
                bool varies = (node.kind == NODE_SWITCH || node.kind == NODE_RETURN_TERM) &&
                              strip->varies[node.term];

                strip->nodes[i] = varies ? strip_varying(strip, &node) : strip_node(strip, &node);
        }
        return graph->failed ? 0 : strip->nodes[root];
}

static uint32_t is_tagged(struct graph *graph, uint32_t yes, uint32_t no)
{
        return graph_branch(graph, BPF_JEQ, ancillary(graph, BPF_B, SKF_AD_VLAN_TAG_PRESENT),
                            graph_constant(graph, 1), yes, no);
}

static uint32_t has_ethernet_header(struct graph *graph, uint32_t yes, uint32_t no)
{
        uint32_t hardware = ancillary(graph, BPF_H, SKF_AD_HATYPE);

        no =
            graph_branch(graph, BPF_JEQ, hardware, graph_constant(graph, ARPHRD_LOOPBACK), yes, no);
        return graph_branch(graph, BPF_JEQ, hardware, graph_constant(graph, ARPHRD_ETHER), yes, no);
}

static uint32_t copy_all(struct strip *strip, enum cbpf_place place, uint32_t terms, uint32_t root)
{
        struct graph *graph = strip->graph;
        const bool any = place == CBPF_LIVE_ANY, network = place == CBPF_LIVE_NETWORK;
        struct view headless = sll2_view(graph, 0, false);
        struct view plain = network ? headless
                            : any   ? sll2_view(graph, ETHERNET_HEADER, false)
                                    : ethernet_view(graph, false);
        struct view tagged = network ? sll2_view(graph, 0, true)
                             : any   ? sll2_view(graph, MAC_ADDRESSES, true)
                                     : ethernet_view(graph, true);
        uint32_t if_plain = copy(strip, &plain, terms, root);
        uint32_t if_tagged = copy(strip, &tagged, terms, root);

        if (any && !graph->failed)
                if_plain =
                    has_ethernet_header(graph, if_plain, copy(strip, &headless, terms, root));
        return graph->failed ? 0 : is_tagged(graph, if_tagged, if_plain);
}

static uint32_t most_arms(const struct graph *graph)
{
        uint32_t most = 0;

        for (uint32_t i = 0; i <= graph->root; i++)
                if (graph->nodes[i].count > most)
                        most = graph->nodes[i].count;
        return most;
}

int graph_strip_tag(struct graph *graph, enum cbpf_place place)
{
        uint32_t terms = graph->term_count, root = graph->root;
        struct strip strip = {
            .graph = graph,
            .terms = calloc(terms + (size_t)1, sizeof *strip.terms),
            .nodes = calloc(root + (size_t)1, sizeof *strip.nodes),
            .varies = calloc(terms + (size_t)1, sizeof *strip.varies),
            .inside = calloc(terms + (size_t)1, sizeof *strip.inside),
            .arms = calloc(most_arms(graph) + (size_t)1, sizeof *strip.arms),
        };
        bool impossible;

        if (!strip.terms || !strip.nodes || !strip.varies || !strip.inside || !strip.arms)
                graph->failed = true;
        else
                graph->root = copy_all(&strip, place, terms, root);
        free(strip.terms);
        free(strip.nodes);
        free(strip.varies);
        free(strip.inside);
        free(strip.arms);
        impossible = !graph->failed && is_impossible(graph);
        return graph->failed ? -1 : impossible ? 1 : 0;
}
