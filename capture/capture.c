/* The public calls, dispatched to the source of the capture. */
#include "internal.h"

#include <errno.h>
#include <stdio.h>

void capture_close(struct capture *capture)
{
        if (capture)
                capture->source->close(capture);
}

const struct capture_info *capture_info(const struct capture *capture)
{
        return &capture->info;
}

const struct capture_interface *capture_interface(const struct capture *capture, uint32_t number)
{
        return capture->source->interface ? capture->source->interface(capture, number) : NULL;
}

const struct capture_section *capture_section(const struct capture *capture)
{
        return capture->source->section ? capture->source->section(capture) : NULL;
}

void capture_watch_sections(struct capture *capture, capture_section_event *began,
                            capture_section_event *ended, void *context)
{
        capture->section_began = began;
        capture->section_ended = ended;
        capture->section_context = context;
}

void capture_watch_stream(struct capture *capture, capture_stream_wait *wait, void *context)
{
        if (capture->source->watch_stream)
                capture->source->watch_stream(capture, wait, context);
}

void capture_set_filter(struct capture *capture, capture_filter *filter, void *context)
{
        if (capture->source->set_filter)
                capture->source->set_filter(capture, filter, context);
}

int capture_start(struct capture *capture, struct error *error)
{
        return capture->source->start ? capture->source->start(capture, error) : 0;
}

enum capture_result capture_next_live(struct capture *capture, struct capture_record *records,
                                      size_t room, size_t *count, struct error *error)
{
        return capture->source->next(capture, records, room, count, error);
}

enum capture_result capture_next(struct capture *capture, struct capture_record *record,
                                 struct error *error)
{
        struct capture_batch *batch = &capture->batch;
        size_t count;

        if (capture->source->next)
                return capture_next_live(capture, record, 1, &count, error);
        while (capture->next == batch->count) {
                enum capture_result result = capture->source->next_batch(capture, batch, error);

                capture->next = 0;
                if (result != CAPTURE_PACKET) {
                        batch->count = 0;
                        return result;
                }
        }
        capture_batch_record(batch, capture->next++, record);
        return CAPTURE_PACKET;
}

void capture_allow_links(struct capture *capture)
{
        capture->several_links = true;
}

void capture_select(struct capture *capture, capture_selector *selector, void *context)
{
        capture->selector = selector;
        capture->selector_context = context;
}

enum capture_result capture_next_batch(struct capture *capture, struct capture_batch *batch,
                                       struct error *error)
{
        return capture->source->next_batch(capture, batch, error);
}

void capture_batch_record(const struct capture_batch *batch, size_t i,
                          struct capture_record *record)
{
        const struct capture *keeper = batch->keeper;

        keeper->source->batch_record(batch, i, record);
}

struct capture_progress capture_progress(const struct capture *capture)
{
        if (!capture->source->progress)
                return (struct capture_progress){0};
        return capture->source->progress(capture);
}

int capture_wait(struct capture *capture, int wake, int timeout_ms, struct error *error)
{
        if (!capture->source->wait)
                return 0;
        return capture->source->wait(capture, wake, timeout_ms, error);
}

void capture_stop(struct capture *capture)
{
        if (capture->source->stop)
                capture->source->stop(capture);
}

void capture_mark(struct capture *capture)
{
        if (capture->source->mark)
                capture->source->mark(capture);
}

bool capture_passed_marks(const struct capture *capture)
{
        return !capture->source->passed_marks || capture->source->passed_marks(capture);
}

int capture_filter_again(struct capture *capture, struct error *error)
{
        return capture->source->filter_again ? capture->source->filter_again(capture, error) : 0;
}

void capture_interrupt(struct capture *capture)
{
        if (capture->source->interrupt)
                capture->source->interrupt(capture);
}

struct capture_statistics capture_statistics(struct capture *capture)
{
        if (!capture->source->statistics)
                return (struct capture_statistics){0};
        return capture->source->statistics(capture);
}
