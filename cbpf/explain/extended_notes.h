/* Inside explain: what instructions of an extended program do. */
#pragma once

#include "cbpf/extended.h"
#include "cbpf/ir/ir.h"

enum { EXTENDED_NOTE = 64 };

enum verdict { VERDICT_NONE, VERDICT_REJECT, VERDICT_ACCEPT };

struct extended_notes {
        uint8_t *verdicts; /* by node of the graph: enum verdict */
        bool only_copies;  /* the program has no other way to read, so it goes without saying */
};

/* For a graph. Returns false if memory is short. */
bool extended_notes_find(struct extended_notes *notes, const struct graph *graph);

void extended_notes_free(struct extended_notes *notes);

/* Whether the code of a node, or one way to read for it, begins with an instruction. */
bool extended_enters(const struct cbpf_extended_program *program, uint32_t at);

/* Where control is that comes to an instruction: "accept", "n5". */
void extended_note_target(const struct extended_notes *notes,
                          const struct cbpf_extended_program *program, uint32_t at,
                          char note[EXTENDED_NOTE]);

/* Which instruction a jump leads to; false if this is no jump. */
bool extended_jump(const struct cbpf_extended_program *program, uint32_t at, uint32_t *to);

/* What an instruction does, where that is a call or a jump; else "". */
void extended_note(const struct extended_notes *notes, const struct cbpf_extended_program *program,
                   uint32_t at, char note[EXTENDED_NOTE]);
