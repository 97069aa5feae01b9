/* Instructions, labels, and jumps that reach. */
#include "code.h"
#include "base/array.h"

#include <stdlib.h>
#include <string.h>

void code_put(struct code *code, unsigned operation, unsigned destination, unsigned source,
              int32_t offset, int32_t immediate)
{
        if (!array_grow(code->lines, code->room, code->count + (size_t)1)) {
                code->failed = true;
                return;
        }
        code->lines[code->count++] = (struct line){
            .instruction = {(uint8_t)operation, (uint8_t)(destination & 15), (uint8_t)(source & 15),
                            (int16_t)offset, immediate},
            .label = NOWHERE,
            .origin = code->origin,
        };
}

void code_note_term(struct code *code, unsigned destination, uint32_t term, bool swapped)
{
        struct line *last = code->count > 0 ? &code->lines[code->count - 1] : NULL;

        if (!last || last->instruction.destination != destination)
                return;
        last->origin.term = term;
        last->origin.swapped = swapped;
}

void code_address(struct code *code, unsigned destination, int below)
{
        code_put(code, CLASS_ALU64 | ALU_MOV | BY_REGISTER, destination, FRAME, 0, 0);
        code_put(code, CLASS_ALU64 | ALU_ADD, destination, 0, 0, -below);
}

uint32_t code_label(struct code *code)
{
        if (!array_grow(code->places, code->label_room, code->labels + (size_t)1)) {
                code->failed = true;
                return 0;
        }
        code->places[code->labels] = NOWHERE;
        return code->labels++;
}

void code_here(struct code *code, uint32_t label)
{
        if (!code->failed)
                code->places[label] = code->count;
}

void code_jump(struct code *code, unsigned operation, unsigned destination, unsigned source,
               int32_t immediate, uint32_t label)
{
        code_put(code, operation, destination, source, 0, immediate);
        if (!code->failed)
                code->lines[code->count - 1].label = label;
}

void code_goto(struct code *code, uint32_t label)
{
        code_jump(code, CLASS_JMP | JUMP_ALWAYS, 0, 0, 0, label);
}

/* Jumps */

static bool is_goto(const struct line *line)
{
        return line->label != NOWHERE && (line->instruction.code & 0xf0) == JUMP_ALWAYS;
}

/* The operation that jumps where another does not, or 0. */
static unsigned opposite(unsigned code)
{
        static const uint8_t opposites[16] = {
            [JUMP_EQ >> 4] = JUMP_NE, [JUMP_NE >> 4] = JUMP_EQ, [JUMP_GT >> 4] = JUMP_LE,
            [JUMP_LE >> 4] = JUMP_GT, [JUMP_GE >> 4] = JUMP_LT, [JUMP_LT >> 4] = JUMP_GE,
        };

        return opposites[code >> 4];
}

/* Jumps to a jump go where that goes. Those behind come first, so that one step is enough. */
static void shorten_ways(struct code *code)
{
        for (uint32_t i = code->count; i-- > 0;) {
                struct line *line = &code->lines[i];
                const struct line *to;

                if (line->label == NOWHERE)
                        continue;
                to = &code->lines[code->places[line->label]];
                if (is_goto(to))
                        line->label = to->label;
        }
}

static void mark_reached(const struct code *code, bool *reached)
{
        memset(reached, 0, code->count * sizeof *reached);
        for (uint32_t i = 0; i < code->count; i++)
                if (code->lines[i].label != NOWHERE)
                        reached[code->places[code->lines[i].label]] = true;
}

/* Has jumps that lead over another one go where that goes, for all other values. What they lead
 * over is then not reached. */
static void turn_jumps(struct code *code, const bool *reached)
{
        for (uint32_t i = 0; i + 2 < code->count; i++) {
                struct line *line = &code->lines[i], *next = line + 1;
                unsigned turned = opposite(line->instruction.code);

                if (line->label == NOWHERE || is_goto(line) || turned == 0 || !is_goto(next) ||
                    reached[i + 1] || code->places[line->label] != i + 2)
                        continue;
                line->instruction.code = (uint8_t)((line->instruction.code & 0x0f) | turned);
                line->label = next->label;
                next->label = code->labels; /* to be dropped */
        }
}

/* Whether a line goes on to where the next one is, anyway. */
static bool is_needless(const struct code *code, uint32_t i)
{
        const struct line *line = &code->lines[i];

        return is_goto(line) && (line->label == code->labels || code->places[line->label] == i + 1);
}

/* Drops what is not reached, and jumps to the next line. Returns how many lines there are then. */
static uint32_t drop_lines(struct code *code, const bool *reached, uint32_t *moved)
{
        uint32_t kept = 0;
        bool ended = false;

        for (uint32_t i = 0; i < code->count; i++) {
                const struct line *line = &code->lines[i];

                moved[i] = kept;
                ended &= !reached[i];
                if (ended || is_needless(code, i))
                        continue;
                ended = is_goto(line) || line->instruction.code == (CLASS_JMP | JUMP_EXIT);
                code->lines[kept++] = *line;
        }
        moved[code->count] = kept;
        return kept;
}

void code_drop_gotos(struct code *code)
{
        uint32_t *moved = malloc((code->count + (size_t)1) * sizeof *moved), before;
        bool *reached = malloc((code->count + (size_t)1) * sizeof *reached);

        code->failed |= !moved || !reached;
        do {
                if (code->failed)
                        break;
                before = code->count;
                shorten_ways(code);
                mark_reached(code, reached);
                turn_jumps(code, reached);
                code->count = drop_lines(code, reached, moved);
                for (uint32_t i = 0; i < code->labels; i++)
                        if (code->places[i] != NOWHERE)
                                code->places[i] = moved[code->places[i]];
        } while (code->count < before);
        free(moved);
        free(reached);
}

uint32_t code_pending(struct code *code)
{
        uint32_t *pending = malloc((code->count + (size_t)1) * sizeof *pending), most;

        if (code->failed || !pending) {
                code->failed = true;
                free(pending);
                return 0;
        }
        pending[code->count] = 0;
        for (uint32_t i = code->count; i-- > 0;) {
                const struct line *line = &code->lines[i];
                uint32_t there = line->label == NOWHERE ? 0 : pending[code->places[line->label]];
                bool ends = line->instruction.code == (CLASS_JMP | JUMP_EXIT);

                if (line->label == NOWHERE)
                        pending[i] = ends ? 0 : pending[i + 1];
                else if (is_goto(line))
                        pending[i] = there;
                else
                        pending[i] = pending[i + 1] + 1 > there ? pending[i + 1] + 1 : there;
        }
        most = pending[0];
        free(pending);
        return most;
}

/* Instructions that a line takes: a conditional jump that is too far leads over a long one. */
static uint32_t size_of(const struct line *line, bool far)
{
        if (!far || is_goto(line))
                return 1;
        return opposite(line->instruction.code) ? 2 : 3;
}

struct layout {
        uint32_t *at; /* by line, and one more: its place in the program */
        bool *far;    /* by line: a jump that 16 bits do not reach */
};

static int64_t distance(const struct code *code, const struct layout *layout, uint32_t line)
{
        return (int64_t)layout->at[code->places[code->lines[line].label]] - layout->at[line];
}

/* Makes far the jumps that do not reach, until none is left: those that are made longer push others
 * farther. Returns the number of far ones. */
static uint32_t lay_out(const struct code *code, struct layout *layout)
{
        uint32_t found = 1, far = 0;

        while (found > 0) {
                uint32_t at = 0;

                for (uint32_t i = 0; i < code->count; i++) {
                        layout->at[i] = at;
                        at += size_of(&code->lines[i], layout->far[i]);
                }
                layout->at[code->count] = at;
                found = 0;
                for (uint32_t i = 0; i < code->count; i++)
                        if (code->lines[i].label != NOWHERE && !layout->far[i] &&
                            distance(code, layout, i) > INT16_MAX) {
                                layout->far[i] = true;
                                found++;
                        }
                far += found;
        }
        return far;
}

static void write_line(const struct code *code, const struct layout *layout, uint32_t number,
                       struct cbpf_extended_instruction *to)
{
        const struct line *line = &code->lines[number];
        uint32_t size = size_of(line, layout->far[number]);
        int64_t skip;

        *to = line->instruction;
        if (line->label == NOWHERE)
                return;
        skip = distance(code, layout, number) - size;
        if (!layout->far[number]) {
                to->offset = (int16_t)skip;
                return;
        }
        if (size == 2) {
                to->code = (uint8_t)((to->code & 0x0f) | opposite(to->code));
                to->offset = 1;
        } else if (size == 3) {
                to->offset = 1;
                to[1] = (struct cbpf_extended_instruction){.code = CLASS_JMP | JUMP_ALWAYS,
                                                           .offset = 1};
        }
        to[size - 1] = (struct cbpf_extended_instruction){.code = CLASS_JMP32 | JUMP_ALWAYS,
                                                          .immediate = (int32_t)skip};
}

int code_assemble(struct code *code, bool far_jumps, struct cbpf_extended_program *program)
{
        struct layout layout = {
            .at = malloc((code->count + (size_t)1) * sizeof *layout.at),
            .far = calloc(code->count + (size_t)1, sizeof *layout.far),
        };
        int result = code->failed || !layout.at || !layout.far ? -1 : 0;

        *program = (struct cbpf_extended_program){0};
        if (result == 0 && lay_out(code, &layout) > 0 && !far_jumps)
                result = EMIT_TOO_LONG;
        if (result == 0) {
                program->count = layout.at[code->count];
                program->instructions =
                    malloc((program->count + (size_t)1) * sizeof *program->instructions);
                program->origins = malloc((program->count + (size_t)1) * sizeof *program->origins);
                result = program->instructions && program->origins ? 0 : -1;
        }
        for (uint32_t i = 0; i < code->count && result == 0; i++) {
                write_line(code, &layout, i, &program->instructions[layout.at[i]]);
                for (uint32_t at = layout.at[i]; at < layout.at[i + 1]; at++)
                        program->origins[at] = code->lines[i].origin;
        }
        if (result < 0)
                cbpf_extended_free(program);
        free(layout.at);
        free(layout.far);
        return result;
}

void code_free(struct code *code)
{
        free(code->lines);
        free(code->places);
}

void extended_free_map(struct cbpf_extended_map *map)
{
        free(map->values);
        free(map->prefixes);
        free(map->classes);
}

void extended_free_maps(struct cbpf_extended_map *maps, uint32_t count)
{
        for (uint32_t i = 0; i < count; i++)
                extended_free_map(&maps[i]);
        free(maps);
}

void cbpf_extended_free(struct cbpf_extended_program *program)
{
        free(program->instructions);
        free(program->origins);
        extended_free_maps(program->maps, program->map_count);
        *program = (struct cbpf_extended_program){0};
}
