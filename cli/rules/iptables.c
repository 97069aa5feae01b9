/* Rule sets as iptables-save(8) prints them: "*filter", ":INPUT ACCEPT [0:0]", "-A INPUT -p icmp -j
 * DROP". Options that are not known here make a condition that perhaps holds. */
#include "model.h"

#include "base/array.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static const struct {
        const char *chain;
        enum rules_hook hook;
} hooks[] = {
    {"PREROUTING", RULES_PREROUTING},   {"INPUT", RULES_INPUT},
    {"FORWARD", RULES_FORWARD},         {"OUTPUT", RULES_OUTPUT},
    {"POSTROUTING", RULES_POSTROUTING},
};

static const struct {
        const char *table;
        int priority;
} priorities[] = {{"raw", -300}, {"mangle", -150}, {"nat", -100}, {"filter", 0}, {"security", 50}};

/* Those that end a packet's way through the chain, or go on. What is in neither table and is no
 * chain may drop. */
static const struct {
        const char *target;
        enum rules_verdict verdict;
} targets[] = {
    {"ACCEPT", VERDICT_ACCEPT}, {"DROP", VERDICT_DROP},         {"REJECT", VERDICT_DROP},
    {"RETURN", VERDICT_RETURN}, {"DNAT", VERDICT_ACCEPT},       {"SNAT", VERDICT_ACCEPT},
    {"NETMAP", VERDICT_ACCEPT}, {"MASQUERADE", VERDICT_ACCEPT}, {"REDIRECT", VERDICT_ACCEPT},
    {"QUEUE", VERDICT_QUEUE},   {"NFQUEUE", VERDICT_QUEUE},
};
static const char *const harmless[] = {
    "LOG",         "NFLOG", "MARK", "CONNMARK", "TRACE",     "TCPMSS", "CHECKSUM", "CT",
    "NOTRACK",     "SET",   "TOS",  "DSCP",     "HL",        "TTL",    "CLASSIFY", "SECMARK",
    "CONNSECMARK", "AUDIT", "TEE",  "ECN",      "IDLETIMER", "LED",    "RATEEST",  "TCPOPTSTRIP",
};

/* --- Words of a line --- */

enum { MOST_WORDS = 128 };

struct words {
        char *words[MOST_WORDS];
        size_t count, at;
};

/* Cuts the line at blanks; quotes keep them together. */
static void split(char *line, struct words *words)
{
        *words = (struct words){.count = 0};
        while (words->count < MOST_WORDS && *(line += strspn(line, " "))) {
                const bool quoted = *line == '"';

                line += quoted;
                words->words[words->count++] = line;
                for (; *line && *line != (quoted ? '"' : ' '); line++)
                        if (quoted && *line == '\\' && line[1])
                                line++;
                if (*line)
                        *line++ = '\0';
        }
}

static const char *next(struct words *words)
{
        return words->at < words->count ? words->words[words->at++] : NULL;
}

/* --- Options --- */

/* Each adds what `value` says to the condition; false if that is not understood. */
typedef bool add_value(struct rules *rules, struct rules_condition *condition, const char *value);

static bool add_protocol(struct rules *rules, struct rules_condition *condition, const char *value)
{
        char *end;
        unsigned long number = strtoul(value, &end, 10);

        if (*end)
                number = rules_protocol(value);
        if (number == 0)
                return false;
        rules_add_numbers(rules, condition, (uint32_t)number, (uint32_t)number);
        return true;
}

/* The length of a prefix, given as such or as a mask; -1 if it is none. */
static int prefix_length(const char *text)
{
        struct in_addr mask;
        char *end;
        long length = strtol(text, &end, 10);
        uint32_t bits;

        if (*end == '\0' && end > text)
                return length >= 0 && length <= 128 ? (int)length : -1;
        if (inet_pton(AF_INET, text, &mask) != 1)
                return -1;
        bits = ntohl(mask.s_addr);
        for (length = 0; bits & 0x80000000u; bits <<= 1)
                length++;
        return bits == 0 ? (int)length : -1;
}

static bool add_address(struct rules *rules, struct rules_condition *condition, const char *value)
{
        char address[INET6_ADDRSTRLEN];
        const char *slash = strchrnul(value, '/');
        int length = *slash ? prefix_length(slash + 1) : 128;

        if (length < 0)
                return false;
        snprintf(address, sizeof address, "%.*s", (int)(slash - value), value);
        return rules_add_prefix(rules, condition, address, *slash ? length : -1);
}

/* "192.0.2.1-192.0.2.9" */
static bool add_addresses(struct rules *rules, struct rules_condition *condition, const char *value)
{
        char first[INET6_ADDRSTRLEN];
        const char *dash = strchrnul(value, '-');

        if (!*dash)
                return false;
        snprintf(first, sizeof first, "%.*s", (int)(dash - value), value);
        return rules_add_addresses(rules, condition, first, dash + 1);
}

/* "*" alone is iptables' sign for the rest of a name. */
static bool add_interface(struct rules *rules, struct rules_condition *condition, const char *value)
{
        char name[64];
        size_t length = strlen(value);

        if (length == 0 || length >= sizeof name)
                return false;
        snprintf(name, sizeof name, "%s", value);
        if (name[length - 1] == '+')
                name[length - 1] = '*';
        rules_add_name(rules, condition, name);
        return true;
}

/* "80", "1000:2000", several with commas between. */
static bool add_ports(struct rules *rules, struct rules_condition *condition, const char *value)
{
        for (;;) {
                char *end;
                unsigned long from = strtoul(value, &end, 10), to = from;

                if (*end == ':')
                        to = strtoul(end + 1, &end, 10);
                if ((*end && *end != ',') || end == value || to > UINT16_MAX || from > to)
                        return false;
                rules_add_numbers(rules, condition, (uint32_t)from, (uint32_t)to);
                if (!*end)
                        return true;
                value = end + 1;
        }
}

/* "8", "8/0", "any" */
static bool add_type(struct rules *rules, struct rules_condition *condition, const char *value)
{
        char *end;
        unsigned long type = strtoul(value, &end, 10), code;

        if (strcmp(value, "any") == 0) {
                rules_add_numbers(rules, condition, 0, UINT8_MAX);
                return true;
        }
        if (end == value || type > UINT8_MAX)
                return false;
        if (*end == '\0') {
                rules_add_numbers(rules, condition, (uint32_t)type, (uint32_t)type);
                return true;
        }
        value = end + 1;
        code = strtoul(value, &end, 10);
        if (value[-1] != '/' || *end || end == value || code > UINT8_MAX)
                return false;
        code |= type << 8;
        rules_add_numbers(rules, condition, (uint32_t)code, (uint32_t)code);
        condition->field = FIELD_TYPE_AND_CODE;
        return true;
}

/* "4,48 0 0 9,21 0 1 6,6 0 0 65535,6 0 0 0" */
static bool add_program(struct rules *rules, struct rules_condition *condition, const char *value)
{
        rules_add_name(rules, condition, value);
        return true;
}

static const struct {
        const char *name;
        enum rules_field field;
        add_value *add;
} options[] = {
    {"-p", FIELD_PROTOCOL, add_protocol},
    {"-s", FIELD_SOURCE, add_address},
    {"-d", FIELD_DESTINATION, add_address},
    {"--src-range", FIELD_SOURCE, add_addresses},
    {"--dst-range", FIELD_DESTINATION, add_addresses},
    {"-i", FIELD_IN, add_interface},
    {"-o", FIELD_OUT, add_interface},
    {"--sport", FIELD_SOURCE_PORT, add_ports},
    {"--source-port", FIELD_SOURCE_PORT, add_ports},
    {"--source-ports", FIELD_SOURCE_PORT, add_ports},
    {"--destination-port", FIELD_DESTINATION_PORT, add_ports},
    {"--destination-ports", FIELD_DESTINATION_PORT, add_ports},
    {"--dport", FIELD_DESTINATION_PORT, add_ports},
    {"--sports", FIELD_SOURCE_PORT, add_ports},
    {"--dports", FIELD_DESTINATION_PORT, add_ports},
    {"--ports", FIELD_ANY_PORT, add_ports},
    {"--icmp-type", FIELD_TYPE, add_type},
    {"--icmpv6-type", FIELD_TYPE, add_type},
    {"--bytecode", FIELD_PROGRAM, add_program},
};

static void read_option(struct rules *rules, struct rules_line *line, const char *name,
                        bool negated, struct words *words)
{
        struct rules_condition condition = {.field = FIELD_UNKNOWN}, *added;
        size_t i = 0;

        while (i < array_count(options) && strcmp(options[i].name, name) != 0)
                i++;
        added = rules_add_condition(rules, line, &condition);
        if (!added || i == array_count(options) || words->at == words->count)
                return;
        if (options[i].add(rules, added, words->words[words->at++])) {
                if (added->field == FIELD_UNKNOWN)
                        added->field = options[i].field;
                added->negated = negated;
        } else {
                added->family = 0;
        }
}

/* --- Lines --- */

struct reading {
        struct rules *rules;
        int family;
        bool legacy;
        const char *program; /* and whose tables: "iptables" */
        const char *table;
};

static void set_verdict(const struct reading *reading, struct rules_line *line, const char *target)
{
        line->verdict = VERDICT_UNKNOWN;
        for (size_t i = 0; i < array_count(targets); i++)
                if (strcmp(target, targets[i].target) == 0)
                        line->verdict = targets[i].verdict;
        for (size_t i = 0; i < array_count(harmless); i++)
                if (strcmp(target, harmless[i]) == 0)
                        line->verdict = VERDICT_NONE;
        if (!rules_find_chain(reading->rules, reading->program, reading->table, target))
                return;
        line->verdict = VERDICT_JUMP;
        line->target = rules_copy(reading->rules, target, strlen(target));
}

/* What follows the target are its own options. */
static void read_conditions(const struct reading *reading, struct rules_line *line,
                            struct words *words)
{
        bool negated = false;
        const char *word;

        while ((word = next(words))) {
                const bool goes = strcmp(word, "-g") == 0;

                if ((goes || strcmp(word, "-j") == 0) && words->at < words->count) {
                        set_verdict(reading, line, next(words));
                        if (goes && line->verdict == VERDICT_JUMP)
                                line->verdict = VERDICT_GOTO;
                        return;
                }
                if (strcmp(word, "-m") == 0 || strcmp(word, "--comment") == 0)
                        next(words);
                else if (strcmp(word, "!") == 0)
                        negated = true;
                else if (*word == '-') {
                        read_option(reading->rules, line, word, negated, words);
                        negated = false;
                }
        }
}

/* What the program is called with for this table: "ip6tables -t raw ". */
static const char *words_before(const struct reading *reading)
{
        const bool plain = reading->family == AF_INET && !reading->legacy;
        const bool filter = strcmp(reading->table, "filter") == 0;

        return rules_print(reading->rules, "%s%s%s%s%s", plain ? "" : reading->program,
                           plain ? "" : " ", filter ? "" : "-t ", filter ? "" : reading->table,
                           filter ? "" : " ");
}

/* One that no line has told of: it stands nowhere. */
static struct rules_chain *add_chain(const struct reading *reading, const char *name)
{
        const struct rules_chain chain = {
            .program = reading->program,
            .table = reading->table,
            .name = rules_copy(reading->rules, name, strlen(name)),
            .family = reading->family,
            .nft_family = "",
        };

        return chain.name ? rules_add_chain(reading->rules, &chain) : NULL;
}

/* "-A CHAIN ..."; `text` is cut into words. */
static void read_rule(const struct reading *reading, char *text)
{
        const char *before = words_before(reading);
        struct rules_line line = {
            .rule.text = rules_print(reading->rules, "%s%s", before ? before : "", text)};
        struct words words;
        struct rules_line *added;
        struct rules_chain *chain;

        split(text, &words);
        if (words.count < 2 || !line.rule.text)
                return;
        words.at = 2;
        chain = rules_find_chain(reading->rules, reading->program, reading->table, words.words[1]);
        if (!chain)
                chain = add_chain(reading, words.words[1]);
        if (!chain)
                return;
        line.rule.number = chain->count + 1;
        line.rule.table = chain->table;
        line.rule.chain = chain->name;
        added = rules_add_line(reading->rules, chain, &line);
        if (added)
                read_conditions(reading, added, &words);
}

/* ":CHAIN POLICY [0:0]". */
static void read_chain(const struct reading *reading, char *text)
{
        const char *before = words_before(reading);
        struct rules_chain chain = {.program = reading->program,
                                    .table = reading->table,
                                    .family = reading->family,
                                    .nft_family = reading->legacy               ? ""
                                                  : reading->family == AF_INET6 ? "ip6"
                                                                                : "ip"};
        struct words words;

        split(text + 1, &words);
        if (words.count < 2 || !before)
                return;
        chain.name = rules_copy(reading->rules, words.words[0], strlen(words.words[0]));
        for (size_t i = 0; i < array_count(hooks) && strcmp(words.words[1], "-") != 0; i++)
                if (strcmp(words.words[0], hooks[i].chain) == 0) {
                        chain.is_base = true;
                        chain.hook = hooks[i].hook;
                }
        for (size_t i = 0; i < array_count(priorities); i++)
                if (strcmp(reading->table, priorities[i].table) == 0)
                        chain.priority = priorities[i].priority;
        chain.drops = strcmp(words.words[1], "DROP") == 0;
        chain.policy = (struct rules_rule){
            .text = rules_print(reading->rules, "%s-P %s DROP", before, words.words[0]),
            .table = chain.table,
            .chain = chain.name,
        };
        if (chain.name && chain.policy.text)
                rules_add_chain(reading->rules, &chain);
}

/* "[packets:bytes] ", which -c writes before a rule, is skipped. */
static char *behind_counters(char *line)
{
        const char *digits = "0123456789";
        char *end = line + 1;

        if (*line != '[')
                return line;
        end += strspn(end, digits);
        end += *end == ':';
        end += strspn(end, digits);
        return strncmp(end, "] ", 2) == 0 ? end + 2 : line;
}

static void read_line(struct reading *reading, char *line)
{
        line[strcspn(line, "\r")] = '\0';
        line = behind_counters(line);
        if (!reading->table)
                return; /* memory is short */
        if (*line == '*')
                reading->table = rules_copy(reading->rules, line + 1, strcspn(line + 1, " "));
        else if (*line == ':')
                read_chain(reading, line);
        else if (strncmp(line, "-A ", 3) == 0)
                read_rule(reading, line);
}

void rules_read_iptables(struct rules *rules, const char *text, int family, bool legacy)
{
        static const char *const programs[2][2] = {{"iptables", "iptables-legacy"},
                                                   {"ip6tables", "ip6tables-legacy"}};
        struct reading reading = {
            .rules = rules,
            .family = family,
            .legacy = legacy,
            .program = programs[family == AF_INET6][legacy],
            .table = "filter", /* if none is named */
        };
        char *copy = text ? strdup(text) : NULL, *rest = copy, *line;

        rules->failed = rules->failed || (text && !copy);
        while (!rules->failed && (line = strsep(&rest, "\n")))
                read_line(&reading, line);
        free(copy);
}
