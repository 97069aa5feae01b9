/* Graphs as diagrams. The variables are the bytes of the packet, one by one, so that loads of
 * different widths and masks at one place meet; and, where a term is more than bytes put together,
 * the value of that term, as if it were independent of all others. So two graphs with one diagram
 * are equal, while the difference of two diagrams may be none of any packet. */
#pragma once

#include "diagram.h"

enum variable_kind {
        VARIABLE_ANCILLARY, /* a word of the kernel's at k */
        VARIABLE_BYTE,      /* of the packet, at k */
        VARIABLE_FAR_BYTE,  /* at k after what the term `base` says */
        VARIABLE_VALUE,     /* of the term `base` */
        VARIABLE_ROOM, /* the same: how many bytes are captured, or have been compared with that */
};

struct variable {
        uint8_t kind;
        uint32_t base, k;
};

/* What programs return that were followed for as long as loops are, and would go on. */
#define ENCODING_ASIDE 0x0a51de00u

struct encoding {
        struct graph *graph;
        struct diagrams *diagrams;
        uint32_t captured;          /* the term for how many bytes are */
        uint32_t only;              /* 0; or the one return that is taken for accepting */
        struct variable *variables; /* sorted; numbers in diagrams */
        uint32_t count, room;
};

/* How a term is put together from one load's bytes: bits of the load under a mask, shifted left, or
 * right if that is negative. */
struct composed {
        uint32_t base, offset, size;
        uint32_t mask;
        int shift;
};

/* False if it is put together otherwise. */
bool encoding_compose(const struct graph *graph, uint32_t term, struct composed *composed);

/* What a load of ancillary data is known by: its k; or GRAPH_NONE for any other term. */
uint32_t encoding_ancillary(const struct graph *graph, uint32_t term);

/* Finds the variables of all that is asked from these roots down; to be done before encoding_of(),
 * and again when there are more roots. */
void encoding_find_variables(struct encoding *encoding, const uint32_t *roots, size_t count);

/* The diagram of what is accepted from `root` down. */
uint32_t encoding_of(struct encoding *encoding, uint32_t root);

/* Of one variable: where it has a value from `low` to `high`. */
uint32_t encoding_span(struct encoding *encoding, uint32_t variable, uint32_t low, uint32_t high);

/* Where `term`, one that encoding_find_variables() met, has a value from `low` to `high`. */
uint32_t encoding_term_span(struct encoding *encoding, uint32_t term, uint32_t low, uint32_t high);

/* The number of the variable; UINT32_MAX if nothing asks for it. */
uint32_t encoding_variable(const struct encoding *encoding, struct variable variable);

void encoding_free(struct encoding *encoding);
