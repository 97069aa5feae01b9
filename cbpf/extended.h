/* cbpf: the same filter as extended BPF (eBPF).
 *
 * Instructions and their encoding: RFC 9669. What a program may read of its packet depends on where
 * it runs: the context that it is called with. */
#pragma once

#include "base/arena.h"
#include "cbpf.h"
#include "net/skb_layout.h"

/* An instruction, as the kernel takes it (`struct bpf_insn` of <linux/bpf.h>, which libpcap has a
 * struct of the same name for). Numbers are in host byte order. A 64-bit constant takes two. */
struct cbpf_extended_instruction {
        uint8_t code;
        uint8_t destination : 4; /* registers: 0 to 9, and the frame pointer 10 */
        uint8_t source : 4;
        int16_t offset;
        int32_t immediate;
};

enum { CBPF_EXTENDED_WORDS = 4 };

/* A set that a program looks values up in. Values are of up to CBPF_EXTENDED_WORDS numbers of 32
 * bits each, in host byte order; the first are the upper bits of the value. */
struct cbpf_extended_map {
        bool ranges; /* entries may be of more than one value: a trie of prefixes, whose numbers are
                        in network byte order, not a hash table */
        uint8_t words;
        uint32_t count;
        uint32_t *values;  /* by entry: the numbers of the first value */
        uint8_t *prefixes; /* with `ranges`: bits from the top that all values have in common */
        uint8_t *classes;  /* what the lookup gives, from 1 */
};

/* What an instruction is for. */
struct cbpf_extended_origin {
        uint32_t node;  /* of the decision graph; UINT32_MAX if for none */
        uint32_t term;  /* of the graph: what its register then holds; UINT32_MAX if that is none */
        bool swapped;   /* with the bytes of that in the other order */
        bool by_copies; /* on the way of packets that are in pieces */
};

/* An instruction that loads a map has the number of the map as its immediate; whoever loads the
 * program puts its descriptor there. */
struct cbpf_extended_program {
        struct cbpf_extended_instruction *instructions;
        struct cbpf_extended_origin *origins; /* by instruction */
        uint32_t count;
        struct cbpf_extended_map *maps;
        uint32_t map_count;
};

/* The code and the source register of such an instruction (BPF_LD | BPF_IMM | BPF_DW,
 * BPF_PSEUDO_MAP_FD). */
#define CBPF_EXTENDED_LOAD 0x18
#define CBPF_EXTENDED_MAP 1

/* Where a program runs. */
enum cbpf_context {
        CBPF_CONTEXT_SOCKET, /* SO_ATTACH_BPF: packets from the link header on, outermost VLAN tag
                                apart */
        CBPF_CONTEXT_TC,     /* tcx or clsact: likewise */
        CBPF_CONTEXT_XDP,    /* the frame as the driver has it */
        CBPF_CONTEXT_CGROUP, /* packets from the network header on */
        CBPF_CONTEXT_NETFILTER,  /* likewise; Linux 6.4 */
        CBPF_CONTEXT_TRACEPOINT, /* a raw tracepoint that is told of a packet, by its address */
        CBPF_CONTEXTS,
};

/* What a program returns where it is attached by itself, in place of 0 and the bytes to keep. */
struct cbpf_verdicts {
        int32_t accept, reject;
};

/* Instead of ending, a program may go on to another (bpf_tail_call()): to an entry of a table,
 * which has the number behind those of the program's maps. If there is none, it returns its
 * verdict. */
enum { CBPF_NO_ENTRY = -1 };

struct cbpf_extended_table {
        int32_t accept, reject; /* entries; CBPF_NO_ENTRY to end */
};

/* How a program for sockets reads a packet where it lies, in a kernel whose verifier lets it follow
 * pointers to bytes (Linux 6.17): the number of bpf_cast_to_kern_ctx() in the kernel's BTF, and the
 * offsets of fields of struct sk_buff. */
struct cbpf_extended_peek {
        int32_t to_kernel;
        uint16_t data, length, data_length;
};

/* What a netfilter program needs of the kernel's BTF: the number of bpf_dynptr_from_skb(), and the
 * offset of the length in struct sk_buff. */
struct cbpf_extended_netfilter {
        int32_t to_dynptr;
        uint16_t length;
};

/* Where the packet begins that a tracepoint is told of. Only what lies in a row from there is read:
 * a packet rejects that ends before what is asked of it, or has that in pieces elsewhere. */
enum cbpf_start {
        CBPF_START_DATA,    /* with what is left of it there */
        CBPF_START_LINK,    /* with the link header; without one it is rejected, */
        CBPF_START_NETWORK, /* or with the network header, likewise */
        CBPF_START_FOUND, /* with the network header, wherever it is in a packet that may be in any
                           * state: where the kernel says, at the data, or behind a link header */
};

/* What a program at a raw tracepoint is told. */
struct cbpf_extended_tracepoint {
        const char *name; /* of the tracepoint; only C has it */
        uint8_t argument; /* the tracepoint's argument, from 0, that is a struct sk_buff * */
        enum cbpf_start start;
        bool has_device;  /* what the packet says of its device can be believed */
        uint8_t receiver; /* the argument that is a struct sock *, or NULL, which tells the protocol
                             of CBPF_START_FOUND if the packet does not; 0 if there is none */
        struct skb_layout layout; /* of the running kernel: ebpf_kernel_find() */
};

struct cbpf_extended_target {
        enum cbpf_context context;
        const struct cbpf_verdicts *verdicts;    /* NULL for what the classic program returns */
        const struct cbpf_extended_table *table; /* NULL, or with verdicts */
        const struct cbpf_extended_netfilter *netfilter;   /* of CBPF_CONTEXT_NETFILTER */
        const struct cbpf_extended_tracepoint *tracepoint; /* of CBPF_CONTEXT_TRACEPOINT */
        const struct cbpf_extended_peek
            *peek;      /* CBPF_CONTEXT_SOCKET: or NULL, and all is copied to be read */
        bool fragments; /* parts of a packet may lie outside of what can be read directly */
        bool far_jumps; /* the kernel has jumps of 32 bits (Linux 6.6); else long programs have
                           more, shorter ones */
        bool maps;      /* long sets may become maps */
        bool hides_positions; /* of layers, from the verifier, so that it takes longer programs */
};

/* Compiles `expression` for `target` to an eBPF program that returns what the classic one would: 0
 * to reject, else the bytes to keep; or verdicts. Returns 0 with `program` filled, which the caller
 * frees with cbpf_extended_free(); -1 with `error` filled, also if a program in that context is not
 * told what the expression asks for. Time and memory as cbpf_compile(). */
int cbpf_compile_extended(const char *expression, const struct cbpf_target *target,
                          const struct cbpf_extended_target *place,
                          struct cbpf_extended_program *program, struct error *error);

/* The same as a file in C that clang compiles for that place, fresh memory in `text`: one function
 * in the section that libbpf knows the place by, and a license. */
int cbpf_compile_extended_c(const char *expression, const struct cbpf_target *target,
                            const struct cbpf_extended_target *place, char **text,
                            struct error *error);

/* The same, and calls `observe` with the graph, to which it may add terms, before the program is
 * made of it; the graph that counts is the last. */
int cbpf_compile_extended_and_observe(const char *expression, const struct cbpf_target *target,
                                      const struct cbpf_extended_target *place,
                                      void (*observe)(void *context, struct graph *graph),
                                      void *context, struct cbpf_extended_program *program,
                                      struct error *error);

/* Writes the program, a line an instruction, with what each node of the graph asks above its
 * instructions, and where they lead beside them. `*text` is fresh memory. Returns as
 * cbpf_compile_extended(). */
int cbpf_explain_extended(const char *expression, const struct cbpf_target *target,
                          const struct cbpf_extended_target *place, char **text,
                          struct error *error);

/* The extended program beside the classic one for the same target. Calls `emitted` with what
 * instructions of the classic one are for, once `program` is filled; the last call counts. The
 * caller frees `classic` with cbpf_program_free(). */
int cbpf_compile_beside(const char *expression, const struct cbpf_target *target,
                        const struct cbpf_extended_target *place,
                        void (*emitted)(void *context, const struct cbpf_emitted *emitted),
                        void *context, struct bpf_program *classic,
                        struct cbpf_extended_program *program, struct error *error);

/* An instruction, as it stands beside those of the other program. */
struct cbpf_beside_line {
        uint32_t number;
        const char *text; /* "jeq   #0x800  jt 1 jf 17", "if w0 == 0x8 goto 23" */
        const char *note; /* what it does; or "" */
        const char *next; /* extended: where a jump leads, and where the code goes on if that is not
                             the line below; or "" */
};

struct cbpf_beside_side {
        struct cbpf_beside_line *lines;
        uint32_t count;
};

/* What belongs together: a test of the filter, or several where one instruction is for all of them;
 * or an end. */
struct cbpf_beside_test {
        const char *question; /* as cbpf_explain_extended() has it, one or more lines */
        struct cbpf_beside_side classic, extended;
        const char *copies; /* of packets in pieces: which instructions do the same; or "" */
};

struct cbpf_beside {
        struct cbpf_beside_test *tests; /* in the order of the classic program */
        uint32_t count;
        uint32_t classic_count, extended_count; /* instructions */
        struct arena memory;
};

/* Puts both programs beside one another, by what their instructions are for. Returns as
 * cbpf_compile_extended(); the caller frees `beside`. */
int cbpf_put_beside(const char *expression, const struct cbpf_target *target,
                    const struct cbpf_extended_target *place, struct cbpf_beside *beside,
                    struct error *error);

void cbpf_beside_free(struct cbpf_beside *beside);

void cbpf_extended_free(struct cbpf_extended_program *program);

/* Writes the program as `bpftool prog dump xlated` does, a line an instruction. Returns fresh
 * memory, or NULL if memory is short. */
char *cbpf_list_extended(const struct cbpf_extended_program *program);
