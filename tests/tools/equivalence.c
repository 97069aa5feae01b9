/* Holds the proof against what is known: `equivalence [PAIRS [SEED [BUDGET]]]`. Of so many random
 * expressions,
 *
 *      - one that is rewritten, so that it means the same, has to be proved the same;
 *      - a program of which one instruction is changed has to be told apart, by a packet on which
 * the kernel agrees, or proved the same;
 *
 * and on programs that were proved the same, packets that steer into all their branches, as many as
 * BUDGET instructions allow, must not disagree. */
#include "cbpf/proof/proof.h"
#include "tests/lib/attached.h"
#include "tests/lib/explore.h"
#include "tests/lib/grammar.h"
#include "tests/lib/mutant.h"
#include "tests/lib/random.h"
#include "tests/lib/seeds.h"

#include "cbpf/program/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
        SNAPSHOT = 262144,
        EXPRESSION_ROOM = 4000,
        REWRITTEN_ROOM = 3 * EXPRESSION_ROOM,
        MAX_LINK_TYPES = 300,
        LIMIT = 30000, /* milliseconds for a question */
};

struct tool {
        uint64_t random, budget;
        struct captures captures;
        struct seeds *seeds[MAX_LINK_TYPES];
        struct proof_packet packet;
        uint64_t same, apart, undecided, wrong, packets, by_kernel;
};

static void die(const char *what, const char *why)
{
        fprintf(stderr, "equivalence: %s: %s\n", what, why);
        exit(2);
}

static bool compile(int link_type, const char *expression, struct bpf_program *program)
{
        pcap_t *handle = pcap_open_dead(link_type, SNAPSHOT);
        bool done = handle && pcap_compile(handle, program, expression, 0, 0x00ffffff) == 0;

        if (handle)
                pcap_close(handle);
        return done && !cbpf_jumps_back(program);
}

/* Tests that move the place where others look: an operand given twice means two things. */
static bool moves(const char *expression)
{
        static const char *const words[] = {"vlan", "mpls", "pppoe", "geneve", "lane"};

        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
                if (strstr(expression, words[i]))
                        return true;
        return false;
}

static void make_expression(struct tool *tool, int *link_type, char *expression)
{
        struct choices choices = {.random = &tool->random};
        struct bpf_program program;

        for (;;) {
                *link_type = grammar_link_type(&choices);
                grammar_expression(&choices, *link_type, expression, EXPRESSION_ROOM);
                if (moves(expression) || !compile(*link_type, expression, &program))
                        continue;
                cbpf_program_free(&program);
                return;
        }
}

static const struct seeds *seeds_for(struct tool *tool, int link_type)
{
        struct seeds **seeds = &tool->seeds[link_type];

        if (!*seeds) {
                *seeds = calloc(1, sizeof **seeds);
                if (!*seeds || !seeds_make(*seeds, &tool->captures, link_type, false))
                        die("seeds", "out of memory");
        }
        return *seeds;
}

/* Whether packets tell the two apart. */
static bool disagree(struct tool *tool, int link_type, const struct bpf_program *one,
                     const struct bpf_program *other)
{
        const struct seeds *seeds = seeds_for(tool, link_type);
        struct exploration *exploration = calloc(1, sizeof *exploration);
        bool different;

        if (!exploration)
                die("exploration", "out of memory");
        *exploration = (struct exploration){.reference = one,
                                            .candidate = other,
                                            .seed = random_next(&tool->random),
                                            .budget = tool->budget};
        if (!explore(exploration, (const struct sample *const *)seeds->samples, seeds->count))
                die("exploration", "out of memory");
        different = exploration->judged[JUDGED_FREE] + exploration->judged[JUDGED_SHORT] +
                        exploration->judged[JUDGED_DIFFERENT] >
                    0;
        tool->packets += exploration->packets;
        free(exploration);
        return different;
}

static enum proof_answer ask(struct tool *tool, int link_type, const struct bpf_program *one,
                             const struct bpf_program *other)
{
        struct proof_settings settings = {
            .link_type = link_type, .snapshot_length = SNAPSHOT, .limit = LIMIT};
        struct proof *proof = proof_new(&settings);
        enum proof_answer answer = PROOF_UNDECIDED;

        if (!proof)
                die("a proof", "out of memory");
        if (proof_add(proof, one, false) == 0 && proof_add(proof, other, false) == 1) {
                answer = PROOF_NONE;
                for (int i = 0; i < 2 && answer == PROOF_NONE; i++)
                        answer = proof_find(proof, (struct proof_condition[]){{0, i}, {1, !i}}, 2,
                                            &tool->packet, NULL);
        }
        proof_free(proof);
        return answer;
}

/* Whether the kernel tells the programs apart, too, as far as it can be asked: a datagram is whole.
 */
static bool kernel_agrees(struct tool *tool, const struct bpf_program *one,
                          const struct bpf_program *other)
{
        int first, second;

        if (tool->packet.captured != tool->packet.length || tool->packet.captured == 0)
                return true;
        if (program_reads_before_x(one) || program_reads_before_x(other))
                return true;
        first = attached_accepts(one, tool->packet.data, tool->packet.captured);
        second = attached_accepts(other, tool->packet.data, tool->packet.captured);
        tool->by_kernel += first >= 0 && second >= 0;
        return first < 0 || second < 0 || first != second;
}

static void judge_pair(struct tool *tool, const char *what, int link_type, const char *expression,
                       const struct bpf_program *one, const struct bpf_program *other, bool is_same)
{
        enum proof_answer answer = ask(tool, link_type, one, other);
        const char *fault = NULL;

        switch (answer) {
        case PROOF_NONE:
                tool->same++;
                if (disagree(tool, link_type, one, other))
                        fault = "proved the same, and a packet tells them apart";
                break;
        case PROOF_FOUND:
                tool->apart++;
                if (is_same)
                        fault = "the same, and told apart";
                else if (!kernel_agrees(tool, one, other))
                        fault = "told apart by a packet on which the kernel does not";
                break;
        case PROOF_UNDECIDED: tool->undecided++; break;
        case PROOF_FAILED: die("a proof", "out of memory");
        }
        if (answer == PROOF_UNDECIDED || fault)
                printf("%s: %s\t%s: %s\n", fault ? "WRONG" : "not decided",
                       pcap_datalink_val_to_name(link_type), expression, what);
        if (fault)
                printf("    %s\n", fault);
        tool->wrong += fault != NULL;
}

/* libpcap's programs find out where headers end where that is first needed, so order counts. */
static bool minds_order(int link_type)
{
        static const int link_types[] = {DLT_IEEE802_11,
                                         DLT_IEEE802_11_RADIO,
                                         DLT_IEEE802_11_RADIO_AVS,
                                         DLT_PRISM_HEADER,
                                         DLT_PPI,
                                         DLT_PFLOG};

        for (size_t i = 0; i < sizeof link_types / sizeof *link_types; i++)
                if (link_types[i] == link_type)
                        return true;
        return false;
}

/* What means the same, in packets cut short, too. */
static void rewrite(struct tool *tool, int link_type, const char *one, const char *other,
                    char *first, char *second)
{
        static const char *const rules[][2] = {
            {"(%1$s)", "not not (%1$s)"},
            {"(%1$s)", "(%1$s) and (%1$s)"},
            {"(%1$s)", "(%1$s) or (%1$s)"},
            {"(%1$s) and (%2$s)", "not (not (%1$s) or not (%2$s))"},
            {"(%1$s) or (%2$s)", "not (not (%1$s) and not (%2$s))"},
            {"(%1$s) or (%2$s)", "(%1$s) or (not (%1$s) and (%2$s))"},
            {"(%1$s) and ((%2$s) or (%1$s))", "(%1$s) and ((%2$s) or not (%2$s))"},
            {"(%1$s) and (%2$s)", "(%2$s) and (%1$s)"},
        };
        uint32_t count = sizeof rules / sizeof *rules - minds_order(link_type);
        uint32_t rule = random_below(&tool->random, count);

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(first, REWRITTEN_ROOM, rules[rule][0], one, other);
        snprintf(second, REWRITTEN_ROOM, rules[rule][1], one, other);
#pragma GCC diagnostic pop
}

static void try_rewritten(struct tool *tool)
{
        static char one[EXPRESSION_ROOM], other[EXPRESSION_ROOM];
        static char first[REWRITTEN_ROOM], second[REWRITTEN_ROOM];
        struct bpf_program programs[2] = {{0}};
        int link_type, other_type;

        make_expression(tool, &link_type, one);
        do
                make_expression(tool, &other_type, other);
        while (other_type != link_type);
        rewrite(tool, link_type, one, other, first, second);
        if (compile(link_type, first, &programs[0]) && compile(link_type, second, &programs[1]))
                judge_pair(tool, second, link_type, first, &programs[0], &programs[1], true);
        cbpf_program_free(&programs[0]);
        cbpf_program_free(&programs[1]);
}

static void try_mutated(struct tool *tool)
{
        static char expression[EXPRESSION_ROOM];
        struct bpf_program program, mutant;
        int link_type;

        make_expression(tool, &link_type, expression);
        if (!compile(link_type, expression, &program))
                return;
        if (mutant_make(&tool->random, &program, &mutant)) {
                judge_pair(tool, "one instruction changed", link_type, expression, &program,
                           &mutant, false);
                cbpf_program_free(&mutant);
        }
        cbpf_program_free(&program);
}

int main(int argc, char **argv)
{
        static struct tool tool = {.budget = 300000};
        uint64_t pairs = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000;

        tool.random = random_mix(argc > 2 ? strtoull(argv[2], NULL, 10) : 1);
        if (argc > 3)
                tool.budget = strtoull(argv[3], NULL, 10);
        if (!seeds_read(&tool.captures, "pcaps/*.pcap"))
                die("pcaps", "no captures; run it from the project's folder");
        for (uint64_t i = 0; i < pairs; i++)
                try_rewritten(&tool);
        printf("rewritten: %lu the same, %lu told apart, %lu not decided\n", tool.same, tool.apart,
               tool.undecided);
        tool.same = tool.apart = tool.undecided = 0;
        for (uint64_t i = 0; i < pairs; i++)
                try_mutated(&tool);
        printf("changed: %lu the same, %lu told apart, %lu not decided\n", tool.same, tool.apart,
               tool.undecided);
        printf("%lu packets on what is the same, %lu through the kernel; wrong: %lu\n",
               tool.packets, tool.by_kernel, tool.wrong);
        return tool.wrong > 0;
}
