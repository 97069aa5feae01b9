/* print: a packet to the lines a person reads, in tcpdump's format.
 *
 * A library: it writes into memory and returns it; what is shown where is the caller's business. */
#pragma once

#include "base/colors.h"
#include "base/error.h"
#include "net/packet.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* What stands at the start of a line: tcpdump's default, -t, -tt, -ttt, -tttt, -ttttt. */
enum print_time {
        PRINT_TIME_OF_DAY,
        PRINT_TIME_NONE,
        PRINT_TIME_EPOCH,
        PRINT_TIME_SINCE_PREVIOUS,
        PRINT_TIME_DATE,
        PRINT_TIME_SINCE_FIRST,
};

/* The dump below a line: -x, -xx, -X, -XX, -A. The _LINK forms include the link header. */
enum print_dump {
        PRINT_DUMP_NONE,
        PRINT_DUMP_HEX,
        PRINT_DUMP_HEX_LINK,
        PRINT_DUMP_HEX_ASCII,
        PRINT_DUMP_HEX_ASCII_LINK,
        PRINT_DUMP_ASCII,
        PRINT_DUMP_ASCII_LINK,
};

/* Names for numbers; any of them may be NULL, and may return NULL: then the number is printed, or
 * "?" for an interface. What they return must stay valid until the next call. Addresses are in
 * network byte order. `interface` is asked for those of LINUX_SLL2 that struct print_packet does
 * not name. */
struct print_names {
        const char *(*address)(void *context, int family, const void *address);
        const char *(*port)(void *context, int ip_protocol, uint16_t port);
        /* Of an Ethernet address; without one, who made the station is named: "(oui Cisco)". */
        const char *(*station)(void *context, const uint8_t address[6]);
        void *context; /* of these */
        const char *(*interface)(void *interfaces, uint32_t index);
        void *interfaces;
        bool protocols; /* of IP: by IANA's names */
};

/* What -T says the payload of UDP is, whatever its ports. */
#define PRINT_TYPES                                                                              \
        "aodv|carp|cnfp|domain|lmp|pgm|pgm_zmtp1|ptp|radius|resp|rpc|rtcp|rtp|snmp|someip|tftp|" \
        "vat|"                                                                                   \
        "vxlan|wb|zmtp1"
enum print_type { /* after the first in the order of these words */
                  PRINT_TYPE_BY_PORT,
                  PRINT_TYPE_AODV,
                  PRINT_TYPE_CARP,
                  PRINT_TYPE_CNFP,
                  PRINT_TYPE_DOMAIN,
                  PRINT_TYPE_LMP,
                  PRINT_TYPE_PGM,
                  PRINT_TYPE_PGM_ZMTP1,
                  PRINT_TYPE_PTP,
                  PRINT_TYPE_RADIUS,
                  PRINT_TYPE_RESP,
                  PRINT_TYPE_RPC,
                  PRINT_TYPE_RTCP,
                  PRINT_TYPE_RTP,
                  PRINT_TYPE_SNMP,
                  PRINT_TYPE_SOMEIP,
                  PRINT_TYPE_TFTP,
                  PRINT_TYPE_VAT,
                  PRINT_TYPE_VXLAN,
                  PRINT_TYPE_WB,
                  PRINT_TYPE_ZMTP1,
};

/* What packets are decrypted and checked with: secrets of ESP (RFC 4303). They hold OpenSSL's
 * library, which is loaded from files, so make them before a sandbox is entered. */
struct print_secrets;

/* What is wrong with one. */
enum print_secret_fault {
        PRINT_SECRET_FINE,
        PRINT_SECRET_MEMORY,
        PRINT_SECRET_NO_AT,      /* between the SPI and the address */
        PRINT_SECRET_SPI,        /* is no number, which these bytes are behind */
        PRINT_SECRET_ADDRESS,    /* is none */
        PRINT_SECRET_NO_COLON,   /* between the algorithm and the secret */
        PRINT_SECRET_ALGORITHM,  /* is not known */
        PRINT_SECRET_NO_DIGITS,  /* of hex behind 0x */
        PRINT_SECRET_WRONG_DIGIT /* among these */
};

/* The bytes of the text that have the fault. */
struct print_secret_part {
        size_t from, length;
};

/* Returns NULL and fills `error` if OpenSSL's library is not there. */
struct print_secrets *print_secrets_new(struct error *error);
void print_secrets_free(struct print_secrets *secrets);

/* Adds one: "SPI@ADDRESS ALGORITHM:SECRET" for what is sent to this address with this security
 * parameter index, or "ALGORITHM:SECRET" for all that no other is for; of several for the same, the
 * last one counts. A SECRET that begins with 0x is in hex. ALGORITHM is one of OpenSSL's names of
 * ciphers, with or without "-cbc", 3des, cast128 or none; "-hmac96" behind it says that packets end
 * in 12 bytes of an integrity check value. With `as_tcpdump`, the number of an SPI ends where its
 * digits do, and "-cbc" is never a part of a name. Fills `part` where there is a fault. */
enum print_secret_fault print_secrets_add(struct print_secrets *secrets, const char *text,
                                          bool as_tcpdump, struct print_secret_part *part);

/* Names of SNMP's objects, from modules that libsmi reads: make them before a sandbox is entered.
 * There can be one of these at a time. */
struct print_mibs;

/* Returns NULL and fills `error` if libsmi is not there. */
struct print_mibs *print_mibs_new(struct error *error);
void print_mibs_free(struct print_mibs *mibs); /* NULL is fine */

/* Adds the objects of a module: its name, or the path of its file. Returns -1 and fills `error` if
 * it is not found. */
int print_mibs_add(struct print_mibs *mibs, const char *name, struct error *error);

struct print_options {
        bool link_header;              /* -e */
        bool quiet;                    /* -q */
        int verbose;                   /* -v: 1, -vv: 2, -vvv: 3 */
        bool numbered;                 /* -# */
        bool absolute_sequence;        /* -S */
        bool lengths;                  /* --lengths */
        bool one_line;                 /* -g: no line break behind the IP header */
        bool no_checksums;             /* -K: none is verified */
        bool as_dotted;                /* -b: numbers of autonomous systems as two, with a dot */
        bool mesh;                     /* -H: look for the headers of drafts of IEEE 802.11s */
        bool whole_handles;            /* -u: file handles of NFS as they are */
        bool tcpdumps_protocols;       /* only what tcpdump prints, by ports alone */
        int type;                      /* -T, enum print_type */
        struct print_secrets *secrets; /* -E; for -M, too, if without any; stays the caller's */
        const char *digest_secret;     /* -M, of TCP's MD5 digests (RFC 2385); NULL without */
        /* Called once, at the first packet that `secrets` may be for: ESP, or an exchange of keys.
         * False ends the line there, without a newline. NULL if it is not wanted. */
        bool (*before_secrets)(void *context);
        void *secrets_context;
        struct print_mibs *mibs; /* -m; stays the caller's; NULL without */
        bool nanoseconds;        /* nine digits in time stamps, not six */
        enum print_time time;
        enum print_dump dump;
        const struct colors *colors; /* for terminals; NULL without; stays the caller's */
        bool json;                   /* instead of lines: see docs/json.md */
        struct print_names names;
};

/* A packet with what is known of it. */
struct print_packet {
        struct packet packet;
        int link_type;        /* DLT_* */
        struct timespec time; /* since the epoch */

        /* What the capture says; texts in UTF-8, NULL if not known. They may hold anything: lines
         * show control characters and invalid bytes as ^X and M-x. */
        const char *interface; /* its name; "any" stands for all, and names none */
        const char *interface_description;
        const char *comment; /* may have several lines */
        const char *note; /* stands behind the line, what follows a line break below it; or NULL */
        const char *members; /* of its JSON object, without a comma around them; or NULL */
        enum packet_passage passage;
        uint64_t dropped; /* packets lost on the interface just before this one */
        bool several;     /* interfaces have packets in the capture: lines name them */
};

struct printer;

/* A printer is for all packets of a run, of whatever link types. It keeps what lines need of
 * earlier ones: their number and time, and the first sequence numbers of TCP connections (a bounded
 * number of them). Returns NULL when memory is short. Freed with printer_free(). Time stamps of day
 * are in the zone of TZ. */
struct printer *printer_new(const struct print_options *options);
void printer_free(struct printer *printer);

/* Formats one packet: one or more lines, each ended by a newline, as tcpdump 4.99 -n prints them.
 * Returns the text, its size in `*length` (it is
 * NUL-terminated too); it is owned by the printer and valid until the next call. A packet cut short
 * prints what is there and "[|proto]". Where there are several interfaces, "eth0  In  " stands
 * behind the time stamp, as in tcpdump's lines of LINUX_SLL2 (which always have it), and "eth0  "
 * if it is not known how the packet passed. Below the line, -v shows what was dropped before, and
 * comments. Returns NULL when memory is short. */
const char *printer_print(struct printer *printer, const struct print_packet *packet,
                          size_t *length);

/* Counts a packet that is not printed. */
void printer_skip(struct printer *printer);

/* True if printer_print() knows the headers of this link type (others get their length alone). */
bool print_knows_link_type(int link_type);
