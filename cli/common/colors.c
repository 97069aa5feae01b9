/* Whether standard output gets colours, and which. */
#include "cli.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* https://no-color.org for those who never want any. */
static bool wants_colors(int choice)
{
        const char *never = getenv("NO_COLOR");
        const char *terminal = getenv("TERM");

        if (choice != COLOR_AUTO)
                return choice == COLOR_ALWAYS;
        return isatty(STDOUT_FILENO) && !(never && *never) && terminal &&
               strcmp(terminal, "dumb") != 0;
}

const struct colors *choose_colors(int choice)
{
        static struct colors colors;

        if (!wants_colors(choice))
                return NULL;
        colors_read(&colors, getenv("FILT_COLORS"));
        return &colors;
}
