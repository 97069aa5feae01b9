/* Arbitrary bytes as an expression: the parser, the writer of trees as text, and the compiler, for
 * a link type that the first byte selects. Expressions with names are only parsed, so that no
 * resolver is asked. */
#include "fuzz.h"

#include "cbpf/program/program.h"
#include "cbpf/syntax/syntax.h"

enum {
        MAX_PARSED = 4000,
        MAX_COMPILED = 300, /* libpcap's optimizer takes seconds for longer ones */
};

static const int link_types[] = {
    DLT_EN10MB,       DLT_RAW,        DLT_NULL,
    DLT_LINUX_SLL,    DLT_LINUX_SLL2, DLT_PPP,
    DLT_IEEE802_11,   DLT_PFLOG,      DLT_IEEE802_11_RADIO,
    DLT_SUNATM,       DLT_MTP2,       DLT_DSA_TAG_DSA,
    DLT_IPV6,         DLT_LOOP,       DLT_PPP_SERIAL,
    DLT_FDDI,         DLT_C_HDLC,     DLT_FRELAY,
    DLT_SLIP,         DLT_IEEE802,    DLT_LINUX_IRDA,
    DLT_ARCNET_LINUX, DLT_IP_OVER_FC,
};

static void check_error(const char *expression, const struct error *error)
{
        size_t length = strlen(expression);

        if (error->message[0] == '\0')
                fuzz_fail("an error without a message: %s", expression);
        if (error->offset == ERROR_NO_OFFSET)
                return;
        if (error->offset > length || error->length == 0)
                fuzz_fail("an error at %zu, %zu bytes long, of %zu: %s", error->offset,
                          error->length, length, expression);
}

/* What is written must parse, and be written the same again. */
static void check_text(const char *expression, const struct tree *tree)
{
        char *text = cbpf_tree_text(tree);
        struct arena arena = {0};
        struct error error;
        struct tree *again = NULL;
        char *text_again;

        if (!text)
                abort();
        if (cbpf_parse(text, PARSE_NO_NAMES, NULL, &arena, &again, &error) != 0 || !again)
                fuzz_fail("%s\nis written as\n%s\nwhich does not parse: %s", expression, text,
                          again ? error.message : "it is empty");
        text_again = cbpf_tree_text(again);
        if (!text_again || strcmp(text, text_again) != 0)
                fuzz_fail("%s\nis written as\n%s\nand that as\n%s", expression, text,
                          text_again ? text_again : "nothing");
        free(text_again);
        free(text);
        arena_free(&arena);
}

static bool has_names(const struct tree *tree)
{
        for (const struct tree *node = tree_first(tree); node; node = tree_next(node))
                if (node->kind == TREE_NAME ||
                    (node->kind == TREE_SET &&
                     (node->test->set.file || node->test->set.values->has_names)))
                        return true;
        return false;
}

static bool keeps_rules(const struct bpf_program *program, struct cbpf_violation *violation)
{
        return cbpf_check(program, violation) == 0 || violation->instruction == CBPF_KERNEL_MAX ||
               cbpf_jumps_back(program);
}

static void compile(const char *expression, uint8_t choice)
{
        struct cbpf_target target = {
            .link_type = link_types[choice / 2 % (sizeof link_types / sizeof *link_types)],
            .snapshot_length = 262144,
            .place = choice & 1 ? CBPF_LIVE : CBPF_FILE,
            .netmask = CBPF_NETMASK_UNKNOWN,
        };
        struct cbpf_violation violation;
        struct bpf_program program;
        struct error error;

        if (cbpf_compile(expression, &target, 0, &program, &error) != 0) {
                check_error(expression, &error);
                return;
        }
        if (!keeps_rules(&program, &violation))
                fuzz_fail("WRONG: link type %d, %s\n%s", target.link_type, expression,
                          violation.message);
        cbpf_program_free(&program);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct input input = {data, size};
        uint8_t choice = input_byte(&input);
        struct arena arena = {0};
        struct error error;
        struct tree *tree;
        char *expression;

        if (input.count > MAX_PARSED)
                return -1;
        expression = malloc(input.count + 1); /* on the heap, to see what is read past its end */
        if (!expression)
                abort();
        memcpy(expression, input.bytes, input.count);
        expression[input.count] = '\0';
        if (cbpf_parse(expression, PARSE_NO_NAMES, NULL, &arena, &tree, &error) != 0) {
                check_error(expression, &error);
        } else if (tree) {
                check_text(expression, tree);
                if (input.count <= MAX_COMPILED && !has_names(tree))
                        compile(expression, choice);
        }
        arena_free(&arena);
        free(expression);
        return 0;
}
