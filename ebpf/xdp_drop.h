/* The XDP program ebpf/xdp_drop.bpf.c: drops and counts the IPv4 UDP packets of one interface. */
#pragma once

#include "base/error.h"

#include <stdint.h>

struct xdp_drop;

/* Loads the program and attaches it to `interface` in generic mode: it runs in do_xdp_generic(),
 * whatever the driver. Returns NULL with `error` filled, and nothing loaded, on failure. Needs
 * capabilities in the initial user namespace. libbpf's print function is replaced while this runs.
 */
struct xdp_drop *xdp_drop_attach(const char *interface, struct error *error);

/* Reads how many packets it has dropped. Returns 0, or -1 with errno set. */
int xdp_drop_count(const struct xdp_drop *drop, uint64_t *count);

/* Detaches and unloads the program. The kernel does the same when the process dies. */
void xdp_drop_detach(struct xdp_drop *drop);
