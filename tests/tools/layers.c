/* layers [--runs N] [--seed N] [--packets N] [--each EXPRESSION]: expressions with `deep` in them
 * against the dissector (tests/lib/dissector.h), on random packets; 10,000,000 runs of programs by
 * default. Exit status 1 if there was a difference; the first of each expression are printed. */
#include "tests/lib/layer_trial.h"
#include "tests/lib/layered.h"
#include "tests/lib/random.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
        EXPRESSION_ROOM = 2000,
        SHOWN = 1,
};

struct tally {
        uint64_t runs, expressions, refused, differing;
};

static void try(struct tally *tally, const char *expression, uint64_t *random, uint64_t packets,
                struct sample *sample)
{
        struct cbpf_target target = {
            .link_type = layered_link_type(random),
            .snapshot_length = 262144,
            .netmask = CBPF_NETMASK_UNKNOWN,
        };
        static const unsigned all_flags[] = {
            0, 0, 0, CBPF_UNOPTIMIZED, CBPF_FOR_SIZE, CBPF_FOR_SPEED};
        unsigned flags = all_flags[random_below(random, 6)];
        struct error error;
        struct layer_trial *trial = layer_trial_new(expression, &target, flags, &error);

        tally->expressions++;
        if (!trial) {
                tally->refused++;
                return;
        }
        if (layer_trial_random(trial, random, sample, packets, SHOWN, stdout) > 0)
                tally->differing++;
        tally->runs += packets;
        layer_trial_free(trial);
}

int main(int argc, char **argv)
{
        static const struct option options[] = {{"runs", required_argument, NULL, 'r'},
                                                {"seed", required_argument, NULL, 's'},
                                                {"packets", required_argument, NULL, 'p'},
                                                {"each", required_argument, NULL, 'e'},
                                                {0}};
        uint64_t runs = 10000000, random = 1, packets = 2000;
        const char *each = NULL;
        struct tally tally = {0};
        struct sample *sample = sample_new(SAMPLE_ROOM);
        size_t template = 0;
        int option;

        while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
                switch (option) {
                case 'r': runs = strtoull(optarg, NULL, 0); break;
                case 's': random = strtoull(optarg, NULL, 0); break;
                case 'p': packets = strtoull(optarg, NULL, 0); break;
                case 'e': each = optarg; break;
                default: return 2;
                }
        if (!sample || packets == 0)
                return 2;
        while (tally.runs < runs) {
                char test[EXPRESSION_ROOM], expression[EXPRESSION_ROOM + 20];

                if (each)
                        snprintf(expression, sizeof expression, "%s", each);
                else if (layered_template(&random, template ++, test, sizeof test))
                        snprintf(expression, sizeof expression, "deep (%s)", test);
                else
                        layered_expression(&random, random_below(&random, 2), expression,
                                           sizeof expression);
                try(&tally, expression, &random, packets, sample);
                if (each && tally.refused)
                        break;
        }
        printf("%" PRIu64 " runs of %" PRIu64 " expressions, %" PRIu64 " refused, %" PRIu64
               " answered differently\n",
               tally.runs, tally.expressions, tally.refused, tally.differing);
        free(sample);
        return tally.differing > 0;
}
