/* One run of the capture command, which its parts share: source.c opens what is read, program.c
 * makes the filter, output.c delivers packets, and capture.c runs them all. */
#pragma once

#include "capture.h"
#include "filter.h"
#include "progress.h"
#include "savefile.h"

enum { MAX_PRINTERS = 64 }; /* link types among the packets of one run */

struct run {
        const struct capture_command *command;
        char *device; /* NULL when reading a file */
        struct capture *capture;
        struct capture **files; /* what `capture` merges, which owns them; NULL if it is one file */
        struct bpf_program program;
        struct cbpf_report report; /* on the program */
        double compile_time;       /* milliseconds */
        bool filter_here;          /* live, but not in the kernel: for a program it does not take */
        struct filter *filter;     /* of files, or live, if `filter_here` */
        struct savefile *savefile;
        bool prints;
        struct {
                int link_type;
                struct printer *printer;
        } printers[MAX_PRINTERS]; /* one a link type */
        struct progress progress;
        struct resolver *resolver;
        uint64_t packets; /* that passed */
        bool full;        /* -W ended it */
};

/* --- source.c --- */

/* Both return NULL after a complaint. */
struct capture *open_device(struct run *run);
struct capture *open_files(struct run *run);

/* Bytes kept of a packet, at most. */
uint32_t snapshot_length(const struct run *run);
const char *link_type_name(int link_type);

/* --- program.c: functions return the status to exit with, STATUS_DONE to go on --- */

struct cbpf_target target_of(const struct run *run);
int compile(struct run *run, const struct cbpf_target *target);

/* Compiles for the kernel where possible, else for here. */
int compile_live(struct run *run, struct cbpf_target *target);
int print_listing(struct run *run, const struct cbpf_target *target);

/* -d without a device or file: nothing is opened. */
int list_for_link_type(struct run *run);
int attach(struct run *run, const struct cbpf_target *target);
int attach_to_files(struct run *run, const struct cbpf_target *target);

/* --- output.c --- */

int open_outputs(struct run *run);

/* The status to end with, 0 to go on; notes if -W ends the run in order. */
int status_of(struct run *run, enum savefile_result result);

/* Flushes what has been printed and, with -U, saved; returns as flush_standard_output(). */
int flush_output(struct run *run);

/* Print and save what passed. Return 0 to go on, a status to end, -1 to end quietly. */
int deliver(struct run *run, const struct capture_record *record);
int deliver_batch(struct run *run, const struct capture_batch *batch);
