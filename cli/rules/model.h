/* Inside cli/rules: rule sets in memory. All of one is in one arena. */
#pragma once

#include "base/arena.h"
#include "rules.h"

enum rules_field {
        FIELD_UNKNOWN, /* perhaps */
        FIELD_FAMILY,  /* AF_* */
        FIELD_PROTOCOL,
        FIELD_SOURCE,
        FIELD_DESTINATION,
        FIELD_SOURCE_PORT,
        FIELD_DESTINATION_PORT,
        FIELD_ANY_PORT,      /* of the two */
        FIELD_TYPE,          /* of ICMP */
        FIELD_TYPE_AND_CODE, /* as one number of 16 bits */
        FIELD_IN,            /* names of interfaces */
        FIELD_OUT,
        FIELD_PROGRAM, /* a program of -m bpf, its words the name; perhaps */
};

/* Numbers are in network byte order, at the end; addresses of IPv4 at the start. */
struct rules_range {
        struct rules_range *next;
        uint8_t from[16], to[16];
        const char *name; /* of an interface; a "*" at its end stands for anything; or a program */
};

struct rules_condition {
        struct rules_condition *next;
        enum rules_field field;
        int family; /* of addresses: a packet of another one does not match, nor its negation */
        bool negated;
        struct rules_range *ranges; /* one of them holds it */
};

enum rules_verdict {
        VERDICT_NONE, /* on to the next rule */
        VERDICT_ACCEPT,
        VERDICT_DROP,
        VERDICT_RETURN,
        VERDICT_JUMP,
        VERDICT_GOTO,
        VERDICT_QUEUE,   /* may drop or accept */
        VERDICT_UNKNOWN, /* may drop, accept or go on */
};

struct rules_line {
        struct rules_line *next;
        struct rules_rule rule;
        struct rules_condition *conditions;
        enum rules_verdict verdict;
        const char *target; /* a chain */
};

/* Interfaces of a chain at ingress or egress. */
struct rules_device {
        struct rules_device *next;
        const char *name;
};

struct rules_chain {
        struct rules_chain *next;
        const char *program; /* whose tables these are: names are its own */
        const char *table;
        const char *name;
        bool is_base; /* the next are its */
        enum rules_hook hook;
        int priority;
        struct rules_device *devices;
        int family;             /* of packets: AF_*; 0 for all */
        const char *nft_family; /* "ip"; "" if it is none of nftables */
        bool drops;             /* what comes to its end; this is its policy then: */
        struct rules_rule policy;
        struct rules_line *first, **last;
        unsigned count; /* of lines */
};

struct rules {
        struct arena arena;
        struct rules_chain *chains;
        bool failed; /* memory was short */
};

/* All return NULL when memory is short, which is noted. */
void *rules_take(struct rules *rules, size_t size);
const char *rules_copy(struct rules *rules, const char *text, size_t length);
const char *rules_print(struct rules *rules, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Chains are kept by priority. */
struct rules_chain *rules_add_chain(struct rules *rules, const struct rules_chain *chain);
struct rules_chain *rules_find_chain(const struct rules *rules, const char *program,
                                     const char *table, const char *name);
struct rules_line *rules_add_line(struct rules *rules, struct rules_chain *chain,
                                  const struct rules_line *line);
struct rules_condition *rules_add_condition(struct rules *rules, struct rules_line *line,
                                            const struct rules_condition *condition);

/* A number as ranges have it. */
void rules_put_number(uint8_t bytes[16], uint32_t number);

/* Add to what a condition asks for. */
void rules_add_numbers(struct rules *rules, struct rules_condition *condition, uint32_t from,
                       uint32_t to);
void rules_add_name(struct rules *rules, struct rules_condition *condition, const char *name);

/* An address, with a prefix's length (-1: all of it). Sets the condition's family. Returns false if
 * it is none. */
bool rules_add_prefix(struct rules *rules, struct rules_condition *condition, const char *address,
                      int length);
bool rules_add_addresses(struct rules *rules, struct rules_condition *condition, const char *from,
                         const char *to);

/* A condition of numbers that has one. */
void rules_ask(struct rules *rules, struct rules_line *line, enum rules_field field,
               uint32_t number);

/* The number of a protocol; 0 if it has none here. */
unsigned rules_protocol(const char *name);

/* A field of a header, "ip" or "tcp", implies that the packet has it. */
void rules_imply(struct rules *rules, struct rules_line *line, const char *header);

/* What is asked perhaps holds. */
void rules_ask_perhaps(struct rules *rules, struct rules_line *line);

/* The family of packets in tables of one of nftables' families: as in struct rules_chain; -1 if it
 * has no packets of IP. Sets the name that chains have. */
int rules_nft_family(const char *name, const char **kept);

/* iptables.c, nft.c and nft_text.c: add what the texts hold. */
void rules_read_iptables(struct rules *rules, const char *text, int family, bool legacy);

/* `text` is that of nft(8) without JSON, for its words. */
void rules_read_nft(struct rules *rules, const char *json, const char *text);

/* Of that text alone: the rules, but not where their chains stand. */
void rules_read_nft_text(struct rules *rules, const char *text);
