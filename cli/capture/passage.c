/* Packets of files by the way they went: -Q, and expressions with inbound or outbound. A pcapng
 * file says so of each packet, and LINUX_SLL and LINUX_SLL2 have it in their headers. A filter sees
 * no more than a packet's bytes, so what needs more is judged here, batch by batch. */
#include "base/array.h"
#include "run.h"

#include <linux/if_packet.h>

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
        return run->command->direction != DIRECTION_INOUT;
}

int passage_check(const struct run *run)
{
        for (size_t i = 0; i < run->command->read_count; i++) {
                const struct capture *capture = run->files ? run->files[i] : run->capture;
                int link_type = capture_info(capture)->link_type;
                bool asked = filter_asks_passage(run->filter, link_type);

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
        bool asked = filter_asks_passage(run->filter, record->link_type);

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

        if (!is_selective(run) && !filter_asks_passage(run->filter, batch->link_type))
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
