/* cbpf: compiles filter expressions to classic BPF; runs, checks, lists and explains programs.
 *
 * A library: it opens no socket or file and prints nothing. Programs are libpcap's
 * struct bpf_program, so they can be exchanged with any tool that uses libpcap. */
#pragma once

#include "base/error.h"
#include "net/packet.h"

#include <pcap/pcap.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The kernel's BPF_MAXINSNS: the longest program SO_ATTACH_FILTER takes. */
#define CBPF_KERNEL_MAX 4096

/* Where a program will run. The kernel takes the outermost VLAN tag out of a frame and knows a
 * packet's direction and interface; a frame read from a file has its tags in place and knows
 * neither. A live program answers as the same filter does on the packet when it is saved. */
enum cbpf_place {
        CBPF_FILE,
        CBPF_LIVE,
        CBPF_LIVE_ANY,     /* a raw socket for all interfaces, saved as DLT_LINUX_SLL2 */
        CBPF_LIVE_NETWORK, /* where packets are shown from the network header on, saved likewise */
};

/* The files that an expression names in `host in FILE`, read. */
struct cbpf_sets;

struct cbpf_target {
        int link_type;            /* DLT_*; live, DLT_LINUX_SLL2 means a cooked socket */
        uint32_t snapshot_length; /* bytes; what the program returns to accept */
        enum cbpf_place place;
        uint32_t netmask; /* of the interface, network byte order; CBPF_NETMASK_UNKNOWN if none */
        bool saved;       /* packets come from a file, perhaps of another system: where the link
                             header is an address family, that of IPv6 is then one of BSD's */
        const struct cbpf_sets *sets; /* of the expression; NULL if it names no files */
        bool layers; /* for cbpf_annotate(): the program is of an expression that cbpf_has_layers()
                      */
        unsigned only_layer; /* what asks of layers means this one alone, 1 being the outermost;
                                0: as it says */
};

#define CBPF_NETMASK_UNKNOWN 0xffffffffu

/* Flags of cbpf_compile(). Optimized programs are short where that makes them no slower, unless one
 * of the last two says otherwise: as short, or as quick for ordinary traffic, as can be found. */
#define CBPF_UNOPTIMIZED 1u
#define CBPF_FOR_SIZE 2u
#define CBPF_FOR_SPEED 4u
/* Refuses what this compiler leaves to libpcap. */
#define CBPF_NATIVE 8u

/* An error's `kind`: the expression is valid, but no live program can say it; compiled for
 * CBPF_FILE it can run on the captured packets. */
#define CBPF_ONLY_IN_FILE 1

/* Likewise: only libpcap can compile it, and CBPF_NATIVE forbids that. */
#define CBPF_NEEDS_LIBPCAP 2

/* Likewise: what it names has to be looked up, and cbpf_refuse_names() forbids that. */
#define CBPF_HAS_NAME 3

/* Reads the file that an expression names `name`. Returns 0 with `*text`, fresh memory from
 * malloc() which cbpf_sets_new() frees, of `*length` bytes and a NUL; or -1 with `error` filled, in
 * the words of which the name need not be repeated. */
typedef int cbpf_set_reader(void *context, const char *name, char **text, size_t *length,
                            struct error *error);

/* Has `read` read the files that `expression` names as sets, and parses them: an address, network,
 * range, port, MAC address or pair a line. Returns 0 and the files, which the caller frees with
 * cbpf_sets_free() when no target needs them any more; NULL if none are named, also by what is no
 * expression, which compiling it tells. On failure returns -1 and fills `error`, with the place in
 * the expression; its message names the file and, where an entry is wrong, the line. Time and
 * memory are linear in the length of the files. */
int cbpf_sets_new(const char *expression, cbpf_set_reader *read, void *context,
                  struct cbpf_sets **sets, struct error *error);
void cbpf_sets_free(struct cbpf_sets *sets); /* NULL is fine */

/* The file number `i` of the sets and how many values it has, where a range of IPv6 counts as the
 * networks that it consists of. Returns NULL behind the last one. A file that is used for values of
 * several kinds is there for each of them. */
const char *cbpf_sets_file(const struct cbpf_sets *sets, size_t i, uint64_t *count);

/* Whether both, of the same expression, have the same values in the same order. */
bool cbpf_sets_equal(const struct cbpf_sets *one, const struct cbpf_sets *other);

/* Whether `expression` has a set, of a file or between braces, which libpcap does not know: 1 or 0;
 * -1 if memory is short. */
int cbpf_has_sets(const char *expression);

/* Writes `expression` with all qualifiers and the values of its sets as tests joined by `or`, for
 * programs that know no sets. Returns fresh memory; NULL with `error` filled. */
char *cbpf_write_out(const char *expression, const struct cbpf_sets *sets, struct error *error);

/* Compiles `expression` for `target`. On success returns 0 and fills `program`, which the caller
 * frees with cbpf_program_free(). On failure returns -1, fills `error` and leaves `program` empty.
 * `flags` are those above, of the first three no more than one. An empty expression accepts every
 * packet.
 *
 * A live program is the one to attach. That for a cooked target (DLT_LINUX_SLL2) sees the packet
 * from the network header on, with CBPF_LIVE_ANY behind an Ethernet header where there is one; it
 * loads the fields of the synthetic link header from the socket buffer. `error` has the place in
 * the expression where one is known. Grammar: pcap-filter(7), and sets: `host in FILE`. */
int cbpf_compile(const char *expression, const struct cbpf_target *target, unsigned flags,
                 struct bpf_program *program, struct error *error);

/* Makes of `expression` one that means some layer: puts it into `deep ( )`. Returns fresh memory;
 * NULL with `error` filled if its parentheses do not match, or memory is short. What else is wrong
 * with it, compiling finds. */
char *cbpf_deepen(const char *expression, struct error *error);

/* Whether `expression` holds a name that compiling looks up, of a host, network, port or protocol:
 * 1 or 0, also for what is no expression; -1 if memory is short. Nothing is looked up. */
int cbpf_has_names(const char *expression);

/* Fails, with the first one's place, if there is such a name, and where memory is short. Returns 0
 * or, with `error` filled, -1. */
int cbpf_refuse_names(const char *expression, struct error *error);

/* Whether `expression` asks for layers, by `deep`, `outer` or `inner`: 1 or 0; -1 if memory is
 * short. */
int cbpf_has_layers(const char *expression);

/* Whether the program for `expression` may depend on the target's netmask (`broadcast`). */
bool cbpf_uses_netmask(const char *expression);

/* Looks up the names of hosts, networks, ports and protocols in `expression`. Returns fresh memory:
 * an expression that means the same and has numbers in their place, for compiling where nothing can
 * be looked up; without names, the same text. NULL with `error` filled. */
char *cbpf_resolve(const char *expression, struct error *error);

/* How a program was made. */
struct cbpf_report {
        bool by_libpcap; /* libpcap compiled the expression or a part of it */
};

/* The same; also fills `report`, even on failure. */
int cbpf_compile_and_report(const char *expression, const struct cbpf_target *target,
                            unsigned flags, struct bpf_program *program, struct cbpf_report *report,
                            struct error *error);

/* The decision graph of the compiler (cbpf/ir/). */
struct graph;

/* What an instruction is for: a node of the graph. One that serves several nodes has one of these
 * for each. */
struct cbpf_origin {
        uint32_t instruction, node;
};

/* A program, with the graph that it was emitted from. */
struct cbpf_emitted {
        struct graph *graph; /* terms may be added to it */
        uint32_t optimized;  /* root of what `optimized` below was called with */
        uint32_t emitted;    /* root of another way to ask the same, which the origins are of */
        const struct cbpf_origin *origins; /* by instruction */
        uint32_t count;
};

/* The graph after a stage or an optimizer pass. */
struct cbpf_pass_event {
        const char *pass; /* "lower" or "lift" comes first, then passes by name */
        unsigned round;   /* from 1, restarting with each variant of the passes; 0 for stages */
        const struct graph *graph; /* valid from `root` down, during the callback only */
        bool changed; /* the pass has changed the graph, or, for hoisting, the program */
};

struct cbpf_pass_observer {
        void (*after)(void *context, const struct cbpf_pass_event *event); /* or NULL */
        /* The graph that the passes lead to, before what is done to shorten the classic program,
         * and to which terms may be added; or NULL. */
        void (*optimized)(void *context, struct graph *graph);
        /* After it, the origins of the program; of one of libpcap's that is kept instead, NULL. */
        void (*emitted)(void *context, const struct cbpf_emitted *emitted);
        void *context;
};

/* Compiles as cbpf_compile() does, and calls `observer` after each pass that led to the program, in
 * order; variants that were discarded are left out. If it wants the optimized graph alone,
 * `program` is left empty. A program of libpcap's that has no graph shows no passes. */
int cbpf_compile_and_observe(const char *expression, const struct cbpf_target *target,
                             const struct cbpf_pass_observer *observer, struct bpf_program *program,
                             struct error *error);

/* Writes the graph from its root down as text, in the language defined in cbpf/ir/text.h.
 * Returns a string the caller frees, or NULL if memory is short. */
char *cbpf_graph_text(const struct graph *graph);

/* The name of pass `number`, in the order they run, and what it does; NULL past the last one.
 * `summary` may be NULL. */
const char *cbpf_pass(size_t number, const char **summary);

/* Runs one pass on `graph`, in its default variant. Returns 0; 1, with the graph unchanged, if no
 * pass has that name or the graph has calls or variables, which no pass supports; -1 if memory is
 * short. */
int cbpf_run_pass(const char *name, struct graph *graph);

/* Frees the instructions of a program made by this library, and clears it. */
void cbpf_program_free(struct bpf_program *program);

/* Whether no packet can pass, as no accepting return is reachable by jumps: 1 or 0; -1 if memory is
 * short. Contradictory tests are not detected. */
int cbpf_rejects_all(const struct bpf_program *program);

/* Finds an upper bound of the instructions executed for a packet: the longest path to a return,
 * feasible or not. Returns 0 with `longest` set; 1 if the program jumps back; -1 if memory is
 * short. */
int cbpf_longest_path(const struct bpf_program *program, uint32_t *longest);

/* Runs `program` on `packet`. Returns what the program returns: 0 to reject, else the number of
 * bytes to keep. Loads past the captured bytes and ancillary loads (offsets from SKF_AD_OFF)
 * reject. `program` must have passed cbpf_check() or come from cbpf_compile(); it may be longer
 * than CBPF_KERNEL_MAX and jump back, as libpcap's `protochain` does. */
uint32_t cbpf_run(const struct bpf_program *program, const struct packet *packet);

/* A packet's metadata in the kernel; all in host byte order. */
struct cbpf_ancillary {
        uint16_t protocol;      /* SKF_AD_PROTOCOL: the EtherType */
        uint8_t packet_type;    /* SKF_AD_PKTTYPE: PACKET_* of <linux/if_packet.h> */
        uint32_t interface;     /* SKF_AD_IFINDEX */
        uint16_t hardware_type; /* SKF_AD_HATYPE: ARPHRD_* of <linux/if_arp.h> */
        bool vlan_present;      /* SKF_AD_VLAN_TAG_PRESENT */
        uint16_t vlan_tag;      /* SKF_AD_VLAN_TAG: priority and number */
        uint16_t vlan_protocol; /* SKF_AD_VLAN_TPID: the tag's EtherType */
};

/* The machine before an instruction is executed. */
struct cbpf_step {
        size_t instruction;
        uint32_t a, x;
        const uint32_t *memory; /* M[0] to M[15] */
        uint64_t offset;        /* in the packet, of a load; may be out of bounds */
        uint32_t size;          /* bytes loaded from there; 0 if none */
};

struct cbpf_observer {
        void (*step)(void *context, const struct cbpf_step *step); /* NULL to count steps only */
        void *context;
};

/* Whether a load at this offset is one of the kernel's metadata (an ancillary load). */
bool cbpf_is_metadata(uint64_t offset);

/* Whether the program loads the metadata SKF_AD_OFF + `number`; any of it. */
bool cbpf_program_asks(const struct bpf_program *program, int number);
bool cbpf_program_asks_metadata(const struct bpf_program *program);

/* Why a run ended; all but the first reject. */
enum cbpf_end {
        CBPF_END_RETURN,
        CBPF_END_OUTSIDE,  /* a load past the captured bytes, or of ancillary data not given */
        CBPF_END_DIVISION, /* division by zero */
        CBPF_END_LOOP,     /* jumps back without end */
        CBPF_END_INVALID,  /* an opcode that cbpf_check() would have refused */
};

struct cbpf_outcome {
        uint32_t verdict; /* as cbpf_run() returns it */
        enum cbpf_end end;
        size_t instruction; /* the last one executed */
        uint64_t steps;     /* instructions executed, the last one included */
};

/* Runs `program` as cbpf_run() does, but with `ancillary` data (or NULL: ancillary loads reject);
 * counts the instructions and calls `observer` (or NULL) before each one. */
struct cbpf_outcome cbpf_execute(const struct bpf_program *program, const struct packet *packet,
                                 const struct cbpf_ancillary *ancillary,
                                 const struct cbpf_observer *observer);

/* Machine code of a program. Immutable: threads may share it. */
struct cbpf_jit;

/* Compiles `program`, which is not needed afterwards, to machine code that returns what
 * cbpf_execute() does. Works for programs of any length with known opcodes and only forward jumps
 * that stay inside: all that cbpf_check() accepts or refuses for length alone. The code's memory is
 * never writable and executable at once. Returns NULL for other programs (libpcap's `protochain`
 * jumps back), on machines other than x86-64, if the system denies executable memory, and if memory
 * is short (only then is errno ENOMEM): use cbpf_execute() or cbpf_run() then. The caller frees it
 * with cbpf_jit_free(). */
struct cbpf_jit *cbpf_jit_new(const struct bpf_program *program);

/* Filters one packet, of which less than 4 GB - 4 KiB (SKF_AD_OFF) are captured. Returns what the
 * program returns: 0 to reject, else the number of bytes to keep. `ancillary` may be NULL: then
 * ancillary loads reject. */
uint32_t cbpf_jit_run(const struct cbpf_jit *jit, const struct packet *packet,
                      const struct cbpf_ancillary *ancillary);

/* The same for `count` packets without ancillary data: verdicts[i] is that on packets[i]. The next
 * headers are prefetched while a packet is filtered, which is faster for packets not in the cache;
 * best in batches of 64 or more. */
void cbpf_jit_run_batch(const struct cbpf_jit *jit, const struct packet *packets, size_t count,
                        uint32_t *verdicts);

/* The machine code, for inspection: `size` bytes that live as long as `jit`. */
const uint8_t *cbpf_jit_code(const struct cbpf_jit *jit, size_t *size);

void cbpf_jit_free(struct cbpf_jit *jit); /* NULL is fine */

/* The first violation that cbpf_check() found. */
struct cbpf_violation {
        size_t instruction; /* index of the instruction that breaks the rule */
        char message[256];  /* the rule, with the instruction's own numbers */
        bool only_length;   /* the program is too long, and keeps all other rules */
        bool lacks_memory;  /* memory was short: nothing is known */
};

/* Checks `program` against the rules by which Linux accepts a classic socket filter
 * (bpf_check_classic() and bpf_check_basics_ok() in net/core/filter.c): 1 to 4,096 instructions,
 * known opcodes only, no division by a constant zero, no shift by a constant above 31, scratch
 * memory M[0] to M[15] and never read before it is written, jumps forward and inside the program,
 * ancillary offsets the kernel knows, a return as last instruction. Returns 0 if it would be
 * accepted, -1 with `violation` filled otherwise. Violations are found in the program's order, but
 * the length (instruction 4096) is checked last. */
int cbpf_check(const struct bpf_program *program, struct cbpf_violation *violation);

/* The listings of tcpdump -d, -dd and -ddd, and what other tools read. */
enum cbpf_listing {
        CBPF_LISTING_TEXT,    /* -d: one line an instruction: number, mnemonic, operand, targets */
        CBPF_LISTING_C,       /* -dd: initializers for struct sock_filter */
        CBPF_LISTING_DECIMAL, /* -ddd: the number of instructions, then four numbers each */
        /* tools/bpf/bpf_asm of the kernel: labels, a line an instruction. Ancillary offsets
         * without a name are numbers; instructions unknown to the kernel are `unimp`. */
        CBPF_LISTING_ASSEMBLER,
        /* iptables -m bpf --bytecode, tc filter ... bpf bytecode: DECIMAL in one line, a comma in
         * place of each newline but the last. */
        CBPF_LISTING_BYTECODE,
        /* An array of objects with the numbers index, code, jt, jf and k, and the string text,
         * which is the line of TEXT without its number and padding. */
        CBPF_LISTING_JSON,
};

/* Returns the listing of `program`, the first three forms byte for byte as tcpdump 4.99 prints
 * them; every line ends in a newline. The caller frees it. NULL if memory is short. */
char *cbpf_list(const struct bpf_program *program, enum cbpf_listing listing);

/* Reads a -ddd listing of `length` bytes. Any white space may separate the numbers, and one comma
 * may end a line in place of the newline, as in iptables -m bpf --bytecode. On success returns 0
 * and fills `program` (free with cbpf_program_free()); on failure returns -1 with a message and the
 * offset of the offending byte, which is `length` if the listing ends too early. Checks the ranges
 * of the numbers and the count of instructions, but not the program: see cbpf_check(). */
int cbpf_read_ddd(const char *text, size_t length, struct bpf_program *program,
                  struct error *error);

/* Writes the line of a -d listing for one instruction, without its newline, cut to `room` bytes
 * with the NUL. `index` is the instruction's number. */
void cbpf_list_instruction(const struct bpf_insn *instruction, uint32_t index, char *text,
                           size_t room);

/* What an instruction does, in protocol terms. */
struct cbpf_note {
        char *text;    /* "destination port", "TCP? else reject"; never empty */
        char *subject; /* what is loaded or tested, "destination port"; "" if nothing */
        char *header; /* a load from the packet: which headers it reads, "TCP or UDP"; "" if unknown
                       */
};

struct cbpf_notes {
        uint32_t count; /* as many as instructions */
        struct cbpf_note *notes;
};

/* Annotates each instruction of `program`, which must have passed cbpf_check() but for the length
 * or come from cbpf_compile(), for packets of the link type and place of `target`. A note holds on
 * every path to the instruction: if the field differs between paths, the note names all of them, or
 * bytes only. Returns 0 and fills `notes`, which the caller frees with cbpf_notes_free(); -1 if
 * memory is short. Time O(n). */
int cbpf_annotate(const struct bpf_program *program, const struct cbpf_target *target,
                  struct cbpf_notes *notes);

void cbpf_notes_free(struct cbpf_notes *notes);

/* The keywords of the language, sorted, by index; NULL past the last one. */
const char *cbpf_keyword(size_t index);

/* The words of filt's own that are names to libpcap: `deep`, `outer` ..., by index; NULL past the
 * last. */
const char *cbpf_dialect_word(size_t index);

/* Both, one after the other. */
const char *cbpf_word(size_t index);

/* Places of an expression that is valid, but hardly means what it says to a reader, with what to
 * write instead: `offset`, `length` and `message` of each. */
struct cbpf_hints {
        struct error *hints; /* by place */
        size_t count, room;
};

enum {
        CBPF_HINTS_MAX_EXPRESSION = 4000, /* bytes; a longer one, made by a program, gets none */
};

/* Fills `hints`, which the caller frees with cbpf_hints_free(). Returns 0, also for an invalid
 * expression, which has none; -1 if memory is short. */
int cbpf_hints(const char *expression, const struct cbpf_target *target, struct cbpf_hints *hints);
void cbpf_hints_free(struct cbpf_hints *hints);

/* Describes how `expression` is parsed: a line with all parentheses and qualifiers, and numbers for
 * names; then, for each of the first `tests` distinct tests, a line with the test, a tab and its
 * meaning in words. Returns 0 and a string the caller frees; -1 with `error` filled if the
 * expression is invalid or memory is short. */
int cbpf_understand(const char *expression, const struct cbpf_sets *sets, uint32_t tests,
                    char **text, struct error *error);

/* Writes the syntax tree of `expression`, one node per line, operands indented below their
 * operator. Returns as cbpf_understand(). */
int cbpf_write_tree(const char *expression, const struct cbpf_sets *sets, char **text,
                    struct error *error);

/* Writes the decision graph of `program`: each node tests a field, and its lines say which values
 * lead to which node. Returns 0 and a string the caller frees; 1 if the program has no graph, as it
 * jumps back or is not a filter; -1 if memory is short. */
int cbpf_write_graph(const struct bpf_program *program, const struct cbpf_target *target,
                     char **text);

/* Writes the eBPF program that Linux translates `program` to when it is attached to a socket, one
 * instruction per line, below the classic instruction it comes from. Follows bpf_convert_filter()
 * in net/core/filter.c (Linux 6.1), as the kernel does not expose its translation. Returns a string
 * the caller frees, or NULL if memory is short or `program` would not pass cbpf_check(). */
char *cbpf_write_ebpf(const struct bpf_program *program);

/* Explains in a sentence why `expression` accepts or rejects `packet`: "rejected: TCP destination
 * port is 443, the filter wants 80". `target` describes `packet`. Returns 0 and a string the caller
 * frees; -1 with `error` filled if the expression does not compile or memory is short. */
int cbpf_why(const char *expression, const struct cbpf_target *target, const struct packet *packet,
             char **sentence, struct error *error);

/* Reads a program of `length` bytes, detecting its form; returns as cbpf_read_ddd(). Forms: all
 * listings above; a C array of initializers, with any declaration; a command line of iptables or tc
 * with bytecode; a JSON object with the array as "instructions". Assembler may use all of bpf_asm's
 * language. Comments: those of C, lines that begin with #, and in assembler from a semicolon to the
 * end of the line. The text may hold NUL bytes, which are invalid in every form. */
int cbpf_read(const char *text, size_t length, struct bpf_program *program, struct error *error);

/* Makes `out` an equivalent of `in` with no more instructions, optimized like libpcap's programs in
 * cbpf_compile(), with the same freedom on truncated packets. `in` must keep the rules of
 * cbpf_check() but for its length. Returns 0, and the caller frees `out`; 1 if `in` cannot be
 * optimized: it jumps back, makes loads that vary or depend on registers (the kernel's ancillary
 * random, nla, nlan and xor_x), or loads that are not relative to the packet's start; -1 if memory
 * is short. */
int cbpf_shorten(const struct bpf_program *in, struct bpf_program *out);
