/* Arbitrary bytes as a program in any form: the readers, and the writers on what they read. -ddd
 * has its own reader besides the one that detects the form. */
#include "fuzz.h"
#include "tests/lib/unused.h"

#include <linux/filter.h>

static void check_error(size_t length, const struct error *error)
{
        if (error->message[0] == '\0')
                fuzz_fail("an error without a message");
        if (error->offset > length && error->offset != ERROR_NO_OFFSET)
                fuzz_fail("an error at byte %zu of %zu: %s", error->offset, length, error->message);
        if (error->offset != ERROR_NO_OFFSET && error->length == 0)
                fuzz_fail("an error about nothing: %s", error->message);
}

/* What is written must be read back as the same program. */
static void check_again(const struct bpf_program *program, enum cbpf_listing listing)
{
        char *text = cbpf_list(program, listing);
        struct bpf_program again;
        struct error error;

        if (!text)
                abort();
        if (cbpf_read(text, strlen(text), &again, &error) != 0)
                fuzz_fail("%s\nis what was written, but: %s", text, error.message);
        if (again.bf_len != program->bf_len ||
            (program->bf_len > 0 &&
             memcmp(again.bf_insns, program->bf_insns, again.bf_len * sizeof *again.bf_insns) != 0))
                fuzz_fail("%s\nreads as another program", text);
        cbpf_program_free(&again);
        free(text);
}

static void check_program(struct bpf_program *program)
{
        static const enum cbpf_listing exact[] = {CBPF_LISTING_C, CBPF_LISTING_DECIMAL,
                                                  CBPF_LISTING_BYTECODE, CBPF_LISTING_JSON};
        struct cbpf_violation violation;

        free(cbpf_list(program, CBPF_LISTING_TEXT));
        free(cbpf_list(program, CBPF_LISTING_ASSEMBLER));
        cbpf_rejects_all(program);
        for (size_t i = 0; i < sizeof exact / sizeof *exact; i++)
                if (program->bf_len > 0 || exact[i] != CBPF_LISTING_C)
                        check_again(program, exact[i]);
        if (cbpf_check(program, &violation) != 0)
                return;
        for (uint32_t i = 0; i < program->bf_len; i++)
                clear_unused(&program->bf_insns[i]);
        check_again(program, CBPF_LISTING_TEXT);
        check_again(program, CBPF_LISTING_ASSEMBLER);
}

static void try_reader(int (*read)(const char *text, size_t length, struct bpf_program *program,
                                   struct error *error),
                       const char *text, size_t length)
{
        struct bpf_program program;
        struct error error;

        if (read(text, length, &program, &error) == 0) {
                check_program(&program);
                cbpf_program_free(&program);
        } else {
                check_error(length, &error);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        char *text = malloc(size ? size : 1);

        if (!text)
                abort();
        if (size)
                memcpy(text, data, size);
        try_reader(cbpf_read, text, size);
        try_reader(cbpf_read_ddd, text, size);
        free(text);
        return 0;
}
