/* Where the outermost layer begins, if what comes in front of it varies in length: behind the log
 * header of OpenBSD's packet filter; behind an 802.11 frame's header and what a radio puts before
 * it. */
#include "base/array.h"
#include "layers.h"

#include <linux/filter.h>
#include <sys/socket.h>

enum {
        /* Of an 802.11 frame's first byte: version, type, and whether it is without data. */
        FRAME_KIND = 0x4f,
        FRAME_DATA = 0x08,
        FRAME_QOS = 0x80,

        /* Of the second. */
        FRAME_DIRECTION = 0x03, /* to and from a distribution system: a fourth address */
        FRAME_PROTECTED = 0x40,
        FRAME_ORDER = 0x80, /* with QoS: HT control follows */

        FRAME_SEQUENCE = 22, /* offset */
        FRAME_FRAGMENT = 0x0f,
        FRAME_HEADER = 24,
        FOURTH_ADDRESS = 6,
        QOS_CONTROL = 2,
        QOS_AGGREGATE = 0x80, /* several payloads */
        HT_CONTROL = 4,
        SNAP_HEADER = 8,

        RADIO_LENGTH = 2, /* of radiotap's and PPI's header: offset, 16 bits, little endian */
        RADIOTAP_PRESENT = 4,
        RADIOTAP_HAS_TIME = 0x01000000, /* as read big endian */
        RADIOTAP_HAS_FLAGS = 0x02000000,
        RADIOTAP_HAS_MORE = 0x80, /* words like this one */
        RADIOTAP_MAX_WORDS = 5,   /* that are passed */
        RADIOTAP_TIME = 8,        /* bytes, at a multiple of as many */
        RADIOTAP_PADDED = 0x20,   /* the frame's header, to a multiple of 4 bytes */

        PPI_LINK_TYPE = 4,
        AVS_LENGTH = 4,
        PRISM_HEADER = 0x90,
};

#define SNAP_START 0xaaaa0300u
#define PPI_WLAN 0x69000000u  /* DLT_IEEE802_11, little endian */
#define AVS_MAGIC 0x80211000u /* and a version */
#define AVS_MAGIC_MASK 0xfffff000u

/* --- 802.11 --- */

/* What a frame leads to: LAYER_HEAD behind a SNAP header, or nothing that is known. */
struct ways {
        uint32_t known, other;
};

/* An EtherType as RFC 1042 has it, or 802.1H. */
static uint32_t snap(struct walk *walk, const struct ways *ways)
{
        enum { BRIDGE_TUNNEL = 0x00f8 }; /* the end of its organization; the other has 0 */
        struct place head = walk_variable(walk, LAYER_HEAD);
        uint32_t organization = walk_load(walk, head, (uint32_t)-4, BPF_H);
        uint32_t node =
            lower_equal(&walk->lower, organization, BRIDGE_TUNNEL, ways->known, ways->other);

        node = lower_equal(&walk->lower, organization, 0, ways->known, node);
        return lower_equal(&walk->lower, walk_load(walk, head, (uint32_t)-SNAP_HEADER, BPF_W),
                           SNAP_START, node, ways->other);
}

static uint32_t pass_length(struct walk *walk, uint32_t length, bool padded, uint32_t to)
{
        if (padded)
                length = (length + 3) & ~3u;
        return walk_pass(walk, walk_constant(walk, length + SNAP_HEADER), to);
}

/* The header's length, of which `length` is known, as QoS says. */
static uint32_t with_qos(struct walk *walk, struct place frame, uint32_t length, bool padded,
                         uint32_t to, uint32_t other)
{
        struct lower *lower = &walk->lower;
        uint32_t node = lower_jump(lower, BPF_JSET, walk_load(walk, frame, 1, BPF_B), FRAME_ORDER,
                                   pass_length(walk, length + QOS_CONTROL + HT_CONTROL, padded, to),
                                   pass_length(walk, length + QOS_CONTROL, padded, to));

        node = lower_jump(lower, BPF_JSET, walk_load(walk, frame, length, BPF_B), QOS_AGGREGATE,
                          other, node);
        return lower_jump(lower, BPF_JSET, walk_load(walk, frame, 0, BPF_B), FRAME_QOS, node,
                          pass_length(walk, length, padded, to));
}

/* The frame at a place: of a data frame that is not encrypted, and no later fragment, what is
 * behind its header. */
static uint32_t in_frame(struct walk *walk, struct place frame, bool padded,
                         const struct ways *ways)
{
        struct lower *lower = &walk->lower;
        uint32_t control = walk_load(walk, frame, 0, BPF_B);
        uint32_t direction = walk_load(walk, frame, 1, BPF_B);
        uint32_t end = walk_passed(walk), node;

        if (frame.base != GRAPH_NONE)
                end = walk_operation(walk, BPF_ADD, frame.base, end);
        end = walk_set(walk, LAYER_HEAD, end, snap(walk, ways));
        node = lower_masked(
            lower, direction, FRAME_DIRECTION, FRAME_DIRECTION,
            with_qos(walk, frame, FRAME_HEADER + FOURTH_ADDRESS, padded, end, ways->other),
            with_qos(walk, frame, FRAME_HEADER, padded, end, ways->other));
        node = lower_jump(lower, BPF_JSET, walk_load(walk, frame, FRAME_SEQUENCE, BPF_B),
                          FRAME_FRAGMENT, ways->other, node);
        node = lower_jump(lower, BPF_JSET, direction, FRAME_PROTECTED, ways->other, node);
        return lower_masked(lower, control, FRAME_KIND, FRAME_DATA, node, ways->other);
}

static uint32_t test_frame(struct walk *walk, const struct tree *tree, struct place place,
                           uint32_t yes, uint32_t no)
{
        struct lower *lower = &walk->lower;
        const struct headers *before = lower->headers;
        struct headers headers = *before;
        uint32_t node;

        headers.link_header = place;
        lower->headers = &headers;
        switch (tree->kind) {
        case TREE_MAC: node = lower_wlan_mac(lower, tree, yes, no); break;
        case TREE_BROADCAST: node = lower_wlan_broadcast(lower, tree, yes, no); break;
        case TREE_MULTICAST: node = lower_wlan_multicast(lower, tree, yes, no); break;
        default: node = walk_frame_fact(walk, tree, walk_behind(place, ETHERNET_HEADER), yes, no);
        }
        lower->headers = before;
        return node;
}

static uint32_t flags_at(struct walk *walk, uint32_t offset, uint32_t padded, uint32_t plain)
{
        return lower_jump(&walk->lower, BPF_JSET,
                          walk_load(walk, (struct place){GRAPH_NONE, 0}, offset, BPF_B),
                          RADIOTAP_PADDED, padded, plain);
}

/* Radiotap's flags stand behind all words that say what is present, and the time. */
static uint32_t if_padded(struct walk *walk, uint32_t padded, uint32_t plain)
{
        struct lower *lower = &walk->lower;
        uint32_t present = lower_load_outermost(lower, RADIOTAP_PRESENT, BPF_W), node = plain;

        for (uint32_t i = RADIOTAP_MAX_WORDS; i-- > 0;) {
                uint32_t word = RADIOTAP_PRESENT + 4 * i, end = word + 4;
                uint32_t behind_time =
                    (end + RADIOTAP_TIME - 1) / RADIOTAP_TIME * RADIOTAP_TIME + RADIOTAP_TIME;
                uint32_t last = lower_jump(lower, BPF_JSET, present, RADIOTAP_HAS_TIME,
                                           flags_at(walk, behind_time, padded, plain),
                                           flags_at(walk, end, padded, plain));

                node = lower_jump(lower, BPF_JSET, lower_load_outermost(lower, word, BPF_W),
                                  RADIOTAP_HAS_MORE, node, last);
        }
        return lower_jump(lower, BPF_JSET, present, RADIOTAP_HAS_FLAGS, node, plain);
}

/* The frame that begins at `start`. */
static uint32_t frame_at(struct walk *walk, uint32_t start, const struct ways *ways)
{
        struct place frame = walk_variable(walk, LAYER_FRAME);
        uint32_t node = in_frame(walk, frame, false, ways);

        if (walk->lower.target->link_type == DLT_IEEE802_11_RADIO)
                node = if_padded(walk, in_frame(walk, frame, true, ways), node);
        node = walk_note_frame(walk, test_frame, frame, node);
        return walk_set(walk, LAYER_FRAME, start, node);
}

static uint32_t little_endian_length(struct walk *walk)
{
        struct lower *lower = &walk->lower;
        uint32_t high = lower_load_outermost(lower, RADIO_LENGTH + 1, BPF_B);

        high = walk_operation(walk, BPF_LSH, high, walk_constant(walk, 8));
        return walk_operation(walk, BPF_OR, lower_load_outermost(lower, RADIO_LENGTH, BPF_B), high);
}

static uint32_t begin_wlan(struct walk *walk, const struct ways *ways)
{
        struct lower *lower = &walk->lower;
        struct place start = {GRAPH_NONE, 0};
        uint32_t node;

        switch (lower->target->link_type) {
        case DLT_IEEE802_11_RADIO: return frame_at(walk, little_endian_length(walk), ways);
        case DLT_PPI: /* as without layers, nothing else than 802.11 matches */
                return lower_equal(lower, lower_load_outermost(lower, PPI_LINK_TYPE, BPF_W),
                                   PPI_WLAN, frame_at(walk, little_endian_length(walk), ways),
                                   walk->reject);
        case DLT_IEEE802_11_RADIO_AVS:
                return frame_at(walk, lower_load_outermost(lower, AVS_LENGTH, BPF_W), ways);
        case DLT_PRISM_HEADER:
                node = frame_at(walk, lower_load_outermost(lower, AVS_LENGTH, BPF_W), ways);
                return lower_masked(lower, lower_load_outermost(lower, 0, BPF_W), AVS_MAGIC_MASK,
                                    AVS_MAGIC, node,
                                    frame_at(walk, walk_constant(walk, PRISM_HEADER), ways));
        default:
                node = in_frame(walk, start, false, ways);
                return walk_note_frame(walk, test_frame, start, node);
        }
}

/* --- The packet filter's log --- */

/* Each system has its own number for IPv6. */
static uint32_t begin_behind_pf(struct walk *walk, const struct entries *entries)
{
        static const uint32_t ipv4[] = {AF_INET, 0}, ipv6[] = {AF_INET6, 24, 28, 30, 0};
        struct lower *lower = &walk->lower;
        uint32_t family = lower_load_outermost(lower, 1, BPF_B), end, node;

        end = walk_operation(walk, BPF_ADD, lower_load_outermost(lower, 0, BPF_B),
                             walk_constant(walk, 3));
        end = walk_operation(walk, BPF_AND, end, walk_constant(walk, ~3u));
        node = walk_is_number(walk, family, ipv6, false, entries->ipv6, entries->other);
        node = walk_is_number(walk, family, ipv4, false, entries->ipv4, node);
        return walk_set(walk, LAYER_HEAD, end, node);
}

uint32_t walk_begin_varying(struct walk *walk, const struct entries *entries, uint32_t typed)
{
        struct ways ways = {typed, entries->other};

        return walk->lower.headers->link->wlan ? begin_wlan(walk, &ways)
                                               : begin_behind_pf(walk, entries);
}
