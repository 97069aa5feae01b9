/* Values of RADIUS attributes that have fields of their own: of RFC 2868, 2869 (ARAP), 5447 (Mobile
 * IPv6) and 5580 (location). */
#include "radius.h"

#include "base/array.h"

void radius_character_print(struct printer *printer, uint8_t c)
{
        put_char(printer, c >= 0x20 && c < 0x7f ? (char)c : '.');
}

void radius_text_print(struct printer *printer, struct packet value)
{
        for (uint32_t i = 0; i < value.length && get8(printer, value, i) != 0; i++)
                radius_character_print(printer, value.data[i]);
}

static void put_upper_hex(struct printer *printer, struct packet value, uint32_t offset,
                          uint32_t count)
{
        static const char digits[] = "0123456789ABCDEF";

        for (uint32_t i = 0; i < count; i++) {
                uint8_t byte = get8(printer, value, offset + i);

                put_char(printer, digits[byte >> 4]);
                put_char(printer, digits[byte & 15]);
        }
}

/* False after an error. */
static bool size_is(struct printer *printer, struct packet value, uint32_t size)
{
        if (value.length != size)
                putf(printer, "ERROR: length %u != %u", value.length, size);
        return value.length == size;
}

/* Also false if not all is captured. */
static bool size_is_least(struct printer *printer, struct packet value, uint32_t size)
{
        if (!has(value, 0, value.length)) {
                put_truncated(printer);
                return false;
        }
        if (value.length < size)
                putf(printer, "ERROR: length %u < %u", value.length, size);
        return value.length >= size;
}

static void tunnel_password_print(struct printer *printer, struct packet value)
{
        enum { MOST_TAG = 0x1f };
        uint8_t tag;

        if (value.length < 3 || !has(value, 0, value.length)) {
                put_truncated(printer);
                return;
        }
        tag = get8(printer, value, 0);
        if (tag == 0 || tag > MOST_TAG)
                put(printer, "Tag[Unused] ");
        else
                putf(printer, "Tag[%u] ", tag);
        putf(printer, "Salt %u ", get16(printer, value, 1));
        radius_text_print(printer, packet_from(value, 3));
}

static void arap_password_print(struct printer *printer, struct packet value)
{
        if (!size_is(printer, value, 16))
                return;
        put(printer, "User_challenge (");
        put_upper_hex(printer, value, 0, 8);
        put(printer, ") User_resp(");
        put_upper_hex(printer, value, 8, 8);
        put_char(printer, ')');
}

static void arap_features_print(struct printer *printer, struct packet value)
{
        static const char *const labels[] = {"created at: ", ", expires in: ", ", Current Time: "};

        if (!size_is(printer, value, 14))
                return;
        put(printer,
            get8(printer, value, 0) ? "User can change password" : "User cannot change password");
        putf(printer, ", Min password length: %u, ", get8(printer, value, 1));
        for (uint32_t i = 0; i < array_count(labels); i++) {
                put(printer, labels[i]);
                put_upper_hex(printer, value, 2 + 4 * i, 4);
        }
}

static void arap_response_print(struct printer *printer, struct packet value)
{
        if (value.length < 8)
                putf(printer, "ERROR: length %u != 8", value.length);
        else
                put_upper_hex(printer, value, 0, 8);
}

static void mip6_features_print(struct printer *printer, struct packet value)
{
        static const struct {
                uint8_t bit;
                const char *name;
        } features[] = {{0, "MIP6_INTEGRATED"},
                        {1, "LOCAL_HOME_AGENT_ASSIGNMENT"},
                        {40, "PMIP6_SUPPORTED"},
                        {41, "IP4_HOA_SUPPORTED"},
                        {42, "LOCAL_MAG_ROUTING_SUPPORTED"},
                        {43, "ASSIGN_LOCAL_IP"},
                        {44, "MIP4_SUPPORTED"},
                        {45, "OPTIMIZED_IDLE_MODE_MOBILITY"},
                        {46, "GTPv2_SUPPORTED"},
                        {47, "IP4_TRANSPORT_SUPPORTED"},
                        {48, "IP4_HOA_ONLY_SUPPORTED"},
                        {49, "INTER_MAG_ROUTING_SUPPORTED"}};
        const char *separator = "";
        uint64_t bits;

        if (!size_is(printer, value, 8))
                return;
        put_char(printer, '[');
        bits = get64(printer, value, 0);
        for (size_t i = 0; i < array_count(features); i++) {
                if (!(bits >> features[i].bit & 1))
                        continue;
                put(printer, separator);
                put(printer, features[i].name);
                separator = ", ";
        }
        put_char(printer, ']');
}

static void mip6_prefix_print(struct printer *printer, struct packet value)
{
        uint8_t bits;

        if (!size_is(printer, value, 17))
                return;
        if (!has(value, 0, 17)) {
                put_truncated(printer);
                return;
        }
        bits = get8(printer, value, 0);
        if (bits > 128) {
                putf(printer, "ERROR: netmask %u not in range (0..128)", bits);
                return;
        }
        put_ipv6_at(printer, value, 1);
        putf(printer, "/%u", bits);
}

static void operator_print(struct printer *printer, struct packet value)
{
        static const struct name namespaces[] = {
            {0x30, "TADIG"}, {0x31, "REALM"}, {0x32, "E212"}, {0x33, "ICC"}, {0, NULL}};

        if (!size_is_least(printer, value, 2))
                return;
        put_char(printer, '[');
        put_name(printer, namespaces, "unknown namespace %u", get8(printer, value, 0));
        put(printer, "] ");
        characters_print(printer, value, 1, value.length - 1);
}

/* ", method \"gps\"", or nothing if there is no text. */
static void put_quoted(struct printer *printer, const char *label, struct packet value,
                       uint32_t offset)
{
        if (value.length <= offset)
                return;
        putf(printer, "%s\"", label);
        characters_print(printer, value, offset, value.length - offset);
        put_char(printer, '"');
}

static void location_print(struct printer *printer, struct packet value)
{
        static const struct name codes[] = {{0, "Civic"}, {1, "Geospatial"}, {0, NULL}};
        static const struct name entities[] = {{0, "User"}, {1, "RADIUS"}, {0, NULL}};

        if (!size_is_least(printer, value, 21))
                return;
        put_labelled(printer, "index ", get16(printer, value, 0));
        put_named8(printer, ", code ", codes, "Unknown (%u)", value, 2);
        put_named8(printer, ", entity ", entities, "Unknown (%u)", value, 3);
        put(printer, ", sighting time ");
        put_ntp_time(printer, value, 4);
        put(printer, ", time to live ");
        put_ntp_time(printer, value, 12);
        put_quoted(printer, ", method ", value, 20);
}

static void location_data_print(struct printer *printer, struct packet value)
{
        if (!size_is_least(printer, value, 3))
                return;
        put_labelled(printer, "index ", get16(printer, value, 0));
        put(printer, ", location");
        dump_hex_ascii(printer, "\n\t    ", packet_from(value, 2), value.length - 2);
}

static void location_policy_print(struct printer *printer, struct packet value)
{
        static const struct name flags[] = {{0x0001, "MBZ-15"}, {0x0002, "MBZ-14"},
                                            {0x0004, "MBZ-13"}, {0x0008, "MBZ-12"},
                                            {0x0010, "MBZ-11"}, {0x0020, "MBZ-10"},
                                            {0x0040, "MBZ-9"},  {0x0080, "MBZ-8"},
                                            {0x0100, "MBZ-7"},  {0x0200, "MBZ-6"},
                                            {0x0400, "MBZ-5"},  {0x0800, "MBZ-4"},
                                            {0x1000, "MBZ-3"},  {0x2000, "MBZ-2"},
                                            {0x4000, "MBZ-1"},  {0x8000, "Retransmission Allowed"},
                                            {0, NULL}};

        if (!size_is_least(printer, value, 10))
                return;
        put_flag_list(printer, "flags [", flags, get16(printer, value, 0));
        put(printer, ", retention expires ");
        put_ntp_time(printer, value, 2);
        put_quoted(printer, ", note well ", value, 10);
}

bool radius_value_print(struct printer *printer, struct packet value, enum radius_shape shape)
{
        switch (shape) {
        case TUNNEL_PASSWORD: tunnel_password_print(printer, value); return true;
        case ARAP_PASSWORD: arap_password_print(printer, value); return true;
        case ARAP_FEATURES: arap_features_print(printer, value); return true;
        case ARAP_RESPONSE: arap_response_print(printer, value); return true;
        case MIP6_FEATURES: mip6_features_print(printer, value); return true;
        case MIP6_PREFIX: mip6_prefix_print(printer, value); return true;
        case OPERATOR: operator_print(printer, value); return true;
        case LOCATION: location_print(printer, value); return true;
        case LOCATION_DATA: location_data_print(printer, value); return true;
        case LOCATION_POLICY: location_policy_print(printer, value); return true;
        default: return false;
        }
}
