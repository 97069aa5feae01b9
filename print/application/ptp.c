/* The Precision Time Protocol, version 2, IEEE 1588-2008. */
#include "application.h"

enum { VERSION_1 = 1, VERSION_2 = 2, HEADER = 34 };

enum message {
        SYNC = 0,
        DELAY_REQUEST = 1,
        PEER_DELAY_REQUEST = 2,
        PEER_DELAY_RESPONSE = 3,
        FOLLOW_UP = 8,
        DELAY_RESPONSE = 9,
        PEER_DELAY_FOLLOW_UP = 10,
        ANNOUNCE = 11,
        SIGNALING = 12,
        MANAGEMENT = 13
};

static const struct name messages[] = {
    {SYNC, "sync msg"},
    {DELAY_REQUEST, "delay req msg"},
    {PEER_DELAY_REQUEST, "peer delay req msg"},
    {PEER_DELAY_RESPONSE, "peer delay resp msg"},
    {FOLLOW_UP, "follow up msg"},
    {DELAY_RESPONSE, "delay resp msg"},
    {PEER_DELAY_FOLLOW_UP, "pdelay resp fup msg"},
    {ANNOUNCE, "announce msg"},
    {SIGNALING, "signalling msg"},
    {MANAGEMENT, "management msg"},
    {0, NULL},
};

static const struct name flag_names[] = {
    {0x0001, "l1 61"},
    {0x0002, "l1 59"},
    {0x0004, "utc reasonable"},
    {0x0008, "timescale"},
    {0x0010, "time tracable"},
    {0x0020, "frequency tracable"},
    {0x0100, "alternate master"},
    {0x0200, "two step"},
    {0x0400, "unicast"},
    {0x1000, "profile specific 1"},
    {0x2000, "profile specific 2"},
    {0x4000, "security mask"},
    {0x18c0, "unknown"},
    {0, NULL},
};

static const struct name controls[] = {
    {0, "Sync"},       {1, "Delay_Req"}, {2, "Follow_Up"}, {3, "Delay_Resp"},
    {4, "Management"}, {5, "Other"},     {0, NULL},
};

/* ", LABEL : 0x20000fffe000001, port id : 1" */
static void put_identity(struct printer *printer, const char *label, struct packet packet,
                         uint32_t offset)
{
        uint64_t clock = get64(printer, packet, offset);

        putf(printer, ", %s : 0x%llx", label, (unsigned long long)clock);
        putf(printer, ", port id : %u", get16(printer, packet, offset + 8));
}

/* Six bytes of seconds, four of nanoseconds. */
static void put_time(struct printer *printer, const char *label, const char *between,
                     struct packet packet)
{
        uint64_t seconds;

        putf(printer, ", %s :", label);
        seconds = (uint64_t)get16(printer, packet, 0) << 32 | get32(printer, packet, 2);
        putf(printer, " %llu seconds%s", (unsigned long long)seconds, between);
        putf(printer, " %u nanoseconds", get32(printer, packet, 6));
}

static void announce_print(struct printer *printer, struct packet packet)
{
        put_time(printer, "originTimeStamp", "", packet);
        putf(printer, ", origin cur utc :%u", get16(printer, packet, 10));
        putf(printer, ", rsvd : %u", get8(printer, packet, 12));
        putf(printer, ", gm priority_1 : %u", get8(printer, packet, 13));
        putf(printer, ", gm clock class : %u", get8(printer, packet, 14));
        putf(printer, ", gm clock accuracy : %u", get8(printer, packet, 15));
        putf(printer, ", gm clock variance : %u", get16(printer, packet, 16));
        putf(printer, ", gm priority_2 : %u", get8(printer, packet, 18));
        putf(printer, ", gm clock id : 0x%llx", (unsigned long long)get64(printer, packet, 19));
        putf(printer, ", steps removed : %u", get16(printer, packet, 27));
        putf(printer, ", time source : 0x%x", get8(printer, packet, 29));
}

static void body_print(struct printer *printer, struct packet packet, uint8_t message)
{
        enum { TIME = 10 };
        uint8_t hops;

        switch (message) {
        case SYNC:
        case DELAY_REQUEST: put_time(printer, "originTimeStamp", ",", packet); break;
        case FOLLOW_UP: put_time(printer, "preciseOriginTimeStamp", ",", packet); break;
        case PEER_DELAY_REQUEST:
        case PEER_DELAY_FOLLOW_UP:
                put_time(printer, "preciseOriginTimeStamp", ",", packet);
                put_identity(printer, "port identity", packet, TIME);
                break;
        case PEER_DELAY_RESPONSE:
        case DELAY_RESPONSE:
                put_time(printer, "receiveTimeStamp", ",", packet);
                put_identity(printer, "port identity", packet, TIME);
                break;
        case ANNOUNCE: announce_print(printer, packet); break;
        case SIGNALING: put_identity(printer, "port identity", packet, 0); break;
        case MANAGEMENT:
                put_identity(printer, "port identity", packet, 0);
                /* tcpdump shows a byte of the identity for each of them. */
                hops = get8(printer, packet, 0);
                putf(printer, ", , start boundary hops  %u, ", hops);
                putf(printer, ", boundary hops  %u, ", hops);
                putf(printer, ", flags  0x%x, ", hops);
                putf(printer, ", reserved  0x%x", hops);
                break;
        default: break;
        }
}

static void version_2_print(struct printer *printer, struct packet packet)
{
        uint8_t first = get8(printer, packet, 0);
        uint8_t control;
        uint16_t flags;

        putf(printer, ", v1 compat : %s", first & 0x10 ? "yes" : "no");
        putf(printer, ", msg type : %s", name_or(messages, first & 0x0f, "Reserved"));
        putf(printer, ", length : %u", get16(printer, packet, 2));
        need_hard(printer, packet, 4, 2);
        putf(printer, ", domain : %u", get8(printer, packet, 4));
        putf(printer, ", reserved1 : %u", get8(printer, packet, 5));
        flags = get16(printer, packet, 6);
        put_flag_list(printer, ", Flags [", flag_names, flags);
        putf(printer, ", NS correction : %llu",
             (unsigned long long)get16(printer, packet, 8) << 32 | get32(printer, packet, 10));
        putf(printer, ", sub NS correction : %u", get16(printer, packet, 14));
        putf(printer, ", reserved2 : %u", get32(printer, packet, 16));
        put_identity(printer, "clock identity", packet, 20);
        putf(printer, ", seq id : %u", get16(printer, packet, 30));
        control = get8(printer, packet, 32);
        putf(printer, ", control : %u (%s)", control, name_or(controls, control, "Reserved"));
        putf(printer, ", log message interval : %u", get8(printer, packet, 33));
        body_print(printer, packet_from(packet, HEADER), first & 0x0f);
}

void ptp_print(struct printer *printer, struct packet packet)
{
        uint8_t version;

        printer->protocol = "ptp";
        if (packet.length < HEADER) {
                putf(printer, " [length %u < %u]", packet.length, HEADER);
                put_invalid(printer);
                return;
        }
        version = get8(printer, packet, 1);
        putf_as(printer, ROLE_PROTOCOL, "PTPv%u", version);
        if (version == VERSION_1)
                put(printer, " (not implemented)");
        else if (version == VERSION_2)
                version_2_print(printer, packet);
}
