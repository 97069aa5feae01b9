/* Shows how an expression is understood: its tests in words, and its syntax tree. The words
 * describe what lowering makes of each test. */
#include "base/text.h"
#include "cbpf/program/program.h"
#include "cbpf/syntax/syntax.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_INDENT = 40 };

/* --- Meanings --- */

/* Directions, in front of a field of source and destination. */
static const char *const ends[DIRECTIONS] = {
    [DIRECTION_DEFAULT] = "source or destination",
    [DIRECTION_SRC] = "source",
    [DIRECTION_DST] = "destination",
    [DIRECTION_OR] = "source or destination",
    [DIRECTION_AND] = "source and destination",
};

static const char *ends_of(const struct tree_test *test)
{
        const char *text = ends[test->qualifiers.direction];

        return text ? text : tree_direction_names[test->qualifiers.direction];
}

static void mean_ipv4(struct text *out, const struct tree_test *test)
{
        bool host = test->ipv4.mask == UINT32_MAX;
        const char *of = "IPv4, or sender and target address of ARP and RARP";

        switch (test->qualifiers.protocol) {
        case PROTOCOL_IP: of = "IPv4"; break;
        case PROTOCOL_ARP: of = "ARP (sender and target)"; break;
        case PROTOCOL_RARP: of = "RARP (sender and target)"; break;
        }
        text_format(out, "%s address of %s: %s", ends_of(test), of,
                    host ? "this one" : "any of this network");
}

static void mean_ipv6(struct text *out, const struct tree_test *test)
{
        text_format(out, "%s address of IPv6: %s", ends_of(test),
                    test->ipv6.prefix == 128 ? "this one" : "any of this network");
}

static void mean_ports(struct text *out, enum tree_kind kind, const struct tree_test *test)
{
        uint32_t first = test->ports.first, last = test->ports.last;
        const char *of = "TCP, UDP or SCTP";

        switch (test->ports.transport) {
        case IPPROTO_TCP: of = "TCP"; break;
        case IPPROTO_UDP: of = "UDP"; break;
        case IPPROTO_SCTP: of = "SCTP"; break;
        }
        text_format(out,
                    kind == TREE_PORT ? "%s port of %s is %u" : "%s port of %s is from %u to %u",
                    ends_of(test), of, first < last ? first : last, first < last ? last : first);
        text_string(out, ", over IPv4 (not in later fragments, which have no ports) or IPv6 (with "
                         "no extension header between)");
}

static void mean_proto(struct text *out, const struct tree_test *test)
{
        switch (test->qualifiers.protocol) {
        case PROTOCOL_DEFAULT:
                text_format(out,
                            "IPv4 with protocol %u, or IPv6 with next header %u, also behind a "
                            "fragment header",
                            test->number, test->number);
                break;
        case PROTOCOL_IP: text_format(out, "IPv4 with protocol %u", test->number); break;
        case PROTOCOL_IP6:
                text_format(out, "IPv6 with next header %u, also behind a fragment header",
                            test->number);
                break;
        case PROTOCOL_LINK:
                text_format(out, "the link header says that protocol 0x%04x follows", test->number);
                break;
        default:
                text_format(out, "protocol %u of %s", test->number,
                            tree_protocol_names[test->qualifiers.protocol]);
        }
}

/* How many of what a set holds. */
static void put_count(struct text *out, uint32_t count, const char *one, const char *more,
                      bool *any)
{
        if (count == 0)
                return;
        text_format(out, "%s%u %s", *any ? " and " : "", count, count == 1 ? one : more);
        *any = true;
}

static void mean_set(struct text *out, const struct tree_test *test)
{
        const struct set *set = test->set.values;
        uint8_t protocol = test->qualifiers.protocol;
        bool ipv4 = protocol != PROTOCOL_IP6, any = false;
        bool ipv6 =
            protocol != PROTOCOL_IP && protocol != PROTOCOL_ARP && protocol != PROTOCOL_RARP;

        if (set->kind == SET_PAIRS)
                text_format(out, "%s address and %s port: any of ", ends_of(test), ends_of(test));
        else
                text_format(out, "%s %s: any of ", ends_of(test),
                            set->kind == SET_MACS    ? "MAC address of the frame"
                            : set->kind == SET_PORTS ? "port"
                                                     : "address");
        if (ipv4)
                put_count(out, set->ipv4_count,
                          set->kind == SET_PAIRS ? "pair of IPv4" : "address or network of IPv4",
                          set->kind == SET_PAIRS ? "pairs of IPv4"
                                                 : "addresses or networks of IPv4",
                          &any);
        if (ipv6)
                put_count(out, set->ipv6_count,
                          set->kind == SET_PAIRS ? "pair of IPv6" : "address or network of IPv6",
                          set->kind == SET_PAIRS ? "pairs of IPv6"
                                                 : "addresses or networks of IPv6",
                          &any);
        put_count(out, set->port_count, "port or range", "ports or ranges", &any);
        put_count(out, set->mac_count, "MAC address", "MAC addresses", &any);
        if (!any)
                text_string(out, "nothing, which no packet is");
        if (test->set.file)
                text_format(out, ", in %s", test->set.file);
}

/* What a protocol's name means as a test. */
static const char *const protocol_meanings[PROTOCOLS] = {
    [PROTOCOL_IP] = "IPv4",
    [PROTOCOL_IP6] = "IPv6",
    [PROTOCOL_ARP] = "ARP",
    [PROTOCOL_RARP] = "reverse ARP",
    [PROTOCOL_TCP] = "TCP (protocol 6) over IPv4 or IPv6, also behind a fragment header of IPv6",
    [PROTOCOL_UDP] = "UDP (protocol 17) over IPv4 or IPv6, also behind a fragment header of IPv6",
    [PROTOCOL_SCTP] =
        "SCTP (protocol 132) over IPv4 or IPv6, also behind a fragment header of IPv6",
    [PROTOCOL_ICMP] = "ICMP (protocol 1) over IPv4",
    [PROTOCOL_ICMP6] = "ICMPv6 (next header 58) over IPv6, also behind a fragment header",
    [PROTOCOL_IGMP] = "IGMP (protocol 2) over IPv4",
    [PROTOCOL_IGRP] = "IGRP (protocol 9) over IPv4",
    [PROTOCOL_PIM] = "PIM (protocol 103) over IPv4 or IPv6",
    [PROTOCOL_VRRP] = "VRRP (protocol 112) over IPv4",
    [PROTOCOL_CARP] = "CARP (protocol 112, as VRRP) over IPv4",
    [PROTOCOL_AH] = "the authentication header (protocol 51) over IPv4 or IPv6",
    [PROTOCOL_ESP] = "encrypted (ESP, protocol 50) over IPv4 or IPv6",
    [PROTOCOL_ATALK] = "AppleTalk",
    [PROTOCOL_AARP] = "AppleTalk ARP",
    [PROTOCOL_DECNET] = "DECnet",
    [PROTOCOL_ISO] = "OSI protocols, in 802.2 frames",
    [PROTOCOL_STP] = "spanning tree, in 802.2 frames",
    [PROTOCOL_IPX] = "IPX, by its EtherType or in 802.2 frames",
    [PROTOCOL_NETBEUI] = "NetBEUI, in 802.2 frames",
};

static void mean_cast(struct text *out, enum tree_kind kind, const struct tree_test *test)
{
        bool broadcast = kind == TREE_BROADCAST;

        switch (test->qualifiers.protocol) {
        case PROTOCOL_IP:
                text_string(out, broadcast
                                     ? "IPv4 to a broadcast address: all host bits 0, or all 1"
                                     : "IPv4 to an address from 224.0.0.0 on");
                break;
        case PROTOCOL_IP6: text_string(out, "IPv6 to an address that begins with ff"); break;
        default:
                text_string(out, broadcast ? "the frame is sent to all (ff:ff:ff:ff:ff:ff)"
                                           : "the frame is sent to a group, all included");
        }
}

static void mean_tag(struct text *out, enum tree_kind kind, const struct tree_test *test)
{
        switch (kind) {
        case TREE_VLAN: text_string(out, "a VLAN tag (0x8100, 0x88a8 or 0x9100)"); break;
        case TREE_MPLS: text_string(out, "an MPLS label"); break;
        case TREE_PPPOES: text_string(out, "a PPPoE session"); break;
        default: text_string(out, "Geneve (UDP port 6081)");
        }
        if (test->has_number)
                text_format(out, " with the number %u", test->number);
        text_string(out, "; what comes after it in the expression looks for headers behind that");
}

/* What the offsets of a load are relative to. */
static const char *load_meaning(uint8_t protocol)
{
        switch (protocol) {
        case PROTOCOL_LINK: return "bytes of the frame";
        case PROTOCOL_IP:
        case PROTOCOL_IP6:
        case PROTOCOL_ARP:
        case PROTOCOL_RARP: return "bytes from the start of its header; no other packets pass";
        case PROTOCOL_ICMP6:
                return "bytes from the start of its header behind an IPv6 header; no other packets "
                       "pass";
        default:
                return "bytes from the start of its header over IPv4, not in later fragments; no "
                       "other packets pass";
        }
}

static void mean_layers(struct text *out, const struct tree_test *test)
{
        static const char *const which[] = {
            [LAYERS_ANY] = "in some layer of the packet, behind tags and within tunnels too: ",
            [LAYERS_OUTER] = "in the outermost layer of the packet, behind its tags too: ",
            [LAYERS_INNER] = "in some layer within a tunnel: ",
        };
        char *text = tree_test_text(test->inside);

        text_string(out, which[test->word]);
        text_string(out, text ? text : "");
        if (text && strstr(text, "not "))
                text_string(out, "; `not`: in no layer");
        out->failed |= !text;
        free(text);
}

static void mean(struct text *out, const struct tree *tree)
{
        const struct tree_test *test = tree->test;
        uint8_t protocol;

        switch (tree->kind) {
        case TREE_IPV4: mean_ipv4(out, test); break;
        case TREE_IPV6: mean_ipv6(out, test); break;
        case TREE_MAC: text_format(out, "%s MAC address of the frame", ends_of(test)); break;
        case TREE_PORT:
        case TREE_PORT_RANGE: mean_ports(out, tree->kind, test); break;
        case TREE_SET: mean_set(out, test); break;
        case TREE_LAYERS: mean_layers(out, test); break;
        case TREE_PROTO: mean_proto(out, test); break;
        case TREE_PROTOCHAIN:
                text_format(out,
                            "protocol %u, also behind other headers of IP, one after the other",
                            test->number);
                break;
        case TREE_PROTOCOL:
                protocol = test->qualifiers.protocol;
                text_string(out, protocol_meanings[protocol] ? protocol_meanings[protocol]
                                                             : tree_protocol_names[protocol]);
                break;
        case TREE_BROADCAST:
        case TREE_MULTICAST: mean_cast(out, tree->kind, test); break;
        case TREE_INBOUND: text_string(out, "not sent by this host"); break;
        case TREE_OUTBOUND: text_string(out, "sent by this host"); break;
        case TREE_PPPOED: text_string(out, "PPPoE discovery"); break;
        case TREE_LESS: text_format(out, "at most %u bytes long", test->number); break;
        case TREE_GREATER: text_format(out, "at least %u bytes long", test->number); break;
        case TREE_IFINDEX: text_string(out, "captured on the interface with this index"); break;
        case TREE_BYTE: text_format(out, "byte %u of the frame", test->index); break;
        case TREE_VLAN:
        case TREE_MPLS:
        case TREE_PPPOES:
        case TREE_GENEVE: mean_tag(out, tree->kind, test); break;
        case TREE_LOAD: text_string(out, load_meaning(tree->protocol)); break;
        case TREE_LLC:
                text_string(out, "an 802.3 frame with an 802.2 header (of this kind)");
                break;
        default: break;
        }
}

/* --- All tests --- */

struct seen {
        char **texts;
        uint32_t count, most;
};

/* Whether a line with this text is new. Takes ownership of the text. */
static bool is_new(struct seen *seen, char *text)
{
        for (uint32_t i = 0; i < seen->count; i++)
                if (strcmp(seen->texts[i], text) == 0) {
                        free(text);
                        return false;
                }
        seen->texts[seen->count++] = text;
        return true;
}

/* What is explained of a node, in fresh memory: the text of a test, "tcp[]" of a load. */
static char *subject_text(const struct tree *tree)
{
        char *text;

        if (tree->kind != TREE_LOAD)
                return tree_test_text(tree);
        return asprintf(&text, "%s[]", tree_protocol_names[tree->protocol]) < 0 ? NULL : text;
}

/* Writes the line of a test or load. */
static void write_meaning(struct text *out, struct seen *seen, const struct tree *tree)
{
        struct text meaning = {0};
        char *text;

        if (tree->kind <= TREE_RELATION || (tree_is_number(tree) && tree->kind != TREE_LOAD))
                return;
        text = subject_text(tree);
        out->failed |= !text;
        if (!text || !is_new(seen, text))
                return;
        mean(&meaning, tree);
        if (meaning.length > 0)
                text_format(out, "%s\t%.*s\n", text, (int)meaning.length, meaning.start);
        out->failed |= meaning.failed;
        text_free(&meaning);
}

static void write_meanings(struct text *out, const struct tree *tree, uint32_t tests)
{
        struct seen seen = {.texts = calloc(tests + 1u, sizeof(char *)), .most = tests};

        out->failed |= !seen.texts;
        for (const struct tree *node = tree_first(tree);
             node && !out->failed && seen.count < seen.most; node = tree_next(node))
                write_meaning(out, &seen, node);
        for (uint32_t i = 0; i < seen.count; i++)
                free(seen.texts[i]);
        free(seen.texts);
}

/* --- The tree --- */

/* The text of a node's line; the caller frees it. */
static char *node_text(const struct tree *tree)
{
        switch (tree->kind) {
        case TREE_AND: return strdup("and");
        case TREE_OR: return strdup("or");
        case TREE_NOT: return strdup("not");
        default: return tree_test_text(tree);
        }
}

/* A relation and its arithmetic are one line: they read best as a formula. */
static void write_tree(struct text *out, const struct tree *root)
{
        const struct tree *node = root;
        int depth = 0;

        while (node) {
                char *text = node_text(node);

                out->failed |= !text;
                if (!text)
                        return;
                text_format(out, "%*s%s\n", 2 * (depth < MAX_INDENT ? depth : MAX_INDENT), "",
                            text);
                free(text);
                if (node->operands && !tree_is_number(node->operands)) {
                        node = node->operands;
                        depth++;
                        continue;
                }
                while (node != root && !node->next) {
                        node = node->parent;
                        depth--;
                }
                node = node == root ? NULL : node->next;
        }
}

/* --- From text to text --- */

static void write_understood(struct text *out, const struct tree *tree, uint32_t tests)
{
        char *text = tree_test_text(tree);

        out->failed |= !text;
        text_format(out, "%s\n", text ? text : "");
        free(text);
        write_meanings(out, tree, tests);
}

/* Writes the tree, or up to `tests` of its tests in words. */
static int parse_and_write(const char *expression, const struct cbpf_sets *sets, uint32_t tests,
                           bool as_tree, char **text, struct error *error)
{
        struct arena arena = {0};
        struct text out = {0};
        struct tree *tree;
        int status = cbpf_parse(expression, 0, sets, &arena, &tree, error);

        *text = NULL;
        if (status == 0) {
                if (!tree)
                        text_string(&out, "every packet\n");
                else if (as_tree)
                        write_tree(&out, tree);
                else
                        write_understood(&out, tree, tests);
                *text = text_take(&out);
                status = *text ? 0 : error_memory(error);
        }
        arena_free(&arena);
        return status;
}

int cbpf_understand(const char *expression, const struct cbpf_sets *sets, uint32_t tests,
                    char **text, struct error *error)
{
        return parse_and_write(expression, sets, tests, false, text, error);
}

int cbpf_write_tree(const char *expression, const struct cbpf_sets *sets, char **text,
                    struct error *error)
{
        return parse_and_write(expression, sets, 0, true, text, error);
}
