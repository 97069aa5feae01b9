/* The time synchronization protocol of BSD's timed (SMM:22): type, time and name. */
#include "print/printer/printer.h"

/* Seconds below zero are rounded down. That there may be more than a million microseconds is not
 * thought of, as in tcpdump. */
static void put_time(struct printer *printer, int64_t seconds, int32_t microseconds)
{
        bool negative = seconds < 0;

        if (negative && microseconds > 0) {
                seconds++;
                microseconds = 1000000 - microseconds;
        }
        putf(printer, " time %s%lld.", negative ? "-" : "",
             (long long)(negative ? -seconds : seconds));
        if (microseconds < 0) /* they were more than a million */
                putf(printer, "-%05d", -microseconds);
        else
                putf(printer, "%06d", microseconds);
}

void timed_print(struct printer *printer, struct packet packet)
{
        enum { ADJTIME = 1, SETTIME = 5, SETDATE = 22, SETDATEREQ = 23, LOOP = 24, NAME = 12 };
        static const char *const types[] = {
            "ANY",     "ADJTIME",  "ACK",        "MASTERREQ", "MASTERACK", "SETTIME", "MASTERUP",
            "SLAVEUP", "ELECTION", "ACCEPT",     "REFUSE",    "CONFLICT",  "RESOLVE", "QUIT",
            "DATE",    "DATEREQ",  "DATEACK",    "TRACEON",   "TRACEOFF",  "MSITE",   "MSITEREQ",
            "TEST",    "SETDATE",  "SETDATEREQ", "LOOP"};
        uint8_t type;

        printer->protocol = "timed";
        type = get8(printer, packet, 0);
        if (type < sizeof types / sizeof *types)
                putf(printer, "TSP_%s", types[type]);
        else
                putf(printer, "(tsp_type 0x%02x)", type);
        putf(printer, " vers %u", get8(printer, packet, 1));
        putf(printer, " seq %u", get16(printer, packet, 2));
        if (type == LOOP) {
                putf(printer, " hopcnt %u", get8(printer, packet, 4));
        } else if (type == ADJTIME || type == SETTIME || type == SETDATE || type == SETDATEREQ) {
                int64_t seconds = (int32_t)get32(printer, packet, 4);
                int32_t microseconds = (int32_t)get32(printer, packet, 8);

                if (microseconds < 0)
                        return;
                put_time(printer, seconds, microseconds);
        }
        put(printer, " name ");
        for (uint32_t at = NAME;; at++) {
                uint8_t c = get8(printer, packet, at);

                if (c == '\0')
                        return;
                put_visible(printer, c);
        }
}
