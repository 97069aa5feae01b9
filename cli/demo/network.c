/* A private network of two or three hosts, in namespaces that vanish with this process.
 *
 * The one thing to know: the process itself moves. unshare() takes it into new namespaces, setns()
 * from one host to the other; whatever it opens or starts belongs to the host it is on. */
#include "base/array.h"
#include "demo.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { MAX_WORDS = 24 }; /* of a command */

/* Settings by which systems forbid what network_open() does. A file that is not there forbids
 * nothing. */
static const struct obstacle {
        const char *path;
        int forbids; /* the value that does */
        const char *advice;
} obstacles[] = {
    {"/proc/sys/kernel/unprivileged_userns_clone", 0,
     "kernel.unprivileged_userns_clone is 0: run it as root, or allow user namespaces with: sudo "
     "sysctl kernel.unprivileged_userns_clone=1"},
    {"/proc/sys/kernel/apparmor_restrict_unprivileged_userns", 1,
     "AppArmor restricts user namespaces: run it as root, or allow them with: sudo sysctl "
     "kernel.apparmor_restrict_unprivileged_userns=0"},
    {"/proc/sys/user/max_user_namespaces", 0,
     "user.max_user_namespaces is 0: run it as root, or allow user namespaces with: sudo sysctl "
     "user.max_user_namespaces=1000"},
    {"/proc/sys/user/max_net_namespaces", 0,
     "user.max_net_namespaces is 0: allow network namespaces with: sudo sysctl "
     "user.max_net_namespaces=1000"},
    {"/proc/sys/user/max_mnt_namespaces", 0,
     "user.max_mnt_namespaces is 0: allow mount namespaces with: sudo sysctl "
     "user.max_mnt_namespaces=1000"},
};

/* Complains that the kernel refused `what` with `error`, and says what to do. */
static int complain_refused(const char *what, int error)
{
        const char *advice = "it takes root (sudo filt demo) or user namespaces, and most "
                             "containers and chroots withhold them";

        for (size_t i = 0; i < array_count(obstacles); i++) {
                FILE *file = fopen(obstacles[i].path, "re");
                int value;

                if (file && fscanf(file, "%d", &value) == 1 && value == obstacles[i].forbids)
                        advice = obstacles[i].advice;
                if (file)
                        fclose(file);
        }
        return complain("private network: %s: %s; %s", what, strerror(error), advice);
}

static int write_file(const char *path, const char *text)
{
        int fd = open(path, O_WRONLY | O_CLOEXEC);
        ssize_t written;
        int error;

        if (fd < 0)
                return -1;
        written = write(fd, text, strlen(text));
        error = errno;
        close(fd);
        errno = error;
        return written < 0 ? -1 : 0;
}

/* Makes this process root of a user namespace of its own. */
static int become_root_inside(void)
{
        char users[64];
        char groups[64];

        snprintf(users, sizeof users, "0 %u 1", (unsigned)geteuid());
        snprintf(groups, sizeof groups, "0 %u 1", (unsigned)getegid());
        if (unshare(CLONE_NEWUSER) < 0)
                return complain_refused("making a user namespace", errno);
        /* A filt with file capabilities (setcap) may not write the files below until it is
         * dumpable. No risk: in here it has no power over anything outside. */
        prctl(PR_SET_DUMPABLE, 1);
        /* user_namespaces(7): without privilege, gid_map wants setgroups() given up first. */
        if ((write_file("/proc/self/setgroups", "deny") < 0 && errno != ENOENT) ||
            write_file("/proc/self/gid_map", groups) < 0 ||
            write_file("/proc/self/uid_map", users) < 0)
                return complain_refused("mapping user and group in a user namespace", errno);
        return 0;
}

int network_isolate(void)
{
        const int apart = CLONE_NEWNET | CLONE_NEWNS;

        if (geteuid() != 0 || unshare(apart) < 0) {
                if (geteuid() == 0 && errno != EPERM)
                        return complain_refused("making a network namespace", errno);
                if (become_root_inside())
                        return STATUS_FAILED;
                if (unshare(apart) < 0)
                        return complain_refused("making a network namespace", errno);
        }
        /* iptables-legacy wants to lock /run/xtables.lock: a /run of our own lets an ordinary user
         * do so, and keeps root from waiting for the system's firewall. In a chroot, / is no mount
         * point (EINVAL) and a /run could not be kept from the outside: root does without. */
        if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
                return errno == EINVAL ? 0 : complain_refused("making mounts private", errno);
        if (mount("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755") < 0)
                return complain_refused("mounting a private /run", errno);
        return 0;
}

/* Makes the namespace this process is in `host`. */
static int settle(struct network *network, enum network_host host)
{
        network->hosts[host] = open("/proc/self/ns/net", O_RDONLY);
        if (network->hosts[host] >= 0)
                return 0;
        return complain("private network: /proc/self/ns/net: %s; is /proc mounted?",
                        strerror(errno));
}

static int make_host(struct network *network, enum network_host host)
{
        if (unshare(CLONE_NEWNET) < 0)
                return complain_refused("making one more network namespace", errno);
        return settle(network, host);
}

int network_enter(const struct network *network, enum network_host host)
{
        if (setns(network->hosts[host], CLONE_NEWNET) == 0)
                return 0;
        return complain("private network: entering host %c: %s", 'A' + (int)host, strerror(errno));
}

/* Cuts a command line into words, in place. Single quotes keep a word together, as in a shell. */
static void split(char *line, char *words[MAX_WORDS + 1])
{
        int count = 0;

        while (*line && count < MAX_WORDS) {
                char end = *line == '\'' ? '\'' : ' ';

                line += end == '\'';
                words[count++] = line;
                line = strchrnul(line, end);
                if (*line)
                        *line++ = '\0';
                line += strspn(line, " ");
        }
        words[count] = NULL;
}

int network_command(const struct network *network, enum network_host host, const char *line,
                    struct process_result *result)
{
        char *words[MAX_WORDS + 1];
        char *copy;
        int failed;

        if (network_enter(network, host))
                return STATUS_FAILED;
        copy = strdup(line);
        if (!copy)
                return out_of_memory();
        split(copy, words);
        failed = process_run(words, result);
        if (failed) {
                complain("%s: %s", words[0], strerror(errno));
                free(result->output);
        }
        free(copy);
        return failed;
}

int command_name_length(const char *line)
{
        const char *end = line;

        for (int words = 0; words < 3 && *end; words++)
                end = strchrnul(end + 1, ' ');
        return (int)(end - line);
}

struct setup_step {
        enum network_host host;
        const char *line;
};

static int take_steps(const struct network *network, const struct setup_step *steps, size_t count)
{
        for (size_t i = 0; i < count; i++) {
                const char *line = steps[i].line;
                struct process_result result;

                if (network_command(network, steps[i].host, line, &result))
                        return STATUS_FAILED;
                if (result.status != 0)
                        complain("private network: %.*s failed (exit status %d): %.*s%s",
                                 command_name_length(line), line, result.status,
                                 (int)strcspn(result.output, "\n"), result.output,
                                 strstr(line, " veth ")
                                     ? " (if the kernel has no veth devices: sudo modprobe veth)"
                                     : "");
                free(result.output);
                if (result.status != 0)
                        return STATUS_FAILED;
        }
        return 0;
}

/* Waits until the kernel has noticed that the interface's cable has two ends. Until then what is
 * sent is dropped, and a lost request for a hardware address is repeated only a second later. */
static int await_link(const struct network *network, enum network_host host, const char *device)
{
        enum { STEP_MS = 5, STEPS = 1000 };
        char show[64];

        snprintf(show, sizeof show, "ip -o link show dev %s", device);
        for (int i = 0; i < STEPS; i++) {
                struct process_result result;
                bool up;

                if (network_command(network, host, show, &result))
                        return STATUS_FAILED;
                up = strstr(result.output, " state UP ") != NULL;
                free(result.output);
                if (up)
                        return 0;
                poll(NULL, 0, STEP_MS);
        }
        return complain("private network: %s does not come up", device);
}

int network_open(struct network *network)
{
        char link[128];
        const struct setup_step steps[] = {
            {NETWORK_A, link},
            {NETWORK_A, "ip addr add " NETWORK_A_ADDRESS "/24 dev " NETWORK_A_DEVICE},
            {NETWORK_B, "ip addr add " NETWORK_B_ADDRESS "/24 dev " NETWORK_B_DEVICE},
            {NETWORK_A, "ip link set " NETWORK_A_DEVICE " up"},
            {NETWORK_B, "ip link set " NETWORK_B_DEVICE " up"},
        };

        if (network_isolate() || settle(network, NETWORK_A) || make_host(network, NETWORK_B))
                return STATUS_FAILED;
        /* No IPv6 addresses, and so no packets of its neighbour discovery among those that are
         * counted. Where there is no IPv6, there is no such file. */
        for (int host = NETWORK_A; host <= NETWORK_B; host++)
                if (network_enter(network, host) == 0)
                        write_file("/proc/sys/net/ipv6/conf/default/addr_gen_mode", "1");
        /* ip takes a path for a namespace that has no name; it inherits the descriptor. */
        snprintf(link, sizeof link,
                 "ip link add " NETWORK_A_DEVICE " type veth peer name " NETWORK_B_DEVICE
                 " netns /proc/self/fd/%d",
                 network->hosts[NETWORK_B]);
        return take_steps(network, steps, array_count(steps)) ||
               await_link(network, NETWORK_A, NETWORK_A_DEVICE) ||
               await_link(network, NETWORK_B, NETWORK_B_DEVICE);
}

int network_extend(struct network *network)
{
        static const char forwarding[] = "/proc/sys/net/ipv4/ip_forward";
        char link[128];
        const struct setup_step steps[] = {
            {NETWORK_B, link},
            {NETWORK_B, "ip addr add 198.51.100.1/24 dev " NETWORK_B_DEVICE_TO_C},
            {NETWORK_C, "ip addr add " NETWORK_C_ADDRESS "/24 dev c0"},
            {NETWORK_B, "ip link set " NETWORK_B_DEVICE_TO_C " up"},
            {NETWORK_C, "ip link set c0 up"},
            {NETWORK_A, "ip route add 198.51.100.0/24 via " NETWORK_B_ADDRESS},
            {NETWORK_C, "ip route add 192.0.2.0/24 via 198.51.100.1"},
        };

        if (make_host(network, NETWORK_C))
                return STATUS_FAILED;
        snprintf(link, sizeof link,
                 "ip link add " NETWORK_B_DEVICE_TO_C
                 " type veth peer name c0 netns /proc/self/fd/%d",
                 network->hosts[NETWORK_C]);
        if (take_steps(network, steps, array_count(steps)) ||
            await_link(network, NETWORK_B, NETWORK_B_DEVICE_TO_C) ||
            await_link(network, NETWORK_C, "c0") || network_enter(network, NETWORK_B))
                return STATUS_FAILED;
        if (write_file(forwarding, "1") == 0)
                return 0;
        return complain("private network: %s: %s", forwarding, strerror(errno));
}
