/* Router renumbering, RFC 2894. */
#include "network.h"

static void lifetime_print(struct printer *printer, const char *label, uint32_t seconds)
{
        if (seconds == 0xffffffff)
                putf(printer, "%sinfty,", label);
        else
                putf(printer, "%s%u,", label, seconds);
}

/* A prefix to change into. */
static void use_print(struct printer *printer, struct packet packet)
{
        enum { VALID = 0x80, PREFERRED = 0x40 };
        uint8_t flags;

        put(printer, "use(");
        flags = get8(printer, packet, 12);
        if (flags)
                putf(printer, "%s%s,", flags & VALID ? "V" : "", flags & PREFERRED ? "P" : "");
        if (printer->options.verbose) {
                putf(printer, "mask=0x%x,raflags=0x%x,", get8(printer, packet, 2),
                     get8(printer, packet, 3));
                lifetime_print(printer, "vltime=", get32(printer, packet, 4));
                lifetime_print(printer, "pltime=", get32(printer, packet, 8));
        }
        put_ipv6_numeric_at(printer, packet, 16);
        putf(printer, "/%u/%u)", get8(printer, packet, 0), get8(printer, packet, 1));
}

/* What prefixes are changed, and into which: its length is that of whole parts. False if it is not,
 * or cut short. */
static bool change_print(struct printer *printer, struct packet packet)
{
        enum { MATCH = 24, USE = 32, UNIT = 8 };
        static const struct name operations[] = {
            {1, "add"}, {2, "change"}, {3, "setglobal"}, {0, NULL}};
        const char *separator = printer->options.verbose > 1 ? "\n\t" : " ";
        uint32_t end;

        if (!has(packet, 0, MATCH))
                return false;
        putf(printer, "%smatch(", separator);
        put_name(printer, operations, "#%u", get8(printer, packet, 0));
        put_char(printer, ',');
        if (printer->options.verbose)
                putf(printer, "ord=%u,min=%u,max=%u,", get8(printer, packet, 2),
                     get8(printer, packet, 4), get8(printer, packet, 5));
        put_ipv6_numeric_at(printer, packet, 8);
        putf(printer, "/%u)", get8(printer, packet, 3));
        end = get8(printer, packet, 1) * UNIT;
        if (end < MATCH || (end - MATCH) % USE != 0)
                return false;
        for (uint32_t at = MATCH; at < end; at += USE) {
                if (!has(packet, at, USE))
                        return false;
                put(printer, separator);
                use_print(printer, packet_from(packet, at));
        }
        return true;
}

void renumbering_print(struct printer *printer, struct packet packet)
{
        enum { COMMAND = 0, FIXED = 16 };
        static const struct name codes[] = {
            {COMMAND, "command"}, {1, "result"}, {255, "sequence number reset"}, {0, NULL}};
        uint8_t code, flags;

        need_hard(printer, packet, 0, 2);
        if (!has(packet, 0, FIXED)) {
                put_truncated(printer);
                return;
        }
        code = get8(printer, packet, 1);
        put(printer, ", ");
        put_name(printer, codes, "code-#%u", code);
        putf(printer, ", seq=%u", get32(printer, packet, 4));
        if (printer->options.verbose) {
                flags = get8(printer, packet, 9);
                put_char(printer, '[');
                for (int bit = 7; bit >= 3; bit--)
                        if (flags >> bit & 1)
                                put_char(printer, "PSART"[bit - 3]);
                putf(printer, "%sseg=%u,maxdelay=%u", flags ? "," : "", get8(printer, packet, 8),
                     get16(printer, packet, 10));
                if (get32(printer, packet, 12))
                        putf(printer, "rsvd=0x%x", get32(printer, packet, 12));
                put_char(printer, ']');
        }
        /* There is one change a message, RFC 2894, 3.2.1. */
        if (code == COMMAND && !change_print(printer, packet_from(packet, FIXED)))
                put_truncated(printer);
}
