/* Lets each allocation of a use of libfilt fail in turn, alone and with all later ones: compiling
 * an expression, describing, matching, making a filter of a program. Each call has to fail with
 * FILT_ERROR_MEMORY or do what it does undisturbed, and nothing may be left allocated. Only what
 * libpcap has no part in, whose scanner ends the process (tests/preload/fail_allocation.c).
 *
 *      allocations FILE: an expression a line. Prints what is wrong, and at the end how many
 *      allocations were made to fail; returns 0 if nothing was wrong.
 *
 * The allocations are this program's, which the library's calls are bound to. */
#include "filt.h"

#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 700, EDGE = 16 };

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void __libc_free(void *memory);

static bool counting, lasting;
static unsigned long allocations, failing; /* the number of the one that fails; 0: none */
static long alive;

static bool fails(void)
{
        if (!counting)
                return false;
        allocations++;
        if (failing == 0 || allocations < failing || (allocations > failing && !lasting))
                return false;
        errno = ENOMEM;
        return true;
}

static void *count(void *memory)
{
        alive += counting && memory;
        return memory;
}

void *malloc(size_t size)
{
        return fails() ? NULL : count(__libc_malloc(size));
}

void *calloc(size_t number, size_t size)
{
        return fails() ? NULL : count(__libc_calloc(number, size));
}

void *realloc(void *old, size_t size)
{
        void *memory;

        if (fails())
                return NULL;
        memory = __libc_realloc(old, size);
        if (!old)
                count(memory);
        return memory;
}

void free(void *memory)
{
        alive -= counting && memory;
        __libc_free(memory);
}

/* --- What is tried ---------------------------------------------------------------------------- */

static const struct filt_packet packet = {(const uint8_t *)"12345678901234567890123456789012", 32,
                                          32};

/* What a use came to: a digest of all results, or that memory was short. */
struct outcome {
        uint64_t digest;
        bool short_of_memory, wrong;
};

static void add_text(struct outcome *outcome, const char *text)
{
        for (; *text; text++)
                outcome->digest = outcome->digest * 31 + (unsigned char)*text;
}

static void add_error(struct outcome *outcome, const struct filt_error *error)
{
        outcome->short_of_memory |= error->code == FILT_ERROR_MEMORY;
        outcome->wrong |= error->code == FILT_ERROR_NONE || !error->message[0];
        add_text(outcome, error->message);
}

static void add_filter(struct outcome *outcome, const struct filt_filter *filter)
{
        static const enum filt_form forms[] = {FILT_LISTING, FILT_JSON,    FILT_BYTECODE,
                                               FILT_NOTES,   FILT_MEANING, FILT_GRAPH};

        for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
                struct filt_error error;
                char *text = filt_text(filter, forms[i], &error);

                if (text)
                        add_text(outcome, text);
                else
                        add_error(outcome, &error);
                filt_free_text(text);
        }
        outcome->digest = outcome->digest * 31 + filt_match(filter, &packet);
}

static int read_set(void *context, const char *name, char **text, size_t *length)
{
        (void)context, (void)name;
        *text = strdup("192.0.2.1\n198.51.100.0/24\n2001:db8::1\n");
        if (!*text)
                return ENOMEM;
        *length = strlen(*text);
        return 0;
}

static struct outcome use(const char *expression)
{
        struct filt_options options = FILT_OPTIONS;
        struct outcome outcome = {0, false, false};
        struct filt_filter *filter, *copy = NULL;
        const struct filt_instruction *program;
        struct filt_error error;
        size_t length;

        options.read_set = read_set;
        options.flags = FILT_NO_LIBPCAP | FILT_NO_NAMES;
        filter = filt_compile(expression, &options, &error);
        if (filter) {
                add_filter(&outcome, filter);
                program = filt_program(filter, &length);
                copy = filt_from_program(program, length, NULL, &error);
        }
        if (!copy)
                add_error(&outcome, &error);
        filt_free(copy);
        filt_free(filter);
        return outcome;
}

/* Returns what is wrong, or NULL. */
static const char *judge(const struct outcome *wanted, const struct outcome *got)
{
        if (alive != 0)
                return "memory is lost";
        if (got->wrong)
                return "an error says nothing";
        if (!got->short_of_memory && got->digest != wanted->digest)
                return "something else is done, and no lack of memory told";
        return NULL;
}

static struct outcome use_and_count(const char *expression)
{
        struct outcome outcome;

        allocations = 0;
        alive = 0;
        counting = true;
        outcome = use(expression);
        counting = false;
        return outcome;
}

static int try_all(const char *expression, bool all_later, unsigned long *tried)
{
        struct outcome wanted;
        unsigned long all, step;

        failing = 0;
        wanted = use_and_count(expression);
        all = allocations;
        step = all / MOST + 1; /* where there are thousands, not all of them */
        for (unsigned long at = 1;; at += at < EDGE || at + EDGE > all ? 1 : step) {
                struct outcome got;
                const char *wrong;

                failing = at;
                lasting = all_later;
                got = use_and_count(expression);
                wrong = judge(&wanted, &got);
                if (wrong) {
                        printf("%s: allocation %lu%s: %s\n", expression, at,
                               all_later ? " and all later ones" : "", wrong);
                        return 1;
                }
                if (allocations < at)
                        return 0;
                ++*tried;
        }
}

int main(int argc, char **argv)
{
        FILE *file = argc == 2 ? fopen(argv[1], "re") : NULL;
        char line[1024];
        unsigned long tried = 0;
        int expressions = 0, wrong = 0;

        if (!file)
                err(2, "%s", argc == 2 ? argv[1] : "usage: allocations FILE");
        while (fgets(line, sizeof line, file)) {
                line[strcspn(line, "\n")] = '\0';
                if (line[0] == '#')
                        continue;
                expressions++;
                wrong |= try_all(line, false, &tried) | try_all(line, true, &tried);
        }
        fclose(file);
        printf("%d expressions, %lu failures\n", expressions, tried);
        return wrong || expressions == 0;
}
