/* One of the two programs that compare runs, as a child: tcpdump, or filt itself.
 *
 * Each is in a process group of its own. Ctrl-C on the terminal goes to the group in front: it must
 * reach compare alone, which then ends both when each had time to deliver what the kernel holds for
 * it. */
#include "compare.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PATIENCE_MS = 5000 }; /* from SIGTERM to SIGKILL */

const char *side_name(enum side side)
{
        return side == TCPDUMP ? "tcpdump" : "filt";
}

struct command {
        char *words[4 * COMPARE_MAX_WORDS + 1];
        size_t count;
};

static void add(struct command *command, const char *const *words, size_t count)
{
        for (size_t i = 0; i < count && command->count < 4 * COMPARE_MAX_WORDS; i++)
                command->words[command->count++] = (char *)words[i];
}

/* tcpdump is kept from cutting time stamps to microseconds. As root it is also kept from becoming
 * another user: the kernel then forgets that it is to die with us. */
static void add_program(struct command *command, enum side side)
{
        static const char *const tcpdump[] = {"tcpdump", "--time-stamp-precision=nano", "-Z",
                                              "root"};
        static const char *const filt[] = {"/proc/self/exe"};

        if (side == TCPDUMP)
                add(command, tcpdump, geteuid() == 0 ? 4 : 2);
        else
                add(command, filt, 1);
}

static void build(struct command *command, const struct compare_options *options, enum side side,
                  const char *const *more)
{
        const char *source[] = {options->file ? "-r" : "-i",
                                options->file ? options->file : options->device};

        add_program(command, side);
        add(command, source, 2);
        add(command, options->shared.words, options->shared.count);
        for (; *more; more++)
                add(command, more, 1);
        if (side == TCPDUMP)
                add(command, options->tcpdump.words, options->tcpdump.count);
        add(command, options->filter.words, options->filter.count);
        command->words[command->count] = NULL;
}

int runner_start(struct runner *runner, const struct compare_options *options, enum side side,
                 const char *const *more, int output)
{
        struct command command = {0};

        build(&command, options, side, more);
        *runner = (struct runner){.side = side, .output = -1, .messages = -1};
        if (output < 0)
                output = runner->output = memfd_create("output", MFD_CLOEXEC);
        runner->messages = memfd_create("messages", MFD_CLOEXEC);
        if (output >= 0 && runner->messages >= 0)
                runner->process = process_start(command.words, output, runner->messages, true);
        if (runner->process > 0)
                return STATUS_DONE;
        complain("%s: cannot start it: %s", side_name(side), strerror(errno));
        runner_free(runner);
        return STATUS_FAILED;
}

bool runner_wait(struct runner *runner, int timeout_ms)
{
        if (runner->process <= 0)
                return true;
        runner->status = process_wait_for(runner->process, timeout_ms);
        if (runner->status != PROCESS_RUNS)
                runner->process = 0;
        return runner->process == 0;
}

void runner_end(struct runner *runner)
{
        if (runner->process <= 0)
                return;
        kill(runner->process, SIGTERM);
        if (runner_wait(runner, PATIENCE_MS))
                return;
        kill(runner->process, SIGKILL);
        runner->status = process_wait(runner->process);
        runner->process = 0;
}

void runner_free(struct runner *runner)
{
        if (runner->process > 0) {
                kill(runner->process, SIGKILL);
                process_wait(runner->process);
        }
        runner->process = 0;
        if (runner->output >= 0)
                close(runner->output);
        if (runner->messages >= 0)
                close(runner->messages);
        runner->output = runner->messages = -1;
}

void runner_complain(const struct runner *runner)
{
        const char *name = side_name(runner->side);
        char *messages = memory_file_read(runner->messages);

        if (memory_was_short())
                ; /* has been said */
        else if (runner->process > 0)
                complain("%s did not end", name);
        else if (runner->status > 128)
                complain("%s crashed: signal %d (%s)", name, runner->status - 128,
                         strsignal(runner->status - 128));
        else
                complain_quoting(messages ? messages : "", "%s failed with exit status %d%s", name,
                                 runner->status, messages && *messages ? ":" : ", saying nothing");
        free(messages);
}
