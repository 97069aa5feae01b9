/* Lists an extended program with the nodes of the graph that its instructions are for, and with
 * notes on them. */
#include "base/text.h"
#include "cbpf/extended.h"
#include "extended_notes.h"
#include "graph_listing.h"

#include <stdio.h>
#include <stdlib.h>

enum { NOTE_COLUMN = 46 };

struct listing {
        const struct cbpf_target *target;
        struct extended_notes notes;
        struct cbpf_extended_program program;
        char *names; /* what the nodes ask */
        struct node_text *places;
        bool failed;
        struct text text;
};

static void drop_names(struct listing *listing)
{
        free(listing->names);
        free(listing->places);
        extended_notes_free(&listing->notes);
}

static void name_nodes(void *context, struct graph *graph)
{
        struct listing *listing = context;

        drop_names(listing);
        listing->names = NULL;
        listing->places = calloc(graph->root + (size_t)1, sizeof *listing->places);
        if (listing->places && extended_notes_find(&listing->notes, graph))
                listing->names = graph_list(graph, listing->target, listing->places, NULL);
        listing->failed = !listing->names;
}

/* The node's question and answers above its first instruction. */
static void write_heading(struct listing *listing, uint32_t at)
{
        const struct cbpf_extended_origin *origin = &listing->program.origins[at];
        const struct node_text *place;

        if (origin->node == UINT32_MAX) {
                text_string(&listing->text, "reject: the packet is too short\n");
                return;
        }
        if (listing->notes.verdicts[origin->node]) {
                text_string(&listing->text, listing->notes.verdicts[origin->node] == VERDICT_ACCEPT
                                                ? "accept\n"
                                                : "reject\n");
                return;
        }
        if (origin->by_copies && !listing->notes.only_copies)
                text_string(&listing->text, "the packet is in pieces: ");
        place = &listing->places[origin->node];
        text_put(&listing->text, listing->names + place->start, place->end - place->start);
}

static void write_lines(struct listing *listing, const char *lines)
{
        char note[EXTENDED_NOTE];
        uint32_t at = 0;

        for (const char *line = lines, *end; (end = strchr(line, '\n')); line = end + 1) {
                at = (uint32_t)strtoul(line, NULL, 10);
                if (extended_enters(&listing->program, at))
                        write_heading(listing, at);
                extended_note(&listing->notes, &listing->program, at, note);
                if (note[0])
                        text_format(&listing->text, "%-*.*s %s\n", NOTE_COLUMN, (int)(end - line),
                                    line, note);
                else
                        text_format(&listing->text, "%.*s\n", (int)(end - line), line);
        }
}

int cbpf_explain_extended(const char *expression, const struct cbpf_target *target,
                          const struct cbpf_extended_target *place, char **text,
                          struct error *error)
{
        struct listing listing = {.target = target,
                                  .notes.only_copies = place->context == CBPF_CONTEXT_SOCKET};
        int result = cbpf_compile_extended_and_observe(expression, target, place, name_nodes,
                                                       &listing, &listing.program, error);
        char *lines = result == 0 ? cbpf_list_extended(&listing.program) : NULL;

        *text = NULL;
        if (result == 0) {
                listing.text.failed = !lines || listing.failed;
                if (!listing.text.failed)
                        write_lines(&listing, lines);
                *text = text_take(&listing.text);
                if (!*text) {
                        error_memory(error);
                        result = -1;
                }
        }
        free(lines);
        drop_names(&listing);
        cbpf_extended_free(&listing.program);
        return result;
}
