/* One scenario, measured: a network of its own, a packet that shows that the way is free, then the
 * rule, filt on both hosts, and the packets.
 *
 * Nothing waits for a time to pass. Each packet ends at the rule, which counts it, or in the
 * receiving socket; when all are accounted for there, the taps before have had their turn. */
#include "base/array.h"
#include "base/clock.h"
#include "demo.h"
#include "ebpf/xdp_drop.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
        PROBE_PORT = DEMO_PORT + 1, /* not what the taps' filter wants */
        WAIT_MS = 5000,
        STEP_MS = 10,
        PROBE_MS = 100, /* long, so that no second probe is under way when the rule is set */
        TAPS = 2,
};

struct setting {
        const struct demo_scenario *scenario;
        struct network network;
        const char *destination;
        int sender;
        int receiver;
        int probe;
        struct demo_tap *taps[TAPS]; /* on A and on B */
        struct capture *fate;        /* with --fate, in their place */
        struct xdp_drop *xdp;
        uint64_t before; /* what the counter showed before the packets were sent */
};

static int64_t milliseconds(void)
{
        return clock_now(CLOCK_MONOTONIC) / 1000000;
}

/* A UDP socket on `host`, bound to `port` unless that is 0. */
static int open_socket(const struct network *network, enum network_host host, uint16_t port)
{
        const struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
        int fd;

        if (network_enter(network, host))
                return -1;
        fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd >= 0 && (port == 0 || bind(fd, (const void *)&address, sizeof address) == 0))
                return fd;
        complain("demo: a UDP socket on port %d: %s", port, strerror(errno));
        if (fd >= 0)
                close(fd);
        return -1;
}

static int open_sockets(struct setting *setting)
{
        enum network_host end = setting->scenario->routed ? NETWORK_C : NETWORK_B;

        setting->sender = open_socket(&setting->network, NETWORK_A, 0);
        setting->receiver = open_socket(&setting->network, end, DEMO_PORT);
        setting->probe = open_socket(&setting->network, end, PROBE_PORT);
        return setting->sender < 0 || setting->receiver < 0 || setting->probe < 0;
}

/* Packet N has N bytes of text, by which to tell it from the others. Returns 0, or the errno of a
 * kernel that did not take it. */
static int send_packet(const struct setting *setting, uint16_t port, unsigned number)
{
        static const char text[] = "filt demo";
        struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};

        _Static_assert(DEMO_PACKETS < sizeof text, "the text is long enough for each packet");
        inet_pton(AF_INET, setting->destination, &to.sin_addr);
        return sendto(setting->sender, text, number, 0, (const void *)&to, sizeof to) < 0 ? errno
                                                                                          : 0;
}

/* Takes what has arrived, waiting at most `timeout` milliseconds for the first. */
static unsigned receive(int fd, int timeout)
{
        struct pollfd polled = {.fd = fd, .events = POLLIN};
        char text[64];
        unsigned count = 0;

        if (poll(&polled, 1, timeout) > 0)
                while (recv(fd, text, sizeof text, MSG_DONTWAIT) >= 0)
                        count++;
        return count;
}

/* Shows that packets arrive before there is a rule, and leaves the hosts with each other's hardware
 * addresses. */
static int check_way(const struct setting *setting)
{
        int64_t end = milliseconds() + WAIT_MS;

        while (milliseconds() < end) {
                send_packet(setting, PROBE_PORT, 0);
                if (receive(setting->probe, PROBE_MS) > 0)
                        return 0;
        }
        return complain("demo: no packet arrives, though there is no rule yet");
}

static int attach_xdp(struct setting *setting)
{
        struct error error;

        if (network_enter(&setting->network, NETWORK_B))
                return STATUS_FAILED;
        setting->xdp = xdp_drop_attach(NETWORK_B_DEVICE, &error);
        return setting->xdp ? 0 : complain("demo: %s", error.message);
}

static int set_rule(struct setting *setting)
{
        const struct demo_scenario *scenario = setting->scenario;

        for (int i = 0; i < DEMO_COMMANDS && scenario->commands[i]; i++) {
                char *output =
                    demo_command(&setting->network, scenario->host, scenario->commands[i], "");

                if (!output)
                        return STATUS_FAILED;
                free(output);
        }
        return scenario->xdp ? attach_xdp(setting) : 0;
}

/* Finds the number after `counted`, and keeps the line where it stands. False if it is not there.
 */
static bool find_count(const char *output, const char *counted, struct demo_result *result)
{
        const char *place = strstr(output, counted);
        const char *line = place;
        size_t length;

        if (!place || sscanf(place + strlen(counted), " %" SCNu64, &result->counted) != 1)
                return false;
        while (line > output && line[-1] != '\n')
                line--;
        line += strspn(line, " \t");
        length = strcspn(line, "\n");
        while (length > 0 && line[length - 1] == ' ')
                length--;
        snprintf(result->rule, sizeof result->rule, "%.*s", (int)length, line);
        return true;
}

static int count_xdp(const struct setting *setting, struct demo_result *result)
{
        if (xdp_drop_count(setting->xdp, &result->counted) < 0)
                return complain("demo: the XDP program's map: %s", strerror(errno));
        snprintf(result->rule, sizeof result->rule, "dropped[0] = %" PRIu64, result->counted);
        return 0;
}

/* Reads the rule's own counter into `result`. */
static int read_counter(const struct setting *setting, struct demo_result *result)
{
        const struct demo_scenario *scenario = setting->scenario;
        char *output;
        bool found;

        if (scenario->xdp)
                return count_xdp(setting, result);
        if (!scenario->counter)
                return 0;
        output = demo_command(&setting->network, scenario->host, scenario->counter, "");
        if (!output)
                return STATUS_FAILED;
        found = find_count(output, scenario->counted, result);
        free(output);
        return found ? 0
                     : complain("demo: %s shows no such counter: %s", scenario->counter,
                                scenario->counted);
}

static int open_taps(struct setting *setting, struct demo_result *result)
{
        for (int i = 0; i < TAPS; i++) {
                setting->taps[i] = demo_tap_open(&setting->network, (enum network_host)i,
                                                 DEMO_FILTER, result->captured);
                if (!setting->taps[i])
                        return STATUS_FAILED;
        }
        return 0;
}

static void send_packets(const struct setting *setting, struct demo_result *result)
{
        while (result->sent < DEMO_PACKETS) {
                int refusal = send_packet(setting, DEMO_PORT, ++result->sent);

                if (refusal) {
                        result->refused++;
                        result->refusal = refusal;
                }
        }
}

/* Waits until each packet has been delivered or counted by the rule. If that does not happen, the
 * numbers tell. */
static int account(const struct setting *setting, struct demo_result *result)
{
        int64_t end = milliseconds() + WAIT_MS;
        int pause = 0;

        do {
                result->delivered += receive(setting->receiver, pause);
                if (read_counter(setting, result))
                        return STATUS_FAILED;
                result->counted -= setting->before;
                pause = STEP_MS;
        } while (result->delivered + result->counted < result->sent && milliseconds() < end);
        return 0;
}

static int collect(const struct setting *setting, struct demo_result *result)
{
        uint64_t counts[DEMO_PLACES] = {0};

        for (int i = 0; i < TAPS; i++) {
                char *lines;

                if (demo_tap_collect(setting->taps[i], &lines, counts))
                        return STATUS_FAILED;
                snprintf(result->packets[i], sizeof result->packets[i], "%s", lines);
                free(lines);
        }
        for (int i = 0; i < DEMO_PLACES; i++)
                result->captured[i].packets = counts[i];
        result->delivered += receive(setting->receiver, 0); /* should one have come late */
        return 0;
}

static void measure(struct setting *setting, struct demo_result *result, bool fate)
{
        if (network_open(&setting->network) ||
            (setting->scenario->routed && network_extend(&setting->network)) ||
            open_sockets(setting) || check_way(setting))
                return;
        result->state = DEMO_UNMEASURED;
        if (set_rule(setting) || read_counter(setting, result))
                return;
        result->state = DEMO_FAILED;
        setting->before = result->counted;
        if (fate)
                setting->fate = demo_fate_open(&setting->network, setting->scenario->host);
        if (fate ? !setting->fate : open_taps(setting, result) != 0) {
                result->state = fate ? DEMO_UNMEASURED : DEMO_FAILED;
                return;
        }
        send_packets(setting, result);
        if (account(setting, result) == 0 &&
            (fate ? demo_fate_collect(setting->fate, result) : collect(setting, result)) == 0)
                result->state = DEMO_MEASURED;
}

void demo_measure(const struct demo_scenario *scenario, struct demo_result *result, bool fate)
{
        struct setting setting = {
            .scenario = scenario,
            .destination = scenario->routed ? NETWORK_C_ADDRESS : NETWORK_B_ADDRESS,
            .sender = -1,
            .receiver = -1,
            .probe = -1,
        };
        const int *const sockets[] = {&setting.sender, &setting.receiver, &setting.probe};

        *result = (struct demo_result){.state = DEMO_FAILED};
        measure(&setting, result, fate);
        capture_close(setting.fate);
        for (int i = 0; i < TAPS; i++)
                demo_tap_close(setting.taps[i]);
        xdp_drop_detach(setting.xdp);
        for (size_t i = 0; i < array_count(sockets); i++)
                if (*sockets[i] >= 0)
                        close(*sockets[i]);
}
