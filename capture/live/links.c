/* See links.h. Each message is one interface: a struct ifinfomsg and attributes. */
#include "links.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
        LOWER_UP = 1 << 16, /* IFF_LOWER_UP of <linux/if.h>, which contradicts <net/if.h> */
        ROOM = 64 << 10,    /* the kernel sends up to 32 KiB at once */
        LONGEST_NAME = 128, /* ALTIFNAMSIZ of <linux/if.h> */

        /* Attributes newer than the headers of Debian 12 (Linux 5.19, 6.3). */
        ATTRIBUTE_GRO_MAX_SIZE = 58,
        ATTRIBUTE_GSO_IPV4_MAX_SIZE = 63,
        ATTRIBUTE_GRO_IPV4_MAX_SIZE = 64,
};

static int open_socket(unsigned groups)
{
        struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = groups};
        int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);

        if (fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof address) < 0) {
                close(fd);
                fd = -1;
        }
        return fd;
}

int links_open(void)
{
        return open_socket(RTMGRP_LINK);
}

int links_open_query(void)
{
        return open_socket(0);
}

static uint32_t number_of(const struct rtattr *attribute)
{
        uint32_t number = 0;

        if (RTA_PAYLOAD(attribute) >= sizeof number)
                memcpy(&number, RTA_DATA(attribute), sizeof number);
        return number;
}

static void read_other_names(const struct rtattr *list, struct link_state *state)
{
        int length = (int)RTA_PAYLOAD(list);
        size_t used = 0;

        for (const struct rtattr *name = RTA_DATA(list); RTA_OK(name, length);
             name = RTA_NEXT(name, length)) {
                size_t size = strnlen(RTA_DATA(name), RTA_PAYLOAD(name));

                if (name->rta_type != IFLA_ALT_IFNAME || size == 0 ||
                    used + size + 2 > sizeof state->other_names)
                        continue;
                memcpy(state->other_names + used, RTA_DATA(name), size);
                used += size + 1;
        }
}

static void read_attribute(const struct rtattr *attribute, struct link_state *state)
{
        uint32_t size;

        switch (attribute->rta_type & NLA_TYPE_MASK) {
        case IFLA_IFNAME:
                snprintf(state->name, sizeof state->name, "%.*s", (int)RTA_PAYLOAD(attribute),
                         (const char *)RTA_DATA(attribute));
                break;
        case IFLA_IFALIAS:
                snprintf(state->alias, sizeof state->alias, "%.*s", (int)RTA_PAYLOAD(attribute),
                         (const char *)RTA_DATA(attribute));
                break;
        case IFLA_PROP_LIST: read_other_names(attribute, state); break;
        case IFLA_MTU: state->mtu = number_of(attribute); break;
        case IFLA_GSO_MAX_SIZE:
        case ATTRIBUTE_GRO_MAX_SIZE:
        case ATTRIBUTE_GSO_IPV4_MAX_SIZE:
        case ATTRIBUTE_GRO_IPV4_MAX_SIZE:
                size = number_of(attribute);
                if (size > state->largest)
                        state->largest = size;
                break;
        }
}

/* Returns false if the message is not about an interface. */
static bool read_message(const struct nlmsghdr *message, struct link_state *state)
{
        const struct ifinfomsg *link = NLMSG_DATA(message);
        int length = (int)IFLA_PAYLOAD(message);

        if ((message->nlmsg_type != RTM_NEWLINK && message->nlmsg_type != RTM_DELLINK) ||
            message->nlmsg_len < NLMSG_LENGTH(sizeof *link) || link->ifi_family != AF_UNSPEC)
                return false; /* a bridge tells of its ports in another family */
        *state = (struct link_state){
            .index = link->ifi_index,
            .exists = message->nlmsg_type == RTM_NEWLINK,
            .up = link->ifi_flags & IFF_UP,
            .carrier = link->ifi_flags & LOWER_UP,
            .hardware_type = link->ifi_type,
        };
        for (const struct rtattr *attribute = IFLA_RTA(link); RTA_OK(attribute, length);
             attribute = RTA_NEXT(attribute, length))
                read_attribute(attribute, state);
        return true;
}

int links_next(int links, struct link_state *state)
{
        char *buffer = malloc(ROOM);
        int result = -1;

        errno = buffer ? 0 : ENOMEM;
        /* A notification is a message alone. */
        while (buffer) {
                ssize_t got = recv(links, buffer, ROOM, 0);

                if (got < 0 && errno == EINTR)
                        continue;
                if (got < 0)
                        result = errno == ENOBUFS ? -1 : 0;
                else if (NLMSG_OK((struct nlmsghdr *)buffer, (size_t)got) &&
                         read_message((struct nlmsghdr *)buffer, state))
                        result = 1;
                else
                        continue;
                break;
        }
        free(buffer);
        return result;
}

bool links_discard(int links)
{
        struct link_state state;
        int more;

        do
                more = links_next(links, &state);
        while (more > 0 || (more < 0 && errno != ENOMEM));
        return more == 0;
}

/* Sends a request for one interface, or for all. */
static bool ask(int fd, const char *name, int index)
{
        bool all = !name && index == 0;
        size_t length = name ? strlen(name) + 1 : 0;
        struct {
                struct nlmsghdr header;
                struct ifinfomsg link;
                struct rtattr attribute;
                char name[RTA_ALIGN(LONGEST_NAME)];
        } request = {
            .header = {.nlmsg_len = NLMSG_LENGTH(sizeof(struct ifinfomsg)),
                       .nlmsg_type = RTM_GETLINK,
                       .nlmsg_flags = NLM_F_REQUEST | (all ? NLM_F_DUMP : 0)},
            .link = {.ifi_index = index},
            /* A short one may be any of its names, too. */
            .attribute = {.rta_type = length > IF_NAMESIZE ? IFLA_ALT_IFNAME : IFLA_IFNAME,
                          .rta_len = (unsigned short)RTA_LENGTH(length)},
        };

        if (length > LONGEST_NAME)
                return false;
        if (name) {
                memcpy(request.name, name, length);
                request.header.nlmsg_len += (uint32_t)RTA_SPACE(length);
        }
        return write(fd, &request, request.header.nlmsg_len) >= 0;
}

typedef void each_link(void *context, const struct link_state *state);

/* Calls `each` for each interface in a piece of an answer. Returns 1 at the answer's end, 0 if more
 * follows, -1 after an error. */
static int read_piece(char *piece, size_t left, each_link *each, void *context)
{
        struct nlmsghdr *message = (struct nlmsghdr *)piece;

        for (; NLMSG_OK(message, left); message = NLMSG_NEXT(message, left)) {
                struct link_state state;

                if (message->nlmsg_type == NLMSG_DONE)
                        return 1;
                if (message->nlmsg_type == NLMSG_ERROR || !read_message(message, &state))
                        return -1;
                each(context, &state);
                if (!(message->nlmsg_flags & NLM_F_MULTI))
                        return 1;
        }
        return 0;
}

/* Reads the answer to ask(). The kernel has answered before write() returns, or goes on as the
 * answer is read. */
static bool read_answer(int fd, each_link *each, void *context)
{
        char *buffer = malloc(ROOM);
        int end = 0;
        ssize_t got;

        while (buffer && end == 0 && (got = recv(fd, buffer, ROOM, 0)) > 0)
                end = read_piece(buffer, (size_t)got, each, context);
        free(buffer);
        return end > 0;
}

static void keep(void *state, const struct link_state *found)
{
        *(struct link_state *)state = *found;
}

bool links_find(const char *name, int index, struct link_state *state)
{
        int fd = open_socket(0);
        bool found;

        errno = 0;
        found = fd >= 0 && ask(fd, name, index) && read_answer(fd, keep, state);
        if (fd >= 0)
                close(fd);
        return found;
}

bool links_each(int query, void (*each)(void *context, const struct link_state *state),
                void *context)
{
        errno = 0;
        return ask(query, NULL, 0) && read_answer(query, each, context);
}

static void keep_largest(void *largest, const struct link_state *state)
{
        if (state->largest > *(uint32_t *)largest)
                *(uint32_t *)largest = state->largest;
}

uint32_t links_largest(void)
{
        uint32_t largest = 0;
        int fd = links_open_query();

        if (fd >= 0 && !links_each(fd, keep_largest, &largest) && errno == ENOMEM)
                largest = UINT32_MAX;
        if (fd >= 0)
                close(fd);
        return largest;
}

struct if_nameindex *links_list(const char *device, struct error *error)
{
        struct if_nameindex *interfaces = if_nameindex();

        /* glibc calls it ENOBUFS that memory is short. */
        if (!interfaces && (errno == ENOBUFS || errno == ENOMEM))
                error_memory(error);
        else if (!interfaces)
                error_set(error, "%s: list of interfaces: %s", device, strerror(errno));
        return interfaces;
}
