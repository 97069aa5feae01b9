/* Where the C of a graph goes: labels and returns, and what is known at each node. */
#include "c_text.h"

/* What the function looks like from outside. */
static const struct c_outside outsides[CBPF_CONTEXTS] = {
    [CBPF_CONTEXT_SOCKET] = {"socket", "struct __sk_buff", NULL, NULL},
    [CBPF_CONTEXT_TC] = {"tc", "struct __sk_buff", NULL, NULL},
    [CBPF_CONTEXT_XDP] = {"xdp", "struct xdp_md", "XDP_PASS", "XDP_DROP"},
    [CBPF_CONTEXT_CGROUP] = {"cgroup_skb/ingress", "struct __sk_buff", NULL, NULL},
    [CBPF_CONTEXT_NETFILTER] = {"netfilter", "struct bpf_nf_ctx", NULL, NULL},
    [CBPF_CONTEXT_TRACEPOINT] = {"raw_tracepoint/", "struct bpf_raw_tracepoint_args", NULL, NULL},
};

/* At XDP, of packets that may be in pieces. */
static const struct c_outside in_pieces = {"xdp.frags", "struct xdp_md", "XDP_PASS", "XDP_DROP"};

const struct c_outside *c_outside(const struct c_writer *writer)
{
        return writer->target->context == CBPF_CONTEXT_XDP && writer->target->fragments
                   ? &in_pieces
                   : &outsides[writer->target->context];
}

struct c_state *c_state_at(const struct c_writer *writer, enum way way, uint32_t node)
{
        return &writer->states[way * ((size_t)writer->graph->root + 1) + node];
}

const struct node *c_node(const struct c_writer *writer, uint32_t node)
{
        return &writer->graph->nodes[node];
}

void c_label(struct c_writer *writer, enum way way, uint32_t node)
{
        bool copies = way == BY_COPIES && writer->context->direct;

        text_format(&writer->text, "%s_%u", copies ? "copy" : "node", node);
}

/* What is known here holds there only if it does on all other ways, too. */
void c_arrive(struct c_writer *writer, enum way way, uint32_t node)
{
        struct c_state *there = c_state_at(writer, way, node), here = writer->state;

        if (way != writer->way)
                here.checked = here.base = here.base_checked = 0;
        if (!there->arrived) {
                here.arrived = true;
                here.named = false;
                *there = here;
                return;
        }
        if (here.checked < there->checked)
                there->checked = here.checked;
        if (here.base != there->base)
                there->base = there->base_checked = 0;
        else if (here.base_checked < there->base_checked)
                there->base_checked = here.base_checked;
}

void c_return(struct c_writer *writer, uint32_t value)
{
        const struct cbpf_verdicts *verdicts = writer->target->verdicts;
        const char *name = value ? c_outside(writer)->accept : c_outside(writer)->reject;

        if (!verdicts)
                text_format(&writer->text, "return %d;\n", (int32_t)value);
        else if (name)
                text_format(&writer->text, "return %s;\n", name);
        else
                text_format(&writer->text, "return %d;\n",
                            value ? verdicts->accept : verdicts->reject);
}

void c_goto(struct c_writer *writer, enum way way, uint32_t node)
{
        if (c_node(writer, node)->kind == NODE_RETURN) {
                c_return(writer, c_node(writer, node)->k);
                return;
        }
        c_arrive(writer, way, node);
        c_state_at(writer, way, node)->named = true;
        text_string(&writer->text, "goto ");
        c_label(writer, way, node);
        text_string(&writer->text, ";\n");
}
