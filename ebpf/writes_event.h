/* What ebpf/writes.bpf.c and user space share: the records in the ring buffer and the values of the
 * maps. Plain numbers in the machine's byte order, with no padding left to the compiler. */
#ifndef WRITES_EVENT_H
#define WRITES_EVENT_H

#include <linux/types.h>
#include <stdbool.h>

enum writes_kind {
        WRITES_NONE, /* in the kernel: no call in progress */
        WRITES_LATE, /* in the kernel: a call that has ended, its data still to be read */
        WRITES_CALL,
        WRITES_FORK,   /* a followed task created another, which is followed now */
        WRITES_EXIT,   /* a followed task ended: `result` is its wait(2) status */
        WRITES_EXEC,   /* a followed task was replaced by another thread of its process, with ID
                          `result`, which called execve(2) and takes over its IDs */
        WRITES_SIGNAL, /* a followed task gets a signal: `data` starts its siginfo_t */
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
        WRITES_SIGINFO = 48,     /* bytes of a siginfo_t that the kernel uses */
        WRITES_DATA_SMALL = 64,  /* at most as many need no large entries */
        WRITES_DATA_MAX = 16384, /* most of --data, and of what is kept of a vector */
        WRITES_PATH_MAX = 4096,  /* most of a path, its NUL included */
        WRITES_BUCKETS =
            32, /* of the latency histogram: bucket i counts 2^i ns up to 2^(i+1) - 1 */
        WRITES_KEYS = 16384,      /* most (process, descriptor) pairs of a summary */
        WRITES_NO_DESCRIPTOR = -1 /* in a summary's key: the process as a whole */
};

/* How far `data` can be trusted. */
enum writes_data {
        WRITES_DATA_ABSENT, /* not in memory, so not readable here */
        WRITES_DATA_READ
};

/* A record. Of a call that writes one buffer, `data` has the first `length` bytes. Of one that
 * takes a vector, `length` / (sizeof(struct writes_vector) + most) elements, each followed by
 * `most` bytes of room for its data, `most` being the `data_most` of the trace. */
struct writes_event {
        __u8 kind;
        __u8 call;
        __u8 data_state; /* enum writes_data */
        union {
                __u8 has_path; /* of a call: a struct writes_path follows, at the next multiple of 8
                                */
                __u8 within_call; /* of a signal, without `with_times`: it belongs behind the task's
                                     next call */
        };
        __s32 fd;
        __u32 pid; /* as filt's PID namespace counts, both */
        __u32 tid;
        __u64 start;     /* CLOCK_MONOTONIC, ns; 0 without `with_times` */
        __u64 duration;  /* ns; the same */
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
        WRITES_PATH_DELETED, /* a file without a name any more: the one it had */
        WRITES_PATH_PIPE,
        WRITES_PATH_SOCKET,
        WRITES_PATH_ANONYMOUS, /* an epoll instance and the like */
        WRITES_PATH_PIDFD
};

struct writes_path {
        __u64 inode;
        __u16 kind;
        __u16 cut; /* there are folders above the last one told */
        __u32 length;
        char names[]; /* of the file, its folder, that one's folder, ...: `length` bytes, a NUL each
                       */
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
        WRITES_LOST_RING,    /* calls that found the ring full */
        WRITES_LOST_THREADS, /* calls of a thread, or of a key, that found a map full */
        WRITES_LOST_OTHERS,  /* ends of tasks and signals that found the ring full */
        WRITES_LOSSES        /* how many */
};

#endif
