/* The differential tester: whether the compiler's programs mean what libpcap's unoptimized ones
 * mean, and how much shorter and quicker than its optimized ones they are. It reads files of
 * expressions (a link type as for tcpdump -y, a tab, the expression), makes random ones as well,
 * and tries each on captures and on packets steered into the branches of both programs.
 * tests/lib/judge.h defines what counts as a difference.
 *
 * Trials are independent and each has its own seed, so the report is the same with any number of
 * processes. They run in child processes: should one crash or hang, its expression is known, and
 * the others go on. */
#include "tests/lib/corpus.h"
#include "tests/lib/grammar.h"
#include "tests/lib/random.h"
#include "tests/lib/trial.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
        MAX_LINK_TYPES = 300,
        EXPRESSION_ROOM = 4000,
        REPORT_ROOM = 7000,
        MAX_SECONDS = 120, /* of processor time, for one trial */
        MAX_ATTEMPTS = 50, /* to make a random expression that libpcap accepts */
};

/* What a trial leaves behind, in memory shared with the children. */
struct result {
        enum { WAITING, RUNNING, DONE } state;
        bool random;
        int link_type;
        char expression[EXPRESSION_ROOM];
        enum trial_status status;
        bool wrong;
        bool libpcap_wrong;
        uint64_t packets;
        struct coverage reference_coverage, candidate_coverage;
        size_t proved_found, proved_never;
        size_t judged[JUDGED_DIFFERENT + 1], unsure;
        size_t reference_length, candidate_length, libpcap_length;
        uint64_t candidate_steps, libpcap_steps;
        char report[REPORT_ROOM];
};

struct shared {
        size_t next; /* trial to take */
};

struct tool {
        struct trial_settings settings;
        size_t random_count;
        long jobs;
        bool strict, shrink, verbose;
        const char *expression, *link_type;
        struct captures captures;
        struct seeds *seeds[MAX_LINK_TYPES]; /* made when first needed */
        struct shared *shared;
        struct result *results;
        size_t count, room;
};

static void die(const char *what, const char *why)
{
        fprintf(stderr, "differential: %s: %s\n", what, why);
        exit(2);
}

/* The trials to be made */

static struct result *add_trial(struct tool *tool)
{
        if (tool->count == tool->room)
                die("too many expressions", "raise the limit");
        return &tool->results[tool->count++];
}

static void add_expression(void *context, int link_type, const char *expression)
{
        struct result *result = add_trial(context);

        if (link_type < 0 || link_type >= MAX_LINK_TYPES)
                die(expression, "no known link type in front of it");
        if (strlen(expression) >= sizeof result->expression)
                die(expression, "expression too long");
        result->link_type = link_type;
        strcpy(result->expression, expression);
}

/* One trial, in a child */

static const struct seeds *seeds_for(struct tool *tool, int link_type)
{
        struct seeds *seeds = tool->seeds[link_type];
        bool live = tool->settings.place != CBPF_FILE;
        int seen = link_type;

        if (seeds)
                return seeds;
        seeds = calloc(1, sizeof *seeds);
        /* A cooked socket shows the packet from the network header on, a raw one Ethernet. */
        if (live && link_type == DLT_LINUX_SLL2)
                seen = tool->settings.place == CBPF_LIVE ? DLT_RAW : DLT_EN10MB;
        if (!seeds || !seeds_make(seeds, &tool->captures, seen, live))
                die("seeds", "out of memory");
        tool->seeds[link_type] = seeds;
        return seeds;
}

static void say_difference(FILE *report, const struct difference *difference)
{
        fprintf(report, "    %s: reference returns %u, candidate %u; ",
                difference->judgement == JUDGED_SHORT ? "short" : "DIFFERENT",
                difference->reference, difference->candidate);
        sample_print(&difference->sample, report);
        if (difference->judgement == JUDGED_DIFFERENT && difference->completion.captured > 0) {
                fputs("      the reference gives another answer to this completion: ", report);
                sample_print(&difference->completion, report);
        }
}

static const char *link_name(int link_type)
{
        const char *name = pcap_datalink_val_to_name(link_type);

        return name ? name : "?";
}

static void say_differences(const struct tool *tool, const struct result *result,
                            const struct trial *trial, FILE *report)
{
        static const char *const problems[] = {
            [TRIAL_INVALID] = "libpcap refuses the expression",
            [TRIAL_REFUSED] = "the candidate compiler refuses what libpcap takes",
            [TRIAL_UNLOADED] = "the candidate's program breaks a rule of the kernel",
            [TRIAL_FAILED] = "could not be tried",
        };
        const struct exploration *exploration = &trial->exploration;

        fprintf(report, "%s\t%s\n", link_name(result->link_type), result->expression);
        if (trial->status != TRIAL_COMPARED) {
                fprintf(report, "    %s: %s\n", problems[trial->status], trial->message);
                return;
        }
        for (size_t i = 0; i < exploration->difference_count; i++)
                if (tool->strict || exploration->differences[i].judgement == JUDGED_DIFFERENT)
                        say_difference(report, &exploration->differences[i]);
}

static void keep_result(struct result *result, const struct trial *trial)
{
        const struct exploration *exploration = &trial->exploration;

        result->status = trial->status;
        result->packets = exploration->packets;
        result->reference_coverage = exploration->reference_coverage;
        result->candidate_coverage = exploration->candidate_coverage;
        result->proved_found = exploration->proved.found;
        result->proved_never = exploration->proved.never;
        memcpy(result->judged, exploration->judged, sizeof result->judged);
        result->unsure = exploration->unsure;
        result->reference_length = trial->reference_length;
        result->candidate_length = trial->candidate_length;
        result->libpcap_length = trial->libpcap_length;
        result->candidate_steps = trial->candidate_steps;
        result->libpcap_steps = trial->libpcap_steps;
        result->libpcap_wrong = exploration->bystander_wrong;
}

static void make_random(struct tool *tool, struct result *result, uint64_t *random,
                        struct trial *trial, struct trial_settings *settings)
{
        struct choices choices = {.random = random};

        for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
                result->link_type = settings->place != CBPF_FILE
                                        ? pcap_datalink_name_to_val(tool->link_type)
                                        : grammar_link_type(&choices);
                grammar_expression(&choices, result->link_type, result->expression,
                                   sizeof result->expression);
                trial_run(trial, settings, result->link_type, result->expression,
                          seeds_for(tool, result->link_type));
                if (trial->status != TRIAL_INVALID)
                        return;
        }
}

static void report_trial(struct tool *tool, struct result *result, const struct trial *trial,
                         const struct trial_settings *settings)
{
        FILE *report = fmemopen(result->report, sizeof result->report - 1, "w");

        if (!report)
                die("a report", strerror(errno));
        setbuf(report, NULL); /* what does not fit is lost, and what was written before it stays */
        say_differences(tool, result, trial, report);
        if (tool->shrink && trial->status != TRIAL_INVALID) {
                trial_shrink(settings, result->link_type, result->expression,
                             seeds_for(tool, result->link_type), tool->strict);
                fprintf(report, "    shrunk: %s\t%s\n", link_name(result->link_type),
                        result->expression);
        }
        fclose(report);
}

static void run_trial(struct tool *tool, size_t number)
{
        struct result *result = &tool->results[number];
        struct trial *trial = malloc(sizeof *trial);
        struct trial_settings settings = tool->settings;
        uint64_t random = random_mix(tool->settings.seed + number * 0x9e3779b97f4a7c15);

        if (!trial)
                die("a trial", "out of memory");
        settings.seed = random;
        if (result->random)
                make_random(tool, result, &random, trial, &settings);
        else
                trial_run(trial, &settings, result->link_type, result->expression,
                          seeds_for(tool, result->link_type));
        keep_result(result, trial);
        result->wrong = trial_wrong(trial, tool->strict) || trial->status == TRIAL_INVALID;
        if (result->wrong)
                report_trial(tool, result, trial, &settings);
        free(trial);
}

/* Ends this process if the trial takes too long: by the processor's time, so that a busy machine
 * does not fail it. */
static void limit_time(const struct tool *tool)
{
        struct itimerval limit = {
            .it_value.tv_sec = tool->shrink ? 10 * MAX_SECONDS : MAX_SECONDS,
        };

        if (setitimer(ITIMER_PROF, &limit, NULL) < 0)
                die("setitimer", strerror(errno));
}

static void work(struct tool *tool)
{
        for (;;) {
                size_t number = __atomic_fetch_add(&tool->shared->next, 1, __ATOMIC_SEQ_CST);

                if (number >= tool->count)
                        exit(0);
                tool->results[number].state = RUNNING;
                limit_time(tool);
                run_trial(tool, number);
                tool->results[number].state = DONE;
        }
}

/* The children */

static pid_t start_worker(struct tool *tool)
{
        pid_t child;

        fflush(NULL);
        child = fork();
        if (child < 0)
                die("fork", strerror(errno));
        if (child == 0)
                work(tool);
        return child;
}

/* A worker that died has left its trial RUNNING; another takes its place. Which of the RUNNING
 * trials it was is known only once all have ended. */
static void run_all(struct tool *tool)
{
        long running = 0;

        while (running < tool->jobs) {
                start_worker(tool);
                running++;
        }
        while (running > 0) {
                int status;

                if (wait(&status) < 0)
                        die("wait", strerror(errno));
                running--;
                if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
                        continue;
                if (WIFEXITED(status))
                        exit(WEXITSTATUS(status));
                fprintf(stderr, "differential: a trial ended by signal %d (%s)\n", WTERMSIG(status),
                        WTERMSIG(status) == SIGPROF ? "took too long"
                                                    : strsignal(WTERMSIG(status)));
                start_worker(tool);
                running++;
        }
}

/* The report */

static double percent(struct coverage coverage)
{
        return coverage.outcomes ? 100.0 * (double)coverage.covered / (double)coverage.outcomes
                                 : 100;
}

static void print_result(const struct tool *tool, struct result *result)
{
        if (result->state != DONE) {
                printf("%s\t%s\n    CRASHED or took too long\n", link_name(result->link_type),
                       result->expression);
                result->wrong = true;
                return;
        }
        fputs(result->report, stdout);
        if (!result->report[0] && tool->verbose)
                printf("%s\t%s\n", link_name(result->link_type), result->expression);
        if (result->status == TRIAL_COMPARED && (tool->verbose || result->report[0]))
                printf("    %lu packets; branches: reference %zu/%zu, candidate %zu/%zu; "
                       "instructions: "
                       "reference %zu, candidate %zu, libpcap %zu%s; executed over the captures: "
                       "candidate %lu, libpcap %lu; excused %zu, short %zu, different %zu\n",
                       result->packets, result->reference_coverage.covered,
                       result->reference_coverage.outcomes, result->candidate_coverage.covered,
                       result->candidate_coverage.outcomes, result->reference_length,
                       result->candidate_length, result->libpcap_length,
                       result->libpcap_wrong ? " (wrong)" : "", result->candidate_steps,
                       result->libpcap_steps, result->judged[JUDGED_FREE],
                       result->judged[JUDGED_SHORT], result->judged[JUDGED_DIFFERENT]);
}

struct totals {
        size_t trials, compared, wrong, different, short_only, invalid, refused, unloaded, crashed;
        size_t unsure, libpcap_wrong, libpcap_fails, longer;
        uint64_t packets, candidate_length, libpcap_length, candidate_steps, libpcap_steps;
        struct coverage reference, candidate;
        size_t proved_found, proved_never;
};

static void add_result(struct totals *totals, const struct result *result)
{
        totals->trials++;
        totals->wrong += result->wrong;
        totals->crashed += result->state != DONE;
        if (result->state != DONE)
                return;
        totals->invalid += result->status == TRIAL_INVALID;
        totals->refused += result->status == TRIAL_REFUSED;
        totals->unloaded += result->status == TRIAL_UNLOADED;
        if (result->status != TRIAL_COMPARED)
                return;
        totals->compared++;
        totals->packets += result->packets;
        totals->different += result->judged[JUDGED_DIFFERENT] > 0;
        totals->short_only += !result->judged[JUDGED_DIFFERENT] && result->judged[JUDGED_SHORT];
        totals->unsure += result->unsure;
        totals->proved_found += result->proved_found;
        totals->proved_never += result->proved_never;
        totals->reference.covered += result->reference_coverage.covered;
        totals->reference.outcomes += result->reference_coverage.outcomes;
        totals->candidate.covered += result->candidate_coverage.covered;
        totals->candidate.outcomes += result->candidate_coverage.outcomes;
        totals->libpcap_fails += result->libpcap_length == 0;
        totals->libpcap_wrong += result->libpcap_wrong;
        if (result->libpcap_length == 0)
                return;
        totals->candidate_length += result->candidate_length;
        totals->libpcap_length += result->libpcap_length;
        totals->candidate_steps += result->candidate_steps;
        totals->libpcap_steps += result->libpcap_steps;
        totals->longer +=
            !result->libpcap_wrong && result->candidate_length > result->libpcap_length;
}

static double ratio(uint64_t own, uint64_t other)
{
        return other ? (double)own / (double)other : 0;
}

static void print_totals(const char *name, const struct totals *totals)
{
        if (totals->trials == 0)
                return;
        printf(
            "%s: %zu expressions, %zu compared on %lu packets; branches covered: reference %.1f%%, "
            "candidate %.1f%%\n",
            name, totals->trials, totals->compared, totals->packets, percent(totals->reference),
            percent(totals->candidate));
        printf(
            "  outcomes of jumps that steering missed: %zu found by proof, %zu proved impossible\n",
            totals->proved_found, totals->proved_never);
        printf("  wrong %zu: different %zu, short only %zu, refused %zu, against the kernel's "
               "rules %zu, "
               "crashed %zu, no expression %zu\n",
               totals->wrong, totals->different, totals->short_only, totals->refused,
               totals->unloaded, totals->crashed, totals->invalid);
        printf("  excused without having tried every branch of the completions: %zu packets\n",
               totals->unsure);
        printf(
            "  instructions %lu, libpcap's %lu: %.3f; longer than libpcap's where that is right: "
            "%zu; libpcap wrong %zu, its optimizer fails %zu\n",
            totals->candidate_length, totals->libpcap_length,
            ratio(totals->candidate_length, totals->libpcap_length), totals->longer,
            totals->libpcap_wrong, totals->libpcap_fails);
        printf("  executed over the captures %lu, libpcap's %lu: %.3f\n", totals->candidate_steps,
               totals->libpcap_steps, ratio(totals->candidate_steps, totals->libpcap_steps));
}

/* Where libpcap's optimized program is right. */
static bool is_longer(const struct result *result)
{
        return result->state == DONE && result->status == TRIAL_COMPARED &&
               !result->libpcap_wrong && result->libpcap_length &&
               result->candidate_length > result->libpcap_length;
}

static bool is_slower(const struct result *result)
{
        return result->state == DONE && result->status == TRIAL_COMPARED &&
               !result->libpcap_wrong && result->libpcap_length &&
               result->candidate_steps > result->libpcap_steps;
}

static void print_worse(const struct result *result)
{
        if (is_longer(result))
                printf("longer: %zu, libpcap %zu: %s\t%s\n", result->candidate_length,
                       result->libpcap_length, link_name(result->link_type), result->expression);
        if (is_slower(result) && !result->random)
                printf("slower: %lu, libpcap %lu: %s\t%s\n", result->candidate_steps,
                       result->libpcap_steps, link_name(result->link_type), result->expression);
}

static bool report_all(struct tool *tool)
{
        struct totals written = {0}, random = {0};

        for (size_t i = 0; i < tool->count; i++) {
                print_result(tool, &tool->results[i]);
                add_result(tool->results[i].random ? &random : &written, &tool->results[i]);
        }
        for (size_t i = 0; i < tool->count; i++)
                print_worse(&tool->results[i]);
        print_totals("from files", &written);
        print_totals("random", &random);
        return written.wrong + random.wrong == 0;
}

/* Arguments */

static const char usage[] =
    "usage: differential [options] [FILE]...\n"
    "Tries the expressions of each FILE: a link type, a tab, the expression.\n"
    "  -c, --candidate=WHICH  ours (default), libpcap (its optimizer) or graph\n"
    "  -o, --optimize=size|speed  of our compiler, instead of both\n"
    "  -r, --random=N         N random expressions as well\n"
    "  -s, --seed=N           for random numbers (1)\n"
    "  -j, --jobs=N           processes (one a processor)\n"
    "  -n, --by-chance        the proof is not asked for packets where steering missed a branch\n"
    "  -b, --budget=N         instructions to spend on an expression (1000000)\n"
    "  -e, --expression=TEXT  try this one\n"
    "  -y, --link-type=NAME   its link type, and of random ones with --live (EN10MB)\n"
    "  -p, --packets=PATTERN  capture files (pcaps/*.pcap)\n"
    "  -l, --live             programs for a live Ethernet (root) or cooked socket\n"
    "  -i, --any              programs for a live socket for all interfaces (LINUX_SLL2)\n"
    "  -a, --allow-short      let a candidate answer packets that end on the wire, too, as if more "
    "came\n"
    "  -k, --shrink           shorten each expression that goes wrong\n"
    "  -v, --verbose          a line for each expression\n";

static const struct option options[] = {
    {"candidate", required_argument, NULL, 'c'},
    {"optimize", required_argument, NULL, 'o'},
    {"random", required_argument, NULL, 'r'},
    {"seed", required_argument, NULL, 's'},
    {"jobs", required_argument, NULL, 'j'},
    {"budget", required_argument, NULL, 'b'},
    {"expression", required_argument, NULL, 'e'},
    {"link-type", required_argument, NULL, 'y'},
    {"packets", required_argument, NULL, 'p'},
    {"by-chance", no_argument, NULL, 'n'},
    {"live", no_argument, NULL, 'l'},
    {"any", no_argument, NULL, 'i'},
    {"allow-short", no_argument, NULL, 'a'},
    {"shrink", no_argument, NULL, 'k'},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, 'h'},
    {0},
};

static uint64_t number(const char *text)
{
        char *end;
        uint64_t value = strtoull(text, &end, 0);

        if (end == text || *end)
                die(text, "not a number");
        return value;
}

static enum trial_candidate candidate(const char *name)
{
        if (strcmp(name, "ours") == 0)
                return TRIAL_OURS;
        if (strcmp(name, "libpcap") == 0)
                return TRIAL_LIBPCAP;
        if (strcmp(name, "graph") == 0)
                return TRIAL_GRAPH;
        die(name, "the candidate is ours, libpcap or graph");
        return TRIAL_OURS;
}

static unsigned goal(const char *name)
{
        if (strcmp(name, "size") == 0)
                return CBPF_FOR_SIZE;
        if (strcmp(name, "speed") == 0)
                return CBPF_FOR_SPEED;
        die(name, "the goal is size or speed");
        return 0;
}

static void set_option(struct tool *tool, int option, const char *argument, const char **pattern)
{
        switch (option) {
        case 'c': tool->settings.candidate = candidate(argument); break;
        case 'o': tool->settings.flags = goal(argument); break;
        case 'r': tool->random_count = number(argument); break;
        case 's': tool->settings.seed = number(argument); break;
        case 'j': tool->jobs = (long)number(argument); break;
        case 'n': tool->settings.by_chance = true; break;
        case 'b': tool->settings.budget = number(argument); break;
        case 'e': tool->expression = argument; break;
        case 'y': tool->link_type = argument; break;
        case 'p': *pattern = argument; break;
        case 'l': tool->settings.place = CBPF_LIVE; break;
        case 'i': tool->settings.place = CBPF_LIVE_ANY; break;
        case 'a': tool->strict = false; break;
        case 'k': tool->shrink = true; break;
        case 'v': tool->verbose = true; break;
        case 'h': fputs(usage, stdout); exit(0);
        default: fputs(usage, stderr); exit(2);
        }
}

static void *share(size_t size)
{
        void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

        if (memory == MAP_FAILED)
                die("mmap", strerror(errno));
        return memory;
}

int main(int argc, char **argv)
{
        static struct tool tool = {.strict = true, .link_type = "EN10MB"};
        const char *pattern = "pcaps/*.pcap";
        int option;

        tool.settings =
            (struct trial_settings){.seed = 1, .budget = 1000000, .captures = &tool.captures};
        tool.jobs = sysconf(_SC_NPROCESSORS_ONLN);
        while ((option = getopt_long(argc, argv, "c:o:r:s:j:b:e:y:p:nliakvh", options, NULL)) >= 0)
                set_option(&tool, option, optarg, &pattern);
        tool.room = tool.random_count + 20000;
        tool.shared = share(sizeof *tool.shared);
        tool.results = share(tool.room * sizeof *tool.results);
        if (!seeds_read(&tool.captures, pattern))
                die(pattern, "no captures; run it from the project's folder or give --packets");
        if (tool.expression)
                add_expression(&tool, pcap_datalink_name_to_val(tool.link_type), tool.expression);
        for (int i = optind; i < argc; i++)
                if (corpus_visit_file(argv[i], add_expression, &tool) == 0)
                        die(argv[i], "no expressions can be read from it");
        for (size_t i = 0; i < tool.random_count; i++)
                add_trial(&tool)->random = true;
        if (tool.count == 0)
                die("nothing to try", "give a FILE, --expression or --random");
        run_all(&tool);
        return report_all(&tool) ? 0 : 1;
}
