/* Annotating a program, the second part: names for what terms hold. */
#ifndef CBPF_FIELD_H
#define CBPF_FIELD_H

#include "layers.h"

enum value_kind {
        VALUE_NUMBER, /* decimal; hexadecimal where large */
        VALUE_BITS,   /* hexadecimal */
        VALUE_ETHERTYPE,
        VALUE_PPP_PROTOCOL,
        VALUE_PROTOCOL, /* of IP */
        VALUE_FAMILY,
        VALUE_HOST_FAMILY, /* in the byte order of this machine */
        VALUE_IPV4,
        VALUE_IPV6, /* a part of an address */
        VALUE_MAC,
        VALUE_TCP_FLAGS,
        VALUE_FRAGMENT, /* flags and offset */
        VALUE_VERSION,  /* of IP, and the header length below it */
        VALUE_VERSION_ALONE,
        VALUE_LABEL, /* MPLS */
        VALUE_TAG,   /* VLAN: priority and number */
        VALUE_VLAN,  /* number alone */
        VALUE_DIRECTION,
        VALUE_PRESENT,
        VALUE_ICMP_TYPE,
        VALUE_ICMP6_TYPE,
        VALUE_SAP,
        VALUE_SAPS,
        VALUE_PPPOE, /* version, type, code, and in the lower half the session */
        VALUE_FIRST_MAC_BYTE,
};

enum { NAME_ROOM = 160, LAYER_ROOM = 40 };

/* What a term holds. */
struct field {
        char layer[LAYER_ROOM]; /* "TCP"; "" if the name says it all */
        char name[NAME_ROOM];   /* "destination port" */
        const char *aside;      /* to be said at the end of a note; "" if nothing */
        uint8_t value;          /* enum value_kind: how to write values of it */
        uint8_t size;           /* bytes of it */
        uint32_t mask;          /* the bits of the field that are there; all if not masked */
        size_t plain;           /* bytes of the name without its mask; 0 if it has none */
        /* Where it is a part of a field at a constant place: that field. */
        const char *whole;     /* its name; NULL if it is no part */
        uint32_t whole_offset; /* from the packet's start */
        uint8_t whole_size, whole_value;
};

/* In the place of a register: what A and X hold where `protochain` goes from header to header. */
enum { CHAIN_PROTOCOL = BPF_MEMWORDS + 2, CHAIN_OFFSET };

/* A value that came different ways to instruction `at`, in that register: a term that nothing else
 * is known of. */
uint32_t field_varying(struct graph *graph, uint32_t at, uint32_t place);

/* Names what `term` holds, where the headers are `layers`. */
void field_name(struct field *field, const struct scene *scene, const struct layers *layers,
                uint32_t term);

/* Writes `value` of a field of that kind and size. */
void field_value(char *text, size_t room, const struct field *field, uint32_t value);

/* Writes what a jump asks: "destination port 80?" without the field's own name, in `rest`, or with
 * another name in its place, in which case the field's is changed. */
void field_question(struct field *field, unsigned jump, uint32_t value, char *rest, size_t room);

#endif
