/* The programs that filt has compiled, found by the address of their instructions, which stay at
 * the caller's. */
#include "internal.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct program {
        struct program *next;
        atomic_uint holders;
        const struct bpf_insn *instructions; /* the caller's; NULL when they are gone */
        struct filt_filter *filter;          /* as it was asked for */
        char *expression;
        struct filt_options options;
        pthread_mutex_t making;
        struct filt_filter *others[3]; /* of the same expression: enum other */
        bool tried[3];
};

enum other { FOR_MEMORY, FOR_SOCKET, FOR_COOKED };

enum { BUCKETS = 256 };

static struct program *buckets[BUCKETS];
static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;

static struct program **bucket_of(const struct bpf_insn *instructions)
{
        return &buckets[((uintptr_t)instructions >> 4) * 2654435761u / 65536 % BUCKETS];
}

static struct bpf_insn *copy_instructions(const struct filt_filter *filter, struct bpf_program *out)
{
        size_t count;
        const struct filt_instruction *instructions = filt_program(filter, &count);

        out->bf_insns = malloc(count * sizeof *out->bf_insns);
        if (!out->bf_insns)
                return NULL;
        memcpy(out->bf_insns, instructions, count * sizeof *instructions);
        out->bf_len = (u_int)count;
        return out->bf_insns;
}

static void enter(struct program *program)
{
        struct program **bucket = bucket_of(program->instructions);

        /* What was there and has been freed by free(3), is no more. */
        program_forget(program->instructions);
        pthread_rwlock_wrlock(&lock);
        program->next = *bucket;
        *bucket = program;
        pthread_rwlock_unlock(&lock);
}

struct program *program_compile(const char *text, const struct filt_options *options,
                                struct bpf_program *out, struct filt_error *error)
{
        struct program *program = calloc(1, sizeof *program);

        *out = (struct bpf_program){0};
        *error = (struct filt_error){.code = FILT_ERROR_MEMORY, .message = "out of memory"};
        if (!program)
                return NULL;
        pthread_mutex_init(&program->making, NULL);
        atomic_init(&program->holders, 1);
        program->options = *options;
        program->expression = strdup(text);
        if (program->expression)
                program->filter = filt_compile(text, options, error);
        if (!program->filter || !copy_instructions(program->filter, out)) {
                program_release(program);
                return NULL;
        }
        program->instructions = out->bf_insns;
        enter(program);
        return program;
}

/* Whether the caller's instructions are still those of the program: all of a short one, the ends of
 * a long one. Who frees them by free(3) may get the same memory for others. */
static bool is_unchanged(const struct program *program)
{
        enum { ENDS = 64 };
        size_t count, end;
        const struct filt_instruction *own = filt_program(program->filter, &count);

        end = count < ENDS ? count : ENDS;
        return memcmp(own, program->instructions, end * sizeof *own) == 0 &&
               memcmp(own + count - end, program->instructions + count - end, end * sizeof *own) ==
                   0;
}

struct program *program_find(const struct bpf_insn *instructions)
{
        struct program *program;

        pthread_rwlock_rdlock(&lock);
        program = *bucket_of(instructions);
        while (program && program->instructions != instructions)
                program = program->next;
        if (program && is_unchanged(program))
                program_hold(program);
        else
                program = NULL;
        pthread_rwlock_unlock(&lock);
        return program;
}

void program_forget(const struct bpf_insn *instructions)
{
        struct program **at, *program;

        pthread_rwlock_wrlock(&lock);
        for (at = bucket_of(instructions); *at && (*at)->instructions != instructions;)
                at = &(*at)->next;
        program = *at;
        if (program)
                *at = program->next;
        pthread_rwlock_unlock(&lock);
        program_release(program);
}

void program_hold(struct program *program)
{
        atomic_fetch_add(&program->holders, 1);
}

void program_release(struct program *program)
{
        if (!program || atomic_fetch_sub(&program->holders, 1) > 1)
                return;
        for (int i = 0; i < 3; i++)
                filt_free(program->others[i]);
        filt_free(program->filter);
        pthread_mutex_destroy(&program->making);
        free(program->expression);
        free(program);
}

uint32_t program_length(const struct program *program)
{
        size_t count;

        filt_program(program->filter, &count);
        return (uint32_t)count;
}

static struct filt_filter *make_other(struct program *program, enum other other)
{
        struct filt_options options = program->options;
        struct filt_filter *made;

        pthread_mutex_lock(&program->making);
        if (!program->tried[other]) {
                options.source = other == FOR_MEMORY ? FILT_FROM_FILE : FILT_FROM_SOCKET;
                if (other == FOR_COOKED)
                        options.link_type = FILT_LINK_COOKED;
                program->others[other] = filt_compile(program->expression, &options, NULL);
                program->tried[other] = true;
        }
        made = program->others[other];
        pthread_mutex_unlock(&program->making);
        return made;
}

struct filt_filter *program_for_memory(struct program *program)
{
        return program->options.source == FILT_FROM_FILE ? program->filter
                                                         : make_other(program, FOR_MEMORY);
}

struct filt_filter *program_for_socket(struct program *program, bool cooked)
{
        if (cooked)
                return make_other(program, FOR_COOKED);
        return program->options.source == FILT_FROM_SOCKET ? program->filter
                                                           : make_other(program, FOR_SOCKET);
}
