/* Terms in C, and what has to be there before them. */
#include "c_text.h"

#include <linux/filter.h>

static const struct term *term_at(const struct c_writer *writer, uint32_t term)
{
        return &writer->graph->terms[term];
}

static uint32_t base_of(const struct c_writer *writer, const struct term *load)
{
        return needs_base(&writer->needs, load->a);
}

/* Statements */

static void check_end(struct c_writer *writer, uint32_t node, const char *place, uint32_t end)
{
        writer->used[C_DATA] = true;
        text_format(&writer->text, "\tif (%s + %u > end)\n\t\t", place, end);
        if (writer->target->fragments)
                c_goto(writer, BY_COPIES, node);
        else
                c_return(writer, 0);
}

/* Begins a call that copies bytes; its offset follows. */
static void begin_copy(struct c_writer *writer)
{
        const struct context *context = writer->context;

        writer->used[C_PACKET] |= context->is_dynptr;
        text_format(&writer->text, "\tif (%s(ctx, ",
                    context->is_dynptr || context->is_address ? "COPY" : context->copier->name);
}

static void end_copy(struct c_writer *writer, const char *to, uint32_t at, uint32_t length)
{
        text_format(&writer->text, ", %s", to);
        if (at > 0)
                text_format(&writer->text, " + %u", at);
        text_format(&writer->text, ", %u))\n\t\t", length);
        c_return(writer, 0);
}

/* Copies up to `end`, what is there already left out. Returns nothing: the state is the caller's.
 */
static void copy_base(struct c_writer *writer, uint32_t base, uint32_t from, uint32_t end)
{
        const struct base *found = &writer->needs.bases[base];

        if (from < found->lowest)
                from = found->lowest;
        writer->used[base ? C_NEAR : C_START] = true;
        begin_copy(writer);
        text_format(&writer->text, base ? "offset + %u" : "%u", from);
        end_copy(writer, base ? "near" : "start", from - needs_origin(found), end - from);
}

static void prepare_start(void *context, uint32_t node, uint32_t own)
{
        struct c_writer *writer = context;
        uint32_t end;

        if (writer->state.checked >= own)
                return;
        end = reach_end(writer->graph, &writer->needs, writer->way, 0, node, own);
        if (writer->way == DIRECT)
                check_end(writer, node, "data", end);
        else
                copy_base(writer, 0, writer->state.checked, end);
        writer->state.checked = end;
}

/* Has `offset`, and `at`, be those of the base. The barrier hides from clang what it knows of the
 * value: the kernel's verifier may not know it, and needs the comparison. */
static void go_to_base(struct c_writer *writer, uint32_t base)
{
        uint32_t term = writer->needs.bases[base].term;

        if (writer->state.base == base)
                return;
        writer->used[C_OFFSET] = true;
        text_string(&writer->text, "\toffset = ");
        c_term(writer, term);
        text_string(&writer->text, ";\n");
        if (writer->way == DIRECT) {
                writer->used[C_AT] = writer->used[C_DATA] = true;
                text_format(&writer->text, "\tbarrier_var(offset);\n\tif (offset > %u)\n\t\t",
                            term_at(writer, term)->high);
                c_return(writer, 0);
                text_string(&writer->text, "\tat = data + offset;\n");
        }
        writer->state.base = base;
        writer->state.base_checked = 0;
}

static void prepare_base(void *context, uint32_t node, uint32_t base, uint32_t own)
{
        struct c_writer *writer = context;
        uint32_t end;

        go_to_base(writer, base);
        if (writer->state.base_checked >= own)
                return;
        end = reach_end(writer->graph, &writer->needs, writer->way, base, node, own);
        if (writer->way == DIRECT)
                check_end(writer, node, "at", end);
        else
                copy_base(writer, base, writer->state.base_checked, end);
        writer->state.base_checked = end;
}

/* Copies what a load takes by itself. */
static void prepare_single(void *context, uint32_t number, unsigned slot)
{
        struct c_writer *writer = context;
        const struct term *load = term_at(writer, number);
        char name[] = "single_0";

        begin_copy(writer);
        if (load->a != GRAPH_NONE) {
                c_term(writer, load->a);
                text_string(&writer->text, " + ");
        }
        text_format(&writer->text, "%uu", load->k);
        name[sizeof name - 2] = (char)('0' + slot);
        end_copy(writer, name, 0, graph_load_size(load));
        writer->used_singles |= 1u << slot;
}

void c_prepare(struct c_writer *writer, uint32_t node, uint32_t term)
{
        const struct reach reach = {
            .graph = writer->graph,
            .needs = &writer->needs,
            .way = writer->way,
            .singles = writer->singles,
            .base = &writer->state.base,
            .impossible = &writer->impossible,
            .context = writer,
            .look_at_start = prepare_start,
            .look_at_base = prepare_base,
            .copy_single = prepare_single,
        };

        writer->left = REACH_MAX_TERMS;
        reach_prepare(&reach, node, term);
        writer->left = REACH_MAX_TERMS;
}

/* Expressions */

static const char *const load_names[] = {[1] = "BYTE", [2] = "HALF", [4] = "WORD"};

/* From a copy, which clang must not take for aligned where it is not. */
static void load_copy(struct c_writer *writer, const char *from, uint32_t at, uint32_t size)
{
        struct text *text = &writer->text;

        if (at % size == 0) {
                text_format(text, "%s(%s + %u)", load_names[size], from, at);
                return;
        }
        text_char(text, '(');
        for (uint32_t i = 0; i < size; i++)
                text_format(text, "%sBYTE(%s + %u) << %u", i ? " | " : "", from, at + i,
                            8 * (size - 1 - i));
        text_char(text, ')');
}

static void write_field(struct c_writer *writer, const struct term *load)
{
        uint16_t field;
        bool swapped;
        const char *name = context_field_name(load->k);

        if (writer->context->is_address)
                c_skb_field(writer, load->k);
        else if (!context_field(writer->context, load->k, &field, &swapped) || !name)
                writer->impossible = true;
        else
                text_format(&writer->text, swapped ? "NET16(ctx->%s)" : "ctx->%s", name);
}

static void write_load(struct c_writer *writer, uint32_t number)
{
        const struct term *load = term_at(writer, number);
        uint32_t size = graph_load_size(load), base;
        int slot = reach_single(writer->singles, number);

        if (!is_packet_load(load)) {
                write_field(writer, load);
                return;
        }
        if (slot >= 0) {
                text_format(&writer->text, "%s(single_%d)", load_names[size], slot);
                return;
        }
        base = base_of(writer, load);
        if (base > 0 && writer->state.base != base)
                writer->impossible = true; /* two bases in one term */
        if (writer->way == DIRECT)
                text_format(&writer->text, "%s(%s + %u)", load_names[size], base ? "at" : "data",
                            load->k);
        else
                load_copy(writer, base ? "near" : "start",
                          load->k - needs_origin(&writer->needs.bases[base]), size);
}

static void write_pair(struct c_writer *writer, uint32_t a, const char *sign, uint32_t b)
{
        text_char(&writer->text, '(');
        c_term(writer, a);
        text_format(&writer->text, " %s ", sign);
        c_term(writer, b);
        text_char(&writer->text, ')');
}

/* An operation that C leaves undefined where the other side is `limit`: it gives 0 there. */
static void write_guarded(struct c_writer *writer, const struct term *term, const char *sign,
                          const char *limit)
{
        text_char(&writer->text, '(');
        c_term(writer, term->b);
        text_format(&writer->text, " %s ? 0 : ", limit);
        write_pair(writer, term->a, sign, term->b);
        text_char(&writer->text, ')');
}

static void write_operation(struct c_writer *writer, const struct term *term)
{
        static const char *const signs[16] = {
            [BPF_ADD >> 4] = "+",  [BPF_SUB >> 4] = "-",  [BPF_MUL >> 4] = "*",
            [BPF_DIV >> 4] = "/",  [BPF_OR >> 4] = "|",   [BPF_AND >> 4] = "&",
            [BPF_LSH >> 4] = "<<", [BPF_RSH >> 4] = ">>", [BPF_MOD >> 4] = "%",
            [BPF_XOR >> 4] = "^",
        };
        const char *sign = signs[term->code >> 4];

        if (term->code == BPF_NEG) {
                text_string(&writer->text, "-(__u32)");
                c_term(writer, term->a);
        } else if ((term->code == BPF_LSH || term->code == BPF_RSH) &&
                   term_at(writer, term->b)->high > 31) {
                write_guarded(writer, term, sign, "> 31");
        } else if ((term->code == BPF_DIV || term->code == BPF_MOD) &&
                   term_at(writer, term->b)->low == 0) {
                write_guarded(writer, term, sign, "== 0");
        } else {
                write_pair(writer, term->a, sign, term->b);
        }
}

static void write_length(struct c_writer *writer)
{
        const struct context *context = writer->context;

        if (context->is_dynptr) {
                text_string(&writer->text, "ctx->skb->len");
        } else if (context->is_address) {
                text_string(&writer->text, "packet.length");
        } else if (context->has_length) {
                text_string(&writer->text, "ctx->len");
        } else if (context->length_name && writer->target->fragments) {
                text_format(&writer->text, "(__u32)%s(ctx)", context->length_name);
        } else {
                writer->used[C_DATA] = true;
                text_string(&writer->text, "(__u32)(end - data)");
        }
}

void c_term(struct c_writer *writer, uint32_t number)
{
        const struct term *term = term_at(writer, number);

        if (writer->impossible || writer->left-- <= 0) {
                writer->impossible = true;
                return;
        }
        switch (term->kind) {
        case TERM_CONSTANT: text_format(&writer->text, "0x%xu", term->k); break;
        case TERM_LENGTH: write_length(writer); break;
        case TERM_VARIABLE:
                writer->used_variables[term->k] = true;
                text_format(&writer->text, "v%u", term->k);
                break;
        case TERM_ARGUMENT:
                writer->used_arguments[term->k] = true;
                text_format(&writer->text, "a%u", term->k);
                break;
        case TERM_LOAD: write_load(writer, number); break;
        case TERM_OPERATION: write_operation(writer, term); break;
        case TERM_EQUAL: write_pair(writer, term->a, "==", term->b); break;
        case TERM_GREATER: write_pair(writer, term->a, ">", term->b); break;
        }
}

void c_forget(struct c_writer *writer, unsigned kind, uint32_t k)
{
        const struct graph *graph = writer->graph;

        for (uint32_t term = 0; term < graph->term_count; term++)
                if (graph->terms[term].kind == kind && graph->terms[term].k == k &&
                    writer->state.base > 0 &&
                    graph_contains(graph, writer->needs.bases[writer->state.base].term, term))
                        writer->state.base = writer->state.base_checked = 0;
}
