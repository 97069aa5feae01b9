/* What UDP and TCP ask of a message of Sun's RPC, RFC 5531, to tell whether it is of NFS. */
#pragma once

#include "print/printer/printer.h"

/* The number that NFS's printer has among the ports; NO_OTHER if the message is not a call to its
 * port or a reply from it. */
static inline uint32_t rpc_nfs(struct packet message, uint16_t source, uint16_t destination)
{
        enum { PORT = 2049, DIRECTION = 4, CALL = 0, REPLY = 1 };
        uint32_t direction;

        if ((source != PORT && destination != PORT) || !has(message, DIRECTION, 4))
                return NO_OTHER;
        memcpy(&direction, message.data + DIRECTION, 4);
        direction = __builtin_bswap32(direction);
        return (destination == PORT && direction == CALL) || (source == PORT && direction == REPLY)
                   ? RPC_NFS
                   : NO_OTHER;
}
