/* Names for the contents of terms, and for their values. */
#pragma once

#include "layers.h"

/* More kinds of values than enum net_value. */
enum {
        VALUE_HOST_FAMILY = NET_VALUES, /* in the byte order of this machine */
        VALUE_TAG_PRESENT,
        VALUE_PPPOE, /* version, type, code, and in the lower half the session */
        VALUE_FIRST_MAC_BYTE,
        VALUE_EXTENSION_PRODUCT, /* tells extension headers from other protocols */
};

/* More roles than enum net_role. */
enum {
        ROLE_PORTS = NET_ROLES, /* source and destination */
        ROLE_TAG_METADATA,
};

enum { NAME_ROOM = 160, PREFIX_ROOM = 40 };

/* What a term holds. */
struct field {
        uint32_t term;
        const struct net_header *header; /* whose name goes in front; NULL if none does */
        uint8_t ordinal;                 /* of stacked tags: 0 is the outermost */
        uint8_t value;                   /* enum net_value and above: how to write values of it */
        uint8_t role;                    /* enum net_role and above */
        uint8_t size;                    /* bytes of it */
        uint32_t mask;                   /* the bits that are left of it; all if not masked */
        char prefix[PREFIX_ROOM];        /* the header's name, "TCP ", or "" */
        char name[NAME_ROOM];            /* "destination port" */
        size_t unmasked;   /* length of the name without its mask; 0 if it has no mask */
        const char *aside; /* for the end of a note; "" if there is nothing to add */
        /* The header it is in, and where. */
        const struct net_header *in;
        uint32_t in_offset;
        /* The field it is only a part of, if it is, and where that starts in the packet; GRAPH_NONE
         * if that is not constant. */
        const struct net_field *whole;
        uint32_t whole_offset;
};

/* Stand for a register: what A and X hold in the loop of `protochain`. */
enum { CHAIN_PROTOCOL = BPF_MEMWORDS + 2, CHAIN_OFFSET };

/* The term for a value of which nothing is known, as different paths to instruction `at` leave
 * different ones in register `place`. */
uint32_t field_varying(struct graph *graph, uint32_t at, uint32_t place);

/* Names what `term` holds, where the headers are `layers`. */
void field_name(struct field *field, const struct scene *scene, const struct layers *layers,
                uint32_t term);

/* Writes a value of `field`. */
void field_value(char *text, size_t room, const struct field *field, uint32_t value);

/* Whether values of this kind are known by names, such as "IPv4" of an EtherType. */
bool field_has_names(uint8_t value);

/* Whether a value of this kind is written in the same way when it is masked. */
bool field_keeps_value(uint8_t value);

/* Writes the question of a conditional jump to `rest`: of "destination port 80?" what is between
 * the field's name and the question mark. Some questions replace the field's name. */
void field_question(struct field *field, unsigned jump, uint32_t value, char *rest, size_t room);
