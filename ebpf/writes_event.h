/* What ebpf/writes.bpf.c and user space share: ring buffer records and map values. Numbers are in
 * the machine's byte order, without padding by the compiler. */
#pragma once

#include <linux/types.h>
#include <stdbool.h>

enum writes_kind {
        WRITES_NONE, /* in the kernel: no call in progress */
        WRITES_LATE, /* in the kernel: a call has ended, but its data is not read yet */
        WRITES_CALL,
        WRITES_FORK,   /* a followed task created another, now followed too */
        WRITES_EXIT,   /* a followed task ended: `result` is its wait(2) status */
        WRITES_EXEC,   /* thread `result` called execve(2) and takes over the followed task's IDs */
        WRITES_SIGNAL, /* a followed task gets a signal: `data` is the start of its siginfo_t */
};

enum writes_call {
        WRITES_WRITE,
        WRITES_WRITEV,
        WRITES_PWRITE64,
        WRITES_PWRITEV,
        WRITES_PWRITEV2,
        WRITES_CALLS /* how many */
};

/* Returns whether a call takes a vector of buffers. */
static inline bool writes_is_vector(__u8 call)
{
        return call != WRITES_WRITE && call != WRITES_PWRITE64;
}

enum {
        WRITES_COMM = 16,
        WRITES_SIGINFO = 48,      /* bytes of a siginfo_t that the kernel uses */
        WRITES_DATA_SMALL = 64,   /* limit for small entries */
        WRITES_DATA_MAX = 16384,  /* limit of --data and of a vector's data */
        WRITES_PATH_MAX = 4096,   /* with the NUL */
        WRITES_BUCKETS = 32,      /* of latencies: bucket i counts 2^i to 2^(i+1) - 1 ns */
        WRITES_KEYS = 1 << 20,    /* limit of (process, descriptor) pairs of a summary */
        WRITES_NO_DESCRIPTOR = -1 /* in a summary's key: the process as a whole */
};

enum writes_data {
        WRITES_DATA_ABSENT, /* not readable: not in memory */
        WRITES_DATA_READ
};

/* A record. `data` has the first `length` bytes of a buffer, or the first elements of a vector,
 * each a struct writes_vector and `data_most` bytes of room for its data. */
struct writes_event {
        __u8 kind;
        __u8 call;
        __u8 data_state; /* enum writes_data */
        union {
                __u8 has_path;    /* call: a struct writes_path follows, aligned to 8 */
                __u8 within_call; /* signal, without `with_times`: print after the next call */
        };
        __s32 fd;
        __u32 pid; /* of filt's PID namespace, like `tid` */
        __u32 tid;
        __u64 start;     /* CLOCK_MONOTONIC, ns; 0 without `with_times` */
        __u64 duration;  /* ns; likewise */
        __s64 result;    /* as the kernel returns it: bytes, or a negative errno */
        __u64 buffer;    /* address of the data, or of the vector */
        __u64 count;     /* bytes, or elements */
        __u64 requested; /* bytes: `count`, or the sum of the vector's elements */
        __s64 offset;
        __u32 flags;  /* of pwritev2 */
        __u32 length; /* of `data` */
        char comm[WRITES_COMM];
        char data[];
};

struct writes_vector {
        __u64 base;
        __u64 length;
        __u64 state; /* enum writes_data */
};

/* What a call's descriptor refers to. */
enum writes_path_kind {
        WRITES_PATH_NONE, /* nothing: it is not open */
        WRITES_PATH_FILE,
        WRITES_PATH_DELETED, /* a deleted file, by its former name */
        WRITES_PATH_PIPE,
        WRITES_PATH_SOCKET,
        WRITES_PATH_ANONYMOUS, /* an epoll instance and the like */
        WRITES_PATH_PIDFD
};

struct writes_path {
        __u64 inode;
        __u16 kind;
        __u16 cut; /* the topmost folders are missing */
        __u32 length;
        char names[]; /* `length` bytes: the file, its folder, its parent, ..., each with a NUL */
};

struct writes_key {
        __u32 pid;
        __s32 fd;
};

struct writes_total {
        __u64 calls;
        __u64 bytes;
        __u64 errors;
        __u64 time; /* ns, of all calls */
        __u64 histogram[WRITES_BUCKETS];
        char comm[WRITES_COMM]; /* of the last call */
};

/* The counters of the map `lost`. */
enum writes_lost {
        WRITES_LOST_RING,    /* calls lost: the ring was full */
        WRITES_LOST_THREADS, /* calls lost: a map was full */
        WRITES_LOST_OTHERS,  /* ends of tasks and signals lost: the ring was full */
        WRITES_LOST_TOTALS,  /* calls not added up: the summary was full, or no memory for more */
        WRITES_LOSSES        /* how many */
};
