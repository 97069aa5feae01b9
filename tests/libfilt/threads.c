/* Eight threads that compile, describe, match and attach at once, each what one alone does, by the
 * public interface of libfilt. `make tsan` runs it with the library under ThreadSanitizer. Prints
 * nothing, and returns 0, if all do the same. */
#include "filt.h"

#include <err.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { THREADS = 8, ROUNDS = 12 };

static const char *const expressions[] = {
    "tcp port 80",
    "host 192.0.2.1 or host 192.0.2.2 or host 192.0.2.3 or net 198.51.100.0/24",
    "ip6 and not port in {53, 80, 443, 8000-8999}",
    "deep (udp port 53)",
    "port bogus-service",
    "ip6 protochain 51 and tcp",
    "port http or port domain",
    "ip[2:2] + 4 < ip[4] * 3",
    "(host 192.0.2.1 and port 80) or (host 192.0.2.2 and port 443) or (host 192.0.2.3 and port 22)",
};

enum { EXPRESSIONS = sizeof expressions / sizeof *expressions };

static char *wanted[EXPRESSIONS];
static struct filt_filter *shared; /* by all threads, which use it first at the same time */
static pthread_barrier_t start;

/* The program in words, or why there is none. */
static char *describe(const char *expression)
{
        struct filt_error error;
        struct filt_filter *filter = filt_compile(expression, NULL, &error);
        char *text = filter ? filt_text(filter, FILT_NOTES, &error) : strdup(error.message);

        filt_free(filter);
        if (!text)
                errx(1, "%s", error.message);
        return text;
}

static void *run(void *argument)
{
        static const uint8_t bytes[64] = {[12] = 8, [14] = 0x45, [23] = 6, [37] = 80};
        const struct filt_packet packet = {bytes, sizeof bytes, sizeof bytes};
        unsigned number = *(unsigned *)argument;
        struct filt_error error;
        int pair[2];

        pthread_barrier_wait(&start);
        if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) < 0)
                err(1, "socketpair");
        if (filt_match(shared, &packet) == 0)
                errx(1, "the packet is rejected");
        if (geteuid() == 0 && filt_attach(shared, pair[0], 0, &error) < 0)
                errx(1, "%s", error.message);
        for (unsigned i = 0; i < ROUNDS; i++) {
                unsigned which = (i + number) % EXPRESSIONS;
                char *text = describe(expressions[which]);

                if (strcmp(text, wanted[which]) != 0)
                        errx(1, "%s: another program", expressions[which]);
                free(text);
        }
        close(pair[0]);
        close(pair[1]);
        return NULL;
}

/* One that takes an extended program to attach. */
static struct filt_filter *compile_long(void)
{
        enum { HOSTS = 4000, ROOM = 32 };
        char *text = malloc(HOSTS * (size_t)ROOM), *end = text;
        struct filt_error error;
        struct filt_filter *filter;

        if (!text)
                err(1, "memory");
        for (int i = 0; i < HOSTS; i++) {
                const char digits[] = "0123456789";

                end = stpcpy(end, "host 10.");
                *end++ = digits[i / 1000 % 10];
                *end++ = '.';
                *end++ = digits[i / 100 % 10];
                *end++ = '.';
                *end++ = digits[i / 10 % 10];
                *end++ = digits[i % 10];
                end = stpcpy(end, " or ");
        }
        strcpy(end, "tcp port 80");
        filter = filt_compile(text, NULL, &error);
        free(text);
        if (!filter)
                errx(1, "%s", error.message);
        return filter;
}

int main(void)
{
        pthread_t threads[THREADS];
        unsigned numbers[THREADS];

        for (int i = 0; i < EXPRESSIONS; i++)
                wanted[i] = describe(expressions[i]);
        shared = compile_long();
        pthread_barrier_init(&start, NULL, THREADS);
        for (unsigned i = 0; i < THREADS; i++) {
                numbers[i] = i;
                if (pthread_create(&threads[i], NULL, run, &numbers[i]))
                        errx(1, "no thread");
        }
        for (int i = 0; i < THREADS; i++)
                pthread_join(threads[i], NULL);
        filt_free(shared);
        for (int i = 0; i < EXPRESSIONS; i++)
                free(wanted[i]);
        pthread_barrier_destroy(&start);
        return 0;
}
