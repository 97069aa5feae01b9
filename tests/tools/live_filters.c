/* live_filters [-O] INTERFACE FILE <EXPRESSIONS: whether live filters answer as filters of the file
 * saved from the same traffic. Reads expressions, a line each, and attaches the live program of
 * each to a socket of its own, on INTERFACE or `any`. Prints "ready"; what arrives until SIGTERM is
 * then compared with what passes the expression in FILE, which filt saved meanwhile with
 * nanoseconds, by its time stamp: by filt's program for files, by libpcap's, and for tags behind
 * LINUX_SLL2 headers, which libpcap does not know, by libpcap's for Ethernet on the packet made
 * Ethernet. Prints a line for each difference and the figures; the status is 1 if there was one. */
#include "base/array.h"
#include "capture/capture.h"
#include "cbpf/cbpf.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
        MAX_EXPRESSIONS = 3000,
        EXPRESSION_ROOM = 4000,
        RECEIVE_BUFFER = 16 << 20,
        SLL2_HEADER = 20,
        MAC_ADDRESSES = 12,
        FRAME_ROOM = 70000,
};

struct filter {
        char *expression;
        int socket;
        uint64_t *times;
        size_t count, room;
};

struct tool {
        struct cbpf_target live, file;
        unsigned flags;
        int interface;
        struct filter everything; /* attached last, read first: what it has, all had */
        struct filter filters[MAX_EXPRESSIONS];
        size_t count, only_here, only_live;
        struct capture_record *records; /* of the file, with bytes of their own */
        size_t record_count, record_room;
        size_t by_libpcap, as_ethernet, differences, excused;
};

static volatile sig_atomic_t ended;

static void end(int signal)
{
        (void)signal;
        ended = 1;
}

static void die(const char *what)
{
        perror(what);
        exit(2);
}

static void attach(struct tool *tool, struct filter *filter, struct bpf_program *program)
{
        struct sock_fprog code = {(unsigned short)program->bf_len,
                                  (struct sock_filter *)program->bf_insns};
        struct sockaddr_ll address = {.sll_family = AF_PACKET,
                                      .sll_protocol = htons(ETH_P_ALL),
                                      .sll_ifindex = tool->interface};
        int buffer = RECEIVE_BUFFER, yes = 1;

        filter->socket = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0);
        if (filter->socket < 0 ||
            setsockopt(filter->socket, SOL_SOCKET, SO_ATTACH_FILTER, &code, sizeof code) < 0 ||
            setsockopt(filter->socket, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer) < 0 ||
            setsockopt(filter->socket, SOL_SOCKET, SO_TIMESTAMPNS, &yes, sizeof yes) < 0 ||
            bind(filter->socket, (struct sockaddr *)&address, sizeof address) < 0)
                die(filter->expression);
}

/* Takes the expression if it has a meaning on files and one in the kernel. */
static void add(struct tool *tool, const char *expression)
{
        struct filter *filter = &tool->filters[tool->count];
        struct bpf_program program;
        struct error error;
        int status;

        if (cbpf_compile(expression, &tool->file, tool->flags, &program, &error) < 0) {
                tool->only_live++;
                return;
        }
        cbpf_program_free(&program);
        status = cbpf_compile(expression, &tool->live, tool->flags, &program, &error);
        if (status < 0 || program.bf_len > CBPF_KERNEL_MAX) {
                if (status < 0 && error.kind != CBPF_ONLY_IN_FILE) {
                        printf("%s: refused: %s\n", expression, error.message);
                        tool->differences++;
                }
                if (getenv("LIVE_FILTERS_VERBOSE"))
                        printf("%s: %s\n", expression, status < 0 ? error.message : "too long");
                tool->only_here++;
                return;
        }
        filter->expression = strdup(expression);
        if (tool->count == MAX_EXPRESSIONS || !filter->expression)
                die("expressions");
        attach(tool, filter, &program);
        tool->count++;
        cbpf_program_free(&program);
}

/* --- What arrives --- */

static void add_time(struct filter *filter, uint64_t time)
{
        if (!array_grow(filter->times, filter->room, filter->count + 1))
                die("times");
        filter->times[filter->count++] = time;
}

static uint64_t nanoseconds(struct timespec time)
{
        return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static bool receive(struct filter *filter)
{
        union {
                struct cmsghdr header;
                char room[256];
        } control;
        struct msghdr message = {.msg_control = &control, .msg_controllen = sizeof control};
        struct timespec time;

        if (recvmsg(filter->socket, &message, MSG_TRUNC) < 0)
                return false;
        for (struct cmsghdr *at = CMSG_FIRSTHDR(&message); at; at = CMSG_NXTHDR(&message, at))
                if (at->cmsg_level == SOL_SOCKET && at->cmsg_type == SCM_TIMESTAMPNS) {
                        memcpy(&time, CMSG_DATA(at), sizeof time);
                        add_time(filter, nanoseconds(time));
                }
        return true;
}

static void receive_all(struct tool *tool)
{
        while (receive(&tool->everything))
                ;
        for (size_t i = 0; i < tool->count; i++)
                while (receive(&tool->filters[i]))
                        ;
}

/* --- What was saved --- */

static int by_time(const void *a, const void *b)
{
        uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

        return left < right ? -1 : left > right;
}

static void sort(struct filter *filter)
{
        if (filter->count)
                qsort(filter->times, filter->count, sizeof *filter->times, by_time);
}

static bool has(const struct filter *filter, uint64_t time)
{
        return filter->count && bsearch(&time, filter->times, filter->count, sizeof time, by_time);
}

/* Drops what came before all sockets were there. */
static void keep_seen(const struct tool *tool, struct filter *filter)
{
        size_t kept = 0;

        for (size_t i = 0; i < filter->count; i++)
                if (has(&tool->everything, filter->times[i]))
                        filter->times[kept++] = filter->times[i];
        filter->count = kept;
        sort(filter);
}

static void read_file(struct tool *tool, const char *path)
{
        struct error error;
        struct capture *capture = capture_open_file(path, &error);
        struct capture_record record;

        while (capture && capture_next(capture, &record, &error) == CAPTURE_PACKET) {
                uint8_t *bytes;

                if (!has(&tool->everything, nanoseconds(record.time)))
                        continue;
                bytes = malloc(record.packet.captured + 1);
                if (!bytes || !array_grow(tool->records, tool->record_room, tool->record_count + 1))
                        die(path);
                memcpy(bytes, record.packet.data, record.packet.captured);
                record.packet.data = bytes;
                tool->records[tool->record_count++] = record;
        }
        if (!capture || tool->record_count == 0 ||
            capture_info(capture)->link_type != tool->file.link_type ||
            !capture_info(capture)->nanoseconds) {
                fprintf(stderr, "%s: no packets with nanoseconds of that link type\n", path);
                exit(2);
        }
        capture_close(capture);
}

/* Makes a frame of a packet behind a LINUX_SLL2 header. */
static struct packet as_ethernet(const struct packet *packet, uint8_t *frame)
{
        uint32_t length = packet->captured - SLL2_HEADER;

        memset(frame, 0, MAC_ADDRESSES);
        memcpy(frame + MAC_ADDRESSES, packet->data, 2);
        memcpy(frame + MAC_ADDRESSES + 2, packet->data + SLL2_HEADER, length);
        return (struct packet){.data = frame,
                               .captured = MAC_ADDRESSES + 2 + length,
                               .length = packet->length - SLL2_HEADER + MAC_ADDRESSES + 2};
}

/* The times of what passes in the file. What the program rejects as it is too short for a load gets
 * the answer of `live`, which does without loads that decide nothing. */
static struct filter select_saved(struct tool *tool, const struct bpf_program *program,
                                  const struct filter *live, bool ethernet)
{
        static uint8_t frame[FRAME_ROOM];
        struct filter saved = {0};

        for (size_t i = 0; i < tool->record_count; i++) {
                struct packet packet = tool->records[i].packet;
                uint64_t time = nanoseconds(tool->records[i].time);
                struct cbpf_outcome outcome;

                if (ethernet)
                        packet = as_ethernet(&packet, frame);
                outcome = cbpf_execute(program, &packet, NULL, NULL);
                if (outcome.end == CBPF_END_OUTSIDE && has(live, time)) {
                        tool->excused++;
                        add_time(&saved, time);
                } else if (outcome.verdict > 0) {
                        add_time(&saved, time);
                }
        }
        sort(&saved);
        return saved;
}

/* The number, from 1, of the first saved packet that only one of the two has. */
static size_t first_difference(const struct tool *tool, const struct filter *a,
                               const struct filter *b)
{
        uint64_t time = 0;
        size_t i = 0;

        while (i < a->count && i < b->count && a->times[i] == b->times[i])
                i++;
        time = i < a->count ? a->times[i] : 0;
        if (i < b->count && (time == 0 || b->times[i] < time))
                time = b->times[i];
        for (i = 0; i < tool->record_count; i++)
                if (nanoseconds(tool->records[i].time) == time)
                        return i + 1;
        return 0;
}

static void compare(struct tool *tool, const struct filter *live, const struct bpf_program *program,
                    bool libpcap, bool ethernet)
{
        struct filter saved = select_saved(tool, program, live, ethernet);

        if (saved.count != live->count ||
            (saved.count && memcmp(saved.times, live->times, saved.count * sizeof *saved.times))) {
                printf("%s: live %zu, %s %zu; packet %zu\n", live->expression, live->count,
                       libpcap ? "libpcap" : "saved", saved.count,
                       first_difference(tool, live, &saved));
                tool->differences++;
        }
        free(saved.times);
}

/* True if the expression asks for nothing in front of the network header, nor for its length. */
static bool is_above_link(const char *expression)
{
        static const char *const words[] = {
            "ether",   "link",  "len", "less", "great", "llc",     "cast", "byte",  "bound",
            "ifindex", "index", "iso", "stp",  "ipx",   "netbeui", "clnp", "isis",  "esis",
            "l1",      "l2",    "iih", "lsp",  "snp",   "atalk",   "aarp", "geneve"};

        for (size_t i = 0; i < array_count(words); i++)
                if (strstr(expression, words[i]))
                        return false;
        return strstr(expression, "vlan");
}

static void compare_with_libpcap(struct tool *tool, const struct filter *live)
{
        bool ethernet = tool->file.link_type != DLT_EN10MB && strstr(live->expression, "vlan");
        pcap_t *handle =
            pcap_open_dead(ethernet ? DLT_EN10MB : tool->file.link_type, CAPTURE_MAX_SNAPSHOT);
        struct bpf_program program;

        if (!handle)
                die("pcap_open_dead");
        if ((!ethernet || is_above_link(live->expression)) &&
            pcap_compile(handle, &program, live->expression, 0, CBPF_NETMASK_UNKNOWN) == 0) {
                compare(tool, live, &program, true, ethernet);
                pcap_freecode(&program);
                tool->as_ethernet += ethernet;
                tool->by_libpcap++;
        }
        pcap_close(handle);
}

static void compare_all(struct tool *tool)
{
        for (size_t i = 0; i < tool->count; i++) {
                struct filter *live = &tool->filters[i];
                struct bpf_program program;
                struct error error;

                keep_seen(tool, live);
                if (cbpf_compile(live->expression, &tool->file, tool->flags, &program, &error) < 0)
                        die(live->expression);
                compare(tool, live, &program, false, false);
                cbpf_program_free(&program);
                compare_with_libpcap(tool, live);
        }
}

/* --- */

static void read_expressions(struct tool *tool)
{
        static char line[EXPRESSION_ROOM];
        struct rlimit limit = {MAX_EXPRESSIONS + 100, MAX_EXPRESSIONS + 100};
        struct bpf_program everything;
        struct error error;

        setrlimit(RLIMIT_NOFILE, &limit);
        while (fgets(line, sizeof line, stdin)) {
                line[strcspn(line, "\n")] = '\0';
                add(tool, line);
        }
        if (cbpf_compile("", &tool->live, 0, &everything, &error) < 0)
                die("everything");
        tool->everything.expression = line;
        attach(tool, &tool->everything, &everything);
        cbpf_program_free(&everything);
}

int main(int argc, char **argv)
{
        static struct tool tool;
        bool unoptimized = argc > 1 && strcmp(argv[1], "-O") == 0, any;

        argv += unoptimized;
        argc -= unoptimized;
        if (argc != 3) {
                fputs("usage: live_filters [-O] INTERFACE FILE <EXPRESSIONS\n", stderr);
                return 2;
        }
        any = strcmp(argv[1], "any") == 0;
        tool.interface = any ? 0 : (int)if_nametoindex(argv[1]);
        if (!any && tool.interface == 0)
                die(argv[1]);
        tool.flags = unoptimized ? CBPF_UNOPTIMIZED : 0;
        tool.file = (struct cbpf_target){.link_type = any ? DLT_LINUX_SLL2 : DLT_EN10MB,
                                         .snapshot_length = CAPTURE_MAX_SNAPSHOT,
                                         .place = CBPF_FILE,
                                         .netmask = CBPF_NETMASK_UNKNOWN};
        tool.live = tool.file;
        tool.live.place = any ? CBPF_LIVE_ANY : CBPF_LIVE;
        signal(SIGTERM, end);
        read_expressions(&tool);
        puts("ready");
        fflush(stdout);
        while (!ended) {
                poll(NULL, 0, 20);
                receive_all(&tool);
        }
        receive_all(&tool);
        sort(&tool.everything);
        read_file(&tool, argv[2]);
        if (tool.record_count != tool.everything.count) {
                printf("%zu packets seen, %zu of them saved\n", tool.everything.count,
                       tool.record_count);
                tool.differences++;
        }
        compare_all(&tool);
        printf("%zu expressions, %zu by libpcap (%zu as Ethernet), %zu packets, %zu differences; "
               "%zu answers on packets too short for them; %zu filtered in user space, %zu not for "
               "files\n",
               tool.count, tool.by_libpcap, tool.as_ethernet, tool.record_count, tool.differences,
               tool.excused, tool.only_here, tool.only_live);
        return tool.differences > 0;
}
