/* SNMP, RFC 1157 and 3416: what is asked or answered, on one line. The messages are BER: tag,
 * length, value. Version 3 is named only. */
#include "print/internal.h"

enum tag {
        INTEGER = 0x02,
        STRING = 0x04,
        NOTHING = 0x05,
        OBJECT = 0x06,
        SEQUENCE = 0x30,
        ADDRESS = 0x40,
        COUNTER = 0x41,
        GAUGE = 0x42,
        TICKS = 0x43,
        OPAQUE = 0x44,
        COUNTER_64 = 0x46,
        NO_SUCH_OBJECT = 0x80,
        NO_SUCH_INSTANCE = 0x81,
        END_OF_VIEW = 0x82,
        GET_BULK = 0xa5,
        TRAP_1 = 0xa4,
};

static const struct name operations[] = {
    {0xa0, "GetRequest"},  {0xa1, "GetNextRequest"},
    {0xa2, "GetResponse"}, {0xa3, "SetRequest"},
    {TRAP_1, "Trap"},      {GET_BULK, "GetBulk"},
    {0xa6, "Inform"},      {0xa7, "V2Trap"},
    {0xa8, "Report"},      {0, NULL},
};

static const struct name errors[] = {
    {1, "tooBig"},
    {2, "noSuchName"},
    {3, "badValue"},
    {4, "readOnly"},
    {5, "genErr"},
    {6, "noAccess"},
    {7, "wrongType"},
    {8, "wrongLength"},
    {9, "wrongEncoding"},
    {10, "wrongValue"},
    {11, "noCreation"},
    {12, "inconsistentValue"},
    {13, "resourceUnavailable"},
    {14, "commitFailed"},
    {15, "undoFailed"},
    {16, "authorizationError"},
    {17, "notWritable"},
    {18, "inconsistentName"},
    {0, NULL},
};

static const struct name traps[] = {
    {0, "coldStart"},
    {1, "warmStart"},
    {2, "linkDown"},
    {3, "linkUp"},
    {4, "authenticationFailure"},
    {5, "egpNeighborLoss"},
    {6, "enterpriseSpecific"},
    {0, NULL},
};

struct element {
        uint8_t tag;
        struct view value;
};

/* Takes the element at the start of `view`. */
static struct element element_take(struct printer *printer, struct view *view)
{
        struct element element;
        uint32_t length, header = 2;

        if (view->length < 2)
                printer_abandon_softly(printer);
        element.tag = get8(printer, *view, 0);
        length = get8(printer, *view, 1);
        if (length & 0x80) {
                uint32_t count = length & 0x7f;

                length = 0;
                if (count > 4)
                        printer_abandon_softly(printer);
                for (uint32_t i = 0; i < count; i++)
                        length = length << 8 | get8(printer, *view, header + i);
                header += count;
        }
        *view = view_from(*view, header);
        if (length > view->length)
                printer_abandon_softly(printer);
        need(printer, *view, 0, length);
        element.value = view_cut(*view, length);
        *view = view_from(*view, length);
        return element;
}

static int64_t integer_value(struct printer *printer, struct view value)
{
        uint64_t result = 0;

        for (uint32_t i = 0; i < value.length && i < 8; i++) {
                uint8_t c = get8(printer, value, i);

                if (i == 0 && (c & 0x80))
                        result = UINT64_MAX;
                result = result << 8 | c;
        }
        return (int64_t)result;
}

static uint64_t unsigned_value(struct printer *printer, struct view value)
{
        uint64_t result = 0;

        for (uint32_t i = 0; i < value.length && i < 9; i++)
                result = result << 8 | get8(printer, value, i);
        return result;
}

static void put_object(struct printer *printer, struct view value)
{
        uint32_t arc = 0;
        bool first = true;

        for (uint32_t i = 0; i < value.length; i++) {
                uint8_t c = get8(printer, value, i);

                arc = arc << 7 | (c & 0x7f);
                if (c & 0x80)
                        continue;
                if (first) {
                        uint32_t top = arc >= 80 ? 2 : arc / 40;

                        putf(printer, ".%u.%u", top, arc - top * 40);
                        first = false;
                } else {
                        putf(printer, ".%u", arc);
                }
                arc = 0;
        }
}

static void put_string(struct printer *printer, struct view value)
{
        bool text = true;

        for (uint32_t i = 0; i < value.length && text; i++) {
                uint8_t c = get8(printer, value, i);

                text = (c >= 0x20 && c < 0x7f) || (c >= '\t' && c <= '\r');
        }
        if (text) {
                put_char(printer, '"');
                for (uint32_t i = 0; i < value.length; i++)
                        put_visible(printer, value.data[i]);
                put_char(printer, '"');
                return;
        }
        for (uint32_t i = 0; i < value.length; i++)
                putf(printer, i ? ".%u" : "%u", get8(printer, value, i));
}

static void put_signed(struct printer *printer, int64_t value)
{
        if (value < 0)
                put_char(printer, '-');
        put_decimal(printer, value < 0 ? -(uint64_t)value : (uint64_t)value);
}

static void element_print(struct printer *printer, struct element element)
{
        static const struct name exceptions[] = {
            {NO_SUCH_OBJECT, "[noSuchObject]"},
            {NO_SUCH_INSTANCE, "[noSuchInstance]"},
            {END_OF_VIEW, "[endOfMibView]"},
            {0, NULL},
        };
        const char *exception = name_find(exceptions, element.tag);

        if (exception) {
                put(printer, exception);
                return;
        }
        switch (element.tag) {
        case INTEGER: put_signed(printer, integer_value(printer, element.value)); break;
        case STRING: put_string(printer, element.value); break;
        case OBJECT: put_object(printer, element.value); break;
        case ADDRESS:
                if (element.value.length == 4)
                        put_ipv4(printer, bytes_at(printer, element.value, 0, 4));
                break;
        case COUNTER:
        case GAUGE:
        case TICKS:
        case COUNTER_64: put_decimal(printer, unsigned_value(printer, element.value)); break;
        case NOTHING: break;
        default: putf(printer, "[P/U/%02x]", element.tag);
        }
}

/* " .1.3.6=value" for each variable; questions have no value. */
static void variables_print(struct printer *printer, struct view view, uint8_t operation)
{
        bool question = operation == 0xa0 || operation == 0xa1 || operation == GET_BULK;
        struct element list = element_take(printer, &view);

        while (list.value.length > 0) {
                struct element pair = element_take(printer, &list.value);
                struct element name = element_take(printer, &pair.value);
                struct element value;

                put_char(printer, ' ');
                put_object(printer, name.value);
                value = element_take(printer, &pair.value);
                if (question && value.tag == NOTHING)
                        continue;
                put_char(printer, '=');
                element_print(printer, value);
        }
}

static void trap_print(struct printer *printer, struct view view)
{
        struct element element;
        int64_t generic;

        put_char(printer, ' ');
        element = element_take(printer, &view);
        put_object(printer, element.value);
        put_char(printer, ' ');
        element_print(printer, element_take(printer, &view));
        generic = integer_value(printer, element_take(printer, &view).value);
        put_char(printer, ' ');
        put_name(printer, traps, "generic-trap(%u)", (uint32_t)generic);
        element = element_take(printer, &view);
        if (generic == 6 || integer_value(printer, element.value) != 0) {
                put(printer, " s=");
                put_signed(printer, integer_value(printer, element.value));
        }
        put_char(printer, ' ');
        element_print(printer, element_take(printer, &view));
        variables_print(printer, view, TRAP_1);
}

static void request_print(struct printer *printer, struct view view, uint8_t operation)
{
        int64_t id = integer_value(printer, element_take(printer, &view).value);
        int64_t status, index;

        if (printer->options.verbose) {
                put(printer, "R=");
                put_signed(printer, id);
                put_char(printer, ' ');
        }
        status = integer_value(printer, element_take(printer, &view).value);
        index = integer_value(printer, element_take(printer, &view).value);
        if (operation == GET_BULK) {
                put(printer, " N=");
                put_signed(printer, status);
                put(printer, " M=");
                put_signed(printer, index);
        } else if (status != 0) {
                put_char(printer, ' ');
                put_name(printer, errors, "ErrorStatus(%u)", (uint32_t)status);
                if (index != 0) {
                        put_char(printer, '@');
                        put_signed(printer, index);
                }
        }
        variables_print(printer, view, operation);
}

static bool is_public(struct printer *printer, struct view community)
{
        static const char expected[] = "public";

        if (community.length != sizeof expected - 1)
                return false;
        for (uint32_t i = 0; i < community.length; i++)
                if (get8(printer, community, i) != (uint8_t)expected[i])
                        return false;
        return true;
}

void snmp_print(struct printer *printer, struct view view)
{
        bool verbose = printer->options.verbose > 0;
        struct element element, community;
        int64_t version;

        printer->protocol = "snmp";
        put_char(printer, ' ');
        element = element_take(printer, &view);
        view = element.value;
        version = integer_value(printer, element_take(printer, &view).value);
        if (version != 0 && version != 1) {
                putf(printer, "SNMP [version = %u]", (unsigned)version);
                return;
        }
        if (verbose)
                putf(printer, "{ SNMPv%s ", version ? "2c" : "1");
        community = element_take(printer, &view);
        if (!is_public(printer, community.value)) {
                put(printer, "C=");
                put_string(printer, community.value);
                put_char(printer, ' ');
        }
        element = element_take(printer, &view);
        if (verbose)
                put(printer, "{ ");
        put_name(printer, operations, "[P/C/%02x]", element.tag);
        putf(printer, "(%u) ", element.value.length);
        if (element.tag == TRAP_1)
                trap_print(printer, element.value);
        else
                request_print(printer, element.value, element.tag);
        if (verbose)
                put(printer, " } } ");
}
