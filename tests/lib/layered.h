/* Random packets of many layers, and random expressions that ask for layers. The values of both
 * come from the same small sets, so that they meet. */
#pragma once

#include "sample.h"

/* One of the link types of which there are such packets, Ethernet more often than others. */
int layered_link_type(uint64_t *random);

/* Fills `sample` with a stack of layers, at most 6 tunnels deep, for one of these link types.
 * Whole, and its headers are right but for a few. */
void layered_packet(uint64_t *random, int link_type, struct sample *sample);

/* Changes some bytes of the packet, mostly of its headers. */
void layered_mutate(uint64_t *random, struct sample *sample);

/* Cuts bytes off the packet's end, whose length stays. */
void layered_cut(uint64_t *random, struct sample *sample);

/* Writes an expression. `mixed` also has tests outside of `deep`. */
void layered_expression(uint64_t *random, bool mixed, char *text, size_t room);

/* One test that can be asked of a layer, number `index` of a table of templates, with a value;
 * false past its last. */
bool layered_template(uint64_t *random, size_t index, char *text, size_t room);
