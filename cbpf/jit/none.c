/* Machines without a code generator. */
#if !(defined __x86_64__ && defined __LP64__)

#include "jit.h"

uint8_t *jit_translate(const struct bpf_program *program, const struct jit_plan *plan, size_t *size)
{
        (void)program;
        (void)plan;
        (void)size;
        return NULL;
}

#endif
