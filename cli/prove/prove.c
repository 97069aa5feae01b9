/* filt prove: are two filters the same, and what tells them apart. */
#include "prove.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LIMIT = 10 /* seconds */ };

/* -F and --program: they stand for a filter where they stand. */
static bool take_filter(void *place, const struct cli_option *option, const char *value)
{
        struct filter *filter = filters_add(place);

        if (!filter)
                return false;
        filter->name = value;
        if (option->letter != 'F')
                filter->program_file = value;
        return true;
}

/* --set, --nftables, --iptables: the row's `least` tells which. */
static bool take_set(void *place, const struct cli_option *option, const char *value)
{
        struct prove *prove = place;

        prove->set_file = value;
        prove->set_form = (int)option->least;
        return true;
}

#define AT(member) offsetof(struct prove, member)

static const struct cli_option rows[] = {
    {.heading = "what to prove, if not that two filters are the same"},
    {0, "implies", NULL, take_constant, AT(mode), PROVE_IMPLIES, 0,
     .help = "that whatever A accepts, B accepts, too"},
    {0, "disjoint", NULL, take_constant, AT(mode), PROVE_DISJOINT, 0,
     .help = "that no packet is accepted by both"},
    {0, "empty", NULL, take_constant, AT(mode), PROVE_EMPTY, 0, .help = "that A accepts nothing"},
    {0, "always", NULL, take_constant, AT(mode), PROVE_ALWAYS, 0,
     .help = "that A accepts every packet"},
    {0, "set", "FILE", take_set, 0, SET_FILTERS,
     .help = "of a list of filters: which never match after those before them, which are contained "
             "in others, which overlap",
     .more = "A line of FILE is a name, a colon, a blank and an expression, or an expression "
             "alone; `#` "
             "begins a comment. `-` is "
             "standard input."},
    {0, "iptables", "FILE", take_set, 0, SET_IPTABLES,
     .help = "the same of the rules that iptables-save has written"},
    {0, "nftables", "FILE", take_set, 0, SET_NFTABLES,
     .help = "the same of the rules that `nft list ruleset` has written, as text or JSON"},
    {.heading = "the filters, and the packets that count"},
    {'F', NULL, "FILE", take_filter, AT(given), .repeats = true,
     .help = "a filter: the expression in a file; `-` is standard input"},
    {0, "program", "FILE", take_filter, AT(given), .repeats = true,
     .help = "a filter: the program in a file, in any form that filt -d --format prints"},
    {0, "deep", NULL, take_yes, AT(deep),
     .help = "let expressions look for any layer of a packet, within tunnels too"},
    {'y', "linktype", "TYPE", take_link_type, AT(link_type),
     .help = "packets of this link type (default EN10MB: Ethernet)"},
    {0, "live", NULL, take_yes, AT(live),
     .help = "programs for a live capture, and packets as the kernel shows them to these",
     .more = "VLAN tags, the direction and the interface are then beside the packet."},
    {'s', "snapshot-length", "N", take_number, AT(snapshot_length), 1, CAPTURE_MAX_SNAPSHOT,
     .help = "packets of which at most N bytes are captured (default 262144)"},
    {0, "whole", NULL, take_yes, AT(whole), .help = "leave packets aside that are cut short"},
    {0, "limit", "SECONDS", take_number, AT(limit), 0, 1000000,
     .help = "how long a question may take before it is not decided (default 10)"},
    {'w', NULL, "FILE", take_text, AT(output), .help = "save the packets that are shown",
     .more = "With `-`, standard output, all else goes to standard error."},
    {'e', NULL, NULL, take_yes, AT(link_header), .help = "print the link header of packets, too"},
    COLOR_OPTION(AT(color), "packets"),
    {0},
};

static const struct cli_rule rules[] = {
    {.one_of = "--implies --disjoint --empty --always --set --iptables --nftables"},
    {.one_of = "--set -F"},
    {.one_of = "--set --program"},
    {.one_of = "--iptables -F"},
    {.one_of = "--iptables --program"},
    {.one_of = "--nftables -F"},
    {.one_of = "--nftables --program"},
    {.one_of = "--set -w"},
    {.one_of = "--iptables -w"},
    {.one_of = "--nftables -w"},
    {.one_of = "--set -e"},
    {.one_of = "--iptables -e"},
    {.one_of = "--nftables -e"},
    {.one_of = "--iptables -y",
     .message = "-y does not go with --iptables: its packets begin with "
                "the IP header"},
    {.one_of = "--nftables -y",
     .message = "-y does not go with --nftables: its packets begin with "
                "the IP header"},
    {.one_of = "--iptables --live"},
    {.one_of = "--nftables --live"},
    {0},
};

const struct cli_options prove_options = {
    .synopsis = "[options] A B\n"
                "--implies|--disjoint [options] A B\n"
                "--empty|--always [options] A\n"
                "--set|--iptables|--nftables FILE [options]",
    .about = "Proves that two filters accept the same packets, or shows a packet that tells them "
             "apart. A and B are expressions, each one word.",
    .rows = rows,
    .rules = rules,
    .word = cbpf_word,
    .end = "Exit status: 0 it holds; 1 it does not, or a failure; 2 bad usage; 3 not decided.",
};

/* A packet looked for: A's side, B's side (if there are two filters), and what it shows. */
struct search {
        bool first, second;
        const char *found; /* with the names of A and B */
};

struct claim {
        size_t filters;
        struct search searches[2];
        size_t search_count;
        const char *holds; /* said if nothing is found */
};

static const struct claim claims[] = {
    [PROVE_SAME] = {2,
                    {{true, false, "A accepts this packet, and B rejects it:"},
                     {false, true, "B accepts this packet, and A rejects it:"}},
                    2,
                    "The same: no packet tells A and B apart"},
    [PROVE_IMPLIES] = {2,
                       {{true, false, "A accepts this packet, and B rejects it:"}},
                       1,
                       "A implies B: whatever A accepts, B accepts"},
    [PROVE_DISJOINT] = {2,
                        {{true, true, "A and B accept this packet:"}},
                        1,
                        "Disjoint: no packet is accepted by both A and B"},
    [PROVE_EMPTY] = {1, {{true, false, "A accepts this packet:"}}, 1, "Empty: A accepts nothing"},
    [PROVE_ALWAYS] = {1,
                      {{false, false, "A rejects this packet:"}},
                      1,
                      "Always: A accepts every packet"},
};

static int read_arguments(struct prove *prove, char **argv)
{
        const struct claim *claim;
        struct words words;
        int status = filters_note_order(prove, argv);

        if (status == GO_ON)
                status = options_read(&prove_options, argv, prove, &words);
        if (status != GO_ON)
                return status;
        if (prove->set_file) {
                if (words.count > 0)
                        return complain_usage("the list gives the filters; '%s' is one too many",
                                              words.words[0]);
                return set_read(prove);
        }
        claim = &claims[prove->mode];
        if (words.count + prove->given.count != claim->filters)
                return complain_usage(claim->filters == 1
                                          ? "one filter is needed, and there are %zu: quote an "
                                            "expression to make it one word"
                                          : "two filters are needed, and there are %zu: quote each "
                                            "expression to make it one word",
                                      words.count + prove->given.count);
        return filters_read(prove, &words);
}

static int prepare(struct prove *prove)
{
        struct proof_settings settings = {
            .link_type = prove->link_type,
            .place = prove->live ? CBPF_LIVE : CBPF_FILE,
            .snapshot_length = (uint32_t)prove->snapshot_length,
            .whole = prove->whole,
            .limit = prove->limit * 1000,
        };

        if (prove->live && prove->link_type == DLT_LINUX_SLL2)
                settings.place = CBPF_LIVE_ANY;
        if (settings.place == CBPF_LIVE_ANY)
                settings.link_type = DLT_EN10MB; /* what the kernel shows of most interfaces */
        prove->target = (struct cbpf_target){.link_type = prove->link_type,
                                             .snapshot_length = (uint32_t)prove->snapshot_length,
                                             .place = settings.place,
                                             .netmask = CBPF_NETMASK_UNKNOWN,
                                             .saved = !prove->live};
        prove->proof = proof_new(&settings);
        prove->packet = malloc(sizeof *prove->packet);
        if (!prove->proof || !prove->packet)
                return out_of_memory();
        return filters_compile(prove);
}

/* Asks for the packet of a search. */
static enum proof_answer search(struct prove *prove, const struct search *search)
{
        struct proof_condition conditions[] = {{prove->filters.filters[0].number, search->first},
                                               {0, search->second}};
        size_t count = prove->filters.count;

        if (count > 1)
                conditions[1].program = prove->filters.filters[1].number;
        return proof_find(prove->proof, conditions, count, prove->packet, NULL);
}

static int show_found(struct prove *prove, const struct search *search)
{
        int status;

        puts(search->found);
        status = shown_packet(prove->shown, prove->packet);
        if (status == STATUS_DONE)
                status =
                    filter_explain(&prove->filters.filters[0], "  A:", prove->shown, prove->packet);
        if (status == STATUS_DONE && prove->filters.count > 1)
                status =
                    filter_explain(&prove->filters.filters[1], "  B:", prove->shown, prove->packet);
        return status;
}

static void say_holds(const struct prove *prove, const struct claim *claim)
{
        fputs(claim->holds, stdout);
        if (proof_has_loop(prove->proof))
                printf(", among those with at most %d headers in a chain", PROOF_ROUNDS);
        puts(".");
}

static int prove_claim(struct prove *prove)
{
        const struct claim *claim = &claims[prove->mode];
        bool found = false, undecided = false;
        int status = STATUS_DONE;

        for (size_t i = 0; i < claim->search_count && status == STATUS_DONE; i++)
                switch (search(prove, &claim->searches[i])) {
                case PROOF_NONE: break;
                case PROOF_FOUND:
                        found = true;
                        status = show_found(prove, &claim->searches[i]);
                        break;
                case PROOF_UNDECIDED: undecided = true; break;
                case PROOF_FAILED: return out_of_memory();
                }
        if (status == STATUS_DONE && undecided)
                status = prove_undecided(prove); /* of the other side, if there is a packet */
        if (status == STATUS_FAILED || found)
                return STATUS_FAILED;
        if (undecided)
                return status;
        say_holds(prove, claim);
        return STATUS_DONE;
}

int prove_run(char **argv)
{
        struct prove prove = {
            .link_type = DLT_EN10MB, .snapshot_length = CAPTURE_MAX_SNAPSHOT, .limit = LIMIT};
        int status = read_arguments(&prove, argv);

        if (status == GO_ON)
                status = prepare(&prove);
        if (status == GO_ON)
                prove.shown = shown_open(prove.output, &prove.target, prove.link_header,
                                         choose_colors(prove.color, STDOUT_FILENO));
        if (status == GO_ON)
                status = !prove.shown     ? STATUS_FAILED
                         : prove.set_file ? prove_set(&prove)
                                          : prove_claim(&prove);
        if (!shown_close(prove.shown))
                status = STATUS_FAILED;
        proof_free(prove.proof);
        free(prove.packet);
        filters_free(&prove.filters);
        filters_free(&prove.given);
        free(prove.order);
        return status;
}
