/* Finds tracefs, or mounts it for this process alone. libbpf looks for it by itself, at the same
 * two places, when it attaches to a tracepoint; this is for it as much as for trace_pipe. */
#include "tracefs.h"

#include <linux/magic.h>
#include <sched.h>
#include <stddef.h>
#include <sys/mount.h>
#include <sys/vfs.h>

/* The first is tracefs's own place, since Linux 4.1; below debugfs it is mounted on first use. The
 * slash makes it so. */
static const char *const places[] = {"/sys/kernel/tracing/", "/sys/kernel/debug/tracing/"};

const char *tracefs_find(void)
{
        struct statfs status;

        for (size_t i = 0; i < sizeof places / sizeof *places; i++)
                if (statfs(places[i], &status) == 0 && status.f_type == TRACEFS_MAGIC)
                        return places[i];
        return NULL;
}

const char *tracefs_mount_privately(void)
{
        if (unshare(CLONE_NEWNS) < 0)
                return NULL;
        /* A slave follows what is mounted and unmounted outside, and tells nothing back. "/" itself
         * need not be a mount point (chroot), /sys is one wherever there is a folder to mount at.
         */
        if (mount(NULL, "/sys", NULL, MS_SLAVE | MS_REC, NULL) < 0 ||
            mount("tracefs", places[0], "tracefs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
                return NULL;
        return places[0];
}
