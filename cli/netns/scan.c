/* See internal.h. A namespace exists as long as something uses it: a process in it, a file it is
 * mounted as (ip(8) netns and containers' runtimes do that, to give it a name), or a descriptor,
 * which is not looked for. */
#include "base/array.h"
#include "internal.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* "net:[4026531840]"; 0 for another one. */
static uint32_t inode_of(const char *text)
{
        unsigned inode;

        return sscanf(text, "net:[%u]", &inode) == 1 ? inode : 0;
}

static bool is_taken(const struct netns_scan *scan, const char *name)
{
        for (size_t i = 0; i < scan->count; i++)
                if (strcmp(scan->all[i].name, name) == 0)
                        return true;
        return false;
}

static struct netns_found *look_up(const struct netns_scan *scan, uint32_t inode)
{
        for (size_t i = 0; i < scan->count; i++)
                if (scan->all[i].inode == inode)
                        return &scan->all[i];
        return NULL;
}

static void name_it(const struct netns_scan *scan, struct netns_found *found, const char *name)
{
        bool taken = is_taken(scan, name);

        if (taken)
                snprintf(found->name, sizeof found->name, "%.200s:%u", name, found->inode);
        else
                snprintf(found->name, sizeof found->name, "%s", name);
}

/* The first process, or file, names a namespace; a file goes before processes until it is told. */
static bool note(struct netns_scan *scan, uint32_t inode, const char *name, const char *path,
                 bool mounted)
{
        struct netns_found *found = look_up(scan, inode);

        if (inode == scan->own)
                return true;
        if (!found) {
                if (!array_grow(scan->all, scan->room, scan->count + 1))
                        return false;
                found = &scan->all[scan->count];
                *found = (struct netns_found){.inode = inode};
                name_it(scan, found, name);
                scan->count++;
        } else if (mounted && !found->mounted && !found->told) {
                name_it(scan, found, name);
        } else if (found->scan == scan->number) {
                return true;
        }
        snprintf(found->path, sizeof found->path, "%s", path);
        found->mounted |= mounted;
        if (found->scan != scan->number)
                found->times++;
        found->scan = scan->number;
        return true;
}

/* Spaces and the like are written as \040. */
static void unescape(char *path)
{
        char *to = path;

        for (; *path; path++) {
                unsigned code;

                if (*path == '\\' && sscanf(path + 1, "%3o", &code) == 1) {
                        *to++ = (char)code;
                        path += 3;
                } else {
                        *to++ = *path;
                }
        }
        *to = '\0';
}

/* Lines as in proc_pid_mountinfo(5): the fourth field is what is mounted, the fifth is where. */
static bool scan_mounts(struct netns_scan *scan)
{
        FILE *file = fopen("/proc/self/mountinfo", "re");
        char *line = NULL;
        size_t room = 0;
        bool enough = true;

        while (file && enough && getline(&line, &room, file) > 0) {
                char root[64], path[PATH_MAX];
                const char *slash;
                uint32_t inode;

                if (sscanf(line, "%*s %*s %*s %63s %4095s", root, path) != 2 ||
                    !(inode = inode_of(root)))
                        continue;
                unescape(path);
                slash = strrchr(path, '/');
                if (slash)
                        enough = note(scan, inode, slash + 1, path, true);
        }
        free(line);
        if (file)
                fclose(file);
        return enough;
}

static bool scan_process(struct netns_scan *scan, const char *process)
{
        char path[NAME_MAX + 16], text[64];
        ssize_t length;
        uint32_t inode;

        snprintf(path, sizeof path, "/proc/%s/ns/net", process);
        length = readlink(path, text, sizeof text - 1);
        if (length < 0) {
                scan->unreadable += errno == EACCES || errno == EPERM;
                return true;
        }
        text[length] = '\0';
        inode = inode_of(text);
        return !inode || note(scan, inode, process, path, false);
}

static bool scan_processes(struct netns_scan *scan)
{
        DIR *folder = opendir("/proc");
        const struct dirent *entry;
        bool enough = true;

        while (folder && enough && (entry = readdir(folder)))
                if (strspn(entry->d_name, "0123456789") == strlen(entry->d_name))
                        enough = scan_process(scan, entry->d_name);
        if (folder)
                closedir(folder);
        return enough;
}

bool netns_scan(struct netns_scan *scan)
{
        scan->number++;
        scan->unreadable = 0;
        return scan_mounts(scan) && scan_processes(scan);
}
