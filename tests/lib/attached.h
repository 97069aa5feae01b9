/* Programs attached to sockets, to ask the kernel what it does with a packet. */
#pragma once

#include "cbpf/cbpf.h"

/* Attaches the program, in place of one that is there. Returns false if the kernel refuses it. */
bool attached_set(int socket, const struct bpf_program *program);

/* Whether a datagram of these bytes, one at least, gets to a socket with the program: 1 or 0; -1 if
 * the kernel does not take the program or the datagram. */
int attached_accepts(const struct bpf_program *program, const uint8_t *data, uint32_t length);
