#include "cli.h"

int capture_run(int argc, char **argv)
{
        (void)argc;
        complain("%s: not there yet", argv[0]);
        return STATUS_FAILED;
}
