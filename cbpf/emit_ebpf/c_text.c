/* A decision graph to C that clang compiles for one of the kernel's places. */
#include "c_text.h"

#include <stdlib.h>

enum {
        MAX_CHAIN = 4, /* comparisons; more become a switch */
};

/* Going to nodes */

/* Goes to a node, which may be the one that is written next. */
static void go_on(struct c_writer *writer, uint32_t node)
{
        if (c_node(writer, node)->kind == NODE_RETURN) {
                text_char(&writer->text, '\t');
                c_return(writer, c_node(writer, node)->k);
                return;
        }
        c_arrive(writer, writer->way, node);
        writer->next = node;
}

/* Goes to where the last node goes on, unless `node` is written now, and that is it. */
static void settle(struct c_writer *writer, uint32_t node)
{
        if (writer->next != GRAPH_NONE && writer->next != node) {
                text_char(&writer->text, '\t');
                c_goto(writer, writer->way, writer->next);
        }
        writer->next = GRAPH_NONE;
}

/* Nodes */

/* Goes to the arm's node, or, with `opposite`, returns for all other values and goes on. */
static void write_test(struct c_writer *writer, const struct node *node, uint32_t arm,
                       bool opposite)
{
        uint32_t low = node->arms[arm].from, high = graph_arm_end(node, arm);
        uint32_t to = opposite ? graph_usual_target(node) : node->arms[arm].to;
        struct text *text = &writer->text;

        text_string(text, "\tif (value ");
        if (low == high)
                text_format(text, "%s 0x%x", opposite ? "!=" : "==", low);
        else if (low == 0)
                text_format(text, "%s 0x%x", opposite ? ">" : "<=", high);
        else if (high == UINT32_MAX)
                text_format(text, "%s 0x%x", opposite ? "<" : ">=", low);
        else
                text_format(text, opposite ? "< 0x%x || value > 0x%x" : ">= 0x%x && value <= 0x%x",
                            low, high);
        text_string(text, ")\n\t\t");
        c_goto(writer, writer->way, to);
        if (opposite)
                go_on(writer, node->arms[arm].to);
}

/* Tests arm after arm for what does not happen usually. */
static void write_chain(struct c_writer *writer, const struct node *node)
{
        uint32_t usual = graph_usual_target(node), last = node->count - 1;
        bool opposite;

        while (node->arms[last].to == usual)
                last--;
        opposite = c_node(writer, usual)->kind == NODE_RETURN &&
                   c_node(writer, node->arms[last].to)->kind != NODE_RETURN;
        for (uint32_t arm = 0; arm <= last; arm++)
                if (node->arms[arm].to != usual)
                        write_test(writer, node, arm, opposite && arm == last);
        if (!opposite)
                go_on(writer, usual);
}

static void write_case(struct c_writer *writer, const struct node *node, uint32_t arm)
{
        uint32_t low = node->arms[arm].from, high = graph_arm_end(node, arm);

        if (low == high)
                text_format(&writer->text, "\tcase 0x%x: ", low);
        else
                text_format(&writer->text, "\tcase 0x%x ... 0x%x: ", low, high);
        c_goto(writer, writer->way, node->arms[arm].to);
}

/* Two terms compared: the first arm is for "no". */
static void write_comparison(struct c_writer *writer, const struct node *node)
{
        text_string(&writer->text, "\tif ");
        c_term(writer, node->term);
        text_string(&writer->text, "\n\t\t");
        c_goto(writer, writer->way, node->arms[node->count - 1].to);
        go_on(writer, node->arms[0].to);
}

static void write_switch(struct c_writer *writer, uint32_t number)
{
        const struct node *node = c_node(writer, number);
        unsigned kind = writer->graph->terms[node->term].kind;
        uint32_t usual = graph_usual_target(node), tests = 0;

        c_prepare(writer, number, node->term);
        if (kind == TERM_EQUAL || kind == TERM_GREATER) {
                write_comparison(writer, node);
                return;
        }
        for (uint32_t arm = 0; arm < node->count; arm++)
                tests += node->arms[arm].to != usual;
        writer->used[C_VALUE] = true;
        text_string(&writer->text, "\tvalue = ");
        c_term(writer, node->term);
        text_string(&writer->text, ";\n");
        if (tests <= MAX_CHAIN) {
                write_chain(writer, node);
                return;
        }
        text_string(&writer->text, "\tswitch (value) {\n");
        for (uint32_t arm = 0; arm < node->count; arm++)
                if (node->arms[arm].to != usual)
                        write_case(writer, node, arm);
        text_string(&writer->text, "\t}\n");
        go_on(writer, usual);
}

/* What a node stores in a variable or an argument. */
struct assignment {
        uint32_t term; /* or GRAPH_NONE */
        unsigned kind; /* TERM_VARIABLE or TERM_ARGUMENT */
        uint32_t k;
};

static void assign(struct c_writer *writer, const struct assignment *assignment, bool kept)
{
        bool variable = assignment->kind == TERM_VARIABLE;

        (variable ? writer->used_variables : writer->used_arguments)[assignment->k] = true;
        text_format(&writer->text, "\t%c%u = ", variable ? 'v' : 'a', assignment->k);
        if (kept)
                text_string(&writer->text, "kept");
        else
                c_term(writer, assignment->term);
        text_string(&writer->text, ";\n");
}

/* Assigns up to two, which both are made of what holds before. */
static void write_assignments(struct c_writer *writer, uint32_t number,
                              const struct assignment both[2])
{
        bool keep = both[0].term != GRAPH_NONE && both[1].term != GRAPH_NONE;

        if (both[1].term != GRAPH_NONE) {
                c_prepare(writer, number, both[1].term);
                if (keep) {
                        writer->used[C_KEPT] = true;
                        text_string(&writer->text, "\tkept = ");
                        c_term(writer, both[1].term);
                        text_string(&writer->text, ";\n");
                }
        }
        if (both[0].term != GRAPH_NONE) {
                c_prepare(writer, number, both[0].term);
                assign(writer, &both[0], false);
        }
        if (both[1].term != GRAPH_NONE)
                assign(writer, &both[1], keep);
        for (int i = 0; i < 2; i++)
                if (both[i].term != GRAPH_NONE)
                        c_forget(writer, both[i].kind, both[i].k);
        go_on(writer, c_node(writer, number)->arms[0].to);
}

static void write_return_of(struct c_writer *writer, uint32_t number)
{
        uint32_t term = c_node(writer, number)->term;

        if (writer->target->verdicts)
                writer->impossible = true;
        c_prepare(writer, number, term);
        text_string(&writer->text, "\treturn ");
        c_term(writer, term);
        text_string(&writer->text, ";\n");
}

static void write_node(struct c_writer *writer, uint32_t number)
{
        const struct node *node = c_node(writer, number);

        settle(writer, number);
        writer->state = *c_state_at(writer, writer->way, number);
        if (writer->state.named) {
                c_label(writer, writer->way, number);
                text_string(&writer->text, ":\n");
        }
        switch (node->kind) {
        case NODE_SWITCH: write_switch(writer, number); break;
        case NODE_RETURN_TERM: write_return_of(writer, number); break;
        case NODE_SET:
                write_assignments(writer, number,
                                  (struct assignment[]){{node->term, TERM_VARIABLE, node->k},
                                                        {node->arms[0].from, TERM_ARGUMENT, 0}});
                break;
        case NODE_CALL:
                write_assignments(writer, number,
                                  (struct assignment[]){{node->term, TERM_ARGUMENT, 0},
                                                        {node->k, TERM_ARGUMENT, 1}});
                break;
        }
}

/* Descending numbers are an order in which all ways to a node come before it. */
static void write_nodes(struct c_writer *writer, enum way way)
{
        writer->way = way;
        for (uint32_t i = writer->graph->root + 1; i-- > 0 && !writer->impossible;)
                if (c_state_at(writer, way, i)->arrived)
                        write_node(writer, i);
        settle(writer, GRAPH_NONE);
}

/* The function */

static void write_statements(struct c_writer *writer)
{
        enum way way = writer->context->direct ? DIRECT : BY_COPIES;

        writer->way = way;
        writer->next = GRAPH_NONE;
        go_on(writer, writer->graph->root);
        writer->next = GRAPH_NONE;
        write_nodes(writer, way);
        if (way == DIRECT && writer->target->fragments)
                write_nodes(writer, BY_COPIES);
}

static void declare(const struct c_writer *writer, struct text *text)
{
        static const struct {
                enum c_variable variable;
                const char *declaration;
        } declarations[] = {
            {C_DATA, "void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;"},
            {C_AT, "void *at;"},
            {C_OFFSET, "__u64 offset;"},
            {C_VALUE, "__u32 value;"},
            {C_KEPT, "__u32 kept;"},
            {C_PACKET, "struct bpf_dynptr packet;"},
        };

        for (size_t i = 0; i < sizeof declarations / sizeof *declarations; i++)
                if (writer->used[declarations[i].variable])
                        text_format(text, "\t%s\n", declarations[i].declaration);
        if (writer->used[C_START])
                text_format(text, "\t__u8 start[%d] __attribute__((aligned(8)));\n", START_ROOM);
        if (writer->used[C_NEAR])
                text_format(text, "\t__u8 near[%d] __attribute__((aligned(8)));\n", BASE_ROOM);
        for (unsigned i = 0; i < SINGLES; i++)
                if (writer->used_singles >> i & 1)
                        text_format(text, "\t__u8 single_%u[4] __attribute__((aligned(4)));\n", i);
        for (unsigned i = 0; i < GRAPH_MAX_VARIABLES; i++)
                if (writer->used_variables[i])
                        text_format(text, "\t__u32 v%u = 0;\n", i);
        for (unsigned i = 0; i < ARGUMENTS; i++)
                if (writer->used_arguments[i])
                        text_format(text, "\t__u32 a%u = 0;\n", i);
}

/* What a program at netfilter knows of the kernel. */
static const char netfilter[] =
    "struct sk_buff {\n"
    "\tunsigned int len;\n"
    "} __attribute__((preserve_access_index));\n"
    "\n"
    "struct bpf_nf_ctx {\n"
    "\tconst void *state;\n"
    "\tstruct sk_buff *skb;\n"
    "};\n"
    "\n"
    "extern int bpf_dynptr_from_skb(struct __sk_buff *skb, __u64 flags, struct bpf_dynptr "
    "*packet)\n"
    "\t__ksym;\n"
    "#define COPY(ctx, from, to, length) bpf_dynptr_read(to, length, &packet, from, 0)\n"
    "\n";

static void write_file(const struct c_writer *writer, struct text *text)
{
        const struct c_outside *outside = c_outside(writer);
        const bool finds =
            writer->context->is_address && c_node(writer, writer->graph->root)->kind != NODE_RETURN;

        text_string(text, "#include <linux/bpf.h>\n"
                          "#include <bpf/bpf_helpers.h>\n");
        if (finds)
                text_string(text, "#include <bpf/bpf_core_read.h>\n");
        text_string(text, "\n"
                          "#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__\n"
                          "#define NET16(n) ((__u32)__builtin_bswap16(n))\n"
                          "#define NET32(n) __builtin_bswap32(n)\n"
                          "#else\n"
                          "#define NET16(n) ((__u32)(__u16)(n))\n"
                          "#define NET32(n) (n)\n"
                          "#endif\n"
                          "#define BYTE(at) ((__u32)*(__u8 *)(at))\n"
                          "#define HALF(at) NET16(*(__u16 *)(at))\n"
                          "#define WORD(at) NET32(*(__u32 *)(at))\n"
                          "\n");
        if (writer->context->is_dynptr)
                text_string(text, netfilter);
        if (finds)
                c_skb_declare(writer, text);
        text_format(text, "SEC(\"%s%s\")\nint filter(%s *ctx)\n{\n", outside->section,
                    writer->context->is_address ? writer->target->tracepoint->name : "",
                    outside->argument);
        declare(writer, text);
        if (finds)
                c_skb_begin(writer, text);
        text_char(text, '\n');
        if (writer->used[C_PACKET])
                text_string(text,
                            "\tbpf_dynptr_from_skb((struct __sk_buff *)ctx->skb, 0, &packet);\n");
        text_put(text, writer->text.start, writer->text.length);
        text_string(text, "}\n\nchar _license[] SEC(\"license\") = \"GPL\";\n");
}

int emit_ebpf_c(const struct graph *graph, const struct cbpf_extended_target *target, char **text)
{
        struct c_writer writer = {
            .graph = graph,
            .target = target,
            .context = &emission_contexts[target->context],
        };
        struct text file = {0};

        needs_find(&writer.needs, graph);
        writer.states = calloc(WAYS * ((size_t)graph->root + 1), sizeof *writer.states);
        file.failed = writer.needs.failed || !writer.states;
        if (!file.failed) {
                write_statements(&writer);
                file.failed = writer.text.failed;
                if (!file.failed)
                        write_file(&writer, &file);
        }
        *text = text_take(&file);
        needs_free(&writer.needs);
        free(writer.states);
        text_free(&writer.text);
        if (!*text)
                return -1;
        if (writer.impossible) {
                free(*text);
                *text = NULL;
        }
        return writer.impossible;
}
