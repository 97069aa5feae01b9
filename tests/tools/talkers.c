/* Processes that talk on 127.0.0.1, for the tests of filt --process: `talkers MODE COUNT`. Each
 * message begins with a number of its own; who sent and who read it is written to standard output:
 * "sent NUMBER PID", "read NUMBER PID", and of connections "client PORT PID", "server PORT PID". A
 * client sends one message, waits for its answer, and is gone. Exits with 0, or 1 if something that
 * should have worked did not. */
#include <arpa/inet.h>
#include <limits.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PORT = 7000, OWN_PORT = 7001, ROOM = 64, AT_ONCE = 8, SERVERS = 4 };

static const char *self; /* this program */
static bool have_own;    /* askers send from OWN_PORT */
static unsigned *last_number;

static void fail(const char *what)
{
        perror(what);
        exit(1);
}

/* In one write, so that lines of several processes do not mix. */
static void note(const char *what, unsigned number)
{
        char line[64];
        int length = snprintf(line, sizeof line, "%s %u %d\n", what, number, (int)getpid());

        if (write(STDOUT_FILENO, line, (size_t)length) != length)
                fail("write");
}

/* Returns the length of a message, whose number is noted. */
static size_t compose(char message[ROOM])
{
        unsigned number = __atomic_add_fetch(last_number, 1, __ATOMIC_SEQ_CST);

        note("sent", number);
        return (size_t)snprintf(message, ROOM, "%u talks", number);
}

static void note_read(const char *message)
{
        note("read", (unsigned)strtoul(message, NULL, 10));
}

static struct sockaddr_in address(void)
{
        return (struct sockaddr_in){.sin_family = AF_INET,
                                    .sin_port = htons(PORT),
                                    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static int serve_on(int type)
{
        struct sockaddr_in at = address();
        int fd = socket(AF_INET, type, 0), yes = 1;

        if (type == SOCK_STREAM)
                setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        if (bind(fd, (struct sockaddr *)&at, sizeof at) < 0)
                fail("bind");
        if (type == SOCK_STREAM && listen(fd, 128) < 0)
                fail("listen");
        return fd;
}

static pid_t start(const char *name)
{
        pid_t pid = fork();

        if (pid < 0)
                fail("fork");
        if (pid == 0)
                prctl(PR_SET_NAME, name);
        return pid;
}

static void await(pid_t pid)
{
        int status;

        if (waitpid(pid, &status, 0) < 0 || status != 0) {
                fprintf(stderr, "talkers: a process ended with %d\n", status);
                exit(1);
        }
}

/* --- UDP --- */

static void answer_datagrams(int fd, long count)
{
        while (count-- > 0) {
                struct sockaddr_in from;
                socklen_t size = sizeof from;
                char message[ROOM + 1] = "";

                if (recvfrom(fd, message, ROOM, 0, (struct sockaddr *)&from, &size) <= 0)
                        fail("recvfrom");
                note_read(message);
                if (sendto(fd, message, compose(message), 0, (struct sockaddr *)&from, size) < 0)
                        fail("sendto");
        }
}

static int ask_by_datagram(bool connected)
{
        struct sockaddr_in to = address();
        int fd = socket(AF_INET, SOCK_DGRAM, 0);
        char message[ROOM + 1] = "";
        size_t length;

        if (have_own) {
                struct sockaddr_in own = address();

                own.sin_port = htons(OWN_PORT);
                if (bind(fd, (struct sockaddr *)&own, sizeof own) < 0)
                        fail("bind");
        }
        if (connected && connect(fd, (struct sockaddr *)&to, sizeof to) < 0)
                fail("connect");
        length = compose(message);
        if (connected ? send(fd, message, length, 0) < 0
                      : sendto(fd, message, length, 0, (struct sockaddr *)&to, sizeof to) < 0)
                fail("send");
        memset(message, 0, sizeof message);
        if (recv(fd, message, ROOM, 0) <= 0)
                fail("recv");
        note_read(message);
        return 0;
}

/* --- TCP --- */

static unsigned peer_port(int fd, bool own)
{
        struct sockaddr_in at;
        socklen_t size = sizeof at;

        if (own ? getsockname(fd, (struct sockaddr *)&at, &size) < 0
                : getpeername(fd, (struct sockaddr *)&at, &size) < 0)
                fail("port");
        return ntohs(at.sin_port);
}

static void answer_connection(int fd)
{
        char message[ROOM + 1] = "";

        note("server", peer_port(fd, false));
        if (read(fd, message, ROOM) <= 0)
                fail("read");
        note_read(message);
        if (write(fd, message, compose(message)) < 0)
                fail("write");
}

/* Each connection is a child's. */
static void answer_connections(int fd, long count)
{
        while (count-- > 0) {
                int connection = accept(fd, NULL, NULL);
                pid_t child;

                if (connection < 0)
                        fail("accept");
                note("server", peer_port(connection, false));
                child = start("child");
                if (child == 0) {
                        close(fd);
                        answer_connection(connection);
                        exit(0);
                }
                close(connection);
        }
        while (wait(NULL) > 0)
                ;
}

static int ask_on_connection(bool unused)
{
        struct sockaddr_in to = address();
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        char message[ROOM + 1] = "";

        (void)unused;
        if (connect(fd, (struct sockaddr *)&to, sizeof to) < 0)
                fail("connect");
        note("client", peer_port(fd, true));
        if (write(fd, message, compose(message)) < 0)
                fail("write");
        memset(message, 0, sizeof message);
        if (read(fd, message, ROOM) <= 0)
                fail("read");
        note_read(message);
        return 0;
}

/* --- Clients --- */

static void ask(int (*client)(bool), long count)
{
        pid_t clients[AT_ONCE] = {0};

        for (long i = 0; i < count + AT_ONCE; i++) {
                pid_t *place = &clients[i % AT_ONCE];

                if (*place)
                        await(*place);
                *place = i < count ? start(i % 2 ? "client" : "asker") : 0;
                if (i < count && *place == 0)
                        exit(client(i % 2));
        }
}

/* --- Modes --- */

/* Answers so many datagrams. */
static pid_t start_server(long count)
{
        int fd = serve_on(SOCK_DGRAM);
        pid_t server = start("server");

        if (server == 0) {
                answer_datagrams(fd, count);
                exit(0);
        }
        close(fd);
        return server;
}

static void talk_udp(long count)
{
        pid_t server = start_server(count);

        ask(ask_by_datagram, count);
        await(server);
}

static void talk_tcp(long count)
{
        int ready[2];
        pid_t server;
        char byte;

        if (pipe(ready) < 0)
                fail("pipe");
        server = start("server");
        if (server == 0) {
                int fd = serve_on(SOCK_STREAM);

                close(ready[1]);
                answer_connections(fd, count);
                exit(0);
        }
        close(ready[1]);
        if (read(ready[0], &byte, 1) != 0)
                fail("read");
        ask(ask_on_connection, count);
        await(server);
}

/* One after the other has the same port. */
static void talk_in_turn(long count)
{
        pid_t server = start_server(count);

        have_own = true;
        for (long i = 0; i < count; i++) {
                pid_t client = start("asker");

                if (client == 0)
                        exit(ask_by_datagram(false));
                await(client);
        }
        await(server);
}

/* Children that read from one socket, whoever is first. */
static void talk_forked(long count)
{
        int fd = serve_on(SOCK_DGRAM);
        pid_t servers[SERVERS];

        for (int i = 0; i < SERVERS; i++)
                if ((servers[i] = start("worker")) == 0) {
                        answer_datagrams(fd, LONG_MAX);
                        exit(0);
                }
        close(fd);
        ask(ask_by_datagram, count);
        for (int i = 0; i < SERVERS; i++) {
                kill(servers[i], SIGTERM);
                waitpid(servers[i], NULL, 0);
        }
}

/* A socket that another program gets, in the same process. */
static void talk_exec(long count)
{
        int fd = serve_on(SOCK_DGRAM);
        pid_t server = start("before");

        if (server == 0) {
                char number[16], times[32];

                snprintf(number, sizeof number, "%d", fd);
                snprintf(times, sizeof times, "%ld", count);
                answer_datagrams(fd, 1);
                execl(self, "talkers", "serve", times, number, NULL);
                fail(self);
        }
        close(fd);
        ask(ask_by_datagram, count + 1);
        await(server);
}

/* A socket that is made in one process, and handed to another one, over a Unix domain socket. */
static void pass(int over, int fd)
{
        char byte = 0;
        struct iovec data = {&byte, 1};
        union {
                char bytes[CMSG_SPACE(sizeof(int))];
                struct cmsghdr head;
        } control = {.head = {CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS}};
        struct msghdr message = {.msg_iov = &data,
                                 .msg_iovlen = 1,
                                 .msg_control = &control,
                                 .msg_controllen = sizeof control};

        memcpy(CMSG_DATA(&control.head), &fd, sizeof fd);
        if (sendmsg(over, &message, 0) != 1)
                fail("sendmsg");
}

static int receive(int over)
{
        char byte;
        struct iovec data = {&byte, 1};
        union {
                char bytes[CMSG_SPACE(sizeof(int))];
                struct cmsghdr head;
        } control;
        struct msghdr message = {.msg_iov = &data,
                                 .msg_iovlen = 1,
                                 .msg_control = &control,
                                 .msg_controllen = sizeof control};
        int fd;

        if (recvmsg(over, &message, 0) != 1)
                fail("recvmsg");
        memcpy(&fd, CMSG_DATA(&control.head), sizeof fd);
        return fd;
}

static void talk_rights(long count)
{
        int pair[2], ready[2];
        pid_t maker, server;
        char byte;

        if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) < 0 || pipe(ready) < 0)
                fail("socketpair");
        server = start("taker");
        if (server == 0) {
                close(ready[1]);
                answer_datagrams(receive(pair[0]), count);
                exit(0);
        }
        maker = start("maker");
        if (maker == 0) {
                int fd = serve_on(SOCK_DGRAM);

                close(ready[1]);
                answer_datagrams(fd, count);
                pass(pair[1], fd);
                exit(0);
        }
        close(ready[1]);
        if (read(ready[0], &byte, 1) != 0)
                fail("read");
        ask(ask_by_datagram, 2 * count);
        await(maker);
        await(server);
}

int main(int argc, char **argv)
{
        static const struct {
                const char *name;
                void (*run)(long count);
        } modes[] = {{"udp", talk_udp},   {"tcp", talk_tcp},       {"forked", talk_forked},
                     {"exec", talk_exec}, {"rights", talk_rights}, {"turns", talk_in_turn},
                     {NULL, NULL}};

        self = argv[0];
        last_number = mmap(NULL, sizeof *last_number, PROT_READ | PROT_WRITE,
                           MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (argc < 3 || last_number == MAP_FAILED)
                return 1;
        if (argc == 4) { /* serve COUNT DESCRIPTOR */
                *last_number = 1000000;
                answer_datagrams(atoi(argv[3]), atol(argv[2]));
                return 0;
        }
        for (size_t i = 0; modes[i].name; i++)
                if (strcmp(modes[i].name, argv[1]) == 0) {
                        modes[i].run(atol(argv[2]));
                        return 0;
                }
        return 1;
}
