/* Programs of instructions as object files: what libbpf, bpftool, tc and ip load. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct ebpf_object {
        void *bytes; /* fresh memory */
        size_t size;
};

/* Makes an ELF file with the program, `count` instructions of 8 bytes, as function "filter" in
 * `section`, whose name tells libbpf where it is to run, and the license GPL. Returns false with
 * errno set. */
bool ebpf_object_make(const char *section, const void *instructions, size_t count,
                      struct ebpf_object *object);
