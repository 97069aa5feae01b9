/* See pins.h. */
#include "pins.h"

#include "base/array.h"

#include <bpf/bpf.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

struct path {
        char text[96];
};

/* The folder of the interface or, in it, what has this name. Numbers of interfaces are those of a
 * network namespace. */
static struct path path_of(uint32_t interface, const char *name)
{
        struct stat namespace = {0};
        struct path path;

        stat("/proc/self/ns/net", &namespace);
        snprintf(path.text, sizeof path.text, "/sys/fs/bpf/filt-%ju-%" PRIu32 "%s%s",
                 (uintmax_t) namespace.st_ino, interface, *name ? "/" : "", name);
        return path;
}

static const char *const names[PINS] = {
    [PINS_TABLE] = "table", [PINS_BEFORE] = "before", [PINS_PROGRAM] = "program"};

/* A socket whose name only one can have in a network namespace, and that nobody connects to.
 * Returns -1 if somebody has it. */
static int hold(uint32_t interface)
{
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        int length = snprintf(address.sun_path + 1, sizeof address.sun_path - 1,
                              "filt-taps-%" PRIu32, interface);
        int holder = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

        if (holder >= 0 &&
            bind(holder, (const struct sockaddr *)&address,
                 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length)) < 0) {
                close(holder);
                holder = -1;
        }
        return holder;
}

void pins_remove(uint32_t interface)
{
        for (size_t i = 0; i < array_count(names); i++)
                unlink(path_of(interface, names[i]).text);
        rmdir(path_of(interface, "").text);
}

int pins_make(uint32_t interface, const int descriptors[PINS])
{
        int holder = hold(interface), result;

        if (holder < 0)
                return -1;
        pins_remove(interface); /* somebody was killed before it was there */
        result = mkdir(path_of(interface, "").text, S_IRWXU);
        for (size_t i = 0; i < array_count(names) && result == 0; i++)
                result = bpf_obj_pin(descriptors[i], path_of(interface, names[i]).text);
        if (result == 0)
                return holder;
        pins_remove(interface);
        close(holder);
        return -1;
}

int pins_left(uint32_t interface)
{
        int holder = hold(interface);

        if (holder < 0)
                return -1;
        close(holder);
        return bpf_obj_get(path_of(interface, names[PINS_PROGRAM]).text);
}
