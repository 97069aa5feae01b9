/* What compiling an expression takes from outside of it: names to look up, and the netmask. */
#include "base/error.h"
#include "lex.h"
#include "syntax.h"

#include <string.h>

/* Whether there is such a token, up to the first that is none of the language. */
static bool has_token(const char *expression, enum token_kind kind)
{
        struct lexer lexer = {.text = expression};
        struct token token;
        struct error error;

        while (lex_token(&lexer, &token, &error) && token.kind != TOKEN_END)
                if (token.kind == kind)
                        return true;
        return false;
}

bool cbpf_uses_netmask(const char *expression)
{
        return has_token(expression, TOKEN_CAST);
}

bool cbpf_has_names(const char *expression)
{
        struct arena arena = {0};
        struct tree *tree = NULL;
        struct error error;
        bool found = false;

        if (!has_token(expression, TOKEN_NAME))
                return false;
        if (cbpf_parse(expression, PARSE_NO_NAMES, &arena, &tree, &error) == 0 && tree)
                for (const struct tree *node = tree_first(tree); node && !found;
                     node = tree_next(node))
                        found = node->kind == TREE_NAME;
        arena_free(&arena);
        return found;
}

char *cbpf_resolve(const char *expression, struct error *error)
{
        struct arena arena = {0};
        struct tree *tree;
        char *text = NULL;

        *error = (struct error){.offset = ERROR_NO_OFFSET};
        if (!cbpf_has_names(expression))
                text = strdup(expression);
        else if (cbpf_parse(expression, 0, &arena, &tree, error) == 0)
                text = cbpf_tree_text(tree);
        if (!text && !error->message[0])
                error_memory(error);
        arena_free(&arena);
        return text;
}
