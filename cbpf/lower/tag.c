/* Tags and what they wrap: VLAN, MPLS and PPPoE, after which the headers are elsewhere. */
#include "lowering.h"

enum {
        VLAN_TAG = 4, /* bytes, all of them */
        VLAN_TYPE = 2,
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
        if (!lower->headers->link->tags || lower->headers->mpls_labels > 0)
                return lower_foreign(lower);
        return tag_type(lower, tag_number(lower, tree->test, yes, no), no);
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

        if (lower->headers->link->find)
                return lower_foreign(lower);
        if (tree->test->has_number)
                yes = lower_masked(lower, session, 0xffff, tree->test->number, yes, no);
        return lower_type(lower, ETHERTYPE_PPPOES, yes, no);
}

void lower_move(const struct tree *tree, struct headers *headers)
{
        switch (tree->kind) {
        case TREE_VLAN:
                headers->type = headers->payload;
                headers->type.add +=
                    headers->link->wlan ? VLAN_TAG + headers->link->type : VLAN_TYPE;
                headers->payload.add += VLAN_TAG;
                if (headers->link->tags && !headers->link->wlan)
                        lower_set_tagged(headers);
                return;
        case TREE_MPLS:
                headers->network += MPLS_LABEL;
                headers->network_8022 += MPLS_LABEL;
                headers->mpls_labels++;
                return;
        case TREE_PPPOES:
                lower_set_link(headers, DLT_PPP,
                               headers->payload.add + headers->network + PPPOE_HEADER);
                headers->type = headers->link_header; /* without address and control */
                headers->payload.add = headers->link_header.add + PPP_PROTOCOL;
                return;
        }
}
