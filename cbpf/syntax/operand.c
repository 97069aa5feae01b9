/* Values (names, numbers, addresses) with their qualifiers, as tests. The rules are libpcap's,
 * corners included: `net 10` is 10.0.0.0/8 but `host 10` is 0.0.0.10. */
#include "parser.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pcap/namedb.h>
#include <stdlib.h>
#include <string.h>

enum { PORTS = 65536 };

struct operand {
        struct parser *parser;
        struct tree_qualifiers qualifiers;
        uint32_t offset;
        uint32_t length;
        const char
            *text; /* in the expression; of a name a copy, ended by a NUL; NULL for a number */
        char quoted[QUOTE_SIZE]; /* by quote() */
};

#define REFUSE(operand, ...) parse_refuse_this((operand)->parser, *(operand), __VA_ARGS__)

/* A look-up has failed: the name is unknown, or memory was short. */
#define UNKNOWN(operand, ...) \
        (errno == ENOMEM ? parse_out_of_memory((operand)->parser) : REFUSE(operand, __VA_ARGS__))

/* The operand as it is written, for a message. */
static const char *quote(struct operand *operand)
{
        return error_quote(operand->quoted, operand->parser->lexer.text + operand->offset,
                           operand->length);
}

static const char *protocol_of(const struct operand *operand)
{
        return tree_protocol_names[operand->qualifiers.protocol];
}

static const char *type_of(const struct operand *operand)
{
        return tree_type_names[operand->qualifiers.type];
}

static bool finish(struct operand *operand, enum tree_kind kind, struct tree_test test,
                   struct tree **tree)
{
        test.qualifiers = operand->qualifiers;
        *tree = parse_test(operand->parser, kind, operand->offset, &test);
        if (!*tree)
                return false;
        (*tree)->length = operand->length;
        return true;
}

/* Directions from addr1 on are for 802.11 only. */
static bool direction_fits(struct operand *operand, const char *what)
{
        if (operand->qualifiers.direction < DIRECTION_ADDR1)
                return true;
        return REFUSE(operand, "'%s' is for MAC addresses of 802.11, not for %s",
                      tree_direction_names[operand->qualifiers.direction], what);
}

static bool is_host_type(const struct operand *operand)
{
        return operand->qualifiers.type == TYPE_DEFAULT || operand->qualifiers.type == TYPE_HOST;
}

/* libpcap takes any network for DECnet, and the lower half of its address for a node. */
static bool make_decnet_of_network(struct operand *operand, uint32_t address, struct tree **tree)
{
        if (!direction_fits(operand, "DECnet addresses"))
                return false;
        operand->qualifiers.type = TYPE_HOST;
        return finish(operand, TREE_DECNET, (struct tree_test){.number = address & 0xffff}, tree);
}

static bool make_ipv4(struct operand *operand, uint32_t address, uint32_t mask, struct tree **tree)
{
        if (operand->qualifiers.protocol == PROTOCOL_DECNET && operand->qualifiers.type == TYPE_NET)
                return make_decnet_of_network(operand, address, tree);
        switch (operand->qualifiers.protocol) {
        case PROTOCOL_DEFAULT:
        case PROTOCOL_IP:
        case PROTOCOL_ARP:
        case PROTOCOL_RARP: break;
        case PROTOCOL_LINK:
                return REFUSE(operand, "%s is no MAC address, as 'ether' needs", quote(operand));
        default:
                return REFUSE(operand,
                              "'%s' has no IPv4 addresses to test: 'ip', 'arp' and 'rarp' do",
                              protocol_of(operand));
        }
        if (!direction_fits(operand, "IPv4 addresses"))
                return false;
        return finish(operand, TREE_IPV4, (struct tree_test){.ipv4 = {address, mask}}, tree);
}

static bool make_ipv6(struct operand *operand, const uint8_t address[16], uint8_t prefix,
                      struct tree **tree)
{
        struct tree_test test = {.ipv6.prefix = prefix};

        if (operand->qualifiers.protocol != PROTOCOL_DEFAULT &&
            operand->qualifiers.protocol != PROTOCOL_IP6)
                return REFUSE(operand, "'%s' has no IPv6 addresses to test: 'ip6' does",
                              protocol_of(operand));
        if (!direction_fits(operand, "IPv6 addresses"))
                return false;
        memcpy(test.ipv6.address, address, sizeof test.ipv6.address);
        return finish(operand, TREE_IPV6, test, tree);
}

/* The transport protocol that qualifies a port, if any does. */
static bool port_transport(struct operand *operand, uint8_t *transport)
{
        switch (operand->qualifiers.protocol) {
        case PROTOCOL_DEFAULT: *transport = 0; break;
        case PROTOCOL_TCP: *transport = IPPROTO_TCP; break;
        case PROTOCOL_UDP: *transport = IPPROTO_UDP; break;
        case PROTOCOL_SCTP: *transport = IPPROTO_SCTP; break;
        default:
                return REFUSE(operand, "'%s' has no ports: 'tcp', 'udp' and 'sctp' do",
                              protocol_of(operand));
        }
        return true;
}

static bool make_ports(struct operand *operand, uint32_t first, uint32_t last, uint8_t transport,
                       struct tree **tree)
{
        bool range = operand->qualifiers.type == TYPE_PORTRANGE;
        struct tree_test test = {0};

        if (first >= PORTS || last >= PORTS)
                return REFUSE(operand, "%u is no port: the highest is 65535",
                              first >= PORTS ? first : last);
        if (!direction_fits(operand, "ports"))
                return false;
        test.ports.first = (uint16_t)first;
        test.ports.last = (uint16_t)last;
        test.ports.transport = transport;
        return finish(operand, range ? TREE_PORT_RANGE : TREE_PORT, test, tree);
}

/* Adds the transport protocol that a name is known for, if it is only one. */
static bool join_transport(struct operand *operand, int known, uint8_t *transport)
{
        if (known != IPPROTO_TCP && known != IPPROTO_UDP && known != IPPROTO_SCTP)
                return true;
        if (*transport && known != *transport)
                return REFUSE(operand, "%s is a port of %s, not of '%s'", quote(operand),
                              known == IPPROTO_TCP   ? "TCP"
                              : known == IPPROTO_UDP ? "UDP"
                                                     : "SCTP",
                              protocol_of(operand));
        *transport = (uint8_t)known;
        return true;
}

static bool name_ports(struct operand *operand, struct tree **tree)
{
        bool range = operand->qualifiers.type == TYPE_PORTRANGE;
        uint8_t transport;
        int first, last, known;

        if (!port_transport(operand, &transport))
                return false;
        if (range ? !pcap_nametoportrange(operand->text, &first, &last, &known)
                  : !pcap_nametoport(operand->text, &first, &known))
                return UNKNOWN(operand,
                               range ? "unknown port in range %s (two ports with '-' between, no "
                                       "blanks)"
                                     : "unknown port %s",
                               quote(operand));
        return join_transport(operand, known, &transport) &&
               make_ports(operand, (uint32_t)first, (uint32_t)(range ? last : first), transport,
                          tree);
}

/* TYPE_PROTO and TYPE_PROTOCHAIN */
static bool make_proto(struct operand *operand, uint32_t number, struct tree **tree)
{
        bool chain = operand->qualifiers.type == TYPE_PROTOCHAIN;

        switch (operand->qualifiers.protocol) {
        case PROTOCOL_LINK:
        case PROTOCOL_ISO:
        case PROTOCOL_ISIS:
                if (chain)
                        break;
                /* fall through */
        case PROTOCOL_DEFAULT:
        case PROTOCOL_IP:
        case PROTOCOL_IP6:
                return finish(operand, chain ? TREE_PROTOCHAIN : TREE_PROTO,
                              (struct tree_test){.number = number}, tree);
        }
        return REFUSE(operand,
                      chain ? "'%s' cannot qualify 'protochain': 'ip' and 'ip6' can"
                            : "'%s' cannot qualify 'proto': 'ether', 'ip', 'ip6', 'iso' and 'isis' "
                              "can",
                      protocol_of(operand));
}

/* The number of an OSI protocol; the values are libpcap's, from ISO 9577. */
static int iso_protocol(const char *name)
{
        return strcmp(name, "clnp") == 0   ? 0x81
               : strcmp(name, "esis") == 0 ? 0x82
               : strcmp(name, "isis") == 0 ? 0x83
                                           : -1;
}

static bool name_protocol(struct operand *operand, uint32_t *number)
{
        int found = -1;

        switch (operand->qualifiers.protocol) {
        case PROTOCOL_DEFAULT:
        case PROTOCOL_IP:
        case PROTOCOL_IP6: found = pcap_nametoproto(operand->text); break;
        case PROTOCOL_LINK:
                found = pcap_nametoeproto(operand->text);
                if (found < 0)
                        found = pcap_nametollc(operand->text);
                break;
        case PROTOCOL_ISO: found = iso_protocol(operand->text); break;
        }
        if (found < 0)
                return UNKNOWN(operand, "unknown protocol %s", quote(operand));
        *number = (uint32_t)found;
        return true;
}

/* Network numbers come without trailing zero bytes: shifts them to the left. */
static void justify(uint32_t *address, uint32_t *mask)
{
        *mask = UINT32_MAX;
        while (*address && !(*address & 0xff000000)) {
                *address <<= 8;
                *mask <<= 8;
        }
}

static bool name_network(struct operand *operand, struct tree **tree)
{
        uint32_t address = pcap_nametonetaddr(operand->text), mask;

        if (!address)
                return UNKNOWN(operand, "unknown network %s", quote(operand));
        justify(&address, &mask);
        return make_ipv4(operand, address, mask, tree);
}

static bool name_mac(struct operand *operand, struct tree **tree)
{
        struct tree_test test = {0};
        unsigned char *mac = pcap_ether_hostton(operand->text);

        if (!mac)
                return UNKNOWN(operand, "unknown MAC address %s", quote(operand));
        memcpy(test.mac, mac, sizeof test.mac);
        free(mac);
        return finish(operand, TREE_MAC, test, tree);
}

/* Makes the test of one address of a host; NULL if its family is not asked for. */
static bool make_address(struct operand *operand, const struct addrinfo *address,
                         struct tree **tree)
{
        *tree = NULL;
        if (address->ai_family == AF_INET && operand->qualifiers.protocol != PROTOCOL_IP6) {
                const struct sockaddr_in *ipv4 = (const void *)address->ai_addr;

                return make_ipv4(operand, ntohl(ipv4->sin_addr.s_addr), UINT32_MAX, tree);
        }
        if (address->ai_family == AF_INET6 && operand->qualifiers.protocol != PROTOCOL_IP) {
                const struct sockaddr_in6 *ipv6 = (const void *)address->ai_addr;

                return make_ipv6(operand, ipv6->sin6_addr.s6_addr, 128, tree);
        }
        return true;
}

/* The tests of all addresses of a host, joined by `or`. */
static bool join_addresses(struct operand *operand, const struct addrinfo *addresses,
                           struct tree **tree)
{
        struct tree *first = NULL, **end = &first;
        uint32_t count = 0;

        for (; addresses; addresses = addresses->ai_next) {
                if (!make_address(operand, addresses, end))
                        return false;
                if (!*end)
                        continue;
                end = &(*end)->next;
                count++;
        }
        *tree = first;
        if (!count)
                return REFUSE(operand, "%s has no address of '%s'", quote(operand),
                              protocol_of(operand));
        if (count == 1)
                return true;
        *tree = parse_operator(operand->parser, TREE_OR, operand->offset, first, count);
        if (!*tree)
                return false;
        (*tree)->length = operand->length;
        return true;
}

/* In `host a and prot 80` the name may be a misspelt word. */
static bool refuse_host(struct operand *operand)
{
        const char *nearest = lex_nearest_word(operand->text, strlen(operand->text));

        if (errno == ENOMEM)
                return parse_out_of_memory(operand->parser);
        if (!nearest || strcmp(nearest, operand->text) == 0)
                return REFUSE(operand, "unknown host %s", quote(operand));
        return REFUSE(operand, "unknown host %s; or did you mean the word '%s'?", quote(operand),
                      nearest);
}

static bool name_host(struct operand *operand, struct tree **tree)
{
        struct addrinfo *addresses;
        bool joined;

        switch (operand->qualifiers.protocol) {
        case PROTOCOL_LINK: return name_mac(operand, tree);
        case PROTOCOL_DECNET:
                return REFUSE(operand, "%s: DECnet names are not known, only addresses (10.123)",
                              quote(operand));
        case PROTOCOL_DEFAULT:
        case PROTOCOL_IP:
        case PROTOCOL_ARP:
        case PROTOCOL_RARP:
        case PROTOCOL_IP6: break;
        default:
                return REFUSE(operand, "'%s' has no hosts to test: 'ip', 'ip6' and 'arp' do",
                              protocol_of(operand));
        }
        addresses = pcap_nametoaddrinfo(operand->text);
        if (!addresses)
                return refuse_host(operand);
        joined = join_addresses(operand, addresses, tree);
        freeaddrinfo(addresses);
        return joined;
}

static bool refuse_gateway(struct operand *operand)
{
        return REFUSE(operand, "'gateway' is not supported: write 'ether host MAC and not host "
                               "ADDRESS'");
}

/* Names have lost their backslash. */
static size_t text_length(const struct operand *operand)
{
        const char *start = operand->parser->lexer.text + operand->offset;

        return operand->length - (*start == '\\');
}

/* What follows a set inherits its qualifiers. */
static bool refuse_pair(struct operand *operand)
{
        return REFUSE(operand, "'host:port' needs 'in' and a file or {...} after it");
}

static bool refuse_undefined(struct operand *operand)
{
        const char *nearest =
            operand->text ? lex_nearest_word(operand->text, text_length(operand)) : NULL;

        if (nearest)
                return REFUSE(operand, "unknown word %s; did you mean '%s'?", quote(operand),
                              nearest);
        return REFUSE(operand,
                      "%s stands alone: what is before it gives it no qualifier such as 'host' or "
                      "'port'",
                      quote(operand));
}

/* A range that needs no look-up of names. */
static bool is_number_range(const char *text)
{
        size_t first = strspn(text, "0123456789");
        size_t last = text[first] == '-' ? strspn(text + first + 1, "0123456789") : 0;

        return first > 0 && last > 0 && text[first + 1 + last] == '\0';
}

/* ID */
static bool apply_name(struct operand *operand, struct tree **tree)
{
        uint32_t number = 0;

        errno = 0;
        if (operand->qualifiers.type == TYPE_UNDEFINED)
                return refuse_undefined(operand);
        if (operand->parser->flags & PARSE_NO_NAMES &&
            !(operand->qualifiers.type == TYPE_PORTRANGE && is_number_range(operand->text)))
                return finish(operand, TREE_NAME, (struct tree_test){.text = operand->text}, tree);
        switch (operand->qualifiers.type) {
        case TYPE_NET: return name_network(operand, tree);
        case TYPE_PORT:
        case TYPE_PORTRANGE: return name_ports(operand, tree);
        case TYPE_GATEWAY: return refuse_gateway(operand);
        case TYPE_PAIR: return refuse_pair(operand);
        case TYPE_PROTO:
        case TYPE_PROTOCHAIN:
                return name_protocol(operand, &number) && make_proto(operand, number, tree);
        default: return name_host(operand, tree);
        }
}

/* NUM */
static bool apply_number(struct operand *operand, uint32_t number, struct tree **tree)
{
        uint32_t mask = UINT32_MAX;
        uint8_t transport;

        switch (operand->qualifiers.type) {
        case TYPE_PORT:
        case TYPE_PORTRANGE:
                return port_transport(operand, &transport) &&
                       make_ports(operand, number, number, transport, tree);
        case TYPE_PROTO:
        case TYPE_PROTOCHAIN: return make_proto(operand, number, tree);
        case TYPE_GATEWAY: return refuse_gateway(operand);
        case TYPE_PAIR: return refuse_pair(operand);
        case TYPE_UNDEFINED: return refuse_undefined(operand);
        }
        if (operand->qualifiers.protocol == PROTOCOL_DECNET)
                return direction_fits(operand, "DECnet addresses") &&
                       finish(operand, TREE_DECNET, (struct tree_test){.number = number}, tree);
        if (operand->qualifiers.type == TYPE_NET)
                justify(&number, &mask);
        return make_ipv4(operand, number, mask, tree);
}

/* Reads two to four dotted numbers, the first `bits` bits of an address. */
static bool read_dotted(struct operand *operand, uint32_t *address, uint32_t *bits)
{
        const char *text = operand->text;

        *address = *bits = 0;
        for (;; text++) {
                uint32_t byte = 0;

                for (; *text >= '0' && *text <= '9' && byte <= 255; text++)
                        byte = byte * 10 + (uint32_t)(*text - '0');
                if (byte > 255)
                        return REFUSE(operand,
                                      "%s is no IPv4 address: none of its numbers may be above 255",
                                      quote(operand));
                *address = *address << 8 | byte;
                *bits += 8;
                if (*text != '.' || *bits == 32)
                        break;
        }
        *address <<= 32 - *bits;
        return true;
}

/* AREA.NODE: 6 and 10 bits; more are cut off, as in libpcap. */
static uint32_t decnet_address(const char *text)
{
        char *end;
        unsigned long area = strtoul(text, &end, 10);
        unsigned long node = strtoul(end + 1, NULL, 10);

        return (uint32_t)((area & 0x3f) << 10 | (node & 0x3ff));
}

/* HID */
static bool apply_dotted(struct operand *operand, struct tree **tree)
{
        uint32_t address, bits;

        switch (operand->qualifiers.type) {
        case TYPE_DEFAULT:
        case TYPE_HOST:
        case TYPE_NET: break;
        case TYPE_GATEWAY: return refuse_gateway(operand);
        case TYPE_UNDEFINED: return refuse_undefined(operand);
        default:
                return REFUSE(operand, "'%s' needs a number or name, not the address %s",
                              type_of(operand), quote(operand));
        }
        if (operand->qualifiers.protocol == PROTOCOL_DECNET)
                return direction_fits(operand, "DECnet addresses") &&
                       finish(operand, TREE_DECNET,
                              (struct tree_test){.number = decnet_address(operand->text)}, tree);
        return read_dotted(operand, &address, &bits) &&
               make_ipv4(operand, address, (uint32_t)(UINT32_MAX << (32 - bits)), tree);
}

/* The text from the operand's offset to the end of the previous token. */
static void take_span(struct operand *operand)
{
        operand->length = parse_span(operand->parser, operand->offset);
        operand->text = operand->parser->lexer.text + operand->offset;
}

/* Has a name end in a NUL. */
static bool copy_text(struct operand *operand)
{
        size_t length = operand->length;
        char *copy = arena_take(operand->parser->arena, length + 1);

        if (!copy)
                return parse_out_of_memory(operand->parser);
        operand->text = memcpy(copy, operand->parser->lexer.text + operand->offset, length);
        return true;
}

/* How much of a network is shown in a message. */
static int shown(const struct operand *operand)
{
        return operand->length < 100 ? (int)operand->length : 100;
}

static bool refuse_mask_for_host(struct operand *operand)
{
        if (operand->qualifiers.type == TYPE_UNDEFINED)
                return refuse_undefined(operand);
        return REFUSE(operand, "a mask is for networks only: write 'net %.*s'", shown(operand),
                      operand->text);
}

static bool make_network(struct operand *operand, uint32_t address, uint32_t mask,
                         struct tree **tree)
{
        if (address & ~mask)
                return REFUSE(operand, "non-network bits set in \"%.*s\"", shown(operand),
                              operand->text);
        if (operand->qualifiers.type != TYPE_NET)
                return refuse_mask_for_host(operand);
        return make_ipv4(operand, address, mask, tree);
}

/* '/' NUM, at the slash: a prefix of at most `most` bits, with which the operand ends. */
static bool parse_slash(struct operand *operand, const char *family, uint32_t most,
                        uint32_t *prefix)
{
        struct parser *parser = operand->parser;

        if (!parse_advance(parser) || !parse_plain_number(parser, "/", prefix))
                return false;
        if (*prefix > most)
                return parse_refuse_this(parser, parser->previous,
                                         "a prefix of an %s address has at most %u bits", family,
                                         most);
        take_span(operand);
        return true;
}

/* HID '/' NUM, at the slash */
static bool parse_prefix(struct operand *operand, struct tree **tree)
{
        uint32_t address, bits, prefix;

        return read_dotted(operand, &address, &bits) && parse_slash(operand, "IPv4", 32, &prefix) &&
               make_network(operand, address, prefix ? (uint32_t)(UINT32_MAX << (32 - prefix)) : 0,
                            tree);
}

/* HID NETMASK HID, at `mask` */
static bool parse_mask(struct operand *operand, struct tree **tree)
{
        struct parser *parser = operand->parser;
        uint32_t address, mask, bits;
        struct operand second;

        if (!read_dotted(operand, &address, &bits) || !parse_advance(parser))
                return false;
        if (parser->token.kind != TOKEN_IPV4)
                return parse_refuse_token(parser, "'mask' needs a mask such as 255.255.255.0");
        second = *operand;
        second.offset = parser->token.offset;
        if (!parse_advance(parser))
                return false;
        take_span(&second);
        if (!read_dotted(&second, &mask, &bits))
                return false;
        take_span(operand);
        return make_network(operand, address, mask, tree);
}

static bool is_slash(const struct token *token)
{
        return token->kind == TOKEN_ARITHMETIC && token->value == TREE_DIVIDE;
}

/* HID6, HID6 '/' NUM */
static bool parse_ipv6(struct operand *operand, const uint8_t address[16], struct tree **tree)
{
        uint32_t prefix = 128;

        if (is_slash(&operand->parser->token) && !parse_slash(operand, "IPv6", 128, &prefix))
                return false;
        for (uint32_t bit = prefix; bit < 128; bit++)
                if (address[bit / 8] & 0x80 >> bit % 8)
                        return REFUSE(operand, "non-network bits set in \"%.*s\"", shown(operand),
                                      operand->text);
        if (operand->qualifiers.type == TYPE_UNDEFINED)
                return refuse_undefined(operand);
        if (is_host_type(operand) && prefix != 128)
                return refuse_mask_for_host(operand);
        if (!is_host_type(operand) && operand->qualifiers.type != TYPE_NET)
                return REFUSE(operand, "'%s' cannot be said of the IPv6 address %s",
                              type_of(operand), quote(operand));
        return make_ipv6(operand, address, (uint8_t)prefix, tree);
}

/* EID, AID */
static bool apply_link_address(struct operand *operand, const struct token *token,
                               struct tree **tree)
{
        struct tree_test test = {.number = token->number};

        if (operand->qualifiers.type == TYPE_UNDEFINED)
                return refuse_undefined(operand);
        if (!is_host_type(operand) || operand->qualifiers.protocol != PROTOCOL_LINK)
                return REFUSE(operand, "%s is a link-layer address: write 'ether host' before it",
                              quote(operand));
        if (token->kind == TOKEN_ARCNET)
                return finish(operand, TREE_ARCNET, test, tree);
        memcpy(test.mac, token->mac, sizeof test.mac);
        return finish(operand, TREE_MAC, test, tree);
}

bool operand_begins(const struct parser *parser)
{
        return parser->token.kind >= TOKEN_NAME && parser->token.kind <= TOKEN_ARCNET;
}

/* nid: ID | HID '/' NUM | HID NETMASK HID | HID | HID6 '/' NUM | HID6 | EID | AID */
bool parse_operand(struct parser *parser, struct tree_qualifiers qualifiers, struct tree **tree)
{
        struct token token = parser->token;
        struct operand operand = {
            .parser = parser, .qualifiers = qualifiers, .offset = token.offset};

        if (!parse_advance(parser))
                return false;
        take_span(&operand);
        switch (token.kind) {
        case TOKEN_IPV4:
                if (is_slash(&parser->token))
                        return parse_prefix(&operand, tree);
                if (parser->token.kind == TOKEN_MASK)
                        return parse_mask(&operand, tree);
                return apply_dotted(&operand, tree);
        case TOKEN_IPV6: return parse_ipv6(&operand, token.ipv6, tree);
        case TOKEN_MAC:
        case TOKEN_ARCNET: return apply_link_address(&operand, &token, tree);
        default:
                if (!copy_text(&operand))
                        return false;
                /* without its backslash */
                operand.text += token.length - token.text_length;
                return apply_name(&operand, tree);
        }
}

bool operand_number(struct parser *parser, struct tree_qualifiers qualifiers, uint32_t number,
                    uint32_t offset, uint32_t length, struct tree **tree)
{
        struct operand operand = {
            .parser = parser, .qualifiers = qualifiers, .offset = offset, .length = length};

        return apply_number(&operand, number, tree);
}

bool operand_name(struct parser *parser, struct tree_qualifiers qualifiers, uint32_t offset,
                  uint32_t length, struct tree **tree)
{
        struct operand operand = {
            .parser = parser, .qualifiers = qualifiers, .offset = offset, .length = length};

        return copy_text(&operand) && apply_name(&operand, tree);
}
