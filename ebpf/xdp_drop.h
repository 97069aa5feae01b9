/* The XDP program ebpf/xdp_drop.bpf.c: drops the IPv4 UDP packets of one interface and counts them.
 *
 * A library: it prints nothing. */
#ifndef XDP_DROP_H
#define XDP_DROP_H

#include <stdbool.h>
#include <stdint.h>

struct xdp_drop;

struct xdp_drop_error {
        char message[512];
        bool privilege; /* it takes more privilege than this process has */
};

/* Loads the program and attaches it to `interface`, in generic mode: the kernel runs it in
 * do_xdp_generic(), whatever the driver. Returns NULL with `error` filled if that cannot be done;
 * nothing stays loaded then. The program takes capabilities in the initial user namespace: root of
 * a user namespace is not enough. While this runs, libbpf's print function is replaced. */
struct xdp_drop *xdp_drop_attach(const char *interface, struct xdp_drop_error *error);

/* Reads how many packets it has dropped. Returns 0, or -1 with errno set. */
int xdp_drop_count(const struct xdp_drop *drop, uint64_t *count);

/* Detaches and unloads the program. The kernel does the same when the process dies. */
void xdp_drop_detach(struct xdp_drop *drop);

#endif
