/* IEEE 802.11 frames: the header, control frames and data frames. The section numbers are those of
 * IEEE 802.11-2016. */
#include "ieee80211.h"

enum {
        ADDRESS = 6,
        ADDRESS_1 = 4, /* offsets into the header */
        ADDRESS_2 = 10,
        ADDRESS_3 = 16,
        ADDRESS_4 = 24,
        MANAGEMENT_HEADER = 24,
        DATA_HEADER = 24,
        QOS_CONTROL = 2,
        MESH_CONTROL = 6,
        MESH_EXTENSION = 3, /* of its flags: how many addresses follow it */
};

/* Types, 9.2.4.1.3. */
enum { MANAGEMENT, CONTROL, DATA };

/* Bits of the subtype of data frames. */
enum { DATA_ACK = 1, DATA_POLL = 2, DATA_NULL = 4, DATA_QOS = 8 };

/* An address in a control frame: printed with -e, or without, or both. */
struct control_field {
        const char *label;
        uint32_t offset; /* 0 at the end of a list */
};

struct control_frame {
        const char *name;
        uint32_t size; /* of its header; 0 if there is no such subtype */
        struct control_field with_header[3], without[3];
        bool request;    /* Block Ack Request: control and sequence follow the addresses */
        bool identifier; /* Power Save Poll: an association identifier instead of the duration */
};

#define RECEIVER                 \
        {                        \
                "RA:", ADDRESS_1 \
        }
#define TRANSMITTER              \
        {                        \
                "TA:", ADDRESS_2 \
        }

/* 9.3.1, by subtype. */
static const struct control_frame control_frames[16] = {
    [7] = {.name = "Control Wrapper", .size = 16},
    [8] = {.name = "BAR",
           .size = 20,
           .with_header = {RECEIVER, TRANSMITTER},
           .without = {RECEIVER, TRANSMITTER},
           .request = true},
    [9] = {.name = "BA", .size = 10, .with_header = {RECEIVER}, .without = {RECEIVER}},
    [10] = {.name = "Power Save-Poll",
            .size = 16,
            .with_header = {{"BSSID:", ADDRESS_1}, TRANSMITTER},
            .identifier = true},
    [11] = {.name = "Request-To-Send",
            .size = 16,
            .with_header = {RECEIVER, TRANSMITTER},
            .without = {TRANSMITTER}},
    [12] = {.name = "Clear-To-Send", .size = 10, .with_header = {RECEIVER}, .without = {RECEIVER}},
    [13] = {.name = "Acknowledgment", .size = 10, .with_header = {RECEIVER}, .without = {RECEIVER}},
    [14] = {.name = "CF-End",
            .size = 16,
            .with_header = {RECEIVER, {"BSSID:", ADDRESS_2}},
            .without = {RECEIVER}},
    [15] = {.name = "CF-End+CF-Ack",
            .size = 16,
            .with_header = {RECEIVER, {"BSSID:", ADDRESS_2}},
            .without = {RECEIVER}},
};

static unsigned type_of(uint16_t control)
{
        return control >> 2 & 3;
}

static unsigned subtype_of(uint16_t control)
{
        return control >> 4 & 15;
}

static bool is_qos_data(uint16_t control)
{
        return type_of(control) == DATA && subtype_of(control) & DATA_QOS;
}

static bool has_four_addresses(uint16_t control)
{
        return control & FC_TO_DS && control & FC_FROM_DS;
}

static void put_address(struct printer *printer, const char *label, struct packet packet,
                        uint32_t offset)
{
        put(printer, label);
        put_ethernet(printer, bytes_at(printer, packet, offset, ADDRESS));
        put_char(printer, ' ');
}

/* Says so if there is no such type of frame. */
static uint32_t header_size(struct printer *printer, uint16_t control)
{
        uint32_t size = DATA_HEADER;

        switch (type_of(control)) {
        case MANAGEMENT: return MANAGEMENT_HEADER;
        case CONTROL:
                size = control_frames[subtype_of(control)].size;
                if (size == 0)
                        put_damage(printer, "unknown 802.11 ctrl frame subtype (%u)",
                                   subtype_of(control));
                return size;
        case DATA:
                if (has_four_addresses(control))
                        size += ADDRESS;
                if (is_qos_data(control))
                        size += QOS_CONTROL;
                return size;
        default: put_damage(printer, "unknown 802.11 frame type (%u)", type_of(control)); return 0;
        }
}

static void control_addresses_print(struct printer *printer, struct packet packet,
                                    const struct control_frame *frame,
                                    const struct control_field *field)
{
        if (frame->request)
                put_char(printer, ' ');
        for (; field->offset; field++)
                put_address(printer, field->label, packet, field->offset);
        if (frame->request)
                putf(printer, "CTL(%x) SEQ(%u) ", get16_little(printer, packet, 16),
                     get16_little(printer, packet, 18));
}

/* Which address is whose depends on the direction, 9.3.2.1. */
static const uint8_t *data_source(struct packet packet, uint16_t control)
{
        if (has_four_addresses(control))
                return packet.data + ADDRESS_4;
        return packet.data + (control & FC_FROM_DS ? ADDRESS_3 : ADDRESS_2);
}

static const uint8_t *data_destination(struct packet packet, uint16_t control)
{
        return packet.data + (control & FC_TO_DS ? ADDRESS_3 : ADDRESS_1);
}

static void data_addresses_print(struct printer *printer, struct packet packet, uint16_t control)
{
        static const struct control_field lists[][5] = {
            {{"DA:", ADDRESS_1}, {"SA:", ADDRESS_2}, {"BSSID:", ADDRESS_3}},
            {{"BSSID:", ADDRESS_1}, {"SA:", ADDRESS_2}, {"DA:", ADDRESS_3}},
            {{"DA:", ADDRESS_1}, {"BSSID:", ADDRESS_2}, {"SA:", ADDRESS_3}},
            {RECEIVER, TRANSMITTER, {"DA:", ADDRESS_3}, {"SA:", ADDRESS_4}},
        };
        static const char *const free_of_contention[] = {"", "Ack", "Poll", "Ack/Poll"};
        unsigned subtype = subtype_of(control);
        const struct control_field *field = lists[control >> 8 & 3];

        if (subtype & (DATA_ACK | DATA_POLL | DATA_QOS))
                putf(printer, "CF %s%s ", free_of_contention[subtype & (DATA_ACK | DATA_POLL)],
                     subtype & DATA_QOS ? "+QoS" : "");
        for (; field->offset; field++)
                put_address(printer, field->label, packet, field->offset);
}

/* 9.2.4.7.3. `extension` addresses, the fourth to the sixth. */
static void mesh_print(struct printer *printer, struct packet mesh)
{
        unsigned extension = get8(printer, mesh, 0) & MESH_EXTENSION;

        putf(printer, "MeshData (AE %u TTL %u seq %u", extension, get8(printer, mesh, 1),
             __builtin_bswap32(get32(printer, mesh, 2)));
        for (unsigned i = 0; i < extension; i++) {
                putf(printer, " A%u:", 4 + i);
                put_ethernet(printer, bytes_at(printer, mesh, MESH_CONTROL + i * ADDRESS, ADDRESS));
        }
        put(printer, ") ");
}

static void header_print(struct printer *printer, struct packet packet, uint16_t control)
{
        static const struct name flags[] = {
            {FC_MORE_DATA, "More Data "},
            {FC_MORE_FRAGMENTS, "More Fragments "},
            {FC_POWER, "Pwr Mgmt "},
            {FC_RETRY, "Retry "},
            {FC_ORDER, "Strictly Ordered "},
            {FC_PROTECTED, "Protected "},
            {0, NULL},
        };
        const struct control_frame *frame = &control_frames[subtype_of(control)];

        if (printer->options.verbose) {
                for (const struct name *flag = flags; flag->name; flag++)
                        if (control & flag->value)
                                put_as(printer, ROLE_FLAGS, flag->name);
                if (type_of(control) != CONTROL || !frame->identifier)
                        putf(printer, "%uus ", get16_little(printer, packet, 2));
        }
}

static void addresses_print(struct printer *printer, struct packet packet, uint16_t control)
{
        const struct control_frame *frame = &control_frames[subtype_of(control)];

        switch (type_of(control)) {
        case MANAGEMENT:
                put_address(printer, "BSSID:", packet, ADDRESS_3);
                put_address(printer, "DA:", packet, ADDRESS_1);
                put_address(printer, "SA:", packet, ADDRESS_2);
                return;
        case CONTROL: control_addresses_print(printer, packet, frame, frame->with_header); return;
        default: data_addresses_print(printer, packet, control);
        }
}

static void control_print(struct printer *printer, struct packet packet, uint16_t control)
{
        const struct control_frame *frame = &control_frames[subtype_of(control)];

        put_as(printer, ROLE_PROTOCOL, frame->name);
        if (frame->identifier)
                putf(printer, " AID(%x)", get16_little(printer, packet, 2));
        if (printer->options.link_header || !frame->without[0].offset)
                return;
        if (!frame->request)
                put_char(printer, ' ');
        control_addresses_print(printer, packet, frame, frame->without);
}

/* The head of an encrypted body, as it is with WEP. False if it is cut short. */
static bool protected_print(struct printer *printer, struct packet body)
{
        uint32_t vector;

        if (!has(body, 0, 4))
                return false;
        vector = __builtin_bswap32(get32(printer, body, 0));
        putf(printer, " IV:%3x Pad %x KeyID %x", vector & 0xffffff, vector >> 24 & 0x3f,
             vector >> 30);
        return true;
}

static void payload_print(struct printer *printer, struct packet packet, struct packet body,
                          uint16_t control)
{
        struct stations stations = {data_source(packet, control),
                                    data_destination(packet, control)};

        if (!llc_print(printer, body, stations) && !printer->options.quiet)
                put_unknown(printer, body, body.captured);
}

/* False if its headers are cut short. */
static bool body_print(struct printer *printer, struct packet packet, uint16_t control,
                       uint32_t header)
{
        struct packet body = packet_from(packet, header);

        switch (type_of(control)) {
        case MANAGEMENT:
                ieee80211_management_name_print(printer, subtype_of(control));
                if (control & FC_PROTECTED)
                        return protected_print(printer, body);
                return ieee80211_management_print(printer, packet, subtype_of(control), header);
        case CONTROL: control_print(printer, packet, control); return true;
        default:
                if (subtype_of(control) & DATA_NULL)
                        return true;
                if (control & FC_PROTECTED) {
                        put_as(printer, ROLE_PROTOCOL, "Data");
                        return protected_print(printer, body);
                }
                payload_print(printer, packet, body, control);
                return true;
        }
}

/* With -H: what follows the header is taken for a mesh header if it may be one. */
static uint32_t mesh_size(struct printer *printer, struct packet packet, uint16_t control,
                          uint32_t header)
{
        uint8_t flags;

        if (!printer->options.mesh || !is_qos_data(control))
                return 0;
        if (!has(packet, header, 1))
                return 1; /* which is not there either */
        flags = get8(printer, packet, header);
        return flags & ~MESH_EXTENSION ? 0 : MESH_CONTROL + flags * ADDRESS;
}

void ieee80211_frame_print(struct printer *printer, struct packet packet,
                           struct ieee80211_form form)
{
        uint32_t captured = packet.captured, header, mesh;
        uint16_t control;

        printer->protocol = "802.11";
        packet =
            packet_cut(packet, packet.length < form.fcs_size ? 0 : packet.length - form.fcs_size);
        if (packet.captured < 2) {
                printer->link_header += captured;
                put_truncated(printer);
                return;
        }
        control = get16_little(printer, packet, 0);
        header = header_size(printer, control);
        if (header == 0)
                return;
        if (form.padded)
                header = (header + 3) & ~3u;
        mesh = mesh_size(printer, packet, control, header);
        printer->link_header += header + mesh;
        if (!has(packet, 0, header + mesh)) {
                put_truncated(printer);
                return;
        }
        if (printer->options.link_header) {
                header_print(printer, packet, control);
                if (mesh)
                        mesh_print(printer, packet_from(packet, header));
                addresses_print(printer, packet, control);
        }
        if (!body_print(printer, packet, control, header + mesh))
                put_truncated(printer);
}

void ieee80211_print(struct printer *printer, struct packet packet)
{
        printer->link_header = 0;
        ieee80211_frame_print(printer, packet, (struct ieee80211_form){false, 0});
}
