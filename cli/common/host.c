/* What a pcapng file says of the machine it was captured on, in the words of Wireshark's dumpcap.
 */
#include "cli.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

/* Finds the line of `path` that begins with `key`. Sets `value` to what follows `sign` there,
 * without blanks and quotes around it, or leaves it alone. */
static void find_value(const char *path, const char *key, char sign, char *value, size_t room)
{
        FILE *file = fopen(path, "re");
        char line[256];

        while (file && fgets(line, sizeof line, file)) {
                char *at = strncmp(line, key, strlen(key)) == 0 ? strchr(line, sign) : NULL;

                if (!at)
                        continue;
                at += 1 + strspn(at + 1, " \t\"");
                at[strcspn(at, "\"\n")] = '\0';
                snprintf(value, room, "%s", at);
                break;
        }
        if (file)
                fclose(file);
}

void host_describe(struct host *host)
{
        struct utsname system;
        char distribution[128] = "";

        if (uname(&system) < 0)
                return;
        snprintf(host->hardware, sizeof host->hardware, "%s", system.machine);
        find_value("/proc/cpuinfo", "model name", ':', host->hardware, sizeof host->hardware);
        find_value("/etc/os-release", "PRETTY_NAME", '=', distribution, sizeof distribution);
        snprintf(host->os, sizeof host->os, "%s %s%s%s", system.sysname, system.release,
                 *distribution ? ", " : "", distribution);
}
