/* The decision graph as text, written (text.c) and read back (read_text.c). Every pass can be shown
 * and tested in it: text in, text out. It is a small language in static single assignment form:
 *
 *     %1 = load.h 12
 *     n1: switch %1 { 0x800 -> n2; 0x806, 0x8035..0x8036 -> accept 262144; else -> reject }
 *
 *     %2 = load.h 20
 *     %3 = and %2, 0x1fff
 *     n2: switch %3 { 0 -> accept 262144; else -> reject }
 *
 * Terms (%N) are defined before they are used; nodes (nN) are used before they are defined, so
 * there is no cycle. The first node is the root. The grammar; line ends count as white space, and a
 * comment goes from # to the end of its line:
 *
 *     graph    = { term | node }
 *     term     = TERM "=" value
 *     value    = "length"                                  of the packet on the wire
 *              | ( "load.b" | "load.h" | "load.w" ) place  1, 2 or 4 bytes of the packet
 *              | operation operand "," operand
 *              | "neg" operand
 *              | "argument" ( "a" | "x" )                  what the last call passed
 *              | "variable" NUMBER                         what the last set made of it
 *     operation= "add" | "sub" | "mul" | "div" | "mod" | "lsh" | "rsh" | "and" | "or" | "xor"
 *              | "eq" | "gt"                               0 or 1; both operands vary
 *     operand  = TERM | NUMBER
 *     place    = [ operand "+" ] NUMBER | NAME               NAME: ancillary data, as in listings
 *     node     = NODE ":" ( switch | call | set | leaf )
 *     switch   = "switch" TERM "{" { interval { "," interval } "->" target ";" }
 *                "else" "->" target "}"
 *     interval = NUMBER [ ".." NUMBER ]                    ascending
 *     call     = "call" NODE [ "a" "=" operand ] [ "x" "=" operand ]
 *     set      = "set" NUMBER "=" operand "," target [ "a" "=" operand ]
 *     target   = NODE | leaf
 *     leaf     = "accept" NUMBER | "reject" | "return" TERM
 *     NUMBER   = decimal, or hexadecimal behind 0x; 32 bits
 *
 * The reader makes terms and nodes by the functions that all others use, so what it reads is in
 * normal form, whatever was written. Written text is read back to the same text: names are numbered
 * in the order of the text. */
#pragma once

#include "cbpf/program/program.h"
#include "ir.h"

struct text_operation {
        const char *name;
        uint8_t kind; /* TERM_OPERATION, TERM_EQUAL, TERM_GREATER */
        uint8_t code;
        bool commutes;
        bool bits; /* its constants are masks */
};

struct text_load {
        const char *name;
        uint8_t size;
};

enum {
        TEXT_OPERATIONS = 13,
        TEXT_LOADS = 3,
};

extern const struct text_operation text_operations[TEXT_OPERATIONS];
extern const struct text_load text_loads[TEXT_LOADS];
