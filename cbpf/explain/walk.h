/* What programs that walk the layers of a packet keep in scratch memory. */
#pragma once

#include "layers.h"

/* `word` of scratch memory, that of a place or of the marks, was stored at instruction `at`, and
 * `registers` hold it: makes it a place, and what is known of the packet what is known at that
 * place. */
void walk_store(struct graph *graph, uint32_t *registers, struct knowledge *knowledge,
                uint32_t word, uint32_t at);
