/* Names for what terms hold, and for values of it. */
#ifndef CBPF_FIELD_H
#define CBPF_FIELD_H

#include "layers.h"

/* What values stand for, besides enum net_value. */
enum {
        VALUE_HOST_FAMILY = NET_VALUES, /* in the byte order of this machine */
        VALUE_TAG_PRESENT,
        VALUE_PPPOE, /* version, type, code, and in the lower half the session */
        VALUE_FIRST_MAC_BYTE,
};

/* What a field is for, besides enum net_role. */
enum {
        ROLE_PORTS = NET_ROLES, /* source and destination */
        ROLE_TAG_METADATA,
};

enum { NAME_ROOM = 160, PREFIX_ROOM = 40 };

/* What a term holds. */
struct field {
        uint32_t term;
        const struct net_header *header; /* whose name goes in front; NULL if none does */
        uint8_t ordinal;                 /* which one it is of tags behind one another; 0: first */
        uint8_t value;                   /* enum net_value and above: how to write values of it */
        uint8_t role;                    /* enum net_role and above */
        uint8_t size;                    /* bytes of it */
        uint32_t mask;                   /* the bits of it that are there; all if not masked */
        char prefix[PREFIX_ROOM];        /* the header's name, "TCP ", or "" */
        char name[NAME_ROOM];            /* "destination port" */
        size_t unmasked;   /* bytes of the name without its mask; 0 if it has no mask */
        const char *aside; /* to be said at the end of a note; "" if nothing */
        /* Where it lies in a header: in which, and where from its start. */
        const struct net_header *in;
        uint32_t in_offset;
        /* Where it is only a part of a field: that field, and where in the packet this starts, or
         * GRAPH_NONE if that is not a constant place. */
        const struct net_field *whole;
        uint32_t whole_offset;
};

/* In the place of a register: what A and X hold where `protochain` goes from header to header. */
enum { CHAIN_PROTOCOL = BPF_MEMWORDS + 2, CHAIN_OFFSET };

/* The term for a value of which nothing is known, as different paths to instruction `at` leave
 * different ones in register `place`. */
uint32_t field_varying(struct graph *graph, uint32_t at, uint32_t place);

/* Names what `term` holds, where the headers are `layers`. */
void field_name(struct field *field, const struct scene *scene, const struct layers *layers,
                uint32_t term);

/* Writes `value` of a field of that kind and size. */
void field_value(char *text, size_t room, const struct field *field, uint32_t value);

/* Whether some of the bits of such a value are written as all of them are. */
bool field_keeps_value(uint8_t value);

/* Writes what a jump asks: "destination port 80?" without the field's own name and the question
 * mark, in `rest`. Where the question has words of its own, the field's name is changed. */
void field_question(struct field *field, unsigned jump, uint32_t value, char *rest, size_t room);

#endif
