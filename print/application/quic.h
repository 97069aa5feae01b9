/* QUIC, RFC 9000: what is read of its packets, apart from how it is printed. */
#pragma once

#include "cursor.h"

#include "print/printer/quic_initial.h"

enum { QUIC_LONG = 0x80, QUIC_FIXED = 0x40, QUIC_SPIN = 0x20 };
enum { QUIC_MAX_CONNECTION_ID = 20, QUIC_MAX_PACKETS = 16 /* in one datagram */ };
enum quic_version { QUIC_VERSION_2 = 0x6b3343cf, QUIC_VERSION_2_DRAFT = 0x709a50c4 };
enum quic_kind { QUIC_INITIAL, QUIC_EARLY_DATA, QUIC_HANDSHAKE, QUIC_RETRY, QUIC_KINDS };

/* A long header, and where it ends. */
struct quic_header {
        uint32_t version;
        bool known; /* the version: then there are a kind, and what is below the connection IDs */
        enum quic_kind kind;
        struct packet destination, source; /* connection IDs */
        struct packet rest; /* what follows them: versions on offer, or the token of a retry */
        struct packet token;
        uint32_t length;      /* from the packet number on */
        uint32_t number_at;   /* where the packet number is, */
        struct packet packet; /* of this packet, up to its end; what follows is another one */
};

/* Returns false if this is none, or not captured far enough. */
bool quic_header_read(struct packet packet, struct quic_header *header);

static inline bool quic_is_version_2(uint32_t version)
{
        return version == QUIC_VERSION_2 || version == QUIC_VERSION_2_DRAFT;
}

/* Numbers of one to eight bytes, section 16. */
uint64_t quic_number_read(struct cursor *at);
uint32_t quic_size_read(struct cursor *at); /* UINT32_MAX if it is larger */

/* ---- What the first packets of a connection hold ---- */

enum quic_frame_type {
        QUIC_PADDING = 0,
        QUIC_PING = 1,
        QUIC_ACK = 2,
        QUIC_ACK_WITH_MARKS = 3,
        QUIC_CRYPTO = 6,
        QUIC_CLOSE = 0x1c,
        QUIC_CLOSE_BY_APPLICATION = 0x1d,
};

struct quic_frame {
        uint64_t type;
        uint64_t error;       /* of a frame that closes the connection, */
        uint64_t offset;      /* of one of the handshake */
        struct packet packet; /* the reason, or bytes of the handshake */
};

/* The next frame; padding of any length is one. Returns false at the end, and where the frames are
 * cut or of a type that such a packet cannot have. */
bool quic_frame_read(struct cursor *at, struct quic_frame *frame);

/* A packet that could be decrypted. */
struct quic_content {
        struct quic_content *next;
        const uint8_t *from; /* where the packet begins */
        bool opened;
        uint32_t number;
        struct packet frames;
        uint64_t first, end, total; /* between which its bytes of the handshake are, how many */
        struct packet handshake;    /* messages of TLS to show; */
        bool partial;               /* the last one is not complete, and will be shown again */
};

/* Reads the initial packet with this header, once. NULL if its keys are not known. It is valid
 * until the packet is printed. */
const struct quic_content *quic_open(struct printer *printer, const struct quic_header *header);

void quic_print(struct printer *printer, struct packet packet);
bool quic_fits(struct packet payload, uint16_t source, uint16_t destination);
