/* From a record to the words about it. */
#include "drop.h"

#include <arpa/inet.h>
#include <net/ethernet.h>
#include <stdio.h>
#include <string.h>

/* --- Explaining --- */

/* The stack begins with what runs for the tracepoint; the drop is where its location is. */
static size_t find_drop(const struct drops_record *record)
{
        for (size_t i = 0; i < DROPS_STACK && record->stack[i]; i++)
                if (record->stack[i] == record->location)
                        return i + 1;
        return 0;
}

/* Addresses are those that calls return to: that of a call that does not may be another
 * function's. */
static void add_function(struct drop *drop, const struct drops_symbols *symbols, uint64_t address)
{
        size_t i = drop->count++;

        drop->addresses[i] = address;
        drop->functions[i] = drops_symbol(symbols, address - 1, &drop->offsets[i]);
        drop->offsets[i]++;
}

void drop_explain(const struct drops_record *record, const struct drop_tables *tables,
                  struct drop *drop)
{
        *drop = (struct drop){
            .record = record,
            .reason = record->reason ? drops_reason_name(tables->reasons, record->reason) : NULL,
        };
        add_function(drop, tables->symbols, record->location);
        for (size_t i = find_drop(record); i < DROPS_STACK && record->stack[i]; i++)
                if (drop->count < DROPS_STACK)
                        add_function(drop, tables->symbols, record->stack[i]);
        drop->place = drop_place_find(drop->reason, drop->functions, drop->count);
        if (tables->namespaces)
                drop->network_namespace =
                    namespaces_name(tables->namespaces, record->network_namespace);
}

/* --- Words --- */

static void put_function(struct text *text, const struct drop *drop, size_t i)
{
        if (!drop->functions[i]) {
                text_address(text, drop->addresses[i]);
                return;
        }
        text_string(text, drop->functions[i]);
        text_char(text, '+');
        text_address(text, drop->offsets[i]);
}

static void put_reason(struct text *text, const struct drop *drop)
{
        if (drop->reason)
                text_string(text, drop->reason);
        else
                text_format(text, "reason %u", drop->record->reason);
}

void drop_text(struct text *text, const struct drop *drop, int verbose)
{
        const bool has_reason = drop->record->reason != 0;

        text_string(text, "dropped");
        if (drop->place.words) {
                text_string(text, drop->place.before);
                text_string(text, drop->place.words);
        } else if (drop->functions[0]) {
                text_string(text, " in ");
                text_string(text, drop->functions[0]);
                text_string(text, "()");
        }
        if (has_reason || verbose) {
                text_string(text, " (");
                if (has_reason)
                        put_reason(text, drop);
                if (has_reason && verbose)
                        text_string(text, ", ");
                if (verbose)
                        put_function(text, drop, 0);
                text_char(text, ')');
        }
        if (drop->network_namespace) {
                text_string(text, " in netns ");
                text_string(text, drop->network_namespace);
        }
        for (size_t i = 1; verbose > 1 && i < drop->count; i++) {
                text_string(text, "\ncalled by ");
                put_function(text, drop, i);
        }
}

static void put_function_json(struct json *json, const struct drop *drop, size_t i)
{
        struct text name = {0};

        put_function(&name, drop, i);
        json_string(json, name.start ? name.start : "", name.length);
        json->text->failed |= name.failed;
        text_free(&name);
}

void drop_members(struct json *json, const struct drop *drop)
{
        if (drop->record->reason) {
                json_decimal(json_key(json, "reason_number"), drop->record->reason);
                json_text(json_key(json, "reason"), drop->reason);
        }
        json_text(json_key(json, "place"), drop->place.words);
        json_open(json_key(json, "stack"), '[');
        for (size_t i = 0; i < drop->count; i++)
                put_function_json(json, drop, i);
        json_close(json, ']');
        json_decimal(json_key(json, "network_namespace"), drop->record->network_namespace);
        if (drop->network_namespace)
                json_text(json_key(json, "network_namespace_name"), drop->network_namespace);
}

/* --- Who sends to whom --- */

/* Where the addresses and the payload are, and what it is. */
struct ends {
        int family;
        const uint8_t *source, *destination;
        uint32_t payload;
        uint8_t protocol;
        bool has_ports; /* not in later fragments */
};

static bool find_ipv4(const struct drops_record *record, struct ends *ends)
{
        enum { HEADER = 20, OFFSET = 0x1fff };
        const uint8_t *bytes = record->bytes;

        if (record->captured < HEADER)
                return false;
        *ends = (struct ends){
            .family = AF_INET,
            .source = bytes + 12,
            .destination = bytes + 16,
            .payload = (bytes[0] & 15) * 4u,
            .protocol = bytes[9],
            .has_ports = ((bytes[6] << 8 | bytes[7]) & OFFSET) == 0,
        };
        return true;
}

/* Passes extension headers that have a length of their own. */
static void pass_extensions(const struct drops_record *record, struct ends *ends)
{
        enum { FRAGMENT = 44, FRAGMENT_HEADER = 8 };

        while (ends->payload + 8 <= record->captured) {
                const uint8_t *at = record->bytes + ends->payload;

                if (ends->protocol == FRAGMENT) {
                        ends->has_ports = (at[2] << 8 | (at[3] & 0xf8)) == 0;
                        ends->payload += FRAGMENT_HEADER;
                } else if (ends->protocol == IPPROTO_HOPOPTS || ends->protocol == IPPROTO_ROUTING ||
                           ends->protocol == IPPROTO_DSTOPTS) {
                        ends->payload += at[1] * 8u + 8;
                } else {
                        return;
                }
                ends->protocol = at[0];
        }
}

static bool find_ipv6(const struct drops_record *record, struct ends *ends)
{
        enum { HEADER = 40 };

        if (record->captured < HEADER)
                return false;
        *ends = (struct ends){
            .family = AF_INET6,
            .source = record->bytes + 8,
            .destination = record->bytes + 24,
            .payload = HEADER,
            .protocol = record->bytes[6],
            .has_ports = true,
        };
        pass_extensions(record, ends);
        return true;
}

static void put_end(struct text *text, const struct ends *ends, const uint8_t *address,
                    const uint8_t *port)
{
        char shown[INET6_ADDRSTRLEN];

        inet_ntop(ends->family, address, shown, sizeof shown);
        text_string(text, shown);
        if (port)
                text_format(text, ".%u", port[0] << 8 | port[1]);
}

static const char *protocol_name(uint8_t protocol)
{
        switch (protocol) {
        case IPPROTO_ICMP: return "ICMP";
        case IPPROTO_IGMP: return "IGMP";
        case IPPROTO_TCP: return "TCP";
        case IPPROTO_UDP: return "UDP";
        case IPPROTO_ICMPV6: return "ICMPv6";
        case IPPROTO_SCTP: return "SCTP";
        case IPPROTO_DCCP: return "DCCP";
        case IPPROTO_UDPLITE: return "UDP-Lite";
        default: return NULL;
        }
}

static bool has_ports(uint8_t protocol)
{
        return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_SCTP ||
               protocol == IPPROTO_DCCP || protocol == IPPROTO_UDPLITE;
}

void drop_conversation(struct text *text, const struct drop *drop)
{
        const struct drops_record *record = drop->record;
        struct ends ends;
        const uint8_t *ports;
        const char *name;

        if (record->protocol == ETHERTYPE_ARP) {
                text_string(text, "ARP");
                return;
        }
        if (!(record->protocol == ETHERTYPE_IP     ? find_ipv4(record, &ends)
              : record->protocol == ETHERTYPE_IPV6 ? find_ipv6(record, &ends)
                                                   : false)) {
                text_format(text, "ethertype 0x%04x", record->protocol);
                return;
        }
        ports = ends.has_ports && has_ports(ends.protocol) && ends.payload + 4 <= record->captured
                    ? record->bytes + ends.payload
                    : NULL;
        put_end(text, &ends, ends.source, ports);
        text_string(text, " > ");
        put_end(text, &ends, ends.destination, ports ? ports + 2 : NULL);
        name = protocol_name(ends.protocol);
        if (name)
                text_format(text, " %s", name);
        else
                text_format(text, " protocol %u", ends.protocol);
}
