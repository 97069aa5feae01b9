/* Network namespaces by their names, by processes and by containers. */
#include "cli.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_number(const char *text)
{
        return *text && text[strspn(text, "0123456789")] == '\0';
}

/* Takes a descriptor over. */
static int enter(const char *option, const char *text, int fd)
{
        int result = setns(fd, CLONE_NEWNET), reason = errno;

        close(fd);
        if (result == 0)
                return STATUS_DONE;
        if (reason == EINVAL)
                return complain("%s %s: that is no network namespace", option, text);
        return complain("%s %s: %s%s", option, text, strerror(reason),
                        reason == EPERM ? " (that takes CAP_SYS_ADMIN, or root)" : "");
}

int netns_enter(const char *text)
{
        char path[PATH_MAX];
        int fd;

        if (is_number(text))
                snprintf(path, sizeof path, "/proc/%s/ns/net", text);
        else
                snprintf(path, sizeof path, "%s%s", strchr(text, '/') ? "" : "/run/netns/", text);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd >= 0)
                return enter("--netns", text, fd);
        if (errno != ENOENT)
                return complain("--netns %s: %s", text, strerror(errno));
        if (is_number(text))
                return complain("--netns %s: there is no process of that number", text);
        if (strchr(text, '/'))
                return complain("--netns %s: there is no such file", text);
        return complain("--netns %s: there is no network namespace of that name (ip netns list "
                        "shows them)",
                        text);
}

/* Whether one of the names in a process' cgroups has the ID: at its start, or behind what the
 * container's runtime puts there, as in "docker-ID.scope". */
static bool is_in_container(const char *process, const char *id)
{
        char path[64], line[PATH_MAX];
        bool found = false;
        FILE *file;

        snprintf(path, sizeof path, "/proc/%s/cgroup", process);
        file = fopen(path, "re");
        while (file && !found && fgets(line, sizeof line, file))
                for (const char *at = line; !found && (at = strstr(at, id)); at++)
                        found = at > line && strchr("/-:", at[-1]);
        if (file)
                fclose(file);
        return found;
}

int netns_enter_container(const char *id)
{
        enum { SHORTEST = 12 }; /* digits of an ID, as runtimes show it */
        char path[NAME_MAX + 16];
        int fd = -1;
        DIR *folder;
        const struct dirent *entry;

        if (strlen(id) < SHORTEST || id[strspn(id, "0123456789abcdef")] != '\0')
                return complain_usage("--container %s: give the ID of a container, of %d to 64 "
                                      "digits 0 to 9 and a to f",
                                      id, SHORTEST);
        folder = opendir("/proc");
        while (folder && fd < 0 && (entry = readdir(folder)))
                if (is_number(entry->d_name) && is_in_container(entry->d_name, id)) {
                        snprintf(path, sizeof path, "/proc/%s/ns/net", entry->d_name);
                        fd = open(path, O_RDONLY | O_CLOEXEC);
                }
        if (folder)
                closedir(folder);
        if (fd >= 0)
                return enter("--container", id, fd);
        return complain("--container %s: no process is in a cgroup of that ID", id);
}

uint32_t netns_own(void)
{
        struct stat status;

        return stat("/proc/self/ns/net", &status) < 0 ? 0 : (uint32_t)status.st_ino;
}
