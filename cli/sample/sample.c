/* filt sample: packets that show what a filter means. */
#include "cbpf/proof/proof.h"
#include "cli/common/cli.h"

#include <inttypes.h>
#include <linux/filter.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

DECLARE_SUBCOMMAND(sample);

enum { SAMPLES = 10, MAX_PATHS = 1000, LIMIT = 10 /* seconds */ };

struct sample {
        const char *expression_file, *program_file;
        char *expression;
        struct cbpf_sets *sets;
        int kind; /* enum proof_sample_kind */
        int link_type, color;
        bool live, deep, link_header;
        uint64_t count, seed, snapshot_length, limit;
        uint64_t wanted; /* as many as -c says; 0 without */
        const char *output;

        struct cbpf_target target;
        struct bpf_program program;
        struct cbpf_notes notes; /* of a program, to explain with */
        struct shown_packets *shown;
        uint64_t found;
        int status;
};

#define AT(member) offsetof(struct sample, member)

static const struct cli_option rows[] = {
    {'c', NULL, "N", take_number, AT(count), 1, 1000000,
     .help = "N packets (default 10), or fewer if there are no more"},
    {0, "not", NULL, take_constant, AT(kind), PROOF_SAMPLE_MISSES, 0,
     .help =
         "packets that just miss: of each accepted packet, what fails one test and is rejected"},
    {0, "paths", NULL, take_constant, AT(kind), PROOF_SAMPLE_PATHS, 0,
     .help = "one packet for each path through the program, accepted or rejected"},
    {0, "seed", "N", take_number, AT(seed), 0, UINT32_MAX,
     .help = "other packets for another N; the same for the same (default 1)"},
    {0, "limit", "SECONDS", take_number, AT(limit), 0, 1000000,
     .help = "how long a solver may look for packets of paths that take arithmetic (default 10)"},
    {'w', NULL, "FILE", take_text, AT(output), .help = "save the packets",
     .more = "With `-`, standard output, all else goes to standard error."},
    {'y', "linktype", "TYPE", take_link_type, AT(link_type),
     .help = "packets of this link type (default EN10MB: Ethernet)"},
    {0, "live", NULL, take_yes, AT(live),
     .help = "packets for a live capture, with what the kernel tells beside them"},
    {'s', "snapshot-length", "N", take_number, AT(snapshot_length), 1, CAPTURE_MAX_SNAPSHOT,
     .help = "packets of which at most N bytes are captured (default 262144)"},
    {'F', NULL, "FILE", take_text, AT(expression_file),
     .help = "read the expression from a file; `-` is standard input"},
    {0, "program", "FILE", take_text, AT(program_file),
     .help = "for the program in this file in place of an expression"},
    {0, "deep", NULL, take_yes, AT(deep),
     .help = "let the expression look for any layer of a packet, within tunnels too"},
    {'e', NULL, NULL, take_yes, AT(link_header), .help = "print the link header of packets, too"},
    COLOR_OPTION(AT(color), "packets"),
    {0},
};

static const struct cli_rule rules[] = {
    {.one_of = "--not --paths"},
    {.one_of = "-F --program"},
    {0},
};

const struct cli_options sample_options = {
    .synopsis = "[options] expression",
    .about = "Makes packets that match a filter, on every path that leads there; or that just miss "
             "it, with the reason.",
    .rows = rows,
    .rules = rules,
    .word = cbpf_word,
    .end = "Exit status: 0 packets were found; 1 none was, or a failure; 2 bad usage.",
};

static int explain(const struct sample *sample, const struct packet *packet)
{
        struct error error;
        char *sentence;

        fputs("    ", stdout);
        if (sample->program_file)
                return program_decision(&sample->program, &sample->notes, packet);
        if (cbpf_why(sample->expression, &sample->target, packet, &sentence, &error) < 0) {
                complain_filter(sample->expression, &error);
                return STATUS_FAILED;
        }
        print_column(4, 4, sentence, strlen(sentence));
        putchar('\n');
        free(sentence);
        return STATUS_DONE;
}

/* The sentence is told where the packet is not simply one that matches. */
static bool show(void *context, const struct proof_packet *packet, bool accepted)
{
        struct sample *sample = context;
        struct packet seen = {packet->data, packet->captured, packet->length};

        sample->found++;
        sample->status = shown_packet(sample->shown, packet);
        if (sample->status != STATUS_DONE || sample->kind == PROOF_SAMPLE_ACCEPTED)
                return sample->status != STATUS_DONE;
        if (sample->target.place == CBPF_FILE) {
                sample->status = explain(sample, &seen);
                return sample->status != STATUS_DONE;
        }
        fputs("    ", stdout);
        if (!sample->expression ||
            !shown_why(sample->shown, packet, sample->expression, accepted, 4))
                puts(accepted ? "accepted" : "rejected");
        return sample->status != STATUS_DONE;
}

static int read_arguments(struct sample *sample, char **argv)
{
        struct words words;
        int status = options_read(&sample_options, argv, sample, &words);

        if (status != GO_ON)
                return status;
        sample->wanted = sample->count;
        if (sample->count == 0)
                sample->count = sample->kind == PROOF_SAMPLE_PATHS ? MAX_PATHS : SAMPLES;
        status = read_expression(&words, sample->expression_file, sample->program_file,
                                 sample->deep, &sample->expression, NULL);
        return status == GO_ON ? read_sets(sample->expression, &sample->sets) : status;
}

static int compile(struct sample *sample)
{
        struct error error;

        sample->target = (struct cbpf_target){
            .link_type = sample->link_type,
            .snapshot_length = (uint32_t)sample->snapshot_length,
            .place = !sample->live                         ? CBPF_FILE
                     : sample->link_type == DLT_LINUX_SLL2 ? CBPF_LIVE_ANY
                                                           : CBPF_LIVE,
            .netmask = CBPF_NETMASK_UNKNOWN,
            .saved = !sample->live,
            .sets = sample->sets,
        };
        if (sample->program_file) {
                int status = program_read(sample->program_file, false, &sample->program);

                if (status != STATUS_DONE)
                        return status;
                return cbpf_annotate(&sample->program, &sample->target, &sample->notes) < 0
                           ? out_of_memory()
                           : GO_ON;
        }
        sample->target.layers = cbpf_has_layers(sample->expression) > 0;
        if (cbpf_compile(sample->expression, &sample->target, 0, &sample->program, &error) < 0)
                return complain_filter(sample->expression, &error);
        if (sample->live || !cbpf_program_asks(&sample->program, SKF_AD_PKTTYPE))
                return GO_ON;
        return complain_usage("the filter asks whether packets were received or sent, which their "
                              "bytes do not say: use --live");
}

static int ask(struct sample *sample, struct proof *proof)
{
        struct proof_sample question = {
            .kind = sample->kind, .count = sample->count, .show = show, .context = sample};
        uint64_t missed;

        question.program = proof_add(proof, &sample->program, false);
        question.paths = proof_add(proof, &sample->program, true);
        if (question.program == PROOF_NO_GRAPH || question.paths == PROOF_NO_GRAPH)
                return complain("the program asks for what only the kernel knows, or has too many "
                                "states");
        if (question.program < 0 || question.paths < 0)
                return out_of_memory();
        sample->status = GO_ON;
        switch (proof_sample(proof, &question, &missed)) {
        case PROOF_NO_MEMORY: return out_of_memory();
        case PROOF_NO_GRAPH: return complain("the filter has too many paths");
        }
        if (missed)
                complain("%s may have a packet that was not found%s%s",
                         counted(missed, "path").text,
                         proof_missing_solver() ? ": " : " within --limit",
                         proof_missing_solver() ? proof_missing_solver() : "");
        if (sample->status == GO_ON)
                return complain("no such packet was found");
        if (sample->status == STATUS_DONE && sample->found < sample->wanted)
                complain("found %s, not %" PRIu64, counted(sample->found, "packet").text,
                         sample->wanted);
        return sample->status;
}

static int make(struct sample *sample)
{
        struct proof_settings settings = {
            .link_type = sample->target.place == CBPF_LIVE_ANY ? DLT_EN10MB : sample->link_type,
            .place = sample->target.place,
            .snapshot_length = (uint32_t)sample->snapshot_length,
            .limit = sample->limit * 1000,
            .seed = sample->seed,
        };
        struct proof *proof = proof_new(&settings);
        int status;

        if (!proof)
                return out_of_memory();
        sample->shown = shown_open(sample->output, &sample->target, sample->link_header,
                                   choose_colors(sample->color, STDOUT_FILENO));
        status = sample->shown ? ask(sample, proof) : STATUS_FAILED;
        if (!shown_close(sample->shown))
                status = STATUS_FAILED;
        proof_free(proof);
        return status;
}

int sample_run(char **argv)
{
        struct sample sample = {.link_type = DLT_EN10MB,
                                .seed = 1,
                                .snapshot_length = CAPTURE_MAX_SNAPSHOT,
                                .limit = LIMIT};
        int status = read_arguments(&sample, argv);

        if (status == GO_ON)
                status = compile(&sample);
        if (status == GO_ON)
                status = make(&sample);
        cbpf_notes_free(&sample.notes);
        cbpf_program_free(&sample.program);
        cbpf_sets_free(sample.sets);
        free(sample.expression);
        return status;
}
