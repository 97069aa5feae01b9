/* Runs a program on a packet and symbolically at the same time, so that what each jump compares can
 * be named as in an annotation, knowing all that was loaded before. */
#include "cbpf/ir/ir.h"
#include "cbpf/program/program.h"
#include "net/protocols.h"
#include "why.h"

#include <linux/filter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct watcher {
        const struct bpf_program *program;
        struct graph graph;
        struct scene scene;
        struct knowledge knowledge;
        uint32_t registers[CBPF_REGISTERS];
        struct run *run;
};

/* How deep in the packet a field is: below the protocol numbers come the other fields of the same
 * level. */
static uint8_t depth_of(const struct field *field)
{
        static const uint8_t depths[] = {[NET_NETWORK] = 1, [NET_TRANSPORT] = 2};

        if (!field->header || field->header->level > NET_TRANSPORT ||
            depths[field->header->level] == 0)
                return 0;
        return (uint8_t)(2 * depths[field->header->level] + (field->value != NET_IP_PROTOCOL));
}

/* A comparison of a whole MPLS header may be one of the label in its upper bits, and is then shown
 * as such. */
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

/* The EtherType may be a length instead. */
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
        field_name(&asked->field, &watcher->scene, &layers, watcher->registers[CBPF_A]);
        asked->jump = BPF_OP(instruction->code);
        asked->k = BPF_SRC(instruction->code) == BPF_X ? step->x : instruction->k;
        asked->value = step->a;
        asked->depth = depth_of(&asked->field);
        name_label(asked);
        name_length(asked);
        asked->against_x = BPF_SRC(instruction->code) == BPF_X &&
                           !graph_is_constant(&watcher->graph, watcher->registers[CBPF_X]);
        if (asked->against_x)
                field_name(&asked->other, &watcher->scene, &layers, watcher->registers[CBPF_X]);
}

/* Records what the instruction reads, in case it is past the end. */
static void note_load(struct watcher *watcher, const struct bpf_insn *instruction,
                      const struct cbpf_step *step)
{
        struct layers layers;
        struct field field;
        uint32_t registers[CBPF_REGISTERS], set;

        memcpy(registers, watcher->registers, sizeof registers);
        set = symbolic_step(&watcher->graph, instruction, registers, false);
        layers_find(&layers, &watcher->scene, &watcher->knowledge);
        field_name(&field, &watcher->scene, &layers, registers[set]);
        if (step->size == 0)
                return;
        watcher->run->asked_kernel = cbpf_is_metadata(step->offset);
        if (watcher->run->asked_kernel)
                snprintf(watcher->run->outside, sizeof watcher->run->outside, "%s%s", field.prefix,
                         field.name);
        else
                snprintf(watcher->run->outside, sizeof watcher->run->outside,
                         "%s%s (byte %llu of the packet)", field.prefix, field.name,
                         (unsigned long long)step->offset);
}

static void watch(void *context, const struct cbpf_step *step)
{
        struct watcher *watcher = context;
        const struct bpf_insn *instruction = &watcher->program->bf_insns[step->instruction];

        /* The values of the registers are known. */
        knowledge_add(&watcher->knowledge, &watcher->graph, watcher->registers[CBPF_A], step->a,
                      step->a);
        knowledge_add(&watcher->knowledge, &watcher->graph, watcher->registers[CBPF_X], step->x,
                      step->x);
        switch (BPF_CLASS(instruction->code)) {
        case BPF_JMP:
                if (BPF_OP(instruction->code) != BPF_JA)
                        note_jump(watcher, instruction, step);
                break;
        case BPF_RET: break;
        case BPF_LD:
        case BPF_LDX: note_load(watcher, instruction, step); __attribute__((fallthrough));
        default: symbolic_step(&watcher->graph, instruction, watcher->registers, false);
        }
}

/* Adds what two or one bytes of the packet hold. */
static void know(struct watcher *watcher, unsigned size, uint32_t at, uint32_t value)
{
        uint32_t term = graph_load(&watcher->graph, size, GRAPH_NONE, at);

        knowledge_add(&watcher->knowledge, &watcher->graph, term, value, value);
}

/* Adds the EtherTypes, for tests that rely on earlier tests of them, and the protocol of IP, which
 * arithmetic (`0 + tcp[12]`) does not test. */
static void know_types(struct watcher *watcher, const struct packet *packet)
{
        uint32_t at = layers_type_offset(&watcher->scene), type;
        const struct net_header *network;

        if (at == GRAPH_NONE)
                return;
        do {
                if (at + 2 > packet->captured)
                        return;
                type = net_read(packet->data + at, 2);
                know(watcher, BPF_H, at, type);
                at += 4;
        } while (net_is_vlan(type));
        network = net_header_by(NET_ETHERTYPES, type);
        if (!network || network->numbers != NET_IP_PROTOCOLS)
                return;
        at += network->next_offset - 2u; /* the header begins behind the EtherType */
        if (at < packet->captured)
                know(watcher, BPF_B, at, packet->data[at]);
}

int run_program(struct why *why, struct run *run, const struct bpf_program *program)
{
        struct watcher *watcher = calloc(1, sizeof *watcher);
        struct cbpf_observer observer = {watch, watcher};
        bool failed;

        if (!watcher || !graph_start(&watcher->graph)) {
                if (watcher)
                        graph_free(&watcher->graph);
                free(watcher);
                return -1;
        }
        watcher->program = program;
        watcher->run = run;
        watcher->scene = scene_of(&watcher->graph, why->target);
        for (size_t i = 0; i < CBPF_REGISTERS; i++)
                watcher->registers[i] = graph_constant(&watcher->graph, 0);
        know_types(watcher, why->packet);
        run->count = 0;
        *run->outside = '\0';
        run->outcome = cbpf_execute(program, why->packet, NULL, &observer);
        failed = watcher->graph.failed;
        graph_free(&watcher->graph);
        free(watcher);
        return failed ? -1 : 0;
}

bool run_moves(const struct tree *tree)
{
        return tree->kind == TREE_VLAN || tree->kind == TREE_MPLS || tree->kind == TREE_PPPOES ||
               tree->kind == TREE_GENEVE;
}

/* Writes a test behind the tests before it that moved headers. */
static void put_in_context(struct text *out, const struct why *why, const struct tree *test)
{
        char *part;

        for (const struct tree *node = tree_first(why->tree);
             why->any_moves && node && node != test; node = tree_next(node))
                if (run_moves(node)) {
                        part = cbpf_tree_text(node);
                        out->failed |= !part;
                        text_format(out, "(%s or (len >= 0)) and ", part ? part : "");
                        free(part);
                }
        part = cbpf_tree_text(test);
        out->failed |= !part;
        text_string(out, part ? part : "");
        free(part);
}

/* Takes what is written. */
static int run_written(struct why *why, struct text *written, struct run *run)
{
        struct bpf_program program;
        struct error error;
        int result = -1;
        char *text = text_take(written);

        run->count = 0;
        if (!text) {
                why->failed = true;
        } else if (cbpf_compile(text, why->target, 0, &program, &error) < 0) {
                why->failed |= error.kind == ERROR_MEMORY;
        } else {
                if (run_program(why, run, &program) == 0)
                        result = run->outcome.verdict != 0;
                else
                        why->failed = true;
                cbpf_program_free(&program);
        }
        free(text);
        return result;
}

int run_test(struct why *why, const struct tree *test, struct run *run)
{
        struct text written = {0};

        put_in_context(&written, why, test);
        return run_written(why, &written, run);
}

int run_test_within(struct why *why, const struct tree *test, const char *tunnel, struct run *run)
{
        struct text written = {0};
        char *inside = cbpf_tree_text(test->test->inside);

        written.failed = !inside;
        text_format(&written, "inner (%s and (%s))", tunnel, inside ? inside : "");
        free(inside);
        return run_written(why, &written, run);
}
