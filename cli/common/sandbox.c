/* Giving up power: before the first byte of a stranger is read, the process becomes an ordinary
 * user without capabilities, and what it may still ask of the kernel is what a running capture
 * needs.
 *
 * Four layers, each of which holds without the others: the user and capabilities (credentials(7)),
 * no_new_privs, Landlock (no file can be opened: those in use are open already), and a list of
 * system calls (seccomp(2)). A system call that is not on the list fails with EPERM; it does not
 * kill, since a capture must survive a C library that asks for something new. Landlock and
 * capabilities are a thread's own, so all this happens before there is a second one. */
#include "base/array.h"
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <pwd.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Of libraries newer than Debian 12's headers. */
#define ACCESS_FS_TRUNCATE (1ull << 14) /* ABI 3 */
#define ACCESS_FS_IOCTL (1ull << 15)    /* ABI 5 */
#define ACCESS_NET_TCP 3ull             /* ABI 4: bind and connect */
#define SCOPE_ALL 3ull                  /* ABI 6: abstract sockets and signals */

/* struct landlock_ruleset_attr as of ABI 6. */
struct ruleset {
        uint64_t files, network, scoped;
};

static const char *const default_users[] = {"tcpdump", "nobody"};

/* --- The user --- */

/* The one to become; NULL if it does not exist. */
static const struct passwd *find_user(const char *name)
{
        if (name)
                return getpwnam(name);
        for (size_t i = 0; i < array_count(default_users); i++) {
                const struct passwd *user = getpwnam(default_users[i]);

                if (user)
                        return user;
        }
        return NULL;
}

static bool become(const struct passwd *user)
{
        int end_with_parent = 0; /* a signal, which a change of the user forgets */
        bool became;

        prctl(PR_GET_PDEATHSIG, &end_with_parent);
        became = setgroups(0, NULL) == 0 &&
                 setresgid(user->pw_gid, user->pw_gid, user->pw_gid) == 0 &&
                 setresuid(user->pw_uid, user->pw_uid, user->pw_uid) == 0;
        prctl(PR_SET_PDEATHSIG, (unsigned long)end_with_parent);
        return became;
}

/* A user that was asked for is a condition. The default one is tried: in a user namespace, only
 * mapped users can be had. */
static int change_user(const struct sandbox *sandbox)
{
        const struct passwd *user;

        if (geteuid() != 0) {
                if (!sandbox->user)
                        return 0;
                complain("option -Z: only root can become another user");
                return -1;
        }
        if (sandbox->user && strcmp(sandbox->user, "root") == 0)
                return 0;
        user = find_user(sandbox->user);
        if (user && become(user))
                return 0;
        if (sandbox->user) {
                if (user)
                        complain("-Z %s: %s", sandbox->user, strerror(errno));
                else
                        complain("-Z %s: there is no such user", sandbox->user);
                return -1;
        }
        if (sandbox->verbose)
                complain("sandbox: still root: %s",
                         user ? strerror(errno)
                              : "there is neither a user tcpdump nor a user nobody");
        return 0;
}

/* --- Capabilities --- */

/* Also from the bounding set, where that is allowed: while there still is CAP_SETPCAP. */
static void drop_bounding_set(void)
{
        for (unsigned long capability = 0; prctl(PR_CAPBSET_READ, capability) >= 0; capability++)
                prctl(PR_CAPBSET_DROP, capability);
}

static bool drop_capabilities(void)
{
        struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
        struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {0};

        prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
        return syscall(SYS_capset, &header, none) == 0;
}

/* --- Landlock --- */

/* All rights over files that this kernel can withhold. */
static uint64_t file_rights(int abi)
{
        uint64_t rights = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1; /* ABI 1 */

        if (abi >= 2)
                rights |= LANDLOCK_ACCESS_FS_REFER;
        if (abi >= 3)
                rights |= ACCESS_FS_TRUNCATE;
        if (abi >= 5)
                rights |= ACCESS_FS_IOCTL;
        return rights;
}

/* Where the resolver reads: its settings, the libraries that it loads, and the sockets of daemons.
 */
static void allow_reading(int rules)
{
        static const char *const folders[] = {"/etc", "/usr", "/lib", "/lib64", "/run", "/var/run"};

        for (size_t i = 0; i < array_count(folders); i++) {
                struct landlock_path_beneath_attr folder = {
                    .allowed_access = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
                    .parent_fd = open(folders[i], O_PATH | O_CLOEXEC),
                };

                if (folder.parent_fd < 0)
                        continue;
                syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &folder, 0);
                close(folder.parent_fd);
        }
}

static bool lock_files(const struct sandbox *sandbox)
{
        int abi =
            (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
        struct ruleset attributes = {.files = file_rights(abi)};
        size_t size = sizeof attributes.files;
        bool locked;
        int rules;

        if (abi < 1)
                return false;
        if (abi >= 4 && !sandbox->names) {
                attributes.network = ACCESS_NET_TCP;
                size = offsetof(struct ruleset, scoped);
        }
        if (abi >= 6 && !sandbox->names) {
                attributes.scoped = SCOPE_ALL;
                size = sizeof attributes;
        }
        rules = (int)syscall(SYS_landlock_create_ruleset, &attributes, size, 0);
        if (rules < 0)
                return false;
        if (sandbox->names)
                allow_reading(rules);
        locked = syscall(SYS_landlock_restrict_self, rules, 0) == 0;
        close(rules);
        return locked;
}

/* --- System calls --- */

/* What a running capture, its threads, its timers and the C library need. */
static const char *const running[] = {
    "read",
    "readv",
    "pread64",
    "write",
    "writev",
    "lseek",
    "close",
    "fstat",
    "fstat64",
    "newfstatat",
    "ftruncate",
    "fdatasync",
    "fsync",
    "poll",
    "ppoll",
    "recvfrom",
    "recvmsg",
    "recv",
    "getsockopt",
    "setsockopt",
    "getsockname",
    "bind",
    "mmap",
    "mmap2",
    "munmap",
    "mremap",
    "mprotect",
    "madvise",
    "brk",
    "pipe2",
    "dup2",
    "dup3",
    "futex",
    "futex_time64",
    "set_robust_list",
    "rseq",
    "sched_yield",
    "sched_getaffinity",
    "exit",
    "exit_group",
    "rt_sigaction",
    "rt_sigprocmask",
    "rt_sigreturn",
    "rt_sigtimedwait",
    "sigaltstack",
    "restart_syscall",
    "getpid",
    "gettid",
    "tgkill",
    "getrandom",
    "clock_gettime",
    "clock_gettime64",
    "clock_nanosleep",
    "nanosleep",
    "gettimeofday",
    "time",
    "alarm",
    "getrlimit",
    "prlimit64",
    "sysinfo",
    "uname",
    "membarrier",
    "fcntl",
    "fcntl64",
    "wait4",
    "waitid",
};

/* And the resolver: it opens files, and talks to name servers and daemons. */
static const char *const resolving[] = {
    "open",        "openat",        "stat",      "lstat",      "access",   "faccessat", "readlink",
    "getdents64",  "socket",        "connect",   "sendto",     "sendmmsg", "recvmmsg",  "sendmsg",
    "getpeername", "epoll_create1", "epoll_ctl", "epoll_wait", "getuid",   "geteuid",   "getgid",
    "getegid",     "statx",         "statfs",    "fstatfs",    "dup",      "shutdown",  "eventfd2",
};

static const unsigned long controls[] = {
    TCGETS,       TIOCGWINSZ,   FIONREAD, /* of files; then of interfaces */
    SIOCGIFINDEX, SIOCGIFFLAGS, SIOCGIFHWADDR, SIOCGIFNAME,
};

static int allow(scmp_filter_ctx filter, const char *const *names, size_t count)
{
        int failed = 0;

        for (size_t i = 0; i < count && !failed; i++) {
                int number = seccomp_syscall_resolve_name(names[i]);

                if (number != __NR_SCMP_ERROR)
                        failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0);
                if (failed == -EDOM) /* not on this architecture */
                        failed = 0;
        }
        return failed;
}

/* Threads, but no processes. What clone3() is asked for lies in memory, where no filter looks; as
 * if the kernel had none, the C library takes clone(). */
static int allow_threads(scmp_filter_ctx filter)
{
        int failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                                      SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));

        return failed ? failed
                      : seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
}

static int fill(scmp_filter_ctx filter, const struct sandbox *sandbox)
{
        int failed = allow(filter, running, array_count(running));

        for (size_t i = 0; i < array_count(controls) && !failed; i++)
                failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
                                          SCMP_A1(SCMP_CMP_EQ, controls[i], 0));
        if (!failed)
                failed = allow_threads(filter);
        if (!failed && sandbox->channel >= 0)
                failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(sendto), 1,
                                          SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)sandbox->channel, 0));
        if (!failed && sandbox->names)
                failed = allow(filter, resolving, array_count(resolving));
        return failed;
}

static bool limit_calls(const struct sandbox *sandbox)
{
        scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
        bool limited = filter && fill(filter, sandbox) == 0 && seccomp_load(filter) == 0;

        seccomp_release(filter);
        return limited;
}

/* --- All of it --- */

static void lacks(const struct sandbox *sandbox, const char *what)
{
        if (sandbox->verbose)
                complain("sandbox: without %s, which this kernel does not provide here", what);
}

int sandbox_enter(const struct sandbox *sandbox)
{
        tzset(); /* reads the zone's file */
        drop_bounding_set();
        if (change_user(sandbox) < 0)
                return -1;
        if (!drop_capabilities())
                lacks(sandbox, "dropping capabilities");
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
                lacks(sandbox, "no_new_privs");
        if (!lock_files(sandbox))
                lacks(sandbox, "Landlock");
        if (!limit_calls(sandbox))
                lacks(sandbox, "seccomp");
        return 0;
}
