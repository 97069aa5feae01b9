/* drops: a dropped packet, and what its parts share. */
#pragma once

#include "base/json.h"
#include "capture/capture.h"
#include "cli/rules/rules.h"
#include "ebpf/drops/drops.h"
#include "place.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is looked up in. */
struct drop_tables {
        struct drops_reasons *reasons;
        struct drops_symbols *symbols; /* NULL if functions are not known */
        struct namespaces *namespaces; /* NULL: they are not told */
        struct rules_source *rules;    /* NULL: they are not looked for */
};

/* A dropped packet, explained. Texts are those of the tables. */
struct drop {
        const struct drops_record *record;
        const char *reason; /* "NETFILTER_DROP"; NULL if the kernel tells none */
        struct drop_place place;
        const char *functions[DROPS_STACK]; /* the innermost first; NULL where not known */
        uint64_t offsets[DROPS_STACK];      /* into them, of the call's end */
        uint64_t addresses[DROPS_STACK];    /* of that */
        size_t count;
        const char *network_namespace; /* NULL if it is not to be told */
        struct rules_found rules;      /* that may have dropped it; valid until the next packet */
};

/* --- drop.c --- */

void drop_explain(const struct drops_record *record, const struct drop_tables *tables,
                  struct drop *drop);

/* Appends what the line says: "dropped in INPUT (NETFILTER_DROP)"; with `verbose` the function,
 * from 2 on all that called it, in lines of their own. */
void drop_text(struct text *text, const struct drop *drop, int verbose);

/* Appends the same as JSON: the members of an object. */
void drop_members(struct json *json, const struct drop *drop);

/* Appends the rule: " by -A INPUT -p icmp -j DROP", or how many may have done it; nothing if none
 * is known. */
void drop_rule_text(struct text *text, const struct drop *drop);

/* --- conversation.c --- */

/* Appends who sent to whom: "192.0.2.1.53 > 192.0.2.2.1024 UDP". */
void drop_conversation(struct text *text, const struct drops_record *record);

/* What rules may ask of the packet. */
void drop_describe(const struct drops_record *record, bool sent, struct rules_packet *packet);

/* --- frame.c: as packets of a capture, of DLT_LINUX_SLL2 --- */

struct frames;

/* Those of the namespace whose inode is given have the names of interfaces that are there now, if
 * the kernel tells none later. Returns NULL if memory is short. */
struct frames *frames_new(uint32_t own_namespace);
void frames_free(struct frames *frames); /* NULL is fine */

/* Fills `record`, valid until the next call; `offset` is what has to be added to the drop's time
 * for that since 1970, in nanoseconds. Returns false if memory is short. */
bool frames_fill(struct frames *frames, const struct drop *drop, int64_t offset,
                 struct capture_record *record);

/* --- namespaces.c: names of network namespaces --- */

/* Reads those that ip(8) netns has made. Returns NULL if memory is short. */
struct namespaces *namespaces_read(void);
void namespaces_free(struct namespaces *namespaces); /* NULL is fine */

/* The name; the number, as a text that is valid until the next call, if it has none. */
const char *namespaces_name(struct namespaces *namespaces, uint32_t number);

/* --- summary.c --- */

struct summary;

struct summary *summary_new(void); /* NULL if memory is short */
void summary_free(struct summary *summary);

/* Returns false if memory is short. */
bool summary_add(struct summary *summary, const struct drop *drop);

/* Appends a table, or JSON, most packets first; a table of at most `most` rows, 0 for all. */
void summary_text(struct text *text, struct summary *summary, bool json, size_t most);

/* --- session.c --- */

struct drops_command {
        char *expression;
        struct cbpf_sets *sets;
        const char *expression_file; /* -F */
        bool deep;                   /* --deep */
        bool all_namespaces;         /* --all-netns */
        uint64_t count;              /* -c; 0 for no end */
        uint64_t duration;           /* milliseconds; 0 for no end */
        uint64_t snapshot_length;    /* bytes */
        uint64_t buffer;             /* bytes */
        const char *write_file;      /* -w */
        bool print;                  /* --print */
        bool no_rules;               /* --no-rules */
        bool summary;                /* --summary */
        uint64_t interval;           /* milliseconds between tables */
        bool json;                   /* --json */
        bool quiet;                  /* -q */
        bool link_header;            /* -e */
        int verbose;                 /* -v */
        int time;                    /* -t: enum print_time */
        int color;                   /* --color */
};

/* Shows drops until the end. Returns the exit status. */
int drops_session(const struct drops_command *command);
