/* The link management protocol, RFC 4204: messages, and their objects. Those of data links and of
 * services are in lmp_links.c. */
#include "lmp.h"

enum { HEADER = 8, OBJECT_HEADER = 4 };

/* ---- Objects ---- */

static bool channel_id_print(struct printer *printer, struct packet value, uint8_t type)
{
        uint32_t id = get32(printer, value, 0);

        (void)type;
        putf(printer, "\n\t    Control Channel ID: %u (0x%08x)", id, id);
        return true;
}

static bool node_id_print(struct printer *printer, struct packet value, uint8_t type)
{
        (void)type;
        put_ipv4_labelled(printer, "\n\t    Node ID: ", value, 0);
        putf(printer, " (0x%08x)", get32(printer, value, 0));
        return true;
}

/* Of a link or an interface, local or remote. */
static bool link_id_print(struct printer *printer, struct packet value, uint8_t type)
{
        enum { IPV6 = 3, UNNUMBERED = 5 };

        if (type < IPV6)
                put_ipv4_labelled(printer, "\n\t    IPv4 Link ID: ", value, 0);
        else if (type < UNNUMBERED)
                put_ipv6_labelled(printer, "\n\t    IPv6 Link ID: ", value, 0);
        else
                putf(printer, "\n\t    Link ID: %u", get32(printer, value, 0));
        putf(printer, " (0x%08x)", get32(printer, value, 0));
        return true;
}

static bool message_id_print(struct printer *printer, struct packet value, uint8_t type)
{
        uint32_t id = get32(printer, value, 0);

        putf(printer, "\n\t    Message ID%s: %u (0x%08x)", type == 2 ? " Ack" : "", id, id);
        return true;
}

static bool configuration_print(struct printer *printer, struct packet value, uint8_t type)
{
        (void)type;
        putf(printer, "\n\t    Hello Interval: %u\n\t    Hello Dead Interval: %u",
             get16(printer, value, 0), get16(printer, value, 2));
        return true;
}

static bool hello_print(struct printer *printer, struct packet value, uint8_t type)
{
        (void)type;
        putf(printer, "\n\t    Tx Seq: %u, Rx Seq: %u", get32(printer, value, 0),
             get32(printer, value, 4));
        return true;
}

static bool begin_verify_print(struct printer *printer, struct packet value, uint8_t type)
{
        static const struct name flags[] = {
            {1, "Verify all links"}, {2, "Data link type"}, {0, NULL}};
        enum { CAPABLE = 8000 }; /* 0x8000 is meant; tcpdump reads it as decimal */
        uint16_t mechanism = get16(printer, value, 10);

        (void)type;
        put(printer, "\n\t    Flags: ");
        put_flags(printer, flags, ", ", get16(printer, value, 0));
        putf(printer, "\n\t    Verify Interval: %u\n\t    Data links: %u", get16(printer, value, 2),
             get32(printer, value, 4));
        putf(printer, "\n\t    Encoding type: %s",
             name_or(gmpls_encodings, get8(printer, value, 8), "Unknown"));
        putf(printer, "\n\t    Verify Transport Mechanism: %u (0x%x)%s", mechanism, mechanism,
             mechanism & CAPABLE ? " (Payload test messages capable)" : "");
        put(printer, "\n\t    Transmission Rate: ");
        put_megabits(printer, value, 12);
        putf(printer, " Mbps\n\t    Wavelength: %u", get32(printer, value, 16));
        return true;
}

static bool begin_verify_ack_print(struct printer *printer, struct packet value, uint8_t type)
{
        (void)type;
        putf(printer, "\n\t    Verify Dead Interval: %u\n\t    Verify Transport Response: %u",
             get16(printer, value, 0), get16(printer, value, 2));
        return true;
}

static bool verify_id_print(struct printer *printer, struct packet value, uint8_t type)
{
        (void)type;
        putf(printer, "\n\t    Verify ID: %u", get32(printer, value, 0));
        return true;
}

static bool error_print(struct printer *printer, struct packet value, uint8_t type)
{
        static const struct name verify_errors[] = {
            {0x01, "Link Verification Procedure Not supported"},
            {0x02, "Unwilling to verify"},
            {0x04, "Unsupported verification transport mechanism"},
            {0x08, "Link-Id configuration error"},
            {0x10, "Unknown object c-type"},
            {0, NULL}};
        static const struct name summary_errors[] = {
            {0x01, "Unacceptable non-negotiable LINK-SUMMARY parameters"},
            {0x02, "Renegotiate LINK-SUMMARY parameters"},
            {0x04, "Invalid TE-LINK Object"},
            {0x08, "Invalid DATA-LINK Object"},
            {0x10, "Unknown TE-LINK Object c-type"},
            {0x20, "Unknown DATA-LINK Object c-type"},
            {0, NULL}};

        put(printer, "\n\t    Error Code: ");
        put_flags(printer, type == 1 ? verify_errors : summary_errors, ", ",
                  get32(printer, value, 0));
        return true;
}

/* ---- Which is which ---- */

static const struct name classes[] = {{1, "Control Channel ID"},
                                      {2, "Node ID"},
                                      {3, "Link ID"},
                                      {4, "Interface ID"},
                                      {5, "Message ID"},
                                      {6, "Configuration"},
                                      {7, "Hello"},
                                      {8, "Verify Begin"},
                                      {9, "Verify Begin ACK"},
                                      {10, "Verify ID"},
                                      {11, "TE Link"},
                                      {12, "Data Link"},
                                      {13, "Channel Status"},
                                      {14, "Channel Status Request"},
                                      {20, "Error Code"},
                                      {51, "Service Config"},
                                      {0, NULL}};

enum { ANY = UINT8_MAX };

static const struct object_form {
        uint8_t class, type;
        uint8_t size;  /* of the value, or ANY */
        uint8_t least; /* if any */
        const char *name;
        lmp_printer *print;
} objects[] = {
    {1, 1, 4, 0, "Local", channel_id_print},
    {1, 2, 4, 0, "Remote", channel_id_print},
    {2, 1, 4, 0, "Local", node_id_print},
    {2, 2, 4, 0, "Remote", node_id_print},
    {3, 1, 4, 0, "IPv4 Local", link_id_print},
    {3, 2, 4, 0, "IPv4 Remote", link_id_print},
    {3, 3, 16, 0, "IPv6 Local", link_id_print},
    {3, 4, 16, 0, "IPv6 Remote", link_id_print},
    {3, 5, 4, 0, "Unnumbered Local", link_id_print},
    {3, 6, 4, 0, "Unnumbered Remote", link_id_print},
    {4, 1, 4, 0, "IPv4 Local", link_id_print},
    {4, 2, 4, 0, "IPv4 Remote", link_id_print},
    {4, 3, 16, 0, "IPv6 Local", link_id_print},
    {4, 4, 16, 0, "IPv6 Remote", link_id_print},
    {4, 5, 4, 0, "Unnumbered Local", link_id_print},
    {4, 6, 4, 0, "Unnumbered Remote", link_id_print},
    {5, 1, 4, 0, "1", message_id_print},
    {5, 2, 4, 0, "2", message_id_print},
    {6, 1, 4, 0, "1", configuration_print},
    {7, 1, 8, 0, "1", hello_print},
    {8, 1, 20, 0, "1", begin_verify_print},
    {9, 1, 4, 0, "1", begin_verify_ack_print},
    {10, 1, 4, 0, "1", verify_id_print},
    {11, 1, 12, 0, "IPv4", lmp_te_link_print},
    {11, 2, 36, 0, "IPv6", lmp_te_link_print},
    {11, 3, 12, 0, "Unnumbered", lmp_te_link_print},
    {12, 1, ANY, 12, "IPv4", lmp_data_link_print},
    {12, 2, ANY, 36, "IPv6", lmp_data_link_print},
    {12, 3, ANY, 12, "Unnumbered", lmp_data_link_print},
    {13, 1, ANY, 0, "IPv4", lmp_channel_status_print},
    {13, 2, ANY, 0, "IPv6", lmp_channel_status_print},
    {13, 3, ANY, 0, "Unnumbered", lmp_channel_status_print},
    {14, 1, ANY, 0, "IPv4", lmp_channel_request_print},
    {14, 2, ANY, 0, "IPv6", lmp_channel_request_print},
    {14, 3, ANY, 0, "Unnumbered", lmp_channel_request_print},
    {20, 1, 4, 0, "1", error_print},
    {20, 2, 4, 0, "2", error_print},
    {51, 1, 4, 0, "1", lmp_service_print},
    {51, 2, 16, 0, "2", lmp_service_print},
    {51, 3, 8, 0, "3", lmp_service_print},
    {51, 4, 4, 0, "4", lmp_service_print},
};

static const struct object_form *object_find(uint8_t class, uint8_t type)
{
        static const struct object_form unknown = {0, 0, ANY, 0, "Unknown", NULL};

        for (size_t i = 0; i < sizeof objects / sizeof *objects; i++)
                if (objects[i].class == class && objects[i].type == type)
                        return &objects[i];
        return &unknown;
}

/* Returns the object's size, 0 if nothing can follow. */
static uint32_t object_print(struct printer *printer, struct packet packet)
{
        enum { NEGOTIABLE = 0x80, TYPE = 0x7f };
        const struct object_form *form;
        uint8_t class, type;
        uint32_t size;
        uint32_t left = packet.length;
        bool shown = true;

        need_hard(printer, packet, 0, OBJECT_HEADER);
        type = get8(printer, packet, 0) & TYPE;
        class = get8(printer, packet, 1);
        size = get16(printer, packet, 2);
        form = object_find(class, type);
        putf(printer, "\n\t  %s Object (%u), Class-Type: %s (%u) Flags: [%snegotiable], length: %u",
             name_or(classes, class, "Unknown"), class, form->name, type,
             get8(printer, packet, 0) & NEGOTIABLE ? "" : "non-", size);
        if (size < OBJECT_HEADER) {
                put_damage(printer, " (too short)");
                return 0;
        }
        if (size % 4 != 0) {
                put(printer, " (not a multiple of 4)");
                return 0;
        }
        need_hard(printer, packet, 0, size);
        packet = packet_part(packet_from(packet, OBJECT_HEADER), size - OBJECT_HEADER);
        if (form->size == ANY ? packet.length < form->least : packet.length != form->size)
                put(printer, " (not correct for object)");
        else
                shown = form->print && form->print(printer, packet, type);
        if (!shown || printer->options.verbose > 1)
                dump_hex(printer, "\n\t    ", packet, packet.length);
        if (size > left) {
                putf(printer, " [remaining objects length %u < %u]", left, size);
                put_invalid(printer);
                return 0;
        }
        return size;
}

void lmp_print(struct printer *printer, struct packet packet)
{
        static const struct name messages[] = {{1, "Config"},
                                               {2, "Config ACK"},
                                               {3, "Config NACK"},
                                               {4, "Hello"},
                                               {5, "Begin Verify"},
                                               {6, "Begin Verify ACK"},
                                               {7, "Begin Verify NACK"},
                                               {8, "End Verify"},
                                               {9, "End Verify ACK"},
                                               {10, "Test"},
                                               {11, "Test Status Success"},
                                               {12, "Test Status Failure"},
                                               {13, "Test Status ACK"},
                                               {14, "Link Summary"},
                                               {15, "Link Summary ACK"},
                                               {16, "Link Summary NACK"},
                                               {17, "Channel Status"},
                                               {18, "Channel Status ACK"},
                                               {19, "Channel Status Request"},
                                               {20, "Channel Status Response"},
                                               {50, "Service Config"},
                                               {51, "Service Config ACK"},
                                               {52, "Service Config NACK"},
                                               {0, NULL}};
        static const struct name flags[] = {
            {1, "Control Channel Down"}, {2, "LMP restart"}, {0, NULL}};
        unsigned version;
        uint32_t size;
        uint8_t type;

        printer->protocol = "lmp";
        need_hard(printer, packet, 0, HEADER);
        version = get8(printer, packet, 0) >> 4;
        type = get8(printer, packet, 3);
        if (version != 1) {
                putf(printer, "LMP version %u packet not supported", version);
                return;
        }
        if (!printer->options.verbose) {
                putf_as(printer, ROLE_PROTOCOL, "LMPv%u ", version);
                put_name(printer, messages, "unknown (%u)", type);
                putf(printer, " Message, length: %u", packet.length);
                return;
        }
        size = get16(printer, packet, 4);
        putf(printer, "\n\tLMPv%u, msg-type: ", version);
        put_name(printer, messages, "unknown, type: %u", type);
        put_flag_list(printer, ", Flags: [", flags, get8(printer, packet, 2));
        putf(printer, ", length: %u", size);
        if (size < HEADER) {
                put_damage(printer, " (too short)");
                return;
        }
        if (size > packet.length) {
                put_damage(printer, " (too long)");
                size = packet.length;
        }
        packet = packet_part(packet_from(packet, HEADER), size - HEADER);
        while (packet.length > 0) {
                uint32_t object = object_print(printer, packet);

                if (object == 0)
                        return;
                packet = packet_from(packet, object);
        }
}
