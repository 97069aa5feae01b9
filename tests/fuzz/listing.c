/* Arbitrary bytes as a -ddd listing: the reader, and the writers on what it read. */
#include "fuzz.h"

static void check_error(size_t length, const struct cbpf_error *error)
{
        if (error->message[0] == '\0')
                fuzz_fail("an error without a message");
        if (error->offset > length && error->offset != CBPF_NO_OFFSET)
                fuzz_fail("an error at byte %zu of %zu: %s", error->offset, length, error->message);
}

/* What is written must read as the same program. */
static void check_again(const struct bpf_program *program)
{
        char *text = cbpf_list(program, CBPF_LISTING_DECIMAL);
        struct bpf_program again;
        struct cbpf_error error;

        if (!text)
                abort();
        if (cbpf_read_ddd(text, strlen(text), &again, &error) != 0)
                fuzz_fail("%s\nis what was written, but: %s", text, error.message);
        if (again.bf_len != program->bf_len ||
            memcmp(again.bf_insns, program->bf_insns, again.bf_len * sizeof *again.bf_insns) != 0)
                fuzz_fail("%s\nreads as another program", text);
        cbpf_program_free(&again);
        free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        char *text = malloc(size ? size : 1);
        struct cbpf_violation violation;
        struct bpf_program program;
        struct cbpf_error error;

        if (!text)
                abort();
        if (size)
                memcpy(text, data, size);
        if (cbpf_read_ddd(text, size, &program, &error) == 0) {
                check_again(&program);
                free(cbpf_list(&program, CBPF_LISTING_TEXT));
                free(cbpf_list(&program, CBPF_LISTING_C));
                cbpf_check(&program, &violation);
                cbpf_rejects_all(&program);
                cbpf_program_free(&program);
        } else {
                check_error(size, &error);
        }
        free(text);
        return 0;
}
