/* Inside libfilt-pcap: libpcap's functions for filters, by libfilt, for programs that know nothing
 * of either. What filt has compiled, filt runs; all else is left to libpcap, whose own functions
 * are found behind these. Nothing is ever printed, but by bpf_dump(): what a program writes may be
 * a protocol. */
#pragma once

#include "cbpf/cbpf.h"
#include "libfilt/filt.h"

#include <pcap/pcap.h>

#define PUBLIC __attribute__((visibility("default")))

/* libpcap's own function of that name. No function of it is called but by this: what is preloaded
 * is in processes, too, that have no libpcap. */
void *real_function(const char *name);

#define REAL(name) ((__typeof__(&name))real_function(#name))

/* --- Programs that filt has compiled ---------------------------------------------------------- */

/* Shared by the caller of pcap_compile() and the handles that the program is set on. */
struct program;

/* Compiles. Returns the program, with its instructions, of malloc(), in `out`; NULL with `error`
 * filled. It belongs to `out`, until program_forget(). */
struct program *program_compile(const char *text, const struct filt_options *options,
                                struct bpf_program *out, struct filt_error *error);

/* The program that these instructions, still unchanged, are of; NULL if they are no program of
 * filt's. The caller gives it back with program_release(). */
struct program *program_find(const struct bpf_insn *instructions);

void program_forget(const struct bpf_insn *instructions); /* they are about to be freed */
void program_hold(struct program *program);
void program_release(struct program *program); /* NULL is fine */

uint32_t program_length(const struct program *program);

/* The filter for packets in memory, or for those of a socket: the program's own, or one of the same
 * expression; NULL if there cannot be one. It lives as long as the program. */
struct filt_filter *program_for_memory(struct program *program);
struct filt_filter *program_for_socket(struct program *program, bool cooked);

/* --- Handles ---------------------------------------------------------------------------------- */

/* What a handle reads from. */
enum source {
        SOURCE_MEMORY, /* nothing, or what is none of the others */
        SOURCE_FILE,
        SOURCE_SOCKET, /* a packet socket */
        SOURCE_COOKED, /* one without link headers, for which libpcap translates programs itself */
};

enum source handle_source(pcap_t *handle);
