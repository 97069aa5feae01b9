/* The packets of the file, and the steps the program takes for the current one. */
#include "debug.h"
#include "print/print.h"

#include <fcntl.h>

enum moved take_packet(struct debugger *debugger)
{
        struct error error;
        enum capture_result result = capture_next(debugger->capture, &debugger->record, &error);

        if (result != CAPTURE_PACKET) {
                /* The bytes of the packet before may be gone. */
                debugger->record = (struct capture_record){0};
                debugger->line = NULL;
                debugger->steps.count = debugger->at = 0;
        }
        if (result == CAPTURE_ERROR)
                complain_error(&error);
        if (result != CAPTURE_PACKET)
                return result == CAPTURE_ERROR ? TROUBLE : NO_MORE;
        debugger->number++;
        debugger->at = 0;
        debugger->line = packet_line(debugger->printer, &debugger->record);
        if (!debugger->line)
                return TROUBLE;
        return steps_record(&debugger->steps, &debugger->program, &debugger->record.packet)
                   ? TROUBLE
                   : MOVED;
}

enum moved open_again(struct debugger *debugger)
{
        struct error error;
        int fd = fcntl(debugger->input, F_DUPFD_CLOEXEC, 0);
        struct capture *again = capture_open_descriptor(fd, debugger->file, &error);
        struct printer *printer;

        if (!again) {
                complain_error(&error);
                return TROUBLE;
        }
        printer = packet_printer(again, debugger->colors);
        if (!printer) {
                capture_close(again);
                return TROUBLE;
        }
        capture_close(debugger->capture);
        printer_free(debugger->printer);
        debugger->capture = again;
        debugger->line = NULL;
        debugger->printer = printer;
        debugger->number = 0;
        return MOVED;
}

enum moved go_to(struct debugger *debugger, uint64_t number)
{
        enum moved moved = number <= debugger->number ? open_again(debugger) : MOVED;

        while (moved == MOVED && debugger->number < number &&
               !(interrupted() && debugger->number > 0))
                moved = take_packet(debugger);
        return moved;
}
