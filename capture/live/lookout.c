/* A packet socket beside a capture, which tells whether any packet comes that a program accepts.
 * Such packets are neither read nor counted: the first one makes it readable, and there is room for
 * hardly more. */
#include "capture/capture.h"
#include "internal.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/socket.h>
#include <unistd.h>

int capture_lookout(uint32_t interface, bool cooked, const struct bpf_program *program)
{
        struct sock_fprog filter = {
            .len = (unsigned short)program->bf_len,
            .filter = (struct sock_filter *)program->bf_insns,
        };
        struct sockaddr_ll address = {
            .sll_family = AF_PACKET,
            .sll_protocol = htons(ETH_P_ALL),
            .sll_ifindex = (int)interface,
        };
        int fd = socket(AF_PACKET, (cooked ? SOCK_DGRAM : SOCK_RAW) | SOCK_CLOEXEC, 0), least = 0;

        if (fd < 0)
                return -1;
        if (setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &least, sizeof least) == 0 &&
            setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) == 0 &&
            bind(fd, (struct sockaddr *)&address, sizeof address) == 0)
                return fd;
        close(fd);
        return -1;
}
