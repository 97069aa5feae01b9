/* Expressions of the grammar, with the choices taken from the input: what the compiler, the
 * optimizer alone, and lowering make of one is compared with libpcap's unoptimized program, on a
 * packet from the input and on packets steered into the branches.
 *
 * The input: the number of choices, that many bytes of choices, then the packet. */
#include "fuzz.h"

#include "tests/lib/grammar.h"
#include "tests/lib/trial.h"

enum {
        BUDGET = 3000,
        EXPRESSION_ROOM = 1000,
};

static void show(const struct trial *trial)
{
        const struct exploration *exploration = &trial->exploration;

        for (size_t i = 0; i < exploration->difference_count; i++) {
                const struct difference *difference = &exploration->differences[i];

                if (difference->judgement != JUDGED_DIFFERENT)
                        continue;
                fprintf(stderr, "libpcap returns %u, filt %u\n", difference->reference,
                        difference->candidate);
                fuzz_show_sample("packet", &difference->sample);
                if (difference->completion.captured > 0)
                        fuzz_show_sample("libpcap gives another answer to this completion",
                                         &difference->completion);
        }
}

static void try(enum trial_candidate candidate, int link_type, const char *expression,
                const struct seeds *seeds)
{
        static const struct captures captures; /* none: no steps are counted */
        struct trial_settings settings = {
            .candidate = candidate,
            .place = CBPF_FILE,
            .seed = 1,
            .budget = BUDGET,
            .captures = &captures,
        };
        static const char *const names[] = {[TRIAL_OURS] = "compiler", [TRIAL_GRAPH] = "optimizer"};
        static struct trial trial;

        trial_run(&trial, &settings, link_type, expression, seeds);
        if (!trial_wrong(&trial, false))
                return;
        if (trial.status == TRIAL_COMPARED)
                show(&trial);
        else
                fprintf(stderr, "%s\n", trial.message);
        fuzz_fail("WRONG, %s: link type %s, %s", names[candidate],
                  pcap_datalink_val_to_name(link_type), expression);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct input input = {data, size};
        size_t choice_count = input_byte(&input);
        struct input taken = input_take(&input, choice_count);
        struct choices choices = {.bytes = taken.bytes, .count = taken.count};
        struct sample *sample = input_sample(&input, false);
        struct seeds seeds = {&sample, 1};
        char expression[EXPRESSION_ROOM];
        int link_type = grammar_link_type(&choices);

        grammar_expression(&choices, link_type, expression, sizeof expression);
        if (strlen(expression) + 1 < sizeof expression) {
                try(TRIAL_OURS, link_type, expression, &seeds);
                try(TRIAL_GRAPH, link_type, expression, &seeds);
        }
        free(sample);
        return 0;
}
