/* Secrets: those of ESP, each with what it is for, and the one of TCP's digests. A message never
 * quotes what was given as a secret, nor what may be one in the wrong place. */
#include "libcrypto.h"
#include "printer.h"

#include "base/array.h"
#include "base/number.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>

/* How a kind of traffic to a host is protected; RFC 4301 calls it a security association. */
struct association {
        struct association *next;
        int family; /* of the address; AF_UNSPEC: for any SPI and address */
        uint8_t address[16];
        uint32_t spi;
        struct cipher cipher;
        uint32_t check; /* bytes of the integrity check value behind the payload */
};

struct print_secrets {
        struct libcrypto *crypto;
        struct association *associations; /* the latest first */
};

/* Names that are not OpenSSL's. */
static const struct {
        const char *name, *meaning;
} aliases[] = {
    {"3des", "des-ede3-cbc"},
    {"cast128", "cast5-cbc"},
    {"none", "null"},
};

struct print_secrets *print_secrets_new(struct error *error)
{
        struct print_secrets *secrets = calloc(1, sizeof *secrets);

        if (!secrets) {
                error_memory(error);
                return NULL;
        }
        secrets->crypto = libcrypto_load(error);
        if (secrets->crypto)
                return secrets;
        free(secrets);
        return NULL;
}

void print_secrets_free(struct print_secrets *secrets)
{
        if (!secrets)
                return;
        while (secrets->associations) {
                struct association *association = secrets->associations;

                secrets->associations = association->next;
                cipher_free(secrets->crypto, &association->cipher);
                free(association);
        }
        libcrypto_free(secrets->crypto);
        free(secrets);
}

/* ---- Reading them ---- */

/* A secret that is read. */
struct reading {
        struct print_secrets *secrets;
        struct association *association;
        bool as_tcpdump;
        char *copy; /* of its text, which is cut into pieces */
        struct print_secret_part *part;
};

/* The fault, of what is now the text `part`. */
static enum print_secret_fault fault(const struct reading *reading, enum print_secret_fault fault,
                                     const char *part)
{
        *reading->part = (struct print_secret_part){(size_t)(part - reading->copy), strlen(part)};
        return fault;
}

/* Takes `suffix` off the end of `text`. */
static bool cut_suffix(char *text, const char *suffix)
{
        size_t length = strlen(text), size = strlen(suffix);

        if (length < size || strcmp(text + length - size, suffix) != 0)
                return false;
        text[length - size] = '\0';
        return true;
}

/* "0x1000@192.0.2.1" */
static enum print_secret_fault read_target(const struct reading *reading, char *text)
{
        struct association *association = reading->association;
        char *at = strchr(text, '@');
        char *end;

        if (at)
                *at = '\0';
        errno = 0;
        association->spi = (uint32_t)strtoul(text, &end, 0);
        if (!at)
                return fault(reading, PRINT_SECRET_NO_AT, end);
        if (end == text || ((errno || *end) && !reading->as_tcpdump))
                return fault(reading, PRINT_SECRET_SPI, end);
        association->family = strchr(at + 1, ':') ? AF_INET6 : AF_INET;
        if (inet_pton(association->family, at + 1, association->address) != 1)
                return fault(reading, PRINT_SECRET_ADDRESS, at + 1);
        return PRINT_SECRET_FINE;
}

/* The key is `text`, or its bytes in hex; what is missing of it is zero. */
static enum print_secret_fault read_key(const struct reading *reading, uint8_t key[MAX_KEY],
                                        char *text)
{
        bool hex = strncmp(text, "0x", 2) == 0;
        size_t length = hex ? strlen(text + 2) / 2 : strlen(text);

        memset(key, 0, MAX_KEY);
        if (!hex) {
                memcpy(key, text, length < MAX_KEY ? length : MAX_KEY);
                return PRINT_SECRET_FINE;
        }
        text += 2;
        if (length == 0)
                return fault(reading, PRINT_SECRET_NO_DIGITS, text);
        for (size_t i = 0; i < 2 * length; i++) {
                unsigned digit = number_digit(text[i]);

                if (digit > 15) {
                        text[i + 1] = '\0';
                        return fault(reading, PRINT_SECRET_WRONG_DIGIT, text + i);
                }
                if (i < 2 * (size_t)MAX_KEY)
                        key[i / 2] |= (uint8_t)(i % 2 == 0 ? digit << 4 : digit);
        }
        return PRINT_SECRET_FINE;
}

/* The whole name first: without -cbc, OpenSSL takes some for other modes. */
static bool find_cipher(const struct reading *reading, char *name, const uint8_t key[MAX_KEY])
{
        struct libcrypto *crypto = reading->secrets->crypto;
        struct cipher *cipher = &reading->association->cipher;

        if (!reading->as_tcpdump && cipher_make(crypto, cipher, name, key))
                return true;
        cut_suffix(name, "-cbc");
        for (size_t i = 0; i < array_count(aliases); i++)
                if (strcasecmp(name, aliases[i].name) == 0)
                        return cipher_make(crypto, cipher, aliases[i].meaning, key);
        return cipher_make(crypto, cipher, name, key);
}

/* "3des-cbc-hmac96:secret" */
static enum print_secret_fault read_protection(const struct reading *reading, char *text)
{
        enum { HMAC_96 = 12 };
        struct association *association = reading->association;
        uint8_t key[MAX_KEY];
        char *colon = strchr(text, ':');
        enum print_secret_fault found;

        if (!colon)
                return fault(reading, PRINT_SECRET_NO_COLON, text);
        *colon = '\0';
        if (cut_suffix(text, "-hmac96"))
                association->check = HMAC_96;
        found = read_key(reading, key, colon + 1);
        if (!find_cipher(reading, text, key))
                found = fault(reading, PRINT_SECRET_ALGORITHM, text);
        else if (found != PRINT_SECRET_FINE)
                cipher_free(reading->secrets->crypto, &association->cipher);
        explicit_bzero(key, sizeof key);
        return found;
}

static enum print_secret_fault read_association(const struct reading *reading)
{
        char *text = reading->copy;
        char *blank = text + strcspn(text, " \t");
        enum print_secret_fault found;

        reading->association->family = AF_UNSPEC;
        if (!*blank)
                return read_protection(reading, text);
        *blank = '\0';
        found = read_target(reading, text);
        if (found != PRINT_SECRET_FINE)
                return found;
        return read_protection(reading, blank + 1 + strspn(blank + 1, " \t"));
}

enum print_secret_fault print_secrets_add(struct print_secrets *secrets, const char *text,
                                          bool as_tcpdump, struct print_secret_part *part)
{
        struct association *association = calloc(1, sizeof *association);
        char *copy = strdup(text);
        const struct reading reading = {secrets, association, as_tcpdump, copy, part};
        enum print_secret_fault found =
            association && copy ? read_association(&reading) : PRINT_SECRET_MEMORY;

        if (copy)
                explicit_bzero(copy, strlen(text));
        free(copy);
        if (found != PRINT_SECRET_FINE) {
                free(association);
                return found;
        }
        association->next = secrets->associations;
        secrets->associations = association;
        return PRINT_SECRET_FINE;
}

/* ---- Using them ---- */

void secrets_expect(struct printer *printer)
{
        const struct print_options *options = &printer->options;

        if (printer->secrets_expected || !options->before_secrets)
                return;
        printer->secrets_expected = true;
        if (!options->before_secrets(options->secrets_context))
                longjmp(printer->abandon, ABANDON_ALL);
}

static bool is_for(const struct association *association, const struct network *network,
                   uint32_t spi)
{
        int family = network->version == 4 ? AF_INET : AF_INET6;

        return association->family == family && association->spi == spi &&
               memcmp(association->address, network->destination, family == AF_INET ? 4 : 16) == 0;
}

/* That of this SPI and address, else that of all. */
static const struct association *find_association(const struct print_secrets *secrets,
                                                  const struct network *network, uint32_t spi)
{
        const struct association *general = NULL;

        for (const struct association *at = secrets->associations; at; at = at->next) {
                if (is_for(at, network, spi))
                        return at;
                if (!general && at->family == AF_UNSPEC)
                        general = at;
        }
        return general;
}

bool esp_decrypt(struct printer *printer, uint32_t spi, struct packet packet, struct packet *text)
{
        const struct print_secrets *secrets = printer->options.secrets;
        const struct association *association;
        uint32_t vector, size;
        uint8_t *room;

        association = secrets ? find_association(secrets, printer->network, spi) : NULL;
        if (!association)
                return false;
        vector = association->cipher.vector;
        need(printer, packet, 0, vector + association->check);
        size = packet.captured - vector - association->check;
        if (size % association->cipher.block != 0)
                return false;
        room = arena_take(&printer->decrypted, size + CIPHER_SLACK);
        if (!room)
                longjmp(printer->abandon, ABANDON_MEMORY);
        *text = (struct packet){room, size, size};
        return cipher_decrypt(secrets->crypto, &association->cipher, packet.data,
                              packet.data + vector, size, room);
}

bool tcp_digest_is_valid(struct printer *printer, struct packet segment, uint32_t header,
                         const uint8_t *found)
{
        enum { FIXED = 20, CHECKSUM = 16, TCP = 6 };
        const struct network *network = printer->network;
        uint32_t address = network->version == 4 ? 4 : 16;
        uint32_t length = segment.length;
        uint8_t fixed[FIXED], digest[DIGEST_SIZE];
        const uint8_t rest4[] = {0, TCP, (uint8_t)(length >> 8), (uint8_t)length};
        const uint8_t rest6[] = {(uint8_t)(length >> 24),
                                 (uint8_t)(length >> 16),
                                 (uint8_t)(length >> 8),
                                 (uint8_t)length,
                                 0,
                                 0,
                                 0,
                                 TCP};
        const struct piece pieces[] = {
            {network->source, address},
            {network->destination, address},
            {address == 4 ? rest4 : rest6, address == 4 ? sizeof rest4 : sizeof rest6},
            {fixed, sizeof fixed},
            {segment.data + header, length - header},
            {printer->options.digest_secret, strlen(printer->options.digest_secret)},
        };

        memcpy(fixed, bytes_at(printer, segment, 0, FIXED), FIXED);
        memset(fixed + CHECKSUM, 0, 2);
        if (!md5(printer->options.secrets->crypto, pieces, array_count(pieces), digest))
                longjmp(printer->abandon, ABANDON_MEMORY);
        return memcmp(digest, found, sizeof digest) == 0;
}
