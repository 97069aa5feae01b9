/* `deep A or deep B` becomes `deep (A or B)`, which some layer has if and only if one has the
 * first or one the second: so both are one query, and their values make lists. What is between
 * them in the `or` does not matter, as the layers are walked through before anything else. */
#include "syntax.h"

/* What an `or` asks of some layers: the first that does, and what is joined in it. */
struct joined {
        struct tree *layers;
        struct tree *alternatives; /* NULL while that is all */
        struct tree **end;         /* where the next alternative goes */
};

/* Appends the operands of an `or`, or what is none. */
static void append(struct joined *joined, struct tree *tree)
{
        *joined->end = tree->kind == TREE_OR ? tree->operands : tree;
        for (; *joined->end; joined->end = &(*joined->end)->next) {
                (*joined->end)->parent = joined->alternatives;
                joined->alternatives->operand_count++;
        }
}

/* Makes the first ask for what follows, too. Returns false if memory is short. */
static bool begin(struct arena *arena, struct joined *joined)
{
        struct tree *layers = joined->layers, * or = arena_take(arena, sizeof * or);
        struct tree_test *test = arena_take(arena, sizeof *test);

        if (! or || !test)
                return false;
        * or = (struct tree){.kind = TREE_OR, .offset = layers->offset, .length = layers->length};
        *test = *layers->test;
        test->inside = or ;
        joined->alternatives = or ;
        joined->end = & or->operands;
        append(joined, (struct tree *)layers->test->inside);
        layers->test = test;
        return true;
}

/* Joins the operands of an `or`; one that is left alone takes its place. */
static bool join_operands(struct arena *arena, struct tree *tree)
{
        struct joined all[] = {[LAYERS_ANY] = {0}, [LAYERS_OUTER] = {0}, [LAYERS_INNER] = {0}};
        struct tree *next = tree->next, *parent = tree->parent, *operand;
        struct tree **place = &tree->operands;

        while ((operand = *place)) {
                struct joined *joined =
                    operand->kind == TREE_LAYERS ? &all[operand->test->word] : NULL;

                if (!joined || !joined->layers) {
                        if (joined)
                                joined->layers = operand;
                        place = &operand->next;
                        continue;
                }
                if (!joined->alternatives && !begin(arena, joined))
                        return false;
                *place = operand->next;
                tree->operand_count--;
                append(joined, (struct tree *)operand->test->inside);
        }
        if (tree->operand_count == 1) {
                *tree = *tree->operands;
                tree->next = next;
                tree->parent = parent;
        }
        return true;
}

bool tree_join_layers(struct arena *arena, struct tree *tree)
{
        for (struct tree *node = (struct tree *)tree_first(tree); node;
             node = (struct tree *)tree_next(node))
                if (node->kind == TREE_OR && !join_operands(arena, node))
                        return false;
        return true;
}
