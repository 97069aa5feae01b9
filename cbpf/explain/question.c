/* Puts the values of fields, and the tests that jumps make of them, into words. */
#include "field.h"
#include "net/protocols.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *name_of_value(uint8_t kind, uint32_t value)
{
        switch (kind) {
        case VALUE_HOST_FAMILY: return net_value_name(NET_FAMILY, htonl(value));
        case VALUE_TAG_PRESENT: return value == 1 ? "VLAN tag in the metadata" : NULL;
        default: return net_value_name(kind, value);
        }
}

bool field_keeps_value(uint8_t value)
{
        return value == NET_IPV4_ADDRESS || value == NET_IPV6_ADDRESS || value == NET_MAC_ADDRESS ||
               value == NET_TCP_FLAGS;
}

bool field_has_names(uint8_t value)
{
        switch (value) {
        case NET_ETHERTYPE:
        case NET_PPP_PROTOCOL:
        case NET_IP_PROTOCOL:
        case NET_FAMILY:
        case VALUE_HOST_FAMILY:
        case NET_VERSION: return true;
        default: return false;
        }
}

static const char *const tcp_flags[] = {"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"};

/* "SYN", "SYN, ACK", "SYN or ACK" */
static void write_flags(char *text, size_t room, uint32_t flags, const char *between)
{
        size_t length = 0;

        *text = '\0';
        for (int i = 0; i < 8 && length < room; i++)
                if (flags >> i & 1)
                        length += (size_t)snprintf(text + length, room - length, "%s%s",
                                                   length ? between : "", tcp_flags[i]);
        if (flags == 0)
                snprintf(text, room, "none");
}

static void write_bytes(char *text, size_t room, uint32_t value, unsigned size)
{
        size_t length = 0;

        for (unsigned i = size; i-- > 0 && length < room;)
                length += (size_t)snprintf(text + length, room - length, "%02x%s",
                                           value >> 8 * i & 0xff, i ? ":" : "");
}

void field_value(char *text, size_t room, const struct field *field, uint32_t value)
{
        struct in_addr in = {htonl(value)};
        const char *name = name_of_value(field->value, value);

        switch (field->value) {
        case NET_IPV4_ADDRESS: inet_ntop(AF_INET, &in, text, (socklen_t)room); return;
        case NET_MAC_ADDRESS: write_bytes(text, room, value, field->size); return;
        case NET_IPV6_ADDRESS:
                if (field->size == 4)
                        snprintf(text, room, "%x:%x", value >> 16, value & 0xffff);
                else
                        snprintf(text, room, "0x%x", value);
                return;
        case NET_TCP_FLAGS: write_flags(text, room, value, ", "); return;
        case NET_MPLS_LABEL: snprintf(text, room, "%u", value >> 12); return;
        case NET_ICMP_TYPE:
        case NET_ICMP6_TYPE: snprintf(text, room, name ? "%u (%s)" : "%u", value, name); return;
        case NET_SAP:
        case NET_SAPS: snprintf(text, room, name ? "0x%x (%s)" : "0x%x", value, name); return;
        case NET_ETHERTYPE:
        case NET_PPP_PROTOCOL:
                if (name)
                        break;
                snprintf(text, room, "0x%04x", value);
                return;
        case NET_BITS:
        case VALUE_PPPOE:
        case NET_VLAN_TAG:
        case NET_FRAGMENT:
        case NET_VERSION_AND_LENGTH:
        case VALUE_FIRST_MAC_BYTE: snprintf(text, room, "0x%x", value); return;
        }
        if (name)
                snprintf(text, room, "%s", name);
        else
                snprintf(text, room, field->size == 4 && value > 0xffffff ? "0x%x" : "%u", value);
}

/* The prefix length of a netmask; -1 if the mask is not contiguous. */
static int prefix_of(uint32_t mask)
{
        int bits = 0;

        while (bits < 32 && mask >> (31 - bits) & 1)
                bits++;
        return bits == 32 || mask << bits == 0 ? bits : -1;
}

/* Replaces the field's name, where a test has a phrase of its own. */
__attribute__((format(printf, 2, 3))) static void ask(struct field *field, const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        vsnprintf(field->name, sizeof field->name, format, arguments);
        va_end(arguments);
        field->header = NULL;
        *field->prefix = '\0';
}

static void question_equal(struct field *field, uint32_t value, const char *text, char *rest,
                           size_t room)
{
        int prefix = prefix_of(field->mask);
        char mask[64];

        /* The mask is part of the question, not of the name. */
        if (field->unmasked && field_keeps_value(field->value))
                field->name[field->unmasked] = '\0';
        if ((field_has_names(field->value) || field->value == VALUE_TAG_PRESENT) &&
            name_of_value(field->value, value) && field->role != NET_ADDRESS_TYPE) {
                ask(field, "%s", text);
                *rest = '\0';
                return;
        }
        if (field->value == NET_PACKET_TYPE)
                ask(field, "packet type");
        switch (field->mask != UINT32_MAX ? field->value : NET_NUMBER) {
        case NET_IPV4_ADDRESS:
        case NET_IPV6_ADDRESS:
                if (prefix >= 0)
                        snprintf(rest, room, " in %s/%d", text, prefix);
                else
                        snprintf(rest, room, " & 0x%08x is %s", field->mask, text);
                return;
        case NET_MAC_ADDRESS: snprintf(rest, room, " & 0x%x is %s", field->mask, text); return;
        case NET_TCP_FLAGS:
                write_flags(mask, sizeof mask, field->mask & 0xff, ", ");
                snprintf(rest, room, ", of %s: %s", mask, value ? text : "none");
                return;
        }
        snprintf(rest, room, "%s %s", strpbrk(field->name, ",()") ? ":" : "", text);
}

static void question_bits(struct field *field, uint32_t bits, char *rest, size_t room)
{
        char text[64];

        switch (field->value) {
        case NET_FRAGMENT:
                if (bits == 0x1fff) {
                        ask(field, "a later fragment (IPv4 fragment offset above 0)");
                        *rest = '\0';
                        return;
                }
                break;
        case NET_TCP_FLAGS:
                if (field->mask == UINT32_MAX && bits < 0x100) {
                        write_flags(text, sizeof text, bits, " or ");
                        snprintf(rest, room, ": %s set", text);
                        return;
                }
                break;
        case VALUE_EXTENSION_PRODUCT:
                if (bits == EXTENSION_OTHERS) {
                        ask(field, "no extension header");
                        *rest = '\0';
                        return;
                }
                break;
        case VALUE_FIRST_MAC_BYTE:
                if (bits == 1) {
                        snprintf(field->name, sizeof field->name, "%s", field->whole->name);
                        snprintf(rest, room, " a group's (multicast or broadcast)");
                        return;
                }
                break;
        }
        if ((bits & (bits - 1)) == 0)
                snprintf(rest, room, ": bit 0x%x set", bits);
        else
                snprintf(rest, room, ": any bit of 0x%x set", bits);
}

/* In comparisons of size a value is shown as a number, as names have no order. */
static void question_size(struct field *field, bool above, uint32_t value, const char *text,
                          char *rest, size_t room)
{
        const char *sign = above ? "above" : "at least";
        const char *name = name_of_value(field->value, value);

        if (field->value == NET_ETHERTYPE && value == ETHERNET_MAX_LENGTH + (above ? 0u : 1u))
                snprintf(rest, room, " above 1500 (so it is no 802.3 length)");
        else if (field->value == NET_ETHERTYPE || field->value == NET_PPP_PROTOCOL)
                snprintf(rest, room, name ? " %s 0x%04x (%s)" : " %s 0x%04x", sign, value, name);
        else if (name)
                snprintf(rest, room, " %s %u (%s)", sign, value, name);
        else
                snprintf(rest, room, " %s %s", sign, text);
}

/* The label is in the upper bits: some comparisons of the whole header are comparisons of the label
 * alone. */
static void ask_label(struct field *field, unsigned jump, uint32_t value)
{
        if ((jump == BPF_JGE && (value & 0xfff) == 0) ||
            (jump == BPF_JGT && (value & 0xfff) == 0xfff))
                strcpy(field->name, "label");
        else
                field->value = NET_BITS;
}

/* The same for the version in IP's first byte. */
static bool ask_version(struct field *field, unsigned jump, uint32_t value, char *rest, size_t room)
{
        if (field->value != NET_VERSION_AND_LENGTH || jump != BPF_JGE || (value & 0xf) != 0)
                return false;
        ask(field, "IP version");
        snprintf(rest, room, " at least %u", value >> 4);
        return true;
}

void field_question(struct field *field, unsigned jump, uint32_t value, char *rest, size_t room)
{
        char text[64];

        if (field->value == NET_MPLS_LABEL && field->mask == UINT32_MAX)
                ask_label(field, jump, value);
        if (ask_version(field, jump, value, rest, room))
                return;
        field_value(text, sizeof text, field, value);
        if (jump == BPF_JEQ)
                question_equal(field, value, text, rest, room);
        else if (jump == BPF_JSET)
                question_bits(field, value, rest, room);
        else
                question_size(field, jump == BPF_JGT, value, text, rest, room);
}
