/* What filt is made of, and what it finds: its libraries, the kernel, machine code, the sandbox. */
#include "base/array.h"
#include "base/lazy.h"
#include "cbpf/cbpf.h"
#include "cbpf/proof/proof.h"
#include "cli.h"
#include "ebpf/program.h"

#include <errno.h>
#include <jansson.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

/* Libraries that are loaded when they are needed, and what is missing without them. */
static struct {
        const char *name, *purpose;
        struct lazy_library library;
} optional[] = {
    {"libbpf", "all that runs extended programs", {{"libbpf.so.1"}, NULL}},
    {"libcrypto", "ESP, TCP-MD5 and QUIC", {{"libcrypto.so.3"}, NULL}},
    {"libcapstone", "explain --stage native", {{"libcapstone.so.4", "libcapstone.so.5"}, NULL}},
    {"libsmi", "-m", {{"libsmi.so.2"}, NULL}},
    {"libedit", "editing lines in debug", {{"libedit.so.2"}, NULL}},
};

/* Returns 0; -1 if memory is short. */
static int print_optional(void)
{
        for (size_t i = 0; i < array_count(optional); i++) {
                char reason[512] = "";

                if (lazy_open(&optional[i].library, reason, sizeof reason))
                        printf(", %s", optional[i].name);
                else if (!strstr(reason, "No such file"))
                        return -1;
        }
        putchar('\n');
        for (size_t i = 0; i < array_count(optional); i++)
                if (!optional[i].library.handle)
                        printf("without %s, which is for %s\n", optional[i].name,
                               optional[i].purpose);
        return 0;
}

/* Returns 0; -1 if memory is short. */
static int print_kernel(void)
{
        bool types = access("/sys/kernel/btf/vmlinux", R_OK) == 0;
        struct ebpf_kernel kernel = {0};
        struct utsname system;

        /* What is there can be read, or memory is short, which libbpf does not tell from other
         * reasons. */
        if (uname(&system) < 0 ||
            (types && optional[0].library.handle && ebpf_kernel_find(&kernel) < 0))
                return -1;
        printf("%s %s: %s", system.sysname, system.release,
               types ? "BTF" : "no BTF (/sys/kernel/btf/vmlinux)");
        if (kernel.cast_context)
                printf(", filters read packets where they lie");
        if (kernel.dynptr_from_skb)
                printf(", filters for netfilter");
        putchar('\n');
        return 0;
}

/* Returns 0; -1 if memory is short. */
static int print_machine(void)
{
        struct bpf_insn instruction = {.code = BPF_RET | BPF_K, .k = 1};
        const struct bpf_program program = {1, &instruction};
        struct cbpf_jit *jit;

        errno = 0;
        jit = cbpf_jit_new(&program);
        if (!jit && errno == ENOMEM)
                return -1;
        puts(jit ? "machine code: yes" : "machine code: none, programs are interpreted");
        cbpf_jit_free(jit);
        return 0;
}

static void print_sandbox(void)
{
        const uint32_t action = SECCOMP_RET_ERRNO;
        long files = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

        printf("sandbox: %s, ", syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0
                                    ? "seccomp"
                                    : "no seccomp");
        if (files > 0)
                printf("Landlock %ld\n", files);
        else
                puts("no Landlock");
}

int print_all_versions(void)
{
        const struct scmp_version *calls = seccomp_version();
        const char *solver = proof_solver();

        printf("filt %s\n%s\n", FILT_VERSION, pcap_lib_version());
        puts(solver ? solver : "without Z3 (libz3-dev), which filt prove takes for arithmetic");
        printf("zlib %s, zstd %s, jansson %s, libseccomp %u.%u.%u", zlibVersion(),
               ZSTD_versionString(), JANSSON_VERSION, calls->major, calls->minor, calls->micro);
        if (print_optional() < 0 || print_kernel() < 0 || print_machine() < 0)
                return out_of_memory();
        print_sandbox();
        return STATUS_DONE;
}
