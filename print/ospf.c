/* OSPF, RFC 2328, and for IPv6, RFC 5340: the kind of packet, and with -v what routers say of
 * themselves; the link states they exchange are left out. */
#include "print/internal.h"

enum type { HELLO = 1, DESCRIPTION, REQUEST, UPDATE, ACKNOWLEDGMENT };

static const struct name types[] = {
    {HELLO, "Hello"},           {DESCRIPTION, "Database Description"},
    {REQUEST, "LS-Request"},    {UPDATE, "LS-Update"},
    {ACKNOWLEDGMENT, "LS-Ack"}, {0, NULL},
};

static const struct name authentications[] = {{0, "none"}, {1, "simple"}, {2, "MD5"}, {0, NULL}};

static const struct name options_2[] = {
    {0x01, "MultiTopology"}, {0x02, "External"}, {0x04, "Multicast"},
    {0x08, "NSSA"},          {0x10, "LLS"},      {0x20, "Demand Circuit"},
    {0x40, "Opaque"},        {0x80, "Up/Down"},  {0, NULL},
};

static const struct name options_3[] = {
    {0x01, "V6"},         {0x02, "External"}, {0x04, "Deprecated"},
    {0x08, "NSSA"},       {0x10, "Router"},   {0x20, "Demand Circuit"},
    {0x40, "AF-capable"}, {0x100, "L-bit"},   {0, NULL},
};

static const struct name description_flags[] = {
    {4, "Init"}, {2, "More"}, {1, "Master"}, {8, "OOBResync"}, {0, NULL}};

static const struct name states_2[] = {
    {1, "Router"},
    {2, "Network"},
    {3, "Summary"},
    {4, "ASBR Summary"},
    {5, "External"},
    {6, "Multicast"},
    {7, "NSSA"},
    {9, "Link Local Opaque"},
    {10, "Area Local Opaque"},
    {11, "Domain Local Opaque"},
    {0, NULL},
};

static void put_id(struct printer *printer, struct view view, uint32_t offset)
{
        put_ipv4(printer, bytes_at(printer, view, offset, 4));
}

static void neighbors_print(struct printer *printer, struct view view)
{
        put(printer, "\n\t  Neighbor List:");
        for (uint32_t at = 0; at < view.length; at += 4) {
                put(printer, "\n\t    ");
                put_id(printer, view, at);
        }
}

static void put_routers(struct printer *printer, struct view view, uint32_t offset)
{
        if (get32(printer, view, offset) != 0) {
                put(printer, "\n\t  Designated Router ");
                put_id(printer, view, offset);
        }
        if (get32(printer, view, offset + 4) != 0) {
                put(printer, ", Backup Designated Router ");
                put_id(printer, view, offset + 4);
        }
}

static void hello_2_print(struct printer *printer, struct view view)
{
        put(printer, "\n\tOptions [");
        put_flags(printer, options_2, ", ", get8(printer, view, 6));
        putf(printer, "]\n\t  Hello Timer %us, Dead Timer %us, Mask ", get16(printer, view, 4),
             get32(printer, view, 8));
        put_id(printer, view, 0);
        putf(printer, ", Priority %u", get8(printer, view, 7));
        put_routers(printer, view, 12);
        if (view.length > 20)
                neighbors_print(printer, view_from(view, 20));
}

static void request_2_print(struct printer *printer, struct view view)
{
        for (uint32_t at = 0; at + 12 <= view.length; at += 12) {
                uint32_t type;

                put(printer, "\n\t  Advertising Router: ");
                put_id(printer, view, at + 8);
                type = get32(printer, view, at);
                putf(printer, ", %s LSA (%u)",
                     name_find(states_2, type) ? name_find(states_2, type) : "unknown", type);
                put(printer, type >= 9 && type <= 11 ? ", Opaque LSA: " : ", LSA-ID: ");
                put_id(printer, view, at + 4);
        }
}

static void body_2_print(struct printer *printer, struct view view, uint8_t type)
{
        switch (type) {
        case HELLO: hello_2_print(printer, view); break;
        case DESCRIPTION:
                put(printer, "\n\tOptions [");
                put_flags(printer, options_2, ", ", get8(printer, view, 2));
                put(printer, "], DD Flags [");
                put_flags(printer, description_flags, ", ", get8(printer, view, 3));
                putf(printer, "], MTU: %u", get16(printer, view, 0));
                putf(printer, ", Sequence: 0x%08x", get32(printer, view, 4));
                break;
        case REQUEST: request_2_print(printer, view); break;
        case UPDATE:
                putf(printer, ", %u LSA%s", get32(printer, view, 0),
                     get32(printer, view, 0) == 1 ? "" : "s");
                break;
        }
}

static void body_3_print(struct printer *printer, struct view view, uint8_t type)
{
        if (type == HELLO) {
                put(printer, "\n\tOptions [");
                put_flags(printer, options_3, ", ", get32(printer, view, 4) & 0xffffff);
                putf(printer, "]\n\t  Hello Timer %us, Dead Timer %us, Interface-ID ",
                     get16(printer, view, 8), get16(printer, view, 10));
                put_id(printer, view, 0);
                putf(printer, ", Priority %u", get8(printer, view, 4));
                put_routers(printer, view, 12);
                if (printer->options.verbose > 1)
                        neighbors_print(printer, view_from(view, 20));
        } else if (type == DESCRIPTION) {
                put(printer, "\n\tOptions [");
                put_flags(printer, options_3, ", ", get32(printer, view, 0) & 0xffffff);
                put(printer, "], DD Flags [");
                put_flags(printer, description_flags, ", ", get8(printer, view, 7));
                putf(printer, "], MTU %u, DD-Sequence 0x%08x", get16(printer, view, 4),
                     get32(printer, view, 8));
        }
}

static void put_area(struct printer *printer, struct view view)
{
        put(printer, "\n\tRouter-ID ");
        put_id(printer, view, 4);
        if (get32(printer, view, 8) == 0) {
                put(printer, ", Backbone Area");
        } else {
                put(printer, ", Area ");
                put_id(printer, view, 8);
        }
}

void ospf_print(struct printer *printer, struct view view, const struct network *network)
{
        uint8_t type, version;
        uint32_t size;

        printer->protocol = network->version == 6 ? "ospf3" : "ospf2";
        need(printer, view, 0, network->version == 6 ? 2 : 16);
        version = get8(printer, view, 0);
        type = get8(printer, view, 1);
        putf(printer, "OSPFv%u, ", version);
        put_name(printer, types, "unknown LS-type %u", type);
        putf(printer, ", length %u", view.length);
        if (!name_find(types, type) || !printer->options.verbose)
                return;
        size = get16(printer, view, 2);
        if (size != view.length) {
                putf(printer, " [len %u]", size);
                if (size > view.length)
                        return;
        }
        put_area(printer, view);
        if (version == 3) {
                if (get8(printer, view, 14))
                        putf(printer, ", Instance %u", get8(printer, view, 14));
                body_3_print(printer, view_from(view, 16), type);
                return;
        }
        put(printer, ", Authentication Type: ");
        put_name(printer, authentications, "unknown type", get16(printer, view, 14));
        putf(printer, " (%u)", get16(printer, view, 14));
        body_2_print(printer, view_from(view, 24), type);
}
