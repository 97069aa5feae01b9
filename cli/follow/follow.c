/* See follow.h: the capture's end. */
#include "follow.h"

#include "channel.h"
#include "cli/common/cli.h"
#include "helper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct follow {
        int channel;
        bool ended, told;
        bool asked;   /* to read the files; the process does not know yet */
        bool offered; /* a generation that follow_look() has not told of */
        char lines[sizeof((struct message *)0)->lines];
};

/* --- Starting --- */

/* A signal comes with each message, and at the other end's. */
static bool have_signals(int channel)
{
        return fcntl(channel, F_SETOWN, getpid()) == 0 &&
               fcntl(channel, F_SETFL, fcntl(channel, F_GETFL) | O_ASYNC) == 0;
}

static int start(struct follow *follow, const struct follow_work *work)
{
        int ends[2];
        pid_t process;

        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
                return -1;
        follow->channel = ends[0];
        process = have_signals(ends[0]) ? process_fork() : -1;
        if (process == 0)
                helper_run(work, ends[1]);
        close(ends[1]);
        return process < 0 ? -1 : 0;
}

struct follow *follow_start(const struct follow_work *work, struct error *error)
{
        struct follow *follow = calloc(1, sizeof *follow);

        if (!follow) {
                error_memory(error);
                return NULL;
        }
        follow->channel = -1;
        if (start(follow, work) == 0)
                return follow;
        error_set(error, "--follow-sets: starting the process that reads the files: %s",
                  strerror(errno));
        follow_end(follow);
        return NULL;
}

void follow_end(struct follow *follow)
{
        if (!follow)
                return;
        if (follow->channel >= 0)
                close(follow->channel);
        free(follow);
}

/* --- Messages --- */

static void note(struct follow *follow, const struct message *message)
{
        if (message->kind == MESSAGE_READING)
                follow->asked = false;
        if (message->kind != MESSAGE_GENERATION)
                return;
        follow->offered = true;
        memcpy(follow->lines, message->lines, sizeof follow->lines);
        follow->lines[sizeof follow->lines - 1] = '\0';
}

static void send_kind(struct follow *follow, enum message_kind kind)
{
        struct message message = {.kind = kind};

        if (!follow->ended && !message_send(follow->channel, &message, NULL))
                follow->ended = errno != EAGAIN;
}

/* No more than one is on its way, however many signals come: the pair of sockets holds a few. */
void follow_ask(struct follow *follow)
{
        if (!follow->asked)
                send_kind(follow, MESSAGE_READ);
        follow->asked = true;
}

void follow_settle(struct follow *follow, bool in_force)
{
        send_kind(follow, in_force ? MESSAGE_IN_FORCE : MESSAGE_REFUSED);
}

const char *follow_lines(const struct follow *follow)
{
        return follow->lines;
}

enum follow_news follow_look(struct follow *follow)
{
        int descriptors[MESSAGE_DESCRIPTORS];
        struct message message;
        int result;

        while (!follow->ended &&
               (result = message_receive(follow->channel, &message, descriptors, false)) >= 0) {
                if (result == 0)
                        follow->ended = true;
                else
                        note(follow, &message);
        }
        if (follow->ended && !follow->told) {
                follow->told = true;
                return FOLLOW_ENDED;
        }
        if (follow->ended || !follow->offered)
                return FOLLOW_NOTHING;
        follow->offered = false;
        return FOLLOW_GENERATION;
}

/* Sends what is asked and waits for the answer. */
static int ask(struct follow *follow, struct message *message, int descriptors[MESSAGE_DESCRIPTORS],
               struct error *error)
{
        static const char gone[] = "the process that follows the sets has ended";

        if (follow->ended || !message_send(follow->channel, message, NULL)) {
                follow->ended = true;
                return error_set(error, "%s", gone);
        }
        for (;;) {
                if (message_receive(follow->channel, message, descriptors, true) <= 0) {
                        follow->ended = true;
                        return error_set(error, "%s", gone);
                }
                if (message->kind == MESSAGE_ANSWER)
                        break;
                note(follow, message);
        }
        if (message->done)
                return 0;
        return error_set(error, "the filter cannot be had with the sets");
}

int follow_put(struct follow *follow, uint32_t generation, struct error *error)
{
        struct message message = {.kind = MESSAGE_PUT, .request.generation = generation};
        int none[MESSAGE_DESCRIPTORS];

        return ask(follow, &message, none, error);
}

static int read_instructions(int file, uint32_t length, struct bpf_program *program,
                             struct error *error)
{
        size_t size = length * sizeof *program->bf_insns, used = 0;
        ssize_t got;

        program->bf_insns = malloc(size);
        if (!program->bf_insns)
                return error_memory(error);
        program->bf_len = length;
        while (used < size &&
               (got = pread(file, (char *)program->bf_insns + used, size - used, (off_t)used)) > 0)
                used += (size_t)got;
        if (used == size)
                return 0;
        cbpf_program_free(program);
        return error_set(error, "the filter cannot be read: %s", strerror(errno));
}

int follow_get(struct follow *follow, const struct follow_request *request,
               struct follow_program *program, struct error *error)
{
        struct message message = {.kind = MESSAGE_GET, .request = *request};
        int descriptors[MESSAGE_DESCRIPTORS], result = 0;

        message.request.target.sets = NULL;
        *program = (struct follow_program){.descriptors = {-1, -1}};
        if (ask(follow, &message, descriptors, error) < 0)
                return -1;
        program->here = message.here;
        if (descriptors[0] >= 0) {
                result =
                    read_instructions(descriptors[0], message.length, &program->classic, error);
                close(descriptors[0]);
        }
        for (size_t i = 0; i < FOLLOW_DESCRIPTORS; i++)
                if (result == 0)
                        program->descriptors[i] = descriptors[1 + i];
                else if (descriptors[1 + i] >= 0)
                        close(descriptors[1 + i]);
        return result;
}
