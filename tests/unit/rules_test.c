/* Rule sets: which rules may have dropped a packet, by what iptables-save and nft print. */
#include "base/text.h"
#include "cli/rules/rules.h"
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* A packet: "tcp 192.0.2.1 1234 > 192.0.2.2 80" on eth0. */
static struct rules_packet packet(const char *text)
{
        struct rules_packet packet = {.in = "eth0"};
        char protocol[8], from[64], to[64];
        unsigned source, destination;

        ck_assert_int_eq(
            sscanf(text, "%7s %63s %u > %63s %u", protocol, from, &source, to, &destination), 5);
        packet.family = strchr(from, ':') ? AF_INET6 : AF_INET;
        packet.protocol = strcmp(protocol, "tcp") == 0   ? IPPROTO_TCP
                          : strcmp(protocol, "udp") == 0 ? IPPROTO_UDP
                                                         : IPPROTO_ICMP;
        ck_assert_int_eq(inet_pton(packet.family, from, packet.source), 1);
        ck_assert_int_eq(inet_pton(packet.family, to, packet.destination), 1);
        packet.has_ports = packet.protocol != IPPROTO_ICMP;
        packet.has_type = !packet.has_ports;
        packet.source_port = (uint16_t)source;
        packet.destination_port = (uint16_t)destination;
        packet.type = (uint8_t)source;
        return packet;
}

/* The texts of what is found, a "; " between. */
static char *found_at(const struct rules *rules, enum rules_hook hook, const char *sent)
{
        const struct rules_packet asked = packet(sent);
        struct rules_found found;
        struct text text = {0};

        rules_find(rules, hook, &asked, &found);
        for (size_t i = 0; i < found.count && i < RULES_MOST; i++)
                text_format(&text, "%s%s", i > 0 ? "; " : "", found.rules[i]->text);
        if (found.count > RULES_MOST)
                text_format(&text, "; %zu", found.count);
        return text_take(&text);
}

static void check(const char *const texts[RULES_TEXTS], enum rules_hook hook, const char *sent,
                  const char *wanted)
{
        struct rules *rules = rules_new(texts);
        char *found;

        ck_assert_ptr_nonnull(rules);
        found = found_at(rules, hook, sent);
        ck_assert_msg(found && strcmp(found, wanted) == 0, "%s: %s, not %s", sent, found, wanted);
        free(found);
        rules_free(rules);
}

/* A chain's rules, and what may have dropped the packet. */
static const struct {
        const char *rules, *packet, *found;
} chains[] = {
    {"-A INPUT -p tcp -j DROP", "tcp 10.0.0.1 1 > 10.0.0.2 80", "-A INPUT -p tcp -j DROP"},
    {"-A INPUT -p tcp -j DROP", "udp 10.0.0.1 1 > 10.0.0.2 80", ""},
    {"-A INPUT -p 6 -j DROP", "tcp 10.0.0.1 1 > 10.0.0.2 80", "-A INPUT -p 6 -j DROP"},
    {"-A INPUT ! -p tcp -j DROP", "tcp 10.0.0.1 1 > 10.0.0.2 80", ""},
    {"-A INPUT ! -s 10.0.0.0/8 -j DROP", "tcp 10.0.0.1 1 > 10.0.0.2 80", ""},
    {"-A INPUT -s 10.0.0.0/255.0.0.0 -j DROP", "tcp 10.0.0.1 1 > 10.0.0.2 80",
     "-A INPUT -s 10.0.0.0/255.0.0.0 -j DROP"},
    {"-A INPUT -d 10.0.0.3/32 -j DROP", "tcp 10.0.0.1 1 > 10.0.0.2 80", ""},
    {"-A INPUT -s 0.0.0.0/0 -i eth+ -j DROP", "tcp 10.0.0.1 1 > 10.0.0.2 80",
     "-A INPUT -s 0.0.0.0/0 -i eth+ -j DROP"},
    {"-A INPUT -i lo -j DROP", "tcp 10.0.0.1 1 > 10.0.0.2 80", ""},
    {"-A INPUT -p tcp -m multiport --dports 22,80:90 -j DROP", "tcp 10.0.0.1 1 > 10.0.0.2 85",
     "-A INPUT -p tcp -m multiport --dports 22,80:90 -j DROP"},
    {"-A INPUT -p tcp -m multiport --ports 22,80:90 -j DROP", "tcp 10.0.0.1 22 > 10.0.0.2 1",
     "-A INPUT -p tcp -m multiport --ports 22,80:90 -j DROP"},
    {"-A INPUT -p tcp -m tcp ! --dport 80 -j DROP", "tcp 10.0.0.1 1 > 10.0.0.2 80", ""},
    {"-A INPUT -p icmp -m icmp --icmp-type 8 -j DROP", "icmp 10.0.0.1 8 > 10.0.0.2 0",
     "-A INPUT -p icmp -m icmp --icmp-type 8 -j DROP"},
    {"-A INPUT -p icmp -m icmp --icmp-type 8 -j DROP", "icmp 10.0.0.1 0 > 10.0.0.2 0", ""},
    /* The first that surely drops hides those behind it; one that perhaps does, does not. */
    {"-A INPUT -j DROP\n-A INPUT -p tcp -j DROP", "tcp 10.0.0.1 1 > 10.0.0.2 80",
     "-A INPUT -j DROP"},
    {"-A INPUT -m state --state NEW -j DROP\n-A INPUT -p tcp -j DROP",
     "tcp 10.0.0.1 1 > 10.0.0.2 80",
     "-A INPUT -m state --state NEW -j DROP; -A INPUT -p tcp -j DROP"},
    {"-A INPUT -m state --state NEW -j ACCEPT\n-A INPUT -p tcp -j DROP",
     "tcp 10.0.0.1 1 > 10.0.0.2 80", "-A INPUT -p tcp -j DROP"},
    {"-A INPUT -p tcp -j ACCEPT\n-A INPUT -p tcp -j DROP", "tcp 10.0.0.1 1 > 10.0.0.2 80", ""},
    {"-A INPUT -j NFQUEUE --queue-num 1", "tcp 10.0.0.1 1 > 10.0.0.2 80",
     "-A INPUT -j NFQUEUE --queue-num 1"},
    {"-A INPUT -j LOG --log-prefix \"-j DROP \"", "tcp 10.0.0.1 1 > 10.0.0.2 80", ""},
    {"-A INPUT -m comment --comment \"a \\\"-p udp\\\" b\" -j DROP", "tcp 10.0.0.1 1 > 10.0.0.2 80",
     "-A INPUT -m comment --comment \"a \\\"-p udp\\\" b\" -j DROP"},
    /* Chains: back at their end and by RETURN, not back from where goto leads. */
    {":A - [0:0]\n-A A -p udp -j DROP\n-A INPUT -j A\n-A INPUT -j DROP",
     "tcp 10.0.0.1 1 > 10.0.0.2 80", "-A INPUT -j DROP"},
    {":A - [0:0]\n-A A -p tcp -j RETURN\n-A A -j DROP\n-A INPUT -j A\n-A INPUT -j REJECT",
     "tcp 10.0.0.1 1 > 10.0.0.2 80", "-A INPUT -j REJECT"},
    {":A - [0:0]\n-A A -p udp -j DROP\n-A INPUT -g A\n-A INPUT -j DROP",
     "tcp 10.0.0.1 1 > 10.0.0.2 80", ""},
    {":A - [0:0]\n-A A -j A\n-A INPUT -j A\n-A INPUT -j DROP", "tcp 10.0.0.1 1 > 10.0.0.2 80",
     "-A INPUT -j DROP"},
    /* What is no rule. */
    {"-A", "tcp 10.0.0.1 1 > 10.0.0.2 80", ""},
    {"-A INPUT -s 10.0.0.0/99 -j DROP", "tcp 10.0.0.1 1 > 10.0.0.2 80",
     "-A INPUT -s 10.0.0.0/99 -j DROP"},
    {"-A INPUT -p", "tcp 10.0.0.1 1 > 10.0.0.2 80", ""},
    {"-A NOWHERE -j DROP", "tcp 10.0.0.1 1 > 10.0.0.2 80", ""},
};

START_TEST(iptables)
{
        char text[1024];
        const char *texts[RULES_TEXTS] = {[RULES_IPTABLES] = text};

        snprintf(text, sizeof text, "*filter\n:INPUT ACCEPT [0:0]\n%s\nCOMMIT\n", chains[_i].rules);
        check(texts, RULES_INPUT, chains[_i].packet, chains[_i].found);
        check(texts, RULES_FORWARD, chains[_i].packet, "");
}
END_TEST

START_TEST(several_tables)
{
        static const char text[] =
            "*filter\n:INPUT DROP [0:0]\nCOMMIT\n"
            "*mangle\n:INPUT ACCEPT [0:0]\n-A INPUT -p udp -j DROP\nCOMMIT\n";
        const char *texts[RULES_TEXTS] = {[RULES_IPTABLES] = text, [RULES_IP6TABLES_LEGACY] = text};

        check(texts, RULES_INPUT, "udp 10.0.0.1 1 > 10.0.0.2 80",
              "-t mangle -A INPUT -p udp -j DROP");
        check(texts, RULES_INPUT, "tcp 10.0.0.1 1 > 10.0.0.2 80", "-P INPUT DROP");
        check(texts, RULES_INPUT, "tcp 2001:db8::1 1 > 2001:db8::2 80",
              "ip6tables-legacy -P INPUT DROP");
}
END_TEST

#define NFT(rules)                                                                        \
        "{\"nftables\": [{\"chain\": {\"family\": \"inet\", \"table\": \"t\", \"name\": " \
        "\"c\", \"hook\": \"input\", \"prio\": 0, \"policy\": \"accept\"}}, " rules "]}"
#define RULE(handle, statements)                                                 \
        "{\"rule\": {\"family\": \"inet\", \"table\": \"t\", \"chain\": \"c\", " \
        "\"handle\": " handle ", \"expr\": [" statements "]}}"
#define MATCH(left, right) "{\"match\": {\"op\": \"==\", \"left\": " left ", \"right\": " right "}}"
#define PORT "{\"payload\": {\"protocol\": \"tcp\", \"field\": \"dport\"}}"
#define DROP ", {\"drop\": null}"

static const char words[] = "table inet t {\n\tchain c {\n\t\tone # handle 1\n\t\ttwo # handle 2\n"
                            "\t\tother # handle 11\n\t}\n}\n"
                            "table inet u {\n\tchain c {\n\t\twrong # handle 1\n\t}\n}\n";

static const struct {
        const char *json, *packet, *found;
} nft_sets[] = {
    {NFT(RULE("1", MATCH(PORT, "80") DROP)), "tcp 10.0.0.1 1 > 10.0.0.2 80", "nft inet t c: one"},
    {NFT(RULE("1", MATCH(PORT, "80") DROP)), "udp 10.0.0.1 1 > 10.0.0.2 80", ""},
    {NFT(RULE("11", MATCH(PORT, "{\"set\": [1, {\"range\": [79, 81]}]}") DROP)),
     "tcp 10.0.0.1 1 > 10.0.0.2 80", "nft inet t c: other"},
    {NFT(RULE("3", MATCH(PORT, "80") DROP)), "tcp 10.0.0.1 1 > 10.0.0.2 80", "nft inet t c"},
    /* Not understood: perhaps. */
    {NFT(RULE("1", MATCH(PORT, "\"http\"") DROP) ", " RULE("2", "{\"drop\": null}")),
     "tcp 10.0.0.1 1 > 10.0.0.2 80", "nft inet t c: one; nft inet t c: two"},
    {NFT(RULE("1", MATCH(PORT, "\"@nowhere\"") DROP)), "tcp 10.0.0.1 1 > 10.0.0.2 80",
     "nft inet t c: one"},
    {NFT(RULE("1", "{\"limit\": {\"rate\": 1}}" DROP) ", " RULE("2", "{\"reject\": {}}")),
     "tcp 10.0.0.1 1 > 10.0.0.2 80", "nft inet t c: one; nft inet t c: two"},
    {NFT(RULE("1", "{\"future\": {\"x\": 1}}, {\"accept\": null}") ", " RULE("2",
                                                                             "{\"drop\": null}")),
     "tcp 10.0.0.1 1 > 10.0.0.2 80", ""},
    /* A set that holds itself, and what is no rule set. */
    {NFT("{\"set\": {\"family\": \"inet\", \"table\": \"t\", \"name\": \"s\", \"elem\": "
         "[\"@s\"]}}, " RULE(
             "1",
             MATCH("{\"payload\": {\"protocol\": \"ip\", \"field\": \"saddr\"}}", "\"@s\"") DROP)),
     "tcp 10.0.0.1 1 > 10.0.0.2 80", "nft inet t c: one"},
    {NFT("{\"rule\": 7}, {\"chain\": null}, 8"), "tcp 10.0.0.1 1 > 10.0.0.2 80", ""},
    {"{\"nftables\": 7}", "tcp 10.0.0.1 1 > 10.0.0.2 80", ""},
    {"{\"nftables\": [", "tcp 10.0.0.1 1 > 10.0.0.2 80", ""},
};

START_TEST(nft)
{
        const char *texts[RULES_TEXTS] = {
            [RULES_NFT_JSON] = nft_sets[_i].json, [RULES_NFT_TEXT] = words};

        check(texts, RULES_INPUT, nft_sets[_i].packet, nft_sets[_i].found);
}
END_TEST

/* Rules as filters: "expression; interface; program; partly; goes on". */

static bool write_filter(void *context, const struct rules_filter *filter)
{
        text_format(context, "%s %s %u: %s", filter->table, filter->chain, filter->number,
                    filter->expression);
        text_format(context, "%s%s%s%s%s%s\n", filter->interface ? "; " : "",
                    filter->interface ? filter->interface : "", filter->program ? "; " : "",
                    filter->program ? filter->program : "", filter->partly ? "; partly" : "",
                    filter->goes_on ? "; goes on" : "");
        return true;
}

static const struct {
        enum rules_text form;
        const char *text, *wanted;
} as_filters[] = {
    {RULES_IPTABLES, "*filter\n-A INPUT -s 10.0.0.0/8 ! -d 10.0.0.1/32 -p tcp --dport 22 -j DROP\n",
     "filter INPUT 1: ((dst port 22)) and ((ip proto 6)) and ip and not ((dst net 10.0.0.1/32)) "
     "and "
     "ip and ((src net 10.0.0.0/8)) and (ip)\n"},
    {RULES_IP6TABLES,
     "*nat\n-A A -p tcp -m multiport --ports 1,5:9 -i eth+ -m limit --limit 5/s -j LOG\n",
     "nat A 1: ((portrange 5-9) or (port 1)) and ((ip6 proto 6)) and (ip6); in eth*; partly; goes "
     "on\n"},
    {RULES_IPTABLES, "-A A -m bpf --bytecode \"1,6 0 0 1\" -j NFQUEUE\r\n-A A -p xyz -g B\n",
     "filter A 1: (ip); 1,6 0 0 1\nfilter A 2: (ip); partly; goes on\n"},
    {RULES_IPTABLES, ":A - [1:2]\n[12:345] -A A -p tcp -j DROP\n[0:0] -A A -p udp -j DROP\n",
     "filter A 1: ((ip proto 6)) and (ip)\nfilter A 2: ((ip proto 17)) and (ip)\n"},
    /* A mask that is no prefix, and a concatenation, are not read. */
    {RULES_IPTABLES, "-A A -s 10.0.0.1/255.0.0.255 -j DROP\n-A A -j DROP\n",
     "filter A 1: (ip); partly\nfilter A 2: (ip)\n"},
    {RULES_NFT_TEXT,
     "table ip t {\n\tchain c {\n\t\tct original ip saddr 10.0.0.1 tcp dport 80 drop\n"
     "\t\tct reply saddr 10.0.0.1 drop\n\t}\n}\n",
     "ip t c 1: ((dst port 80)) and ((ip proto 6)) and (ip); partly\nip t c 2: (ip); partly\n"},
    {RULES_NFT_TEXT,
     "table ip t {\n\tchain c {\n\t\tip daddr . tcp dport { 1.2.3.4 . 80 } accept\n\t}\n}\n",
     "ip t c 1: ((ip proto 6)) and ((ip)) and (ip); partly\n"},
    {RULES_NFT_TEXT,
     "table inet t {\n\tchain c {\n\t\ttype filter hook input priority filter;\n"
     "\t\tiifname { \"lo\", \"eth0\" } ip saddr { 10.0.0.0/9, 10.0.0.7-10.0.0.9 } tcp sport != 5-6 "
     "counter packets 7 bytes 8 drop comment \"x\" # handle 3\n\t\tip6 daddr @set goto c\n"
     "\t\tmeta l4proto { tcp, 17 } th dport 53 jump c\n\t}\n}\n",
     "inet t c 1: not ((src portrange 5-6)) and ((proto 6)) and ip and ((ip[12:4] >= 167772167 and "
     "ip[12:4] <= 167772169) or (src net 10.0.0.0/9)) and ((ip)) and (ip or ip6); in eth0 lo\n"
     "inet t c 2: ((ip6)) and (ip or ip6); partly\n"
     "inet t c 3: ((dst port 53)) and ((proto 17) or (proto 6)) and (ip or ip6); goes on\n"},
    {RULES_NFT_TEXT,
     "table ip t { chain c { # handle 1\n type filter hook input priority 0; policy drop; udp "
     "sport { "
     "1,\n 2 } \\\n accept; log prefix \"; } #\" drop # } {\n}; chain d { tcp dport 1 drop } }",
     "ip t c 1: ((src port 2) or (src port 1)) and ((ip proto 17)) and (ip)\n"
     "ip t c 2: (ip); partly\n"
     "ip t d 1: ((dst port 1)) and ((ip proto 6)) and (ip)\n"},
    {RULES_IPTABLES,
     "-A A -m iprange --src-range 10.0.0.7-10.0.0.9 ! --dst-range 10.0.0.0-10.0.0.3 -j DROP\n"
     "-A A -m iprange --src-range 10.0.0.7 -j DROP\n",
     "filter A 1: ip and not ((dst net 10.0.0.0/30)) and ip and ((ip[12:4] >= 167772167 and "
     "ip[12:4] <= 167772169)) and (ip)\nfilter A 2: (ip); partly\n"},
    {RULES_IPTABLES,
     "-A A -p udplite -m udplite --dport 53 -j DROP\n-A A -p sctp -m sctp --sport 53 -j DROP\n",
     "filter A 1: ((ip proto 136)) and (ip); partly\n"
     "filter A 2: ((src port 53)) and ((ip proto 132)) and (ip)\n"},
    {RULES_NFT_TEXT,
     "table ip t {\n\tchain c {\n\t\tmeta l4proto { tcp, dccp } th dport 53 drop\n"
     "\t\tth sport 53 drop\n\t\tmeta l4proto != tcp th dport 53 drop\n\t}\n}\n",
     "ip t c 1: ((ip proto 33) or (ip proto 6)) and (ip); partly\n"
     "ip t c 2: (ip); partly\nip t c 3: not ((ip proto 6)) and (ip); partly\n"},
    {RULES_IPTABLES, "-A A -p icmp -m icmp --icmp-type any -j DROP\n",
     "filter A 1: ((icmp[0] >= 0 and icmp[0] <= 255)) and ((ip proto 1)) and (ip)\n"},
    {RULES_IPTABLES,
     "-A A -p icmp -m icmp ! --icmp-type 3/4 -j DROP\n-A A -p icmp -m icmp --icmp-type 3/x -j "
     "DROP\n"
     "-A A -p icmp -m icmp --icmp-type 3/256 -j DROP\n",
     "filter A 1: not ((icmp[0:2] = 772)) and ((ip proto 1)) and (ip)\n"
     "filter A 2: ((ip proto 1)) and (ip); partly\nfilter A 3: ((ip proto 1)) and (ip); partly\n"},
    {RULES_NFT_TEXT,
     "table inet t {\n\tchain c {\n\t\ticmp type echo-request drop\n"
     "\t\ticmpv6 type { echo-request, 1 } drop\n\t\ticmp type nd-redirect drop\n\t}\n}\n",
     "inet t c 1: ((icmp[0] >= 8 and icmp[0] <= 8)) and ((proto 1)) and (ip or ip6)\n"
     "inet t c 2: ((icmp6[0] >= 1 and icmp6[0] <= 1) or (icmp6[0] >= 128 and icmp6[0] <= 128)) and "
     "((proto 58)) and (ip or ip6)\n"
     "inet t c 3: ((proto 1)) and (ip or ip6); partly\n"},
    {RULES_NFT_TEXT, "table ip t {\n\tchain c {\n\t\tmeta iifname \"lo\" drop\n\t}\n}\n",
     "ip t c 1: (ip); in lo\n"},
    {RULES_NFT_TEXT, "table ip t {\n\tchain c {\n\t\ticmp type 8 queue\n\t\tip saddr { 10.0.0.1\n",
     "ip t c 1: ((icmp[0] >= 8 and icmp[0] <= 8)) and ((ip proto 1)) and (ip)\n"
     "ip t c 2: ((ip)) and (ip); partly; goes on\n"},
};

START_TEST(filters)
{
        const char *texts[RULES_TEXTS] = {NULL};
        struct text text = {0};
        struct rules *rules;
        char *found;

        texts[as_filters[_i].form] = as_filters[_i].text;
        rules = rules_new(texts);
        ck_assert_ptr_nonnull(rules);
        ck_assert(rules_visit(rules, write_filter, &text));
        found = text_take(&text);
        ck_assert_str_eq(found, as_filters[_i].wanted);
        free(found);
        rules_free(rules);
}
END_TEST

void unit_tests(Suite *suite)
{
        TCase *rules = unit_case(suite, "rules", UNIT_SECONDS);

        tcase_add_loop_test(rules, iptables, 0, COUNT(chains));
        tcase_add_test(rules, several_tables);
        tcase_add_loop_test(rules, nft, 0, COUNT(nft_sets));
        tcase_add_loop_test(rules, filters, 0, COUNT(as_filters));
}
