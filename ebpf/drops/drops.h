/* Packets that the kernel drops, by the tracepoint skb:kfree_skb. Nothing is pinned: all of it is
 * gone when the process ends, however that happens. */
#pragma once

#include "base/error.h"
#include "record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct drops;

struct drops_options {
        uint32_t network_namespace; /* the inode of the only one to look at; 0 for all */
        uint32_t snapshot;          /* bytes kept of a packet at most */
        uint32_t frames;            /* of the stack, at most */
        size_t ring;                /* bytes of the kernel's ring */
};

/* Loads the program. Returns NULL with `error` filled, and nothing loaded, on failure. libbpf's
 * process-wide print function is replaced while this runs. */
struct drops *drops_open(const struct drops_options *options, struct error *error);

/* What a filter for the tracepoint needs: the table by whose entry 0 it goes on to the program, and
 * the numbers of the tracepoint's arguments that are the packet, and the socket that it is for (0:
 * none). */
int drops_table(const struct drops *drops);
enum { DROPS_PACKET = 0 };
uint8_t drops_receiver(const struct drops *drops);

/* Attaches a filter, of which the descriptor is only needed here, or with -1 the program itself.
 * Returns 0, or -1 with `error` filled. */
int drops_attach(struct drops *drops, int filter, struct error *error);

/* Detaches. What is in the ring can still be read. */
void drops_stop(struct drops *drops);
void drops_close(struct drops *drops); /* NULL is fine */

/* Whether this kernel tells reasons: from Linux 5.17 on. */
bool drops_has_reasons(const struct drops *drops);

/* Returns a descriptor that is readable when records have come. */
int drops_descriptor(const struct drops *drops);

/* Returns the next record, or NULL if there is none yet. It is valid until drops_release(), which
 * gives the kernel the room of all that were returned. */
const struct drops_record *drops_next(struct drops *drops);
void drops_release(struct drops *drops);
bool drops_is_empty(const struct drops *drops);

/* How many packets found no room in the ring, or were dropped by an interrupt while the program
 * was at work on another one. */
uint64_t drops_lost(const struct drops *drops);

/* --- reasons.c: what the kernel's numbers mean --- */

struct drops_reasons;

/* Reads them from the kernel's BTF, and that of the modules that have reasons of their own. Returns
 * NULL with `error` filled when memory is short; what cannot be read has no names. */
struct drops_reasons *drops_reasons_read(struct error *error);
void drops_reasons_free(struct drops_reasons *reasons); /* NULL is fine */

/* The name of a reason, without what they all begin with: "NETFILTER_DROP"; NULL if it has none. */
const char *drops_reason_name(const struct drops_reasons *reasons, uint32_t reason);

/* --- symbols.c: what addresses in the kernel mean --- */

struct drops_symbols;

/* Reads the functions of /proc/kallsyms. Returns NULL with `error` filled if it cannot be read, or
 * hides the addresses. */
struct drops_symbols *drops_symbols_read(struct error *error);
void drops_symbols_free(struct drops_symbols *symbols); /* NULL is fine */

/* The name of the function that holds `address`, and how far into it that is; NULL if none does, or
 * `symbols` is NULL. O(log n). */
const char *drops_symbol(const struct drops_symbols *symbols, uint64_t address, uint64_t *offset);
