/* writes COUNT FILE: writes a line of 17 bytes to /dev/null COUNT times, and the average
 * microseconds per write to FILE. The benchmark write-trace traces it. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
        struct timespec time;

        clock_gettime(CLOCK_MONOTONIC, &time);
        return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

int main(int argc, char **argv)
{
        long count = argc == 3 ? strtol(argv[1], NULL, 10) : 0;
        int null_device = open("/dev/null", O_WRONLY);
        FILE *result = count > 0 ? fopen(argv[2], "w") : NULL;
        double start;

        if (!result || null_device < 0)
                return 1;
        start = now();
        for (long i = 0; i < count; i++)
                if (write(null_device, "0123456789abcdef\n", 17) != 17)
                        return 1;
        return fprintf(result, "%.4f\n", (now() - start) / (double)count) < 0 ||
               fclose(result) != 0;
}
