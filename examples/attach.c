/* attach INTERFACE EXPRESSION [COUNT]: attaches a filter to a packet socket of its own, and prints
 * the length of each packet that the kernel lets through; ends after COUNT packets (10). Takes
 * CAP_NET_RAW.
 *
 *      cc attach.c $(pkg-config --cflags --libs libfilt) -o attach */
#include <filt.h>

#include <arpa/inet.h>
#include <err.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

/* A socket that lets through what the filter does, from its first packet on: it is bound, by which
 * packets begin to come, after the filter is attached. */
static int open_filtered(unsigned interface, struct filt_filter *filter)
{
        struct sockaddr_ll address = {.sll_family = AF_PACKET,
                                      .sll_protocol = htons(ETH_P_ALL),
                                      .sll_ifindex = (int)interface};
        int packets = socket(AF_PACKET, SOCK_RAW, 0);
        struct filt_error error;

        if (packets < 0)
                err(1, "socket");
        if (filt_attach(filter, packets, 0, &error) < 0)
                errx(1, "%s", error.message);
        if (bind(packets, (struct sockaddr *)&address, sizeof address) < 0)
                err(1, "bind");
        return packets;
}

int main(int argc, char **argv)
{
        struct filt_options options = FILT_OPTIONS; /* Ethernet; loopback is as well */
        struct filt_error error;
        struct filt_filter *filter;
        unsigned interface;
        int packets, count = argc > 3 ? atoi(argv[3]) : 10;

        if (argc < 3)
                errx(2, "usage: attach INTERFACE EXPRESSION [COUNT]");
        interface = if_nametoindex(argv[1]);
        if (interface == 0)
                err(1, "%s", argv[1]);
        options.source = FILT_FROM_SOCKET;
        filter = filt_compile(argv[2], &options, &error);
        if (!filter)
                errx(2, "%s", error.message);
        packets = open_filtered(interface, filter);
        puts("listening");
        fflush(stdout);
        for (int i = 0; i < count; i++) {
                char bytes[65536];
                ssize_t length = recv(packets, bytes, sizeof bytes, MSG_TRUNC);

                if (length < 0)
                        err(1, "recv");
                printf("%zd bytes\n", length);
                fflush(stdout);
        }
        filt_free(filter); /* a long one is attached for as long as it lives */
        return 0;
}
