/* What to write instead of what is no expression: for those who know it from a display filter, from
 * a firewall's rules, or from another tongue.
 *
 * The place of the error says what to look at, and never more than the words around it. */
#include "base/array.h"
#include "parser.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum {
        SUGGESTION_SIZE = 200,
        PIECE = 60, /* the longest word or value that is repeated */
};

/* A field of a display filter. `text` has a place for the value, or a place for the comparison and
 * one for the value, or none. */
static const struct field {
        const char *name, *text;
} fields[] = {
    {"arp.opcode", "arp[6:2] %s %s"},
    {"arp.src.proto_ipv4", "arp src host %s"},
    {"arp.dst.proto_ipv4", "arp dst host %s"},
    {"eth.addr", "ether host %s"},
    {"eth.dst", "ether dst %s"},
    {"eth.src", "ether src %s"},
    {"eth.type", "ether proto %s"},
    {"frame.cap_len", "len %s %s"},
    {"frame.len", "len %s %s"},
    {"geneve.vni", "deep geneve %s"},
    {"icmp.code", "icmp[icmpcode] %s %s"},
    {"icmp.type", "icmp[icmptype] %s %s"},
    {"icmpv6.code", "icmp6[icmp6code] %s %s"},
    {"icmpv6.type", "icmp6[icmp6type] %s %s"},
    {"ip.addr", "host %s"},
    {"ip.dst", "dst host %s"},
    {"ip.flags.df", "ip[6] & 0x40 != 0"},
    {"ip.flags.mf", "ip[6] & 0x20 != 0"},
    {"ip.frag_offset", "ip[6:2] & 0x1fff %s %s"},
    {"ip.host", "host %s"},
    {"ip.len", "ip[2:2] %s %s"},
    {"ip.proto", "ip proto %s"},
    {"ip.src", "src host %s"},
    {"ip.ttl", "ip[8] %s %s"},
    {"ipv6.addr", "ip6 host %s"},
    {"ipv6.dst", "ip6 dst host %s"},
    {"ipv6.hlim", "ip6[7] %s %s"},
    {"ipv6.nxt", "ip6 proto %s"},
    {"ipv6.src", "ip6 src host %s"},
    {"mpls.label", "mpls %s"},
    {"pppoe.session_id", "pppoes %s"},
    {"sctp.port", "sctp port %s"},
    {"tcp.dstport", "tcp dst port %s"},
    {"tcp.flags", "tcp[tcpflags] %s %s"},
    {"tcp.flags.ack", "tcp[tcpflags] & tcp-ack != 0"},
    {"tcp.flags.fin", "tcp[tcpflags] & tcp-fin != 0"},
    {"tcp.flags.push", "tcp[tcpflags] & tcp-push != 0"},
    {"tcp.flags.reset", "tcp[tcpflags] & tcp-rst != 0"},
    {"tcp.flags.syn", "tcp[tcpflags] & tcp-syn != 0"},
    {"tcp.flags.urg", "tcp[tcpflags] & tcp-urg != 0"},
    {"tcp.port", "tcp port %s"},
    {"tcp.srcport", "tcp src port %s"},
    {"udp.dstport", "udp dst port %s"},
    {"udp.length", "udp[4:2] %s %s"},
    {"udp.port", "udp port %s"},
    {"udp.srcport", "udp src port %s"},
    {"vlan.id", "vlan %s"},
    {"vxlan.vni", "deep vxlan %s"},
};

/* Words of other languages and names of protocols. */
static const struct foreign_word {
        const char *name, *text;
} foreign_words[] = {
    {"bgp", "tcp port 179"},
    {"bootp", "udp port 67 or udp port 68"},
    {"cdp", "ether host 01:00:0c:cc:cc:cc"},
    {"capture", "no word for it: packets are captured anyway"},
    {"contains",
     "no word for it: a filter compares bytes at known places, as in tcp[20:4] = 0x47455420"},
    {"daddr", "dst host"},
    {"dest", "dst"},
    {"destination", "dst"},
    {"dhcp", "udp port 67 or udp port 68"},
    {"dhcpv6", "udp port 546 or udp port 547"},
    {"dport", "dst port"},
    {"dstport", "dst port"},
    {"dump", "no word for it: packets are printed anyway, and with -x in hexadecimal"},
    {"eapol", "ether proto 0x888e"},
    {"eigrp", "ip proto 88"},
    {"eth", "ether"},
    {"ethernet", "ether"},
    {"ftp", "tcp port 21"},
    {"help", "filt --help"},
    {"hsrp", "udp port 1985"},
    {"https", "tls"},
    {"icmpv6", "icmp6"},
    {"imap", "tcp port 143"},
    {"ipv4", "ip"},
    {"ipv6", "ip6"},
    {"isakmp", "udp port 500"},
    {"kerberos", "port 88"},
    {"l2tp", "udp port 1701"},
    {"lacp", "ether proto 0x8809"},
    {"ldap", "tcp port 389"},
    {"lldp", "ether proto 0x88cc"},
    {"mac", "ether host"},
    {"mdns", "udp port 5353"},
    {"mqtt", "tcp port 1883"},
    {"mysql", "tcp port 3306"},
    {"nbns", "udp port 137"},
    {"network", "net"},
    {"nfs", "port 2049"},
    {"ntp", "udp port 123"},
    {"ospf", "ip proto 89"},
    {"ping", "icmp[icmptype] = icmp-echo or icmp[icmptype] = icmp-echoreply"},
    {"pgsql", "tcp port 5432"},
    {"pop", "tcp port 110"},
    {"postgresql", "tcp port 5432"},
    {"pppoe", "pppoes"},
    {"protocol", "proto"},
    {"ptp", "ether proto 0x88f7 or udp port 319 or udp port 320"},
    {"quic", "udp port 443"},
    {"radius", "udp port 1812 or udp port 1813"},
    {"rdp", "tcp port 3389"},
    {"redis", "tcp port 6379"},
    {"rip", "udp port 520"},
    {"saddr", "src host"},
    {"sip", "port 5060"},
    {"smb", "tcp port 445"},
    {"smtp", "tcp port 25"},
    {"snmp", "udp port 161 or udp port 162"},
    {"source", "src"},
    {"sport", "src port"},
    {"srcport", "src port"},
    {"ssdp", "udp port 1900"},
    {"ssl", "tls"},
    {"stun", "udp port 3478"},
    {"syslog", "udp port 514"},
    {"telnet", "tcp port 23"},
    {"tftp", "udp port 69"},
    {"wireguard", "udp port 51820"},
};

/* Flags of TCP by name. */
static const char *const flags[] = {"syn", "ack", "fin", "rst", "push", "urg", "ece", "cwr"};

static bool is_word_end(char c)
{
        return c == '\0' || isspace((unsigned char)c) || strchr("()[]=<>!&|,", c);
}

/* The word that the text begins with; false if it is none, or too long to repeat. */
static bool take_word(const char *text, char word[PIECE])
{
        size_t length = 0;

        while (!is_word_end(text[length]))
                length++;
        if (length == 0 || length >= PIECE)
                return false;
        memcpy(word, text, length);
        word[length] = '\0';
        return true;
}

static const char *pass_blanks(const char *text)
{
        while (isspace((unsigned char)*text))
                text++;
        return text;
}

/* Reads a comparison, as libpcap or a display filter writes it. */
static const char *take_comparison(const char *text, const char **comparison)
{
        static const struct {
                const char *text, *means;
        } comparisons[] = {{"==", "="},  {"!=", "!="},  {">=", ">="}, {"<=", "<="},  {"=", "="},
                           {">", ">"},   {"<", "<"},    {"eq ", "="}, {"ne ", "!="}, {"gt ", ">"},
                           {"lt ", "<"}, {"ge ", ">="}, {"le ", "<="}};

        text = pass_blanks(text);
        for (size_t i = 0; i < array_count(comparisons); i++)
                if (strncmp(text, comparisons[i].text, strlen(comparisons[i].text)) == 0) {
                        *comparison = comparisons[i].means;
                        return pass_blanks(text + strlen(comparisons[i].text));
                }
        *comparison = NULL;
        return text;
}

/* `host` before a value that is a network becomes `net`. */
static void put_address(char *suggestion, const char *before, const char *format, const char *value)
{
        const char *host = strchr(value, '/') ? strstr(format, "host ") : NULL;

        if (host && strncmp(format, "ether", 5) != 0)
                snprintf(suggestion, SUGGESTION_SIZE, "%s%.*snet %s", before, (int)(host - format),
                         format, value);
        else
                snprintf(suggestion, SUGGESTION_SIZE, "%s%.*s%s", before,
                         (int)(strstr(format, "%s") - format), format, value);
}

/* tcp.port == 80 */
static bool suggest_field(const char *text, char *suggestion)
{
        const struct field *field = NULL;
        const char *rest, *comparison, *holder;
        char name[PIECE], value[PIECE];

        if (!take_word(text, name))
                return false;
        for (size_t i = 0; i < array_count(fields); i++)
                if (strcmp(name, fields[i].name) == 0)
                        field = &fields[i];
        if (!field)
                return false;
        rest = take_comparison(text + strlen(name), &comparison);
        if (!comparison || !take_word(rest, value)) {
                comparison = "=";
                snprintf(value, sizeof value, "...");
        }
        holder = strstr(field->text, "%s");
        if (!holder)
                snprintf(suggestion, SUGGESTION_SIZE, "%s", field->text);
        else if (strstr(holder + 1, "%s"))
                snprintf(suggestion, SUGGESTION_SIZE, field->text, comparison, value);
        else if (strcmp(comparison, "!=") == 0)
                put_address(suggestion, "not ", field->text, value);
        else
                put_address(suggestion, "", field->text, value);
        return true;
}

static bool suggest_word(const char *text, char *suggestion)
{
        const struct foreign_word *word = NULL;
        char name[PIECE];
        char *dot;

        if (!take_word(text, name))
                return false;
        for (size_t i = 0; i < array_count(flags); i++)
                if (strcmp(name, flags[i]) == 0) {
                        snprintf(suggestion, SUGGESTION_SIZE, "tcp[tcpflags] & tcp-%s != 0", name);
                        return true;
                }
        dot = strchr(name, '.');
        if (dot && isalpha((unsigned char)*name))
                *dot = '\0'; /* a field of a protocol that has a port */
        for (size_t i = 0; i < array_count(foreign_words); i++)
                if (strcmp(name, foreign_words[i].name) == 0)
                        word = &foreign_words[i];
        if (word)
                snprintf(suggestion, SUGGESTION_SIZE, "%s", word->text);
        else if (dot && (strcmp(name, "http") == 0 || strcmp(name, "dns") == 0 ||
                         strcmp(name, "tls") == 0 || strcmp(name, "ssh") == 0))
                snprintf(suggestion, SUGGESTION_SIZE, "%s", name);
        else
                return false;
        return true;
}

/* Whether the text is a number in dots, with a mask or not. */
static bool is_ipv4(const char *text, size_t length)
{
        size_t dots = 0;

        for (size_t i = 0; i < length; i++) {
                dots += text[i] == '.';
                if (text[i] != '.' && !isdigit((unsigned char)text[i]))
                        return false;
        }
        return dots == 3;
}

/* 192.0.2.1, fe80::1 or 00:01:02:03:04:05 without a word before it */
static bool suggest_address(const struct error *error, const char *text, char *suggestion)
{
        char word[PIECE];
        size_t length, colons = 0;
        const char *slash;

        if ((!strstr(error->message, "needs a word before it") &&
             !strstr(error->message, "stands alone")) ||
            !take_word(text, word))
                return false;
        slash = strchr(word, '/');
        length = slash ? (size_t)(slash - word) : strlen(word);
        for (size_t i = 0; i < length; i++)
                colons += word[i] == ':';
        if (slash && is_ipv4(word, length) && strchr(slash, '.'))
                snprintf(suggestion, SUGGESTION_SIZE, "net %.*s mask %s", (int)length, word,
                         slash + 1);
        else if (is_ipv4(word, length) || colons > 0)
                snprintf(suggestion, SUGGESTION_SIZE, "%s %s",
                         colons == 5 && !strstr(word, "::") ? "ether host"
                         : slash                            ? "net"
                                                            : "host",
                         word);
        else
                return false;
        return true;
}

/* net 192.0.2.0/255.255.255.0 */
static bool suggest_mask(const char *expression, const struct error *error, char *suggestion)
{
        const char *start = expression + error->offset;
        char mask[PIECE], network[PIECE];

        if (!take_word(start, mask) || !is_ipv4(mask, strlen(mask)) || start == expression ||
            start[-1] != '/')
                return false;
        start--;
        while (start > expression && (isdigit((unsigned char)start[-1]) || start[-1] == '.'))
                start--;
        if (!take_word(start, network))
                return false;
        *strchr(network, '/') = '\0';
        while (start > expression && isspace((unsigned char)start[-1]))
                start--;
        snprintf(suggestion, SUGGESTION_SIZE, "%s%s mask %s",
                 start - expression >= 4 && strncmp(start - 4, "host", 4) == 0 ? "net " : "",
                 network, mask);
        return true;
}

/* port 80,443 */
static bool suggest_list(const char *expression, const struct error *error, char *suggestion)
{
        const char *start = expression + error->offset;
        char word[PIECE];
        size_t used = 1;

        if (*start != ',')
                return false;
        while (start > expression && (start[-1] == ',' || !is_word_end(start[-1])))
                start--;
        suggestion[0] = '(';
        for (;;) {
                start = pass_blanks(start);
                if (!take_word(start, word) || used + strlen(word) + 8 > SUGGESTION_SIZE)
                        return false;
                used += (size_t)snprintf(suggestion + used, SUGGESTION_SIZE - used, "%s%s",
                                         used > 1 ? " or " : "", word);
                start = pass_blanks(start + strlen(word));
                if (*start != ',')
                        break;
                start++;
        }
        suggestion[used] = ')';
        suggestion[used + 1] = '\0';
        return true;
}

/* port 1-100 */
static bool suggest_range(const char *expression, const struct error *error, char *suggestion)
{
        unsigned first, last;
        int length = 0;

        if (!strstr(error->message, "unknown port") ||
            sscanf(expression + error->offset, "%5u-%5u%n", &first, &last, &length) < 2 ||
            !is_word_end(expression[error->offset + (size_t)length]))
                return false;
        snprintf(suggestion, SUGGESTION_SIZE, "portrange %u-%u", first, last);
        return true;
}

/* host 192.0.2.1:80 */
static bool suggest_pair(const char *expression, const struct error *error, char *suggestion)
{
        unsigned port;
        int length = 0;

        if (sscanf(expression + error->offset, ":%5u%n", &port, &length) < 1 ||
            !strstr(error->message, "should come"))
                return false;
        snprintf(suggestion, SUGGESTION_SIZE, "and port %u", port);
        return true;
}

/* The word before the place of the error. */
static bool take_word_before(const char *expression, const struct error *error, char word[PIECE])
{
        const char *before = expression + error->offset;

        while (before > expression && isspace((unsigned char)before[-1]))
                before--;
        while (before > expression && !is_word_end(before[-1]))
                before--;
        return take_word(before, word);
}

/* port=80 */
static bool suggest_value(const char *expression, const struct error *error, char *suggestion)
{
        const char *comparison;
        const char *rest = take_comparison(expression + error->offset, &comparison);
        char word[PIECE], value[PIECE];

        if (!comparison || strcmp(comparison, "=") != 0 || !take_word(rest, value) ||
            !take_word_before(expression, error, word) || !lex_is_word(word))
                return false;
        snprintf(suggestion, SUGGESTION_SIZE, "%s %s%s", word,
                 strcmp(word, "ip") == 0 && is_ipv4(value, strlen(value)) ? "host " : "", value);
        return true;
}

/* tcp 80, port 80 443 */
static bool suggest_joint(const char *expression, const struct error *error, char *suggestion)
{
        char word[PIECE], previous[PIECE];

        if (!strstr(error->message, "should come") ||
            !take_word(expression + error->offset, word) ||
            !take_word_before(expression, error, previous))
                return false;
        if (isdigit((unsigned char)*word) && isdigit((unsigned char)*previous))
                snprintf(suggestion, SUGGESTION_SIZE, "(%s or %s)", previous, word);
        else if (isdigit((unsigned char)*word) && !strpbrk(word, ".:") &&
                 (strcmp(previous, "tcp") == 0 || strcmp(previous, "udp") == 0 ||
                  strcmp(previous, "sctp") == 0))
                snprintf(suggestion, SUGGESTION_SIZE, "%s port %s", previous, word);
        else if (is_ipv4(word, strlen(word)) && strcmp(previous, "ip") == 0)
                snprintf(suggestion, SUGGESTION_SIZE, "ip host %s", word);
        else
                return false;
        return true;
}

void suggest(const char *expression, struct error *error)
{
        char suggestion[SUGGESTION_SIZE];
        char *guess;
        size_t length;
        const char *text;

        if (error->offset == ERROR_NO_OFFSET || error->offset >= strlen(expression))
                return;
        text = expression + error->offset;
        if (!suggest_field(text, suggestion) && !suggest_list(expression, error, suggestion) &&
            !suggest_range(expression, error, suggestion) &&
            !suggest_mask(expression, error, suggestion) &&
            !suggest_address(error, text, suggestion) &&
            !suggest_pair(expression, error, suggestion) &&
            !suggest_value(expression, error, suggestion) && !suggest_word(text, suggestion) &&
            !suggest_joint(expression, error, suggestion))
                return;
        guess = strstr(error->message, "; did you mean");
        if (!guess)
                guess = strstr(error->message, "; or did you mean");
        if (guess)
                *guess = '\0';
        guess = strstr(error->message, " needs a word before it");
        if (guess && strchr(text, '.') && suggest_field(text, suggestion))
                strcpy(guess, " is a field of display filters");
        length = strlen(error->message);
        if (strncmp(suggestion, "no word", 7) == 0)
                snprintf(error->message + length, sizeof error->message - length, "; there is %s",
                         suggestion);
        else
                snprintf(error->message + length, sizeof error->message - length, "; write '%s'",
                         suggestion);
}
