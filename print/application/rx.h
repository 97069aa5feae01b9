/* Rx, and the services of AFS that are called with it: the packets (rx.c), what can be called
 * (rx_operations.c), the arguments and results as text (rx_values.c) and as JSON (rx_fields.c). */
#pragma once

#include "print/printer/printer.h"

/* What can be called. Arguments and results are words, each printed with a space in front; one that
 * begins with % stands for a value. In braces behind it may be what JSON calls it, after "afs." and
 * the service; a # in front of the name makes a number hexadecimal, an @ an IPv4 address:
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
        const char *fields; /* what JSON calls it */
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

/* What an operation is called by, and what is answered, has in common. */
struct rx_key {
        uint32_t call;
        uint8_t client[4], server[4];
        uint16_t port; /* the server's */
        uint16_t service;
};

/* Where the header of a packet ends, and what it says. */
enum { RX_TYPE = 20, RX_FLAGS = 21, RX_HEADER = 28 };
enum { RX_DATA = 1, RX_ACKNOWLEDGMENT = 2, RX_ABORT = 4 };
enum { RX_FROM_CLIENT = 0x01 };

/* Whether a call, or the reply to one, begins in this packet, whose header was captured. An abort
 * is a reply, too. */
bool rx_is_call(struct printer *printer, struct packet packet);
bool rx_is_reply(struct printer *printer, struct packet packet);

struct rx_key rx_key_of(struct printer *printer, struct packet packet, bool reply);

/* NULL if the port belongs to none. */
const struct rx_service *rx_service_find(uint16_t port);

/* The operation of a service with this number, NULL if there is none. Servers that agree with each
 * other are called on their service's port: then `*service` becomes rx_ubik. */
const struct rx_operation *rx_operation_of(const struct rx_service **service, uint32_t code);

const struct rx_operation *rx_operation_find(const struct rx_operation *row, uint32_t code);

/* Prints the values at `at` of the packet. What is missing is remarked with the service's name, and
 * ends the values, but not the line. */
void rx_values_print(struct printer *printer, const struct rx_service *service, const char *format,
                     struct packet packet, uint32_t at);
