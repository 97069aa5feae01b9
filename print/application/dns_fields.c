/* The questions and records of DNS as fields of JSON. What a record's data consists of is a table.
 */
#include "print/printer/fields.h"

#include "base/array.h"

enum {
        HEADER = 12,
        TYPE_OPT = 41,
        MULTICAST_BIT = 0x8000, /* of the class in mDNS: unicast wanted, or cache flush */
};

enum shape {
        NOTHING,
        IPV4,
        IPV6,
        NUMBER8,
        NUMBER16,
        NUMBER32,
        DOMAIN,
        STRING,  /* counted */
        STRINGS, /* as many as there are */
        TEXT,    /* to the end */
        BYTES,
};

enum { MOST_PARTS = 7 };

/* https://www.iana.org/assignments/dns-parameters */
static const struct record_type {
        uint16_t type;
        struct part {
                uint8_t shape;
                const char *name;
        } parts[MOST_PARTS];
} record_types[] = {
    {1, {{IPV4, "dns.a"}}},
    {2, {{DOMAIN, "dns.ns"}}},
    {5, {{DOMAIN, "dns.cname"}}},
    {6,
     {{DOMAIN, "dns.soa.mname"},
      {DOMAIN, "dns.soa.rname"},
      {NUMBER32, "dns.soa.serial_number"},
      {NUMBER32, "dns.soa.refresh_interval"},
      {NUMBER32, "dns.soa.retry_interval"},
      {NUMBER32, "dns.soa.expire_limit"},
      {NUMBER32, "dns.soa.minimum_ttl"}}},
    {12, {{DOMAIN, "dns.ptr.domain_name"}}},
    {13, {{STRING, "dns.hinfo.cpu"}, {STRING, "dns.hinfo.os"}}},
    {15, {{NUMBER16, "dns.mx.preference"}, {DOMAIN, "dns.mx.mail_exchange"}}},
    {16, {{STRINGS, "dns.txt"}}},
    {28, {{IPV6, "dns.aaaa"}}},
    {33,
     {{NUMBER16, "dns.srv.priority"},
      {NUMBER16, "dns.srv.weight"},
      {NUMBER16, "dns.srv.port"},
      {DOMAIN, "dns.srv.target"}}},
    {35,
     {{NUMBER16, "dns.naptr.order"},
      {NUMBER16, "dns.naptr.preference"},
      {STRING, "dns.naptr.flags"},
      {STRING, "dns.naptr.service"},
      {STRING, "dns.naptr.regex"},
      {DOMAIN, "dns.naptr.replacement"}}},
    {39, {{DOMAIN, "dns.dname"}}},
    {43,
     {{NUMBER16, "dns.ds.key_id"},
      {NUMBER8, "dns.ds.algorithm"},
      {NUMBER8, "dns.ds.digest_type"},
      {BYTES, "dns.ds.digest"}}},
    {44,
     {{NUMBER8, "dns.sshfp.algorithm"},
      {NUMBER8, "dns.sshfp.fingerprint.type"},
      {BYTES, "dns.sshfp.fingerprint"}}},
    {46,
     {{NUMBER16, "dns.rrsig.type_covered"},
      {NUMBER8, "dns.rrsig.algorithm"},
      {NUMBER8, "dns.rrsig.labels"},
      {NUMBER32, "dns.rrsig.original_ttl"}}},
    {47, {{DOMAIN, "dns.nsec.next_domain_name"}}},
    {48, {{NUMBER16, NULL}, {NUMBER8, "dns.dnskey.protocol"}, {NUMBER8, "dns.dnskey.algorithm"}}},
    {52,
     {{NUMBER8, "dns.tlsa.certificate_usage"},
      {NUMBER8, "dns.tlsa.selector"},
      {NUMBER8, "dns.tlsa.matching_type"},
      {BYTES, "dns.tlsa.certificate_association_data"}}},
    {64, {{NUMBER16, "dns.svcb.svcpriority"}, {DOMAIN, "dns.svcb.targetname"}}},
    {65, {{NUMBER16, "dns.svcb.svcpriority"}, {DOMAIN, "dns.svcb.targetname"}}},
    {99, {{STRINGS, "dns.spf"}}},
    {257, {{NUMBER8, "dns.caa.flags"}, {STRING, "dns.caa.tag"}, {TEXT, "dns.caa.value"}}},
};

static uint32_t string_field(struct printer *printer, const char *name, struct packet message,
                             uint32_t at)
{
        uint32_t size = get8(printer, message, at++);

        field_text(printer, name, message, at, size);
        return at + size;
}

/* Writes a part, unless it has no name. Returns where the next begins. */
static uint32_t part_field(struct printer *printer, const struct part *part, struct packet message,
                           uint32_t at)
{
        const char *name = part->name;
        uint32_t size = part->shape == NUMBER8 ? 1 : part->shape == NUMBER16 ? 2 : 4;
        uint32_t rest = at < message.length ? message.length - at : 0;

        switch (part->shape) {
        case IPV4: field_ipv4(printer, name, message, at); return at + 4;
        case IPV6: field_ipv6(printer, name, message, at); return at + 16;
        case DOMAIN: return field_domain_name(printer, name, message, at);
        case STRING: return string_field(printer, name, message, at);
        case STRINGS:
                field_open(printer, name, '[');
                while (at < message.length)
                        at = string_field(printer, NULL, message, at);
                field_close(printer);
                return at;
        case TEXT: field_text(printer, name, message, at, rest); return at + rest;
        case BYTES: field_bytes(printer, name, message, at, rest); return at + rest;
        default:
                need_hard(printer, message, at, size);
                if (name)
                        field_number(printer, name,
                                     size == 1   ? get8(printer, message, at)
                                     : size == 2 ? get16(printer, message, at)
                                                 : get32(printer, message, at));
                return at + size;
        }
}

/* The data of a record, from `at` to the end of the message, which is cut there. */
static void data_fields(struct printer *printer, uint16_t type, struct packet message, uint32_t at)
{
        if (at >= message.length) /* an update may have none, RFC 2136, 2.4 */
                return;
        for (size_t i = 0; i < array_count(record_types); i++) {
                if (record_types[i].type != type)
                        continue;
                for (size_t n = 0; n < MOST_PARTS && record_types[i].parts[n].shape; n++)
                        at = part_field(printer, &record_types[i].parts[n], message, at);
                return;
        }
}

/* The record of EDNS, RFC 6891, 6.1: `at` is behind its type. */
static void options_fields(struct printer *printer, struct packet message, uint32_t at)
{
        enum { FIXED = 8 };

        field_number(printer, "dns.rr.udp_payload_size", get16(printer, message, at));
        field_number(printer, "dns.resp.ext_rcode", get8(printer, message, at + 2));
        field_number(printer, "dns.resp.edns0_version", get8(printer, message, at + 3));
        field_flag(printer, "dns.resp.z.do", get16(printer, message, at + 4) & 0x8000);
        field_open(printer, "dns.opt.code", '[');
        for (at += FIXED; at < message.length; at += 4u + get16(printer, message, at + 2))
                field_number(printer, NULL, get16(printer, message, at));
        field_close(printer);
}

static void class_fields(struct printer *printer, const char *name, const char *flag,
                         uint16_t class, bool multicast)
{
        field_number(printer, name, multicast ? class & (MULTICAST_BIT - 1u) : class);
        if (multicast)
                field_flag(printer, flag, class & MULTICAST_BIT);
}

static uint32_t question_fields(struct printer *printer, struct packet message, uint32_t at,
                                bool multicast)
{
        at = field_domain_name(printer, "dns.qry.name", message, at);
        field_number(printer, "dns.qry.type", get16(printer, message, at));
        class_fields(printer, "dns.qry.class", "dns.qry.qu", get16(printer, message, at + 2),
                     multicast);
        return at + 4;
}

static uint32_t record_fields(struct printer *printer, struct packet message, uint32_t at,
                              bool multicast)
{
        uint16_t type;
        uint32_t end;

        at = field_domain_name(printer, "dns.resp.name", message, at);
        type = get16(printer, message, at);
        field_number(printer, "dns.resp.type", type);
        end = at + 10 + get16(printer, message, at + 8);
        need_hard(printer, message, at, end - at);
        message = packet_cut(message, end);
        if (type == TYPE_OPT) {
                options_fields(printer, message, at + 2);
                return end;
        }
        class_fields(printer, "dns.resp.class", "dns.resp.cache_flush",
                     get16(printer, message, at + 2), multicast);
        field_number(printer, "dns.resp.ttl", get32(printer, message, at + 4));
        field_number(printer, "dns.resp.len", get16(printer, message, at + 8));
        data_fields(printer, type, message, at + 10);
        return end;
}

static void message_fields(struct printer *printer, struct packet message, bool multicast)
{
        static const char *const sections[] = {"queries", "answers", "authorities", "additionals"};
        uint32_t at = HEADER;

        for (uint32_t i = 0; i < array_count(sections); i++) {
                uint16_t count = get16(printer, message, 4 + 2 * i);

                if (count == 0)
                        continue;
                field_open(printer, sections[i], '[');
                for (; count > 0; count--) {
                        field_open(printer, NULL, '{');
                        at = i == 0 ? question_fields(printer, message, at, multicast)
                                    : record_fields(printer, message, at, multicast);
                        field_close(printer);
                }
                field_close(printer);
        }
}

void dns_fields(struct printer *printer, struct packet packet)
{
        message_fields(printer, packet, false);
}

void mdns_fields(struct printer *printer, struct packet packet)
{
        message_fields(printer, packet, true);
}

void dns_tcp_fields(struct printer *printer, struct packet packet)
{
        struct packet message = packet_from(packet, 2);

        message_fields(printer, packet_cut(message, get16(printer, packet, 0)), false);
}

bool dns_tcp_starts(struct packet payload)
{
        uint32_t size;

        if (!has(payload, 0, 2))
                return false;
        size = (uint32_t)payload.data[0] << 8 | payload.data[1];
        return size >= HEADER && size <= payload.length - 2;
}
