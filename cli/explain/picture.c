/* filt explain --dot and --svg: the graph, drawn by Graphviz' program `dot`. Its input and output
 * are files in memory, so that neither side can wait for the other; its time is bounded. */
#include "explain.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The rough drawing of a program of 2,600 instructions takes nine seconds of a processor. */
enum { SECONDS_MOST = 120 };

/* The files of a run; the child inherits the first and finds it in /proc. */
enum { INPUT, OUTPUT, MESSAGES, FILES };

/* Says what went wrong, in one line. */
static void complain_drawing(int status, int error, const char *option)
{
        char *said = memory_file_read(error);

        if (status == PROCESS_RUNS)
                complain("%s: Graphviz' dot took more than %d seconds and was stopped; --dot "
                         "writes the graph without drawing it",
                         option, SECONDS_MOST);
        else if (said && *said)
                complain("%s: Graphviz' dot failed: %.*s", option, (int)strcspn(said, "\n"), said);
        else
                complain("%s: Graphviz' dot failed with status %d", option, status);
        free(said);
}

static char *run_dot(const int files[FILES], bool rough, const char *option)
{
        char input[32];
        /* Rough: straight lines, and few rounds of improving the layout. */
        char *const words[] = {
            "dot",         "-Tsvg",        input,           rough ? "-Gsplines=line" : NULL,
            "-Gnslimit=1", "-Gnslimit1=1", "-Gmclimit=0.1", NULL};
        pid_t child;
        int status;
        char *drawing;

        snprintf(input, sizeof input, "/proc/self/fd/%d", files[INPUT]);
        child = process_start(words, files[OUTPUT], files[MESSAGES], false);
        if (child < 0) {
                complain("%s: dot: %s", option, strerror(errno));
                return NULL;
        }
        status = process_wait_for(child, SECONDS_MOST * 1000);
        if (status == PROCESS_RUNS) {
                kill(child, SIGKILL);
                process_wait(child);
        }
        drawing = status == 0 ? memory_file_read(files[OUTPUT]) : NULL;
        if (drawing && strstr(drawing, "</svg>"))
                return drawing;
        free(drawing);
        complain_drawing(status, files[MESSAGES], option);
        return NULL;
}

static char *draw(const char *dot, bool rough, const char *option)
{
        int files[FILES];
        char *drawing = NULL;

        if (!process_find("dot")) {
                complain("%s: there is no program dot; install Graphviz (apt-get install "
                         "graphviz), which draws the graph",
                         option);
                return NULL;
        }
        files[INPUT] = memory_file(dot, strlen(dot));
        files[OUTPUT] = memory_file("", 0);
        files[MESSAGES] = memory_file("", 0);
        if (files[INPUT] < 0 || files[OUTPUT] < 0 || files[MESSAGES] < 0)
                complain("%s: a file in memory: %s", option, strerror(errno));
        else
                drawing = run_dot(files, rough, option);
        for (int i = 0; i < FILES; i++)
                if (files[i] >= 0)
                        close(files[i]);
        return drawing;
}

char *picture_draw(const struct explain *explain, const char *option)
{
        uint32_t blocks;
        char *dot = picture_dot(explain, &blocks);
        char *drawing;

        if (!dot) {
                out_of_memory();
                return NULL;
        }
        if (blocks > PICTURE_BLOCKS)
                complain("%s: a graph of %" PRIu32
                         " blocks is large: drawing it roughly, which may take a minute",
                         option, blocks);
        drawing = draw(dot, blocks > PICTURE_BLOCKS, option);
        free(dot);
        return drawing;
}

int explain_dot(struct explain *explain)
{
        uint32_t blocks;
        char *dot = picture_dot(explain, &blocks);

        if (!dot)
                return out_of_memory();
        fputs(dot, stdout);
        free(dot);
        return STATUS_DONE;
}

/* The drawing comes first: what cannot be drawn must not cost the file that is there. */
int explain_svg(struct explain *explain)
{
        char *drawing;
        int status;

        if (would_overwrite(explain->picture_file, explain->file))
                return STATUS_FAILED;
        drawing = picture_draw(explain, "--svg");
        if (!drawing)
                return STATUS_FAILED;
        status = output_file_write(explain->picture_file, drawing, strlen(drawing));
        free(drawing);
        return status;
}
