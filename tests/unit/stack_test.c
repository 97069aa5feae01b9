/* How much stack the compiler needs: 64 KiB are enough for every expression, so that it can be
 * called from threads and coroutines with small stacks. */
#include "base/text.h"
#include "cbpf/cbpf.h"
#include "tests/lib/corpus.h"
#include "tests/unit/unit.h"

#include <pcap/pcap.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
#if defined __OPTIMIZE__ && !defined __SANITIZE_ADDRESS__
        STACK = 64 << 10,
#else
        STACK = 4 << 20, /* sanitizers and builds that are not optimized have larger frames */
#endif
        GUARD = 1 << 20, /* more than any frame: what does not fit ends the test by a signal */
        SNAPSHOT = 65535,
};

static size_t compiled;

static void compile(void *context, int link_type, const char *expression)
{
        (void)context;
        for (int place = CBPF_FILE; place <= CBPF_LIVE; place++) {
                const struct cbpf_target target = {
                    .link_type = link_type < 0 ? DLT_EN10MB : link_type,
                    .snapshot_length = SNAPSHOT,
                    .place = (enum cbpf_place)place,
                };
                struct bpf_program program;
                struct error error;

                if (cbpf_compile(expression, &target, 0, &program, &error) < 0)
                        continue;
                compiled++;
                cbpf_program_free(&program);
        }
}

static void compile_text(struct text *text)
{
        char *expression = text_take(text);

        ck_assert_ptr_nonnull(expression);
        compile(NULL, DLT_EN10MB, expression);
        free(expression);
}

static void *compile_corpus(void *context)
{
        corpus_visit(compile, NULL);
        return context;
}

static void *compile_nested(void *context)
{
        static const char *const pairs[][3] = {
            {"(", "tcp", ")"},
            {"not (", "tcp port 80", " or udp)"},
            {"(ip[", "0", "] & 15)"},
            {"(1 + ", "len", ")"},
        };

        for (size_t i = 0; i < array_count(pairs); i++)
                for (size_t depth = 1; depth < 20000; depth *= 3) {
                        struct text text = {0};

                        for (size_t level = 0; level < depth; level++)
                                text_string(&text, pairs[i][0]);
                        text_string(&text, pairs[i][1]);
                        for (size_t level = 0; level < depth; level++)
                                text_string(&text, pairs[i][2]);
                        text_string(&text, i < 2 ? "" : " = 3");
                        compile_text(&text);
                }
        return context;
}

static void *compile_lists(void *context)
{
        static const char *const words[] = {"host 10.%zu.%zu.%zu", "ip6 host 2001:db8:%zx::%zx:%zx",
                                            "net 10.%zu.%zu.%zu/32 and tcp"};

        for (size_t i = 0; i < array_count(words); i++) {
                struct text text = {0};

                for (size_t item = 0; item < 5000; item++) {
                        text_string(&text, item > 0 ? " or " : "");
                        text_format(&text, words[i], item >> 12, item >> 4 & 255, item & 15);
                }
                compile_text(&text);
        }
        return context;
}

/* Runs `work` on a small stack, with nothing below it. */
static void run_on_small_stack(void *(*work)(void *))
{
        char *memory = mmap(NULL, GUARD + STACK, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        pthread_attr_t attributes;
        pthread_t thread;

        ck_assert_ptr_ne(memory, MAP_FAILED);
        ck_assert_int_eq(mprotect(memory + GUARD, STACK, PROT_READ | PROT_WRITE), 0);
        ck_assert_int_eq(pthread_attr_init(&attributes), 0);
        ck_assert_int_eq(pthread_attr_setstack(&attributes, memory + GUARD, STACK), 0);
        ck_assert_int_eq(pthread_create(&thread, &attributes, work, NULL), 0);
        ck_assert_int_eq(pthread_join(thread, NULL), 0);
        ck_assert_uint_gt(compiled, 0);
}

START_TEST(the_corpus)
{
        run_on_small_stack(compile_corpus);
}
END_TEST

START_TEST(deeply_nested)
{
        run_on_small_stack(compile_nested);
}
END_TEST

START_TEST(long_lists)
{
        run_on_small_stack(compile_lists);
}
END_TEST

void unit_tests(Suite *suite)
{
        TCase *tests = unit_case(suite, "64 KiB of stack", 60);

        tcase_add_test(tests, the_corpus);
        tcase_add_test(tests, deeply_nested);
        tcase_add_test(tests, long_lists);
}
