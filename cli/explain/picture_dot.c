/* The control flow graph in Graphviz' language. Every node and edge has an id, by which the page
 * finds it in the drawing: b5 is the block that begins at instruction 5, e5t and e5f are the edges
 * a test at its end takes, e5 the edge of a block that ends without a choice. */
#include "explain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Characters of an expression, and of a note from its beginning and its end, where a test names its
 * value: labels are not wrapped, and widen the picture. */
enum { EXPRESSION_MOST = 110, NOTE_HEAD = 20, NOTE_TAIL = 26 };

void picture_instruction(const struct bpf_program *program, uint32_t index,
                         char text[PICTURE_INSTRUCTION])
{
        char line[96]; /* (001) jeq      #0x800           jt 2\tjf 5 */
        const char *mnemonic, *operand;
        char *targets;
        int length;

        cbpf_list_instruction(&program->bf_insns[index], index, line, sizeof line);
        targets = strstr(line, " jt ");
        if (targets)
                *targets = '\0';
        mnemonic = line + strcspn(line, " ") + 1;
        length = (int)strcspn(mnemonic, " ");
        operand = mnemonic + length + strspn(mnemonic + length, " ");
        snprintf(text, PICTURE_INSTRUCTION, "%-4.*s %.*s", length, mnemonic,
                 (int)strcspn(operand, *operand == '[' ? "\n" : " "), operand);
}

/* The class of a block, which the page colours by, and its colours in a drawing that stands alone.
 */
static const struct kind {
        const char *name, *fill, *line;
} plain = {"test", "#f3f5f8", "#5b6673"}, accepts = {"accept", "#d6f2dc", "#1a7f37"},
  rejects = {"reject", "#fbdfdc", "#b3261e"}, returns_a = {"either", "#fdf0c8", "#8a6100"};

static const struct kind *kind_of(const struct bpf_insn *last)
{
        if (BPF_CLASS(last->code) != BPF_RET)
                return &plain;
        if (BPF_RVAL(last->code) == BPF_A)
                return &returns_a;
        return last->k ? &accepts : &rejects;
}

/* How wide the instructions of a block are, so that its notes stand below each other. */
static int text_width(const struct bpf_program *program, const struct block *block)
{
        char text[PICTURE_INSTRUCTION];
        size_t width = 0;

        for (uint32_t i = block->first; i <= block->last; i++) {
                picture_instruction(program, i, text);
                if (strlen(text) > width)
                        width = strlen(text);
        }
        return (int)width;
}

static void put_note(struct text *out, const char *note)
{
        size_t length = strlen(note);

        if (length <= NOTE_HEAD + NOTE_TAIL) {
                put_dot_text(out, note, length);
                return;
        }
        put_dot_text(out, note, NOTE_HEAD);
        put_dot_text(out, note + length - NOTE_TAIL, NOTE_TAIL);
}

static void put_block(struct text *out, const struct explain *explain, const struct block *block)
{
        const struct kind *kind = kind_of(&explain->program.bf_insns[block->last]);
        int width = text_width(&explain->program, block);
        char text[PICTURE_INSTRUCTION];

        text_format(out, "\tb%u [id=\"b%u\" class=\"%s\" fillcolor=\"%s\" color=\"%s\" label=\"",
                    block->first, block->first, kind->name, kind->fill, kind->line);
        for (uint32_t i = block->first; i <= block->last; i++) {
                picture_instruction(&explain->program, i, text);
                text_format(out, "%3u  ", i);
                put_dot_text(out, text, SIZE_MAX);
                text_format(out, "%*s", width - (int)strlen(text) + 2, "");
                put_note(out, explain->notes.notes[i].text);
                text_string(out, "\\l");
        }
        text_string(out, "\"];\n");
}

static void put_edge(struct text *out, const struct blocks *blocks, const struct block *from,
                     uint32_t to, const char *branch, const char *attributes)
{
        if (to != NO_BLOCK)
                text_format(out, "\tb%u -> b%u [id=\"e%u%s\" %s];\n", from->first,
                            blocks->list[to].first, from->first, branch, attributes);
}

static void put_edges(struct text *out, const struct blocks *blocks, const struct block *from)
{
        if (from->if_true != NO_BLOCK && from->if_true == from->if_not) {
                put_edge(out, blocks, from, from->if_true, "", "class=\"go\" label=\"jt, jf\"");
                return;
        }
        put_edge(out, blocks, from, from->if_true, "t",
                 "class=\"jt\" label=\"jt\" color=\"#1a7f37\" fontcolor=\"#1a7f37\"");
        put_edge(
            out, blocks, from, from->if_not, "f",
            "class=\"jf\" label=\"jf\" color=\"#b3261e\" fontcolor=\"#b3261e\" style=\"dashed\"");
        put_edge(out, blocks, from, from->next, "", "class=\"go\"");
}

static void put_graph(struct text *out, const struct explain *explain, const struct blocks *blocks)
{
        text_string(out,
                    "digraph filter {\n"
                    "\tgraph [bgcolor=\"white\" fontname=\"Courier,monospace\" fontsize=\"13\" "
                    "nodesep=\"0.3\" ranksep=\"0.4\" labelloc=\"t\" labeljust=\"l\" label=\"");
        put_dot_text(out, explain_title(explain), EXPRESSION_MOST);
        text_string(out, "\\l\"];\n");
        if (blocks->count > PICTURE_BLOCKS)
                text_string(out, "\tgraph [splines=\"line\"];\n");
        text_string(out, "\tnode [shape=\"box\" style=\"filled,rounded\" "
                         "fontname=\"Courier,monospace\" fontsize=\"11\" margin=\"0.12,0.07\"];\n"
                         "\tedge [fontname=\"Courier,monospace\" fontsize=\"10\" color=\"#5b6673\" "
                         "arrowsize=\"0.7\"];\n");
        for (uint32_t i = 0; i < blocks->count; i++)
                put_block(out, explain, &blocks->list[i]);
        for (uint32_t i = 0; i < blocks->count; i++)
                put_edges(out, blocks, &blocks->list[i]);
        text_string(out, "}\n");
}

char *picture_dot(const struct explain *explain, uint32_t *count)
{
        struct blocks blocks;
        struct text text = {0};

        if (blocks_find(&explain->program, &blocks) < 0)
                return NULL;
        *count = blocks.count;
        put_graph(&text, explain, &blocks);
        free(blocks.list);
        return text_take(&text);
}
