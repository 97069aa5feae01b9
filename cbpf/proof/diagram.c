/* Ordered decision diagrams: nodes that equal functions share, and the choice between two by a
 * third, of which all operations are made. */
#include "diagram.h"

#include "base/array.h"

#include <stdlib.h>
#include <string.h>

enum {
        MIN_CHOICES = 1 << 10,
        MAX_CHOICES = 1 << 20,
};

void diagrams_free(struct diagrams *diagrams)
{
        arena_free(&diagrams->arena);
        hash_free(&diagrams->table);
        free(diagrams->nodes);
        free(diagrams->choices);
        free(diagrams->stack);
        *diagrams = (struct diagrams){0};
}

uint32_t diagram_variable(const struct diagrams *diagrams, uint32_t diagram)
{
        return diagram_is_leaf(diagram) ? UINT32_MAX : diagrams->nodes[diagram].variable;
}

void diagram_put(struct diagrams *diagrams, size_t start, uint32_t from, uint32_t to)
{
        if (diagrams->stack_count > start && diagrams->stack[diagrams->stack_count - 1].to == to)
                return;
        if (!array_grow(diagrams->stack, diagrams->stack_room, diagrams->stack_count + 1)) {
                diagrams->failed = true;
                return;
        }
        diagrams->stack[diagrams->stack_count++] = (struct arm){from, to};
}

static uint32_t find_or_add(struct diagrams *diagrams, uint32_t variable, const struct arm *arms,
                            uint32_t count)
{
        uint64_t mixed = hash_mix(variable, count);
        uint32_t hash, at, item;
        struct arm *kept;

        for (uint32_t i = 0; i < count; i++)
                mixed = hash_mix(mixed, (uint64_t)arms[i].from << 32 | arms[i].to);
        hash = at = hash_fold(mixed);
        while ((item = hash_next(&diagrams->table, hash, &at)) != HASH_NONE)
                if (diagrams->nodes[item].variable == variable &&
                    diagrams->nodes[item].count == count &&
                    memcmp(diagrams->nodes[item].arms, arms, count * sizeof *arms) == 0)
                        return item;
        if (diagrams->count == 0)
                diagrams->count = DIAGRAM_TRUE + 1;
        kept = arena_take(&diagrams->arena, count * sizeof *kept);
        if (!kept || !array_grow(diagrams->nodes, diagrams->room, diagrams->count + (size_t)1) ||
            !hash_put(&diagrams->table, hash, diagrams->count)) {
                diagrams->failed = true;
                return DIAGRAM_FALSE;
        }
        memcpy(kept, arms, count * sizeof *kept);
        diagrams->nodes[diagrams->count] = (struct diagram){variable, count, kept};
        return diagrams->count++;
}

uint32_t diagram_take(struct diagrams *diagrams, size_t start, uint32_t variable)
{
        uint32_t count = (uint32_t)(diagrams->stack_count - start), node = DIAGRAM_FALSE;

        diagrams->stack_count = start;
        if (diagrams->failed)
                return DIAGRAM_FALSE;
        if (count > 1)
                node = find_or_add(diagrams, variable, diagrams->stack + start, count);
        else if (count == 1)
                node = diagrams->stack[start].to;
        return node;
}

/* Where the answer to a question is kept. The more are asked, the more are kept. */
static struct diagram_choice *slot_of(struct diagrams *diagrams, uint32_t condition, uint32_t yes,
                                      uint32_t no)
{
        size_t room = diagrams->choices_room;
        uint64_t hash;

        if (!room || (diagrams->steps > 2 * room && room < MAX_CHOICES)) {
                size_t more = room ? 4 * room : MIN_CHOICES;
                struct diagram_choice *choices = calloc(more, sizeof *choices);

                if (!choices) {
                        diagrams->failed = true;
                        return NULL;
                }
                free(diagrams->choices);
                diagrams->choices = choices;
                diagrams->choices_room = more;
        }
        hash = hash_mix(hash_mix(condition, yes), no);
        return &diagrams->choices[hash_fold(hash) & (diagrams->choices_room - 1)];
}

/* One of the three that are asked at a time: its arms, if it asks the variable at hand, or a
 * constant. */
struct cursor {
        const struct arm *arms;
        uint32_t count, at;
};

static struct cursor cursor_of(const struct diagrams *diagrams, uint32_t diagram, uint32_t variable,
                               struct arm *constant)
{
        *constant = (struct arm){0, diagram};
        if (diagram_variable(diagrams, diagram) != variable)
                return (struct cursor){constant, 1, 0};
        return (struct cursor){diagrams->nodes[diagram].arms, diagrams->nodes[diagram].count, 0};
}

static uint64_t next_from(const struct cursor *cursor)
{
        return cursor->at + 1 < cursor->count ? cursor->arms[cursor->at + 1].from : UINT64_MAX;
}

static uint32_t least_variable(const struct diagrams *diagrams, uint32_t a, uint32_t b, uint32_t c)
{
        uint32_t least = diagram_variable(diagrams, a);

        if (diagram_variable(diagrams, b) < least)
                least = diagram_variable(diagrams, b);
        return diagram_variable(diagrams, c) < least ? diagram_variable(diagrams, c) : least;
}

static uint32_t choose_by_arms(struct diagrams *diagrams, uint32_t condition, uint32_t yes,
                               uint32_t no)
{
        uint32_t variable = least_variable(diagrams, condition, yes, no);
        size_t start = diagram_start(diagrams);
        struct arm constants[3];
        struct cursor cursors[] = {
            cursor_of(diagrams, condition, variable, &constants[0]),
            cursor_of(diagrams, yes, variable, &constants[1]),
            cursor_of(diagrams, no, variable, &constants[2]),
        };

        for (uint64_t from = 0; from != UINT64_MAX && !diagrams_stopped(diagrams);) {
                uint64_t next = UINT64_MAX;
                uint32_t to = diagram_choose(diagrams, cursors[0].arms[cursors[0].at].to,
                                             cursors[1].arms[cursors[1].at].to,
                                             cursors[2].arms[cursors[2].at].to);

                diagram_put(diagrams, start, (uint32_t)from, to);
                for (int i = 0; i < 3; i++)
                        if (next_from(&cursors[i]) < next)
                                next = next_from(&cursors[i]);
                for (int i = 0; i < 3; i++)
                        if (next_from(&cursors[i]) == next)
                                cursors[i].at++;
                from = next;
        }
        return diagram_take(diagrams, start, variable);
}

/* Recursion is as deep as there are variables. */
uint32_t diagram_choose(struct diagrams *diagrams, uint32_t condition, uint32_t yes, uint32_t no)
{
        struct diagram_choice *slot;
        uint32_t result;

        if (condition == DIAGRAM_TRUE)
                return yes;
        if (condition == DIAGRAM_FALSE)
                return no;
        if (yes == condition)
                yes = DIAGRAM_TRUE;
        if (no == condition)
                no = DIAGRAM_FALSE;
        if (yes == no)
                return yes;
        if (yes == DIAGRAM_TRUE && no == DIAGRAM_FALSE)
                return condition;
        if (diagrams_stopped(diagrams))
                return DIAGRAM_FALSE;
        slot = slot_of(diagrams, condition, yes, no);
        if (!slot)
                return DIAGRAM_FALSE;
        if (slot->condition == condition && slot->yes == yes && slot->no == no)
                return slot->result;
        if (++diagrams->steps > diagrams->budget) {
                diagrams->exhausted = true;
                return DIAGRAM_FALSE;
        }
        result = choose_by_arms(diagrams, condition, yes, no);
        slot = slot_of(diagrams, condition, yes, no);
        if (slot && !diagrams_stopped(diagrams))
                *slot = (struct diagram_choice){condition, yes, no, result};
        return result;
}
