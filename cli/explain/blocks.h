/* The basic blocks of a program: runs of instructions that are entered at the first and left at the
 * last only. They are the nodes of its control flow graph. */
#pragma once

#include <pcap/pcap.h>
#include <stddef.h>
#include <stdint.h>

#define NO_BLOCK UINT32_MAX

struct block {
        uint32_t first, last;     /* instructions */
        uint32_t if_true, if_not; /* blocks a test leads to, else NO_BLOCK */
        uint32_t next;            /* the block that follows without a test, else NO_BLOCK */
};

struct blocks {
        struct block *list;
        uint32_t count;
};

/* Finds the blocks of a program of at least one instruction. A jump out of the program leads
 * nowhere. Returns 0, or -1 if memory is short. Free `blocks->list`. */
int blocks_find(const struct bpf_program *program, struct blocks *blocks);
