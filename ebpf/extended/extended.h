/* Filters as extended programs (cbpf/extended.h), loaded with their sets in maps. */
#pragma once

#include "cbpf/extended.h"
#include "ebpf/program.h"

/* Loads a program of cbpf_compile_extended(), whose instructions it changes: it puts the
 * descriptors of the sets where the program has their numbers, and that of `table` (-1 if it has
 * none) behind them. Returns the program's descriptor, which holds the sets, and which the caller
 * closes; or a negative errno. If the verifier has refused it, `refusal` (`room` bytes, truncated)
 * has its words, otherwise it is "". */
int ebpf_extended_load(enum ebpf_kind kind, struct cbpf_extended_program *program, int table,
                       char *refusal, size_t room);

/* Whether a result is the verifier's, which has looked at the program, and says why not. */
bool ebpf_is_refusal(int result);
