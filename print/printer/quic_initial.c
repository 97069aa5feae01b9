/* The first packets of a QUIC connection: their keys follow from what is in the clear, RFC 9001
 * section 5 and RFC 9369 section 3.3, so that who listens can read the hellos of TLS.
 *
 * Of libcrypto only functions that need no context are called: to make one takes longer than all
 * else at the start of filt, and few captures have QUIC in them. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "quic_initial.h"
#include "libcrypto.h"

#include "base/array.h"
#include "base/lazy.h"

#include <dlfcn.h>
#include <openssl/aes.h>
#include <openssl/modes.h>
#include <openssl/sha.h>
#include <stdlib.h>

#define FUNCTIONS(X)             \
        X(SHA256_Init)           \
        X(SHA256_Update)         \
        X(SHA256_Final)          \
        X(AES_set_encrypt_key)   \
        X(AES_encrypt)           \
        X(CRYPTO_gcm128_new)     \
        X(CRYPTO_gcm128_setiv)   \
        X(CRYPTO_gcm128_aad)     \
        X(CRYPTO_gcm128_decrypt) \
        X(CRYPTO_gcm128_finish)  \
        X(CRYPTO_gcm128_release)

struct quic_crypto {
#define POINTER(name) __typeof__(&name) name;
        FUNCTIONS(POINTER)
#undef POINTER
};

enum { KEY = 16, VECTOR = 12, TAG = 16, SAMPLE = 16, HASH = SHA256_DIGEST_LENGTH, MAX_NUMBER = 4 };

struct quic_crypto *quic_crypto_load(struct error *error)
{
#define ROW(name) {#name, offsetof(struct quic_crypto, name)},
        static const struct lazy_pointer functions[] = {FUNCTIONS(ROW)};
#undef ROW
        struct quic_crypto *crypto;
        void *library = libcrypto_open(error); /* stays loaded */

        if (!library)
                return NULL;
        crypto = calloc(1, sizeof *crypto);
        if (!crypto) {
                error_memory(error);
                return NULL;
        }
        if (lazy_find(library, functions, array_count(functions), crypto))
                return crypto;
        free(crypto);
        return NULL;
}

void quic_crypto_free(struct quic_crypto *crypto)
{
        free(crypto);
}

/* ---- Keys ---- */

/* What a version derives its keys with. */
struct derivation {
        uint32_t version;
        uint8_t salt[20];
        const char *key, *vector, *header; /* labels */
};

#define LABELS_1 "tls13 quic key", "tls13 quic iv", "tls13 quic hp"
#define LABELS_2 "tls13 quicv2 key", "tls13 quicv2 iv", "tls13 quicv2 hp"

static const struct derivation derivations[] = {
    {1,
     {0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17,
      0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a},
     LABELS_1},
    {0x6b3343cf,
     {0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93,
      0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd, 0x2e, 0xd9},
     LABELS_2},
    /* drafts of version 2 */
    {0x709a50c4,
     {0xa7, 0x07, 0xc2, 0x03, 0xa5, 0x9b, 0x47, 0x18, 0x4a, 0x1d,
      0x62, 0xca, 0x57, 0x04, 0x06, 0xea, 0x7a, 0xe3, 0xe5, 0xd3},
     LABELS_2},
};

static const struct derivation *find_derivation(uint32_t version)
{
        for (size_t i = 0; i < array_count(derivations); i++)
                if (derivations[i].version == version)
                        return &derivations[i];
        return NULL;
}

bool quic_version_is_known(uint32_t version)
{
        return find_derivation(version) != NULL;
}

/* RFC 2104, of keys no longer than a block. */
static void hmac(const struct quic_crypto *crypto, const uint8_t *key, size_t key_size,
                 const uint8_t *text, size_t size, uint8_t digest[HASH])
{
        enum { BLOCK = SHA256_CBLOCK, INNER = 0x36, OUTER = 0x5c };
        uint8_t block[BLOCK] = {0};
        SHA256_CTX context;

        memcpy(block, key, key_size);
        for (int i = 0; i < BLOCK; i++)
                block[i] ^= INNER;
        crypto->SHA256_Init(&context);
        crypto->SHA256_Update(&context, block, BLOCK);
        crypto->SHA256_Update(&context, text, size);
        crypto->SHA256_Final(digest, &context);
        for (int i = 0; i < BLOCK; i++)
                block[i] ^= INNER ^ OUTER;
        crypto->SHA256_Init(&context);
        crypto->SHA256_Update(&context, block, BLOCK);
        crypto->SHA256_Update(&context, digest, HASH);
        crypto->SHA256_Final(digest, &context);
}

/* HKDF-Expand-Label of RFC 8446, 7.1, without a context, of no more bytes than a digest has. */
static void expand(const struct quic_crypto *crypto, const uint8_t secret[HASH], const char *label,
                   uint8_t *out, uint8_t size)
{
        uint8_t info[32], digest[HASH];
        size_t length = strlen(label);

        info[0] = 0;
        info[1] = size;
        info[2] = (uint8_t)length;
        memcpy(info + 3, label, length);
        info[3 + length] = 0; /* the context */
        info[4 + length] = 1; /* the first block of the output */
        hmac(crypto, secret, HASH, info, 5 + length, digest);
        memcpy(out, digest, size);
}

struct keys {
        AES_KEY payload, header;
        uint8_t vector[VECTOR];
};

static void derive(const struct quic_crypto *crypto, const struct derivation *derivation,
                   const struct quic_initial *initial, struct keys *keys)
{
        uint8_t common[HASH], secret[HASH], key[KEY];

        hmac(crypto, derivation->salt, sizeof derivation->salt, initial->connection,
             initial->connection_size, common);
        expand(crypto, common, initial->from_server ? "tls13 server in" : "tls13 client in", secret,
               HASH);
        expand(crypto, secret, derivation->key, key, KEY);
        crypto->AES_set_encrypt_key(key, 8 * KEY, &keys->payload);
        expand(crypto, secret, derivation->header, key, KEY);
        crypto->AES_set_encrypt_key(key, 8 * KEY, &keys->header);
        expand(crypto, secret, derivation->vector, keys->vector, VECTOR);
}

/* ---- Packets ---- */

/* Takes the protection off the header, RFC 9001, 5.4: the first byte, and the packet number behind
 * `bytes`. Returns how many bytes that has. */
static uint32_t unmask_header(const struct quic_crypto *crypto, const struct keys *keys,
                              uint8_t *bytes, uint32_t number_at, uint32_t *number)
{
        uint8_t mask[AES_BLOCK_SIZE];
        uint32_t size;

        crypto->AES_encrypt(bytes + number_at + MAX_NUMBER, mask, &keys->header);
        bytes[0] ^= mask[0] & 0x0f;
        size = (bytes[0] & 3u) + 1;
        *number = 0;
        for (uint32_t i = 0; i < size; i++) {
                bytes[number_at + i] ^= mask[1 + i];
                *number = *number << 8 | bytes[number_at + i];
        }
        return size;
}

/* AES-128-GCM, RFC 5116. Checks the tag if it is there. */
static bool decrypt(struct printer *printer, const struct keys *keys, uint32_t number,
                    const uint8_t *header, uint32_t header_size, uint8_t *text, uint32_t size,
                    const uint8_t *tag)
{
        const struct quic_crypto *crypto = printer->quic_crypto;
        uint8_t vector[VECTOR];
        GCM128_CONTEXT *context = crypto->CRYPTO_gcm128_new((void *)(uintptr_t)&keys->payload,
                                                            (block128_f)crypto->AES_encrypt);
        bool right;

        if (!context)
                longjmp(printer->abandon, ABANDON_MEMORY);
        memcpy(vector, keys->vector, VECTOR);
        for (int i = 0; i < 4; i++)
                vector[VECTOR - 1 - i] ^= (uint8_t)(number >> 8 * i);
        crypto->CRYPTO_gcm128_setiv(context, vector, VECTOR);
        right = crypto->CRYPTO_gcm128_aad(context, header, header_size) == 0 &&
                crypto->CRYPTO_gcm128_decrypt(context, text, text, size) == 0 &&
                (!tag || crypto->CRYPTO_gcm128_finish(context, tag, TAG) == 0);
        crypto->CRYPTO_gcm128_release(context);
        return right;
}

bool quic_initial_open(struct printer *printer, const struct quic_initial *initial,
                       struct packet *text, uint32_t *number)
{
        const struct derivation *derivation = find_derivation(initial->version);
        struct packet packet = initial->packet;
        uint32_t at = initial->number_at, size;
        bool whole = packet.captured == packet.length;
        struct keys keys;
        uint8_t *bytes;

        if (!printer->quic_crypto || !derivation || !has(packet, at, MAX_NUMBER + SAMPLE) ||
            packet.length - at < MAX_NUMBER + TAG)
                return false;
        bytes = arena_take(&printer->decrypted, packet.captured);
        if (!bytes)
                longjmp(printer->abandon, ABANDON_MEMORY);
        memcpy(bytes, packet.data, packet.captured);
        derive(printer->quic_crypto, derivation, initial, &keys);
        at += unmask_header(printer->quic_crypto, &keys, bytes, at, number);
        size = whole ? packet.captured - at - TAG : packet.captured - at;
        if (size > packet.length - at - TAG)
                size = packet.length - at - TAG;
        *text = (struct packet){bytes + at, size, packet.length - at - TAG};
        return decrypt(printer, &keys, *number, bytes, at, bytes + at, size,
                       whole ? bytes + packet.captured - TAG : NULL);
}
