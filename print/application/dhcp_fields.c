/* The options of DHCP (RFC 2132 and its successors) that people ask for, as fields of JSON. */
#include "print/printer/fields.h"

#include <string.h>

enum {
        SERVER_NAME = 44,
        SERVER_NAME_SIZE = 64,
        FILE_NAME = 108,
        FILE_NAME_SIZE = 128,
        COOKIE_AT = 236,
        COOKIE = 0x63825363,
        PAD = 0,
        END = 255,
};

enum shape { NOTHING, ADDRESS, ADDRESSES, NUMBER, NUMBERS8, TEXT, BYTES, DOMAINS, FQDN, AGENT };

static const struct {
        const char *name;
        enum shape shape;
} options[256] = {
    [1] = {"dhcp.option.subnet_mask", ADDRESS},
    [3] = {"dhcp.option.router", ADDRESSES},
    [6] = {"dhcp.option.domain_name_server", ADDRESSES},
    [12] = {"dhcp.option.hostname", TEXT},
    [15] = {"dhcp.option.domain_name", TEXT},
    [26] = {"dhcp.option.interface_mtu", NUMBER},
    [28] = {"dhcp.option.broadcast_address", ADDRESS},
    [42] = {"dhcp.option.ntp_server", ADDRESSES},
    [44] = {"dhcp.option.netbios_over_tcpip_name_server", ADDRESSES},
    [50] = {"dhcp.option.requested_ip_address", ADDRESS},
    [51] = {"dhcp.option.ip_address_lease_time", NUMBER},
    [53] = {"dhcp.option.dhcp", NUMBER},
    [54] = {"dhcp.option.dhcp_server_id", ADDRESS},
    [55] = {"dhcp.option.request_list_item", NUMBERS8},
    [56] = {"dhcp.option.message", TEXT},
    [57] = {"dhcp.option.dhcp_max_message_size", NUMBER},
    [58] = {"dhcp.option.renewal_time_value", NUMBER},
    [59] = {"dhcp.option.rebinding_time_value", NUMBER},
    [60] = {"dhcp.option.vendor_class_id", TEXT},
    [61] = {"dhcp.client_id", BYTES},
    [66] = {"dhcp.option.tftp_server_name", TEXT},
    [67] = {"dhcp.option.bootfile_name", TEXT},
    [81] = {"dhcp.fqdn.name", FQDN},
    [82] = {"dhcp.option.agent_information_option", AGENT},
    [93] = {"dhcp.option.client_system_architecture", NUMBER},
    [114] = {"dhcp.option.captive_portal", TEXT},
    [119] = {"dhcp.option.dhcp_dns_domain_search_list_fqdn", DOMAINS},
    [150] = {"dhcp.option.tftp_server_address", ADDRESSES},
    [161] = {"dhcp.option.mudurl", TEXT},
};

static void addresses_field(struct printer *printer, const char *name, struct packet value)
{
        field_open(printer, name, '[');
        for (uint32_t at = 0; at + 4 <= value.length; at += 4)
                field_ipv4(printer, NULL, value, at);
        field_close(printer);
}

static void number_field(struct printer *printer, const char *name, struct packet value)
{
        if (value.length == 1)
                field_number(printer, name, get8(printer, value, 0));
        else if (value.length == 2)
                field_number(printer, name, get16(printer, value, 0));
        else if (value.length == 4)
                field_number(printer, name, get32(printer, value, 0));
}

/* Some end it with a zero. */
static void text_field(struct printer *printer, const char *name, struct packet value)
{
        while (value.length > 0 && get8(printer, value, value.length - 1) == 0)
                value = packet_cut(value, value.length - 1);
        field_text(printer, name, value, 0, value.length);
}

/* RFC 4702: flags, two obsolete bytes, and a name in one of two forms. */
static void fqdn_field(struct printer *printer, const char *name, struct packet value)
{
        enum { FIXED = 3, ENCODED = 4 };
        struct packet domain = packet_from(value, FIXED);

        if (value.length <= FIXED)
                return;
        if (!(get8(printer, value, 0) & ENCODED))
                text_field(printer, name, domain);
        else if (domain_name_skip(domain, 0))
                field_domain_name(printer, name, domain, 0);
}

/* RFC 3046. */
static void agent_fields(struct printer *printer, struct packet value)
{
        enum { CIRCUIT = 1, REMOTE };
        bool seen[3] = {false};

        while (value.length >= 2) {
                uint8_t kind = get8(printer, value, 0);
                uint32_t size = get8(printer, value, 1);

                if (size > value.length - 2)
                        return;
                if ((kind == CIRCUIT || kind == REMOTE) && !seen[kind]) {
                        seen[kind] = true;
                        field_bytes(printer,
                                    kind == CIRCUIT
                                        ? "dhcp.option.agent_information_option.agent_circuit_id"
                                        : "dhcp.option.agent_information_option.agent_remote_id",
                                    value, 2, size);
                }
                value = packet_from(value, 2 + size);
        }
}

static void domains_field(struct printer *printer, const char *name, struct packet value)
{
        field_open(printer, name, '[');
        for (uint32_t at = 0; at < value.length;)
                at = field_domain_name(printer, NULL, value, at);
        field_close(printer);
}

/* A value of the wrong length is left out. */
static void value_field(struct printer *printer, const char *name, enum shape shape,
                        struct packet value)
{
        switch (shape) {
        case ADDRESS:
                if (value.length == 4)
                        field_ipv4(printer, name, value, 0);
                break;
        case ADDRESSES: addresses_field(printer, name, value); break;
        case NUMBER: number_field(printer, name, value); break;
        case NUMBERS8:
                field_open(printer, name, '[');
                for (uint32_t at = 0; at < value.length; at++)
                        field_number(printer, NULL, get8(printer, value, at));
                field_close(printer);
                break;
        case TEXT: text_field(printer, name, value); break;
        case BYTES: field_bytes(printer, name, value, 0, value.length); break;
        case DOMAINS: domains_field(printer, name, value); break;
        case FQDN: fqdn_field(printer, name, value); break;
        case AGENT: agent_fields(printer, value); break;
        default: break;
        }
}

/* Takes an option from the front; pads are skipped. False if none is left. */
static bool option_take(struct printer *printer, struct packet *packet, uint8_t *number,
                        struct packet *value)
{
        uint32_t size;

        while (packet->length > 0 && get8(printer, *packet, 0) == PAD)
                *packet = packet_from(*packet, 1);
        if (packet->length < 2 || (*number = get8(printer, *packet, 0)) == END)
                return false;
        size = get8(printer, *packet, 1);
        need_length(printer, *packet, 2 + size);
        *value = packet_cut(packet_from(*packet, 2), size);
        *packet = packet_from(*packet, 2 + size);
        return true;
}

/* Of an option that occurs twice, the first: members of an object differ. */
static void options_fields(struct printer *printer, struct packet packet)
{
        struct packet rest = packet, value;
        bool seen[256] = {false};
        uint8_t number;

        field_open(printer, "dhcp.option.type", '[');
        while (option_take(printer, &rest, &number, &value))
                field_number(printer, NULL, number);
        field_close(printer);
        while (option_take(printer, &packet, &number, &value)) {
                if (!seen[number])
                        value_field(printer, options[number].name, options[number].shape, value);
                seen[number] = true;
        }
}

/* Text in a field of fixed size; nothing if it is empty. */
static void text_in_field(struct printer *printer, const char *name, struct packet packet,
                          uint32_t at, uint32_t size)
{
        uint32_t length =
            (uint32_t)strnlen((const char *)bytes_at(printer, packet, at, size), size);

        if (length > 0)
                field_text(printer, name, packet, at, length);
}

void dhcp_fields(struct printer *printer, struct packet packet)
{
        text_in_field(printer, "dhcp.server", packet, SERVER_NAME, SERVER_NAME_SIZE);
        text_in_field(printer, "dhcp.file", packet, FILE_NAME, FILE_NAME_SIZE);
        if (get32(printer, packet, COOKIE_AT) == COOKIE)
                options_fields(printer, packet_from(packet, COOKIE_AT + 4));
}
