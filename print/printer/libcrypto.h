/* What of OpenSSL's libcrypto is used: its ciphers, for ESP, and MD5, for TCP. */
#pragma once

#include "base/error.h"

#include <openssl/evp.h>
#include <stdint.h>

struct libcrypto;

/* The library as dlopen() gives it; NULL if it is not there, with `error` filled. */
void *libcrypto_open(struct error *error);

/* Loads the library: only who has secrets needs it, and to load it takes as long as all else at the
 * start of filt. All that it reads it reads here and in cipher_make(); so it works in a sandbox
 * that is entered later. Returns NULL and fills `error` if it is not there. */
struct libcrypto *libcrypto_load(struct error *error);
void libcrypto_free(struct libcrypto *crypto);

/* A cipher with its key. */
struct cipher {
        EVP_CIPHER_CTX *context;
        uint32_t block;  /* bytes that it takes at a time */
        uint32_t vector; /* bytes of the initialization vector in front of what it has encrypted */
};

enum { MAX_KEY = EVP_MAX_KEY_LENGTH, DIGEST_SIZE = 16 };

/* What decrypting may write beyond the size of the text. */
enum { CIPHER_SLACK = 2 * EVP_MAX_BLOCK_LENGTH };

/* Makes the cipher that OpenSSL knows by this name, of those of its legacy provider, too. It takes
 * as much of `key` as it needs. Returns false if there is none; `cipher` is to be freed otherwise.
 */
bool cipher_make(struct libcrypto *crypto, struct cipher *cipher, const char *name,
                 const uint8_t key[MAX_KEY]);
void cipher_free(const struct libcrypto *crypto, struct cipher *cipher);

/* Decrypts `size` bytes, of whole blocks, to `text`. Returns false if the cipher refuses. */
bool cipher_decrypt(const struct libcrypto *crypto, const struct cipher *cipher,
                    const uint8_t *vector, const uint8_t *bytes, uint32_t size, uint8_t *text);

/* Some bytes out of several that have one digest. */
struct piece {
        const void *bytes;
        size_t size;
};

/* The MD5 digest of these pieces, one after the other. Returns false if memory is short. */
bool md5(const struct libcrypto *crypto, const struct piece *pieces, size_t count,
         uint8_t digest[DIGEST_SIZE]);
