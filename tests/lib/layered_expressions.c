/* The expressions of layered.h: from a table of tests, joined at random. */
#include "layered.h"

#include "base/array.h"
#include "random.h"

#include <stdarg.h>
#include <stdio.h>

/* In a template, % stands for a value of the kind that the letter behind it says. */
static const char *const templates[] = {
    "host %4",
    "src host %4",
    "dst host %4",
    "src and dst host %4",
    "net %n",
    "src net %n",
    "dst net %n",
    "ip host %4",
    "ip src %4",
    "arp host %4",
    "rarp src host %4",
    "arp net %n",
    "host %6",
    "src host %6",
    "dst host %6",
    "ip6 host %6",
    "net %N",
    "src net %N",
    "ip6 dst net %N",
    "src and dst host %6",
    "port %p",
    "src port %p",
    "dst port %p",
    "src and dst port %p",
    "tcp port %p",
    "udp port %p",
    "sctp port %p",
    "tcp src port %p",
    "udp dst port %p",
    "portrange %p-1000",
    "tcp portrange 22-%p",
    "udp dst portrange 1-%p",
    "tcp",
    "udp",
    "sctp",
    "icmp",
    "icmp6",
    "igmp",
    "pim",
    "vrrp",
    "ah",
    "esp",
    "carp",
    "igrp",
    "proto %q",
    "ip proto %q",
    "ip6 proto %q",
    "ip",
    "ip6",
    "arp",
    "rarp",
    "ether proto %e",
    "ether host %m",
    "ether src %m",
    "ether dst %m",
    "ether broadcast",
    "ether multicast",
    "broadcast",
    "multicast",
    "ip multicast",
    "ip6 multicast",
    "ether[%b] = %d",
    "ether[12:2] = %e",
    "ether[0] & 1 = 1",
    "ip[8] = 64",
    "ip[9] = %q",
    "ip[2:2] > %d",
    "ip[0] & 15 > 5",
    "ip[12:4] = 0xc0000201",
    "ip[6:2] & 0x1fff != 0",
    "ip6[6] = %q",
    "ip6[40] = %q",
    "ip6[7] > 3",
    "tcp[13] & 2 != 0",
    "tcp[tcpflags] = tcp-syn",
    "tcp[0:2] = %p",
    "tcp[2:2] > %p",
    "tcp[20] = %d",
    "udp[0:2] = %p",
    "udp[2:2] = %p",
    "udp[8:4] > %d",
    "icmp[0] = 8",
    "icmp[icmptype] = 0",
    "icmp6[0] = 128",
    "icmp6[icmp6type] != 135",
    "arp[7] = 1",
    "arp[6:2] = 2",
    "sctp[0:2] = %p",
    "vlan",
    "vlan %v",
    "mpls",
    "mpls %l",
    "pppoes",
    "pppoes %s",
    "vxlan",
    "vxlan %i",
    "geneve",
    "geneve %i",
    "gre",
    "ipip",
    "gtp",
    "vni %i",
    "len > %x",
    "less %x",
    "greater %x",
    "http",
    "tls",
    "ssh",
    "dns",
    "pppoed",
    "ip[ip[8] & 3] = 69",
    "ip[9] = ip[8] - 58",
    "tcp[tcp[12] >> 4] = %d",
    "ip[9] + tcp[13] = 8",
    "udp[2:2] - udp[0:2] > 100",
    "pim[0] > 8",
    "igmp[0] = 8",
    "len - ip[2:2] > 40",
    "ip6[4:2] + len > 200",
    "ip6[24] = 0xff",
    "host %4 or %4 or %6 or %4",
    "port %p or %p or %p or %p",
    "src host in {%n, %6, %4, 10.0.0.1-192.0.2.2}",
    "host in {%4, %4, %N, %6}",
    "port in {%p, 1000-1001, %p, %p}",
    "tcp dst port in {%p, 20-25, %p}",
    "ether host in {%m, %m}",
    "net %n or %n or %N",
    "vlan %v or vlan %v or mpls %l",
    "host:port in {%4:%p, %4:20-80, [%6]:%p}",
    "src host:port in {%4:%p, 192.0.2.0/24:%p, [%6]:%p}",
    "host:port in {%4:%p, %4:20-80, 192.0.2.0/24:%p, %4:%p, [%6]:%p, [%6]:1-90, [%6]:%p, [%6]:%p}",
    "(host %4 and tcp port %p) or (host %4 and udp port %p) or (host %4 and port %p) or "
    "(net %n and port %p)",
    "(src host %6 and dst port %p) or (src host %6 and dst port %p) or (src host %6 and dst port "
    "%p) or (src host %6 and dst port %p)",
    "src host %4 and src port %p or src host %4 and src port %p or dst host %4 and dst port %p",
    "not vlan",
    "ip proto 0",
    "ip6 proto 44 and udp",
};

static const char *const hosts[] = {"192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.129"};
static const char *const hosts6[] = {"2001:db8::1", "2001:db8::2", "2001:db8::3", "ff02::1"};
static const char *const nets[] = {"192.0.2.0/24", "192.0.2.128/25", "224.0.0.0/4", "10.0.0.0/8",
                                   "192.0.2.2/31"};
static const char *const nets6[] = {"2001:db8::/32", "ff00::/8", "2001:db8::2/127", "fe80::/10"};
static const char *const macs[] = {"02:00:00:00:00:01", "02:00:00:00:00:02", "02:00:00:00:00:03"};
static const uint16_t ports[] = {80, 443, 22, 53, 1000, 1001, 4789, 6081};
static const uint16_t protocols[] = {6, 17, 1, 58, 132, 50, 51,  103, 44,
                                     0, 60, 4, 41, 47,  97, 115, 89};
static const uint16_t types[] = {0x0800, 0x0806, 0x86dd, 0x8035, 0x809b, 0x1234};

struct text {
        char *bytes;
        size_t used, room;
};

static void add(struct text *text, const char *format, ...)
{
        va_list arguments;
        int length;

        va_start(arguments, format);
        length = vsnprintf(text->bytes + text->used, text->room - text->used, format, arguments);
        va_end(arguments);
        text->used +=
            (size_t)length < text->room - text->used ? (size_t)length : text->room - text->used - 1;
}

#define CHOOSE(array) (array)[random_below(random, (uint32_t)array_count(array))]

static void add_value(uint64_t *random, char kind, struct text *text)
{
        switch (kind) {
        case '4': add(text, "%s", CHOOSE(hosts)); break;
        case '6': add(text, "%s", CHOOSE(hosts6)); break;
        case 'n': add(text, "%s", CHOOSE(nets)); break;
        case 'N': add(text, "%s", CHOOSE(nets6)); break;
        case 'm': add(text, "%s", CHOOSE(macs)); break;
        case 'p': add(text, "%u", CHOOSE(ports)); break;
        case 'q': add(text, "%u", CHOOSE(protocols)); break;
        case 'e': add(text, "0x%04x", CHOOSE(types)); break;
        case 'b': add(text, "%u", random_below(random, 20)); break;
        case 'd': add(text, "%u", random_below(random, 4)); break;
        case 'v': add(text, "%u", 1 + random_below(random, 6)); break;
        case 'l': add(text, "%u", 16 + random_below(random, 4)); break;
        case 's': add(text, "%u", 1 + random_below(random, 4)); break;
        case 'i': add(text, "%u", 5 + random_below(random, 4)); break;
        case 'x': add(text, "%u", 60 + random_below(random, 200)); break;
        }
}

static void add_template(uint64_t *random, const char *template, struct text *text)
{
        for (; *template; template ++)
                if (*template == '%')
                        add_value(random, *++template, text);
                else
                        add(text, "%c", *template);
}

bool layered_template(uint64_t *random, size_t index, char *bytes, size_t room)
{
        struct text text = {bytes, 0, room};

        if (index >= array_count(templates))
                return false;
        add_template(random, templates[index], &text);
        return true;
}

static void add_inside(uint64_t *random, uint32_t size, struct text *text)
{
        static const char *const layers[] = {"deep", "outer", "inner"};

        if (size <= 1) {
                add_template(random, CHOOSE(templates), text);
                return;
        }
        switch (random_below(random, 9)) {
        case 0:
                add(text, "not (");
                add_inside(random, size - 1, text);
                add(text, ")");
                break;
        case 1:
                add(text, "%s (", CHOOSE(layers));
                add_inside(random, size - 1, text);
                add(text, ")");
                break;
        default:
                add(text, "(");
                add_inside(random, size / 2, text);
                add(text, random_below(random, 2) ? ") and (" : ") or (");
                add_inside(random, size - size / 2, text);
                add(text, ")");
        }
}

static const char *const outside[] = {
    "ip",
    "tcp",
    "udp port %p",
    "host %4",
    "len > %x",
    "ether src %m",
    "ip6",
    "ip[8] = 64",
    "port %p",
    "arp",
    "ether proto %e",
    "tcp[13] & 2 != 0",
    "less %x",
    "ip6 host %6",
    "net %n",
    "ether broadcast",
    "proto %q",
    "ether[12:2] = 0x8100",
};

static void add_mixture(uint64_t *random, uint32_t size, bool mixed, struct text *text)
{
        static const char *const layers[] = {"deep", "deep", "outer", "inner"};
        uint32_t choice = random_below(random, size > 1 ? 8 : 3);

        if (choice < 3 && mixed && random_below(random, 2)) {
                add_template(random, CHOOSE(outside), text);
        } else if (choice < 3) {
                add(text, "%s (", CHOOSE(layers));
                add_inside(random, 1 + random_below(random, 4), text);
                add(text, ")");
        } else if (choice == 3) {
                add(text, "not (");
                add_mixture(random, size - 1, mixed, text);
                add(text, ")");
        } else {
                add(text, "(");
                add_mixture(random, size / 2, mixed, text);
                add(text, choice & 1 ? ") and (" : ") or (");
                add_mixture(random, size - size / 2, mixed, text);
                add(text, ")");
        }
}

void layered_expression(uint64_t *random, bool mixed, char *bytes, size_t room)
{
        struct text text = {bytes, 0, room};

        add_mixture(random, 1 + random_below(random, 3), mixed, &text);
}
