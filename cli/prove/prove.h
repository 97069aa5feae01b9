/* prove: the parts of `filt prove`, which decides whether filters are the same.
 *
 *      prove.c     options, and the questions about one filter or two
 *      filters.c   what stands on the command line becomes programs
 *      set.c       --set, --nftables, --iptables: the questions about a list
 *      lists.c     a list of filters, read
 *      rules.c     saved rule sets of firewalls, as cli/rules reads them, likewise */
#pragma once

#include "cbpf/proof/proof.h"
#include "cli/common/cli.h"

DECLARE_SUBCOMMAND(prove);

enum {
        STATUS_UNDECIDED = 3,
};

/* A filter: an expression, or a program from a file. */
struct filter {
        const char *name;         /* what to call it; of the command line, or `owned` */
        char *owned;              /* a name that is no word of the command line; or NULL */
        char *expression;         /* NULL for a program */
        const char *program_file; /* NULL for an expression */
        struct cbpf_sets *sets;   /* of the expression */
        struct cbpf_target target;
        struct bpf_program program;
        int number; /* in the proof */

        /* Of a rule of a firewall; else all zero. */
        char *group;     /* its chain */
        char *interface; /* what it says of interfaces; NULL if nothing */
        bool partly;     /* it also asks for what no filter can */
        bool goes_on;    /* what it matches goes on to the rules behind it */
};

struct filters {
        struct filter *filters;
        size_t count, room;
};

enum prove_mode {
        PROVE_SAME,
        PROVE_IMPLIES,
        PROVE_DISJOINT,
        PROVE_EMPTY,
        PROVE_ALWAYS,
};

struct prove {
        int mode;             /* enum prove_mode */
        const char *set_file; /* --set, --nftables or --iptables; NULL if not given */
        int set_form;         /* enum set_form */
        int link_type;        /* -y */
        bool live, whole, deep, link_header;
        uint64_t snapshot_length; /* -s */
        uint64_t limit;           /* --limit, seconds */
        const char *output;       /* -w; NULL if not given */
        int color;
        const struct colors *colors;
        char **order;         /* the words of the command line as they were given */
        struct filters given; /* by -F and --program, before their files are read */
        struct filters filters;
        struct cbpf_target target;
        struct proof *proof;
        struct proof_packet *packet; /* the one found last */
        struct shown_packets *shown;
};

enum set_form { SET_FILTERS, SET_NFTABLES, SET_IPTABLES };

/* Appends an empty filter. NULL after a complaint. */
struct filter *filters_add(struct filters *filters);
void filters_free(struct filters *filters);

/* Keeps the order of the command line, before it is read. Returns GO_ON, or a status. */
int filters_note_order(struct prove *prove, char **argv);

/* Fills prove->filters with those of the command line, in its order. Returns GO_ON or a status
 * after a complaint. */
int filters_read(struct prove *prove, const struct words *words);

/* Compiles them all, and adds them to prove->proof. Returns GO_ON or a status. */
int filters_compile(struct prove *prove);

/* Prints in a sentence why `filter` accepts or rejects the packet, which was shown, behind `label`.
 * Returns STATUS_DONE, or STATUS_FAILED after a complaint. */
int filter_explain(const struct filter *filter, const char *label, struct shown_packets *shown,
                   const struct proof_packet *packet);

/* Says that a question was not decided, and why. Returns STATUS_UNDECIDED. */
int prove_undecided(const struct prove *prove);

/* Asks about the list, and prints a table. Returns the exit status. */
int prove_set(struct prove *prove);

/* Fills prove->filters from the file of --set, --iptables or --nftables. Returns GO_ON or a status
 * after a complaint. */
int set_read(struct prove *prove);

/* The text of a file as such a list; it may be changed. */
typedef int set_reader(struct filters *filters, char *text);
set_reader set_read_filters, set_read_iptables, set_read_nftables;
