/* Syslog over UDP, RFC 5424: the priority, and with -v the message. */
#include "print/printer/printer.h"

#include "base/array.h"

enum { MAX_DIGITS = 3 };

static const char *const severities[] = {"emergency", "alert",  "critical", "error",
                                         "warning",   "notice", "info",     "debug"};

static const char *const facilities[] = {
    "kernel", "user",   "mail",     "daemon", "auth",   "syslog",   "lpr",     "news",
    "uucp",   "cron",   "authpriv", "ftp",    "ntp",    "security", "console", "cron",
    "local0", "local1", "local2",   "local3", "local4", "local5",   "local6",  "local7"};

static void put_facility(struct printer *printer, uint32_t facility)
{
        if (facility < array_count(facilities))
                put(printer, facilities[facility]);
        else
                putf(printer, "unknown (%u)", facility);
}

/* "<34>": returns where the message begins; 0 if there is none. */
static uint32_t priority_read(struct printer *printer, struct packet packet, uint32_t *priority)
{
        uint32_t at = 1;

        *priority = 0;
        if (get8(printer, packet, 0) != '<')
                return 0;
        for (; at <= MAX_DIGITS; at++) {
                uint8_t c = get8(printer, packet, at);

                if (c < '0' || c > '9')
                        break;
                *priority = *priority * 10 + (c - '0');
        }
        return get8(printer, packet, at) == '>' ? at + 1 : 0;
}

void syslog_print(struct printer *printer, struct packet packet)
{
        uint32_t priority, start, facility;
        const char *severity;

        printer->protocol = "syslog";
        start = priority_read(printer, packet, &priority);
        if (start == 0) {
                put_invalid(printer);
                return;
        }
        facility = priority >> 3;
        severity = severities[priority & 7];
        if (!printer->options.verbose) {
                put_as(printer, ROLE_PROTOCOL, "SYSLOG ");
                put_facility(printer, facility);
                putf(printer, ".%s, length: %u", severity, packet.length);
                return;
        }
        put_as(printer, ROLE_PROTOCOL, "SYSLOG");
        putf(printer, ", length: %u\n\tFacility ", packet.length);
        put_facility(printer, facility);
        putf(printer, " (%u), Severity %s (%u)\n\tMsg: ", facility, severity, priority & 7);
        for (uint32_t at = start; at < packet.length; at++)
                put_visible(printer, get8(printer, packet, at));
        if (printer->options.verbose > 1)
                dump_hex(printer, "\n\t", packet, packet.length);
}
