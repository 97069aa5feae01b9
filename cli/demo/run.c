/* Many scenarios, each in a process of its own: namespaces are a process's, and what one scenario
 * breaks is not another's. A few run at a time, as most of that is waiting.
 *
 * The results are in memory that the processes share. What one complains of becomes the reason in
 * its result. All die with this process, and with each the namespaces that nobody else holds, and
 * in them interfaces, rules and programs. */
#include "base/array.h"
#include "demo.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
        AT_A_TIME = 4,
        SECONDS = 120, /* for one scenario; it takes less than one */
};

struct job {
        pid_t process; /* 0: ended, or not started */
        int complaints;
};

/* In the new process. */
static void work(const struct demo_scenario *scenario, struct demo_result *result, bool fate,
                 int complaints, pid_t parent)
{
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) /* it died before the line above */
                _exit(STATUS_FAILED);
        alarm(SECONDS);
        if (dup2(complaints, STDERR_FILENO) >= 0)
                demo_measure(scenario, result, fate);
        _exit(STATUS_DONE);
}

static int start(struct job *job, const struct demo_scenario *scenario, struct demo_result *result,
                 bool fate)
{
        pid_t parent = getpid();

        job->complaints = memfd_create("complaints", MFD_CLOEXEC);
        if (job->complaints >= 0) {
                job->process = fork();
                if (job->process == 0)
                        work(scenario, result, fate, job->complaints, parent);
                if (job->process > 0)
                        return 0;
                close(job->complaints);
        }
        job->process = 0;
        return complain("demo: starting a process: %s", strerror(errno));
}

/* Takes the first line of the complaints as the reason. */
static void finish(struct job *job, int status, struct demo_result *result)
{
        static const char *const prefixes[] = {"filt: ", "demo: "};
        char text[sizeof result->reason];
        const char *line = text;
        ssize_t got = pread(job->complaints, text, sizeof text - 1, 0);

        close(job->complaints);
        job->process = 0;
        text[got > 0 ? got : 0] = '\0';
        for (size_t i = 0; i < array_count(prefixes); i++)
                if (strncmp(line, prefixes[i], strlen(prefixes[i])) == 0)
                        line += strlen(prefixes[i]);
        if (WIFSIGNALED(status)) {
                result->state = DEMO_FAILED;
                snprintf(text, sizeof text, "its process was ended by signal %d", WTERMSIG(status));
                line = text;
        }
        snprintf(result->reason, sizeof result->reason, "%.*s", (int)strcspn(line, "\n"), line);
}

/* Waits until one of the jobs ends. */
static int finish_one(struct job *jobs, size_t count, struct demo_result *results)
{
        int status;
        pid_t process;

        do
                process = waitpid(-1, &status, 0);
        while (process < 0 && errno == EINTR);
        if (process < 0)
                return complain("demo: waiting for a process: %s", strerror(errno));
        for (size_t i = 0; i < count; i++)
                if (jobs[i].process == process)
                        finish(&jobs[i], status, &results[i]);
        return 0;
}

/* One line on a terminal, written over each time, and removed at the end. */
static void show_progress(size_t done, size_t count)
{
        if (!isatty(STDERR_FILENO))
                return;
        if (done < count)
                fprintf(stderr, "\rmeasuring: %zu of %zu", done, count);
        else
                fputs("\r\033[K", stderr);
}

static int run_jobs(const struct demo_scenario *scenarios, size_t count, struct job *jobs,
                    struct demo_result *shared, bool fate)
{
        size_t started = 0;
        size_t done = 0;
        int failed = 0;

        while (done < started || (started < count && !failed)) {
                show_progress(done, count);
                if (started < count && !failed && started - done < AT_A_TIME) {
                        failed = start(&jobs[started], &scenarios[started], &shared[started], fate);
                        started += failed == 0;
                } else if (finish_one(jobs, count, shared) == 0) {
                        done++;
                } else {
                        return STATUS_FAILED;
                }
        }
        show_progress(count, count);
        return failed;
}

int demo_run_all(const struct demo_scenario *scenarios, size_t count, struct demo_result *results,
                 bool fate)
{
        const size_t size = count * sizeof *results;
        struct demo_result *shared =
            mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        struct job *jobs = calloc(count, sizeof *jobs);
        int failed = STATUS_FAILED;

        fflush(stdout); /* nothing for a process to inherit and print once more */
        if (jobs && shared != MAP_FAILED) {
                failed = run_jobs(scenarios, count, jobs, shared, fate);
                memcpy(results, shared, size);
        } else {
                out_of_memory();
        }
        if (shared != MAP_FAILED)
                munmap(shared, size);
        free(jobs);
        return failed;
}
