/* Says in words what a packet has and what a test wants instead. Which field they are about follows
 * from the kinds and roles of the fields that the test compared last. */
#include "why.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_WANTED = 8 }; /* values that a test compares a field with */

static void put_whole(struct text *out, const struct packet *packet, const struct field *field)
{
        const uint8_t *bytes = packet->data + field->whole_offset;
        char text[INET6_ADDRSTRLEN];

        switch (field->whole->value) {
        case NET_IPV4_ADDRESS:
                text_string(out, inet_ntop(AF_INET, bytes, text, sizeof text));
                return;
        case NET_IPV6_ADDRESS:
                text_string(out, inet_ntop(AF_INET6, bytes, text, sizeof text));
                return;
        }
        for (uint8_t i = 0; i < field->whole->size; i++)
                text_format(out, "%s%02x", i ? ":" : "", bytes[i]);
}

/* A part of an address says little: the whole address is shown where it was captured. */
static bool is_whole_there(const struct packet *packet, const struct field *field)
{
        const struct net_field *whole = field->whole;
        bool address =
            whole && (whole->value == NET_IPV4_ADDRESS || whole->value == NET_IPV6_ADDRESS ||
                      whole->value == NET_MAC_ADDRESS);

        return address && (uint64_t)field->whole_offset + field->whole->size <= packet->captured;
}

static const char *name_of(const struct packet *packet, const struct field *field)
{
        return is_whole_there(packet, field) ? field->whole->name : field->name;
}

/* Whether a test of IP's first byte depends on the version only. */
static bool asks_version(const struct asked *asked)
{
        return asked->field.value == NET_VERSION ||
               (asked->field.value == NET_VERSION_AND_LENGTH && asked->jump == BPF_JGE &&
                (asked->k & 0xf) == 0);
}

/* The field of the packet that another was compared with. */
static void put_other(struct text *out, const struct asked *asked)
{
        const struct field *other = &asked->other;
        char value[64];

        field_value(value, sizeof value, other, asked->k);
        text_format(out, " and %s%s is %s", other->prefix, other->name, value);
}

static void put_actual(struct text *out, const struct packet *packet, const struct asked *asked,
                       bool with_header)
{
        const struct field *field = &asked->field;
        char value[64];

        if (asks_version(asked)) {
                text_format(out, "IP version is %u", asked->value >> 4);
                return;
        }
        text_format(out, "%s%s %s ", with_header ? field->prefix : "", name_of(packet, field),
                    field->value == NET_TCP_FLAGS && !field->unmasked ? "are" : "is");
        if (is_whole_there(packet, field)) {
                put_whole(out, packet, field);
                return;
        }
        field_value(value, sizeof value, field, asked->value);
        text_string(out, value);
        if (asked->against_x)
                put_other(out, asked);
}

/* What the filter tried to read past the end of the packet or of what was captured. */
static void put_outside(struct text *out, const struct packet *packet, const struct run *run)
{
        if (run->asked_kernel) {
                text_format(out, "the filter asks for %s, which the bytes of a packet do not tell",
                            run->outside);
                return;
        }
        if (packet->captured < packet->length)
                text_format(out, "only %u of the packet's %u bytes are captured", packet->captured,
                            packet->length);
        else
                text_format(out, "the packet ends after %u bytes", packet->captured);
        text_format(out, ", and the filter looks for %s", run->outside);
}

static bool same_kind(const struct asked *a, const struct asked *b)
{
        return a->field.value == b->field.value && a->field.header == b->field.header &&
               a->field.ordinal == b->field.ordinal;
}

/* Whether both would be shown as the same field. */
static bool same_field(const struct packet *packet, const struct field *a, const struct field *b)
{
        if (is_whole_there(packet, a) && is_whole_there(packet, b))
                return a->whole == b->whole && a->whole_offset == b->whole_offset;
        return a->term == b->term;
}

/* Shows the field of the deciding comparison, and those of the same kind before it, once each. */
static void put_actuals(struct text *out, const struct packet *packet, const struct run *run,
                        bool only_last)
{
        const struct asked *last = &run->asked[run->count - 1];
        bool first = true;

        for (uint32_t i = only_last ? run->count - 1 : 0; i < run->count; i++) {
                const struct asked *asked = &run->asked[i];
                bool said = !same_kind(asked, last);

                for (uint32_t j = i + 1; j < run->count && !said; j++)
                        said = same_kind(&run->asked[j], last) &&
                               same_field(packet, &run->asked[j].field, &asked->field);
                if (said)
                        continue;
                if (!first)
                        text_string(out, " and ");
                put_actual(out, packet, asked, first);
                first = false;
        }
}

/* That a later fragment has no ports says more than its offset. */
static bool is_fragment(const struct run *run)
{
        const struct asked *last = &run->asked[run->count - 1];

        return last->field.value == NET_FRAGMENT && last->jump == BPF_JSET && last->k == 0x1fff &&
               (last->value & 0x1fff) != 0;
}

/* Whether the deciding comparison was of the field that the test names. */
static bool speaks_of(const struct tree *test, const struct asked *last)
{
        switch (test->kind) {
        case TREE_PORT:
        case TREE_PORT_RANGE:
                return last->field.role == NET_SOURCE_PORT ||
                       last->field.role == NET_DESTINATION_PORT || last->field.role == ROLE_PORTS;
        case TREE_IPV4: return last->field.value == NET_IPV4_ADDRESS;
        case TREE_IPV6: return last->field.value == NET_IPV6_ADDRESS;
        case TREE_MAC: return last->field.value == NET_MAC_ADDRESS;
        case TREE_LESS:
        case TREE_GREATER: return true;
        default: return false;
        }
}

static void put_test(struct text *out, const struct tree *test)
{
        char *text = tree_test_text(test);

        out->failed |= !text;
        text_format(out, "`%s`", text ? text : "");
        free(text);
}

static void put_address(struct text *out, int family, const void *address, int prefix, int bits)
{
        char text[INET6_ADDRSTRLEN];

        text_string(out, inet_ntop(family, address, text, sizeof text));
        if (prefix < bits)
                text_format(out, "/%d", prefix);
}

static void put_ipv4(struct text *out, const struct tree_test *test)
{
        struct in_addr address = {htonl(test->ipv4.address)}, mask = {htonl(test->ipv4.mask)};
        int prefix = __builtin_popcount(test->ipv4.mask);
        bool contiguous = prefix == 0 || test->ipv4.mask == UINT32_MAX << (32 - prefix);

        put_address(out, AF_INET, &address, contiguous ? prefix : 32, 32);
        if (contiguous)
                return;
        text_string(out, " mask ");
        put_address(out, AF_INET, &mask, 32, 32);
}

/* The value that a test names, without its qualifiers. */
static void put_wanted_value(struct text *out, const struct tree *tree)
{
        const struct tree_test *test = tree->test;

        switch (tree->kind) {
        case TREE_IPV4: put_ipv4(out, test); break;
        case TREE_IPV6:
                put_address(out, AF_INET6, test->ipv6.address, test->ipv6.prefix, 128);
                break;
        case TREE_MAC:
                for (int i = 0; i < 6; i++)
                        text_format(out, "%s%02x", i ? ":" : "", test->mac[i]);
                break;
        case TREE_PORT_RANGE: text_format(out, "%u-%u", test->ports.first, test->ports.last); break;
        case TREE_PORT: text_format(out, "%u", test->ports.first); break;
        case TREE_LESS: text_format(out, "at most %u", test->number); break;
        case TREE_GREATER: text_format(out, "at least %u", test->number); break;
        default: break;
        }
}

/* What a packet has, and what a test wants instead. */
struct reason {
        struct text actual;
        struct text wanted[MAX_WANTED]; /* any of these */
        uint32_t wanted_count;
};

/* Lists all values that the last field was compared with. Returns false if that says too little. */
static bool want_compared(struct reason *reason, const struct run *run)
{
        const struct asked *last = &run->asked[run->count - 1];
        uint32_t values[MAX_WANTED];
        uint32_t count = 0;
        char text[64];

        if (!field_has_names(last->field.value))
                return false;
        for (uint32_t i = 0; i < run->count; i++) {
                const struct asked *asked = &run->asked[i];

                if (!same_kind(asked, last) || asked->field.term != last->field.term)
                        continue;
                if (asked->jump != BPF_JEQ || count == MAX_WANTED)
                        return false;
                if (asked->field.value == NET_IP_PROTOCOL && asked->k == IPPROTO_FRAGMENT)
                        continue; /* a step on the way */
                values[count++] = asked->k;
        }
        for (uint32_t i = 0; i < count; i++) {
                field_value(text, sizeof text, &last->field, values[i]);
                text_string(&reason->wanted[reason->wanted_count++], text);
        }
        return count > 0;
}

static void want(struct reason *reason, const struct tree *test, const struct run *run)
{
        if (speaks_of(test, &run->asked[run->count - 1]))
                put_wanted_value(&reason->wanted[reason->wanted_count++], test);
        else if (test->kind == TREE_PROTOCHAIN || !want_compared(reason, run))
                put_test(&reason->wanted[reason->wanted_count++], test);
}

/* The last test before `test` that changed where headers are looked for; NULL if there is none. */
static const struct tree *last_move(const struct why *why, const struct tree *test)
{
        const struct tree *move = NULL;

        for (const struct tree *node = tree_first(why->tree);
             why->any_moves && node && node != test; node = tree_next(node))
                if (run_moves(node))
                        move = node;
        return move;
}

/* `vlan or ip` looks for IP behind a VLAN tag: without a tag, that is the reason. */
static bool put_moved(struct text *out, struct why *why, const struct tree *test)
{
        const struct tree *move = last_move(why, test);
        struct run *run = move ? malloc(sizeof *run) : NULL;
        bool missing = run && run_test(why, move, run) == 0;

        why->failed |= move && !run;
        free(run);
        if (!missing)
                return false;
        put_test(out, test);
        text_string(out, " stands after ");
        put_test(out, move);
        text_string(out, ", so the filter looks for it behind what ");
        put_test(out, move);
        text_string(out, " asks for, which is not there");
        return true;
}

/* The number of the first layer that has it, 1 being the outermost; 0 if none has by itself. */
static unsigned layer_that_has(struct why *why, const struct tree *test, struct run *run)
{
        enum { MAX_LAYERS_WALKED = 4 };
        const struct cbpf_target *target = why->target;
        struct cbpf_target only = *target;

        why->target = &only;
        for (only.only_layer = 1; only.only_layer <= MAX_LAYERS_WALKED; only.only_layer++)
                if (run_test(why, test, run) == 1)
                        break;
        why->target = target;
        return only.only_layer <= MAX_LAYERS_WALKED ? only.only_layer : 0;
}

/* Which layer within a tunnel has what a test asks of layers. */
static void put_inner_layer(struct text *out, struct why *why, const struct tree *test,
                            unsigned number, struct run *run)
{
        static const struct {
                const char *word, *name;
        } tunnels[] = {{"vxlan", "VXLAN"},
                       {"geneve", "Geneve"},
                       {"gre", "GRE"},
                       {"ipip", "an IP in IP tunnel"},
                       {"gtp", "GTP"}};
        size_t i = 0;

        while (i < array_count(tunnels) && run_test_within(why, test, tunnels[i].word, run) != 1)
                i++;
        text_format(out, "layer %u, within %s, has it", number,
                    i < array_count(tunnels) ? tunnels[i].name : "a tunnel");
}

/* Which layer has what a test asks of layers, or that none has. */
static void put_layer(struct text *out, struct why *why, const struct blamed *blamed)
{
        static const char *const none[] = {
            [LAYERS_ANY] = "no layer of the packet has it",
            [LAYERS_OUTER] = "the outermost layer does not have it",
            [LAYERS_INNER] = "no layer within a tunnel has it",
        };
        struct tree asked = *blamed->test;
        struct run *run = malloc(sizeof *run);

        why->failed |= !run;
        asked.next = asked.parent = NULL;
        if (!blamed->holds) {
                text_string(out, none[asked.test->word]);
        } else if (run) {
                unsigned number = layer_that_has(why, &asked, run);

                if (number == 1)
                        text_string(out, "the outermost layer has it");
                else if (number > 1)
                        put_inner_layer(out, why, &asked, number, run);
                else
                        text_string(out, "its layers together have it");
        }
        free(run);
}

/* Says why a test holds or fails. */
static void give_reason(struct reason *reason, struct why *why, const struct blamed *blamed,
                        const struct run *run, bool accepted)
{
        struct text *actual = &reason->actual;
        const struct asked *last = run->count ? &run->asked[run->count - 1] : NULL;
        const struct tree *test = blamed->test;

        if (run->outcome.end == CBPF_END_OUTSIDE) {
                put_outside(actual, why->packet, run);
        } else if (test->kind == TREE_LAYERS) {
                put_layer(actual, why, blamed);
                put_test(&reason->wanted[reason->wanted_count++], test);
        } else if (!blamed->holds && put_moved(actual, why, test)) {
                /* said */
        } else if (!last) {
                put_test(actual, test);
                text_format(actual, " holds for %s packet of this link type",
                            blamed->holds ? "every" : "no");
        } else if (is_fragment(run) && !blamed->holds) {
                text_format(actual, "this is a later fragment (offset %u), which has no %s",
                            (last->value & 0x1fff) * 8,
                            test->kind == TREE_PORT || test->kind == TREE_PORT_RANGE
                                ? "ports"
                                : "transport header");
        } else {
                put_actuals(actual, why->packet, run, blamed->holds);
                if (blamed->holds || accepted)
                        put_test(&reason->wanted[reason->wanted_count++], test);
                else
                        want(reason, test, run);
        }
}

/* `protochain` compares the protocol of one header after another. */
static void name_chain(struct run *run, const struct tree *test)
{
        struct field *field = run->count ? &run->asked[run->count - 1].field : NULL;

        if (!field || test->kind != TREE_PROTOCHAIN || field->value != NET_BITS)
                return;
        *field = (struct field){.aside = "", .size = 1, .mask = UINT32_MAX};
        strcpy(field->name, "the header that the chain comes to");
        field->value = NET_IP_PROTOCOL;
}

static bool find_reason(struct why *why, const struct blamed *blamed, bool accepted,
                        struct reason *reason)
{
        struct run *run = malloc(sizeof *run);
        bool done = run && run_test(why, blamed->test, run) >= 0;

        why->failed |= !run;
        if (done) {
                name_chain(run, blamed->test);
                give_reason(reason, why, blamed, run, accepted);
        }
        free(run);
        done &= !reason->actual.failed;
        for (uint32_t i = 0; i < reason->wanted_count; i++)
                done &= !reason->wanted[i].failed;
        return done;
}

/* Join what the packet has to what the filter wants: by whether the test holds, and whether the
 * packet is accepted. */
static const char *const links[2][2] = {
    {", the filter wants ", ", while the filter excludes "},
    {", which the filter excludes: ", ", as the filter wants: "},
};

static void put_text(struct text *out, const struct text *text)
{
        text_put(out, text->start, text->length);
}

static bool same_text(const struct text *one, const struct text *other)
{
        return one->length == other->length && memcmp(one->start, other->start, one->length) == 0;
}

/* "IPv4, ARP or IPv6" */
static void put_wanted(struct text *out, const struct reason *reason)
{
        for (uint32_t i = 0; i < reason->wanted_count; i++) {
                if (i > 0)
                        text_string(out, i + 1 == reason->wanted_count ? " or " : ", ");
                put_text(out, &reason->wanted[i]);
        }
}

/* Whether `other` lists all the alternatives of `one`. */
static bool wants_no_more(const struct reason *one, const struct reason *other)
{
        for (uint32_t i = 0; i < one->wanted_count; i++) {
                bool found = false;

                for (uint32_t j = 0; j < other->wanted_count && !found; j++)
                        found = same_text(&one->wanted[i], &other->wanted[j]);
                if (!found)
                        return false;
        }
        return true;
}

/* Adds what other tests want of the same fields, and removes these tests. */
static void put_same(struct text *out, struct reason *reasons, uint64_t i, uint64_t count)
{
        for (uint64_t j = i + 1; j < count; j++) {
                if (!same_text(&reasons[j].actual, &reasons[i].actual))
                        continue;
                if (!wants_no_more(&reasons[j], &reasons[i])) {
                        text_string(out, " or ");
                        put_wanted(out, &reasons[j]);
                }
                text_free(&reasons[j].actual);
        }
}

static void put_reasons(struct text *out, const struct blame *blame, struct reason *reasons,
                        uint64_t count, bool accepted)
{
        for (uint64_t i = 0; i < count; i++) {
                if (reasons[i].actual.length == 0)
                        continue;
                text_string(out, i ? "; and " : "");
                put_text(out, &reasons[i].actual);
                if (reasons[i].wanted_count > 0) {
                        text_string(out, links[blame->tests[i].holds][accepted]);
                        put_wanted(out, &reasons[i]);
                }
                put_same(out, reasons, i, count);
        }
        if (blame->count > count)
                text_format(out, " (and %llu tests more)",
                            (unsigned long long)(blame->count - count));
}

void reason_put(struct text *out, struct why *why, const struct blame *blame, bool accepted)
{
        struct reason reasons[MAX_BLAMED] = {0};
        uint64_t count = blame->count < MAX_BLAMED ? blame->count : MAX_BLAMED;
        bool found = true;

        for (uint64_t i = 0; i < count && found; i++)
                found = find_reason(why, &blame->tests[i], accepted, &reasons[i]);
        if (found)
                put_reasons(out, blame, reasons, count, accepted);
        else
                why->failed = true;
        for (uint64_t i = 0; i < count; i++) {
                text_free(&reasons[i].actual);
                for (uint32_t j = 0; j < reasons[i].wanted_count; j++)
                        text_free(&reasons[i].wanted[j]);
        }
}

void reason_put_last(struct text *out, const struct why *why, const struct run *run)
{
        const struct asked *last = run->count ? &run->asked[run->count - 1] : NULL;

        switch (run->outcome.end) {
        case CBPF_END_RETURN:
                if (!last) {
                        text_format(out, "the filter asks nothing of a packet");
                        return;
                }
                put_actual(out, why->packet, last, true);
                text_format(out,
                            ", which the last test (instruction by instruction: filt debug) %s",
                            run->outcome.verdict ? "takes" : "refuses");
                return;
        case CBPF_END_OUTSIDE: put_outside(out, why->packet, run); return;
        case CBPF_END_DIVISION: text_format(out, "the filter divides by zero on it"); return;
        default: text_format(out, "the filter comes to no end on it");
        }
}
