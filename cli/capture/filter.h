/* The filter that runs here: one expression, compiled for each link type that its packets have. */
#pragma once

#include "cli/common/cli.h"

struct filter;

/* `expression` and `flags` as for cbpf_compile(); without expression, `program` is for all link
 * types. `target` is what packets of the first link type have; `program`, compiled for it, stays
 * the caller's. With `jit` programs run as machine code where that can be had. NULL when memory is
 * short. */
struct filter *filter_new(const char *expression, const struct cbpf_target *target, unsigned flags,
                          const struct bpf_program *program, bool jit);
void filter_free(struct filter *filter);

/* Compiles for one more link type. Returns false, after a complaint, if that fails; so does
 * filter_failed() from then on. */
bool filter_add(struct filter *filter, int link_type);
bool filter_failed(const struct filter *filter);

/* Judges one packet of the first link type: 0 rejects. */
uint32_t filter_one(const struct filter *filter, const struct packet *packet);

/* A capture_selector; the context is the filter. Compiles for a link type it has not seen, which
 * only a capture with one thread may bring. */
void filter_select(void *filter, int link_type, const struct packet *packets, size_t count,
                   uint32_t *verdicts);
