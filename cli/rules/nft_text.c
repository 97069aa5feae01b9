/* Rule sets of nftables, as nft(8) prints them for people: a line of a chain is a rule. What is not
 * known here makes a condition that perhaps holds. */
#include "model.h"

#include "base/array.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reading {
        struct rules *rules;
        char family[16], table[200];
        struct rules_chain *chain; /* NULL outside */
};

/* The next word of a line, which is cut there: quotes hold spaces together. NULL at its end. */
static char *next_word(char **line)
{
        char *word = *line + strspn(*line, " \t\r"), quote = *word, *end;

        if (!*word)
                return NULL;
        if (quote == '"')
                word++;
        end = quote == '"' ? strchr(word, '"') : word + strcspn(word, " \t\r");
        if (!end)
                end = word + strlen(word);
        *line = *end ? end + 1 : end;
        *end = '\0';
        return word;
}

/* The value of a match: a word, or what stands between braces, without those. */
static char *next_value(char **line, bool *negated)
{
        char *word = next_word(line), *end;

        *negated = word && strcmp(word, "!=") == 0;
        if (word && (*negated || strcmp(word, "==") == 0))
                word = next_word(line);
        if (!word || *word != '{')
                return word;
        word = *line;
        end = strchr(word, '}');
        if (!end)
                return NULL;
        *end = '\0';
        *line = end + 1;
        return word;
}

/* --- Values --- */

static bool add_numbers(struct rules *rules, struct rules_condition *condition, const char *value)
{
        char *end;
        unsigned long from = strtoul(value, &end, 10), to = from;

        if (*end == '-')
                to = strtoul(end + 1, &end, 10);
        if (*end || end == value || to > UINT16_MAX || from > to)
                return false;
        rules_add_numbers(rules, condition, (uint32_t)from, (uint32_t)to);
        return true;
}

static bool add_addresses(struct rules *rules, struct rules_condition *condition, char *value)
{
        char *slash = strchr(value, '/'), *dash = strchr(value, '-'), *end = "";
        long length = slash ? strtol(slash + 1, &end, 10) : -1;

        if (dash) {
                *dash = '\0';
                return rules_add_addresses(rules, condition, value, dash + 1);
        }
        if (slash)
                *slash = '\0';
        return !*end && length <= 128 && (!slash || length >= 0) &&
               rules_add_prefix(rules, condition, value, (int)length);
}

static const struct {
        const char *header, *name;
        uint8_t type;
} types[] = {
    {"icmp", "echo-reply", 0},
    {"icmp", "destination-unreachable", 3},
    {"icmp", "source-quench", 4},
    {"icmp", "redirect", 5},
    {"icmp", "echo-request", 8},
    {"icmp", "router-advertisement", 9},
    {"icmp", "router-solicitation", 10},
    {"icmp", "time-exceeded", 11},
    {"icmp", "parameter-problem", 12},
    {"icmp", "timestamp-request", 13},
    {"icmp", "timestamp-reply", 14},
    {"icmp", "info-request", 15},
    {"icmp", "info-reply", 16},
    {"icmp", "address-mask-request", 17},
    {"icmp", "address-mask-reply", 18},
    {"icmpv6", "destination-unreachable", 1},
    {"icmpv6", "packet-too-big", 2},
    {"icmpv6", "time-exceeded", 3},
    {"icmpv6", "parameter-problem", 4},
    {"icmpv6", "echo-request", 128},
    {"icmpv6", "echo-reply", 129},
    {"icmpv6", "mld-listener-query", 130},
    {"icmpv6", "mld-listener-report", 131},
    {"icmpv6", "mld-listener-done", 132},
    {"icmpv6", "mld-listener-reduction", 132},
    {"icmpv6", "nd-router-solicit", 133},
    {"icmpv6", "nd-router-advert", 134},
    {"icmpv6", "nd-neighbor-solicit", 135},
    {"icmpv6", "nd-neighbor-advert", 136},
    {"icmpv6", "nd-redirect", 137},
    {"icmpv6", "router-renumbering", 138},
    {"icmpv6", "ind-neighbor-solicit", 141},
    {"icmpv6", "ind-neighbor-advert", 142},
    {"icmpv6", "mld2-listener-report", 143},
};

static bool add_type(struct rules *rules, struct rules_condition *condition, const char *header,
                     const char *value)
{
        for (size_t i = 0; i < array_count(types); i++)
                if (strcmp(types[i].header, header) == 0 && strcmp(types[i].name, value) == 0) {
                        rules_add_numbers(rules, condition, types[i].type, types[i].type);
                        return true;
                }
        return add_numbers(rules, condition, value);
}

static bool add_value(struct rules *rules, struct rules_condition *condition, const char *header,
                      char *value)
{
        unsigned protocol;

        switch (condition->field) {
        case FIELD_SOURCE:
        case FIELD_DESTINATION: return add_addresses(rules, condition, value);
        case FIELD_TYPE: return add_type(rules, condition, header, value);
        case FIELD_IN:
        case FIELD_OUT: rules_add_name(rules, condition, value); return true;
        case FIELD_PROTOCOL:
                protocol = rules_protocol(value);
                if (!protocol)
                        return add_numbers(rules, condition, value);
                rules_add_numbers(rules, condition, protocol, protocol);
                return true;
        default: return add_numbers(rules, condition, value);
        }
}

/* Values with commas between, some in quotes. Those that are not all known make it unknown. */
static void ask(struct rules *rules, struct rules_line *line, enum rules_field field,
                const char *header, char **rest)
{
        struct rules_condition condition = {.field = field};
        char *values = next_value(rest, &condition.negated), *state = NULL;
        bool good = values != NULL;

        for (char *value = good ? strtok_r(values, ", \"", &state) : NULL; value && good;
             value = strtok_r(NULL, ", \"", &state))
                good = add_value(rules, &condition, header, value);
        if (good && condition.ranges)
                rules_add_condition(rules, line, &condition);
        else
                rules_ask_perhaps(rules, line);
}

/* --- Rules --- */

static const struct {
        const char *header, *field; /* NULL: one that has ports */
        enum rules_field asks;
} matches[] = {
    {"ip", "saddr", FIELD_SOURCE},      {"ip", "daddr", FIELD_DESTINATION},
    {"ip6", "saddr", FIELD_SOURCE},     {"ip6", "daddr", FIELD_DESTINATION},
    {"ip", "protocol", FIELD_PROTOCOL}, {"meta", "l4proto", FIELD_PROTOCOL},
    {"icmp", "type", FIELD_TYPE},       {"icmpv6", "type", FIELD_TYPE},
    {NULL, "sport", FIELD_SOURCE_PORT}, {NULL, "dport", FIELD_DESTINATION_PORT},
};

static const struct {
        const char *word;
        enum rules_field asks;
} interfaces[] = {
    {"iifname", FIELD_IN}, {"iif", FIELD_IN}, {"oifname", FIELD_OUT}, {"oif", FIELD_OUT}};

static const struct {
        const char *word;
        enum rules_verdict verdict;
} verdicts[] = {
    {"accept", VERDICT_ACCEPT}, {"drop", VERDICT_DROP},        {"reject", VERDICT_DROP},
    {"return", VERDICT_RETURN}, {"jump", VERDICT_JUMP},        {"goto", VERDICT_GOTO},
    {"queue", VERDICT_QUEUE},   {"synproxy", VERDICT_UNKNOWN},
};

static bool has_ports(const char *header)
{
        static const char *const headers[] = {"tcp", "udp", "sctp", "dccp", "udplite", "th"};

        for (size_t i = 0; i < array_count(headers); i++)
                if (strcmp(header, headers[i]) == 0)
                        return true;
        return false;
}

static void read_match(struct rules *rules, struct rules_line *line, const char *header,
                       const char *field, char **rest)
{
        for (size_t i = 0; field && i < array_count(matches); i++)
                if (strcmp(matches[i].field, field) == 0 &&
                    (matches[i].header ? strcmp(matches[i].header, header) == 0
                                       : has_ports(header))) {
                        rules_imply(rules, line, header);
                        ask(rules, line, matches[i].asks, header, rest);
                        return;
                }
        rules_ask_perhaps(rules, line);
}

/* Words that match nothing: skips those that belong to them. False if it is none of these. */
static bool is_harmless(const char *word, char **rest)
{
        int follow = strcmp(word, "counter") == 0   ? 4 /* packets N bytes N */
                     : strcmp(word, "comment") == 0 ? 1
                     : strcmp(word, "log") == 0     ? 0
                                                    : -1;

        for (int i = 0; i < follow; i++)
                next_word(rest);
        return follow >= 0;
}

static bool read_verdict(struct rules_line *line, const char *word)
{
        for (size_t i = 0; i < array_count(verdicts); i++)
                if (strcmp(word, verdicts[i].word) == 0) {
                        line->verdict = verdicts[i].verdict;
                        return true;
                }
        return false;
}

static bool read_interface(struct rules *rules, struct rules_line *line, const char *word,
                           char **rest)
{
        for (size_t i = 0; i < array_count(interfaces); i++)
                if (strcmp(word, interfaces[i].word) == 0) {
                        ask(rules, line, interfaces[i].asks, "meta", rest);
                        return true;
                }
        return false;
}

/* `ct original ip saddr 10.0.0.1` asks for an address of the connection, not of the packet: skips
 * it. False if it is none of these. */
static bool is_of_connection(const char *word, const char *field, char **rest)
{
        const char *asked;
        bool negated;

        if (!field || strcmp(word, "ct") != 0 ||
            (strcmp(field, "original") != 0 && strcmp(field, "reply") != 0))
                return false;
        asked = next_word(rest);
        if (asked && (strcmp(asked, "ip") == 0 || strcmp(asked, "ip6") == 0))
                next_word(rest);
        next_value(rest, &negated);
        return true;
}

static void read_rule(const struct reading *reading, char *text)
{
        const struct rules_line line = {
            .rule = {.text = rules_print(reading->rules, "nft %s %s: %s", reading->chain->table,
                                         reading->chain->name, text),
                     .number = reading->chain->count + 1,
                     .table = reading->chain->table,
                     .chain = reading->chain->name}};
        struct rules_line *added =
            line.rule.text ? rules_add_line(reading->rules, reading->chain, &line) : NULL;
        char *word, *field;

        while (added && (word = next_word(&text))) {
                if (read_verdict(added, word))
                        return; /* what follows belongs to that */
                if (is_harmless(word, &text) || read_interface(reading->rules, added, word, &text))
                        continue;
                field = next_word(&text);
                if (is_of_connection(word, field, &text))
                        rules_ask_perhaps(reading->rules, added);
                else if (!field || strcmp(word, "meta") != 0 ||
                         !read_interface(reading->rules, added, field, &text))
                        read_match(reading->rules, added, word, field, &text);
        }
}

/* --- Chains --- */

static void open_chain(struct reading *reading, const char *name)
{
        struct rules_chain chain = {
            .program = "nft",
            .table = rules_print(reading->rules, "%s %s", reading->family, reading->table),
            .name = rules_copy(reading->rules, name, strlen(name)),
        };

        chain.family = rules_nft_family(reading->family, &chain.nft_family);
        if (chain.family >= 0 && chain.table && chain.name)
                reading->chain = rules_add_chain(reading->rules, &chain);
}

/* "table inet filter {", "chain input {", and others. */
static void read_heading(struct reading *reading, char *line)
{
        char *kind = next_word(&line), *first = next_word(&line), *second = next_word(&line);

        reading->chain = NULL;
        if (!kind || !first || !second)
                return;
        if (strcmp(kind, "table") == 0) {
                snprintf(reading->family, sizeof reading->family, "%s", first);
                snprintf(reading->table, sizeof reading->table, "%s", second);
        } else if (strcmp(kind, "chain") == 0) {
                open_chain(reading, first);
        }
}

/* Lines of a chain that are no rules. */
static bool is_declaration(const char *line)
{
        return strncmp(line, "type ", 5) == 0 || strncmp(line, "policy ", 7) == 0 ||
               strncmp(line, "comment ", 8) == 0;
}

static void read_line(struct reading *reading, char *line)
{
        size_t length;

        line += strspn(line, " \t");
        line[strcspn(line, "\r")] = '\0';
        length = strlen(line);
        if (length > 0 && line[length - 1] == '{')
                read_heading(reading, line);
        else if (strcmp(line, "}") == 0)
                reading->chain = NULL;
        else if (reading->chain && length > 0 && !is_declaration(line))
                read_rule(reading, line);
}

void rules_read_nft_text(struct rules *rules, const char *text)
{
        struct reading reading = {.rules = rules};
        bool whole;
        char *copy = text ? rules_cut_nft_text(text, &whole) : NULL, *rest = copy, *line;

        rules->failed = rules->failed || (text && !copy);
        while (!rules->failed && (line = strsep(&rest, "\n")))
                read_line(&reading, line);
        free(copy);
}
