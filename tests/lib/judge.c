/* The completions of a packet: filled with patterns first, then steered. Each that takes a new path
 * through the reference is kept, and every branch on its path that depends on the free bytes is
 * made to go the other way. */
#include "judge.h"

#include "random.h"

#include <stdlib.h>
#include <string.h>

enum {
        MAX_RUNS = 400,
        MAX_KEPT = 48,
        BEYOND = 1600, /* bytes a completion goes past what the reference read */
        NEAR = 256,
        LONGEST_LOAD = 4,
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
        uint32_t limit; /* captured bytes of a completion, at most */
        bool whole;     /* one of so many is the packet as it was on the wire */
        size_t runs, agreed, kept;
        size_t far; /* completions that would have to be longer than a sample can be */
        struct sample samples[MAX_KEPT];
        uint64_t paths[MAX_KEPT];
};

/* True if the run ended at a load that no sample reaches. */
static bool is_far(const struct trail *trail)
{
        return trail->ends_past_packet &&
               trail->reads[trail->read_count - 1].offset + LONGEST_LOAD > SAMPLE_ROOM;
}

static uint32_t least(uint64_t a, uint64_t b)
{
        return (uint32_t)(a < b ? a : b);
}

/* Makes a completion reach beyond the load at which the reference has just ended. False if none
 * may. */
static bool lengthen(const struct search *search, struct sample *completion)
{
        const struct trail *trail = &search->judge->trail;
        uint32_t had = completion->captured, reach;

        if (!trail->ends_past_packet || is_far(trail))
                return false;
        reach = least((uint64_t)trail->reads[trail->read_count - 1].offset + BEYOND, search->limit);
        if (reach <= had)
                return false;
        memset(completion->data + had, 0, reach - had);
        completion->captured = reach;
        return true;
}

static enum opinion ask(struct search *search, struct sample *completion)
{
        struct trail *trail = &search->judge->trail;

        do {
                search->runs++;
                trail_record(trail, search->judge->reference, completion);
        } while (trail->outcome.end == CBPF_END_OUTSIDE && lengthen(search, completion));
        if (trail->outcome.end == CBPF_END_OUTSIDE &&
            !(search->whole && completion->captured == search->limit)) {
                search->far += is_far(trail);
                return NOT_KNOWN;
        }
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
        if (search->kept == MAX_KEPT) {
                search->runs = MAX_RUNS + 1; /* more paths than can be followed */
                return;
        }
        sample_copy(&search->samples[search->kept], completion);
        search->paths[search->kept++] = path;
}

static bool try(struct search *search, struct sample *completion)
{
        if (ask(search, completion) == DISAGREES) {
                sample_copy(&search->judge->completion, completion);
                return false;
        }
        keep(search, completion, search->judge->trail.path);
        return true;
}

/* Fills the bytes of a completion between two places with a pattern or at random. */
static void fill(struct search *search, struct sample *completion, int pattern, uint32_t from,
                 uint32_t to)
{
        static const uint8_t bytes[] = {0, 0xff, 0x45, 0x60, 6, 17};

        for (uint32_t i = from; i < to && i < completion->captured; i++)
                completion->data[i] = pattern < (int)sizeof bytes
                                          ? bytes[pattern]
                                          : (uint8_t)random_next(&search->judge->random);
}

/* A completion can be long, where an offset is computed: only the bytes behind the captured ones
 * and those near `far`, where the reference read, are not left zero. */
static bool try_fills(struct search *search, const struct sample *sample, uint32_t captured,
                      uint32_t far)
{
        struct sample completion;

        sample_copy(&completion, sample);
        memset(completion.data + sample->captured, 0, captured - sample->captured);
        completion.captured = captured;
        for (int pattern = 0; pattern < 10; pattern++) {
                fill(search, &completion, pattern, sample->captured, sample->captured + NEAR);
                fill(search, &completion, pattern, far, far + NEAR);
                if (!try(search, &completion))
                        return false;
        }
        return true;
}

/* Makes one jump on the path of `from`, whose trail is recorded, go the other way. */
static bool steer_branch(struct search *search, const struct sample *from, size_t number)
{
        const struct trail *trail = &search->judge->from;
        const struct branch *branch = &trail->branches[number];
        uint32_t wanted[TRAIL_WANTED];
        size_t count = trail_wanted(trail, branch, wanted), solved = 0;
        struct sample completion;

        for (size_t i = 0; i < count && solved < 3; i++) {
                sample_copy(&completion, from);
                if (!trail_solve(trail, branch->left, wanted[i], &search->freedom, &completion))
                        continue;
                solved++;
                if (!try(search, &completion))
                        return false;
        }
        for (uint32_t i = 0; solved == 0 && i < 3; i++) {
                uint32_t choice = (uint32_t)random_next(&search->judge->random);

                sample_copy(&completion, from);
                if (!trail_disturb(trail, branch->left, choice, &search->freedom, &completion))
                        return true;
                if (!try(search, &completion))
                        return false;
        }
        return true;
}

static bool steer(struct search *search)
{
        struct trail *trail = &search->judge->from;

        for (size_t i = 0; i < search->kept; i++) {
                trail_record(trail, search->judge->reference, &search->samples[i]);
                for (size_t j = 0; j < trail->branch_count && search->runs <= MAX_RUNS; j++)
                        if (!steer_branch(search, &search->samples[i], j))
                                return false;
        }
        return true;
}

/* Whether `answer` is what all completions of `sample` get that can be tried, and there are any.
 * The reference ended at a load at `far`. */
static bool all_agree(struct judge *judge, const struct sample *sample, uint32_t answer,
                      uint32_t far, uint32_t limit, bool whole)
{
        struct search *search = malloc(sizeof *search);
        bool agree;

        if (!search)
                abort();
        search->judge = judge;
        search->answer = answer;
        search->freedom = (struct trail_freedom){.first_byte = sample->captured};
        search->limit = limit;
        search->whole = whole;
        search->runs = search->agreed = search->kept = search->far = 0;
        agree = try_fills(search, sample, least((uint64_t)far + BEYOND, limit), far) &&
                steer(search) && search->agreed + search->far > 0;
        if (agree && search->runs > MAX_RUNS)
                judge->unsure++;
        free(search);
        return agree;
}

enum judgement judge(struct judge *judge, const struct sample *sample, uint32_t answer)
{
        const struct trail *trail = &judge->trail;
        uint32_t far;

        judge->completion.captured = 0;
        trail_record(&judge->trail, judge->reference, sample);
        if (trail->outcome.verdict == answer)
                return JUDGED_SAME;
        if (trail->outcome.end != CBPF_END_OUTSIDE || !trail->ends_past_packet)
                return JUDGED_DIFFERENT;
        if (is_far(trail))
                return JUDGED_SHORT;
        far = (uint32_t)trail->reads[trail->read_count - 1].offset;
        far = far < sample->captured ? sample->captured : far;
        if (sample->captured < sample->length &&
            all_agree(judge, sample, answer, far, least(sample->length, SAMPLE_ROOM),
                      sample->length <= SAMPLE_ROOM))
                return JUDGED_FREE;
        judge->completion.captured = 0;
        return all_agree(judge, sample, answer, far, SAMPLE_ROOM, false) ? JUDGED_SHORT
                                                                         : JUDGED_DIFFERENT;
}
