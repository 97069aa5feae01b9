/* Sun RPC, RFC 5531, as -T rpc shows it: calls as if to the port mapper, RFC 1833, and replies as
 * if from NFS. In place of the other port it shows the transaction. */
#include "nfs.h"

#include "base/array.h"

#include <netinet/in.h>

enum { XID = 0, DIRECTION = 4, RPC_VERSION = 8, PROGRAM = 12, VERSION = 16, PROCEDURE = 20 };

static void put_address(struct printer *printer, const uint8_t *address)
{
        if (!printer->network->addressed)
                return;
        put_network_address(printer, printer->network, address);
        put_char(printer, '.');
}

static void mapper_port_print(struct printer *printer)
{
        enum { MAPPER = 111 };
        const struct print_names *names = &printer->options.names;

        if (names->port)
                put_port(printer, IPPROTO_UDP, MAPPER);
        else
                put(printer, "0x6f");
}

static void call_print(struct printer *printer, struct packet packet)
{
        enum { HEADER = 32, RPC = 2 };
        static const struct {
                const char *name;
                bool of_program;
        } procedures[] = {{"null", false},   {"set", true},   {"unset", true},
                          {"getport", true}, {"dump", false}, {"call", true}};
        const struct network *network = printer->network;
        uint32_t procedure;

        need_hard(printer, packet, 0, HEADER);
        put_address(printer, network->source);
        putf(printer, "0x%x > ", get32(printer, packet, XID));
        put_address(printer, network->destination);
        mapper_port_print(printer);
        putf(printer, ": %u", packet.length);
        procedure = get32(printer, packet, PROCEDURE);
        if (procedure < array_count(procedures))
                putf(printer, " %s", procedures[procedure].name);
        else
                putf(printer, "  proc #%u", procedure);
        if (get32(printer, packet, RPC_VERSION) != RPC)
                putf(printer, " [rpcver %u]", get32(printer, packet, RPC_VERSION));
        if (procedure < array_count(procedures) && procedures[procedure].of_program)
                putf(printer, printer->options.names.port ? " #%u.%u" : " %u.%u",
                     get32(printer, packet, PROGRAM), get32(printer, packet, VERSION));
}

static void reply_print(struct printer *printer, struct packet packet)
{
        enum { NFS = 2049 };
        const struct network *network = printer->network;

        put_address(printer, network->source);
        put_port(printer, IPPROTO_UDP, NFS);
        put(printer, " > ");
        put_address(printer, network->destination);
        putf(printer, "%u: ", get32(printer, packet, XID));
        nfs_outcome_print(printer, packet);
}

void sunrpc_print(struct printer *printer, struct packet packet)
{
        if (get32(printer, packet, DIRECTION) == 0) {
                printer->protocol = "sunrpc";
                call_print(printer, packet);
        } else {
                reply_print(printer, packet);
        }
}
