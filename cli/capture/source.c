/* Where packets come from: an interface, or one or several files. */
#include "run.h"
#include "signals.h"

#include <net/if.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum {
        LARGE_FILE = 32 << 20,
        MAX_OWN_THREADS = 4,
};

/* Returns false after a complaint, or when a signal ends the waiting. */
static bool wait_for_device(const char *device)
{
        struct error error;
        int result = 1;

        if (strcmp(device, "any") == 0 || if_nametoindex(device) > 0)
                return true;
        complain("waiting for the interface %s", device);
        while (result == 1 && !signals_want_end()) {
                signals_settle();
                result = capture_await_device(device, signals_descriptor(), &error);
        }
        if (result < 0)
                complain_error(&error);
        return result == 0;
}

struct capture *open_device(struct run *run)
{
        static const enum capture_direction directions[] = {
            [DIRECTION_IN] = CAPTURE_IN,
            [DIRECTION_OUT] = CAPTURE_OUT,
            [DIRECTION_INOUT] = CAPTURE_INOUT,
        };
        const struct capture_command *command = run->command;
        struct capture_live_options options = {
            .snapshot_length = CAPTURE_MAX_SNAPSHOT, /* the filter's return value cuts */
            .buffer = command->buffer,
            .kept = (uint32_t)command->snapshot_length,
            .promiscuous = command->promiscuous,
            .wait = command->wait,
            .direction = directions[command->direction],
        };
        struct error error;
        struct capture *capture;

        run->device = choose_device(command->device);
        if (!run->device)
                return NULL;
        if (command->wait && !wait_for_device(run->device))
                return NULL;
        capture = capture_open_live(run->device, &options, &error);
        if (!capture)
                complain_error(&error);
        return capture;
}

/* Of a large file, each thread filters a part as fast as memory gives it, so all cores are wanted;
 * a small one is read before they have started. */
static unsigned threads_for(const struct capture_command *command, const struct capture *capture)
{
        cpu_set_t cores;
        int count;

        if (command->threads)
                return (unsigned)command->threads;
        if (capture_progress(capture).size < LARGE_FILE ||
            sched_getaffinity(0, sizeof cores, &cores) < 0)
                return 1;
        count = CPU_COUNT(&cores);
        return count < MAX_OWN_THREADS ? (unsigned)count : MAX_OWN_THREADS;
}

static struct capture *open_file(const struct run *run, const char *path)
{
        struct error error;
        struct capture *capture = capture_open_file(path, &error);

        if (!capture) {
                complain_error(&error);
                return NULL;
        }
        capture_allow_links(capture);
        if (run->command->read_count == 1)
                capture_set_threads(capture, threads_for(run->command, capture));
        return capture;
}

/* All files are open at once, and the usual limit is 1,024. What cannot be opened even so is told
 * by name. */
static void allow_open_files(void)
{
        struct rlimit limit;

        if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
                return;
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
}

struct capture *open_files(struct run *run)
{
        size_t count = run->command->read_count;
        size_t opened = 0;

        if (count == 1)
                return open_file(run, run->command->read_files[0]);
        allow_open_files();
        run->files = calloc(count, sizeof *run->files);
        while (run->files && opened < count &&
               (run->files[opened] = open_file(run, run->command->read_files[opened])))
                opened++;
        if (run->files && opened == count) {
                struct capture *merged = capture_merge(run->files, count);

                if (merged)
                        return merged;
        }
        if (!run->files || opened == count)
                out_of_memory();
        while (opened > 0)
                capture_close(run->files[--opened]);
        return NULL;
}

/* tcpdump ignores -s for a file, too. */
uint32_t snapshot_length(const struct run *run)
{
        return run->device ? (uint32_t)run->command->snapshot_length
                           : capture_info(run->capture)->snapshot_length;
}
