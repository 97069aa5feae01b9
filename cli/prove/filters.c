/* The filters that are asked about: read, compiled, explained. */
#include "base/array.h"
#include "prove.h"

#include <linux/filter.h>
#include <stdlib.h>
#include <string.h>

struct filter *filters_add(struct filters *filters)
{
        if (!array_grow(filters->filters, filters->room, filters->count + 1)) {
                out_of_memory();
                return NULL;
        }
        filters->filters[filters->count] = (struct filter){.number = -1};
        return &filters->filters[filters->count++];
}

void filters_free(struct filters *filters)
{
        for (size_t i = 0; i < filters->count; i++) {
                struct filter *filter = &filters->filters[i];

                free(filter->owned);
                free(filter->group);
                free(filter->interface);
                free(filter->expression);
                cbpf_sets_free(filter->sets);
                cbpf_program_free(&filter->program);
        }
        free(filters->filters);
        *filters = (struct filters){0};
}

int filters_note_order(struct prove *prove, char **argv)
{
        size_t count = 0;

        while (argv[count])
                count++;
        prove->order = malloc((count + 1) * sizeof *prove->order);
        if (!prove->order)
                return out_of_memory();
        memcpy(prove->order, argv, (count + 1) * sizeof *argv);
        return GO_ON;
}

/* The number of the word of the command line that `text` is in. */
static int place_of(char *const *argv, const char *text)
{
        int place = 0;

        while (argv[place] && (text < argv[place] || text > argv[place] + strlen(argv[place])))
                place++;
        return place;
}

/* -F has a file with an expression. */
static int read_given(struct filter *filter, const struct filter *given)
{
        static const struct words none;

        filter->name = given->name;
        filter->program_file = given->program_file;
        return given->program_file
                   ? GO_ON
                   : read_expression(&none, given->name, NULL, false, &filter->expression, NULL);
}

static int read_word(struct filter *filter, const char *word)
{
        filter->name = word;
        filter->expression = strdup(word);
        return filter->expression ? GO_ON : out_of_memory();
}

static int deepen(struct filter *filter)
{
        struct error error;
        char *deep = cbpf_deepen(filter->expression, &error);

        if (!deep)
                return complain_filter(filter->expression, &error);
        free(filter->expression);
        filter->expression = deep;
        return GO_ON;
}

int filters_read(struct prove *prove, const struct words *words)
{
        const struct filters *given = &prove->given;
        size_t next = 0;
        int status = GO_ON;

        for (int word = 0; (word < words->count || next < given->count) && status == GO_ON;) {
                struct filter *filter = filters_add(&prove->filters);
                bool is_word =
                    word < words->count &&
                    (next == given->count || place_of(prove->order, words->words[word]) <
                                                 place_of(prove->order, given->filters[next].name));

                if (!filter)
                        return STATUS_FAILED;
                status = is_word ? read_word(filter, words->words[word++])
                                 : read_given(filter, &given->filters[next++]);
                if (status == GO_ON && prove->deep && filter->expression)
                        status = deepen(filter);
        }
        return status;
}

static int compile(const struct prove *prove, struct filter *filter)
{
        struct error error;
        int status;

        filter->target = prove->target;
        if (!filter->expression && !filter->program_file)
                return GO_ON; /* it was read */
        if (filter->program_file) {
                status = program_read(filter->program_file, false, &filter->program);
                return status == STATUS_DONE ? GO_ON : status;
        }
        status = read_sets(filter->expression, &filter->sets);
        if (status != GO_ON)
                return status;
        filter->target.sets = filter->sets;
        filter->target.layers = cbpf_has_layers(filter->expression) > 0;
        if (cbpf_compile(filter->expression, &filter->target, 0, &filter->program, &error) < 0)
                return complain_filter(filter->expression, &error);
        if (prove->live || !cbpf_program_asks(&filter->program, SKF_AD_PKTTYPE))
                return GO_ON;
        return complain_usage("'%s' asks whether packets were received or sent, which their bytes "
                              "do not say: use --live",
                              filter->name);
}

int filters_compile(struct prove *prove)
{
        for (size_t i = 0; i < prove->filters.count; i++) {
                struct filter *filter = &prove->filters.filters[i];
                int status = compile(prove, filter);

                if (status == STATUS_USAGE && prove->set_file)
                        complain("%s: the filter is '%s'", prove->set_file, filter->name);
                if (status != GO_ON)
                        return status;
                filter->number = proof_add(prove->proof, &filter->program, false);
                if (filter->number == PROOF_NO_MEMORY)
                        return out_of_memory();
                if (filter->number >= 0)
                        continue;
                complain("not decided: '%s' asks for what only the kernel knows, or has too many "
                         "states",
                         filter->name);
                return STATUS_UNDECIDED;
        }
        return GO_ON;
}

/* A live program sees the packet without its tag: what decided is told of the program. */
static int explain_program(const struct filter *filter, const struct packet *packet)
{
        struct cbpf_notes notes;
        int status;

        if (cbpf_annotate(&filter->program, &filter->target, &notes) < 0)
                return out_of_memory();
        status = program_decision(&filter->program, &notes, packet);
        cbpf_notes_free(&notes);
        return status;
}

int filter_explain(const struct filter *filter, const char *label, struct shown_packets *shown,
                   const struct proof_packet *packet)
{
        int column = (int)strlen(label) + 1;
        struct packet seen = {
            .data = packet->data, .captured = packet->captured, .length = packet->length};
        struct error error;
        char *sentence;

        printf("%s ", label);
        if (filter->target.place != CBPF_FILE) {
                bool accepts =
                    cbpf_execute(&filter->program, &seen, &packet->ancillary, NULL).verdict;

                if (!filter->expression ||
                    !shown_why(shown, packet, filter->expression, accepts, column))
                        puts(accepts ? "accepted" : "rejected");
                return STATUS_DONE;
        }
        if (!filter->expression)
                return explain_program(filter, &seen);
        if (cbpf_why(filter->expression, &filter->target, &seen, &sentence, &error) < 0) {
                complain_filter(filter->expression, &error);
                return STATUS_FAILED;
        }
        print_column(column, column, sentence, strlen(sentence));
        putchar('\n');
        free(sentence);
        return STATUS_DONE;
}

int prove_undecided(const struct prove *prove)
{
        const char *missing = proof_missing_solver();

        if (missing)
                complain("not decided, as it takes a solver: %s", missing);
        else
                complain("not decided within %s (--limit)", counted(prove->limit, "second").text);
        return STATUS_UNDECIDED;
}
