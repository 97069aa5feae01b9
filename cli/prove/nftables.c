/* What `nft list ruleset` writes, as a list of filters: a line of a chain is one. Matches that no
 * filter can make leave the rule open: it may match less than its filter does. */
#include "rules.h"

#include <stdlib.h>
#include <string.h>

struct nftables {
        struct filters *filters;
        char family[8];
        char table[64], chain[64];
        unsigned number; /* of the rule in its chain */
};

/* The value of a match: a word, or what stands between braces, without those. */
static char *value_of(char **line, bool *negated)
{
        char *word = rule_word(line), *end;

        *negated = word && strcmp(word, "!=") == 0;
        if (word && (*negated || strcmp(word, "==") == 0))
                word = rule_word(line);
        if (!word || *word != '{')
                return word;
        word = *line;
        end = strchr(word, '}');
        if (!end)
                return NULL;
        *end = '\0';
        *line = end + 1;
        return word + strspn(word, " ");
}

static unsigned protocol_number(const char *name)
{
        static const struct {
                const char *name;
                unsigned number;
        } rows[] = {{"tcp", 6},     {"udp", 17},   {"icmp", 1},  {"ipv6-icmp", 58},
                    {"icmpv6", 58}, {"sctp", 132}, {"dccp", 33}, {"esp", 50},
                    {"ah", 51},     {"gre", 47},   {"igmp", 2}};

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
                if (strcmp(name, rows[i].name) == 0)
                        return rows[i].number;
        return 0;
}

/* `what` for each of a list of protocols. */
static void match_protocols(struct rule *rule, bool negated, const char *what, char *values)
{
        char numbers[200] = "", *state;

        for (char *word = strtok_r(values, ", ", &state); word;
             word = strtok_r(NULL, ", ", &state)) {
                unsigned number = protocol_number(word);
                size_t used = strlen(numbers);

                if (number)
                        snprintf(numbers + used, sizeof numbers - used, "%s%u", used ? "," : "",
                                 number);
                else if (word[strspn(word, "0123456789")] == '\0')
                        snprintf(numbers + used, sizeof numbers - used, "%s%.3s", used ? "," : "",
                                 word);
                else
                        rule->partly = true;
        }
        if (*numbers)
                rule_match_list(rule, negated, what, numbers);
}

/* Sets by name, ranges of addresses and masks of ports are left open. */
static bool is_plain(const char *values, bool port)
{
        return *values &&
               values[strspn(values, port ? "0123456789, -" : "0123456789abcdefABCDEF.:/, ")] ==
                   '\0';
}

static void match_values(struct rule *rule, bool negated, const char *what, const char *values)
{
        if (is_plain(values, strstr(what, "port")))
                rule_match_list(rule, negated, what, values);
        else
                rule->partly = true;
}

static const struct match {
        const char *header, *field; /* "ip", "saddr" */
        const char *what;           /* in front of each value of the expression */
        const char *implies;        /* what the header itself asks for; or NULL */
} matches[] = {
    {"ip", "saddr", "src net", "ip"},         {"ip", "daddr", "dst net", "ip"},
    {"ip6", "saddr", "src net", "ip6"},       {"ip6", "daddr", "dst net", "ip6"},
    {"tcp", "sport", "tcp src port", NULL},   {"tcp", "dport", "tcp dst port", NULL},
    {"udp", "sport", "udp src port", NULL},   {"udp", "dport", "udp dst port", NULL},
    {"sctp", "sport", "sctp src port", NULL}, {"sctp", "dport", "sctp dst port", NULL},
    {"th", "sport", "src port", NULL},        {"th", "dport", "dst port", NULL},
};

/* True if the words are a match that is known. */
static bool read_match(struct rule *rule, const char *header, const char *field, char **line)
{
        bool negated;

        for (size_t i = 0; i < sizeof matches / sizeof *matches; i++) {
                const struct match *match = &matches[i];
                char *value;

                if (strcmp(match->header, header) != 0 || strcmp(match->field, field) != 0)
                        continue;
                value = value_of(line, &negated);
                if (match->implies)
                        rule_match(rule, false, "%s", match->implies);
                if (negated && !match->implies)
                        rule_match(rule, false, "%.*s", (int)strcspn(match->what, " "),
                                   match->what);
                if (value)
                        match_values(rule, negated, match->what, value);
                else
                        rule->partly = true;
                return true;
        }
        if ((strcmp(header, "ip") == 0 && strcmp(field, "protocol") == 0) ||
            (strcmp(header, "meta") == 0 && strcmp(field, "l4proto") == 0)) {
                char *value = value_of(line, &negated);

                if (value)
                        match_protocols(rule, negated,
                                        strcmp(header, "ip") == 0 ? "ip proto" : "proto", value);
                return true;
        }
        return false;
}

/* What a rule ends with: whether the packet goes no further, by name. */
static bool ends(const char *word)
{
        static const char *const words[] = {"accept", "drop", "reject", "return", "goto", "queue"};

        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
                if (strcmp(word, words[i]) == 0)
                        return true;
        return false;
}

/* Words that match nothing, and how many follow that belong to them; -1 if it is none of these. */
static int harmless(const char *word)
{
        if (strcmp(word, "counter") == 0)
                return 4; /* packets N bytes N */
        if (strcmp(word, "comment") == 0)
                return 1;
        if (strcmp(word, "log") == 0)
                return 0;
        return -1;
}

static void read_matches(struct rule *rule, char *line)
{
        char *word;

        rule->goes_on = true;
        while ((word = rule_word(&line))) {
                int follow = harmless(word);
                char *field;

                if (ends(word)) {
                        rule->goes_on = false;
                        return;
                }
                if (strcmp(word, "jump") == 0)
                        return;
                for (int i = 0; i < follow; i++)
                        rule_word(&line);
                if (follow >= 0)
                        continue;
                if (strcmp(word, "iifname") == 0 || strcmp(word, "oifname") == 0 ||
                    strcmp(word, "iif") == 0 || strcmp(word, "oif") == 0) {
                        bool negated;
                        char *value = value_of(&line, &negated);

                        if (value)
                                rule_interface(rule, negated, word, value);
                        continue;
                }
                field = rule_word(&line);
                if (!field || !read_match(rule, word, field, &line))
                        rule->partly = true;
        }
}

static int read_rule(struct nftables *nftables, char *line)
{
        struct rule rule = {0};
        char name[160];

        rule.family = strcmp(nftables->family, "ip") == 0 || strcmp(nftables->family, "ip6") == 0
                          ? nftables->family
                          : "ip or ip6";
        read_matches(&rule, line);
        snprintf(name, sizeof name, "%s %s %s", nftables->family, nftables->table, nftables->chain);
        return rule_finish(&rule, nftables->filters, name, ++nftables->number);
}

static void read_heading(struct nftables *nftables, char *line)
{
        char *kind = rule_word(&line), *first = rule_word(&line), *second = rule_word(&line);

        if (!kind || !first || !second)
                return;
        if (strcmp(kind, "table") == 0) {
                snprintf(nftables->family, sizeof nftables->family, "%.7s", first);
                snprintf(nftables->table, sizeof nftables->table, "%.63s", second);
        } else if (strcmp(kind, "chain") == 0) {
                snprintf(nftables->chain, sizeof nftables->chain, "%.63s", first);
                nftables->number = 0;
        }
}

/* Lines of a chain that are no rules. */
static bool is_declaration(const char *line)
{
        return strncmp(line, "type ", 5) == 0 || strncmp(line, "policy ", 7) == 0 ||
               strncmp(line, "comment ", 8) == 0;
}

int set_read_nftables(struct filters *filters, char *text)
{
        struct nftables nftables = {.filters = filters};
        int status = GO_ON;
        bool in_chain = false;

        for (char *line = text, *next; line && status == GO_ON; line = next) {
                size_t length;

                next = strchr(line, '\n');
                if (next)
                        *next++ = '\0';
                line += strspn(line, " \t");
                line[strcspn(line, "\r")] = '\0';
                length = strlen(line);
                if (length > 0 && line[length - 1] == '{') {
                        in_chain = strncmp(line, "chain ", 6) == 0;
                        read_heading(&nftables, line);
                } else if (strcmp(line, "}") == 0) {
                        in_chain = false;
                } else if (in_chain && length > 0 && *line != '#' && !is_declaration(line)) {
                        status = read_rule(&nftables, line);
                }
        }
        return status;
}
