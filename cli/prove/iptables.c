/* What iptables-save writes, as a list of filters: a rule that begins with -A is one. Matches that
 * no filter can make leave the rule open: it may match less than its filter does. */
#include "rules.h"

#include <stdlib.h>
#include <string.h>

struct iptables {
        struct filters *filters;
        bool version6;
        char table[32];
        char chain[64];
        unsigned number; /* of the rule in its chain */
};

static const struct protocol {
        const char *name;
        unsigned number;
} protocols[] = {{"tcp", 6},    {"udp", 17},      {"icmp", 1}, {"icmpv6", 58}, {"ipv6-icmp", 58},
                 {"sctp", 132}, {"dccp", 33},     {"esp", 50}, {"ah", 51},     {"gre", 47},
                 {"igmp", 2},   {"udplite", 136}, {NULL, 0}};

static void match_protocol(struct rule *rule, bool version6, bool negated, const char *name)
{
        const struct protocol *row = protocols;

        if (strcmp(name, "all") == 0)
                return;
        while (row->name && strcmp(row->name, name) != 0)
                row++;
        if (row->name)
                rule_match(rule, negated, "%s proto %u", version6 ? "ip6" : "ip", row->number);
        else
                rule_match(rule, negated, "%s proto %s", version6 ? "ip6" : "ip", name);
}

static void match_address(struct rule *rule, bool negated, const char *what, const char *address)
{
        rule_match(rule, negated, "%s %s %s", what, strchr(address, '/') ? "net" : "host", address);
}

static void match_bytecode(struct rule *rule, const char *bytecode)
{
        struct error error;

        if (cbpf_read(bytecode, strlen(bytecode), &rule->program, &error) < 0)
                rule->partly = true;
}

static void match_icmp(struct rule *rule, bool version6, bool negated, const char *type)
{
        if (type[strspn(type, "0123456789")] == '\0')
                rule_match(rule, negated, "%s[0] = %s", version6 ? "icmp6" : "icmp", type);
        else
                rule->partly = true;
}

/* An option and its value; `option` without a value leaves the rule open. */
static void match(const struct iptables *iptables, struct rule *rule, bool negated,
                  const char *option, const char *value)
{
        static const char *const ports[][2] = {
            {"--sport", "src port"},  {"--source-port", "src port"},
            {"--sports", "src port"}, {"--source-ports", "src port"},
            {"--dport", "dst port"},  {"--destination-port", "dst port"},
            {"--dports", "dst port"}, {"--destination-ports", "dst port"},
            {"--ports", "port"}};
        bool version6 = iptables->version6;

        for (size_t i = 0; i < sizeof ports / sizeof *ports; i++)
                if (strcmp(option, ports[i][0]) == 0) {
                        rule_match_list(rule, negated, ports[i][1], value);
                        return;
                }
        if (strcmp(option, "-p") == 0)
                match_protocol(rule, version6, negated, value);
        else if (strcmp(option, "-s") == 0)
                match_address(rule, negated, "src", value);
        else if (strcmp(option, "-d") == 0)
                match_address(rule, negated, "dst", value);
        else if (strcmp(option, "-i") == 0 || strcmp(option, "-o") == 0)
                rule_interface(rule, negated, option, value);
        else if (strcmp(option, "--bytecode") == 0 && !negated)
                match_bytecode(rule, value);
        else if (strcmp(option, "--icmp-type") == 0 || strcmp(option, "--icmpv6-type") == 0)
                match_icmp(rule, version6, negated, value);
        else
                rule->partly = true;
}

/* Where a packet goes that ends here: other targets are chains, or do something and go on. */
static bool ends(const char *target)
{
        static const char *const targets[] = {"ACCEPT",     "DROP",    "REJECT", "RETURN",
                                              "QUEUE",      "NFQUEUE", "DNAT",   "SNAT",
                                              "MASQUERADE", "REDIRECT"};

        for (size_t i = 0; i < sizeof targets / sizeof *targets; i++)
                if (strcmp(target, targets[i]) == 0)
                        return true;
        return false;
}

/* What stands behind -A CHAIN. */
static void read_matches(const struct iptables *iptables, struct rule *rule, char *line)
{
        bool negated = false;
        char *word, *value;

        rule->goes_on = true;
        rule->family = iptables->version6 ? "ip6" : "ip";
        while ((word = rule_word(&line))) {
                if (strcmp(word, "!") == 0) {
                        negated = true;
                        continue;
                }
                value = *word == '-' ? rule_word(&line) : NULL;
                if (!value) {
                        rule->partly = true;
                } else if (strcmp(word, "-j") == 0 || strcmp(word, "-g") == 0) {
                        rule->goes_on = !ends(value) && strcmp(word, "-g") != 0;
                        break; /* options of the target follow */
                } else if (strcmp(word, "-m") != 0 && strcmp(word, "--comment") != 0) {
                        match(iptables, rule, negated, word, value);
                }
                negated = false;
        }
}

static int read_rule(struct iptables *iptables, char *line)
{
        char *chain = rule_word(&line), name[sizeof iptables->table + sizeof iptables->chain];
        struct rule rule = {0};

        if (!chain || strlen(chain) >= sizeof iptables->chain)
                return GO_ON;
        if (strcmp(chain, iptables->chain) != 0) {
                strcpy(iptables->chain, chain);
                iptables->number = 0;
        }
        read_matches(iptables, &rule, line);
        snprintf(name, sizeof name, "%s%s%s", iptables->table, *iptables->table ? " " : "",
                 iptables->chain);
        return rule_finish(&rule, iptables->filters, name, ++iptables->number);
}

int set_read_iptables(struct filters *filters, char *text)
{
        struct iptables iptables = {.filters = filters,
                                    .version6 = strstr(text, "ip6tables-save") != NULL};
        int status = GO_ON;

        for (char *line = text, *next; line && status == GO_ON; line = next) {
                next = strchr(line, '\n');
                if (next)
                        *next++ = '\0';
                if (*line == '*') {
                        line[strcspn(line, " \r")] = '\0';
                        snprintf(iptables.table, sizeof iptables.table, "%.31s",
                                 strcmp(line, "*filter") == 0 ? "" : line + 1);
                        *iptables.chain = '\0';
                } else if (strncmp(line, "-A ", 3) == 0) {
                        status = read_rule(&iptables, line + 3);
                }
        }
        return status;
}
