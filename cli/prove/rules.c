/* A rule of a firewall as a filter. */
#include "rules.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MATCH = 200 };

static void add(struct rule *rule, bool negated, const char *match)
{
        text_format(&rule->expression, "%s%s(%s)", rule->expression.length ? " and " : "",
                    negated ? "not " : "", match);
}

void rule_match(struct rule *rule, bool negated, const char *format, ...)
{
        char match[MATCH];
        va_list arguments;
        int length;

        va_start(arguments, format);
        length = vsnprintf(match, sizeof match, format, arguments);
        va_end(arguments);
        if (length < MATCH)
                add(rule, negated, match);
        else
                rule->partly = true;
}

void rule_interface(struct rule *rule, bool negated, const char *option, const char *name)
{
        text_format(&rule->interface, "%s%s %s ", negated ? "! " : "", option, name);
}

void rule_match_list(struct rule *rule, bool negated, const char *what, const char *values)
{
        struct text all = {0};

        while (*values) {
                bool port = strstr(what, "port");
                size_t length, dash;

                values += strspn(values, " ");
                length = strcspn(values, ", ");
                dash = strcspn(values, "-:");
                text_string(&all, all.length ? " or " : "");
                if (port && dash < length)
                        text_format(&all, "%srange %.*s-%.*s", what, (int)dash, values,
                                    (int)(length - dash - 1), values + dash + 1);
                else
                        text_format(&all, "%s %.*s", what, (int)length, values);
                values += length;
                values += strspn(values, ", ");
        }
        text_char(&all, '\0');
        if (all.failed)
                rule->expression.failed = true;
        else
                add(rule, negated, all.start);
        text_free(&all);
}

static char *take_or_null(struct text *text)
{
        return text->length || text->failed ? text_take(text) : NULL;
}

int rule_finish(struct rule *rule, struct filters *filters, const char *chain, unsigned number)
{
        struct filter *filter = filters_add(filters);
        bool failed = !filter || rule->expression.failed || rule->interface.failed;
        struct text name = {0};

        if (filter) {
                text_format(&name, "%s %u", chain, number);
                filter->name = filter->owned = text_take(&name);
                filter->group = strdup(chain);
                filter->interface = take_or_null(&rule->interface);
                filter->partly = rule->partly || (rule->program.bf_len && rule->expression.length);
                filter->goes_on = rule->goes_on;
                filter->program = rule->program;
                if (!rule->program.bf_len) {
                        add(rule, false, rule->family);
                        filter->expression = text_take(&rule->expression);
                }
                if (!filter->owned || !filter->group ||
                    (!filter->expression && !rule->program.bf_len))
                        failed = true;
        }
        text_free(&rule->expression);
        text_free(&rule->interface);
        *rule = (struct rule){0};
        return failed ? out_of_memory() : GO_ON;
}

char *rule_word(char **line)
{
        char *word = *line + strspn(*line, " \t\r"), quote = *word, *end;

        if (!*word)
                return NULL;
        if (quote == '"' || quote == '\'')
                word++;
        else
                quote = ' ';
        end = quote == ' ' ? word + strcspn(word, " \t\r") : strchr(word, quote);
        if (!end)
                end = word + strlen(word);
        *line = *end ? end + 1 : end;
        *end = '\0';
        return word;
}
