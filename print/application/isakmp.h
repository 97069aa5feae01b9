/* Shared by the files of ISAKMP and IKE. */
#pragma once

#include "print/printer/printer.h"

enum { ISAKMP_GENERIC = 4 }; /* what each payload starts with: the next one's type, and its size */

struct isakmp_context;

/* Payloads that name one another, from one of `type` on. Returns where they end, 0 to stop. */
typedef uint32_t isakmp_payloads(struct printer *printer, struct packet packet, uint8_t type,
                                 struct isakmp_context *context);

struct isakmp_context {
        isakmp_payloads *payloads;                               /* for payloads in payloads */
        void (*put_type)(struct printer *printer, uint8_t type); /* "hash", "pay14", "#49" */
        int version;                                             /* of IKE: 1 or 2 */
        unsigned depth;                                          /* of payloads in payloads */
        uint8_t protocol;                                        /* of the innermost proposal */
        unsigned count; /* of the transform in a proposal of IKEv2 */
};

/* Prints a payload of `size` bytes, its generic header included; the packet goes on to the end of
 * what was captured. Returns where the next one begins, 0 to stop. */
typedef uint32_t isakmp_payload(struct printer *printer, struct packet packet, uint32_t size,
                                struct isakmp_context *context);

/* " [|name]", and 0. */
uint32_t isakmp_cut(struct printer *printer, const char *name);

/* "isakmp", or "#9". */
void isakmp_protocol_print(struct printer *printer, uint8_t protocol);
/* " data=(00112233445566778899...aabb)", of all from `at` on, as tcpdump does; the dots are there
 * if there are 30 bytes or more, or `dots`. */
void isakmp_excerpt_print(struct printer *printer, struct packet packet, uint32_t at, bool dots);
/* With -vvv: a space, and hex, if there is any. */
void isakmp_hex_print(struct printer *printer, struct packet packet, uint32_t at, uint32_t size);

/* The attributes of a transform: (type=enc value=3des). */
struct isakmp_attribute {
        const char *name;
        const char *const *values;
        unsigned count; /* of values */
};
/* `map` may be NULL. Returns where they end; the byte behind `end` if one goes past that. */
uint32_t isakmp_attributes_print(struct printer *printer, struct packet packet, uint32_t at,
                                 uint32_t end, const struct isakmp_attribute *map, unsigned count);

extern const struct isakmp_attribute isakmp_oakley_attributes[];
extern const unsigned isakmp_oakley_attribute_count;
extern const char *const isakmp_groups[19];
extern const char *const isakmp_esp_transforms[13];

isakmp_payload isakmp_sa_print, isakmp_p_print, isakmp_t_print, isakmp_ke_print, isakmp_id_print,
    isakmp_cert_print, isakmp_cr_print, isakmp_hash_print, isakmp_sig_print, isakmp_nonce_print,
    isakmp_n_print, isakmp_d_print, isakmp_vid_print;
isakmp_payload isakmp_v2sa_print, isakmp_v2ke_print, isakmp_v2idi_print, isakmp_v2idr_print,
    isakmp_v2cert_print, isakmp_v2cr_print, isakmp_v2auth_print, isakmp_v2nonce_print,
    isakmp_v2n_print, isakmp_v2d_print, isakmp_v2vid_print, isakmp_v2tsi_print, isakmp_v2tsr_print,
    isakmp_v2cp_print, isakmp_v2eap_print;
