/* pcap_compile() and its relatives. */
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* Longer expressions than this are optimized also for who does not ask for it: made by a program,
 * they take libpcap's way too long. */
enum { MAX_UNOPTIMIZED = 5000 };

enum source handle_source(pcap_t *handle)
{
        int descriptor, domain, type;
        socklen_t size = sizeof domain;

        if (REAL(pcap_file)(handle))
                return SOURCE_FILE;
        descriptor = REAL(pcap_fileno)(handle); /* none, if the handle is dead */
        if (descriptor < 0 || getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &size) < 0 ||
            domain != AF_PACKET || getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) < 0)
                return SOURCE_MEMORY;
        return type == SOCK_RAW ? SOURCE_SOCKET : SOURCE_COOKED;
}

/* Where the link header is an address family, whose numbers libpcap knows of other systems. */
static bool is_of_other_systems(enum source source, int link_type)
{
        return source == SOURCE_FILE &&
               (link_type == DLT_NULL || link_type == DLT_LOOP || link_type == DLT_ENC);
}

static struct filt_options options_for(int link_type, int snapshot_length, const char *text,
                                       int optimize, bpf_u_int32 netmask)
{
        struct filt_options options = FILT_OPTIONS;

        options.link_type = link_type;
        options.snapshot_length = (uint32_t)snapshot_length;
        options.netmask = netmask;
        if (!optimize && strnlen(text, MAX_UNOPTIMIZED + 1) <= MAX_UNOPTIMIZED)
                options.flags = FILT_UNOPTIMIZED;
        return options;
}

/* As filt says it, for REAL(pcap_geterr)(), whose buffer has this size. */
static int fail(pcap_t *handle, const struct filt_error *error)
{
        snprintf(REAL(pcap_geterr)(handle), PCAP_ERRBUF_SIZE, "%.*s", PCAP_ERRBUF_SIZE - 1,
                 error->message);
        return PCAP_ERROR;
}

PUBLIC int pcap_compile(pcap_t *handle, struct bpf_program *program, const char *text, int optimize,
                        bpf_u_int32 netmask)
{
        int link_type = REAL(pcap_datalink)(handle), snapshot_length = REAL(pcap_snapshot)(handle);
        enum source source = link_type < 0 ? SOURCE_MEMORY : handle_source(handle);
        struct filt_options options;
        struct filt_error error;

        text = text ? text : "";
        /* A handle that is not activated is libpcap's to complain of. */
        if (link_type < 0 || snapshot_length <= 0 || is_of_other_systems(source, link_type))
                return REAL(pcap_compile)(handle, program, text, optimize, netmask);
        options = options_for(link_type, snapshot_length, text, optimize, netmask);
        options.source = source == SOURCE_SOCKET ? FILT_FROM_SOCKET : FILT_FROM_FILE;
        if (program_compile(text, &options, program, &error))
                return 0;
        if (error.code == FILT_ERROR_NOT_LIVE)
                return REAL(pcap_compile)(handle, program, text, optimize, netmask);
        return fail(handle, &error);
}

PUBLIC int pcap_compile_nopcap(int snapshot_length, int link_type, struct bpf_program *program,
                               const char *text, int optimize, bpf_u_int32 netmask)
{
        int (*real)(int, int, struct bpf_program *, const char *, int, bpf_u_int32);
        struct filt_options options;
        struct filt_error error;

        text = text ? text : "";
        options = options_for(link_type, snapshot_length, text, optimize, netmask);
        if (snapshot_length > 0)
                return program_compile(text, &options, program, &error) ? 0 : PCAP_ERROR;
        *(void **)&real = real_function("pcap_compile_nopcap"); /* deprecated: REAL() would warn */
        return real(snapshot_length, link_type, program, text, optimize, netmask);
}

PUBLIC void pcap_freecode(struct bpf_program *program)
{
        if (program->bf_insns)
                program_forget(program->bf_insns);
        free(program->bf_insns);
        *program = (struct bpf_program){0};
}
