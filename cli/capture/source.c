/* Where packets come from: an interface, or one or several files. */
#include "cli/fate/fate.h"
#include "cli/netns/netns.h"
#include "cli/process/process.h"
#include "cli/taps/taps.h"
#include "file_names.h"
#include "run.h"
#include "signals.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
        LARGE_FILE = 32 << 20,
        MAX_OWN_THREADS = 4,
};

/* All files, or the sockets and taps of all interfaces, are open at once, and the usual limit is
 * 1,024. What cannot be opened even so is told by name. */
static void allow_open_files(void)
{
        struct rlimit limit;

        if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
                return;
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
}

bool choose_devices(struct run *run)
{
        const struct capture_command *command = run->command;
        const char *unless_given = command->command || command->all_netns ? "any" : NULL;
        size_t count = command->device_count > 0 ? command->device_count : 1;

        run->devices = calloc(count, sizeof *run->devices);
        if (!run->devices) {
                out_of_memory();
                return false;
        }
        for (; run->device_count < count; run->device_count++) {
                const char *text =
                    command->device_count > 0 ? command->devices[run->device_count] : unless_given;

                run->devices[run->device_count] = choose_device(text);
                if (!run->devices[run->device_count])
                        return false;
        }
        return true;
}

/* Puts each device into monitor mode, and its monitor device into its place. */
static bool enter_monitor_mode(struct run *run)
{
        for (size_t i = 0; i < run->device_count; i++) {
                char *monitor = monitor_device(run->devices[i]);

                if (!monitor)
                        return false;
                free(run->devices[i]);
                run->devices[i] = monitor;
        }
        return true;
}

void free_devices(struct run *run)
{
        while (run->device_count > 0)
                free(run->devices[--run->device_count]);
        free(run->devices);
}

static const char *const *devices_of(const struct run *run)
{
        return (const char *const *)run->devices;
}

/* --at. `socket` is taken over. In a file, each copy is a packet of its place. */
static struct capture *open_places(struct run *run, struct capture *socket)
{
        const struct capture_command *command = run->command;
        struct capture_writer_options file = {0};
        struct tap_options options = {
            .points = command->points,
            .point_count = command->point_count,
            .devices = devices_of(run),
            .device_count = run->device_count,
            .buffer = command->buffer,
            .kept = (uint32_t)command->snapshot_length,
            .filter = *command->expression ? command->expression : NULL,
            .socket = socket,
            .wake = signals_descriptor(),
            .joins = !command->write_file && (command->point_count > 1 || socket),
            .wait = command->wait,
        };
        struct error error;
        struct capture *capture;

        if (command->write_file)
                file_format(command, &file);
        options.one_link_type = file.format == CAPTURE_PCAP;
        capture = taps_open(&options, &run->taps, &error);
        if (!capture)
                complain_error(&error);
        return capture;
}

/* --fate */
static struct capture *open_fate(struct run *run)
{
        const struct capture_command *command = run->command;
        const struct fate_settings settings = {
            .devices = devices_of(run),
            .device_count = run->device_count,
            .buffer = command->buffer,
            .kept = (uint32_t)command->snapshot_length,
            .expression = run->expression,
            .sets = run->sets,
            .wait = command->fate_wait,
            .comments = command->write_file != NULL,
            .path = command->fate == FATE_PATH,
            .verbose = command->printing.verbose,
        };
        struct error error;
        struct capture *capture = fate_capture(&settings, &run->fate, &error);

        if (!capture)
                complain_error(&error);
        return capture;
}

/* A file in classic pcap format states the link type at its start, and lists and -y are about it.
 */
bool needs_interface(const struct run *run)
{
        const struct capture_command *command = run->command;
        struct capture_writer_options file = {0};

        if (command->write_file)
                file_format(command, &file);
        return file.format == CAPTURE_PCAP || command->listed || command->list_links ||
               command->link_type >= 0;
}

/* As tcpdump: what the interface has not is left out, with a warning. */
static void settle_time_stamps(const struct run *run, struct capture_live_options *options)
{
        const char *device = run->devices[0];

        if (options->time_stamps == TIME_STAMPS_HOST ||
            has_time_stamps(device, options->time_stamps))
                return;
        complain("WARNING: When trying to set timestamp type '%s' on %s: That type of time stamp "
                 "is not supported by that device",
                 time_stamps_name(options->time_stamps), device);
        options->time_stamps = TIME_STAMPS_HOST;
}

/* --all-netns. Takes the capture over, and returns it. */
static struct capture *with_namespaces(struct run *run, struct capture *capture)
{
        run->netns = netns_follow();
        if (run->netns && netns_join(run->netns, capture) == STATUS_DONE)
                return capture;
        capture_close(capture);
        return NULL;
}

static struct capture *open_sockets(struct run *run)
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
            .kept = run->language ? 0 : (uint32_t)command->snapshot_length,
            .promiscuous = command->promiscuous,
            .wait = command->wait,
            .filter = *command->expression ? command->expression : NULL,
            .direction = directions[command->direction],
            .time_stamps = (enum capture_time_stamps)command->time_stamp_type,
        };
        struct capture_writer_options file = {0};
        struct error error;
        struct capture *capture;

        allow_open_files();
        if (command->fate)
                return open_fate(run);
        if (command->point_count > 0 && !command->at_socket)
                return open_places(run, NULL);
        if (command->write_file)
                file_format(command, &file);
        options.one_link_type = file.format == CAPTURE_PCAP;
        options.first_cooked = command->link_type == DLT_LINUX_SLL && run->device_count == 1 &&
                               strcmp(run->devices[0], "any") == 0;
        options.cooked = command->all_netns;
        options.docsis = command->link_type == DLT_DOCSIS;
        options.start_without = !needs_interface(run);
        if (command->monitor_mode && !enter_monitor_mode(run))
                return NULL;
        if (command->habits->activates)
                settle_time_stamps(run, &options);
        capture = capture_open_live(devices_of(run), run->device_count, &options, &error);
        if (!capture && !(error.kind == CAPTURE_NO_INTERFACE && refused("-i", run->devices[0])))
                complain_error(&error);
        if (capture && command->habits->activates && is_down(run->devices[0])) {
                refused("-i down", run->devices[0]);
                capture_close(capture);
                return NULL;
        }
        if (capture && command->all_netns)
                return with_namespaces(run, capture);
        return capture && command->point_count > 0 ? open_places(run, capture) : capture;
}

/* --process */
static struct capture *with_processes(struct run *run, struct capture *capture)
{
        const struct capture_command *command = run->command;
        const struct process_options options = {
            .language = run->language,
            .only = run->child.pid,
            .members = command->printing.json,
            .comments = command->write_file || command->printing.verbose,
        };
        struct error error;

        capture = process_open(capture, &options, &run->processes, &error);
        if (capture)
                process_tell_lacks(run->processes);
        else
                complain_error(&error);
        return capture;
}

struct capture *open_devices(struct run *run)
{
        struct capture *capture = open_sockets(run);

        return capture && run->command->process ? with_processes(run, capture) : capture;
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

void file_words(struct run *run, struct error *error)
{
        struct pcap_pkthdr *header;
        char words[PCAP_ERRBUF_SIZE];
        const uint8_t *bytes;
        pcap_t *pcap;
        int result;

        if (!run->again || error->kind == ERROR_MEMORY || fseek(run->again, 0, SEEK_SET) < 0)
                return;
        pcap = pcap_fopen_offline(run->again, words);
        if (!pcap) {
                error_set(error, "%s", words);
                return;
        }
        run->again = NULL; /* the handle's, now */
        while ((result = pcap_next_ex(pcap, &header, &bytes)) > 0)
                continue;
        if (result == PCAP_ERROR)
                error_set(error, "pcap_loop: %s", pcap_geterr(pcap));
        pcap_close(pcap);
}

/* `fd` is taken over. */
static struct capture *read_file(struct run *run, const char *path, int fd)
{
        const char *name = fd == STDIN_FILENO ? "standard input" : path;
        struct error error;
        struct capture *capture = capture_open_descriptor(fd, name, &error);

        if (!capture) {
                file_words(run, &error);
                complain_error(&error);
                return NULL;
        }
        capture_allow_links(capture);
        if (run->command->read_count == 1)
                capture_set_threads(capture, threads_for(run->command, capture));
        return capture;
}

int open_files(struct run *run)
{
        size_t count = run->command->read_count;

        if (count > 1)
                allow_open_files();
        run->inputs = calloc(count, sizeof *run->inputs);
        if (!run->inputs)
                return out_of_memory();
        for (size_t i = 0; i < count; i++)
                if ((run->inputs[i] = open_input(run->command->read_files[i])) < 0)
                        return STATUS_FAILED;
        if (count == 1 && run->command->habits->libpcaps_words)
                run->again = fdopen(dup(run->inputs[0]), "r");
        return STATUS_DONE;
}

struct capture *read_files(struct run *run)
{
        size_t count = run->command->read_count;
        size_t opened = 0;

        if (count == 1)
                return read_file(run, run->command->read_files[0], run->inputs[0]);
        run->files = calloc(count, sizeof *run->files);
        while (run->files && opened < count &&
               (run->files[opened] =
                    read_file(run, run->command->read_files[opened], run->inputs[opened])))
                opened++;
        if (run->files && opened == count) {
                struct capture *merged =
                    capture_merge(run->files, count, run->command->habits->in_turn);

                if (merged)
                        return merged;
        }
        if (!run->files || opened == count)
                out_of_memory();
        while (opened > 0)
                capture_close(run->files[--opened]);
        return NULL;
}

const struct capture_interface *live_interface(const struct run *run, uint32_t i)
{
        return run->live ? capture_interface(run->capture, i) : NULL;
}

/* tcpdump ignores -s for a file, too. */
uint32_t snapshot_length(const struct run *run)
{
        return run->live ? (uint32_t)run->command->snapshot_length
                         : capture_info(run->capture)->snapshot_length;
}
