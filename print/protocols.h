/* The tables of protocols. */
#ifndef PRINT_PROTOCOLS_H
#define PRINT_PROTOCOLS_H

#include "print/printer/printer.h"

extern const struct protocol *const protocols[NUMBER_SPACES];

#endif
