/* Keeps libbpf's messages and finds the line worth showing. */
#include "libbpf_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* libbpf's print function gets no context. */
static _Thread_local struct libbpf_log *current;

void libbpf_log_add(struct libbpf_log *log, const char *text, size_t size)
{
        const size_t most = sizeof log->text - 1;

        if (size > most / 2) { /* its end says more */
                text += size - most / 2;
                size = most / 2;
        }
        if (size > most - log->length) {
                size_t half = log->length / 2;

                memmove(log->text, log->text + half, log->length - half);
                log->length -= half;
        }
        memcpy(log->text + log->length, text, size);
        log->length += size;
        log->text[log->length] = '\0';
}

static int keep(enum libbpf_print_level level, const char *format, va_list arguments)
{
        char *text;
        int size;

        if (level != LIBBPF_WARN || !current)
                return 0;
        size = vasprintf(&text, format, arguments);
        if (size < 0)
                return 0;
        libbpf_log_add(current, text, (size_t)size);
        free(text);
        return size;
}

void libbpf_log_start(struct libbpf_log *log)
{
        log->text[0] = '\0';
        log->length = 0;
        current = log;
        log->before = libbpf_set_print(keep);
}

void libbpf_log_stop(struct libbpf_log *log)
{
        libbpf_set_print(log->before);
        current = NULL;
}

static bool starts_with(const char *text, const char *start)
{
        return strncmp(text, start, strlen(start)) == 0;
}

/* Returns the last line of the verifier's log before its statistics, or NULL. The log is between
 * two lines of libbpf's, of which the first may have been dropped. */
static const char *last_words(const char *text)
{
        const char *line = strstr(text, "-- BEGIN PROG LOAD LOG --");
        const char *end = strstr(text, "-- END PROG LOAD LOG --");
        const char *last = NULL;

        if (!end)
                return NULL;
        line = line ? line + strcspn(line, "\n") : text;
        while (line < end) {
                line += strspn(line, "\n");
                if (line < end && !starts_with(line, "processed "))
                        last = line;
                line += strcspn(line, "\n");
        }
        return last;
}

bool libbpf_log_reason(const struct libbpf_log *log, char *reason, size_t size)
{
        const char *verifier = last_words(log->text);
        const char *line = verifier ? verifier : log->text;

        if (starts_with(line, "libbpf: "))
                line += strlen("libbpf: ");
        snprintf(reason, size, "%.*s", (int)strcspn(line, "\n"), line);
        return verifier != NULL;
}

/* libbpf asks the kernel what it can do by loading something small. Without a descriptor for that,
 * it takes the kernel for one that cannot, and fails for that reason, which it even puts
 * into the verifier's mouth. */
int libbpf_log_cause(int number)
{
        enum { WANTED = 16 }; /* more than any object takes */
        int descriptors[WANTED], count = 0;
        bool few;

        if (number == EPERM || number == EACCES || number == ENOMEM)
                return number;
        while (count < WANTED &&
               (descriptors[count] = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0)) >= 0)
                count++;
        few = count < WANTED && errno == EMFILE;
        while (count > 0)
                close(descriptors[--count]);
        return few ? EMFILE : number;
}

int libbpf_log_fail(struct error *error, const char *what, const char *needs, int number,
                    const struct libbpf_log *log)
{
        char reason[256] = "";
        bool verifier = log && libbpf_log_reason(log, reason, sizeof reason);

        number = libbpf_log_cause(number);
        if (number == ENOMEM)
                return error_memory(error);
        if (!verifier && (number == EPERM || number == EACCES))
                return error_set(error,
                                 "%s: no permission: it needs %s outside of any user namespace; "
                                 "run it with sudo",
                                 what, needs);
        if (number == EMFILE)
                return error_set(error, "%s: %s: raise their limit (ulimit -n)", what,
                                 strerror(number));
        return error_set(error, "%s: %s%s%s", what, strerror(number), *reason ? "; " : "", reason);
}

int libbpf_log_no_structures(struct error *error, const char *so)
{
        return error_set(error,
                         "the kernel does not tell how its structures lie in memory (no "
                         "/sys/kernel/btf/vmlinux), and %s",
                         so);
}
