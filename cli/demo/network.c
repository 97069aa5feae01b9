/* A private network of two or three hosts, in namespaces that vanish with this process.
 *
 * The one thing to know: the process itself moves. unshare() takes it into new namespaces, setns()
 * from one host to the other; whatever it opens or starts belongs to the host it is on. */
#include "network.h"

#include "cli/common/cli.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Settings by which systems forbid what network_open() does. A file that is not there forbids
 * nothing. */
static const struct obstacle {
        const char *path;
        int forbids; /* the value that does */
        const char *advice;
} obstacles[] = {
    {"/proc/sys/kernel/unprivileged_userns_clone", 0,
     "kernel.unprivileged_userns_clone is 0: run it as root, or allow user namespaces with: "
     "sudo sysctl kernel.unprivileged_userns_clone=1"},
    {"/proc/sys/kernel/apparmor_restrict_unprivileged_userns", 1,
     "AppArmor restricts user namespaces: run it as root, or allow them with: "
     "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0"},
    {"/proc/sys/user/max_user_namespaces", 0,
     "user.max_user_namespaces is 0: run it as root, or allow user namespaces with: "
     "sudo sysctl user.max_user_namespaces=1000"},
    {"/proc/sys/user/max_net_namespaces", 0,
     "user.max_net_namespaces is 0: allow network namespaces with: "
     "sudo sysctl user.max_net_namespaces=1000"},
    {"/proc/sys/user/max_mnt_namespaces", 0,
     "user.max_mnt_namespaces is 0: allow mount namespaces with: "
     "sudo sysctl user.max_mnt_namespaces=1000"},
};

/* Complains that the kernel refused `what` with `error`, and says what to do. */
static int complain_refused(const char *what, int error)
{
        const char *advice = "it takes root (sudo filt demo) or user namespaces, and most "
                             "containers and chroots withhold them";

        for (size_t i = 0; i < sizeof obstacles / sizeof *obstacles; i++) {
                FILE *file = fopen(obstacles[i].path, "re");
                int value;

                if (file && fscanf(file, "%d", &value) == 1 && value == obstacles[i].forbids)
                        advice = obstacles[i].advice;
                if (file)
                        fclose(file);
        }
        complain("private network: %s: %s; %s", what, strerror(error), advice);
        return -1;
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
                if (become_root_inside() < 0)
                        return -1;
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
        complain("private network: /proc/self/ns/net: %s; is /proc mounted?", strerror(errno));
        return -1;
}

static int make_host(struct network *network, enum network_host host)
{
        if (unshare(CLONE_NEWNET) < 0)
                return complain_refused("making one more network namespace", errno);
        return settle(network, host);
}

struct setup_step {
        enum network_host host;
        char *argv[12];
        const char *advice; /* NULL if there is none */
};

static int take_steps(const struct network *network, const struct setup_step *steps, size_t count)
{
        for (size_t i = 0; i < count; i++) {
                struct process_result result;
                int status;

                if (network_command(network, steps[i].host, steps[i].argv, &result) < 0)
                        return -1;
                status = result.status;
                if (status != 0)
                        complain("private network: %s %s %s failed (exit status %d): %.*s%s",
                                 steps[i].argv[0], steps[i].argv[1], steps[i].argv[2], status,
                                 (int)strcspn(result.output, "\n"), result.output,
                                 steps[i].advice ? steps[i].advice : "");
                free(result.output);
                if (status != 0)
                        return -1;
        }
        return 0;
}

/* Waits until the kernel has noticed that the interface's cable has two ends. Until then what is
 * sent is dropped, and a lost question for a hardware address is asked again a second later. */
static int await_link(const struct network *network, enum network_host host, char *device)
{
        enum { STEP_MS = 5, STEPS = 1000 };
        char *const show[] = {"ip", "-o", "link", "show", "dev", device, NULL};

        for (int i = 0; i < STEPS; i++) {
                struct process_result result;
                bool up;

                if (network_command(network, host, show, &result) < 0)
                        return -1;
                up = strstr(result.output, " state UP ") != NULL;
                free(result.output);
                if (up)
                        return 0;
                poll(NULL, 0, STEP_MS);
        }
        complain("private network: %s does not come up", device);
        return -1;
}

int network_open(struct network *network)
{
        char b[64];
        const struct setup_step steps[] = {
            {NETWORK_A,
             {"ip", "link", "add", NETWORK_A_DEVICE, "type", "veth", "peer", "name",
              NETWORK_B_DEVICE, "netns", b},
             " (if the kernel has no veth devices: sudo modprobe veth)"},
            {NETWORK_A,
             {"ip", "addr", "add", NETWORK_A_ADDRESS "/24", "dev", NETWORK_A_DEVICE},
             NULL},
            {NETWORK_B,
             {"ip", "addr", "add", NETWORK_B_ADDRESS "/24", "dev", NETWORK_B_DEVICE},
             NULL},
            {NETWORK_A, {"ip", "link", "set", NETWORK_A_DEVICE, "up"}, NULL},
            {NETWORK_B, {"ip", "link", "set", NETWORK_B_DEVICE, "up"}, NULL},
        };

        if (network_isolate() < 0 || settle(network, NETWORK_A) < 0 ||
            make_host(network, NETWORK_B) < 0)
                return -1;
        /* No addresses of IPv6, and so no packets of its neighbour discovery among those that are
         * counted. Where there is no IPv6, there is no such file. */
        for (int host = NETWORK_A; host <= NETWORK_B; host++)
                if (network_enter(network, host) == 0)
                        write_file("/proc/sys/net/ipv6/conf/default/addr_gen_mode", "1");
        /* ip takes a path for a namespace that has no name; it inherits the descriptor. */
        snprintf(b, sizeof b, "/proc/self/fd/%d", network->hosts[NETWORK_B]);
        if (take_steps(network, steps, sizeof steps / sizeof *steps) < 0 ||
            await_link(network, NETWORK_A, NETWORK_A_DEVICE) < 0)
                return -1;
        return await_link(network, NETWORK_B, NETWORK_B_DEVICE);
}

int network_extend(struct network *network)
{
        static const char forwarding[] = "/proc/sys/net/ipv4/ip_forward";
        char c[64];
        const struct setup_step steps[] = {
            {NETWORK_B,
             {"ip", "link", "add", NETWORK_B_DEVICE_TO_C, "type", "veth", "peer", "name", "c0",
              "netns", c},
             NULL},
            {NETWORK_B,
             {"ip", "addr", "add", "198.51.100.1/24", "dev", NETWORK_B_DEVICE_TO_C},
             NULL},
            {NETWORK_C, {"ip", "addr", "add", NETWORK_C_ADDRESS "/24", "dev", "c0"}, NULL},
            {NETWORK_B, {"ip", "link", "set", NETWORK_B_DEVICE_TO_C, "up"}, NULL},
            {NETWORK_C, {"ip", "link", "set", "c0", "up"}, NULL},
            {NETWORK_A, {"ip", "route", "add", "198.51.100.0/24", "via", NETWORK_B_ADDRESS}, NULL},
            {NETWORK_C, {"ip", "route", "add", "192.0.2.0/24", "via", "198.51.100.1"}, NULL},
        };

        if (make_host(network, NETWORK_C) < 0)
                return -1;
        snprintf(c, sizeof c, "/proc/self/fd/%d", network->hosts[NETWORK_C]);
        if (take_steps(network, steps, sizeof steps / sizeof *steps) < 0 ||
            await_link(network, NETWORK_B, NETWORK_B_DEVICE_TO_C) < 0 ||
            await_link(network, NETWORK_C, "c0") < 0 || network_enter(network, NETWORK_B) < 0)
                return -1;
        if (write_file(forwarding, "1") == 0)
                return 0;
        complain("private network: %s: %s", forwarding, strerror(errno));
        return -1;
}

int network_enter(const struct network *network, enum network_host host)
{
        if (setns(network->hosts[host], CLONE_NEWNET) == 0)
                return 0;
        complain("private network: entering host %c: %s", 'A' + (int)host, strerror(errno));
        return -1;
}

int network_command(const struct network *network, enum network_host host, char *const argv[],
                    struct process_result *result)
{
        if (network_enter(network, host) < 0)
                return -1;
        if (process_run(argv, result) == 0)
                return 0;
        complain("%s: %s", argv[0], strerror(errno));
        free(result->output);
        return -1;
}
