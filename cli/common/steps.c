/* All steps that a program takes for a packet. */
#include "base/array.h"
#include "cli.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void record(void *context, const struct cbpf_step *step)
{
        struct steps *steps = context;
        struct step *kept;

        if (steps->count == MAX_STEPS) {
                steps->incomplete = true;
                return;
        }
        if (!array_grow(steps->steps, steps->room, steps->count + 1)) {
                steps->failed = true;
                return;
        }
        kept = &steps->steps[steps->count++];
        *kept = (struct step){.instruction = (uint32_t)step->instruction,
                              .a = step->a,
                              .x = step->x,
                              .offset = step->offset,
                              .size = step->size};
        memcpy(kept->memory, step->memory, sizeof kept->memory);
}

int steps_record(struct steps *steps, const struct bpf_program *program,
                 const struct packet *packet)
{
        struct cbpf_observer observer = {record, steps};

        steps->count = 0;
        steps->incomplete = steps->failed = false;
        steps->outcome = cbpf_execute(program, packet, NULL, &observer);
        return steps->failed ? out_of_memory() : STATUS_DONE;
}

void steps_free(struct steps *steps)
{
        free(steps->steps);
        *steps = (struct steps){0};
}

/* A load past what there is: of a packet cut short, or of a whole one. */
static void write_outside(char *text, size_t room, const struct step *step,
                          const struct packet *packet)
{
        char bytes[64];

        if (cbpf_is_metadata(step->offset)) {
                snprintf(text, room,
                         "rejected: instruction %u asks for what only the kernel knows of a packet",
                         step->instruction);
                return;
        }
        if (step->size == 1)
                snprintf(bytes, sizeof bytes, "byte %" PRIu64, step->offset);
        else
                snprintf(bytes, sizeof bytes, "bytes %" PRIu64 " to %" PRIu64, step->offset,
                         step->offset + step->size - 1);
        snprintf(text, room,
                 packet->captured < packet->length
                     ? "rejected: instruction %u reads %s, and only %u are captured"
                     : "rejected: instruction %u reads %s, and the packet ends after %u",
                 step->instruction, bytes, packet->captured);
}

void steps_verdict(const struct steps *steps, const struct packet *packet, char *text, size_t room)
{
        const struct step *last = steps->count ? &steps->steps[steps->count - 1] : NULL;
        uint32_t kept = steps->outcome.verdict;

        switch (steps->outcome.end) {
        case CBPF_END_RETURN:
                if (kept == 0)
                        snprintf(text, room, "rejected");
                else
                        snprintf(text, room, "accepted: at most %s %s kept",
                                 counted(kept, "byte").text, kept == 1 ? "is" : "are");
                break;
        case CBPF_END_OUTSIDE:
                if (last && last->size > 0)
                        write_outside(text, room, last, packet);
                else
                        snprintf(text, room, "rejected: a load past the end of the packet");
                break;
        case CBPF_END_DIVISION: snprintf(text, room, "rejected: a division by zero"); break;
        case CBPF_END_LOOP: snprintf(text, room, "rejected: it jumps back without end"); break;
        default:
                snprintf(text, room, "rejected: instruction %zu is none",
                         steps->outcome.instruction);
        }
}
