/* The names of libcrypto's functions are theirs; they are called through a table of pointers, as
 * the library is not linked but loaded. It gets a context of its own here, which no configuration
 * file of the system changes. */
#include "libcrypto.h"

#include "base/array.h"
#include "base/lazy.h"

#include <dlfcn.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/provider.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define LIBRARY "libcrypto.so.3"

#define FUNCTIONS(X)                  \
        X(OSSL_LIB_CTX_new)           \
        X(OSSL_LIB_CTX_free)          \
        X(OSSL_PROVIDER_load)         \
        X(OSSL_PROVIDER_unload)       \
        X(EVP_CIPHER_fetch)           \
        X(EVP_CIPHER_free)            \
        X(EVP_CIPHER_get_iv_length)   \
        X(EVP_CIPHER_get_block_size)  \
        X(EVP_CIPHER_CTX_new)         \
        X(EVP_CIPHER_CTX_free)        \
        X(EVP_CIPHER_CTX_set_padding) \
        X(EVP_DecryptInit_ex)         \
        X(EVP_DecryptUpdate)          \
        X(EVP_MD_fetch)               \
        X(EVP_MD_free)                \
        X(EVP_MD_CTX_new)             \
        X(EVP_MD_CTX_free)            \
        X(EVP_DigestInit_ex)          \
        X(EVP_DigestUpdate)           \
        X(EVP_DigestFinal_ex)

struct libcrypto {
        void *library; /* stays loaded: it has functions that run at the end of the process */
        OSSL_LIB_CTX *context;
        OSSL_PROVIDER *standard;
        OSSL_PROVIDER *legacy; /* NULL until a cipher is found nowhere else */
        EVP_MD *md5;
        EVP_MD_CTX *digest;
#define POINTER(name) __typeof__(&name) name;
        FUNCTIONS(POINTER)
#undef POINTER
};

static bool find_functions(struct libcrypto *crypto)
{
#define ROW(name) {#name, offsetof(struct libcrypto, name)},
        static const struct lazy_pointer functions[] = {FUNCTIONS(ROW)};
#undef ROW

        return lazy_find(crypto->library, functions, array_count(functions), crypto);
}

void libcrypto_free(struct libcrypto *crypto)
{
        if (!crypto)
                return;
        if (crypto->digest)
                crypto->EVP_MD_CTX_free(crypto->digest);
        if (crypto->md5)
                crypto->EVP_MD_free(crypto->md5);
        if (crypto->legacy)
                crypto->OSSL_PROVIDER_unload(crypto->legacy);
        if (crypto->standard)
                crypto->OSSL_PROVIDER_unload(crypto->standard);
        if (crypto->context)
                crypto->OSSL_LIB_CTX_free(crypto->context);
        free(crypto);
}

void *libcrypto_open(struct error *error)
{
        void *library;

        errno = 0;
        library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
        if (!library && errno == ENOMEM)
                error_memory(error);
        else if (!library)
                error_set(error, "OpenSSL's library cannot be loaded: %s", dlerror());
        return library;
}

struct libcrypto *libcrypto_load(struct error *error)
{
        struct libcrypto *crypto = calloc(1, sizeof *crypto);

        if (!crypto) {
                error_memory(error);
                return NULL;
        }
        crypto->library = libcrypto_open(error);
        if (!crypto->library || !find_functions(crypto)) {
                if (crypto->library)
                        error_set(error, "OpenSSL's library cannot be loaded: %s", dlerror());
                free(crypto);
                return NULL;
        }
        crypto->context = crypto->OSSL_LIB_CTX_new();
        if (crypto->context)
                crypto->standard = crypto->OSSL_PROVIDER_load(crypto->context, "default");
        if (crypto->standard)
                crypto->md5 = crypto->EVP_MD_fetch(crypto->context, "MD5", NULL);
        if (crypto->md5)
                crypto->digest = crypto->EVP_MD_CTX_new();
        if (crypto->digest)
                return crypto;
        error_memory(error); /* the library says no more */
        libcrypto_free(crypto);
        return NULL;
}

/* Those that nobody should use any more, des-cbc and blowfish-cbc among them, are in a module of
 * their own. */
static EVP_CIPHER *find_cipher(struct libcrypto *crypto, const char *name)
{
        EVP_CIPHER *found = crypto->EVP_CIPHER_fetch(crypto->context, name, NULL);

        if (found || crypto->legacy)
                return found;
        crypto->legacy = crypto->OSSL_PROVIDER_load(crypto->context, "legacy");
        return crypto->legacy ? crypto->EVP_CIPHER_fetch(crypto->context, name, NULL) : NULL;
}

bool cipher_make(struct libcrypto *crypto, struct cipher *cipher, const char *name,
                 const uint8_t key[MAX_KEY])
{
        EVP_CIPHER *found = find_cipher(crypto, name);

        if (!found)
                return false;
        cipher->block = (uint32_t)crypto->EVP_CIPHER_get_block_size(found);
        cipher->vector = (uint32_t)crypto->EVP_CIPHER_get_iv_length(found);
        cipher->context = crypto->EVP_CIPHER_CTX_new();
        if (!cipher->context ||
            crypto->EVP_DecryptInit_ex(cipher->context, found, NULL, key, NULL) != 1)
                cipher_free(crypto, cipher);
        crypto->EVP_CIPHER_free(found); /* the context has its own hold on it */
        return cipher->context;
}

void cipher_free(const struct libcrypto *crypto, struct cipher *cipher)
{
        crypto->EVP_CIPHER_CTX_free(cipher->context);
        cipher->context = NULL;
}

bool cipher_decrypt(const struct libcrypto *crypto, const struct cipher *cipher,
                    const uint8_t *vector, const uint8_t *bytes, uint32_t size, uint8_t *text)
{
        int length;

        return crypto->EVP_DecryptInit_ex(cipher->context, NULL, NULL, NULL, vector) == 1 &&
               crypto->EVP_CIPHER_CTX_set_padding(cipher->context, 0) == 1 &&
               crypto->EVP_DecryptUpdate(cipher->context, text, &length, bytes, (int)size) == 1;
}

bool md5(const struct libcrypto *crypto, const struct piece *pieces, size_t count,
         uint8_t digest[DIGEST_SIZE])
{
        if (crypto->EVP_DigestInit_ex(crypto->digest, crypto->md5, NULL) != 1)
                return false;
        for (size_t i = 0; i < count; i++)
                if (crypto->EVP_DigestUpdate(crypto->digest, pieces[i].bytes, pieces[i].size) != 1)
                        return false;
        return crypto->EVP_DigestFinal_ex(crypto->digest, digest, NULL) == 1;
}
