/* Rules as filters: an expression of what each matches. What no expression can ask leaves it open:
 * the rule may match less. */
#include "model.h"

#include "base/text.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

enum { IPV4_SOURCE = 12, IPV4_DESTINATION = 16 };

struct writing {
        const struct rules_chain *chain;
        const struct rules_line *line;
        struct text expression, interface;
        const char *program;
        bool partly;
};

static uint32_t number_of(const uint8_t bytes[16])
{
        uint32_t number;

        memcpy(&number, bytes + 16 - sizeof number, sizeof number);
        return ntohl(number);
}

/* The length of the prefix that all from the first to the last have, and no others; -1 if there is
 * none. */
static int prefix_of(const struct rules_range *range, int bits)
{
        int length = 0;

        for (; length < bits; length++) {
                uint8_t mask = (uint8_t)(0x80 >> length % 8);

                if ((range->from[length / 8] ^ range->to[length / 8]) & mask)
                        break;
        }
        for (int bit = length; bit < bits; bit++) {
                uint8_t mask = (uint8_t)(0x80 >> bit % 8);

                if (range->from[bit / 8] & mask || !(range->to[bit / 8] & mask))
                        return -1;
        }
        return length;
}

/* Each writes what one range is; returns false if no expression can. */

static bool write_address(struct text *text, const struct rules_condition *condition,
                          const struct rules_range *range)
{
        bool is_source = condition->field == FIELD_SOURCE;
        int prefix = prefix_of(range, condition->family == AF_INET ? 32 : 128);
        char address[INET6_ADDRSTRLEN];
        uint32_t from, to;

        if (prefix >= 0) {
                inet_ntop(condition->family, range->from, address, sizeof address);
                text_format(text, "%s net %s/%d", is_source ? "src" : "dst", address, prefix);
                return true;
        }
        memcpy(&from, range->from, sizeof from);
        memcpy(&to, range->to, sizeof to);
        text_format(text, "ip[%d:4] >= %u and ip[%d:4] <= %u",
                    is_source ? IPV4_SOURCE : IPV4_DESTINATION, ntohl(from),
                    is_source ? IPV4_SOURCE : IPV4_DESTINATION, ntohl(to));
        return condition->family == AF_INET;
}

static void write_ports(struct text *text, const char *what, const struct rules_range *range)
{
        uint32_t from = number_of(range->from), to = number_of(range->to);

        if (from == to)
                text_format(text, "%s %u", what, from);
        else
                text_format(text, "%srange %u-%u", what, from, to);
}

static bool write_protocol(struct text *text, const struct rules_chain *chain,
                           const struct rules_range *range)
{
        const char *family = chain->family == AF_INET    ? "ip "
                             : chain->family == AF_INET6 ? "ip6 "
                                                         : "";

        text_format(text, "%sproto %u", family, number_of(range->from));
        return number_of(range->from) == number_of(range->to);
}

static bool is_of_version6(const struct writing *writing)
{
        enum { ICMP6 = 58 };

        for (const struct rules_condition *condition = writing->line->conditions; condition;
             condition = condition->next)
                if (condition->field == FIELD_PROTOCOL && condition->ranges &&
                    number_of(condition->ranges->from) == ICMP6)
                        return true;
        return writing->chain->family == AF_INET6;
}

/* DCCP and UDP-Lite have ports, too, but "port" in an expression does not ask for theirs. */
static bool has_ports_of_expressions(const struct writing *writing)
{
        enum { TCP = 6, UDP = 17, SCTP = 132 };

        for (const struct rules_condition *condition = writing->line->conditions; condition;
             condition = condition->next) {
                const struct rules_range *range = condition->ranges;

                if (condition->field != FIELD_PROTOCOL || condition->negated || !range)
                        continue;
                for (; range; range = range->next) {
                        uint32_t from = number_of(range->from);

                        if (from != number_of(range->to) ||
                            (from != TCP && from != UDP && from != SCTP))
                                break;
                }
                if (!range)
                        return true;
        }
        return false;
}

static bool write_range(const struct writing *writing, struct text *text,
                        const struct rules_condition *condition, const struct rules_range *range)
{
        const char *header;

        switch (condition->field) {
        case FIELD_FAMILY:
                text_string(text, number_of(range->from) == AF_INET ? "ip" : "ip6");
                return true;
        case FIELD_PROTOCOL: return write_protocol(text, writing->chain, range);
        case FIELD_SOURCE:
        case FIELD_DESTINATION: return write_address(text, condition, range);
        case FIELD_SOURCE_PORT:
                write_ports(text, "src port", range);
                return has_ports_of_expressions(writing);
        case FIELD_DESTINATION_PORT:
                write_ports(text, "dst port", range);
                return has_ports_of_expressions(writing);
        case FIELD_ANY_PORT:
                write_ports(text, "port", range);
                return has_ports_of_expressions(writing);
        case FIELD_TYPE:
                header = is_of_version6(writing) ? "icmp6" : "icmp";
                text_format(text, "%s[0] >= %u and %s[0] <= %u", header, number_of(range->from),
                            header, number_of(range->to));
                return true;
        case FIELD_TYPE_AND_CODE:
                text_format(text, "%s[0:2] = %u", is_of_version6(writing) ? "icmp6" : "icmp",
                            number_of(range->from));
                return true;
        default: return false;
        }
}

static void write_interface(struct writing *writing, const struct rules_condition *condition)
{
        text_format(&writing->interface, "%s%s%s", writing->interface.length ? ", " : "",
                    condition->negated ? "! " : "", condition->field == FIELD_IN ? "in" : "out");
        for (const struct rules_range *range = condition->ranges; range; range = range->next)
                text_format(&writing->interface, " %s", range->name);
}

/* "ip and not (src net 10.0.0.0/8 or src net 192.0.2.0/24)" */
static void write_condition(struct writing *writing, const struct rules_condition *condition)
{
        struct text ranges = {0};
        bool good = condition->ranges;

        for (const struct rules_range *range = condition->ranges; range && good;
             range = range->next) {
                text_string(&ranges, range == condition->ranges ? "(" : " or (");
                good = write_range(writing, &ranges, condition, range);
                text_char(&ranges, ')');
        }
        if (good) {
                text_format(&writing->expression, "%s%s%s(",
                            writing->expression.length ? " and " : "",
                            condition->family == AF_INET    ? "ip and "
                            : condition->family == AF_INET6 ? "ip6 and "
                                                            : "",
                            condition->negated ? "not " : "");
                text_put(&writing->expression, ranges.start, ranges.length);
                text_char(&writing->expression, ')');
        }
        writing->expression.failed |= ranges.failed;
        writing->partly |= !good;
        text_free(&ranges);
}

static void write_conditions(struct writing *writing)
{
        for (const struct rules_condition *condition = writing->line->conditions; condition;
             condition = condition->next)
                if (condition->field == FIELD_IN || condition->field == FIELD_OUT)
                        write_interface(writing, condition);
                else if (condition->field == FIELD_PROGRAM && !condition->negated &&
                         !writing->program)
                        writing->program = condition->ranges->name;
                else
                        write_condition(writing, condition);
        writing->partly |= writing->program && writing->expression.length;
        text_format(&writing->expression, "%s(%s)", writing->expression.length ? " and " : "",
                    writing->chain->family == AF_INET    ? "ip"
                    : writing->chain->family == AF_INET6 ? "ip6"
                                                         : "ip or ip6");
        text_char(&writing->expression, '\0');
        text_char(&writing->interface, '\0');
}

static bool visit_line(const struct rules_chain *chain, const struct rules_line *line,
                       unsigned number,
                       bool (*visit)(void *context, const struct rules_filter *filter),
                       void *context)
{
        struct writing writing = {.chain = chain, .line = line};
        bool good;

        write_conditions(&writing);
        good = !writing.expression.failed && !writing.interface.failed;
        if (good) {
                struct rules_filter filter = {
                    .table = chain->table,
                    .chain = chain->name,
                    .number = number,
                    .expression = writing.expression.start,
                    .program = writing.program,
                    .interface = writing.interface.length > 1 ? writing.interface.start : NULL,
                    .partly = writing.partly,
                    .goes_on = line->verdict == VERDICT_NONE || line->verdict == VERDICT_JUMP ||
                               line->verdict == VERDICT_UNKNOWN,
                };

                good = visit(context, &filter);
        }
        text_free(&writing.expression);
        text_free(&writing.interface);
        return good;
}

/* A rule of a map has more than one line, of one number. */
bool rules_visit(const struct rules *rules,
                 bool (*visit)(void *context, const struct rules_filter *filter), void *context)
{
        for (const struct rules_chain *chain = rules->chains; chain; chain = chain->next) {
                unsigned number = 0, last = 0;

                for (const struct rules_line *line = chain->first; line; line = line->next) {
                        number += number == 0 || line->rule.number != last;
                        last = line->rule.number;
                        if (!visit_line(chain, line, number, visit, context))
                                return false;
                }
        }
        return true;
}
