/* A work list of packets. A packet enters it if it takes a jump in a direction not seen before, or
 * a new path through both programs. From each, packets are derived that flip one of its jumps:
 * first only the flips that would be new to the program, then all. The rest of the budget goes into
 * packets that combine changes that made a difference before. At the end, the packets of the list
 * are cut at the places where the programs read. */
#include "explore.h"

#include "cbpf/program/program.h"
#include "random.h"
#include "reach.h"

#include <stdlib.h>
#include <string.h>

enum {
        MAX_KEPT = 600,
        MAX_CUT = 150,     /* kept packets that are cut near what is read */
        MAX_CUT_FULLY = 2, /* of these, cut at every length */
        FULL_CUT = 100,
        FEW = 4, /* ways to flip a jump, usually */
        MAX_PATCHES = 256,
        SEEN_SLOTS = 1 << 15, /* paths and flips seen, as a hash table */
        STEERED_ROOM = 700,   /* bytes of packet that steering works on */
        KERNEL_MIN = 24,      /* bytes that whatever the kernel shows has when it is saved */
        MAX_ASKED = 100,      /* outcomes of a program that the proof is asked for */
        MAX_JUDGED = 60, /* differences excused before the rest of a packet's cuts is sampled */
};

/* Some bytes that once made a jump go the other way. */
struct patch {
        uint32_t offset;
        uint32_t size;
        uint8_t bytes[4];
};

struct program {
        const struct bpf_program *code;
        bool *covered; /* two for each instruction: does not hold, holds */
        struct trail trail;
};

struct worker {
        struct exploration *exploration;
        struct judge judge;
        struct program programs[2]; /* reference, candidate */
        struct trail from;          /* of the packet and program that others are derived from */
        int viewer;                 /* the number of that program */
        uint64_t random;
        uint64_t spent;
        struct sample *kept[MAX_KEPT];
        size_t kept_count;
        struct patch patches[MAX_PATCHES];
        size_t patch_count;
        uint64_t paths[SEEN_SLOTS], flips[SEEN_SLOTS];
        size_t path_count, flip_count;
        bool out_of_memory;
};

/* Adds `key` to a table; true if it was not in it. In a full table, nothing counts as new. */
static bool note(uint64_t *table, size_t *count, uint64_t key)
{
        size_t slot;

        key |= 1; /* 0 is an empty slot */
        for (slot = key >> 20 & (SEEN_SLOTS - 1); table[slot]; slot = (slot + 1) & (SEEN_SLOTS - 1))
                if (table[slot] == key)
                        return false;
        if (*count > SEEN_SLOTS / 4 * 3)
                return false;
        table[slot] = key;
        ++*count;
        return true;
}

static void report(struct worker *worker, const struct sample *sample, enum judgement judgement,
                   uint32_t expected, uint32_t answer)
{
        struct exploration *exploration = worker->exploration;
        struct difference *difference = &exploration->differences[exploration->difference_count];

        if (judgement < JUDGED_SHORT || exploration->difference_count == EXPLORE_DIFFERENCES)
                return;
        /* Only one of the milder kind, so that there is always room for the worse. */
        for (size_t i = 0; i < exploration->difference_count; i++)
                if (judgement == JUDGED_SHORT &&
                    exploration->differences[i].judgement == JUDGED_SHORT)
                        return;
        exploration->difference_count++;
        difference->judgement = judgement;
        difference->reference = expected;
        difference->candidate = answer;
        sample_copy(&difference->sample, sample);
        sample_copy(&difference->completion, &worker->judge.completion);
}

static uint32_t answer_of(const struct bpf_program *program, const struct sample *sample)
{
        struct packet packet = sample_packet(sample);

        if (!sample->live)
                return cbpf_run(program, &packet);
        return cbpf_execute(program, &packet, &sample->ancillary, NULL).verdict;
}

/* How program `number` sees a packet. */
static void show(const struct worker *worker, int number, struct sample *shown,
                 const struct sample *sample)
{
        sample_show(shown, sample, number == 1 ? worker->exploration->form : SAMPLE_AS_SAVED);
}

/* Compares the answers to one packet. */
static void compare(struct worker *worker, const struct sample *sample)
{
        struct exploration *exploration = worker->exploration;
        uint32_t expected = answer_of(exploration->reference, sample), answer;
        enum judgement judgement = JUDGED_SAME;
        struct sample shown;

        show(worker, 1, &shown, sample);
        answer = exploration->answer ? exploration->answer(exploration->context, &shown)
                                     : answer_of(exploration->candidate, &shown);

        exploration->packets++;
        if (answer != expected) {
                judgement = judge(&worker->judge, sample, answer);
                report(worker, sample, judgement, expected, answer);
        }
        exploration->judged[judgement]++;
        if (!exploration->bystander || exploration->bystander_wrong)
                return;
        answer = answer_of(exploration->bystander, sample);
        exploration->bystander_wrong =
            answer != expected && judge(&worker->judge, sample, answer) == JUDGED_DIFFERENT;
}

/* Marks the jumps of a trail; true if one went in a direction for the first time. */
static bool cover(struct program *program)
{
        const struct trail *trail = &program->trail;
        bool news = false;

        for (size_t i = 0; i < trail->branch_count; i++) {
                bool *covered = &program->covered[2 * (size_t)trail->branches[i].instruction +
                                                  trail->branches[i].holds];

                news |= !*covered;
                *covered = true;
        }
        return news;
}

static void record(struct worker *worker, const struct sample *sample)
{
        for (int i = 0; i < 2; i++) {
                struct sample shown;

                show(worker, i, &shown, sample);
                trail_record(&worker->programs[i].trail, worker->programs[i].code, &shown);
                worker->spent += 20 + worker->programs[i].trail.outcome.steps;
        }
}

/* Compares, and keeps the packet if it shows something new. */
static void try(struct worker *worker, const struct sample *sample)
{
        bool news = false;
        struct sample *kept;

        compare(worker, sample);
        record(worker, sample);
        for (int i = 0; i < 2; i++)
                news |= cover(&worker->programs[i]);
        news |= note(worker->paths, &worker->path_count,
                     random_mix(worker->programs[0].trail.path) + worker->programs[1].trail.path);
        if (!news || worker->kept_count == MAX_KEPT)
                return;
        kept = sample_new(sample->captured);
        if (!kept) {
                worker->out_of_memory = true;
                return;
        }
        sample_copy(kept, sample);
        worker->kept[worker->kept_count++] = kept;
}

/* Tries what became of a packet as the viewer saw it. */
static void try_changed(struct worker *worker, const struct sample *changed)
{
        enum sample_form form = worker->exploration->form;
        struct sample sample;

        if (worker->viewer == 1) {
                sample_save(&sample, changed, form);
        } else {
                sample_copy(&sample, changed);
                sample_normalize(&sample, form);
        }
        try(worker, &sample);
}

static bool exhausted(const struct worker *worker)
{
        return worker->spent > worker->exploration->budget || worker->out_of_memory;
}

/* Remembers what a solution changed. */
static void remember_patch(struct worker *worker, const struct sample *from,
                           const struct sample *solved)
{
        struct patch patch = {0};

        for (uint32_t i = 0; i < solved->captured && i < from->captured; i++) {
                if (from->data[i] == solved->data[i])
                        continue;
                if (patch.size == 0)
                        patch.offset = i;
                else if (i - patch.offset >= sizeof patch.bytes)
                        return;
                patch.size = i - patch.offset + 1;
        }
        if (patch.size == 0)
                return;
        memcpy(patch.bytes, solved->data + patch.offset, patch.size);
        for (size_t i = 0; i < worker->patch_count; i++)
                if (memcmp(&worker->patches[i], &patch, sizeof patch) == 0)
                        return;
        if (worker->patch_count < MAX_PATCHES)
                worker->patches[worker->patch_count++] = patch;
}

static const struct trail_freedom all = {.metadata = true};

/* Tries up to `most` ways to make one jump of a kept packet, whose trail is recorded, go the other
 * way. Returns how many were found. */
static size_t flip(struct worker *worker, const struct sample *from, const struct branch *branch,
                   size_t most)
{
        const struct trail *trail = &worker->from;
        uint32_t left = trail->terms[branch->left].value;
        uint32_t right = trail->terms[branch->right].value;
        uint32_t wanted[TRAIL_WANTED];
        size_t count = trail_wanted(trail, branch, wanted), solved = 0;
        struct sample changed;

        for (size_t i = 0; i < count && solved < most; i++) {
                sample_copy(&changed, from);
                if (!trail_solve(trail, branch->left, wanted[i], &all, &changed))
                        continue;
                remember_patch(worker, from, &changed);
                try_changed(worker, &changed);
                solved++;
        }
        /* The other side of the comparison may have to move instead. */
        sample_copy(&changed, from);
        if (left != right && trail_solve(trail, branch->right, left, &all, &changed)) {
                try_changed(worker, &changed);
                solved++;
        }
        return solved;
}

/* Flips bits of what a jump depends on, from the `first` one on. */
static void disturb(struct worker *worker, const struct sample *from, uint32_t term, uint32_t first,
                    uint32_t count)
{
        struct sample changed;

        for (uint32_t i = 0; i < count; i++) {
                sample_copy(&changed, from);
                if (!trail_disturb(&worker->from, term, first + i, &all, &changed))
                        return;
                try_changed(worker, &changed);
        }
}

static void flip_somehow(struct worker *worker, const struct sample *from,
                         const struct branch *branch)
{
        if (flip(worker, from, branch, FEW) > 0)
                return;
        disturb(worker, from, branch->left, (uint32_t)random_next(&worker->random), FEW);
        disturb(worker, from, branch->right, (uint32_t)random_next(&worker->random), FEW);
}

/* All values that could reveal a difference, and each bit of the bytes compared: one of them
 * exposes a wrong constant or mask. */
static void flip_thoroughly(struct worker *worker, const struct sample *from,
                            const struct branch *branch)
{
        flip(worker, from, branch, TRAIL_WANTED);
        disturb(worker, from, branch->left, 0, 32);
        disturb(worker, from, branch->right, 0, 8);
}

/* If the run ended at a load past the captured bytes, captures more. */
static void extend(struct worker *worker, const struct sample *from)
{
        const struct trail *trail = &worker->from;
        const struct trail_read *last;
        struct sample longer;

        if (!trail->ends_past_packet)
                return;
        last = &trail->reads[trail->read_count - 1];
        if (last->offset + last->size > STEERED_ROOM)
                return;
        sample_copy(&longer, from);
        if (sample_extend(&longer, last->offset + last->size))
                try_changed(worker, &longer);
}

enum stage {
        FRESH,    /* jumps whose other outcome the program never had */
        THOROUGH, /* jumps not yet looked at thoroughly */
        DEEP,     /* all, at the end of each path that leads to them */
        STAGES,
};

static void expand_branch(struct worker *worker, const struct sample *from, enum stage stage, int p,
                          const struct branch *branch)
{
        uint64_t outcome = 2 * (uint64_t)branch->instruction + branch->holds;
        uint64_t place = random_mix(outcome * 2 + (uint64_t)p + 1);

        if (stage == FRESH && !worker->programs[p].covered[outcome ^ 1])
                flip_somehow(worker, from, branch);
        else if (stage == THOROUGH && note(worker->flips, &worker->flip_count, place))
                flip_thoroughly(worker, from, branch);
        else if (stage == DEEP &&
                 note(worker->flips, &worker->flip_count, random_mix(branch->prefix + place)))
                flip_somehow(worker, from, branch);
}

/* Derives packets from a kept one. */
static void expand(struct worker *worker, const struct sample *from, enum stage stage)
{
        const struct trail *trail = &worker->from;

        for (int p = 1; p >= 0; p--) {
                struct sample shown;

                worker->viewer = p;
                show(worker, p, &shown, from);
                trail_record(&worker->from, worker->programs[p].code, &shown);
                worker->spent += 20 + trail->outcome.steps;
                if (stage == FRESH)
                        extend(worker, &shown);
                for (size_t i = 0; i < trail->branch_count && !exhausted(worker); i++)
                        expand_branch(worker, &shown, stage, p, &trail->branches[i]);
        }
}

/* A kept packet with a few changes that once mattered. */
static void combine(struct worker *worker)
{
        struct sample sample;
        uint32_t count = 1 + random_below(&worker->random, 4);

        sample_copy(&sample,
                    worker->kept[random_below(&worker->random, (uint32_t)worker->kept_count)]);
        while (count-- > 0 && worker->patch_count > 0) {
                const struct patch *patch =
                    &worker->patches[random_below(&worker->random, (uint32_t)worker->patch_count)];

                if (patch->offset + patch->size <= sample.captured)
                        memcpy(sample.data + patch->offset, patch->bytes, patch->size);
        }
        if (random_below(&worker->random, 4) == 0 && sample.captured > 0)
                sample.data[random_below(&worker->random, sample.captured)] =
                    (uint8_t)random_next(&worker->random);
        if (random_below(&worker->random, 8) == 0)
                sample.beside = !sample.beside;
        sample_normalize(&sample, worker->exploration->form);
        try(worker, &sample);
}

/* What an earlier stage finds is done first. */
static void steer(struct worker *worker)
{
        size_t done[STAGES] = {0};

        while (!exhausted(worker) && worker->kept_count > 0) {
                enum stage stage = FRESH;

                while (stage < STAGES && done[stage] == worker->kept_count)
                        stage++;
                if (stage == STAGES)
                        combine(worker);
                else
                        expand(worker, worker->kept[done[stage]++], stage);
        }
}

/* Cuts: the captured end goes to each place near what is read, with the wire length as it was, with
 * more on the wire, and with the packet ending there on the wire, too. */

static void cut(struct worker *worker, const struct sample *from, uint32_t captured)
{
        struct sample sample;

        if (captured > from->captured ||
            (worker->exploration->form != SAMPLE_AS_SAVED && captured < KERNEL_MIN))
                return;
        sample_copy(&sample, from);
        sample.captured = captured;
        if (sample.length == captured)
                sample.length = captured + 1;
        compare(worker, &sample);
        sample.length = captured;
        compare(worker, &sample);
        worker->spent += 200;
}

/* The ends that matter for a packet, each once. */
static size_t find_ends(struct worker *worker, const struct sample *from, bool *wanted)
{
        size_t count = 0;

        memset(wanted, 0, STEERED_ROOM + 1);
        record(worker, from);
        for (int p = 0; p < 2; p++) {
                const struct trail *trail = &worker->programs[p].trail;
                struct sample shown;
                int64_t missing;

                show(worker, p, &shown, from);
                missing = (int64_t)from->captured - shown.captured;
                for (size_t i = 0; i < trail->read_count; i++) {
                        int64_t start = (int64_t)trail->reads[i].offset + missing;

                        for (int64_t end = start; end <= start + trail->reads[i].size; end++)
                                if (end >= 0 && end <= STEERED_ROOM && !wanted[end]) {
                                        wanted[end] = true;
                                        count++;
                                }
                }
        }
        return count;
}

static void cut_everywhere(struct worker *worker)
{
        bool wanted[STEERED_ROOM + 1];

        worker->spent = 0;
        for (size_t i = 0; i < worker->kept_count && i < MAX_CUT && !exhausted(worker); i++) {
                const struct sample *from = worker->kept[i];
                struct sample longer;

                find_ends(worker, from, wanted);
                for (uint32_t end = 0; end <= STEERED_ROOM && end <= from->captured; end++) {
                        size_t excused = worker->exploration->judged[JUDGED_FREE] +
                                         worker->exploration->judged[JUDGED_SHORT];

                        if (excused > MAX_JUDGED && random_below(&worker->random, 8))
                                continue;
                        if (wanted[end] || (i < MAX_CUT_FULLY && end <= FULL_CUT))
                                cut(worker, from, end);
                }
                sample_copy(&longer, from);
                longer.length += 1000;
                compare(worker, &longer);
                longer.length = 0; /* the header of a record may say anything */
                if (worker->exploration->form == SAMPLE_AS_SAVED)
                        compare(worker, &longer);
        }
}

/* By instruction: whether a path of jumps leads there. NULL if memory is short. */
static bool *find_reached(const struct bpf_program *program)
{
        const struct bpf_insn *code = program->bf_insns;
        bool *reached = calloc(program->bf_len + (size_t)1, sizeof *reached);

        if (!reached)
                return NULL;
        reached[0] = true;
        for (size_t i = 0; i < program->bf_len; i++) {
                if (!reached[i] || BPF_CLASS(code[i].code) == BPF_RET)
                        continue;
                if (BPF_CLASS(code[i].code) != BPF_JMP)
                        reached[i + 1] = true;
                else if (BPF_OP(code[i].code) != BPF_JA)
                        reached[i + 1 + code[i].jt] = reached[i + 1 + code[i].jf] = true;
                else if (code[i].k < program->bf_len)
                        reached[i + 1 + code[i].k] = true;
        }
        return reached;
}

/* The jumps that a path of jumps leads to, two outcomes each; of these, the ones that happened. */
static struct coverage count_coverage(const struct program *program)
{
        bool *reached = find_reached(program->code);
        struct coverage coverage = {0};

        for (size_t i = 0; reached && i < program->code->bf_len; i++)
                if (reached[i] && cbpf_is_branch(program->code->bf_insns[i].code)) {
                        coverage.outcomes += 2;
                        coverage.covered += program->covered[2 * i] + program->covered[2 * i + 1];
                }
        free(reached);
        return coverage;
}

/* Has the proof find what steering has missed of a program: outcomes that a packet has, each of
 * which brings others with it. */
static void reach_rest(struct worker *worker, const struct program *program, struct sample *sample)
{
        struct exploration *exploration = worker->exploration;
        bool *reached = find_reached(program->code);
        int asked = 0;

        worker->out_of_memory |= !reached;
        for (uint32_t i = 0; reached && i < program->code->bf_len; i++)
                for (int holds = 0; holds < 2; holds++) {
                        if (!reached[i] || !cbpf_is_branch(program->code->bf_insns[i].code) ||
                            program->covered[2 * (size_t)i + (size_t)holds] || asked++ >= MAX_ASKED)
                                continue;
                        switch (reach_branch(program->code, exploration->link_type, i, holds,
                                             exploration->proof_limit, sample)) {
                        case REACH_FOUND:
                                exploration->proved.found++;
                                try(worker, sample);
                                break;
                        case REACH_NEVER: exploration->proved.never++; break;
                        case REACH_UNKNOWN: break;
                        }
                }
        free(reached);
}

static void reach_all(struct worker *worker)
{
        struct sample *sample = malloc(sizeof *sample);
        uint64_t spent = worker->spent;

        worker->out_of_memory |= !sample;
        for (int i = 0; i < 2 && sample; i++)
                if (!cbpf_jumps_back(worker->programs[i].code))
                        reach_rest(worker, &worker->programs[i], sample);
        free(sample);
        /* From these, steering goes on for a while. */
        worker->spent =
            worker->exploration->proved.found ? worker->exploration->budget / 4 * 3 : spent;
        steer(worker);
}

static bool start(struct worker *worker, struct exploration *exploration)
{
        const struct bpf_program *programs[] = {exploration->reference, exploration->candidate};

        worker->exploration = exploration;
        worker->judge.reference = exploration->reference;
        worker->judge.random = worker->random = exploration->seed;
        for (int i = 0; i < 2; i++) {
                worker->programs[i].code = programs[i];
                worker->programs[i].covered = calloc(programs[i]->bf_len, 2 * sizeof(bool));
                if (!worker->programs[i].covered)
                        return false;
        }
        return true;
}

static void finish(struct worker *worker)
{
        for (int i = 0; i < 2; i++)
                free(worker->programs[i].covered);
        for (size_t i = 0; i < worker->kept_count; i++)
                free(worker->kept[i]);
        free(worker);
}

bool explore(struct exploration *exploration, const struct sample *const *seeds, size_t seed_count)
{
        struct worker *worker = calloc(1, sizeof *worker);
        bool done = worker && start(worker, exploration);

        for (size_t i = 0; done && i < seed_count; i++) {
                struct sample sample;

                sample_copy(&sample, seeds[i]);
                if (sample.captured > STEERED_ROOM)
                        sample.captured = STEERED_ROOM;
                worker->viewer = 1; /* some have a tag beside them */
                try_changed(worker, &sample);
        }
        if (done) {
                worker->spent = 0;
                steer(worker);
                if (exploration->by_proof && exploration->form == SAMPLE_AS_SAVED)
                        reach_all(worker);
                cut_everywhere(worker);
                done = !worker->out_of_memory;
                exploration->reference_coverage = count_coverage(&worker->programs[0]);
                exploration->candidate_coverage = count_coverage(&worker->programs[1]);
                exploration->unsure = worker->judge.unsure;
        }
        if (worker)
                finish(worker);
        return done;
}
