/* IEEE 802.15.4 (section numbers are those of IEEE 802.15.4-2015): the parts of a frame. Each
 * returns false if it is malformed or cut short, and has said so. */
#pragma once

#include "link.h"

static inline uint16_t ieee802154_get16(struct printer *printer, struct packet packet,
                                        uint32_t offset)
{
        return __builtin_bswap16(get16(printer, packet, offset));
}

/* "[ERROR: ...]". Returns false. */
static inline bool ieee802154_fault(struct printer *printer, const char *what)
{
        put_damage(printer, "[ERROR: %s]", what);
        return false;
}

/* An extended address. The least significant byte is sent first. */
static inline void ieee802154_put_extended(struct printer *printer, struct packet packet,
                                           uint32_t at)
{
        size_t start = span_start(printer);

        for (uint32_t i = 8; i-- > 0;)
                putf(printer, i > 0 ? "%02x:" : "%02x", get8(printer, packet, at + i));
        span_end(printer, ROLE_ADDRESS, start);
}

/* How a frame is protected. */
struct ieee802154_security {
        bool is_encrypted;
        uint32_t code_size;  /* of the message integrity code, and */
        const uint8_t *code; /* where that is */
};

/* The auxiliary security header. It, and the message integrity code, are taken off the packet. */
bool ieee802154_security_print(struct printer *printer, struct packet *packet,
                               struct ieee802154_security *security);
void ieee802154_code_print(struct printer *printer, struct ieee802154_security security);

/* The last two bytes of a frame, which may be its frame check sequence, and what that should be. */
struct ieee802154_check {
        uint32_t stored, computed;
};

/* Takes the frame check sequence of the frame `whole` off `packet`, which is left of it, if there
 * is one. */
struct ieee802154_check ieee802154_check_take(struct printer *printer, struct packet whole,
                                              struct packet *packet);
void ieee802154_check_print(struct printer *printer, struct ieee802154_check check);

/* Information elements of the header and, if they follow, of the payload. */
bool ieee802154_elements_print(struct printer *printer, struct packet *packet, bool is_encrypted);

/* Payloads. */
bool ieee802154_beacon_print(struct printer *printer, struct packet *packet);
bool ieee802154_command_print(struct printer *printer, struct packet whole, struct packet *packet);

/* A frame of `size` bytes at the front of another protocol's packet. False if its headers are
 * malformed or of an unknown kind. */
bool ieee802154_print_inside(struct printer *printer, struct packet packet, uint32_t size);
