#include "lowered.h"

#include "cbpf/lower.h"

enum {
        LONGEST_CHAIN = 10, /* of comparisons */
};

static int compile_tree(const struct cbpf_target *target, struct tree *tree, struct lists *lists,
                        struct bpf_program *program)
{
        struct graph graph = {0};
        int status = tree ? lists_gather(lists, tree) : 0;

        if (status == 0)
                status = graph_lower(&graph, tree, lists, target);
        if (status == 0)
                status = graph_optimize(&graph, GRAPH_LAZY);
        if (status == 0)
                status = graph_emit(&graph, LONGEST_CHAIN, program);
        graph_free(&graph);
        return status;
}

int lowered_compile(const struct cbpf_target *target, const char *expression,
                    struct bpf_program *program)
{
        struct arena arena = {0};
        struct lists lists = {.arena = &arena};
        struct cbpf_error error;
        struct tree *tree;
        int status = cbpf_parse(expression, 0, &arena, &tree, &error);

        if (status == 0)
                status = compile_tree(target, tree, &lists, program);
        lists_free(&lists);
        arena_free(&arena);
        return status;
}
