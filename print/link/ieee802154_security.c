/* What protects an IEEE 802.15.4 frame: the auxiliary security header (9.4), the message integrity
 * code, the frame check sequence. */
#include "base/array.h"
#include "ieee802154.h"

/* 9.4.2: the level of security, and how the key is identified. */
enum { LEVEL = 0x07, ENCRYPTED = 0x04, KEY_MODE = 0x18, NO_COUNTER = 0x20 };
enum { KEY_IMPLICIT, KEY_INDEX, KEY_SOURCE_SHORT, KEY_SOURCE_EXTENDED };

static bool key_print(struct printer *printer, struct packet *packet, unsigned mode)
{
        static const uint32_t source_sizes[] = {[KEY_SOURCE_SHORT] = 4, [KEY_SOURCE_EXTENDED] = 8};
        bool shown = printer->options.verbose > 1;

        if (mode == KEY_IMPLICIT) {
                if (shown)
                        put(printer, "Implicit");
                return true;
        }
        if (mode != KEY_INDEX) {
                uint32_t size = source_sizes[mode];

                if (!has(*packet, 0, size))
                        return ieee802154_fault(printer, "Truncated before Key Source");
                if (shown && mode == KEY_SOURCE_SHORT) {
                        putf(printer, "KeySource 0x%04x:%x4x, ",
                             ieee802154_get16(printer, *packet, 0),
                             ieee802154_get16(printer, *packet, 2));
                } else if (shown) {
                        put(printer, "KeySource ");
                        ieee802154_put_extended(printer, *packet, 0);
                        put(printer, ", ");
                }
                /* Four bytes even of eight, as tcpdump reads them. */
                *packet = packet_from(*packet, 4);
        }
        if (!has(*packet, 0, 1))
                return ieee802154_fault(printer, "Truncated before Key Index");
        if (shown)
                putf(printer, "KeyIndex 0x%02x, ", get8(printer, *packet, 0));
        *packet = packet_from(*packet, 1);
        return true;
}

bool ieee802154_security_print(struct printer *printer, struct packet *packet,
                               struct ieee802154_security *security)
{
        static const uint32_t code_sizes[] = {0, 4, 8, 16};
        uint8_t control;

        if (!has(*packet, 0, 1))
                return ieee802154_fault(printer, "Truncated before Aux Security Header");
        control = get8(printer, *packet, 0);
        *packet = packet_from(*packet, 1);
        security->code_size = code_sizes[control & LEVEL & 3];
        security->is_encrypted = control & ENCRYPTED;
        if (printer->options.verbose)
                putf(printer, "\n\tSecurity Level %u, Key Id Mode %u, ", control & LEVEL,
                     (control & KEY_MODE) >> 3);
        if (!(control & NO_COUNTER)) {
                if (!has(*packet, 0, 4))
                        return ieee802154_fault(printer, "Truncated before Frame Counter");
                if (printer->options.verbose > 1)
                        putf(printer, "Frame Counter 0x%08x ",
                             __builtin_bswap32(get32(printer, *packet, 0)));
                *packet = packet_from(*packet, 4);
        }
        if (!key_print(printer, packet, (control & KEY_MODE) >> 3))
                return false;
        if (packet->captured < security->code_size)
                return ieee802154_fault(printer, "Truncated before MIC");
        *packet = packet_cut(*packet, packet->captured - security->code_size);
        security->code = packet->data + packet->captured;
        return true;
}

void ieee802154_code_print(struct printer *printer, struct ieee802154_security security)
{
        if (security.code_size == 0 || printer->options.verbose < 3)
                return;
        put(printer, "\n\tMIC ");
        for (uint32_t i = 0; i < security.code_size; i++)
                putf(printer, "%02x", security.code[i]);
        put_char(printer, ' ');
}

static uint32_t check_compute(const uint8_t *bytes, uint32_t count, uint32_t polynomial)
{
        uint32_t check = 0;

        for (uint32_t i = 0; i < count; i++) {
                check ^= bytes[i];
                for (int bit = 0; bit < 8; bit++)
                        check = check >> 1 ^ (check & 1 ? polynomial : 0);
        }
        return check;
}

/* The last `size` bytes as a check sequence of what is before them. */
static struct ieee802154_check check_read(struct packet whole, uint32_t size, uint32_t polynomial)
{
        uint32_t covered = whole.captured - size;
        struct ieee802154_check check = {.computed =
                                             check_compute(whole.data, covered, polynomial)};

        for (uint32_t i = 0; i < size; i++)
                check.stored |= (uint32_t)whole.data[covered + i] << 8 * i;
        return check;
}

/* 7.2.10, least significant bit first. The polynomial of the short one is that of ITU-T V.41. The
 * long one begins with zero here, as tcpdump has it, though the standard complements it. */
static const struct {
        uint32_t size, polynomial;
} checks[] = {{4, 0xedb88320}, {2, 0x8408}};

struct ieee802154_check ieee802154_check_take(struct printer *printer, struct packet whole,
                                              struct packet *packet)
{
        struct ieee802154_check check = {0, 0};

        if (packet->length >= 2)
                need_hard(printer, whole, 0, whole.length);
        for (size_t i = 0; i < array_count(checks); i++) {
                if (packet->captured < 2 || whole.captured < checks[i].size)
                        continue;
                check = check_read(whole, checks[i].size, checks[i].polynomial);
                if (check.stored == check.computed) {
                        *packet = packet_cut(*packet, packet->captured > checks[i].size
                                                          ? packet->captured - checks[i].size
                                                          : 0);
                        break;
                }
        }
        return check;
}

void ieee802154_check_print(struct printer *printer, struct ieee802154_check check)
{
        if (printer->options.verbose < 3)
                return;
        if (check.stored == check.computed)
                putf(printer, "FCS %x ", check.stored);
        else
                put_damage(printer, "wrong FCS %x vs %x (assume no FCS stored) ", check.stored,
                           check.computed);
}
