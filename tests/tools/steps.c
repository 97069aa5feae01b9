/* steps FILE EXPRESSION: every step that cbpf_execute() makes for the packets of a file, a line
 * each:
 *
 *     PACKET STEP INSTRUCTION A=... X=... M[i]=... reads OFFSET SIZE
 *
 * with the registers before the instruction, the scratch memory that the program uses, and the
 * bytes it asks for that are there; then PACKET accepted or rejected. Whatever shows a run is
 * tested against it. */
#include "capture/capture.h"
#include "cbpf/cbpf.h"

#include <inttypes.h>
#include <stdio.h>

struct run {
        const struct bpf_program *program;
        uint64_t packet, step;
        uint32_t captured;
        bool used[BPF_MEMWORDS]; /* scratch memory */
};

static bool uses_memory(const struct bpf_insn *instruction)
{
        switch (BPF_CLASS(instruction->code)) {
        case BPF_ST:
        case BPF_STX: return true;
        case BPF_LD:
        case BPF_LDX: return BPF_MODE(instruction->code) == BPF_MEM;
        default: return false;
        }
}

static void print_step(void *context, const struct cbpf_step *step)
{
        struct run *run = context;
        uint64_t size = step->size;

        printf("%" PRIu64 " %" PRIu64 " %zu A=%" PRIu32 " X=%" PRIu32, run->packet, ++run->step,
               step->instruction, step->a, step->x);
        for (int i = 0; i < BPF_MEMWORDS; i++)
                if (run->used[i])
                        printf(" M[%d]=%" PRIu32, i, step->memory[i]);
        if (step->offset >= run->captured)
                size = 0;
        else if (size > run->captured - step->offset)
                size = run->captured - step->offset;
        if (size)
                printf(" reads %" PRIu64 " %" PRIu64, step->offset, size);
        putchar('\n');
}

static int run_packets(struct run *run, struct capture *capture)
{
        const struct cbpf_observer observer = {print_step, run};
        struct capture_record record;
        struct error error;
        enum capture_result result;

        while ((result = capture_next(capture, &record, &error)) == CAPTURE_PACKET) {
                struct cbpf_outcome outcome;

                run->packet++;
                run->step = 0;
                run->captured = record.packet.captured;
                outcome = cbpf_execute(run->program, &record.packet, NULL, &observer);
                printf("%" PRIu64 " %s\n", run->packet, outcome.verdict ? "accepted" : "rejected");
        }
        if (result != CAPTURE_ERROR)
                return 0;
        fprintf(stderr, "steps: %s\n", error.message);
        return 1;
}

int main(int argc, char **argv)
{
        struct cbpf_target target = {.place = CBPF_FILE};
        struct error capture_error;
        struct bpf_program program;
        struct error error;
        struct capture *capture;
        struct run run = {.program = &program};
        int status;

        if (argc != 3) {
                fputs("usage: steps FILE EXPRESSION\n", stderr);
                return 2;
        }
        capture = capture_open_file(argv[1], &capture_error);
        if (!capture) {
                fprintf(stderr, "steps: %s\n", capture_error.message);
                return 1;
        }
        target.link_type = capture_info(capture)->link_type;
        target.snapshot_length = capture_info(capture)->snapshot_length;
        if (cbpf_compile(argv[2], &target, 0, &program, &error) < 0) {
                fprintf(stderr, "steps: %s\n", error.message);
                capture_close(capture);
                return 2;
        }
        for (uint32_t i = 0; i < program.bf_len; i++)
                if (uses_memory(&program.bf_insns[i]))
                        run.used[program.bf_insns[i].k % BPF_MEMWORDS] = true;
        status = run_packets(&run, capture);
        cbpf_program_free(&program);
        capture_close(capture);
        return status;
}
