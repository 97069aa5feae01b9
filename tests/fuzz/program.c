/* Arbitrary classic programs that the kernel would accept: what the optimizer makes of one is
 * compared with it, on a packet from the input and on packets steered into the branches.
 *
 * The input: a byte for graph.c, the number of instructions, that many instructions of 8 bytes,
 * then the packet. Bytes that are not an instruction are turned into one, so that most inputs are
 * programs. */
#include "fuzz.h"

#include "cbpf/compile.h"
#include "tests/lib/explore.h"

enum {
        BUDGET = 3000,
};

/* Whether it is certain: where a load is so far away that no completion of the packet could be
 * tried, either answer may be right. */
static bool is_certain(const struct bpf_program *program, const struct difference *difference)
{
        struct packet packet = sample_packet(&difference->sample);

        return difference->judgement == JUDGED_DIFFERENT &&
               (difference->completion.captured > 0 ||
                cbpf_execute(program, &packet, sample_ancillary(&difference->sample), NULL).end !=
                    CBPF_END_OUTSIDE);
}

static void compare(const struct bpf_program *program, const struct bpf_program *optimized,
                    const struct sample *sample)
{
        static struct exploration exploration;

        exploration = (struct exploration){
            .reference = program, .candidate = optimized, .seed = 1, .budget = BUDGET};
        if (!explore(&exploration, &sample, 1))
                abort();
        for (size_t i = 0; i < exploration.difference_count; i++) {
                const struct difference *difference = &exploration.differences[i];

                if (!is_certain(program, difference))
                        continue;
                fuzz_show_program("program", program);
                fuzz_show_program("optimized", optimized);
                fuzz_show_sample("packet", &difference->sample);
                if (difference->completion.captured > 0)
                        fuzz_show_sample("completion", &difference->completion);
                fuzz_fail("WRONG: the program returns %u, optimized %u", difference->reference,
                          difference->candidate);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct input input = {data, size};
        struct bpf_program program, optimized;
        struct sample *sample;
        struct cbpf_violation violation = {0};
        int result = -1;

        input_byte(&input);
        program = input_program(&input);
        sample = input_sample(&input, true);
        if (cbpf_check(&program, &violation) == 0)
                result = cbpf_recompile(&program, &optimized);
        if (result == 0) {
                if (optimized.bf_len > program.bf_len || cbpf_check(&optimized, &violation) != 0) {
                        fuzz_show_program("program", &program);
                        fuzz_show_program("optimized", &optimized);
                        fuzz_fail("WRONG: longer, or: %s", violation.message);
                }
                compare(&program, &optimized, sample);
                cbpf_program_free(&optimized);
        }
        free(sample);
        cbpf_program_free(&program);
        return result == 0 ? 0 : -1;
}
