/* Names of this machine's interfaces, by number: for packets of LINUX_SLL2 whose capture does not
 * name them. The socket through which the kernel is asked is opened before the sandbox is entered,
 * where no other can be. */
#include "base/clock.h"
#include "run.h"

#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SLOTS = 64 };

struct interface_name {
        uint32_t index;
        int64_t second; /* in which it was looked up: interfaces are renamed */
        char name[IFNAMSIZ];
};

struct interface_names {
        int socket;
        bool warned;
        const struct capture_command *command;
        struct interface_name slots[SLOTS];
};

struct interface_names *interface_names_new(const struct capture_command *command)
{
        struct interface_names *names = calloc(1, sizeof *names);

        if (!names)
                return NULL;
        names->command = command;
        names->socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        return names;
}

void interface_names_free(struct interface_names *names)
{
        if (names && names->socket >= 0)
                close(names->socket);
        free(names);
}

/* A file may be from elsewhere; tcpdump says so at the start. */
static void warn_of_file(struct interface_names *names)
{
        size_t files = names->command->read_count;

        if (files == 0 || names->warned || names->command->habits->bare_packets)
                return;
        names->warned = true;
        if (files == 1)
                complain(
                    "warning: %s does not name its interfaces: names are those of this machine",
                    names->command->read_files[0]);
        else
                complain("warning: not all files name their interfaces: names are those of this "
                         "machine");
}

const char *interface_names_find(void *context, uint32_t index)
{
        struct interface_names *names = context;
        struct interface_name *slot = &names->slots[index % SLOTS];
        int64_t second = clock_now(CLOCK_MONOTONIC) / 1000000000;

        if (slot->index != index || slot->second != second) {
                struct ifreq request = {.ifr_ifindex = (int)index};

                *slot = (struct interface_name){.index = index, .second = second};
                if (ioctl(names->socket, SIOCGIFNAME, &request) == 0)
                        memcpy(slot->name, request.ifr_name, sizeof slot->name);
        }
        if (slot->name[0] == '\0')
                return NULL;
        warn_of_file(names);
        return slot->name;
}
