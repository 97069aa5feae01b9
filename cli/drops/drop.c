/* From a record to the words about it. */
#include "drop.h"

#include "base/array.h"

#include <string.h>

/* --- Explaining --- */

/* The stack begins with what runs for the tracepoint; the drop is where its location is. */
static size_t find_drop(const struct drops_record *record)
{
        for (size_t i = 0; i < DROPS_STACK && record->stack[i]; i++)
                if (record->stack[i] == record->location)
                        return i + 1;
        return 0;
}

/* Addresses are those that calls return to: that of a call that does not may be another
 * function's. */
static void add_function(struct drop *drop, const struct drops_symbols *symbols, uint64_t address)
{
        size_t i = drop->count++;

        drop->addresses[i] = address;
        drop->functions[i] = drops_symbol(symbols, address - 1, &drop->offsets[i]);
        drop->offsets[i]++;
}

/* Of nftables' chains, which family's has dropped it: from Linux 6.8 on they do it themselves. */
static const char *family_of_chain(const struct drop *drop)
{
        static const struct {
                const char *function, *family;
        } families[] = {
            {"nft_do_chain_ipv4", "ip"},       {"nft_do_chain_ipv6", "ip6"},
            {"nft_do_chain_inet", "inet"},     {"nft_do_chain_inet_ingress", "inet"},
            {"nft_do_chain_netdev", "netdev"},
        };

        for (size_t i = 0; i < array_count(families); i++)
                if (drop->count > 1 && drop->functions[0] && drop->functions[1] &&
                    strcmp(drop->functions[0], "nft_do_chain") == 0 &&
                    strcmp(drop->functions[1], families[i].function) == 0)
                        return families[i].family;
        return NULL;
}

static void find_rules(struct drop *drop, struct rules_source *source)
{
        struct rules_packet packet;

        drop_describe(drop->record, drop->place.is_sending, &packet);
        packet.dropped_by = family_of_chain(drop);
        rules_source_find(source, drop->record->network_namespace, drop->record->time,
                          (enum rules_hook)drop->place.hook, &packet, &drop->rules);
}

void drop_explain(const struct drops_record *record, const struct drop_tables *tables,
                  struct drop *drop)
{
        *drop = (struct drop){
            .record = record,
            .reason = record->reason ? drops_reason_name(tables->reasons, record->reason) : NULL,
        };
        add_function(drop, tables->symbols, record->location);
        for (size_t i = find_drop(record); i < DROPS_STACK && record->stack[i]; i++)
                if (drop->count < DROPS_STACK)
                        add_function(drop, tables->symbols, record->stack[i]);
        drop->place = drop_place_find(drop->reason, drop->functions, drop->count);
        if (tables->rules && drop->place.by_rules && drop->place.hook >= 0)
                find_rules(drop, tables->rules);
        if (tables->namespaces)
                drop->network_namespace =
                    namespaces_name(tables->namespaces, record->network_namespace);
}

/* --- Words --- */

static void put_function(struct text *text, const struct drop *drop, size_t i)
{
        if (!drop->functions[i]) {
                text_address(text, drop->addresses[i]);
                return;
        }
        text_string(text, drop->functions[i]);
        text_char(text, '+');
        text_address(text, drop->offsets[i]);
}

static void put_reason(struct text *text, const struct drop *drop)
{
        if (drop->reason)
                text_string(text, drop->reason);
        else
                text_format(text, "reason %u", drop->record->reason);
}

void drop_rule_text(struct text *text, const struct drop *drop)
{
        if (drop->rules.count == 1)
                text_format(text, " by %s", drop->rules.rules[0]->text);
        else if (drop->rules.count > 1)
                text_format(text, " by one of %zu rules", drop->rules.count);
}

static void put_candidates(struct text *text, const struct drop *drop)
{
        for (size_t i = 0; drop->rules.count > 1 && i < drop->rules.count && i < RULES_MOST; i++)
                text_format(text, "\nperhaps by %s", drop->rules.rules[i]->text);
}

void drop_text(struct text *text, const struct drop *drop, int verbose)
{
        const bool has_reason = drop->record->reason != 0;

        text_string(text, "dropped");
        if (drop->place.words) {
                text_string(text, drop->place.before);
                text_string(text, drop->place.words);
        } else if (drop->functions[0]) {
                text_string(text, " in ");
                text_string(text, drop->functions[0]);
                text_string(text, "()");
        }
        drop_rule_text(text, drop);
        if (has_reason || verbose) {
                text_string(text, " (");
                if (has_reason)
                        put_reason(text, drop);
                if (has_reason && verbose)
                        text_string(text, ", ");
                if (verbose)
                        put_function(text, drop, 0);
                text_char(text, ')');
        }
        if (drop->network_namespace) {
                text_string(text, " in netns ");
                text_string(text, drop->network_namespace);
        }
        if (verbose)
                put_candidates(text, drop);
        for (size_t i = 1; verbose > 1 && i < drop->count; i++) {
                text_string(text, "\ncalled by ");
                put_function(text, drop, i);
        }
}

static void put_function_json(struct json *json, const struct drop *drop, size_t i)
{
        struct text name = {0};

        put_function(&name, drop, i);
        json_string(json, name.start ? name.start : "", name.length);
        json->text->failed |= name.failed;
        text_free(&name);
}

static void put_rules(struct json *json, const struct rules_found *found)
{
        json_open(json_key(json, "rules"), '[');
        for (size_t i = 0; i < found->count && i < RULES_MOST; i++) {
                const struct rules_rule *rule = found->rules[i];

                json_open(json, '{');
                json_text(json_key(json, "text"), rule->text);
                json_text(json_key(json, "table"), rule->table);
                json_text(json_key(json, "chain"), rule->chain);
                if (rule->number)
                        json_decimal(json_key(json, "number"), rule->number);
                json_close(json, '}');
        }
        json_close(json, ']');
}

void drop_members(struct json *json, const struct drop *drop)
{
        if (drop->record->reason) {
                json_decimal(json_key(json, "reason_number"), drop->record->reason);
                json_text(json_key(json, "reason"), drop->reason);
        }
        json_text(json_key(json, "place"), drop->place.words);
        if (drop->rules.count > 0)
                put_rules(json, &drop->rules);
        json_open(json_key(json, "stack"), '[');
        for (size_t i = 0; i < drop->count; i++)
                put_function_json(json, drop, i);
        json_close(json, ']');
        json_decimal(json_key(json, "network_namespace"), drop->record->network_namespace);
        if (drop->network_namespace)
                json_text(json_key(json, "network_namespace_name"), drop->network_namespace);
}
