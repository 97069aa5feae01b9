/* Lists an extended program with the nodes of the graph that its instructions are for, and with
 * notes on them. */
#include "base/text.h"
#include "cbpf/extended.h"
#include "graph_listing.h"

#include <linux/filter.h>
#include <stdio.h>
#include <stdlib.h>

enum {
        NOTE_COLUMN = 46,
        NOTE_ROOM = 64,
        CALL_LENGTH = 8, /* instructions that prepare a call, at most */
        END_REGISTER = 8,
        PLACE_REGISTER = 9,

        /* Codes, by RFC 9669. */
        CALL = 0x85,
        EXIT = 0x95,
        IF_GREATER_REGISTER = 0x2d,
        ADD_NUMBER = 0x07,
        MOVE_NUMBER = 0xb4,
        MOVE_REGISTER = 0xbf,
        FAR_GOTO = 0x06,
};

enum verdict { VERDICT_NONE, VERDICT_REJECT, VERDICT_ACCEPT };

struct listing {
        const struct cbpf_target *target;
        const struct cbpf_extended_target *place;
        struct cbpf_extended_program program;
        char *names; /* what the nodes ask */
        struct node_text *places;
        uint8_t *verdicts; /* by node */
        bool failed;
        struct text text;
};

static void drop_names(struct listing *listing)
{
        free(listing->names);
        free(listing->places);
        free(listing->verdicts);
}

static void name_nodes(void *context, struct graph *graph)
{
        struct listing *listing = context;

        drop_names(listing);
        listing->names = NULL;
        listing->places = calloc(graph->root + (size_t)1, sizeof *listing->places);
        listing->verdicts = calloc(graph->root + (size_t)1, sizeof *listing->verdicts);
        if (listing->places && listing->verdicts)
                listing->names = graph_list(graph, listing->target, listing->places);
        listing->failed = !listing->names;
        for (uint32_t i = 0; i <= graph->root && !listing->failed; i++)
                if (graph->nodes[i].kind == NODE_RETURN)
                        listing->verdicts[i] = graph->nodes[i].k ? VERDICT_ACCEPT : VERDICT_REJECT;
}

static bool is_of_other_node(const struct listing *listing, uint32_t at)
{
        const struct cbpf_extended_origin *origins = listing->program.origins;

        return at == 0 ? origins[0].node != UINT32_MAX
                       : origins[at].node != origins[at - 1].node ||
                             origins[at].by_copies != origins[at - 1].by_copies;
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
        if (listing->verdicts[origin->node]) {
                text_string(&listing->text, listing->verdicts[origin->node] == VERDICT_ACCEPT
                                                ? "accept\n"
                                                : "reject\n");
                return;
        }
        if (origin->by_copies && listing->place->context != CBPF_CONTEXT_SOCKET)
                text_string(&listing->text, "the packet is in pieces: ");
        place = &listing->places[origin->node];
        text_put(&listing->text, listing->names + place->start, place->end - place->start);
}

/* Where a jump to instruction `at` leads. */
static void write_target(struct listing *listing, char note[NOTE_ROOM], uint32_t at)
{
        const struct cbpf_extended_origin *origin = &listing->program.origins[at];
        uint32_t verdict =
            origin->node == UINT32_MAX ? (uint32_t)VERDICT_REJECT : listing->verdicts[origin->node];

        if (verdict)
                snprintf(note, NOTE_ROOM, "%s", verdict == VERDICT_ACCEPT ? "accept" : "reject");
        else if (is_of_other_node(listing, at))
                snprintf(note, NOTE_ROOM, "n%u%s", origin->node,
                         origin->by_copies && listing->place->context != CBPF_CONTEXT_SOCKET
                             ? ", in pieces"
                             : "");
        else
                snprintf(note, NOTE_ROOM, "%u", at);
}

/* The number that an instruction of this code, in those before a call, gives to a register; false
 * if there is none. */
static bool find_number(const struct listing *listing, uint32_t at, unsigned code, unsigned to,
                        int32_t *number)
{
        const struct cbpf_extended_instruction *instructions = listing->program.instructions;

        for (uint32_t i = 1; i <= CALL_LENGTH && i <= at; i++)
                if (instructions[at - i].destination == to) {
                        *number = instructions[at - i].immediate;
                        return instructions[at - i].code == code;
                }
        return false;
}

static void note_call(const struct listing *listing, uint32_t at, char note[NOTE_ROOM])
{
        int32_t from, count = 0;

        if (listing->program.instructions[at].immediate == 1)
                snprintf(note, NOTE_ROOM, "is it in the map?");
        else if (!find_number(listing, at, MOVE_NUMBER, 4, &count))
                return;
        else if (find_number(listing, at, MOVE_NUMBER, 2, &from))
                snprintf(note, NOTE_ROOM, "copy bytes %d to %d", from, from + count - 1);
        else
                snprintf(note, NOTE_ROOM, "copy %d %s from a computed place on", count,
                         count == 1 ? "byte" : "bytes");
}

static void note_jump(struct listing *listing, uint32_t at, char note[NOTE_ROOM])
{
        const struct cbpf_extended_instruction *instruction = &listing->program.instructions[at];
        int32_t skip = instruction->code == FAR_GOTO ? instruction->immediate : instruction->offset;
        int32_t end;
        char target[NOTE_ROOM];

        write_target(listing, target, (uint32_t)((int64_t)at + 1 + skip));
        if (instruction->code == IF_GREATER_REGISTER && instruction->source == END_REGISTER &&
            find_number(listing, at, ADD_NUMBER, instruction->destination, &end)) {
                bool placed = at >= 2 && instruction[-2].code == MOVE_REGISTER &&
                              instruction[-2].source == PLACE_REGISTER;

                snprintf(note, NOTE_ROOM, "are %d bytes there%s? no: %.24s", end,
                         placed ? " from r9 on" : "", target);
        } else {
                snprintf(note, NOTE_ROOM, "%.24s", target);
        }
}

static void write_note(struct listing *listing, uint32_t at, char note[NOTE_ROOM])
{
        unsigned code = listing->program.instructions[at].code;

        note[0] = '\0';
        if (code == CALL)
                note_call(listing, at, note);
        else if (((code & 7) == 5 || (code & 7) == 6) && code != EXIT)
                note_jump(listing, at, note);
}

static void write_lines(struct listing *listing, const char *lines)
{
        char note[NOTE_ROOM];
        uint32_t at = 0;

        for (const char *line = lines, *end; (end = strchr(line, '\n')); line = end + 1) {
                at = (uint32_t)strtoul(line, NULL, 10);
                if (is_of_other_node(listing, at))
                        write_heading(listing, at);
                write_note(listing, at, note);
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
        struct listing listing = {.target = target, .place = place};
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
