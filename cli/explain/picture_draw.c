/* Drawing with Graphviz' program `dot`. Its input and output are files without a name, so that
 * neither side can wait for the other; its time is bounded. */
#include "cli/common/cli.h"
#include "picture.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The rough drawing of a program of 2,600 instructions takes nine seconds of a processor. */
enum { SECONDS_MOST = 120 };

/* The three files of a run; the child inherits the first and finds it in /proc. */
struct files {
        int input, output, error;
};

static void close_files(const struct files *files)
{
        const int *descriptors = (const int *)files;

        for (int i = 0; i < 3; i++)
                if (descriptors[i] >= 0)
                        close(descriptors[i]);
}

static bool write_all(int descriptor, const char *text)
{
        size_t left = strlen(text);

        while (left > 0) {
                ssize_t put = write(descriptor, text, left);

                if (put < 0 && errno != EINTR)
                        return false;
                text += put > 0 ? put : 0;
                left -= put > 0 ? (size_t)put : 0;
        }
        return true;
}

/* The content of a file without a name, as a fresh string. */
static char *read_back(int descriptor)
{
        struct stat file;
        char *text;
        ssize_t got;

        if (fstat(descriptor, &file) < 0)
                return NULL;
        text = malloc((size_t)file.st_size + 1);
        if (!text)
                return NULL;
        got = pread(descriptor, text, (size_t)file.st_size, 0);
        text[got < 0 ? 0 : got] = '\0';
        return text;
}

/* Waits for the child, not longer than SECONDS_MOST; then ends it. Returns its status as
 * process_wait(), or -1 if it took too long. */
static int wait_bounded(pid_t child)
{
        const struct timespec pause = {.tv_nsec = 5000000};

        for (int waited = 0; waited < SECONDS_MOST * 200; waited++) {
                siginfo_t ended = {0};

                if (waitid(P_PID, (id_t)child, &ended, WEXITED | WNOHANG | WNOWAIT) < 0 ||
                    ended.si_pid == child)
                        return process_wait(child);
                nanosleep(&pause, NULL);
        }
        kill(child, SIGKILL);
        process_wait(child);
        return -1;
}

/* Says what went wrong, in one line. */
static void complain_drawing(int status, int error, const char *option)
{
        char *said = read_back(error);

        if (status < 0)
                complain("%s: Graphviz' dot took more than %d seconds and was stopped; --dot "
                         "writes the graph without drawing it",
                         option, SECONDS_MOST);
        else if (said && *said)
                complain("%s: Graphviz' dot failed: %.*s", option, (int)strcspn(said, "\n"), said);
        else
                complain("%s: Graphviz' dot failed with status %d", option, status);
        free(said);
}

static char *run_dot(const struct files *files, bool rough, const char *option)
{
        char input[32];
        char *const fine_words[] = {"dot", "-Tsvg", input, NULL};
        /* straight lines, and few rounds of bettering the places */
        char *const rough_words[] = {
            "dot", "-Tsvg", "-Gsplines=line", "-Gnslimit=1", "-Gnslimit1=1", "-Gmclimit=0.1",
            input, NULL};
        pid_t child;
        int status;
        char *drawing;

        snprintf(input, sizeof input, "/proc/self/fd/%d", files->input);
        child = process_start(rough ? rough_words : fine_words, files->output, files->error);
        if (child < 0) {
                complain("%s: dot: %s", option, strerror(errno));
                return NULL;
        }
        status = wait_bounded(child);
        drawing = status == 0 ? read_back(files->output) : NULL;
        if (drawing && strstr(drawing, "</svg>"))
                return drawing;
        free(drawing);
        complain_drawing(status, files->error, option);
        return NULL;
}

char *picture_draw(const char *dot, bool rough, const char *option)
{
        struct files files;
        char *drawing = NULL;

        if (!process_find("dot")) {
                complain(
                    "%s: there is no program dot; install Graphviz (apt-get install graphviz), "
                    "which draws the graph",
                    option);
                return NULL;
        }
        files = (struct files){memfd_create("dot", 0), memfd_create("svg", MFD_CLOEXEC),
                               memfd_create("error", MFD_CLOEXEC)};
        if (files.input < 0 || files.output < 0 || files.error < 0 || !write_all(files.input, dot))
                complain("%s: a file in memory: %s", option, strerror(errno));
        else
                drawing = run_dot(&files, rough, option);
        close_files(&files);
        return drawing;
}
