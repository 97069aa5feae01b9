/* Annotations: what each instruction of a program does, in the terms of the field. */
#include "cbpf.h"

#include <stdlib.h>

int cbpf_annotate(const struct bpf_program *program, const struct cbpf_target *target,
                  struct cbpf_notes *notes)
{
        struct cbpf_note *list = calloc(program->bf_len + 1u, sizeof *list);

        (void)target;
        *notes = (struct cbpf_notes){0};
        if (!list)
                return -1;
        for (uint32_t i = 0; i < program->bf_len; i++)
                list[i] = (struct cbpf_note){"to come", ""};
        *notes = (struct cbpf_notes){program->bf_len, list};
        return 0;
}

void cbpf_notes_free(struct cbpf_notes *notes)
{
        free((void *)(uintptr_t)notes->notes);
        *notes = (struct cbpf_notes){0};
}
