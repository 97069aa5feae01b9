/* The search for the shortest program: candidates (graphs that variants of the passes lead to),
 * styles (how many values a chain of comparisons may have), and refinements (outlining, hoisting).
 * Each choice is judged by emitting the program. */
#include "shortest_program.h"
#include "base/array.h"
#include "cbpf/emit/emit.h"
#include "cbpf/program/program.h"

/* Steps are those that ordinary traffic is expected to take. */
#define MAX_MORE_STEPS 0.2   /* for an instruction less */
#define SAME_STEPS 0.0005    /* so many more are of no account */
#define LENGTH_WEIGHT 0.0005 /* of an instruction beside a step, if the lengths are near */

enum {
        ALL_VARIANTS_MAX_SIZE =
            2000, /* arms of a graph that is optimized in more than one variant */
        ALL_VARIANTS_MAX_LENGTH = 200, /* instructions; longer ones get the first variants only */
        REFINED_CANDIDATES = 3,        /* the best ones, which are emitted in full */

        NEAR_MIN = 2,   /* instructions that near lengths may differ by, */
        NEAR_PART = 16, /* beside such a part of the shorter */

        REFINED_MAX_LENGTH = 600,  /* instructions */
        OUTLINED_MIN_LENGTH = 250, /* unless for size */
        MAX_OUTLINING_ROUNDS = 8,
        OUTLINING_TRIES = 40,
        OUTLINING_TRIES_LONG = 6, /* of programs longer than REFINED_MAX_LENGTH */
        /* Of longer programs no pair of parts is so large that the kernel would come to take them.
         */
        PAIRS_OUTLINED_MAX_LENGTH = 32 * CBPF_KERNEL_MAX,

        MAX_HOISTING_ROUNDS = 6,

        DEFAULT_CHAIN_MAX_VALUES = 4000, /* values; more do not go into the kernel anyway */
};

/* Candidates */

/* Runs the passes. In a large graph all is dropped but what the candidates need and node `held`,
 * whose number is brought up to date. */
static int run_passes(struct graph *graph, const struct pass_list *passes,
                      struct candidates *candidates, uint32_t *held)
{
        uint32_t *const all[] = {&candidates->root, &candidates->rejecting, held};

        return candidates->large
                   ? passes_run_collecting(passes, graph, 0, NULL, all, array_count(all))
                   : passes_run(passes, graph, 0, NULL);
}

static uint32_t optimized(struct graph *graph, const struct pass_list *passes,
                          struct candidates *candidates, uint32_t root)
{
        uint32_t before = graph->root;

        graph->root = root;
        if (run_passes(graph, passes, candidates, &before) < 0)
                graph->failed = true;
        root = graph->root;
        graph->root = before;
        return root;
}

/* A candidate has dropped an owed load if it answers otherwise where all of them reject. */
static bool drops_owed_loads(struct graph *graph, const struct pass_list *passes,
                             struct candidates *candidates)
{
        uint32_t rejecting;

        if (candidates->rejecting == GRAPH_NONE)
                return false;
        rejecting = graph_owe_all(graph, graph->root, candidates->file, true);
        rejecting = optimized(graph, passes, candidates, rejecting);
        return rejecting != candidates->rejecting;
}

static int complete(struct graph *graph, const struct optimizer *optimizer)
{
        return optimizer->complete ? optimizer->complete(graph, optimizer->target) : 0;
}

/* Emits the graph as it is now, and files it. */
static int file_candidate(struct graph *graph, struct candidates *candidates, unsigned variants,
                          bool settled)
{
        struct style style = style_of(graph, DEFAULT_MAX_CHAIN);
        struct candidate candidate = {graph->root, 0, variants, settled};
        size_t at = candidates->count;
        int result;

        for (size_t i = 0; i < candidates->count; i++)
                if (candidates->items[i].root == graph->root)
                        return 0;
        result = emit_length(graph, &style, &candidate.length);
        if (result != 0 || at == MAX_CANDIDATES)
                return result < 0 ? -1 : 0;
        for (; at > 0 && candidates->items[at - 1].length > candidate.length; at--)
                candidates->items[at] = candidates->items[at - 1];
        candidates->items[at] = candidate;
        candidates->count++;
        return 0;
}

/* Completes what the passes have left, and files it. */
static int add_candidate(struct graph *graph, const struct optimizer *optimizer,
                         struct candidates *candidates, unsigned variants, bool settled)
{
        uint32_t root;
        int result;

        if (drops_owed_loads(graph, &optimizer->passes, candidates))
                return graph->failed ? -1 : 0;
        root = graph->root;
        result = complete(graph, optimizer);
        if (result == 0)
                result = file_candidate(graph, candidates, variants, settled);
        graph->root = root;
        return result;
}

static unsigned without_laziness(unsigned variant)
{
        return variant & ~(unsigned)(PASS_LAZY | PASS_LAZIEST);
}

/* Optimizes in one variant, and then once more without laziness. */
static int try_variant(struct graph *graph, const struct optimizer *optimizer, unsigned variant,
                       struct candidates *candidates)
{
        const struct pass_list *passes = &optimizer->passes;
        int result = 0;

        graph->root = candidates->root;
        if (variant != without_laziness(variant)) {
                result = passes_run(passes, graph, variant, NULL);
                if (result == 0)
                        result = add_candidate(graph, optimizer, candidates, variant, false);
        }
        if (result == 0)
                result = passes_run(passes, graph, without_laziness(variant), NULL);
        return result ? result : add_candidate(graph, optimizer, candidates, variant, true);
}

/* A large graph is optimized in one variant only. */
static int optimize_large(struct graph *graph, const struct optimizer *optimizer,
                          struct candidates *candidates)
{
        uint32_t none = GRAPH_NONE;
        int result;

        if (candidates->rejecting == GRAPH_NONE && !optimizer->observed)
                candidates->root = GRAPH_NONE;
        result = run_passes(graph, &optimizer->passes, candidates, &none);
        if (result == 0 && drops_owed_loads(graph, &optimizer->passes, candidates))
                result = graph->failed ? -1 : 1;
        if (result == 0)
                result = complete(graph, optimizer);
        graph_trim(graph);
        candidates->items[0] = (struct candidate){.root = graph->root, .settled = true};
        candidates->count = 1;
        return result;
}

static int search_candidates(struct graph *graph, const struct optimizer *optimizer,
                             struct candidates *candidates)
{
        static const unsigned variants[] = {
            PASS_LAZY,
            PASS_LAZY | PASS_REUSE,
            PASS_LAZIEST,
            PASS_LAZIEST | PASS_REUSE,
            PASS_REUSE,
            PASS_LAZY | PASS_AHEAD,
            PASS_LAZIEST | PASS_REUSE | PASS_AHEAD,
            PASS_REUSE | PASS_APART,
        };
        int result = 0;

        if (optimizer->keeps_graph) {
                candidates->items[0] = (struct candidate){.root = graph->root, .settled = true};
                candidates->count = 1;
                return 0;
        }
        if (candidates->large)
                return optimize_large(graph, optimizer, candidates);
        for (size_t i = 0; i < sizeof variants / sizeof *variants && result == 0; i++) {
                result = try_variant(graph, optimizer, variants[i], candidates);
                if (candidates->count > 0 && candidates->items[0].length >= ALL_VARIANTS_MAX_LENGTH)
                        break;
        }
        return result || candidates->count > 0 ? result : 1;
}

static struct candidates no_candidates(const struct graph *graph, bool file)
{
        return (struct candidates){.root = graph->root,
                                   .large = pass_graph_size(graph) >= ALL_VARIANTS_MAX_SIZE,
                                   .file = file,
                                   .rejecting = GRAPH_NONE};
}

int find_candidates(struct graph *graph, const struct optimizer *optimizer, bool file,
                    struct candidates *candidates)
{
        uint32_t rejecting = graph_owe_all(graph, graph->root, file, true);
        int result;

        if (graph->failed)
                return -1;
        *candidates = no_candidates(graph, file);
        if (rejecting == graph->root)
                return search_candidates(graph, optimizer, candidates);
        candidates->rejecting = optimized(graph, &optimizer->passes, candidates, rejecting);
        if (graph->failed)
                return -1;
        result = search_candidates(graph, optimizer, candidates);
        if (result <= 0)
                return result;
        graph->root = graph_owe_all(graph, candidates->root, file, false);
        *candidates = no_candidates(graph, file);
        return search_candidates(graph, optimizer, candidates);
}

/* Refinements */

struct attempt {
        struct graph *graph; /* its root is the attempt's */
        uint32_t root;       /* before outlining */
        const struct style *style;
        struct style own_style; /* of a graph with variables */
        struct bpf_program best;
        double steps;       /* of the best; only where no step more is wanted, otherwise 0 */
        struct uses uses;   /* of the best */
        bool outlines;      /* outlining is part of this attempt */
        bool largest_first; /* in outlining */
        int tries;          /* left to outlining */
        unsigned improved;  /* by refinement, a bit each: it made the program shorter */
        bool failed;
};

/* The steps that a packet is expected to take; 0 for a program that no kernel takes, which there is
 * no use in weighing. Returns -1 if memory is short. */
static int expected_steps(const struct bpf_program *program, double *steps)
{
        *steps = 0;
        return program->bf_len > CBPF_KERNEL_MAX ? 0 : cbpf_expected_steps(program, steps);
}

/* True if that counts, and `program` takes more steps than the best. */
static bool takes_more_steps(struct attempt *attempt, const struct bpf_program *program)
{
        double steps;

        if (attempt->steps == 0)
                return false;
        if (expected_steps(program, &steps) < 0)
                attempt->failed = true;
        else if (steps > attempt->steps + MAX_MORE_STEPS)
                return true;
        else
                attempt->steps = steps;
        return false;
}

/* Emits in `style`; true if the program is shorter, which then is the best. */
static bool is_shorter(struct attempt *attempt, const struct style *style)
{
        struct bpf_program program;
        struct uses uses;
        int failure = emit_program(attempt->graph, style, &program, &uses);

        attempt->failed |= failure < 0;
        if (failure)
                return false;
        if (program.bf_len >= attempt->best.bf_len || takes_more_steps(attempt, &program)) {
                cbpf_program_free(&program);
                return false;
        }
        cbpf_program_free(&attempt->best);
        attempt->best = program;
        attempt->uses = uses;
        return true;
}

static bool is_shorter_from(void *context, uint32_t root)
{
        struct attempt *attempt = context;
        uint32_t before = attempt->graph->root;
        bool shorter;

        if (attempt->tries-- <= 0)
                return false;
        attempt->graph->root = root;
        shorter = is_shorter(attempt, attempt->style);
        attempt->graph->root = before;
        return shorter;
}

/* What outlining values must save: a program too long for the kernel must come to fit into it, or
 * become much shorter. */
static uint32_t least_saved(uint32_t length)
{
        uint32_t beyond = length > CBPF_KERNEL_MAX ? length - CBPF_KERNEL_MAX : 0;

        return beyond < length / 4 ? beyond : length / 4;
}

/* Merges what differs only in values, in the graph from `root` on. That has variables then, whose
 * words of scratch memory are part of the style. Returns whether the program is shorter. */
static bool outline_values(struct attempt *attempt, uint32_t root)
{
        struct graph *graph = attempt->graph;
        uint32_t before = graph->root, variables = graph->variables;
        struct style style;

        graph->root = root;
        root = value_outlining(graph, least_saved(attempt->best.bf_len));
        graph->root = before;
        attempt->failed |= graph->failed;
        if (root == GRAPH_NONE || attempt->failed)
                return false;
        style = style_of(graph, attempt->style->longest_chain);
        style.notes = attempt->style->notes;
        graph->root = root;
        if (is_shorter(attempt, &style)) {
                attempt->own_style = style;
                attempt->style = &attempt->own_style;
                return true;
        }
        graph->root = before;
        graph->variables = variables;
        return false;
}

bool attempt_outlining(struct attempt *attempt)
{
        bool has_variables = attempt->graph->variables > 0;
        uint32_t root;

        if (!attempt->outlines)
                return false;
        if (attempt->best.bf_len > PAIRS_OUTLINED_MAX_LENGTH)
                attempt->tries = 0;
        for (int round = 0; round < MAX_OUTLINING_ROUNDS && attempt->tries > 0; round++) {
                root = outlining(attempt->graph, attempt->best.bf_len, attempt->largest_first,
                                 &attempt->tries, is_shorter_from, attempt);
                attempt->failed |= attempt->graph->failed;
                if (root == GRAPH_NONE || attempt->failed)
                        break;
                attempt->graph->root = root;
        }
        root = attempt->graph->root;
        if (!has_variables && attempt->best.bf_len > OUTLINED_MIN_LENGTH) {
                bool shorter = outline_values(attempt, root);

                /* Either order may be the better one; a long program is not tried in both. */
                if (root != attempt->root && (!shorter || attempt->best.bf_len <= CBPF_KERNEL_MAX))
                        outline_values(attempt, attempt->root);
        }
        return attempt->graph->root != attempt->root;
}

/* Tries to load `term` into X earlier, or to keep it in scratch memory, or both. */
static bool hoist_term(struct attempt *attempt, struct hoisting *hoisting, struct style *style,
                       uint32_t term)
{
        struct slots *slots = &style->slots;
        uint32_t place;
        bool may_keep = slots->count < BPF_MEMWORDS / 2;
        bool shorter = false;

        if (hoisting_is_argument(hoisting, term))
                return false;
        place = hoisting_place(hoisting, &attempt->uses, term);
        for (uint32_t i = 0; i < slots->count; i++)
                may_keep &= slots->terms[i] != term;
        if (place != GRAPH_NONE) {
                hoisting->terms[place] = term;
                shorter = is_shorter(attempt, style);
        }
        if (!shorter && may_keep && !attempt->failed) {
                slots->terms[slots->count++] = term;
                shorter = is_shorter(attempt, style);
                if (!shorter && place != GRAPH_NONE && !attempt->failed) {
                        hoisting->terms[place] = GRAPH_NONE;
                        shorter = is_shorter(attempt, style);
                }
                if (!shorter)
                        slots->count--;
        }
        if (!shorter && place != GRAPH_NONE)
                hoisting->terms[place] = GRAPH_NONE;
        return shorter;
}

/* True for the first of several uses of a term. */
static bool is_first_of_several(const struct uses *uses, uint32_t index)
{
        uint32_t count = 0;

        for (uint32_t i = 0; i < uses->count; i++) {
                if (uses->uses[i].term != uses->uses[index].term)
                        continue;
                if (i < index)
                        return false;
                count++;
        }
        return count >= 2;
}

/* Where outlining found nothing, the attempt without it has hoisted already. */
bool attempt_hoisting(struct attempt *attempt)
{
        struct hoisting hoisting;
        struct style style = *attempt->style;
        bool shorter = true, ever = false;

        if (attempt->failed || attempt->best.bf_len > REFINED_MAX_LENGTH ||
            (attempt->outlines && attempt->graph->root == attempt->root))
                return false;
        if (hoisting_start(&hoisting, attempt->graph) < 0) {
                attempt->failed = true;
                return false;
        }
        style.hoisted = hoisting.terms;
        for (int round = 0; round < MAX_HOISTING_ROUNDS && shorter && !attempt->failed; round++) {
                struct uses uses = attempt->uses;

                shorter = false;
                for (uint32_t i = 0; i < uses.count && !shorter && !attempt->failed; i++)
                        if (is_first_of_several(&uses, i))
                                shorter = hoist_term(attempt, &hoisting, &style, uses.uses[i].term);
                ever |= shorter;
        }
        hoisting_end(&hoisting);
        return ever;
}

/* Styles */

/* What a search for a graph's shortest program found. */
struct shortest {
        struct bpf_program program;
        double steps;                      /* expected_steps() */
        uint32_t root;                     /* of the graph it was emitted for */
        unsigned improved;                 /* as attempt.improved */
        bool passes_values;                /* values were outlined */
        const struct cbpf_origin *origins; /* in that graph, if optimizer.notes asks for them */
        uint32_t origin_count;
        bool has_orders; /* before any refinement: as uses.has_orders, and the steps */
        double unrefined_steps;
};

static void free_shortest(struct shortest *shortest)
{
        cbpf_program_free(&shortest->program);
        *shortest = (struct shortest){0};
}

static bool is_better(enum goal goal, const struct shortest *one, const struct shortest *other)
{
        u_int length = one->program.bf_len, other_length = other->program.bf_len;

        if (goal == GOAL_SPEED && one->steps != other->steps)
                return one->steps < other->steps;
        return length < other_length ||
               (length == other_length && goal != GOAL_SIZE && one->steps < other->steps);
}

/* Keeps one of the two in `best` and frees the other. */
static void keep(struct shortest *best, struct shortest *other, bool is_other)
{
        if (is_other) {
                struct shortest worse = *best;

                *best = *other;
                *other = worse;
        }
        free_shortest(other);
}

/* The better of the two; on a tie `best` stays. */
static void keep_better(enum goal goal, struct shortest *best, struct shortest *other)
{
        keep(best, other, !best->program.bf_insns || is_better(goal, other, best));
}

/* Outlining usually makes paths longer, so that it is for programs that are long, or become shorter
 * by a tenth. */
static bool is_outlining_worth(enum goal goal, const struct shortest *plain,
                               const struct shortest *outlined)
{
        u_int length = plain->program.bf_len;

        return goal == GOAL_SIZE ||
               length > (goal == GOAL_SPEED ? CBPF_KERNEL_MAX : OUTLINED_MIN_LENGTH) ||
               outlined->steps <= plain->steps + SAME_STEPS ||
               (goal == GOAL_BALANCE && outlined->steps <= plain->steps + MAX_MORE_STEPS &&
                10 * outlined->program.bf_len <= 9 * length);
}

static void refine(struct attempt *attempt, const struct optimizer *optimizer,
                   struct shortest *result)
{
        uint32_t variables = attempt->graph->variables;

        for (size_t i = 0; i < optimizer->refinement_count; i++)
                if (optimizer->refinements[i].run(attempt))
                        attempt->improved |= 1u << i;
        *result = (struct shortest){.program = attempt->best,
                                    .root = attempt->graph->root,
                                    .improved = attempt->improved,
                                    .passes_values = attempt->graph->variables > variables,
                                    .origins = attempt->uses.origins,
                                    .origin_count = attempt->uses.origin_count};
        if (expected_steps(&result->program, &result->steps) < 0)
                attempt->failed = true;
        attempt->graph->root = attempt->root;
        attempt->graph->variables = variables;
}

/* With and without outlining, as what it merges can no longer be hoisted from one place. */
static int emit_in_style(struct graph *graph, const struct optimizer *optimizer,
                         const struct style *style, struct shortest *result)
{
        struct attempt plain = {.graph = graph, .root = graph->root, .style = style}, outlined;
        struct shortest other;
        double unrefined_steps;
        bool has_orders, beyond; /* too long to be refined otherwise than by outlining */
        int failure = emit_program(graph, style, &plain.best, &plain.uses);

        if (failure)
                return failure;
        outlined = plain;
        beyond = plain.best.bf_len > CBPF_KERNEL_MAX;
        if (optimizer->goal != GOAL_SIZE && expected_steps(&plain.best, &plain.steps) < 0)
                plain.failed = true;
        outlined.outlines = true;
        outlined.largest_first = optimizer->merges_largest_first;
        outlined.tries =
            plain.best.bf_len <= REFINED_MAX_LENGTH ? OUTLINING_TRIES : OUTLINING_TRIES_LONG;
        if (!beyond && cbpf_program_copy(&plain.best, &outlined.best) < 0) {
                cbpf_program_free(&plain.best);
                return -1;
        }
        has_orders = plain.uses.has_orders;
        unrefined_steps = plain.steps;
        if (!beyond)
                refine(&plain, optimizer, result);
        refine(&outlined, optimizer, beyond ? result : &other);
        if (!beyond && is_outlining_worth(optimizer->goal, result, &other))
                keep_better(GOAL_SIZE, result, &other);
        else if (!beyond)
                free_shortest(&other);
        result->has_orders = has_orders;
        result->unrefined_steps = unrefined_steps;
        if (!plain.failed && !outlined.failed)
                return 0;
        free_shortest(result);
        return -1;
}

static bool are_near(u_int one, u_int other)
{
        u_int shorter = one < other ? one : other, longer = one < other ? other : one;

        return longer - shorter <= NEAR_MIN + shorter / NEAR_PART;
}

static double weight(const struct shortest *shortest)
{
        return shortest->steps + LENGTH_WEIGHT * shortest->program.bf_len;
}

/* Whether the other order takes fewer steps. Returns 1 if so, 0, or -1 if memory is short. */
static int is_order_quicker(struct graph *graph, const struct style *style,
                            const struct shortest *result)
{
        struct bpf_program program;
        struct uses uses;
        double steps;
        int failure;

        if (!result->has_orders || result->program.bf_len > REFINED_MAX_LENGTH)
                return 0;
        failure = emit_program(graph, style, &program, &uses);
        if (failure)
                return failure < 0 ? -1 : 0;
        failure = expected_steps(&program, &steps);
        cbpf_program_free(&program);
        return failure < 0 ? -1 : steps < result->unrefined_steps;
}

/* Chains either end with what others share or, where steps count, begin with what is frequent. For
 * a balance, programs whose lengths are near are judged by their steps. */
static int emit_in_both_orders(struct graph *graph, const struct optimizer *optimizer,
                               const struct style *style, struct shortest *result)
{
        struct style frequent_first = *style;
        struct shortest other;
        int failure = emit_in_style(graph, optimizer, style, result);

        if (failure || optimizer->goal == GOAL_SIZE)
                return failure;
        frequent_first.frequent_first = true;
        failure = is_order_quicker(graph, &frequent_first, result);
        if (failure > 0)
                failure = emit_in_style(graph, optimizer, &frequent_first, &other);
        else if (failure == 0)
                return 0;
        if (failure)
                free_shortest(result);
        else if (optimizer->goal == GOAL_BALANCE &&
                 are_near(other.program.bf_len, result->program.bf_len))
                keep(result, &other, weight(&other) < weight(result));
        else
                keep_better(optimizer->goal, result, &other);
        return failure;
}

/* The most values that one switch asks for, if they are single ones. */
static uint32_t longest_list(const struct graph *graph)
{
        uint32_t arms = 0;

        for (uint32_t i = 0; i <= graph->root; i++)
                if (graph->nodes[i].kind == NODE_SWITCH && graph->nodes[i].count > arms)
                        arms = graph->nodes[i].count;
        return arms / 2;
}

/* How many instructions the path through a list of so many values may take. */
static uint32_t path_allowed(uint32_t values)
{
        uint32_t bits = 0;

        while (values >> bits > 1)
                bits++;
        return 20 + 2 * bits;
}

/* Long chains make short programs and long paths. The longest chain is taken whose path keeps
 * within what is allowed, if the program is then no longer than with whole lists in a chain and no
 * refinement, which is what libpcap makes. If both cannot be had, short lists get the shortest
 * program and long ones the path allowed. */
static int choose_chain(struct graph *graph, const struct optimizer *optimizer, uint32_t values,
                        struct shortest *result)
{
        static const uint32_t chains[] = {MAX_CHAIN, 26, 20, 15, 12, 10, 8, DEFAULT_MAX_CHAIN};
        struct style style = style_of(graph, MAX_CHAIN);
        struct shortest found = {0}; /* what to take if both cannot be had */
        uint32_t most, path;
        int failure = emit_length(graph, &style, &most);

        style.notes = optimizer->notes;
        for (size_t i = 0; i < sizeof chains / sizeof *chains && failure == 0; i++) {
                struct shortest other;

                style.longest_chain = chains[i];
                failure = emit_in_style(graph, optimizer, &style, &other);
                if (failure)
                        break;
                failure = cbpf_longest_path(&other.program, &path);
                if (failure) {
                        free_shortest(&other);
                        break;
                }
                if (path <= path_allowed(values) &&
                    (other.program.bf_len <= most || !found.program.bf_insns)) {
                        free_shortest(&found);
                        found = other;
                        break;
                }
                if (i == 0 && values <= MAX_CHAIN)
                        found = other;
                else
                        free_shortest(&other);
        }
        if (found.program.bf_insns) {
                free_shortest(result);
                *result = found;
        }
        return failure < 0 ? -1 : 0;
}

/* A large program gets short chains at once: that is what its lists need. */
static int emit_candidate(struct graph *graph, const struct optimizer *optimizer,
                          struct shortest *result)
{
        uint32_t values = longest_list(graph);
        struct style style =
            style_of(graph, values > DEFAULT_CHAIN_MAX_VALUES ? MIN_CHAIN : DEFAULT_MAX_CHAIN);
        struct optimizer own = *optimizer;
        int failure;

        style.notes = optimizer->notes;
        /* Lists are searched in one place, which outlining brings them to. */
        if (values >= DEFAULT_MAX_CHAIN && own.goal == GOAL_BALANCE)
                own.goal = GOAL_SIZE;
        failure = emit_in_both_orders(graph, &own, &style, result);
        /* Where values are outlined, paths are long as it is. */
        if (failure || result->program.bf_len > REFINED_MAX_LENGTH || values < DEFAULT_MAX_CHAIN ||
            result->passes_values)
                return failure;
        if (choose_chain(graph, &own, values, result) == 0)
                return 0;
        free_shortest(result);
        return -1;
}

/* Runs the passes that led to `candidate` again for the observer, and shows it the refinements. */
static int show_passes(struct graph *graph, const struct optimizer *optimizer, uint32_t root,
                       const struct candidate *candidate, const struct shortest *shortest,
                       const struct cbpf_pass_observer *observer)
{
        unsigned settled = without_laziness(candidate->variants);
        int result = 0;

        graph->root = root;
        if (candidate->variants != settled)
                result = passes_run(&optimizer->passes, graph, candidate->variants, observer);
        if (result == 0 && candidate->settled)
                result = passes_run(&optimizer->passes, graph, settled, observer);
        for (size_t i = 0; i < optimizer->refinement_count && result == 0; i++) {
                struct cbpf_pass_event event = {
                    .pass = optimizer->refinements[i].name,
                    .round = 1,
                    .graph = graph,
                    .changed = shortest->improved & 1u << i,
                };

                if (optimizer->refinements[i].run == attempt_outlining)
                        graph->root = shortest->root;
                observer->after(observer->context, &event);
        }
        return result;
}

int emit_shortest(struct graph *graph, const struct optimizer *optimizer,
                  const struct candidates *candidates, const struct cbpf_pass_observer *observer,
                  struct bpf_program *program)
{
        struct shortest best = {0};
        const struct candidate *chosen = candidates->items;
        int result = 0;

        for (size_t i = 0; i < candidates->count && i < REFINED_CANDIDATES && result == 0; i++) {
                struct shortest other;

                graph->root = candidates->items[i].root;
                result = emit_candidate(graph, optimizer, &other);
                if (result == 0 && (i == 0 || is_better(optimizer->goal, &other, &best)))
                        chosen = &candidates->items[i];
                if (result == 0)
                        keep_better(optimizer->goal, &best, &other);
        }
        if (result == 0 && observer && observer->after)
                result = show_passes(graph, optimizer, candidates->root, chosen, &best, observer);
        graph->root = chosen->root;
        if (result == 0 && observer && observer->emitted)
                result = origins_show(graph, candidates->items[0].root, best.root, best.origins,
                                      best.origin_count, observer);
        if (result)
                free_shortest(&best);
        *program = best.program;
        return result;
}

int program_is_better(enum goal goal, const struct bpf_program *one,
                      const struct bpf_program *other)
{
        double steps = 0, other_steps = 0;

        if (goal == GOAL_SPEED &&
            (expected_steps(one, &steps) < 0 || expected_steps(other, &other_steps) < 0))
                return -1;
        return steps != other_steps ? steps < other_steps : one->bf_len < other->bf_len;
}

int program_is_better_as_written(enum goal goal, const struct bpf_program *as_written,
                                 const struct bpf_program *searching)
{
        u_int length = as_written->bf_len, least = searching->bf_len;
        double steps, other;

        if (length < least || goal == GOAL_SIZE || length > least + least / 8)
                return length < least;
        if (cbpf_expected_steps(searching, &steps) < 0 ||
            cbpf_expected_steps(as_written, &other) < 0)
                return -1;
        return other < steps;
}
