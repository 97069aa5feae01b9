/* What writes a protocol's fields as members of a JSON object, with Wireshark's names
 * (https://www.wireshark.org/docs/dfref/).
 *
 * What lies at fixed places of a header is in the tables of net/headers.c. For the rest, a protocol
 * has a function next to its printer, void NAME_fields(struct printer *, struct packet), which
 * writes what it finds in the packet; it reads as printers do, so it ends where the captured bytes
 * do: what was not complete is withdrawn, and what is open closed. print/json.c calls it; what it
 * writes is described in docs/filt.schema.json.
 *
 * Where the tables do not say what follows, the protocol has a function for that, too; these are
 * declared here.
 *
 * A name is a literal that needs no escape; NULL stands for an element of an array. */
#pragma once

#include "printer.h"

/* Opens an object or an array: `bracket` is { or [. At most FIELDS_DEPTH may be open; one more ends
 * the packet. */
void field_open(struct printer *printer, const char *name, char bracket);
void field_close(struct printer *printer);

/* The comma and the name. Room is made once: a packet has many. */
static inline void field_key_sized(struct printer *printer, const char *name, size_t size)
{
        char *at = output_room(printer, size + 4);

        if (at[-1] != '{' && at[-1] != '[')
                *at++ = ',';
        if (name) {
                *at++ = '"';
                memcpy(at, name, size);
                at += size;
                *at++ = '"';
                *at++ = ':';
        }
        output_end(printer, at);
}

static inline void field_key(struct printer *printer, const char *name)
{
        field_key_sized(printer, name, name ? strlen(name) : 0);
}

/* What has been written is complete: it stays if the packet ends here. */
static inline void field_done(struct printer *printer)
{
        printer->fields.complete = printer->text.length;
}

static inline void field_number(struct printer *printer, const char *name, uint64_t value)
{
        field_key(printer, name);
        put_decimal(printer, value);
        field_done(printer);
}

static inline void field_signed(struct printer *printer, const char *name, int64_t value)
{
        field_key(printer, name);
        if (value < 0)
                put_char(printer, '-');
        put_decimal(printer, value < 0 ? -(uint64_t)value : (uint64_t)value);
        field_done(printer);
}

static inline void field_flag(struct printer *printer, const char *name, bool value)
{
        field_key(printer, name);
        put(printer, value ? "true" : "false");
        field_done(printer);
}

/* "0x0800" */
void field_hex(struct printer *printer, const char *name, uint64_t value, unsigned digits);

/* Addresses in the packet. */
void field_ipv4(struct printer *printer, const char *name, struct packet packet, uint32_t at);
void field_ipv6(struct printer *printer, const char *name, struct packet packet, uint32_t at);
void field_station(struct printer *printer, const char *name, struct packet packet, uint32_t at);

/* "01:02:ff" */
void field_bytes(struct printer *printer, const char *name, struct packet packet, uint32_t at,
                 uint32_t size);

/* Text of the packet. Bytes that are no UTF-8, and the backslash, are written as \xNN. */
void field_text(struct printer *printer, const char *name, struct packet packet, uint32_t at,
                uint32_t size);

/* The domain name at `at` of a message, without the dot at its end; that of the root is ".".
 * Returns where it ends. A malformed one ends the packet. */
uint32_t field_domain_name(struct printer *printer, const char *name, struct packet message,
                           uint32_t at);

/* Withdraws what is not complete, and closes what was opened behind the first `depth` brackets. */
void fields_end(struct printer *printer, unsigned depth);

/* ---- What follows ---- */

/* Where the frame of IEEE 802.11 behind a radiotap header starts, and whether its header is padded
 * to a multiple of four bytes. */
bool radiotap_pads(struct printer *printer, struct packet packet, uint32_t *size);

/* Where the data in a frame of IEEE 802.11 starts; 0 if it has none that can be read. */
uint32_t ieee80211_data(struct printer *printer, struct packet packet, bool padded);

/* Whether this payload of TCP is a message of HTTP/1 from its start. */
bool http_starts(struct packet payload);

/* Whether it begins with a record of TLS, or completes one. */
bool tls_starts(struct printer *printer, struct packet payload);

/* Whether QUIC is in this payload of UDP between these ports: by what it looks like, or by what the
 * connection has carried. */
bool quic_starts(struct printer *printer, struct packet payload, uint16_t source,
                 uint16_t destination);

/* Whether a packet of Rx between the ports that were entered begins a call of AFS, or a reply to
 * one that is remembered. */
bool afs_starts(struct printer *printer, struct packet packet);

/* Whether there is a whole message of DNS at the start of TCP's payload. */
bool dns_tcp_starts(struct packet payload);

/* Whether this message quotes the packet that caused it, behind its header of 8 bytes. */
bool icmp_quotes(struct packet packet);
bool icmp6_quotes(struct packet packet);
