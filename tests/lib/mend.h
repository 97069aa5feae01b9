/* Turns any bytes into a program. */
#pragma once

#include "cbpf/cbpf.h"

/* Changes `program` so that it keeps the kernel's rules, except that it may read scratch memory
 * that was not written. Instructions that keep them stay as they are, except for loads far from the
 * packet's start. */
void mend_program(struct bpf_program *program);
