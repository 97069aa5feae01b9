/* What the debugger prints of a packet, a step and the machine's state. */
#include "debug.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { LISTED = 44 }; /* columns of an instruction */

void show_packet(const struct debugger *debugger)
{
        const struct packet *packet = &debugger->record.packet;

        printf("packet %" PRIu64 ", %s", debugger->number, counted(packet->length, "byte").text);
        if (packet->captured < packet->length)
                printf(", %u of them captured", packet->captured);
        putchar('\n');
        if (debugger->line)
                print_packet_line(debugger->line);
}

/* A line of the listing without its tab, padded. Returns how many columns it takes. */
static int show_instruction(const struct debugger *debugger, uint32_t at)
{
        const struct bpf_insn *instruction = &debugger->program.bf_insns[at];
        char line[96];
        char *tab;
        int length;

        cbpf_list_instruction(instruction, at, line, sizeof line);
        tab = strchr(line, '\t');
        if (tab)
                *tab = ' ';
        print_listed(instruction, line);
        length = (int)strlen(line);
        printf("%*s", length < LISTED ? LISTED - length : 0, "");
        return length < LISTED ? LISTED : length;
}

void show_noted(const struct debugger *debugger, uint32_t at, int indent)
{
        const char *note = debugger->notes.notes[at].text;
        int listed = show_instruction(debugger, at);

        putchar(' ');
        print_column(indent + listed + 1, indent + LISTED + 1, note, strlen(note));
        putchar('\n');
}

static void show_bytes_read(const struct debugger *debugger, const struct step *step,
                            struct column *column)
{
        char place[48];
        const struct packet *packet = &debugger->record.packet;
        uint64_t end = step->offset + step->size;

        if (step->size == 0)
                return;
        if (cbpf_is_metadata(step->offset)) {
                column_room(column, 2, 19);
                print_as(ROLE_DAMAGE, "metadata, not there");
                return;
        }
        if (step->size > 1)
                snprintf(place, sizeof place, "[%" PRIu64 "-%" PRIu64 "]", step->offset, end - 1);
        else
                snprintf(place, sizeof place, "[%" PRIu64 "]", step->offset);
        column_room(column, 2,
                    (int)strlen(place) + 10); /* and the bytes, or that they are missing */
        fputs(place, stdout);
        if (end > packet->captured) {
                print_as(ROLE_DAMAGE, " not there");
                return;
        }
        putchar(' ');
        for (uint64_t i = step->offset; i < end; i++)
                printf("%02x", packet->data[i]);
}

void show_executed(const struct debugger *debugger, size_t at)
{
        const struct step *step = &debugger->steps.steps[at];
        const struct step *after = at + 1 < debugger->steps.count ? step + 1 : step;

        struct column column;

        printf("   ");
        column =
            column_begin(3 + show_instruction(debugger, step->instruction) + 1, 3 + LISTED + 1);
        putchar(' ');
        column_room(&column, 1, 12);
        printf("A=0x%08x", after->a);
        column_room(&column, 1, 12);
        printf("X=0x%08x", after->x);
        for (int i = 0; i < 16; i++)
                if (after->memory[i] != step->memory[i]) {
                        column_room(&column, 1, i < 10 ? 15 : 16);
                        printf("M[%d]=0x%08x", i, after->memory[i]);
                }
        show_bytes_read(debugger, step, &column);
        putchar('\n');
}

void show_verdict(const struct debugger *debugger)
{
        char text[160];

        steps_verdict(&debugger->steps, &debugger->record.packet, text, sizeof text);
        printf("=> packet %" PRIu64 " ", debugger->number);
        print_as(debugger->steps.outcome.verdict ? ROLE_ACCEPTANCE : ROLE_REFUSAL, "%s", text);
        printf(", after %s\n", counted(debugger->steps.outcome.steps, "step").text);
        if (debugger->steps.incomplete)
                printf("   (only the first %d are kept)\n", MAX_STEPS);
}

void show_place(const struct debugger *debugger)
{
        uint32_t instruction;

        if (debugger->at == debugger->steps.count) {
                show_verdict(debugger);
                return;
        }
        instruction = debugger->steps.steps[debugger->at].instruction;
        print_as(ROLE_OPERATION, "-> ");
        show_noted(debugger, instruction, 3);
}

/* Whether byte `i` is what the last executed step has read. */
static bool is_read(const struct step *step, uint64_t i)
{
        return step && i >= step->offset && i < step->offset + step->size;
}

void show_dump(const struct debugger *debugger)
{
        enum { ROW = 16 };
        const struct packet *packet = &debugger->record.packet;
        const struct step *step = debugger->at ? &debugger->steps.steps[debugger->at - 1] : NULL;

        for (uint32_t row = 0; row < packet->captured; row += ROW) {
                print_as(ROLE_NUMBERING, "  0x%04x ", row);
                for (uint32_t i = row; i < row + ROW && i < packet->captured; i++) {
                        bool read = is_read(step, i), before = i > row && is_read(step, i - 1);

                        putchar(read && !before ? '[' : before && !read ? ']' : ' ');
                        if (read)
                                print_as(ROLE_FLAGS, "%02x", packet->data[i]);
                        else
                                printf("%02x", packet->data[i]);
                        if (read && (i + 1 == row + ROW || i + 1 == packet->captured))
                                putchar(']');
                }
                putchar('\n');
        }
}

void show_registers(const struct debugger *debugger)
{
        const struct step *step;

        if (debugger->steps.count == 0)
                return;
        step = &debugger->steps
                    .steps[debugger->at < debugger->steps.count ? debugger->at
                                                                : debugger->steps.count - 1];
        printf("   A=0x%08x (%u)  X=0x%08x (%u)\n", step->a, step->a, step->x, step->x);
        for (int i = 0; i < 16; i++)
                if (step->memory[i])
                        printf("   M[%d]=0x%08x (%u)\n", i, step->memory[i], step->memory[i]);
}
