/* The command to watch: a child forked before there is anything that watches, which executes the
 * command only afterwards, so that nothing is missed. If filt dies first, the command never starts;
 * if filt dies later, it keeps running. */
#include "cli.h"

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

int watched_prepare(struct watched *watched, char *const argv[])
{
        int ends[2];

        watched->error =
            mmap(NULL, sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (watched->error == MAP_FAILED || pipe2(ends, O_CLOEXEC) < 0)
                return complain("starting %s: %s", argv[0], strerror(errno));
        watched->pid = fork();
        if (watched->pid == 0) {
                close(ends[1]);
                become(argv, ends[0], watched->error);
        }
        close(ends[0]);
        watched->go = ends[1];
        if (watched->pid > 0)
                return STATUS_DONE;
        complain("starting %s: cannot make a process: %s", argv[0], strerror(errno));
        close(ends[1]);
        return STATUS_FAILED;
}

void watched_start(struct watched *watched)
{
        while (write(watched->go, "g", 1) < 0 && errno == EINTR)
                ;
        close(watched->go);
}

bool watched_failed(const struct watched *watched)
{
        return watched->pid > 0 && *watched->error != 0;
}

bool watched_ended(const struct watched *watched)
{
        siginfo_t info = {0};

        return waitid(P_PID, (id_t)watched->pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 ||
               info.si_pid != 0;
}

int watched_status(struct watched *watched, char *const argv[])
{
        int status = 0;

        while (waitpid(watched->pid, &status, 0) < 0)
                if (errno != EINTR)
                        return STATUS_FAILED;
        if (watched_failed(watched)) {
                complain("%s: %s", argv[0], strerror(*watched->error));
                return start_failure(*watched->error);
        }
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
