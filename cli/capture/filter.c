/* Filtering packets of files, many a call. */
#include "base/array.h"
#include "base/text.h"
#include "cli/process/process.h"
#include "run.h"

#include <linux/filter.h>
#include <linux/if_packet.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
        MAX_LINKS = 64,
        MAX_LOOKED_DEEPER = 10000, /* packets that are asked the same with `deep`, for a hint */
};

struct link_program {
        int link_type;
        const struct bpf_program *program;
        struct bpf_program own; /* empty if the program is the caller's */
        struct cbpf_jit *jit;   /* NULL: cbpf_execute() does the work */
        bool asks_passage;
};

struct filter {
        const char *expression;
        struct cbpf_target target;
        unsigned flags;
        bool wants_jit;
        bool failed;
        struct bpf_program deep;                 /* empty: nothing is to be hinted at */
        atomic_uint looked_deeper, found_deeper; /* packets that do not match, and of them, deep */
        size_t count;
        struct link_program compiled[MAX_LINKS];
};

/* Enters a program for one more link type. */
static struct link_program *enter(struct filter *filter, int link_type,
                                  const struct bpf_program *program)
{
        struct link_program *compiled = &filter->compiled[filter->count++];

        compiled->link_type = link_type;
        compiled->program = program;
        compiled->asks_passage = filter->expression && cbpf_program_asks(program, SKF_AD_PKTTYPE);
        compiled->jit = filter->wants_jit ? cbpf_jit_new(program) : NULL;
        return compiled;
}

struct filter *filter_new(const char *expression, const struct cbpf_target *target, unsigned flags,
                          const struct bpf_program *program, bool jit)
{
        struct filter *filter = calloc(1, sizeof *filter);

        if (!filter)
                return NULL;
        filter->expression = expression;
        filter->target = *target;
        filter->flags = flags;
        filter->wants_jit = jit;
        enter(filter, target->link_type, program);
        return filter;
}

void filter_free(struct filter *filter)
{
        if (!filter)
                return;
        cbpf_program_free(&filter->deep);
        for (size_t i = 0; i < filter->count; i++) {
                cbpf_program_free(&filter->compiled[i].own);
                cbpf_jit_free(filter->compiled[i].jit);
        }
        free(filter);
}

/* Whoever writes one of these words knows what comes before a header. */
static bool knows_layers(const char *expression)
{
        static const char *const words[] = {"vlan", "mpls",  "pppoe", "geneve",
                                            "deep", "outer", "inner"};

        for (size_t i = 0; i < array_count(words); i++)
                if (strstr(expression, words[i]))
                        return true;
        return false;
}

void filter_look_deeper(struct filter *filter)
{
        struct error error;
        char *deep;

        if (!filter->expression || knows_layers(filter->expression) ||
            !(deep = cbpf_deepen(filter->expression, &error)))
                return;
        if (cbpf_compile(deep, &filter->target, 0, &filter->deep, &error) < 0)
                filter->deep = (struct bpf_program){0}; /* some tests cannot be asked of layers */
        free(deep);
}

bool compile_what_is_missed(const char *expression, const struct cbpf_target *target,
                            struct bpf_program *program)
{
        struct text missed = {0};
        struct error error;
        bool compiled;
        char *deep, *all;

        if (knows_layers(expression) || !(deep = cbpf_deepen(expression, &error)))
                return false;
        text_format(&missed, "not (%s) and %s", expression, deep);
        free(deep);
        all = text_take(&missed);
        compiled = all && cbpf_compile(all, target, 0, program, &error) == 0;
        free(all);
        if (compiled && program->bf_len <= CBPF_KERNEL_MAX)
                return true;
        if (compiled)
                cbpf_program_free(program);
        return false;
}

uint32_t filter_found_deeper(const struct filter *filter)
{
        return filter->found_deeper;
}

static void look_deeper(struct filter *filter, const struct packet *packets, size_t count,
                        const uint32_t *verdicts)
{
        for (size_t i = 0; i < count && filter->looked_deeper < MAX_LOOKED_DEEPER; i++)
                if (!verdicts[i]) {
                        filter->looked_deeper++;
                        filter->found_deeper += cbpf_run(&filter->deep, &packets[i]) != 0;
                }
}

bool filter_failed(const struct filter *filter)
{
        return filter->failed;
}

static const struct link_program *find(const struct filter *filter, int link_type)
{
        for (size_t i = 0; i < filter->count; i++)
                if (filter->compiled[i].link_type == link_type)
                        return &filter->compiled[i];
        return NULL;
}

bool filter_add(struct filter *filter, int link_type)
{
        struct cbpf_target target = filter->target;
        struct bpf_program program;
        struct link_program *compiled;
        struct error error;

        if (filter->failed || find(filter, link_type))
                return !filter->failed;
        filter->failed = true;
        if (filter->count == MAX_LINKS) {
                complain("packets of more than %d link types", MAX_LINKS);
                return false;
        }
        if (!filter->expression) {
                enter(filter, link_type, filter->compiled[0].program);
                filter->failed = false;
                return true;
        }
        target.link_type = link_type;
        if (cbpf_compile(filter->expression, &target, filter->flags, &program, &error) < 0) {
                complain("for packets of link type %s:", link_type_name(link_type));
                complain_filter(filter->expression, &error);
                return false;
        }
        compiled = enter(filter, link_type, &program);
        compiled->own = program;
        compiled->program = &compiled->own;
        filter->failed = false;
        return true;
}

void filter_enter(struct filter *filter, int link_type, const struct bpf_program *program)
{
        if (!find(filter, link_type) && filter->count < MAX_LINKS)
                enter(filter, link_type, program);
}

static bool asks_passage(const struct filter *filter, int link_type)
{
        const struct link_program *compiled = find(filter, link_type);

        return compiled && compiled->asks_passage;
}

uint32_t filter_one(const struct filter *filter, int link_type, const struct packet *packet,
                    const struct cbpf_ancillary *ancillary)
{
        const struct link_program *compiled = find(filter, link_type);

        if (!compiled)
                return 0;
        if (compiled->jit)
                return cbpf_jit_run(compiled->jit, packet, ancillary);
        return cbpf_execute(compiled->program, packet, ancillary, NULL).verdict;
}

void filter_select(void *context, int link_type, const struct packet *packets, size_t count,
                   uint32_t *verdicts)
{
        struct filter *filter = context;
        const struct link_program *compiled = find(filter, link_type);

        if (!compiled && filter_add(filter, link_type))
                compiled = find(filter, link_type);
        if (compiled && compiled->asks_passage)
                memset(verdicts, 0xff, count * sizeof *verdicts);
        else if (compiled && compiled->jit)
                cbpf_jit_run_batch(compiled->jit, packets, count, verdicts);
        else
                for (size_t i = 0; i < count; i++)
                        verdicts[i] = compiled ? cbpf_run(compiled->program, &packets[i]) : 0;
        if (filter->deep.bf_len > 0 && link_type == filter->target.link_type)
                look_deeper(filter, packets, count, verdicts);
}

/* --- By direction: -Q, and expressions with inbound or outbound. A pcapng file says of each packet
 * which way it went, and LINUX_SLL and LINUX_SLL2 have it in their headers. A program sees no more
 * than a packet's bytes, so what needs more is judged batch by batch. --- */

/* Where a cooked header has the low byte of PACKET_*. */
enum { SLL_TYPE = 1, SLL2_TYPE = 10 };

static bool is_cooked(int link_type)
{
        return link_type == DLT_LINUX_SLL || link_type == DLT_LINUX_SLL2;
}

static enum packet_passage passage_of(const struct capture_record *record)
{
        size_t at = record->link_type == DLT_LINUX_SLL ? SLL_TYPE : SLL2_TYPE;

        if (record->passage != PASSAGE_UNKNOWN || !is_cooked(record->link_type) ||
            record->packet.captured <= at)
                return record->passage;
        return record->packet.data[at] == PACKET_OUTGOING ? PASSAGE_OUT : PASSAGE_IN;
}

bool passage_metadata(const struct capture_record *record, struct cbpf_ancillary *ancillary)
{
        static const uint8_t types[] = {
            [PASSAGE_IN] = PACKET_HOST,
            [PASSAGE_BROADCAST] = PACKET_BROADCAST,
            [PASSAGE_MULTICAST] = PACKET_MULTICAST,
            [PASSAGE_OTHER_HOST] = PACKET_OTHERHOST,
            [PASSAGE_OUT] = PACKET_OUTGOING,
        };

        *ancillary = (struct cbpf_ancillary){
            .packet_type = types[record->passage],
            .interface = record->on ? record->on->index : 0,
        };
        return record->passage != PASSAGE_UNKNOWN;
}

static bool is_selective(const struct run *run)
{
        return run->command->direction != DIRECTION_INOUT &&
               !run->command->habits->direction_is_live;
}

int passage_check(const struct run *run)
{
        for (size_t i = 0; i < run->command->read_count; i++) {
                const struct capture *capture = run->files ? run->files[i] : run->capture;
                int link_type = capture_info(capture)->link_type;
                bool asked = asks_passage(run->filter, link_type);

                if (capture_section(capture) || is_cooked(link_type) ||
                    (!asked && !is_selective(run)))
                        continue;
                complain("%s: its packets do not say whether they were received or sent, as %s "
                         "asks",
                         run->command->read_files[i], asked ? "the filter" : "-Q");
                return STATUS_USAGE;
        }
        return STATUS_DONE;
}

/* Once: without it, none might come, and nobody knew why. */
static void tell_unknown(struct run *run)
{
        if (!run->passage.told)
                complain("warning: packets that do not say whether they were received or sent are "
                         "left out");
        run->passage.told = true;
}

static uint32_t judge(struct run *run, const struct capture_record *record, uint32_t verdict)
{
        enum packet_passage passage = passage_of(record);
        struct cbpf_ancillary ancillary;
        bool asked = asks_passage(run->filter, record->link_type);

        if (passage == PASSAGE_UNKNOWN && (asked || is_selective(run))) {
                tell_unknown(run);
                return 0;
        }
        if (is_selective(run) &&
            (passage == PASSAGE_OUT) != (run->command->direction == DIRECTION_OUT))
                return 0;
        if (!asked)
                return verdict;
        passage_metadata(record, &ancillary);
        return filter_one(run->filter, record->link_type, &record->packet, &ancillary);
}

int passage_judge(struct run *run, struct capture_batch *batch)
{
        uint32_t *verdicts;

        if (!is_selective(run) && !asks_passage(run->filter, batch->link_type))
                return STATUS_DONE;
        if (!array_grow(run->passage.verdicts, run->passage.room, batch->count))
                return out_of_memory();
        verdicts = run->passage.verdicts;
        for (size_t i = 0; i < batch->count; i++) {
                struct capture_record record;

                verdicts[i] = batch->verdicts[i];
                if (verdicts[i] == 0)
                        continue;
                capture_batch_record(batch, i, &record);
                verdicts[i] = judge(run, &record, verdicts[i]);
        }
        batch->verdicts = verdicts;
        return STATUS_DONE;
}

int process_judge(struct run *run, const struct capture_batch *batch)
{
        bool failed = false;

        for (size_t i = 0; run->language && i < batch->count && !failed; i++) {
                struct capture_record record;

                if (batch->verdicts[i] == 0)
                        continue;
                capture_batch_record(batch, i, &record);
                record.passage = passage_of(&record);
                if (!process_told_accepts(run->processes_told, run->language, &record, &failed))
                        batch->verdicts[i] = 0;
        }
        return failed ? out_of_memory() : STATUS_DONE;
}
