/* Shared by the OpenFlow files. */
#pragma once

#include "print/printer/printer.h"

/* What is wrong with a message, if anything. Whether all of it was captured is no matter of one
 * that is unknown, and has been shown of a frame that was decoded. */
enum openflow_result { OPENFLOW_FINE, OPENFLOW_INVALID, OPENFLOW_UNKNOWN, OPENFLOW_DECODED };

/* A message's body: all of it, as long as its header says. */
typedef enum openflow_result openflow_body(struct printer *printer, struct packet body);

struct openflow_message {
        const char *name;
        uint32_t least, most; /* bytes of the body */
        openflow_body *print; /* NULL if it is not looked into */
};

/* By type. Types from `count` on are unknown. */
extern const struct openflow_message openflow10_messages[], openflow13_messages[];
extern const uint32_t openflow10_message_count, openflow13_message_count;

/* " data (12 octets)" on a line of its own, with -vv in hex, too. */
enum openflow_result openflow_data_print(struct printer *printer, struct packet data);
/* The same of an Ethernet frame, decoded with -vvv. */
enum openflow_result openflow_frame_print(struct printer *printer, struct packet frame);

/* " (A, B)" if any named bits are set, " (bogus)" if any are that are neither named nor in
 * `unnamed`. */
void openflow_bits_print(struct printer *printer, const struct name *table, uint32_t unnamed,
                         uint32_t value);
/* `label`, the value in hex, and these. */
void openflow_flags_print(struct printer *printer, const char *label, const struct name *table,
                          uint32_t value);

/* Text of a fixed size, in quotes. */
void openflow_text_print(struct printer *printer, const char *label, struct packet packet,
                         uint32_t at, uint32_t size);

/* "0x00002320 (Nicira Networks)". */
void openflow_vendor_print(struct printer *printer, uint32_t vendor);

/* "NONE", or in hex. */
void openflow_buffer_print(struct printer *printer, const char *label, uint32_t buffer);

/* " type HELLO_FAILED, code EPERM", and what the message is about. `codes` has a table a type. */
enum openflow_result openflow_error_print(struct printer *printer, struct packet body,
                                          const struct name *types,
                                          const struct name *const *codes);
