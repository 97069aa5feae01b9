/* Filter text to extended BPF: as to classic BPF up to the optimized graph, which is then emitted
 * for another machine. */
#include "extended.h"
#include "cbpf/emit_ebpf/emit_ebpf.h"

#include <stdlib.h>

/* What the graph becomes: a program, or C. */
struct emission {
        const struct cbpf_extended_target *target;
        struct cbpf_extended_program *program;
        char **text;
        void (*observe)(void *context, struct graph *graph);                /* or NULL */
        void (*emitted)(void *context, const struct cbpf_emitted *emitted); /* or NULL */
        void *context;
        struct bpf_program *classic; /* with `emitted` */
        bool has_graph;
        int result; /* of emit_ebpf() */
};

static void drop(const struct emission *emission)
{
        if (emission->program)
                cbpf_extended_free(emission->program);
        if (emission->text) {
                free(*emission->text);
                *emission->text = NULL;
        }
}

static void emit(void *context, struct graph *graph)
{
        struct emission *emission = context;

        drop(emission);
        emission->has_graph = true;
        if (emission->observe)
                emission->observe(emission->context, graph);
        emission->result = emission->text ? emit_ebpf_c(graph, emission->target, emission->text)
                                          : emit_ebpf(graph, emission->target, emission->program);
}

static void hand_on(void *context, const struct cbpf_emitted *emitted)
{
        const struct emission *emission = context;

        if (emission->result == 0)
                emission->emitted(emission->context, emitted);
}

/* An empty expression has no graph of its own, but a program. */
static void emit_lifted(struct emission *emission, const struct bpf_program *classic)
{
        static const struct cbpf_origin origin;
        struct graph graph = {0};
        int lifted = graph_lift(&graph, classic);

        if (lifted == 0)
                emit(emission, &graph);
        else if (lifted < 0)
                emission->result = -1;
        if (lifted == 0 && emission->emitted && graph.root == origin.node)
                hand_on(emission,
                        &(struct cbpf_emitted){.graph = &graph, .origins = &origin, .count = 1});
        graph_free(&graph);
}

static int compile(const char *expression, const struct cbpf_target *target,
                   struct emission *emission, struct error *error)
{
        struct cbpf_pass_observer observer = {
            .optimized = emit, .emitted = emission->emitted ? hand_on : NULL, .context = emission};
        struct bpf_program classic;

        if (cbpf_compile_and_observe(expression, target, &observer, &classic, error) < 0) {
                drop(emission);
                return -1;
        }
        if (!emission->has_graph)
                emit_lifted(emission, &classic);
        if (emission->result == 0 && emission->classic)
                *emission->classic = classic;
        else
                cbpf_program_free(&classic);
        if (emission->result == 0)
                return 0;
        if (emission->result < 0)
                error_memory(error);
        else
                error_set(error, "%s",
                          emission->result == EMIT_TOO_LONG
                              ? "it asks for more tests in a row than the kernel's verifier follows"
                              : "it asks for what programs there are not told");
        return -1;
}

int cbpf_compile_extended(const char *expression, const struct cbpf_target *target,
                          const struct cbpf_extended_target *place,
                          struct cbpf_extended_program *program, struct error *error)
{
        struct emission emission = {.target = place, .program = program, .result = EMIT_UNTOLD};

        *program = (struct cbpf_extended_program){0};
        return compile(expression, target, &emission, error);
}

int cbpf_compile_extended_and_observe(const char *expression, const struct cbpf_target *target,
                                      const struct cbpf_extended_target *place,
                                      void (*observe)(void *context, struct graph *graph),
                                      void *context, struct cbpf_extended_program *program,
                                      struct error *error)
{
        struct emission emission = {.target = place,
                                    .program = program,
                                    .observe = observe,
                                    .context = context,
                                    .result = EMIT_UNTOLD};

        *program = (struct cbpf_extended_program){0};
        return compile(expression, target, &emission, error);
}

int cbpf_compile_extended_c(const char *expression, const struct cbpf_target *target,
                            const struct cbpf_extended_target *place, char **text,
                            struct error *error)
{
        struct emission emission = {.target = place, .text = text, .result = EMIT_UNTOLD};

        *text = NULL;
        return compile(expression, target, &emission, error);
}

int cbpf_compile_beside(const char *expression, const struct cbpf_target *target,
                        const struct cbpf_extended_target *place,
                        void (*emitted)(void *context, const struct cbpf_emitted *emitted),
                        void *context, struct bpf_program *classic,
                        struct cbpf_extended_program *program, struct error *error)
{
        struct emission emission = {.target = place,
                                    .program = program,
                                    .emitted = emitted,
                                    .context = context,
                                    .classic = classic,
                                    .result = EMIT_UNTOLD};

        *program = (struct cbpf_extended_program){0};
        *classic = (struct bpf_program){0};
        return compile(expression, target, &emission, error);
}
