/* The expressions of the corpora in tests/. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Calls `visit` for each; returns how many there were, 0 if a file cannot be read. */
size_t corpus_visit(void (*visit)(int link_type, const char *expression));

/* Whether filt compiles for this link type itself. */
bool corpus_is_native(int link_type);
