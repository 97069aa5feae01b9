/* Jumps of 16 bits to places that these do not reach, for kernels that have no others: they go by
 * relays, gotos that lead on, which stand together at the ends of sections of the code.
 *
 * All jumps lead forward. One to its own section or the next reaches; any other goes to the relay
 * of its label at the end of its section, and so does a relay. */
#include "base/array.h"
#include "code.h"

#include <stdlib.h>

enum { SECTION = 15000 /* lines: two, and the relays behind each, are to be within reach */ };

struct relaying {
        struct code *from, made;
        struct relay {
                uint32_t label; /* where it is */
                uint32_t to;    /* the label that it leads to */
        } * relays;
        uint32_t count, room;
        uint32_t placed;   /* of them; the others are for the end of this section */
        uint32_t *waiting; /* by label of `from`: the label of its relay that is not placed yet */
        uint32_t *moved;   /* by line of `from`: where it is in `made` */
};

/* The label by which a jump from a section gets to a label: its own, or that of a relay. */
static uint32_t way_to(struct relaying *relaying, uint32_t section, uint32_t label)
{
        uint32_t *waiting = &relaying->waiting[label];

        if (relaying->from->places[label] / SECTION <= section + 1)
                return label;
        if (*waiting != NOWHERE)
                return *waiting;
        if (!array_grow(relaying->relays, relaying->room, relaying->count + (size_t)1)) {
                relaying->made.failed = true;
                return label;
        }
        *waiting = code_label(&relaying->made);
        relaying->relays[relaying->count++] = (struct relay){*waiting, label};
        return *waiting;
}

static bool goes_on(const struct line *line)
{
        return line->instruction.code != (CLASS_JMP | JUMP_EXIT) &&
               line->instruction.code != (CLASS_JMP | JUMP_ALWAYS);
}

/* Places the relays behind a section, whose last line goes on behind them. A relay is where the
 * next section begins, and reaches as far. */
static void place_relays(struct relaying *relaying, uint32_t section)
{
        struct code *made = &relaying->made;
        uint32_t end = relaying->count, behind = NOWHERE;

        if (relaying->placed == end)
                return;
        made->origin = (struct cbpf_extended_origin){.node = NOWHERE, .term = NOWHERE};
        if (goes_on(&made->lines[made->count - 1])) {
                behind = code_label(made);
                code_goto(made, behind);
        }
        while (relaying->placed < end && !made->failed) {
                struct relay relay = relaying->relays[relaying->placed++];

                relaying->waiting[relay.to] = NOWHERE;
                code_here(made, relay.label);
                code_goto(made, way_to(relaying, section + 1, relay.to));
        }
        if (behind != NOWHERE)
                code_here(made, behind);
}

static void copy_lines(struct relaying *relaying)
{
        const struct code *from = relaying->from;
        struct code *made = &relaying->made;

        for (uint32_t i = 0; i < from->count && !made->failed; i++) {
                struct line line = from->lines[i];

                if (i > 0 && i % SECTION == 0)
                        place_relays(relaying, i / SECTION - 1);
                relaying->moved[i] = made->count;
                made->origin = line.origin;
                code_put(made, 0, 0, 0, 0, 0);
                if (line.label != NOWHERE)
                        line.label = way_to(relaying, i / SECTION, line.label);
                if (!made->failed)
                        made->lines[made->count - 1] = line;
        }
        for (uint32_t i = 0; i < from->labels && !made->failed; i++)
                if (from->places[i] != NOWHERE)
                        made->places[i] = relaying->moved[from->places[i]];
}

void code_add_relays(struct code *code)
{
        struct relaying relaying = {
            .from = code,
            .waiting = malloc((code->labels + (size_t)1) * sizeof *relaying.waiting),
            .moved = malloc((code->count + (size_t)1) * sizeof *relaying.moved),
        };
        struct code *made = &relaying.made;

        made->failed = code->failed || !relaying.waiting || !relaying.moved;
        for (uint32_t i = 0; i < code->labels && !made->failed; i++) {
                relaying.waiting[i] = NOWHERE;
                code_label(made);
        }
        copy_lines(&relaying);
        free(relaying.relays);
        free(relaying.waiting);
        free(relaying.moved);
        code_free(code);
        *code = *made;
}
