/* Names that the resolver forgets: each is shown before to those who watch. */
#include "cli/capture/capture.h"
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

enum { ADDRESSES = 10000 };

static bool kept[ADDRESSES];
static unsigned times_full;

/* In the place of the system's: a name that tells the address. */
int getnameinfo(const struct sockaddr *address, socklen_t length, char *host, socklen_t host_room,
                char *service, socklen_t service_room, int flags)
{
        const struct sockaddr_in *ip4 = (const struct sockaddr_in *)address;

        ck_assert_uint_eq(length, sizeof *ip4);
        ck_assert(!service && service_room == 0 && flags == NI_NAMEREQD);
        snprintf(host, host_room, "host-%u", ntohl(ip4->sin_addr.s_addr));
        return 0;
}

static void keep(struct resolver *resolver)
{
        size_t count;
        struct capture_name *names = resolver_names(resolver, &count);

        ck_assert_ptr_nonnull(names);
        for (size_t i = 0; i < count; i++) {
                char expected[32];
                uint32_t number;

                memcpy(&number, names[i].address, sizeof number);
                number = ntohl(number);
                ck_assert_int_eq(names[i].family, AF_INET);
                ck_assert_uint_lt(number, ADDRESSES);
                snprintf(expected, sizeof expected, "host-%u", number);
                ck_assert_str_eq(names[i].name, expected);
                kept[number] = true;
        }
        free(names);
}

static void forgets(void *resolver)
{
        times_full++;
        keep(resolver);
}

/* An answer may come late on a busy machine: then the question is repeated. */
static void ask(struct resolver *resolver, uint32_t number)
{
        uint32_t address = htonl(number);

        while (!resolver_address(resolver, AF_INET, &address))
                ;
}

START_TEST(names_are_shown_before_they_are_forgotten)
{
        struct resolver *resolver = resolver_new(&(struct resolver_options){0});

        ck_assert_ptr_nonnull(resolver);
        resolver_start(resolver);
        resolver_watch(resolver, forgets, resolver);
        for (uint32_t i = 0; i < ADDRESSES; i++) {
                ask(resolver, i);
                /* Ports are remembered in the same place. */
                resolver_port(resolver, IPPROTO_TCP, (uint16_t)i);
        }
        ck_assert_uint_gt(times_full, 0);
        keep(resolver);
        for (size_t i = 0; i < ADDRESSES; i++)
                ck_assert_msg(kept[i], "the name of address %zu is lost", i);
        resolver_free(resolver);
}
END_TEST

void unit_tests(Suite *suite)
{
        TCase *names = unit_case(suite, "names", UNIT_SECONDS);

        tcase_add_test(names, names_are_shown_before_they_are_forgotten);
}
