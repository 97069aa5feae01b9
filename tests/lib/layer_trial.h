/* One expression with `deep` in it, tried: the compiled program against the dissector's answers. */
#pragma once

#include "cbpf/cbpf.h"
#include "sample.h"

struct layer_trial;

/* Compiles `expression`, as cbpf_compile() does. Returns NULL with `error` filled. */
struct layer_trial *layer_trial_new(const char *expression, const struct cbpf_target *target,
                                    unsigned flags, struct error *error);
void layer_trial_free(struct layer_trial *trial); /* NULL is fine */

/* Runs the program on `packet`, which is the beginning of `whole`, or that itself. Returns true if
 * it answers rightly:
 *
 *     The answer is known            it is the program's.
 *     It is not, and would depend    the program rejects, or accepts what every completion of the
 *     on what is missing             packet would be accepted with, `whole` among them.
 *
 * Otherwise `message` says what was expected. */
bool layer_trial_run(struct layer_trial *trial, const struct packet *packet,
                     const struct packet *whole, const char **message);

/* Writes what a person needs to repeat the run. */
void layer_trial_print(const struct layer_trial *trial, const struct packet *packet,
                       const char *message, FILE *out);

/* Tries `expression` on `count` random packets: whole, mutated and cut ones in turn. Returns how
 * many differences there were, and prints the first `shown`. */
uint64_t layer_trial_random(struct layer_trial *trial, uint64_t *random, struct sample *sample,
                            uint64_t count, unsigned shown, FILE *out);
