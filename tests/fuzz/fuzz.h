/* What the fuzz targets share: taking the input apart, and reporting what is wrong. */
#pragma once

#include "tests/lib/mend.h"
#include "tests/lib/sample.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* libFuzzer calls it with one input after the other. Returns 0; -1 if the input is not worth
 * keeping. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
        const uint8_t *bytes;
        size_t count;
};

/* The next `count` bytes, or as many as there are. */
static inline struct input input_take(struct input *input, size_t count)
{
        struct input taken = {input->bytes, count < input->count ? count : input->count};

        input->bytes += taken.count;
        input->count -= taken.count;
        return taken;
}

/* The next byte; 0 past the end. */
static inline uint8_t input_byte(struct input *input)
{
        struct input byte = input_take(input, 1);

        return byte.count ? byte.bytes[0] : 0;
}

/* A packet: what the kernel knows of it, how much longer it was on the wire, then its bytes. */
static inline struct sample *input_sample(struct input *input, bool live)
{
        uint8_t known = input_byte(input), longer = input_byte(input), tag = input_byte(input);
        struct sample *sample = sample_new((uint32_t)input->count);

        if (!sample)
                abort();
        memcpy(sample->data, input->bytes, input->count);
        sample->length = sample->captured + longer;
        sample->live = live;
        sample->ancillary = (struct cbpf_ancillary){
            .protocol = known & 8 ? 0x0800 : 0x86dd,
            .packet_type = known & 7,
            .interface = known >> 6,
            .hardware_type = 1,
            .vlan_present = known & 16,
            .vlan_tag = tag,
            .vlan_protocol = known & 32 ? 0x8100 : 0x88a8,
        };
        return sample;
}

/* A program: the number of instructions, then the instructions as they are in memory. */
static inline struct bpf_program input_program(struct input *input)
{
        struct bpf_program program = {.bf_len = 1u + input_byte(input)};

        program.bf_insns = calloc(program.bf_len, sizeof *program.bf_insns);
        if (!program.bf_insns)
                abort();
        for (uint32_t i = 0; i < program.bf_len; i++) {
                struct input bytes = input_take(input, sizeof *program.bf_insns);

                if (bytes.count > 0)
                        memcpy(&program.bf_insns[i], bytes.bytes, bytes.count);
        }
        mend_program(&program);
        return program;
}

/* Reports what is wrong and aborts, so that libFuzzer keeps the input. */
__attribute__((noreturn, format(printf, 1, 2))) static inline void fuzz_fail(const char *format,
                                                                             ...)
{
        va_list arguments;

        va_start(arguments, format);
        vfprintf(stderr, format, arguments);
        va_end(arguments);
        fputc('\n', stderr);
        abort();
}

static inline void fuzz_show_program(const char *name, const struct bpf_program *program)
{
        char *listing = cbpf_list(program, CBPF_LISTING_TEXT);

        fprintf(stderr, "%s:\n%s", name, listing ? listing : "");
        free(listing);
}

static inline void fuzz_show_sample(const char *name, const struct sample *sample)
{
        fprintf(stderr, "%s, ", name);
        sample_print(sample, stderr);
}
