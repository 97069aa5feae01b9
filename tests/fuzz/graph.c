/* Arbitrary classic programs that the kernel would accept: lifted, optimized in the variant that
 * the first byte selects, and emitted, the graph must keep its invariants, and the emitted program
 * must lift to it again. The input is otherwise as for program.c. */
#include "fuzz.h"

#include "cbpf/compile.h"
#include "cbpf/ir/ir.h"
#include "cbpf/opt/pass.h"

static void check_graph(const struct bpf_program *program, unsigned variant)
{
        struct graph graph = {0};
        struct bpf_program emitted = {0};
        char message[VERIFY_MESSAGE];
        int result = graph_lift(&graph, program);

        if (result == 0 && !verify_graph(&graph, message))
                fuzz_fail("INVARIANT after lifting: %s", message);
        if (result == 0)
                result = cbpf_optimize_graph(&graph, variant);
        if (result == 0)
                result = cbpf_emit_graph(&graph, &emitted);
        if (result < 0)
                abort();
        if (result == 0 && !verify_program(&graph, &emitted, cbpf_optimize_graph, message)) {
                fuzz_show_program("program", program);
                fuzz_show_program("emitted", &emitted);
                fuzz_fail("INVARIANT after emitting, variant %u: %s", variant, message);
        }
        cbpf_program_free(&emitted);
        graph_free(&graph);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct input input = {data, size};
        unsigned variant =
            input_byte(&input) & (PASS_LAZY | PASS_LAZIEST | PASS_REUSE | PASS_AHEAD);
        struct bpf_program program = input_program(&input);
        struct cbpf_violation violation;
        bool taken = cbpf_check(&program, &violation) == 0;

        if (taken)
                check_graph(&program, variant);
        cbpf_program_free(&program);
        return taken ? 0 : -1;
}
