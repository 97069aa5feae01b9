/* compare -r: three readers in lockstep, of the file itself and of what tcpdump and filt write to
 * their pipes. Nothing is stored, so the file may have any size.
 *
 * What each writes is a part of the file, in its order, so each packet of the file is either the
 * next of a program, or was not matched by it. Two packets of the same bytes and length cannot be
 * told apart here, and need not be: a filter cannot either. */
#include "compare.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What a program writes, and its next packet. */
struct stream {
        struct runner runner;
        int pipe;
        struct capture *capture; /* NULL: it wrote nothing, not even a header */
        bool ended;
        bool failed;
        struct error error; /* of the stream, if it failed */
        struct capture_record next;
        uint64_t number; /* of `next` */
};

static void advance(struct stream *stream)
{
        enum capture_result result;

        if (stream->ended)
                return;
        result = capture_next(stream->capture, &stream->next, &stream->error);
        stream->number++;
        stream->ended = result != CAPTURE_PACKET;
        stream->failed = result == CAPTURE_ERROR;
}

static int start(struct stream *stream, const struct compare_options *options, enum side side)
{
        static const char *const write_out[] = {"-w", "-", NULL};
        int ends[2];
        int started;

        if (pipe2(ends, O_CLOEXEC) < 0)
                return complain("cannot make a pipe: %s", strerror(errno));
        started = runner_start(&stream->runner, options, side, write_out, ends[1]);
        close(ends[1]);
        stream->pipe = ends[0];
        return started;
}

static void open_stream(struct stream *stream)
{
        struct pollfd first = {.fd = stream->pipe, .events = POLLIN};

        /* A program that fails early leaves a pipe at its end: that is no capture file to complain
         * about, its exit status tells. */
        if (poll(&first, 1, -1) < 0 || !(first.revents & POLLIN))
                return;
        stream->capture = capture_open_descriptor(stream->pipe, "its output", &stream->error);
        stream->pipe = -1;
        stream->failed = stream->ended = !stream->capture;
        advance(stream);
}

static void close_stream(struct stream *stream)
{
        capture_close(stream->capture);
        if (stream->pipe >= 0)
                close(stream->pipe);
        stream->capture = NULL;
        stream->pipe = -1;
}

/* True if `packet` of the file may be what the stream has next; that may be cut shorter. */
static bool is_next(const struct stream *stream, const struct packet *packet)
{
        const struct packet *mine = &stream->next.packet;

        return !stream->ended && mine->length == packet->length &&
               mine->captured <= packet->captured &&
               memcmp(mine->data, packet->data, mine->captured) == 0;
}

/* A packet that both have: how they differ still, or NULL. Time stamps are compared as finely as
 * both files have them. */
static const char *how_unlike(const struct stream streams[SIDES])
{
        const struct capture_record *left = &streams[TCPDUMP].next;
        const struct capture_record *right = &streams[FILT].next;
        long unit = capture_info(streams[TCPDUMP].capture)->nanoseconds &&
                            capture_info(streams[FILT].capture)->nanoseconds
                        ? 1
                        : 1000;

        if (left->packet.captured < right->packet.captured)
                return "tcpdump keeps fewer bytes of it";
        if (left->packet.captured > right->packet.captured)
                return "filt keeps fewer bytes of it";
        if (left->time.tv_sec != right->time.tv_sec ||
            left->time.tv_nsec / unit != right->time.tv_nsec / unit)
                return "with different time stamps";
        return NULL;
}

static void judge(struct stream streams[SIDES], const struct capture_record *record,
                  struct compare_report *report)
{
        uint64_t number = ++report->result->total;
        bool has[SIDES];
        const char *unlike;

        for (int side = 0; side < SIDES; side++) {
                has[side] = is_next(&streams[side], &record->packet);
                report->result->matched[side] += has[side];
        }
        if (has[TCPDUMP] != has[FILT]) {
                enum side side = has[TCPDUMP] ? TCPDUMP : FILT;

                compare_report(report, record, "Packet %" PRIu64 " of %s: matched by %s, not by %s",
                               number, report->file, side_name(side), side_name(other_side(side)));
        } else if (has[TCPDUMP] && (unlike = how_unlike(streams))) {
                compare_report(report, record, "Packet %" PRIu64 " of %s: matched by both, but %s",
                               number, report->file, unlike);
        }
        for (int side = 0; side < SIDES; side++)
                if (has[side])
                        advance(&streams[side]);
}

/* What is left of a stream after the end of the file cannot be from there. */
static void drain(struct stream *stream, struct compare_report *report)
{
        for (; !stream->ended; advance(stream)) {
                report->result->matched[stream->runner.side]++;
                compare_report(report, &stream->next, "%s's packet %" PRIu64 ": not in %s",
                               side_name(stream->runner.side), stream->number, report->file);
        }
}

/* A file with an error in it ends the programs with an error, too: they are not to blame then. A
 * program whose output we could not read on may be waiting for us; closing ends it, by SIGPIPE. */
static void check_end(struct stream *stream, bool file_failed, struct compare_result *result)
{
        struct runner *runner = &stream->runner;
        bool failed;

        if (stream->failed)
                close_stream(stream);
        runner_wait(runner, -1);
        failed = runner->status != 0 && !(stream->failed && runner->status == 128 + SIGPIPE);
        if (file_failed)
                return;
        if (failed)
                runner_complain(runner);
        else if (stream->failed)
                complain("what %s wrote cannot be read: %s", side_name(runner->side),
                         stream->error.message);
        result->failed |= failed || stream->failed;
}

static bool lack_memory(const struct stream streams[SIDES])
{
        for (int side = 0; side < SIDES; side++)
                if (streams[side].failed && streams[side].error.kind == ERROR_MEMORY)
                        return true;
        return false;
}

static void compare_streams(struct capture *file, struct stream streams[SIDES],
                            struct compare_report *report)
{
        struct capture_record record;
        struct error error;
        enum capture_result got = CAPTURE_END;

        for (int side = 0; side < SIDES; side++)
                open_stream(&streams[side]);
        while (!lack_memory(streams) &&
               (got = capture_next(file, &record, &error)) == CAPTURE_PACKET)
                judge(streams, &record, report);
        /* What could not be read is no difference. */
        if (lack_memory(streams) || (got == CAPTURE_ERROR && error.kind == ERROR_MEMORY)) {
                out_of_memory();
                report->result->failed = true;
                return;
        }
        for (int side = 0; side < SIDES; side++)
                drain(&streams[side], report);
        for (int side = 0; side < SIDES; side++)
                check_end(&streams[side], got == CAPTURE_ERROR, report->result);
        if (got != CAPTURE_ERROR)
                return;
        complain_error(&error);
        report->result->failed = true;
}

/* The programs run: from here on, nothing is asked of the system but to read what is open. */
static void read_and_compare(int fd, const struct compare_options *options,
                             struct stream streams[SIDES], struct compare_result *result)
{
        struct compare_report report;
        struct error error;
        struct capture *file;

        enter_sandbox_to_read(NULL, false);
        file = capture_open_descriptor(fd, options->file, &error);
        if (!file) {
                complain_error(&error);
                return;
        }
        if (compare_report_open(&report, result, file, options->file) == STATUS_DONE) {
                result->failed = false;
                compare_streams(file, streams, &report);
                compare_report_free(&report);
        }
        capture_close(file);
}

void compare_file(const struct compare_options *options, struct compare_result *result)
{
        static const struct stream unused = {
            .pipe = -1,
            .ended = true,
            .runner = {.output = -1, .messages = -1},
        };
        struct stream streams[SIDES] = {unused, unused};
        int fd = open_input(options->file);

        result->failed = true;
        if (fd < 0)
                return;
        if (start(&streams[TCPDUMP], options, TCPDUMP) == STATUS_DONE &&
            start(&streams[FILT], options, FILT) == STATUS_DONE)
                read_and_compare(fd, options, streams, result);
        else
                close(fd);
        for (int side = 0; side < SIDES; side++) {
                close_stream(&streams[side]);
                runner_free(&streams[side].runner);
        }
}
