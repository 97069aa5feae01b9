/* Names for addresses and ports, by the system's resolver. Each question is asked once, and the
 * answer, or that there is none, is remembered; when too many are, all are forgotten, after whoever
 * wants to keep them was told.
 *
 * A name server may answer late or never, and a capture must not wait for it. So worker threads ask
 * about addresses, and printing waits briefly for an answer. Once it has waited in vain, it prints
 * numbers without waiting until an answer comes in again. */
#include "base/hash.h"
#include "base/text.h"
#include "cli.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/ether.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
        MAX_ANSWERS = 3072,
        WORKERS = 4,
        QUESTIONS = 256,
        PATIENCE = 300, /* milliseconds */
};

/* What was asked: the address family or another kind, then the address or number. */
struct question {
        uint8_t bytes[20];
};
enum { PORT = 0, STATION = 255 }; /* kinds that are no address families */

struct answer {
        struct question question;
        bool known;
        bool asked; /* for since resolver_names() */
        char *name; /* NULL: there is none, or it is not known */
};

struct resolver {
        pthread_mutex_t lock; /* of all that follows */
        pthread_cond_t asked;
        pthread_cond_t answered;
        struct question questions[QUESTIONS];
        size_t first, waiting; /* in `questions`, a ring */
        struct answer answers[MAX_ANSWERS];
        uint32_t count;
        struct hash_table table; /* of the answers, by their questions */
        struct hash_key secret;
        size_t users; /* threads that have not ended; the last one frees */
        bool closing;
        bool late; /* the last question that was waited for is not answered yet */

        struct resolver_options options;

        /* Of the thread that asks. */
        resolver_forgets *forgets; /* NULL if nobody wants to know */
        void *forgets_context;
};

static void forget_all(struct resolver *resolver)
{
        for (uint32_t i = 0; i < resolver->count; i++)
                free(resolver->answers[i].name);
        resolver->count = 0;
        hash_clear(&resolver->table);
}

/* What is known of a question; NULL if it has not been asked. */
static struct answer *find(struct resolver *resolver, const struct question *question)
{
        uint32_t hash = hash_keyed(&resolver->secret, question, sizeof *question), at = hash, item;

        while ((item = hash_next(&resolver->table, hash, &at)) != HASH_NONE)
                if (memcmp(&resolver->answers[item].question, question, sizeof *question) == 0)
                        return &resolver->answers[item];
        return NULL;
}

/* Makes room for an answer. While the lock is free, workers only fill in what has been entered. */
static void make_room(struct resolver *resolver)
{
        if (resolver->count < MAX_ANSWERS)
                return;
        if (resolver->forgets) {
                pthread_mutex_unlock(&resolver->lock);
                resolver->forgets(resolver->forgets_context);
                pthread_mutex_lock(&resolver->lock);
        }
        forget_all(resolver);
}

/* Enters a question that has not been asked. NULL if memory is short. */
static struct answer *enter(struct resolver *resolver, const struct question *question)
{
        struct answer *answer;

        if (!hash_put(&resolver->table, hash_keyed(&resolver->secret, question, sizeof *question),
                      resolver->count))
                return NULL;
        answer = &resolver->answers[resolver->count++];
        *answer = (struct answer){.question = *question};
        return answer;
}

/* Asks the system, for as long as it takes. Returns the name, which the caller frees, or NULL. */
static char *look_up(const struct question *question)
{
        struct sockaddr_in ip4 = {.sin_family = AF_INET};
        struct sockaddr_in6 ip6 = {.sin6_family = AF_INET6};
        bool is_4 = question->bytes[0] == AF_INET;
        const struct sockaddr *address =
            is_4 ? (const struct sockaddr *)&ip4 : (const struct sockaddr *)&ip6;
        char name[NI_MAXHOST];

        memcpy(&ip4.sin_addr, question->bytes + 1, sizeof ip4.sin_addr);
        memcpy(&ip6.sin6_addr, question->bytes + 1, sizeof ip6.sin6_addr);
        if (getnameinfo(address, is_4 ? sizeof ip4 : sizeof ip6, name, sizeof name, NULL, 0,
                        NI_NAMEREQD) != 0)
                return NULL;
        return strdup(name);
}

/* Gives up the lock; the last one out frees. */
static void leave(struct resolver *resolver)
{
        bool last = --resolver->users == 0;

        pthread_mutex_unlock(&resolver->lock);
        if (!last)
                return;
        forget_all(resolver);
        hash_free(&resolver->table);
        pthread_mutex_destroy(&resolver->lock);
        pthread_cond_destroy(&resolver->asked);
        pthread_cond_destroy(&resolver->answered);
        free(resolver);
}

static void *work(void *argument)
{
        struct resolver *resolver = argument;

        pthread_mutex_lock(&resolver->lock);
        while (!resolver->closing) {
                struct question question;
                struct answer *answer;
                char *name;

                if (resolver->waiting == 0) {
                        pthread_cond_wait(&resolver->asked, &resolver->lock);
                        continue;
                }
                question = resolver->questions[resolver->first];
                resolver->first = (resolver->first + 1) % QUESTIONS;
                resolver->waiting--;
                pthread_mutex_unlock(&resolver->lock);
                name = look_up(&question);
                if (name && resolver->options.first_labels)
                        name[strcspn(name, ".")] = '\0';
                pthread_mutex_lock(&resolver->lock);
                answer = find(resolver, &question);
                if (answer && !answer->known) {
                        answer->name = name;
                        answer->known = true;
                } else {
                        free(name); /* forgotten in between */
                }
                resolver->late = false;
                pthread_cond_signal(&resolver->answered);
        }
        leave(resolver);
        return NULL;
}

/* Workers take no signals: those are for the thread that captures. */
static void start_workers(struct resolver *resolver)
{
        sigset_t all, before;
        pthread_t thread;

        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        for (int i = 0; i < WORKERS; i++) {
                resolver->users++;
                if (pthread_create(&thread, NULL, work, resolver) == 0)
                        pthread_detach(thread);
                else
                        resolver->users--;
        }
        pthread_sigmask(SIG_SETMASK, &before, NULL);
}

struct resolver *resolver_new(const struct resolver_options *options)
{
        struct resolver *resolver = calloc(1, sizeof *resolver);
        pthread_condattr_t monotonic;

        if (!resolver)
                return NULL;
        resolver->options = *options;
        hash_key_new(&resolver->secret);
        pthread_condattr_init(&monotonic);
        pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
        pthread_mutex_init(&resolver->lock, NULL);
        pthread_cond_init(&resolver->asked, NULL);
        pthread_cond_init(&resolver->answered, &monotonic);
        pthread_condattr_destroy(&monotonic);
        resolver->users = 1;
        return resolver;
}

void resolver_start(struct resolver *resolver)
{
        pthread_mutex_lock(&resolver->lock);
        start_workers(resolver);
        pthread_mutex_unlock(&resolver->lock);
}

void resolver_free(struct resolver *resolver)
{
        if (!resolver)
                return;
        pthread_mutex_lock(&resolver->lock);
        resolver->closing = true;
        pthread_cond_broadcast(&resolver->asked);
        leave(resolver);
}

static bool ask(struct resolver *resolver, const struct question *question)
{
        if (resolver->waiting == QUESTIONS || resolver->users < 2)
                return false;
        resolver->questions[(resolver->first + resolver->waiting++) % QUESTIONS] = *question;
        pthread_cond_signal(&resolver->asked);
        return true;
}

static bool all_known(const struct answer *answers, uint32_t count)
{
        for (uint32_t i = 0; i < count; i++)
                if (!answers[i].known)
                        return false;
        return true;
}

static void wait_for_answers(struct resolver *resolver, const struct answer *answers,
                             uint32_t count)
{
        struct timespec until;

        if (resolver->late)
                return;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += PATIENCE * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        while (resolver->options.patient && !all_known(answers, count) && !resolver->closing)
                pthread_cond_wait(&resolver->answered, &resolver->lock);
        while (!all_known(answers, count))
                if (pthread_cond_timedwait(&resolver->answered, &resolver->lock, &until) != 0)
                        break;
        resolver->late = !all_known(answers, count);
}

static bool is_foreign(const struct resolver *resolver, const void *address)
{
        uint32_t bits;

        memcpy(&bits, address, sizeof bits);
        return (bits & resolver->options.netmask) != resolver->options.network;
}

const char *resolver_address(void *context, int family, const void *address)
{
        struct resolver *resolver = context;
        struct question question = {{(uint8_t)family}};
        struct answer *answer;
        const char *name;

        memcpy(question.bytes + 1, address, family == AF_INET ? 4 : 16);
        if (family == AF_INET && is_foreign(resolver, address))
                return NULL;
        pthread_mutex_lock(&resolver->lock);
        answer = find(resolver, &question);
        if (!answer) {
                make_room(resolver);
                if (ask(resolver, &question) && (answer = enter(resolver, &question)))
                        wait_for_answers(resolver, answer, 1);
        }
        if (answer)
                answer->asked = true;
        name = answer ? answer->name : NULL;
        pthread_mutex_unlock(&resolver->lock);
        return name;
}

/* Asks about what the system has in a file: here and now. Takes over the name. */
typedef char *file_question(const struct question *question);

static const char *ask_file(struct resolver *resolver, const struct question *question,
                            file_question *ask_system)
{
        struct answer *answer;
        const char *name;

        pthread_mutex_lock(&resolver->lock);
        answer = find(resolver, question);
        if (!answer)
                make_room(resolver);
        if (!answer && (answer = enter(resolver, question))) {
                answer->name = ask_system(question);
                answer->known = true;
        }
        name = answer ? answer->name : NULL;
        pthread_mutex_unlock(&resolver->lock);
        return name;
}

static char *port_name(const struct question *question)
{
        uint16_t port = (uint16_t)(question->bytes[2] << 8 | question->bytes[3]);
        struct servent *service =
            getservbyport(htons(port), question->bytes[1] == IPPROTO_UDP ? "udp" : "tcp");

        return service ? strdup(service->s_name) : NULL;
}

/* tcpdump has names for UDP's ports, for TCP's, and TCP's names for those of PGM; not for DCCP's.
 */
const char *resolver_port(void *context, int ip_protocol, uint16_t port)
{
        struct question question = {
            {PORT, (uint8_t)ip_protocol, (uint8_t)(port >> 8), (uint8_t)port}};

        if (ip_protocol == IPPROTO_DCCP)
                return NULL;
        return ask_file(context, &question, port_name);
}

/* By ethers(5). */
static char *station_name(const struct question *question)
{
        static const uint8_t broadcast[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
        struct ether_addr address;
        char name[NI_MAXHOST];

        memcpy(&address, question->bytes + 1, sizeof address);
        if (ether_ntohost(name, &address) == 0)
                return strdup(name);
        return memcmp(&address, broadcast, sizeof broadcast) == 0 ? strdup("Broadcast") : NULL;
}

const char *resolver_station(void *context, const uint8_t address[6])
{
        struct question question = {{STATION}};

        memcpy(question.bytes + 1, address, 6);
        return ask_file(context, &question, station_name);
}

void resolver_watch(struct resolver *resolver, resolver_forgets *forgets, void *context)
{
        resolver->forgets = forgets;
        resolver->forgets_context = context;
}

/* A name goes into files if it is text. */
static bool is_text(const char *name)
{
        for (size_t left = strlen(name), size; left > 0; name += size, left -= size) {
                size = text_utf8(name, left);
                if (size == 0 || text_is_control(name, size))
                        return false;
        }
        return true;
}

struct capture_name *resolver_names(struct resolver *resolver, size_t *count)
{
        struct capture_name *names;

        *count = 0;
        pthread_mutex_lock(&resolver->lock);
        wait_for_answers(resolver, resolver->answers, resolver->count);
        names = calloc(resolver->count + 1u, sizeof *names);
        for (uint32_t i = 0; names && i < resolver->count; i++) {
                struct answer *answer = &resolver->answers[i];
                int family = answer->question.bytes[0];
                bool asked = answer->asked;

                answer->asked = false;
                if (!asked || !answer->name || (family != AF_INET && family != AF_INET6) ||
                    !is_text(answer->name))
                        continue;
                names[*count].family = family;
                names[*count].name = answer->name;
                memcpy(names[(*count)++].address, answer->question.bytes + 1, 16);
        }
        pthread_mutex_unlock(&resolver->lock);
        return names;
}
