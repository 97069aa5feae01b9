/* Runs a command again and again, and each time another of its allocations fails:
 *
 *      failing_allocations [-i FILE] [-s STEP] [-f] [-v] LIBRARY COMMAND...
 *
 * LIBRARY is fail_allocation.so. Whichever allocation fails, alone or with all later ones, the
 * command must do what it does undisturbed, or end with status 1 and one line about memory on
 * standard error, having written only the beginning of what it writes undisturbed. It must not end
 * by a signal, hang, or leave processes or other files behind.
 *
 * Each run has an empty working directory, and the files that it leaves there are output like
 * standard output.
 * `-i FILE` is its standard input. With `-v`, its output varies: any digits stand for any
 * others, and only the names of the files are compared. On standard error digits never
 * matter. With `-f`, what is in the files does not matter if the command fails.
 *
 * Every allocation is tried; with `-s STEP` the first and the last EDGE of them, and between
 * those one of STEP.
 *
 * Prints what went wrong, and at the end how many allocations there are. Exits with 1 if anything
 * did. */
#include "tests/preload/fail_allocation.h"

#include <ctype.h>
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
        MAX_FILES = 32,
        MAX_MS = 60000, /* so long on a very busy machine, a run hangs */
        MAX_SHOWN = 3,  /* failures */
        EDGE = 100,     /* allocations that -s does not skip */
        HUNG = -1,
};

static const char *library, *standard_input = "/dev/null";
static char **command;
static bool varies, fails_with_files;
static uint64_t sparse = 1; /* -s */

struct content {
        char *name; /* of a file */
        char *bytes;
        size_t length;
};

/* What a run did. */
struct outcome {
        int status; /* the exit status, 128 + N for signal N, HUNG */
        struct content output, error;
        struct content files[MAX_FILES]; /* by name */
        int file_count;
};

/* --- Running ---------------------------------------------------------------------------------- */

static struct content read_all(int fd)
{
        struct content content = {0};
        size_t room = 0;
        ssize_t got;

        lseek(fd, 0, SEEK_SET);
        do {
                if (content.length == room &&
                    !(content.bytes = realloc(content.bytes, room = room * 2 + 4096)))
                        err(2, "memory");
                got = read(fd, content.bytes + content.length, room - content.length);
                if (got > 0)
                        content.length += (size_t)got;
        } while (got > 0);
        return content;
}

/* Makes all numbers 0, and what is counted singular: "3 packets" becomes "0 packet". */
static void squeeze_digits(struct content *content)
{
        char *bytes = content->bytes;
        size_t to = 0, word = 0; /* where the word behind a number begins, or 0 */

        for (size_t i = 0; i < content->length; i++) {
                bool ends = i + 1 == content->length || !isalpha((unsigned char)bytes[i + 1]);

                if (isdigit((unsigned char)bytes[i])) {
                        if (to == 0 || bytes[to - 1] != '0')
                                bytes[to++] = '0';
                        continue;
                }
                if (bytes[i] == 's' && ends && word > 0)
                        continue;
                if (bytes[i] == ' ')
                        word = to > 0 && bytes[to - 1] == '0' ? to + 1 : 0;
                bytes[to++] = bytes[i];
        }
        content->length = to;
}

static bool has_suffix(const char *name, const char *suffix)
{
        size_t length = strlen(name), size = strlen(suffix);

        return length >= size && strcmp(name + length - size, suffix) == 0;
}

static struct content read_file(const char *name)
{
        const char *tool = has_suffix(name, ".gz")    ? "gzip"
                           : has_suffix(name, ".zst") ? "zstd"
                                                      : NULL;
        struct content content;
        FILE *pipe = NULL;
        int fd;

        /* When what is compressed was flushed, is not compared. */
        if (tool) {
                char line[600];

                snprintf(line, sizeof line, "%s -dcq <%s 2>/dev/null", tool, name);
                pipe = popen(line, "r");
        }
        fd = pipe ? fileno(pipe) : open(name, O_RDONLY);
        if (fd < 0)
                err(2, "%s", name);
        content = read_all(fd);
        if (pipe)
                pclose(pipe);
        else
                close(fd);
        if (!(content.name = strdup(name)))
                err(2, "memory");
        return content;
}

/* Reads what is in the working directory, and empties it. */
static void take_files(struct outcome *outcome)
{
        struct dirent **entries;
        int count = scandir(".", &entries, NULL, alphasort);

        for (int i = 0; i < count; i++) {
                const char *name = entries[i]->d_name;

                if (entries[i]->d_type != DT_REG || outcome->file_count == MAX_FILES)
                        continue;
                outcome->files[outcome->file_count++] = read_file(name);
                unlink(name);
        }
        for (int i = 0; i < count; i++)
                free(entries[i]);
        free(entries);
}

static void free_outcome(struct outcome *outcome)
{
        free(outcome->output.bytes);
        free(outcome->error.bytes);
        for (int i = 0; i < outcome->file_count; i++) {
                free(outcome->files[i].name);
                free(outcome->files[i].bytes);
        }
}

static void start(int output, int error, int descriptor)
{
        char number[12];
        int input = open(standard_input, O_RDONLY);

        snprintf(number, sizeof number, "%d", descriptor);
        if (input < 0 || dup2(input, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0 ||
            dup2(error, STDERR_FILENO) < 0)
                _exit(99);
        close(input);
        setenv("LD_PRELOAD", library, 1);
        setenv(FAILURE_DESCRIPTOR, number, 1);
        setenv("MALLOC_PERTURB_", "165",
               1); /* memory that is not initialized, or was freed, shows */
        execv(command[0], command);
        _exit(99);
}

/* Waits for all children, the orphans of `process` too. */
static int wait_for_all(pid_t process)
{
        struct pollfd end = {.fd = pidfd_open(process, 0), .events = POLLIN};
        bool hung = poll(&end, 1, MAX_MS) == 0;
        int status = HUNG, ended;
        pid_t child;

        close(end.fd);
        if (hung)
                kill(process, SIGKILL);
        while ((child = wait(&ended)) > 0)
                if (child == process && !hung)
                        status = WIFEXITED(ended) ? WEXITSTATUS(ended) : 128 + WTERMSIG(ended);
        return status;
}

static struct outcome run(int descriptor)
{
        struct outcome outcome = {0};
        int output = memfd_create("output", MFD_CLOEXEC),
            error = memfd_create("error", MFD_CLOEXEC);
        pid_t process = fork();

        if (output < 0 || error < 0 || process < 0)
                err(2, "run");
        if (process == 0)
                start(output, error, descriptor);
        outcome.status = wait_for_all(process);
        outcome.output = read_all(output);
        outcome.error = read_all(error);
        close(output);
        close(error);
        take_files(&outcome);
        squeeze_digits(&outcome.error);
        if (varies)
                squeeze_digits(&outcome.output);
        return outcome;
}

/* --- Judging ---------------------------------------------------------------------------------- */

static bool begins(const struct content *all, const struct content *part)
{
        return part->length <= all->length && memcmp(part->bytes, all->bytes, part->length) == 0;
}

static bool equals(const struct content *a, const struct content *b)
{
        return a->length == b->length && begins(a, b);
}

/* Whether `text` has `line`, `length` bytes with its newline. */
static bool has_line(const struct content *text, const char *line, size_t length)
{
        const char *at = text->bytes, *end = text->bytes + text->length;

        for (const char *stop; at < end; at = stop) {
                stop = memchr(at, '\n', (size_t)(end - at));
                stop = stop ? stop + 1 : end;
                if ((size_t)(stop - at) == length && memcmp(at, line, length) == 0)
                        return true;
        }
        return false;
}

/* One line that is not said undisturbed: "filt: ...memory...". */
static bool names_memory(const struct outcome *wanted, const struct outcome *got)
{
        const char *at = got->error.bytes, *end = at + got->error.length;
        int lines = 0;

        for (const char *stop; at < end; at = stop) {
                stop = memchr(at, '\n', (size_t)(end - at));
                if (!stop)
                        return false;
                stop++;
                if (has_line(&wanted->error, at, (size_t)(stop - at)))
                        continue;
                lines++;
                if (strncmp(at, "filt: ", 6) != 0 || !memmem(at, (size_t)(stop - at), "memory", 6))
                        return false;
        }
        return lines == 1;
}

/* With `whole`, the same files; otherwise the beginnings of some of them. */
static bool compare_files(const struct outcome *wanted, const struct outcome *got, bool whole)
{
        if (whole && wanted->file_count != got->file_count)
                return false;
        for (int i = 0; i < got->file_count; i++) {
                const struct content *file = &got->files[i];
                int j = 0;

                while (j < wanted->file_count && strcmp(wanted->files[j].name, file->name) != 0)
                        j++;
                if (j == wanted->file_count)
                        return false;
                if (!varies && (whole || !fails_with_files) &&
                    !(whole ? equals : begins)(&wanted->files[j], file))
                        return false;
        }
        return true;
}

/* What is wrong with a run; NULL if nothing is. */
static const char *judge(const struct outcome *wanted, const struct outcome *got)
{
        if (got->status == HUNG)
                return "hangs";
        if (got->status > 128)
                return "ends by a signal";
        if (got->status == wanted->status && equals(&wanted->output, &got->output) &&
            equals(&wanted->error, &got->error) && compare_files(wanted, got, true))
                return NULL;
        if (got->status == 0)
                return "says that all is well, but does something else";
        if (got->status != 1)
                return "has another status than 1";
        if (!names_memory(wanted, got))
                return "does not say that it is out of memory, or says more";
        if (!begins(&wanted->output, &got->output))
                return "writes something else";
        if (!compare_files(wanted, got, false))
                return "writes another file";
        return NULL;
}

/* --- Reporting -------------------------------------------------------------------------------- */

static void show_content(FILE *to, const char *name, const struct content *content)
{
        enum { MOST = 600 };
        size_t shown = content->length < MOST ? content->length : MOST;

        if (content->length > 0)
                fprintf(to, "    %s: %.*s%s\n", name, (int)shown, content->bytes,
                        shown < content->length ? "..." : "");
}

/* From main() down, the functions in which the allocation failed. */
static void show_callers(FILE *to, const struct failure *failure)
{
        char line[64 + MAX_FAILURE_CALLERS * 20 + 4096];
        int length = snprintf(line, sizeof line, "addr2line -e '%s' -fis", command[0]);
        FILE *names;
        int c;

        for (int i = 0; i < failure->callers; i++)
                if (failure->caller[i])
                        length += snprintf(line + length, sizeof line - (size_t)length, " %#lx",
                                           failure->caller[i]);
        if (!strstr(line, " 0x") || !(names = popen(line, "r")))
                return;
        fputs("    in:", to);
        for (bool name = true; (c = getc(names)) != EOF;)
                if (c != '\n')
                        putc(c, to);
                else {
                        putc(name ? '@' : ' ', to);
                        name = !name;
                }
        putc('\n', to);
        pclose(names);
}

static void report(const char *wrong, const struct failure *failure, const struct outcome *got)
{
        char *text;
        size_t length;
        FILE *to = open_memstream(&text, &length);

        if (!to)
                err(2, "memory");
        fprintf(to, "allocation %lu%s: %s (status %d)\n", (unsigned long)failure->at,
                failure->lasting ? " and all later ones" : "", wrong, got->status);
        show_content(to, "standard error", &got->error);
        show_callers(to, failure);
        fclose(to);
        fwrite(text, 1, length, stdout);
        fflush(stdout);
        free(text);
}

/* --- All allocations -------------------------------------------------------------------------- */

/* Lets every allocation number `first`, `first` + `step`, ... of `all` fail in turn. Returns how
 * many runs were wrong. */
static int try_all(const struct outcome *wanted, uint64_t all, int first, int step, bool lasting,
                   struct failure *failure, int descriptor)
{
        int failures = 0;
        uint64_t tries = 0;

        for (uint64_t at = (uint64_t)first; failures < MAX_SHOWN; at += (uint64_t)step) {
                struct outcome got;
                const char *wrong;

                if (tries++ % sparse != 0 && at > EDGE && at + EDGE < all)
                        continue;
                *failure = (struct failure){.at = at, .lasting = lasting};
                got = run(descriptor);
                wrong = judge(wanted, &got);
                if (wrong)
                        report(wrong, failure, &got);
                failures += wrong != NULL;
                free_outcome(&got);
                if (!failure->reached)
                        break;
        }
        return failures;
}

/* A worker: a process of its own with a directory of its own. */
static int work(const char *directory, int first, int step)
{
        int descriptor = memfd_create("failure", 0), failures;
        struct failure *failure;
        struct outcome wanted;
        uint64_t all;

        prctl(PR_SET_CHILD_SUBREAPER, 1);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (descriptor < 0 || ftruncate(descriptor, sizeof *failure) < 0 ||
            mkdir(directory, 0777) < 0 || chdir(directory) < 0)
                err(2, "%s", directory);
        failure = mmap(NULL, sizeof *failure, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
        if (failure == MAP_FAILED)
                err(2, "mmap");
        wanted = run(descriptor);
        if (first == 1)
                printf("status %d, %lu bytes, %lu of messages, %d files, %lu allocations\n",
                       wanted.status, (unsigned long)wanted.output.length,
                       (unsigned long)wanted.error.length, wanted.file_count,
                       (unsigned long)failure->allocations);
        if (failure->allocations == 0)
                errx(2, "%s: the library counts nothing", command[0]);
        all = failure->allocations;
        failures = try_all(&wanted, all, first, step, false, failure, descriptor);
        failures += try_all(&wanted, all, first, step, true, failure, descriptor);
        return failures > 0;
}

int main(int argc, char **argv)
{
        int workers = (int)sysconf(_SC_NPROCESSORS_ONLN), option, status, failed = 0;
        char directory[] = "/tmp/filt-memory.XXXXXX", folder[64];

        while ((option = getopt(argc, argv, "+fi:s:v")) != -1)
                switch (option) {
                case 'f': fails_with_files = true; break;
                case 'i': standard_input = optarg; break;
                case 's': sparse = strtoul(optarg, NULL, 10); break;
                case 'v': varies = true; break;
                default: return 2;
                }
        if (argc - optind < 2 || sparse == 0)
                errx(2, "usage: failing_allocations [-i FILE] [-s STEP] [-f] [-v] LIBRARY "
                        "COMMAND...");
        library = realpath(argv[optind], NULL);
        if (!library)
                err(2, "%s", argv[optind]);
        command = argv + optind + 1;
        if (!mkdtemp(directory))
                err(2, "%s", directory);
        for (int i = 0; i < workers; i++) {
                pid_t worker = fork();

                snprintf(folder, sizeof folder, "%s/%d", directory, i);
                if (worker < 0)
                        err(2, "fork");
                if (worker == 0) {
                        status = work(folder, i + 1, workers);
                        fflush(stdout);
                        _exit(status);
                }
        }
        while (wait(&status) > 0)
                failed |= !WIFEXITED(status) || WEXITSTATUS(status) != 0;
        for (int i = 0; i < workers; i++) {
                snprintf(folder, sizeof folder, "%s/%d", directory, i);
                rmdir(folder);
        }
        rmdir(directory);
        return failed;
}
