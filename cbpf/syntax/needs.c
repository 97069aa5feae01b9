/* What compiling an expression takes from outside of it: names to look up, and the netmask. */
#include "base/error.h"
#include "parser.h"
#include "syntax.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Whether there is such a token, or there may be one, behind what is no token. */
static bool may_have_token(const char *expression, enum token_kind kind)
{
        struct lexer lexer = {.text = expression};
        struct token token;
        struct error error;

        do {
                if (!lex_token(&lexer, &token, &error) || token.kind == kind)
                        return true; /* the names of files are no tokens */
        } while (token.kind != TOKEN_END);
        return false;
}

bool cbpf_uses_netmask(const char *expression)
{
        return may_have_token(expression, TOKEN_CAST);
}

static bool has_names(const struct tree *tree)
{
        for (const struct tree *node = tree_first(tree); node; node = tree_next(node))
                if (node->kind == TREE_NAME ||
                    (node->kind == TREE_SET && node->test->set.values &&
                     node->test->set.values->has_names) ||
                    (node->kind == TREE_LAYERS && has_names(node->test->inside)))
                        return true;
        return false;
}

bool cbpf_has_dialect(const char *expression)
{
        struct lexer lexer = {.text = expression};
        struct token token;
        struct error error;

        while (lex_token(&lexer, &token, &error) && token.kind != TOKEN_END)
                if (dialect_is_word(&token))
                        return true;
        return false;
}

bool cbpf_has_names(const char *expression)
{
        struct arena arena = {0};
        struct tree *tree = NULL;
        struct error error;
        bool found = false;

        if (!may_have_token(expression, TOKEN_NAME))
                return false;
        if (cbpf_parse(expression, PARSE_NO_NAMES, NULL, &arena, &tree, &error) == 0 && tree)
                found = has_names(tree);
        arena_free(&arena);
        return found;
}

/* Whether there is a test of the kind wanted, behind one of kind `first` if that is another. */
static bool has_test(const char *expression, enum tree_kind first,
                     bool (*is_wanted)(enum tree_kind kind))
{
        struct arena arena = {0};
        struct tree *tree = NULL;
        struct error error;
        bool begun = false, found = false;

        if (cbpf_parse(expression, PARSE_NO_NAMES, NULL, &arena, &tree, &error) == 0 && tree)
                for (const struct tree *node = tree_first(tree); node; node = tree_next(node)) {
                        begun |= node->kind == first;
                        found |= begun && is_wanted(node->kind);
                }
        arena_free(&arena);
        return found;
}

static bool is_layers(enum tree_kind kind)
{
        return kind == TREE_LAYERS;
}

bool cbpf_has_layers(const char *expression)
{
        return cbpf_has_dialect(expression) && has_test(expression, TREE_LAYERS, is_layers);
}

static bool is_tag(enum tree_kind kind)
{
        return kind == TREE_VLAN;
}

bool cbpf_asks_tags(const char *expression)
{
        return has_test(expression, TREE_VLAN, is_tag);
}

static bool is_metadata(enum tree_kind kind)
{
        return kind == TREE_INBOUND || kind == TREE_OUTBOUND || kind == TREE_IFINDEX;
}

bool cbpf_asks_shifted_metadata(const char *expression)
{
        return has_test(expression, TREE_PPPOES, is_metadata);
}

char *cbpf_deepen(const char *expression, struct error *error)
{
        struct arena arena = {0};
        struct tree *tree = NULL;
        struct error own;
        char *deep;
        bool blank = expression[strspn(expression, " \t\r\n")] == '\0';

        *error = (struct error){.offset = ERROR_NO_OFFSET};
        if (asprintf(&deep, blank ? "%s" : "deep (%s)", expression) < 0) {
                error_memory(error);
                return NULL;
        }
        if (cbpf_parse(deep, PARSE_NO_NAMES, NULL, &arena, &tree, &own) == 0 && tree &&
            tree->kind != TREE_LAYERS) {
                error_set(error, "the parentheses in '%.200s' do not match", expression);
                free(deep);
                deep = NULL;
        }
        arena_free(&arena);
        return deep;
}

char *cbpf_resolve(const char *expression, struct error *error)
{
        struct arena arena = {0};
        struct tree *tree;
        char *text = NULL;

        *error = (struct error){.offset = ERROR_NO_OFFSET};
        if (!cbpf_has_names(expression))
                text = strdup(expression);
        else if (cbpf_parse(expression, PARSE_NO_SETS, NULL, &arena, &tree, error) == 0)
                text = cbpf_tree_text(tree);
        if (!text && !error->message[0])
                error_memory(error);
        arena_free(&arena);
        return text;
}

int cbpf_has_sets(const char *expression)
{
        struct arena arena = {0};
        struct error error = {0};
        struct tree *tree = NULL;
        int found = 0;

        if (!strstr(expression, "in")) /* most expressions need not be parsed for this */
                return 0;
        if (cbpf_parse(expression, PARSE_NO_NAMES, NULL, &arena, &tree, &error) == 0)
                found = tree && tree_has_sets(tree);
        else if (error.kind == ERROR_MEMORY)
                found = -1;
        arena_free(&arena);
        return found;
}
