/* 802.11 frames: their tests, and where their parts start, as what comes in front of a frame, and
 * the frame's own header, vary in length.
 *
 * The tests ask the same bits again and again, as libpcap's do: that leaves the same graph. */
#include "lowering.h"

enum {
        /* Of the frame's first byte. */
        FRAME_TYPE = 0x0c,
        FRAME_DATA = 0x08,
        FRAME_CONTROL = 0x04,
        FRAME_SUBTYPE = 0xf0,
        FRAME_CTS = 0xc0, /* subtypes of control frames */
        FRAME_ACK = 0xd0,
        FRAME_QOS = 0x80, /* of data frames */

        /* Of the second. */
        FRAME_DIRECTION = 0x03,
        FRAME_TO_SYSTEM = 0x01,
        FRAME_FROM_SYSTEM = 0x02,

        /* Offsets. */
        ADDRESS_1 = 4,
        ADDRESS_2 = 10,
        ADDRESS_3 = 16,
        ADDRESS_4 = 24,

        HEADER_LENGTH = 24,
        QOS_LENGTH = 2, /* more */
};

/* --- Where the frame and its payload start --- */

enum {
        RADIO_LENGTH = 2, /* of radiotap's and PPI's header: offset, 16 bits, little endian */
        RADIOTAP_PRESENT = 4,
        RADIOTAP_HAS_TIME = 0x01000000, /* as read big endian */
        RADIOTAP_HAS_FLAGS = 0x02000000,
        RADIOTAP_HAS_MORE = 0x80, /* words like this one */
        RADIOTAP_FLAGS = 8,       /* where no time comes before */
        RADIOTAP_TIME_LENGTH = 8,
        RADIOTAP_PADDED = 0x20, /* the frame's header, to a multiple of 4 bytes */

        PPI_LINK_TYPE = 4,
        AVS_LENGTH = 4,
        PRISM_HEADER_LENGTH = 0x90,
        PRISM_LENGTH = 4, /* of an AVS header, which may stand in the place of Prism's */
};

#define PPI_WLAN 0x69000000u  /* DLT_IEEE802_11, little endian */
#define AVS_MAGIC 0x80211000u /* and a version */
#define AVS_MAGIC_MASK 0xfffff000u

static uint32_t add(struct lower *lower, uint32_t term, uint32_t number)
{
        return graph_operation(lower->graph, BPF_ADD, term, graph_constant(lower->graph, number));
}

static uint32_t start_at_multiple_of_4(struct lower *lower)
{
        uint32_t start = add(lower, lower->starts[START_PAYLOAD], 3);

        start = graph_operation(lower->graph, BPF_AND, start, graph_constant(lower->graph, ~3u));
        return lower_start_at(lower, START_PAYLOAD, start, lower->rest);
}

static uint32_t has_flag(struct lower *lower, uint32_t offset, uint32_t yes, uint32_t no)
{
        return lower_jump(lower, BPF_JSET, lower_load_outermost(lower, offset, BPF_B),
                          RADIOTAP_PADDED, yes, no);
}

static uint32_t step_over_padding(struct lower *lower)
{
        uint32_t present = lower_load_outermost(lower, RADIOTAP_PRESENT, BPF_W);
        uint32_t plain = lower->rest(lower), padded = start_at_multiple_of_4(lower);
        uint32_t node =
            lower_jump(lower, BPF_JSET, present, RADIOTAP_HAS_TIME,
                       has_flag(lower, RADIOTAP_FLAGS + RADIOTAP_TIME_LENGTH, padded, plain),
                       has_flag(lower, RADIOTAP_FLAGS, padded, plain));

        node = lower_jump(lower, BPF_JSET, present, RADIOTAP_HAS_MORE, plain, node);
        return lower_jump(lower, BPF_JSET, present, RADIOTAP_HAS_FLAGS, node, plain);
}

static uint32_t frame_byte(struct lower *lower, uint32_t offset)
{
        uint32_t link = lower->starts[START_LINK];

        if (link == GRAPH_NONE)
                return lower_load_outermost(lower, offset, BPF_B);
        return graph_load(lower->graph, BPF_B, link, offset);
}

static uint32_t step_over_rest(struct lower *lower)
{
        uint32_t control = frame_byte(lower, 0);
        uint32_t start = lower->starts[START_PAYLOAD];
        /* With `geneve`, libpcap forgets about padding, and does not ask what PPI has in it. */
        bool padded = lower->target->link_type == DLT_IEEE802_11_RADIO && !lower->tunnels;
        lower_step *step = padded ? step_over_padding : lower->rest;
        uint32_t other = lower->rest(lower);
        uint32_t node = lower_jump(
            lower, BPF_JSET, control, FRAME_QOS,
            lower_start_at(lower, START_PAYLOAD, add(lower, start, QOS_LENGTH), step), step(lower));

        node = lower_jump(lower, BPF_JSET, control, FRAME_CONTROL, other, node);
        return lower_jump(lower, BPF_JSET, control, FRAME_DATA, node, other);
}

static uint32_t step_over_frame_header(struct lower *lower)
{
        uint32_t link = lower->starts[START_LINK];

        if (!lower->asked[START_PAYLOAD])
                return lower->rest(lower);
        return lower_start_at(lower, START_PAYLOAD,
                              link == GRAPH_NONE ? graph_constant(lower->graph, HEADER_LENGTH)
                                                 : add(lower, link, HEADER_LENGTH),
                              step_over_rest);
}

uint32_t lower_find_wlan(struct lower *lower)
{
        return step_over_frame_header(lower);
}

uint32_t lower_find_radiotap(struct lower *lower)
{
        struct graph *graph = lower->graph;
        uint32_t high = lower_load_outermost(lower, RADIO_LENGTH + 1, BPF_B);
        uint32_t low = lower_load_outermost(lower, RADIO_LENGTH, BPF_B);

        high = graph_operation(graph, BPF_LSH, high, graph_constant(graph, 8));
        return lower_start_at(lower, START_LINK, graph_operation(graph, BPF_OR, low, high),
                              step_over_frame_header);
}

uint32_t lower_find_ppi(struct lower *lower)
{
        if (lower->tunnels)
                return lower_find_radiotap(lower);
        return lower_equal(lower, lower_load_outermost(lower, PPI_LINK_TYPE, BPF_W), PPI_WLAN,
                           lower_find_radiotap(lower), graph_return(lower->graph, 0));
}

uint32_t lower_find_avs(struct lower *lower)
{
        return lower_start_at(lower, START_LINK, lower_load_outermost(lower, AVS_LENGTH, BPF_W),
                              step_over_frame_header);
}

uint32_t lower_find_prism(struct lower *lower)
{
        uint32_t magic = lower_load_outermost(lower, 0, BPF_W);
        uint32_t avs =
            lower_start_at(lower, START_LINK, lower_load_outermost(lower, PRISM_LENGTH, BPF_W),
                           step_over_frame_header);
        uint32_t prism =
            lower_start_at(lower, START_LINK, graph_constant(lower->graph, PRISM_HEADER_LENGTH),
                           step_over_frame_header);

        return lower_masked(lower, magic, AVS_MAGIC_MASK, AVS_MAGIC, avs, prism);
}

/* --- Tests --- */

static uint32_t control_byte(struct lower *lower)
{
        return lower_load(lower, HEADER_LINK, 0, BPF_B);
}

static uint32_t direction_byte(struct lower *lower)
{
        return lower_load(lower, HEADER_LINK, 1, BPF_B);
}

uint32_t lower_wlan_data(struct lower *lower, uint32_t yes, uint32_t no)
{
        uint32_t control = control_byte(lower);

        yes = lower_jump(lower, BPF_JSET, control, FRAME_DATA, yes, no);
        return lower_jump(lower, BPF_JSET, control, FRAME_CONTROL, no, yes);
}

uint32_t lower_wlan_type(struct lower *lower, const struct tree *tree, uint32_t yes, uint32_t no)
{
        if (!lower->headers->link->wlan || lower->target->link_type == DLT_PPI)
                return lower_foreign(lower);
        return lower_masked(lower, control_byte(lower), tree->test->mask, tree->test->number, yes,
                            no);
}

uint32_t lower_wlan_direction(struct lower *lower, const struct tree *tree, uint32_t yes,
                              uint32_t no)
{
        if (!lower->headers->link->wlan || lower->target->link_type == DLT_PPI)
                return lower_foreign(lower);
        return lower_masked(lower, direction_byte(lower), FRAME_DIRECTION, tree->test->number, yes,
                            no);
}

/* A test of the address at `offset`. */
typedef uint32_t address_test(struct lower *lower, const struct tree *tree, uint32_t offset,
                              uint32_t yes, uint32_t no);

/* One of the addresses that the frame may have for the same purpose: if a byte has no bit of
 * `mask`. */
static uint32_t if_without(struct lower *lower, uint32_t byte, uint32_t mask, uint32_t node,
                           uint32_t other)
{
        return lower_jump(lower, BPF_JSET, byte, mask, other, node);
}

static uint32_t if_with(struct lower *lower, uint32_t byte, uint32_t mask, uint32_t node,
                        uint32_t other)
{
        return lower_jump(lower, BPF_JSET, byte, mask, node, other);
}

static uint32_t source(struct lower *lower, const struct tree *tree, address_test *test,
                       uint32_t yes, uint32_t no)
{
        uint32_t control = control_byte(lower), direction = direction_byte(lower);
        uint32_t node = test(lower, tree, ADDRESS_4, yes, no);

        node = if_with(lower, direction, FRAME_TO_SYSTEM, node, no);
        node = if_without(lower, direction, FRAME_TO_SYSTEM,
                          test(lower, tree, ADDRESS_3, yes, node), node);
        node = if_with(lower, direction, FRAME_FROM_SYSTEM, node, no);
        node = if_without(lower, direction, FRAME_FROM_SYSTEM,
                          test(lower, tree, ADDRESS_2, yes, node), node);
        node = if_with(lower, control, FRAME_DATA, node, no);
        node =
            if_without(lower, control, FRAME_DATA, test(lower, tree, ADDRESS_2, yes, node), node);
        return if_without(lower, control, FRAME_CONTROL, node, no);
}

static uint32_t destination(struct lower *lower, const struct tree *tree, address_test *test,
                            uint32_t yes, uint32_t no)
{
        uint32_t control = control_byte(lower), direction = direction_byte(lower);
        uint32_t node = test(lower, tree, ADDRESS_3, yes, no);

        node = if_with(lower, direction, FRAME_TO_SYSTEM, node, no);
        node = if_without(lower, direction, FRAME_TO_SYSTEM,
                          test(lower, tree, ADDRESS_1, yes, node), node);
        node = if_with(lower, control, FRAME_DATA, node, no);
        node =
            if_without(lower, control, FRAME_DATA, test(lower, tree, ADDRESS_1, yes, node), node);
        return if_without(lower, control, FRAME_CONTROL, node, no);
}

static uint32_t equals(struct lower *lower, const struct tree *tree, uint32_t offset, uint32_t yes,
                       uint32_t no)
{
        const uint8_t *mac = tree->test->mac;
        struct word words[] = {
            {lower_load(lower, HEADER_LINK, offset + 2, BPF_W), UINT32_MAX, net_read(mac + 2, 4)},
            {lower_load(lower, HEADER_LINK, offset, BPF_H), UINT32_MAX, net_read(mac, 2)},
        };

        return lower_match(lower, tree, words, 2, yes, no);
}

static uint32_t is_broadcast(struct lower *lower, const struct tree *tree, uint32_t offset,
                             uint32_t yes, uint32_t no)
{
        (void)tree;
        yes =
            lower_equal(lower, lower_load(lower, HEADER_LINK, offset, BPF_H), UINT16_MAX, yes, no);
        return lower_equal(lower, lower_load(lower, HEADER_LINK, offset + 2, BPF_W), UINT32_MAX,
                           yes, no);
}

static uint32_t is_multicast(struct lower *lower, const struct tree *tree, uint32_t offset,
                             uint32_t yes, uint32_t no)
{
        (void)tree;
        return lower_jump(lower, BPF_JSET, lower_load(lower, HEADER_LINK, offset, BPF_B), 1, yes,
                          no);
}

static uint32_t test_end(struct lower *lower, const struct tree *tree, const struct ends *ends,
                         uint32_t offset, uint32_t yes, uint32_t no)
{
        return (offset == ends->source ? source : destination)(lower, tree, equals, yes, no);
}

/* Two kinds of control frame have no second address. */
static uint32_t second_address(struct lower *lower, const struct tree *tree, uint32_t yes,
                               uint32_t no)
{
        uint32_t control = control_byte(lower);
        uint32_t node = equals(lower, tree, ADDRESS_2, yes, no);
        uint32_t other = lower_masked(lower, control, FRAME_SUBTYPE, FRAME_ACK, no, node);

        other = lower_masked(lower, control, FRAME_SUBTYPE, FRAME_CTS, no, other);
        return lower_masked(lower, control, FRAME_TYPE, FRAME_CONTROL, other, node);
}

uint32_t lower_wlan_mac(struct lower *lower, const struct tree *tree, uint32_t yes, uint32_t no)
{
        static const struct ends ends = {.test = test_end, .source = 0, .destination = 1};
        uint32_t control = control_byte(lower);

        switch (tree->test->qualifiers.direction) {
        case DIRECTION_ADDR1: return equals(lower, tree, ADDRESS_1, yes, no);
        case DIRECTION_ADDR2: return second_address(lower, tree, yes, no);
        case DIRECTION_ADDR3:
                return lower_masked(lower, control, FRAME_TYPE, FRAME_CONTROL, no,
                                    equals(lower, tree, ADDRESS_3, yes, no));
        case DIRECTION_ADDR4:
                return lower_masked(lower, direction_byte(lower), FRAME_DIRECTION,
                                    FRAME_TO_SYSTEM | FRAME_FROM_SYSTEM,
                                    equals(lower, tree, ADDRESS_4, yes, no), no);
        case DIRECTION_RA:
                return if_with(lower, control, FRAME_DATA, equals(lower, tree, ADDRESS_1, yes, no),
                               no);
        case DIRECTION_TA:
                return if_with(lower, control, FRAME_DATA, second_address(lower, tree, yes, no),
                               no);
        default: return lower_ends(lower, tree, &ends, yes, no);
        }
}

uint32_t lower_wlan_broadcast(struct lower *lower, const struct tree *tree, uint32_t yes,
                              uint32_t no)
{
        return destination(lower, tree, is_broadcast, yes, no);
}

uint32_t lower_wlan_multicast(struct lower *lower, const struct tree *tree, uint32_t yes,
                              uint32_t no)
{
        return destination(lower, tree, is_multicast, yes, no);
}
