/* Tags and what they wrap: VLAN, MPLS and PPPoE, after which the headers are elsewhere. */
#include "lowering.h"

#include <linux/filter.h>

enum {
        VLAN_TAG = 4, /* bytes, all of them */
        MPLS_LABEL = 4,
        PPPOE_HEADER = 6,
        PPP_PROTOCOL = 2,

        VLAN_NUMBER = 0xfff,
        MPLS_NUMBER_SHIFT = 12, /* above so many bits of other things */
};

/* The type announces a tag. */
static uint32_t tag_type(struct lower *lower, uint32_t yes, uint32_t no)
{
        no = lower_type(lower, ETHERTYPE_OLD_PROVIDER_VLAN, yes, no);
        no = lower_type(lower, ETHERTYPE_PROVIDER_VLAN, yes, no);
        return lower_type(lower, ETHERTYPE_VLAN, yes, no);
}

static uint32_t tag_number(struct lower *lower, const struct tree_test *test, uint32_t yes,
                           uint32_t no)
{
        uint32_t tag = lower_load(lower, HEADER_NETWORK, 0, BPF_H);

        if (!test->has_number)
                return yes;
        return lower_masked(lower, tag, VLAN_NUMBER, test->number, yes, no);
}

uint32_t lower_vlan(struct lower *lower, const struct tree *tree, uint32_t yes, uint32_t no)
{
        if (!lower->headers->link_type->ethernet || lower->headers->mpls_labels > 0)
                return lower_foreign(lower);
        return tag_type(lower, tag_number(lower, tree->test, yes, no), no);
}

static uint32_t ancillary(struct lower *lower, uint32_t field)
{
        return graph_load(lower->graph, BPF_B, GRAPH_NONE, (uint32_t)SKF_AD_OFF + field);
}

static uint32_t is_in_buffer(struct lower *lower, uint32_t yes, uint32_t no)
{
        return lower_equal(lower, ancillary(lower, SKF_AD_VLAN_TAG_PRESENT), 1, yes, no);
}

/* The number of a tag in the socket buffer or the frame. */
static uint32_t live_number(struct lower *lower, const struct tree_test *test, uint32_t yes,
                            uint32_t no)
{
        uint32_t tag = ancillary(lower, SKF_AD_VLAN_TAG);

        if (!test->has_number)
                return yes;
        return is_in_buffer(lower, lower_masked(lower, tag, VLAN_NUMBER, test->number, yes, no),
                            tag_number(lower, test, yes, no));
}

bool lower_splits(const struct lower *lower, const struct tree *tree)
{
        return tree->kind == TREE_VLAN && lower->target->place == CBPF_LIVE &&
               lower->headers->link_type->ethernet && lower->headers->vlan_tags == 0;
}

/* If the tag is not in the socket buffer, later tests look 4 bytes further on, whether or not the
 * frame has a tag. */
uint32_t lower_live_vlan(struct lower *lower, const struct tree *tree, const uint32_t yes[2],
                         const uint32_t no[2])
{
        uint32_t in_buffer = live_number(lower, tree->test, yes[0], no[0]);
        uint32_t in_frame = live_number(lower, tree->test, yes[1], no[1]);

        if (lower->headers->mpls_labels > 0)
                return lower_foreign(lower);
        return is_in_buffer(lower, in_buffer, tag_type(lower, in_frame, no[1]));
}

/* The first label is announced by the link type, others by the one before. */
uint32_t lower_mpls(struct lower *lower, const struct tree *tree, uint32_t yes, uint32_t no)
{
        const struct link *link = lower->headers->link;
        uint32_t label = lower_load(lower, HEADER_NETWORK, 0, BPF_W);
        uint32_t before = lower_load(lower, HEADER_NETWORK, (uint32_t)-2, BPF_B);

        if (tree->test->has_number)
                yes = lower_masked(lower, label, UINT32_MAX << MPLS_NUMBER_SHIFT,
                                   tree->test->number << MPLS_NUMBER_SHIFT, yes, no);
        if (lower->headers->mpls_labels > 0)
                return lower_masked(lower, before, 1, 0, yes, no);
        return link->mpls ? lower_type(lower, link->mpls, yes, no) : lower_foreign(lower);
}

uint32_t lower_pppoed(struct lower *lower, const struct tree *tree, uint32_t yes, uint32_t no)
{
        (void)tree;
        return lower_type(lower, ETHERTYPE_PPPOED, yes, no);
}

uint32_t lower_pppoes(struct lower *lower, const struct tree *tree, uint32_t yes, uint32_t no)
{
        uint32_t session = lower_load(lower, HEADER_NETWORK, 0, BPF_W);

        if (tree->test->has_number)
                yes = lower_masked(lower, session, 0xffff, tree->test->number, yes, no);
        return lower_type(lower, ETHERTYPE_PPPOES, yes, no);
}

void lower_move(const struct lower *lower, const struct tree *tree, struct headers *headers)
{
        switch (tree->kind) {
        case TREE_VLAN:
                headers->vlan_tags++;
                if (lower_splits(lower, tree)) {
                        headers->varies = true;
                        return;
                }
                headers->type += VLAN_TAG;
                headers->payload += VLAN_TAG;
                return;
        case TREE_MPLS:
                headers->network += MPLS_LABEL;
                headers->network_8022 += MPLS_LABEL;
                headers->mpls_labels++;
                return;
        case TREE_PPPOES:
                lower_set_link(headers, DLT_PPP,
                               headers->payload + headers->network + PPPOE_HEADER);
                headers->type = headers->link_header; /* without address and control */
                headers->payload = headers->link_header + PPP_PROTOCOL;
                headers->link_varies = headers->varies;
                return;
        }
}
