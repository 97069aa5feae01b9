/* Sockets between virtual machines and their host, as Linux's vsockmon captures them
 * (LINKTYPE_VSOCK, linux/vsockmon.h and linux/virtio_vsock.h). Little-endian. */
#include "link.h"

enum {
        HEADER = 32,
        OPERATION = 24, /* offsets into it */
        TRANSPORT = 26,
        OPERATION_PAYLOAD = 4,
        TRANSPORT_VIRTIO = 2,
        VIRTIO_HEADER = 44,
};

static const struct name transports[] = {
    {0, "UNKNOWN"}, {1, "NO_INFO"}, {TRANSPORT_VIRTIO, "VIRTIO"}, {0, NULL}};

static const struct name operations[] = {{0, "UNKNOWN"},
                                         {1, "CONNECT"},
                                         {2, "DISCONNECT"},
                                         {3, "CONTROL"},
                                         {OPERATION_PAYLOAD, "PAYLOAD"},
                                         {0, NULL}};

static const struct name virtio_types[] = {{1, "STREAM"}, {0, NULL}};

static const struct name virtio_operations[] = {
    {0, "INVALID"}, {1, "REQUEST"},       {2, "RESPONSE"},       {3, "RST"}, {4, "SHUTDOWN"},
    {5, "RW"},      {6, "CREDIT UPDATE"}, {7, "CREDIT REQUEST"}, {0, NULL},
};

static uint64_t get64_little(struct printer *printer, struct packet packet, uint32_t offset)
{
        return __builtin_bswap64(get64(printer, packet, offset));
}

/* A context's number and a port. */
static void address_print(struct printer *printer, struct packet packet, uint32_t context,
                          uint32_t port)
{
        putf(printer, "%llu.%u", (unsigned long long)get64_little(printer, packet, context),
             get32_little(printer, packet, port));
}

static void virtio_print(struct printer *printer, struct packet packet)
{
        putf(printer, " (len %u, type ", get32_little(printer, packet, 24));
        put_name(printer, virtio_types, "Invalid type (%u)", get16_little(printer, packet, 28));
        put(printer, ", op ");
        put_name(printer, virtio_operations, "Invalid op (%u)", get16_little(printer, packet, 30));
        putf(printer, ", flags %x, buf_alloc %u, fwd_cnt %u)", get32_little(printer, packet, 32),
             get32_little(printer, packet, 36), get32_little(printer, packet, 40));
}

/* From whom to whom, and why. */
static void event_print(struct printer *printer, struct packet packet)
{
        address_print(printer, packet, 0, 16);
        put(printer, " > ");
        address_print(printer, packet, 8, 20);
        put_char(printer, ' ');
        put_name(printer, operations, " invalid op (%u)", get16_little(printer, packet, OPERATION));
        putf(printer, ", length %u", packet.captured);
}

void vsock_print(struct printer *printer, struct packet packet)
{
        struct packet rest = packet_from(packet, HEADER);
        uint16_t transport;

        printer->protocol = "vsock";
        printer->link_header += HEADER;
        need(printer, packet, 0, HEADER);
        transport = get16_little(printer, packet, TRANSPORT);
        put_name(printer, transports, "Invalid transport (%u)", transport);
        if (printer->verbose == 0) {
                put_char(printer, ' ');
                event_print(printer, packet);
                return;
        }
        if (transport == TRANSPORT_VIRTIO) {
                if (!has(rest, 0, VIRTIO_HEADER)) {
                        event_print(printer, packet);
                        put_truncated(printer);
                        return;
                }
                virtio_print(printer, rest);
                rest = packet_from(rest, VIRTIO_HEADER);
        }
        put(printer, "\n\t");
        event_print(printer, packet);
        if (printer->verbose == 1 || get16_little(printer, packet, OPERATION) != OPERATION_PAYLOAD)
                return;
        need(printer, rest, 0, 1);
        put_char(printer, '\n');
        dump_hex(printer, "\t", rest, rest.captured);
}
