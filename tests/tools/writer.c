/* Writes in ways that the tests of write-trace need: `writer MODE [NUMBER]`. Each mode is a
 * function below. Exits with 0, or 1 if something that should have worked did not. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int null_device;

/* Wrong on purpose, and volatile so that the compiler does not see it. */
static void *volatile nowhere = (void *)0x10;
static void *volatile null = NULL;
static volatile int minus_one = -1;

/* Every byte, before and after every kind of byte that decides on an escape. */
static int binary(long number)
{
        static const char after[] = "0789a\"\\\n";
        char bytes[3];

        for (int byte = 0; byte < 256; byte++)
                for (size_t i = 0; i < sizeof after; i++) {
                        bytes[0] = (char)byte;
                        bytes[1] = after[i];
                        bytes[2] = (char)(byte ^ number);
                        if (write(null_device, bytes, sizeof bytes) != sizeof bytes)
                                return 1;
                }
        return 0;
}

/* Sizes around what is shown. */
static int sizes(long number)
{
        static char bytes[1 << 16];

        memset(bytes, 'x', sizeof bytes);
        for (long size = 0; size <= number; size++)
                if (write(null_device, bytes, (size_t)size) != size)
                        return 1;
        return write(null_device, bytes, sizeof bytes) != sizeof bytes;
}

static void *write_from_thread(void *argument)
{
        char line[64];

        for (int i = 0; i < 50; i++) {
                int length = snprintf(line, sizeof line, "thread %ld, line %d\n",
                                      (long)(intptr_t)argument, i);

                if (write(null_device, line, (size_t)length) != length)
                        exit(1);
        }
        return NULL;
}

static int threads(long number)
{
        pthread_t thread[64];

        if (number > 64)
                return 1;
        for (long i = 0; i < number; i++)
                if (pthread_create(&thread[i], NULL, write_from_thread, (void *)(intptr_t)i))
                        return 1;
        for (long i = 0; i < number; i++)
                pthread_join(thread[i], NULL);
        return 0;
}

static char path[4096]; /* this program's: /proc/self ends with the first thread */

static void *exec_from_thread(void *first)
{
        if (first)
                pthread_join(*(pthread_t *)first, NULL);
        if (write(null_device, "thread\n", 7) == 7)
                execl(path, "writer", "sizes", "2", (char *)NULL);
        _exit(1);
}

/* In a child and in this process, a thread other than the first executes a new program and takes
 * over the first one's number: while the first waits or, if `number` is 1, after it has ended. */
static int exec_by_thread(long number)
{
        static pthread_t first;
        pthread_t thread;
        pid_t child = fork();
        int status;

        if (readlink("/proc/self/exe", path, sizeof path - 1) < 0 || child < 0 ||
            (child > 0 && (waitpid(child, &status, 0) < 0 || status != 0)))
                return 1;
        first = pthread_self();
        if (pthread_create(&thread, NULL, exec_from_thread, number ? &first : NULL))
                return 1;
        if (number)
                pthread_exit(NULL);
        pthread_join(thread, NULL);
        return 1;
}

/* Failing calls. Nothing has touched the first string before, nor anything near it. */
static int errors(long number)
{
        static const struct {
                char before[1 << 17];
                char text[18];
                char after[1 << 17];
        } untouched = {.text = "never read before"};
        int ends[2];
        char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        (void)number;
        if (pipe(ends) < 0 || page == MAP_FAILED)
                return 1;
        close(ends[0]);
        signal(SIGPIPE, SIG_IGN);
        memset(page, 'p', 8192);
        munmap(page + 4096, 4096);
        if (write(99, untouched.text, 17) >= 0 || write(-1, "x", 1) >= 0 ||
            write(ends[1], "broken", 6) >= 0 || write(ends[1], page + 4090, 12) >= 0)
                return 1;
        if (write(null_device, null, 0) != 0)
                return 1;
        /* /dev/null takes anything, and reads nothing. */
        if (write(null_device, nowhere, 5) != 5 || write(null_device, page + 4090, 12) != 12)
                return 1;
        return fcntl(ends[1], F_SETFL, O_RDONLY) < 0 || write(STDIN_FILENO, "in", 2) >= 0;
}

static int broken_pipe(long number)
{
        int ends[2];

        (void)number;
        if (pipe(ends) < 0)
                return 1;
        close(ends[0]);
        signal(SIGPIPE, SIG_DFL);
        return write(ends[1], "killed by it", 12) >= 0;
}

/* Children one after the other, every tenth with a child of its own. */
static int forks(long number)
{
        char line[64];

        for (long i = 0; i < number; i++) {
                int length = snprintf(line, sizeof line, "child %ld\n", i);
                pid_t child = fork();

                if (child < 0)
                        return 1;
                if (child == 0) {
                        if (i % 10 == 0 && fork() == 0)
                                _exit(write(null_device, "grandchild\n", 11) != 11);
                        if (i % 10 == 0)
                                wait(NULL);
                        _exit(write(null_device, line, (size_t)length) != length);
                }
                if (waitpid(child, NULL, 0) != child)
                        return 1;
        }
        return 0;
}

static int vectors(long number)
{
        static char bytes[100];
        struct iovec vector[1024];
        char path[] = "/dev/shm/filt-writer.XXXXXX";
        int file = mkstemp(path);

        (void)number;
        if (file < 0)
                return 1;
        unlink(path);
        memset(bytes, 'v', sizeof bytes);
        for (int i = 0; i < 1024; i++)
                vector[i] = (struct iovec){bytes, (size_t)i % sizeof bytes};
        for (int count = 0; count <= 40; count++)
                if (writev(file, vector, count) < 0)
                        return 1;
        vector[1] = (struct iovec){NULL, 0};
        if (writev(file, vector, 1024) < 0 || pwrite(file, "somewhere", 9, 12345) != 9 ||
            pwritev(file, vector + 30, 2, 5) < 0 || pwritev2(file, vector + 30, 2, 6, 0) < 0 ||
            pwritev2(file, vector + 30, 2, -1, RWF_DSYNC | RWF_SYNC) < 0)
                return 1;
        vector[1] = (struct iovec){nowhere, 4};
        return writev(-1, vector, 3) >= 0 || writev(file, null, 1) >= 0 ||
               writev(file, nowhere, 2) >= 0 || pwritev2(file, vector, 1, 0, 0x8001) >= 0 ||
               pwrite(file, "x", 1, -1) >= 0 || writev(file, vector, minus_one) >= 0;
}

/* As fast as it can, `number` in all, by two processes. */
static int flood(long number)
{
        pid_t child = fork();
        int status = 0;

        for (long i = 0; i < number / 2; i++)
                if (write(null_device, "0123456789abcdef\n", 17) != 17)
                        return 1;
        if (child == 0)
                _exit(0);
        return waitpid(child, &status, 0) != child || status != 0;
}

/* Until it is killed. */
static int slowly(long number)
{
        const struct timespec pause = {.tv_nsec = number * 1000000};

        while (write(null_device, "tick\n", 5) == 5)
                nanosleep(&pause, NULL);
        return 1;
}

static const struct {
        const char *name;
        int (*run)(long number);
} modes[] = {
    {"binary", binary},    {"sizes", sizes},         {"threads", threads}, {"errors", errors},
    {"pipe", broken_pipe}, {"forks", forks},         {"vectors", vectors}, {"flood", flood},
    {"slowly", slowly},    {"exec", exec_by_thread},
};

int main(int argc, char **argv)
{
        null_device = open("/dev/null", O_WRONLY);
        for (size_t i = 0; argc > 1 && null_device >= 0 && i < sizeof modes / sizeof *modes; i++)
                if (strcmp(argv[1], modes[i].name) == 0)
                        return modes[i].run(argc > 2 ? strtol(argv[2], NULL, 10) : 0);
        return 1;
}
