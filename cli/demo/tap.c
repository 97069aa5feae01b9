/* filt's own capture on one of the demo's hosts: opened, compiled, attached and printed by what the
 * capture command uses too. */
#include "base/text.h"
#include "demo.h"
#include "print/print.h"

#include <stdio.h>

static int given(void *program, const struct capture_interface *interface,
                 struct capture_program *filter, struct error *error)
{
        (void)interface;
        (void)error;
        *filter = (struct capture_program){program, -1};
        return 0;
}

/* Compiles `filter` for the capture and starts it with that. */
static int start(struct capture *capture, const char *filter, char **listing)
{
        const struct cbpf_target target = {.link_type = capture_info(capture)->link_type,
                                           .snapshot_length = CAPTURE_MAX_SNAPSHOT,
                                           .place = CBPF_LIVE,
                                           .netmask = CBPF_NETMASK_UNKNOWN};
        struct bpf_program program;
        struct error error;
        int failed;

        if (cbpf_compile(filter, &target, 0, &program, &error) < 0)
                return complain_filter(filter, &error);
        capture_set_filter(capture, given, &program);
        failed = capture_start(capture, &error);
        if (failed)
                complain("demo: %s", error.message);
        else if (listing)
                *listing = cbpf_list(&program, CBPF_LISTING_TEXT);
        cbpf_program_free(&program);
        return failed;
}

struct capture *demo_tap_open(const struct network *network, enum network_host host,
                              const char *device, const char *filter, char **listing)
{
        const struct capture_live_options options = {.snapshot_length = CAPTURE_MAX_SNAPSHOT};
        struct error error;
        struct capture *capture;

        if (network_enter(network, host))
                return NULL;
        capture = capture_open_live(&device, 1, &options, &error);
        if (!capture) {
                complain("demo: %s", error.message);
                return NULL;
        }
        if (start(capture, filter, listing) == 0)
                return capture;
        capture_close(capture);
        return NULL;
}

/* Takes `wanted` packets, which the kernel has in the ring, but hands over in blocks, each a while
 * after its first packet. Returns how many there were. */
static uint64_t take(struct capture *capture, struct printer *printer, struct text *lines,
                     uint64_t wanted, struct error *error)
{
        enum { PAUSE_MS = 100, PAUSES = 20 };
        struct capture_record record;
        uint64_t taken = 0;
        size_t length;
        int pauses = 0;

        snprintf(error->message, sizeof error->message, "packets are missing in the ring");
        while (taken < wanted && pauses < PAUSES) {
                enum capture_result result = capture_next(capture, &record, error);

                if (result == CAPTURE_PACKET) {
                        const struct print_packet packet = {.packet = record.packet,
                                                            .link_type =
                                                                capture_info(capture)->link_type,
                                                            .time = record.time};
                        const char *line = printer_print(printer, &packet, &length);

                        text_format(lines, "  %s", line ? line : "(no memory to print it)\n");
                        taken++;
                } else if (result != CAPTURE_EMPTY ||
                           capture_wait(capture, -1, PAUSE_MS, error) < 0) {
                        break;
                } else {
                        pauses++;
                }
        }
        return taken;
}

int demo_tap_collect(struct capture *capture, char **lines, uint64_t *count)
{
        const struct print_options options = {.time = PRINT_TIME_NONE};
        struct capture_statistics statistics = capture_statistics(capture);
        struct printer *printer = printer_new(&options);
        struct error error = {.message = "out of memory"};
        uint64_t wanted = statistics.received - statistics.dropped;
        struct text text = {0};

        *count = printer ? take(capture, printer, &text, wanted, &error) : 0;
        printer_free(printer);
        if (printer && *count == wanted) {
                *lines = text_take(&text);
                return *lines ? 0 : out_of_memory();
        }
        text_free(&text);
        return complain("demo: %s", error.message);
}
