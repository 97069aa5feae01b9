/* The control flow graph in Graphviz' language. Every node and edge has an id, by which the page
 * finds it in the drawing: b5 is the block that begins at instruction 5, e5t and e5f are the edges a
 * test at its end takes, e5 the edge of a block that ends without a choice. */
#include "blocks.h"
#include "cbpf/cbpf.h"
#include "markup.h"
#include "picture.h"

#include <stdlib.h>
#include <string.h>

/* Characters of an expression, of a note: a label is not wrapped, and widens the picture. */
enum { EXPRESSION_MOST = 110, NOTE_MOST = 56 };

/* Copies a line of the listing, "(001) jeq      #0x800           jt 2\tjf 5", as "jeq  #0x800". */
static char *copy_instruction(char *to, const char *line, size_t length)
{
        const char *start = memchr(line, ')', length);
        const char *end = line + length;
        const char *operand;
        const char *targets;

        start = start ? start + 2 : line;
        targets = memmem(start, (size_t)(end - start), " jt ", 4);
        if (targets)
                end = targets;
        while (end > start && end[-1] == ' ')
                end--;
        operand = memchr(start, ' ', (size_t)(end - start));
        if (!operand)
                operand = end;
        to = mempcpy(to, start, (size_t)(operand - start));
        for (long padding = operand - start; padding < 5 && operand < end; padding++)
                *to++ = ' ';
        while (operand < end && *operand == ' ')
                operand++;
        to = mempcpy(to, operand, (size_t)(end - operand));
        *to++ = '\0';
        return to;
}

char **picture_instructions(const struct bpf_program *program)
{
        char *listing = cbpf_list(program, CBPF_LISTING_TEXT);
        size_t pointers = program->bf_len * sizeof(char *);
        /* an operand moves to the left, but by a blank to the right behind a mnemonic of four */
        char **lines = listing ? malloc(pointers + strlen(listing) + program->bf_len) : NULL;
        char *to = (char *)lines + pointers;
        const char *line = listing;

        for (uint32_t i = 0; lines && i < program->bf_len; i++) {
                size_t length = strcspn(line, "\n");

                lines[i] = to;
                to = copy_instruction(to, line, length);
                line += length + (line[length] == '\n');
        }
        free(listing);
        return lines;
}

/* The class of a block, which the page colours by, and its colours in a drawing that stands alone. */
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

/* How wide the instructions of a block are, so that the notes stand below each other. */
static int text_width(char *const *lines, const struct block *block)
{
        size_t width = 0;

        for (uint32_t i = block->first; i <= block->last; i++)
                if (strlen(lines[i]) > width)
                        width = strlen(lines[i]);
        return (int)width;
}

static void put_block(FILE *out, const struct picture *picture, char *const *lines,
                      const struct block *block)
{
        const struct kind *kind = kind_of(&picture->program->bf_insns[block->last]);
        int width = text_width(lines, block);

        fprintf(out, "\tb%u [id=\"b%u\" class=\"%s\" fillcolor=\"%s\" color=\"%s\" label=\"",
                block->first, block->first, kind->name, kind->fill, kind->line);
        for (uint32_t i = block->first; i <= block->last; i++) {
                const char *note = picture->notes ? picture->notes[i] : "";

                fprintf(out, "%3u  ", i);
                if (*note) {
                        fprintf(out, "%-*s  ", width, lines[i]);
                        put_dot_text(out, note, NOTE_MOST);
                } else {
                        put_dot_text(out, lines[i], SIZE_MAX);
                }
                fputs("\\l", out);
        }
        fputs("\"];\n", out);
}

static void put_edge(FILE *out, const struct blocks *blocks, const struct block *from, uint32_t to,
                     const char *branch, const char *attributes)
{
        if (to != NO_BLOCK)
                fprintf(out, "\tb%u -> b%u [id=\"e%u%s\" %s];\n", from->first,
                        blocks->list[to].first, from->first, branch, attributes);
}

static void put_edges(FILE *out, const struct blocks *blocks, const struct block *from)
{
        if (from->if_true != NO_BLOCK && from->if_true == from->if_not) {
                put_edge(out, blocks, from, from->if_true, "", "class=\"go\" label=\"jt, jf\"");
                return;
        }
        put_edge(out, blocks, from, from->if_true, "t",
                 "class=\"jt\" label=\"jt\" color=\"#1a7f37\" fontcolor=\"#1a7f37\"");
        put_edge(out, blocks, from, from->if_not, "f",
                 "class=\"jf\" label=\"jf\" color=\"#b3261e\" fontcolor=\"#b3261e\" "
                 "style=\"dashed\"");
        put_edge(out, blocks, from, from->next, "", "class=\"go\"");
}

static void put_graph(FILE *out, const struct picture *picture, char *const *lines,
                      const struct blocks *blocks)
{
        fputs("digraph filter {\n"
              "\tgraph [bgcolor=\"white\" fontname=\"Courier,monospace\" fontsize=\"13\" "
              "nodesep=\"0.3\" ranksep=\"0.4\" labelloc=\"t\" labeljust=\"l\" label=\"",
              out);
        put_dot_text(out, *picture->expression ? picture->expression : "(every packet)",
                     EXPRESSION_MOST);
        fputs("\\l\"];\n"
              "\tnode [shape=\"box\" style=\"filled,rounded\" fontname=\"Courier,monospace\" "
              "fontsize=\"11\" margin=\"0.12,0.07\"];\n"
              "\tedge [fontname=\"Courier,monospace\" fontsize=\"10\" color=\"#5b6673\" "
              "arrowsize=\"0.7\"];\n",
              out);
        for (uint32_t i = 0; i < blocks->count; i++)
                put_block(out, picture, lines, &blocks->list[i]);
        for (uint32_t i = 0; i < blocks->count; i++)
                put_edges(out, blocks, &blocks->list[i]);
        fputs("}\n", out);
}

char *picture_dot(const struct picture *picture)
{
        char **lines = picture_instructions(picture->program);
        struct blocks blocks;
        char *text = NULL;
        size_t length;
        bool complete;
        FILE *out;

        if (!lines)
                return NULL;
        if (blocks_find(picture->program, &blocks) < 0) {
                free(lines);
                return NULL;
        }
        out = open_memstream(&text, &length);
        if (out)
                put_graph(out, picture, lines, &blocks);
        complete = out && !ferror(out);
        free(blocks.list);
        free(lines);
        if (out && fclose(out) == 0 && complete)
                return text;
        free(text);
        return NULL;
}
