/* Kafka, https://kafka.apache.org/protocol: the headers of requests and answers. An answer has only
 * the number of its request, so requests are remembered. */
#include "cursor.h"

#include "print/printer/earlier.h"

enum { PORT = 9092, LENGTH = 4, MAX_LENGTH = 1 << 28, MAX_VERSION = 30 };

static const struct name request_names[] = {{0, "Produce"},
                                            {1, "Fetch"},
                                            {2, "ListOffsets"},
                                            {3, "Metadata"},
                                            {4, "LeaderAndIsr"},
                                            {5, "StopReplica"},
                                            {6, "UpdateMetadata"},
                                            {7, "ControlledShutdown"},
                                            {8, "OffsetCommit"},
                                            {9, "OffsetFetch"},
                                            {10, "FindCoordinator"},
                                            {11, "JoinGroup"},
                                            {12, "Heartbeat"},
                                            {13, "LeaveGroup"},
                                            {14, "SyncGroup"},
                                            {15, "DescribeGroups"},
                                            {16, "ListGroups"},
                                            {17, "SaslHandshake"},
                                            {18, "ApiVersions"},
                                            {19, "CreateTopics"},
                                            {20, "DeleteTopics"},
                                            {21, "DeleteRecords"},
                                            {22, "InitProducerId"},
                                            {23, "OffsetForLeaderEpoch"},
                                            {24, "AddPartitionsToTxn"},
                                            {25, "AddOffsetsToTxn"},
                                            {26, "EndTxn"},
                                            {27, "WriteTxnMarkers"},
                                            {28, "TxnOffsetCommit"},
                                            {29, "DescribeAcls"},
                                            {30, "CreateAcls"},
                                            {31, "DeleteAcls"},
                                            {32, "DescribeConfigs"},
                                            {33, "AlterConfigs"},
                                            {36, "SaslAuthenticate"},
                                            {37, "CreatePartitions"},
                                            {42, "DeleteGroups"},
                                            {44, "IncrementalAlterConfigs"},
                                            {60, "DescribeCluster"},
                                            {0, NULL}};

/* Of a request: its client's end, and its number. */
struct key {
        uint8_t address[16];
        uint32_t number;
        uint16_t port, zero;
};

struct request {
        uint16_t kind, version;
};

static void key_make(struct printer *printer, struct key *key, const uint8_t *client, uint16_t port,
                     uint32_t number)
{
        memset(key, 0, sizeof *key);
        memcpy(key->address, client, printer->network->version == 4 ? 4 : 16);
        key->port = port;
        key->number = number;
}

static void kind_print(struct printer *printer, struct request request)
{
        put_name_as(printer, ROLE_PROTOCOL, request_names, "API %u", request.kind);
        putf(printer, " v%u", request.version);
}

/* Nothing where this is no request, as in the middle of one. */
static void request_print(struct printer *printer, struct packet packet)
{
        struct cursor at = cursor_of(packet);
        struct request request;
        struct key key;
        uint32_t length = cursor_32(&at), number;
        struct packet client = {NULL, 0, 0};
        uint16_t size;

        request.kind = cursor_16(&at);
        request.version = cursor_16(&at);
        number = cursor_32(&at);
        size = cursor_16(&at);
        if (at.cut || length > MAX_LENGTH || request.version > MAX_VERSION ||
            !name_find(request_names, request.kind))
                return;
        if (size != 0xffff) /* none */
                client = cursor_part(&at, size);
        put_protocol(printer, "Kafka");
        kind_print(printer, request);
        putf(printer, " request, id %u", number);
        if (client.length > 0) {
                put(printer, ", client \"");
                put_part(printer, client);
                put_char(printer, '"');
        }
        put_number_as(printer, ROLE_LENGTH, ", length ", length);
        key_make(printer, &key, printer->network->source, printer->source_port, number);
        recall_put(printer, RECALL_KAFKA, &key, sizeof key, &request, sizeof request);
}

/* An answer to a request that was seen. */
static void answer_print(struct printer *printer, struct packet packet)
{
        struct cursor at = cursor_of(packet);
        uint32_t length = cursor_32(&at), number = cursor_32(&at);
        const void *known;
        struct request request;
        struct key key;

        if (at.cut || length > MAX_LENGTH)
                return;
        key_make(printer, &key, printer->network->destination, printer->destination_port, number);
        known = recall_get(printer, RECALL_KAFKA, &key, sizeof key);
        if (!known)
                return;
        memcpy(&request, known, sizeof request); /* it is not aligned */
        put_protocol(printer, "Kafka");
        kind_print(printer, request);
        putf(printer, " response, id %u", number);
        put_number_as(printer, ROLE_LENGTH, ", length ", length);
}

void kafka_print(struct printer *printer, struct packet packet)
{
        printer->protocol = "kafka";
        if (printer->source_port == PORT)
                answer_print(printer, packet);
        else
                request_print(printer, packet);
}
