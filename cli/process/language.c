/* Tests of processes in an expression: pid, comm, cgroup, uid. The compiler does not know them. For
 * each combination of their answers, they are replaced by what is true or false; the kernel takes
 * what any of these expressions accepts, and here, where the processes are known, the one that
 * belongs to the answers decides. */
#include "base/array.h"
#include "cbpf/cbpf.h"
#include "cli/common/cli.h"
#include "internal.h"

#include <linux/if_packet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_TESTS = 4, ANSWERS = 1 << MAX_TESTS, MAX_LINKS = 4 };

enum kind { KIND_PID, KIND_UID, KIND_COMM, KIND_CGROUP };

static const char *const kinds[] = {"pid", "uid", "comm", "cgroup"};

struct test {
        enum kind kind;
        size_t at, length; /* in the expression: the word and what follows it */
        char value[256];
        unsigned number; /* for pid and uid */
        unsigned of;     /* equal tests have one number */
};

struct process_language {
        struct test tests[64];
        size_t count;
        unsigned distinct;
        char *expressions[ANSWERS];
        char *any;
        const struct cbpf_sets *sets; /* of all of them */
        struct {
                int link_type;
                bool compiled[ANSWERS];
                struct bpf_program programs[ANSWERS];
        } links[MAX_LINKS];
        size_t link_count;
};

/* --- Reading --- */

struct token {
        size_t at, length;
};

/* Returns false at the end. */
static bool next_token(const char *text, size_t from, struct token *token)
{
        from += strspn(text + from, " \t\n");
        token->at = from;
        token->length =
            strchr("()!", text[from]) ? text[from] != '\0' : strcspn(text + from, " \t\n()!");
        return token->length > 0;
}

static bool is_word(const char *text, const struct token *token, const char *word)
{
        return token->length == strlen(word) && memcmp(text + token->at, word, token->length) == 0;
}

/* Whether a primitive may begin behind the token. */
static bool joins(const char *text, const struct token *token)
{
        static const char *const words[] = {"and", "or", "not", "&&", "||", "!", "("};

        for (size_t i = 0; i < array_count(words); i++)
                if (is_word(text, token, words[i]))
                        return true;
        return false;
}

static bool take_value(const char *text, const struct token *token, struct test *test)
{
        bool numeric = test->kind == KIND_PID || test->kind == KIND_UID;
        char *end;

        if (joins(text, token) || is_word(text, token, ")") || token->length >= sizeof test->value)
                return false;
        memcpy(test->value, text + token->at, token->length);
        test->value[token->length] = '\0';
        test->number = (unsigned)strtoul(test->value, &end, 10);
        return !numeric || (end > test->value && *end == '\0');
}

static bool is_same(const struct test *one, const struct test *other)
{
        return one->kind == other->kind && strcmp(one->value, other->value) == 0;
}

/* Returns false if there are too many. */
static bool add_test(struct process_language *language, struct test *test)
{
        if (language->count == array_count(language->tests))
                return false;
        test->of = language->distinct;
        for (size_t i = 0; i < language->count; i++)
                if (is_same(&language->tests[i], test))
                        test->of = language->tests[i].of;
        language->distinct += test->of == language->distinct;
        language->tests[language->count++] = *test;
        return language->distinct <= MAX_TESTS;
}

static bool find_tests(struct process_language *language, const char *text)
{
        struct token token, value;
        bool begins = true;

        for (size_t at = 0; next_token(text, at, &token); at = token.at + token.length) {
                for (size_t i = 0; begins && i < array_count(kinds); i++) {
                        struct test test = {.kind = (enum kind)i, .at = token.at};

                        if (!is_word(text, &token, kinds[i]) ||
                            !next_token(text, token.at + token.length, &value) ||
                            !take_value(text, &value, &test))
                                continue;
                        test.length = value.at + value.length - token.at;
                        if (!add_test(language, &test))
                                return false;
                        token.length = test.length;
                        break;
                }
                begins = joins(text, &token);
        }
        return true;
}

/* As long as the expression, so that places in both are the same. */
static char *expression_for(const struct process_language *language, const char *text,
                            unsigned answers)
{
        char *copy = strdup(text);

        for (size_t i = 0; copy && i < language->count; i++) {
                const struct test *test = &language->tests[i];

                memset(copy + test->at, ' ', test->length);
                memcpy(copy + test->at, answers >> test->of & 1 ? "1=1" : "1=0", 3);
        }
        return copy;
}

static int make_expressions(struct process_language *language, const char *text)
{
        struct text any = {0};
        struct error error;

        for (unsigned answers = 0; answers < 1u << language->distinct; answers++) {
                char *expression = expression_for(language, text, answers);

                if (!expression)
                        return out_of_memory();
                language->expressions[answers] = cbpf_resolve(expression, &error);
                free(expression);
                if (!language->expressions[answers])
                        return complain_filter(text, &error);
                text_format(&any, "%s(%s)", answers ? " or " : "", language->expressions[answers]);
        }
        language->any = text_take(&any);
        return language->any ? GO_ON : out_of_memory();
}

int process_language_read(const char *expression, struct process_language **language)
{
        struct process_language *made = calloc(1, sizeof *made);
        int status = GO_ON;

        *language = NULL;
        if (!made)
                return out_of_memory();
        if (!find_tests(made, expression))
                status = complain_usage("an expression may have %d different tests of processes "
                                        "(pid, uid, comm, cgroup)",
                                        MAX_TESTS);
        else if (made->count > 0)
                status = make_expressions(made, expression);
        if (status == GO_ON && made->count > 0)
                *language = made;
        else
                process_language_free(made);
        return status;
}

void process_language_free(struct process_language *language)
{
        if (!language)
                return;
        for (size_t i = 0; i < ANSWERS; i++)
                free(language->expressions[i]);
        for (size_t i = 0; i < language->link_count; i++)
                for (size_t j = 0; j < ANSWERS; j++)
                        cbpf_program_free(&language->links[i].programs[j]);
        free(language->any);
        free(language);
}

static struct cbpf_target target_of(const struct process_language *language, int link_type)
{
        return (struct cbpf_target){.link_type = link_type,
                                    .snapshot_length = CAPTURE_MAX_SNAPSHOT,
                                    .place = CBPF_FILE,
                                    .sets = language->sets};
}

/* What is wrong for all kinds of links is wrong. Returns 0, or -1 with `error` filled. */
static int check(const struct process_language *language, const char *expression,
                 struct error *error)
{
        static const int link_types[] = {DLT_EN10MB, DLT_IEEE802_11_RADIO, DLT_RAW, DLT_LINUX_SLL2};

        for (size_t i = 0; i < array_count(link_types); i++) {
                const struct cbpf_target target = target_of(language, link_types[i]);
                struct bpf_program program;
                struct error later;

                if (cbpf_compile(expression, &target, 0, &program, i == 0 ? error : &later) < 0)
                        continue;
                cbpf_program_free(&program);
                return 0;
        }
        return -1;
}

int process_language_prepare(struct process_language *language, const char *expression,
                             struct cbpf_sets **sets)
{
        char *text = expression_for(language, expression, 0);
        struct error error;
        int status = GO_ON;

        *sets = NULL;
        if (!text)
                return out_of_memory();
        if (try_to_read_sets(text, sets, &error) < 0) {
                status = complain_filter(expression, &error);
        } else {
                language->sets = *sets;
                if (check(language, text, &error) < 0)
                        status = complain_filter(expression, &error);
        }
        free(text);
        return status;
}

const char *process_language_any(const struct process_language *language)
{
        return language->any;
}

/* --- Judging --- */

static bool holds_for(const struct test *test, const struct party *party)
{
        const struct owner *owner = party->applies ? party->owner : NULL;
        size_t length = strlen(test->value);

        if (!owner)
                return false;
        if (length > 0 && test->value[length - 1] == '/')
                length--; /* "/" is above all */
        switch (test->kind) {
        case KIND_PID: return owner->pid == test->number;
        case KIND_UID: return owner->uid == test->number;
        case KIND_COMM: return strncmp(owner->id.comm, test->value, PROCESS_COMM - 1) == 0;
        case KIND_CGROUP:
                return owner->cgroup && strncmp(owner->cgroup, test->value, length) == 0 &&
                       strchr("/", owner->cgroup[length]);
        }
        return false;
}

static unsigned answer(const struct process_language *language, const struct ownership *ownership)
{
        unsigned answers = 0;

        for (size_t i = 0; i < language->count; i++)
                if (holds_for(&language->tests[i], &ownership->sender) ||
                    holds_for(&language->tests[i], &ownership->receiver))
                        answers |= 1u << language->tests[i].of;
        return answers;
}

static const struct bpf_program *program_for(struct process_language *language, int link_type,
                                             unsigned answers)
{
        const struct cbpf_target target = target_of(language, link_type);
        struct error ignored;
        size_t i = 0;

        while (i < language->link_count && language->links[i].link_type != link_type)
                i++;
        if (i == MAX_LINKS)
                return NULL;
        if (i == language->link_count)
                language->links[language->link_count++].link_type = link_type;
        if (!language->links[i].compiled[answers] &&
            cbpf_compile(language->expressions[answers], &target, 0,
                         &language->links[i].programs[answers], &ignored) < 0)
                return NULL;
        language->links[i].compiled[answers] = true;
        return &language->links[i].programs[answers];
}

bool process_language_accepts(struct process_language *language,
                              const struct capture_record *record,
                              const struct ownership *ownership)
{
        static const uint8_t types[] = {
            [PASSAGE_IN] = PACKET_HOST,
            [PASSAGE_BROADCAST] = PACKET_BROADCAST,
            [PASSAGE_MULTICAST] = PACKET_MULTICAST,
            [PASSAGE_OTHER_HOST] = PACKET_OTHERHOST,
            [PASSAGE_OUT] = PACKET_OUTGOING,
        };
        const struct cbpf_ancillary ancillary = {
            .packet_type = types[record->passage],
            .interface = record->on ? record->on->index : 0,
        };
        const struct bpf_program *program =
            program_for(language, record->link_type, answer(language, ownership));

        return program && cbpf_execute(program, &record->packet, &ancillary, NULL).verdict;
}
