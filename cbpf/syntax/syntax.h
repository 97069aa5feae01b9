/* The syntax tree: what the parser makes of an expression and what lowering reads.
 *
 * Plain data in one arena. Names are resolved and qualifiers complete, so that the text is not
 * needed again. Nothing here is link-type specific: that a link type lacks a test is found when
 * it is lowered.
 *
 * A tree can be as deep as its text is long (`a or (b or (c or …`): walk it with tree_first() and
 * tree_next(), which visit operands before what they belong to, and left before right. That is
 * also the order in which `vlan`, `mpls`, `pppoes`, `geneve` and `lane` change the meaning of
 * what follows. */
#pragma once

#include "base/arena.h"
#include "cbpf/cbpf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum tree_kind {
        /* Logic. */
        TREE_AND, /* two operands or more */
        TREE_OR,  /* two operands or more */
        TREE_NOT, /* one operand */

        /* A relation of two numbers: `operation` is one of the comparisons below. */
        TREE_RELATION,

        /* Numbers: 32 bits, unsigned, wrapping around. */
        TREE_NUMBER,    /* `number` */
        TREE_LENGTH,    /* the packet's length on the wire */
        TREE_LOAD,      /* one operand, the offset into the header of `protocol`; `size` bytes */
        TREE_NEGATE,    /* one operand */
        TREE_CALCULATE, /* two operands; `operation` is an arithmetic one */

        /* Tests of a value, read with `test->qualifiers`. */
        TREE_IPV4,       /* `ipv4`; type host, net or default */
        TREE_IPV6,       /* `ipv6`; type host, net or default */
        TREE_MAC,        /* `mac`; protocol link */
        TREE_ARCNET,     /* `number`, one byte; protocol link */
        TREE_DECNET,     /* `number`; protocol decnet */
        TREE_PORT,       /* `ports`, first equal to last */
        TREE_PORT_RANGE, /* `ports` */
        TREE_PROTO,      /* `number`: protocol default, link, ip, ip6, iso or isis says of what */
        TREE_PROTOCHAIN, /* `number`: protocol default, ip or ip6 */
        TREE_NAME,       /* `text`: a name left unresolved (PARSE_NO_NAMES only) */
        TREE_SET,        /* `set`: any of many values */

        /* Tests that are one word. */
        TREE_PROTOCOL,  /* qualifiers.protocol */
        TREE_BROADCAST, /* qualifiers.protocol: default, link or ip */
        TREE_MULTICAST, /* qualifiers.protocol: default, link, ip or ip6 */
        TREE_INBOUND,
        TREE_OUTBOUND,
        TREE_PPPOED,
        TREE_ATM,  /* `word`: enum tree_atm */
        TREE_MTP2, /* `word`: enum tree_mtp2 */

        /* A word and a number. */
        TREE_LESS,    /* `number`: length <= it */
        TREE_GREATER, /* `number`: length >= it */
        TREE_IFINDEX,
        TREE_BYTE, /* byte `index` of the link header, `operation`, `number` */

        /* A word with an optional number (`has_number`), that changes where headers that are
         * tested later are looked for. */
        TREE_VLAN,
        TREE_MPLS,
        TREE_PPPOES,
        TREE_GENEVE,

        /* OpenBSD's packet filter log. */
        TREE_PF_INTERFACE, /* `text` */
        TREE_PF_RULESET,   /* `text` */
        TREE_PF_RULE,      /* `number` */
        TREE_PF_SUBRULE,   /* `number` */
        TREE_PF_REASON,    /* `number` */
        TREE_PF_ACTION,    /* `number` */

        /* 802.11 and 802.2. */
        TREE_WLAN_TYPE,      /* frame control byte 0 & `mask` == `number` */
        TREE_WLAN_DIRECTION, /* frame control byte 1 & 3 == `number` */
        TREE_LLC,            /* `word`: enum tree_llc, and for two of them `number` */

        /* A field of ATM or of MTP3: `word`, `operation` (a comparison), `number`. */
        TREE_ATM_FIELD,
        TREE_MTP3_FIELD,

        /* filt's own: the packet's layers, those within tunnels among them (docs: `deep`). */
        TREE_LAYERS, /* some layer, of those that `word` (enum tree_layers) says, has what `inside`
                        asks for, which is a tree of its own; walks do not enter it */
        TREE_TUNNEL, /* within TREE_LAYERS: what carries the layer: `word` (enum tree_tunnel), and
                        the number of its network, if any */

        TREE_PAIRS,  /* stands for the run of pairs number `list` (lists.h) */
        TREE_TUPLES, /* the same of tuples (lists.h) */
};

enum tree_operator {
        TREE_EQUAL,
        TREE_NOT_EQUAL,
        TREE_GREATER_THAN,
        TREE_GREATER_OR_EQUAL,
        TREE_LESS_THAN,
        TREE_LESS_OR_EQUAL,

        TREE_BITS_SET, /* TREE_BYTE only: byte & number, other than zero */
        TREE_BITS_ANY, /* TREE_BYTE only: byte | number, other than zero */

        TREE_ADD,
        TREE_SUBTRACT,
        TREE_MULTIPLY,
        TREE_DIVIDE, /* a constant divisor is not zero */
        TREE_MODULO, /* a constant divisor is not zero */
        TREE_BIT_AND,
        TREE_BIT_OR,
        TREE_BIT_XOR,
        TREE_SHIFT_LEFT,  /* a constant count is at most 31 */
        TREE_SHIFT_RIGHT, /* a constant count is at most 31 */
};

/* In the order of the names that tree_protocol_names[] in tree.c gives them. */
enum tree_protocol {
        PROTOCOL_DEFAULT,
        PROTOCOL_LINK,
        PROTOCOL_IP,
        PROTOCOL_ARP,
        PROTOCOL_RARP,
        PROTOCOL_SCTP,
        PROTOCOL_TCP,
        PROTOCOL_UDP,
        PROTOCOL_ICMP,
        PROTOCOL_IGMP,
        PROTOCOL_IGRP,
        PROTOCOL_PIM,
        PROTOCOL_VRRP,
        PROTOCOL_CARP,
        PROTOCOL_IP6,
        PROTOCOL_ICMP6,
        PROTOCOL_AH,
        PROTOCOL_ESP,
        PROTOCOL_ATALK,
        PROTOCOL_AARP,
        PROTOCOL_DECNET,
        PROTOCOL_LAT,
        PROTOCOL_SCA,
        PROTOCOL_MOPRC,
        PROTOCOL_MOPDL,
        PROTOCOL_ISO,
        PROTOCOL_ESIS,
        PROTOCOL_ISIS,
        PROTOCOL_CLNP,
        PROTOCOL_L1, /* the kinds of IS-IS packet */
        PROTOCOL_L2,
        PROTOCOL_IIH,
        PROTOCOL_LSP,
        PROTOCOL_SNP,
        PROTOCOL_CSNP,
        PROTOCOL_PSNP,
        PROTOCOL_STP,
        PROTOCOL_IPX,
        PROTOCOL_NETBEUI,
        PROTOCOL_RADIO,
        PROTOCOLS,
};

enum tree_direction {
        DIRECTION_DEFAULT, /* src or dst */
        DIRECTION_SRC,
        DIRECTION_DST,
        DIRECTION_OR,
        DIRECTION_AND,
        DIRECTION_ADDR1, /* from here on for 802.11 addresses only */
        DIRECTION_ADDR2,
        DIRECTION_ADDR3,
        DIRECTION_ADDR4,
        DIRECTION_RA,
        DIRECTION_TA,
        DIRECTIONS,
};

enum tree_type {
        TYPE_DEFAULT, /* host */
        TYPE_HOST,
        TYPE_NET,
        TYPE_PORT,
        TYPE_PORTRANGE,
        TYPE_GATEWAY,
        TYPE_PROTO,
        TYPE_PROTOCHAIN,
        TYPE_PAIR,      /* of TREE_SET only: `host:port` */
        TYPE_UNDEFINED, /* inside the parser: nothing to inherit */
        TYPES,
};

struct tree_qualifiers {
        uint8_t protocol;  /* enum tree_protocol */
        uint8_t direction; /* enum tree_direction */
        uint8_t type;      /* enum tree_type */
};

enum tree_atm {
        ATM_LANE,
        ATM_METAC,
        ATM_BCC,
        ATM_OAMF4SC,
        ATM_OAMF4EC,
        ATM_SC,
        ATM_ILMIC,
        ATM_OAM,
        ATM_OAMF4,
        ATM_CONNECTMSG,
        ATM_METACONNECT,
};

enum tree_atm_field {
        ATM_VPI,
        ATM_VCI,
};

enum tree_mtp2 {
        MTP2_FISU,
        MTP2_LSSU,
        MTP2_MSU,
        MTP2_HFISU,
        MTP2_HLSSU,
        MTP2_HMSU,
};

enum tree_mtp3_field {
        MTP3_SIO,
        MTP3_OPC,
        MTP3_DPC,
        MTP3_SLS,
        MTP3_HSIO,
        MTP3_HOPC,
        MTP3_HDPC,
        MTP3_HSLS,
};

enum tree_layers {
        LAYERS_ANY,
        LAYERS_OUTER, /* the outermost */
        LAYERS_INNER, /* those within a tunnel */
};

enum tree_tunnel {
        TUNNEL_VNI, /* VXLAN or Geneve, with a network's number */
        TUNNEL_VXLAN,
        TUNNEL_GENEVE,
        TUNNEL_GRE,
        TUNNEL_IPIP, /* IPv4 or IPv6 in either */
        TUNNEL_GTP,
        TUNNELS,
};

enum tree_llc {
        LLC_ANY, /* the frame has an 802.2 header */
        LLC_I,
        LLC_S,
        LLC_U,
        LLC_S_SUBTYPE, /* `number`: the control field's bits under 0x0f */
        LLC_U_SUBTYPE, /* `number`: the control field's bits under 0xef */
};

/* A kind of LLC frame by its name in an expression; "" for LLC_ANY. */
struct tree_llc_kind {
        const char *name;
        uint8_t word, number;
};

extern const struct tree_llc_kind tree_llc_kinds[]; /* ended by a NULL name */

/* The values of a set, by what they are. Ranges have both ends in them, in host byte order. */
enum set_kind {
        SET_HOSTS, /* addresses and networks: `ipv4` and `ipv6` */
        SET_MACS,
        SET_PORTS,
        SET_PAIRS, /* addresses or networks, each with the ports of the same number */
        SET_KINDS,
};

struct set_range {
        uint32_t first, last;
};

struct set_prefix {
        uint8_t address[16];
        uint8_t bits;
};

struct set {
        uint8_t kind;    /* enum set_kind */
        bool ipv6_first; /* the first address is one of IPv6 */
        bool has_names;  /* beside these there are names, left unresolved (PARSE_NO_NAMES only) */
        struct set_range *ipv4, *ipv4_ports;
        struct set_prefix *ipv6;
        struct set_range *ipv6_ports;
        struct set_range *ports;
        uint8_t (*macs)[6];
        uint32_t ipv4_count, ipv6_count, port_count, mac_count;
        uint32_t ipv4_room, ipv4_ports_room, ipv6_room, ipv6_ports_room, port_room, mac_room;
};

/* Cuts the range off that the longest prefix at its start makes: returns that prefix's mask, and
 * moves `range->first` behind it, `*left` to false if nothing is left. */
uint32_t set_cut_prefix(struct set_range *range, bool *left);

/* What a leaf tests. Which members hold is said at enum tree_kind. */
struct tree_test {
        struct tree_qualifiers qualifiers;
        uint8_t word;
        uint8_t operation;
        bool has_number;
        uint32_t number;
        union {
                uint32_t index;
                uint32_t mask;
                uint8_t mac[6];
                const char *text;
                const struct tree *inside;
                struct {
                        uint32_t address; /* host byte order, both */
                        uint32_t mask;
                } ipv4;
                struct {
                        uint8_t address[16];
                        uint8_t prefix; /* bits */
                } ipv6;
                struct {
                        uint16_t first; /* as written: may be above last */
                        uint16_t last;
                        uint8_t transport; /* IPPROTO_TCP, UDP or SCTP; 0 for all three */
                } ports;
                struct {
                        const struct set *values; /* NULL if not read (PARSE_NO_SETS only) */
                        const char *file;         /* NULL for values in braces */
                } set;
        };
};

struct tree {
        uint8_t kind;      /* enum tree_kind */
        uint8_t operation; /* enum tree_operator */
        uint8_t protocol;  /* enum tree_protocol, of TREE_LOAD */
        uint8_t size;      /* of TREE_LOAD: 1, 2 or 4 bytes */
        uint32_t offset;   /* the text it was made from */
        uint32_t length;
        uint32_t operand_count;
        uint32_t list;      /* the list it stands for, counted from 1; 0 if for itself (lists.h) */
        bool moves_headers; /* changes where what follows looks for headers (list_gathering.c) */
        bool may_reject; /* decides alone, for packets of which nothing is missing (there, too) */
        struct tree *operands; /* the first */
        struct tree *next;     /* the operand after this one */
        struct tree *parent;
        union {
                uint32_t number;              /* of TREE_NUMBER */
                const struct tree_test *test; /* of every kind below the numbers */
        };
};

static inline bool tree_is_logic(const struct tree *tree)
{
        return tree->kind == TREE_AND || tree->kind == TREE_OR || tree->kind == TREE_NOT;
}

static inline bool tree_is_number(const struct tree *tree)
{
        return tree->kind > TREE_RELATION && tree->kind <= TREE_CALCULATE;
}

/* Where a walk over `tree` begins. */
const struct tree *tree_first(const struct tree *tree);

/* The node that a walk visits after `node`; NULL after the last, which is the root. */
const struct tree *tree_next(const struct tree *node);

extern const char *const tree_layers_names[], *const tree_tunnel_names[TUNNELS];
extern const char *const tree_protocol_names[PROTOCOLS], *const tree_direction_names[DIRECTIONS],
                                                             *const tree_type_names[TYPES];

/* Writes `tree` as an expression with every parenthesis, all qualifiers and numbers for names
 * (`src host 1.2.3.4 and not tcp port 80` as `(src host 1.2.3.4) and (not (tcp port 80))`), that
 * parses to the same tree but for the values of lists, whose operands come one by one. Returns a
 * string the caller frees, or NULL when memory is short. */
char *cbpf_tree_text(const struct tree *tree);

/* The same with the values of sets written out, as tests joined by `or`. */
char *tree_written_out(const struct tree *tree);

/* The same as cbpf_tree_text() without the parentheses around the whole. */
char *tree_test_text(const struct tree *tree);

/* The text of a relation, whose own operation may be another than in its tree. */
char *tree_relation_text(const struct tree *relation);

/* Whether there is a set in the tree. */
bool tree_has_sets(const struct tree *tree);

/* Joins in `tree` what an `or` asks of the same layers (TREE_LAYERS), with memory from `arena`.
 * Returns false if memory is short. Time O(n). */
bool tree_join_layers(struct arena *arena, struct tree *tree);

/* Flags of cbpf_parse(). */
#define PARSE_NO_NAMES 1u /* look no host, network, port or protocol up: leave TREE_NAME */
#define PARSE_NO_SETS 2u  /* take no files of sets; PARSE_NO_NAMES takes none either */

/* Whether a word of `expression` can be one of dialect.c. */
bool cbpf_has_dialect(const char *expression);

/* Whether it asks for VLAN tags; for metadata, the direction or the interface of the packet; for
 * what libpcap lacks, layers, or has wrong, metadata behind a test that has it look for them
 * elsewhere (tests/front-end-faults.txt): 1 or 0, also for what is no expression; -1 if memory is
 * short. */
int cbpf_asks_tags(const char *expression);
int cbpf_asks_metadata(const char *expression);
int cbpf_lacks_in_libpcap(const char *expression);

/* Likewise whether it tests for Geneve, and not only as a layer. */
int cbpf_asks_geneve(const char *expression);

/* Parses `expression`, whose files of sets are in `sets`, which must live as long as the tree. On
 * success returns 0 and `tree` is the root, in memory of `arena`, or NULL if the expression is
 * empty, which accepts every packet. On failure returns -1 and fills `error`. Time and memory are
 * linear in the length of the expression, and the stack is constant. Grammar: pcap-filter(7), as
 * libpcap 1.10 takes it, and sets, and where it would take no name, the words of dialect.c. */
int cbpf_parse(const char *expression, unsigned flags, const struct cbpf_sets *sets,
               struct arena *arena, struct tree **tree, struct error *error);
