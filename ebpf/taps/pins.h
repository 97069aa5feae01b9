/* Inside ebpf/taps: what keeps an XDP program of others at work if all processes of filt are killed
 * before it is put back: the tables by which filt's program goes on to it, which the kernel empties
 * once nobody holds them, are pinned in /sys/fs/bpf, if that is mounted; and so is the program,
 * which the next filt puts back. */
#pragma once

#include <stdint.h>

/* Pins the descriptors of both tables and the program for an interface. Returns a descriptor, which
 * says that somebody lives who will put the program back; or -1 if nothing is pinned. */
enum { PINS_TABLE, PINS_BEFORE, PINS_PROGRAM, PINS };
int pins_make(uint32_t interface, const int descriptors[PINS]);

void pins_remove(uint32_t interface);

/* Returns the descriptor of the program that nobody will put back; -1 if there is none. */
int pins_left(uint32_t interface);
