/* Names of network namespaces: ip(8) netns keeps a file for each. */
#include "drop.h"

#include "base/array.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct named {
        uint32_t number;
        char *name;
};

struct namespaces {
        struct named *all;
        size_t count, room;
        char number[16];
};

static bool add(struct namespaces *namespaces, uint32_t number, const char *name)
{
        char *copy = strdup(name);

        if (!copy || !array_grow(namespaces->all, namespaces->room, namespaces->count + 1)) {
                free(copy);
                return false;
        }
        namespaces->all[namespaces->count++] = (struct named){number, copy};
        return true;
}

struct namespaces *namespaces_read(void)
{
        struct namespaces *namespaces = calloc(1, sizeof *namespaces);
        DIR *folder = opendir("/run/netns");
        bool enough = namespaces;
        struct dirent *entry;

        while (enough && folder && (entry = readdir(folder))) {
                struct stat status;

                if (*entry->d_name != '.' && fstatat(dirfd(folder), entry->d_name, &status, 0) == 0)
                        enough = add(namespaces, (uint32_t)status.st_ino, entry->d_name);
        }
        if (folder)
                closedir(folder);
        if (enough)
                return namespaces;
        namespaces_free(namespaces);
        return NULL;
}

void namespaces_free(struct namespaces *namespaces)
{
        if (!namespaces)
                return;
        for (size_t i = 0; i < namespaces->count; i++)
                free(namespaces->all[i].name);
        free(namespaces->all);
        free(namespaces);
}

const char *namespaces_name(struct namespaces *namespaces, uint32_t number)
{
        for (size_t i = 0; i < namespaces->count; i++)
                if (namespaces->all[i].number == number)
                        return namespaces->all[i].name;
        snprintf(namespaces->number, sizeof namespaces->number, "%u", number);
        return namespaces->number;
}
