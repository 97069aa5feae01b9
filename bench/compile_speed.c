/* compile_speed [-n RUNS] FILE...: compiles the expression in each file in this process. Prints a
 * line for each: name, milliseconds (the least of RUNS, 3), instructions, longest path, peak memory
 * in MiB.
 */
#include "cbpf/cbpf.h"

#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static char *read_file(const char *path)
{
        FILE *file = fopen(path, "r");
        char *text = NULL;
        size_t room = 0;

        if (!file)
                return NULL;
        if (getdelim(&text, &room, '\0', file) < 0) {
                free(text);
                text = NULL;
        }
        fclose(file);
        return text;
}

static double now(void)
{
        struct timespec time;

        clock_gettime(CLOCK_MONOTONIC, &time);
        return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

/* Jumps go forward only, so one pass from the end finds the longest path. */
static unsigned longest_path(const struct bpf_program *program)
{
        unsigned *path = calloc(program->bf_len + 1, sizeof *path), longest;

        if (!path)
                return 0;
        for (unsigned i = program->bf_len; i-- > 0;) {
                const struct bpf_insn *insn = &program->bf_insns[i];
                unsigned yes = i + 1, no = i + 1;

                if (BPF_CLASS(insn->code) == BPF_JMP && BPF_OP(insn->code) == BPF_JA)
                        yes = no = i + 1 + insn->k;
                else if (BPF_CLASS(insn->code) == BPF_JMP)
                        yes += insn->jt, no += insn->jf;
                path[i] = 1;
                if (BPF_CLASS(insn->code) != BPF_RET)
                        path[i] += path[yes] > path[no] ? path[yes] : path[no];
        }
        longest = path[0];
        free(path);
        return longest;
}

static int measure(const char *path, int runs)
{
        struct cbpf_target target = {.link_type = DLT_EN10MB,
                                     .snapshot_length = 262144,
                                     .place = CBPF_FILE,
                                     .netmask = CBPF_NETMASK_UNKNOWN};
        struct bpf_program program;
        struct error error;
        char *text = read_file(path);
        const char *name = strrchr(path, '/');
        struct rusage usage;
        double best = 1e9;

        if (!text) {
                perror(path);
                return 1;
        }
        for (int i = 0; i < runs; i++) {
                double start = now(), took;

                if (cbpf_compile(text, &target, 0, &program, &error) < 0) {
                        fprintf(stderr, "%s: %s\n", path, error.message);
                        free(text);
                        return 1;
                }
                took = now() - start;
                best = took < best ? took : best;
                if (i + 1 < runs)
                        cbpf_program_free(&program);
        }
        getrusage(RUSAGE_SELF, &usage);
        printf("%-20s %9.1f ms %8u instructions %4u path %5ld MiB\n", name ? name + 1 : path, best,
               program.bf_len, longest_path(&program), usage.ru_maxrss / 1024);
        cbpf_program_free(&program);
        free(text);
        return 0;
}

int main(int argc, char **argv)
{
        int runs = 3, option, status = 0;

        while ((option = getopt(argc, argv, "n:")) != -1)
                if (option == 'n')
                        runs = atoi(optarg);
                else
                        return 2;
        for (int i = optind; i < argc; i++)
                status |= measure(argv[i], runs < 1 ? 1 : runs);
        return status;
}
