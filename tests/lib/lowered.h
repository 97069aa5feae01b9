/* Programs by lowering alone, without libpcap. */
#ifndef TESTS_LOWERED_H
#define TESTS_LOWERED_H

#include "cbpf/cbpf.h"

/* Parses, gathers lists, lowers, optimizes and emits. Returns 0; 1 if the expression cannot be
 * lowered; -1 if memory is short or it cannot be parsed. */
int lowered_compile(const struct cbpf_target *target, const char *expression,
                    struct bpf_program *program);

#endif
