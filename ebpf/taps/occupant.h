/* Inside ebpf/taps: the XDP program that is at an interface before filt comes. filt's takes its
 * place and goes on to it; it is put back at the end. */
#pragma once

#include "base/error.h"
#include "ebpf/program.h"
#include "taps.h"

/* Finds the program, if there is one, and what kind a program must be that goes on to it. Returns 1
 * with `occupant` filled, 0 if there is none; -1 with `error` filled, also if filt cannot go before
 * it. The caller closes `occupant->program`. */
int occupant_find(const struct taps_place *place, struct taps_occupant *occupant,
                  struct error *error);

/* Puts the program `filter` in its place, atomically, in the link that holds it, if one does. Sets
 * `link` to the number of that link, 0 if there is none. Returns 0, or a negative errno: -EEXIST if
 * it is there no more. */
int occupant_replace(const struct taps_occupant *occupant, int filter, uint32_t *link);

/* Puts it back, where `filter` is still in its place. Returns 0; 1 if that is not so, or the
 * interface or the link is gone; or a negative errno. */
int occupant_restore(const struct taps_occupant *occupant, int filter, uint32_t link);

/* The number of the program that is at the interface; 0 if there is none, or no interface. */
uint32_t occupant_at(uint32_t interface);

/* The number of a program, given by its descriptor; 0 if the kernel does not tell. */
uint32_t occupant_number(int program);
