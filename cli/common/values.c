/* The values of options. */
#include "cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
        complain("%s%s: '%s' is not a number from %llu to %llu", *option == '-' ? "option " : "",
                 option, text, (unsigned long long)least, (unsigned long long)most);
        return false;
}

bool take_number(void *place, const struct cli_option *option, const char *value)
{
        char name[64];

        return parse_number(spelling(option, name), value, option->least, option->most, place);
}

/* The index of `word` in `set`, -1 if it is not in it. */
static int find_word(const char *set, const char *word)
{
        size_t length = strlen(word);

        for (int index = 0;; index++) {
                size_t size = strcspn(set, "|");

                if (size == length && strncmp(set, word, size) == 0)
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

int parse_word(const char *option, const char *text, const char *set)
{
        int index = find_word(set, text);
        char words[256];

        if (index < 0) {
                write_set(set, words, sizeof words);
                complain_usage("option %s: '%s' is %s", option, text, words);
        }
        return index;
}

bool take_word(void *place, const struct cli_option *option, const char *value)
{
        char name[64];
        int index = parse_word(spelling(option, name), value, option->value);

        if (index >= 0)
                *(int *)place = index;
        return index >= 0;
}

bool take_link_type(void *place, const struct cli_option *option, const char *value)
{
        int link_type = pcap_datalink_name_to_val(value);
        char name[64];

        if (link_type >= 0) {
                *(int *)place = link_type;
                return true;
        }
        complain_usage("option %s: unknown link type '%s'; EN10MB is Ethernet, others are on "
                       "https://www.tcpdump.org/linktypes.html",
                       spelling(option, name), value);
        return false;
}

struct units {
        const char *letters; /* letters[i] stands for factors[i]; the first is that of no letter */
        const uint64_t *factors;
        const char *words; /* for messages */
        uint64_t most;     /* result */
};

/* Reads a number and perhaps one of the units. */
static bool take_with_unit(const struct cli_option *option, const char *value,
                           const struct units *units, uint64_t *result)
{
        size_t digits = strspn(value, "0123456789");
        const char *unit = value[digits] ? strchr(units->letters, value[digits]) : units->letters;
        char number[24], name[64];
        uint64_t factor;

        if (digits == 0 || digits >= sizeof number || !unit ||
            (value[digits] && value[digits + 1])) {
                complain_usage("option %s: '%s' is not a number, alone or with one of the units %s",
                               spelling(option, name), value, units->words);
                return false;
        }
        memcpy(number, value, digits);
        number[digits] = '\0';
        factor = units->factors[unit - units->letters];
        if (!parse_number(spelling(option, name), number, 1, units->most / factor, result))
                return false;
        *result *= factor;
        return true;
}

bool take_duration(void *place, const struct cli_option *option, const char *value)
{
        static const uint64_t factors[] = {1000, 60 * 1000, 3600 * 1000, 86400 * 1000};

        static const struct units units = {"smhd", factors, "s, m, h or d", INT32_MAX * 1000ull};

        return take_with_unit(option, value, &units, place);
}

bool take_bytes(void *place, const struct cli_option *option, const char *value)
{
        static const uint64_t factors[] = {1, 1000, 1000, 1000000, 1000000000};

        static const struct units units = {"BkKMG", factors, "B, k, K, M or G", INT64_MAX};

        return take_with_unit(option, value, &units, place);
}
