/* Inside the parser: sets, from text to values. */
#pragma once

#include "syntax.h"

/* Adds the entry that is the `length` bytes at `text`, behind which there is a byte that belongs to
 * no entry. Returns NULL; or what is wrong with it, "is no MAC address"; or set_out_of_memory. */
const char *set_add(struct set *set, const char *text, size_t length);
extern const char set_out_of_memory[];

void set_free(struct set *set);

struct set_file {
        char *name;
        struct set set;
};

struct cbpf_sets {
        struct set_file *files;
        size_t count, room;
};

/* The values of the file `name`, of this kind; NULL if it was not read. */
const struct set *sets_find(const struct cbpf_sets *sets, const char *name, enum set_kind kind);
