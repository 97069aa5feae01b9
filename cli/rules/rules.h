/* rules: which rule of iptables or nftables has dropped a packet. The rule sets are read, and
 * walked as the kernel does; they are not changed.
 *
 * Not all that a rule may ask is known of a packet afterwards (the state of its connection, what a
 * limit had left). So the answer to a rule's conditions may be "perhaps", and what is found are all
 * rules that may have dropped the packet. That it was dropped is known: if there is one, it was
 * that. */
#pragma once

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where netfilter asks. */
enum rules_hook {
        RULES_PREROUTING,
        RULES_INPUT,
        RULES_FORWARD,
        RULES_OUTPUT,
        RULES_POSTROUTING,
        RULES_INGRESS, /* of an interface */
        RULES_EGRESS,
        RULES_HOOKS,
};

/* What is known of a packet. Numbers are in host byte order; addresses of IPv4 are the first four
 * bytes. */
struct rules_packet {
        int family; /* AF_INET, AF_INET6; 0 for others, of which nothing else is known */
        uint8_t source[16], destination[16];
        uint8_t protocol; /* of the payload */
        bool has_ports;   /* the next two are known */
        bool has_type;    /* of ICMP: the one after them */
        uint16_t source_port, destination_port;
        uint8_t type;
        const char *in, *out;   /* names of interfaces; NULL if not known */
        const char *dropped_by; /* nftables' family of the chain that did it, "ip" (also of tables
                                   of iptables-nft), "ip6", "inet", "netdev"; NULL if not known */
};

/* A rule, or a policy. */
struct rules_rule {
        const char *text; /* in the words of the program that made it: "-A INPUT -p icmp -j DROP" */
        unsigned number; /* of iptables' rules: which in its chain, from 1; of nftables' the handle;
                            0 for a policy */
        const char *table; /* "filter", "inet t" */
        const char *chain;
};

enum { RULES_MOST = 8 };

struct rules_found {
        const struct rules_rule *rules[RULES_MOST];
        size_t count; /* may be more than those in `rules` */
};

struct rules;

/* What programs print, NULL where they have printed nothing: `nft -j -n list ruleset`, `nft -a -s
 * list ruleset`, and iptables-save's for each backend and family. Without the first of these, the
 * rules of the second are known, but not where their chains stand. */
enum rules_text {
        RULES_NFT_JSON,
        RULES_NFT_TEXT,
        RULES_IPTABLES,
        RULES_IP6TABLES,
        RULES_IPTABLES_LEGACY,
        RULES_IP6TABLES_LEGACY,
        RULES_TEXTS,
};

/* Reads rule sets. What is no rule set is left out. Returns NULL when memory is short; the caller
 * frees them with rules_free(). */
struct rules *rules_new(const char *const texts[RULES_TEXTS]);

/* nft_lines.c: what nft(8) prints without -j, or people write, with one statement or brace of a
 * table or chain on a line, without remarks. `whole` tells whether all braces are closed. Returns
 * NULL when memory is short; the caller frees it. */
char *rules_cut_nft_text(const char *text, bool *whole);
void rules_free(struct rules *rules); /* NULL is fine */

/* Finds those that may have dropped the packet at that hook. They are valid as long as `rules`. */
void rules_find(const struct rules *rules, enum rules_hook hook, const struct rules_packet *packet,
                struct rules_found *found);

/* --- expression.c: rules as filters --- */

/* What a rule matches, of packets that begin with the IP header. */
struct rules_filter {
        const char *table, *chain; /* as in struct rules_rule */
        unsigned number;           /* of the rule in its chain, from 1 */
        const char *expression;
        const char *program;   /* of -m bpf, as iptables has it; NULL if there is none */
        const char *interface; /* what is said of interfaces; NULL if nothing */
        bool partly;           /* it also asks for what no filter can, or beside the program */
        bool goes_on;          /* it ends nothing: the packet goes on to the next rule */
};

/* Calls `visit` for each rule, as the chains follow each other, until it returns false. What it is
 * given is valid during the call. Returns false if it does, or memory is short. */
bool rules_visit(const struct rules *rules,
                 bool (*visit)(void *context, const struct rules_filter *filter), void *context);

/* --- source.c: the rule sets of this machine --- */

struct rules_source;

/* Starts a process that reads them for this one, which may give up its privileges: call it while
 * there is one thread. It ends with this process. Returns NULL with `error` filled. */
struct rules_source *rules_source_open(struct error *error);
void rules_source_close(struct rules_source *source); /* NULL is fine */

/* Reads those of a network namespace now, so that what was dropped by a rule that is deleted at
 * once can be told. */
void rules_source_prepare(struct rules_source *source, uint32_t network_namespace);

/* The socket over which it is asked. */
int rules_source_channel(const struct rules_source *source);

/* A descriptor that is readable when rules of nftables have changed in this network namespace, and
 * are to be read again by the next; -1 if that is not heard of. */
int rules_source_changes(const struct rules_source *source);
void rules_source_refresh(struct rules_source *source);

/* As rules_find(), of a packet that was dropped in a network namespace, given by its inode, at a
 * time, of CLOCK_MONOTONIC in nanoseconds. `found` is valid until the next call. Rule sets are read
 * again when they may have changed. If that was after the packet was dropped, rules of the set
 * before are found, too. One that cannot be read has no rules. */
void rules_source_find(struct rules_source *source, uint32_t network_namespace, uint64_t time,
                       enum rules_hook hook, const struct rules_packet *packet,
                       struct rules_found *found);
