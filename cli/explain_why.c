/* filt explain --packet: why a packet is accepted or rejected, in a sentence. */
#include "explain.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* Takes packets up to number explain->packet. Returns false after a complaint. */
static bool find_packet(struct explain *explain, struct capture_packet *packet)
{
        struct capture_error error;

        for (uint64_t number = 1;; number++) {
                switch (capture_next(explain->capture, packet, &error)) {
                case CAPTURE_PACKET: break;
                case CAPTURE_ERROR: complain("%s", error.message); return false;
                default:
                        complain("%s: there is no packet %" PRIu64 "; the last is %" PRIu64,
                                 explain->file, explain->packet, number - 1);
                        return false;
                }
                if (number == explain->packet)
                        return true;
        }
}

int explain_why(struct explain *explain)
{
        struct capture_packet packet;
        struct cbpf_packet bytes = {0};
        struct cbpf_error error;
        char *sentence;

        if (!find_packet(explain, &packet))
                return STATUS_FAILED;
        bytes.data = packet.data;
        bytes.captured = packet.captured;
        bytes.length = packet.length;
        if (cbpf_why(explain->expression, &explain->target, &bytes, &sentence, &error) < 0) {
                complain_filter(explain->expression, &error);
                return STATUS_FAILED;
        }
        printf("%s\n", sentence);
        free(sentence);
        return STATUS_DONE;
}
