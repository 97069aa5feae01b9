/* What libpcap's optimizing compiler makes of an expression, for comparison. On long lists it may
 * take minutes or crash, so it works in a process of its own. */
#include "explain.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The child's work: writes the result into `pipe`. */
static void compile_into(int pipe, const struct explain *explain)
{
        pcap_t *pcap =
            pcap_open_dead(explain->target.link_type, (int)explain->target.snapshot_length);
        struct explain_rival rival = {.end = RIVAL_FAILED};
        struct bpf_program program;

        if (pcap && pcap_compile(pcap, &program, explain->expression, 1, 0) == 0) {
                rival.end = RIVAL_DONE;
                rival.instructions = program.bf_len;
                if (cbpf_longest_path(&program, &rival.longest) != 0)
                        rival.longest = 0;
        }
        if (write(pipe, &rival, sizeof rival) < 0)
                _exit(1);
        _exit(0);
}

struct explain_rival explain_compile_by_libpcap(const struct explain *explain)
{
        struct explain_rival rival = {.end = RIVAL_NONE};
        struct pollfd answer = {.events = POLLIN};
        int ends[2];
        pid_t child;

        if (explain->live || explain->unoptimized || pipe(ends) < 0)
                return rival;
        child = fork();
        if (child == 0)
                compile_into(ends[1], explain);
        close(ends[1]);
        if (child > 0) {
                answer.fd = ends[0];
                if (poll(&answer, 1, RIVAL_SECONDS * 1000) <= 0)
                        rival.end = RIVAL_LATE;
                else if (read(ends[0], &rival, sizeof rival) != sizeof rival)
                        rival.end = RIVAL_CRASHED;
                kill(child, SIGKILL);
                waitpid(child, NULL, 0);
        }
        close(ends[0]);
        return rival;
}
