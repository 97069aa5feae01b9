/* The completions of a packet: filled with patterns first, then steered. Each that takes a new way
 * through the reference is kept, and every branch on its way that depends on the free bytes is made
 * to go the other way. */
#include "judge.h"

#include "random.h"

#include <linux/filter.h>
#include <stdlib.h>
#include <string.h>

enum {
        MOST_RUNS = 400,
        MOST_KEPT = 48,
        BEYOND = 1600, /* bytes a completion may go past the captured end */
};

enum opinion {
        AGREES,
        DISAGREES,
        NOT_KNOWN, /* the reference reads further than this completion goes */
};

struct search {
        struct judge *judge;
        uint32_t answer;
        struct trail_freedom freedom;
        bool whole; /* the completions end where the packet did on the wire */
        size_t runs, agreed, kept;
        struct sample samples[MOST_KEPT];
        uint64_t paths[MOST_KEPT];
};

static enum opinion ask(struct search *search, const struct sample *completion)
{
        struct trail *trail = &search->judge->trail;

        search->runs++;
        trail_record(trail, search->judge->reference, completion);
        if (trail->outcome.end == CBPF_END_OUTSIDE && !search->whole)
                return NOT_KNOWN;
        if (trail->outcome.verdict != search->answer)
                return DISAGREES;
        search->agreed++;
        return AGREES;
}

static void keep(struct search *search, const struct sample *completion, uint64_t path)
{
        for (size_t i = 0; i < search->kept; i++)
                if (search->paths[i] == path)
                        return;
        if (search->kept == MOST_KEPT) {
                search->runs = MOST_RUNS + 1; /* more ways than can be followed */
                return;
        }
        sample_copy(&search->samples[search->kept], completion);
        search->paths[search->kept++] = path;
}

static bool try(struct search *search, const struct sample *completion)
{
        if (ask(search, completion) == DISAGREES) {
                sample_copy(&search->judge->completion, completion);
                return false;
        }
        keep(search, completion, search->judge->trail.path);
        return true;
}

/* Byte `i` of the `pattern`th fill. */
static uint8_t fill(struct search *search, int pattern)
{
        static const uint8_t bytes[] = {0, 0xff, 0x45, 0x60, 6, 17};

        if (pattern < (int)sizeof bytes)
                return bytes[pattern];
        return (uint8_t)random_next(&search->judge->random);
}

static bool try_fills(struct search *search, const struct sample *sample, uint32_t captured)
{
        struct sample completion;

        sample_copy(&completion, sample);
        completion.captured = captured;
        for (int pattern = 0; pattern < 10; pattern++) {
                for (uint32_t i = sample->captured; i < captured; i++)
                        completion.data[i] = fill(search, pattern);
                if (!try(search, &completion))
                        return false;
        }
        return true;
}

static bool steer_branch(struct search *search, const struct sample *from, size_t number)
{
        const struct trail *trail = &search->judge->trail;
        const struct branch branch = trail->branches[number];
        uint32_t wanted[TRAIL_WANTED];
        size_t count = trail_wanted(trail, &branch, wanted), solved = 0;
        struct sample completion;

        for (size_t i = 0; i < count && solved < 3 && search->runs <= MOST_RUNS; i++) {
                trail_record(&search->judge->trail, search->judge->reference, from);
                sample_copy(&completion, from);
                if (!trail_solve(trail, branch.left, wanted[i], &search->freedom, &completion))
                        continue;
                solved++;
                if (!try(search, &completion))
                        return false;
        }
        for (uint32_t i = 0; solved == 0 && i < 3; i++) {
                trail_record(&search->judge->trail, search->judge->reference, from);
                sample_copy(&completion, from);
                if (!trail_disturb(trail, branch.left,
                                   (uint32_t)random_next(&search->judge->random), &search->freedom,
                                   &completion))
                        return true;
                if (!try(search, &completion))
                        return false;
        }
        return true;
}

static bool steer(struct search *search)
{
        for (size_t i = 0; i < search->kept; i++) {
                const struct sample *from = &search->samples[i];
                size_t branches;

                trail_record(&search->judge->trail, search->judge->reference, from);
                branches = search->judge->trail.branch_count;
                for (size_t j = 0; j < branches && search->runs <= MOST_RUNS; j++) {
                        if (!steer_branch(search, from, j))
                                return false;
                        trail_record(&search->judge->trail, search->judge->reference, from);
                }
        }
        return true;
}

/* Whether all completions of `sample` to `captured` bytes that can be told get `answer`, and there
 * are such. */
static bool all_agree(struct judge *judge, const struct sample *sample, uint32_t answer,
                      uint32_t captured, bool whole)
{
        struct search *search = malloc(sizeof *search);
        bool agree;

        if (!search)
                abort();
        search->judge = judge;
        search->answer = answer;
        search->freedom = (struct trail_freedom){.first_byte = sample->captured};
        search->whole = whole;
        search->runs = search->agreed = search->kept = 0;
        agree = try_fills(search, sample, captured) && steer(search) && search->agreed > 0;
        if (agree && search->runs > MOST_RUNS)
                judge->unsure++;
        free(search);
        return agree;
}

static uint32_t least(uint32_t a, uint32_t b)
{
        return a < b ? a : b;
}

enum judgement judge(struct judge *judge, const struct sample *sample, uint32_t answer)
{
        struct cbpf_packet packet = sample_packet(sample);
        struct cbpf_outcome outcome = cbpf_execute(judge->reference, &packet, NULL);
        uint32_t reach = least(sample->captured + BEYOND, SAMPLE_ROOM);
        const struct bpf_insn *last = &judge->reference->bf_insns[outcome.instruction];
        bool ancillary = BPF_MODE(last->code) == BPF_ABS && last->k >= (uint32_t)SKF_AD_OFF;

        judge->completion.captured = 0;
        if (outcome.verdict == answer)
                return JUDGED_SAME;
        if (outcome.end != CBPF_END_OUTSIDE || ancillary)
                return JUDGED_DIFFERENT;
        if (sample->captured < sample->length &&
            all_agree(judge, sample, answer, least(reach, sample->length), sample->length <= reach))
                return JUDGED_FREE;
        judge->completion.captured = 0;
        return all_agree(judge, sample, answer, reach, false) ? JUDGED_SHORT : JUDGED_DIFFERENT;
}
