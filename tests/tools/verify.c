/* Proves of expressions that the program filt emits means what libpcap's unoptimized program means,
 * for all packets: `verify [options] [FILE]...`. Where the reference rejects a packet as it is cut
 * short, the program may give the answer that every completion would get. So, of a packet of any
 * bytes, of which so many are captured,
 *
 *      P(bytes, captured) is R(bytes, captured) or R(bytes, all of them),
 *
 * where P is filt's program and R the reference; that is asked of all bytes, which have no end, and
 * of all lengths. */
#include "cbpf/compile.h"
#include "cbpf/proof/proof.h"
#include "tests/lib/corpus.h"
#include "tests/lib/grammar.h"
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
        EXPRESSION_ROOM = 4000,
        MAX_EXPRESSIONS = 30000,
        MAX_ATTEMPTS = 50,
        SHOWN_BYTES = 96,
        REPORT_ROOM = 1000,
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
        VERDICTS
};

static const char *const verdict_names[] = {
    [OPEN] = "not tried",        [RUNNING] = "crashed or took too long",
    [SAME] = "the same",         [SAME_BY_SOLVER] = "the same, by the solver",
    [UNDECIDED] = "not decided", [DIFFERENT] = "DIFFERENT",
    [REFUSED] = "no expression", [NO_GRAPH] = "beyond the proof",
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
        size_t *next; /* shared with the children */
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

static enum verdict verify(const struct tool *tool, struct task *task)
{
        struct bpf_program reference = {0}, candidate = {0};
        enum verdict verdict = REFUSED;

        if (compile_reference(task->link_type, task->expression, 0, &reference) &&
            compile_candidate(tool, task, &reference, &candidate))
                verdict = compare(tool, task, &reference, &candidate);
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

static int report(const struct tool *tool)
{
        size_t counts[VERDICTS] = {0};

        for (size_t i = 0; i < tool->count; i++) {
                const struct task *task = &tool->tasks[i];

                counts[task->verdict]++;
                if ((task->verdict != SAME && task->verdict != SAME_BY_SOLVER) || tool->verbose)
                        printf("%s\t%s\n    %s, after %.1f ms\n%s%s",
                               pcap_datalink_val_to_name(task->link_type), task->expression,
                               verdict_names[task->verdict], (double)task->nanoseconds / 1e6,
                               task->report, *task->report ? "\n" : "");
        }
        printf("%zu expressions", tool->count);
        for (int i = 0; i < VERDICTS; i++)
                if (counts[i])
                        printf("; %s: %zu", verdict_names[i], counts[i]);
        printf("; median %.1f ms\n", median(tool));
        return counts[DIFFERENT] + counts[RUNNING] > 0;
}

static const char usage[] =
    "usage: verify [-r N] [-s SEED] [-j JOBS] [-t SECONDS] [-o] [-g] [-v] [-y TYPE -e EXPRESSION] "
    "[FILE]...\n"
    "  -r  so many random expressions as well\n"
    "  -t  the limit of a question (10)\n"
    "  -o  of libpcap's optimizer, in place of filt\n"
    "  -g  of filt's optimizer and emitter, fed with the reference\n";

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
        while ((option = getopt(argc, argv, "r:s:j:t:ogve:y:")) >= 0)
                switch (option) {
                case 'r': random = strtoull(optarg, NULL, 10); break;
                case 's': tool.seed = strtoull(optarg, NULL, 10); break;
                case 'j': tool.jobs = strtol(optarg, NULL, 10); break;
                case 't': tool.limit = strtoull(optarg, NULL, 10); break;
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
