/* The monitor: see monitor.h. Requests and replies are messages of a SOCK_SEQPACKET pair; the end
 * of the capturing process, however it comes, is the end of the pair. The monitor has a session of
 * its own: signals from the terminal reach the capture alone. */
#include "monitor.h"
#include "base/array.h"
#include "cli/common/cli.h"
#include "signals.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct monitor {
        int channel;
        pid_t process;
        unsigned asked; /* for the end, before the last file was complete */
        _Atomic uint64_t *whole;
};

static const char YES[] = "yes", NO[] = "no"; /* replies */

enum request_kind { REQUEST_OPEN, REQUEST_COMPLETE, REQUEST_HAS_NAME, REQUEST_END, REQUEST_STOP };

struct request {
        enum request_kind kind;
        struct monitor_file file;
};

struct reply {
        char text[PATH_MAX]; /* the file's name, or the message of an error */
        int kind;            /* of that error */
};

/* --- In the monitor --- */

struct watch {
        struct monitor_options options;
        int channel;
        _Atomic uint64_t *whole;
        char file[PATH_MAX]; /* the one at hand; empty if none */
        int fd;              /* of it, if it is a regular file, else -1 */
        bool command_failed;
        char **kept; /* names of the files so far, the oldest first */
        size_t kept_count, kept_room;
};

/* The rights over files that count are those of the user who called: a binary that was given
 * capabilities lends none. */
static void keep_rights_of_user(void)
{
        struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
        struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {0};

        if (getuid() != 0)
                syscall(SYS_capset, &header, none);
}

/* The descriptor of this process that a name stands for; -1 if it is a file's. */
static int named_descriptor(const char *name)
{
        static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};

        if (strcmp(name, "/dev/stdout") == 0)
                return STDOUT_FILENO;
        if (strcmp(name, "/dev/stderr") == 0)
                return STDERR_FILENO;
        for (size_t i = 0; i < array_count(folders); i++) {
                size_t length = strlen(folders[i]), digits = strspn(name + length, "0123456789");

                if (strncmp(name, folders[i], length) == 0 && digits > 0 && digits < 10 &&
                    name[length + digits] == '\0')
                        return atoi(name + length);
        }
        return -1;
}

static bool is_fifo(const char *name)
{
        struct stat status;

        return stat(name, &status) == 0 && S_ISFIFO(status.st_mode);
}

/* In a folder that others may write to, root must not be led elsewhere by a link. A FIFO that
 * nobody reads must not hold this process, which would not notice the end of the other one. */
static int open_file(const char *name, mode_t mode, struct error *error)
{
        bool careful = geteuid() == 0 && named_descriptor(name) < 0;
        int fd =
            open(name,
                 O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NONBLOCK | (careful ? O_NOFOLLOW : 0),
                 mode);

        if (fd >= 0) {
                fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
                return fd;
        }
        if (errno == ENXIO && is_fifo(name)) {
                error_set(error, "%s: nobody reads it", name);
                error->kind = MONITOR_NO_READER;
        } else if (errno == ELOOP && careful) {
                error_set(error,
                          "%s: is a symbolic link, which root does not follow: give the file it "
                          "points to",
                          name);
        } else {
                error_set(error, "%s: %s", name, strerror(errno));
        }
        return -1;
}

static bool is_standard_output(const char *name)
{
        return strcmp(name, "-") == 0;
}

static int copy_standard_output(struct error *error)
{
        int fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);

        return fd < 0 ? error_set(error, "standard output: %s", strerror(errno)) : fd;
}

static void leave_file(struct watch *watch)
{
        if (watch->fd >= 0)
                close(watch->fd);
        watch->fd = -1;
        watch->file[0] = '\0';
}

/* Sends `answer` and, unless it is -1, `fd`. */
static bool send_reply(const struct watch *watch, struct reply *answer, int fd)
{
        struct iovec piece = {answer, sizeof *answer};
        char control[CMSG_SPACE(sizeof fd)] = {0};
        struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};

        if (fd >= 0) {
                struct cmsghdr *header;

                message.msg_control = control;
                message.msg_controllen = sizeof control;
                header = CMSG_FIRSTHDR(&message);
                *header = (struct cmsghdr){.cmsg_level = SOL_SOCKET,
                                           .cmsg_type = SCM_RIGHTS,
                                           .cmsg_len = CMSG_LEN(sizeof fd)};
                memcpy(CMSG_DATA(header), &fd, sizeof fd);
        }
        return sendmsg(watch->channel, &message, MSG_NOSIGNAL) >= 0;
}

static bool reply(const struct watch *watch, const char *text, int fd)
{
        struct reply answer = {0};

        snprintf(answer.text, sizeof answer.text, "%s", text);
        return send_reply(watch, &answer, fd);
}

static bool reply_error(const struct watch *watch, const struct error *error)
{
        struct reply answer = {.kind = error->kind};

        snprintf(answer.text, sizeof answer.text, "%s", error->message);
        return send_reply(watch, &answer, -1);
}

/* A regular file that no other name leads to becomes the user's. */
static int give_away(int fd, const char *name, const struct user *user, struct error *error)
{
        struct stat status;

        if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_nlink == 1 &&
            fchown(fd, user->uid, user->gid) < 0)
                return error_set(error, "%s: giving it to the user of -Z: %s", name,
                                 strerror(errno));
        return 0;
}

/* With -W and -C: the oldest file goes when there are too many. A name that comes again, as the
 * numbers begin anew, is one file. */
static void keep_latest(struct watch *watch)
{
        char *name = strdup(watch->file);

        if (!name || !array_grow(watch->kept, watch->kept_room, watch->kept_count + 1)) {
                free(name);
                return;
        }
        for (size_t i = 0; i < watch->kept_count; i++)
                if (strcmp(watch->kept[i], name) == 0) {
                        free(watch->kept[i]);
                        memmove(&watch->kept[i], &watch->kept[i + 1],
                                (--watch->kept_count - i) * sizeof *watch->kept);
                        break;
                }
        watch->kept[watch->kept_count++] = name;
        if (watch->kept_count <= watch->options.keep)
                return;
        if (unlink(watch->kept[0]) < 0 && errno != ENOENT)
                complain("%s: removing it, as -W keeps %" PRIu64 " files: %s", watch->kept[0],
                         watch->options.keep, strerror(errno));
        free(watch->kept[0]);
        memmove(watch->kept, watch->kept + 1, --watch->kept_count * sizeof *watch->kept);
}

static bool serve_has_name(const struct watch *watch)
{
        struct stat mine, named;
        bool same =
            watch->fd < 0 || (fstat(watch->fd, &mine) == 0 && stat(watch->file, &named) == 0 &&
                              mine.st_dev == named.st_dev && mine.st_ino == named.st_ino);

        return reply(watch, same ? YES : NO, -1);
}

/* Returns its descriptor, and writes its name to `name`; or -1 with `error` filled. */
static int create_file(const struct monitor_options *options, const struct monitor_file *file,
                       char name[PATH_MAX], struct error *error)
{
        int fd;

        if (options->name(options->context, file, name, error) < 0)
                return -1;
        if (is_standard_output(name))
                return copy_standard_output(error);
        fd = open_file(name, options->mode, error);
        if (fd < 0 || !options->user || give_away(fd, name, options->user, error) == 0)
                return fd;
        close(fd);
        return -1;
}

static bool serve_open(struct watch *watch, const struct monitor_file *file)
{
        char name[PATH_MAX];
        struct error error;
        struct stat status;
        int fd = create_file(&watch->options, file, name, &error);

        if (fd < 0)
                return reply_error(watch, &error);
        leave_file(watch);
        memcpy(watch->file, name, sizeof name);
        *watch->whole = 0;
        if (!reply(watch, watch->file, fd)) {
                close(fd);
                return false;
        }
        if (!is_standard_output(name) && fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
                watch->fd = fd;
        else
                close(fd);
        if (watch->options.keep)
                keep_latest(watch);
        return true;
}

/* Not through a shell: the name is one argument, whatever it contains, and no option. */
static void run_command(struct watch *watch)
{
        const struct monitor_options *options = &watch->options;
        char name[2 + sizeof watch->file];
        char *const arguments[] = {(char *)options->command, name, NULL};

        snprintf(name, sizeof name, "%s%s",
                 watch->file[0] == '-' && !is_standard_output(watch->file) ? "./" : "",
                 watch->file);

        if (options->command && watch->file[0] && process_start_as(options->user, arguments) < 0) {
                complain("-z %s: %s", options->command, strerror(errno));
                watch->command_failed = true;
        }
        leave_file(watch);
}

static void complain_of_command(const char *command, int status)
{
        if (WIFSIGNALED(status))
                complain("-z %s: ended by signal %d", command, WTERMSIG(status));
        else if (WEXITSTATUS(status) == 127)
                complain("-z %s: there is no such command", command);
        else if (WEXITSTATUS(status) == 126)
                complain("-z %s: it cannot be executed", command);
        else
                complain("-z %s: ended with status %d", command, WEXITSTATUS(status));
}

/* Collects commands that have ended. Returns whether some have not. */
static bool collect_commands(struct watch *watch)
{
        pid_t command;
        int status;

        while ((command = waitpid(-1, &status, WNOHANG)) > 0)
                if (status != 0) {
                        complain_of_command(watch->options.command, status);
                        watch->command_failed = true;
                }
        return command == 0;
}

/* Ends the commands, and what they have started. The monitor leads their process group; it has all
 * signals blocked, but for that of the second time. */
static void stop_commands(bool again)
{
        kill(0, again ? SIGKILL : SIGTERM);
}

/* Until all commands have ended; the capture may ask for that. */
static void await_commands(struct watch *watch)
{
        enum { LOOK_MS = 100 }; /* where there is no descriptor for signals */
        struct pollfd polled[2] = {{.events = POLLIN}, {.fd = watch->channel, .events = POLLIN}};
        struct signalfd_siginfo ended;
        struct request request;
        bool stopped = false;
        sigset_t child;

        sigemptyset(&child);
        sigaddset(&child, SIGCHLD);
        polled[0].fd = signalfd(-1, &child, SFD_CLOEXEC);
        while (collect_commands(watch)) {
                if (poll(polled, 2, polled[0].fd < 0 ? LOOK_MS : -1) < 0)
                        continue;
                if (polled[0].revents && read(polled[0].fd, &ended, sizeof ended) < 0)
                        polled[0].fd = -1;
                if (!polled[1].revents)
                        continue;
                if (recv(watch->channel, &request, sizeof request, 0) <= 0) {
                        polled[1].fd = -1; /* the capture has died */
                } else if (request.kind == REQUEST_STOP) {
                        stop_commands(stopped);
                        stopped = true;
                }
        }
}

/* The capturing process has been killed in the middle of a write, or has died: what it had not
 * finished goes. */
static void cut_file(const struct watch *watch)
{
        struct stat status;

        if (watch->fd >= 0 && fstat(watch->fd, &status) == 0 &&
            (uint64_t)status.st_size > *watch->whole &&
            ftruncate(watch->fd, (off_t)*watch->whole) < 0)
                complain("%s: cutting it behind the last whole record: %s", watch->file,
                         strerror(errno));
}

static void watch_capture(struct watch *watch)
{
        struct request request;

        while (recv(watch->channel, &request, sizeof request, 0) == (ssize_t)sizeof request &&
               request.kind != REQUEST_END) {
                if (request.kind == REQUEST_COMPLETE)
                        run_command(watch);
                else if (!(request.kind == REQUEST_OPEN ? serve_open(watch, &request.file)
                                                        : serve_has_name(watch)))
                        break;
                collect_commands(watch);
        }
        cut_file(watch);
        await_commands(watch);
}

/* What the capture's process inherited but the monitor does not need, such as its sockets, ends
 * with that process alone. A name may stand for a descriptor, as in -w >(gzip >x.gz). */
static void close_others(const struct watch *watch)
{
        char name[PATH_MAX];
        struct error ignored;
        int kept[] = {watch->channel, STDERR_FILENO};

        if (watch->options.name(watch->options.context, &(struct monitor_file){0}, name,
                                &ignored) == 0 &&
            named_descriptor(name) > STDERR_FILENO)
                kept[1] = named_descriptor(name);
        process_close_others(kept, array_count(kept));
}

static _Noreturn void run_monitor(struct watch *watch)
{
        sigset_t all;

        sigfillset(&all); /* a command of -z gets none blocked */
        sigprocmask(SIG_SETMASK, &all, NULL);
        setsid();
        prctl(PR_SET_NAME, "filt-files");
        keep_rights_of_user();
        close_others(watch);
        watch_capture(watch);
        _exit(watch->command_failed ? STATUS_FAILED : STATUS_DONE);
}

/* --- In the capturing process --- */

static _Atomic uint64_t *share_count(void)
{
        void *page =
            mmap(NULL, sizeof(uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

        return page == MAP_FAILED ? NULL : page;
}

static int start_process(struct monitor *monitor, struct watch *watch)
{
        int ends[2];

        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
                return -1;
        monitor->process = fork();
        if (monitor->process == 0) {
                watch->channel = ends[1];
                run_monitor(watch);
        }
        close(ends[1]);
        monitor->channel = ends[0];
        return monitor->process < 0 ? -1 : 0;
}

struct monitor *monitor_start(const struct monitor_options *options, struct error *error)
{
        struct monitor *monitor = calloc(1, sizeof *monitor);
        struct watch watch = {.options = *options, .fd = -1};

        if (!monitor) {
                error_memory(error);
                return NULL;
        }
        monitor->channel = -1;
        monitor->whole = watch.whole = share_count();
        if (monitor->whole && start_process(monitor, &watch) == 0)
                return monitor;
        error_set(error, "starting the process that creates the files: %s", strerror(errno));
        monitor_end(monitor);
        return NULL;
}

/* The descriptor that came with a reply, or -1. */
static int received_descriptor(struct msghdr *message)
{
        struct cmsghdr *header = CMSG_FIRSTHDR(message);
        int fd = -1;

        if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS)
                memcpy(&fd, CMSG_DATA(header), sizeof fd);
        return fd;
}

/* Sends a request and takes the reply, and the descriptor that may come with it. Returns 0, or -1
 * if the monitor has ended. */
static int ask(struct monitor *monitor, const struct request *request, struct reply *reply, int *fd)
{
        struct iovec piece = {reply, sizeof *reply};
        char control[CMSG_SPACE(sizeof *fd)];
        struct msghdr message = {.msg_iov = &piece,
                                 .msg_iovlen = 1,
                                 .msg_control = control,
                                 .msg_controllen = sizeof control};
        ssize_t got;

        if (send(monitor->channel, request, sizeof *request, MSG_NOSIGNAL) < 0)
                return -1;
        do
                got = recvmsg(monitor->channel, &message, MSG_CMSG_CLOEXEC);
        while (got < 0 && errno == EINTR);
        if (got != (ssize_t)sizeof *reply)
                return -1;
        reply->text[sizeof reply->text - 1] = '\0';
        *fd = received_descriptor(&message);
        return 0;
}

int monitor_open(struct monitor *monitor, const struct monitor_file *file, char name[PATH_MAX],
                 struct error *error)
{
        struct request request = {REQUEST_OPEN, *file};
        struct reply reply;
        int fd;

        if (ask(monitor, &request, &reply, &fd) < 0)
                return error_set(error, "the process that creates the files has ended");
        if (fd < 0) {
                error_set(error, "%s", reply.text);
                error->kind = reply.kind;
                return -1;
        }
        memcpy(name, reply.text, sizeof reply.text);
        return fd;
}

int monitor_has_name(struct monitor *monitor)
{
        struct request request = {.kind = REQUEST_HAS_NAME};
        struct reply reply;
        int fd;

        return ask(monitor, &request, &reply, &fd) < 0 ? -1 : strcmp(reply.text, YES) == 0;
}

void monitor_complete(struct monitor *monitor)
{
        struct request request = {.kind = REQUEST_COMPLETE};

        monitor->asked = signals_end_requests();
        send(monitor->channel, &request, sizeof request, MSG_NOSIGNAL);
}

_Atomic uint64_t *monitor_whole(struct monitor *monitor)
{
        return monitor->whole;
}

int monitor_channel(const struct monitor *monitor)
{
        return monitor->channel;
}

/* Waits until the monitor has ended, and with it its end of the channel. */
static void await_end(struct monitor *monitor)
{
        struct request request = {.kind = REQUEST_END};
        struct pollfd polled[2] = {{.fd = monitor->channel, .events = POLLIN},
                                   {.fd = signals_descriptor(), .events = POLLIN}};

        send(monitor->channel, &request, sizeof request, MSG_NOSIGNAL);
        request.kind = REQUEST_STOP;
        do {
                unsigned asked;

                signals_settle();
                asked = signals_end_requests();
                if (asked != monitor->asked)
                        send(monitor->channel, &request, sizeof request, MSG_NOSIGNAL);
                monitor->asked = asked;
        } while (poll(polled, 2, -1) < 0 || !polled[0].revents);
}

bool monitor_end(struct monitor *monitor)
{
        bool done = true;

        if (!monitor)
                return true;
        if (monitor->process > 0)
                await_end(monitor);
        if (monitor->channel >= 0)
                close(monitor->channel);
        if (monitor->process > 0) {
                int status = process_wait(monitor->process);

                done = status == STATUS_DONE;
                if (status > 128)
                        complain("the process that creates files and runs the command of -z was "
                                 "killed");
        }
        if (monitor->whole)
                munmap(monitor->whole, sizeof(uint64_t));
        free(monitor);
        return done;
}
