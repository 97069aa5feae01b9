/* TLS, RFC 8446 and RFC 5246: what is read of its messages, apart from how it is printed. */
#pragma once

#include "cursor.h"

enum tls_message {
        TLS_CLIENT_HELLO = 1,
        TLS_SERVER_HELLO = 2,
        TLS_NEW_SESSION_TICKET = 4,
        TLS_ENCRYPTED_EXTENSIONS = 8,
        TLS_CERTIFICATE = 11,
        TLS_SERVER_KEY_EXCHANGE = 12,
        TLS_CLIENT_KEY_EXCHANGE = 16,
};

/* What a hello says. Parts that are absent are empty; their data is NULL. */
struct tls_hello {
        bool client;
        bool retry; /* a server's hello that asks for another one, RFC 8446, 4.1.4 */
        bool cut;   /* not all of it is there */
        uint16_t legacy_version, version;
        uint16_t cipher; /* a server's choice */
        uint16_t group;  /* that of a server's key share; 0 if none */
        struct packet random, session;
        struct packet ciphers; /* 16 bits each, as those below */
        struct packet extensions;
        struct packet server_name;
        struct packet protocols; /* ALPN, RFC 7301: each with its length in front */
        struct packet versions, groups, signatures;
};

/* `message` is the body of the hello, behind its type and length. */
void tls_hello_read(struct packet message, bool client, struct tls_hello *hello);
/* "client hello, version 1.3, SNI example.org, ALPN h2, 3 ciphers"; more with -v. */
void tls_hello_print(struct printer *printer, const struct tls_hello *hello);

/* A message of a handshake by its type, of which `body` is what follows its length. */
void tls_message_print(struct printer *printer, uint8_t type, struct packet body);

/* ---- Records ---- */

enum tls_record_type {
        TLS_CHANGE_CIPHER_SPEC = 20,
        TLS_ALERT = 21,
        TLS_HANDSHAKE = 22,
        TLS_APPLICATION_DATA = 23,
        TLS_HEARTBEAT = 24,
};

/* Whether the last message of a record is in what follows, too. */
enum tls_goes_on {
        TLS_ENDS, /* or nothing will be known of its rest */
        TLS_GOES_ON_HERE,
        TLS_GOES_ON_LATER, /* a later segment will tell of all of it */
};

struct tls_record {
        struct tls_record *next;
        uint8_t type;
        uint16_t version;
        bool begins; /* in this segment; else the header is not that of the segment */
        bool encrypted;
        struct packet body; /* as long as the header says, as far as it is there */
        /* Of the handshake: the messages that end in the record, up to `whole`, then the beginning
         * of one that does not. They may have begun in earlier records. */
        struct packet messages;
        uint32_t whole;
        enum tls_goes_on goes_on;
};

struct tls_segment {
        struct tls_segment *next;
        const uint8_t *from; /* where the payload begins */
        struct tls_record *records;
        struct packet rest; /* what follows them, and is no record */
};

/* The records that begin in a segment of TCP with this payload, and one that began earlier, if it
 * completes messages. It is read once, and valid until the packet is printed. */
const struct tls_segment *tls_segment(struct printer *printer, struct packet payload);
bool tls_is_record(struct packet packet);
/* Where the messages end, from `at` on, of which all `known` bytes hold the whole. */
uint32_t tls_messages_end(const uint8_t *bytes, uint32_t at, uint32_t known);

/* "messages" of JSON: those of a handshake, as far as they are there. */
void tls_messages_fields(struct printer *printer, struct packet messages);

/* The name of the first certificate of a chain, and the names that it is also for. */
void tls_certificate_print(struct printer *printer, struct packet message);

/* "alert fatal, handshake failure" */
void tls_alert_print(struct printer *printer, uint8_t level, uint8_t description);
void tls_put_version(struct printer *printer, uint16_t version);

extern const struct name tls_ciphers[], tls_groups[], tls_signatures[], tls_extensions[],
    tls_messages[], tls_alerts[];
