/* A capture whose packets the caller has from elsewhere. */
#include "source.h"

#include <stdlib.h>

struct feed {
        struct capture capture;
        const struct capture_feed *calls;
        void *context;
};

static void feed_set_filter(struct capture *capture, capture_filter *filter, void *filter_context)
{
        const struct feed *feed = (const struct feed *)capture;

        feed->calls->set_filter(feed->context, filter, filter_context);
}

static int feed_start(struct capture *capture, struct error *error)
{
        const struct feed *feed = (const struct feed *)capture;

        return feed->calls->start(feed->context, error);
}

static enum capture_result feed_next(struct capture *capture, struct capture_record *records,
                                     size_t room, size_t *count, struct error *error)
{
        const struct feed *feed = (const struct feed *)capture;

        return feed->calls->next(feed->context, records, room, count, error);
}

static int feed_wait(struct capture *capture, int wake, int timeout_ms, struct error *error)
{
        const struct feed *feed = (const struct feed *)capture;

        return feed->calls->wait(feed->context, wake, timeout_ms, error);
}

static void feed_stop(struct capture *capture)
{
        const struct feed *feed = (const struct feed *)capture;

        feed->calls->stop(feed->context);
}

static void feed_mark(struct capture *capture)
{
        const struct feed *feed = (const struct feed *)capture;

        feed->calls->mark(feed->context);
}

static bool feed_passed_marks(const struct capture *capture)
{
        const struct feed *feed = (const struct feed *)capture;

        return feed->calls->passed_marks(feed->context);
}

static int feed_filter_again(struct capture *capture, struct error *error)
{
        const struct feed *feed = (const struct feed *)capture;

        return feed->calls->filter_again(feed->context, error);
}

static struct capture_statistics feed_statistics(struct capture *capture)
{
        const struct feed *feed = (const struct feed *)capture;

        return feed->calls->statistics(feed->context);
}

static const struct capture_interface *feed_interface(const struct capture *capture,
                                                      uint32_t number)
{
        const struct feed *feed = (const struct feed *)capture;

        return feed->calls->interface(feed->context, number);
}

static void feed_close(struct capture *capture)
{
        struct feed *feed = (struct feed *)capture;

        feed->calls->close(feed->context);
        free(feed);
}

static const struct capture_source feed_source = {
    .set_filter = feed_set_filter,
    .start = feed_start,
    .next = feed_next,
    .wait = feed_wait,
    .stop = feed_stop,
    .mark = feed_mark,
    .passed_marks = feed_passed_marks,
    .filter_again = feed_filter_again,
    .statistics = feed_statistics,
    .interface = feed_interface,
    .close = feed_close,
};

struct capture *capture_open_feed(const struct capture_feed *calls, void *context,
                                  const struct capture_info *info, struct error *error)
{
        struct feed *feed = malloc(sizeof *feed);

        if (!feed) {
                error_memory(error);
                return NULL;
        }
        *feed = (struct feed){
            .capture = {.source = &feed_source, .info = *info},
            .calls = calls,
            .context = context,
        };
        return &feed->capture;
}
