/* Rule sets of nftables, as nft(8) prints them in JSON: libnftables-json(5). The words for them are
 * those of its other form, found by the numbers of rules ("# handle 7"). Tables that iptables-nft
 * manages are read from its own words. */
#include "model.h"

#include "base/array.h"
#include "base/text.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static const char program[] = "nft";

struct reading {
        struct rules *rules;
        const json_t *objects; /* all of them */
        const char *text;      /* nft's other form; or NULL */
};

static const char *string_of(const json_t *object, const char *key)
{
        const char *value = json_string_value(json_object_get(object, key));

        return value ? value : "";
}

/* --- Words --- */

/* Returns what follows the prefix; NULL if the line does not begin with it. */
static const char *behind(const char *line, const char *prefix)
{
        const size_t length = strlen(prefix);

        return strncmp(line, prefix, length) == 0 ? line + length : NULL;
}

/* Whether "NAME {" follows. */
static bool opens(const char *text, const char *name)
{
        const size_t length = strlen(name);

        return text && strncmp(text, name, length) == 0 && strncmp(text + length, " {", 2) == 0;
}

/* The rule's line without its number, "ip saddr 192.0.2.1 drop"; NULL if it is not found. */
static const char *find_words(const struct reading *reading, const char *table, const char *chain,
                              unsigned handle)
{
        bool in_table = false, in_chain = false;
        const char *line = reading->text, *end;
        char number[32];

        snprintf(number, sizeof number, " # handle %u", handle);
        for (; line && *line; line = *end ? end + 1 : end) {
                const size_t length = (size_t)((end = strchrnul(line, '\n')) - line);
                const char *found;

                if (behind(line, "table "))
                        in_table = opens(behind(line, "table "), table);
                else if (behind(line, "\tchain "))
                        in_chain = in_table && opens(behind(line, "\tchain "), chain);
                if (!in_chain || !behind(line, "\t\t") || length < strlen(number))
                        continue;
                found = end - strlen(number);
                if (strncmp(found, number, strlen(number)) == 0)
                        return rules_copy(reading->rules, line + 2, (size_t)(found - line - 2));
        }
        return NULL;
}

/* --- Values --- */

static bool is_number(enum rules_field field)
{
        return field == FIELD_FAMILY || field == FIELD_PROTOCOL || field == FIELD_SOURCE_PORT ||
               field == FIELD_DESTINATION_PORT || field == FIELD_TYPE;
}

static bool add_number(const struct reading *reading, struct rules_condition *condition,
                       const json_t *from, const json_t *to)
{
        if (!json_is_integer(from) || !json_is_integer(to))
                return false;
        rules_add_numbers(reading->rules, condition, (uint32_t)json_integer_value(from),
                          (uint32_t)json_integer_value(to));
        return true;
}

/* The family of packets, by its name: its numbers in nft are not those of sockets. */
static bool add_family(const struct reading *reading, struct rules_condition *condition,
                       const json_t *value)
{
        const char *name = json_string_value(value);
        const json_int_t number = json_integer_value(value);
        const bool v4 = (name && (strcmp(name, "ipv4") == 0 || strcmp(name, "ip") == 0)) ||
                        number == 2 || number == 0x800;
        const bool v6 = (name && (strcmp(name, "ipv6") == 0 || strcmp(name, "ip6") == 0)) ||
                        number == 10 || number == 0x86dd;

        if (v4 || v6)
                rules_add_numbers(reading->rules, condition, v4 ? AF_INET : AF_INET6,
                                  v4 ? AF_INET : AF_INET6);
        return v4 || v6;
}

static bool add_value(const struct reading *reading, const char *table,
                      struct rules_condition *condition, const json_t *value, int depth);

static bool add_all(const struct reading *reading, const char *table,
                    struct rules_condition *condition, const json_t *values, int depth)
{
        for (size_t i = 0; i < json_array_size(values); i++)
                if (!add_value(reading, table, condition, json_array_get(values, i), depth))
                        return false;
        return true;
}

/* "@name": a set of the table; `table` is as "inet t". */
static bool add_set(const struct reading *reading, const char *table,
                    struct rules_condition *condition, const char *name, int depth)
{
        char full[256];

        for (size_t i = 0; i < json_array_size(reading->objects); i++) {
                const json_t *set = json_object_get(json_array_get(reading->objects, i), "set");

                snprintf(full, sizeof full, "%s %s", string_of(set, "family"),
                         string_of(set, "table"));
                if (set && strcmp(full, table) == 0 && strcmp(string_of(set, "name"), name) == 0)
                        return add_all(reading, table, condition, json_object_get(set, "elem"),
                                       depth);
        }
        return false;
}

static bool add_protocol(const struct reading *reading, struct rules_condition *condition,
                         const char *name)
{
        unsigned number = rules_protocol(name);

        if (number)
                rules_add_numbers(reading->rules, condition, number, number);
        return number != 0;
}

static bool add_text(const struct reading *reading, const char *table,
                     struct rules_condition *condition, const char *text, int depth)
{
        if (*text == '@')
                return add_set(reading, table, condition, text + 1, depth);
        switch (condition->field) {
        case FIELD_PROTOCOL: return add_protocol(reading, condition, text);
        case FIELD_SOURCE:
        case FIELD_DESTINATION: return rules_add_prefix(reading->rules, condition, text, -1);
        case FIELD_IN:
        case FIELD_OUT: rules_add_name(reading->rules, condition, text); return true;
        default: return false;
        }
}

static bool add_value(const struct reading *reading, const char *table,
                      struct rules_condition *condition, const json_t *value, int depth)
{
        enum { DEEPEST = 4 };
        const json_t *prefix = json_object_get(value, "prefix");
        const json_t *range = json_object_get(value, "range");
        const json_t *set = json_object_get(value, "set");
        const json_t *element = json_object_get(value, "elem");

        if (depth == DEEPEST)
                return false;
        if (element)
                return add_value(reading, table, condition, json_object_get(element, "val"),
                                 depth + 1);
        if (set)
                return json_is_array(set) ? add_all(reading, table, condition, set, depth + 1)
                                          : add_value(reading, table, condition, set, depth + 1);
        if (prefix)
                return !is_number(condition->field) &&
                       rules_add_prefix(reading->rules, condition, string_of(prefix, "addr"),
                                        (int)json_integer_value(json_object_get(prefix, "len")));
        if (range && is_number(condition->field))
                return add_number(reading, condition, json_array_get(range, 0),
                                  json_array_get(range, 1));
        if (range) {
                const char *from = json_string_value(json_array_get(range, 0));
                const char *to = json_string_value(json_array_get(range, 1));

                return from && to && rules_add_addresses(reading->rules, condition, from, to);
        }
        if (condition->field == FIELD_FAMILY)
                return add_family(reading, condition, value);
        if (json_is_string(value))
                return add_text(reading, table, condition, json_string_value(value), depth + 1);
        return is_number(condition->field) && add_number(reading, condition, value, value);
}

/* --- Conditions --- */

/* What fields of a header are, and what a packet must be to have that header. */
static const struct {
        const char *protocol, *field;
        enum rules_field asks;
} payloads[] = {
    {"ip", "saddr", FIELD_SOURCE},           {"ip", "daddr", FIELD_DESTINATION},
    {"ip6", "saddr", FIELD_SOURCE},          {"ip6", "daddr", FIELD_DESTINATION},
    {"ip", "protocol", FIELD_PROTOCOL},      {NULL, "sport", FIELD_SOURCE_PORT},
    {NULL, "dport", FIELD_DESTINATION_PORT}, {"icmp", "type", FIELD_TYPE},
    {"icmpv6", "type", FIELD_TYPE},
};

static const struct {
        const char *key;
        enum rules_field asks;
} metas[] = {
    {"l4proto", FIELD_PROTOCOL}, {"nfproto", FIELD_FAMILY}, {"protocol", FIELD_FAMILY},
    {"iifname", FIELD_IN},       {"iif", FIELD_IN},         {"oifname", FIELD_OUT},
    {"oif", FIELD_OUT},
};

/* What an expression stands for; FIELD_UNKNOWN if that is not known. */
static enum rules_field field_of(const struct reading *reading, struct rules_line *line,
                                 const json_t *expression)
{
        const json_t *payload = json_object_get(expression, "payload");
        const json_t *meta = json_object_get(expression, "meta");
        const char *key = string_of(meta, "key"), *protocol = string_of(payload, "protocol");
        const json_t *masked = json_object_get(expression, "&");

        if (masked) {
                field_of(reading, line, json_array_get(masked, 0));
                return FIELD_UNKNOWN;
        }
        for (size_t i = 0; meta && i < array_count(metas); i++)
                if (strcmp(key, metas[i].key) == 0)
                        return metas[i].asks;
        if (!payload)
                return FIELD_UNKNOWN;
        rules_imply(reading->rules, line, protocol);
        for (size_t i = 0; i < array_count(payloads); i++)
                if (strcmp(string_of(payload, "field"), payloads[i].field) == 0 &&
                    (!payloads[i].protocol || strcmp(protocol, payloads[i].protocol) == 0))
                        return payloads[i].asks;
        return FIELD_UNKNOWN;
}

/* A condition that the field has the value; perhaps, if that is not understood. */
static void ask_value(const struct reading *reading, struct rules_line *line,
                      enum rules_field field, bool negated, const json_t *value)
{
        struct rules_condition condition = {.field = field, .negated = negated};

        if (field != FIELD_UNKNOWN && !add_value(reading, line->rule.table, &condition, value, 0))
                condition = (struct rules_condition){.field = FIELD_UNKNOWN};
        rules_add_condition(reading->rules, line, &condition);
}

static void read_match(const struct reading *reading, struct rules_line *line, const json_t *match)
{
        const char *sign = string_of(match, "op");
        const bool unequal = strcmp(sign, "!=") == 0;
        enum rules_field field = field_of(reading, line, json_object_get(match, "left"));

        if (!unequal && strcmp(sign, "==") != 0)
                field = FIELD_UNKNOWN;
        ask_value(reading, line, field, unequal, json_object_get(match, "right"));
}

/* --- Statements --- */

static const struct {
        const char *statement;
        enum rules_verdict verdict;
} verdicts[] = {
    {"accept", VERDICT_ACCEPT}, {"drop", VERDICT_DROP},        {"reject", VERDICT_DROP},
    {"return", VERDICT_RETURN}, {"jump", VERDICT_JUMP},        {"goto", VERDICT_GOTO},
    {"queue", VERDICT_QUEUE},   {"synproxy", VERDICT_UNKNOWN},
};

/* Those that may end the rule where it stands. */
static const char *const conditions[] = {"limit", "quota", "ct count", "meter", "xt"};

static bool set_verdict(const struct reading *reading, struct rules_line *line,
                        const json_t *statement)
{
        for (size_t i = 0; i < array_count(verdicts); i++) {
                const json_t *found = json_object_get(statement, verdicts[i].statement);
                const char *target = string_of(found, "target");

                if (!found)
                        continue;
                line->verdict = verdicts[i].verdict;
                line->target = rules_copy(reading->rules, target, strlen(target));
                return true;
        }
        return false;
}

static void read_statement(const struct reading *reading, struct rules_line *line,
                           const json_t *statement)
{
        const json_t *match = json_object_get(statement, "match");

        if (match) {
                read_match(reading, line, match);
                return;
        }
        for (size_t i = 0; i < array_count(conditions); i++)
                if (json_object_get(statement, conditions[i]))
                        rules_ask_perhaps(reading->rules, line);
        set_verdict(reading, line, statement);
}

/* A map to verdicts becomes a rule for each of its elements, with the words of the one. */
static void read_map(const struct reading *reading, struct rules_chain *chain,
                     const struct rules_line *line, const json_t *map)
{
        const json_t *elements = json_object_get(json_object_get(map, "data"), "set");

        for (size_t i = 0; i < json_array_size(elements); i++) {
                const json_t *element = json_array_get(elements, i);
                struct rules_line *added = rules_add_line(reading->rules, chain, line);

                if (!added)
                        return;
                ask_value(reading, added, field_of(reading, added, json_object_get(map, "key")),
                          false, json_array_get(element, 0));
                set_verdict(reading, added, json_array_get(element, 1));
        }
        if (json_array_size(elements) == 0) { /* one that has a name */
                struct rules_line *added = rules_add_line(reading->rules, chain, line);

                if (added)
                        added->verdict = VERDICT_UNKNOWN;
        }
}

static void read_rule(const struct reading *reading, const json_t *object)
{
        const char *table = rules_print(reading->rules, "%s %s", string_of(object, "family"),
                                        string_of(object, "table"));
        const char *name = string_of(object, "chain"), *words;
        const json_t *statements = json_object_get(object, "expr"), *map = NULL;
        struct rules_chain *chain =
            table ? rules_find_chain(reading->rules, program, table, name) : NULL;
        struct rules_line line = {
            .rule.number = (unsigned)json_integer_value(json_object_get(object, "handle"))};

        if (!chain)
                return;
        words = find_words(reading, table, name, line.rule.number);
        line.rule.table = table;
        line.rule.chain = chain->name;
        line.rule.text = words ? rules_print(reading->rules, "nft %s %s: %s", table, name, words)
                               : rules_print(reading->rules, "nft %s %s", table, name);
        for (size_t i = 0; i < json_array_size(statements) && !map; i++) {
                const json_t *statement = json_array_get(statements, i);

                map = json_object_get(statement, "vmap");
                if (!map)
                        read_statement(reading, &line, statement);
        }
        if (map)
                read_map(reading, chain, &line, map);
        else
                rules_add_line(reading->rules, chain, &line);
}

/* --- Chains --- */

static const struct {
        const char *name;
        enum rules_hook hook;
} hooks[] = {
    {"prerouting", RULES_PREROUTING},   {"input", RULES_INPUT},
    {"forward", RULES_FORWARD},         {"output", RULES_OUTPUT},
    {"postrouting", RULES_POSTROUTING}, {"ingress", RULES_INGRESS},
    {"egress", RULES_EGRESS},
};

static void add_device(const struct reading *reading, struct rules_chain *chain, const json_t *name)
{
        const char *text = json_string_value(name);
        struct rules_device *device = text ? rules_take(reading->rules, sizeof *device) : NULL;

        if (!device)
                return;
        device->name = rules_copy(reading->rules, text, strlen(text));
        device->next = chain->devices;
        if (device->name)
                chain->devices = device;
}

static void read_chain(const struct reading *reading, const json_t *object)
{
        const char *family = string_of(object, "family"), *name = string_of(object, "name");
        const json_t *device = json_object_get(object, "dev");
        struct rules_chain chain = {
            .program = program,
            .table = rules_print(reading->rules, "%s %s", family, string_of(object, "table")),
            .name = rules_copy(reading->rules, name, strlen(name)),
            .priority = (int)json_integer_value(json_object_get(object, "prio")),
            .drops = strcmp(string_of(object, "policy"), "drop") == 0,
        };

        chain.family = rules_nft_family(family, &chain.nft_family);
        if (chain.family < 0 || !chain.table || !chain.name ||
            rules_find_chain(reading->rules, program, chain.table, name))
                return;
        for (size_t i = 0; i < array_count(hooks); i++)
                if (strcmp(string_of(object, "hook"), hooks[i].name) == 0) {
                        chain.is_base = true;
                        chain.hook = hooks[i].hook;
                }
        add_device(reading, &chain, device);
        for (size_t i = 0; i < json_array_size(device); i++)
                add_device(reading, &chain, json_array_get(device, i));
        chain.policy = (struct rules_rule){
            .text = rules_print(reading->rules, "nft %s %s: policy drop", chain.table, name),
            .table = chain.table,
            .chain = chain.name,
        };
        rules_add_chain(reading->rules, &chain);
}

/* Whether iptables has told of the table. */
static bool is_known(const struct rules *rules, const json_t *object)
{
        const char *family = string_of(object, "family");
        const char *other = strcmp(family, "ip") == 0    ? "iptables"
                            : strcmp(family, "ip6") == 0 ? "ip6tables"
                                                         : NULL;

        for (const struct rules_chain *chain = rules->chains; other && chain; chain = chain->next)
                if (strcmp(chain->program, other) == 0 &&
                    strcmp(chain->table, string_of(object, "table")) == 0)
                        return true;
        return false;
}

static void read_all(const struct reading *reading, const char *kind,
                     void (*read)(const struct reading *, const json_t *))
{
        for (size_t i = 0; i < json_array_size(reading->objects); i++) {
                const json_t *object = json_object_get(json_array_get(reading->objects, i), kind);

                if (object && !is_known(reading->rules, object))
                        read(reading, object);
        }
}

void rules_read_nft(struct rules *rules, const char *json, const char *text)
{
        json_t *root = json ? json_loads(json, 0, NULL) : NULL;
        const struct reading reading = {
            .rules = rules,
            .objects = json_object_get(root, "nftables"),
            .text = text,
        };

        read_all(&reading, "chain", read_chain);
        read_all(&reading, "rule", read_rule);
        json_decref(root);
}
