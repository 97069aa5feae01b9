/* What is told on standard error: before packets come, where they come from and, with -v, what each
 * section of a pcapng file says of itself; and live, that there is no interface yet, which --wait
 * then waits for, or that there are packets which the filter does not see. */
#include "base/text.h"
#include "run.h"
#include "signals.h"

#include <inttypes.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
        MAX_NAMES = 8, /* of interfaces */
        MAX_LOOKOUTS = 16,
};

/* "EN10MB (Ethernet)", or the number of one without a name. */
struct link_type_text {
        char text[128];
};

static struct link_type_text link_type_text(int link_type)
{
        const char *name = pcap_datalink_val_to_name(link_type);
        const char *description = pcap_datalink_val_to_description(link_type);
        struct link_type_text out;

        if (name)
                snprintf(out.text, sizeof out.text, "%s (%s)", name,
                         description ? description : "unknown");
        else
                snprintf(out.text, sizeof out.text, "%d", link_type);
        return out;
}

/* By tcpdump: in its own way for what is printed as it comes, shortly. */
static void announce_barely(const struct capture_command *command, const char *doing,
                            const char *name, int link_type, uint32_t length)
{
        bool live = command->read_count == 0;
        bool named = live && (command->write_file || command->printing.verbose);

        if (live && !named)
                complain("verbose output suppressed, use -v[v]... for full protocol decode");
        say("%s%s%s %s, link-type %s, snapshot length %" PRIu32 "%s", named ? program_name : "",
            named ? ": " : "", doing, name, link_type_text(link_type).text, length,
            live ? " bytes" : "");
}

static void announce_source(const struct run *run, const char *doing, const char *name,
                            int link_type, uint32_t length)
{
        if (run->command->habits->bare_lines)
                announce_barely(run->command, doing, name, link_type, length);
        else
                complain("%s %s, link-type %s, snapshot length %" PRIu32 " bytes", doing, name,
                         link_type_text(link_type).text, length);
}

/* Appends a name to a list of names, or to a long one that there are more. */
static void append_name(char *names, size_t room, size_t count, const char *name)
{
        size_t used = strlen(names);

        if (count < MAX_NAMES)
                snprintf(names + used, room - used, "%s%s", count > 0 ? ", " : "", name);
        else if (count == MAX_NAMES)
                snprintf(names + used, room - used, ", ...");
}

/* The interfaces of one link type, from number `first` on. */
static void announce_interfaces(const struct run *run, uint32_t first)
{
        const struct capture_interface *interface = live_interface(run, first);
        int link_type = interface->link_type;
        char names[MAX_NAMES * (IF_NAMESIZE + 2) + 8] = "", text[sizeof names + 40];
        size_t count = 0;

        for (uint32_t i = first; (interface = live_interface(run, i)); i++)
                if (interface->link_type == link_type)
                        append_name(names, sizeof names, count++, interface->name);
        if (count > MAX_NAMES)
                snprintf(text, sizeof text, "%zu interfaces (%s)", count, names);
        announce_source(run, "listening on", count > MAX_NAMES ? text : names, link_type,
                        snapshot_length(run));
}

static bool is_first_of_link_type(const struct run *run, uint32_t number)
{
        int link_type = live_interface(run, number)->link_type;

        for (uint32_t i = 0; i < number; i++)
                if (live_interface(run, i)->link_type == link_type)
                        return false;
        return true;
}

static void announce_text(const char *name, const char *what, const char *text)
{
        while (text && *text) {
                size_t length = strcspn(text, "\n");

                complain("%s: %s: %.*s", name, what, (int)length, text);
                text += length + (text[length] == '\n');
        }
}

/* What a pcapng file says of its capture. */
static void announce_section(const char *name, const struct capture_section *section)
{
        if (!section)
                return;
        announce_text(name, "hardware", section->hardware);
        announce_text(name, "os", section->os);
        announce_text(name, "application", section->application);
        announce_text(name, "comment", section->comment);
}

/* A section behind the first has begun. What was printed before it is shown first. */
static void announce_next_section(void *context)
{
        struct file_sections *file = context;
        char *name;

        fflush(stdout);
        if (asprintf(&name, "section %u of %s", ++file->section, file->name) < 0) {
                out_of_memory();
                return;
        }
        announce_section(name, capture_section(file->capture));
        free(name);
}

static void announce_file(struct run *run, size_t i)
{
        struct capture *capture = run->files ? run->files[i] : run->capture;
        const char *name = run->command->read_files[i];

        announce_source(run, "reading from file", name, capture_info(capture)->link_type,
                        capture_info(capture)->snapshot_length);
        if (i == 0 && run->command->habits->bare_packets &&
            capture_info(capture)->link_type == DLT_LINUX_SLL2)
                say("Warning: interface names might be incorrect");
        if (!run->sections)
                return;
        announce_section(name, capture_section(capture));
        run->sections[i] = (struct file_sections){name, capture, 1};
        capture_watch_sections(capture, announce_next_section, NULL, &run->sections[i]);
}

int announce(struct run *run)
{
        const struct capture_command *command = run->command;

        if (run->live && capture_info(run->capture)->link_type < 0)
                announce_waiting(run);
        else if (run->live && !live_interface(run, 0))
                announce_source(run, "listening on",
                                command->all_netns ? "any in all network namespaces"
                                                   : run->devices[0],
                                capture_info(run->capture)->link_type, snapshot_length(run));
        for (uint32_t i = 0; live_interface(run, i); i++)
                if (is_first_of_link_type(run, i))
                        announce_interfaces(run, i);
        if (command->printing.verbose > 0 && command->read_count > 0 &&
            !command->habits->bare_packets &&
            !(run->sections = calloc(command->read_count, sizeof *run->sections)))
                return out_of_memory();
        for (size_t i = 0; i < command->read_count; i++)
                announce_file(run, i);
        return STATUS_DONE;
}

/* --- Who waits for packets at a terminal, and gets none or fewer than there are, is told once that
 * there are some that the filter does not see and would with --deep, as soon as one came. A socket
 * of its own looks for them on each interface. --- */

struct lookout {
        int any; /* an epoll descriptor: readable with a socket's, or when a signal came */
        int sockets[MAX_LOOKOUTS];
        size_t count;
};

static bool watch(struct lookout *lookout, int fd)
{
        struct epoll_event event = {.events = EPOLLIN};

        return epoll_ctl(lookout->any, EPOLL_CTL_ADD, fd, &event) == 0;
}

static void look_out_on(struct lookout *lookout, const struct run *run,
                        const struct capture_interface *interface)
{
        struct cbpf_target target = target_on(run, interface);
        struct bpf_program program;
        int fd;

        if (lookout->count == MAX_LOOKOUTS || target.link_type < 0 ||
            !compile_what_is_missed(run->expression, &target, &program))
                return;
        fd = capture_lookout(interface ? interface->index : 0,
                             target.place == CBPF_LIVE && target.link_type == DLT_LINUX_SLL2,
                             &program);
        cbpf_program_free(&program);
        if (fd >= 0 && watch(lookout, fd))
                lookout->sockets[lookout->count++] = fd;
        else if (fd >= 0)
                close(fd);
}

void lookout_begin(struct run *run)
{
        const struct capture_command *command = run->command;
        const struct capture_interface *interface = live_interface(run, 0);
        struct lookout *lookout;

        if (command->program || run->taps || run->fate || !hints_are_shown(command->hints) ||
            command->direction != DIRECTION_INOUT || capture_info(run->capture)->by_libpcap ||
            !(lookout = calloc(1, sizeof *lookout)))
                return;
        run->lookout = lookout;
        lookout->any = epoll_create1(EPOLL_CLOEXEC);
        if (lookout->any < 0 || !watch(lookout, signals_descriptor())) {
                lookout_end(run);
                return;
        }
        look_out_on(lookout, run, interface);
        for (uint32_t i = 1; interface && (interface = live_interface(run, i)); i++)
                look_out_on(lookout, run, interface);
        if (lookout->count == 0)
                lookout_end(run);
}

int lookout_descriptor(const struct run *run)
{
        return run->lookout ? run->lookout->any : signals_descriptor();
}

void lookout_tell(struct run *run)
{
        struct pollfd polled[MAX_LOOKOUTS];
        struct lookout *lookout = run->lookout;

        if (!lookout)
                return;
        for (size_t i = 0; i < lookout->count; i++)
                polled[i] = (struct pollfd){.fd = lookout->sockets[i], .events = POLLIN};
        if (poll(polled, lookout->count, 0) <= 0)
                return;
        for (size_t i = 0; i < lookout->count; i++)
                if (polled[i].revents & POLLIN) {
                        complain("hint: packets come behind tags, labels or extension headers, or "
                                 "within tunnels, that would match with --deep");
                        lookout_end(run);
                        return;
                }
}

void lookout_end(struct run *run)
{
        struct lookout *lookout = run->lookout;

        if (!lookout)
                return;
        for (size_t i = 0; i < lookout->count; i++)
                close(lookout->sockets[i]);
        if (lookout->any >= 0)
                close(lookout->any);
        free(lookout);
        run->lookout = NULL;
}

/* --- Waiting for the first interface --- */

void announce_waiting(const struct run *run)
{
        struct text names = {0};
        char *text;

        for (size_t i = 0; i < run->device_count; i++)
                text_format(&names, "%s%s", i > 0 ? " or " : "", run->devices[i]);
        text = text_take(&names);
        complain("waiting for the interface %s", text ? text : run->devices[0]);
        free(text);
}

bool await_devices(struct run *run, int (*attend)(struct run *run))
{
        const char *const *devices = (const char *const *)run->devices;
        struct error error;
        int found, result = 1;

        if (strcmp(devices[0], "any") == 0)
                return true;
        found = capture_has_device(devices, run->device_count, &error);
        if (found < 0)
                complain_error(&error);
        if (found != 0)
                return found > 0;
        announce_waiting(run);
        while (result == 1) {
                int timeout = attend(run);

                if (run->stop_wanted)
                        return false;
                result = capture_await_device(devices, run->device_count, signals_descriptor(),
                                              timeout, &error);
        }
        if (result < 0)
                complain_error(&error);
        return result == 0;
}
