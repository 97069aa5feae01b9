/* Rule sets in memory: making them. */
#include "model.h"

#include "base/array.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static const struct {
        const char *name;
        uint8_t number;
} protocols[] = {
    {"icmp", 1},  {"igmp", 2},   {"tcp", 6},        {"udp", 17},    {"gre", 47},
    {"esp", 50},  {"ah", 51},    {"ipv6-icmp", 58}, {"icmpv6", 58}, {"sctp", 132},
    {"dccp", 33}, {"comp", 108}, {"udplite", 136},  {"ipencap", 4}, {"ipv6", 41},
    {"ospf", 89}, {"vrrp", 112},
};

unsigned rules_protocol(const char *name)
{
        for (size_t i = 0; i < array_count(protocols); i++)
                if (strcmp(name, protocols[i].name) == 0)
                        return protocols[i].number;
        return 0;
}

void *rules_take(struct rules *rules, size_t size)
{
        void *taken = rules->failed ? NULL : arena_take(&rules->arena, size);

        rules->failed = rules->failed || !taken;
        return taken;
}

const char *rules_copy(struct rules *rules, const char *text, size_t length)
{
        char *copy = rules_take(rules, length + 1);

        if (copy)
                memcpy(copy, text, length);
        return copy;
}

const char *rules_print(struct rules *rules, const char *format, ...)
{
        const char *copy = NULL;
        char *text = NULL;
        va_list arguments;
        int length;

        va_start(arguments, format);
        length = vasprintf(&text, format, arguments);
        va_end(arguments);
        if (length >= 0) {
                copy = rules_copy(rules, text, (size_t)length);
                free(text);
        }
        rules->failed = rules->failed || !copy;
        return copy;
}

struct rules_chain *rules_add_chain(struct rules *rules, const struct rules_chain *chain)
{
        struct rules_chain *added = rules_take(rules, sizeof *added), **at = &rules->chains;

        if (!added)
                return NULL;
        *added = *chain;
        added->first = NULL;
        added->last = &added->first;
        while (*at && (*at)->priority <= added->priority)
                at = &(*at)->next;
        added->next = *at;
        *at = added;
        return added;
}

struct rules_chain *rules_find_chain(const struct rules *rules, const char *program,
                                     const char *table, const char *name)
{
        struct rules_chain *chain = rules->chains;

        while (chain && (strcmp(chain->program, program) != 0 || strcmp(chain->table, table) != 0 ||
                         strcmp(chain->name, name) != 0))
                chain = chain->next;
        return chain;
}

struct rules_line *rules_add_line(struct rules *rules, struct rules_chain *chain,
                                  const struct rules_line *line)
{
        struct rules_line *added = rules_take(rules, sizeof *added);

        if (!added)
                return NULL;
        *added = *line;
        added->next = NULL;
        *chain->last = added;
        chain->last = &added->next;
        chain->count++;
        return added;
}

struct rules_condition *rules_add_condition(struct rules *rules, struct rules_line *line,
                                            const struct rules_condition *condition)
{
        struct rules_condition *added = rules_take(rules, sizeof *added);

        if (!added)
                return NULL;
        *added = *condition;
        added->next = line->conditions;
        line->conditions = added;
        return added;
}

static struct rules_range *add_range(struct rules *rules, struct rules_condition *condition)
{
        struct rules_range *range = rules_take(rules, sizeof *range);

        if (!range)
                return NULL;
        range->next = condition->ranges;
        condition->ranges = range;
        return range;
}

void rules_put_number(uint8_t bytes[16], uint32_t number)
{
        number = htonl(number);
        memset(bytes, 0, 16);
        memcpy(bytes + 16 - sizeof number, &number, sizeof number);
}

void rules_add_numbers(struct rules *rules, struct rules_condition *condition, uint32_t from,
                       uint32_t to)
{
        struct rules_range *range = add_range(rules, condition);

        if (!range)
                return;
        rules_put_number(range->from, from);
        rules_put_number(range->to, to);
}

void rules_add_name(struct rules *rules, struct rules_condition *condition, const char *name)
{
        struct rules_range *range = add_range(rules, condition);

        if (range)
                range->name = rules_copy(rules, name, strlen(name));
}

/* Returns the size of the address; 0 if it is none. */
static size_t read_address(const char *text, uint8_t bytes[16], int *family)
{
        memset(bytes, 0, 16);
        *family = strchr(text, ':') ? AF_INET6 : AF_INET;
        if (inet_pton(*family, text, bytes) != 1)
                return 0;
        return *family == AF_INET ? 4 : 16;
}

bool rules_add_addresses(struct rules *rules, struct rules_condition *condition, const char *from,
                         const char *to)
{
        uint8_t first[16], last[16];
        int family, other;
        struct rules_range *range;

        if (!read_address(from, first, &family) || !read_address(to, last, &other) ||
            family != other)
                return false;
        condition->family = family;
        range = add_range(rules, condition);
        if (!range)
                return true;
        memcpy(range->from, first, sizeof first);
        memcpy(range->to, last, sizeof last);
        return true;
}

bool rules_add_prefix(struct rules *rules, struct rules_condition *condition, const char *address,
                      int length)
{
        uint8_t first[16];
        int family;
        size_t bits = 8 * read_address(address, first, &family);
        struct rules_range *range;

        if (bits == 0 || length > (int)bits)
                return false;
        condition->family = family;
        range = add_range(rules, condition);
        if (!range)
                return true;
        for (size_t bit = 0; bit < bits; bit++) {
                const uint8_t mask = (uint8_t)(0x80 >> bit % 8);
                const bool fixed = length < 0 || bit < (size_t)length;

                if (fixed && !(first[bit / 8] & mask))
                        continue;
                range->to[bit / 8] |= mask;
                if (fixed)
                        range->from[bit / 8] |= mask;
        }
        return true;
}

void rules_ask(struct rules *rules, struct rules_line *line, enum rules_field field,
               uint32_t number)
{
        const struct rules_condition condition = {.field = field};
        struct rules_condition *added = rules_add_condition(rules, line, &condition);

        if (added)
                rules_add_numbers(rules, added, number, number);
}

void rules_ask_perhaps(struct rules *rules, struct rules_line *line)
{
        const struct rules_condition condition = {.field = FIELD_UNKNOWN};

        rules_add_condition(rules, line, &condition);
}

void rules_imply(struct rules *rules, struct rules_line *line, const char *header)
{
        unsigned protocol = rules_protocol(header);

        if (strcmp(header, "ip") == 0)
                rules_ask(rules, line, FIELD_FAMILY, AF_INET);
        else if (strcmp(header, "ip6") == 0)
                rules_ask(rules, line, FIELD_FAMILY, AF_INET6);
        else if (protocol)
                rules_ask(rules, line, FIELD_PROTOCOL, protocol);
}

int rules_nft_family(const char *name, const char **kept)
{
        static const struct {
                const char *name;
                int family;
        } families[] = {{"ip", AF_INET}, {"ip6", AF_INET6}, {"inet", 0}, {"netdev", 0}};

        for (size_t i = 0; i < array_count(families); i++)
                if (strcmp(name, families[i].name) == 0) {
                        *kept = families[i].name;
                        return families[i].family;
                }
        return -1;
}
