/* Inside cli/follow: messages between the two processes, each way over one pair of sockets. */
#pragma once

#include "follow.h"

enum message_kind {
        /* To the process. */
        MESSAGE_READ,
        MESSAGE_GET,
        MESSAGE_PUT,
        MESSAGE_IN_FORCE,
        MESSAGE_REFUSED,
        /* From it. */
        MESSAGE_READING, /* MESSAGE_READ has come */
        MESSAGE_GENERATION,
        MESSAGE_ANSWER,
};

/* Descriptors that go with an answer, in this order: the file with the classic program's
 * instructions; the extended program, and its table. */
enum { MESSAGE_DESCRIPTORS = 1 + FOLLOW_DESCRIPTORS };

struct message {
        enum message_kind kind;
        struct follow_request request; /* MESSAGE_GET; MESSAGE_PUT: the generation */
        bool done;                     /* MESSAGE_ANSWER, and so are the next three */
        bool here;
        uint32_t length;                /* of the classic program, instructions */
        bool sent[MESSAGE_DESCRIPTORS]; /* which descriptors go with it */
        char lines[4096];               /* MESSAGE_GENERATION */
};

/* Sends a message; `descriptors` is NULL, or has -1 for each that is not sent, and `sent` is set
 * accordingly. Returns false with errno set. Who gives none does so by write(2). */
bool message_send(int channel, struct message *message, const int *descriptors);

/* Receives one. Returns 1; 0 if the other end is closed; -1 with errno set. `descriptors` gets -1
 * for each that was not sent; the others are the caller's. With `wait`, waits for it. */
int message_receive(int channel, struct message *message, int descriptors[MESSAGE_DESCRIPTORS],
                    bool wait);
