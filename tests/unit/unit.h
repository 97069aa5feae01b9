/* A unit test: a file that defines unit_tests(). The program around it, main() and all, is
 * unit.c. */
#pragma once

#include "base/array.h"

#include <check.h>
#include <stdbool.h>
#include <stdlib.h>

/* For every assertion, Check writes where it passed to a file and reads it back, which takes most
 * of the time of tests with many assertions. A failed assertion still reports its place. */
#undef _mark_point
#define _mark_point(file, line) ((void)0)

#define COUNT(array) ((int)array_count(array))

enum { UNIT_SECONDS = 4 }; /* that most tests may take */

/* Adds the file's tests to the suite, which bears the file's name. */
void unit_tests(Suite *suite);

/* Adds a case to the suite; each of its tests may take `seconds`, times CK_TIMEOUT_MULTIPLIER. */
TCase *unit_case(Suite *suite, const char *name, double seconds);

struct bpf_program; /* without its header, which conflicts with linux/bpf.h */

/* libpcap's program for an expression, which it must take, with or without its optimizer;
 * pcap_freecode() frees it. */
struct bpf_program libpcap_compile(const char *expression, int link_type, bool optimize);
