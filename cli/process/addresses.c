/* The addresses of this network namespace's interfaces, over rtnetlink(7): asked for once, and
 * followed from then on, which takes no privilege. */
#include "internal.h"

#include "base/array.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct addresses {
        uint8_t (*all)[16];
        size_t count, room;
        int socket;
};

static const uint8_t mapped[12] = {[10] = 0xff, 0xff};

static size_t find(const struct addresses *addresses, const uint8_t address[16])
{
        size_t i = 0;

        while (i < addresses->count && memcmp(addresses->all[i], address, 16) != 0)
                i++;
        return i;
}

static void change(struct addresses *addresses, const uint8_t address[16], bool is_there)
{
        size_t i = find(addresses, address);

        if (is_there && i == addresses->count &&
            array_grow(addresses->all, addresses->room, addresses->count + 1))
                memcpy(addresses->all[addresses->count++], address, 16);
        else if (!is_there && i < addresses->count)
                memcpy(addresses->all[i], addresses->all[--addresses->count], 16);
}

/* IFA_LOCAL is the host's own, where IFA_ADDRESS may be its peer's. */
static void take(struct addresses *addresses, const struct nlmsghdr *message)
{
        const struct ifaddrmsg *head = NLMSG_DATA(message);
        int left = (int)IFA_PAYLOAD(message);
        uint8_t address[16];
        bool found = false;

        for (const struct rtattr *part = IFA_RTA(head); RTA_OK(part, left);
             part = RTA_NEXT(part, left)) {
                if (part->rta_type != IFA_LOCAL && (part->rta_type != IFA_ADDRESS || found))
                        continue;
                if (head->ifa_family == AF_INET && RTA_PAYLOAD(part) == 4) {
                        memcpy(address, mapped, sizeof mapped);
                        memcpy(address + sizeof mapped, RTA_DATA(part), 4);
                        found = true;
                } else if (head->ifa_family == AF_INET6 && RTA_PAYLOAD(part) == 16) {
                        memcpy(address, RTA_DATA(part), 16);
                        found = true;
                }
        }
        if (found)
                change(addresses, address, message->nlmsg_type == RTM_NEWADDR);
}

/* Returns true behind the last part of an answer. */
static bool read_some(struct addresses *addresses, int flags)
{
        char buffer[8192] __attribute__((aligned(NLMSG_ALIGNTO)));
        ssize_t got = recv(addresses->socket, buffer, sizeof buffer, flags);
        size_t left = got < 0 ? 0 : (size_t)got;
        bool done = got < 0 && errno != EINTR;

        for (const struct nlmsghdr *message = (const struct nlmsghdr *)buffer;
             NLMSG_OK(message, left); message = NLMSG_NEXT(message, left)) {
                if (message->nlmsg_type == RTM_NEWADDR || message->nlmsg_type == RTM_DELADDR)
                        take(addresses, message);
                done |= message->nlmsg_type == NLMSG_DONE || message->nlmsg_type == NLMSG_ERROR;
        }
        return done;
}

struct addresses *addresses_open(struct error *error)
{
        struct sockaddr_nl address = {.nl_family = AF_NETLINK,
                                      .nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR};
        struct {
                struct nlmsghdr head;
                struct ifaddrmsg body;
        } request = {
            .head = {.nlmsg_len = sizeof request,
                     .nlmsg_type = RTM_GETADDR,
                     .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
        };
        struct addresses *addresses = calloc(1, sizeof *addresses);

        if (!addresses) {
                error_memory(error);
                return NULL;
        }
        addresses->socket = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
        if (addresses->socket < 0 ||
            bind(addresses->socket, (struct sockaddr *)&address, sizeof address) < 0 ||
            send(addresses->socket, &request, sizeof request, 0) < 0) {
                error_set(error, "asking for the addresses of interfaces: %s", strerror(errno));
                addresses_close(addresses);
                return NULL;
        }
        while (!read_some(addresses, 0))
                ;
        return addresses;
}

void addresses_close(struct addresses *addresses)
{
        if (!addresses)
                return;
        if (addresses->socket >= 0)
                close(addresses->socket);
        free(addresses->all);
        free(addresses);
}

void addresses_read(struct addresses *addresses)
{
        while (!read_some(addresses, MSG_DONTWAIT))
                ;
}

/* All of 127.0.0.0/8 is. */
bool addresses_have(const struct addresses *addresses, const uint8_t address[16])
{
        if (memcmp(address, mapped, sizeof mapped) == 0 && address[12] == 127)
                return true;
        return find(addresses, address) < addresses->count;
}
