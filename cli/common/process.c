/* Child processes. Each dies with filt (PR_SET_PDEATHSIG), so that nothing is left behind even
 * when filt is killed. */
#include "cli.h"

#include "base/array.h"
#include "base/descriptor.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PIECE = 4096 }; /* read at a time */

static const char system_folders[] = "/usr/sbin:/sbin:/usr/bin:/bin";

/* Where root's programs are searched, whoever set PATH: where sudo does. */
static const char safe_path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/* What a program started with privileges keeps of the environment. */
static const char *const harmless[] = {"HOME", "USER", "LANG", "LC_ALL", "TERM", "TZ"};
enum { CALLERS_OWN = 2 }; /* the first of them: not another user's */

/* Whether filt was started as root, or with more rights than its caller has. */
static bool is_privileged(void)
{
        return getauxval(AT_SECURE) != 0 || getauxval(AT_EUID) == 0;
}

static bool is_executable(const char *path)
{
        struct stat info;

        return access(path, X_OK) == 0 && stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

static const char *find_in(const char *folders, const char *name)
{
        static char path[PATH_MAX];

        for (size_t length; *folders; folders += length + (folders[length] == ':')) {
                length = strcspn(folders, ":");
                if (length > 0 &&
                    (size_t)snprintf(path, sizeof path, "%.*s/%s", (int)length, folders, name) <
                        sizeof path &&
                    is_executable(path))
                        return path;
        }
        return NULL;
}

const char *process_find(const char *name)
{
        const char *folders = getenv("PATH");
        const char *found;

        if (strchr(name, '/'))
                return is_executable(name) ? name : NULL;
        if (is_privileged())
                return find_in(safe_path + sizeof "PATH=" - 1, name);
        found = folders ? find_in(folders, name) : NULL;
        return found ? found : find_in(system_folders, name);
}

/* With `as_other`, for a program that another user runs. */
static bool is_harmless(const char *setting, bool as_other)
{
        size_t length = strcspn(setting, "=");

        for (size_t i = as_other ? CALLERS_OWN : 0; i < array_count(harmless); i++)
                if (strncmp(setting, harmless[i], length) == 0 && harmless[i][length] == '\0')
                        return true;
        return false;
}

/* The environment of a program to execute, perhaps as another user. */
static char **environment(bool as_other)
{
        static char *few[array_count(harmless) + 2];
        size_t count = 0;

        if (!is_privileged())
                return environ;
        few[count++] = (char *)safe_path;
        for (char **setting = environ; *setting && count <= array_count(harmless); setting++)
                if (is_harmless(*setting, as_other))
                        few[count++] = *setting;
        few[count] = NULL;
        return few;
}

pid_t process_fork(void)
{
        pid_t parent = getpid();
        pid_t child = fork();

        if (child != 0)
                return child;
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) /* it died before the line above */
                _exit(127);
        return 0;
}

/* As process_start() and process_start_as(). */
static pid_t start(const struct user *user, char *const argv[], int output, int error, bool apart)
{
        const char *path = process_find(argv[0]);
        pid_t child = process_fork();
        sigset_t none;

        if (child != 0)
                return child;
        if (apart)
                setpgid(0, 0);
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        signal(SIGPIPE, SIG_DFL);
        if (output >= 0 && dup2(output, STDOUT_FILENO) < 0)
                _exit(127);
        if (error >= 0 && dup2(error, STDERR_FILENO) < 0)
                _exit(127);
        if (user && !user_become(user))
                _exit(126);
        if (path)
                execve(path, argv, environment(user));
        _exit(!path || errno == ENOENT ? 127 : 126);
}

pid_t process_start(char *const argv[], int output, int error, bool apart)
{
        return start(NULL, argv, output, error, apart);
}

pid_t process_start_as(const struct user *user, char *const argv[])
{
        return start(user, argv, -1, -1, false);
}

static int compare_descriptors(const void *a, const void *b)
{
        return *(const int *)a - *(const int *)b;
}

void process_close_others(int *kept, size_t count)
{
        unsigned from = STDERR_FILENO + 1;

        qsort(kept, count, sizeof *kept, compare_descriptors);
        for (size_t i = 0; i < count; i++) {
                if (kept[i] < (int)from)
                        continue;
                if ((unsigned)kept[i] > from)
                        close_range(from, (unsigned)kept[i] - 1, 0);
                from = (unsigned)kept[i] + 1;
        }
        close_range(from, ~0u, 0);
}

int process_wait(pid_t process)
{
        int status;

        while (waitpid(process, &status, 0) < 0)
                if (errno != EINTR)
                        return -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool process_may_run(const char *name, const struct user *user)
{
        const char *path = process_find(name);
        pid_t child;

        if (!path || !user)
                return path;
        child = process_fork();
        if (child == 0)
                _exit(user_become(user) && is_executable(path) ? 0 : 126);
        return child > 0 && process_wait(child) == 0;
}

int process_wait_for(pid_t process, int timeout_ms)
{
        struct pollfd end = {.fd = pidfd_open(process, 0), .events = POLLIN};
        int ready;

        if (end.fd < 0)
                return process_wait(process);
        do
                ready = poll(&end, 1, timeout_ms);
        while (ready < 0 && errno == EINTR);
        close(end.fd);
        return ready > 0 ? process_wait(process) : PROCESS_RUNS;
}

int process_do(int (*work)(void *context), void *context)
{
        pid_t child;
        int status;

        if (flush_standard_output() > 0)
                return STATUS_FAILED;
        child = process_fork();
        if (child < 0)
                return complain("cannot start a process: %s", strerror(errno));
        if (child == 0) {
                status = work(context);
                if (status == STATUS_DONE && flush_standard_output() > 0)
                        status = STATUS_FAILED;
                _exit(memory_was_short() ? STATUS_FAILED : status);
        }
        status = process_wait(child);
        if (status < 0)
                return complain("cannot wait for a process: %s", strerror(errno));
        if (status > 128)
                return complain("a process of its own crashed: signal %d (%s)", status - 128,
                                strsignal(status - 128));
        return status;
}

int write_all(int fd, const char *bytes, size_t length)
{
        struct iovec piece = {(void *)bytes, length};
        uint64_t done = 0;

        return descriptor_write(fd, &piece, 1, NULL, &done);
}

int memory_file(const char *bytes, size_t length)
{
        int fd = memfd_create("filt", 0);

        if (fd < 0 || write_all(fd, bytes, length) == 0)
                return fd;
        close(fd);
        return -1;
}

char *memory_file_read(int fd)
{
        struct stat info;
        size_t used = 0;
        char *text;
        ssize_t got;

        if (fd < 0 || fstat(fd, &info) < 0)
                return NULL;
        text = malloc((size_t)info.st_size + 1);
        if (!text) {
                out_of_memory();
                return NULL;
        }
        while ((got = pread(fd, text + used, (size_t)info.st_size - used, (off_t)used)) > 0)
                used += (size_t)got;
        text[used] = '\0';
        return text;
}

/* Reads `fd` to its end into fresh memory. Returns 0, or -1 with errno set. */
static int read_all(int fd, char **text, size_t *length)
{
        struct text output = {0};
        ssize_t got;

        do {
                char *at = text_room(&output, PIECE);

                if (!at)
                        break;
                got = read(fd, at, PIECE);
                if (got > 0)
                        output.length += (size_t)got;
                else if (got < 0 && errno != EINTR) {
                        text_free(&output);
                        return -1;
                }
        } while (got != 0);
        *length = output.length;
        *text = text_take(&output);
        return *text ? 0 : -1;
}

int process_run(char *const argv[], struct process_result *result)
{
        int ends[2];
        pid_t child;
        int failed;

        *result = (struct process_result){0};
        if (pipe2(ends, O_CLOEXEC) < 0)
                return -1;
        child = process_start(argv, ends[1], ends[1], false);
        close(ends[1]);
        if (child < 0) {
                close(ends[0]);
                return -1;
        }
        failed = read_all(ends[0], &result->output, &result->length);
        close(ends[0]);
        result->status = process_wait(child);
        return failed || result->status < 0 ? -1 : 0;
}

int signals_to_end(void)
{
        static const int ours[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
        sigset_t signals;

        sigemptyset(&signals);
        for (size_t i = 0; i < array_count(ours); i++)
                sigaddset(&signals, ours[i]);
        sigprocmask(SIG_BLOCK, &signals, NULL);
        signal(SIGPIPE, SIG_IGN);
        return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}
