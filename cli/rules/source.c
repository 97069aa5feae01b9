/* The rule sets of this machine, read by a process of its own that keeps the privileges: it is
 * asked for those of a network namespace, and answers with files in memory that hold what nft(8)
 * and iptables-save(8) print. It ends when the other end of its socket is closed. */
#include "rules.h"

#include "base/array.h"
#include "base/clock.h"
#include "cli/common/cli.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
        MOST_NAMESPACES = 64, /* whose rules are kept */
        LASTING_NS =
            1000000000, /* before that, rules are read again only if a change is heard of */
};

struct known {
        uint32_t network_namespace;
        int64_t read_at; /* CLOCK_MONOTONIC, ns */
        struct rules *rules, *before;
};

struct rules_source {
        int channel;
        int changes;            /* a socket that hears of those of nftables' rules; or -1 */
        uint32_t own_namespace; /* in this one */
        pid_t process;
        struct known known[MOST_NAMESPACES];
        size_t count;
};

/* --- In the process --- */

/* What prints each of the texts, and a file that is empty if there are no such tables. */
static const struct {
        const char *const argv[6];
        const char *tables;
} commands[RULES_TEXTS] = {
    [RULES_NFT_JSON] = {{"nft", "-j", "-n", "list", "ruleset"}, NULL},
    [RULES_NFT_TEXT] = {{"nft", "-a", "-s", "list", "ruleset"}, NULL},
    [RULES_IPTABLES] = {{"iptables-nft-save"}, NULL},
    [RULES_IP6TABLES] = {{"ip6tables-nft-save"}, NULL},
    [RULES_IPTABLES_LEGACY] = {{"iptables-legacy-save"}, "/proc/self/net/ip_tables_names"},
    [RULES_IP6TABLES_LEGACY] = {{"ip6tables-legacy-save"}, "/proc/self/net/ip6_tables_names"},
};

static bool has_tables(const char *path)
{
        int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
        char first;
        bool found = !path || (file >= 0 && read(file, &first, 1) == 1);

        if (file >= 0)
                close(file);
        return found;
}

/* Returns a file in memory; -1 if there is none. */
static int print_rules(enum rules_text text, int nowhere)
{
        char *argv[array_count(commands[text].argv)];
        int file;
        pid_t child;

        if (!has_tables(commands[text].tables) || !process_find(commands[text].argv[0]))
                return -1;
        memcpy(argv, commands[text].argv, sizeof argv);
        file = memory_file("", 0);
        child = file < 0 ? -1 : process_start(argv, file, nowhere, false);
        if (child >= 0 && process_wait(child) == STATUS_DONE)
                return file;
        if (file >= 0)
                close(file);
        return -1;
}

/* Opens the network namespace of that inode among those that ip(8) netns knows. */
static int open_namespace(uint32_t number)
{
        DIR *folder = opendir("/run/netns");
        struct dirent *entry;
        int found = -1;

        while (folder && found < 0 && (entry = readdir(folder))) {
                struct stat status;

                if (fstatat(dirfd(folder), entry->d_name, &status, 0) == 0 &&
                    S_ISREG(status.st_mode) && (uint32_t)status.st_ino == number)
                        found = openat(dirfd(folder), entry->d_name, O_RDONLY | O_CLOEXEC);
        }
        if (folder)
                closedir(folder);
        return found;
}

/* Goes to the namespace. Returns false if it cannot. */
static bool enter(uint32_t number, int own)
{
        struct stat status;
        int other;
        bool entered;

        if (fstat(own, &status) == 0 && (uint32_t)status.st_ino == number)
                return true;
        other = open_namespace(number);
        entered = other >= 0 && setns(other, CLONE_NEWNET) == 0;
        if (other >= 0)
                close(other);
        return entered;
}

/* Sends a byte for each text, 1 if it is there, and the files. */
static bool answer(int channel, const int files[RULES_TEXTS])
{
        char present[RULES_TEXTS];
        union {
                struct cmsghdr header;
                char room[CMSG_SPACE(RULES_TEXTS * sizeof(int))];
        } control = {0};
        struct iovec bytes = {present, sizeof present};
        struct msghdr message = {.msg_iov = &bytes, .msg_iovlen = 1};
        size_t count = 0;

        for (size_t i = 0; i < RULES_TEXTS; i++) {
                present[i] = files[i] >= 0;
                if (present[i])
                        memcpy(CMSG_DATA(&control.header) + count++ * sizeof(int), &files[i],
                               sizeof(int));
        }
        if (count > 0) {
                control.header = (struct cmsghdr){.cmsg_len = CMSG_LEN(count * sizeof(int)),
                                                  .cmsg_level = SOL_SOCKET,
                                                  .cmsg_type = SCM_RIGHTS};
                message.msg_control = &control;
                message.msg_controllen = CMSG_SPACE(count * sizeof(int));
        }
        return sendmsg(channel, &message, MSG_NOSIGNAL) >= 0;
}

static bool serve(int channel, uint32_t number, int own, int nowhere)
{
        int files[RULES_TEXTS];
        bool there = enter(number, own), sent;

        for (int i = 0; i < RULES_TEXTS; i++)
                files[i] = there ? print_rules((enum rules_text)i, nowhere) : -1;
        setns(own, CLONE_NEWNET);
        sent = answer(channel, files);
        for (int i = 0; i < RULES_TEXTS; i++)
                if (files[i] >= 0)
                        close(files[i]);
        return sent;
}

static _Noreturn void run(int channel, pid_t parent)
{
        int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
        int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
        uint32_t number;
        sigset_t all;

        sigfillset(&all);
        sigprocmask(SIG_SETMASK, &all, NULL);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        prctl(PR_SET_NAME, "filt-rules");
        dup2(nowhere, STDIN_FILENO); /* whoever reads what filt prints does not wait for this one */
        dup2(nowhere, STDOUT_FILENO);
        setenv("LC_ALL", "C", 1);
        while (getppid() == parent && recv(channel, &number, sizeof number, 0) == sizeof number)
                if (!serve(channel, number, own, nowhere))
                        break;
        _exit(STATUS_DONE);
}

/* --- In the other one --- */

static int hear_of_changes(void)
{
        const struct sockaddr_nl address = {.nl_family = AF_NETLINK,
                                            .nl_groups = 1U << (NFNLGRP_NFTABLES - 1)};
        int changes =
            socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_NETFILTER);

        if (changes < 0 || bind(changes, (const struct sockaddr *)&address, sizeof address) == 0)
                return changes;
        close(changes);
        return -1;
}

struct rules_source *rules_source_open(struct error *error)
{
        struct rules_source *source = calloc(1, sizeof *source);
        const pid_t parent = getpid();
        int ends[2];

        if (!source) {
                error_memory(error);
                return NULL;
        }
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) {
                error_set(error, "a pair of sockets: %s", strerror(errno));
                free(source);
                return NULL;
        }
        source->changes = hear_of_changes();
        source->own_namespace = netns_own();
        source->process = fork();
        if (source->process == 0) {
                close(ends[0]);
                if (source->changes >= 0)
                        close(source->changes);
                run(ends[1], parent);
        }
        close(ends[1]);
        source->channel = ends[0];
        if (source->process > 0)
                return source;
        error_set(error, "starting the process that reads rules: %s", strerror(errno));
        rules_source_close(source);
        return NULL;
}

void rules_source_close(struct rules_source *source)
{
        if (!source)
                return;
        close(source->channel);
        if (source->changes >= 0)
                close(source->changes);
        if (source->process > 0)
                process_wait(source->process);
        for (size_t i = 0; i < source->count; i++) {
                rules_free(source->known[i].rules);
                rules_free(source->known[i].before);
        }
        free(source);
}

int rules_source_channel(const struct rules_source *source)
{
        return source->channel;
}

/* Returns how many files came; -1 if the process has ended. */
static ssize_t receive(int channel, char present[RULES_TEXTS], int files[RULES_TEXTS])
{
        union {
                struct cmsghdr header;
                char room[CMSG_SPACE(RULES_TEXTS * sizeof(int))];
        } control = {0};
        struct iovec bytes = {present, RULES_TEXTS};
        struct msghdr message = {.msg_iov = &bytes,
                                 .msg_iovlen = 1,
                                 .msg_control = &control,
                                 .msg_controllen = sizeof control};
        ssize_t got;
        size_t size;

        do
                got = recvmsg(channel, &message, MSG_CMSG_CLOEXEC);
        while (got < 0 && errno == EINTR);
        if (got != RULES_TEXTS)
                return -1;
        if (!CMSG_FIRSTHDR(&message) || control.header.cmsg_type != SCM_RIGHTS)
                return 0;
        size = control.header.cmsg_len - CMSG_LEN(0);
        memcpy(files, CMSG_DATA(&control.header), size);
        return (ssize_t)(size / sizeof(int));
}

/* NULL if the process has ended, or memory is short. */
static struct rules *read_rules(const struct rules_source *source, uint32_t number)
{
        char present[RULES_TEXTS] = {0}, *texts[RULES_TEXTS] = {0};
        int files[RULES_TEXTS];
        struct rules *rules;
        ssize_t count = 0, used = 0;

        if (send(source->channel, &number, sizeof number, MSG_NOSIGNAL) < 0 ||
            (count = receive(source->channel, present, files)) < 0)
                return NULL;
        for (size_t i = 0; i < RULES_TEXTS; i++)
                if (present[i] && used < count)
                        texts[i] = memory_file_read(files[used++]);
        for (ssize_t i = 0; i < count; i++)
                close(files[i]);
        rules = rules_new((const char *const *)texts);
        for (size_t i = 0; i < RULES_TEXTS; i++)
                free(texts[i]);
        return rules;
}

static struct known *find_known(struct rules_source *source, uint32_t number)
{
        for (size_t i = 0; i < source->count; i++)
                if (source->known[i].network_namespace == number)
                        return &source->known[i];
        if (source->count == MOST_NAMESPACES)
                return NULL;
        source->known[source->count] = (struct known){.network_namespace = number};
        return &source->known[source->count++];
}

/* The rules before stay: what is being explained may have been dropped by one of them. */
static void renew(const struct rules_source *source, struct known *known)
{
        const int64_t now = clock_now(CLOCK_MONOTONIC);
        struct rules *rules = read_rules(source, known->network_namespace);

        known->read_at = now;
        if (!rules)
                return;
        rules_free(known->before);
        known->before = known->rules;
        known->rules = rules;
}

/* Rules of nftables in this process' own namespace. A message that there was no room for tells,
 * too. */
static bool have_changed(const struct rules_source *source)
{
        char message[64];
        bool changed = false;

        while (source->changes >= 0 &&
               (recv(source->changes, message, sizeof message, 0) >= 0 || errno == ENOBUFS))
                changed = true;
        return changed;
}

void rules_source_prepare(struct rules_source *source, uint32_t network_namespace)
{
        struct known *known = find_known(source, network_namespace);

        if (known)
                renew(source, known);
}

int rules_source_changes(const struct rules_source *source)
{
        return source->changes;
}

void rules_source_refresh(struct rules_source *source)
{
        if (have_changed(source))
                rules_source_prepare(source, source->own_namespace);
}

static bool is_found(const struct rules_found *found, const char *text)
{
        for (size_t i = 0; i < found->count && i < RULES_MOST; i++)
                if (strcmp(found->rules[i]->text, text) == 0)
                        return true;
        return false;
}

/* Adds those that are not there yet. */
static void merge(struct rules_found *found, const struct rules_found *others)
{
        for (size_t i = 0; i < others->count && i < RULES_MOST; i++) {
                if (is_found(found, others->rules[i]->text))
                        continue;
                if (found->count < RULES_MOST)
                        found->rules[found->count] = others->rules[i];
                found->count++;
        }
}

void rules_source_find(struct rules_source *source, uint32_t network_namespace, uint64_t time,
                       enum rules_hook hook, const struct rules_packet *packet,
                       struct rules_found *found)
{
        struct known *known = find_known(source, network_namespace);
        struct rules_found before;

        *found = (struct rules_found){0};
        rules_source_refresh(source);
        if (!known)
                return;
        if (!known->rules || clock_now(CLOCK_MONOTONIC) - known->read_at > LASTING_NS)
                renew(source, known);
        if (known->rules)
                rules_find(known->rules, hook, packet, found);
        if (!known->before || (int64_t)time > known->read_at)
                return;
        rules_find(known->before, hook, packet, &before);
        merge(found, &before);
}
