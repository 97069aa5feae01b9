/* Names for addresses and ports, by the system's resolver. Each question is asked once: the answer,
 * or that there is none, is remembered in a table that starts anew when it is full. */
#include "capture.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum {
        SLOTS = 4096, /* a power of two */
};

struct answer {
        uint8_t key[20]; /* what was asked: kind, then the address or protocol and port */
        char *name;      /* NULL: there is no name */
        bool used;
};

struct resolver {
        struct answer answers[SLOTS];
        size_t used;
};

struct resolver *resolver_new(void)
{
        return calloc(1, sizeof(struct resolver));
}

static void forget_all(struct resolver *resolver)
{
        for (size_t i = 0; i < SLOTS; i++)
                free(resolver->answers[i].name);
        memset(resolver, 0, sizeof *resolver);
}

void resolver_free(struct resolver *resolver)
{
        if (resolver)
                forget_all(resolver);
        free(resolver);
}

/* The slot of a question: its answer, or an empty one. FNV-1a, open addressing. */
static struct answer *find(struct resolver *resolver, const uint8_t key[20])
{
        uint32_t hash = 2166136261u;
        size_t i;

        if (resolver->used > SLOTS / 4 * 3)
                forget_all(resolver);
        for (i = 0; i < 20; i++)
                hash = (hash ^ key[i]) * 16777619u;
        for (i = hash % SLOTS; resolver->answers[i].used; i = (i + 1) % SLOTS)
                if (memcmp(resolver->answers[i].key, key, 20) == 0)
                        break;
        return &resolver->answers[i];
}

static const char *remember(struct resolver *resolver, struct answer *answer, const uint8_t key[20],
                            const char *name)
{
        answer->used = true;
        memcpy(answer->key, key, 20);
        answer->name = name ? strdup(name) : NULL;
        resolver->used++;
        return answer->name;
}

const char *resolver_address(void *context, int family, const void *address)
{
        uint8_t key[20] = {(uint8_t)family};
        struct sockaddr_in ip4 = {.sin_family = AF_INET};
        struct sockaddr_in6 ip6 = {.sin6_family = AF_INET6};
        struct answer *answer;
        char name[NI_MAXHOST];
        int failed;

        memcpy(key + 1, address, family == AF_INET ? 4 : 16);
        answer = find(context, key);
        if (answer->used)
                return answer->name;
        memcpy(&ip4.sin_addr, key + 1, sizeof ip4.sin_addr);
        memcpy(&ip6.sin6_addr, key + 1, sizeof ip6.sin6_addr);
        if (family == AF_INET)
                failed = getnameinfo((struct sockaddr *)&ip4, sizeof ip4, name, sizeof name, NULL,
                                     0, NI_NAMEREQD);
        else
                failed = getnameinfo((struct sockaddr *)&ip6, sizeof ip6, name, sizeof name, NULL,
                                     0, NI_NAMEREQD);
        return remember(context, answer, key, failed ? NULL : name);
}

const char *resolver_port(void *context, int ip_protocol, uint16_t port)
{
        uint8_t key[20] = {0, (uint8_t)ip_protocol, (uint8_t)(port >> 8), (uint8_t)port};
        struct answer *answer = find(context, key);
        struct servent *service;

        if (answer->used)
                return answer->name;
        service = getservbyport(htons(port), ip_protocol == IPPROTO_UDP ? "udp" : "tcp");
        return remember(context, answer, key, service ? service->s_name : NULL);
}
