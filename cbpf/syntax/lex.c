/* The scanner. As in libpcap, the longest token wins; of equally long ones the first of: word of
 * the language, MAC address, number, dotted number, IPv6 address, name. So `1-2` (a port range) and
 * `ip-1` are names, and `aabbccddeeff` is a MAC address. */
#include "lex.h"
#include "base/array.h"
#include "base/number.h"
#include "syntax.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct word {
        const char *text;
        uint8_t kind, value;
};

/* Sorted by text in ASCII order, for bsearch(). */
static const struct word words[] = {
    {"aarp", TOKEN_PROTOCOL, PROTOCOL_AARP},
    {"action", TOKEN_ACTION, 0},
    {"addr1", TOKEN_DIRECTION, DIRECTION_ADDR1},
    {"addr2", TOKEN_DIRECTION, DIRECTION_ADDR2},
    {"addr3", TOKEN_DIRECTION, DIRECTION_ADDR3},
    {"addr4", TOKEN_DIRECTION, DIRECTION_ADDR4},
    {"address1", TOKEN_DIRECTION, DIRECTION_ADDR1},
    {"address2", TOKEN_DIRECTION, DIRECTION_ADDR2},
    {"address3", TOKEN_DIRECTION, DIRECTION_ADDR3},
    {"address4", TOKEN_DIRECTION, DIRECTION_ADDR4},
    {"ah", TOKEN_PROTOCOL, PROTOCOL_AH},
    {"and", TOKEN_AND, 0},
    {"arp", TOKEN_PROTOCOL, PROTOCOL_ARP},
    {"atalk", TOKEN_PROTOCOL, PROTOCOL_ATALK},
    {"bcc", TOKEN_ATM, ATM_BCC},
    {"broadcast", TOKEN_CAST, TREE_BROADCAST},
    {"byte", TOKEN_BYTE, 0},
    {"carp", TOKEN_PROTOCOL, PROTOCOL_CARP},
    {"clnp", TOKEN_PROTOCOL, PROTOCOL_CLNP},
    {"connectmsg", TOKEN_ATM, ATM_CONNECTMSG},
    {"csnp", TOKEN_PROTOCOL, PROTOCOL_CSNP},
    {"decnet", TOKEN_PROTOCOL, PROTOCOL_DECNET},
    {"dir", TOKEN_WLAN_DIRECTION, 0},
    {"direction", TOKEN_WLAN_DIRECTION, 0},
    {"dpc", TOKEN_MTP3_FIELD, MTP3_DPC},
    {"dst", TOKEN_DIRECTION, DIRECTION_DST},
    {"es-is", TOKEN_PROTOCOL, PROTOCOL_ESIS},
    {"esis", TOKEN_PROTOCOL, PROTOCOL_ESIS},
    {"esp", TOKEN_PROTOCOL, PROTOCOL_ESP},
    {"ether", TOKEN_PROTOCOL, PROTOCOL_LINK},
    {"fddi", TOKEN_PROTOCOL, PROTOCOL_LINK},
    {"fisu", TOKEN_MTP2, MTP2_FISU},
    {"gateway", TOKEN_TYPE, TYPE_GATEWAY},
    {"geneve", TOKEN_TEST_LABEL, TREE_GENEVE},
    {"greater", TOKEN_TEST_NUMBER, TREE_GREATER},
    {"hdpc", TOKEN_MTP3_FIELD, MTP3_HDPC},
    {"hfisu", TOKEN_MTP2, MTP2_HFISU},
    {"hlssu", TOKEN_MTP2, MTP2_HLSSU},
    {"hlsu", TOKEN_MTP2, MTP2_HLSSU},
    {"hmsu", TOKEN_MTP2, MTP2_HMSU},
    {"hopc", TOKEN_MTP3_FIELD, MTP3_HOPC},
    {"host", TOKEN_TYPE, TYPE_HOST},
    {"hsio", TOKEN_MTP3_FIELD, MTP3_HSIO},
    {"hsls", TOKEN_MTP3_FIELD, MTP3_HSLS},
    {"icmp", TOKEN_PROTOCOL, PROTOCOL_ICMP},
    {"icmp-echo", TOKEN_NUMBER, 8},
    {"icmp-echoreply", TOKEN_NUMBER, 0},
    {"icmp-ireq", TOKEN_NUMBER, 15},
    {"icmp-ireqreply", TOKEN_NUMBER, 16},
    {"icmp-maskreply", TOKEN_NUMBER, 18},
    {"icmp-maskreq", TOKEN_NUMBER, 17},
    {"icmp-paramprob", TOKEN_NUMBER, 12},
    {"icmp-redirect", TOKEN_NUMBER, 5},
    {"icmp-routeradvert", TOKEN_NUMBER, 9},
    {"icmp-routersolicit", TOKEN_NUMBER, 10},
    {"icmp-sourcequench", TOKEN_NUMBER, 4},
    {"icmp-timxceed", TOKEN_NUMBER, 11},
    {"icmp-tstamp", TOKEN_NUMBER, 13},
    {"icmp-tstampreply", TOKEN_NUMBER, 14},
    {"icmp-unreach", TOKEN_NUMBER, 3},
    {"icmp6", TOKEN_PROTOCOL, PROTOCOL_ICMP6},
    {"icmp6-certpathadvert", TOKEN_NUMBER, 149},
    {"icmp6-certpathsolicit", TOKEN_NUMBER, 148},
    {"icmp6-destinationunreach", TOKEN_NUMBER, 1},
    {"icmp6-echo", TOKEN_NUMBER, 128},
    {"icmp6-echoreply", TOKEN_NUMBER, 129},
    {"icmp6-homeagentdiscoveryreply", TOKEN_NUMBER, 145},
    {"icmp6-homeagentdiscoveryrequest", TOKEN_NUMBER, 144},
    {"icmp6-ineighbordiscoveryadvert", TOKEN_NUMBER, 142},
    {"icmp6-ineighbordiscoverysolicit", TOKEN_NUMBER, 141},
    {"icmp6-mobileprefixadvert", TOKEN_NUMBER, 147},
    {"icmp6-mobileprefixsolicit", TOKEN_NUMBER, 146},
    {"icmp6-multicastlistenerdone", TOKEN_NUMBER, 132},
    {"icmp6-multicastlistenerquery", TOKEN_NUMBER, 130},
    {"icmp6-multicastlistenerreportv1", TOKEN_NUMBER, 131},
    {"icmp6-multicastlistenerreportv2", TOKEN_NUMBER, 143},
    {"icmp6-multicastrouteradvert", TOKEN_NUMBER, 151},
    {"icmp6-multicastroutersolicit", TOKEN_NUMBER, 152},
    {"icmp6-multicastrouterterm", TOKEN_NUMBER, 153},
    {"icmp6-neighboradvert", TOKEN_NUMBER, 136},
    {"icmp6-neighborsolicit", TOKEN_NUMBER, 135},
    {"icmp6-nodeinformationquery", TOKEN_NUMBER, 139},
    {"icmp6-nodeinformationresponse", TOKEN_NUMBER, 140},
    {"icmp6-packettoobig", TOKEN_NUMBER, 2},
    {"icmp6-parameterproblem", TOKEN_NUMBER, 4},
    {"icmp6-redirect", TOKEN_NUMBER, 137},
    {"icmp6-routeradvert", TOKEN_NUMBER, 134},
    {"icmp6-routerrenum", TOKEN_NUMBER, 138},
    {"icmp6-routersolicit", TOKEN_NUMBER, 133},
    {"icmp6-timeexceeded", TOKEN_NUMBER, 3},
    {"icmp6code", TOKEN_NUMBER, 1},
    {"icmp6type", TOKEN_NUMBER, 0},
    {"icmpcode", TOKEN_NUMBER, 1},
    {"icmptype", TOKEN_NUMBER, 0},
    {"ifindex", TOKEN_TEST_NUMBER, TREE_IFINDEX},
    {"ifname", TOKEN_TEST_TEXT, TREE_PF_INTERFACE},
    {"igmp", TOKEN_PROTOCOL, PROTOCOL_IGMP},
    {"igrp", TOKEN_PROTOCOL, PROTOCOL_IGRP},
    {"iih", TOKEN_PROTOCOL, PROTOCOL_IIH},
    {"ilmic", TOKEN_ATM, ATM_ILMIC},
    {"inbound", TOKEN_TEST, TREE_INBOUND},
    {"ip", TOKEN_PROTOCOL, PROTOCOL_IP},
    {"ip6", TOKEN_PROTOCOL, PROTOCOL_IP6},
    {"ipx", TOKEN_PROTOCOL, PROTOCOL_IPX},
    {"is-is", TOKEN_PROTOCOL, PROTOCOL_ISIS},
    {"isis", TOKEN_PROTOCOL, PROTOCOL_ISIS},
    {"iso", TOKEN_PROTOCOL, PROTOCOL_ISO},
    {"l1", TOKEN_PROTOCOL, PROTOCOL_L1},
    {"l2", TOKEN_PROTOCOL, PROTOCOL_L2},
    {"lane", TOKEN_ATM, ATM_LANE},
    {"lat", TOKEN_PROTOCOL, PROTOCOL_LAT},
    {"len", TOKEN_LENGTH, 0},
    {"length", TOKEN_LENGTH, 0},
    {"less", TOKEN_TEST_NUMBER, TREE_LESS},
    {"link", TOKEN_PROTOCOL, PROTOCOL_LINK},
    {"llc", TOKEN_LLC, 0},
    {"lsp", TOKEN_PROTOCOL, PROTOCOL_LSP},
    {"lssu", TOKEN_MTP2, MTP2_LSSU},
    {"lsu", TOKEN_MTP2, MTP2_LSSU},
    {"mask", TOKEN_MASK, 0},
    {"metac", TOKEN_ATM, ATM_METAC},
    {"metaconnect", TOKEN_ATM, ATM_METACONNECT},
    {"mopdl", TOKEN_PROTOCOL, PROTOCOL_MOPDL},
    {"moprc", TOKEN_PROTOCOL, PROTOCOL_MOPRC},
    {"mpls", TOKEN_TEST_LABEL, TREE_MPLS},
    {"msu", TOKEN_MTP2, MTP2_MSU},
    {"multicast", TOKEN_CAST, TREE_MULTICAST},
    {"net", TOKEN_TYPE, TYPE_NET},
    {"netbeui", TOKEN_PROTOCOL, PROTOCOL_NETBEUI},
    {"not", TOKEN_NOT, 0},
    {"oam", TOKEN_ATM, ATM_OAM},
    {"oamf4", TOKEN_ATM, ATM_OAMF4},
    {"oamf4ec", TOKEN_ATM, ATM_OAMF4EC},
    {"oamf4sc", TOKEN_ATM, ATM_OAMF4SC},
    {"on", TOKEN_TEST_TEXT, TREE_PF_INTERFACE},
    {"opc", TOKEN_MTP3_FIELD, MTP3_OPC},
    {"or", TOKEN_OR, 0},
    {"outbound", TOKEN_TEST, TREE_OUTBOUND},
    {"pim", TOKEN_PROTOCOL, PROTOCOL_PIM},
    {"port", TOKEN_TYPE, TYPE_PORT},
    {"portrange", TOKEN_TYPE, TYPE_PORTRANGE},
    {"ppp", TOKEN_PROTOCOL, PROTOCOL_LINK},
    {"pppoed", TOKEN_TEST, TREE_PPPOED},
    {"pppoes", TOKEN_TEST_LABEL, TREE_PPPOES},
    {"proto", TOKEN_TYPE, TYPE_PROTO},
    {"protochain", TOKEN_TYPE, TYPE_PROTOCHAIN},
    {"psnp", TOKEN_PROTOCOL, PROTOCOL_PSNP},
    {"ra", TOKEN_DIRECTION, DIRECTION_RA},
    {"radio", TOKEN_PROTOCOL, PROTOCOL_RADIO},
    {"rarp", TOKEN_PROTOCOL, PROTOCOL_RARP},
    {"reason", TOKEN_REASON, 0},
    {"rnr", TOKEN_TEST_NUMBER, TREE_PF_RULE},
    {"rset", TOKEN_TEST_TEXT, TREE_PF_RULESET},
    {"rulenum", TOKEN_TEST_NUMBER, TREE_PF_RULE},
    {"ruleset", TOKEN_TEST_TEXT, TREE_PF_RULESET},
    {"sc", TOKEN_ATM, ATM_SC},
    {"sca", TOKEN_PROTOCOL, PROTOCOL_SCA},
    {"sctp", TOKEN_PROTOCOL, PROTOCOL_SCTP},
    {"sio", TOKEN_MTP3_FIELD, MTP3_SIO},
    {"slip", TOKEN_PROTOCOL, PROTOCOL_LINK},
    {"sls", TOKEN_MTP3_FIELD, MTP3_SLS},
    {"snp", TOKEN_PROTOCOL, PROTOCOL_SNP},
    {"src", TOKEN_DIRECTION, DIRECTION_SRC},
    {"srnr", TOKEN_TEST_NUMBER, TREE_PF_SUBRULE},
    {"stp", TOKEN_PROTOCOL, PROTOCOL_STP},
    {"subrulenum", TOKEN_TEST_NUMBER, TREE_PF_SUBRULE},
    {"subtype", TOKEN_WLAN_SUBTYPE, 0},
    {"ta", TOKEN_DIRECTION, DIRECTION_TA},
    {"tcp", TOKEN_PROTOCOL, PROTOCOL_TCP},
    {"tcp-ack", TOKEN_NUMBER, 0x10},
    {"tcp-cwr", TOKEN_NUMBER, 0x80},
    {"tcp-ece", TOKEN_NUMBER, 0x40},
    {"tcp-fin", TOKEN_NUMBER, 0x01},
    {"tcp-push", TOKEN_NUMBER, 0x08},
    {"tcp-rst", TOKEN_NUMBER, 0x04},
    {"tcp-syn", TOKEN_NUMBER, 0x02},
    {"tcp-urg", TOKEN_NUMBER, 0x20},
    {"tcpflags", TOKEN_NUMBER, 13},
    {"tr", TOKEN_PROTOCOL, PROTOCOL_LINK},
    {"type", TOKEN_WLAN_TYPE, 0},
    {"udp", TOKEN_PROTOCOL, PROTOCOL_UDP},
    {"vci", TOKEN_ATM_FIELD, ATM_VCI},
    {"vlan", TOKEN_TEST_LABEL, TREE_VLAN},
    {"vpi", TOKEN_ATM_FIELD, ATM_VPI},
    {"vrrp", TOKEN_PROTOCOL, PROTOCOL_VRRP},
    {"wlan", TOKEN_PROTOCOL, PROTOCOL_LINK},
};

/* `in` is a word in front of a set only, and no token. */
bool lex_is_word(const char *text)
{
        for (size_t i = 0; i < array_count(words); i++)
                if (strcmp(text, words[i].text) == 0)
                        return true;
        return false;
}

const char *cbpf_keyword(size_t index)
{
        static const char in[] = "in";
        size_t before = 0;

        while (strcmp(words[before].text, in) < 0)
                before++;
        if (index == before)
                return in;
        index -= index > before;
        return index < array_count(words) ? words[index].text : NULL;
}

/* The longer first. */
static const struct word signs[] = {
    {"&&", TOKEN_AND, 0},
    {"||", TOKEN_OR, 0},
    {">=", TOKEN_COMPARISON, TREE_GREATER_OR_EQUAL},
    {"<=", TOKEN_COMPARISON, TREE_LESS_OR_EQUAL},
    {"!=", TOKEN_COMPARISON, TREE_NOT_EQUAL},
    {"==", TOKEN_COMPARISON, TREE_EQUAL},
    {"<<", TOKEN_ARITHMETIC, TREE_SHIFT_LEFT},
    {">>", TOKEN_ARITHMETIC, TREE_SHIFT_RIGHT},
    {"!", TOKEN_NOT, 0},
    {"(", TOKEN_OPEN, 0},
    {")", TOKEN_CLOSE, 0},
    {"[", TOKEN_OPEN_INDEX, 0},
    {"]", TOKEN_CLOSE_INDEX, 0},
    {":", TOKEN_COLON, 0},
    {">", TOKEN_COMPARISON, TREE_GREATER_THAN},
    {"<", TOKEN_COMPARISON, TREE_LESS_THAN},
    {"=", TOKEN_COMPARISON, TREE_EQUAL},
    {"+", TOKEN_ARITHMETIC, TREE_ADD},
    {"-", TOKEN_ARITHMETIC, TREE_SUBTRACT},
    {"*", TOKEN_ARITHMETIC, TREE_MULTIPLY},
    {"/", TOKEN_ARITHMETIC, TREE_DIVIDE},
    {"%", TOKEN_ARITHMETIC, TREE_MODULO},
    {"&", TOKEN_ARITHMETIC, TREE_BIT_AND},
    {"|", TOKEN_ARITHMETIC, TREE_BIT_OR},
    {"^", TOKEN_ARITHMETIC, TREE_BIT_XOR},
};

/* ASCII, whatever the locale. */
static bool is_alphanumeric(char c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || number_digit(c) < 10;
}

/* The number of hexadecimal digits at `text`, up to `most`. */
static size_t hex_digits(const char *text, size_t most)
{
        size_t count = 0;

        while (count < most && number_digit(text[count]) < 16)
                count++;
        return count;
}

static size_t digits(const char *text)
{
        return strspn(text, "0123456789");
}

/* The length of the name at `text`, or 0: letters, digits and inside it - _ . but no - or _ at the
 * end. */
static size_t match_name(const char *text)
{
        size_t length = 0;

        if (!is_alphanumeric(text[0]))
                return 0;
        for (size_t i = 0;; i++) {
                if (is_alphanumeric(text[i]) || text[i] == '.')
                        length = i + 1;
                else if (text[i] != '-' && text[i] != '_')
                        return length;
        }
}

/* A number in decimal, octal or hexadecimal. */
static size_t match_number(const char *text)
{
        if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
                size_t count = hex_digits(text + 2, SIZE_MAX);

                if (count)
                        return 2 + count;
        }
        return digits(text);
}

/* Two to four decimal numbers with dots between; as many as there are up to `most`. */
static size_t match_dotted(const char *text)
{
        size_t length = digits(text);

        if (!length)
                return 0;
        for (int numbers = 1; numbers < 4; numbers++) {
                size_t more = text[length] == '.' ? digits(text + length + 1) : 0;

                if (!more)
                        return numbers > 1 ? length : 0;
                length += 1 + more;
        }
        return length;
}

/* Six pairs of hexadecimal digits with one kind of separator, three dotted groups of four, or
 * twelve digits. Fills `mac` on success. */
size_t lex_mac(const char *text, uint8_t mac[6])
{
        char separator;
        size_t at = hex_digits(text, 12);
        bool dotted = at == 4 && text[4] == '.' && hex_digits(text + 5, 4) == 4 && text[9] == '.' &&
                      hex_digits(text + 10, 4) == 4;

        if (at == 12 || dotted) {
                for (int i = 0; i < 6; i++) {
                        const char *pair = text + 2 * i + (dotted ? i / 2 : 0);

                        mac[i] = (uint8_t)(number_digit(pair[0]) << 4 | number_digit(pair[1]));
                }
                return dotted ? 14 : 12;
        }
        separator = text[hex_digits(text, 2)];
        if (separator != ':' && separator != '-' && separator != '.')
                return 0;
        at = 0;
        for (int i = 0; i < 6; i++) {
                size_t count;

                if (i > 0 && text[at++] != separator)
                        return 0;
                count = hex_digits(text + at, 2);
                if (!count)
                        return 0;
                mac[i] = 0;
                for (size_t end = at + count; at < end; at++)
                        mac[i] = (uint8_t)(mac[i] << 4 | number_digit(text[at]));
        }
        return at;
}

/* A dotted quad at the end of an IPv6 address, with numbers of any size. */
static size_t match_quad(const char *text)
{
        size_t length = match_number(text);

        for (int numbers = 1; length && numbers < 4; numbers++) {
                size_t more = text[length] == '.' ? match_number(text + length + 1) : 0;

                length = more ? length + 1 + more : 0;
        }
        return length;
}

/* The longest IPv6 address: eight groups of up to four digits, or up to seven and one `::`; the
 * last two groups may be a dotted quad. */
static size_t match_ipv6(const char *text)
{
        size_t at = 0, longest = 0;
        int groups = 0;
        bool gap = false;

        if (text[0] == ':') {
                if (text[1] != ':')
                        return 0;
                gap = true;
                at = longest = 2;
        }
        for (;;) {
                size_t quad = 0;
                size_t count = hex_digits(text + at, 4);

                if (gap ? groups <= 5 : groups == 6)
                        quad = match_quad(text + at);
                if (quad && at + quad > longest)
                        longest = at + quad;
                if (!count || groups == (gap ? 7 : 8))
                        return longest;
                at += count;
                groups++;
                if ((gap || groups == 8) && at > longest)
                        longest = at;
                if (text[at] != ':')
                        return longest;
                at++;
                if (text[at] == ':') {
                        if (gap || groups > 7)
                                return longest;
                        gap = true;
                        at++;
                        if (at > longest)
                                longest = at;
                }
        }
}

/* A malformed MAC address: pairs of digits, each followed by colons. */
static size_t match_pairs(const char *text)
{
        size_t at = 0;
        int pairs = 0;

        for (;;) {
                size_t count = hex_digits(text + at, 2);

                if (!count || text[at + count] != ':')
                        return pairs > 1 ? at : 0;
                at += count;
                while (text[at] == ':')
                        at++;
                pairs++;
        }
}

static int compare_word(const void *key, const void *item)
{
        const struct token *token = key;
        const struct word *word = item;
        int order = strncmp(token->text, word->text, token->length);

        return order == 0 && word->text[token->length] != '\0' ? -1 : order;
}

#define REFUSE(...) (error_at(error, token->offset, token->length, __VA_ARGS__), false)

/* Reads what match_number() matched. */
static bool read_number(struct token *token, struct error *error)
{
        const char *text = token->text;
        char quoted[QUOTE_SIZE];
        uint64_t value = 0;
        uint32_t base = 10, i = 0;

        if (text[0] == '0' && token->length > 1) {
                base = text[1] == 'x' || text[1] == 'X' ? 16 : 8;
                i = base == 16 ? 2 : 1;
        }
        error_quote(quoted, text, token->length);
        for (; i < token->length; i++) {
                uint32_t digit = number_digit(text[i]);

                if (digit >= base)
                        return REFUSE("%s starts with 0, so it is octal, and has a digit above 7",
                                      quoted);
                value = value * base + digit;
                if (value > UINT32_MAX)
                        return REFUSE("%s does not fit in 32 bits", quoted);
        }
        token->kind = TOKEN_NUMBER;
        token->number = (uint32_t)value;
        return true;
}

static bool read_ipv6(struct token *token, struct error *error)
{
        char text[INET6_ADDRSTRLEN], quoted[QUOTE_SIZE];

        token->kind = TOKEN_IPV6;
        if (token->length < sizeof text) {
                memcpy(text, token->text, token->length);
                text[token->length] = '\0';
                if (inet_pton(AF_INET6, text, token->ipv6) == 1)
                        return true;
        }
        return REFUSE("%s is no IPv6 address", error_quote(quoted, token->text, token->length));
}

/* Whether a token ends here whatever it is. */
static bool is_end(char c)
{
        return c == ' ' || c == ')' || c == '(' || c == '/' || c == '\n' || c == '\0' || c == '\t';
}

/* Most of a long expression, without a look at what else it may be: a few words, and addresses of
 * IPv4. */
static bool lex_frequent(struct token *token)
{
        static const struct word frequent[] = {
            {"or", TOKEN_OR, 0},
            {"host", TOKEN_TYPE, TYPE_HOST},
            {"and", TOKEN_AND, 0},
            {"net", TOKEN_TYPE, TYPE_NET},
            {"port", TOKEN_TYPE, TYPE_PORT},
            {"src", TOKEN_DIRECTION, DIRECTION_SRC},
            {"dst", TOKEN_DIRECTION, DIRECTION_DST},
            {"not", TOKEN_NOT, 0},
        };
        const char *text = token->text;
        size_t length = 0;
        int dots = 0;

        if (*text > '9') {
                while (text[length] >= 'a' && text[length] <= 'z')
                        length++;
                if (!is_end(text[length]))
                        return false;
                for (size_t i = 0; i < array_count(frequent); i++)
                        if (strncmp(frequent[i].text, text, length) == 0 &&
                            frequent[i].text[length] == '\0') {
                                token->kind = frequent[i].kind;
                                token->number = token->value = frequent[i].value;
                                token->length = token->text_length = (uint32_t)length;
                                return true;
                        }
                return false;
        }
        for (;; length++) {
                if (text[length] == '.' && text[length + 1] != '.')
                        dots++;
                else if (text[length] < '0' || text[length] > '9')
                        break;
        }
        if (dots != 3 || text[length - 1] == '.' || *text == '.' || !is_end(text[length]))
                return false;
        token->kind = TOKEN_IPV4;
        token->length = token->text_length = (uint32_t)length;
        return true;
}

/* Words, names, numbers and addresses. */
static bool lex_operand(struct token *token, struct error *error)
{
        const char *text = token->text;
        size_t name = match_name(text), ipv6 = match_ipv6(text), pairs = match_pairs(text);
        uint8_t address[6];
        size_t mac = lex_mac(text, address);
        size_t longest = name;
        const struct word *word;
        char quoted[QUOTE_SIZE];

        longest = mac > longest ? mac : longest;
        longest = ipv6 > longest ? ipv6 : longest;
        longest = pairs > longest ? pairs : longest;
        token->length = token->text_length = (uint32_t)longest;

        word = bsearch(token, words, array_count(words), sizeof *words, compare_word);
        if (longest == name && word) {
                token->kind = word->kind;
                token->number = token->value = word->value;
                return true;
        }
        if (longest == mac) {
                token->kind = TOKEN_MAC;
                memcpy(token->mac, address, sizeof address);
                return true;
        }
        if (longest == match_number(text))
                return read_number(token, error);
        if (longest == match_dotted(text)) {
                token->kind = TOKEN_IPV4;
                return true;
        }
        if (longest == ipv6)
                return read_ipv6(token, error);
        if (longest == pairs)
                return REFUSE(
                    "%s is neither a MAC address (six pairs of digits) nor an IPv6 address",
                    error_quote(quoted, text, longest));
        token->kind = TOKEN_NAME;
        return true;
}

/* `\name`: a name that is also a word of the language. */
static bool lex_escaped(struct token *token, struct error *error)
{
        token->length = 1 + (uint32_t)strcspn(token->text + 1, " !()\n\t");
        if (token->length == 1)
                return REFUSE("'\\' needs a name right after it");
        token->kind = TOKEN_NAME;
        token->text++;
        token->text_length = token->length - 1;
        return true;
}

/* `$` and one or two hexadecimal digits. */
static bool lex_arcnet(struct token *token, struct error *error)
{
        size_t count = hex_digits(token->text + 1, 2);

        token->length = 1 + (uint32_t)count;
        if (!count)
                return REFUSE(
                    "'$' needs an ARCnet address after it, one or two hexadecimal digits");
        token->kind = TOKEN_ARCNET;
        for (size_t i = 1; i <= count; i++)
                token->number = token->number << 4 | number_digit(token->text[i]);
        return true;
}

static bool lex_sign(struct token *token, struct error *error)
{
        char quoted[QUOTE_SIZE];

        for (size_t i = 0; i < array_count(signs); i++) {
                size_t length = strlen(signs[i].text);

                if (strncmp(token->text, signs[i].text, length) != 0)
                        continue;
                token->kind = signs[i].kind;
                token->value = signs[i].value;
                token->length = (uint32_t)length;
                return true;
        }
        token->length = 1;
        return REFUSE("%s has no meaning in a filter",
                      error_quote(quoted, token->text, token->length));
}

bool lex_token(struct lexer *lexer, struct token *token, struct error *error)
{
        const char *text;
        bool taken;

        text = lexer->text + lexer->at;
        while (*text == ' ' || *text == '\r' || *text == '\n' || *text == '\t')
                text++;
        lexer->at = (size_t)(text - lexer->text);
        *token = (struct token){.offset = (uint32_t)lexer->at, .text = text};
        if (*text == '\0')
                return true;
        if (is_alphanumeric(*text) || match_ipv6(text))
                taken = lex_frequent(token) || lex_operand(token, error);
        else if (*text == '\\')
                taken = lex_escaped(token, error);
        else if (*text == '$')
                taken = lex_arcnet(token, error);
        else
                taken = lex_sign(token, error);
        lexer->at += token->length;
        return taken;
}

/* Words worth suggesting, likelier ones first: of equally near ones the first is taken. */
static const char *const suggestions[] = {
    "host",      "port",      "net",       "src",     "dst",    "and",     "or",      "not",
    "tcp",       "udp",       "icmp",      "ip",      "ip6",    "arp",     "ether",   "proto",
    "portrange", "vlan",      "icmp6",     "rarp",    "sctp",   "len",     "less",    "greater",
    "mask",      "broadcast", "multicast", "inbound", "mpls",   "pppoes",  "pppoed",  "geneve",
    "gateway",   "byte",      "igmp",      "igrp",    "ah",     "esp",     "pim",     "vrrp",
    "carp",      "outbound",  "ifindex",   "link",    "wlan",   "length",  "subtype", "llc",
    "fddi",      "atalk",     "aarp",      "decnet",  "moprc",  "mopdl",   "iso",     "esis",
    "isis",      "clnp",      "netbeui",   "radio",   "ifname", "ruleset", "rulenum", "reason",
    "action",    "type",      "stp",       "ipx",     "addr1",  "addr2",   "addr3",   "addr4",
    "direction", "lane",      "protochain"};

enum { LONGEST_WORD = 16 };

/* The edit distance, ignoring case; swapping two neighbours is one edit. Both words are at most
 * LONGEST_WORD long. */
static size_t distance(const char *a, size_t a_length, const char *b)
{
        size_t rows[3][LONGEST_WORD + 1];
        size_t b_length = strlen(b);

        for (size_t j = 0; j <= b_length; j++)
                rows[0][j] = j;
        for (size_t i = 1; i <= a_length; i++) {
                size_t *row = rows[i % 3], *above = rows[(i - 1) % 3], *second = rows[(i + 1) % 3];

                row[0] = i;
                for (size_t j = 1; j <= b_length; j++) {
                        bool same = (a[i - 1] | 0x20) == (b[j - 1] | 0x20);
                        size_t least = above[j - 1] + !same;

                        least = above[j] + 1 < least ? above[j] + 1 : least;
                        least = row[j - 1] + 1 < least ? row[j - 1] + 1 : least;
                        if (i > 1 && j > 1 && (a[i - 1] | 0x20) == (b[j - 2] | 0x20) &&
                            (a[i - 2] | 0x20) == (b[j - 1] | 0x20) && second[j - 2] + 1 < least)
                                least = second[j - 2] + 1;
                        row[j] = least;
                }
        }
        return rows[a_length % 3][b_length];
}

const char *lex_nearest_word(const char *text, size_t length)
{
        /* Two edits leave too little of a short word. */
        size_t most = length < 3 ? 0 : length < 4 ? 1 : 2;
        const char *nearest = NULL;

        if (length > LONGEST_WORD)
                return NULL;
        for (size_t i = 0; i < array_count(suggestions); i++) {
                size_t changes = distance(text, length, suggestions[i]);

                if (changes > most || (nearest && changes == most))
                        continue;
                most = changes;
                nearest = suggestions[i];
        }
        return nearest;
}
