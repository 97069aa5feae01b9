/* The walk through rule sets, as the kernel goes, with a third answer to what rules ask. */
#include "model.h"

#include <arpa/inet.h>
#include <string.h>

/* --- Conditions --- */

enum answer { NO, PERHAPS, YES };

static enum answer negate(enum answer answer, bool negated)
{
        return negated ? YES - answer : answer;
}

static bool holds_value(const struct rules_condition *condition, const uint8_t value[16])
{
        for (const struct rules_range *range = condition->ranges; range; range = range->next)
                if (!range->name && memcmp(range->from, value, 16) <= 0 &&
                    memcmp(value, range->to, 16) <= 0)
                        return true;
        return false;
}

static bool holds_name(const struct rules_condition *condition, const char *name)
{
        for (const struct rules_range *range = condition->ranges; range; range = range->next) {
                const char *star = range->name ? strrchr(range->name, '*') : NULL;

                if (!range->name)
                        continue;
                if (star && star[1] == '\0'
                        ? strncmp(range->name, name, (size_t)(star - range->name)) == 0
                        : strcmp(range->name, name) == 0)
                        return true;
        }
        return false;
}

static enum answer ask_number(const struct rules_condition *condition, bool known, uint32_t number)
{
        uint8_t value[16];

        if (!known)
                return PERHAPS;
        rules_put_number(value, number);
        return holds_value(condition, value) ? YES : NO;
}

static enum answer ask_name(const struct rules_condition *condition, const char *name)
{
        return !name ? PERHAPS : holds_name(condition, name) ? YES : NO;
}

static enum answer ask_any_port(const struct rules_condition *condition,
                                const struct rules_packet *packet)
{
        enum answer source = ask_number(condition, packet->has_ports, packet->source_port);
        enum answer other = ask_number(condition, packet->has_ports, packet->destination_port);

        return source > other ? source : other;
}

static enum answer ask_field(const struct rules_condition *condition,
                             const struct rules_packet *packet)
{
        const bool is_ip = packet->family != 0;

        switch (condition->field) {
        case FIELD_FAMILY: return ask_number(condition, is_ip, (uint32_t)packet->family);
        case FIELD_PROTOCOL: return ask_number(condition, is_ip, packet->protocol);
        case FIELD_SOURCE: return holds_value(condition, packet->source) ? YES : NO;
        case FIELD_DESTINATION: return holds_value(condition, packet->destination) ? YES : NO;
        case FIELD_SOURCE_PORT:
                return ask_number(condition, packet->has_ports, packet->source_port);
        case FIELD_DESTINATION_PORT:
                return ask_number(condition, packet->has_ports, packet->destination_port);
        case FIELD_ANY_PORT: return ask_any_port(condition, packet);
        case FIELD_TYPE: return ask_number(condition, packet->has_type, packet->type);
        case FIELD_IN: return ask_name(condition, packet->in);
        case FIELD_OUT: return ask_name(condition, packet->out);
        default: return PERHAPS;
        }
}

static enum answer ask(const struct rules_line *line, const struct rules_packet *packet)
{
        enum answer least = YES;

        for (const struct rules_condition *condition = line->conditions; condition && least != NO;
             condition = condition->next) {
                enum answer answer;

                if (condition->family && condition->family != packet->family)
                        return NO;
                answer = negate(ask_field(condition, packet), condition->negated);
                least = answer < least ? answer : least;
        }
        return least;
}

/* --- The walk --- */

enum {
        DEEPEST = 16,  /* jumps within one another, as the kernel has it */
        STEPS = 100000 /* rules looked at */
};

struct walk {
        const struct rules *rules;
        const struct rules_packet *packet;
        struct rules_found *found;
        unsigned steps;
        bool perhaps; /* it may have ended before */
        bool dropped; /* surely */
};

static void add(struct rules_found *found, const struct rules_rule *rule)
{
        for (size_t i = 0; i < found->count && i < RULES_MOST; i++)
                if (found->rules[i] == rule)
                        return;
        if (found->count < RULES_MOST)
                found->rules[found->count] = rule;
        found->count++;
}

static bool walk_chain(struct walk *walk, const struct rules_chain *chain, bool surely, int depth);

static bool walk_target(struct walk *walk, const struct rules_chain *chain,
                        const struct rules_line *line, bool surely, int depth)
{
        const struct rules_chain *target =
            rules_find_chain(walk->rules, chain->program, chain->table, line->target);

        if (!target || depth == DEEPEST)
                return true;
        return walk_chain(walk, target, surely, depth + 1);
}

/* Returns whether the packet may come to the end of the chain, or return from it. `surely`: it is
 * sure that it came to this chain, unless it has ended before. */
static bool walk_chain(struct walk *walk, const struct rules_chain *chain, bool surely, int depth)
{
        bool may_return = false;

        for (const struct rules_line *line = chain->first; line; line = line->next) {
                const enum answer answer = ask(line, walk->packet);
                const bool sure = answer == YES;
                bool through;

                if (answer == NO || walk->steps++ > STEPS)
                        continue;
                switch (line->verdict) {
                case VERDICT_NONE: continue;
                case VERDICT_QUEUE:
                case VERDICT_UNKNOWN:
                        add(walk->found, &line->rule);
                        walk->perhaps = true;
                        continue;
                case VERDICT_DROP:
                        add(walk->found, &line->rule);
                        walk->dropped |= sure && surely && !walk->perhaps;
                        break;
                case VERDICT_ACCEPT: break;
                case VERDICT_RETURN: may_return = true; break;
                default:
                        through = walk_target(walk, chain, line, sure && surely, depth);
                        if (line->verdict == VERDICT_JUMP && through)
                                continue;
                        may_return |= through;
                        break;
                }
                if (sure)
                        return may_return;
                walk->perhaps = true;
        }
        return true;
}

static bool is_at(const struct rules_chain *chain, enum rules_hook hook,
                  const struct rules_packet *packet)
{
        const char *device = hook == RULES_EGRESS ? packet->out : packet->in;
        const struct rules_device *at = chain->devices;

        if (!chain->is_base || chain->hook != hook ||
            (chain->family && chain->family != packet->family) ||
            (packet->dropped_by && strcmp(chain->nft_family, packet->dropped_by) != 0))
                return false;
        while (at && device && strcmp(at->name, device) != 0)
                at = at->next;
        return at || !chain->devices;
}

void rules_find(const struct rules *rules, enum rules_hook hook, const struct rules_packet *packet,
                struct rules_found *found)
{
        struct walk walk = {.rules = rules, .packet = packet, .found = found};

        *found = (struct rules_found){0};
        for (const struct rules_chain *chain = rules->chains; chain && !walk.dropped;
             chain = chain->next) {
                walk.perhaps = false;
                if (!is_at(chain, hook, packet) || !walk_chain(&walk, chain, true, 0) ||
                    !chain->drops)
                        continue;
                add(found, &chain->policy);
                walk.dropped = !walk.perhaps;
        }
}
