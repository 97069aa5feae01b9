/* Where packets are taken: --at, the places at which they are captured or where a listed program is
 * to run; and a command behind "--", whose packets they are. */
#include "base/array.h"
#include "cbpf/extended.h"
#include "cli/taps/taps.h"
#include "run.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char tracepoint[] = "tracepoint";

static bool is_tracepoint(const char *place)
{
        size_t length = strlen(tracepoint);

        return strncmp(place, tracepoint, length) == 0 &&
               (place[length] == '\0' || place[length] == ':');
}

/* "tracepoint:NAME", or that alone. */
static bool read_tracepoint(struct capture_command *command, const char *place)
{
        const char *name = strchr(place, ':');

        command->place = CBPF_CONTEXT_TRACEPOINT;
        command->tracepoint = name ? extended_tracepoint(name + 1) : 0;
        return command->tracepoint >= 0;
}

/* Extended programs are compiled from an expression, for a place of the kernel. */
static bool check_extended(struct capture_command *command)
{
        const char *place = command->place_count > 0 ? command->places[0] : "socket";

        int link_type; /* of the place, or -1 where it is the interface's */

        command->place = tap_context_named(place);
        if (is_tracepoint(place) && !read_tracepoint(command, place))
                return false;
        if (command->place < 0)
                return parse_word("--at", place, TAP_PLACES "|tracepoint") >= 0;
        link_type =
            command->place == CBPF_CONTEXT_CGROUP || command->place == CBPF_CONTEXT_NETFILTER
                ? DLT_RAW
            : extended_begins_anywhere(command->place, command->tracepoint) ? DLT_LINUX_SLL2
                                                                            : -1;
        if (command->place_count > 1)
                complain_usage("--at %s: a listed program runs at one place, and that is %s",
                               command->places[1], command->places[0]);
        else if (command->program)
                complain_usage("--format %s is compiled from an expression: leave --program out",
                               command->form_name);
        else if (command->unoptimized || command->statistics)
                complain_usage("%s is about classic programs: leave it out, or --format %s",
                               command->unoptimized ? "-O" : "--stats", command->form_name);
        else if (command->form == PROGRAM_ELF && isatty(STDOUT_FILENO))
                complain_usage("--format elf: standard output is a terminal, and an object file is "
                               "not text: send it into a file");
        else if (link_type >= 0 && command->device_count)
                complain_usage("--at %s is the same for all interfaces: leave -i out", place);
        else if (link_type >= 0 && command->link_type >= 0 && command->link_type != link_type)
                complain_usage("--at %s is compiled for link type %s: leave -y out", place,
                               link_type_name(link_type));
        else
                return true;
        return false;
}

static bool read_points(struct capture_command *command)
{
        command->points = calloc(TAP_POINTS_MOST * command->place_count, sizeof *command->points);
        if (!command->points) {
                out_of_memory();
                return false;
        }
        for (size_t i = 0; i < command->place_count; i++) {
                size_t count;

                if (strcmp(command->places[i], "socket") == 0) {
                        command->at_socket = true;
                        continue;
                }
                if (is_tracepoint(command->places[i])) {
                        complain_usage("--at %s is for a program that is written out (-d --format "
                                       "ebpf or elf): packets are captured at other places",
                                       command->places[i]);
                        return false;
                }
                count = tap_points_read(command->places[i], &command->points[command->point_count]);
                if (count == 0)
                        return false;
                command->point_count += count;
        }
        return true;
}

/* What asks for a packet socket, or for no capture. */
static const char *of_sockets(const struct capture_command *command)
{
        const struct {
                bool given;
                const char *name;
        } options[] = {
            {command->read_count > 0, "-r"},
            {command->program, "--program"},
            {command->monitor_mode, "-I"},
            {command->direction != DIRECTION_INOUT, "-Q"},
            {command->link_type >= 0, "-y"},
            {command->list_links, "-L"},
            {command->list_time_stamps || command->time_stamp_type, "--time-stamp-type"},
        };

        for (size_t i = 0; i < array_count(options); i++)
                if (options[i].given)
                        return options[i].name;
        return NULL;
}

/* The first point that is given twice, or NULL. */
static const struct tap_point *given_twice(const struct capture_command *command)
{
        for (size_t i = 1; i < command->point_count; i++)
                for (size_t j = 0; j < i; j++)
                        if (tap_point_same(&command->points[i], &command->points[j]))
                                return &command->points[i];
        return NULL;
}

static bool check_points(const struct capture_command *command)
{
        const char *other = of_sockets(command);
        const struct tap_point *twice = given_twice(command);
        bool has_interface = command->at_socket;

        for (size_t i = 0; i < command->point_count; i++)
                has_interface |= tap_point_has_interface(&command->points[i]);
        if (command->point_count == 0)
                return true;
        if (other)
                complain_usage("--at %s does not go with %s", command->points[0].text, other);
        else if (twice)
                complain_usage("--at %s: %s is given twice", twice->text, tap_point_name(twice));
        else if (!has_interface && command->device_count > 0)
                complain_usage("--at %s is the same for all interfaces: leave -i out, and say "
                               "'ifindex' or a network in the expression",
                               command->points[0].text);
        else if (!has_interface && command->wait)
                complain_usage("--at %s has no interface to wait for: leave --wait out",
                               command->points[0].text);
        else
                return true;
        return false;
}

bool check_places(struct capture_command *command)
{
        if (command->listed && program_is_extended(command->form))
                return check_extended(command);
        if (command->place_count == 0)
                return true;
        if (!command->listed)
                return read_points(command) && check_points(command);
        complain_usage("--at is where an extended program runs: give --format ebpf, ebpf-c or elf, "
                       "too");
        return false;
}

bool take_command(struct words *words, struct capture_command *command)
{
        if (words->before < 0 || words->before == words->count || command->habits->libpcaps_words ||
            command->read_count > 0 || command->list_file || command->listed ||
            command->list_devices || command->list_links || command->list_time_stamps)
                return true;
        if (command->follow_sets || command->time_stamp_type || command->fate ||
            command->all_netns) {
                complain_usage("a command, whose packets are told by its processes, does not go "
                               "with --fate, --follow-sets, --all-netns and --time-stamp-type");
                return false;
        }
        command->command = words->words + words->before;
        command->process = true;
        words->count = words->before;
        return true;
}
