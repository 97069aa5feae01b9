/* Rx, and the services of AFS that are called with it: the packets (rx.c), what can be called
 * (rx_operations.c), and the arguments and results (rx_values.c). */
#pragma once

#include "print/printer/printer.h"

/* What can be called. Arguments and results are words, each printed with a space in front; one that
 * begins with % stands for a value:
 *
 *     %u %d %q   a number of 32 bits, without and with a sign; of 64 bits
 *     %t %v      a time; two numbers, "1.2": a version of the database, or a transaction
 *     %s %n      a string, counted; one of fixed size, a character a word
 *     %F %S %A   a file's number; what is stored of its status; its access list
 *     %D %U %T   a server's number; its identifier; a volume's type
 *     %o %h      bytes, and a number, that are not printed
 *     %b         whether the sender is the one that synchronizes the others
 *     %e         an error of the file server
 *     %1 %2 %3   a volume's entry: in the older form, the newer one, and with identifiers
 *     %f %a %i %m %g %l   lists: of files, of callbacks, of numbers, of names, of servers, of
 *                volumes */
struct rx_operation {
        uint32_t code;
        const char *name; /* NULL at the end of a table */
        const char *arguments;
        const char *results;
};

struct rx_service {
        uint16_t port; /* 0 at the end of the table */
        const char *name;
        const struct rx_operation *operations;
        uint32_t string_limit; /* longer ones are not printed */
        uint32_t name_size;    /* of %n */
        bool ubik;             /* kept on several servers, which call each other on this port */
        bool empty_replies;    /* are printed */
        const char *error;     /* what an abort says */
};

extern const struct rx_service rx_services[];
extern const struct rx_service rx_ubik; /* not a service of its own */

enum { RX_VOTE_BEACON = 10000 };

const struct rx_operation *rx_operation_find(const struct rx_operation *row, uint32_t code);

/* Prints the values at `at` of the packet. What is missing is remarked with the service's name, and
 * ends the values, but not the line. */
void rx_values_print(struct printer *printer, const struct rx_service *service, const char *format,
                     struct packet packet, uint32_t at);
