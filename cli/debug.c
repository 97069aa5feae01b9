/* filt debug: steps packets of a file through a program. */
#include "cli.h"

int debug_run(int argc, char **argv)
{
        (void)argc, (void)argv;
        return complain_usage("debug", "not there yet");
}
