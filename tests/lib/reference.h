/* What an expression with `deep`, `outer` and `inner` means, once more: its syntax tree is answered
 * for the layers that the dissector finds. The reference of tests/unit/layers_test.c and
 * tests/tools/layers.c.
 *
 * On a packet of which the end is missing an answer may be unknown: it would depend on bytes that
 * are not there. */
#pragma once

#include "cbpf/cbpf.h"

enum answer {
        ANSWER_NO,
        ANSWER_YES,
        ANSWER_UNKNOWN,
};

/* An expression to be answered, which may have ordinary tests outside of `deep`: these are asked of
 * libpcap's programs. */
struct reference;

/* Returns NULL with `error` filled if the expression is invalid. */
struct reference *reference_new(const char *expression, int link_type, struct error *error);
void reference_free(struct reference *reference); /* NULL is fine */

/* `*early` is the answer that is owed for a packet that is cut off: the tests outside of `deep` are
 * made one after the other, and the first that cannot be decided ends them (ANSWER_UNKNOWN). What
 * is returned is what can be said at all. They differ where a test that comes later decides. */
enum answer reference_answer(struct reference *reference, const struct packet *packet,
                             enum answer *early);
