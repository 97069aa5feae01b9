/* Programs written in place, for the unit tests. */
#ifndef TESTS_PROGRAMS_H
#define TESTS_PROGRAMS_H

#include "base/array.h"

#define PROGRAM(...)                                                                 \
        (struct bpf_program)                                                         \
        {                                                                            \
                array_count(((struct bpf_insn[]){__VA_ARGS__})), (struct bpf_insn[]) \
                {                                                                    \
                        __VA_ARGS__                                                  \
                }                                                                    \
        }

#endif
