/* Programs of which one instruction is changed. */
#pragma once

#include "cbpf/cbpf.h"

/* Fills `mutant`, for cbpf_program_free(), with `program` changed in one instruction that is no
 * return, so that the kernel's rules hold, but for the length. Returns false if that cannot be
 * found, as the program itself breaks them. Aborts if memory is short. */
bool mutant_make(uint64_t *random, const struct bpf_program *program, struct bpf_program *mutant);

/* True if it has indexed loads at huge offsets: to the kernel these are before X, to libpcap's
 * interpreter past the end. */
bool program_reads_before_x(const struct bpf_program *program);
