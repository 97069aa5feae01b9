/* --wait, where the capture cannot begin without an interface. */
#include "base/text.h"
#include "file_names.h"
#include "run.h"
#include "signals.h"

#include <stdlib.h>
#include <string.h>

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
