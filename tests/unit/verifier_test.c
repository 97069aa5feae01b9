/* The invariants that debug builds check: that graphs of all kinds keep them, and that violations
 * are noticed. */
#include "cbpf/compile.h"
#include "cbpf/ir/ir.h"
#include "tests/lib/programs.h"
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

static char message[VERIFY_MESSAGE];

/* The optimized graph of a program, and the program emitted for it. */
static void make_of_program(const struct bpf_program *meaning, struct graph *graph,
                            struct bpf_program *program)
{
        *graph = (struct graph){0};
        ck_assert_int_eq(graph_lift(graph, meaning), 0);
        ck_assert_int_eq(cbpf_optimize_graph(graph, 0), 0);
        ck_assert_int_eq(cbpf_emit_graph(graph, program), 0);
}

static void make(const char *expression, struct graph *graph, struct bpf_program *program)
{
        struct bpf_program meaning = libpcap_compile(expression, DLT_EN10MB, false);

        make_of_program(&meaning, graph, program);
        pcap_freecode(&meaning);
}

static const char list[] = "port 80 or port 443 or portrange 1000-2000 or host 10.0.0.1";

START_TEST(invariants_hold)
{
        static const char *const expressions[] = {
            "",
            "ip",
            "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0 and not src and dst net 10",
            "vlan and (ip6 host 2001:db8::1 or arp)",
            "len - ip[0] * 4 > tcp[2:2] / 3",
            "port 1 or port 3 or port 5 or port 7 or port 9 or port 11 or port 13 or port 15",
            list,
        };

        for (int i = 0; i < COUNT(expressions); i++) {
                struct bpf_program program;
                struct graph graph;

                make(expressions[i], &graph, &program);
                ck_assert_msg(verify_graph(&graph, message), "%s: %s", expressions[i], message);
                ck_assert_msg(verify_program(&graph, &program, cbpf_optimize_graph, message),
                              "%s: %s", expressions[i], message);
                ck_assert_msg(verify_graph(&graph, message), "%s, lifted too: %s", expressions[i],
                              message);
                cbpf_program_free(&program);
                graph_free(&graph);
        }
}
END_TEST

/* A switch with three arms or more, whose arms a test may change. */
static struct arm *arms_of_some_switch(struct graph *graph, uint32_t *number)
{
        for (uint32_t i = 0; i < graph->node_count; i++)
                if (graph->nodes[i].kind == NODE_SWITCH && graph->nodes[i].count > 2) {
                        *number = i;
                        return (struct arm *)graph->nodes[i].arms;
                }
        ck_abort_msg("no switch");
}

START_TEST(broken_graphs_are_noticed)
{
        struct bpf_program program;
        struct graph graph;
        struct arm *arms, arm;
        struct node node;
        struct term term;
        uint32_t number;

        make(list, &graph, &program);
        arms = arms_of_some_switch(&graph, &number);

        arm = arms[1];
        arms[1].from = arms[2].from;
        ck_assert(!verify_graph(&graph, message));
        arms[1].from = arm.from;
        arms[1].to = arms[0].to;
        ck_assert(!verify_graph(&graph, message));
        arms[1].to = number; /* a cycle */
        ck_assert(!verify_graph(&graph, message));
        arms[1] = arm;
        ck_assert_msg(verify_graph(&graph, message), "%s", message);

        node = graph.nodes[0];
        graph.nodes[0] = graph.nodes[1];
        ck_assert(!verify_graph(&graph, message)); /* twins */
        graph.nodes[0] = node;

        for (number = 0; graph.terms[number].kind != TERM_OPERATION; number++)
                ;
        term = graph.terms[number];
        graph.terms[number].a = number;
        ck_assert(!verify_graph(&graph, message));
        graph.terms[number] = term;
        ck_assert(verify_graph(&graph, message));
        cbpf_program_free(&program);
        graph_free(&graph);
}
END_TEST

/* Each constant of each comparison, and each return, changed: the program no longer matches the
 * graph.
 */
static void assert_changes_are_noticed(struct graph *graph, struct bpf_program *program)
{
        for (uint32_t i = 0; i < program->bf_len; i++) {
                struct bpf_insn right = program->bf_insns[i];

                if (BPF_CLASS(right.code) != BPF_JMP && BPF_CLASS(right.code) != BPF_RET)
                        continue;
                if (right.code == (BPF_JMP | BPF_JEQ | BPF_X))
                        continue; /* has no constant */
                program->bf_insns[i].k++;
                ck_assert_msg(!verify_program(graph, program, cbpf_optimize_graph, message),
                              "instruction %u", i);
                program->bf_insns[i] = right;
        }
}

START_TEST(wrong_programs_are_noticed)
{
        struct bpf_program program;
        struct graph graph;

        make(list, &graph, &program);
        assert_changes_are_noticed(&graph, &program);
        program.bf_insns[0].code = BPF_LD | BPF_MEM;
        program.bf_insns[0].k = 0;
        ck_assert(!verify_program(&graph, &program, cbpf_optimize_graph, message));
        ck_assert_ptr_nonnull(strstr(message, "M[0]"));
        cbpf_program_free(&program);
        graph_free(&graph);
}
END_TEST

/* A comparison of a difference with 0, one of several, is lifted as a comparison of the two terms:
 * above the others or below them. */
START_TEST(comparisons_of_differences_are_no_other_program)
{
        static const unsigned operations[] = {BPF_SUB, BPF_XOR};
        static const uint32_t values[][3] = {{1, 2, 3}, {0, 5, 9}, {0, 2, 3}, {7, 0, 0x80000000}};
        uint16_t operation = (uint16_t)(BPF_ALU | operations[_i % 2] | BPF_X);
        const uint32_t *value = values[_i / 2];
        struct bpf_program program,
            meaning = PROGRAM(BPF_STMT(LDB_ABS, 0), BPF_STMT(TAX, 0), BPF_STMT(LD_ABS, 1),
                              BPF_STMT(operation, 0), BPF_JUMP(JEQ, value[0], 3, 0),
                              BPF_JUMP(JEQ, value[1], 3, 0), BPF_JUMP(JEQ, value[2], 2, 0),
                              BPF_STMT(RET, 0), BPF_STMT(RET, 10), BPF_STMT(RET, 20));
        struct graph graph;

        make_of_program(&meaning, &graph, &program);
        ck_assert_msg(verify_program(&graph, &program, cbpf_optimize_graph, message), "%s",
                      message);
        assert_changes_are_noticed(&graph, &program);
        cbpf_program_free(&program);
        graph_free(&graph);
}
END_TEST

void unit_tests(Suite *suite)
{
        TCase *tests = unit_case(suite, "verifier", UNIT_SECONDS);

        tcase_add_test(tests, invariants_hold);
        tcase_add_test(tests, broken_graphs_are_noticed);
        tcase_add_test(tests, wrong_programs_are_noticed);
        tcase_add_loop_test(tests, comparisons_of_differences_are_no_other_program, 0, 2 * 4);
}
