/* libfilt: compiles filter expressions, as tcpdump's, and runs them on packets: in the kernel, by
 * attaching them to a socket, and in the process, as machine code.
 *
 *      struct filt_error error;
 *      struct filt_options options = FILT_OPTIONS;
 *      struct filt_filter *filter = filt_compile("tcp port 80", &options, &error);
 *
 *      if (!filter)
 *              errx(1, "%s", error.message);
 *
 * A filter never changes once it is made, so threads may share it, and all functions may be called
 * by several threads at once, but for filt_free(). The library has no state that one call leaves to
 * another. It never prints, exits, handles signals or changes the locale. Where memory is short, a
 * function fails with FILT_ERROR_MEMORY.
 *
 * Numbers are in host byte order unless it says otherwise; sizes and lengths are in bytes. Programs
 * with this header go on working with later libraries of the same soname: functions and constants
 * are only added, and fields of struct filt_options at its end. */
#ifndef FILT_H
#define FILT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef FILT_API
#define FILT_API
#endif

/* The version of the library that runs, "0.1.0"; static. */
FILT_API const char *filt_version(void);

/* --- Errors ----------------------------------------------------------------------------------- */

enum filt_error_code {
        FILT_ERROR_NONE = 0,
        FILT_ERROR_MEMORY = 1,     /* memory is short */
        FILT_ERROR_ARGUMENT = 2,   /* an argument, option or program is invalid */
        FILT_ERROR_EXPRESSION = 3, /* the expression is invalid, or cannot be compiled */
        FILT_ERROR_LIMIT = 4,      /* the expression exceeds a limit, or asks for what the options
                                      do not allow */
        FILT_ERROR_NOT_LIVE = 5,   /* the expression is valid, but cannot run in the kernel: compile
                                      it with FILT_FROM_FILE, and filter in the process */
        FILT_ERROR_SYSTEM = 6,     /* a system call failed: `system` is its errno */
};

#define FILT_NO_OFFSET ((size_t)-1)

/* What went wrong. Functions that take one fill it when they fail, and leave it alone when they do
 * not. NULL may be given in its place. */
struct filt_error {
        int32_t code;       /* enum filt_error_code */
        int32_t system;     /* errno, or 0 */
        size_t offset;      /* the byte of the expression it is about, or FILT_NO_OFFSET */
        size_t length;      /* of that part of the expression; 0 without an offset */
        char message[1024]; /* one line without a newline: what is wrong, and what to do */
        uint64_t reserved[4];
};

/* --- Compiling -------------------------------------------------------------------------------- */

/* Where packets come from. The kernel shows a program for a socket a frame without its outermost
 * VLAN tag, and tells the direction and the interface instead. A program for a socket answers what
 * the one for a file answers on the same packet when it is saved. */
enum filt_source {
        FILT_FROM_FILE = 0,   /* whole packets in memory: of savefiles, or already received */
        FILT_FROM_SOCKET = 1, /* a packet socket: SOCK_RAW or, with the link type FILT_LINK_COOKED,
                                 SOCK_DGRAM, of one interface or all */
        FILT_FROM_ANY = 2,    /* a packet socket of SOCK_RAW for all interfaces, with the link type
                                 FILT_LINK_COOKED, by which such packets are saved */
};

/* Link types are the numbers that libpcap calls DLT_*, which are those of this system. */
#define FILT_LINK_ETHERNET 1 /* DLT_EN10MB */
#define FILT_LINK_RAW_IP 12  /* DLT_RAW */
#define FILT_LINK_COOKED 276 /* DLT_LINUX_SLL2 */

#define FILT_NETMASK_UNKNOWN 0xffffffffu

/* Flags. Without one of the first three, the program is short where that makes it no slower. */
#define FILT_UNOPTIMIZED 1u /* as libpcap makes it, without its optimizer */
#define FILT_FOR_SIZE 2u    /* as short as can be found */
#define FILT_FOR_SPEED 4u   /* as quick for ordinary traffic as can be found */
#define FILT_NO_NAMES                                                               \
        8u /* refuses names of hosts, networks, ports and protocols that have to be \
              looked up: in files, and hosts by DNS, which may take long */
#define FILT_NO_LIBPCAP                                                             \
        16u /* refuses what this library leaves to libpcap: some tests of rare link \
               types, and loops (protochain); compiling these may take seconds */

/* Reads the file that an expression names `name` (`host in NAME`): stores in `*text` memory of
 * malloc(), which the library frees, with `*length` bytes and a NUL behind them, and returns 0. On
 * failure it returns an errno. */
typedef int filt_read_set(void *context, const char *name, char **text, size_t *length);

/* How to compile. Begin with FILT_OPTIONS and change what should differ. */
struct filt_options {
        size_t size; /* sizeof(struct filt_options), by which the library knows what there is */
        uint32_t flags;
        int32_t link_type;
        uint32_t source;           /* enum filt_source */
        uint32_t snapshot_length;  /* what the program returns for a packet that passes; not 0 */
        uint32_t netmask;          /* of the network, for `ip broadcast`, network byte order;
                                      FILT_NETMASK_UNKNOWN if there is none */
        uint32_t max_instructions; /* of the program; 0: no limit. Sockets take no more than 4,096
                                      by the classic way */
        size_t max_length;         /* of the expression; 0: no limit. Time and memory are about
                                      linear in it, unless libpcap is used */
        filt_read_set *read_set;   /* NULL: expressions cannot name files */
        void *context;             /* for read_set */
};

/* Ethernet frames in memory, without limits; names are looked up. */
#define FILT_OPTIONS                                                                        \
        {                                                                                   \
                sizeof(struct filt_options), 0, FILT_LINK_ETHERNET, FILT_FROM_FILE, 262144, \
                    FILT_NETMASK_UNKNOWN, 0, 0, NULL, NULL                                  \
        }

/* A compiled filter. */
struct filt_filter;

/* Compiles `expression`, which need not exist afterwards. Its language is that of pcap-filter(7),
 * with the sets and layers of filt(1); an empty one accepts every packet. `options` may be NULL for
 * FILT_OPTIONS. Returns a filter, which the caller frees with filt_free(); NULL with `error` filled
 * on failure. */
FILT_API struct filt_filter *
filt_compile(const char *expression, const struct filt_options *options, struct filt_error *error);

/* An instruction of classic BPF: the same as struct sock_filter of <linux/filter.h> and libpcap's
 * struct bpf_insn. */
struct filt_instruction {
        uint16_t code;
        uint8_t jt;
        uint8_t jf;
        uint32_t k;
};

/* Makes a filter of a program of `count` instructions, which are copied. The program must keep the
 * kernel's rules for classic programs, but may be longer. Of the options, only those that describe
 * packets count. Returns as filt_compile(). */
FILT_API struct filt_filter *filt_from_program(const struct filt_instruction *instructions,
                                               size_t count, const struct filt_options *options,
                                               struct filt_error *error);

/* The filter's program and, in `*count`, its length: to attach, store or pass on. It lives as long
 * as the filter, and belongs to it. */
FILT_API const struct filt_instruction *filt_program(const struct filt_filter *filter,
                                                     size_t *count);

/* Whether a part of the filter was compiled by libpcap: 1 or 0. */
FILT_API int filt_by_libpcap(const struct filt_filter *filter);

/* Frees a filter; NULL is fine. No other call may use it any more, and no socket may have it
 * attached in the extended way. */
FILT_API void filt_free(struct filt_filter *filter);

/* --- In the kernel ---------------------------------------------------------------------------- */

#define FILT_ONLY_CLASSIC 1u /* refuses instead of loading an extended program */

enum filt_attached {
        FILT_ATTACHED_CLASSIC = 1,  /* the socket has its own copy: the filter may be freed */
        FILT_ATTACHED_EXTENDED = 2, /* as an extended program (eBPF), as a classic one would exceed
                                       4,096 instructions. What the program needs is held by the
                                       filter: until it is freed, when all sockets that have it
                                       attached reject every packet */
};

/* Attaches the filter to `socket`, in place of the one it has. The filter should have been compiled
 * for the socket's packets (FILT_FROM_SOCKET, or FILT_FROM_ANY). Attach before the socket is bound,
 * or packets that came before have to be thrown away. Returns how it was done, enum filt_attached,
 * or -1 with `error` filled: FILT_ERROR_SYSTEM with EPERM if the extended program that it takes may
 * not be loaded (that needs CAP_BPF, or root), with E2BIG if it is too long for it. `flags` is 0 or
 * FILT_ONLY_CLASSIC. */
FILT_API int filt_attach(struct filt_filter *filter, int socket, uint32_t flags,
                         struct filt_error *error);

/* --- In the process --------------------------------------------------------------------------- */

/* A packet in memory. */
struct filt_packet {
        const uint8_t *bytes; /* from the link header on */
        uint32_t captured;    /* how many are at `bytes`; less than 4 GB - 4 KiB */
        uint32_t length;      /* how many the packet had on the wire, at least `captured` */
};

/* What the kernel knows of a packet besides, for programs of sockets. */
struct filt_metadata {
        uint32_t interface;     /* its index */
        uint16_t protocol;      /* the EtherType */
        uint16_t hardware_type; /* ARPHRD_* of <linux/if_arp.h> */
        uint16_t packet_type;   /* PACKET_* of <linux/if_packet.h> */
        uint16_t has_vlan_tag;  /* 1 if there is one, else 0 */
        uint16_t vlan_tag;      /* priority and number */
        uint16_t vlan_protocol; /* the tag's EtherType */
};

/* Filters a packet: returns 0 if it is rejected, else how many bytes of it are to be kept, which
 * may be more than there are. The filter should have been compiled with FILT_FROM_FILE: a program
 * for a socket rejects what it needs metadata for. It runs as machine code on x86-64, made when the
 * filter is first used; elsewhere, or where the system denies that, it is interpreted, with the
 * same results. Never fails. */
FILT_API uint32_t filt_match(const struct filt_filter *filter, const struct filt_packet *packet);

/* The same for `count` packets: verdicts[i] is for packets[i]. Faster than one by one for packets
 * that are not in the processor's cache. */
FILT_API void filt_match_many(const struct filt_filter *filter, const struct filt_packet *packets,
                              size_t count, uint32_t *verdicts);

/* The same for one packet as the kernel shows it to a program of a socket. */
FILT_API uint32_t filt_match_live(const struct filt_filter *filter,
                                  const struct filt_packet *packet,
                                  const struct filt_metadata *metadata);

/* --- In words --------------------------------------------------------------------------------- */

enum filt_form {
        FILT_LISTING = 0,   /* tcpdump -d: a line an instruction */
        FILT_C = 1,         /* tcpdump -dd: initializers of struct sock_filter */
        FILT_DECIMAL = 2,   /* tcpdump -ddd */
        FILT_ASSEMBLER = 3, /* of the kernel's bpf_asm */
        FILT_BYTECODE = 4,  /* iptables -m bpf --bytecode */
        FILT_JSON = 5,      /* an array of objects */
        FILT_NOTES = 6,     /* the listing, with what each instruction does in protocol terms */
        FILT_MEANING = 7,   /* the expression with all parentheses and qualifiers, then each test,
                               a tab and its meaning */
        FILT_GRAPH = 8,     /* the decision graph */
};

/* Describes a filter. Lines end in newlines. FILT_MEANING takes a filter of filt_compile(),
 * FILT_GRAPH one without loops: FILT_ERROR_ARGUMENT otherwise. Returns text that the caller frees
 * with filt_free_text(); NULL with `error` filled on failure. */
FILT_API char *filt_text(const struct filt_filter *filter, enum filt_form form,
                         struct filt_error *error);

/* Says in a sentence why the filter, which must be of filt_compile() with FILT_FROM_FILE, accepts
 * or rejects the packet: "rejected: TCP destination port is 443, the filter wants 80". Returns as
 * filt_text(). */
FILT_API char *filt_why(const struct filt_filter *filter, const struct filt_packet *packet,
                        struct filt_error *error);

FILT_API void filt_free_text(char *text); /* NULL is fine */

#ifdef __cplusplus
}
#endif

#endif
