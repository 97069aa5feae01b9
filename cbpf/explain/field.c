/* Names the contents of a term: a field of a header, metadata, or an expression of these. The
 * headers are described in net/. */
#include "field.h"
#include "base/array.h"
#include "cbpf/ir/ir.h"
#include "cbpf/program/program.h"
#include "net/protocols.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
        MAX_DEPTH = 5, /* of expressions that are written out */
        ARGUMENTS = 2, /* of calls (graph.h) */
        PLACES = CHAIN_OFFSET + 1,
        FRAGMENT_OFFSET = 0xfff8, /* in the first word of IPv6's fragment header */
};

/* What ancillary loads read. */
static const struct {
        const char *name;
        uint8_t value;
} metadata[SKF_AD_MAX] = {
    [SKF_AD_PROTOCOL] = {"EtherType (metadata)", NET_ETHERTYPE},
    [SKF_AD_PKTTYPE] = {"packet type (metadata)", NET_PACKET_TYPE},
    [SKF_AD_IFINDEX] = {"interface index (metadata)", NET_NUMBER},
    [SKF_AD_NLATTR] = {"a netlink attribute", NET_NUMBER},
    [SKF_AD_NLATTR_NEST] = {"a nested netlink attribute", NET_NUMBER},
    [SKF_AD_MARK] = {"mark (metadata)", NET_BITS},
    [SKF_AD_QUEUE] = {"receive queue (metadata)", NET_NUMBER},
    [SKF_AD_HATYPE] = {"hardware type (metadata)", NET_NUMBER},
    [SKF_AD_RXHASH] = {"flow hash (metadata)", NET_BITS},
    [SKF_AD_CPU] = {"processor number", NET_NUMBER},
    [SKF_AD_ALU_XOR_X] = {"A xor X", NET_BITS},
    [SKF_AD_VLAN_TAG] = {"VLAN tag (metadata)", NET_VLAN_TAG},
    [SKF_AD_VLAN_TAG_PRESENT] = {"whether a VLAN tag is in the metadata", VALUE_TAG_PRESENT},
    [SKF_AD_PAY_OFFSET] = {"offset of the payload", NET_NUMBER},
    [SKF_AD_RANDOM] = {"a random number", NET_NUMBER},
    [SKF_AD_VLAN_TPID] = {"EtherType of the VLAN tag (metadata)", NET_ETHERTYPE},
};

/* --- Names --- */

struct namer {
        const struct scene *scene;
        const struct layers *layers;
};

__attribute__((format(printf, 2, 3))) static void set_name(struct field *field, const char *format,
                                                           ...)
{
        va_list arguments;
        int length;

        va_start(arguments, format);
        length = vsnprintf(field->name, sizeof field->name, format, arguments);
        va_end(arguments);
        /* A name cut short could say something else. */
        if (length < 0 || (size_t)length >= sizeof field->name)
                strcpy(field->name, "a calculated number");
}

/* Puts the name of `header` in front. */
static void set_header(struct field *field, const struct net_header *header)
{
        field->header = header;
        snprintf(field->prefix, sizeof field->prefix, "%s ", header->name);
}

/* The same for one of a layer. */
static void set_layer(struct field *field, const struct layer *layer)
{
        field->header = layer->header;
        snprintf(field->prefix, sizeof field->prefix, "%s%s ", layer->inside ? "inner " : "",
                 layer->header->name);
}

/* Removes it, where the name says enough. */
static void drop_header(struct field *field)
{
        field->header = NULL;
        *field->prefix = '\0';
}

/* "byte 4" or "bytes 4-5" */
static const char *bytes_text(char *text, size_t room, uint32_t offset, unsigned size)
{
        if (size == 1)
                snprintf(text, room, "byte %u", offset);
        else
                snprintf(text, room, "bytes %u-%u", offset, offset + size - 1);
        return text;
}

/* Names the part of the field `whole` that starts at its byte `from`. */
static void name_part(struct field *field, const struct net_field *whole, uint32_t from)
{
        char text[32];

        field->value = whole->value == NET_MAC_ADDRESS || whole->value == NET_IPV6_ADDRESS
                           ? whole->value
                           : NET_BITS;
        if (whole->value == NET_MPLS_LABEL && field->size == 1 && from == 2) {
                set_name(field, "byte with the bottom-of-stack bit");
                return;
        }
        if (whole->value == NET_IPV4_ADDRESS && field->size == 1)
                field->value = NET_NUMBER; /* as in dotted notation */
        if (whole->value == NET_MAC_ADDRESS && field->size == 1 && from == 0)
                field->value = VALUE_FIRST_MAC_BYTE;
        if (field->size == 1 && (from == 0 || from + 1 == whole->size)) {
                set_name(field, "%s, %s byte", whole->name, from ? "last" : "first");
                return;
        }
        if (from + field->size == whole->size && field->size > 1)
                set_name(field, "%s, last %u bytes", whole->name, field->size);
        else if (from == 0 && field->size > 1)
                set_name(field, "%s, first %u bytes", whole->name, field->size);
        else
                set_name(field, "%s, %s of %u", whole->name,
                         bytes_text(text, sizeof text, from, field->size), whole->size);
}

/* Names loads of 4 bytes that cover several fields, as filters make them. */
static bool name_across(struct field *field)
{
        const struct {
                const struct net_field *fields; /* of the header */
                uint8_t offset, value;
                const char *name;
        } parts[] = {
            {net_pppoe.fields, 0, VALUE_PPPOE, "version, type, code and session"},
            {net_llc.fields, 0, NET_BITS,
             "DSAP, SSAP, control field and organization's first byte"},
            {net_llc.fields, 4, NET_BITS, "organization's last 2 bytes and EtherType"},
        };

        for (size_t i = 0; i < array_count(parts); i++)
                if (parts[i].fields == field->in->fields && parts[i].offset == field->in_offset &&
                    field->size == 4) {
                        set_name(field, "%s", parts[i].name);
                        field->value = parts[i].value;
                        return true;
                }
        return false;
}

/* Names a load of two whole fields. */
static void name_both(struct field *field, const struct net_field *first,
                      const struct net_field *second)
{
        set_name(field, "%s and %s", first->name, second->name);
        if (first->value == NET_SAP && second->value == NET_SAP)
                field->value = NET_SAPS;
        if (first->role == NET_SOURCE_PORT && second->role == NET_DESTINATION_PORT)
                field->role = ROLE_PORTS;
}

/* Names a load of one field or a part of it. */
static void name_one(struct field *field, const struct layer *layer, const struct net_field *whole)
{
        if (!whole->complete || layer->inside)
                set_layer(field, layer);
        field->role = whole->role;
        if (field->size == whole->size) {
                set_name(field, "%s", whole->name);
                field->value = whole->value;
                return;
        }
        name_part(field, whole, field->in_offset - whole->offset);
        field->whole = whole;
        field->whole_offset =
            layer->base == GRAPH_NONE ? layer->offset + whole->offset : GRAPH_NONE;
}

/* Names a load at `offset` of the header. */
static void name_in_header(struct field *field, const struct layer *layer, uint32_t offset)
{
        const struct net_header *header = layer->header;
        uint32_t end = offset + field->size;
        const struct net_field *found[3] = {0};
        size_t count = 0;
        char text[32];

        for (uint32_t i = 0; i < header->field_count; i++) {
                const struct net_field *at = &header->fields[i];

                if (at->name && !at->mask && at->offset < end && offset < at->offset + at->size &&
                    count < 3)
                        found[count++] = at;
        }
        field->value = NET_BITS;
        field->in = header;
        field->in_offset = offset;
        if (layer->assumed)
                field->aside = ", as if behind a tag";
        if (count == 1 && found[0]->offset <= offset && end <= found[0]->offset + found[0]->size) {
                name_one(field, layer, found[0]);
                return;
        }
        set_layer(field, layer);
        if (name_across(field))
                return;
        if (count == 2 && found[0]->offset == offset && found[1]->offset + found[1]->size == end) {
                name_both(field, found[0], found[1]);
                return;
        }
        if (header == &layer_transport || header == &layer_payload)
                drop_header(field);
        set_name(field, "%s %s", bytes_text(text, sizeof text, offset, field->size),
                 header == &layer_payload     ? "of the payload"
                 : header == &layer_transport ? "behind the IP header"
                                              : "from the header's start");
}

/* The innermost header with this base that starts at or before `offset`. */
static const struct layer *find_layer(const struct namer *namer, uint32_t base, uint32_t offset)
{
        const struct layer *found = NULL;

        for (uint32_t i = 0; i < namer->layers->count; i++) {
                const struct layer *layer = &namer->layers->layers[i];

                if (layer->base == base && layer->offset <= offset &&
                    (!found || layer->offset >= found->offset))
                        found = layer;
        }
        return found;
}

/* Whether `offset` is past a link header, tag or label. Other headers' lengths vary. */
static bool is_behind(const struct layer *layer, uint32_t offset)
{
        uint32_t size = layer->header->size ? layer->header->size : 1;

        return layer->header->level == NET_LINK && offset >= layer->offset + size;
}

static void name_term(const struct namer *namer, struct field *field, uint32_t term,
                      unsigned depth);

static bool is_chain_offset(const struct graph *graph, uint32_t term)
{
        const struct term *at = &graph->terms[term];

        return at->kind == TERM_ARGUMENT && at->k >= ARGUMENTS && at->k < SYMBOLIC_UNIQUE &&
               (at->k - ARGUMENTS) % PLACES == CHAIN_OFFSET;
}

/* Names the first two bytes of an extension header. */
static bool name_chained(const struct namer *namer, struct field *field, uint32_t base,
                         uint32_t offset)
{
        const struct graph *graph = namer->scene->graph;
        const struct layer *layer = find_layer(namer, GRAPH_NONE, offset);
        const struct term *at = &graph->terms[base];

        if (at->kind == TERM_OPERATION && at->code == BPF_ADD && graph_is_constant(graph, at->b)) {
                offset += graph->terms[at->b].k;
                base = at->a;
        }
        if (!layer || !is_chain_offset(graph, base) || field->size != 1)
                return false;
        if (offset == layer->offset) {
                set_name(field, "next header of the chained header");
                field->value = NET_IP_PROTOCOL;
        } else if (offset == layer->offset + 1) {
                set_name(field, "length byte of the chained header");
                field->value = NET_NUMBER;
        } else {
                return false;
        }
        return true;
}

/* Names bytes of an 802.11 frame. */
static void name_in_frame(struct field *field, uint32_t offset)
{
        static const struct {
                uint8_t offset;
                const char *name;
        } bytes[] = {{0, "802.11 frame type"}, {1, "802.11 flags"}, {22, "802.11 fragment number"}};
        char text[32];

        for (size_t i = 0; i < array_count(bytes); i++)
                if (bytes[i].offset == offset && field->size == 1) {
                        set_name(field, "%s", bytes[i].name);
                        return;
                }
        set_name(field, "%s of the 802.11 frame",
                 bytes_text(text, sizeof text, offset, field->size));
}

/* Names bytes seen from a place, where the header there is not known. */
static bool name_from_place(const struct namer *namer, struct field *field, uint32_t base,
                            uint32_t offset)
{
        const struct graph *graph = namer->scene->graph;
        const struct term *at = &graph->terms[base];
        uint32_t origin = layers_origin(namer->scene);
        int32_t behind;
        char text[32];

        if (at->kind == TERM_OPERATION && at->code == BPF_ADD && graph_is_constant(graph, at->b)) {
                offset += graph->terms[at->b].k;
                at = &graph->terms[at->a];
        }
        if (at->kind != TERM_VARIABLE || at->k == WALK_MARKS)
                return false;
        behind = (int32_t)(offset - origin);
        field->value = NET_BITS;
        if (at->k == PLACE_FRAME) {
                name_in_frame(field, (uint32_t)behind);
                return true;
        }
        if (at->k == PLACE_HEAD && behind == -2 && field->size == 2) {
                set_name(field, "EtherType before the layer's network header");
                field->value = NET_ETHERTYPE;
        } else if (at->k == PLACE_HEAD && behind >= 0) {
                set_name(field, "%s of the layer's network header",
                         bytes_text(text, sizeof text, (uint32_t)behind, field->size));
        } else if (at->k == PLACE_HEAD) {
                set_name(field,
                         field->size == 1 ? "byte %d before the layer's network header"
                                          : "bytes from %d before the layer's network header on",
                         -behind);
        } else if (at->k == PLACE_PASSED && behind == 0 && field->size == 1) {
                set_name(field, "next header of the extension header");
                field->value = NET_IP_PROTOCOL;
        } else if (behind >= 0) {
                set_name(field, "%s %s",
                         bytes_text(text, sizeof text, (uint32_t)behind, field->size),
                         at->k == PLACE_PASSED ? "of the extension header"
                                               : "behind the layer's network header");
        } else {
                return false;
        }
        return true;
}

/* Names a load at a computed offset: `base` plus `offset`. */
static void name_indexed(const struct namer *namer, struct field *field, uint32_t base,
                         uint32_t offset, unsigned depth)
{
        const struct graph *graph = namer->scene->graph;
        const struct term *at;
        const struct layer *layer;
        uint32_t rest, settled = base, settled_offset = offset;
        struct field inner;
        char text[32];

        layers_settle(namer->scene->graph, &settled, &settled_offset);
        layer = find_layer(namer, settled, settled_offset);
        if (layer) {
                name_in_header(field, layer, settled_offset - layer->offset);
                return;
        }
        at = &graph->terms[base];
        if (namer->scene->walks && name_from_place(namer, field, base, offset))
                return;
        if (name_chained(namer, field, base, offset))
                return;
        if (at->kind == TERM_OPERATION && at->code == BPF_ADD)
                for (int i = 0; i < 2 && !layer; i++) {
                        layer = find_layer(namer, i ? at->b : at->a, offset);
                        rest = i ? at->a : at->b;
                }
        if (!layer) {
                layer = find_layer(namer, GRAPH_NONE, offset);
                rest = base;
        }
        name_term(namer, &inner, rest, depth + 1);
        field->value = NET_BITS;
        snprintf(text, sizeof text, field->size == 1 ? "byte" : "%u bytes", field->size);
        if (layer && layer->offset == offset && layer->header != &layer_transport &&
            layer->header != &layer_payload)
                set_name(field, "%s at offset %s%s from the %s header", text, inner.prefix,
                         inner.name, layer->header->name);
        else
                set_name(field, "%s at offset %s%s + %u", text, inner.prefix, inner.name, offset);
}

/* Names bytes of no known header. */
static void name_bytes(const struct namer *namer, struct field *field, uint32_t offset)
{
        uint32_t type = layers_type_offset(namer->scene);
        char text[32];

        field->value = NET_BITS;
        /* These offsets are relative to other headers. */
        if (offset >= (uint32_t)SKF_LL_OFF && offset < (uint32_t)SKF_AD_OFF) {
                bool network = offset >= (uint32_t)SKF_NET_OFF;

                offset -= (uint32_t)(network ? SKF_NET_OFF : SKF_LL_OFF);
                set_name(field, "%s from the %s header",
                         bytes_text(text, sizeof text, offset, field->size),
                         network ? "network" : "link");
                return;
        }
        bytes_text(text, sizeof text, offset, field->size);
        if (namer->scene->asks_tags && type != GRAPH_NONE && namer->layers->count == 1 &&
            offset == type + 4 && field->size == 2)
                set_name(field, "%s, where a tag would have put the EtherType", text);
        else
                set_name(field, "%s of the packet", text);
}

/* Names bytes that are loaded before the test that tells which header they are in. */
static bool name_if(const struct namer *namer, struct field *field, uint32_t offset)
{
        static const struct {
                uint16_t type;
                const char *aside;
        } conditions[] = {
            {ETHERTYPE_IPV4, ", if it is IPv4"},
            {ETHERTYPE_IPV6, ", if it is IPv6"},
            {ETHERTYPE_ARP, ", if it is ARP"},
            {ETHERTYPE_RARP, ", if it is RARP"},
        };
        const struct scene *scene = namer->scene;
        uint32_t type_offset = layers_type_offset(scene), type;
        struct knowledge knowledge = {.count = 0};
        struct layers layers;
        struct namer other = {scene, &layers};
        const struct layer *layer;

        if (type_offset == GRAPH_NONE || scene->only_type == 0 || namer->layers->count > 1 ||
            scene->asks_tags)
                return false;
        type = graph_load(scene->graph, BPF_H, GRAPH_NONE, type_offset);
        knowledge_add(&knowledge, scene->graph, type, scene->only_type, scene->only_type);
        layers_find(&layers, scene, &knowledge);
        layer = find_layer(&other, GRAPH_NONE, offset);
        if (!layer || layer->offset < type_offset + 2 || offset > INT32_MAX)
                return false;
        name_in_header(field, layer, offset - layer->offset);
        for (size_t i = 0; i < array_count(conditions); i++)
                if (conditions[i].type == scene->only_type)
                        field->aside = conditions[i].aside;
        return true;
}

/* Metadata that may differ from load to load has a base that only makes the term unique. */
static bool is_absolute(const struct graph *graph, const struct term *load)
{
        return load->a == GRAPH_NONE || (graph->terms[load->a].kind == TERM_ARGUMENT &&
                                         graph->terms[load->a].k >= SYMBOLIC_UNIQUE);
}

/* Tells stacked VLAN tags apart. */
static void number_tag(const struct namer *namer, struct field *field, const struct layer *layer)
{
        static const char *const ordinals[] = {"second", "third", "further"};
        size_t before = 0;

        for (uint32_t i = 0; i < namer->layers->count; i++)
                before += namer->layers->layers[i].header == &net_vlan &&
                          namer->layers->layers[i].base == GRAPH_NONE &&
                          namer->layers->layers[i].offset < layer->offset;
        if (before == 0)
                return;
        before = before < 3 ? before : 3;
        field->ordinal = (uint8_t)before;
        if (field->value == NET_ETHERTYPE)
                set_name(field, "EtherType behind the %s VLAN tag", ordinals[before - 1]);
        else
                snprintf(field->prefix, sizeof field->prefix, "%s %s ", ordinals[before - 1],
                         net_vlan.name);
}

static void name_load(const struct namer *namer, struct field *field, const struct term *load,
                      unsigned depth)
{
        uint32_t ancillary = load->k - (uint32_t)SKF_AD_OFF;
        const struct layer *layer;

        field->size = (uint8_t)graph_load_size(load);
        if (load->k >= (uint32_t)SKF_AD_OFF && ancillary < SKF_AD_MAX && metadata[ancillary].name &&
            is_absolute(namer->scene->graph, load)) {
                set_name(field, "%s", metadata[ancillary].name);
                field->value = metadata[ancillary].value;
                if (ancillary == SKF_AD_VLAN_TAG)
                        field->role = ROLE_TAG_METADATA;
                return;
        }
        if (load->a != GRAPH_NONE) {
                name_indexed(namer, field, load->a, load->k, depth);
                return;
        }
        layer = find_layer(namer, GRAPH_NONE, load->k);
        if (!layer || is_behind(layer, load->k) || load->k > INT32_MAX) {
                if (!name_if(namer, field, load->k))
                        name_bytes(namer, field, load->k);
                return;
        }
        name_in_header(field, layer, load->k - layer->offset);
        if (layer->header == &net_vlan)
                number_tag(namer, field, layer);
        if (field->value == NET_FAMILY && layer->header->numbers == NET_HOST_FAMILIES)
                field->value = VALUE_HOST_FAMILY;
}

/* True for 4 times the lower bits of a byte. */
static bool is_length(struct graph *graph, uint32_t term, uint32_t *base, uint32_t *offset,
                      uint32_t *mask)
{
        const struct term *shift = &graph->terms[term], *bits = &graph->terms[shift->a], *load;

        if (shift->kind != TERM_OPERATION || shift->code != BPF_LSH ||
            !graph_is_constant(graph, shift->b) || graph->terms[shift->b].k != 2 ||
            bits->kind != TERM_OPERATION || bits->code != BPF_AND ||
            !graph_is_constant(graph, bits->b))
                return false;
        load = &graph->terms[bits->a];
        *mask = graph->terms[bits->b].k;
        *base = load->a;
        *offset = load->k;
        if (load->kind != TERM_LOAD || load->code != BPF_B)
                return false;
        layers_settle(graph, base, offset);
        return *base != GRAPH_NONE || *offset <= INT32_MAX;
}

static bool is_header_length(const struct namer *namer, struct field *field, uint32_t term)
{
        const struct net_header *geneve = net_header_by(NET_PORTS, GENEVE_PORT);
        const struct layer *layer;
        uint32_t base, offset, mask;

        if (!is_length(namer->scene->graph, term, &base, &offset, &mask))
                return false;
        layer = find_layer(namer, base, offset);
        field->value = NET_NUMBER;
        if (layer && layer->offset == offset &&
            ((layer->header == &net_ipv4 && mask == 0xf) ||
             (layer->header == geneve && mask == 0x3f))) {
                set_layer(field, layer);
                field->in = layer->header;
                set_name(field, layer->header == geneve ? "length of options" : "header length");
                if (layer->assumed)
                        field->aside = ", as if behind a tag";
                return true;
        }
        if (base == GRAPH_NONE && mask == 0xf)
                set_name(field, "4 * the lower 4 bits of byte %u", offset);
        return *field->name;
}

/* (tcp[12] & 0xf0) >> 2 and the like */
static bool is_data_offset(const struct namer *namer, struct field *field, uint32_t term)
{
        const struct graph *graph = namer->scene->graph;
        const struct term *shift = &graph->terms[term], *mask;
        struct field byte;

        if (shift->code != BPF_RSH || !graph_is_constant(graph, shift->b) ||
            graph->terms[shift->b].k != 2)
                return false;
        mask = &graph->terms[shift->a];
        if (mask->kind != TERM_OPERATION || mask->code != BPF_AND ||
            !graph_is_constant(graph, mask->b) || graph->terms[mask->b].k != 0xf0 ||
            graph->terms[mask->a].kind != TERM_LOAD)
                return false;
        byte = *field;
        name_load(namer, &byte, &graph->terms[mask->a], 0);
        if (byte.role != NET_HEADER_LENGTH || byte.header != &net_tcp)
                return false;
        set_header(field, &net_tcp);
        set_name(field, "header length");
        return true;
}

/* The field that the bits of `mask` in these bytes of a header are; NULL if they have no name. */
static const struct net_field *find_part(const struct field *field, uint32_t mask)
{
        for (uint32_t i = 0; field->in && i < field->in->field_count; i++) {
                const struct net_field *part = &field->in->fields[i];

                if (part->name && part->mask == mask && part->offset == field->in_offset &&
                    part->size == field->size)
                        return part;
        }
        return NULL;
}

/* Names a field of which only the bits of `mask` are left. */
static void name_masked(struct field *field, uint32_t mask)
{
        const struct net_field *part = find_part(field, mask);

        field->mask = mask;
        if (part) {
                set_name(field, "%s", part->name);
                field->value = part->value;
                return;
        }
        if (field->role == ROLE_TAG_METADATA && mask == 0xfff) {
                set_name(field, "VLAN number (metadata)");
                field->value = NET_VLAN_NUMBER;
                return;
        }
        field->unmasked = strlen(field->name);
        if (field->unmasked + 16 < sizeof field->name)
                sprintf(field->name + field->unmasked, " & 0x%x", mask);
        if (!field_keeps_value(field->value))
                field->value = NET_BITS;
}

static void name_operation(const struct namer *namer, struct field *field, uint32_t term,
                           unsigned depth)
{
        const struct graph *graph = namer->scene->graph;
        const struct term *at = &graph->terms[term];
        struct field left, right;

        if (is_header_length(namer, field, term) || is_data_offset(namer, field, term))
                return;
        if (at->code == BPF_AND && graph_is_constant(graph, at->b) &&
            graph->terms[at->a].kind == TERM_LOAD) {
                name_load(namer, field, &graph->terms[at->a], depth);
                if (namer->scene->walks && !field->header && field->size == 4 &&
                    graph->terms[at->b].k == FRAGMENT_OFFSET) {
                        set_name(field, "offset in the fragment header");
                        return;
                }
                name_masked(field, graph->terms[at->b].k);
                if (depth > 0 && field->unmasked) {
                        left = *field;
                        drop_header(field);
                        set_name(field, "(%s%s)", left.prefix, left.name);
                }
                return;
        }
        name_term(namer, &left, at->a, depth + 1);
        if (at->code == BPF_NEG) {
                set_name(field, "-(%s%s)", left.prefix, left.name);
                return;
        }
        name_term(namer, &right, at->b, depth + 1);
        if (graph_is_constant(graph, at->b))
                field->role = left.role;
        if (at->code == BPF_MUL && graph_is_constant(graph, at->b) &&
            graph->terms[at->b].k == EXTENSION_FACTOR && left.value == NET_IP_PROTOCOL)
                field->value = VALUE_EXTENSION_PRODUCT;
        if (at->code == BPF_ADD && graph_is_constant(graph, at->b) &&
            graph->terms[at->b].k > INT32_MAX) {
                set_name(field, "%s%s - %u", left.prefix, left.name, -graph->terms[at->b].k);
                return;
        }
        set_name(field, depth > 0 ? "(%s%s %s %s%s)" : "%s%s %s %s%s", left.prefix, left.name,
                 cbpf_opcode((uint16_t)(BPF_ALU | at->code))->sign, right.prefix, right.name);
}

uint32_t field_varying(struct graph *graph, uint32_t at, uint32_t place)
{
        return graph_argument(graph, ARGUMENTS + at * PLACES + place);
}

static void name_varying(struct field *field, uint32_t k)
{
        uint32_t place = (k - ARGUMENTS) % PLACES, at = (k - ARGUMENTS) / PLACES;

        if (place == CHAIN_PROTOCOL) {
                set_name(field, "next header in the chain");
                field->value = NET_IP_PROTOCOL;
        } else if (place == CHAIN_OFFSET) {
                set_name(field, "offset of the chained header");
        } else if (place < BPF_MEMWORDS)
                set_name(field, "what M[%u] held at (%03u)", place, at);
        else
                set_name(field, "what %c held at (%03u)", place == BPF_MEMWORDS ? 'A' : 'X', at);
}

static void name_term(const struct namer *namer, struct field *field, uint32_t term, unsigned depth)
{
        static const char *const places[] = {
            [PLACE_HEAD] = "place of the layer's network header",
            [PLACE_BODY] = "place of what follows the network header",
            [PLACE_PASSED] = "place of the extension header",
            [WALK_MARKS] = "marks of the tests that were met",
            [PLACE_FRAME] = "place of the 802.11 frame",
        };
        const struct term *at = &namer->scene->graph->terms[term];

        *field = (struct field){.term = term, .aside = "", .size = 4, .mask = UINT32_MAX};
        if (depth > MAX_DEPTH) {
                set_name(field, "a calculated number");
                return;
        }
        switch (at->kind) {
        case TERM_CONSTANT: set_name(field, at->k < 0x10000 ? "%u" : "0x%x", at->k); break;
        case TERM_LENGTH: set_name(field, "packet length"); break;
        case TERM_LOAD: name_load(namer, field, at, depth); break;
        case TERM_OPERATION: name_operation(namer, field, term, depth); break;
        case TERM_VARIABLE:
                set_name(field, "%s",
                         at->k < array_count(places) ? places[at->k] : "place of a header");
                break;
        default: name_varying(field, at->k);
        }
}

/* Whether `term` is the length of the packet as it is saved: a program for a cooked socket adds the
 * link header, which is not there or is Ethernet's, and the tag. */
static bool is_cooked_length(const struct scene *scene, uint32_t term)
{
        const struct graph *graph = scene->graph;
        const struct term *at = &graph->terms[term];
        uint32_t size, added;

        if (!scene->cooked || at->kind != TERM_OPERATION || at->code != BPF_ADD ||
            graph->terms[at->a].kind != TERM_LENGTH || !graph_is_constant(graph, at->b))
                return false;
        size = scene->link->header->size;
        added = graph->terms[at->b].k;
        return added == size || (scene->any && (added == size - net_ethernet.size ||
                                                added == size - net_ethernet.size + net_vlan.size));
}

void field_name(struct field *field, const struct scene *scene, const struct layers *layers,
                uint32_t term)
{
        struct namer namer = {scene, layers};

        name_term(&namer, field, term, 0);
        if (is_cooked_length(scene, term))
                set_name(field, "packet length, with the link header");
}
