/* See helper.h. While a generation is offered, no further one is made: what changes meanwhile is
 * looked at when it is settled. */
#include "helper.h"

#include "base/array.h"
#include "base/clock.h"
#include "base/text.h"
#include "channel.h"
#include "cli/common/cli.h"
#include "watch.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
        QUIET_MS = 20,    /* without a change, after which files are read: there may be several */
        ABSENCE_MS = 250, /* that a file may be away, as some editors have it while they save */
};

struct helper {
        const struct follow_work *work;
        int channel;
        const char **paths;
        size_t path_count;
        struct watch *watch;
        bool watch_failed; /* that was told */
        bool asked;
        int64_t changed_at, first_change; /* milliseconds; 0: nothing has changed */
        uint32_t generation;              /* in force */
        const struct cbpf_sets *sets;     /* of that one */
        struct cbpf_sets *next;           /* of the one that is offered, or NULL */
};

static int64_t now(void)
{
        return clock_now(CLOCK_MONOTONIC) / 1000000;
}

/* --- The files --- */

static bool list_paths(struct helper *helper)
{
        const char *path;
        uint64_t count;

        for (size_t i = 0; (path = cbpf_sets_file(helper->sets, i, &count)); i++) {
                const char **paths = realloc(helper->paths, (i + 1) * sizeof *paths);

                if (!paths)
                        return false;
                helper->paths = paths;
                paths[helper->path_count++] = path;
        }
        /* Those of the sets that are freed are not used. */
        for (size_t i = 0; i < helper->path_count; i++)
                if (!(helper->paths[i] = strdup(helper->paths[i])))
                        return false;
        return true;
}

static bool is_missing(const struct helper *helper)
{
        struct stat status;

        for (size_t i = 0; i < helper->path_count; i++)
                if (stat(helper->paths[i], &status) < 0 && errno == ENOENT)
                        return true;
        return false;
}

/* Before the files are read, so that no later change is missed. */
static void watch_anew(struct helper *helper)
{
        watch_free(helper->watch);
        helper->watch = watch_new(helper->paths, helper->path_count);
        if (!helper->watch && !helper->watch_failed)
                complain("--follow-sets: the files cannot be watched (%s): SIGHUP has them be read",
                         strerror(errno));
        helper->watch_failed = !helper->watch;
}

static void describe(const struct helper *helper, struct message *message)
{
        size_t used = 0;
        uint64_t before, after;
        const char *path;

        for (size_t i = 0; (path = cbpf_sets_file(helper->next, i, &after)); i++) {
                cbpf_sets_file(helper->sets, i, &before);
                if (used < sizeof message->lines)
                        used +=
                            (size_t)snprintf(message->lines + used, sizeof message->lines - used,
                                             "%s%s: %s (was %" PRIu64 ")", i > 0 ? "\n" : "", path,
                                             counted(after, "value").text, before);
        }
}

static void offer(struct helper *helper)
{
        struct message message = {.kind = MESSAGE_GENERATION};

        describe(helper, &message);
        message_send(helper->channel, &message, NULL);
}

/* Reads the files and, if they have other values, makes the next generation. */
static void look(struct helper *helper)
{
        static const char stay[] = "the sets stay as they were";
        bool asked = helper->asked;
        struct cbpf_sets *sets;
        struct error error;

        helper->asked = false;
        helper->changed_at = helper->first_change = 0;
        watch_anew(helper);
        if (try_to_read_sets(helper->work->expression, &sets, &error) < 0) {
                complain("%s; %s", error.message, stay);
                return;
        }
        if (cbpf_sets_equal(sets, helper->sets)) {
                if (asked && !helper->work->quiet)
                        complain("the sets have not changed");
        } else if (!helper->work->make(helper->work->context, sets)) {
                complain("%s", stay);
        } else {
                helper->next = sets;
                offer(helper);
                return;
        }
        cbpf_sets_free(sets);
}

static void note_change(struct helper *helper)
{
        helper->changed_at = now();
        if (!helper->first_change)
                helper->first_change = helper->changed_at;
}

/* Milliseconds until the files are to be read; -1 if they are not. */
static int time_to_look(const struct helper *helper)
{
        int64_t time = now(), due;

        if (helper->next)
                return -1;
        if (helper->asked)
                return 0;
        if (!helper->changed_at)
                return -1;
        due = helper->changed_at + QUIET_MS;
        if (due <= time && is_missing(helper) && time < helper->first_change + ABSENCE_MS)
                due = helper->first_change + ABSENCE_MS;
        return due > time ? (int)(due - time) : 0;
}

/* --- Messages --- */

static int instructions_file(const struct bpf_program *program)
{
        return memory_file((const char *)program->bf_insns,
                           program->bf_len * sizeof *program->bf_insns);
}

static void answer_get(const struct helper *helper, const struct message *asked)
{
        struct message answer = {.kind = MESSAGE_ANSWER};
        struct follow_program program = {.descriptors = {-1, -1}};
        int sent[MESSAGE_DESCRIPTORS] = {-1, -1, -1};

        answer.done = helper->work->get(helper->work->context, &asked->request, &program);
        if (answer.done) {
                answer.here = program.here;
                answer.length = program.classic.bf_len;
                if (answer.length > 0)
                        sent[0] = instructions_file(&program.classic);
                answer.done = answer.length == 0 || sent[0] >= 0;
                memcpy(sent + 1, program.descriptors, sizeof program.descriptors);
        }
        message_send(helper->channel, &answer, sent);
        if (sent[0] >= 0)
                close(sent[0]);
}

static void answer_put(const struct helper *helper, const struct message *asked)
{
        struct message answer = {.kind = MESSAGE_ANSWER};

        answer.done = helper->work->put(helper->work->context, asked->request.generation);
        message_send(helper->channel, &answer, NULL);
}

static void settle(struct helper *helper, bool in_force)
{
        helper->work->settle(helper->work->context, in_force);
        if (in_force) {
                if (helper->sets != helper->work->sets)
                        cbpf_sets_free((struct cbpf_sets *)helper->sets);
                helper->sets = helper->next;
        } else {
                cbpf_sets_free(helper->next);
        }
        helper->next = NULL;
}

/* Returns false at the end. */
static bool answer(struct helper *helper)
{
        int descriptors[MESSAGE_DESCRIPTORS];
        struct message message;

        if (message_receive(helper->channel, &message, descriptors, true) <= 0)
                return false;
        switch (message.kind) {
        case MESSAGE_READ:
                helper->asked = true;
                message.kind = MESSAGE_READING;
                message_send(helper->channel, &message, NULL);
                break;
        case MESSAGE_GET: answer_get(helper, &message); break;
        case MESSAGE_PUT: answer_put(helper, &message); break;
        case MESSAGE_IN_FORCE:
        case MESSAGE_REFUSED: settle(helper, message.kind == MESSAGE_IN_FORCE); break;
        default: break;
        }
        return true;
}

/* --- The process --- */

static void serve(struct helper *helper)
{
        for (;;) {
                struct pollfd polled[] = {
                    {.fd = helper->channel, .events = POLLIN},
                    {.fd = watch_descriptor(helper->watch), .events = POLLIN}};
                int ready = poll(polled, array_count(polled), time_to_look(helper));

                if (ready > 0 && polled[0].revents && !answer(helper))
                        return;
                if (ready > 0 && polled[1].revents && watch_changed(helper->watch))
                        note_change(helper);
                if (time_to_look(helper) == 0)
                        look(helper);
        }
}

/* SIGPROF ends what the kernel's verifier takes too long for, and SIGTERM this process. */
static void block_signals(void)
{
        sigset_t blocked;

        sigfillset(&blocked);
        sigdelset(&blocked, SIGPROF);
        sigdelset(&blocked, SIGTERM);
        sigprocmask(SIG_SETMASK, &blocked, NULL);
        signal(SIGTERM, SIG_DFL);
}

void helper_run(const struct follow_work *work, int channel)
{
        struct helper helper = {.work = work, .channel = channel, .sets = work->sets};

        block_signals();
        setsid();
        prctl(PR_SET_NAME, "filt-sets");
        streams_patience = NULL;
        if (!list_paths(&helper)) {
                out_of_memory();
                _exit(STATUS_FAILED);
        }
        work->kept[work->kept_count] = channel;
        process_close_others(work->kept, work->kept_count + 1);
        sandbox_enter_to_load();
        watch_anew(&helper);
        note_change(&helper); /* since the first generation was read */
        serve(&helper);
        _exit(STATUS_DONE);
}
