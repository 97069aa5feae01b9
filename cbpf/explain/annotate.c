/* Annotates a program: says what each instruction does, on every path that leads to it.
 *
 * The program is executed symbolically, in one pass from its first instruction to its last. Each
 * instruction has a set of states: the terms that the registers hold, and what the tests before
 * have shown about the packet. States that would produce the same note are merged. Where there are
 * too many of them, what they differ in is forgotten, so a note may become vague but never wrong.
 * At the target of a backward jump (`protochain`) the registers may hold anything; facts about the
 * packet survive, as a loop does not change it. */
#include "base/array.h"
#include "base/text.h"
#include "cbpf/ir/ir.h"
#include "cbpf/program/program.h"
#include "field.h"
#include "net/protocols.h"
#include "walk.h"

#include <linux/filter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
        A = CBPF_A,
        X = CBPF_X,
        REGISTERS = CBPF_REGISTERS,

        MAX_STATES = 24, /* at one instruction */
        MAX_PHRASES = 4, /* in one note; more make it unreadable */
};

struct state {
        uint32_t registers[REGISTERS]; /* terms; GRAPH_NONE if dead */
        struct knowledge knowledge;
        struct layers layers; /* implied by `knowledge` */
};

struct states {
        struct state *states;
        uint32_t count, room;
};

struct annotator {
        const struct bpf_insn *instructions;
        uint32_t count;
        struct graph graph; /* of terms only */
        struct scene scene;
        struct states *at; /* the states of each instruction; freed once its note is written */
        uint32_t *live;    /* liveness: a bit for each register */
        enum { FORWARD, LOOP, TANGLE } * heads; /* whether it is the target of a backward jump */
        struct cbpf_note *notes;
        bool failed; /* out of memory */
};

/* --- Control flow --- */

/* Finds the targets of backward jumps. It is a LOOP if its head is the only way into it, else a
 * TANGLE. */
static void find_loops(struct annotator *annotator)
{
        uint32_t yes, no;

        for (uint32_t i = 0; i < annotator->count; i++) {
                if (BPF_CLASS(annotator->instructions[i].code) != BPF_JMP)
                        continue;
                cbpf_jump_targets(&annotator->instructions[i], i, &yes, &no);
                if (yes > i || yes >= annotator->count)
                        continue;
                if (annotator->heads[yes] == FORWARD)
                        annotator->heads[yes] = LOOP;
                for (uint32_t j = 0; j < yes; j++) {
                        uint32_t to[2];

                        if (BPF_CLASS(annotator->instructions[j].code) != BPF_JMP)
                                continue;
                        cbpf_jump_targets(&annotator->instructions[j], j, &to[0], &to[1]);
                        for (int k = 0; k < 2; k++)
                                if (to[k] > yes && to[k] <= i)
                                        annotator->heads[yes] = TANGLE;
                }
        }
}

/* Finds which EtherTypes the program tests for. */
static void find_types(struct annotator *annotator)
{
        uint32_t only = 0;
        bool more = false;

        for (uint32_t i = 0; i < annotator->count; i++) {
                const struct bpf_insn *instruction = &annotator->instructions[i];
                const struct net_header *header;
                uint32_t k = instruction->k;

                if (instruction->code != (BPF_JMP | BPF_JEQ | BPF_K))
                        continue;
                annotator->scene.asks_tags |= k == ETHERTYPE_VLAN;
                header = net_header_by(NET_ETHERTYPES, k);
                if (!header || header->level != NET_NETWORK)
                        continue;
                more |= only && only != k;
                only = k;
        }
        annotator->scene.only_type = more ? 0 : only;
}

/* --- States --- */

static void forget(struct annotator *annotator, struct state *state, uint32_t at,
                   const uint32_t *unless)
{
        for (uint32_t i = 0; i < REGISTERS; i++)
                if (annotator->live[at] >> i & 1 && (!unless || state->registers[i] != unless[i]))
                        state->registers[i] = field_varying(&annotator->graph, at, i);
}

static void look_again(struct annotator *annotator, struct state *state)
{
        layers_find(&state->layers, &annotator->scene, &state->knowledge);
}

static bool same_registers(const struct state *a, const struct state *b)
{
        return memcmp(a->registers, b->registers, sizeof a->registers) == 0;
}

static bool same_layers(const struct layers *a, const struct layers *b)
{
        if (a->count != b->count)
                return false;
        for (uint32_t i = 0; i < a->count; i++)
                if (a->layers[i].header != b->layers[i].header ||
                    a->layers[i].assumed != b->layers[i].assumed ||
                    a->layers[i].base != b->layers[i].base ||
                    a->layers[i].offset != b->layers[i].offset)
                        return false;
        return true;
}

/* Makes `state` hold on both paths: keeps what the two states have in common. */
static void merge(struct annotator *annotator, struct state *state, const struct state *other,
                  uint32_t at)
{
        forget(annotator, state, at, other->registers);
        knowledge_meet(&state->knowledge, &other->knowledge);
        look_again(annotator, state);
}

/* Merges `state` into `into` if that loses nothing that a note may need. */
static bool absorb(struct annotator *annotator, struct state *into, const struct state *state)
{
        struct state both;

        if (!same_registers(into, state) || !same_layers(&into->layers, &state->layers))
                return false;
        both = *into;
        knowledge_meet(&both.knowledge, &state->knowledge);
        look_again(annotator, &both);
        /* Different EtherTypes may announce the same header. */
        if (!same_layers(&into->layers, &both.layers))
                return false;
        *into = both;
        return true;
}

/* The state that loses least when `state` is merged into it. */
static struct state *most_alike(struct states *states, const struct state *state)
{
        for (uint32_t i = 0; i < states->count; i++)
                if (same_registers(&states->states[i], state))
                        return &states->states[i];
        return &states->states[states->count - 1];
}

/* Adds `state`, which is changed, to the states of instruction `to`. */
static void arrive(struct annotator *annotator, uint32_t to, struct state *state)
{
        struct states *states;

        if (to >= annotator->count)
                return;
        states = &annotator->at[to];
        for (uint32_t i = 0; i < REGISTERS; i++)
                if (!(annotator->live[to] >> i & 1))
                        state->registers[i] = GRAPH_NONE;
        look_again(annotator, state);
        for (uint32_t i = 0; i < states->count; i++)
                if (absorb(annotator, &states->states[i], state))
                        return;
        if (states->count == MAX_STATES) {
                merge(annotator, most_alike(states, state), state, to);
                return;
        }
        if (array_grow(states->states, states->room, states->count + 1))
                states->states[states->count++] = *state;
        else
                annotator->failed = true;
}

/* --- One instruction in one state --- */

/* Records that the jump is taken, or not. Returns false if that contradicts what is known. */
static bool learn(struct annotator *annotator, struct state *state, unsigned jump, uint32_t term,
                  uint32_t k, bool taken)
{
        struct graph *graph = &annotator->graph;
        struct knowledge *knowledge = &state->knowledge;
        uint32_t low = 0, high = UINT32_MAX;

        switch (jump) {
        case BPF_JEQ:
                if (taken)
                        return knowledge_add(knowledge, graph, term, k, k);
                knowledge_find(knowledge, layers_settled(graph, term), &low, &high);
                if (low == k && high == k)
                        return false;
                return knowledge_add(knowledge, graph, term, k == low ? low + 1 : low,
                                     k == high ? high - 1 : high);
        case BPF_JGT:
                if (taken)
                        return k < UINT32_MAX &&
                               knowledge_add(knowledge, graph, term, k + 1, UINT32_MAX);
                return knowledge_add(knowledge, graph, term, 0, k);
        case BPF_JGE:
                if (taken)
                        return knowledge_add(knowledge, graph, term, k, UINT32_MAX);
                return k > 0 && knowledge_add(knowledge, graph, term, 0, k - 1);
        default:
                term = graph_operation(&annotator->graph, BPF_AND, term,
                                       graph_constant(&annotator->graph, k));
                if (!taken)
                        return knowledge_add(knowledge, graph, term, 0, 0);
                return k > 0 && knowledge_add(knowledge, graph, term, (k & (k - 1)) ? 1 : k, k);
        }
}

static void branch(struct annotator *annotator, uint32_t at, const struct state *state)
{
        const struct bpf_insn *instruction = &annotator->instructions[at];
        uint32_t targets[2]; /* no, yes */

        cbpf_jump_targets(instruction, at, &targets[1], &targets[0]);
        for (int taken = 1; taken >= 0; taken--) {
                struct state next = *state;
                uint32_t operand;

                if (targets[taken] <= at)
                        continue; /* backward: enter_loop() allows for it */
                if (BPF_OP(instruction->code) == BPF_JA) {
                        arrive(annotator, targets[taken], &next);
                        return;
                }
                operand = symbolic_operand(&annotator->graph, instruction, state->registers);
                if (!graph_is_constant(&annotator->graph, operand) ||
                    learn(annotator, &next, BPF_OP(instruction->code), state->registers[A],
                          annotator->graph.terms[operand].k, taken))
                        arrive(annotator, targets[taken], &next);
        }
}

/* Whether a program that walks begins by clearing its marks. */
static bool has_marks(const struct annotator *annotator)
{
        return annotator->scene.walks && annotator->count > 1 &&
               annotator->instructions[1].code == BPF_ST &&
               annotator->instructions[1].k == WALK_MARKS;
}

static bool stores_place(const struct annotator *annotator, const struct bpf_insn *instruction)
{
        return ((annotator->scene.walks && instruction->k <= PLACE_BODY) ||
                (annotator->scene.walks && annotator->scene.wlan &&
                 instruction->k == PLACE_FRAME) ||
                (annotator->scene.marks && instruction->k == WALK_MARKS)) &&
               (BPF_CLASS(instruction->code) == BPF_ST || BPF_CLASS(instruction->code) == BPF_STX);
}

/* --- Phrases --- */

/* A note is made of these: "X = " "TCP " "destination port" " 80" "?" */
struct phrase {
        char before[24];
        char prefix[PREFIX_ROOM];
        char name[NAME_ROOM];
        char rest[2 * NAME_ROOM];
        bool question;
};

struct phrases {
        struct phrase phrases[MAX_PHRASES];
        uint32_t count;
        bool too_many;
};

/* Phrases that read the same are said once. */
static void add_phrase(struct phrases *phrases, const struct phrase *phrase)
{
        for (uint32_t i = 0; i < phrases->count; i++) {
                struct phrase *other = &phrases->phrases[i];

                if (strcmp(other->name, phrase->name) || strcmp(other->rest, phrase->rest) ||
                    strcmp(other->before, phrase->before))
                        continue;
                /* The same field of different headers. */
                if (strcmp(other->prefix, phrase->prefix))
                        *other->prefix = '\0';
                return;
        }
        if (phrases->count < MAX_PHRASES)
                phrases->phrases[phrases->count++] = *phrase;
        else
                phrases->too_many = true;
}

/* Whether phrases speak of a value of which nothing is known. Together with others, or where other
 * notes speak of headers, that tells a reader less than the instruction does. */
static bool say_little(const struct annotator *annotator, const struct phrases *phrases)
{
        static const char *const words[] = {" held at (", "a calculated number"};
        bool little = false;

        for (uint32_t i = 0; i < phrases->count; i++)
                for (size_t j = 0; j < array_count(words); j++)
                        little = little || strstr(phrases->phrases[i].name, words[j]) ||
                                 strstr(phrases->phrases[i].rest, words[j]);
        return little && (phrases->count > 1 || annotator->scene.walks);
}

static const char *const comparisons[] = {[BPF_JEQ >> 4] = "equal to",
                                          [BPF_JGT >> 4] = "above",
                                          [BPF_JGE >> 4] = "at least",
                                          [BPF_JSET >> 4] = "with bits of"};

/* Names the field in a phrase, and adds its aside to the rest. */
static void take_field(struct phrase *phrase, const struct field *field)
{
        size_t length = strlen(phrase->rest);

        memcpy(phrase->prefix, field->prefix, sizeof phrase->prefix);
        memcpy(phrase->name, field->name, sizeof phrase->name);
        snprintf(phrase->rest + length, sizeof phrase->rest - length, "%s", field->aside);
}

/* Describes the question of a conditional jump. */
static void phrase_jump(struct annotator *annotator, const struct bpf_insn *instruction,
                        const struct state *state, struct phrase *phrase, struct phrase *subject)
{
        const struct graph *graph = &annotator->graph;
        uint32_t operand = symbolic_operand(&annotator->graph, instruction, state->registers);
        struct field field, other;

        field_name(&field, &annotator->scene, &state->layers, state->registers[A]);
        take_field(subject, &field);
        if (graph_is_constant(graph, operand)) {
                field_question(&field, BPF_OP(instruction->code), graph->terms[operand].k,
                               phrase->rest, sizeof phrase->rest);
        } else {
                field_name(&other, &annotator->scene, &state->layers, operand);
                snprintf(phrase->rest, sizeof phrase->rest, " %s %s%s",
                         comparisons[BPF_OP(instruction->code) >> 4], other.prefix, other.name);
        }
        phrase->question = true;
        take_field(phrase, &field);
}

static bool is_ipv6(const struct layers *layers)
{
        for (uint32_t i = 0; i < layers->count; i++)
                if (layers->layers[i].header == &net_ipv6)
                        return true;
        return false;
}

/* Describes the value that an instruction computes. */
static void phrase_value(struct annotator *annotator, const struct bpf_insn *instruction,
                         const struct state *state, struct phrase *phrase, struct phrase *subject)
{
        struct state after = *state;
        uint32_t set = symbolic_step(&annotator->graph, instruction, after.registers, false);
        int class = BPF_CLASS(instruction->code);
        struct field field;

        if (stores_place(annotator, instruction)) /* wherever that is */
                after.registers[set] = graph_variable(&annotator->graph, instruction->k);
        field_name(&field, &annotator->scene, &state->layers, after.registers[set]);
        take_field(subject, &field);
        *phrase = *subject;
        if (class == BPF_LDX && BPF_MODE(instruction->code) == BPF_IMM && instruction->k == 40 &&
            is_ipv6(&state->layers))
                strcpy(phrase->rest, ", the length of the IPv6 header");
        if (class == BPF_ST || class == BPF_STX)
                snprintf(phrase->before, sizeof phrase->before, "M[%u] = ", set);
        else if ((class == BPF_LD || class == BPF_LDX) && BPF_MODE(instruction->code) == BPF_MEM)
                snprintf(phrase->rest, sizeof phrase->rest, ", kept in M[%u]", instruction->k);
        if (class == BPF_LDX || (class == BPF_MISC && set == X))
                strcpy(phrase->before, "X = ");
        else if (set == A && graph_is_constant(&annotator->graph, after.registers[A]))
                strcpy(phrase->before, "A = ");
}

/* Says what can be said of an instruction whatever path leads to it. */
static void put_vaguely(struct text *text, const struct bpf_insn *instruction)
{
        unsigned code = instruction->code;
        char operand[16];

        snprintf(operand, sizeof operand, BPF_SRC(code) == BPF_X ? "X" : "0x%x", instruction->k);
        if (BPF_CLASS(code) == BPF_JMP)
                text_format(text, "A %s %s?", comparisons[BPF_OP(code) >> 4], operand);
        else if (BPF_CLASS(code) == BPF_ALU)
                text_format(text, "A, calculated with %s",
                            BPF_OP(code) == BPF_NEG ? "itself" : operand);
        else if (BPF_CLASS(code) == BPF_MISC)
                text_string(text, BPF_MISCOP(code) == BPF_TAX ? "X = A" : "A = X");
        else if (BPF_CLASS(code) == BPF_ST || BPF_CLASS(code) == BPF_STX)
                text_format(text, "M[%u] = %c", instruction->k,
                            BPF_CLASS(code) == BPF_ST ? 'A' : 'X');
        else if (BPF_MODE(code) == BPF_MEM)
                text_format(text, "what is kept in M[%u]", instruction->k);
        else
                text_format(text,
                            cbpf_load_size(code) == 1 ? "%u byte of the packet at %s%u"
                                                      : "%u bytes of the packet at %s%u",
                            cbpf_load_size(code), BPF_MODE(code) == BPF_IND ? "X + " : "",
                            instruction->k);
}

/* --- Notes --- */

static bool all_alike(const struct phrases *phrases)
{
        for (uint32_t i = 1; i < phrases->count; i++)
                if (strcmp(phrases->phrases[i].rest, phrases->phrases[0].rest) ||
                    strcmp(phrases->phrases[i].before, phrases->phrases[0].before))
                        return false;
        return true;
}

/* "TCP source port or UDP source port 80?"; in full if they differ in more than the name. */
static void put_phrases(struct text *text, const struct phrases *phrases)
{
        bool alike = all_alike(phrases);

        for (uint32_t i = 0; i < phrases->count; i++) {
                const struct phrase *phrase = &phrases->phrases[i];

                text_string(text, i ? " or " : "");
                if (i == 0 || !alike)
                        text_string(text, phrase->before);
                text_format(text, "%s%s", phrase->prefix, phrase->name);
                if (i + 1 == phrases->count)
                        text_format(text, "%s%s", phrase->rest, phrase->question ? "?" : "");
                else if (!alike)
                        text_string(text, phrase->rest);
        }
}

/* The verdict that unconditionally follows from `at`: "accept", "reject" or NULL. */
static const char *end_of(const struct annotator *annotator, uint32_t at)
{
        while (at < annotator->count) {
                const struct bpf_insn *instruction = &annotator->instructions[at];

                if (BPF_CLASS(instruction->code) == BPF_RET && BPF_RVAL(instruction->code) == BPF_K)
                        return instruction->k ? "accept" : "reject";
                if (instruction->code != (BPF_JMP | BPF_JA) || instruction->k > INT32_MAX)
                        return NULL;
                at += 1 + instruction->k;
        }
        return NULL;
}

static void put_ends(struct text *text, const struct annotator *annotator, uint32_t at)
{
        const struct bpf_insn *instruction = &annotator->instructions[at];
        const char *yes, *no;
        uint32_t to[2];

        cbpf_jump_targets(instruction, at, &to[0], &to[1]);
        yes = end_of(annotator, to[0]);
        no = end_of(annotator, to[1]);
        if (yes)
                text_format(text, " %s%s", yes, no ? "," : "");
        if (no)
                text_format(text, " else %s", no);
}

static void put_return(struct text *text, struct annotator *annotator,
                       const struct bpf_insn *instruction, const struct states *states)
{
        struct field field;

        if (BPF_RVAL(instruction->code) == BPF_K) {
                text_format(text, instruction->k ? "accept: keep at most %u bytes" : "reject",
                            instruction->k);
                return;
        }
        text_format(text, "keep as many bytes as A says");
        if (states->count == 1) {
                field_name(&field, &annotator->scene, &states->states[0].layers,
                           states->states[0].registers[A]);
                text_format(text, ": %s%s", field.prefix, field.name);
        }
}

/* Writes the note of an instruction that is reachable. */
static void put_note(struct text *note, struct text *subject, struct annotator *annotator,
                     uint32_t at)
{
        const struct bpf_insn *instruction = &annotator->instructions[at];
        const struct states *states = &annotator->at[at];
        struct phrases phrases = {0}, subjects = {0};
        bool jump = BPF_CLASS(instruction->code) == BPF_JMP;

        if (BPF_CLASS(instruction->code) == BPF_RET) {
                put_return(note, annotator, instruction, states);
                return;
        }
        if (instruction->code == (BPF_JMP | BPF_JA)) {
                const char *end = end_of(annotator, at);

                text_format(note, "go on at (%03u)%s%s", at + 1 + instruction->k, end ? ": " : "",
                            end ? end : "");
                return;
        }
        for (uint32_t i = 0; i < states->count; i++) {
                struct phrase phrase = {0}, about = {0};

                if (jump)
                        phrase_jump(annotator, instruction, &states->states[i], &phrase, &about);
                else
                        phrase_value(annotator, instruction, &states->states[i], &phrase, &about);
                add_phrase(&phrases, &phrase);
                add_phrase(&subjects, &about);
        }
        if (phrases.too_many || say_little(annotator, &phrases))
                put_vaguely(note, instruction);
        else
                put_phrases(note, &phrases);
        if (!subjects.too_many && !say_little(annotator, &subjects))
                put_phrases(subject, &subjects);
        if (jump)
                put_ends(note, annotator, at);
}

/* --- Headers --- */

/* The header that a load reads from in a state: its name; NULL if that is not known. */
static const char *header_read(struct annotator *annotator, const struct bpf_insn *instruction,
                               const struct state *state)
{
        uint32_t registers[REGISTERS], set;
        struct field field;

        memcpy(registers, state->registers, sizeof registers);
        set = symbolic_step(&annotator->graph, instruction, registers, false);
        field_name(&field, &annotator->scene, &state->layers, registers[set]);
        return field.in ? field.in->name : NULL;
}

static bool reads_packet(const struct bpf_insn *instruction)
{
        unsigned class = BPF_CLASS(instruction->code), mode = BPF_MODE(instruction->code);

        return (class == BPF_LD || class == BPF_LDX) &&
               (mode == BPF_ABS || mode == BPF_IND || mode == BPF_MSH);
}

/* "TCP or UDP"; nothing if it is not known on every path, or they are many. */
static void put_headers(struct text *text, struct annotator *annotator, uint32_t at)
{
        const struct bpf_insn *instruction = &annotator->instructions[at];
        const struct states *states = &annotator->at[at];
        const char *headers[MAX_PHRASES];
        uint32_t count = 0;

        for (uint32_t i = 0; reads_packet(instruction) && i < states->count; i++) {
                const char *header = header_read(annotator, instruction, &states->states[i]);
                uint32_t same = 0;

                while (header && same < count && strcmp(headers[same], header) != 0)
                        same++;
                if (!header || same == MAX_PHRASES)
                        return;
                headers[same] = header;
                count += same == count;
        }
        for (uint32_t i = 0; i < count; i++)
                text_format(text, "%s%s", i ? " or " : "", headers[i]);
}

static void write_note(struct annotator *annotator, uint32_t at)
{
        struct text note = {0}, subject = {0}, header = {0};

        if (annotator->at[at].count == 0)
                text_string(&note, "never reached");
        else
                put_note(&note, &subject, annotator, at);
        put_headers(&header, annotator, at);
        annotator->notes[at] =
            (struct cbpf_note){text_take(&note), text_take(&subject), text_take(&header)};
        if (!annotator->notes[at].text || !annotator->notes[at].subject ||
            !annotator->notes[at].header)
                annotator->failed = true;
}

/* --- All instructions --- */

/* Whether A holds an IP protocol in all states. All programs that jump backward come from
 * `protochain`: there A then holds the protocol of one header after another, and X its offset. */
static bool is_chain(struct annotator *annotator, const struct states *states)
{
        for (uint32_t i = 0; i < states->count; i++) {
                struct state *state = &states->states[i];
                struct field field;

                field_name(&field, &annotator->scene, &state->layers, state->registers[A]);
                if (field.value != NET_IP_PROTOCOL)
                        return false;
        }
        return true;
}

/* At a loop head the registers may hold whatever an iteration left in them. */
static void enter_loop(struct annotator *annotator, uint32_t at)
{
        struct states *states = &annotator->at[at];
        uint32_t count = states->count;
        bool both = (annotator->live[at] >> A & 1) && (annotator->live[at] >> X & 1);
        bool chain = both && is_chain(annotator, states);

        states->count = 0;
        for (uint32_t i = 0; i < count; i++) {
                struct state state = states->states[i];

                forget(annotator, &state, at, NULL);
                if (chain) {
                        state.registers[A] = field_varying(&annotator->graph, at, CHAIN_PROTOCOL);
                        state.registers[X] = field_varying(&annotator->graph, at, CHAIN_OFFSET);
                }
                if (annotator->heads[at] == TANGLE)
                        state.knowledge.count = 0;
                arrive(annotator, at, &state);
        }
}

static void annotate(struct annotator *annotator, uint32_t at)
{
        const struct bpf_insn *instruction = &annotator->instructions[at];
        struct states *states = &annotator->at[at];

        if (annotator->heads[at] != FORWARD)
                enter_loop(annotator, at);
        write_note(annotator, at);
        for (uint32_t i = 0; i < states->count && !annotator->failed; i++) {
                struct state *state = &states->states[i];

                switch (BPF_CLASS(instruction->code)) {
                case BPF_JMP: branch(annotator, at, state); break;
                case BPF_RET: break;
                default:
                        symbolic_step(&annotator->graph, instruction, state->registers, false);
                        if (stores_place(annotator, instruction))
                                walk_store(&annotator->graph, state->registers, &state->knowledge,
                                           instruction->k, at);
                        arrive(annotator, at + 1, state);
                }
        }
        free(states->states);
        *states = (struct states){0};
}

static void annotate_all(struct annotator *annotator)
{
        struct state start = {.knowledge.count = 0};

        find_types(annotator);
        find_loops(annotator);
        cbpf_find_live(
            &(struct bpf_program){annotator->count, (struct bpf_insn *)annotator->instructions},
            annotator->live);
        for (uint32_t i = 0; i < REGISTERS; i++)
                start.registers[i] = graph_constant(&annotator->graph, 0);
        arrive(annotator, 0, &start);
        for (uint32_t at = 0; at < annotator->count && !annotator->failed; at++)
                annotate(annotator, at);
}

int cbpf_annotate(const struct bpf_program *program, const struct cbpf_target *target,
                  struct cbpf_notes *notes)
{
        uint32_t count = program->bf_len;
        struct annotator annotator = {.instructions = program->bf_insns, .count = count};

        annotator.failed = !graph_start(&annotator.graph);
        annotator.notes = calloc(count + 1u, sizeof *annotator.notes);
        annotator.scene = scene_of(&annotator.graph, target);
        annotator.scene.marks = has_marks(&annotator);
        annotator.at = calloc(count + 1u, sizeof *annotator.at);
        annotator.live = calloc(count + 1u, sizeof *annotator.live);
        annotator.heads = calloc(count + 1u, sizeof *annotator.heads);
        annotator.failed |=
            !annotator.notes || !annotator.at || !annotator.live || !annotator.heads;
        if (!annotator.failed)
                annotate_all(&annotator);
        annotator.failed |= annotator.graph.failed;
        for (uint32_t i = 0; annotator.at && i < count; i++)
                free(annotator.at[i].states);
        free(annotator.at);
        free(annotator.live);
        free(annotator.heads);
        graph_free(&annotator.graph);
        *notes = (struct cbpf_notes){count, annotator.notes};
        if (annotator.failed)
                cbpf_notes_free(notes);
        return annotator.failed ? -1 : 0;
}

void cbpf_notes_free(struct cbpf_notes *notes)
{
        for (uint32_t i = 0; notes->notes && i < notes->count; i++) {
                free(notes->notes[i].text);
                free(notes->notes[i].subject);
                free(notes->notes[i].header);
        }
        free(notes->notes);
        *notes = (struct cbpf_notes){0};
}
