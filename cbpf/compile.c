/* Filter text to classic BPF: the pipeline.
 *
 * There are several routes from text to program. What one finds impossible is left to the next:
 * what lower.h calls foreign is compiled by libpcap, without its optimizer, and the program is
 * lifted into the graph. A program that jumps back (protochain) has no graph and stays as libpcap
 * made it.
 *
 * Expressions with pairs (lower/lists.h) are compiled twice, as searching few of them can take more
 * instructions than testing each; and so are short ones where headers vary in length (lower.h). */
#include "compile.h"
#include "base/array.h"
#include "cbpf/ir/ir.h"
#include "cbpf/lower/lower.h"
#include "cbpf/program/program.h"
#include "cbpf/syntax/syntax.h"
#include "shortest_program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum result {
        DONE,
        FAILED,     /* with an error message */
        IMPOSSIBLE, /* on this route; others may work */
};

/* Where headers vary in length, where they start is found first. */
enum starts {
        STARTS_FIXED,
        STARTS_COPIED, /* for each length there is a copy of the expression, as it is written */
        STARTS_KEPT,   /* in scratch memory */
        STARTS_INSIDE, /* likewise, but only those in tunnels */
};

/* What the stages of one compilation hand on. */
struct compilation {
        const char *expression;
        const struct cbpf_target *target;
        const struct cbpf_pass_observer *observer; /* or NULL */
        struct arena arena;
        struct tree *tree; /* NULL for what is only white space and parentheses */
        struct lists lists;
        bool has_sets, native; /* native: none of it by libpcap */
        struct layers *layers; /* NULL if nothing asks for them */
        size_t pairs;          /* and tuples gathered in these lists */
        bool gather_pairs;     /* too */
        bool forgotten;        /* tree and lists, by now */
        enum starts starts;
        unsigned routes; /* those being run */
        char *marked;    /* the expression with markers for lists, or without sets; or NULL */
        struct bpf_program meaning;
        struct graph graph;
        enum goal goal;
        struct candidates candidates;
        struct arena origins; /* if the observer asks for them */
        struct bpf_program program;
        struct cbpf_report report;
        struct error *error;
};

/* The routes from text to program. */
enum {
        FRONT = 1,   /* what all but the last two have in common */
        NATIVE = 2,  /* by this compiler alone */
        MARKED = 4,  /* by libpcap, each long list being one value to it */
        FOREIGN = 8, /* by libpcap */
        GIVEN = 16,  /* cbpf_recompile() */
        /* CBPF_UNOPTIMIZED: libpcap's program as it is or, if it is not for a file, on its way to
         * the kernel; what libpcap refuses, by this compiler. */
        UNOPTIMIZED = 32,
        UNOPTIMIZED_LIVE = 64,
        UNOPTIMIZED_NATIVE = 128,
        GRAPH = NATIVE | MARKED | FOREIGN | GIVEN,
        /* No routes: */
        TO_KERNEL = 256, /* the stage is for live programs of lacks_tag() only */
        SHOWN = 512,     /* the stage makes a graph, which the observer is shown */
        WALKS = 1024,    /* the stage is for expressions that ask for layers */
};

typedef enum result stage_function(struct compilation *compilation);

static stage_function parse, spread_sets, write_out, gather_lists, collect_layers, add_walk, lower,
    mark_lists, compile_by_libpcap, lift, restore_lists, strip_tag, optimize, emit, emit_plainly,
    verify, keep_meaning;

static const struct stage {
        const char *name;
        stage_function *run;
        unsigned routes;
        const char *summary;
} stages[] = {
    {"parse", parse, FRONT | UNOPTIMIZED_NATIVE, "text to syntax tree"},
    {"spread-sets", spread_sets, FRONT | UNOPTIMIZED_NATIVE,
     "sets become tests of each kind of value"},
    {"write-out", write_out, FOREIGN | UNOPTIMIZED, "for libpcap: sets become tests joined by or"},
    {"gather-lists", gather_lists, FRONT, "tests of one field for many values become one test"},
    {"collect-layers", collect_layers, FRONT | UNOPTIMIZED_NATIVE,
     "what is asked of all layers becomes queries"},
    {"lower", lower, NATIVE | UNOPTIMIZED_NATIVE | SHOWN, "syntax tree to decision graph"},
    {"mark-lists", mark_lists, MARKED, "syntax tree to text in which a marker stands for a list"},
    {"libpcap", compile_by_libpcap, MARKED | FOREIGN | UNOPTIMIZED, "text to libpcap's program"},
    {"lift", lift, MARKED | FOREIGN | GIVEN | UNOPTIMIZED_LIVE | SHOWN,
     "program to decision graph"},
    {"restore-lists", restore_lists, MARKED | SHOWN,
     "markers in the graph become the lists' values"},
    {"strip-tag", strip_tag,
     NATIVE | MARKED | FOREIGN | UNOPTIMIZED_LIVE | UNOPTIMIZED_NATIVE | TO_KERNEL | SHOWN,
     "live: as the kernel keeps the outermost VLAN tag apart"},
    {"walk-layers", add_walk, NATIVE | UNOPTIMIZED_NATIVE | WALKS | SHOWN,
     "the walk through the layers, which asks the queries, comes first"},
    {"optimize", optimize, GRAPH, "passes[] in turn until nothing changes, in several variants"},
    {"emit", emit, GRAPH, "graphs to programs, with refinements[]; the shortest is kept"},
    {"emit-plainly", emit_plainly, UNOPTIMIZED_LIVE | UNOPTIMIZED_NATIVE,
     "graph to program as it is"},
    {"verify", verify, GRAPH, "in debug builds: graph and program mean the same"},
    {"keep-meaning", keep_meaning, FOREIGN | GIVEN, "no program is longer than the one lifted"},
};

extern pass_function jump_threading, post_dominator_bypass, switch_formation, test_reordering;

static const struct pass passes[] = {
    {"jump-threading", jump_threading, "lead each arm past the tests that its values decide", 0},
    {"post-dominator-bypass", post_dominator_bypass, "skip the tests that decide nothing", 0},
    {"switch-formation", switch_formation, "consecutive switches of one term become one switch",
     PASS_APART},
    {"test-reordering", test_reordering, "move tests of one term together, over those between", 0},
};

static const struct refinement refinements[] = {
    {"outlining", attempt_outlining,
     "merge parts that differ only in where they look, or in values"},
    {"hoisting", attempt_hoisting, "compute a value once, above all places that use it"},
};

static const struct optimizer optimizer = {.passes = {passes, array_count(passes)},
                                           .refinements = refinements,
                                           .refinement_count = array_count(refinements),
                                           .goal = GOAL_BALANCE};

enum {
        MARKED_MIN_VALUES = 64, /* of a list; as many take libpcap more than some 10 ms */
        /* Of longer programs it is clear that one copy for all lengths of headers is shorter. */
        STARTS_MAX_BOTH_TRIED = 300,
};

static enum result out_of_memory(struct compilation *compilation)
{
        error_memory(compilation->error);
        return FAILED;
}

/* `status` is 0, 1 for what is impossible, or -1. */
static enum result result_of(struct compilation *compilation, int status)
{
        return status < 0 ? out_of_memory(compilation) : status ? IMPOSSIBLE : DONE;
}

static enum result parse(struct compilation *compilation)
{
        return cbpf_parse(compilation->expression, 0, compilation->target->sets,
                          &compilation->arena, &compilation->tree, compilation->error) == 0
                   ? DONE
                   : FAILED;
}

static enum result spread_sets(struct compilation *compilation)
{
        compilation->lists.arena = &compilation->arena;
        return compilation->tree && compilation->has_sets
                   ? result_of(compilation,
                               lists_spread_sets(&compilation->lists, compilation->tree))
                   : DONE;
}

static enum result write_out(struct compilation *compilation)
{
        if (!compilation->has_sets)
                return DONE;
        compilation->marked =
            cbpf_write_out(compilation->expression, compilation->target->sets, compilation->error);
        return compilation->marked ? DONE : FAILED;
}

static enum result gather_lists(struct compilation *compilation)
{
        bool as_written = compilation->starts == STARTS_COPIED && !compilation->has_sets;

        return compilation->tree && !as_written
                   ? result_of(compilation, lists_gather(&compilation->lists, compilation->tree))
                   : DONE;
}

static enum result collect_layers(struct compilation *compilation)
{
        if (!compilation->tree)
                return DONE;
        return layers_collect(compilation->tree, &compilation->lists,
                              compilation->target->only_layer, &compilation->arena,
                              &compilation->layers, compilation->error) == 0
                   ? DONE
                   : FAILED;
}

/* True if the kernel shows the program something else than what is saved. */
static bool lacks_tag(const struct cbpf_target *target)
{
        return target && (target->place == CBPF_LIVE_ANY || target->place == CBPF_LIVE_NETWORK ||
                          (target->place == CBPF_LIVE && target->link_type == DLT_EN10MB));
}

/* The filter has a meaning, but it is none for the kernel. */
static enum result fail_for_kernel(struct compilation *compilation, const char *reason)
{
        error_set(compilation->error, "%s", reason);
        compilation->error->kind = CBPF_ONLY_IN_FILE;
        return FAILED;
}

/* libpcap cannot help with what this compiler does not know. On a file it may. */
static enum result fail_for_layers(struct compilation *compilation)
{
        if (lacks_tag(compilation->target))
                return fail_for_kernel(compilation,
                                       "the kernel does not tell all that this filter asks of "
                                       "layers");
        error_set(
            compilation->error,
            "'deep' cannot be asked together with a test, or on a link type, that only libpcap "
            "knows");
        return FAILED;
}

static int condense(struct graph *graph, uint32_t *const *held, size_t held_count)
{
        return passes_run_collecting(&optimizer.passes, graph, 0, NULL, held, held_count);
}

static enum result lower(struct compilation *compilation)
{
        bool as_written = compilation->starts == STARTS_COPIED || compilation->layers;
        enum result result;

        if (!compilation->tree)
                return IMPOSSIBLE;
        result = result_of(compilation,
                           graph_lower(&compilation->graph, compilation->tree, &compilation->lists,
                                       compilation->layers, compilation->target,
                                       compilation->starts >= STARTS_KEPT,
                                       as_written ? NULL : condense));
        return result == IMPOSSIBLE && compilation->layers ? fail_for_layers(compilation) : result;
}

static enum result add_walk(struct compilation *compilation)
{
        struct graph *graph = &compilation->graph;
        enum result result = DONE;

        if (compilation->routes & NATIVE && passes_run(&optimizer.passes, graph, 0, NULL) < 0)
                result = out_of_memory(compilation);
        if (result == DONE)
                result = result_of(compilation,
                                   graph_add_walk(graph, compilation->layers, &compilation->lists,
                                                  compilation->target));
        return result == IMPOSSIBLE ? fail_for_layers(compilation) : result;
}

static enum result mark_lists(struct compilation *compilation)
{
        if (lists_values(&compilation->lists) < MARKED_MIN_VALUES)
                return IMPOSSIBLE;
        if (lists_mark(&compilation->lists, compilation->tree,
                       hash_bytes(compilation->expression, strlen(compilation->expression))) < 0)
                return out_of_memory(compilation);
        compilation->marked = cbpf_tree_text(compilation->tree);
        return compilation->marked ? DONE : out_of_memory(compilation);
}

/* In libpcap's words. */
static bool translate(struct compilation *compilation)
{
        struct arena arena = {0};
        struct tree *tree;
        struct error error;

        if (compilation->marked || !cbpf_has_dialect(compilation->expression))
                return true;
        if (cbpf_parse(compilation->expression, 0, compilation->target->sets, &arena, &tree,
                       &error) == 0) {
                compilation->marked = cbpf_tree_text(tree);
                if (!compilation->marked)
                        error_memory(compilation->error);
        } else {
                *compilation->error = error;
        }
        arena_free(&arena);
        return compilation->marked;
}

static enum result compile_by_libpcap(struct compilation *compilation)
{
        const char *text;

        if ((compilation->native && cbpf_refuse_libpcap(compilation->error)) ||
            !translate(compilation))
                return FAILED;
        text = compilation->marked ? compilation->marked : compilation->expression;
        compilation->report.by_libpcap = true;
        return cbpf_compile_by_libpcap(text, compilation->expression, compilation->target,
                                       &compilation->meaning, compilation->error) < 0
                   ? FAILED
                   : DONE;
}

static enum result lift(struct compilation *compilation)
{
        return result_of(compilation, graph_lift(&compilation->graph, &compilation->meaning));
}

static enum result restore_lists(struct compilation *compilation)
{
        return result_of(compilation, lists_put_back(&compilation->lists, &compilation->graph));
}

static enum result strip_tag(struct compilation *compilation)
{
        int status = graph_strip_tag(&compilation->graph, compilation->target->place);

        if (status <= 0)
                return result_of(compilation, status);
        if (compilation->starts >= STARTS_KEPT && compilation->routes & NATIVE)
                return IMPOSSIBLE;
        if (compilation->target->place != CBPF_LIVE)
                return fail_for_kernel(
                    compilation,
                    "it asks for a field of the link header that the kernel cannot tell");
        return fail_for_kernel(compilation, "it asks for bytes at computed places, and the kernel "
                                            "keeps a VLAN tag that may be among them elsewhere");
}

/* The graph says all that the tree said, which takes as much memory if a list is long. Should
 * libpcap get its turn after all, the expression is parsed again. */
static void forget_tree(struct compilation *compilation)
{
        lists_free(&compilation->lists);
        arena_free(&compilation->arena);
        compilation->tree = NULL;
        compilation->forgotten = true;
}

static enum result optimize(struct compilation *compilation)
{
        bool file = compilation->target && compilation->target->place == CBPF_FILE;
        struct optimizer own = optimizer;

        if (compilation->routes & NATIVE && !compilation->layers)
                forget_tree(compilation);
        own.keeps_graph = compilation->layers;
        own.observed = compilation->observer;
        if (compilation->starts == STARTS_KEPT && compilation->routes & NATIVE) {
                own.complete = graph_find_starts;
                own.target = compilation->target;
        }
        return result_of(compilation, find_candidates(&compilation->graph, &own, file,
                                                      &compilation->candidates));
}

static enum result emit(struct compilation *compilation)
{
        const struct cbpf_pass_observer *observer = compilation->observer;
        struct optimizer own = optimizer;

        if (observer && observer->optimized) {
                compilation->graph.root = compilation->candidates.items[0].root;
                observer->optimized(observer->context, &compilation->graph);
                if (!observer->after && !observer->emitted)
                        return DONE; /* nobody asks for the program */
        }
        own.notes = observer && observer->emitted ? &compilation->origins : NULL;
        own.goal = compilation->goal;
        own.merges_largest_first = compilation->starts != STARTS_FIXED;
        /* Headers of computed length, which libpcap keeps in scratch memory, take its own sharing
         * of that to be as short. */
        if (own.goal == GOAL_BALANCE && compilation->report.by_libpcap &&
            cbpf_writes_memory(&compilation->meaning))
                own.goal = GOAL_SIZE;
        return result_of(compilation,
                         emit_shortest(&compilation->graph, &own, &compilation->candidates,
                                       observer, &compilation->program));
}

static enum result emit_plainly(struct compilation *compilation)
{
        static const struct optimizer nothing;
        struct graph *graph = &compilation->graph;
        struct candidates candidates = {
            .root = graph->root, .items = {{.root = graph->root, .settled = true}}, .count = 1};

        return result_of(compilation,
                         emit_shortest(graph, &nothing, &candidates, NULL, &compilation->program));
}

int cbpf_optimize_graph(struct graph *graph, unsigned variant)
{
        return passes_run(&optimizer.passes, graph, variant, NULL);
}

int cbpf_emit_graph(struct graph *graph, struct bpf_program *program)
{
        struct candidates candidates = {
            .root = graph->root, .items = {{.root = graph->root}}, .count = 1};

        return emit_shortest(graph, &optimizer, &candidates, NULL, program);
}

#ifdef CBPF_DEBUG
static enum result verify(struct compilation *compilation)
{
        char message[VERIFY_MESSAGE] = "out of memory";

        /* Emitted once more, as the program may be that of another candidate. */
        if (verify_whole(&compilation->graph, cbpf_emit_graph, cbpf_optimize_graph, message))
                return DONE;
        fprintf(stderr, "cbpf: an invariant is broken: %s\n", message);
        abort();
}
#else
static enum result verify(struct compilation *compilation)
{
        (void)compilation;
        return DONE;
}
#endif

static enum result keep_meaning(struct compilation *compilation)
{
        struct bpf_program *meaning = &compilation->meaning;
        struct cbpf_violation violation;

        if (compilation->expression && cbpf_fill_memory_first(meaning) < 0)
                return out_of_memory(compilation);
        if (compilation->program.bf_len <= meaning->bf_len || lacks_tag(compilation->target))
                return DONE;
        if (cbpf_check(meaning, &violation) < 0 && !violation.only_length)
                return violation.lacks_memory ? out_of_memory(compilation) : DONE;
        if (compilation->observer && compilation->observer->emitted)
                compilation->observer->emitted(compilation->observer->context, NULL);
        cbpf_program_free(&compilation->program);
        return result_of(compilation, cbpf_program_copy(meaning, &compilation->program));
}

static enum result run_stages(struct compilation *compilation, unsigned route)
{
        const struct cbpf_pass_observer *observer = compilation->observer;
        enum result result = DONE;

        graph_free(&compilation->graph);
        compilation->routes = route;
        for (size_t i = 0; i < array_count(stages) && result == DONE; i++) {
                if (!(stages[i].routes & route) ||
                    (stages[i].routes & WALKS && !compilation->layers) ||
                    (stages[i].routes & TO_KERNEL && !lacks_tag(compilation->target)))
                        continue;
                result = stages[i].run(compilation);
                if (result == DONE && stages[i].routes & SHOWN && observer && observer->after)
                        observer->after(observer->context,
                                        &(struct cbpf_pass_event){stages[i].name, 0,
                                                                  &compilation->graph, true});
        }
        return result;
}

static void free_meaning(struct compilation *compilation)
{
        cbpf_program_free(&compilation->meaning);
        free(compilation->marked);
        compilation->marked = NULL;
}

/* From text to a tree in which lists and pairs are gathered. */
static enum result run_front(struct compilation *compilation)
{
        enum result result;

        compilation->lists.gather_pairs = compilation->gather_pairs;
        compilation->forgotten = false;
        result = run_stages(compilation, FRONT);
        compilation->pairs = pairs_count(&compilation->lists) + tuples_count(&compilation->lists);
        return result;
}

static enum result run_routes(struct compilation *compilation)
{
        enum result result = run_front(compilation);

        if (result == DONE)
                result = run_stages(compilation, NATIVE);
        if (result != IMPOSSIBLE || compilation->pairs > 0 || compilation->layers)
                return result; /* libpcap does not know what stands for pairs and tuples */
        result = compilation->forgotten ? run_front(compilation) : DONE;
        if (result == DONE)
                result = run_stages(compilation, MARKED);
        free_meaning(compilation);
        if (result != IMPOSSIBLE)
                return result;
        result = run_stages(compilation, FOREIGN);
        if (result == IMPOSSIBLE && lacks_tag(compilation->target)) {
                result =
                    fail_for_kernel(compilation, "the kernel cannot run this filter, which takes a "
                                                 "loop or more memory than it gives a program");
        } else if (result == IMPOSSIBLE) {
                if (cbpf_fill_memory_first(&compilation->meaning) < 0)
                        result = FAILED;
                compilation->program = compilation->meaning;
                compilation->meaning = (struct bpf_program){0};
                return result == FAILED ? out_of_memory(compilation) : DONE;
        }
        free_meaning(compilation);
        return result;
}

/* Compiles with pairs gathered or without. */
static enum result compile_with(struct compilation *compilation, bool gather_pairs,
                                enum starts starts)
{
        enum result result;

        compilation->gather_pairs = gather_pairs;
        compilation->starts = starts;
        result = run_routes(compilation);
        lists_free(&compilation->lists);
        layers_free(compilation->layers);
        compilation->layers = NULL;
        graph_free(&compilation->graph);
        arena_free(&compilation->origins);
        arena_free(&compilation->arena);
        return result;
}

/* Keeps the program of `other` if that is better (1), or the one there is (0). Where the better one
 * was not found, as memory was short (-1), there is none. */
static enum result keep_better(struct compilation *compilation, struct compilation *other,
                               int better)
{
        struct compilation *worse = better > 0 ? compilation : other;

        cbpf_program_free(&worse->program);
        if (better > 0) {
                compilation->program = other->program;
                compilation->report = other->report;
                compilation->starts = other->starts;
        } else if (better < 0) {
                cbpf_program_free(&compilation->program);
                return out_of_memory(compilation);
        }
        return DONE;
}

/* As an answer for keep_better(). */
static int without_program(const struct compilation *compilation, enum result result)
{
        return result == FAILED && compilation->error->kind == ERROR_MEMORY ? -1 : 0;
}

/* Compiles. Where headers vary in length, but for layers, starts are kept if that is better. */
static enum result choose_starts(struct compilation *compilation, bool gather_pairs)
{
        struct compilation copied;
        enum result result, other;
        int tunnels = cbpf_asks_geneve(compilation->expression);
        int layers = cbpf_has_layers(compilation->expression);

        if (tunnels < 0 || layers < 0)
                return out_of_memory(compilation);
        if (layers || (!tunnels && !graph_starts_vary(compilation->target)))
                return compile_with(compilation, gather_pairs, STARTS_FIXED);
        copied = *compilation;
        result = compile_with(compilation, gather_pairs, tunnels ? STARTS_INSIDE : STARTS_KEPT);
        if (result != DONE || compilation->report.by_libpcap ||
            compilation->program.bf_len > STARTS_MAX_BOTH_TRIED)
                return result;
        other = compile_with(&copied, gather_pairs, STARTS_COPIED);
        return keep_better(compilation, &copied,
                           other == DONE ? program_is_better(compilation->goal, &copied.program,
                                                             &compilation->program)
                                         : without_program(&copied, other));
}

/* Compiles, with the pairs gathered if that is better. Sets `*gathered` to whether it is. */
static enum result choose_pairs(struct compilation *compilation, bool *gathered)
{
        struct compilation as_written = *compilation;
        enum result result = choose_starts(compilation, true), other, kept;
        int better;

        *gathered = true;
        if (compilation->pairs == 0 || result == FAILED ||
            (result == DONE && compilation->pairs > PAIRS_MAX_BOTH_TRIED))
                return result;
        other = choose_starts(&as_written, false);
        better = result != DONE ? 1
                 : other != DONE
                     ? without_program(&as_written, other)
                     : program_is_better_as_written(compilation->goal, &as_written.program,
                                                    &compilation->program);
        *gathered = better == 0;
        kept = keep_better(compilation, &as_written, better);
        return result == DONE ? kept : other;
}

/* libpcap does not know tags behind LINUX_SLL headers. Returns 1 or 0; -1 if memory is short. */
static int asks_foreign_tags(const struct compilation *compilation)
{
        int link_type = compilation->target->link_type;

        return link_type == DLT_LINUX_SLL || link_type == DLT_LINUX_SLL2
                   ? cbpf_asks_tags(compilation->expression)
                   : 0;
}

/* This compiler's program, without optimizing. */
static enum result compile_natively(struct compilation *compilation)
{
        enum result result = run_stages(compilation, UNOPTIMIZED_NATIVE);

        if (result == DONE) {
                compilation->meaning = compilation->program;
                compilation->report.by_libpcap = false;
        }
        return result;
}

/* What libpcap has refused, for the reason in `error`, this compiler may know. */
static enum result compile_refused(struct compilation *compilation)
{
        const struct error refusal = *compilation->error;
        int asks = asks_foreign_tags(compilation);

        if (asks < 0)
                return out_of_memory(compilation);
        if (asks == 0 || compile_natively(compilation) == DONE)
                return asks ? DONE : FAILED;
        if (compilation->error->kind != CBPF_ONLY_IN_FILE &&
            compilation->error->kind != ERROR_MEMORY)
                *compilation->error = refusal;
        return FAILED;
}

/* By libpcap, or by this compiler what libpcap does not know. */
static enum result compile_as_written(struct compilation *compilation)
{
        enum result result = run_stages(compilation, UNOPTIMIZED);

        if (result == DONE && lacks_tag(compilation->target)) {
                result = run_stages(compilation, UNOPTIMIZED_LIVE);
                if (result == IMPOSSIBLE)
                        result = fail_for_kernel(compilation,
                                                 "the kernel cannot run this filter, which takes a "
                                                 "loop or more memory than it gives a program");
                cbpf_program_free(&compilation->meaning);
                compilation->meaning = compilation->program;
        } else if (result == FAILED && compilation->error->kind != ERROR_MEMORY) {
                result = compile_refused(compilation);
        }
        return result;
}

/* As written, but for what the kernel does with tags; leaves the program in `meaning`. Many values
 * of a set would take libpcap too long. */
static enum result compile_unoptimized(struct compilation *compilation)
{
        int own = compilation->has_sets ? 1 : cbpf_lacks_in_libpcap(compilation->expression);
        enum result result = IMPOSSIBLE;

        if (own < 0)
                return out_of_memory(compilation);
        if (own || compilation->native) {
                result = compile_natively(compilation);
                layers_free(compilation->layers);
                lists_free(&compilation->lists);
                arena_free(&compilation->arena);
        }
        if (result == IMPOSSIBLE)
                result = compile_as_written(compilation);
        graph_free(&compilation->graph);
        arena_free(&compilation->arena);
        free(compilation->marked);
        return result;
}

static int compile(struct compilation *compilation, unsigned flags, struct bpf_program *program)
{
        const struct cbpf_pass_observer *observer = compilation->observer;
        struct compilation again = *compilation;
        enum result result = DONE;
        bool gathered;
        int sets;

        *program = (struct bpf_program){0};
        *compilation->error = (struct error){.offset = ERROR_NO_OFFSET};
        compilation->observer = NULL;
        compilation->goal = again.goal = flags & CBPF_FOR_SIZE    ? GOAL_SIZE
                                         : flags & CBPF_FOR_SPEED ? GOAL_SPEED
                                                                  : GOAL_BALANCE;
        compilation->native = again.native = flags & CBPF_NATIVE;
        sets = cbpf_has_sets(compilation->expression);
        compilation->has_sets = again.has_sets = sets > 0;
        if (sets < 0) {
                result = out_of_memory(compilation);
        } else if (compilation->expression[strspn(compilation->expression, " \t\r\n")] == '\0') {
                if (cbpf_program_constant(compilation->target->snapshot_length, program) < 0)
                        result = out_of_memory(compilation);
        } else if (flags & CBPF_UNOPTIMIZED) {
                result = compile_unoptimized(compilation);
                *program = compilation->meaning;
        } else {
                result = choose_pairs(compilation, &gathered);
                if (result == DONE && observer) {
                        cbpf_program_free(&compilation->program);
                        result = compile_with(&again, gathered, compilation->starts);
                        compilation->program = again.program;
                }
                *program = compilation->program;
        }
        if (result == DONE)
                return 0;
        cbpf_program_free(program);
        return -1;
}

int cbpf_compile_and_report(const char *expression, const struct cbpf_target *target,
                            unsigned flags, struct bpf_program *program, struct cbpf_report *report,
                            struct error *error)
{
        struct compilation compilation = {
            .expression = expression, .target = target, .error = error};
        int status = compile(&compilation, flags, program);

        *report = compilation.report;
        return status;
}

int cbpf_compile(const char *expression, const struct cbpf_target *target, unsigned flags,
                 struct bpf_program *program, struct error *error)
{
        struct cbpf_report report;

        return cbpf_compile_and_report(expression, target, flags, program, &report, error);
}

int cbpf_compile_and_observe(const char *expression, const struct cbpf_target *target,
                             const struct cbpf_pass_observer *observer, struct bpf_program *program,
                             struct error *error)
{
        struct compilation compilation = {
            .expression = expression, .target = target, .observer = observer, .error = error};

        return compile(&compilation, 0, program);
}

int cbpf_recompile(const struct bpf_program *in, struct bpf_program *out)
{
        struct compilation compilation = {.meaning = *in, .goal = GOAL_SIZE};
        enum result result = run_stages(&compilation, GIVEN);

        graph_free(&compilation.graph);
        *out = compilation.program;
        return result == DONE ? 0 : result == IMPOSSIBLE ? 1 : -1;
}

const char *cbpf_pass(size_t number, const char **summary)
{
        if (number >= array_count(passes))
                return NULL;
        if (summary)
                *summary = passes[number].summary;
        return passes[number].name;
}

int cbpf_run_pass(const char *name, struct graph *graph)
{
        if (!passes_take(graph))
                return 1;
        for (size_t i = 0; i < array_count(passes); i++) {
                if (strcmp(passes[i].name, name) != 0)
                        continue;
                passes[i].run(graph, 0);
                return graph->failed ? -1 : 0;
        }
        return 1;
}
