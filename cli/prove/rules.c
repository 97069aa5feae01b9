/* Saved rule sets of firewalls as lists of filters: cli/rules reads them. */
#include "cli/rules/rules.h"
#include "base/text.h"
#include "prove.h"

#include <stdlib.h>
#include <string.h>

/* The chain's name is the group: "INPUT", "nat PREROUTING", "inet filter input". */
static void name_filter(struct filter *filter, const struct rules_filter *rule)
{
        bool is_plain = strcmp(rule->table, "filter") == 0;
        struct text group = {0}, name = {0};

        text_format(&group, "%s%s%s", is_plain ? "" : rule->table, is_plain ? "" : " ",
                    rule->chain);
        filter->group = text_take(&group);
        text_format(&name, "%s %u", filter->group ? filter->group : "", rule->number);
        filter->name = filter->owned = text_take(&name);
}

static bool add_rule(void *context, const struct rules_filter *rule)
{
        struct filter *filter = filters_add(context);
        struct error error;

        if (!filter)
                return false;
        name_filter(filter, rule);
        filter->interface = rule->interface ? strdup(rule->interface) : NULL;
        filter->partly = rule->partly;
        filter->goes_on = rule->goes_on;
        if (rule->program &&
            cbpf_read(rule->program, strlen(rule->program), &filter->program, &error) < 0)
                filter->partly = true;
        if (!filter->program.bf_len)
                filter->expression = strdup(rule->expression);
        return filter->owned && filter->group && (filter->expression || filter->program.bf_len) &&
               (filter->interface || !rule->interface);
}

static int read_rules(struct filters *filters, const char *const texts[RULES_TEXTS])
{
        struct rules *rules = rules_new(texts);
        bool done = rules && rules_visit(rules, add_rule, filters);

        rules_free(rules);
        return done ? GO_ON : out_of_memory();
}

int set_read_iptables(struct filters *filters, char *text)
{
        bool is_version6 = strstr(text, "ip6tables-save");
        const char *const texts[RULES_TEXTS] = {
            [RULES_IPTABLES] = is_version6 ? NULL : text,
            [RULES_IP6TABLES] = is_version6 ? text : NULL,
        };

        return read_rules(filters, texts);
}

int set_read_nftables(struct filters *filters, char *text)
{
        bool is_json = text[strspn(text, " \t\r\n")] == '{';
        const char *const texts[RULES_TEXTS] = {
            [RULES_NFT_JSON] = is_json ? text : NULL,
            [RULES_NFT_TEXT] = is_json ? NULL : text,
        };

        return read_rules(filters, texts);
}
