/* What the library fail_allocation.so and the tool failing_allocations share: a file in memory that
 * both map. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* The environment tells the library which descriptor the file has. */
#define FAILURE_DESCRIPTOR "FILT_FAIL_DESCRIPTOR"

enum { MAX_FAILURE_CALLERS = 40 };

struct failure {
        uint64_t at;  /* the number of the allocation that fails, from 1; 0 if none does */
        bool lasting; /* all later ones fail as well */
        atomic_ulong allocations; /* so far, of the process and its children */
        atomic_bool reached;
        int callers; /* who asked for it, as addresses in the program's file; 0: elsewhere */
        uintptr_t caller[MAX_FAILURE_CALLERS];
};
