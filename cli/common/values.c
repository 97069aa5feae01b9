/* The values of options. */
#include "cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char *link_type_name(int link_type)
{
        const char *name = pcap_datalink_val_to_name(link_type);

        return name ? name : "unknown";
}

/* How messages name an option. */
static const char *spelling(const struct cli_option *option, char text[64])
{
        if (option->letter)
                snprintf(text, 64, "-%c", option->letter);
        else
                snprintf(text, 64, "--%s", option->name);
        return text;
}

const struct refusal *refusals;

bool refused_in(struct error *error, const char *option, const char *value)
{
        const struct refusal *refusal = refusals;
        const char *why = strerror(errno);

        while (refusal && refusal->option && strcmp(refusal->option, option) != 0)
                refusal++;
        if (!refusal || !refusal->option)
                return false;
        error_set(error, "%s%s%s%s", refusal->before, refusal->after ? value : "",
                  refusal->after ? refusal->after : "", refusal->says_why ? why : "");
        return true;
}

bool refused(const char *option, const char *value)
{
        struct error error;
        char *second;

        if (!refused_in(&error, option, value))
                return false;
        second = strchr(error.message, '\n');
        if (second)
                *second++ = '\0';
        complain("%s", error.message);
        if (second)
                say("%s", second);
        return true;
}

bool take_yes(void *place, const struct cli_option *option, const char *value)
{
        (void)option;
        (void)value;
        *(bool *)place = true;
        return true;
}

bool take_no(void *place, const struct cli_option *option, const char *value)
{
        (void)option;
        (void)value;
        *(bool *)place = false;
        return true;
}

bool take_more(void *place, const struct cli_option *option, const char *value)
{
        int *count = place;

        (void)value;
        *count += (uint64_t)*count < option->most;
        return true;
}

bool take_constant(void *place, const struct cli_option *option, const char *value)
{
        (void)value;
        *(int *)place = (int)option->least;
        return true;
}

bool take_text(void *place, const struct cli_option *option, const char *value)
{
        (void)option;
        *(const char **)place = value;
        return true;
}

bool parse_number(const char *option, const char *text, uint64_t least, uint64_t most,
                  uint64_t *value)
{
        char *end;

        errno = 0;
        *value = strtoull(text, &end, 10);
        if (*text >= '0' && *text <= '9' && *end == '\0' && errno == 0 && *value >= least &&
            *value <= most)
                return true;
        if (refused(option, text))
                return false;
        complain("%s%s: '%s' is not a number from %llu to %llu", *option == '-' ? "option " : "",
                 option, text, (unsigned long long)least, (unsigned long long)most);
        return false;
}

bool take_number(void *place, const struct cli_option *option, const char *value)
{
        char name[64];

        return parse_number(spelling(option, name), value, option->least, option->most, place);
}

typedef int word_comparison(const char *one, const char *other, size_t length);

/* The index of `word` in `set`, -1 if it is not in it. */
static int find_word(const char *set, const char *word, word_comparison *compare)
{
        size_t length = strlen(word);

        for (int index = 0;; index++) {
                size_t size = strcspn(set, "|");

                if (size == length && compare(set, word, size) == 0)
                        return index;
                if (!set[size])
                        return -1;
                set += size + 1;
        }
}

/* "in|out|inout" as "none of in, out and inout", "a|b" as "neither a nor b". */
static void write_set(const char *set, char *text, size_t room)
{
        const char *last = strrchr(set, '|');
        bool two = last && strchr(set, '|') == last;
        size_t used = (size_t)snprintf(text, room, two ? "neither " : "none of ");

        for (; *set && used + 8 < room; set++)
                if (*set == '|')
                        used += (size_t)snprintf(text + used, room - used,
                                                 set != last ? ", "
                                                 : two       ? " nor "
                                                             : " and ");
                else
                        text[used++] = *set;
        text[used] = '\0';
}

static int parse(const char *option, const char *text, const char *set, word_comparison *compare)
{
        int index = find_word(set, text, compare);
        char words[256];

        if (index < 0 && !refused(option, text)) {
                write_set(set, words, sizeof words);
                complain_usage("option %s: '%s' is %s", option, text, words);
        }
        return index;
}

int parse_word(const char *option, const char *text, const char *set)
{
        return parse(option, text, set, strncmp);
}

int parse_word_in_any_case(const char *option, const char *text, const char *set)
{
        return parse(option, text, set, strncasecmp);
}

bool take_word(void *place, const struct cli_option *option, const char *value)
{
        char name[64];
        int index = parse_word(spelling(option, name), value, option->value);

        if (index >= 0)
                *(int *)place = index;
        return index >= 0;
}

bool take_optimize(void *place, const struct cli_option *option, const char *value)
{
        static const int flags[] = {CBPF_FOR_SIZE, CBPF_FOR_SPEED}; /* in the order of the words */
        int index = 0;

        if (value && !take_word(&index, option, value))
                return false;
        *(int *)place = value ? flags[index] : OPTIMIZE_PLAINLY;
        return true;
}

bool take_link_type(void *place, const struct cli_option *option, const char *value)
{
        int link_type = pcap_datalink_name_to_val(value);
        char name[64];

        if (link_type >= 0) {
                *(int *)place = link_type;
                return true;
        }
        if (!refused(spelling(option, name), value))
                complain_usage("option %s: unknown link type '%s'; EN10MB is Ethernet, others are "
                               "on https://www.tcpdump.org/linktypes.html",
                               name, value);
        return false;
}

struct unit {
        const char *name; /* "" for none; the last of a table is NULL */
        uint64_t factor;
};

struct units {
        const struct unit *table;
        const char *words; /* for messages */
        uint64_t most;     /* result */
};

static const struct unit *find_unit(const struct units *units, const char *name)
{
        for (const struct unit *unit = units->table; unit->name; unit++)
                if (strcmp(unit->name, name) == 0)
                        return unit;
        return NULL;
}

/* What the digits behind a decimal point are of `factor`, rounded down. */
static uint64_t fraction_of(uint64_t factor, const char *digits, size_t count)
{
        double part = 0;

        while (count > 0)
                part = (part + (digits[--count] - '0')) / 10;
        return (uint64_t)(part * (double)factor);
}

/* Reads a number, perhaps with a fraction, and perhaps one of the units. */
static bool take_with_unit(const struct cli_option *option, const char *value,
                           const struct units *units, uint64_t *result)
{
        size_t digits = strspn(value, "0123456789");
        const char *point = value + digits;
        size_t fraction = *point == '.' ? strspn(point + 1, "0123456789") : 0;
        const struct unit *unit = find_unit(units, point + (fraction > 0 ? 1 + fraction : 0));
        char number[24], name[64];
        uint64_t part;

        if (digits == 0 || digits >= sizeof number || !unit) {
                complain_usage("option %s: '%s' is not a number, alone or with one of the units %s",
                               spelling(option, name), value, units->words);
                return false;
        }
        memcpy(number, value, digits);
        number[digits] = '\0';
        part = fraction_of(unit->factor, point + 1, fraction);
        if (!parse_number(spelling(option, name), number, part == 0, units->most / unit->factor,
                          result))
                return false;
        *result = *result * unit->factor + part;
        return true;
}

bool take_duration(void *place, const struct cli_option *option, const char *value)
{
        static const struct unit table[] = {
            {"", 1000},         {"ms", 1},           {"s", 1000}, {"m", 60 * 1000},
            {"h", 3600 * 1000}, {"d", 86400 * 1000}, {NULL, 0}};
        static const struct units units = {table, "ms, s, m, h or d", INT32_MAX * 1000ull};

        return take_with_unit(option, value, &units, place);
}

bool take_bytes(void *place, const struct cli_option *option, const char *value)
{
        static const struct unit table[] = {{"", 1},     {"B", 1},       {"k", 1000},
                                            {"K", 1000}, {"M", 1000000}, {"G", 1000000000},
                                            {NULL, 0}};
        static const struct units units = {table, "B, k, K, M or G", INT64_MAX};

        return take_with_unit(option, value, &units, place);
}
