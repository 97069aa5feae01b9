/* Filters: compiled, made of programs, and freed. */
#include "base/array.h"
#include "internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

_Static_assert(sizeof(struct filt_instruction) == sizeof(struct bpf_insn) &&
                   offsetof(struct filt_instruction, jt) == offsetof(struct bpf_insn, jt) &&
                   offsetof(struct filt_instruction, jf) == offsetof(struct bpf_insn, jf) &&
                   offsetof(struct filt_instruction, k) == offsetof(struct bpf_insn, k),
               "an instruction is libpcap's");

const char *filt_version(void)
{
        return FILT_VERSION;
}

/* --- Options ---------------------------------------------------------------------------------- */

/* The options of the caller, who may know fewer fields, or more: those must be 0. */
static int read_options(const struct filt_options *given, struct filt_options *options,
                        struct filt_error *error)
{
        const struct filt_options standard = FILT_OPTIONS;
        const uint32_t known =
            FILT_UNOPTIMIZED | FILT_FOR_SIZE | FILT_FOR_SPEED | FILT_NO_NAMES | FILT_NO_LIBPCAP;
        const uint32_t ways = FILT_UNOPTIMIZED | FILT_FOR_SIZE | FILT_FOR_SPEED;

        *options = standard;
        if (!given)
                return 0;
        if (given->size < offsetof(struct filt_options, max_instructions))
                return fail(error, FILT_ERROR_ARGUMENT,
                            "the options have no size: begin with FILT_OPTIONS");
        memset(options, 0, sizeof *options);
        memcpy(options, given, given->size < sizeof *options ? given->size : sizeof *options);
        for (size_t i = sizeof *options; i < given->size; i++)
                if (((const char *)given)[i])
                        return fail(error, FILT_ERROR_ARGUMENT,
                                    "the options ask for what libfilt " FILT_VERSION
                                    " does not know");
        if (options->flags & ~known)
                return fail(error, FILT_ERROR_ARGUMENT, "unknown flags 0x%x",
                            options->flags & ~known);
        if ((options->flags & ways) & ((options->flags & ways) - 1))
                return fail(error, FILT_ERROR_ARGUMENT,
                            "FILT_UNOPTIMIZED, FILT_FOR_SIZE and "
                            "FILT_FOR_SPEED exclude one another");
        if (options->source > FILT_FROM_ANY)
                return fail(error, FILT_ERROR_ARGUMENT, "unknown source %u", options->source);
        if (options->source == FILT_FROM_ANY && options->link_type != FILT_LINK_COOKED)
                return fail(error, FILT_ERROR_ARGUMENT,
                            "FILT_FROM_ANY takes the link type FILT_LINK_COOKED");
        if (options->snapshot_length == 0)
                return fail(error, FILT_ERROR_ARGUMENT,
                            "the snapshot length is 0, by which a program rejects");
        return 0;
}

static struct cbpf_target target_of(const struct filt_options *options)
{
        static const enum cbpf_place places[] = {
            [FILT_FROM_FILE] = CBPF_FILE,
            [FILT_FROM_SOCKET] = CBPF_LIVE,
            [FILT_FROM_ANY] = CBPF_LIVE_ANY,
        };

        return (struct cbpf_target){
            .link_type = options->link_type,
            .snapshot_length = options->snapshot_length,
            .place = places[options->source],
            .netmask = options->netmask,
        };
}

static unsigned flags_of(const struct filt_options *options)
{
        static const struct {
                uint32_t given;
                unsigned flag;
        } flags[] = {
            {FILT_UNOPTIMIZED, CBPF_UNOPTIMIZED},
            {FILT_FOR_SIZE, CBPF_FOR_SIZE},
            {FILT_FOR_SPEED, CBPF_FOR_SPEED},
            {FILT_NO_LIBPCAP, CBPF_NATIVE},
        };
        unsigned result = 0;

        for (size_t i = 0; i < array_count(flags); i++)
                if (options->flags & flags[i].given)
                        result |= flags[i].flag;
        return result;
}

/* --- Compiling -------------------------------------------------------------------------------- */

static struct filt_filter *filter_new(const struct filt_options *options, struct filt_error *error)
{
        struct filt_filter *filter = calloc(1, sizeof *filter);

        if (!filter) {
                fail_memory(error);
                return NULL;
        }
        filter->target = target_of(options);
        filter->extended = filter->table = -1;
        pthread_mutex_init(&filter->attaching, NULL);
        return filter;
}

/* What reading the files that an expression names takes, and whether that was refused. */
struct reading {
        const struct filt_options *options;
        bool refused;
};

static int read_set(void *context, const char *name, char **text, size_t *length,
                    struct error *error)
{
        struct reading *reading = context;
        int reason;

        if (!reading->options->read_set) {
                reading->refused = true;
                return error_set(error, "%s: files are not read here", name);
        }
        reason = reading->options->read_set(reading->options->context, name, text, length);
        if (reason == 0)
                return 0;
        return reason == ENOMEM
                   ? error_memory(error)
                   : error_set(error, "%s: it cannot be read (error %d)", name, reason);
}

static int read_sets(struct filt_filter *filter, const struct filt_options *options,
                     struct filt_error *error)
{
        struct reading reading = {options, false};
        struct error reason;

        if (cbpf_sets_new(filter->expression, read_set, &reading, &filter->sets, &reason) < 0) {
                fail_by(error, &reason);
                if (error && reading.refused)
                        error->code = FILT_ERROR_LIMIT;
                return -1;
        }
        filter->target.sets = filter->sets;
        return 0;
}

/* What has failed for `reason` may have done so only because libpcap cannot be loaded: it looks
 * names up, and compiles what this library does not. Then that is what is wrong. */
static int fail_to_compile(const struct filt_filter *filter, const struct error *reason,
                           struct filt_error *error)
{
        bool memory = reason->kind == ERROR_MEMORY;
        char why[512];

        if ((filter->by_libpcap || (!memory && cbpf_has_names(filter->expression) > 0)) &&
            !libpcap_is_there(why, sizeof why) && !strstr(why, "memory"))
                return fail(error, FILT_ERROR_EXPRESSION,
                            "this takes libpcap, which cannot be loaded: %s", why);
        return fail_by(error, reason);
}

static int compile(struct filt_filter *filter, const struct filt_options *options,
                   struct filt_error *error)
{
        struct cbpf_report report = {false};
        struct error reason = {.offset = ERROR_NO_OFFSET};

        if (options->flags & FILT_NO_NAMES && cbpf_refuse_names(filter->expression, &reason) < 0)
                return fail_by(error, &reason);
        if (read_sets(filter, options, error) < 0)
                return -1;
        if (cbpf_compile_and_report(filter->expression, &filter->target, flags_of(options),
                                    &filter->program, &report, &reason) < 0) {
                filter->by_libpcap = report.by_libpcap;
                return fail_to_compile(filter, &reason, error);
        }
        filter->by_libpcap = report.by_libpcap;
        if (options->max_instructions && filter->program.bf_len > options->max_instructions)
                return fail(error, FILT_ERROR_LIMIT,
                            "the program has %u instructions, more than the limit of %u",
                            filter->program.bf_len, options->max_instructions);
        return 0;
}

struct filt_filter *filt_compile(const char *expression, const struct filt_options *given,
                                 struct filt_error *error)
{
        struct filt_options options;
        struct filt_filter *filter;

        if (!expression) {
                fail(error, FILT_ERROR_ARGUMENT, "there is no expression");
                return NULL;
        }
        if (read_options(given, &options, error) < 0)
                return NULL;
        if (options.max_length &&
            strnlen(expression, options.max_length + 1) > options.max_length) {
                fail(error, FILT_ERROR_LIMIT,
                     "the expression is longer than the limit of %zu bytes", options.max_length);
                return NULL;
        }
        filter = filter_new(&options, error);
        if (!filter)
                return NULL;
        filter->expression = strdup(expression);
        if (filter->expression ? compile(filter, &options, error) == 0 : fail_memory(error) == 0)
                return filter;
        filt_free(filter);
        return NULL;
}

static int check(const struct bpf_program *program, struct filt_error *error)
{
        struct cbpf_violation violation;

        if (cbpf_check(program, &violation) == 0 || violation.only_length)
                return 0;
        if (violation.lacks_memory)
                return fail_memory(error);
        return fail(error, FILT_ERROR_ARGUMENT, "instruction %zu: %s", violation.instruction,
                    violation.message);
}

struct filt_filter *filt_from_program(const struct filt_instruction *instructions, size_t count,
                                      const struct filt_options *given, struct filt_error *error)
{
        struct bpf_program program = {(u_int)count, NULL};
        struct filt_options options;
        struct filt_filter *filter;

        if (!instructions || count == 0 || count > UINT32_MAX / sizeof *instructions) {
                fail(error, FILT_ERROR_ARGUMENT, "a program has at least one instruction");
                return NULL;
        }
        if (read_options(given, &options, error) < 0)
                return NULL;
        program.bf_insns = malloc(count * sizeof *program.bf_insns);
        if (!program.bf_insns) {
                fail_memory(error);
                return NULL;
        }
        memcpy(program.bf_insns, instructions, count * sizeof *instructions);
        filter = check(&program, error) == 0 ? filter_new(&options, error) : NULL;
        if (filter)
                filter->program = program;
        else
                cbpf_program_free(&program);
        return filter;
}

/* --- Access ----------------------------------------------------------------------------------- */

const struct filt_instruction *filt_program(const struct filt_filter *filter, size_t *count)
{
        if (count)
                *count = filter->program.bf_len;
        return (const struct filt_instruction *)filter->program.bf_insns;
}

int filt_by_libpcap(const struct filt_filter *filter)
{
        return filter->by_libpcap;
}

void filt_free(struct filt_filter *filter)
{
        if (!filter)
                return;
        if (filter->extended >= 0)
                close(filter->extended);
        if (filter->table >= 0)
                close(filter->table);
        pthread_mutex_destroy(&filter->attaching);
        cbpf_jit_free(filter->jit);
        cbpf_program_free(&filter->program);
        cbpf_sets_free(filter->sets);
        free(filter->expression);
        free(filter);
}
