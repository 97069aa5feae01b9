/* What terms are for one packet. */
#include "question.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

bool term_values_start(struct term_values *values, const struct proof *proof)
{
        size_t terms = proof->graph.term_count + (size_t)1;

        *values = (struct term_values){.graph = &proof->graph,
                                       .captured_term = proof->captured,
                                       .values = malloc(terms * sizeof *values->values),
                                       .known_at = calloc(terms, sizeof *values->known_at),
                                       .now = 1};
        return values->values && values->known_at;
}

void term_values_free(struct term_values *values)
{
        free(values->values);
        free(values->known_at);
}

void term_values_forget(struct term_values *values)
{
        values->now++;
}

static uint32_t ancillary_value(const struct cbpf_ancillary *ancillary, uint32_t k)
{
        switch (k - (uint32_t)SKF_AD_OFF) {
        case SKF_AD_PROTOCOL: return ancillary->protocol;
        case SKF_AD_PKTTYPE: return ancillary->packet_type;
        case SKF_AD_IFINDEX: return ancillary->interface;
        case SKF_AD_HATYPE: return ancillary->hardware_type;
        case SKF_AD_VLAN_TAG: return ancillary->vlan_tag;
        case SKF_AD_VLAN_TAG_PRESENT: return ancillary->vlan_present;
        case SKF_AD_VLAN_TPID: return ancillary->vlan_protocol;
        }
        return 0;
}

static uint32_t load_value(struct term_values *values, const struct term *load,
                           const struct proof_packet *packet)
{
        uint64_t at = load->k;
        uint32_t word;

        if (load->a == GRAPH_NONE && load->k > INT32_MAX)
                return ancillary_value(&packet->ancillary, load->k);
        if (load->a != GRAPH_NONE)
                at += term_value(values, load->a, packet);
        if (at + sizeof word > PROOF_ROOM)
                return 0;
        memcpy(&word, packet->data + at, sizeof word);
        return be32toh(word) >> (32 - 8 * graph_load_size(load));
}

static uint32_t compute(struct term_values *values, uint32_t term,
                        const struct proof_packet *packet)
{
        const struct term *content = &values->graph->terms[term];
        uint32_t a, b;
        bool ignored;

        switch (content->kind) {
        case TERM_CONSTANT: return content->k;
        case TERM_LENGTH: return packet->length;
        case TERM_ARGUMENT:
                return term == values->captured_term ? packet->captured : values->argument;
        case TERM_LOAD: return load_value(values, content, packet);
        case TERM_VARIABLE: return 0; /* programs have none */
        }
        a = term_value(values, content->a, packet);
        b = content->b == GRAPH_NONE ? 0 : term_value(values, content->b, packet);
        if (content->kind == TERM_EQUAL)
                return a == b;
        return content->kind == TERM_GREATER ? a > b : graph_compute(content->code, a, b, &ignored);
}

uint32_t term_value(struct term_values *values, uint32_t term, const struct proof_packet *packet)
{
        if (values->known_at[term] != values->now) {
                values->values[term] = compute(values, term, packet);
                values->known_at[term] = values->now;
        }
        return values->values[term];
}
