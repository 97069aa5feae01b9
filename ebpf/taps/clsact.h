/* Inside ebpf/taps: filters of tc by a clsact qdisc, as before Linux 6.6, which the kernel leaves
 * when the process ends. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct clsact {
        uint32_t interface; /* index */
        bool egress;
        bool made;       /* the qdisc: there was none */
        uint32_t handle; /* of the filter; 0 if there is none */
};

/* Attaches a program before all others. Returns 0, or a negative errno and nothing has changed;
 * -EEXIST if no place is free before the others. */
int clsact_attach(struct clsact *clsact, int program);

/* Whether it is still there. */
bool clsact_is_attached(const struct clsact *clsact, int program);

/* Removes it, and the qdisc if it was made here and nobody else has put a filter there. Returns 0;
 * 1 if there is another filter in its place, or none; or a negative errno. */
int clsact_detach(const struct clsact *clsact, int program);
