/* OpenFlow 1.3: its messages. */
#include "openflow.h"

#include "base/array.h"

enum { PORT_SIZE = 64 };

static const struct name ports[] = {{0xffffff00, "MAX"},        {0xfffffff8, "IN_PORT"},
                                    {0xfffffff9, "TABLE"},      {0xfffffffa, "NORMAL"},
                                    {0xfffffffb, "FLOOD"},      {0xfffffffc, "ALL"},
                                    {0xfffffffd, "CONTROLLER"}, {0xfffffffe, "LOCAL"},
                                    {0xffffffff, "ANY"},        {0, NULL}};

static const struct name port_config[] = {
    {1, "PORT_DOWN"}, {4, "NO_RECV"}, {0x20, "NO_FWD"}, {0x40, "NO_PACKET_IN"}, {0, NULL}};

static const struct name port_features[] = {{1, "10MB_HD"},
                                            {2, "10MB_FD"},
                                            {4, "100MB_HD"},
                                            {8, "100MB_FD"},
                                            {0x10, "1GB_HD"},
                                            {0x20, "1GB_FD"},
                                            {0x40, "10GB_FD"},
                                            {0x80, "40GB_FD"},
                                            {0x100, "100GB_FD"},
                                            {0x200, "1TB_FD"},
                                            {0x400, "OTHER"},
                                            {0x800, "COPPER"},
                                            {0x1000, "FIBER"},
                                            {0x2000, "AUTONEG"},
                                            {0x4000, "PAUSE"},
                                            {0x8000, "PAUSE_ASYM"},
                                            {0, NULL}};

static void port_number(struct printer *printer, const char *label, uint32_t port)
{
        put(printer, label);
        put_name(printer, ports, "%u", port);
}

/* Elements that say which versions the sender speaks. */
static enum openflow_result hello_print(struct printer *printer, struct packet body)
{
        enum { HEADER = 4, BITMAP = 1, BITMAP_SIZE = 8 };
        /* tcpdump takes the bits, which count wire versions, for those behind "1.". */
        static const struct name versions[] = {{1, "1.0"},    {2, "1.1"},    {4, "1.2"}, {8, "1.3"},
                                               {0x10, "1.4"}, {0x20, "1.5"}, {0, NULL}};

        while (body.length > 0) {
                uint16_t type;
                uint32_t size;

                if (body.length < HEADER)
                        return OPENFLOW_INVALID;
                type = get16(printer, body, 0);
                if (type == BITMAP)
                        put(printer, "\n\t type VERSIONBITMAP");
                else
                        putf(printer, "\n\t type unknown (0x%04x)", type);
                size = get16(printer, body, 2);
                putf(printer, ", length %u", size);
                if (size < HEADER || size > body.length)
                        return OPENFLOW_INVALID;
                if (type == BITMAP && size == BITMAP_SIZE)
                        openflow_flags_print(printer, ", bitmap ", versions,
                                             get32(printer, body, HEADER));
                else if (type == BITMAP)
                        put_damage(printer, " (bogus)");
                need_hard(printer, body, 0, size);
                body = packet_from(body, size);
        }
        return OPENFLOW_FINE;
}

static enum openflow_result error_print(struct printer *printer, struct packet body)
{
        static const struct name types[] = {{0, "HELLO_FAILED"},
                                            {1, "BAD_REQUEST"},
                                            {2, "BAD_ACTION"},
                                            {3, "BAD_INSTRUCTION"},
                                            {4, "BAD_MATCH"},
                                            {5, "FLOW_MOD_FAILED"},
                                            {6, "GROUP_MOD_FAILED"},
                                            {7, "PORT_MOD_FAILED"},
                                            {8, "TABLE_MOD_FAILED"},
                                            {9, "QUEUE_OP_FAILED"},
                                            {10, "SWITCH_CONFIG_FAILED"},
                                            {11, "ROLE_REQUEST_FAILED"},
                                            {12, "METER_MOD_FAILED"},
                                            {13, "TABLE_FEATURES_FAILED"},
                                            {0xffff, "EXPERIMENTER"},
                                            {0, NULL}};
        static const struct name hello[] = {{0, "INCOMPATIBLE"}, {1, "EPERM"}, {0, NULL}};
        static const struct name request[] = {{0, "BAD_VERSION"},
                                              {1, "BAD_TYPE"},
                                              {2, "BAD_MULTIPART"},
                                              {3, "BAD_EXPERIMENTER"},
                                              {4, "BAD_EXP_TYPE"},
                                              {5, "EPERM"},
                                              {6, "BAD_LEN"},
                                              {7, "BUFFER_EMPTY"},
                                              {8, "BUFFER_UNKNOWN"},
                                              {9, "BAD_TABLE_ID"},
                                              {10, "IS_SLAVE"},
                                              {11, "BAD_PORT"},
                                              {12, "BAD_PACKET"},
                                              {13, "MULTIPART_BUFFER_OVERFLOW"},
                                              {0, NULL}};
        static const struct name action[] = {{0, "BAD_TYPE"},
                                             {1, "BAD_LEN"},
                                             {2, "BAD_EXPERIMENTER"},
                                             {3, "BAD_EXP_TYPE"},
                                             {4, "BAD_OUT_PORT"},
                                             {5, "BAD_ARGUMENT"},
                                             {6, "EPERM"},
                                             {7, "TOO_MANY"},
                                             {8, "BAD_QUEUE"},
                                             {9, "BAD_OUT_GROUP"},
                                             {10, "MATCH_INCONSISTENT"},
                                             {11, "UNSUPPORTED_ORDER"},
                                             {12, "BAD_TAG"},
                                             {13, "BAD_SET_TYPE"},
                                             {14, "BAD_SET_LEN"},
                                             {15, "BAD_SET_ARGUMENT"},
                                             {0, NULL}};
        static const struct name instruction[] = {{0, "UNKNOWN_INST"},
                                                  {1, "UNSUP_INST"},
                                                  {2, "BAD_TABLE_ID"},
                                                  {3, "UNSUP_METADATA"},
                                                  {4, "UNSUP_METADATA_MASK"},
                                                  {5, "BAD_EXPERIMENTER"},
                                                  {6, "BAD_EXP_TYPE"},
                                                  {7, "BAD_LEN"},
                                                  {8, "EPERM"},
                                                  {0, NULL}};
        static const struct name match[] = {{0, "BAD_TYPE"},
                                            {1, "BAD_LEN"},
                                            {2, "BAD_TAG"},
                                            {3, "BAD_DL_ADDR_MASK"},
                                            {4, "BAD_NW_ADDR_MASK"},
                                            {5, "BAD_WILDCARDS"},
                                            {6, "BAD_FIELD"},
                                            {7, "BAD_VALUE"},
                                            {8, "BAD_MASK"},
                                            {9, "BAD_PREREQ"},
                                            {10, "DUP_FIELD"},
                                            {11, "EPERM"},
                                            {0, NULL}};
        static const struct name flow[] = {
            {0, "UNKNOWN"},     {1, "TABLE_FULL"}, {2, "BAD_TABLE_ID"},
            {3, "OVERLAP"},     {4, "EPERM"},      {5, "BAD_TIMEOUT"},
            {6, "BAD_COMMAND"}, {7, "BAD_FLAGS"},  {0, NULL}};
        static const struct name group[] = {{0, "GROUP_EXISTS"},
                                            {1, "INVALID_GROUP"},
                                            {2, "WEIGHT_UNSUPPORTED"},
                                            {3, "OUT_OF_GROUPS"},
                                            {4, "OUT_OF_BUCKETS"},
                                            {5, "CHAINING_UNSUPPORTED"},
                                            {6, "WATCH_UNSUPPORTED"},
                                            {7, "LOOP"},
                                            {8, "UNKNOWN_GROUP"},
                                            {9, "CHAINED_GROUP"},
                                            {10, "BAD_TYPE"},
                                            {11, "BAD_COMMAND"},
                                            {12, "BAD_BUCKET"},
                                            {13, "BAD_MATCH"},
                                            {14, "EPERM"},
                                            {0, NULL}};
        static const struct name port[] = {{0, "BAD_PORT"},   {1, "BAD_HW_ADDR"},
                                           {2, "BAD_CONFIG"}, {3, "BAD_ADVERTISE"},
                                           {4, "EPERM"},      {0, NULL}};
        static const struct name table[] = {
            {0, "BAD_TABLE"}, {1, "BAD_CONFIG"}, {2, "EPERM"}, {0, NULL}};
        static const struct name queue[] = {
            {0, "BAD_PORT"}, {1, "BAD_QUEUE"}, {2, "EPERM"}, {0, NULL}};
        static const struct name config[] = {
            {0, "BAD_FLAGS"}, {1, "BAD_LEN"}, {2, "EPERM"}, {0, NULL}};
        static const struct name role[] = {{0, "STALE"}, {1, "UNSUP"}, {2, "BAD_ROLE"}, {0, NULL}};
        static const struct name meter[] = {
            {0, "UNKNOWN"},     {1, "METER_EXISTS"},   {2, "INVALID_METER"},  {3, "UNKNOWN_METER"},
            {4, "BAD_COMMAND"}, {5, "BAD_FLAGS"},      {6, "BAD_RATE"},       {7, "BAD_BURST"},
            {8, "BAD_BAND"},    {9, "BAD_BAND_VALUE"}, {10, "OUT_OF_METERS"}, {11, "OUT_OF_BANDS"},
            {0, NULL}};
        static const struct name features[] = {
            {0, "BAD_TABLE"},    {1, "BAD_METADATA"}, {2, "BAD_TYPE"}, {3, "BAD_LEN"},
            {4, "BAD_ARGUMENT"}, {5, "EPERM"},        {0, NULL}};
        static const struct name *const codes[] = {hello,  request, action, instruction, match,
                                                   flow,   group,   port,   table,       queue,
                                                   config, role,    meter,  features,    NULL};

        return openflow_error_print(printer, body, types, codes);
}

static enum openflow_result experimenter_print(struct printer *printer, struct packet body)
{
        uint32_t experimenter = get32(printer, body, 0);

        put(printer, "\n\t experimenter ");
        openflow_vendor_print(printer, experimenter);
        putf(printer, ", exp_type 0x%08x", get32(printer, body, 4));
        return openflow_data_print(printer, packet_from(body, 8));
}

static enum openflow_result features_print(struct printer *printer, struct packet body)
{
        static const struct name capabilities[] = {
            {1, "FLOW_STATS"},  {2, "TABLE_STATS"},    {4, "PORT_STATS"},       {8, "GROUP_STATS"},
            {0x20, "IP_REASM"}, {0x40, "QUEUE_STATS"}, {0x100, "PORT_BLOCKED"}, {0, NULL}};

        putf(printer, "\n\t dpid 0x%016llx", (unsigned long long)get64(printer, body, 0));
        putf(printer, ", n_buffers %u", get32(printer, body, 8));
        putf(printer, ", n_tables %u", get8(printer, body, 12));
        putf(printer, ", auxiliary_id %u", get8(printer, body, 13));
        need_hard(printer, body, 14, 2);
        openflow_flags_print(printer, "\n\t capabilities ", capabilities, get32(printer, body, 16));
        need_hard(printer, body, 20, 4);
        return OPENFLOW_FINE;
}

static enum openflow_result config_print(struct printer *printer, struct packet body)
{
        static const struct name fragments[] = {
            {0, "FRAG_NORMAL"}, {1, "FRAG_DROP"}, {2, "FRAG_REASM"}, {0, NULL}};
        static const struct name lengths[] = {{0xffe5, "MAX"}, {0xffff, "NO_BUFFER"}, {0, NULL}};

        uint16_t flags = get16(printer, body, 0), length;

        put(printer, "\n\t flags ");
        put_name(printer, fragments, "invalid (0x%04x)", flags);
        length = get16(printer, body, 2);
        put(printer, ", miss_send_len ");
        put_name(printer, lengths, "%u", length);
        return OPENFLOW_FINE;
}

static enum openflow_result port_status_print(struct printer *printer, struct packet body)
{
        static const struct name reasons[] = {{0, "ADD"}, {1, "DELETE"}, {2, "MODIFY"}, {0, NULL}};
        static const struct name state[] = {
            {1, "LINK_DOWN"}, {2, "BLOCKED"}, {4, "LIVE"}, {0, NULL}};
        static const char *const features[] = {"curr ", "advertised ", "supported ", "peer "};

        /* tcpdump's format lacks a percent sign. */
        put_named8(printer, "\n\t reason ", reasons, "invalid (0x02x)", body, 0);
        need_hard(printer, body, 1, 7);
        body = packet_from(body, 8);
        port_number(printer, "\n\t  port_no ", get32(printer, body, 0));
        need_hard(printer, body, 4, 4);
        put_ethernet_labelled(printer, ", hw_addr ", body, 8);
        openflow_text_print(printer, ", name ", body, 16, 16);
        if (printer->options.verbose < 2) {
                need_hard(printer, body, 0, PORT_SIZE);
                return OPENFLOW_FINE;
        }
        openflow_flags_print(printer, "\n\t   config ", port_config, get32(printer, body, 32));
        openflow_flags_print(printer, "\n\t   state ", state, get32(printer, body, 36));
        for (uint32_t i = 0; i < array_count(features); i++) {
                uint32_t value = get32(printer, body, 40 + 4 * i);

                put(printer, "\n\t   ");
                openflow_flags_print(printer, features[i], port_features, value);
        }
        putf(printer, "\n\t   curr_speed %ukbps", get32(printer, body, 56));
        putf(printer, "\n\t   max_speed %ukbps", get32(printer, body, 60));
        return OPENFLOW_FINE;
}

static enum openflow_result port_mod_print(struct printer *printer, struct packet body)
{
        port_number(printer, "\n\t port_no ", get32(printer, body, 0));
        need_hard(printer, body, 4, 4);
        put_ethernet_labelled(printer, ", hw_addr ", body, 8);
        need_hard(printer, body, 14, 2);
        openflow_flags_print(printer, "\n\t  config ", port_config, get32(printer, body, 16));
        openflow_flags_print(printer, "\n\t  mask ", port_config, get32(printer, body, 20));
        openflow_flags_print(printer, "\n\t  advertise ", port_features, get32(printer, body, 24));
        need_hard(printer, body, 28, 4);
        return OPENFLOW_FINE;
}

static enum openflow_result table_mod_print(struct printer *printer, struct packet body)
{
        static const struct name tables[] = {{0xfe, "MAX"}, {0xff, "ALL"}, {0, NULL}};

        put_named8(printer, "\n\t table_id ", tables, "%u", body, 0);
        need_hard(printer, body, 1, 3);
        putf(printer, ", config 0x%08x", get32(printer, body, 4));
        return OPENFLOW_FINE;
}

static enum openflow_result queue_request_print(struct printer *printer, struct packet body)
{
        port_number(printer, "\n\t port ", get32(printer, body, 0));
        need_hard(printer, body, 4, 4);
        return OPENFLOW_FINE;
}

static enum openflow_result role_print(struct printer *printer, struct packet body)
{
        static const struct name roles[] = {
            {0, "NOCHANGE"}, {1, "EQUAL"}, {2, "MASTER"}, {3, "SLAVE"}, {0, NULL}};

        uint32_t role = get32(printer, body, 0);

        put(printer, "\n\t role ");
        put_name(printer, roles, "invalid (0x%08x)", role);
        need_hard(printer, body, 4, 4);
        putf(printer, ", generation_id 0x%016llx", (unsigned long long)get64(printer, body, 8));
        return OPENFLOW_FINE;
}

/* What a controller is told of, as equal or master and as slave. */
static enum openflow_result async_print(struct printer *printer, struct packet body)
{
        static const struct name reasons[] = {
            {1, "NO_MATCH"}, {2, "ACTION"}, {4, "INVALID_TTL"}, {0, NULL}};
        static const struct name changes[] = {{1, "ADD"}, {2, "DELETE"}, {4, "MODIFY"}, {0, NULL}};
        /* tcpdump names the reasons of a flow's removal as those of a port's status. */
        static const struct {
                const char *label;
                const struct name *names;
        } masks[] = {
            {"packet_in_mask[EM] ", reasons},    {"packet_in_mask[S] ", reasons},
            {"port_status_mask[EM] ", changes},  {"port_status_mask[S] ", changes},
            {"flow_removed_mask[EM] ", changes}, {"flow_removed_mask[S] ", changes},
        };

        for (uint32_t i = 0; i < array_count(masks); i++) {
                uint32_t value = get32(printer, body, 4 * i);

                put(printer, "\n\t ");
                openflow_flags_print(printer, masks[i].label, masks[i].names, value);
        }
        return OPENFLOW_FINE;
}

#define ANY UINT32_MAX

/* Those without a printer have matches of any length, which tcpdump does not print. */
const struct openflow_message openflow13_messages[] = {
    {"HELLO", 0, ANY, hello_print},
    {"ERROR", 4, ANY, error_print},
    {"ECHO_REQUEST", 0, ANY, openflow_data_print},
    {"ECHO_REPLY", 0, ANY, openflow_data_print},
    {"EXPERIMENTER", 8, ANY, experimenter_print},
    {"FEATURES_REQUEST", 0, 0, NULL},
    {"FEATURES_REPLY", 24, 24, features_print},
    {"GET_CONFIG_REQUEST", 0, 0, NULL},
    {"GET_CONFIG_REPLY", 4, 4, config_print},
    {"SET_CONFIG", 4, 4, config_print},
    {"PACKET_IN", 0, ANY, NULL},
    {"FLOW_REMOVED", 0, ANY, NULL},
    {"PORT_STATUS", 72, 72, port_status_print},
    {"PACKET_OUT", 0, ANY, NULL},
    {"FLOW_MOD", 0, ANY, NULL},
    {"GROUP_MOD", 0, ANY, NULL},
    {"PORT_MOD", 32, 32, port_mod_print},
    {"TABLE_MOD", 8, 8, table_mod_print},
    {"MULTIPART_REQUEST", 0, ANY, NULL},
    {"MULTIPART_REPLY", 0, ANY, NULL},
    {"BARRIER_REQUEST", 0, 0, NULL},
    {"BARRIER_REPLY", 0, 0, NULL},
    {"QUEUE_GET_CONFIG_REQUEST", 8, 8, queue_request_print},
    {"QUEUE_GET_CONFIG_REPLY", 0, ANY, NULL},
    {"ROLE_REQUEST", 16, 16, role_print},
    {"ROLE_REPLY", 16, 16, role_print},
    {"GET_ASYNC_REQUEST", 0, 0, NULL},
    {"GET_ASYNC_REPLY", 24, 24, async_print},
    {"SET_ASYNC", 24, 24, async_print},
    {"METER_MOD", 0, ANY, NULL},
};
const uint32_t openflow13_message_count = array_count(openflow13_messages);
