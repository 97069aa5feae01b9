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
#include "base/lazy.h"
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <pwd.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Of libraries newer than Debian 12's headers. */
#define ACCESS_FS_TRUNCATE (1ull << 14) /* ABI 3 */
#define ACCESS_FS_IOCTL (1ull << 15)    /* ABI 5 */
#define ACCESS_NET_TCP 3ull             /* ABI 4: bind and connect */
#define SCOPE_ALL 3ull                  /* ABI 6: abstract sockets and signals */

/* BPF_LINK_CREATE and BPF_ITER_CREATE of <linux/bpf.h>, which contradicts libpcap's header. */
enum { CREATE_LINK = 28, CREATE_ITERATOR = 33 };

/* struct landlock_ruleset_attr as of ABI 6. */
struct ruleset {
        uint64_t files, network, scoped;
};

static const char *const default_users[] = {"tcpdump", "nobody"};

/* Where there is none of these: what the kernel takes for users that it does not know. */
static const struct user nameless_user = {65534, 65534};

/* --- The user --- */

/* A user of /etc/passwd. Those of a system's own are there, and to ask the name service would load
 * its modules, into a process that is still root. Returns NULL if there is none, or with errno
 * ENOMEM. */
static const struct passwd *find_local(const char *name)
{
        FILE *file = fopen("/etc/passwd", "re");
        const struct passwd *user = NULL;

        errno = file ? 0 : errno;
        while (file && (user = fgetpwent(file)) && strcmp(user->pw_name, name) != 0)
                ;
        if (file)
                fclose(file);
        return user;
}

/* The one to become if none is asked for, never root by another name. Returns false when memory is
 * short. */
static bool find_default_user(struct user *user)
{
        *user = nameless_user;
        for (size_t i = 0; i < array_count(default_users); i++) {
                const struct passwd *found = find_local(default_users[i]);

                if (errno == ENOMEM)
                        return false;
                if (!found || found->pw_uid == 0)
                        continue;
                *user = (struct user){found->pw_uid, found->pw_gid};
                break;
        }
        return true;
}

bool user_find(const char *name, struct user *user)
{
        const struct passwd *found;

        if (geteuid() != 0) {
                complain("option -Z: only root can become another user");
                return false;
        }
        found = find_local(name);
        if (!found && errno != ENOMEM)
                found = getpwnam(name);
        if (found)
                *user = (struct user){found->pw_uid, found->pw_gid};
        else if (errno == ENOMEM)
                out_of_memory();
        else if (!refused("-Z", name))
                complain("-Z %s: there is no such user", name);
        return found;
}

static bool become(const struct user *user)
{
        int end_with_parent = 0; /* a signal, which a change of the user forgets */
        bool became;

        prctl(PR_GET_PDEATHSIG, &end_with_parent);
        became = setgroups(0, NULL) == 0 && setresgid(user->gid, user->gid, user->gid) == 0 &&
                 setresuid(user->uid, user->uid, user->uid) == 0;
        prctl(PR_SET_PDEATHSIG, (unsigned long)end_with_parent);
        return became;
}

/* -Z: a user that was asked for is a condition. */
static int change_to_user(const char *name)
{
        struct user user;

        if (!user_find(name, &user))
                return -1;
        if (strcmp(name, "root") == 0)
                return 0;
        if (!become(&user)) {
                complain("-Z %s: %s", name, strerror(errno));
                return -1;
        }
        if (user.uid == 0)
                complain("sandbox: filt is still root, and so is %s", name);
        return 0;
}

/* The default user is tried: in a user namespace, only mapped users can be had. */
static int change_user(const struct sandbox *sandbox)
{
        struct user user;

        if (sandbox->user)
                return change_to_user(sandbox->user);
        if (geteuid() != 0)
                return 0;
        if (!find_default_user(&user)) {
                out_of_memory();
                return -1;
        }
        if (!become(&user))
                complain("sandbox: filt is still root: it cannot become another user: %s",
                         strerror(errno));
        return 0;
}

/* --- Capabilities --- */

/* Also from the bounding set, where that is allowed: while there still is CAP_SETPCAP. */
static void drop_bounding_set(void)
{
        for (unsigned long capability = 0; prctl(PR_CAPBSET_READ, capability) >= 0; capability++)
                prctl(PR_CAPBSET_DROP, capability);
}

#define CAPABILITY(number) (UINT64_C(1) << (number))

/* Leaves those of `kept`. */
static bool drop_capabilities_but(uint64_t kept)
{
        struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
        const uint32_t lower = (uint32_t)kept, upper = (uint32_t)(kept >> 32);
        struct __user_cap_data_struct left[_LINUX_CAPABILITY_U32S_3] = {
            {.effective = lower, .permitted = lower}, {.effective = upper, .permitted = upper}};

        prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
        return syscall(SYS_capset, &header, left) == 0;
}

static bool drop_capabilities(void)
{
        return drop_capabilities_but(0);
}

bool user_become(const struct user *user)
{
        drop_bounding_set();
        return become(user) && drop_capabilities() && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

void leave_files_to_user(void)
{
        static const unsigned over_files[] = {CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH,
                                              CAP_FOWNER, CAP_FSETID};
        struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
        struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];

        /* What the user could do before is left alone: then the kernel does not set AT_SECURE. */
        if (geteuid() == 0 || !getauxval(AT_SECURE) || syscall(SYS_capget, &header, sets) < 0)
                return;
        for (size_t i = 0; i < array_count(over_files); i++) {
                struct __user_cap_data_struct *set = &sets[CAP_TO_INDEX(over_files[i])];

                set->effective &= ~CAP_TO_MASK(over_files[i]);
                set->permitted &= ~CAP_TO_MASK(over_files[i]);
        }
        syscall(SYS_capset, &header, sets);
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
static const char *const names_folders[] = {"/etc", "/usr",     "/lib", "/lib64",
                                            "/run", "/var/run", NULL};
static const char *const all_folders[] = {"/", NULL};

static void allow_reading(int rules, const char *const *folders)
{
        for (; *folders; folders++) {
                struct landlock_path_beneath_attr folder = {
                    .allowed_access = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
                    .parent_fd = open(*folders, O_PATH | O_CLOEXEC),
                };

                if (folder.parent_fd < 0)
                        continue;
                syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &folder, 0);
                close(folder.parent_fd);
        }
}

/* Lets files in `folders` be read, NULL for none; and with `alone`, nothing outside of this process
 * be reached. */
static bool lock_files(const char *const *folders, bool alone)
{
        int abi =
            (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
        struct ruleset attributes = {.files = file_rights(abi)};
        size_t size = sizeof attributes.files;
        bool locked;
        int rules;

        if (abi < 1)
                return false;
        if (abi >= 4 && alone) {
                attributes.network = ACCESS_NET_TCP;
                size = offsetof(struct ruleset, scoped);
        }
        if (abi >= 6 && alone) {
                attributes.scoped = SCOPE_ALL;
                size = sizeof attributes;
        }
        rules = (int)syscall(SYS_landlock_create_ruleset, &attributes, size, 0);
        if (rules < 0)
                return false;
        if (folders)
                allow_reading(rules, folders);
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

/* And who loads programs into the kernel, and reads and watches files. */
static const char *const loading[] = {
    "bpf",
    "open",
    "openat",
    "stat",
    "lstat",
    "statx",
    "access",
    "faccessat",
    "faccessat2",
    "readlink",
    "readlinkat",
    "inotify_init1",
    "inotify_add_watch",
    "memfd_create",
    "sendmsg",
    "socket", /* to try a filter on */
    "timer_create",
    "timer_settime",
    "timer_delete",
};

/* The second lowest byte of an ioctl's number says whose it is: Documentation/usb/usbmon.rst. */
enum { CONTROL_TYPE = 0xff00, USBMON_CONTROLS = 0x9200 };

static const unsigned long controls[] = {
    TCGETS,       TIOCGWINSZ,   FIONREAD, /* of files; then of interfaces */
    SIOCGIFINDEX, SIOCGIFFLAGS, SIOCGIFHWADDR, SIOCGIFNAME,
};

/* And who edits lines. */
static const unsigned long terminal_controls[] = {TCSETS, TCSETSW, TCSETSF};

/* The filter, in classic BPF. libseccomp knows the numbers; its own rules take a thousand
 * allocations, and it does not survive one that fails. */
struct calls {
        struct sock_filter code[512];
        unsigned short length;
};

static void put(struct calls *calls, uint16_t code, uint32_t k, uint8_t if_equal, uint8_t if_not)
{
        calls->code[calls->length++] = (struct sock_filter){code, if_equal, if_not, k};
}

static void put_load(struct calls *calls, size_t offset)
{
        put(calls, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void put_answer(struct calls *calls, uint32_t answer)
{
        put(calls, BPF_RET | BPF_K, answer, 0, 0);
}

/* Where the lower half of an argument is; the upper one means nothing to the calls in question. */
static size_t argument_at(unsigned number)
{
        return offsetof(struct seccomp_data, args) + number * sizeof(uint64_t) +
               (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? sizeof(uint32_t) : 0);
}

/* Here and below, the accumulator holds the number of the call. */
static void answer_call(struct calls *calls, const char *name, uint32_t answer)
{
        int number = seccomp_syscall_resolve_name(name);

        if (number < 0) /* not on this architecture */
                return;
        put(calls, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0, 1);
        put_answer(calls, answer);
}

static void allow(struct calls *calls, const char *const *names, size_t count)
{
        for (size_t i = 0; i < count; i++)
                answer_call(calls, names[i], SECCOMP_RET_ALLOW);
}

/* Allows a call if these bits of an argument have this value. */
static void allow_if(struct calls *calls, const char *name, unsigned argument, uint32_t bits,
                     uint32_t value)
{
        enum { REST = 5 };

        put(calls, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)seccomp_syscall_resolve_name(name), 0,
            REST);
        put_load(calls, argument_at(argument));
        put(calls, BPF_ALU | BPF_AND | BPF_K, bits, 0, 0);
        put(calls, BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1);
        put_answer(calls, SECCOMP_RET_ALLOW);
        put_load(calls, offsetof(struct seccomp_data, nr));
}

static void begin_calls(struct calls *calls)
{
        put_load(calls, offsetof(struct seccomp_data, arch));
        put(calls, BPF_JMP | BPF_JEQ | BPF_K, seccomp_arch_native(), 1, 0);
        put_answer(calls, SECCOMP_RET_KILL_PROCESS);
        put_load(calls, offsetof(struct seccomp_data, nr));
        allow(calls, running, array_count(running));
}

static void fill(struct calls *calls, const struct sandbox *sandbox)
{
        begin_calls(calls);
        for (size_t i = 0; i < array_count(controls); i++)
                allow_if(calls, "ioctl", 1, UINT32_MAX, (uint32_t)controls[i]);
        for (size_t i = 0; sandbox->terminal && i < array_count(terminal_controls); i++)
                allow_if(calls, "ioctl", 1, UINT32_MAX, (uint32_t)terminal_controls[i]);
        /* Threads, but no processes. What clone3() is asked for lies in memory, where no filter
         * looks; as if the kernel had none, the C library takes clone(). */
        allow_if(calls, "clone", 0, CLONE_THREAD, CLONE_THREAD);
        answer_call(calls, "clone3", SECCOMP_RET_ERRNO | ENOSYS);
        if (sandbox->by_libpcap) {
                answer_call(calls, "sendmsg", SECCOMP_RET_ALLOW); /* libdbus */
                allow_if(calls, "ioctl", 1, CONTROL_TYPE, USBMON_CONTROLS);
        }
        if (sandbox->answers)
                answer_call(calls, "sendto", SECCOMP_RET_ALLOW);
        if (sandbox->channel >= 0)
                allow_if(calls, "sendto", 0, UINT32_MAX, (uint32_t)sandbox->channel);
        if (sandbox->other > 0)
                allow_if(calls, "sendto", 0, UINT32_MAX, (uint32_t)sandbox->other);
        if (sandbox->attaches)
                allow_if(calls, "bpf", 0, UINT32_MAX, CREATE_LINK);
        if (sandbox->scans)
                allow_if(calls, "bpf", 0, UINT32_MAX, CREATE_ITERATOR);
        if (sandbox->names)
                allow(calls, resolving, array_count(resolving));
        put_answer(calls, SECCOMP_RET_ERRNO | EPERM);
}

static bool limit_calls_to(struct calls *calls)
{
        const struct sock_fprog filter = {calls->length, calls->code};

        return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

static bool limit_calls(const struct sandbox *sandbox)
{
        struct calls calls = {.length = 0};

        _Static_assert(2 * (array_count(running) + array_count(resolving)) +
                               6 * (array_count(controls) + array_count(terminal_controls) + 6) +
                               11 <=
                           array_count(calls.code),
                       "the filter has room");
        fill(&calls, sandbox);
        return limit_calls_to(&calls);
}

static bool limit_calls_to_loading(void)
{
        struct calls calls = {.length = 0};

        begin_calls(&calls);
        allow(&calls, loading, array_count(loading));
        put_answer(&calls, SECCOMP_RET_ERRNO | EPERM);
        return limit_calls_to(&calls);
}

/* --- All of it --- */

static void lacks(const struct sandbox *sandbox, const char *what)
{
        if (sandbox->verbose)
                complain("sandbox: without %s, which this kernel does not provide here", what);
}

int sandbox_enter(const struct sandbox *sandbox)
{
        libpcap_load(); /* names and exotic link types may need it, and then no file can be opened
                         */
        errno = 0;
        tzset(); /* reads the zone's file; without, times would be UTC */
        if (errno == ENOMEM) {
                out_of_memory();
                return -1;
        }
        drop_bounding_set();
        prctl(PR_SET_KEEPCAPS, sandbox->answers);
        if (change_user(sandbox) < 0)
                return -1;
        if (!drop_capabilities_but(sandbox->answers ? CAPABILITY(CAP_NET_ADMIN) : 0))
                lacks(sandbox, "dropping capabilities");
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
                lacks(sandbox, "no_new_privs");
        if (!lock_files(sandbox->names ? names_folders : NULL, !sandbox->names))
                lacks(sandbox, "Landlock");
        if (!limit_calls(sandbox))
                lacks(sandbox, "seccomp");
        return 0;
}

/* What loading programs takes; before Linux 5.8, CAP_SYS_ADMIN. */
static uint64_t capabilities_to_load(void)
{
        struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
        struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {{0}};
        uint64_t wanted = CAPABILITY(CAP_DAC_READ_SEARCH) | CAPABILITY(CAP_NET_ADMIN);

        syscall(SYS_capget, &header, sets);
        wanted |= prctl(PR_CAPBSET_READ, CAP_BPF) < 0
                      ? CAPABILITY(CAP_SYS_ADMIN)
                      : CAPABILITY(CAP_BPF) | CAPABILITY(CAP_PERFMON);
        return wanted & (sets[0].permitted | (uint64_t)sets[1].permitted << 32);
}

void sandbox_enter_to_load(void)
{
        const struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
        uint64_t kept = capabilities_to_load();

        setrlimit(RLIMIT_MEMLOCK, &unlimited); /* of maps, before Linux 5.11 */
        libpcap_load();
        drop_bounding_set();
        drop_capabilities_but(kept);
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        lock_files(all_folders, true);
        limit_calls_to_loading();
}
