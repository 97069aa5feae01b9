/* OpenFlow 1.0: its messages. */
#include "openflow10.h"

#include "base/array.h"

enum { PORT_SIZE = 48, MATCH_SIZE = 40 };

static const struct name port_features[] = {
    {1, "10MB_HD"},   {2, "10MB_FD"},        {4, "100MB_HD"},  {8, "100MB_FD"},  {0x10, "1GB_HD"},
    {0x20, "1GB_FD"}, {0x40, "10GB_FD"},     {0x80, "COPPER"}, {0x100, "FIBER"}, {0x200, "AUTONEG"},
    {0x400, "PAUSE"}, {0x800, "PAUSE_ASYM"}, {0, NULL}};

static const struct name port_config[] = {
    {1, "PORT_DOWN"},   {2, "NO_STP"},    {4, "NO_RECV"},         {8, "NO_RECV_STP"},
    {0x10, "NO_FLOOD"}, {0x20, "NO_FWD"}, {0x40, "NO_PACKET_IN"}, {0, NULL}};

static enum openflow_result error_print(struct printer *printer, struct packet body)
{
        static const struct name types[] = {{0, "HELLO_FAILED"},
                                            {1, "BAD_REQUEST"},
                                            {2, "BAD_ACTION"},
                                            {3, "FLOW_MOD_FAILED"},
                                            {4, "PORT_MOD_FAILED"},
                                            {5, "QUEUE_OP_FAILED"},
                                            {0, NULL}};
        static const struct name hello[] = {{0, "INCOMPATIBLE"}, {1, "EPERM"}, {0, NULL}};
        static const struct name request[] = {
            {0, "BAD_VERSION"},    {1, "BAD_TYPE"}, {2, "BAD_STAT"}, {3, "BAD_VENDOR"},
            {4, "BAD_SUBTYPE"},    {5, "EPERM"},    {6, "BAD_LEN"},  {7, "BUFFER_EMPTY"},
            {8, "BUFFER_UNKNOWN"}, {0, NULL}};
        static const struct name action[] = {{0, "BAD_TYPE"},     {1, "BAD_LEN"},
                                             {2, "BAD_VENDOR"},   {3, "BAD_VENDOR_TYPE"},
                                             {4, "BAD_OUT_PORT"}, {5, "BAD_ARGUMENT"},
                                             {6, "EPERM"},        {7, "TOO_MANY"},
                                             {8, "BAD_QUEUE"},    {0, NULL}};
        static const struct name flow[] = {
            {0, "ALL_TABLES_FULL"}, {1, "OVERLAP"},     {2, "EPERM"}, {3, "BAD_EMERG_TIMEOUT"},
            {4, "BAD_COMMAND"},     {5, "UNSUPPORTED"}, {0, NULL}};
        static const struct name port[] = {{0, "BAD_PORT"}, {1, "BAD_HW_ADDR"}, {0, NULL}};
        static const struct name queue[] = {
            {0, "BAD_PORT"}, {1, "BAD_QUEUE"}, {2, "EPERM"}, {0, NULL}};
        static const struct name *const codes[] = {hello, request, action, flow, port, queue};

        return openflow_error_print(printer, body, types, codes);
}

static void port_print(struct printer *printer, struct packet packet)
{
        enum { LINK_DOWN = 1, TREE = 0x300 };
        static const struct name trees[] = {
            {0, "LISTEN"}, {0x100, "LEARN"}, {0x200, "FORWARD"}, {0x300, "BLOCK"}, {0, NULL}};
        static const char *const features[] = {"curr ", "advertised ", "supported ", "peer "};
        uint32_t state;

        openflow10_port_number(printer, "\n\t  port_no ", get16(printer, packet, 0));
        put_ethernet_labelled(printer, ", hw_addr ", packet, 2);
        openflow_text_print(printer, ", name ", packet, 8, 16);
        if (printer->options.verbose < 2) {
                need_hard(printer, packet, 0, PORT_SIZE);
                return;
        }
        openflow_flags_print(printer, "\n\t   config ", port_config, get32(printer, packet, 24));
        state = get32(printer, packet, 28);
        putf(printer, "\n\t   state 0x%08x (STP_%s%s)%s", state, name_find(trees, state & TREE),
             state & LINK_DOWN ? ", LINK_DOWN" : "",
             state & ~(uint32_t)(TREE | LINK_DOWN) ? " (bogus)" : "");
        for (uint32_t i = 0; i < array_count(features); i++) {
                uint32_t value = get32(printer, packet, 32 + 4 * i);

                put(printer, "\n\t   ");
                openflow_flags_print(printer, features[i], port_features, value);
        }
}

static enum openflow_result features_print(struct printer *printer, struct packet body)
{
        static const struct name capabilities[] = {
            {1, "FLOW_STATS"},  {2, "TABLE_STATS"}, {4, "PORT_STATS"},     {8, "STP"},
            {0x10, "RESERVED"}, {0x20, "IP_REASM"}, {0x40, "QUEUE_STATS"}, {0x80, "ARP_MATCH_IP"},
            {0, NULL}};
        static const struct name actions[] = {{1, "OUTPUT"},
                                              {2, "SET_VLAN_VID"},
                                              {4, "SET_VLAN_PCP"},
                                              {8, "STRIP_VLAN"},
                                              {0x10, "SET_DL_SRC"},
                                              {0x20, "SET_DL_DST"},
                                              {0x40, "SET_NW_SRC"},
                                              {0x80, "SET_NW_DST"},
                                              {0x100, "SET_NW_TOS"},
                                              {0x200, "SET_TP_SRC"},
                                              {0x400, "SET_TP_DST"},
                                              {0x800, "ENQUEUE"},
                                              {0, NULL}};
        enum { FIXED = 24, KNOWN = 0xef };
        uint32_t value;

        putf(printer, "\n\t dpid 0x%016llx", (unsigned long long)get64(printer, body, 0));
        putf(printer, ", n_buffers %u", get32(printer, body, 8));
        putf(printer, ", n_tables %u", get8(printer, body, 12));
        need_hard(printer, body, 13, 3);
        value = get32(printer, body, 16);
        putf(printer, "\n\t capabilities 0x%08x", value);
        if (value & KNOWN)
                openflow_bits_print(printer, capabilities, 0, value & 0xff);
        if (value & ~(uint32_t)KNOWN)
                put_damage(printer, " (bogus)");
        openflow_flags_print(printer, "\n\t actions ", actions, get32(printer, body, 20));
        for (body = packet_from(body, FIXED); body.length > 0;
             body = packet_from(body, PORT_SIZE)) {
                if (body.length < PORT_SIZE)
                        return OPENFLOW_INVALID;
                port_print(printer, body);
        }
        return OPENFLOW_FINE;
}

static enum openflow_result config_print(struct printer *printer, struct packet body)
{
        static const struct name fragments[] = {
            {0, "FRAG_NORMAL"}, {1, "FRAG_DROP"}, {2, "FRAG_REASM"}, {0, NULL}};

        uint16_t flags = get16(printer, body, 0);

        put(printer, "\n\t flags ");
        put_name(printer, fragments, "invalid (0x%04x)", flags);
        putf(printer, ", miss_send_len %u", get16(printer, body, 2));
        return OPENFLOW_FINE;
}

static enum openflow_result packet_in_print(struct printer *printer, struct packet body)
{
        static const struct name reasons[] = {{0, "NO_MATCH"}, {1, "ACTION"}, {0, NULL}};

        openflow_buffer_print(printer, "\n\t buffer_id ", get32(printer, body, 0));
        putf(printer, ", total_len %u", get16(printer, body, 4));
        openflow10_port_number(printer, ", in_port ", get16(printer, body, 6));
        put_named8(printer, ", reason ", reasons, "invalid (0x%02x)", body, 8);
        need_hard(printer, body, 9, 1);
        return openflow_frame_print(printer, packet_from(body, 10));
}

static enum openflow_result flow_removed_print(struct printer *printer, struct packet body)
{
        static const struct name reasons[] = {
            {0, "IDLE_TIMEOUT"}, {1, "HARD_TIMEOUT"}, {2, "DELETE"}, {0, NULL}};

        openflow10_match_print(printer, body, "\n\t ");
        body = packet_from(body, MATCH_SIZE);
        putf(printer, "\n\t cookie 0x%016llx", (unsigned long long)get64(printer, body, 0));
        if (get16(printer, body, 8))
                putf(printer, ", priority %u", get16(printer, body, 8));
        put_named8(printer, ", reason ", reasons, "unknown (0x%02x)", body, 10);
        need_hard(printer, body, 11, 1);
        putf(printer, ", duration_sec %u", get32(printer, body, 12));
        putf(printer, ", duration_nsec %u", get32(printer, body, 16));
        if (get16(printer, body, 20))
                putf(printer, ", idle_timeout %u", get16(printer, body, 20));
        need_hard(printer, body, 22, 2);
        putf(printer, ", packet_count %llu", (unsigned long long)get64(printer, body, 24));
        putf(printer, ", byte_count %llu", (unsigned long long)get64(printer, body, 32));
        return OPENFLOW_FINE;
}

static enum openflow_result port_status_print(struct printer *printer, struct packet body)
{
        static const struct name reasons[] = {{0, "ADD"}, {1, "DELETE"}, {2, "MODIFY"}, {0, NULL}};

        put_named8(printer, "\n\t reason ", reasons, "invalid (0x%02x)", body, 0);
        need_hard(printer, body, 1, 7);
        port_print(printer, packet_from(body, 8));
        return OPENFLOW_FINE;
}

static enum openflow_result packet_out_print(struct printer *printer, struct packet body)
{
        uint32_t size;
        struct packet actions;

        putf(printer, "\n\t buffer_id 0x%08x", get32(printer, body, 0));
        openflow10_port_number(printer, ", in_port ", get16(printer, body, 4));
        size = get16(printer, body, 6);
        body = packet_from(body, 8);
        if (size > body.length)
                return OPENFLOW_INVALID;
        actions = body;
        actions.length = size;
        openflow10_actions_print(printer, actions, "\n\t ");
        return openflow_frame_print(printer, packet_from(body, size));
}

static enum openflow_result flow_mod_print(struct printer *printer, struct packet body)
{
        enum { ADD, MODIFY, MODIFY_STRICT, DELETE, DELETE_STRICT };
        static const struct name commands[] = {{ADD, "ADD"},
                                               {MODIFY, "MODIFY"},
                                               {MODIFY_STRICT, "MODIFY_STRICT"},
                                               {DELETE, "DELETE"},
                                               {DELETE_STRICT, "DELETE_STRICT"},
                                               {0, NULL}};
        static const struct name flags[] = {
            {1, "SEND_FLOW_REM"}, {2, "CHECK_OVERLAP"}, {4, "EMERG"}, {0, NULL}};
        uint16_t command;

        openflow10_match_print(printer, body, "\n\t ");
        body = packet_from(body, MATCH_SIZE);
        putf(printer, "\n\t cookie 0x%016llx", (unsigned long long)get64(printer, body, 0));
        command = get16(printer, body, 8);
        put(printer, ", command ");
        put_name(printer, commands, "invalid (0x%04x)", command);
        if (get16(printer, body, 10))
                putf(printer, ", idle_timeout %u", get16(printer, body, 10));
        if (get16(printer, body, 12))
                putf(printer, ", hard_timeout %u", get16(printer, body, 12));
        if (get16(printer, body, 14))
                putf(printer, ", priority %u", get16(printer, body, 14));
        need_hard(printer, body, 16, 4);
        if (command <= MODIFY_STRICT)
                openflow_buffer_print(printer, ", buffer_id ", get32(printer, body, 16));
        need_hard(printer, body, 20, 2);
        if (command == DELETE || command == DELETE_STRICT)
                openflow10_port_number(printer, ", out_port ", get16(printer, body, 20));
        putf(printer, ", flags 0x%04x", get16(printer, body, 22));
        openflow_bits_print(printer, flags, 0, get16(printer, body, 22));
        return openflow10_actions_print(printer, packet_from(body, 24), "\n\t ");
}

static enum openflow_result port_mod_print(struct printer *printer, struct packet body)
{
        openflow10_port_number(printer, "\n\t port_no ", get16(printer, body, 0));
        put_ethernet_labelled(printer, ", hw_addr ", body, 2);
        openflow_flags_print(printer, "\n\t config ", port_config, get32(printer, body, 8));
        openflow_flags_print(printer, "\n\t mask ", port_config, get32(printer, body, 12));
        openflow_flags_print(printer, "\n\t advertise ", port_features, get32(printer, body, 16));
        need_hard(printer, body, 20, 4);
        return OPENFLOW_FINE;
}

static enum openflow_result queue_request_print(struct printer *printer, struct packet body)
{
        openflow10_port_number(printer, "\n\t port ", get16(printer, body, 0));
        need_hard(printer, body, 2, 2);
        return OPENFLOW_FINE;
}

static void properties_print(struct printer *printer, struct packet packet)
{
        enum { HEADER = 8, NONE = 0, MIN_RATE = 1, MIN_RATE_SIZE = 16, DISABLED = 1000 };
        static const struct name properties[] = {{NONE, "NONE"}, {MIN_RATE, "MIN_RATE"}, {0, NULL}};

        while (packet.length > 0) {
                uint16_t property, rate;
                uint32_t size;

                if (packet.length < HEADER) {
                        put_invalid_rest(printer, packet);
                        return;
                }
                property = get16(printer, packet, 0);
                put(printer, "\n\t   property ");
                put_name(printer, properties, "invalid (0x%04x)", property);
                size = get16(printer, packet, 2);
                putf(printer, ", len %u", size);
                if (size < HEADER || size > packet.length) {
                        put_invalid_rest(printer, packet);
                        return;
                }
                need_hard(printer, packet, 4, 4);
                if ((property == NONE && size != HEADER) ||
                    (property == MIN_RATE && size != MIN_RATE_SIZE)) {
                        put_damage(printer, " (bogus)");
                        need_hard(printer, packet, 0, size);
                } else if (property == MIN_RATE) {
                        rate = get16(printer, packet, HEADER);
                        if (rate > DISABLED)
                                put(printer, ", rate disabled");
                        else
                                putf(printer, ", rate %u.%u%%", rate / 10, rate % 10);
                        need_hard(printer, packet, HEADER + 2, 6);
                } else {
                        need_hard(printer, packet, 0, size);
                }
                packet = packet_from(packet, size);
        }
}

static enum openflow_result queue_reply_print(struct printer *printer, struct packet body)
{
        enum { QUEUE_HEADER = 8 };

        openflow10_port_number(printer, "\n\t port ", get16(printer, body, 0));
        need_hard(printer, body, 2, 6);
        for (body = packet_from(body, 8); body.length > 0;) {
                struct packet properties;
                uint32_t size;

                if (body.length < QUEUE_HEADER)
                        return OPENFLOW_INVALID;
                putf(printer, "\n\t  queue_id %u", get32(printer, body, 0));
                size = get16(printer, body, 4);
                putf(printer, ", len %u", size);
                if (size < QUEUE_HEADER || size > body.length)
                        return OPENFLOW_INVALID;
                need_hard(printer, body, 6, 2);
                properties = packet_from(body, QUEUE_HEADER);
                properties.length = size - QUEUE_HEADER;
                if (printer->options.verbose >= 2)
                        properties_print(printer, properties);
                need_hard(printer, body, 0, size);
                body = packet_from(body, size);
        }
        return OPENFLOW_FINE;
}

#define ANY UINT32_MAX

const struct openflow_message openflow10_messages[] = {
    {"HELLO", 0, ANY, openflow_data_print},
    {"ERROR", 4, ANY, error_print},
    {"ECHO_REQUEST", 0, ANY, openflow_data_print},
    {"ECHO_REPLY", 0, ANY, openflow_data_print},
    {"VENDOR", 4, ANY, openflow10_vendor_print},
    {"FEATURES_REQUEST", 0, 0, NULL},
    {"FEATURES_REPLY", 24, ANY, features_print},
    {"GET_CONFIG_REQUEST", 0, 0, NULL},
    {"GET_CONFIG_REPLY", 4, 4, config_print},
    {"SET_CONFIG", 4, 4, config_print},
    {"PACKET_IN", 10, ANY, packet_in_print},
    {"FLOW_REMOVED", 80, 80, flow_removed_print},
    {"PORT_STATUS", 56, 56, port_status_print},
    {"PACKET_OUT", 8, ANY, packet_out_print},
    {"FLOW_MOD", 64, ANY, flow_mod_print},
    {"PORT_MOD", 24, 24, port_mod_print},
    {"STATS_REQUEST", 4, ANY, openflow10_stats_request_print},
    {"STATS_REPLY", 4, ANY, openflow10_stats_reply_print},
    {"BARRIER_REQUEST", 0, 0, NULL},
    {"BARRIER_REPLY", 0, 0, NULL},
    {"QUEUE_GET_CONFIG_REQUEST", 4, 4, queue_request_print},
    {"QUEUE_GET_CONFIG_REPLY", 8, ANY, queue_reply_print},
};
const uint32_t openflow10_message_count = array_count(openflow10_messages);
