/* A filter that is too long for the kernel as a classic program, as an extended one: loaded, with
 * its sets in maps, and behind a short one that goes on to it, as a socket's memory is charged for
 * what is attached. */
#include "cbpf/extended.h"
#include "cli.h"
#include "ebpf/program.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct extended {
        uint32_t instructions;
        uint64_t entries; /* of all sets */
        int program;      /* the short one; -1 if none is loaded */
        int table;        /* by which it finds the other */
};

/* The parts of a set as ebpf_set_new() takes them. */
struct parts {
        uint32_t *values;
        struct ebpf_prefix *prefixes;
        uint32_t *classes;
};

static bool split(const struct cbpf_extended_map *map, struct parts *parts)
{
        size_t room = map->count + (size_t)1;

        parts->classes = malloc(room * sizeof *parts->classes);
        if (map->ranges)
                parts->prefixes = malloc(room * sizeof *parts->prefixes);
        else
                parts->values = malloc(room * sizeof *parts->values);
        if (!parts->classes || (!parts->values && !parts->prefixes))
                return false;
        for (uint32_t i = 0; i < map->count; i++) {
                const struct cbpf_extended_entry *entry = &map->entries[i];

                parts->classes[i] = entry->class;
                if (map->ranges)
                        parts->prefixes[i] = (struct ebpf_prefix){
                            entry->prefix,
                            {(uint8_t)(entry->from >> 24), (uint8_t)(entry->from >> 16),
                             (uint8_t)(entry->from >> 8), (uint8_t)entry->from}};
                else
                        parts->values[i] = entry->from;
        }
        return true;
}

/* Returns a descriptor or a negative errno. */
static int make_set(const struct cbpf_extended_map *map)
{
        struct parts parts = {0};
        int set = split(map, &parts)
                      ? ebpf_set_new(parts.values, parts.prefixes, parts.classes, map->count)
                      : -ENOMEM;

        free(parts.values);
        free(parts.prefixes);
        free(parts.classes);
        return set;
}

/* Puts the descriptors of the sets where the program has their numbers. */
static void put_sets(struct cbpf_extended_program *program, const int *sets)
{
        for (uint32_t i = 0; i < program->count; i++) {
                struct cbpf_extended_instruction *instruction = &program->instructions[i];

                if (instruction->code == CBPF_EXTENDED_LOAD &&
                    instruction->source == CBPF_EXTENDED_MAP)
                        instruction->immediate = sets[instruction->immediate];
        }
}

/* Returns the descriptor of the program, which holds the sets, or a negative errno. */
static int load_with_sets(struct cbpf_extended_program *program)
{
        int *sets = calloc(program->map_count + (size_t)1, sizeof *sets);
        uint32_t made = 0;
        int result = sets ? 0 : -ENOMEM;

        while (made < program->map_count && result == 0) {
                sets[made] = make_set(&program->maps[made]);
                if (sets[made] < 0)
                        result = sets[made];
                else
                        made++;
        }
        if (result == 0) {
                put_sets(program, sets);
                result = ebpf_program_load(EBPF_SOCKET_FILTER, program->instructions,
                                           program->count, NULL, 0);
        }
        while (made > 0)
                close(sets[--made]);
        free(sets);
        return result;
}

/* The time that the kernel takes to verify a program may grow with the square of its length: to
 * seconds for 60,000 instructions, to minutes for 500,000. A signal ends it. This one comes again
 * and again, as libbpf tries again. A clock of CPU time would not do: its signals wait for the end
 * of the system call. */
enum { PATIENCE = 10 /* seconds */, AGAIN = 10000000 /* nanoseconds */ };

static volatile sig_atomic_t took_too_long;

static void on_timer(int signal)
{
        (void)signal;
        took_too_long = 1;
}

/* As load_with_sets(); -ETIME if that takes too long. */
static int load_in_time(struct cbpf_extended_program *program)
{
        const struct itimerspec limit = {.it_value.tv_sec = PATIENCE, .it_interval.tv_nsec = AGAIN};
        const struct sigaction action = {.sa_handler = on_timer};
        struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGPROF};
        struct sigaction before;
        timer_t timer;
        int loaded;

        if (timer_create(CLOCK_MONOTONIC, &event, &timer) < 0)
                return -errno;
        took_too_long = 0;
        sigaction(SIGPROF, &action, &before);
        timer_settime(timer, 0, &limit, NULL);
        loaded = load_with_sets(program);
        timer_delete(timer);
        sigaction(SIGPROF, &before, NULL);
        return loaded == -EAGAIN && took_too_long ? -ETIME : loaded;
}

static int load(struct extended *extended, struct cbpf_extended_program *program)
{
        int loaded = load_in_time(program);

        if (loaded < 0)
                return loaded;
        extended->program = ebpf_program_forward(EBPF_SOCKET_FILTER, loaded, &extended->table);
        close(loaded);
        return extended->program;
}

static void explain_failure(struct error *error, int reason)
{
        const char *words = strerror(-reason), *hint = "";

        switch (reason) {
        case -EPERM:
        case -EACCES: hint = " (that takes CAP_BPF, or root)"; break;
        case -E2BIG:
        case -EFAULT: words = "more tests in a row than the kernel's verifier follows"; break;
        case -ETIME: words = "the kernel's verifier takes too long"; break;
        case -EAGAIN: words = "a signal interrupted the kernel's verifier"; break;
        case -ENOSYS:
        case -EINVAL: hint = " (a kernel older than Linux 6.6?)"; break;
        }
        error_set(error, "%s%s", words, hint);
}

/* With `peek` or, if that is NULL, by copies. */
static struct extended *compile(const char *expression, const struct cbpf_target *target,
                                const struct cbpf_extended_peek *peek, bool loads,
                                struct error *error)
{
        const struct cbpf_extended_target place = {
            .context = CBPF_CONTEXT_SOCKET, .peek = peek, .far_jumps = true, .maps = true};
        struct cbpf_extended_program program;
        struct extended *extended = calloc(1, sizeof *extended);
        int result = 0;

        if (!extended) {
                error_memory(error);
                return NULL;
        }
        extended->program = extended->table = -1;
        if (cbpf_compile_extended(expression, target, &place, &program, error) < 0) {
                free(extended);
                return NULL;
        }
        extended->instructions = program.count;
        for (uint32_t i = 0; i < program.map_count; i++)
                extended->entries += program.maps[i].count;
        if (loads)
                result = load(extended, &program);
        cbpf_extended_free(&program);
        if (result >= 0)
                return extended;
        explain_failure(error, result);
        extended_free(extended);
        return NULL;
}

struct extended *extended_new(const char *expression, const struct cbpf_target *target, bool loads,
                              struct error *error)
{
        struct ebpf_kernel kernel;
        struct cbpf_extended_peek peek;
        struct extended *extended;

        /* Reading where the packet lies is faster, and not every kernel has it. */
        if (ebpf_kernel_find(&kernel) == 0) {
                peek = (struct cbpf_extended_peek){kernel.cast_context, kernel.data, kernel.length,
                                                   kernel.data_length};
                extended = compile(expression, target, &peek, loads, error);
                if (extended)
                        return extended;
        }
        return compile(expression, target, NULL, loads, error);
}

void extended_free(struct extended *extended)
{
        if (!extended)
                return;
        if (extended->program >= 0) {
                close(extended->program);
                close(extended->table);
        }
        free(extended);
}

int extended_program(const struct extended *extended)
{
        return extended->program;
}

void extended_tell(const struct extended *extended)
{
        complain("runs in the kernel as extended BPF: %s, and sets of %s",
                 counted(extended->instructions, "instruction").text,
                 counted(extended->entries, "value").text);
}
