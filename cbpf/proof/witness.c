/* A packet for a path of a diagram. For each ordinary packet the path is looked for that takes the
 * fewest changes to it; the packet is then changed so, and has to answer for itself, as a path may
 * ask for what no packet has. */
#include "question.h"

#include "base/array.h"

#include <net/ethernet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum {
        UNKNOWN = UINT32_MAX,
        IMPOSSIBLE = 1 << 28,
        COST = 16, /* of one of ordinary_cost(); less than that only breaks ties */
        CHANGED_METADATA = 3 * COST,
        LONGER = 4 * COST, /* a packet that has to be longer */
        CUT = 100 * COST,  /* one that has to be cut short */
        COMPUTED = 150 * COST,
        ATTEMPTS_EACH = 4,
        MENDED_BYTES = 512,
        MAX_WHOLE = 9000, /* bytes of packet that are made up for its length */
        ETHERNET_MIN = 14,
};

/* A value of a variable on the path. */
struct span_on_path {
        uint32_t variable, low, high;
};

struct witness {
        const struct question *question;
        struct proof *proof;
        struct term_values values;
        uint32_t *costs, *arms; /* by diagram */
        uint32_t *known_at;     /* by diagram: what `now` was when these two were found */
        uint32_t now, room;     /* `room` is of the three */
        struct span_on_path *path;
        size_t path_count, path_room;
        const struct ordinary *ordinary; /* the one at hand; and as a packet */
        struct proof_packet *from;
        struct proof_packet *packet; /* made of it */
        bool failed;
};

static uint64_t next_random(struct proof *proof)
{
        proof->random = proof->random * 6364136223846793005u + 1442695040888963407u;
        return hash_mix(proof->random, proof->random >> 32);
}

/* Costs */

static bool place_of(struct witness *witness, const struct variable *variable,
                     const struct proof_packet *packet, uint64_t *place)
{
        *place = variable->k;
        if (variable->kind == VARIABLE_FAR_BYTE)
                *place += term_value(&witness->values, variable->base, packet);
        return *place < PROOF_ROOM;
}

/* A byte from `low` to `high` that ordinary packets have in a header at that place, behind the same
 * byte: another EtherType or protocol. UNKNOWN if there is none. */
static uint32_t usual_byte(const struct witness *witness, const struct proof_packet *packet,
                           uint64_t place, uint32_t low, uint32_t high)
{
        const struct proof *proof = witness->proof;

        for (size_t i = 0; i < proof->ordinary_count && place > 0; i++) {
                const struct ordinary *ordinary = &proof->ordinary[i];

                if (place < ordinary->size && ordinary->ethertype &&
                    ordinary_is_header(ordinary, (uint32_t)place) &&
                    ordinary->bytes[place - 1] == packet->data[place - 1] &&
                    ordinary->bytes[place] >= low && ordinary->bytes[place] <= high)
                        return ordinary->bytes[place];
        }
        return UNKNOWN;
}

/* How far the values from `low` to `high` are from `value`, below COST; better above than below. */
static uint32_t distance(uint32_t value, uint32_t low, uint32_t high)
{
        uint32_t far = value < low ? 2 * (low - value) - 2 : 2 * (value - high) - 1;

        return far < COST ? far : COST - 1;
}

static uint32_t cost_of_byte(struct witness *witness, const struct variable *variable, uint32_t low,
                             uint32_t high)
{
        uint64_t place;
        uint32_t value;

        if (low > UINT8_MAX || !place_of(witness, variable, witness->from, &place))
                return IMPOSSIBLE;
        value = witness->from->data[place];
        if (value >= low && value <= high)
                return 0;
        if (usual_byte(witness, witness->from, place, low, high) != UNKNOWN)
                return ordinary_cost(witness->ordinary, (uint32_t)place) * COST - COST;
        return ordinary_cost(witness->ordinary, (uint32_t)place) * COST +
               distance(value, low, high);
}

/* How many bytes are captured, or those after a place. */
static bool is_size(const struct witness *witness, const struct variable *variable)
{
        const struct term *term = &witness->proof->graph.terms[variable->base];

        return variable->base == witness->proof->captured || term->kind == TERM_LENGTH ||
               (term->kind == TERM_OPERATION && term->code == BPF_SUB &&
                term->a == witness->proof->captured);
}

static uint32_t cost_of_value(struct witness *witness, const struct variable *variable,
                              uint32_t low, uint32_t high)
{
        uint32_t value = term_value(&witness->values, variable->base, witness->from);

        if (value >= low && value <= high)
                return 0;
        if (!is_size(witness, variable))
                return COMPUTED;
        return value < low || value > INT32_MAX ? LONGER : CUT;
}

static uint32_t ancillary_of(const struct proof_packet *packet, uint32_t k)
{
        switch (k - (uint32_t)SKF_AD_OFF) {
        case SKF_AD_PROTOCOL: return packet->ancillary.protocol;
        case SKF_AD_PKTTYPE: return packet->ancillary.packet_type;
        case SKF_AD_IFINDEX: return packet->ancillary.interface;
        case SKF_AD_HATYPE: return packet->ancillary.hardware_type;
        case SKF_AD_VLAN_TAG: return packet->ancillary.vlan_tag;
        case SKF_AD_VLAN_TAG_PRESENT: return packet->ancillary.vlan_present;
        case SKF_AD_VLAN_TPID: return packet->ancillary.vlan_protocol;
        }
        return 0;
}

static uint32_t greatest_ancillary(uint32_t k)
{
        switch (k - (uint32_t)SKF_AD_OFF) {
        case SKF_AD_VLAN_TAG_PRESENT: return 1;
        case SKF_AD_PKTTYPE: return 7;
        case SKF_AD_IFINDEX: return INT32_MAX;
        default: return UINT16_MAX;
        }
}

static void set_ancillary(struct proof_packet *packet, uint32_t k, uint32_t value)
{
        switch (k - (uint32_t)SKF_AD_OFF) {
        case SKF_AD_PROTOCOL: packet->ancillary.protocol = (uint16_t)value; break;
        case SKF_AD_PKTTYPE: packet->ancillary.packet_type = (uint8_t)value; break;
        case SKF_AD_IFINDEX: packet->ancillary.interface = value; break;
        case SKF_AD_HATYPE: packet->ancillary.hardware_type = (uint16_t)value; break;
        case SKF_AD_VLAN_TAG: packet->ancillary.vlan_tag = (uint16_t)value; break;
        case SKF_AD_VLAN_TAG_PRESENT: packet->ancillary.vlan_present = value; break;
        case SKF_AD_VLAN_TPID: packet->ancillary.vlan_protocol = (uint16_t)value; break;
        }
}

static uint32_t cost_of_arm(struct witness *witness, uint32_t variable, uint32_t low, uint32_t high)
{
        const struct variable *content = &witness->proof->encoding.variables[variable];
        uint32_t value;

        switch (content->kind) {
        case VARIABLE_BYTE:
        case VARIABLE_FAR_BYTE: return cost_of_byte(witness, content, low, high);
        case VARIABLE_ANCILLARY:
                value = ancillary_of(witness->from, content->k);
                if (low > greatest_ancillary(content->k))
                        return IMPOSSIBLE;
                return value >= low && value <= high ? 0 : CHANGED_METADATA;
        }
        return cost_of_value(witness, content, low, high);
}

/* The least cost of a path to DIAGRAM_TRUE. Recursion is as deep as there are variables. */
static uint32_t find_cost(struct witness *witness, uint32_t diagram)
{
        const struct diagram *content;
        uint32_t best = IMPOSSIBLE;

        if (diagram_is_leaf(diagram))
                return diagram == DIAGRAM_TRUE ? 0 : IMPOSSIBLE;
        if (witness->known_at[diagram] == witness->now)
                return witness->costs[diagram];
        content = &witness->proof->diagrams.nodes[diagram];
        for (uint32_t i = 0; i < content->count; i++) {
                uint32_t below = find_cost(witness, content->arms[i].to), cost;

                if (below >= best)
                        continue;
                cost = cost_of_arm(witness, content->variable, content->arms[i].from,
                                   diagram_arm_end(content, i));
                if (cost > 0 && witness->proof->varied)
                        cost += next_random(witness->proof) % CHANGED_METADATA;
                if (cost + below >= best)
                        continue;
                best = cost + below;
                witness->arms[diagram] = i;
        }
        witness->costs[diagram] = best;
        witness->known_at[diagram] = witness->now;
        return best;
}

static void follow(struct witness *witness, uint32_t diagram)
{
        witness->path_count = 0;
        while (!diagram_is_leaf(diagram)) {
                const struct diagram *content = &witness->proof->diagrams.nodes[diagram];
                uint32_t arm = witness->arms[diagram];

                if (!array_grow(witness->path, witness->path_room, witness->path_count + 1)) {
                        witness->failed = true;
                        return;
                }
                witness->path[witness->path_count++] = (struct span_on_path){
                    content->variable, content->arms[arm].from, diagram_arm_end(content, arm)};
                diagram = content->arms[arm].to;
        }
}

/* Changes */

static uint32_t pick(struct witness *witness, uint32_t value, uint32_t low, uint32_t high)
{
        if (value >= low && value <= high)
                return value;
        if (witness->proof->varied)
                return low + (uint32_t)(next_random(witness->proof) % (high - low + 1ull));
        return value < low ? low : high;
}

static void set_bytes(struct witness *witness, enum variable_kind kind)
{
        for (size_t i = 0; i < witness->path_count; i++) {
                const struct span_on_path *span = &witness->path[i];
                const struct variable *variable =
                    &witness->proof->encoding.variables[span->variable];
                uint32_t high = span->high < UINT8_MAX ? span->high : UINT8_MAX;
                uint32_t value, usual;
                uint64_t place;

                if (variable->kind != kind || !place_of(witness, variable, witness->packet, &place))
                        continue;
                value = witness->packet->data[place];
                usual = usual_byte(witness, witness->packet, place, span->low, high);
                if ((value < span->low || value > high) && usual != UNKNOWN)
                        value = usual;
                witness->packet->data[place] = (uint8_t)pick(witness, value, span->low, high);
        }
        term_values_forget(&witness->values);
}

static void set_metadata(struct witness *witness)
{
        for (size_t i = 0; i < witness->path_count; i++) {
                const struct span_on_path *span = &witness->path[i];
                uint32_t k = witness->proof->encoding.variables[span->variable].k, high;

                if (witness->proof->encoding.variables[span->variable].kind != VARIABLE_ANCILLARY)
                        continue;
                high = span->high < greatest_ancillary(k) ? span->high : greatest_ancillary(k);
                set_ancillary(witness->packet, k,
                              pick(witness, ancillary_of(witness->packet, k), span->low, high));
        }
        if (witness->packet->ancillary.vlan_tag || witness->packet->ancillary.vlan_protocol)
                witness->packet->ancillary.vlan_present = true;
        if (witness->packet->ancillary.vlan_present && !witness->packet->ancillary.vlan_protocol)
                witness->packet->ancillary.vlan_protocol = 0x8100;
        term_values_forget(&witness->values);
}

struct range {
        uint64_t low, high;
};

static void narrow(struct range *range, uint64_t low, uint64_t high)
{
        if (low > range->low)
                range->low = low;
        if (high < range->high)
                range->high = high;
}

/* What the path says of the number of bytes captured and on the wire. */
static void find_ranges(struct witness *witness, struct range *captured, struct range *length)
{
        const struct proof *proof = witness->proof;

        for (size_t i = 0; i < witness->path_count; i++) {
                const struct span_on_path *span = &witness->path[i];
                const struct variable *variable = &proof->encoding.variables[span->variable];
                const struct term *term;
                uint64_t base;

                if (variable->kind != VARIABLE_VALUE && variable->kind != VARIABLE_ROOM)
                        continue;
                term = &proof->graph.terms[variable->base];
                if (variable->base == proof->captured)
                        narrow(captured, span->low, span->high);
                if (term->kind == TERM_LENGTH)
                        narrow(length, span->low, span->high);
                if (!(term->kind == TERM_OPERATION && term->code == BPF_SUB &&
                      term->a == proof->captured) &&
                    !(term->kind == TERM_GREATER && term->b == proof->captured))
                        continue;
                base = term_value(&witness->values, term->kind == TERM_GREATER ? term->a : term->b,
                                  witness->packet);
                if (term->kind == TERM_OPERATION)
                        narrow(captured, base + span->low, base + span->high);
                else if (span->low == 0)
                        narrow(captured, base, UINT32_MAX);
                else
                        narrow(captured, 0, base ? base - 1 : 0);
        }
}

static uint32_t clamp(uint64_t value, const struct range *range)
{
        if (value < range->low)
                value = range->low;
        return (uint32_t)(value > range->high ? range->high : value);
}

/* Whole packets before those cut short. */
static void set_size(struct witness *witness)
{
        const struct proof_settings *settings = &witness->proof->settings;
        struct proof_packet *packet = witness->packet;
        uint32_t most =
            settings->snapshot_length < PROOF_ROOM ? settings->snapshot_length : PROOF_ROOM;
        struct range captured = {0, most}, length = {0, UINT32_MAX};
        uint32_t before = packet->captured;

        if (settings->place != CBPF_FILE && settings->link_type == DLT_EN10MB)
                captured.low = ETHERNET_MIN;
        find_ranges(witness, &captured, &length);
        if (settings->whole) {
                narrow(&captured, length.low, length.high);
                packet->captured = packet->length = clamp(packet->captured, &captured);
        } else {
                packet->captured = clamp(packet->captured, &captured);
                if (packet->length < packet->captured)
                        packet->length = packet->captured;
                packet->length = clamp(packet->length, &length);
                if (packet->captured > packet->length)
                        packet->captured = packet->length;
                if (packet->length <= captured.high && packet->length <= MAX_WHOLE)
                        packet->captured = packet->length;
        }
        if (packet->captured < before)
                memset(packet->data + packet->captured, 0, before - packet->captured);
        term_values_forget(&witness->values);
}

static void change(struct witness *witness)
{
        *witness->packet = *witness->from;
        set_bytes(witness, VARIABLE_BYTE);
        set_metadata(witness);
        set_bytes(witness, VARIABLE_FAR_BYTE);
        set_size(witness);
}

/* The ordinary packet with the same network header at the same place. */
static const struct ordinary *like(const struct proof *proof, const struct proof_packet *packet)
{
        for (size_t i = 0; i < proof->ordinary_count; i++) {
                const struct ordinary *ordinary = &proof->ordinary[i];
                uint32_t from = ordinary->network < 2 ? 0 : ordinary->network - 2;

                if (memcmp(ordinary->bytes + from, packet->data + from,
                           ordinary->network + 1 - from) == 0)
                        return ordinary;
        }
        return NULL;
}

void witness_mend(const struct question *question, struct proof_packet *packet)
{
        const struct ordinary *ordinary = like(question->proof, packet);
        uint8_t kept[MENDED_BYTES];

        for (unsigned what = 0; ordinary && what < ORDINARY_MENDS; what++) {
                if (packet->captured != packet->length)
                        return;
                memcpy(kept, packet->data, sizeof kept);
                if (ordinary_mend(ordinary, what, packet->data, packet->captured) &&
                    !question_is_met(question, packet))
                        memcpy(packet->data, kept, sizeof kept);
        }
}

/* The search */

static bool start(struct witness *witness, const struct question *question)
{
        *witness = (struct witness){.question = question,
                                    .proof = question->proof,
                                    .from = calloc(1, sizeof *witness->from)};
        return term_values_start(&witness->values, witness->proof) && witness->from;
}

static void finish(struct witness *witness)
{
        term_values_free(&witness->values);
        free(witness->costs);
        free(witness->arms);
        free(witness->known_at);
        free(witness->path);
        free(witness->from);
}

/* Makes room for the diagrams that there are, and forgets what paths cost. */
static bool grow(struct witness *witness)
{
        uint32_t room = witness->proof->diagrams.count + 1;

        if (room > witness->room) {
                free(witness->costs);
                free(witness->arms);
                free(witness->known_at);
                witness->costs = malloc(room * sizeof *witness->costs);
                witness->arms = malloc(room * sizeof *witness->arms);
                witness->known_at = calloc(room, sizeof *witness->known_at);
                witness->room = room;
                witness->now = 0;
        }
        witness->now++;
        if (!witness->costs || !witness->arms || !witness->known_at)
                witness->failed = true;
        return !witness->failed;
}

static void vary_at(struct witness *witness, uint32_t header, const uint8_t *places, size_t count)
{
        for (size_t i = 0; i < count; i++)
                if (header + places[i] < witness->ordinary->size)
                        witness->from->data[header + places[i]] =
                            (uint8_t)(1 + next_random(witness->proof) % 254);
}

/* Other hosts and, where the transport has ports, another one that they send from: the last byte
 * of each. */
static void vary(struct witness *witness)
{
        static const uint8_t places4[] = {15, 19, 21}, places6[] = {23, 39, 41},
                             places_arp[] = {13, 17, 27};
        enum { ARP_SIZE = 28, ADDRESSES = 2, WITH_PORT = 3 };
        const struct ordinary *ordinary = witness->ordinary;
        const uint8_t *network = ordinary->bytes + ordinary->network;
        unsigned version = network[0] >> 4, protocol = network[version == 4 ? 9 : 6];
        bool has_ports =
            protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_SCTP;
        size_t count = has_ports ? WITH_PORT : ADDRESSES;

        if (ordinary->ethertype == ETHERTYPE_ARP)
                vary_at(witness, ordinary->size - ARP_SIZE, places_arp, sizeof places_arp);
        else if (version == 4)
                vary_at(witness, ordinary->network, places4, count);
        else if (version == 6)
                vary_at(witness, ordinary->network, places6, count);
}

static void take_ordinary(struct witness *witness, const struct ordinary *ordinary)
{
        memcpy(witness->from->data, ordinary->bytes, ORDINARY_SIZE); /* all else is 0 */
        witness->from->captured = witness->from->length = ordinary->size;
        witness->from->ancillary = (struct cbpf_ancillary){
            .protocol = ordinary->ethertype, .interface = 2, .hardware_type = 1};
        witness->ordinary = ordinary;
        if (witness->proof->varied)
                vary(witness);
        term_values_forget(&witness->values);
}

static void take_near(struct witness *witness, const struct proof_packet *near)
{
        const struct ordinary *ordinary = like(witness->proof, near);

        *witness->from = *near;
        witness->ordinary = ordinary ? ordinary : &witness->proof->ordinary[0];
        term_values_forget(&witness->values);
}

/* `wanted` without the path. */
static uint32_t without_path(struct witness *witness, uint32_t wanted)
{
        struct encoding *encoding = &witness->proof->encoding;
        uint32_t path = DIAGRAM_TRUE;

        for (size_t i = witness->path_count; i-- > 0;) {
                const struct span_on_path *span = &witness->path[i];
                size_t start = diagram_start(encoding->diagrams);

                if (span->low > 0)
                        diagram_put(encoding->diagrams, start, 0, DIAGRAM_FALSE);
                diagram_put(encoding->diagrams, start, span->low, path);
                if (span->high < UINT32_MAX)
                        diagram_put(encoding->diagrams, start, span->high + 1, DIAGRAM_FALSE);
                path = diagram_take(encoding->diagrams, start, span->variable);
        }
        return diagram_choose(encoding->diagrams, path, DIAGRAM_FALSE, wanted);
}

/* Tries some paths, the cheapest first. */
static bool try(struct witness *witness, uint32_t wanted, unsigned attempts)
{
        while (attempts-- > 0 && wanted != DIAGRAM_FALSE) {
                if (!grow(witness) || find_cost(witness, wanted) >= IMPOSSIBLE)
                        return false;
                follow(witness, wanted);
                if (witness->failed)
                        return false;
                change(witness);
                if (question_is_met(witness->question, witness->packet))
                        return true;
                wanted = without_path(witness, wanted);
                if (diagrams_stopped(&witness->proof->diagrams))
                        return false;
        }
        return false;
}

/* An ordinary packet, and what it costs. */
struct choice {
        uint32_t cost, number;
};

static int compare_choices(const void *one, const void *other)
{
        const struct choice *a = one, *b = other;

        if (a->cost != b->cost)
                return a->cost < b->cost ? -1 : 1;
        return a->number < b->number ? -1 : a->number > b->number;
}

static size_t rank(struct witness *witness, uint32_t wanted, struct choice choices[ORDINARY_MAX])
{
        struct proof *proof = witness->proof;

        for (uint32_t i = 0; i < proof->ordinary_count; i++) {
                take_ordinary(witness, &proof->ordinary[i]);
                if (!grow(witness))
                        return 0;
                choices[i] = (struct choice){
                    find_cost(witness, wanted) + proof->ordinary[i].strange * COST, i};
                if (proof->varied)
                        choices[i].cost += next_random(proof) % (2 * CHANGED_METADATA);
        }
        qsort(choices, proof->ordinary_count, sizeof *choices, compare_choices);
        return proof->ordinary_count;
}

bool witness_find(const struct question *question, uint32_t wanted, const struct proof_packet *near,
                  struct proof_packet *packet)
{
        struct proof *proof = question->proof;
        struct choice choices[ORDINARY_MAX];
        struct witness witness;
        bool found = false;

        if (start(&witness, question)) {
                size_t count = near ? 1 : rank(&witness, wanted, choices);

                witness.packet = packet;
                for (size_t i = 0; i < count && !found; i++) {
                        if (near)
                                take_near(&witness, near);
                        else
                                take_ordinary(&witness, &proof->ordinary[choices[i].number]);
                        found = try(&witness, wanted, ATTEMPTS_EACH);
                }
        } else
                witness.failed = true;
        proof->diagrams.failed |= witness.failed;
        finish(&witness);
        if (found)
                witness_mend(question, packet);
        return found;
}
