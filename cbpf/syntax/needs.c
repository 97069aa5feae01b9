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

/* The first test with a name that has to be looked up; NULL if there is none. */
static const struct tree *find_name(const struct tree *tree)
{
        for (const struct tree *node = tree_first(tree); node; node = tree_next(node)) {
                const struct tree *inside =
                    node->kind == TREE_LAYERS ? find_name(node->test->inside) : NULL;

                if (inside)
                        return inside;
                if (node->kind == TREE_NAME || (node->kind == TREE_SET && node->test->set.values &&
                                                node->test->set.values->has_names))
                        return node;
        }
        return NULL;
}

static bool has_names(const struct tree *tree)
{
        return find_name(tree) != NULL;
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

/* What `has` says of the expression's tree: 1 or 0; -1 if memory is short. */
static int ask_tree(const char *expression, bool (*has)(const struct tree *tree))
{
        struct arena arena = {0};
        struct tree *tree = NULL;
        struct error error = {0};
        int answer = 0;

        if (cbpf_parse(expression, PARSE_NO_NAMES, NULL, &arena, &tree, &error) == 0)
                answer = tree && has(tree);
        else if (error.kind == ERROR_MEMORY)
                answer = -1;
        arena_free(&arena);
        return answer;
}

int cbpf_has_names(const char *expression)
{
        return may_have_token(expression, TOKEN_NAME) ? ask_tree(expression, has_names) : 0;
}

int cbpf_refuse_names(const char *expression, struct error *error)
{
        struct arena arena = {0};
        struct tree *tree = NULL;
        const struct tree *name = NULL;
        int status = 0;

        if (!may_have_token(expression, TOKEN_NAME))
                return 0;
        /* What else is wrong with it, compiling tells. */
        if (cbpf_parse(expression, PARSE_NO_NAMES, NULL, &arena, &tree, error) == 0)
                name = tree ? find_name(tree) : NULL;
        else if (error->kind == ERROR_MEMORY)
                status = -1;
        if (name) {
                error_at(error, name->offset, name->length,
                         "names are not looked up here: write a number or an address");
                error->kind = CBPF_HAS_NAME;
                status = -1;
        }
        arena_free(&arena);
        return status;
}

static bool has_kind(const struct tree *tree, enum tree_kind kind)
{
        for (const struct tree *node = tree_first(tree); node; node = tree_next(node))
                if (node->kind == kind)
                        return true;
        return false;
}

static bool has_layers(const struct tree *tree)
{
        return has_kind(tree, TREE_LAYERS);
}

int cbpf_has_layers(const char *expression)
{
        return cbpf_has_dialect(expression) ? ask_tree(expression, has_layers) : 0;
}

static bool has_tags(const struct tree *tree)
{
        return has_kind(tree, TREE_VLAN);
}

int cbpf_asks_tags(const char *expression)
{
        return ask_tree(expression, has_tags);
}

static bool has_geneve(const struct tree *tree)
{
        return has_kind(tree, TREE_GENEVE);
}

int cbpf_asks_geneve(const char *expression)
{
        return strstr(expression, "geneve") ? ask_tree(expression, has_geneve) : 0;
}

static bool is_metadata(const struct tree *test)
{
        return test->kind == TREE_INBOUND || test->kind == TREE_OUTBOUND ||
               test->kind == TREE_IFINDEX;
}

static bool has_metadata(const struct tree *tree)
{
        for (const struct tree *node = tree_first(tree); node; node = tree_next(node))
                if (is_metadata(node))
                        return true;
        return false;
}

int cbpf_asks_metadata(const char *expression)
{
        return ask_tree(expression, has_metadata);
}

static bool has_shifted_metadata(const struct tree *tree)
{
        bool shifted = false;

        for (const struct tree *node = tree_first(tree); node; node = tree_next(node)) {
                shifted |= node->kind == TREE_PPPOES || node->kind == TREE_GENEVE;
                if (shifted && is_metadata(node))
                        return true;
        }
        return false;
}

int cbpf_lacks_in_libpcap(const char *expression)
{
        int layers = cbpf_has_layers(expression);

        return layers ? layers : ask_tree(expression, has_shifted_metadata);
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
        int names = cbpf_has_names(expression);

        *error = (struct error){.offset = ERROR_NO_OFFSET};
        if (names == 0)
                text = strdup(expression);
        else if (names > 0 &&
                 cbpf_parse(expression, PARSE_NO_SETS, NULL, &arena, &tree, error) == 0)
                text = cbpf_tree_text(tree);
        if (!text && !error->message[0])
                error_memory(error);
        arena_free(&arena);
        return text;
}

int cbpf_has_sets(const char *expression)
{
        /* Most expressions need not be parsed for this. */
        return strstr(expression, "in") ? ask_tree(expression, tree_has_sets) : 0;
}
