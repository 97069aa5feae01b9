/* The command to trace: a child forked before the tracer is attached, which executes the command
 * only afterwards, so that no write is missed. If filt dies first, the command never starts; if
 * filt dies later, it keeps running. */
#include "trace.h"

#include "cli/common/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* The status for a command that could not be executed, as the shell has it. */
static int start_failure(int reason)
{
        return reason == ENOENT || reason == ENOTDIR ? 127 : 126;
}

/* Runs in the child. Reports failure through shared memory, as a write could appear in the trace.
 */
static void become(char *const argv[], int go, int *error)
{
        char word;

        if (read(go, &word, 1) != 1)
                _exit(STATUS_FAILED);
        execvp(argv[0], argv);
        *error = errno;
        _exit(start_failure(*error));
}

int command_prepare(struct command *command, char *const argv[])
{
        int ends[2];

        command->error =
            mmap(NULL, sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (command->error == MAP_FAILED || pipe2(ends, O_CLOEXEC) < 0)
                return complain("write-trace: %s", strerror(errno));
        command->pid = fork();
        if (command->pid == 0) {
                close(ends[1]);
                become(argv, ends[0], command->error);
        }
        close(ends[0]);
        command->go = ends[1];
        if (command->pid > 0)
                return STATUS_DONE;
        complain("write-trace: cannot make a process: %s", strerror(errno));
        close(ends[1]);
        return STATUS_FAILED;
}

void command_start(struct command *command)
{
        while (write(command->go, "g", 1) < 0 && errno == EINTR)
                ;
        close(command->go);
}

bool command_failed(const struct command *command)
{
        return command->pid > 0 && *command->error != 0;
}

int command_status(struct command *command, char *const argv[])
{
        int status = 0;

        while (waitpid(command->pid, &status, 0) < 0)
                if (errno != EINTR)
                        return STATUS_FAILED;
        if (command_failed(command)) {
                complain("%s: %s", argv[0], strerror(*command->error));
                return start_failure(*command->error);
        }
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
