/* Child processes: the tools a subcommand runs (ip, iptables, ping, tcpdump). */
#ifndef PROCESS_H
#define PROCESS_H

#include <stddef.h>
#include <sys/types.h>

struct process_result {
        int status; /* exit status; 128 + N if ended by signal N; 127 if there is no such program */
        char *output; /* standard output and standard error in order, NUL-terminated; free() it */
        size_t length;
};

/* Starts argv[0], searched in PATH (and in /usr/sbin and /sbin, which an ordinary user's PATH may
 * lack). Standard output and error go to the descriptors given (-1: inherited). The child is killed
 * when its parent dies. Returns its process id, or -1 with errno set; a program that does not exist
 * ends with status 127. */
pid_t process_start(char *const argv[], int output, int error);

/* The same in a process group of its own, which the terminal's Ctrl-C does not reach. */
pid_t process_start_apart(char *const argv[], int output, int error);

/* Waits for a process; returns its status as in struct process_result, -1 with errno on error. */
int process_wait(pid_t process);

/* Runs a program to its end and collects what it prints. Returns 0, or -1 with errno set if it
 * could not be started; `result->output` is then NULL. */
int process_run(char *const argv[], struct process_result *result);

/* The full path of a program, searched like process_start() does, or NULL if there is none. The
 * string is static memory, valid until the next call. */
const char *process_find(const char *name);

#endif
