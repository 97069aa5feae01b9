/* What libfilt makes of expressions, for tests that run a command: `describe EXPRESSION...`
 * compiles each for a socket and for files, prints the notes on the program, how a socket took it,
 * and the verdict on a packet. Returns 1 after a message to standard error, as filt does. */
#include "filt.h"

#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static int complain(const struct filt_error *error)
{
        fprintf(stderr, "filt: %s\n", error->message);
        return 1;
}

static int attach(const char *expression)
{
        struct filt_options options = FILT_OPTIONS;
        struct filt_filter *filter;
        struct filt_error error;
        int socket_pair[2], how;

        options.source = FILT_FROM_SOCKET;
        filter = filt_compile(expression, &options, &error);
        if (!filter)
                return complain(&error);
        if (socketpair(AF_UNIX, SOCK_DGRAM, 0, socket_pair) < 0) {
                perror("socketpair");
                return 2;
        }
        how = filt_attach(filter, socket_pair[0], 0, &error);
        if (how < 0)
                complain(&error);
        else
                printf("attached: %d\n", how);
        close(socket_pair[0]);
        close(socket_pair[1]);
        filt_free(filter);
        return how < 0;
}

static int describe(const char *expression)
{
        static const uint8_t bytes[64] = {[12] = 8, [14] = 0x45, [23] = 6, [37] = 80};
        const struct filt_packet packet = {bytes, sizeof bytes, sizeof bytes};
        struct filt_error error;
        struct filt_filter *filter = filt_compile(expression, NULL, &error);
        char *text = filter ? filt_text(filter, FILT_NOTES, &error) : NULL;
        int status = 0;

        if (text)
                printf("%s%u\n", text, filt_match(filter, &packet));
        else
                status = complain(&error);
        filt_free_text(text);
        filt_free(filter);
        return status;
}

int main(int argc, char **argv)
{
        static char buffer[1 << 16];

        setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
        for (int i = 1; i < argc; i++) {
                int status = describe(argv[i]);

                if (status == 0)
                        status = attach(argv[i]);
                if (status != 0)
                        return status;
        }
        return 0;
}
