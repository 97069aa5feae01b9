/* Why a packet is accepted or rejected, in a sentence.
 *
 * Each test of the expression is compiled and run alone; from the operators follows which of them
 * decided: of an `and` that fails, its first test that does; of an `or` that fails, the tests that
 * came furthest into the packet. What was read on the way of such a test is named as an annotation
 * would name it, with all that its loads have told.
 *
 * On a packet cut short, and where an expression means more than its tests alone, they may not add
 * up to the verdict. Then the sentence speaks of the last test that the whole program made. */
#include "cbpf/ir/symbolic_execution.h"
#include "cbpf/program/program.h"
#include "cbpf/syntax/tree.h"
#include "field.h"
#include "net/protocols.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
        MAX_ASKED = 64, /* of one run: the last ones */
        MAX_BLAMED = 4, /* tests that the sentence names */
        TEXT_ROOM = 256,
};

/* A conditional jump that was executed. */
struct asked {
        struct field field;
        uint32_t jump, k; /* `k` is the value compared with */
        uint32_t value;   /* what the packet has */
        uint8_t depth;    /* how far into the packet */
        bool against_x;   /* `k` is of the packet, too: it is X, which holds `other` */
        struct field other;
};

struct run {
        struct asked asked[MAX_ASKED];
        uint32_t count;
        struct cbpf_outcome outcome;
        char outside[TEXT_ROOM]; /* what lay outside, if the run ended for that */
};

/* --- A run, with names --- */

struct watcher {
        const struct bpf_program *program;
        struct graph graph;
        struct scene scene;
        struct knowledge knowledge;
        uint32_t registers[SYMBOLIC_REGISTERS];
        struct run *run;
};

/* How far inside the packet a field is: in which kind of header, and whether that header's type
 * comes before it. */
static uint8_t depth_of(const struct field *field)
{
        static const uint8_t depths[] = {[NET_NETWORK] = 1, [NET_TRANSPORT] = 2};

        if (!field->header || field->header->level > NET_TRANSPORT ||
            depths[field->header->level] == 0)
                return 0;
        return (uint8_t)(2 * depths[field->header->level] + (field->value != NET_IP_PROTOCOL));
}

/* An MPLS header begins with the label: a comparison of all of it may be one of the label, which is
 * what its value is written as then. */
static void name_label(struct asked *asked)
{
        bool label =
            asked->field.mask != UINT32_MAX || (asked->jump == BPF_JGE && (asked->k & 0xfff) == 0);

        if (asked->field.value != NET_MPLS_LABEL)
                return;
        if (label)
                strcpy(asked->field.name, "label");
        else
                asked->field.value = NET_BITS;
}

/* What is in the place of an EtherType may be none. */
static void name_length(struct asked *asked)
{
        if (asked->field.role == NET_TYPE_OR_LENGTH && asked->field.value == NET_ETHERTYPE &&
            asked->value <= ETHERNET_MAX_LENGTH)
                strcpy(asked->field.name, "EtherType (here an 802.3 length)");
}

static void note_jump(struct watcher *watcher, const struct bpf_insn *instruction,
                      const struct cbpf_step *step)
{
        struct run *run = watcher->run;
        struct layers layers;
        struct asked *asked;

        if (run->count == MAX_ASKED)
                memmove(run->asked, run->asked + 1, --run->count * sizeof *run->asked);
        asked = &run->asked[run->count++];
        layers_find(&layers, &watcher->scene, &watcher->knowledge);
        field_name(&asked->field, &watcher->scene, &layers, watcher->registers[SYMBOLIC_A]);
        asked->jump = BPF_OP(instruction->code);
        asked->k = BPF_SRC(instruction->code) == BPF_X ? step->x : instruction->k;
        asked->value = step->a;
        asked->depth = depth_of(&asked->field);
        name_label(asked);
        name_length(asked);
        asked->against_x = BPF_SRC(instruction->code) == BPF_X &&
                           !graph_is_constant(&watcher->graph, watcher->registers[SYMBOLIC_X]);
        if (asked->against_x)
                field_name(&asked->other, &watcher->scene, &layers, watcher->registers[SYMBOLIC_X]);
}

/* What the instruction would have read, in case it cannot. */
static void note_load(struct watcher *watcher, const struct bpf_insn *instruction,
                      const struct cbpf_step *step)
{
        struct layers layers;
        struct field field;
        uint32_t registers[SYMBOLIC_REGISTERS], set;

        memcpy(registers, watcher->registers, sizeof registers);
        set = symbolic_step(&watcher->graph, instruction, registers);
        layers_find(&layers, &watcher->scene, &watcher->knowledge);
        field_name(&field, &watcher->scene, &layers, registers[set]);
        if (step->size == 0)
                return;
        snprintf(watcher->run->outside, sizeof watcher->run->outside,
                 "%s%s (byte %llu of the packet)", field.prefix, field.name,
                 (unsigned long long)step->offset);
}

static void watch(void *context, const struct cbpf_step *step)
{
        struct watcher *watcher = context;
        const struct bpf_insn *instruction = &watcher->program->bf_insns[step->instruction];

        /* What was loaded is known now. */
        knowledge_add(&watcher->knowledge, &watcher->graph, watcher->registers[SYMBOLIC_A], step->a,
                      step->a);
        knowledge_add(&watcher->knowledge, &watcher->graph, watcher->registers[SYMBOLIC_X], step->x,
                      step->x);
        switch (BPF_CLASS(instruction->code)) {
        case BPF_JMP:
                if (BPF_OP(instruction->code) != BPF_JA)
                        note_jump(watcher, instruction, step);
                break;
        case BPF_RET: break;
        case BPF_LD:
        case BPF_LDX: note_load(watcher, instruction, step); __attribute__((fallthrough));
        default: symbolic_step(&watcher->graph, instruction, watcher->registers);
        }
}

/* What follows the IP header, which arithmetic (`0 + tcp[12]`) does not ask for. */
static void know_protocol(struct watcher *watcher, const struct cbpf_packet *packet, uint32_t type,
                          uint32_t header)
{
        const struct net_header *network = net_header_by(NET_ETHERTYPES, type);
        uint32_t at, term;

        if (!network || network->numbers != NET_IP_PROTOCOLS)
                return;
        at = header + network->next_offset;
        if (at >= packet->captured)
                return;
        term = graph_load(&watcher->graph, BPF_B, GRAPH_NONE, at);
        knowledge_add(&watcher->knowledge, &watcher->graph, term, packet->data[at],
                      packet->data[at]);
}

/* Adds the EtherTypes, which tell what a test means that does not ask for them again. */
static void know_types(struct watcher *watcher, const struct cbpf_packet *packet)
{
        uint32_t at = layers_type_offset(&watcher->scene), type;

        for (; at != GRAPH_NONE && at + 2 <= packet->captured; at += 4) {
                uint32_t term = graph_load(&watcher->graph, BPF_H, GRAPH_NONE, at);

                type = (uint32_t)packet->data[at] << 8 | packet->data[at + 1];
                knowledge_add(&watcher->knowledge, &watcher->graph, term, type, type);
                if (!net_is_vlan(type)) {
                        know_protocol(watcher, packet, type, at + 2);
                        return;
                }
        }
}

/* Returns -1 if memory is short. */
static int run_named(struct run *run, const struct bpf_program *program,
                     const struct cbpf_target *target, const struct cbpf_packet *packet)
{
        struct watcher *watcher = calloc(1, sizeof *watcher);
        struct cbpf_observer observer = {watch, watcher};
        bool failed;

        if (!watcher)
                return -1;
        watcher->program = program;
        watcher->run = run;
        watcher->scene = scene_of(&watcher->graph, target);
        for (size_t i = 0; i < SYMBOLIC_REGISTERS; i++)
                watcher->registers[i] = graph_constant(&watcher->graph, 0);
        know_types(watcher, packet);
        run->count = 0;
        *run->outside = '\0';
        run->outcome = cbpf_execute(program, packet, &observer);
        failed = watcher->graph.failed;
        graph_free(&watcher->graph);
        free(watcher);
        return failed ? -1 : 0;
}

/* --- The tests of the tree --- */

struct why {
        const struct cbpf_target *target;
        const struct cbpf_packet *packet;
        const struct tree *tree;
        bool any_moves; /* a test changes where later ones look for headers */
        bool failed;
};

static bool is_logic(const struct tree *tree)
{
        return tree->kind == TREE_AND || tree->kind == TREE_OR || tree->kind == TREE_NOT;
}

static bool moves(const struct tree *tree)
{
        return tree->kind == TREE_VLAN || tree->kind == TREE_MPLS || tree->kind == TREE_PPPOES ||
               tree->kind == TREE_GENEVE;
}

/* The text of a test, in fresh memory, with what moved headers before it. */
static char *text_in_context(const struct why *why, const struct tree *test)
{
        char *text = NULL;
        size_t length;
        FILE *out = open_memstream(&text, &length);
        char *alone = cbpf_tree_text(test);

        if (!out || !alone) {
                if (out)
                        fclose(out);
                free(alone);
                free(text);
                return NULL;
        }
        for (const struct tree *node = tree_first(why->tree);
             why->any_moves && node && node != test; node = tree_next(node))
                if (moves(node)) {
                        char *move = cbpf_tree_text(node);

                        fprintf(out, "(%s or (len >= 0)) and ", move ? move : "(len >= 0)");
                        free(move);
                }
        fputs(alone, out);
        free(alone);
        if (fclose(out) == 0)
                return text;
        free(text);
        return NULL;
}

/* Runs a test alone. Returns 1 if it holds, 0 if not, -1 if it cannot be told. */
static int run_test(struct why *why, const struct tree *test, struct run *run)
{
        char *text = text_in_context(why, test);
        struct bpf_program program;
        struct error error;
        int result = -1;

        if (text && cbpf_compile(text, why->target, 0, &program, &error) == 0) {
                if (run_named(run, &program, why->target, why->packet) == 0)
                        result = run->outcome.verdict != 0;
                else
                        why->failed = true;
                cbpf_program_free(&program);
        }
        free(text);
        return result;
}

/* --- Blame --- */

struct blamed {
        const struct tree *test;
        bool holds;
};

struct blame {
        struct blamed tests[MAX_BLAMED];
        uint64_t count; /* all of them */
        int depth;      /* how far they came, for an `or` that fails */
};

/* A stack that holds, for each node whose value is known, whom its value is to be blamed on. */
struct judged {
        int holds;
        struct blame blame;
};

static void add_blame(struct blame *blame, const struct blame *other)
{
        for (uint64_t i = 0; i < other->count && i < MAX_BLAMED; i++)
                if (blame->count + i < MAX_BLAMED)
                        blame->tests[blame->count + i] = other->tests[i];
        blame->count += other->count;
}

static struct judged judge_test(struct why *why, const struct tree *test)
{
        struct judged judged = {.holds = -1};
        struct run *run = malloc(sizeof *run);

        if (!run) {
                why->failed = true;
                return judged;
        }
        judged.holds = run_test(why, test, run);
        judged.blame.tests[0] = (struct blamed){test, judged.holds == 1};
        judged.blame.count = 1;
        judged.blame.depth = run->count ? run->asked[run->count - 1].depth : 0;
        free(run);
        return judged;
}

/* An operator's value, and whom it is to be blamed on: the first operand that decided alone; else
 * all of them, of which those that came furthest into the packet say most. */
static struct judged judge_logic(const struct tree *node, const struct judged *operands,
                                 size_t count)
{
        int decisive = node->kind == TREE_OR; /* an operand's value that decides alone */
        struct judged judged = {.holds = !decisive};
        int deepest = 0;

        for (size_t i = 0; i < count; i++)
                if (operands[i].holds < 0)
                        return (struct judged){.holds = -1};
        if (node->kind == TREE_NOT) {
                judged = operands[0];
                judged.holds = !judged.holds;
                return judged;
        }
        for (size_t i = 0; i < count; i++)
                if (operands[i].holds == decisive) {
                        judged = operands[i];
                        return judged;
                }
        for (size_t i = 0; i < count; i++)
                if (operands[i].blame.depth > deepest)
                        deepest = operands[i].blame.depth;
        judged.blame.depth = deepest;
        for (size_t i = 0; i < count; i++)
                if (decisive == 0 || operands[i].blame.depth == deepest)
                        add_blame(&judged.blame, &operands[i].blame);
        return judged;
}

/* Judges the tree, operands first. */
static struct judged judge(struct why *why)
{
        struct judged *stack = NULL, result = {.holds = -1};
        size_t count = 0, room = 0;

        for (const struct tree *node = tree_first(why->tree); node && !why->failed;
             node = tree_next(node)) {
                bool number = node->kind > TREE_RELATION && node->kind <= TREE_CALCULATE;

                if (number)
                        continue;
                if (count == room) {
                        size_t more = room ? 2 * room : 64;
                        struct judged *grown = realloc(stack, more * sizeof *grown);

                        if (!grown) {
                                why->failed = true;
                                break;
                        }
                        stack = grown;
                        room = more;
                }
                if (is_logic(node)) {
                        size_t operands = node->operand_count;

                        count -= operands;
                        stack[count] = judge_logic(node, stack + count, operands);
                        count++;
                } else {
                        stack[count++] = judge_test(why, node);
                }
        }
        if (count == 1 && !why->failed)
                result = stack[0];
        free(stack);
        return result;
}

/* --- Sentences --- */

static void put_whole(FILE *out, const struct cbpf_packet *packet, const struct field *field)
{
        const uint8_t *bytes = packet->data + field->whole_offset;
        char text[INET6_ADDRSTRLEN];

        switch (field->whole->value) {
        case NET_IPV4_ADDRESS: fputs(inet_ntop(AF_INET, bytes, text, sizeof text), out); return;
        case NET_IPV6_ADDRESS: fputs(inet_ntop(AF_INET6, bytes, text, sizeof text), out); return;
        }
        for (uint8_t i = 0; i < field->whole->size; i++)
                fprintf(out, "%s%02x", i ? ":" : "", bytes[i]);
}

/* A part of an address says little: the whole is told where it is there. */
static bool is_whole_there(const struct cbpf_packet *packet, const struct field *field)
{
        const struct net_field *whole = field->whole;
        bool address =
            whole && (whole->value == NET_IPV4_ADDRESS || whole->value == NET_IPV6_ADDRESS ||
                      whole->value == NET_MAC_ADDRESS);

        return address && (uint64_t)field->whole_offset + field->whole->size <= packet->captured;
}

static const char *name_of(const struct cbpf_packet *packet, const struct field *field)
{
        return is_whole_there(packet, field) ? field->whole->name : field->name;
}

/* Whether a test of IP's first byte asks for the version in its upper half alone. */
static bool asks_version(const struct asked *asked)
{
        return asked->field.value == NET_VERSION ||
               (asked->field.value == NET_VERSION_AND_LENGTH && asked->jump == BPF_JGE &&
                (asked->k & 0xf) == 0);
}

/* What the packet has in the place of a constant. */
static void put_other(FILE *out, const struct asked *asked)
{
        const struct field *other = &asked->other;
        char value[64];

        field_value(value, sizeof value, other, asked->k);
        fprintf(out, " and %s%s is %s", other->prefix, other->name, value);
}

static void put_actual(FILE *out, const struct cbpf_packet *packet, const struct asked *asked,
                       bool with_header)
{
        const struct field *field = &asked->field;
        char value[64];

        if (asks_version(asked)) {
                fprintf(out, "IP version is %u", asked->value >> 4);
                return;
        }
        fprintf(out, "%s%s %s ", with_header ? field->prefix : "", name_of(packet, field),
                field->value == NET_TCP_FLAGS && !field->unmasked ? "are" : "is");
        if (is_whole_there(packet, field)) {
                put_whole(out, packet, field);
                return;
        }
        field_value(value, sizeof value, field, asked->value);
        fputs(value, out);
        if (asked->against_x)
                put_other(out, asked);
}

/* What the filter wanted to read where the packet, or what is captured of it, has ended. */
static void put_outside(FILE *out, const struct cbpf_packet *packet, const struct run *run)
{
        if (packet->captured < packet->length)
                fprintf(out, "only %u of the packet's %u bytes are captured", packet->captured,
                        packet->length);
        else
                fprintf(out, "the packet ends after %u bytes", packet->captured);
        fprintf(out, ", and the filter looks for %s", run->outside);
}

static bool same_kind(const struct asked *a, const struct asked *b)
{
        return a->field.value == b->field.value && a->field.header == b->field.header &&
               a->field.ordinal == b->field.ordinal;
}

/* Whether a sentence would tell the same of both. */
static bool same_field(const struct cbpf_packet *packet, const struct field *a,
                       const struct field *b)
{
        if (is_whole_there(packet, a) && is_whole_there(packet, b))
                return a->whole == b->whole && a->whole_offset == b->whole_offset;
        return a->term == b->term;
}

/* What was read that decided: the field of the last test, and others of its kind before, once each.
 */
static void put_actuals(FILE *out, const struct cbpf_packet *packet, const struct run *run,
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
                        fputs(" and ", out);
                put_actual(out, packet, asked, first);
                first = false;
        }
}

/* A later fragment has no ports: that is more to the point than its offset. */
static bool is_fragment(const struct run *run)
{
        const struct asked *last = &run->asked[run->count - 1];

        return last->field.value == NET_FRAGMENT && last->jump == BPF_JSET && last->k == 0x1fff &&
               (last->value & 0x1fff) != 0;
}

/* Whether the value that decided is of the kind that the test itself speaks of. */
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

static void put_test(FILE *out, const struct tree *test)
{
        char *text = cbpf_tree_text(test);
        size_t length = text ? strlen(text) : 0;

        if (length > 2)
                fprintf(out, "%.*s", (int)(length - 2), text + 1);
        free(text);
}

static void put_address(FILE *out, int family, const void *address, int prefix, int bits)
{
        char text[INET6_ADDRSTRLEN];

        fputs(inet_ntop(family, address, text, sizeof text), out);
        if (prefix < bits)
                fprintf(out, "/%d", prefix);
}

static void put_ipv4(FILE *out, const struct tree_test *test)
{
        struct in_addr address = {htonl(test->ipv4.address)}, mask = {htonl(test->ipv4.mask)};
        int prefix = __builtin_popcount(test->ipv4.mask);
        char text[INET_ADDRSTRLEN];

        if (prefix == 0 || test->ipv4.mask == UINT32_MAX << (32 - prefix)) {
                put_address(out, AF_INET, &address, prefix, 32);
                return;
        }
        put_address(out, AF_INET, &address, 32, 32);
        fprintf(out, " mask %s", inet_ntop(AF_INET, &mask, text, sizeof text));
}

/* The value that a test speaks of, without its qualifiers. */
static void put_wanted_value(FILE *out, const struct tree *tree)
{
        const struct tree_test *test = tree->test;

        switch (tree->kind) {
        case TREE_IPV4: put_ipv4(out, test); break;
        case TREE_IPV6:
                put_address(out, AF_INET6, test->ipv6.address, test->ipv6.prefix, 128);
                break;
        case TREE_MAC:
                for (int i = 0; i < 6; i++)
                        fprintf(out, "%s%02x", i ? ":" : "", test->mac[i]);
                break;
        case TREE_PORT_RANGE: fprintf(out, "%u-%u", test->ports.first, test->ports.last); break;
        case TREE_PORT: fprintf(out, "%u", test->ports.first); break;
        case TREE_LESS: fprintf(out, "at most %u", test->number); break;
        case TREE_GREATER: fprintf(out, "at least %u", test->number); break;
        default: break;
        }
}

static bool has_names(const struct field *field)
{
        switch (field->value) {
        case NET_ETHERTYPE:
        case NET_PPP_PROTOCOL:
        case NET_IP_PROTOCOL:
        case NET_FAMILY:
        case VALUE_HOST_FAMILY:
        case NET_VERSION: return true;
        default: return false;
        }
}

/* "IPv4 or IPv6": all that the last field was compared with. False if that says too little. */
static bool put_compared(FILE *out, const struct run *run)
{
        const struct asked *last = &run->asked[run->count - 1];
        uint32_t values[8];
        uint32_t count = 0;
        char text[64];

        if (!has_names(&last->field))
                return false;
        for (uint32_t i = 0; i < run->count; i++) {
                const struct asked *asked = &run->asked[i];

                if (!same_kind(asked, last) || asked->field.term != last->field.term)
                        continue;
                if (asked->jump != BPF_JEQ || count == 8)
                        return false;
                if (asked->field.value == NET_IP_PROTOCOL && asked->k == IPPROTO_FRAGMENT)
                        continue; /* on the way to what is wanted */
                values[count++] = asked->k;
        }
        for (uint32_t i = 0; i < count; i++) {
                field_value(text, sizeof text, &last->field, values[i]);
                fprintf(out, "%s%s", i == 0 ? "" : i + 1 == count ? " or " : ", ", text);
        }
        return count > 0;
}

/* What a packet has, and what a test wants instead. */
struct reason {
        char *actual, *wanted;
};

static void put_wanted(FILE *out, const struct tree *test, const struct run *run)
{
        if (speaks_of(test, &run->asked[run->count - 1])) {
                put_wanted_value(out, test);
        } else if (test->kind == TREE_PROTOCHAIN || !put_compared(out, run)) {
                fputs("`", out);
                put_test(out, test);
                fputs("`", out);
        }
}

/* The test before `test` that last changed where headers are looked for; NULL if none did. */
static const struct tree *last_move(const struct why *why, const struct tree *test)
{
        const struct tree *move = NULL;

        for (const struct tree *node = tree_first(why->tree);
             why->any_moves && node && node != test; node = tree_next(node))
                if (moves(node))
                        move = node;
        return move;
}

/* `vlan or ip` looks for IP behind a VLAN tag: where there is none, that is the reason. */
static bool put_moved(FILE *out, struct why *why, const struct tree *test)
{
        const struct tree *move = last_move(why, test);
        struct run *run = move ? malloc(sizeof *run) : NULL;
        bool missing = run && run_test(why, move, run) == 0;

        free(run);
        if (!missing)
                return false;
        fputs("`", out);
        put_test(out, test);
        fputs("` stands after `", out);
        put_test(out, move);
        fputs("`, so the filter looks for it behind what `", out);
        put_test(out, move);
        fputs("` asks for, which is not there", out);
        return true;
}

/* Says why one test holds, or does not; `actual` and `wanted` are where to. */
static void put_reason(FILE *actual, FILE *wanted, struct why *why, const struct blamed *blamed,
                       const struct run *run, bool accepted)
{
        const struct asked *last = run->count ? &run->asked[run->count - 1] : NULL;
        const struct tree *test = blamed->test;

        if (run->outcome.end == CBPF_END_OUTSIDE) {
                put_outside(actual, why->packet, run);
        } else if (!blamed->holds && put_moved(actual, why, test)) {
                /* said */
        } else if (!last) {
                fputs("`", actual);
                put_test(actual, test);
                fprintf(actual, blamed->holds ? "` holds for every packet of this link type"
                                              : "` holds for no packet of this link type");
        } else if (is_fragment(run) && !blamed->holds) {
                fprintf(actual, "this is a later fragment (offset %u), which has no %s",
                        (last->value & 0x1fff) * 8,
                        test->kind == TREE_PORT || test->kind == TREE_PORT_RANGE
                            ? "ports"
                            : "transport header");
        } else {
                put_actuals(actual, why->packet, run, blamed->holds);
                if (blamed->holds || accepted) {
                        fputs("`", wanted);
                        put_test(wanted, test);
                        fputs("`", wanted);
                } else {
                        put_wanted(wanted, test, run);
                }
        }
}

/* What `protochain` compares is from header to header the protocol of the next one. */
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
        size_t length;
        FILE *actual = open_memstream(&reason->actual, &length);
        FILE *wanted = open_memstream(&reason->wanted, &length);
        bool done = run && actual && wanted && run_test(why, blamed->test, run) >= 0;

        if (done)
                name_chain(run, blamed->test);
        if (done)
                put_reason(actual, wanted, why, blamed, run, accepted);
        if (actual && fclose(actual))
                done = false;
        if (wanted && fclose(wanted))
                done = false;
        free(run);
        return done;
}

/* What goes between what a packet has and what the filter wants. */
static void put_link(FILE *out, const struct blamed *blamed, bool accepted)
{
        if (blamed->holds)
                fputs(accepted ? ", as the filter wants: " : ", which the filter excludes: ", out);
        else
                fputs(accepted ? ", while the filter excludes " : ", the filter wants ", out);
}

/* Tells what other tests want of the same fields, and strikes these tests out. */
static void put_same(FILE *out, struct reason *reasons, uint64_t i, uint64_t count)
{
        for (uint64_t j = i + 1; j < count; j++) {
                bool same = reasons[j].actual && strcmp(reasons[j].actual, reasons[i].actual) == 0;

                if (!same)
                        continue;
                if (!strstr(reasons[i].wanted, reasons[j].wanted))
                        fprintf(out, " or %s", reasons[j].wanted);
                free(reasons[j].actual);
                reasons[j].actual = NULL;
        }
}

static void put_reasons(FILE *out, const struct blame *blame, struct reason *reasons,
                        uint64_t count, bool accepted)
{
        for (uint64_t i = 0; i < count; i++) {
                if (!reasons[i].actual)
                        continue;
                fprintf(out, "%s%s", i ? "; and " : "", reasons[i].actual);
                if (*reasons[i].wanted) {
                        put_link(out, &blame->tests[i], accepted);
                        fputs(reasons[i].wanted, out);
                }
                put_same(out, reasons, i, count);
        }
        if (blame->count > count)
                fprintf(out, " (and %llu tests more)", (unsigned long long)(blame->count - count));
}

static void put_blame(FILE *out, struct why *why, const struct blame *blame, bool accepted)
{
        struct reason reasons[MAX_BLAMED] = {{NULL, NULL}};
        uint64_t count = blame->count < MAX_BLAMED ? blame->count : MAX_BLAMED;
        bool found = true;

        for (uint64_t i = 0; i < count && found; i++)
                found = find_reason(why, &blame->tests[i], accepted, &reasons[i]);
        if (found)
                put_reasons(out, blame, reasons, count, accepted);
        else
                why->failed = true;
        for (uint64_t i = 0; i < count; i++) {
                free(reasons[i].actual);
                free(reasons[i].wanted);
        }
}

/* Where the tests alone do not add up to the verdict: the last one that was made. */
static void put_last(FILE *out, const struct why *why, const struct run *run)
{
        const struct asked *last = run->count ? &run->asked[run->count - 1] : NULL;

        switch (run->outcome.end) {
        case CBPF_END_RETURN:
                if (!last) {
                        fprintf(out, "the filter asks nothing of a packet");
                        return;
                }
                put_actual(out, why->packet, last, true);
                fprintf(out, ", which the last test (instruction by instruction: filt debug) %s",
                        run->outcome.verdict ? "takes" : "refuses");
                return;
        case CBPF_END_OUTSIDE: put_outside(out, why->packet, run); return;
        case CBPF_END_DIVISION: fprintf(out, "the filter divides by zero on it"); return;
        default: fprintf(out, "the filter comes to no end on it");
        }
}

static int tell(struct why *why, const struct bpf_program *program, FILE *out)
{
        struct run *run = malloc(sizeof *run);
        struct judged judged;
        bool accepted;

        if (!run || run_named(run, program, why->target, why->packet) < 0) {
                free(run);
                return -1;
        }
        accepted = run->outcome.verdict != 0;
        fprintf(out, accepted ? "accepted: " : "rejected: ");
        if (!why->tree) {
                fputs("the empty filter wants every packet", out);
        } else if (run->outcome.end != CBPF_END_RETURN) {
                put_last(out, why, run);
        } else {
                judged = judge(why);
                if (judged.holds == accepted)
                        put_blame(out, why, &judged.blame, accepted);
                else
                        put_last(out, why, run);
        }
        free(run);
        return why->failed ? -1 : 0;
}

int cbpf_why(const char *expression, const struct cbpf_target *target,
             const struct cbpf_packet *packet, char **sentence, struct error *error)
{
        struct why why = {.target = target, .packet = packet};
        struct arena arena = {0};
        struct bpf_program program;
        struct tree *tree = NULL;
        FILE *out = NULL;
        size_t length;
        int status = -1;

        *sentence = NULL;
        if (cbpf_compile(expression, target, 0, &program, error) < 0)
                return -1;
        if (cbpf_parse(expression, 0, &arena, &tree, error) == 0)
                out = open_memstream(sentence, &length);
        if (out) {
                why.tree = tree;
                for (const struct tree *node = tree ? tree_first(tree) : NULL; node;
                     node = tree_next(node))
                        why.any_moves |= moves(node);
                status = tell(&why, &program, out);
                if (ferror(out) | fclose(out))
                        status = -1;
        }
        arena_free(&arena);
        cbpf_program_free(&program);
        if (status == 0)
                return 0;
        free(*sentence);
        *sentence = NULL;
        *error = (struct error){.message = "out of memory", .offset = ERROR_NO_OFFSET};
        return -1;
}
