/* What instructions of an extended program do: calls, and where jumps lead. */
#include "extended_notes.h"

#include <stdio.h>
#include <stdlib.h>

enum {
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
        CLASS_JUMP = 5,
        CLASS_JUMP_32 = 6,
};

bool extended_notes_find(struct extended_notes *notes, const struct graph *graph)
{
        notes->verdicts = calloc(graph->root + (size_t)1, sizeof *notes->verdicts);
        for (uint32_t i = 0; notes->verdicts && i <= graph->root; i++)
                if (graph->nodes[i].kind == NODE_RETURN)
                        notes->verdicts[i] = graph->nodes[i].k ? VERDICT_ACCEPT : VERDICT_REJECT;
        return notes->verdicts;
}

void extended_notes_free(struct extended_notes *notes)
{
        free(notes->verdicts);
        notes->verdicts = NULL;
}

bool extended_enters(const struct cbpf_extended_program *program, uint32_t at)
{
        const struct cbpf_extended_origin *origins = program->origins;

        return at == 0 ? origins[0].node != UINT32_MAX
                       : origins[at].node != origins[at - 1].node ||
                             origins[at].by_copies != origins[at - 1].by_copies;
}

void extended_note_target(const struct extended_notes *notes,
                          const struct cbpf_extended_program *program, uint32_t at,
                          char note[EXTENDED_NOTE])
{
        const struct cbpf_extended_origin *origin = &program->origins[at];
        uint32_t verdict =
            origin->node == UINT32_MAX ? (uint32_t)VERDICT_REJECT : notes->verdicts[origin->node];

        if (verdict)
                snprintf(note, EXTENDED_NOTE, "%s",
                         verdict == VERDICT_ACCEPT ? "accept" : "reject");
        else if (extended_enters(program, at))
                snprintf(note, EXTENDED_NOTE, "n%u%s", origin->node,
                         origin->by_copies && !notes->only_copies ? ", in pieces" : "");
        else
                snprintf(note, EXTENDED_NOTE, "%u", at);
}

/* The number that an instruction of this code, in those before a call, gives to a register; false
 * if there is none. */
static bool find_number(const struct cbpf_extended_program *program, uint32_t at, unsigned code,
                        unsigned to, int32_t *number)
{
        const struct cbpf_extended_instruction *instructions = program->instructions;

        for (uint32_t i = 1; i <= CALL_LENGTH && i <= at; i++)
                if (instructions[at - i].destination == to) {
                        *number = instructions[at - i].immediate;
                        return instructions[at - i].code == code;
                }
        return false;
}

static void note_call(const struct cbpf_extended_program *program, uint32_t at,
                      char note[EXTENDED_NOTE])
{
        int32_t from, count = 0;

        if (program->instructions[at].immediate == 1)
                snprintf(note, EXTENDED_NOTE, "is it in the map?");
        else if (!find_number(program, at, MOVE_NUMBER, 4, &count))
                return;
        else if (find_number(program, at, MOVE_NUMBER, 2, &from))
                snprintf(note, EXTENDED_NOTE, "copy bytes %d to %d", from, from + count - 1);
        else
                snprintf(note, EXTENDED_NOTE, "copy %d %s from a computed place on", count,
                         count == 1 ? "byte" : "bytes");
}

bool extended_jump(const struct cbpf_extended_program *program, uint32_t at, uint32_t *to)
{
        const struct cbpf_extended_instruction *instruction = &program->instructions[at];
        unsigned class = instruction->code & 7;
        int32_t skip = instruction->code == FAR_GOTO ? instruction->immediate : instruction->offset;

        if ((class != CLASS_JUMP && class != CLASS_JUMP_32) || instruction->code == CALL ||
            instruction->code == EXIT)
                return false;
        *to = (uint32_t)((int64_t)at + 1 + skip);
        return true;
}

static void note_jump(const struct extended_notes *notes,
                      const struct cbpf_extended_program *program, uint32_t at, uint32_t to,
                      char note[EXTENDED_NOTE])
{
        const struct cbpf_extended_instruction *instruction = &program->instructions[at];
        int32_t end;
        char target[EXTENDED_NOTE];

        extended_note_target(notes, program, to, target);
        if (instruction->code == IF_GREATER_REGISTER && instruction->source == END_REGISTER &&
            find_number(program, at, ADD_NUMBER, instruction->destination, &end)) {
                bool placed = at >= 2 && instruction[-2].code == MOVE_REGISTER &&
                              instruction[-2].source == PLACE_REGISTER;

                snprintf(note, EXTENDED_NOTE, "are %d bytes there%s? no: %.24s", end,
                         placed ? " from r9 on" : "", target);
        } else {
                snprintf(note, EXTENDED_NOTE, "%.24s", target);
        }
}

void extended_note(const struct extended_notes *notes, const struct cbpf_extended_program *program,
                   uint32_t at, char note[EXTENDED_NOTE])
{
        uint32_t to;

        note[0] = '\0';
        if (program->instructions[at].code == CALL)
                note_call(program, at, note);
        else if (extended_jump(program, at, &to))
                note_jump(notes, program, at, to, note);
}
