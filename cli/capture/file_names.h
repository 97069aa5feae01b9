/* The names and formats of the files of -w. */
#pragma once

#include "capture.h"
#include "monitor.h"

/* What the name says of the format: .pcapng, and .gz or .zst behind it; --format counts more. */
void file_format(const struct capture_command *command, struct capture_writer_options *options);

/* A monitor_name: the context is the struct capture_command. With -G the name is strftime(3)'s
 * format for the time when the slice begins; with -C a number stands before the suffix, from 1
 * after the first file, or from 0 with as many digits as -W asks for. Refuses the name of a file
 * that is being read. */
monitor_name file_name;
