/* Proves of expressions that the program filt emits means what libpcap's unoptimized program means,
 * for all packets: `verify [options] [FILE]...`. Where the reference rejects a packet as it is cut
 * short, the program may give the answer that every completion would get. So, of a packet of any
 * bytes, of which so many are captured,
 *
 *      P(bytes, captured) is R(bytes, captured) or R(bytes, all of them),
 *
 * where P is filt's program and R the reference; that is asked of all bytes, which have no end, and
 * of all lengths.
 *
 * With -x, P is what the just-in-time compiler or the emitter of extended BPF makes, run on symbols
 * (tests/lib/machine.h). Machine code has to answer as its classic program does, for every packet,
 * and to read nothing beyond the bytes captured. Extended programs see whole packets, and so does R
 * then: P(bytes, length) is R(bytes, length) or R(bytes, all of them). */
#include "cbpf/compile.h"
#include "cbpf/extended.h"
#include "cbpf/jit/jit.h"
#include "cbpf/proof/proof.h"
#include "tests/lib/corpus.h"
#include "tests/lib/grammar.h"
#include "tests/lib/machine.h"
#include "tests/lib/random.h"

#include "base/clock.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
        SNAPSHOT = 262144,
        /* Bytes of a packet, at most, that the kernel hands to a program: where the emitter copies
         * a load by itself, it does not look farther. */
        KERNEL_PACKET = 65532,
        EXPRESSION_ROOM = 4000,
        MAX_EXPRESSIONS = 30000,
        MAX_ATTEMPTS = 50,
        SHOWN_BYTES = 96,
        REPORT_ROOM = 1200,
        MAX_SECONDS = 300, /* of processor time, for one expression */
};

enum verdict {
        OPEN,
        RUNNING,
        SAME,
        SAME_BY_SOLVER,
        UNDECIDED,
        DIFFERENT,
        REFUSED,
        NO_GRAPH,
        IMPOSSIBLE,
        UNMODELLED,
        VERDICTS
};

static const char *const verdict_names[] = {
    [OPEN] = "not tried",
    [RUNNING] = "crashed or took too long",
    [SAME] = "the same",
    [SAME_BY_SOLVER] = "the same, by the solver",
    [UNDECIDED] = "not decided",
    [DIFFERENT] = "DIFFERENT",
    [REFUSED] = "no expression",
    [NO_GRAPH] = "beyond the proof",
    [IMPOSSIBLE] = "not possible there",
    [UNMODELLED] = "not modelled",
};

/* What is tried in place of the classic program. */
static const struct place {
        const char *name;
        enum cbpf_context context;
        bool machine_code, fragments, peeks;
        const struct cbpf_verdicts *verdicts;
} places[] = {
    {.name = "jit", .machine_code = true},
    {.name = "socket", .context = CBPF_CONTEXT_SOCKET, .fragments = true},
    {.name = "peek", .context = CBPF_CONTEXT_SOCKET, .fragments = true, .peeks = true},
    {.name = "tc", .context = CBPF_CONTEXT_TC, .fragments = true},
    {.name = "cgroup", .context = CBPF_CONTEXT_CGROUP, .fragments = true},
    {.name = "xdp", .context = CBPF_CONTEXT_XDP},
    {.name = "xdp-pieces", .context = CBPF_CONTEXT_XDP, .fragments = true},
    {.name = "nf",
     .context = CBPF_CONTEXT_NETFILTER,
     .fragments = true,
     .verdicts = &(const struct cbpf_verdicts){.accept = 1}},
};

struct task {
        enum verdict verdict;
        int link_type;
        uint64_t nanoseconds;
        char expression[EXPRESSION_ROOM];
        char report[REPORT_ROOM];
};

struct tool {
        uint64_t seed, limit;
        long jobs;
        bool optimizer; /* libpcap's optimized program is tried in place of filt's */
        bool bare;      /* the emitter and the optimizer alone: the reference lifted and emitted */
        bool verbose;
        bool reference;            /* the machine code of the reference is tried */
        const struct place *place; /* NULL for the classic program */
        size_t *next;              /* shared with the children */
        struct task *tasks;
        size_t count;
};

static void die(const char *what, const char *why)
{
        fprintf(stderr, "verify: %s: %s\n", what, why);
        exit(2);
}

static uint32_t netmask(void)
{
        static const uint8_t bytes[] = {255, 255, 255, 0};
        uint32_t mask;

        memcpy(&mask, bytes, sizeof mask);
        return mask;
}

static void add_expression(void *context, int link_type, const char *expression)
{
        struct tool *tool = context;
        struct task *task = &tool->tasks[tool->count];

        if (tool->count == MAX_EXPRESSIONS || strlen(expression) >= EXPRESSION_ROOM ||
            link_type < 0)
                die(expression, "too much, too long, or of no link type");
        task->link_type = link_type;
        strcpy(task->expression, expression);
        tool->count++;
}

/* libpcap's program; that which rejects all, if its optimizer says so. */
static bool compile_reference(int link_type, const char *expression, int optimize,
                              struct bpf_program *program)
{
        pcap_t *handle = pcap_open_dead(link_type, SNAPSHOT);
        bool done;

        if (!handle)
                die("a handle", "out of memory");
        done = pcap_compile(handle, program, expression, optimize, netmask()) == 0;
        if (!done && strstr(pcap_geterr(handle), "rejects all packets")) {
                program->bf_insns = calloc(1, sizeof *program->bf_insns);
                program->bf_len = 1;
                if (program->bf_insns)
                        program->bf_insns[0].code = BPF_RET | BPF_K;
                done = program->bf_insns;
        }
        pcap_close(handle);
        return done;
}

static bool compile_candidate(const struct tool *tool, const struct task *task,
                              struct bpf_program *reference, struct bpf_program *program)
{
        struct cbpf_target target = {
            .link_type = task->link_type, .snapshot_length = SNAPSHOT, .netmask = netmask()};
        struct error error;

        if (tool->optimizer)
                return compile_reference(task->link_type, task->expression, 1, program);
        if (tool->bare)
                return cbpf_recompile(reference, program) == 0;
        return cbpf_compile(task->expression, &target, 0, program, &error) == 0;
}

static void report_packet(struct task *task, const struct proof_packet *packet, bool accepts)
{
        size_t used = (size_t)snprintf(
            task->report, REPORT_ROOM,
            "    the program %s: %u bytes captured of %u:", accepts ? "accepts" : "rejects",
            packet->captured, packet->length);

        for (uint32_t i = 0; i < packet->captured && i < SHOWN_BYTES && used < REPORT_ROOM; i++)
                used += (size_t)snprintf(task->report + used, REPORT_ROOM - used, "%s%02x",
                                         i % 2 ? "" : " ", packet->data[i]);
}

/* Both ways in which the program could be wrong. */
static enum verdict ask(struct task *task, struct proof *proof, struct proof_packet *packet)
{
        enum verdict verdict = SAME;

        for (int accepts = 0; accepts < 2; accepts++) {
                struct proof_condition conditions[] = {{0, accepts}, {1, !accepts}, {2, !accepts}};
                enum proof_way way;

                switch (proof_find(proof, conditions, 3, packet, &way)) {
                case PROOF_NONE:
                        if (way == PROOF_BY_SOLVER && verdict == SAME)
                                verdict = SAME_BY_SOLVER;
                        break;
                case PROOF_FOUND: report_packet(task, packet, accepts); return DIFFERENT;
                case PROOF_UNDECIDED: verdict = UNDECIDED; break;
                case PROOF_FAILED: die(task->expression, "out of memory");
                }
        }
        return verdict;
}

static enum verdict compare(const struct tool *tool, struct task *task,
                            const struct bpf_program *reference,
                            const struct bpf_program *candidate)
{
        struct proof_settings settings = {
            .link_type = task->link_type, .snapshot_length = SNAPSHOT, .limit = tool->limit * 1000};
        struct proof *proof = proof_new(&settings);
        struct proof_packet *packet = malloc(sizeof *packet);
        enum verdict verdict = NO_GRAPH;

        if (!proof || !packet)
                die(task->expression, "out of memory");
        if (proof_add(proof, candidate, false) >= 0 && proof_add(proof, reference, false) >= 0 &&
            proof_add(proof, reference, true) >= 0)
                verdict = ask(task, proof, packet);
        proof_free(proof);
        free(packet);
        return verdict;
}

/* What is run on symbols: machine code, or an extended program. */
struct trial {
        struct machine machine;
        const struct cbpf_jit *code;
        const struct cbpf_extended_program *program;
        const struct cbpf_extended_target *target;
        bool faults, live; /* of what to lift; what the kernel knows is asked for */
};

static int lift(void *context, struct graph *graph, uint32_t captured)
{
        struct trial *trial = context;
        size_t size;
        int status = 0;

        if (!trial->machine.run && trial->code) {
                const uint8_t *bytes = cbpf_jit_code(trial->code, &size);

                status = machine_run_x86_64(&trial->machine, bytes, size, graph, captured, false);
        } else if (!trial->machine.run) {
                status = machine_run_ebpf(&trial->machine, trial->program, trial->target, graph,
                                          captured);
        }
        if (status == 0)
                graph->root = machine_root(&trial->machine, trial->faults);
        if (trial->machine.unmodelled)
                return 1;
        return status;
}

/* Whether memory is read that is not there. Programs are numbered from `first`. */
static enum verdict ask_faults(struct task *task, struct proof *proof, int number,
                               struct proof_packet *packet, enum verdict verdict)
{
        struct proof_condition condition = {number, true};
        enum proof_way way;

        switch (proof_find(proof, &condition, 1, packet, &way)) {
        case PROOF_NONE:
                return way == PROOF_BY_SOLVER && verdict == SAME ? SAME_BY_SOLVER : verdict;
        case PROOF_FOUND:
                report_packet(task, packet, false);
                strcpy(task->report + strlen(task->report), " (memory is read that is not there)");
                return DIFFERENT;
        case PROOF_UNDECIDED: return UNDECIDED;
        case PROOF_FAILED: die(task->expression, "out of memory");
        }
        return UNDECIDED;
}

static enum verdict compare_trial(const struct tool *tool, struct task *task, struct trial *trial,
                                  const struct bpf_program *reference)
{
        bool exact = trial->code;
        struct proof_settings settings = {.link_type = task->link_type,
                                          .snapshot_length = exact ? SNAPSHOT : KERNEL_PACKET,
                                          .place = trial->live ? CBPF_LIVE : CBPF_FILE,
                                          .whole = !exact,
                                          .limit = tool->limit * 1000};
        struct proof *proof = proof_new(&settings);
        struct proof_packet *packet = malloc(sizeof *packet);
        enum verdict verdict = NO_GRAPH;
        int added, faults = PROOF_NO_GRAPH;

        if (!proof || !packet)
                die(task->expression, "out of memory");
        added = proof_add_lifted(proof, lift, trial);
        trial->faults = true;
        if (added >= 0 && proof_add(proof, reference, false) == 1 &&
            proof_add(proof, reference, !exact) == 2)
                faults = proof_add_lifted(proof, lift, trial);
        if (added == PROOF_NO_MEMORY)
                die(task->expression, "out of memory");
        if (trial->machine.unmodelled) {
                snprintf(task->report, REPORT_ROOM, "%s", trial->machine.unmodelled);
                verdict = UNMODELLED;
        } else if (faults >= 0) {
                verdict = ask(task, proof, packet);
                if (verdict == SAME || verdict == SAME_BY_SOLVER)
                        verdict = ask_faults(task, proof, faults, packet, verdict);
        }
        machine_free(&trial->machine);
        proof_free(proof);
        free(packet);
        return verdict;
}

static enum verdict verify_machine_code(const struct tool *tool, struct task *task,
                                        const struct bpf_program *program)
{
        struct trial trial = {.code = cbpf_jit_new(program)};
        enum verdict verdict = IMPOSSIBLE;

        strcpy(task->report, trial.code ? "" : "the program has a loop");
        if (trial.code)
                verdict = compare_trial(tool, task, &trial, program);
        cbpf_jit_free((struct cbpf_jit *)trial.code);
        return verdict;
}

static bool any_load(const struct bpf_program *program, bool (*is_it)(const struct bpf_insn *))
{
        for (uint32_t i = 0; i < program->bf_len; i++)
                if (BPF_CLASS(program->bf_insns[i].code) == BPF_LD && is_it(&program->bf_insns[i]))
                        return true;
        return false;
}

/* To the kernel, that is what an indexed load at a huge offset does; libpcap's interpreter rejects.
 */
static bool is_before_x(const struct bpf_insn *load)
{
        return BPF_MODE(load->code) == BPF_IND && load->k > INT32_MAX;
}

static bool is_of_metadata(const struct bpf_insn *load)
{
        return BPF_MODE(load->code) == BPF_ABS && cbpf_is_metadata(load->k);
}

/* Numbers of the kernel's functions and offsets in its structures are made up. */
static enum verdict try_extended(const struct tool *tool, struct task *task,
                                 const struct cbpf_target *source,
                                 const struct bpf_program *reference)
{
        const struct cbpf_extended_peek peek = {1001, 200, 112, 116};
        const struct cbpf_extended_netfilter netfilter = {1002, 112};
        const struct cbpf_extended_target target = {.context = tool->place->context,
                                                    .fragments = tool->place->fragments,
                                                    .far_jumps = true,
                                                    .maps = true,
                                                    .verdicts = tool->place->verdicts,
                                                    .netfilter = &netfilter,
                                                    .peek = tool->place->peeks ? &peek : NULL};
        struct cbpf_extended_program program;
        struct trial trial = {
            .program = &program, .target = &target, .live = source->place == CBPF_LIVE};
        enum verdict verdict;
        struct error error;

        if (cbpf_compile_extended(task->expression, source, &target, &program, &error) < 0) {
                snprintf(task->report, REPORT_ROOM, "%s", error.message);
                return IMPOSSIBLE;
        }
        verdict = compare_trial(tool, task, &trial, reference);
        cbpf_extended_free(&program);
        return verdict;
}

static enum verdict verify_extended(const struct tool *tool, struct task *task,
                                    const struct bpf_program *reference)
{
        struct cbpf_target source = {
            .link_type = task->link_type, .snapshot_length = SNAPSHOT, .netmask = netmask()};
        struct bpf_program live;
        enum verdict verdict;
        struct error error;

        if (any_load(reference, is_before_x)) {
                strcpy(task->report,
                       "a load before X, on which the kernel and libpcap's interpreter differ");
                return UNMODELLED;
        }
        if (!any_load(reference, is_of_metadata))
                return try_extended(tool, task, &source, reference);
        source.place = CBPF_LIVE; /* files have none */
        if (cbpf_compile(task->expression, &source, CBPF_UNOPTIMIZED, &live, &error) < 0) {
                snprintf(task->report, REPORT_ROOM, "%s", error.message);
                return IMPOSSIBLE;
        }
        verdict = try_extended(tool, task, &source, &live);
        cbpf_program_free(&live);
        return verdict;
}

static enum verdict verify(const struct tool *tool, struct task *task)
{
        struct bpf_program reference = {0}, candidate = {0};
        enum verdict verdict = REFUSED;

        if (compile_reference(task->link_type, task->expression, 0, &reference)) {
                if (tool->place && !tool->place->machine_code)
                        verdict = verify_extended(tool, task, &reference);
                else if (tool->place && tool->reference)
                        verdict = verify_machine_code(tool, task, &reference);
                else if (compile_candidate(tool, task, &reference, &candidate))
                        verdict = tool->place ? verify_machine_code(tool, task, &candidate)
                                              : compare(tool, task, &reference, &candidate);
        }
        cbpf_program_free(&reference);
        cbpf_program_free(&candidate);
        return verdict;
}

static void make_random(const struct tool *tool, struct task *task, size_t number)
{
        uint64_t random = random_mix(tool->seed + number * 0x9e3779b97f4a7c15);
        struct choices choices = {.random = &random};
        struct bpf_program program;

        for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
                task->link_type = grammar_link_type(&choices);
                grammar_expression(&choices, task->link_type, task->expression,
                                   sizeof task->expression);
                if (compile_reference(task->link_type, task->expression, 0, &program)) {
                        cbpf_program_free(&program);
                        return;
                }
        }
}

static void work(const struct tool *tool)
{
        for (;;) {
                size_t number = __atomic_fetch_add(tool->next, 1, __ATOMIC_SEQ_CST);
                struct task *task = &tool->tasks[number];
                int64_t start = clock_now(CLOCK_MONOTONIC);

                if (number >= tool->count)
                        _exit(0);
                alarm(0);
                task->verdict = RUNNING;
                if (!task->expression[0])
                        make_random(tool, task, number);
                task->verdict = verify(tool, task);
                task->nanoseconds = (uint64_t)(clock_now(CLOCK_MONOTONIC) - start);
        }
}

/* A child that ends otherwise leaves its task as it is, and another takes its place. */
static void run_all(const struct tool *tool)
{
        long running = 0;
        int status;

        for (;;) {
                while (running < tool->jobs && *tool->next < tool->count) {
                        pid_t child = fork();

                        if (child < 0)
                                die("a child", "cannot be started");
                        if (child == 0)
                                work(tool);
                        running++;
                }
                if (running == 0 || wait(&status) < 0)
                        return;
                running--;
        }
}

static int compare_times(const void *one, const void *other)
{
        uint64_t a = *(const uint64_t *)one, b = *(const uint64_t *)other;

        return a < b ? -1 : a > b;
}

static double median(const struct tool *tool)
{
        uint64_t *times = malloc((tool->count + 1) * sizeof *times);
        double result;

        if (!times)
                die("times", "out of memory");
        for (size_t i = 0; i < tool->count; i++)
                times[i] = tool->tasks[i].nanoseconds;
        qsort(times, tool->count, sizeof *times, compare_times);
        result = (double)times[tool->count / 2] / 1e6;
        free(times);
        return result;
}

/* Says for how many tasks each reason was given. */
static void report_reasons(const struct tool *tool)
{
        for (size_t i = 0; i < tool->count; i++) {
                const struct task *task = &tool->tasks[i];
                size_t same = 0, first = 0;

                if (task->verdict != UNMODELLED && task->verdict != IMPOSSIBLE)
                        continue;
                while (tool->tasks[first].verdict != task->verdict ||
                       strcmp(tool->tasks[first].report, task->report) != 0)
                        first++;
                for (size_t j = first; first == i && j < tool->count; j++)
                        same += tool->tasks[j].verdict == task->verdict &&
                                strcmp(tool->tasks[j].report, task->report) == 0;
                if (first == i)
                        printf("%s: %s: %zu\n", verdict_names[task->verdict], task->report, same);
        }
}

static int report(const struct tool *tool)
{
        size_t counts[VERDICTS] = {0};

        for (size_t i = 0; i < tool->count; i++) {
                const struct task *task = &tool->tasks[i];

                counts[task->verdict]++;
                if ((task->verdict != SAME && task->verdict != SAME_BY_SOLVER &&
                     task->verdict != IMPOSSIBLE) ||
                    tool->verbose)
                        printf("%s\t%s\n    %s, after %.1f ms\n%s%s",
                               pcap_datalink_val_to_name(task->link_type), task->expression,
                               verdict_names[task->verdict], (double)task->nanoseconds / 1e6,
                               task->report, *task->report ? "\n" : "");
        }
        report_reasons(tool);
        if (tool->place)
                printf("%s: ", tool->place->name);
        printf("%zu expressions", tool->count);
        for (int i = 0; i < VERDICTS; i++)
                if (counts[i])
                        printf("; %s: %zu", verdict_names[i], counts[i]);
        printf("; median %.1f ms\n", median(tool));
        return counts[DIFFERENT] + counts[RUNNING] > 0;
}

static const char usage[] =
    "usage: verify [-r N] [-s SEED] [-j JOBS] [-t SECONDS] [-x PLACE] [-u] [-o] [-g] [-v] "
    "[-y TYPE -e EXPRESSION] [FILE]...\n"
    "  -r  so many random expressions as well\n"
    "  -t  the limit of a question (10)\n"
    "  -x  of machine code (jit), or of the extended program for a place: socket, peek (a "
    "socket's, "
    "that reads packets where they lie), tc, cgroup, xdp, xdp-pieces, nf\n"
    "  -u  with -x jit: of the reference's machine code\n"
    "  -o  of libpcap's optimizer, in place of filt\n"
    "  -g  of filt's optimizer and emitter, fed with the reference\n";

static const struct place *find_place(const char *name)
{
        for (size_t i = 0; i < sizeof places / sizeof *places; i++)
                if (strcmp(places[i].name, name) == 0)
                        return &places[i];
        die(name, "no such place");
        return NULL;
}

int main(int argc, char **argv)
{
        static struct tool tool = {.seed = 1, .limit = 10};
        const char *type = "EN10MB", *expression = NULL;
        size_t random = 0;
        int option;

        tool.jobs = sysconf(_SC_NPROCESSORS_ONLN);
        tool.next = mmap(NULL, sizeof *tool.next, PROT_READ | PROT_WRITE,
                         MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        tool.tasks = mmap(NULL, (MAX_EXPRESSIONS + 64) * sizeof *tool.tasks, PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (tool.next == MAP_FAILED || tool.tasks == MAP_FAILED)
                die("memory", "there is none to share");
        while ((option = getopt(argc, argv, "r:s:j:t:x:uogve:y:")) >= 0)
                switch (option) {
                case 'r': random = strtoull(optarg, NULL, 10); break;
                case 's': tool.seed = strtoull(optarg, NULL, 10); break;
                case 'j': tool.jobs = strtol(optarg, NULL, 10); break;
                case 't': tool.limit = strtoull(optarg, NULL, 10); break;
                case 'x': tool.place = find_place(optarg); break;
                case 'u': tool.reference = true; break;
                case 'o': tool.optimizer = true; break;
                case 'g': tool.bare = true; break;
                case 'v': tool.verbose = true; break;
                case 'e': expression = optarg; break;
                case 'y': type = optarg; break;
                default: fputs(usage, stderr); return 2;
                }
        if (expression)
                add_expression(&tool, pcap_datalink_name_to_val(type), expression);
        for (int i = optind; i < argc; i++)
                if (corpus_visit_file(argv[i], add_expression, &tool) == 0)
                        die(argv[i], "no expressions can be read from it");
        tool.count += random;
        if (tool.count > MAX_EXPRESSIONS)
                die("too many expressions", "raise the limit");
        run_all(&tool);
        return report(&tool);
}
