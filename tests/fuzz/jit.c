/* Arbitrary classic programs as machine code, compared with the interpreter on a packet and on
 * truncations of it.
 *
 * The input: as for program.c. */
#include "fuzz.h"

#include "tests/lib/fence.h"

static uint32_t run(const struct cbpf_jit *jit, const struct sample *sample, struct fence *fence)
{
        struct packet packet = sample_packet(sample);

        packet.data = fence_put(fence, sample->data, sample->captured);
        return cbpf_jit_run(jit, &packet, sample_ancillary(sample));
}

static void compare(const struct bpf_program *program, const struct cbpf_jit *jit,
                    const struct sample *sample, struct fence *fence)
{
        struct packet packet = sample_packet(sample);
        uint32_t expected = cbpf_execute(program, &packet, sample_ancillary(sample), NULL).verdict;
        uint32_t verdict = run(jit, sample, fence);

        if (verdict == expected)
                return;
        fuzz_show_program("program", program);
        fuzz_show_sample("packet", sample);
        fuzz_fail("WRONG: the program returns %u, as machine code %u", expected, verdict);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static struct fence fence;
        struct input input = {data, size};
        struct bpf_program program;
        struct sample *sample;
        struct cbpf_jit *jit;

        if (!fence.end)
                fence = fence_make();
        input_byte(&input);
        program = input_program(&input);
        sample = input_sample(&input, true);
        if (sample->captured > FENCE_ROOM)
                sample->captured = FENCE_ROOM;
        jit = cbpf_jit_new(&program);
        if (!jit) {
                fuzz_show_program("program", &program);
                fuzz_fail("WRONG: no machine code");
        }
        compare(&program, jit, sample, &fence);
        while (sample->captured > 0) {
                sample->captured -= 1 + sample->captured / 16;
                sample->live = !sample->live;
                compare(&program, jit, sample, &fence);
        }
        cbpf_jit_free(jit);
        free(sample);
        cbpf_program_free(&program);
        return 0;
}
