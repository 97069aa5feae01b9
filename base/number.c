/* Numbers as text. */
#include "number.h"

const char number_pairs[200] = "0001020304050607080910111213141516171819"
                               "2021222324252627282930313233343536373839"
                               "4041424344454647484950515253545556575859"
                               "6061626364656667686970717273747576777879"
                               "8081828384858687888990919293949596979899";

static char *put_eight(char *at, uint32_t value)
{
        return number_four(number_four(at, value / 10000), value % 10000);
}

char *number_decimal_long(char *at, uint64_t value)
{
        const uint64_t group = 100000000;

        if (value >= group * group) {
                at = number_short(at, (uint32_t)(value / (group * group)));
                at = put_eight(at, (uint32_t)(value / group % group));
        } else if (value >= group * 10000) {
                at = number_short(at, (uint32_t)(value / (group * 10000)));
                at = number_four(at, (uint32_t)(value / group % 10000));
        } else {
                at = number_short(at, (uint32_t)(value / group));
        }
        return put_eight(at, (uint32_t)(value % group));
}

char *number_padded(char *at, uint64_t value, unsigned digits)
{
        char *end = at + digits;

        while (digits-- > 0) {
                at[digits] = (char)('0' + value % 10);
                value /= 10;
        }
        return end;
}

char *number_hex(char *at, uint64_t value, unsigned digits)
{
        unsigned needed = value ? (67u - (unsigned)__builtin_clzll(value)) / 4 : 1;
        char *end;

        if (digits < needed)
                digits = needed;
        end = at + digits;
        while (digits-- > 0) {
                at[digits] = "0123456789abcdef"[value & 15];
                value >>= 4;
        }
        return end;
}
