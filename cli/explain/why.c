/* filt explain --packet: why a packet is accepted or rejected, in a sentence. */
#include "explain.h"
#include "print/print.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Takes packets up to number explain->packet, and prints its line. Returns an exit status. */
static int find_packet(const struct explain *explain, struct printer *printer,
                       struct capture_record *record)
{
        const char *line = "";
        struct error error;

        for (uint64_t taken = 0; taken < explain->packet; taken++) {
                enum capture_result result = capture_next(explain->capture, record, &error);

                if (result == CAPTURE_ERROR)
                        return complain_error(&error);
                if (result != CAPTURE_PACKET)
                        return complain_past_end(explain->file, explain->packet, taken);
                line = packet_line(printer, record);
                if (!line)
                        return STATUS_FAILED;
        }
        print_packet_line(line);
        return STATUS_DONE;
}

/* --- An expression --- */

static int why_expression(const struct explain *explain, const struct packet *packet)
{
        struct error error;
        char *sentence;

        if (cbpf_why(explain->expression, &explain->target, packet, &sentence, &error) < 0) {
                complain_filter(explain->expression, &error);
                return STATUS_FAILED;
        }
        print_column(0, 0, sentence, strlen(sentence));
        putchar('\n');
        free(sentence);
        return STATUS_DONE;
}

int explain_why(struct explain *explain)
{
        struct printer *printer = packet_printer(explain->capture, explain->colors);
        struct capture_record record;
        int status = printer ? find_packet(explain, printer, &record) : STATUS_FAILED;

        if (status == STATUS_DONE)
                status = explain->program_file
                             ? program_decision(&explain->program, &explain->notes, &record.packet)
                             : why_expression(explain, &record.packet);
        printer_free(printer);
        return status;
}
