/* OpenFlow 1.0: ports, what flows match, and the actions on them; vendors' messages. */
#include "openflow10.h"

enum { BIG_SWITCH = 0x5c16c7 };

void openflow10_port_number(struct printer *printer, const char *label, uint16_t port)
{
        static const struct name ports[] = {{0xff00, "MAX"},        {0xfff8, "IN_PORT"},
                                            {0xfff9, "TABLE"},      {0xfffa, "NORMAL"},
                                            {0xfffb, "FLOOD"},      {0xfffc, "ALL"},
                                            {0xfffd, "CONTROLLER"}, {0xfffe, "LOCAL"},
                                            {0xffff, "NONE"},       {0, NULL}};

        put(printer, label);
        put_name(printer, ports, "%u", port);
}

static void vlan_print(struct printer *printer, const char *label, uint16_t vlan)
{
        enum { NONE = 0xffff, MOST = 4094 };

        if (vlan == NONE)
                putf(printer, "%sNONE", label);
        else
                putf(printer, "%s%u%s", label, vlan, vlan == 0 || vlan > MOST ? " (bogus)" : "");
}

static void priority_print(struct printer *printer, const char *label, uint8_t priority)
{
        putf(printer, "%s%u%s", label, priority, priority > 7 ? " (bogus)" : "");
}

/* The bits of an address that are compared; a line if there are any. */
static void address_print(struct printer *printer, const char *prefix, const char *label,
                          struct packet packet, uint32_t at, uint32_t ignored)
{
        need_hard(printer, packet, at, 4);
        if (ignored >= 32)
                return;
        putf(printer, "%s%s", prefix, label);
        put_ipv4_at(printer, packet, at);
        putf(printer, "/%u", 32 - ignored);
}

void openflow10_match_print(struct printer *printer, struct packet packet, const char *prefix)
{
        enum {
                IN_PORT = 1,
                DL_VLAN = 2,
                DL_SRC = 4,
                DL_DST = 8,
                DL_TYPE = 0x10,
                NW_PROTO = 0x20,
                TP_SRC = 0x40,
                TP_DST = 0x80,
                NW_SRC_SHIFT = 8,
                NW_DST_SHIFT = 14,
                NW_BITS = 0x3f,
                DL_VLAN_PCP = 0x100000,
                NW_TOS = 0x200000,
                KNOWN = 0x3fffff,
        };
        uint32_t any = get32(printer, packet, 0);
        uint16_t type;
        uint8_t protocol;
        bool arp, icmp;

        if (any & ~(uint32_t)KNOWN)
                put_damage(printer, "%swildcards 0x%08x (bogus)", prefix, any);
        need_hard(printer, packet, 4, 2);
        if (!(any & IN_PORT)) {
                putf(printer, "%smatch ", prefix);
                openflow10_port_number(printer, "in_port ", get16(printer, packet, 4));
        }
        need_hard(printer, packet, 6, 6);
        if (!(any & DL_SRC)) {
                putf(printer, "%smatch ", prefix);
                put_ethernet_labelled(printer, "dl_src ", packet, 6);
        }
        need_hard(printer, packet, 12, 6);
        if (!(any & DL_DST)) {
                putf(printer, "%smatch ", prefix);
                put_ethernet_labelled(printer, "dl_dst ", packet, 12);
        }
        need_hard(printer, packet, 18, 2);
        if (!(any & DL_VLAN)) {
                putf(printer, "%smatch ", prefix);
                vlan_print(printer, "dl_vlan ", get16(printer, packet, 18));
        }
        need_hard(printer, packet, 20, 1);
        if (!(any & DL_VLAN_PCP)) {
                putf(printer, "%smatch ", prefix);
                priority_print(printer, "dl_vlan_pcp ", get8(printer, packet, 20));
        }
        need_hard(printer, packet, 21, 1);
        type = get16(printer, packet, 22);
        arp = !(any & DL_TYPE) && type == ETHERTYPE_ARP;
        if (!(any & DL_TYPE))
                putf(printer, "%smatch dl_type 0x%04x", prefix, type);
        need_hard(printer, packet, 24, 1);
        if (!(any & NW_TOS))
                putf(printer, "%smatch nw_tos 0x%02x", prefix, get8(printer, packet, 24));
        protocol = get8(printer, packet, 25);
        icmp = !(any & DL_TYPE) && type == ETHERTYPE_IPV4 && !(any & NW_PROTO) && protocol == 1;
        if (!(any & NW_PROTO))
                putf(printer, "%smatch %s %u", prefix, arp ? "arp_opcode" : "nw_proto", protocol);
        need_hard(printer, packet, 26, 2);
        address_print(printer, prefix, "match nw_src ", packet, 28, any >> NW_SRC_SHIFT & NW_BITS);
        address_print(printer, prefix, "match nw_dst ", packet, 32, any >> NW_DST_SHIFT & NW_BITS);
        need_hard(printer, packet, 36, 2);
        if (!(any & TP_SRC))
                putf(printer, "%smatch %s %u", prefix, icmp ? "icmp_type" : "tp_src",
                     get16(printer, packet, 36));
        need_hard(printer, packet, 38, 2);
        if (!(any & TP_DST))
                putf(printer, "%smatch %s %u", prefix, icmp ? "icmp_code" : "tp_dst",
                     get16(printer, packet, 38));
}

/* Big Switch Networks' actions. */
static enum openflow_result big_switch_action_print(struct printer *printer, struct packet packet)
{
        enum { MIRROR = 1, MIRROR_SIZE = 12 };
        static const struct name subtypes[] = {
            {MIRROR, "MIRROR"}, {2, "SET_TUNNEL_DST"}, {4, "CHECKSUM"}, {0, NULL}};
        static const struct name stages[] = {{0, "INGRESS"}, {1, "EGRESS"}, {0, NULL}};
        uint32_t subtype, tag;

        if (packet.length < 4)
                return OPENFLOW_INVALID;
        subtype = get32(printer, packet, 0);
        put(printer, "\n\t  subtype ");
        put_name(printer, subtypes, "unknown (0x%08x)", subtype);
        packet = packet_from(packet, 4);
        if (subtype != MIRROR)
                return OPENFLOW_FINE;
        if (packet.length != MIRROR_SIZE)
                return OPENFLOW_INVALID;
        putf(printer, ", dest_port %u", get32(printer, packet, 0));
        tag = get32(printer, packet, 4);
        put(printer, ", vlan_tag ");
        if (tag >> 16 == 0)
                put(printer, "none");
        else if (tag >> 16 == ETHERTYPE_VLAN)
                putf(printer, "802.1Q (vlan %u, p %u%s)", tag & 0xfff, tag >> 13 & 7,
                     tag >> 12 & 1 ? ", DEI" : "");
        else
                putf(printer, "unknown (0x%04x)", tag >> 16);
        put_named8(printer, ", copy_stage ", stages, "unknown (%u)", packet, 8);
        need_hard(printer, packet, 9, 3);
        return OPENFLOW_FINE;
}

static enum openflow_result vendor_action_print(struct printer *printer, struct packet packet)
{
        uint32_t vendor = get32(printer, packet, 0);

        put(printer, ", vendor ");
        openflow_vendor_print(printer, vendor);
        packet = packet_from(packet, 4);
        if (vendor == BIG_SWITCH)
                return big_switch_action_print(printer, packet);
        return openflow_data_print(printer, packet);
}

enum action {
        OUTPUT,
        SET_VLAN_VID,
        SET_VLAN_PCP,
        STRIP_VLAN,
        SET_DL_SRC,
        SET_DL_DST,
        SET_NW_SRC,
        SET_NW_DST,
        SET_NW_TOS,
        SET_TP_SRC,
        SET_TP_DST,
        ENQUEUE,
        VENDOR = 0xffff
};

/* The value of an action of the right size; `packet` is what follows type and length. */
static enum openflow_result action_print(struct printer *printer, struct packet packet,
                                         uint16_t type)
{
        enum { CONTROLLER = 0xfffd };

        switch (type) {
        case OUTPUT: {
                uint16_t port = get16(printer, packet, 0);

                openflow10_port_number(printer, ", port ", port);
                need_hard(printer, packet, 2, 2);
                if (port == CONTROLLER)
                        putf(printer, ", max_len %u", get16(printer, packet, 2));
                break;
        }
        case SET_VLAN_VID:
                vlan_print(printer, ", vlan_vid ", get16(printer, packet, 0));
                need_hard(printer, packet, 2, 2);
                break;
        case SET_VLAN_PCP:
                priority_print(printer, ", vlan_pcp ", get8(printer, packet, 0));
                need_hard(printer, packet, 1, 3);
                break;
        case SET_DL_SRC:
        case SET_DL_DST:
                put_ethernet_labelled(printer, ", dl_addr ", packet, 0);
                need_hard(printer, packet, 6, 6);
                break;
        case SET_NW_SRC:
        case SET_NW_DST:
                need_hard(printer, packet, 0, 4);
                put_ipv4_labelled(printer, ", nw_addr ", packet, 0);
                break;
        case SET_NW_TOS:
                putf(printer, ", nw_tos 0x%02x", get8(printer, packet, 0));
                need_hard(printer, packet, 1, 3);
                break;
        case SET_TP_SRC:
        case SET_TP_DST:
                putf(printer, ", tp_port %u", get16(printer, packet, 0));
                need_hard(printer, packet, 2, 2);
                break;
        case ENQUEUE:
                openflow10_port_number(printer, ", port ", get16(printer, packet, 0));
                need_hard(printer, packet, 2, 6);
                putf(printer, ", queue_id %u", get32(printer, packet, 8));
                break;
        case VENDOR: return vendor_action_print(printer, packet);
        default: need_hard(printer, packet, 0, packet.length);
        }
        return OPENFLOW_FINE;
}

enum openflow_result openflow10_actions_print(struct printer *printer, struct packet packet,
                                              const char *prefix)
{
        enum { LEAST = 8, HEADER = 4 };
        static const struct name types[] = {{OUTPUT, "OUTPUT"},
                                            {SET_VLAN_VID, "SET_VLAN_VID"},
                                            {SET_VLAN_PCP, "SET_VLAN_PCP"},
                                            {STRIP_VLAN, "STRIP_VLAN"},
                                            {SET_DL_SRC, "SET_DL_SRC"},
                                            {SET_DL_DST, "SET_DL_DST"},
                                            {SET_NW_SRC, "SET_NW_SRC"},
                                            {SET_NW_DST, "SET_NW_DST"},
                                            {SET_NW_TOS, "SET_NW_TOS"},
                                            {SET_TP_SRC, "SET_TP_SRC"},
                                            {SET_TP_DST, "SET_TP_DST"},
                                            {ENQUEUE, "ENQUEUE"},
                                            {VENDOR, "VENDOR"},
                                            {0, NULL}};

        while (packet.length > 0) {
                struct packet value;
                uint16_t type;
                uint32_t size;
                bool right;

                if (packet.length < LEAST)
                        goto invalid;
                type = get16(printer, packet, 0);
                putf(printer, "%saction type ", prefix);
                put_name(printer, types, "invalid (0x%04x)", type);
                size = get16(printer, packet, 2);
                putf(printer, ", len %u", size);
                if (size < LEAST || size > packet.length)
                        goto invalid;
                if (type == SET_DL_SRC || type == SET_DL_DST || type == ENQUEUE)
                        right = size == 16;
                else if (type <= ENQUEUE)
                        right = size == LEAST;
                else
                        right = type != VENDOR || size % 8 == 0;
                value = packet_from(packet, HEADER);
                value.length = size - HEADER;
                if (!right) {
                        put_damage(printer, " (bogus)");
                        need_hard(printer, value, 0, value.length);
                } else if (action_print(printer, value, type) == OPENFLOW_INVALID) {
                        put_invalid(printer);
                }
                packet = packet_from(packet, size);
        }
        return OPENFLOW_FINE;
invalid:
        put_invalid_rest(printer, packet);
        return OPENFLOW_FINE;
}

static enum openflow_result mirroring_print(struct printer *printer, struct packet packet)
{
        static const struct name states[] = {{0, "OFF"}, {1, "ON"}, {0, NULL}};

        put_named8(printer, ", report_mirror_ports ", states, "bogus (%u)", packet, 0);
        need_hard(printer, packet, 1, 3);
        return OPENFLOW_FINE;
}

/* Big Switch Networks' messages: their size, -1 if it varies or is not looked at. */
static enum openflow_result big_switch_print(struct printer *printer, struct packet packet)
{
        enum { NONE, INDEX, MASK, MIRRORING, COMMAND, OUTPUT_TEXT, STATUS, NOTHING };
        static const struct {
                const char *name;
                int form;
        } subtypes[] = {{"SET_IP_MASK", MASK},
                        {"GET_IP_MASK_REQUEST", INDEX},
                        {"GET_IP_MASK_REPLY", MASK},
                        {"SET_MIRRORING", MIRRORING},
                        {"GET_MIRRORING_REQUEST", MIRRORING},
                        {"GET_MIRRORING_REPLY", MIRRORING},
                        {"SHELL_COMMAND", COMMAND},
                        {"SHELL_OUTPUT", OUTPUT_TEXT},
                        {"SHELL_STATUS", STATUS},
                        {"GET_INTERFACES_REQUEST", NOTHING},
                        {"GET_INTERFACES_REPLY", NONE},
                        {"SET_PKTIN_SUPPRESSION_REQUEST", NONE},
                        {"SET_L2_TABLE_REQUEST", NONE},
                        {"GET_L2_TABLE_REQUEST", NOTHING},
                        {"GET_L2_TABLE_REPLY", NONE},
                        {"VIRTUAL_PORT_CREATE_REQUEST", NONE},
                        {"VIRTUAL_PORT_CREATE_REPLY", NONE},
                        {"VIRTUAL_PORT_REMOVE_REQUEST", STATUS},
                        {"BW_ENABLE_SET_REQUEST", NONE},
                        {"BW_ENABLE_GET_REQUEST", NOTHING},
                        {"BW_ENABLE_GET_REPLY", NONE},
                        {"BW_CLEAR_DATA_REQUEST", NOTHING},
                        {"BW_CLEAR_DATA_REPLY", NONE},
                        {"BW_ENABLE_SET_REPLY", NONE},
                        {"SET_L2_TABLE_REPLY", NONE},
                        {"SET_PKTIN_SUPPRESSION_REPLY", NONE},
                        {"VIRTUAL_PORT_REMOVE_REPLY", NONE},
                        {"HYBRID_GET_REQUEST", NOTHING},
                        {"HYBRID_GET_REPLY", NONE},
                        {NULL, NONE},
                        {NULL, NONE},
                        {"PDU_TX_REQUEST", NONE},
                        {"PDU_TX_REPLY", NONE},
                        {"PDU_RX_REQUEST", NONE},
                        {"PDU_RX_REPLY", NONE},
                        {"PDU_RX_TIMEOUT", NONE}};
        static const uint8_t sizes[] = {
            [INDEX] = 8, [MASK] = 8, [MIRRORING] = 4, [STATUS] = 4, [NOTHING] = 0};
        uint32_t subtype;
        int form;

        if (packet.length < 4)
                return OPENFLOW_INVALID;
        subtype = get32(printer, packet, 0);
        put(printer, "\n\t subtype ");
        if (subtype >= sizeof subtypes / sizeof *subtypes || !subtypes[subtype].name) {
                putf(printer, "unknown (0x%08x)", subtype);
                return OPENFLOW_FINE;
        }
        put(printer, subtypes[subtype].name);
        packet = packet_from(packet, 4);
        form = subtypes[subtype].form;
        if (form == COMMAND) {
                if (packet.length < 4)
                        return OPENFLOW_INVALID;
        } else if (form != NONE && form != OUTPUT_TEXT && packet.length != sizes[form]) {
                return OPENFLOW_INVALID;
        }
        switch (form) {
        case INDEX:
        case MASK:
                putf(printer, ", index %u", get8(printer, packet, 0));
                need_hard(printer, packet, 1, 3);
                need_hard(printer, packet, 4, 4);
                if (form == MASK)
                        put_ipv4_labelled(printer, ", mask ", packet, 4);
                break;
        case MIRRORING: return mirroring_print(printer, packet);
        case COMMAND:
                putf(printer, ", service %u", get32(printer, packet, 0));
                packet = packet_from(packet, 4);
                /* fall through */
        case OUTPUT_TEXT:
                put(printer, ", data '");
                for (uint32_t i = 0; i < packet.length; i++)
                        put_visible(printer, get8(printer, packet, i));
                put_char(printer, '\'');
                break;
        case STATUS: putf(printer, ", status 0x%08x", get32(printer, packet, 0)); break;
        default: break;
        }
        return OPENFLOW_FINE;
}

enum openflow_result openflow10_vendor_print(struct printer *printer, struct packet body)
{
        uint32_t vendor = get32(printer, body, 0);

        put(printer, ", vendor ");
        openflow_vendor_print(printer, vendor);
        body = packet_from(body, 4);
        if (vendor == BIG_SWITCH)
                return big_switch_print(printer, body);
        return openflow_data_print(printer, body);
}
