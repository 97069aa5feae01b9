/* Access to the parts of an event. */
#include "writes.h"

#include <stdio.h>
#include <string.h>

const struct writes_path *writes_event_path(const struct writes_event *event)
{
        size_t size = (sizeof *event + event->length + 7) & ~(size_t)7;

        if (event->kind != WRITES_CALL || !event->has_path)
                return NULL;
        return (const void *)((const char *)event + size);
}

size_t writes_event_size(const struct writes_event *event)
{
        const struct writes_path *path = writes_event_path(event);

        if (!path)
                return sizeof *event + event->length;
        return (size_t)((const char *)path - (const char *)event) + sizeof *path + path->length;
}

/* Names come from the file upwards, so the path is built from its end. If its first folders are
 * missing, it starts with "...". */
static void join(const struct writes_path *path, char *name, size_t size)
{
        static const char more[] = {'.', '.', '.'}; /* no NUL */
        bool cut = path->cut;
        const char *end = path->names + path->length;
        const char *part = path->names;
        size_t start = size - 1;

        name[start] = '\0';
        while (part < end) {
                size_t length = strnlen(part, (size_t)(end - part));

                if (length + 1 + sizeof more > start) {
                        cut = true;
                        break;
                }
                start -= length;
                memcpy(name + start, part, length);
                name[--start] = '/';
                part += length + 1;
        }
        if (!name[start])
                name[--start] = '/';
        if (cut) {
                start -= sizeof more;
                memcpy(name + start, more, sizeof more);
        }
        memmove(name, name + start, size - start);
}

bool writes_path_name(const struct writes_path *path, char *name, size_t size)
{
        switch (path->kind) {
        case WRITES_PATH_FILE:
        case WRITES_PATH_DELETED: join(path, name, size); return true;
        case WRITES_PATH_PIPE:
        case WRITES_PATH_SOCKET:
                snprintf(name, size, "%s:[%llu]",
                         path->kind == WRITES_PATH_PIPE ? "pipe" : "socket",
                         (unsigned long long)path->inode);
                return true;
        case WRITES_PATH_ANONYMOUS:
                snprintf(name, size, "anon_inode:%.*s", (int)path->length, path->names);
                return true;
        case WRITES_PATH_PIDFD: snprintf(name, size, "anon_inode:[pidfd]"); return true;
        default: return false;
        }
}
