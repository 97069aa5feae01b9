/* Opens tracefs, and explains what a tracer lacks. libbpf finds tracefs by itself when it attaches,
 * at the same two paths, so mounting it here serves both. */
#include "trace_failure.h"

#include "base/array.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

/* Lists the required capabilities that this thread lacks, as " CAP_BPF CAP_PERFMON"; "" if it has
 * them all, or CAP_SYS_ADMIN, which implies both. */
static void missing_capabilities(char *names, size_t size)
{
        static const struct {
                unsigned bit;
                const char *name;
        } needed[] = {{CAP_BPF, " CAP_BPF"}, {CAP_PERFMON, " CAP_PERFMON"}};
        struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
        struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {0};
        uint64_t effective;
        size_t used = 0;

        names[0] = '\0';
        if (syscall(SYS_capget, &header, sets) < 0)
                return;
        effective = sets[0].effective | (uint64_t)sets[1].effective << 32;
        if (effective >> CAP_SYS_ADMIN & 1)
                return;
        for (size_t i = 0; i < array_count(needed) && used < size; i++)
                if (!(effective >> needed[i].bit & 1))
                        used += (size_t)snprintf(names + used, size - used, "%s", needed[i].name);
}

/* Explains an EPERM or EACCES. `step` failed; `reason` is libbpf's message, or "". */
static int fail_for_privilege(struct error *error, const char *step, const char *reason)
{
        char missing[64];

        missing_capabilities(missing, sizeof missing);
        if (missing[0] || geteuid() != 0)
                return error_set(error,
                                 "no permission to %s: this needs CAP_BPF and CAP_PERFMON, and the "
                                 "right to read tracefs, which is root's (missing here:%s); run it "
                                 "with sudo",
                                 step, missing[0] ? missing : " tracefs");
        return error_set(
            error,
            "no permission to %s, even for root: kernel lockdown, a container (its "
            "capabilities do not reach here) or, before Linux 5.11, the locked-memory limit "
            "(ulimit -l) may forbid it%s%s",
            step, reason[0] ? "; " : "", reason);
}

/* tracefs's own mount point, since Linux 4.1, and the older one in debugfs, whose trailing slash
 * makes the kernel mount it. */
static const char *const places[] = {"/sys/kernel/tracing/", "/sys/kernel/debug/tracing/"};

static const char *find_tracefs(void)
{
        struct statfs status;

        for (size_t i = 0; i < array_count(places); i++)
                if (statfs(places[i], &status) == 0 && status.f_type == TRACEFS_MAGIC)
                        return places[i];
        return NULL;
}

/* As a slave, /sys follows mounts outside and propagates none. "/" need not be a mount point
 * (chroot); /sys is one wherever there is a folder to mount at. */
static const char *mount_tracefs(void)
{
        if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/sys", NULL, MS_SLAVE | MS_REC, NULL) < 0 ||
            mount("tracefs", places[0], "tracefs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
                return NULL;
        return places[0];
}

int ebpf_open_tracefs(const char **place, struct error *error)
{
        int folder;

        *place = find_tracefs();
        if (!*place)
                *place = mount_tracefs();
        if (!*place && errno == EPERM)
                return fail_for_privilege(
                    error, "mount tracefs, which is not mounted (CAP_SYS_ADMIN)", "");
        if (!*place)
                return error_set(
                    error,
                    "tracefs is not mounted and cannot be mounted at /sys/kernel/tracing (%s); "
                    "it needs sysfs on /sys and a kernel built with CONFIG_FTRACE",
                    strerror(errno));
        folder = open(*place, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (folder < 0)
                return error_set(error, "%s: %s", *place, strerror(errno));
        return folder;
}

int ebpf_fail_for_file(struct error *error, const char *place, const char *name)
{
        char step[128];

        if (errno != EACCES && errno != EPERM)
                return error_set(error, "%s%s: %s", place, name, strerror(errno));
        snprintf(step, sizeof step, "read %s%s", place, name);
        return fail_for_privilege(error, step, "");
}

int ebpf_check_tracepoint(int folder, const char *place, const char *call, struct error *error)
{
        char path[64];

        snprintf(path, sizeof path, "events/syscalls/sys_enter_%s/id", call);
        if (faccessat(folder, path, R_OK, AT_EACCESS) == 0)
                return 0;
        if (errno != ENOENT)
                return ebpf_fail_for_file(error, place, path);
        return error_set(error,
                         "%s has no tracepoint syscalls:sys_enter_%s; it needs a kernel built with "
                         "CONFIG_FTRACE_SYSCALLS",
                         place, call);
}

/* The verifier's own refusal can be EACCES too, but then it says why. */
int ebpf_fail_for_program(struct error *error, const char *step, int number,
                          const struct libbpf_log *log)
{
        char reason[256];
        bool verifier = libbpf_log_reason(log, reason, sizeof reason);
        char what[128];

        if (!verifier && (number == EPERM || number == EACCES))
                return fail_for_privilege(error, step, reason);
        snprintf(what, sizeof what, "cannot %s", step);
        return libbpf_log_fail(error, what, "", number, log);
}
