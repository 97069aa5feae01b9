/* The names and formats of the files of -w. */
#pragma once

#include "capture.h"
#include "monitor.h"

/* What the name says of the format: .pcapng, and .gz or .zst behind it; --format counts more. */
void file_format(const struct capture_command *command, struct capture_writer_options *options);

/* The suffix of a compression that filt does not have, such as .bz2, at the end of a name; NULL if
 * there is none. */
const char *foreign_compression(const char *name);

/* Whether slices of -G that begin at these times have files of the same name. */
bool file_names_equal(const struct capture_command *command, time_t one, time_t other);

/* A monitor_name: the context is the struct capture_command. With -G the name is strftime(3)'s
 * format for the time when the slice begins; with -C a number stands before the suffix, from 1
 * after the first file, or from 0 with as many digits as -W asks for. Refuses the name of a file
 * that is being read. */
monitor_name file_name;
