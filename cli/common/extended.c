/* Filters as extended programs, loaded with their sets in maps: for a socket what is too long as a
 * classic program, behind a short one that goes on to it, as a socket's memory is charged for what
 * is attached; for a tap any. */
#include "ebpf/extended/extended.h"
#include "base/array.h"
#include "cli.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct extended {
        uint32_t instructions;
        uint64_t entries; /* of all sets */
        int program;      /* the short one, if there is one; -1 if none is loaded */
        int table;        /* by which that finds the other; else -1 */
};

/* What is to be compiled, and how it is loaded. */
struct request {
        const char *expression;
        const struct cbpf_target *target;
        struct cbpf_extended_target place;
        enum ebpf_kind kind;
        int table; /* of the program that it goes on to; -1 for a socket's */
        bool loads;
        bool took_too_long; /* the verifier */
        char refusal[256];  /* the verifier's words, if it has refused the program */
};

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

/* As ebpf_extended_load(); -ETIME if that takes too long. */
static int load_in_time(struct request *request, struct cbpf_extended_program *program)
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
        loaded = ebpf_extended_load(request->kind, program, request->table, request->refusal,
                                    sizeof request->refusal);
        timer_delete(timer);
        sigaction(SIGPROF, &before, NULL);
        return loaded == -EAGAIN && took_too_long ? -ETIME : loaded;
}

static int load(struct request *request, struct extended *extended,
                struct cbpf_extended_program *program)
{
        static const struct ebpf_miss rejects = {.table = -1};
        int loaded = load_in_time(request, program);

        request->took_too_long = loaded == -ETIME;
        if (loaded < 0 || request->table >= 0)
                return extended->program = loaded;
        extended->program = ebpf_program_forward(request->kind, loaded, &rejects, &extended->table);
        close(loaded);
        return extended->program;
}

static void explain_failure(struct error *error, const struct request *request, int reason)
{
        const char *words = strerror(-reason), *hint = "";

        if (ebpf_is_refusal(reason) && *request->refusal) {
                error_set(error, "the kernel's verifier refuses it: %s", request->refusal);
                return;
        }
        switch (reason) {
        case -ENOMEM: error_memory(error); return;
        case -EPERM:
        case -EACCES: hint = " (that takes CAP_BPF, or root)"; break;
        case -E2BIG:
        case -EFAULT: words = "more tests in a row than the kernel's verifier follows"; break;
        case -ETIME: words = "the kernel's verifier takes too long"; break;
        case -EAGAIN: words = "a signal interrupted the kernel's verifier"; break;
        }
        error_set(error, "%s%s", words, hint);
}

static struct extended *compile(struct request *request, struct error *error)
{
        struct cbpf_extended_program program;
        struct extended *extended = calloc(1, sizeof *extended);
        int result = 0;

        if (!extended) {
                error_memory(error);
                return NULL;
        }
        extended->program = extended->table = -1;
        if (cbpf_compile_extended(request->expression, request->target, &request->place, &program,
                                  error) < 0) {
                free(extended);
                return NULL;
        }
        extended->instructions = program.count;
        for (uint32_t i = 0; i < program.map_count; i++)
                extended->entries += program.maps[i].count;
        if (request->loads)
                result = load(request, extended, &program);
        cbpf_extended_free(&program);
        if (result >= 0)
                return extended;
        explain_failure(error, request, result);
        extended_free(extended);
        return NULL;
}

/* What is in the kernel, looked for once: reading what it says of itself takes some milliseconds.
 */
static int find_kernel(struct ebpf_kernel *kernel)
{
        static struct ebpf_kernel known;
        static int found = -ENOMEM;

        if (found == -ENOMEM)
                found = ebpf_kernel_find(&known);
        *kernel = known;
        return found;
}

struct extended *extended_new(const char *expression, const struct cbpf_target *target, bool loads,
                              struct error *error)
{
        struct ebpf_kernel kernel;
        struct cbpf_extended_peek peek;
        struct extended *extended;
        struct request request = {
            .expression = expression,
            .target = target,
            .place = {.context = CBPF_CONTEXT_SOCKET,
                      .far_jumps = ebpf_kernel_jumps_far(),
                      .maps = true},
            .kind = EBPF_SOCKET_FILTER,
            .table = -1,
            .loads = loads,
        };
        int found;

        /* Reading where the packet lies is faster, and not every kernel has it. */
        found = find_kernel(&kernel);
        if (found == -ENOMEM) {
                error_memory(error);
                return NULL;
        }
        if (found == 0 && kernel.cast_context) {
                peek = (struct cbpf_extended_peek){kernel.cast_context, kernel.data, kernel.length,
                                                   kernel.data_length};
                request.place.peek = &peek;
                extended = compile(&request, error);
                /* Another long program would be verified for as long. */
                if (extended || error->kind == ERROR_MEMORY || request.took_too_long)
                        return extended;
        }
        request.place.peek = NULL;
        return compile(&request, error);
}

/* Of a tap's table. */
enum { ENTRY_ACCEPT, ENTRY_REJECT };

/* A tap does not change what becomes of a packet. */
static const struct cbpf_verdicts goes_on[CBPF_CONTEXTS] = {
    [CBPF_CONTEXT_TC] = {-1, -1}, /* TCX_NEXT, or TC_ACT_UNSPEC */
    [CBPF_CONTEXT_XDP] = {2, 2},  /* XDP_PASS */
    [CBPF_CONTEXT_CGROUP] = {1, 1},     [CBPF_CONTEXT_NETFILTER] = {1, 1}, /* NF_ACCEPT */
    [CBPF_CONTEXT_TRACEPOINT] = {0, 0},
};

/* At XDP, only a program that the kernel is told so of gets packets in pieces. */
static bool may_be_in_pieces(const struct extended_tap *tap)
{
        return tap->context != CBPF_CONTEXT_XDP ||
               ebpf_attributes((enum ebpf_kind)tap->kind).flags != 0;
}

/* What a tap's place is told of the running kernel. */
struct tap_kernel {
        struct cbpf_extended_netfilter netfilter;
        struct cbpf_extended_tracepoint tracepoint;
};

static bool find_tap_kernel(const struct extended_tap *tap, struct tap_kernel *found,
                            struct error *error)
{
        struct ebpf_kernel kernel;
        bool netfilter = tap->context == CBPF_CONTEXT_NETFILTER;
        int result;

        if (!netfilter && tap->context != CBPF_CONTEXT_TRACEPOINT)
                return true;
        result = find_kernel(&kernel);
        if (result == -ENOMEM) {
                error_memory(error);
                return false;
        }
        if (netfilter && (result < 0 || !kernel.dynptr_from_skb)) {
                error_set(error, "this kernel has no filters for netfilter: they take Linux 6.4, "
                                 "and its BTF");
                return false;
        }
        if (result < 0) {
                error_set(error, "filters at tracepoints take the kernel's BTF "
                                 "(/sys/kernel/btf/vmlinux), which this kernel does not have");
                return false;
        }
        found->netfilter = (struct cbpf_extended_netfilter){kernel.dynptr_from_skb, kernel.length};
        found->tracepoint = (struct cbpf_extended_tracepoint){
            .argument = tap->argument,
            .start = (enum cbpf_start)tap->start,
            .has_device = tap->has_device,
            .receiver = tap->receiver,
            .layout = kernel.skb,
        };
        return true;
}

struct extended *extended_for_tap(const char *expression, const struct cbpf_target *target,
                                  const struct extended_tap *tap, struct error *error)
{
        const struct cbpf_extended_table entries = {
            .accept = ENTRY_ACCEPT, .reject = tap->others ? ENTRY_REJECT : CBPF_NO_ENTRY};
        struct tap_kernel kernel = {0};
        struct request request = {
            .expression = expression,
            .target = target,
            .place = {.context = (enum cbpf_context)tap->context,
                      .verdicts = &goes_on[tap->context],
                      .table = &entries,
                      .netfilter = &kernel.netfilter,
                      .tracepoint = &kernel.tracepoint,
                      .fragments = may_be_in_pieces(tap),
                      .far_jumps = ebpf_kernel_jumps_far(),
                      .maps = true},
            .kind = (enum ebpf_kind)tap->kind,
            .table = tap->table,
            .loads = true,
        };

        if (!find_tap_kernel(tap, &kernel, error))
                return NULL;
        return compile(&request, error);
}

struct extended *extended_place(const struct extended *filter, const struct extended_tap *tap,
                                struct error *error)
{
        const struct ebpf_miss goes_past = {
            .table = tap->others ? tap->table : -1,
            .entry = ENTRY_REJECT,
            .verdict = goes_on[tap->context].reject,
        };
        struct extended *place;
        int table, program = ebpf_program_forward((enum ebpf_kind)tap->kind, filter->program,
                                                  &goes_past, &table);

        if (program < 0) {
                error_set(error, "making a place for filters: %s", strerror(-program));
                return NULL;
        }
        place = extended_adopt(program, table);
        if (place)
                return place;
        close(program);
        close(table);
        error_memory(error);
        return NULL;
}

int extended_put(const struct extended *place, const struct extended *filter)
{
        return ebpf_table_put(place->table, 0, filter->program);
}

void extended_free(struct extended *extended)
{
        if (!extended)
                return;
        if (extended->program >= 0)
                close(extended->program);
        if (extended->table >= 0)
                close(extended->table);
        free(extended);
}

int extended_program(const struct extended *extended)
{
        return extended->program;
}

int extended_table(const struct extended *extended)
{
        return extended->table;
}

size_t extended_descriptors(const struct extended *extended, int descriptors[EXTENDED_DESCRIPTORS])
{
        size_t count = 0;

        if (extended && extended->program >= 0)
                descriptors[count++] = extended->program;
        if (extended && extended->table >= 0)
                descriptors[count++] = extended->table;
        return count;
}

struct extended *extended_adopt(int program, int table)
{
        struct extended *extended = calloc(1, sizeof *extended);

        if (!extended)
                return NULL;
        extended->program = program;
        extended->table = table;
        return extended;
}

void extended_tell(const struct extended *extended)
{
        complain("runs in the kernel as extended BPF: %s, and sets of %s",
                 counted(extended->instructions, "instruction").text,
                 counted(extended->entries, "value").text);
}
