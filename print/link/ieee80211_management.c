/* Bodies of IEEE 802.11 management frames, 9.3.3: what is fixed, then elements, of which few are
 * shown. */
#include "base/array.h"
#include "ieee80211.h"

enum {
        ELEMENT_SSID = 0,
        ELEMENT_RATES = 1,
        ELEMENT_CHANNEL = 3, /* DSSS Parameter Set */
        ELEMENT_TIM = 5,
        ELEMENT_CHALLENGE = 16,
        ELEMENT_HEADER = 2,

        CAPABILITY_ESS = 1,
        CAPABILITY_PRIVACY = 0x10,

        SHARED_KEY = 1,
        RATE_BASIC = 0x80,
};

/* Longer ones are faults. Others than these may be as long as they like. */
static const struct {
        uint8_t element, most;
} sizes[] = {
    {ELEMENT_SSID, 32},
    {ELEMENT_RATES, 16},
    {ELEMENT_TIM, 254},
    {ELEMENT_CHALLENGE, 253},
};

static const struct name management_frames[] = {
    {0, "Assoc Request"},
    {1, "Assoc Response"},
    {2, "ReAssoc Request"},
    {3, "ReAssoc Response"},
    {4, "Probe Request"},
    {5, "Probe Response"},
    {8, "Beacon"},
    {9, "ATIM"},
    {10, "Disassociation"},
    {11, "Authentication"},
    {12, "DeAuthentication"},
    {13, "Action"},
    {0, NULL},
};

/* The first of each kind. */
struct elements {
        const uint8_t *ssid, *rates;
        uint8_t ssid_size, rates_size;
        bool has_channel, complete;
        uint8_t channel;
};

static bool is_too_long(uint8_t element, uint8_t size)
{
        for (size_t i = 0; i < array_count(sizes); i++)
                if (sizes[i].element == element)
                        return size > sizes[i].most;
        return false;
}

static void element_note(struct elements *elements, uint8_t element, const uint8_t *value,
                         uint8_t size)
{
        switch (element) {
        case ELEMENT_SSID:
                if (!elements->ssid) {
                        elements->ssid = value;
                        elements->ssid_size = size;
                }
                break;
        case ELEMENT_RATES:
                if (!elements->rates && size > 0) {
                        elements->rates = value;
                        elements->rates_size = size;
                }
                break;
        case ELEMENT_CHANNEL:
                if (!elements->has_channel && size == 1) {
                        elements->has_channel = true;
                        elements->channel = *value;
                }
                break;
        default: break;
        }
}

/* Up to the first that is cut short or too long. */
static struct elements elements_find(struct packet packet)
{
        struct elements elements = {.complete = false};

        while (packet.length > 0) {
                uint8_t element, size;

                if (!has(packet, 0, ELEMENT_HEADER))
                        return elements;
                element = packet.data[0];
                size = packet.data[1];
                packet = packet_from(packet, ELEMENT_HEADER);
                if (is_too_long(element, size) || !has(packet, 0, size))
                        return elements;
                element_note(&elements, element, packet.data, size);
                packet = packet_from(packet, size);
        }
        elements.complete = true;
        return elements;
}

static void ssid_print(struct printer *printer, const struct elements *elements)
{
        if (!elements->ssid)
                return;
        put(printer, " (");
        for (uint8_t i = 0; i < elements->ssid_size && elements->ssid[i]; i++)
                put_visible(printer, elements->ssid[i]);
        put_char(printer, ')');
}

/* In units of 500 kbit/s. */
static void put_rate(struct printer *printer, const char *before, uint8_t rate)
{
        unsigned halves = rate & ~RATE_BASIC & 0xffu;

        putf(printer, "%s%u.%u", before, halves / 2, halves % 2 * 5);
        if (rate & RATE_BASIC)
                put_char(printer, '*');
}

static void rates_print(struct printer *printer, const struct elements *elements)
{
        if (!elements->rates)
                return;
        for (uint8_t i = 0; i < elements->rates_size; i++)
                put_rate(printer, i == 0 ? " [" : " ", elements->rates[i]);
        put(printer, " Mbit]");
}

static void channel_print(struct printer *printer, const struct elements *elements,
                          uint16_t capabilities)
{
        if (elements->has_channel)
                put_labelled(printer, " CH: ", elements->channel);
        if (capabilities & CAPABILITY_PRIVACY)
                put(printer, ", PRIVACY");
}

/* Numbers beyond the last one known are told apart from reserved ones. */
static void put_status(struct printer *printer, uint16_t status)
{
        enum { STATUSES = 108 };

        put_as(printer, status == 0 ? ROLE_FLAGS : ROLE_REFUSAL,
               name_or(ieee80211_statuses, status, status < STATUSES ? "Reserved" : "n/a"));
}

/* Time stamp, interval, capabilities; elements. */
static bool beacon_print(struct printer *printer, struct packet body, bool is_beacon)
{
        enum { CAPABILITIES = 10, FIXED = 12 };
        struct elements elements;
        uint16_t capabilities;

        if (!has(body, 0, FIXED))
                return false;
        capabilities = get16_little(printer, body, CAPABILITIES);
        elements = elements_find(packet_from(body, FIXED));
        ssid_print(printer, &elements);
        rates_print(printer, &elements);
        if (is_beacon)
                put(printer, capabilities & CAPABILITY_ESS ? " ESS" : " IBSS");
        channel_print(printer, &elements, capabilities);
        return elements.complete;
}

/* Capabilities and listen interval, of a reassociation also the current access point; elements. */
static bool association_request_print(struct printer *printer, struct packet body, bool again)
{
        uint32_t fixed = again ? 10 : 4;
        struct elements elements;

        if (!has(body, 0, fixed))
                return false;
        elements = elements_find(packet_from(body, fixed));
        ssid_print(printer, &elements);
        if (again) {
                put(printer, " AP : ");
                put_ethernet(printer, body.data + 4);
        } else {
                rates_print(printer, &elements);
        }
        return elements.complete;
}

/* Capabilities, status, association identifier; elements. */
static bool association_response_print(struct printer *printer, struct packet body)
{
        enum { FIXED = 6, IDENTIFIER = 0x3fff };

        if (!has(body, 0, FIXED))
                return false;
        putf(printer, " AID(%x) :%s: ", get16_little(printer, body, 4) & IDENTIFIER,
             get16_little(printer, body, 0) & CAPABILITY_PRIVACY ? " PRIVACY " : "");
        put_status(printer, get16_little(printer, body, 2));
        return elements_find(packet_from(body, FIXED)).complete;
}

static bool probe_request_print(struct printer *printer, struct packet body)
{
        struct elements elements = elements_find(body);

        ssid_print(printer, &elements);
        rates_print(printer, &elements);
        return elements.complete;
}

/* Algorithm, number of the step, status; elements. */
static bool authentication_print(struct printer *printer, struct packet body)
{
        enum { FIXED = 6 };
        static const struct name algorithms[] = {
            {0, "Open System"}, {SHARED_KEY, "Shared Key"}, {2, "EAP"}, {0, NULL}};
        uint16_t algorithm, step;
        bool challenge;

        if (!has(body, 0, FIXED))
                return false;
        algorithm = get16_little(printer, body, 0);
        step = get16_little(printer, body, 2);
        challenge = algorithm == SHARED_KEY && (step == 2 || step == 3);
        putf(printer, " (%s)-%x%s ", name_or(algorithms, algorithm, "Reserved"), step,
             challenge ? " [Challenge Text]" : ":");
        /* Only an answer has a status. */
        if (step % 2 == 1)
                put_status(printer, get16_little(printer, body, 4));
        return elements_find(packet_from(body, FIXED)).complete;
}

static void reason_print(struct printer *printer, struct packet body)
{
        put(printer, ": ");
        put(printer, name_or(ieee80211_reasons, get16_little(printer, body, 0), "Reserved"));
}

/* Category and action, 9.6. */
static void action_print(struct printer *printer, struct packet body)
{
        static const struct name block_acks[] = {
            {0, "ADDBA Request"}, {1, "ADDBA Response"}, {2, "DELBA"}, {0, NULL}};
        static const struct name high_throughput[] = {
            {0, "TxChWidth"}, {1, "MIMOPwrSave"}, {0, NULL}};
        static const struct name mesh[] = {
            {0, "MeshLink"},
            {1, "HWMP"},
            {2, "Gate Announcement"},
            {3, "Congestion Control"},
            {4, "MCCA Setup Request"},
            {5, "MCCA Setup Reply"},
            {6, "MCCA Advertisement Request"},
            {7, "MCCA Advertisement"},
            {8, "MCCA Teardown"},
            {9, "TBTT Adjustment Request"},
            {10, "TBTT Adjustment Response"},
            {0, NULL},
        };
        static const struct name multihop[] = {
            {0, "Proxy Update"}, {1, "Proxy Update Confirmation"}, {0, NULL}};
        static const struct name self_protected[] = {
            {1, "Peering Open"},     {2, "Peering Confirm"},       {3, "Peering Close"},
            {4, "Group Key Inform"}, {5, "Group Key Acknowledge"}, {0, NULL},
        };
        static const struct name none[] = {{0, NULL}};
        static const struct action_category {
                const char *name;
                const struct name *actions;
        } categories[] = {
            [0] = {"Spectrum Management", none},
            [1] = {"QoS", none},
            [2] = {"DLS", none},
            [3] = {"BA", block_acks},
            [7] = {"HT", high_throughput},
            [13] = {"MeshAction", mesh},
            [14] = {"MultiohopAction", multihop},
            [15] = {"SelfprotectAction", self_protected},
            [127] = {"Vendor", none},
            [255] = {NULL, NULL},
        };
        const struct action_category *category;

        category = &categories[get8(printer, body, 0)];
        put(printer, ": ");
        if (category->name)
                put(printer, category->name);
        else
                putf(printer, "Reserved(%u)", get8(printer, body, 0));
        put_char(printer, ' ');
        put_name(printer, category->name ? category->actions : none, "Act#%u",
                 get8(printer, body, 1));
}

/* Who sends, where -e has not said it. */
static void put_sender(struct printer *printer, struct packet packet)
{
        enum { SENDER = 10 };

        if (printer->options.link_header)
                return;
        put(printer, " (");
        put_ethernet(printer, packet.data + SENDER);
        put_char(printer, ')');
}

/* Of frames whose body is no more than two bytes or codes. */
static bool codes_print(struct printer *printer, struct packet packet, struct packet body,
                        bool sender, void (*print)(struct printer *, struct packet))
{
        if (!has(body, 0, 2))
                return false;
        if (sender)
                put_sender(printer, packet);
        print(printer, body);
        return true;
}

void ieee80211_management_name_print(struct printer *printer, unsigned subtype)
{
        put_name_as(printer, ROLE_PROTOCOL, management_frames, "Unhandled Management subtype(%x)",
                    subtype);
}

bool ieee80211_management_print(struct printer *printer, struct packet packet, unsigned subtype,
                                uint32_t header)
{
        struct packet body = packet_from(packet, header);

        switch (subtype) {
        case 0: return association_request_print(printer, body, false);
        case 1: return association_response_print(printer, body);
        case 2: return association_request_print(printer, body, true);
        case 3: return association_response_print(printer, body);
        case 4: return probe_request_print(printer, body);
        case 5: return beacon_print(printer, body, false);
        case 8: return beacon_print(printer, body, true);
        case 10: return codes_print(printer, packet, body, false, reason_print);
        case 11: return authentication_print(printer, body);
        case 12: return codes_print(printer, packet, body, true, reason_print);
        case 13: return codes_print(printer, packet, body, true, action_print);
        default: return true;
        }
}
