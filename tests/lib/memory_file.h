/* Files in memory, for what reads a file by its path. */
#pragma once

#include <stddef.h>

enum { MEMORY_FILE_PATH = 32 };

/* A file with these bytes, and its path below /proc. Returns its descriptor, which the caller
 * closes. Aborts if there is no memory. */
int memory_file_make(const void *bytes, size_t count, char path[MEMORY_FILE_PATH]);
