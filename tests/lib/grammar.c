/* Templates: in each, %x is replaced by a word of the class x (see `classes`), or by something more
 * involved: %A an arithmetic expression, %R a relation between two. */
#include "grammar.h"

#include "random.h"

#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

struct words {
        const char *const *words;
        size_t count;
};

#define WORDS(...)                                                                    \
        {                                                                             \
                (const char *const[]){__VA_ARGS__},                                   \
                    sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *) \
        }

/* By the letter that stands for them. */
static const struct words classes[128] = {
    ['h'] = WORDS("10.0.0.1", "10.0.0.2", "192.168.1.1", "192.168.1.2", "1.2.3.4",
                  "255.255.255.255", "0.0.0.0", "224.0.0.1", "128.0.0.1"),
    ['n'] = WORDS("10.0.0.0/8", "10.0.0.0/24", "192.168.1.0/25", "192.168.0.0/16", "128.0.0.0/1",
                  "0.0.0.0/0", "10.0.0.1/32", "192.168.1.2/31", "224.0.0.0/4", "10", "192.168"),
    ['H'] = WORDS("2001:db8::1", "2001:db8::2", "fe80::1", "::1", "::", "2001:db8:0:1::1",
                  "2001:db8:1::1"),
    ['N'] = WORDS("2001:db8::/32", "2001:db8::/33", "fe80::/10", "2001:db8::/64", "::/0", "::1/128",
                  "2001:db8:0:1::/127", "ff00::/8"),
    ['p'] = WORDS("80", "443", "53", "22", "0", "65535", "1024", "8080"),
    ['r'] =
        WORDS("80-90", "0-1023", "1024-65535", "53-53", "22-80", "79-81", "443-8080", "0-65535"),
    ['m'] = WORDS("02:00:00:00:00:01", "02:00:00:00:00:02", "ff:ff:ff:ff:ff:ff",
                  "01:00:5e:00:00:01", "02:00:00:00:01:01", "03:00:00:00:00:01"),
    ['e'] = WORDS("0x0800", "0x86dd", "0x0806", "0x88cc", "0x8100", "0x05dc", "0x05dd", "0x42",
                  "\\ip", "\\ip6", "\\arp", "\\iso", "\\stp", "\\ipx", "\\netbeui"),
    ['i'] = WORDS("6", "17", "1", "58", "132", "47", "50", "0", "255", "44"),
    ['d'] = WORDS("", "", "src ", "dst ", "src or dst ", "src and dst "),
    ['D'] = WORDS("", "", "src ", "dst "),
    ['t'] = WORDS("", "", "tcp ", "udp ", "sctp "),
    ['f'] = WORDS("", "", "ip ", "arp ", "rarp "),
    ['c'] = WORDS("0", "1", "2", "5", "6", "17", "0x40", "0x45", "255", "0x0f", "1500", "0x8000",
                  "0x0800", "0xffff", "0x80000000", "0xffffffff", "0xa000001"),
    ['s'] = WORDS("0", "1", "2", "4", "8", "31"),
    ['z'] = WORDS("", "", ":1", ":2", ":4"),
    ['o'] = WORDS("+", "-", "*", "/", "%", "&", "|", "^"),
    ['C'] = WORDS("=", "==", "!=", "<", ">", "<=", ">="),
    ['P'] = WORDS("ip", "ip", "tcp", "udp", "icmp", "ip6", "ether", "arp", "sctp", "igmp", "icmp6"),
    ['k'] = WORDS("0", "1", "2", "4", "6", "8", "9", "12", "13", "16", "20", "40"),
    ['v'] = WORDS("1", "2", "5", "100", "4095", "0"),
    ['l'] = WORDS("10", "60", "64", "100", "128", "1000", "0", "1514"),
    ['w'] = WORDS("tcp-syn", "tcp-fin", "tcp-ack", "tcp-rst", "tcp-push", "tcp-urg"),
    ['I'] = WORDS("icmp-echo", "icmp-echoreply", "icmp-unreach", "icmp-timxceed"),
    ['a'] = WORDS("1", "2", "33", "100", "255"),
};

static const struct words network = WORDS(
    "ip", "ip6", "arp", "rarp", "icmp", "icmp6", "tcp", "udp", "sctp", "igmp", "ah", "esp", "pim",
    "vrrp", "carp", "%f%dhost %h", "%f%dhost %h", "%dhost %h", "host %h", "%f%dnet %n", "%dnet %n",
    "host %H", "%dhost %H", "ip6 %dhost %H", "%dnet %N", "ip6 %Dnet %N", "%t%dport %p",
    "%t%dport %p", "port %p", "%t%dportrange %r", "portrange %r", "%dport (%p or %p)",
    "host (%h or %h or %h)", "%dport %p or %p", "ip proto %i", "ip6 proto %i", "proto %i",
    "less %l", "greater %l", "ip host %h", "ip multicast", "ip6 multicast", "ip broadcast",
    "ip %Dnet %n", "tcp[tcpflags] & (%w|%w) != 0", "tcp[tcpflags] & %w = 0",
    "tcp[tcpflags] == %w|%w", "icmp[icmptype] = %I", "icmp[icmptype] != %I", "%R", "%R", "%R", "%R",
    "len %C %l", "%P[%k%z] & %c %C %c", "%P[%k%z] %C %c", "ip[6:2] & 0x1fff %C 0", "ether proto %e",
    "(%dhost %h and %t%dport %p)", "(host %h and port %p) or (host %h and port %p)", "%L", "%L",
    "host %h or host %h or host %h or net %n or host %h");

static const struct words ethernet =
    WORDS("vlan", "vlan %v", "vlan %v and %Q", "vlan and vlan %v", "vlan and %Q", "mpls", "mpls %v",
          "mpls %v and %Q", "pppoed", "pppoes", "pppoes %v", "pppoes and %Q", "geneve",
          "geneve %v and %Q", "ether host %m", "ether %Dhost %m", "ether src %m", "ether dst %m",
          "broadcast", "multicast", "ether broadcast", "ether multicast", "ether proto %e", "atalk",
          "aarp", "decnet", "iso", "stp", "ipx", "netbeui", "clnp", "esis", "isis", "lat", "moprc",
          "mopdl", "llc", "llc i", "llc u", "llc xid", "decnet %D10.15", "l1", "iih",
          "ether[%k%z] %C %c", "ether[0] & 1 = %s");

/* More for one kind of link. */
static const struct {
        int link_type;
        unsigned weight;
        struct words words;
} links[] = {
    {DLT_EN10MB, 40, WORDS("ether[12:2] = %e")},
    {DLT_RAW, 6, WORDS("ip", "ip6")},
    {DLT_IPV4, 2, WORDS("ip")},
    {DLT_IPV6, 2, WORDS("ip6")},
    {DLT_NULL, 3, WORDS("link[0:4] %C %c", "ip")},
    {DLT_LOOP, 3, WORDS("link[0:4] %C %c", "ip6")},
    {DLT_LINUX_SLL, 5,
     WORDS("inbound", "outbound", "link[0:2] %C %s", "ether proto %e", "vlan %v")},
    {DLT_LINUX_SLL2, 5,
     WORDS("inbound", "outbound", "ifindex %v", "link[10] = %s", "ether proto %e", "vlan")},
    {DLT_PPP, 3, WORDS("mpls %v", "isis", "link[0:2] %C %c", "pppoes")},
    {DLT_PPP_SERIAL, 2, WORDS("ip", "isis")},
    {DLT_PPP_ETHER, 2, WORDS("pppoes %v", "pppoed")},
    {DLT_C_HDLC, 2, WORDS("isis", "mpls", "link[2:2] = %e")},
    {DLT_FRELAY, 2, WORDS("ip", "iso", "link[0] %C %c")},
    {DLT_FDDI, 2, WORDS("ether host %m", "llc", "fddi[0] & %c = %c", "fddi src %m")},
    {DLT_IEEE802, 2, WORDS("ether host %m", "tr src %m", "llc u", "stp")},
    {DLT_IEEE802_11, 3,
     WORDS("type data", "type mgt subtype beacon", "type ctl subtype ack", "wlan addr1 %m",
           "wlan host %m", "wlan ra %m", "wlan ta %m", "dir tods", "dir fromds",
           "wlan[0] & %c = %c", "subtype qos-data", "broadcast", "multicast", "wlan src %m",
           "wlan addr4 %m")},
    {DLT_IEEE802_11_RADIO, 3,
     WORDS("type data", "type mgt subtype probe-req", "wlan addr2 %m", "wlan dst %m", "dir nods",
           "radio[2:2] %C %l", "type ctl", "wlan addr3 %m", "wlan host %m")},
    {DLT_PRISM_HEADER, 1, WORDS("type data", "wlan ra %m")},
    {DLT_IEEE802_11_RADIO_AVS, 1, WORDS("type mgt", "wlan ta %m")},
    {DLT_PPI, 1, WORDS("len > %l", "type mgt")},
    {DLT_PFLOG, 3,
     WORDS("ifname eth0", "rnr %v", "srnr %v", "action pass", "action block", "reason match",
           "rset anchor", "inbound", "outbound", "ruleset x")},
    {DLT_MTP2, 2,
     WORDS("fisu", "lssu", "msu", "sio %a", "opc %a", "dpc %a", "sls 3", "sio (%a or %a)",
           "hsio %a", "hopc %a")},
    {DLT_MTP2_WITH_PHDR, 1, WORDS("fisu", "msu", "opc %a", "dpc %a", "sls 2", "hdpc %a", "hsls 1")},
    {DLT_SUNATM, 3,
     WORDS("vpi %a", "vci %a", "lane", "oam", "oamf4", "metac", "bcc", "sc", "ilmic", "connectmsg",
           "metaconnect", "vpi (%a or %a)", "llc", "oamf4sc", "oamf4ec")},
    {DLT_DSA_TAG_BRCM, 1, WORDS("ether host %m", "vlan %v")},
    {DLT_DSA_TAG_DSA, 1, WORDS("ether host %m", "vlan %v", "vlan")},
    {DLT_ARCNET_LINUX, 1, WORDS("ip", "link[0] = %c")},
    {DLT_SLIP, 1, WORDS("ip", "link[0] = %c")},
    {DLT_IPNET, 1, WORDS("ip", "inbound")},
};

static uint32_t next_byte(struct choices *choices)
{
        if (choices->count == 0)
                return 0;
        choices->count--;
        return *choices->bytes++;
}

static uint32_t pick(struct choices *choices, size_t count)
{
        uint32_t number;

        if (choices->random)
                return random_below(choices->random, (uint32_t)count);
        number = next_byte(choices);
        if (count > UINT8_MAX + 1)
                number |= next_byte(choices) << 8;
        return number % (uint32_t)count;
}

/* A string being written. */
struct output {
        struct choices *choices;
        int link_type;
        char *text;
        size_t used, room;
};

static void put(struct output *output, const char *text)
{
        size_t length = strlen(text);

        if (length >= output->room - output->used)
                length = output->room - output->used - 1;
        memcpy(output->text + output->used, text, length);
        output->used += length;
        output->text[output->used] = '\0';
}

static void put_word(struct output *output, unsigned char class)
{
        put(output, classes[class].words[pick(output->choices, classes[class].count)]);
}

static void put_template(struct output *output, const char *template, int depth);

static void put_template_of(struct output *output, const struct words *words, int depth)
{
        put_template(output, words->words[pick(output->choices, words->count)], depth);
}

/* Divisors, shifts and the like are mostly constants: libpcap refuses what it can see is wrong,
 * such as a division by zero. */
static void put_arithmetic(struct output *output, int depth)
{
        static const char *const shapes[] = {
            "%P[%k%z]",
            "%P[%k%z]",
            "%P[%k%z]",
            "%c",
            "len",
            "%P[%k%z] & %c",
            "(%A %o %A)",
            "(%A %o %c)",
            "(%A %o %c)",
            "(%A << %s)",
            "(%A >> %s)",
            "-%A",
            "ip[ip[0] & 0xf%z]",
            "((ip[0] & 0xf) << 2)",
            "(tcp[12] >> 2)",
            "(%A %o %A)",
        };

        put_template(output, shapes[pick(output->choices, depth > 0 ? COUNT(shapes) : 6)],
                     depth - 1);
}

static void put_primitive(struct output *output, int depth);

/* A list of pairs of a host and a port, mostly with the same qualifiers throughout. */
static void put_pairs(struct output *output)
{
        static const char *const hosts[][2] = {{"host %h", "net %n"}, {"host %H", "net %N"}};
        static const char *const ports[] = {"port %p", "port %p", "portrange %r",
                                            "port (%p or %p)"};
        static const char *const directions[] = {"", "", "src ", "dst "};
        static const char *const transports[] = {"", "tcp ", "udp ", "%t"};
        static const char *const joints[][2] = {{" or (", "("}, {" and not (", "not ("}};
        uint32_t count = 2 + pick(output->choices, 7), family = pick(output->choices, 3) / 2;
        const char *host_direction = directions[pick(output->choices, COUNT(directions))];
        const char *port_direction = directions[pick(output->choices, COUNT(directions))];
        const char *transport = transports[pick(output->choices, COUNT(transports))];
        bool port_first = pick(output->choices, 3) == 0;
        const char *const *joint = joints[pick(output->choices, 3) / 2];
        char host[64], port[64], pair[160];

        for (uint32_t i = 0; i < count; i++) {
                snprintf(host, sizeof host, "%s%s", host_direction,
                         hosts[family][pick(output->choices, 3) / 2]);
                snprintf(port, sizeof port, "%s%s%s", transport, port_direction,
                         ports[pick(output->choices, COUNT(ports))]);
                snprintf(pair, sizeof pair, "%s and %s)", port_first ? port : host,
                         port_first ? host : port);
                put(output, joint[i == 0]);
                put_template(output, pair, 0);
        }
}

static void put_template(struct output *output, const char *template, int depth)
{
        for (; *template; template ++) {
                char plain[] = {*template, '\0'};

                if (*template != '%' || !template[1]) {
                        put(output, plain);
                        continue;
                }
                switch (*++template) {
                case 'A': put_arithmetic(output, depth > 2 ? 2 : depth); break;
                case 'L': put_pairs(output); break;
                case 'Q': put_primitive(output, 0); break;
                case 'R':
                        put_arithmetic(output, 2);
                        put_template(output, " %C ", 0);
                        put_arithmetic(output, 1);
                        break;
                case ' ': put(output, "% "); break;
                default: put_word(output, (unsigned char)*template);
                }
        }
}

static void put_primitive(struct output *output, int depth)
{
        bool is_ethernet = output->link_type == DLT_EN10MB;
        uint32_t choice = pick(output->choices, 10);

        if (is_ethernet && choice < 2) {
                put_template_of(output, &ethernet, depth);
                return;
        }
        for (size_t i = 0; choice < 4 && i < COUNT(links); i++)
                if (links[i].link_type == output->link_type && !is_ethernet) {
                        put_template_of(output, &links[i].words, depth);
                        return;
                }
        put_template_of(output, &network, depth);
}

static void put_expression(struct output *output, int depth)
{
        static const char *const joints[] = {" and ", " or ",      " and ",
                                             " or ",  " and not ", " or not "};
        uint32_t terms = depth > 0 ? 1 + pick(output->choices, 4) : 1;

        for (uint32_t i = 0; i < terms; i++) {
                bool parentheses = depth > 0 && pick(output->choices, 2);

                if (i > 0)
                        put(output, joints[pick(output->choices, COUNT(joints))]);
                if (pick(output->choices, 6) == 0)
                        put(output, "not ");
                if (parentheses)
                        put(output, "(");
                if (parentheses)
                        put_expression(output, depth - 1);
                else
                        put_primitive(output, 1);
                if (parentheses)
                        put(output, ")");
        }
}

int grammar_link_type(struct choices *choices)
{
        unsigned total = 0;
        uint32_t choice;

        for (size_t i = 0; i < COUNT(links); i++)
                total += links[i].weight;
        choice = pick(choices, total);
        for (size_t i = 0;; i++) {
                if (choice < links[i].weight)
                        return links[i].link_type;
                choice -= links[i].weight;
        }
}

void grammar_expression(struct choices *choices, int link_type, char *text, size_t room)
{
        struct output output = {
            .choices = choices, .link_type = link_type, .text = text, .room = room};

        text[0] = '\0';
        put_expression(&output, 1 + (int)pick(choices, 3));
}
