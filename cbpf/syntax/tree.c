/* Walks over a syntax tree, and the tree as text again. */
#include "base/array.h"
#include "syntax.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const protocol_names[PROTOCOLS] = {
    "",       "ether", "ip",   "arp",   "rarp",  "sctp",  "tcp",  "udp",  "icmp",    "igmp",
    "igrp",   "pim",   "vrrp", "carp",  "ip6",   "icmp6", "ah",   "esp",  "atalk",   "aarp",
    "decnet", "lat",   "sca",  "moprc", "mopdl", "iso",   "esis", "isis", "clnp",    "l1",
    "l2",     "iih",   "lsp",  "snp",   "csnp",  "psnp",  "stp",  "ipx",  "netbeui", "radio"};

static const char *const direction_names[DIRECTIONS] = {
    "", "src", "dst", "src or dst", "src and dst", "addr1", "addr2", "addr3", "addr4", "ra", "ta"};

static const char *const type_names[TYPES] = {"",        "host",  "net",        "port", "portrange",
                                              "gateway", "proto", "protochain", ""};

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

const char *tree_protocol_name(enum tree_protocol protocol)
{
        return protocol_names[protocol];
}

const char *tree_direction_name(enum tree_direction direction)
{
        return direction_names[direction];
}

const char *tree_type_name(enum tree_type type)
{
        return type_names[type];
}

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
static void write_qualifiers(FILE *out, const struct tree_qualifiers *qualifiers)
{
        const char *texts[] = {protocol_names[qualifiers->protocol],
                               direction_names[qualifiers->direction],
                               type_names[qualifiers->type]};

        for (size_t i = 0; i < array_count(texts); i++)
                if (*texts[i])
                        fprintf(out, "%s ", texts[i]);
        if (qualifiers->direction == DIRECTION_DEFAULT && qualifiers->type == TYPE_DEFAULT)
                fputs("host ", out);
}

/* A host written with fewer than four numbers is written that way again: no other form means it. */
static void write_ipv4(FILE *out, const struct tree_test *test)
{
        uint32_t address = test->ipv4.address, mask = test->ipv4.mask;
        bool network = test->qualifiers.type == TYPE_NET;
        struct in_addr in = {htonl(address)};
        char text[INET_ADDRSTRLEN];

        for (int shift = 24; shift >= 0; shift -= 8)
                if (network || (mask >> shift & 0xff))
                        fprintf(out, "%s%u", shift == 24 ? "" : ".", address >> shift & 0xff);
        in.s_addr = htonl(mask);
        if (network)
                fprintf(out, " mask %s", inet_ntop(AF_INET, &in, text, sizeof text));
}

static void write_ipv6(FILE *out, const struct tree_test *test)
{
        for (int i = 0; i < 16; i += 2)
                fprintf(out, "%s%x", i ? ":" : "",
                        (unsigned)(test->ipv6.address[i] << 8 | test->ipv6.address[i + 1]));
        if (test->qualifiers.type == TYPE_NET)
                fprintf(out, "/%u", test->ipv6.prefix);
}

/* A port's protocol may come from its name instead of the qualifiers. */
static void write_ports(FILE *out, const struct tree_test *test)
{
        struct tree_qualifiers qualifiers = test->qualifiers;

        switch (test->ports.transport) {
        case IPPROTO_TCP: qualifiers.protocol = PROTOCOL_TCP; break;
        case IPPROTO_UDP: qualifiers.protocol = PROTOCOL_UDP; break;
        case IPPROTO_SCTP: qualifiers.protocol = PROTOCOL_SCTP; break;
        }
        write_qualifiers(out, &qualifiers);
        fprintf(out, "%u", test->ports.first);
        if (qualifiers.type == TYPE_PORTRANGE)
                fprintf(out, "-%u", test->ports.last);
}

/* Qualifiers and a value. */
static void write_value(FILE *out, enum tree_kind kind, const struct tree_test *test)
{
        write_qualifiers(out, &test->qualifiers);
        switch (kind) {
        case TREE_IPV4: write_ipv4(out, test); break;
        case TREE_IPV6: write_ipv6(out, test); break;
        case TREE_MAC:
                for (int i = 0; i < 6; i++)
                        fprintf(out, "%s%02x", i ? ":" : "", test->mac[i]);
                break;
        case TREE_ARCNET: fprintf(out, "$%x", test->number); break;
        case TREE_NAME: fprintf(out, "\\%s", test->text); break;
        default: fprintf(out, "%u", test->number);
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

static void write_llc(FILE *out, const struct tree_test *test)
{
        static const struct {
                uint8_t word;
                uint8_t number;
                const char *text;
        } kinds[] = {{LLC_ANY, 0, ""},
                     {LLC_I, 0, " i"},
                     {LLC_S, 0, " s"},
                     {LLC_U, 0, " u"},
                     {LLC_S_SUBTYPE, 0x01, " rr"},
                     {LLC_S_SUBTYPE, 0x05, " rnr"},
                     {LLC_S_SUBTYPE, 0x09, " rej"},
                     {LLC_U_SUBTYPE, 0x03, " ui"},
                     {LLC_U_SUBTYPE, 0x63, " ua"},
                     {LLC_U_SUBTYPE, 0x43, " disc"},
                     {LLC_U_SUBTYPE, 0x0f, " dm"},
                     {LLC_U_SUBTYPE, 0x6f, " sabme"},
                     {LLC_U_SUBTYPE, 0xe3, " test"},
                     {LLC_U_SUBTYPE, 0xaf, " xid"},
                     {LLC_U_SUBTYPE, 0x87, " frmr"}};

        for (size_t i = 0; i < array_count(kinds); i++)
                if (kinds[i].word == test->word && kinds[i].number == test->number)
                        fprintf(out, "llc%s", kinds[i].text);
}

static void write_cast(FILE *out, const struct tree_test *test, const char *word)
{
        const char *protocol = protocol_names[test->qualifiers.protocol];

        fprintf(out, "%s%s%s", protocol, *protocol ? " " : "", word);
}

static void write_field(FILE *out, const char *field, const struct tree_test *test)
{
        fprintf(out, "%s %s %u", field, operator_texts[test->operation], test->number);
}

static void write_test(FILE *out, enum tree_kind kind, const struct tree_test *test)
{
        if (kind < array_count(plain_words) && plain_words[kind]) {
                fprintf(out, test->has_number ? "%s %u" : "%s", plain_words[kind], test->number);
                return;
        }
        switch (kind) {
        case TREE_PORT:
        case TREE_PORT_RANGE: write_ports(out, test); break;
        case TREE_PROTOCOL: fputs(protocol_names[test->qualifiers.protocol], out); break;
        case TREE_BROADCAST: write_cast(out, test, "broadcast"); break;
        case TREE_MULTICAST: write_cast(out, test, "multicast"); break;
        case TREE_ATM: fputs(atm_words[test->word], out); break;
        case TREE_MTP2: fputs(mtp2_words[test->word], out); break;
        case TREE_BYTE:
                fprintf(out, "byte %u %s %u", test->index, operator_texts[test->operation],
                        test->number);
                break;
        case TREE_PF_INTERFACE: fprintf(out, "ifname \\%s", test->text); break;
        case TREE_PF_RULESET: fprintf(out, "ruleset \\%s", test->text); break;
        case TREE_PF_REASON: fprintf(out, "reason %u", test->number); break;
        case TREE_PF_ACTION: fprintf(out, "action %s", pf_actions[test->number]); break;
        case TREE_WLAN_TYPE:
                fprintf(out, test->mask == 0x0c ? "type %u" : "type %u subtype %u",
                        test->number & 0x0c, test->number & 0xf0);
                break;
        case TREE_WLAN_DIRECTION: fprintf(out, "dir %u", test->number); break;
        case TREE_LLC: write_llc(out, test); break;
        case TREE_ATM_FIELD: write_field(out, atm_fields[test->word], test); break;
        case TREE_MTP3_FIELD: write_field(out, mtp3_fields[test->word], test); break;
        default: write_value(out, kind, test);
        }
}

/* Writes what comes before a node's operands. */
static void open_node(FILE *out, const struct tree *node)
{
        switch (node->kind) {
        case TREE_AND:
        case TREE_OR:
        case TREE_RELATION:
        case TREE_CALCULATE: fputc('(', out); break;
        case TREE_NOT: fputs("(not ", out); break;
        case TREE_NEGATE: fputs("(- ", out); break;
        case TREE_LOAD: fprintf(out, "%s[", protocol_names[node->protocol]); break;
        case TREE_NUMBER: fprintf(out, "%u", node->number); break;
        case TREE_LENGTH: fputs("len", out); break;
        default:
                fputc('(', out);
                write_test(out, node->kind, node->test);
                fputc(')', out);
        }
}

static void write_tree(FILE *out, const struct tree *root)
{
        const struct tree *node = root;

        for (;;) {
                open_node(out, node);
                if (node->operands) {
                        node = node->operands;
                        continue;
                }
                while (node != root && !node->next) {
                        node = node->parent;
                        if (node->kind == TREE_LOAD)
                                fprintf(out, ":%u]", node->size);
                        else
                                fputc(')', out);
                }
                if (node == root)
                        return;
                if (node->parent->kind == TREE_AND || node->parent->kind == TREE_OR)
                        fputs(node->parent->kind == TREE_AND ? " and " : " or ", out);
                else
                        fprintf(out, " %s ", operator_texts[node->parent->operation]);
                node = node->next;
        }
}

char *cbpf_tree_text(const struct tree *tree)
{
        char *text = NULL;
        size_t length;
        FILE *out = open_memstream(&text, &length);
        bool complete;

        if (!out)
                return NULL;
        if (tree)
                write_tree(out, tree);
        complete = !ferror(out);
        if (fclose(out) == 0 && complete)
                return text;
        free(text);
        return NULL;
}
