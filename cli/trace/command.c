/* The command whose writes are traced. It is a process of ours before the tracer is there and
 * becomes the command once it is, so that nothing it does is missed.
 *
 * It lives on if filt is killed, but does not start without filt's word. */
#include "trace.h"

#include "cli/common/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* Runs in the child: waits for the word, then becomes the command. What goes wrong is left in
 * shared memory, as a write might show up in the trace. */
static void become(char *const argv[], int go, int *error)
{
        char word;

        if (read(go, &word, 1) != 1)
                _exit(STATUS_FAILED);
        execvp(argv[0], argv);
        *error = errno;
        _exit(STATUS_FAILED);
}

int command_prepare(struct command *command, char *const argv[])
{
        int ends[2];

        command->error =
            mmap(NULL, sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (command->error == MAP_FAILED || pipe2(ends, O_CLOEXEC) < 0) {
                complain("write-trace: %s", strerror(errno));
                return -1;
        }
        command->pid = fork();
        if (command->pid == 0) {
                close(ends[1]);
                become(argv, ends[0], command->error);
        }
        close(ends[0]);
        command->go = ends[1];
        if (command->pid > 0)
                return 0;
        complain("write-trace: cannot make a process: %s", strerror(errno));
        close(ends[1]);
        return -1;
}

void command_start(struct command *command)
{
        const char word = 'g';

        while (write(command->go, &word, 1) < 0 && errno == EINTR)
                ;
        close(command->go);
}

int command_status(struct command *command, char *const argv[])
{
        int status = 0;

        while (waitpid(command->pid, &status, 0) < 0)
                if (errno != EINTR)
                        return STATUS_FAILED;
        if (*command->error) {
                complain("%s: %s", argv[0], strerror(*command->error));
                return STATUS_FAILED;
        }
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
