/* Walks over a syntax tree, and the tree as text again. */
#include "base/array.h"
#include "base/text.h"
#include "syntax.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

const char *const tree_protocol_names[PROTOCOLS] = {
    "",       "ether", "ip",   "arp",   "rarp",  "sctp",  "tcp",  "udp",  "icmp",    "igmp",
    "igrp",   "pim",   "vrrp", "carp",  "ip6",   "icmp6", "ah",   "esp",  "atalk",   "aarp",
    "decnet", "lat",   "sca",  "moprc", "mopdl", "iso",   "esis", "isis", "clnp",    "l1",
    "l2",     "iih",   "lsp",  "snp",   "csnp",  "psnp",  "stp",  "ipx",  "netbeui", "radio"};

const char *const tree_direction_names[DIRECTIONS] = {
    "", "src", "dst", "src or dst", "src and dst", "addr1", "addr2", "addr3", "addr4", "ra", "ta"};

const char *const tree_type_names[TYPES] = {
    "", "host", "net", "port", "portrange", "gateway", "proto", "protochain", "host:port", ""};

const char *const tree_layers_names[] = {
    [LAYERS_ANY] = "deep", [LAYERS_OUTER] = "outer", [LAYERS_INNER] = "inner"};

const char *const tree_tunnel_names[TUNNELS] = {"vni", "vxlan", "geneve", "gre", "ipip", "gtp"};

static const char *const operator_texts[] = {
    [TREE_EQUAL] = "=",        [TREE_NOT_EQUAL] = "!=",
    [TREE_GREATER_THAN] = ">", [TREE_GREATER_OR_EQUAL] = ">=",
    [TREE_LESS_THAN] = "<",    [TREE_LESS_OR_EQUAL] = "<=",
    [TREE_BITS_SET] = "&",     [TREE_BITS_ANY] = "|",
    [TREE_ADD] = "+",          [TREE_SUBTRACT] = "-",
    [TREE_MULTIPLY] = "*",     [TREE_DIVIDE] = "/",
    [TREE_MODULO] = "%",       [TREE_BIT_AND] = "&",
    [TREE_BIT_OR] = "|",       [TREE_BIT_XOR] = "^",
    [TREE_SHIFT_LEFT] = "<<",  [TREE_SHIFT_RIGHT] = ">>",
};

const struct tree *tree_first(const struct tree *tree)
{
        while (tree->operands)
                tree = tree->operands;
        return tree;
}

const struct tree *tree_next(const struct tree *node)
{
        return node->next ? tree_first(node->next) : node->parent;
}

/* The qualifiers, each with a blank after it. */
static void write_qualifiers(struct text *out, const struct tree_qualifiers *qualifiers)
{
        const char *texts[] = {tree_protocol_names[qualifiers->protocol],
                               tree_direction_names[qualifiers->direction],
                               tree_type_names[qualifiers->type]};

        for (size_t i = 0; i < array_count(texts); i++)
                if (*texts[i])
                        text_format(out, "%s ", texts[i]);
        if (qualifiers->direction == DIRECTION_DEFAULT && qualifiers->type == TYPE_DEFAULT)
                text_string(out, "host ");
}

/* A host written with fewer than four numbers is written that way again: no other form means it. */
static void write_ipv4(struct text *out, const struct tree_test *test)
{
        uint32_t address = test->ipv4.address, mask = test->ipv4.mask;
        bool network = test->qualifiers.type == TYPE_NET;
        struct in_addr in = {htonl(address)};
        char text[INET_ADDRSTRLEN];

        for (int shift = 24; shift >= 0; shift -= 8)
                if (network || (mask >> shift & 0xff))
                        text_format(out, "%s%u", shift == 24 ? "" : ".", address >> shift & 0xff);
        in.s_addr = htonl(mask);
        if (network)
                text_format(out, " mask %s", inet_ntop(AF_INET, &in, text, sizeof text));
}

static void write_ipv6(struct text *out, const struct tree_test *test)
{
        for (int i = 0; i < 16; i += 2)
                text_format(out, "%s%x", i ? ":" : "",
                            (unsigned)(test->ipv6.address[i] << 8 | test->ipv6.address[i + 1]));
        if (test->qualifiers.type == TYPE_NET)
                text_format(out, "/%u", test->ipv6.prefix);
}

/* A port's protocol may come from its name instead of the qualifiers. */
static void write_ports(struct text *out, const struct tree_test *test)
{
        struct tree_qualifiers qualifiers = test->qualifiers;

        switch (test->ports.transport) {
        case IPPROTO_TCP: qualifiers.protocol = PROTOCOL_TCP; break;
        case IPPROTO_UDP: qualifiers.protocol = PROTOCOL_UDP; break;
        case IPPROTO_SCTP: qualifiers.protocol = PROTOCOL_SCTP; break;
        }
        write_qualifiers(out, &qualifiers);
        text_format(out, "%u", test->ports.first);
        if (qualifiers.type == TYPE_PORTRANGE)
                text_format(out, "-%u", test->ports.last);
}

/* --- Sets --- */

static void write_ipv4_range(struct text *out, const struct set_range *range)
{
        uint32_t size = range->last - range->first; /* less one */
        struct in_addr in = {htonl(range->first)};
        char text[INET_ADDRSTRLEN];

        text_string(out, inet_ntop(AF_INET, &in, text, sizeof text));
        if (size == 0)
                return;
        if ((size & (size + 1)) == 0 && (range->first & size) == 0) {
                text_format(out, "/%d", __builtin_clz(size));
                return;
        }
        in.s_addr = htonl(range->last);
        text_format(out, "-%s", inet_ntop(AF_INET, &in, text, sizeof text));
}

static void write_ipv6_prefix(struct text *out, const struct set_prefix *prefix)
{
        char text[INET6_ADDRSTRLEN];

        text_string(out, inet_ntop(AF_INET6, prefix->address, text, sizeof text));
        if (prefix->bits < 128)
                text_format(out, "/%u", prefix->bits);
}

static void write_range(struct text *out, const struct set_range *range)
{
        text_format(out, "%u", range->first);
        if (range->last != range->first)
                text_format(out, "-%u", range->last);
}

static void write_mac(struct text *out, const uint8_t mac[6])
{
        for (int i = 0; i < 6; i++)
                text_format(out, "%s%02x", i ? ":" : "", mac[i]);
}

/* The values between braces. */
static void write_set_values(struct text *out, const struct set *set)
{
        bool pairs = set->kind == SET_PAIRS;
        size_t start;

        text_char(out, '{');
        start = out->length;
        for (int turn = 0; turn < 2; turn++) {
                bool ipv6 = set->ipv6_first ? turn == 0 : turn == 1;

                for (uint32_t i = 0; i < (ipv6 ? set->ipv6_count : set->ipv4_count); i++) {
                        if (out->length > start)
                                text_string(out, ", ");
                        if (pairs && ipv6)
                                text_char(out, '[');
                        if (ipv6)
                                write_ipv6_prefix(out, &set->ipv6[i]);
                        else
                                write_ipv4_range(out, &set->ipv4[i]);
                        if (pairs) {
                                text_string(out, ipv6 ? "]:" : ":");
                                write_range(out, ipv6 ? &set->ipv6_ports[i] : &set->ipv4_ports[i]);
                        }
                }
        }
        for (uint32_t i = 0; i < set->port_count; i++) {
                text_string(out, i ? ", " : "");
                write_range(out, &set->ports[i]);
        }
        for (uint32_t i = 0; i < set->mac_count; i++) {
                text_string(out, i ? ", " : "");
                write_mac(out, set->macs[i]);
        }
        text_char(out, '}');
}

static void write_set(struct text *out, const struct tree_test *test)
{
        write_qualifiers(out, &test->qualifiers);
        text_string(out, "in ");
        if (!test->set.file) {
                write_set_values(out, test->set.values);
                return;
        }
        text_char(out, '"');
        for (const char *c = test->set.file; *c; c++)
                text_format(out, *c == '"' || *c == '\\' ? "\\%c" : "%c", *c);
        text_char(out, '"');
}

/* The tests that a set stands for, being written. */
struct writing_out {
        struct text *out;
        const struct tree_test *test;
        bool any;
};

/* Begins the next test of a value: `host`, or what else the type is. */
static void begin_value(struct writing_out *writing, enum tree_type type)
{
        struct tree_qualifiers qualifiers = writing->test->qualifiers;

        text_string(writing->out, writing->any ? " or (" : "(");
        writing->any = true;
        qualifiers.type = (uint8_t)type;
        if (writing->test->word != SET_PAIRS) {
                write_qualifiers(writing->out, &qualifiers);
                return;
        }
        if (qualifiers.protocol != PROTOCOL_IP && qualifiers.protocol != PROTOCOL_IP6)
                qualifiers.protocol = PROTOCOL_DEFAULT;
        write_qualifiers(writing->out, &qualifiers);
}

static void end_value(struct writing_out *writing, const struct set_range *ports)
{
        struct tree_qualifiers qualifiers = writing->test->qualifiers;

        if (ports) {
                if (qualifiers.protocol == PROTOCOL_IP || qualifiers.protocol == PROTOCOL_IP6)
                        qualifiers.protocol = PROTOCOL_DEFAULT;
                qualifiers.type = ports->first == ports->last ? TYPE_PORT : TYPE_PORTRANGE;
                text_string(writing->out, " and ");
                write_qualifiers(writing->out, &qualifiers);
                write_range(writing->out, ports);
        }
        text_char(writing->out, ')');
}

static void write_out_ipv4(struct writing_out *writing, const struct set *set)
{
        bool pairs = set->kind == SET_PAIRS;

        for (uint32_t i = 0; i < set->ipv4_count; i++) {
                struct set_range range = set->ipv4[i];

                for (bool left = true; left;) {
                        uint32_t first = range.first;
                        uint32_t host = ~set_cut_prefix(&range, &left);

                        begin_value(writing, host ? TYPE_NET : TYPE_HOST);
                        write_ipv4_range(writing->out, &(struct set_range){first, first | host});
                        end_value(writing, pairs ? &set->ipv4_ports[i] : NULL);
                }
        }
}

static void write_out_ipv6(struct writing_out *writing, const struct set *set)
{
        bool pairs = set->kind == SET_PAIRS;

        for (uint32_t i = 0; i < set->ipv6_count; i++) {
                begin_value(writing, set->ipv6[i].bits < 128 ? TYPE_NET : TYPE_HOST);
                write_ipv6_prefix(writing->out, &set->ipv6[i]);
                end_value(writing, pairs ? &set->ipv6_ports[i] : NULL);
        }
}

/* As tests without a set; one that holds nothing as a test that never holds. */
static void write_out(struct text *out, const struct tree_test *test)
{
        struct writing_out writing = {out, test, false};
        const struct set *set = test->set.values;
        uint8_t protocol = test->qualifiers.protocol;
        bool ipv4 = protocol != PROTOCOL_IP6;
        bool ipv6 =
            protocol != PROTOCOL_IP && protocol != PROTOCOL_ARP && protocol != PROTOCOL_RARP;

        if (ipv6 && set->ipv6_first)
                write_out_ipv6(&writing, set);
        if (ipv4)
                write_out_ipv4(&writing, set);
        if (ipv6 && !set->ipv6_first)
                write_out_ipv6(&writing, set);
        for (uint32_t i = 0; i < set->port_count; i++) {
                bool one = set->ports[i].first == set->ports[i].last;

                begin_value(&writing, one ? TYPE_PORT : TYPE_PORTRANGE);
                write_range(out, &set->ports[i]);
                end_value(&writing, NULL);
        }
        for (uint32_t i = 0; i < set->mac_count; i++) {
                begin_value(&writing, TYPE_HOST);
                write_mac(out, set->macs[i]);
                end_value(&writing, NULL);
        }
        if (!writing.any)
                text_string(out, "(not (len >= 0))");
}

/* Qualifiers and a value. */
static void write_value(struct text *out, enum tree_kind kind, const struct tree_test *test)
{
        write_qualifiers(out, &test->qualifiers);
        switch (kind) {
        case TREE_IPV4: write_ipv4(out, test); break;
        case TREE_IPV6: write_ipv6(out, test); break;
        case TREE_MAC: write_mac(out, test->mac); break;
        case TREE_ARCNET: text_format(out, "$%x", test->number); break;
        case TREE_NAME: text_format(out, "\\%s", test->text); break;
        default: text_format(out, "%u", test->number);
        }
}

static const char *const atm_words[] = {"lane",  "metac", "bcc",   "oamf4sc",    "oamf4ec",    "sc",
                                        "ilmic", "oam",   "oamf4", "connectmsg", "metaconnect"};
static const char *const mtp2_words[] = {"fisu", "lssu", "msu", "hfisu", "hlssu", "hmsu"};
static const char *const atm_fields[] = {"vpi", "vci"};
static const char *const mtp3_fields[] = {"sio",  "opc",  "dpc",  "sls",
                                          "hsio", "hopc", "hdpc", "hsls"};
static const char *const pf_actions[] = {"pass", "block", "scrub",        "noscrub",
                                         "nat",  "nonat", "binat",        "nobinat",
                                         "rdr",  "nordr", "synproxy-drop"};

/* Tests that are a word, and a number where `has_number` says so. */
static const char *const plain_words[] = {
    [TREE_INBOUND] = "inbound", [TREE_OUTBOUND] = "outbound", [TREE_PPPOED] = "pppoed",
    [TREE_LESS] = "less",       [TREE_GREATER] = "greater",   [TREE_IFINDEX] = "ifindex",
    [TREE_VLAN] = "vlan",       [TREE_MPLS] = "mpls",         [TREE_PPPOES] = "pppoes",
    [TREE_GENEVE] = "geneve",   [TREE_PF_RULE] = "rulenum",   [TREE_PF_SUBRULE] = "subrulenum"};

/* The numbers are those of 802.2's control field. */
const struct tree_llc_kind tree_llc_kinds[] = {
    {"", LLC_ANY, 0},
    {"i", LLC_I, 0},
    {"s", LLC_S, 0},
    {"u", LLC_U, 0},
    {"rr", LLC_S_SUBTYPE, 0x01},
    {"rnr", LLC_S_SUBTYPE, 0x05},
    {"rej", LLC_S_SUBTYPE, 0x09},
    {"ui", LLC_U_SUBTYPE, 0x03},
    {"ua", LLC_U_SUBTYPE, 0x63},
    {"disc", LLC_U_SUBTYPE, 0x43},
    {"dm", LLC_U_SUBTYPE, 0x0f},
    {"sabme", LLC_U_SUBTYPE, 0x6f},
    {"test", LLC_U_SUBTYPE, 0xe3},
    {"xid", LLC_U_SUBTYPE, 0xaf},
    {"frmr", LLC_U_SUBTYPE, 0x87},
    {NULL, 0, 0},
};

static void write_llc(struct text *out, const struct tree_test *test)
{
        for (const struct tree_llc_kind *kind = tree_llc_kinds; kind->name; kind++)
                if (kind->word == test->word && kind->number == test->number)
                        text_format(out, "llc%s%s", *kind->name ? " " : "", kind->name);
}

static void write_cast(struct text *out, const struct tree_test *test, const char *word)
{
        const char *protocol = tree_protocol_names[test->qualifiers.protocol];

        text_format(out, "%s%s%s", protocol, *protocol ? " " : "", word);
}

static void write_field(struct text *out, const char *field, const struct tree_test *test)
{
        text_format(out, "%s %s %u", field, operator_texts[test->operation], test->number);
}

static void write_test(struct text *out, enum tree_kind kind, const struct tree_test *test)
{
        if (kind < array_count(plain_words) && plain_words[kind]) {
                text_format(out, test->has_number ? "%s %u" : "%s", plain_words[kind],
                            test->number);
                return;
        }
        switch (kind) {
        case TREE_PORT:
        case TREE_PORT_RANGE: write_ports(out, test); break;
        case TREE_SET: write_set(out, test); break;
        case TREE_PROTOCOL: text_string(out, tree_protocol_names[test->qualifiers.protocol]); break;
        case TREE_BROADCAST: write_cast(out, test, "broadcast"); break;
        case TREE_MULTICAST: write_cast(out, test, "multicast"); break;
        case TREE_ATM: text_string(out, atm_words[test->word]); break;
        case TREE_MTP2: text_string(out, mtp2_words[test->word]); break;
        case TREE_BYTE:
                text_format(out, "byte %u %s %u", test->index, operator_texts[test->operation],
                            test->number);
                break;
        case TREE_PF_INTERFACE: text_format(out, "ifname \\%s", test->text); break;
        case TREE_PF_RULESET: text_format(out, "ruleset \\%s", test->text); break;
        case TREE_PF_REASON: text_format(out, "reason %u", test->number); break;
        case TREE_PF_ACTION: text_format(out, "action %s", pf_actions[test->number]); break;
        case TREE_WLAN_TYPE:
                text_format(out, test->mask == 0x0c ? "type %u" : "type %u subtype %u",
                            test->number & 0x0c, test->number & 0xf0);
                break;
        case TREE_WLAN_DIRECTION: text_format(out, "dir %u", test->number); break;
        case TREE_LLC: write_llc(out, test); break;
        case TREE_TUNNEL:
                text_format(out, test->has_number ? "%s %u" : "%s", tree_tunnel_names[test->word],
                            test->number);
                break;
        case TREE_ATM_FIELD: write_field(out, atm_fields[test->word], test); break;
        case TREE_MTP3_FIELD: write_field(out, mtp3_fields[test->word], test); break;
        default: write_value(out, kind, test);
        }
}

static void write_tree(struct text *out, const struct tree *root, bool sets_out);

static void write_layers(struct text *out, const struct tree_test *test, bool sets_out)
{
        text_format(out, "%s ", tree_layers_names[test->word]);
        write_tree(out, test->inside, sets_out);
}

/* Writes what comes before a node's operands. */
static void open_node(struct text *out, const struct tree *node, bool sets_out)
{
        switch (node->kind) {
        case TREE_AND:
        case TREE_OR:
        case TREE_RELATION:
        case TREE_CALCULATE: text_char(out, '('); break;
        case TREE_NOT: text_string(out, "(not "); break;
        case TREE_NEGATE: text_string(out, "(- "); break;
        case TREE_LOAD: text_format(out, "%s[", tree_protocol_names[node->protocol]); break;
        case TREE_NUMBER: text_format(out, "%u", node->number); break;
        case TREE_LENGTH: text_string(out, "len"); break;
        default:
                text_char(out, '(');
                if (node->kind == TREE_SET && sets_out)
                        write_out(out, node->test);
                else if (node->kind == TREE_LAYERS)
                        write_layers(out, node->test, sets_out);
                else
                        write_test(out, node->kind, node->test);
                text_char(out, ')');
        }
}

static void write_tree(struct text *out, const struct tree *root, bool sets_out)
{
        const struct tree *node = root;

        for (;;) {
                open_node(out, node, sets_out);
                if (node->operands) {
                        node = node->operands;
                        continue;
                }
                while (node != root && !node->next) {
                        node = node->parent;
                        if (node->kind == TREE_LOAD)
                                text_format(out, ":%u]", node->size);
                        else
                                text_char(out, ')');
                }
                if (node == root)
                        return;
                if (node->parent->kind == TREE_AND || node->parent->kind == TREE_OR)
                        text_string(out, node->parent->kind == TREE_AND ? " and " : " or ");
                else
                        text_format(out, " %s ", operator_texts[node->parent->operation]);
                node = node->next;
        }
}

char *cbpf_tree_text(const struct tree *tree)
{
        struct text text = {0};

        if (tree)
                write_tree(&text, tree, false);
        return text_take(&text);
}

char *tree_written_out(const struct tree *tree)
{
        struct text text = {0};

        write_tree(&text, tree, true);
        return text_take(&text);
}

bool tree_has_sets(const struct tree *tree)
{
        for (const struct tree *node = tree_first(tree); node; node = tree_next(node))
                if (node->kind == TREE_SET ||
                    (node->kind == TREE_LAYERS && tree_has_sets(node->test->inside)))
                        return true;
        return false;
}

char *tree_relation_text(const struct tree *relation)
{
        struct text text = {0};

        write_tree(&text, relation->operands, false);
        text_format(&text, " %s ", operator_texts[relation->operation]);
        write_tree(&text, relation->operands->next, false);
        return text_take(&text);
}

char *tree_test_text(const struct tree *tree)
{
        char *text = cbpf_tree_text(tree);
        size_t length = text ? strlen(text) : 0;

        if (length > 2 && *text == '(' && text[length - 1] == ')') {
                memmove(text, text + 1, length - 2);
                text[length - 2] = '\0';
        }
        return text;
}
