/* Programs written in place, for the unit tests. */
#ifndef TESTS_PROGRAMS_H
#define TESTS_PROGRAMS_H

#define COUNT(array) (sizeof(array) / sizeof *(array))

#define PROGRAM(...)                                                           \
        (struct bpf_program)                                                   \
        {                                                                      \
                COUNT(((struct bpf_insn[]){__VA_ARGS__})), (struct bpf_insn[]) \
                {                                                              \
                        __VA_ARGS__                                            \
                }                                                              \
        }

#endif
