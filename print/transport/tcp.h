/* Shared by the TCP files. */
#pragma once

#include "print/printer/printer.h"

enum {
        TCP_FIN = 0x01,
        TCP_SYN = 0x02,
        TCP_RST = 0x04,
        TCP_PUSH = 0x08,
        TCP_ACK = 0x10,
        TCP_URG = 0x20,
};

struct tcp_segment {
        uint16_t source, destination; /* ports */
        uint16_t flags;
        struct packet packet; /* all of it */
        uint32_t header;      /* bytes of that */
        bool whole;           /* nothing of it is cut off */
        uint32_t sequence;
        uint32_t acknowledgment;
        uint32_t peer_base; /* what to subtract from the peer's sequence numbers */
};

/* Prints ", options [...]". `packet` is from the options on, `length` bytes of them. False if
 * they are malformed; nothing more should be printed then. */
bool tcp_options_print(struct printer *printer, struct packet packet,
                       const struct tcp_segment *segment);

/* The same as fields of JSON; `packet` is the options alone. */
void tcp_option_fields(struct printer *printer, struct packet packet);

/* Prints the value of option 30, which is all there, of a segment with these flags. False if it is
 * malformed. */
bool mptcp_print(struct printer *printer, struct packet value, uint16_t flags);
