/* What is accepted of a packet that is cut off is tried with completions of it: what the packet
 * was, zeros, and random bytes. */
#include "layer_trial.h"

#include "dissector.h"
#include "layered.h"
#include "random.h"
#include "reference.h"

#include <stdlib.h>
#include <string.h>

enum {
        COMPLETIONS = 4,
        COMPLETED = 400, /* bytes */
};

struct layer_trial {
        char *expression;
        int link_type;
        unsigned flags;
        struct bpf_program program;
        struct reference *reference;
};

struct layer_trial *layer_trial_new(const char *expression, const struct cbpf_target *target,
                                    unsigned flags, struct error *error)
{
        struct layer_trial *trial = calloc(1, sizeof *trial);
        struct cbpf_violation violation;

        if (!trial)
                return NULL;
        trial->link_type = target->link_type;
        trial->flags = flags;
        trial->expression = strdup(expression);
        if (!trial->expression ||
            cbpf_compile(expression, target, flags, &trial->program, error) < 0)
                goto failed;
        if (cbpf_check(&trial->program, &violation) < 0 && !violation.only_length) {
                error_set(error, "the kernel would refuse the program: %s", violation.message);
                goto failed;
        }
        trial->reference = reference_new(expression, target->link_type, error);
        if (trial->reference)
                return trial;
failed:
        layer_trial_free(trial);
        return NULL;
}

void layer_trial_free(struct layer_trial *trial)
{
        if (!trial)
                return;
        reference_free(trial->reference);
        cbpf_program_free(&trial->program);
        free(trial->expression);
        free(trial);
}

/* Whether no completion that is tried is rejected. */
static bool completions_pass(struct layer_trial *trial, const struct packet *packet,
                             const struct packet *whole)
{
        static uint8_t bytes[SAMPLE_ROOM];
        uint64_t random = packet->captured;
        struct packet completed = *packet;
        enum answer early;

        if (whole->captured > packet->captured &&
            reference_answer(trial->reference, whole, &early) == ANSWER_NO)
                return false;
        completed.data = bytes;
        completed.captured += COMPLETED;
        if (completed.captured > sizeof bytes)
                return true;
        memcpy(bytes, packet->data, packet->captured);
        for (int i = 0; i < COMPLETIONS; i++) {
                for (uint32_t at = packet->captured; at < completed.captured; at++)
                        bytes[at] = (uint8_t)(i == 0 ? 0 : random_next(&random));
                if (reference_answer(trial->reference, &completed, &early) == ANSWER_NO)
                        return false;
        }
        return true;
}

bool layer_trial_run(struct layer_trial *trial, const struct packet *packet,
                     const struct packet *whole, const char **message)
{
        bool accepted = cbpf_run(&trial->program, packet) > 0;
        enum answer early, answer = reference_answer(trial->reference, packet, &early);

        if (early == ANSWER_YES && !accepted)
                *message = "should be accepted";
        else if (answer == ANSWER_NO && accepted)
                *message = "should be rejected";
        else if (early == ANSWER_UNKNOWN && answer != ANSWER_YES && accepted &&
                 !completions_pass(trial, packet, whole))
                *message = "is cut off and should be rejected";
        else
                return true;
        return false;
}

static void print_layers(const struct layer_trial *trial, const struct packet *packet, FILE *out)
{
        struct dissection dissection;

        if (!dissect(&dissection, packet, trial->link_type))
                return;
        for (size_t i = 0; i < dissection.count; i++) {
                const struct dissected_layer *layer = &dissection.layers[i];

                fprintf(out, "  layer %zu:", i);
                if (layer->in_tunnel)
                        fprintf(out, " in %s (%u)",
                                layer->tunnel < TUNNELS ? tree_tunnel_names[layer->tunnel]
                                                        : "another tunnel",
                                layer->network);
                if (layer->has_frame)
                        fprintf(out, ", frame at %zu", layer->frame);
                for (size_t tag = 0; tag < layer->tag_count; tag++)
                        fprintf(out, ", tag %u", layer->tags[tag]);
                for (size_t label = 0; label < layer->label_count; label++)
                        fprintf(out, ", label %u", layer->labels[label]);
                if (layer->has_session)
                        fprintf(out, ", session %u", layer->session);
                if (layer->type_known)
                        fprintf(out, ", type 0x%04x at %zu, protocols", layer->type, layer->head);
                for (size_t number = 0; number < layer->number_count; number++)
                        fprintf(out, " %u", layer->numbers[number]);
                if (layer->has_body)
                        fprintf(out, " at %zu", layer->body);
                putc('\n', out);
        }
        if (dissection.cut)
                fputs("  cut off\n", out);
}

void layer_trial_print(const struct layer_trial *trial, const struct packet *packet,
                       const char *message, FILE *out)
{
        fprintf(out, "%s: link type %d, %scaptured %u of %u: %s\n ", trial->expression,
                trial->link_type, trial->flags & CBPF_UNOPTIMIZED ? "unoptimized, " : "",
                packet->captured, packet->length, message);
        for (uint32_t i = 0; i < packet->captured; i++)
                fprintf(out, "%02x", packet->data[i]);
        putc('\n', out);
        print_layers(trial, packet, out);
}

uint64_t layer_trial_random(struct layer_trial *trial, uint64_t *random, struct sample *sample,
                            uint64_t count, unsigned shown, FILE *out)
{
        uint64_t differences = 0;

        for (uint64_t i = 0; i < count; i++) {
                struct packet whole, packet;
                const char *message;

                layered_packet(random, trial->link_type, sample);
                if (i % 3 == 1)
                        layered_mutate(random, sample);
                whole = sample_packet(sample);
                if (i % 3 == 2)
                        layered_cut(random, sample);
                packet = sample_packet(sample);
                if (layer_trial_run(trial, &packet, &whole, &message))
                        continue;
                if (differences++ < shown)
                        layer_trial_print(trial, &packet, message, out);
        }
        return differences;
}
