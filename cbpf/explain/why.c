/* Says in a sentence why a packet is accepted or rejected.
 *
 * Each test of the expression is compiled and run on its own. The operators then tell which of them
 * decided: the first that fails of an `and`; of an `or` that fails, those that came furthest into
 * the packet.
 *
 * On a truncated packet, and where the meaning of a test depends on others, the results may not add
 * up to the verdict. Then the sentence speaks of the last jump of the whole program. */
#include "why.h"
#include "base/array.h"
#include "cbpf/program/program.h"

#include <stdlib.h>

/* The value of a node, and the tests responsible for it. */
struct judged {
        int holds;
        struct blame blame;
};

static void add_blame(struct blame *blame, const struct blame *other)
{
        for (uint64_t i = 0; i < other->count && i < MAX_BLAMED; i++)
                if (blame->count + i < MAX_BLAMED)
                        blame->tests[blame->count + i] = other->tests[i];
        blame->count += other->count;
}

static struct judged judge_test(struct why *why, const struct tree *test)
{
        struct judged judged = {.holds = -1};
        struct run *run = malloc(sizeof *run);

        if (!run) {
                why->failed = true;
                return judged;
        }
        judged.holds = run_test(why, test, run);
        judged.blame.tests[0] = (struct blamed){test, judged.holds == 1};
        judged.blame.count = 1;
        judged.blame.depth = run->count ? run->asked[run->count - 1].depth : 0;
        free(run);
        return judged;
}

/* The value of an operator, and the tests responsible for it: those of the first operand that
 * decides alone; else of all operands, or of those that came furthest into the packet. */
static struct judged judge_logic(const struct tree *node, const struct judged *operands,
                                 size_t count)
{
        int decisive = node->kind == TREE_OR; /* the value of an operand that decides alone */
        struct judged judged = {.holds = !decisive};
        int deepest = 0;

        for (size_t i = 0; i < count; i++)
                if (operands[i].holds < 0)
                        return (struct judged){.holds = -1};
        if (node->kind == TREE_NOT) {
                judged = operands[0];
                judged.holds = !judged.holds;
                return judged;
        }
        for (size_t i = 0; i < count; i++)
                if (operands[i].holds == decisive)
                        return operands[i];
        for (size_t i = 0; i < count; i++)
                if (operands[i].blame.depth > deepest)
                        deepest = operands[i].blame.depth;
        judged.blame.depth = deepest;
        for (size_t i = 0; i < count; i++)
                if (decisive == 0 || operands[i].blame.depth == deepest)
                        add_blame(&judged.blame, &operands[i].blame);
        return judged;
}

/* Evaluates the tree in postorder. */
static struct judged judge(struct why *why)
{
        struct judged *stack = NULL, result = {.holds = -1};
        size_t count = 0, room = 0;

        for (const struct tree *node = tree_first(why->tree); node && !why->failed;
             node = tree_next(node)) {
                if (tree_is_number(node))
                        continue; /* a number */
                if (!array_grow(stack, room, count + 1)) {
                        why->failed = true;
                        break;
                }
                if (tree_is_logic(node)) {
                        size_t operands = node->operand_count;

                        count -= operands;
                        stack[count] = judge_logic(node, stack + count, operands);
                        count++;
                } else {
                        stack[count++] = judge_test(why, node);
                }
        }
        if (count == 1 && !why->failed)
                result = stack[0];
        free(stack);
        return result;
}

static int tell(struct why *why, const struct bpf_program *program, struct text *out)
{
        struct run *run = malloc(sizeof *run);
        struct judged judged;
        bool accepted;

        if (!run || run_program(why, run, program) < 0) {
                free(run);
                return -1;
        }
        accepted = run->outcome.verdict != 0;
        text_format(out, accepted ? "accepted: " : "rejected: ");
        if (!why->tree) {
                text_string(out, "the empty filter wants every packet");
        } else if (run->outcome.end != CBPF_END_RETURN) {
                reason_put_last(out, why, run);
        } else {
                judged = judge(why);
                if (judged.holds == accepted)
                        reason_put(out, why, &judged.blame, accepted);
                else
                        reason_put_last(out, why, run);
        }
        free(run);
        return why->failed ? -1 : 0;
}

int cbpf_why(const char *expression, const struct cbpf_target *target, const struct packet *packet,
             char **sentence, struct error *error)
{
        struct why why = {.target = target, .packet = packet};
        struct tree *tree = NULL;
        struct arena arena = {0};
        struct bpf_program program;
        struct text out = {0};
        int status;

        *sentence = NULL;
        if (cbpf_compile(expression, target, 0, &program, error) < 0)
                return -1;
        status = cbpf_parse(expression, 0, target->sets, &arena, &tree, error);
        if (status == 0) {
                why.tree = tree;
                for (const struct tree *node = tree ? tree_first(tree) : NULL; node;
                     node = tree_next(node))
                        why.any_moves |= run_moves(node);
                out.failed |= tell(&why, &program, &out) < 0;
                *sentence = text_take(&out);
                status = *sentence ? 0 : error_memory(error);
        }
        arena_free(&arena);
        cbpf_program_free(&program);
        return status;
}
