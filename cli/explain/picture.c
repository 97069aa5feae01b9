/* filt explain --dot and --svg: the graph, drawn by Graphviz' program `dot`. Its input and output
 * are files in memory, so that neither side can wait for the other; its time is bounded.
 *
 * A capture is read in a process of its own, in the sandbox, where no program is run and no file
 * opened. What it leaves are the parts of the picture, as text; drawing them and writing the
 * picture's file is left to the process that has not seen the packets. */
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

static const char *option_of(const struct explain *explain)
{
        return explain->show == explain_svg ? "--svg" : "--html";
}

/* --- The parts --- */

int picture_put(const struct explain *explain, enum picture_part part, const char *bytes,
                size_t length)
{
        if (write_all(explain->parts[part], bytes, length) == 0)
                return STATUS_DONE;
        return complain("%s: a file in memory: %s", option_of(explain), strerror(errno));
}

int picture_put_graph(const struct explain *explain)
{
        uint32_t blocks;
        char *dot = picture_dot(explain, &blocks);
        int status;

        if (!dot)
                return out_of_memory();
        if (blocks > PICTURE_BLOCKS)
                complain("%s: a graph of %" PRIu32
                         " blocks is large: drawing it roughly, which may take a minute",
                         option_of(explain), blocks);
        status = picture_put(explain, PICTURE_GRAPH, dot, strlen(dot));
        free(dot);
        return status;
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

int explain_svg(struct explain *explain)
{
        return picture_put_graph(explain);
}

/* --- Drawing --- */

/* Says what went wrong, in one line. */
static void complain_drawing(int status, int error, const char *option)
{
        char *said = memory_file_read(error);

        if (memory_was_short())
                ; /* has been said */
        else if (status == PROCESS_RUNS)
                complain("%s: Graphviz' dot took more than %d seconds and was stopped; --dot "
                         "writes the graph without drawing it",
                         option, SECONDS_MOST);
        else if (said && *said)
                complain("%s: Graphviz' dot failed: %.*s", option, (int)strcspn(said, "\n"), said);
        else
                complain("%s: Graphviz' dot failed with status %d", option, status);
        free(said);
}

/* Returns the drawing as fresh memory, or NULL after a complaint. The child inherits its input and
 * finds it in /proc. */
static char *run_dot(int graph, int output, int messages, const char *option)
{
        char input[32];
        /* Few rounds of improving the layout. */
        char *const words[] = {"dot",          "-Tsvg",         input, "-Gnslimit=1",
                               "-Gnslimit1=1", "-Gmclimit=0.1", NULL};
        pid_t child;
        int status;
        char *drawing;

        snprintf(input, sizeof input, "/proc/self/fd/%d", graph);
        child = process_start(words, output, messages, false);
        if (child < 0) {
                complain("%s: dot: %s", option, strerror(errno));
                return NULL;
        }
        status = process_wait_for(child, SECONDS_MOST * 1000);
        if (status == PROCESS_RUNS) {
                kill(child, SIGKILL);
                process_wait(child);
        }
        drawing = status == 0 ? memory_file_read(output) : NULL;
        if (drawing && strstr(drawing, "</svg>"))
                return drawing;
        free(drawing);
        complain_drawing(status, messages, option);
        return NULL;
}

static char *draw(int graph, const char *option)
{
        char *drawing = NULL;
        int output, messages;

        if (!process_find("dot")) {
                complain("%s: there is no program dot; install Graphviz (apt-get install "
                         "graphviz), which draws the graph",
                         option);
                return NULL;
        }
        output = memory_file("", 0);
        messages = memory_file("", 0);
        if (output < 0 || messages < 0)
                complain("%s: a file in memory: %s", option, strerror(errno));
        else
                drawing = run_dot(graph, output, messages, option);
        if (output >= 0)
                close(output);
        if (messages >= 0)
                close(messages);
        return drawing;
}

/* --- The whole --- */

/* Adds a part. Returns how much of the text it is. */
static size_t add_part(struct text *text, int part)
{
        size_t before = text->length;
        char *bytes = memory_file_read(part);

        if (bytes)
                text_string(text, bytes);
        text->failed |= !bytes;
        free(bytes);
        return text->length - before;
}

/* The drawing comes first: what cannot be drawn must not cost the file that is there. */
static int draw_and_write(const struct explain *explain)
{
        struct text picture = {0};
        char *drawing = NULL;
        const char *start;
        bool in_page;
        int status;

        if (lseek(explain->parts[PICTURE_GRAPH], 0, SEEK_END) > 0) {
                drawing = draw(explain->parts[PICTURE_GRAPH], option_of(explain));
                if (!drawing)
                        return STATUS_FAILED;
        }
        in_page = add_part(&picture, explain->parts[PICTURE_HEAD]) > 0;
        /* Inside HTML, there is no place for what stands before the element, an XML declaration. */
        start = drawing && in_page ? strstr(drawing, "<svg") : drawing;
        if (start)
                text_string(&picture, start);
        add_part(&picture, explain->parts[PICTURE_TAIL]);
        status = picture.failed
                     ? out_of_memory()
                     : output_file_write(explain->picture_file, picture.start, picture.length);
        text_free(&picture);
        free(drawing);
        return status;
}

int picture_make(struct explain *explain, int (*describe)(void *explain))
{
        int status = STATUS_DONE;

        if (would_overwrite(explain->picture_file, explain->file))
                return STATUS_FAILED;
        for (int part = 0; part < PICTURE_PARTS; part++) {
                explain->parts[part] = memory_file("", 0);
                if (explain->parts[part] < 0)
                        status = complain("%s: a file in memory: %s", option_of(explain),
                                          strerror(errno));
        }
        if (status == STATUS_DONE)
                status = explain->file ? process_do(describe, explain) : describe(explain);
        if (status == STATUS_DONE)
                status = draw_and_write(explain);
        for (int part = 0; part < PICTURE_PARTS; part++)
                if (explain->parts[part] >= 0)
                        close(explain->parts[part]);
        return status;
}
