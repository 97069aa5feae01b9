/* Loads what clang made of a program in C. As root. */
#pragma once

#include "ebpf/program.h"

/* The descriptor of the first program of an object file, or -1. With `kind` NULL, its section tells
 * what it is for; else it is for that, which libbpf may not know yet. */
int object_load(const char *path, const enum ebpf_kind *kind);
