/* The expressions of the corpora in tests/. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

typedef void corpus_visitor(void *context, int link_type, const char *expression);

/* Calls `visit` for each expression of a file. A line is a link type, a tab and an expression, or
 * an expression alone; its link type is then -1, as is one that libpcap does not know. Empty lines
 * and those that start with # are skipped. Returns the number of expressions, 0 if the file cannot
 * be read. */
size_t corpus_visit_file(const char *path, corpus_visitor *visit, void *context);

/* The same for all files with link types; returns 0 if one of them cannot be read. */
size_t corpus_visit(corpus_visitor *visit, void *context);

/* Whether filt compiles for this link type itself. */
bool corpus_is_native(int link_type);
