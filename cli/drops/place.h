/* Inside cli/drops: where a packet was dropped, in the words of who runs a network. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct drop_place {
        const char *words;  /* "INPUT", "reverse path filter"; NULL if not known */
        const char *before; /* what leads from "dropped" to them */
        bool is_sending;    /* the packet was on its way out */
        bool by_rules;      /* of iptables or nftables, */
        int hook;           /* at this one, enum rules_hook; -1 if they are others' */
};

/* Finds the place by the reason's name (NULL if not known) and the names of the functions that were
 * called, the innermost first, of which any may be NULL. */
struct drop_place drop_place_find(const char *reason, const char *const *functions, size_t count);
