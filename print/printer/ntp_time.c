/* Times as NTP has them, RFC 5905, 6: seconds since 1900, and a fraction. */
#include "printer.h"

#include <time.h>

static void put_date(struct printer *printer, time_t seconds)
{
        struct tm date;

        gmtime_r(&seconds, &date);
        putf(printer, "%04d-%02d-%02dT%02d:%02d:%02dZ", date.tm_year + 1900, date.tm_mon + 1,
             date.tm_mday, date.tm_hour, date.tm_min, date.tm_sec);
}

void put_ntp_time(struct printer *printer, struct packet packet, uint32_t offset)
{
        enum { UNIX_EPOCH = 2208988800u }; /* seconds from 1900 to 1970 */
        uint32_t seconds = get32(printer, packet, offset);

        put_decimal(printer, seconds);
        put_char(printer, '.');
        put_decimal_padded(printer, (uint64_t)get32(printer, packet, offset + 4) * 1000000000 >> 32,
                           9);
        if (seconds == 0)
                return;
        put(printer, " (");
        put_date(printer, (time_t)seconds - UNIX_EPOCH);
        put_char(printer, ')');
}
