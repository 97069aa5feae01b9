/* Random filter expressions, from pieces of the grammar of pcap-filter(7). Constants come from
 * small sets, so that the tests in one expression meet each other. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Where the choices come from: from random numbers, or, with `random` NULL, from bytes, one or two
 * a choice; once these are used up, the first possibility is always chosen, which ends soon. */
struct choices {
        uint64_t *random;
        const uint8_t *bytes;
        size_t count;
};

/* A link type to write an expression for, as a DLT_* number; Ethernet in half of the cases. */
int grammar_link_type(struct choices *choices);

/* Writes an expression for `link_type` into `text` (cut short if there is too little room). Most
 * compile; libpcap may refuse one that asks for something a link type does not have. */
void grammar_expression(struct choices *choices, int link_type, char *text, size_t room);
