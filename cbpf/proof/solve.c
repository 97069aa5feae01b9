/* A question as a formula for the solver, and its example as a packet. */
#include "question.h"
#include "solver.h"

#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct solving {
        const struct question *question;
        struct proof *proof;
        struct solver *solver;
        formula *terms, *nodes; /* by number; NULL if not made yet */
        formula captured, length, accept, reject;
        uint64_t end; /* nanoseconds */
};

/* The shorter a packet, the better. */
static const uint32_t sizes[] = {60, 128, 1514, PROOF_ROOM};

static formula term_formula(struct solving *solving, uint32_t term);

static formula sum(struct solving *solving, formula base, uint32_t k)
{
        formula number = solver_number(solving->solver, k);

        return base ? solver_operate(solving->solver, BPF_ADD, base, number) : number;
}

static formula load_formula(struct solving *solving, uint32_t term)
{
        const struct term *load = &solving->proof->graph.terms[term];
        uint32_t size = graph_load_size(load);
        struct solver *solver = solving->solver;
        formula base, word = NULL;
        char name[32];

        if (encoding_ancillary(&solving->proof->graph, term) != GRAPH_NONE) {
                snprintf(name, sizeof name, "ancillary %x", load->k);
                return solver_symbol(solver, name);
        }
        base = load->a == GRAPH_NONE ? NULL : term_formula(solving, load->a);
        for (uint32_t i = 0; i < size; i++) {
                formula byte = solver_byte(solver, sum(solving, base, load->k + i));

                if (i + 1 < size)
                        byte = solver_operate(solver, BPF_LSH, byte,
                                              solver_number(solver, 8 * (size - 1 - i)));
                word = word ? solver_operate(solver, BPF_OR, word, byte) : byte;
        }
        return word;
}

static formula argument_formula(struct solving *solving, uint32_t term)
{
        char name[32];

        if (term == solving->proof->captured)
                return solving->captured;
        snprintf(name, sizeof name, "argument %u", term);
        return solver_symbol(solving->solver, name);
}

static formula make_term(struct solving *solving, uint32_t term)
{
        const struct term *content = &solving->proof->graph.terms[term];
        struct solver *solver = solving->solver;
        formula zero = solver_number(solver, 0), one = solver_number(solver, 1), a, b;

        switch (content->kind) {
        case TERM_CONSTANT: return solver_number(solver, content->k);
        case TERM_LENGTH: return solving->length;
        case TERM_ARGUMENT: return argument_formula(solving, term);
        case TERM_LOAD: return load_formula(solving, term);
        }
        a = term_formula(solving, content->a);
        b = content->b == GRAPH_NONE ? zero : term_formula(solving, content->b);
        if (content->kind == TERM_EQUAL)
                return solver_choose(solver, solver_equal(solver, a, b), one, zero);
        if (content->kind == TERM_GREATER)
                return solver_choose(solver, solver_at_most(solver, a, b), zero, one);
        return solver_operate(solver, content->code, a, b);
}

static formula term_formula(struct solving *solving, uint32_t term)
{
        if (!solving->terms[term])
                solving->terms[term] = make_term(solving, term);
        return solving->terms[term];
}

/* A switch from arm number `first` to before `end`, by halves. */
static formula arms_formula(struct solving *solving, const struct node *node, formula value,
                            uint32_t first, uint32_t end)
{
        uint32_t middle = first + (end - first) / 2;
        formula low, high;

        if (end - first == 1)
                return solving->nodes[node->arms[first].to];
        low = arms_formula(solving, node, value, first, middle);
        high = arms_formula(solving, node, value, middle, end);
        return solver_choose(
            solving->solver,
            solver_at_most(solving->solver, value,
                           solver_number(solving->solver, node->arms[middle].from - 1)),
            low, high);
}

/* `only` is as in struct encoding. */
static formula node_formula(struct solving *solving, const struct node *node, uint32_t only)
{
        formula value;

        if (node->kind == NODE_RETURN)
                return (only ? node->k == only : node->k && node->k != ENCODING_ASIDE)
                           ? solving->accept
                           : solving->reject;
        value = term_formula(solving, node->term);
        if (node->kind == NODE_SWITCH)
                return arms_formula(solving, node, value, 0, node->count);
        return only ? solving->reject
                    : solver_choose(
                          solving->solver,
                          solver_equal(solving->solver, value, solver_number(solving->solver, 0)),
                          solving->reject, solving->accept);
}

static formula program_formula(struct solving *solving, uint32_t root, uint32_t only)
{
        const struct graph *graph = &solving->proof->graph;
        bool *reached = calloc(root + (size_t)1, sizeof *reached);
        formula result = NULL;

        if (reached)
                reached[root] = true;
        for (uint32_t i = root + 1; reached && i-- > 0;)
                for (uint32_t arm = 0; reached[i] && arm < graph->nodes[i].count; arm++)
                        reached[graph->nodes[i].arms[arm].to] = true;
        for (uint32_t i = 0; reached && i <= root; i++)
                if (reached[i])
                        result = solving->nodes[i] = node_formula(solving, &graph->nodes[i], only);
        free(reached);
        return result;
}

static formula ancillary_symbol(struct solving *solving, uint32_t number)
{
        char name[32];

        snprintf(name, sizeof name, "ancillary %x", (uint32_t)SKF_AD_OFF + number);
        return solver_symbol(solving->solver, name);
}

static void at_most(struct solving *solving, formula word, uint32_t most)
{
        solver_require(solving->solver,
                       solver_at_most(solving->solver, word, solver_number(solving->solver, most)));
}

static void at_least(struct solving *solving, formula word, uint32_t least)
{
        solver_require(
            solving->solver,
            solver_at_most(solving->solver, solver_number(solving->solver, least), word));
}

/* The kernel's data are as wide as struct cbpf_ancillary has them; what there is no tag for is 0.
 */
static void require_ancillary(struct solving *solving)
{
        static const struct {
                uint8_t number;
                uint32_t most;
        } rows[] = {
            {SKF_AD_PROTOCOL, UINT16_MAX},  {SKF_AD_PKTTYPE, 7},
            {SKF_AD_IFINDEX, INT32_MAX},    {SKF_AD_HATYPE, UINT16_MAX},
            {SKF_AD_VLAN_TAG, UINT16_MAX},  {SKF_AD_VLAN_TAG_PRESENT, 1},
            {SKF_AD_VLAN_TPID, UINT16_MAX},
        };
        formula present = ancillary_symbol(solving, SKF_AD_VLAN_TAG_PRESENT);
        struct solver *solver = solving->solver;

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
                at_most(solving, ancillary_symbol(solving, rows[i].number), rows[i].most);
        solver_require(
            solver,
            solver_choose(solver, solver_equal(solver, present, solver_number(solver, 0)),
                          solver_equal(solver,
                                       solver_operate(solver, BPF_OR,
                                                      ancillary_symbol(solving, SKF_AD_VLAN_TAG),
                                                      ancillary_symbol(solving, SKF_AD_VLAN_TPID)),
                                       solver_number(solver, 0)),
                          solving->accept));
}

/* The switch leads to the target, arm by arm. */
static formula step_formula(struct solving *solving, const struct path_step *step)
{
        const struct node *node = &solving->proof->graph.nodes[step->node];
        formula value = term_formula(solving, node->term), result = NULL;

        for (uint32_t i = node->count; i-- > 0;) {
                formula leads = (node->arms[i].to == step->target) != step->away ? solving->accept
                                                                                 : solving->reject;

                result = result
                             ? solver_choose(solving->solver,
                                             solver_at_most(solving->solver, value,
                                                            solver_number(solving->solver,
                                                                          graph_arm_end(node, i))),
                                             leads, result)
                             : leads;
        }
        return result;
}

static bool require_all(struct solving *solving)
{
        const struct proof *proof = solving->proof;
        struct solver *solver = solving->solver;

        solver_require(solver, solver_at_most(solver, solving->captured, solving->length));
        at_most(solving, solving->captured, proof->settings.snapshot_length);
        if (proof->settings.whole)
                solver_require(solver, solver_equal(solver, solving->captured, solving->length));
        if (proof->settings.place != CBPF_FILE)
                require_ancillary(solving);
        if (proof->settings.place != CBPF_FILE && proof->settings.link_type == DLT_EN10MB)
                at_least(solving, solving->captured, 14);
        for (size_t i = 0; i < solving->question->count; i++) {
                const struct proof_condition *condition = &solving->question->conditions[i];
                const struct proof_program *program = &proof->programs[condition->program];
                formula accepts = program_formula(solving, program->root, 0), aside;

                aside = program->unrolled.bf_insns
                            ? program_formula(solving, program->root, ENCODING_ASIDE)
                            : solving->reject;
                if (!accepts || !aside)
                        return false;
                solver_require(solver, solver_equal(solver, accepts,
                                                    solver_truth(solver, condition->accepts)));
                solver_require(solver, solver_equal(solver, aside, solving->reject));
        }
        for (size_t i = 0; i < solving->question->path_count; i++)
                solver_require(solver, step_formula(solving, &solving->question->path[i]));
        return true;
}

static uint64_t left(const struct solving *solving)
{
        uint64_t now = (uint64_t)clock_now(CLOCK_MONOTONIC);

        return now < solving->end ? (solving->end - now) / 1000000 + 1 : 0;
}

static enum solver_answer check(struct solving *solving)
{
        uint64_t milliseconds = left(solving);

        return milliseconds ? solver_check(solving->solver, milliseconds) : SOLVER_UNKNOWN;
}

/* The example */

static void read_load(struct solving *solving, const struct term *load, uint8_t *data)
{
        uint64_t at = load->k;
        uint32_t size = graph_load_size(load);

        if (load->a != GRAPH_NONE)
                at += solver_value(solving->solver, solving->terms[load->a]);
        for (uint32_t i = 0; i < size && at + i < PROOF_ROOM; i++)
                data[at + i] = (uint8_t)solver_value(
                    solving->solver,
                    solver_byte(solving->solver, solver_number(solving->solver, (uint32_t)at + i)));
}

static void read_example(struct solving *solving, struct proof_packet *packet)
{
        const struct graph *graph = &solving->proof->graph;
        struct solver *solver = solving->solver;

        memset(packet, 0, sizeof *packet);
        packet->captured = solver_value(solver, solving->captured);
        packet->length = solver_value(solver, solving->length);
        for (uint32_t i = 0; i < graph->term_count; i++)
                if (graph->terms[i].kind == TERM_LOAD && solving->terms[i] &&
                    encoding_ancillary(graph, i) == GRAPH_NONE)
                        read_load(solving, &graph->terms[i], packet->data);
        if (solving->proof->settings.place == CBPF_FILE)
                return;
        packet->ancillary = (struct cbpf_ancillary){
            .protocol = (uint16_t)solver_value(solver, ancillary_symbol(solving, SKF_AD_PROTOCOL)),
            .packet_type = (uint8_t)solver_value(solver, ancillary_symbol(solving, SKF_AD_PKTTYPE)),
            .interface = solver_value(solver, ancillary_symbol(solving, SKF_AD_IFINDEX)),
            .hardware_type =
                (uint16_t)solver_value(solver, ancillary_symbol(solving, SKF_AD_HATYPE)),
            .vlan_present =
                solver_value(solver, ancillary_symbol(solving, SKF_AD_VLAN_TAG_PRESENT)),
            .vlan_tag = (uint16_t)solver_value(solver, ancillary_symbol(solving, SKF_AD_VLAN_TAG)),
            .vlan_protocol =
                (uint16_t)solver_value(solver, ancillary_symbol(solving, SKF_AD_VLAN_TPID)),
        };
}

/* The shortest size that there is an example of, of whole packets if there are. */
static bool find_example(struct solving *solving, struct proof_packet *packet)
{
        struct solver *solver = solving->solver;

        for (int cut = 0; cut < 2; cut++)
                for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
                        enum solver_answer answer;

                        solver_remember(solver);
                        at_most(solving, solving->captured, sizes[i]);
                        if (!cut)
                                solver_require(solver, solver_equal(solver, solving->captured,
                                                                    solving->length));
                        answer = check(solving);
                        if (answer == SOLVER_YES)
                                read_example(solving, packet);
                        solver_forget(solver);
                        if (answer == SOLVER_YES)
                                return true;
                }
        return false;
}

/* Takes what it may of an ordinary packet. Returns how many bytes still differ. */
static uint32_t adapt(const struct question *question, const struct ordinary *ordinary,
                      struct proof_packet *packet)
{
        uint32_t captured = packet->captured, length = packet->length, differ = ordinary->strange;

        packet->captured = packet->length = ordinary->size;
        if (!question_is_met(question, packet)) {
                packet->captured = captured;
                packet->length = length;
        }
        for (uint32_t i = ordinary->size; i-- > 0;) {
                uint8_t kept = packet->data[i];

                if (kept == ordinary->bytes[i] || i >= packet->captured)
                        continue;
                packet->data[i] = ordinary->bytes[i];
                if (question_is_met(question, packet))
                        continue;
                packet->data[i] = kept;
                differ += ordinary_cost(ordinary, i);
        }
        return differ;
}

static bool make_ordinary(const struct question *question, struct proof_packet *packet)
{
        struct proof_packet *best = malloc(sizeof *best), *tried = malloc(sizeof *tried);
        uint32_t least = UINT32_MAX;

        if (best && tried)
                *best = *packet;
        for (size_t i = 0; best && tried && i < question->proof->ordinary_count; i++) {
                uint32_t differ;

                *tried = *packet;
                differ = adapt(question, &question->proof->ordinary[i], tried);
                if (differ >= least)
                        continue;
                least = differ;
                *best = *tried;
        }
        if (best && tried)
                *packet = *best;
        free(best);
        free(tried);
        witness_mend(question, packet);
        return true;
}

static bool start(struct solving *solving, const struct question *question, uint64_t milliseconds)
{
        struct proof *proof = question->proof;

        *solving = (struct solving){
            .question = question,
            .proof = proof,
            .solver = solver_new(),
            .terms = calloc(proof->graph.term_count + (size_t)1, sizeof *solving->terms),
            .nodes = calloc(proof->graph.node_count + (size_t)1, sizeof *solving->nodes),
            .end = (uint64_t)clock_now(CLOCK_MONOTONIC) + milliseconds * 1000000,
        };
        if (!solving->solver || !solving->terms || !solving->nodes)
                return false;
        solving->captured = solver_symbol(solving->solver, "captured");
        solving->length = solver_symbol(solving->solver, "length");
        solving->accept = solver_truth(solving->solver, true);
        solving->reject = solver_truth(solving->solver, false);
        return true;
}

enum proof_answer solve(const struct question *question, uint64_t milliseconds,
                        struct proof_packet *packet)
{
        enum proof_answer result = PROOF_UNDECIDED;
        struct solving solving;

        bool started = start(&solving, question, milliseconds);

        if (!solving.terms || !solving.nodes)
                result = PROOF_FAILED;
        if (started && require_all(&solving)) {
                enum solver_answer answer = check(&solving);

                if (answer == SOLVER_NO)
                        result = PROOF_NONE;
                else if (answer == SOLVER_YES && find_example(&solving, packet) &&
                         question_is_met(question, packet) && make_ordinary(question, packet))
                        result = PROOF_FOUND;
        }
        solver_free(solving.solver);
        free(solving.terms);
        free(solving.nodes);
        return result;
}

const char *proof_solver(void)
{
        return solver_name();
}

const char *proof_missing_solver(void)
{
        return solver_lack();
}
