/* Check, without its note of where each assertion passed. It writes one to a file and reads it back
 * for every assertion, which takes most of the time of tests that make many; a failed one tells its
 * place all the same. */
#ifndef TESTS_QUICK_CHECK_H
#define TESTS_QUICK_CHECK_H

#include <check.h>

#define _mark_point(file, line) ((void)0)

#endif
