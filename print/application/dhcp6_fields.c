/* The options of DHCPv6, RFC 8415, as fields of JSON: an array, as they may nest. */
#include "print/printer/fields.h"

#include "base/array.h"

enum { RELAY_FORWARD = 12, RELAY_REPLY = 13, MOST_NESTED = 3 };

enum shape {
        NOTHING,
        ADDRESS,
        ADDRESSES,
        NUMBER16,
        NUMBER32,
        NUMBER8,
        HEX32,
        NUMBERS16,
        TEXT,
        BYTES,
        DOMAINS,
        DOMAIN_BEHIND_FLAGS,
        OPTIONS,
        MESSAGE,
};

enum { MOST_PARTS = 5 };

static const struct option_type {
        uint16_t type;
        struct part {
                uint8_t shape;
                const char *name;
        } parts[MOST_PARTS];
} option_types[] = {
    {1, {{BYTES, "dhcpv6.duid.bytes"}}},
    {2, {{BYTES, "dhcpv6.duid.bytes"}}},
    {3,
     {{HEX32, "dhcpv6.iaid"},
      {NUMBER32, "dhcpv6.iaid.t1"},
      {NUMBER32, "dhcpv6.iaid.t2"},
      {OPTIONS, "options"}}},
    {4, {{HEX32, "dhcpv6.iata"}, {OPTIONS, "options"}}},
    {5,
     {{ADDRESS, "dhcpv6.iaaddr.ip"},
      {NUMBER32, "dhcpv6.iaaddr.pref_lifetime"},
      {NUMBER32, "dhcpv6.iaaddr.valid_lifetime"},
      {OPTIONS, "options"}}},
    {6, {{NUMBERS16, "dhcpv6.requested_option_code"}}},
    {7, {{NUMBER8, "dhcpv6.option_preference"}}},
    {8, {{NUMBER16, "dhcpv6.elapsed_time"}}},
    {9, {{MESSAGE, "message"}}},
    {13, {{NUMBER16, "dhcpv6.status_code"}, {TEXT, "dhcpv6.status_msg"}}},
    {18, {{BYTES, "dhcpv6.interface_id"}}},
    {23, {{ADDRESSES, "dhcpv6.dns_server"}}},
    {24, {{DOMAINS, "dhcpv6.search_list_entry"}}},
    {25,
     {{HEX32, "dhcpv6.iaid"},
      {NUMBER32, "dhcpv6.iaid.t1"},
      {NUMBER32, "dhcpv6.iaid.t2"},
      {OPTIONS, "options"}}},
    {26,
     {{NUMBER32, "dhcpv6.iaprefix.pref_lifetime"},
      {NUMBER32, "dhcpv6.iaprefix.valid_lifetime"},
      {NUMBER8, "dhcpv6.iaprefix.pref_len"},
      {ADDRESS, "dhcpv6.iaprefix.pref_addr"},
      {OPTIONS, "options"}}},
    {31, {{ADDRESSES, "dhcpv6.sntp_server"}}},
    {39, {{DOMAIN_BEHIND_FLAGS, "dhcpv6.client_domain"}}},
};

static void message_fields(struct printer *printer, struct packet message, unsigned nested);
static void options_fields(struct printer *printer, struct packet options, unsigned nested);

static void domains_field(struct printer *printer, const char *name, struct packet value)
{
        field_open(printer, name, '[');
        for (uint32_t at = 0; at < value.length;)
                at = field_domain_name(printer, NULL, value, at);
        field_close(printer);
}

/* Writes what takes all of an option's value. */
static void rest_field(struct printer *printer, const struct part *part, struct packet value,
                       unsigned nested)
{
        bool text = part->shape == TEXT;

        switch (part->shape) {
        case TEXT:
        case BYTES:
                (text ? field_text : field_bytes)(printer, part->name, value, 0, value.length);
                break;
        case ADDRESSES:
                field_open(printer, part->name, '[');
                for (uint32_t at = 0; at + 16 <= value.length; at += 16)
                        field_ipv6(printer, NULL, value, at);
                field_close(printer);
                break;
        case NUMBERS16:
                field_open(printer, part->name, '[');
                for (uint32_t at = 0; at + 2 <= value.length; at += 2)
                        field_number(printer, NULL, get16(printer, value, at));
                field_close(printer);
                break;
        case DOMAINS: domains_field(printer, part->name, value); break;
        case DOMAIN_BEHIND_FLAGS: /* which may lack its end, RFC 4704, 4.2 */
                if (domain_name_skip(value, 1))
                        field_domain_name(printer, part->name, value, 1);
                break;
        case OPTIONS: options_fields(printer, value, nested + 1); break;
        default:
                field_open(printer, part->name, '{');
                message_fields(printer, value, nested + 1);
                field_close(printer);
        }
}

/* Writes one of fixed size, which it returns; 0 if it takes the rest. */
static uint32_t fixed_field(struct printer *printer, const struct part *part, struct packet value)
{
        switch (part->shape) {
        case ADDRESS: field_ipv6(printer, part->name, value, 0); return 16;
        case NUMBER8: field_number(printer, part->name, get8(printer, value, 0)); return 1;
        case NUMBER16: field_number(printer, part->name, get16(printer, value, 0)); return 2;
        case NUMBER32: field_number(printer, part->name, get32(printer, value, 0)); return 4;
        case HEX32: field_hex(printer, part->name, get32(printer, value, 0), 8); return 4;
        default: return 0;
        }
}

static void option_fields(struct printer *printer, uint16_t type, struct packet value,
                          unsigned nested)
{
        field_number(printer, "dhcpv6.option.type", type);
        for (size_t i = 0; i < array_count(option_types); i++) {
                const struct part *part = option_types[i].parts;

                if (option_types[i].type != type)
                        continue;
                for (size_t n = 0; n < MOST_PARTS && part[n].shape; n++) {
                        uint32_t size = fixed_field(printer, &part[n], value);

                        if (size == 0)
                                rest_field(printer, &part[n], value, nested);
                        value = packet_from(value, size);
                }
        }
}

static void options_fields(struct printer *printer, struct packet options, unsigned nested)
{
        if (options.length == 0 || nested > MOST_NESTED)
                return;
        field_open(printer, "options", '[');
        while (options.length >= 4) {
                uint32_t size = get16(printer, options, 2);
                struct packet value = packet_from(options, 4);

                need_length(printer, value, size);
                field_open(printer, NULL, '{');
                option_fields(printer, get16(printer, options, 0), packet_cut(value, size), nested);
                field_close(printer);
                options = packet_from(value, size);
        }
        field_close(printer);
}

/* What follows a message's type. */
static void body_fields(struct printer *printer, struct packet message, unsigned nested)
{
        enum { LINK = 2, PEER = 18, RELAY_HEADER = 34, HEADER = 4 };
        uint8_t type = get8(printer, message, 0);

        if (type == RELAY_FORWARD || type == RELAY_REPLY) {
                field_number(printer, "dhcpv6.hopcount", get8(printer, message, 1));
                field_ipv6(printer, "dhcpv6.linkaddr", message, LINK);
                field_ipv6(printer, "dhcpv6.peeraddr", message, PEER);
                options_fields(printer, packet_from(message, RELAY_HEADER), nested);
        } else {
                options_fields(printer, packet_from(message, HEADER), nested);
        }
}

/* A message that a relay passes on. */
static void message_fields(struct printer *printer, struct packet message, unsigned nested)
{
        uint8_t type = get8(printer, message, 0);

        field_number(printer, "dhcpv6.msgtype", type);
        if (type != RELAY_FORWARD && type != RELAY_REPLY)
                field_hex(printer, "dhcpv6.xid", get24(printer, message, 1), 8);
        body_fields(printer, message, nested);
}

void dhcp6_fields(struct printer *printer, struct packet packet)
{
        body_fields(printer, packet, 0);
}
