/* The packets of layered.h: written header by header, each of which chooses what follows it. */
#include "layered.h"

#include "base/array.h"
#include "random.h"

#include <pcap/pcap.h>
#include <string.h>

enum {
        MAX_DEPTH = 6,
        PACKET_ROOM = 2000,
};

struct writer {
        uint64_t *random;
        struct sample *sample;
        int depth; /* tunnels entered */
};

static bool one_in(struct writer *writer, uint32_t count)
{
        return random_below(writer->random, count) == 0;
}

static void put(struct writer *writer, unsigned size, uint64_t number)
{
        struct sample *sample = writer->sample;

        for (unsigned i = 0; i < size && sample->captured < PACKET_ROOM; i++)
                sample->data[sample->captured++] =
                    (uint8_t)(size - i > 8 ? 0 : number >> 8 * (size - i - 1));
}

static uint32_t pick(struct writer *writer, const uint32_t *values, size_t count)
{
        return values[random_below(writer->random, (uint32_t)count)];
}
#define PICK(writer, ...)                             \
        pick(writer, (const uint32_t[]){__VA_ARGS__}, \
             sizeof((uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))

static void put_type(struct writer *writer, uint32_t type);
static void put_frame(struct writer *writer);
static void put_ipv4(struct writer *writer);
static void put_ipv6(struct writer *writer);

static void put_noise(struct writer *writer, uint32_t most)
{
        for (uint32_t left = random_below(writer->random, most + 1); left > 0; left--)
                put(writer, 1, random_next(writer->random));
}

static void put_port(struct writer *writer)
{
        put(writer, 2, PICK(writer, 80, 443, 22, 53, 53, 1000, 1001, 4789, 6081, 2152));
}

static void put_gre(struct writer *writer)
{
        uint32_t flags =
            one_in(writer, 2) ? 0 : PICK(writer, 0x8000, 0x2000, 0x1000, 0xb000, 0x3000);
        uint32_t type = PICK(writer, 0x0800, 0x0800, 0x86dd, 0x86dd, 0x8847, 0x6558, 0x6558, 0x8848,
                             0x0806, 0x8100, 0x880b, 0x88be);

        if (one_in(writer, 15))
                flags |= PICK(writer, 0x4000, 1, 0x0800, 0x0100, 0x0080);
        put(writer, 2, flags);
        put(writer, 2, type);
        for (uint32_t bit = 0x1000; bit < 0x10000; bit <<= 1)
                if (flags & bit & 0xb000)
                        put(writer, 4, random_below(writer->random, 8));
        if (type == 0x6558)
                put_frame(writer);
        else
                put_type(writer, type);
}

static void put_vxlan(struct writer *writer)
{
        put(writer, 1, one_in(writer, 10) ? random_next(writer->random) : 8);
        put(writer, 3, one_in(writer, 10) ? random_next(writer->random) : 0);
        put(writer, 3, PICK(writer, 5, 6, 7));
        put(writer, 1, 0);
        put_frame(writer);
}

static void put_geneve(struct writer *writer)
{
        uint32_t words = one_in(writer, 2) ? 0 : random_below(writer->random, 5);
        uint32_t type = PICK(writer, 0x6558, 0x6558, 0x0800, 0x86dd, 0x8847, 0x0806, 0x8100);

        put(writer, 1, (one_in(writer, 15) ? random_next(writer->random) & 0xc0 : 0) | words);
        put(writer, 1, one_in(writer, 10) ? random_next(writer->random) : 0);
        put(writer, 2, type);
        put(writer, 3, PICK(writer, 5, 6, 7));
        put(writer, 1, 0);
        put(writer, 4 * words, random_next(writer->random));
        if (type == 0x6558)
                put_frame(writer);
        else
                put_type(writer, type);
}

static void put_gtp(struct writer *writer)
{
        uint32_t flags = one_in(writer, 2) ? 0 : random_below(writer->random, 8);
        uint32_t extensions = flags & 4 ? random_below(writer->random, 4) : 0;

        put(writer, 1, one_in(writer, 15) ? random_next(writer->random) : 0x30 | flags);
        put(writer, 1, one_in(writer, 15) ? random_next(writer->random) : 255);
        put(writer, 2, 100);
        put(writer, 4, random_below(writer->random, 8));
        if (flags) {
                put(writer, 3, 0);
                put(writer, 1, extensions || (!(flags & 4) && one_in(writer, 2)) ? 0x85 : 0);
        }
        for (; extensions > 0; extensions--) {
                uint32_t words = one_in(writer, 30) ? 0 : 1 + random_below(writer->random, 3);

                put(writer, 1, words);
                for (uint32_t i = 0; i + 2 < words * 4; i++)
                        put(writer, 1, random_next(writer->random));
                put(writer, 1, extensions > 1 ? PICK(writer, 0x85, 0xc0, 0x40) : 0);
        }
        if (one_in(writer, 2))
                put_ipv4(writer);
        else
                put_ipv6(writer);
}

static void put_udp(struct writer *writer)
{
        uint32_t kind = writer->depth < MAX_DEPTH ? random_below(writer->random, 8) : 7;

        put_port(writer);
        if (kind > 3)
                put_port(writer);
        else
                put(writer, 2,
                    kind == 0   ? PICK(writer, 4789, 8472)
                    : kind == 1 ? 6081
                    : kind == 2 ? 2152
                                : PICK(writer, 53, 4754, 6635));
        put(writer, 4, 0);
        writer->depth++;
        if (kind == 0)
                put_vxlan(writer);
        else if (kind == 1)
                put_geneve(writer);
        else if (kind == 2)
                put_gtp(writer);
        else
                put_noise(writer, 40);
}

/* What follows a network header and its extensions, of protocol `number`. */
static void put_body(struct writer *writer, uint32_t number)
{
        switch (number) {
        case 4:
                writer->depth++;
                put_ipv4(writer);
                break;
        case 41:
                writer->depth++;
                put_ipv6(writer);
                break;
        case 6:
                put_port(writer);
                put_port(writer);
                put(writer, 8, 1);
                put(writer, 2, 0x5000 | PICK(writer, 0x02, 0x12, 0x10, 0x18, 0x04));
                put(writer, 6, 0);
                put_noise(writer, 10);
                break;
        case 17: put_udp(writer); break;
        case 132:
                put_port(writer);
                put_port(writer);
                put(writer, 8, 1);
                break;
        case 47:
                writer->depth++;
                put_gre(writer);
                break;
        case 97:
                writer->depth++;
                put(writer, 2, one_in(writer, 15) ? random_next(writer->random) : 0x3000);
                put_frame(writer);
                break;
        case 115:
                writer->depth++;
                put(writer, 4, one_in(writer, 10) ? 0 : 7);
                put(writer, 4, one_in(writer, 2) ? 0 : 0x40000001);
                put_frame(writer);
                break;
        default: put(writer, 1, PICK(writer, 0, 8, 11, 128, 129, 135)); put_noise(writer, 30);
        }
}

static uint32_t choose_number(struct writer *writer)
{
        if (writer->depth < MAX_DEPTH && !one_in(writer, 3))
                return PICK(writer, 4, 41, 17, 47, 97, 115);
        return PICK(writer, 6, 6, 6, 17, 17, 1, 58, 132, 50, 103, 2, 89, 112);
}

static void put_authentication(struct writer *writer, uint32_t number)
{
        uint32_t words = random_below(writer->random, 4) + 1;

        put(writer, 1, number);
        put(writer, 1, words);
        put(writer, (words + 2) * 4 - 2, 7);
}

static void put_ipv4(struct writer *writer)
{
        uint32_t options = one_in(writer, 3) ? random_below(writer->random, 11) : 0;
        bool authenticated = one_in(writer, 10);
        uint32_t number = choose_number(writer);
        uint32_t fragment =
            one_in(writer, 12) ? PICK(writer, 0x2000, 0x2001, 0x1fff, 0x0100, 0x4000) : 0;

        put(writer, 1,
            (one_in(writer, 30) ? random_below(writer->random, 16) << 4 : 0x40) | (5 + options));
        put(writer, 1, 0);
        put(writer, 4, 100 << 16);
        put(writer, 2, fragment);
        put(writer, 1, 64);
        put(writer, 1, authenticated ? 51 : number);
        put(writer, 2, 0);
        for (int i = 0; i < 2; i++)
                put(writer, 4,
                    one_in(writer, 10) ? 0xe0000001 : 0xc0000200 | PICK(writer, 1, 2, 3, 129));
        for (uint32_t i = 0; i < options; i++)
                put(writer, 4, 0x01010101);
        if (authenticated) {
                uint32_t behind = one_in(writer, 8) ? 51 : number;

                put_authentication(writer, behind);
                if (behind == 51)
                        put_authentication(writer, number);
        }
        put_body(writer, number);
}

static void put_extension(struct writer *writer, uint32_t kind, uint32_t following)
{
        uint32_t words = one_in(writer, 2) ? 0 : random_below(writer->random, 3);

        if (kind == 51) {
                put_authentication(writer, following);
                return;
        }
        put(writer, 1, following);
        if (kind == 44) {
                put(writer, 1, one_in(writer, 2) ? 0 : 3);
                put(writer, 2,
                    one_in(writer, 3) ? PICK(writer, 8, 0xfff8, 9, 0x0100) : PICK(writer, 0, 1, 6));
                put(writer, 4, 7);
                return;
        }
        put(writer, 1, words);
        put(writer, words * 8 + 6, 0x0104000000000000);
}

static void put_ipv6(struct writer *writer)
{
        static const uint32_t kinds[] = {0, 43, 44, 60, 51, 135, 139, 140};
        uint32_t extensions = one_in(writer, 2)    ? 0
                              : one_in(writer, 10) ? 7 + random_below(writer->random, 3)
                                                   : random_below(writer->random, 4);
        uint32_t number = choose_number(writer), chosen[11];

        for (uint32_t i = 0; i < extensions; i++)
                chosen[i] = pick(writer, kinds, array_count(kinds));
        chosen[extensions] = number;
        put(writer, 4, 0x60000000);
        put(writer, 2, 100);
        put(writer, 1, chosen[0]);
        put(writer, 1, 64);
        for (int i = 0; i < 2; i++) {
                put(writer, 8, one_in(writer, 10) ? 0xff02000000000000 : 0x20010db800000000);
                put(writer, 8, PICK(writer, 1, 2, 3));
        }
        for (uint32_t i = 0; i < extensions; i++)
                put_extension(writer, chosen[i], chosen[i + 1]);
        put_body(writer, number);
}

static void put_labels(struct writer *writer)
{
        uint32_t count = one_in(writer, 8) ? 7 + random_below(writer->random, 3)
                                           : 1 + random_below(writer->random, 3);

        for (uint32_t i = 1; i <= count; i++)
                put(writer, 4,
                    PICK(writer, 16, 17, 18, 0) << 12 | random_below(writer->random, 8) << 9 |
                        (i == count ? 0x100 : 0) | 64);
        if (one_in(writer, 10))
                put_noise(writer, 30);
        else if (one_in(writer, 2))
                put_ipv4(writer);
        else
                put_ipv6(writer);
}

static void put_session(struct writer *writer)
{
        uint32_t protocol = PICK(writer, 0x21, 0x21, 0x57, 0x57, 0xc021, 0x0281);

        put(writer, 2, one_in(writer, 15) ? random_next(writer->random) : 0x1100);
        put(writer, 2, PICK(writer, 1, 2, 3));
        put(writer, 2, 100);
        put(writer, 2, protocol);
        if (protocol == 0x57)
                put_ipv6(writer);
        else
                put_ipv4(writer);
}

static void put_arp(struct writer *writer)
{
        put(writer, 8, 0x0001080006040000 | PICK(writer, 1, 2));
        for (uint32_t i = 0; i < 2; i++) {
                put(writer, 6, 0x020000000000 | PICK(writer, 1, 2, 3));
                put(writer, 4, 0xc0000200 | PICK(writer, 1, 2, 3));
        }
}

/* What follows an EtherType. */
static void put_type(struct writer *writer, uint32_t type)
{
        switch (type) {
        case 0x0800: put_ipv4(writer); break;
        case 0x86dd: put_ipv6(writer); break;
        case 0x0806:
        case 0x8035: put_arp(writer); break;
        case 0x8847:
        case 0x8848: put_labels(writer); break;
        case 0x8864: put_session(writer); break;
        default: put_noise(writer, 60);
        }
}

static uint32_t choose_type(struct writer *writer)
{
        uint32_t most = one_in(writer, 6) ? 11 : 7;
        static const uint32_t types[] = {0x0800, 0x86dd, 0x0800, 0x86dd, 0x8847, 0x8864,
                                         0x0800, 0x0806, 0x8035, 0x8848, 0x1234};

        return types[random_below(writer->random, most)];
}

/* Tags before what has `type`, and that. */
static void put_tags_and_type(struct writer *writer)
{
        uint32_t type = choose_type(writer);
        uint32_t tags = one_in(writer, 3)    ? 1 + random_below(writer->random, 2)
                        : one_in(writer, 12) ? 3 + random_below(writer->random, 3)
                                             : 0;

        for (; tags > 0; tags--) {
                put(writer, 2, PICK(writer, 0x8100, 0x8100, 0x88a8, 0x9100, 0x9200));
                put(writer, 2, random_below(writer->random, 16) << 12 | PICK(writer, 1, 2, 3, 5));
        }
        if (one_in(writer, 40)) {
                put(writer, 2, 0x26);
                put(writer, 3, PICK(writer, 0x424203, 0xaaaa03, 0xfefe03));
                put(writer, 3, 0);
        }
        put(writer, 2, type);
        put_type(writer, type);
}

static void put_frame(struct writer *writer)
{
        put(writer, 6,
            one_in(writer, 8)   ? 0xffffffffffff
            : one_in(writer, 8) ? 0x01005e000001
                                : 0x020000000000 | PICK(writer, 1, 2, 3));
        put(writer, 6, 0x020000000000 | PICK(writer, 1, 2, 3));
        put_tags_and_type(writer);
}

static const int link_types[] = {
    DLT_EN10MB,
    DLT_EN10MB,
    DLT_EN10MB,
    DLT_EN10MB,
    DLT_EN10MB,
    DLT_EN10MB,
    DLT_EN10MB,
    DLT_EN10MB,
    DLT_RAW,
    DLT_IPV4,
    DLT_IPV6,
    DLT_NULL,
    DLT_LOOP,
    DLT_LINUX_SLL,
    DLT_PPP,
    DLT_PPP_SERIAL,
    DLT_PPP_ETHER,
    DLT_LINUX_SLL2,
    DLT_PFLOG,
    DLT_PFLOG,
    DLT_IEEE802_11,
    DLT_IEEE802_11,
    DLT_IEEE802_11_RADIO,
    DLT_IEEE802_11_RADIO,
    DLT_PPI,
    DLT_PRISM_HEADER,
    DLT_PRISM_HEADER,
    DLT_IEEE802_11_RADIO_AVS,
};

int layered_link_type(uint64_t *random)
{
        return link_types[random_below(random, array_count(link_types))];
}

static void put_ppp(struct writer *writer)
{
        uint32_t protocol =
            PICK(writer, 0x21, 0x21, 0x57, 0x57, 0x281, 0x283, 0xc021, 0x0800, 0x86dd, 0x8847);

        put(writer, 2, protocol);
        if (protocol == 0x57 || protocol == 0x86dd)
                put_ipv6(writer);
        else if (protocol >> 8 == 2 || protocol == 0x8847)
                put_labels(writer);
        else
                put_ipv4(writer);
}

static void put_loopback(struct writer *writer)
{
        uint32_t family = PICK(writer, 2, 2, 2, 10, 24, 28, 30, 7);

        put(writer, 4, one_in(writer, 2) ? family : __builtin_bswap32(family));
        if (family == 2)
                put_ipv4(writer);
        else
                put_ipv6(writer);
}

/* What comes in front of an 802.11 frame. Returns whether the frame's header is padded. */
static bool put_radio(struct writer *writer, int link_type)
{
        uint32_t length = 8 + random_below(writer->random, 5), words, present;
        struct sample *sample = writer->sample;
        bool padded = one_in(writer, 3);

        switch (link_type) {
        case DLT_IEEE802_11_RADIO:
                words = one_in(writer, 2) ? 1 : 1 + random_below(writer->random, 6);
                present = PICK(writer, 0, 1, 2, 2, 3, 3);
                length = 4 + 4 * words + PICK(writer, 1, 9, 17, 20, 33);
                put(writer, 2, 0);
                put(writer, 2, length % 256 << 8);
                for (uint32_t i = 1; i <= words; i++)
                        put(writer, 4, (i == 1 ? present << 24 : 0) | (i < words ? 0x80 : 0));
                while (sample->captured < length) /* the flags are in one of these places */
                        put(writer, 1, padded ? 0x20 : 0x10);
                return padded && present & 2 && words <= 5;
        case DLT_PPI:
                put(writer, 2, 0);
                put(writer, 2, length % 256 << 8);
                put(writer, 4, one_in(writer, 10) ? 0x01000000 : 0x69000000);
                put(writer, length - 8, random_next(writer->random));
                return false;
        case DLT_PRISM_HEADER:
                if (one_in(writer, 2)) {
                        put(writer, 144, 0);
                        return false;
                }
                __attribute__((fallthrough));
        case DLT_IEEE802_11_RADIO_AVS:
                put(writer, 4, 0x80211001);
                put(writer, 4, length);
                put(writer, length - 8, 0);
        }
        return false;
}

/* An 802.11 frame; most carry something. */
static void put_wlan(struct writer *writer, int link_type)
{
        bool padded = put_radio(writer, link_type);
        uint32_t control =
            one_in(writer, 10) ? random_next(writer->random) & 0xff : PICK(writer, 0x08, 0x88);
        uint32_t flags = one_in(writer, 12) ? random_next(writer->random) & 0xff
                                            : random_below(writer->random, 4);
        uint32_t frame = writer->sample->captured;

        if (one_in(writer, 5))
                flags |= 0x80;
        put(writer, 1, control);
        put(writer, 1, flags);
        put(writer, 2, 0);
        for (int i = 0; i < 3; i++)
                put(writer, 6,
                    one_in(writer, 8) ? 0xffffffffffff : 0x020000000000 | PICK(writer, 1, 2, 3));
        put(writer, 2, one_in(writer, 15) ? random_next(writer->random) : 0x10);
        if ((flags & 3) == 3)
                put(writer, 6, 0x020000000000 | PICK(writer, 1, 2, 3));
        if (control & 0x80)
                put(writer, 2, one_in(writer, 12) ? 0x8000 : 0);
        if (control & 0x80 && flags & 0x80)
                put(writer, 4, 0);
        while (padded && (writer->sample->captured - frame) % 4)
                put(writer, 1, 0xaa);
        put(writer, 3, one_in(writer, 15) ? PICK(writer, 0x424203, 0xfefe03) : 0xaaaa03);
        put(writer, 3, one_in(writer, 15) ? 0x080007 : PICK(writer, 0, 0, 0, 0xf8));
        put_tags_and_type(writer);
}

static void put_behind_pf(struct writer *writer)
{
        uint32_t family = PICK(writer, 2, 2, 2, 10, 24, 28, 30, 7);
        uint32_t length = PICK(writer, 61, 64, 69, 100, 2);

        put(writer, 1, length);
        put(writer, 1, family);
        put(writer, (length + 3) / 4 * 4 - 2, 0);
        if (family == 2)
                put_ipv4(writer);
        else
                put_ipv6(writer);
}

void layered_packet(uint64_t *random, int link_type, struct sample *sample)
{
        struct writer writer = {random, sample, 0};

        sample->captured = 0;
        sample->live = sample->beside = false;
        switch (link_type) {
        case DLT_PFLOG: put_behind_pf(&writer); break;
        case DLT_IEEE802_11:
        case DLT_IEEE802_11_RADIO:
        case DLT_IEEE802_11_RADIO_AVS:
        case DLT_PRISM_HEADER:
        case DLT_PPI: put_wlan(&writer, link_type); break;
        case DLT_EN10MB: put_frame(&writer); break;
        case DLT_LINUX_SLL:
                put(&writer, 2, random_below(random, 5));
                put(&writer, 12, 0x06000200000001);
                put_tags_and_type(&writer);
                break;
        case DLT_LINUX_SLL2: {
                uint32_t at = sample->captured;
                uint8_t type[2];

                put_tags_and_type(&writer);
                memcpy(type, sample->data + at, 2);
                memmove(sample->data + at + 20, sample->data + at + 2, sample->captured - at - 2);
                memset(sample->data + at, 0, 20);
                memcpy(sample->data + at, type, 2);
                sample->captured += 18;
                break;
        }
        case DLT_NULL:
        case DLT_LOOP: put_loopback(&writer); break;
        case DLT_PPP:
        case DLT_PPP_SERIAL:
                if (link_type == DLT_PPP_SERIAL || one_in(&writer, 2))
                        put(&writer, 2, PICK(&writer, 0xff03, 0x0f00, 0x8f00));
                put_ppp(&writer);
                break;
        case DLT_PPP_ETHER: put_session(&writer); break;
        default:
                if (link_type == DLT_IPV4 || (link_type == DLT_RAW && one_in(&writer, 2)))
                        put_ipv4(&writer);
                else
                        put_ipv6(&writer);
        }
        put_noise(&writer, 8);
        sample->length = sample->captured;
}

void layered_mutate(uint64_t *random, struct sample *sample)
{
        static const uint8_t telling[] = {0,   4,    6,    8,    17,   41,   43,  44,
                                          47,  50,   51,   58,   60,   97,   115, 132,
                                          135, 0x40, 0x45, 0x60, 0x81, 0x86, 0xdd};

        for (uint32_t i = 1 + random_below(random, 3); i > 0 && sample->captured > 0; i--) {
                uint32_t at = random_below(random, sample->captured);
                uint8_t byte = (uint8_t)random_next(random);

                if (random_below(random, 2))
                        at = random_below(random, at + 1);
                if (random_below(random, 2))
                        byte = telling[random_below(random, array_count(telling))];
                sample->data[at] =
                    random_below(random, 3) ? byte : sample->data[at] ^ 1 << (byte & 7);
        }
}

void layered_cut(uint64_t *random, struct sample *sample)
{
        if (sample->captured > 0)
                sample->captured = random_below(random, sample->captured);
}
