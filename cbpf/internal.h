/* cbpf: what its files share. */
#ifndef CBPF_INTERNAL_H
#define CBPF_INTERNAL_H

#include "cbpf.h"

/* A libpcap handle whose pcap_compile() generates code for `target`; NULL when memory is short.
 * Freed with pcap_close(). */
pcap_t *cbpf_open_handle(const struct cbpf_target *target);

/* Rewrites `program`, compiled for frames with an SLL2 header, in place for a cooked socket.
 * Returns 0; -1 if it reads what the kernel cannot tell there (`program` is then as it was) or
 * memory is short. */
int cbpf_cook(struct bpf_program *program);

#endif
