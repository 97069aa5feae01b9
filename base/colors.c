#include "colors.h"

#include <string.h>

/* The terminal's own palette, which its owner can read, and of that neither black, white and
 * yellow, which vanish on one of a light and a dark background, nor blue, which almost does. */
static const struct {
        char name[3];
        const char *sgr;
} defaults[ROLES] = {
    [ROLE_TIME] = {"ti", "2"},        [ROLE_PROTOCOL] = {"pr", "1"},
    [ROLE_ADDRESS] = {"ad", "36"},    [ROLE_PORT] = {"po", "32"},
    [ROLE_FLAGS] = {"fl", "35"},      [ROLE_LENGTH] = {"le", "32"},
    [ROLE_REFUSAL] = {"re", "31"},    [ROLE_DAMAGE] = {"er", "1;31"},
    [ROLE_NUMBERING] = {"nu", "2"},   [ROLE_OPERATION] = {"op", "1"},
    [ROLE_ACCEPTANCE] = {"ac", "32"},
};

/* "ad=36", of `size` bytes. */
static void colors_change(struct colors *colors, const char *change, size_t size)
{
        const char *value = change + 3;

        if (size < 3 || change[2] != '=' || size - 3 >= sizeof colors->sgr[0] ||
            strspn(value, "0123456789;") < size - 3)
                return;
        for (int role = 0; role < ROLES; role++) {
                if (memcmp(change, defaults[role].name, 2) != 0)
                        continue;
                memcpy(colors->sgr[role], value, size - 3);
                colors->sgr[role][size - 3] = '\0';
        }
}

void colors_read(struct colors *colors, const char *changes)
{
        for (int role = 0; role < ROLES; role++)
                strcpy(colors->sgr[role], defaults[role].sgr);
        while (changes && *changes) {
                size_t size = strcspn(changes, ":");

                colors_change(colors, changes, size);
                changes += size + (changes[size] == ':');
        }
}
