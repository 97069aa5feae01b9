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

/* All options of one kind as the lines of one text; empty if there is none. */
static void gather(struct pcapng_options options, uint16_t code, bool filter, struct text *text)
{
        struct pcapng_option option;

        text->length = 0;
        while (pcapng_next_option(&options, &option)) {
                if (option.code != code)
                        continue;
                if (!filter)
                        add_line(text, option.value, option.length);
                else if (option.length > 1 && option.value[0] == 0)
                        add_line(text, option.value + 1, option.length - 1u);
        }
}

/* Returns `size` zero bytes with the texts behind them and the members that point there set. */
static void *make_said(struct pcapng_options options, size_t size, const struct text_option *texts,
                       size_t count)
{
        size_t room = size + (size_t)(options.end - options.at) + count;
        struct text text = {0};
        char *said = calloc(1, room), *at;

        if (!said)
                return NULL;
        at = said + size;
        for (size_t i = 0; i < count; i++) {
                gather(options, texts[i].code, texts[i].code == INTERFACE_FILTER, &text);
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
                        record->passage = pcapng_passage_of(read32(option.value, options.swapped));
                else if (option.code == PACKET_DROPPED)
                        record->dropped = number_of(&option, options.swapped);
        }
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
