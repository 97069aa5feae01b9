/* Filters in words. */
#include "base/text.h"
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MEANING_MAX_TESTS = 1000 };

/* What cannot be said of a filter. */
static char *refuse(struct filt_error *error, const char *reason)
{
        fail(error, FILT_ERROR_ARGUMENT, "%s", reason);
        return NULL;
}

/* The text, or an error for the lack of it. */
static char *or_memory(char *text, struct filt_error *error)
{
        if (!text)
                fail_memory(error);
        return text;
}

static char *list(const struct filt_filter *filter, enum cbpf_listing listing,
                  struct filt_error *error)
{
        return or_memory(cbpf_list(&filter->program, listing), error);
}

static char *annotate(const struct filt_filter *filter, struct filt_error *error)
{
        enum { LINE = 128, COLUMN = 44 };
        struct cbpf_target target = filter->target;
        struct cbpf_notes notes;
        struct text text = {0};
        int layers = filter->expression ? cbpf_has_layers(filter->expression) : 0;

        target.layers = layers > 0;
        if (layers < 0 || cbpf_annotate(&filter->program, &target, &notes) < 0) {
                fail_memory(error);
                return NULL;
        }
        for (uint32_t i = 0; i < notes.count; i++) {
                char line[LINE];

                cbpf_list_instruction(&filter->program.bf_insns[i], i, line, sizeof line);
                text_format(&text, "%-*s ; %s\n", COLUMN, line, notes.notes[i].text);
        }
        cbpf_notes_free(&notes);
        return or_memory(text_take(&text), error);
}

static char *tell_meaning(const struct filt_filter *filter, struct filt_error *error)
{
        struct error reason;
        char *text;

        if (!filter->expression)
                return refuse(error, "a filter made of a program has no expression");
        if (cbpf_understand(filter->expression, filter->sets, MEANING_MAX_TESTS, &text, &reason) ==
            0)
                return text;
        fail_by(error, &reason);
        return NULL;
}

static char *draw_graph(const struct filt_filter *filter, struct filt_error *error)
{
        char *text;

        switch (cbpf_write_graph(&filter->program, &filter->target, &text)) {
        case 0: return text;
        case 1: return refuse(error, "the program has a loop, so there is no graph");
        }
        fail_memory(error);
        return NULL;
}

char *filt_text(const struct filt_filter *filter, enum filt_form form, struct filt_error *error)
{
        switch (form) {
        case FILT_LISTING: return list(filter, CBPF_LISTING_TEXT, error);
        case FILT_C: return list(filter, CBPF_LISTING_C, error);
        case FILT_DECIMAL: return list(filter, CBPF_LISTING_DECIMAL, error);
        case FILT_ASSEMBLER: return list(filter, CBPF_LISTING_ASSEMBLER, error);
        case FILT_BYTECODE: return list(filter, CBPF_LISTING_BYTECODE, error);
        case FILT_JSON: return list(filter, CBPF_LISTING_JSON, error);
        case FILT_NOTES: return annotate(filter, error);
        case FILT_MEANING: return tell_meaning(filter, error);
        case FILT_GRAPH: return draw_graph(filter, error);
        }
        return refuse(error, "there is no such form");
}

char *filt_why(const struct filt_filter *filter, const struct filt_packet *packet,
               struct filt_error *error)
{
        const struct packet same = {packet->bytes, packet->captured, packet->length};
        struct error reason;
        char *sentence;

        if (!filter->expression || filter->target.place != CBPF_FILE)
                return refuse(error, "this takes a filter of an expression, for packets in memory");
        if (cbpf_why(filter->expression, &filter->target, &same, &sentence, &reason) == 0)
                return sentence;
        fail_by(error, &reason);
        return NULL;
}

void filt_free_text(char *text)
{
        free(text);
}
