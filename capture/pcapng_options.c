/* What the options of pcapng's blocks say. Each is a code, a length and a value, padded to a
 * multiple of 4 bytes; texts are not terminated. Nothing here is trusted: what is too short or too
 * long is left out. */
#include "pcapng.h"
#include "reader.h"

#include "base/array.h"

#include <stdlib.h>
#include <string.h>

bool pcapng_next_option(struct pcapng_options *options, struct pcapng_option *option)
{
        size_t left = (size_t)(options->end - options->at);
        size_t padded;

        if (left < 4)
                return false;
        option->code = read16(options->at, options->swapped);
        option->length = read16(options->at + 2, options->swapped);
        option->value = options->at + 4;
        padded = 4 + ((size_t)option->length + 3) / 4 * 4;
        options->cut = option->code != OPTION_END && padded > left;
        if (option->code == OPTION_END || options->cut)
                return false;
        options->at += padded;
        return true;
}

uint64_t pcapng_read64(const uint8_t *at, bool swapped)
{
        uint64_t value;

        memcpy(&value, at, sizeof value);
        return swapped ? __builtin_bswap64(value) : value;
}

static uint64_t number_of(const struct pcapng_option *option, bool swapped)
{
        return option->length >= 8 ? pcapng_read64(option->value, swapped) : 0;
}

/* --- Texts: behind the struct that points to them, in one piece of memory --- */

/* An option and the member it fills, a `const char *`. */
struct text_option {
        uint16_t code;
        size_t member;
};

static const struct text_option section_texts[] = {
    {SECTION_HARDWARE, offsetof(struct capture_section, hardware)},
    {SECTION_OS, offsetof(struct capture_section, os)},
    {SECTION_APPLICATION, offsetof(struct capture_section, application)},
    {OPTION_COMMENT, offsetof(struct capture_section, comment)},
    {OPTION_COMMENT, offsetof(struct capture_section, comments)},
};

static const struct text_option interface_texts[] = {
    {INTERFACE_NAME, offsetof(struct capture_interface, name)},
    {INTERFACE_DESCRIPTION, offsetof(struct capture_interface, description)},
    {INTERFACE_HARDWARE, offsetof(struct capture_interface, hardware)},
    {INTERFACE_OS, offsetof(struct capture_interface, os)},
    {INTERFACE_FILTER, offsetof(struct capture_interface, filter)},
};

/* Appends the text of an option, in a line of its own. */
static void add_line(struct text *text, const uint8_t *bytes, size_t length)
{
        if (text->length > 0)
                text_char(text, '\n');
        text_put(text, (const char *)bytes, strnlen((const char *)bytes, length));
}

/* Appends the text of an option and a NUL, unless it is empty. */
static void add_separate(struct text *text, const uint8_t *bytes, size_t length)
{
        length = strnlen((const char *)bytes, length);
        if (length == 0)
                return;
        text_put(text, (const char *)bytes, length);
        text_char(text, '\0');
}

/* All options of one kind as the lines of one text; empty if there is none. */
static void gather(struct pcapng_options options, const struct text_option *kind, struct text *text)
{
        bool filter = kind->code == INTERFACE_FILTER;
        bool separate = kind->code == OPTION_COMMENT &&
                        kind->member == offsetof(struct capture_section, comments);
        struct pcapng_option option;

        text->length = 0;
        while (pcapng_next_option(&options, &option)) {
                if (option.code != kind->code)
                        continue;
                if (separate)
                        add_separate(text, option.value, option.length);
                else if (!filter)
                        add_line(text, option.value, option.length);
                else if (option.length > 1 && option.value[0] == 0)
                        add_line(text, option.value + 1, option.length - 1u);
        }
}

/* Returns `size` zero bytes with the texts behind them and the members that point there set. */
static void *make_said(struct pcapng_options options, size_t size, const struct text_option *texts,
                       size_t count)
{
        size_t room = size + 2 * (size_t)(options.end - options.at) + count; /* comments twice */
        struct text text = {0};
        char *said = calloc(1, room), *at;

        if (!said)
                return NULL;
        at = said + size;
        for (size_t i = 0; i < count; i++) {
                gather(options, &texts[i], &text);
                if (text.failed || text.length == 0)
                        continue;
                memcpy(at, text.start, text.length); /* and a NUL, from calloc() */
                memcpy(said + texts[i].member, &at, sizeof at);
                at += text.length + 1;
        }
        if (text.failed) {
                free(said);
                said = NULL;
        }
        text_free(&text);
        return said;
}

struct capture_section *pcapng_section_said(struct pcapng_options options)
{
        return make_said(options, sizeof(struct capture_section), section_texts,
                         array_count(section_texts));
}

struct capture_interface *pcapng_interface_said(struct pcapng_options options)
{
        struct capture_interface *interface =
            make_said(options, sizeof *interface, interface_texts, array_count(interface_texts));
        struct pcapng_option option;

        while (interface && pcapng_next_option(&options, &option))
                if (option.code == INTERFACE_SPEED)
                        interface->speed = number_of(&option, options.swapped);
        return interface;
}

/* --- Packets and statistics --- */

enum {
        FLAG_IN = 1,
        FLAG_OUT = 2,
        DIRECTION_FLAGS = 3,
        RECEPTION_SHIFT = 2,
        RECEPTION_FLAGS = 7,
        RECEPTION_UNICAST = 1,
        RECEPTION_MULTICAST = 2,
        RECEPTION_BROADCAST = 3,
        RECEPTION_PROMISCUOUS = 4,
};

static const uint32_t flags_of[] = {
    [PASSAGE_UNKNOWN] = 0,
    [PASSAGE_IN] = FLAG_IN | RECEPTION_UNICAST << RECEPTION_SHIFT,
    [PASSAGE_BROADCAST] = FLAG_IN | RECEPTION_BROADCAST << RECEPTION_SHIFT,
    [PASSAGE_MULTICAST] = FLAG_IN | RECEPTION_MULTICAST << RECEPTION_SHIFT,
    [PASSAGE_OTHER_HOST] = FLAG_IN | RECEPTION_PROMISCUOUS << RECEPTION_SHIFT,
    [PASSAGE_OUT] = FLAG_OUT,
};

uint32_t pcapng_flags_of(enum packet_passage passage)
{
        return flags_of[passage];
}

enum packet_passage pcapng_passage_of(uint32_t flags)
{
        if ((flags & DIRECTION_FLAGS) == FLAG_OUT)
                return PASSAGE_OUT;
        switch (flags >> RECEPTION_SHIFT & RECEPTION_FLAGS) {
        case RECEPTION_MULTICAST: return PASSAGE_MULTICAST;
        case RECEPTION_BROADCAST: return PASSAGE_BROADCAST;
        case RECEPTION_PROMISCUOUS: return PASSAGE_OTHER_HOST;
        default: return (flags & DIRECTION_FLAGS) == FLAG_IN ? PASSAGE_IN : PASSAGE_UNKNOWN;
        }
}

void pcapng_packet_said(struct pcapng_options options, struct capture_record *record,
                        struct text *comment)
{
        struct pcapng_option option;

        comment->length = 0;
        while (pcapng_next_option(&options, &option)) {
                if (option.code == OPTION_COMMENT)
                        add_line(comment, option.value, option.length);
                else if (option.code == PACKET_FLAGS && option.length >= 4)
                        record->flags = read32(option.value, options.swapped);
                else if (option.code == PACKET_DROPPED)
                        record->dropped = number_of(&option, options.swapped);
        }
        record->passage = pcapng_passage_of(record->flags);
        if (comment->length == 0)
                return;
        text_char(comment, '\0');
        record->comment = comment->failed ? NULL : comment->start;
}

void pcapng_statistics_said(struct pcapng_options options, struct capture_interface *interface)
{
        struct pcapng_option option;
        uint64_t by_os = 0;

        interface->counted = false;
        interface->received = interface->dropped = 0;
        while (pcapng_next_option(&options, &option)) {
                if (option.code == STATISTICS_RECEIVED)
                        interface->received = number_of(&option, options.swapped);
                else if (option.code == STATISTICS_DROPPED)
                        interface->dropped = number_of(&option, options.swapped);
                else if (option.code == STATISTICS_DROPPED_BY_OS)
                        by_os = number_of(&option, options.swapped);
                interface->counted |= option.code == STATISTICS_RECEIVED;
        }
        if (by_os > interface->dropped)
                interface->dropped = by_os;
}

/* --- Byte order --- */

/* What numbers there are in an option's value. */
enum value {
        VALUE_UNKNOWN,
        VALUE_BYTES, /* none: the order of all bytes stays */
        VALUE_32,
        VALUE_64,
        VALUE_HALVES,  /* two of 32 bits, of which the upper half of a time comes first */
        VALUE_CUSTOM,  /* one of 32 bits before bytes: whose option it is */
        VALUE_VERDICT, /* one of 64 bits behind a byte, unless that is 0 */
};

enum { VERDICT_BYTES = 0 };

static enum value value_of_any(uint16_t code)
{
        switch (code) {
        case OPTION_COMMENT: return VALUE_BYTES;
        case OPTION_CUSTOM_TEXT:
        case OPTION_CUSTOM_BYTES:
        case OPTION_CUSTOM_TEXT_FIXED:
        case OPTION_CUSTOM_BYTES_FIXED: return VALUE_CUSTOM;
        default: return VALUE_UNKNOWN;
        }
}

static enum value value_of(uint32_t block, uint16_t code)
{
        static const uint8_t interface[] = {
            [INTERFACE_NAME] = VALUE_BYTES,     [INTERFACE_DESCRIPTION] = VALUE_BYTES,
            [INTERFACE_IP4] = VALUE_BYTES,      [INTERFACE_IP6] = VALUE_BYTES,
            [INTERFACE_MAC] = VALUE_BYTES,      [INTERFACE_EUI] = VALUE_BYTES,
            [INTERFACE_SPEED] = VALUE_64,       [INTERFACE_TIME_RESOLUTION] = VALUE_BYTES,
            [INTERFACE_TIME_ZONE] = VALUE_32,   [INTERFACE_FILTER] = VALUE_BYTES,
            [INTERFACE_OS] = VALUE_BYTES,       [INTERFACE_FCS_LENGTH] = VALUE_BYTES,
            [INTERFACE_TIME_OFFSET] = VALUE_64, [INTERFACE_HARDWARE] = VALUE_BYTES,
            [INTERFACE_SEND_SPEED] = VALUE_64,  [INTERFACE_RECEIVE_SPEED] = VALUE_64,
        };
        static const uint8_t packet[] = {
            [PACKET_FLAGS] = VALUE_32,       [PACKET_HASH] = VALUE_BYTES,
            [PACKET_DROPPED] = VALUE_64,     [PACKET_NUMBER] = VALUE_64,
            [PACKET_QUEUE] = VALUE_32,       [PACKET_VERDICT] = VALUE_VERDICT,
            [PACKET_PROCESS] = VALUE_HALVES,
        };
        static const uint8_t statistics[] = {
            [STATISTICS_BEGAN] = VALUE_HALVES, [STATISTICS_ENDED] = VALUE_HALVES,
            [STATISTICS_RECEIVED] = VALUE_64,  [STATISTICS_DROPPED] = VALUE_64,
            [STATISTICS_ACCEPTED] = VALUE_64,  [STATISTICS_DROPPED_BY_OS] = VALUE_64,
            [STATISTICS_DELIVERED] = VALUE_64,
        };
        enum value value = value_of_any(code);

        if (value != VALUE_UNKNOWN)
                return value;
        switch (block) {
        case BLOCK_INTERFACE: return code < array_count(interface) ? interface[code] : value;
        case BLOCK_ENHANCED_PACKET:
        case BLOCK_OBSOLETE_PACKET: return code < array_count(packet) ? packet[code] : value;
        case BLOCK_STATISTICS: return code < array_count(statistics) ? statistics[code] : value;
        default: return value;
        }
}

static void swap32(uint8_t *at)
{
        uint32_t value = read32(at, true);

        memcpy(at, &value, sizeof value);
}

static void swap64(uint8_t *at)
{
        uint64_t value = pcapng_read64(at, true);

        memcpy(at, &value, sizeof value);
}

static void swap_value(enum value value, uint8_t *at, size_t length)
{
        switch (value) {
        case VALUE_UNKNOWN:
        case VALUE_BYTES: break;
        case VALUE_64:
                if (length >= 8)
                        swap64(at);
                break;
        case VALUE_HALVES:
                if (length >= 8)
                        swap32(at + 4);
                __attribute__((fallthrough));
        case VALUE_32:
        case VALUE_CUSTOM:
                if (length >= 4)
                        swap32(at);
                break;
        case VALUE_VERDICT:
                if (length >= 9 && *at != VERDICT_BYTES)
                        swap64(at + 1);
                break;
        }
}

void pcapng_put_options(struct text *to, uint32_t block, struct pcapng_options options)
{
        struct pcapng_option option;

        while (pcapng_next_option(&options, &option)) {
                enum value value = value_of(block, option.code);
                const uint16_t header[] = {option.code, option.length};
                size_t at;

                if (options.swapped && value == VALUE_UNKNOWN)
                        continue;
                text_put(to, (const char *)header, sizeof header);
                at = to->length;
                text_put(to, (const char *)option.value, option.length);
                if (options.swapped && !to->failed)
                        swap_value(value, (uint8_t *)to->start + at, option.length);
                while (to->length % 4 != 0 && !to->failed)
                        text_char(to, '\0');
        }
}
