/* Forwarding and control element separation, RFC 5810, over SCTP, RFC 5811: messages between a
 * control element and forwarding elements. */
#include "forces.h"
#include "sctp.h"

#include "base/array.h"

enum { HEADER = 24, LEAST_TLV = 8 };

enum message {
        SETUP = 1,
        TEARDOWN = 2,
        CONFIG = 3,
        QUERY = 4,
        EVENT = 5,
        REDIRECT_MESSAGE = 6,
        HEARTBEAT = 15,
        SETUP_RESPONSE = 17,
        CONFIG_RESPONSE = 19,
        QUERY_RESPONSE = 20,
        LAST_MESSAGE = QUERY_RESPONSE,
};

/* Operations on a path's data: the messages that may hold each. */
static const struct operation {
        const char *name;
        uint32_t messages; /* 1 << enum message */
        bool path;         /* path data follows */
        uint8_t with;
} operations[] = {
    [1] = {" Set", 1 << CONFIG, true, WITH_FULL | WITH_SPARSE},
    [2] = {" SetProp", 1 << CONFIG, true, WITH_FULL | WITH_SPARSE},
    [3] = {" SetResp", 1 << CONFIG_RESPONSE, true, WITH_RESULT},
    [4] = {" SetPropResp", 1 << CONFIG_RESPONSE, true, WITH_RESULT},
    [5] = {" Del", 1 << CONFIG, true, 0},
    [6] = {" DelResp", 1 << CONFIG_RESPONSE, true, WITH_RESULT},
    [7] = {" Get", 1 << QUERY, true, 0},
    [8] = {" GetProp", 1 << QUERY, true, 0},
    [9] = {" GetResp", 1 << QUERY_RESPONSE, true, WITH_FULL | WITH_SPARSE | WITH_RESULT},
    [10] = {" GetPropResp", 1 << QUERY_RESPONSE, true, WITH_FULL | WITH_RESULT},
    [11] = {" Report", 1 << SETUP | 1 << EVENT, true, WITH_FULL | WITH_SPARSE},
    [12] = {" Commit", 1 << CONFIG, false, 0},
    [13] = {" RCommit", 1 << CONFIG_RESPONSE, true, WITH_RESULT},
    [14] = {" RTRCOMP", 1 << CONFIG, false, 0},
};

/* ---- What a message holds. Each returns false if the whole message is to be dumped. ---- */

enum { COLUMN = 9 };

static void operation_data_print(struct printer *printer, struct packet packet, uint32_t size,
                                 unsigned column)
{
        forces_put_spaces(printer, column);
        put(printer, "Data");
        forces_data_print(printer, packet, size, column);
        put_char(printer, '\n');
}

/* Of one TLV alone, with a line about it that tcpdump's authors may have left in. */
static void commit_response_print(struct printer *printer, struct packet packet, uint32_t left,
                                  uint8_t with)
{
        uint16_t type, length;

        need(printer, packet, 0, TLV_HEADER);
        type = get16(printer, packet, 0);
        length = get16(printer, packet, 2);
        put(printer, "genoptlvprint - ");
        forces_put_tlv_name(printer, type);
        putf(printer, " TLV type 0x%x len %u\n", type, length);
        if (!forces_tlv_fits(printer, packet, left)) {
                putf(printer, "\t\t\tInvalid ForCES TLV type=%x", type);
                return;
        }
        if (!name_find(forces_tlv_names, type)) {
                putf(printer, "#0 TLV type 0x%x len %u\n", type, length);
                return;
        }
        if (shows_all(printer)) {
                forces_put_spaces(printer, COLUMN + 2);
                putf(printer, "%s, length %u (data length %u Bytes)",
                     name_find(forces_tlv_names, type), length, length - TLV_HEADER);
        }
        packet = packet_from(packet, TLV_HEADER);
        packet.length = length - TLV_HEADER;
        forces_path_print(printer, packet, COLUMN + 3, with, 0);
}

static void operation_print(struct printer *printer, struct packet packet, uint32_t left,
                            uint8_t message, bool dumps_rest)
{
        enum { COMMIT_RESPONSE = 13, VENDOR = 0x8000, LEAST = 8 };
        uint16_t type = get16(printer, packet, 0);
        uint32_t length = get16(printer, packet, 2);
        static const struct operation vendor = {.name = "Invalid OPTLV"};
        struct packet body = packet_from(packet, TLV_HEADER);
        const struct operation *operation;

        body.length = length - TLV_HEADER;
        operation = type < array_count(operations) ? &operations[type] : &operations[0];
        if (type >= VENDOR)
                operation = &vendor;
        if (operation != &vendor && !(operation->messages >> message & 1)) {
                putf(printer,
                     "%s\t\tINValid oper-TLV type 0x%x length %u for this ForCES message\n",
                     shows_all(printer) ? "" : "\n", type, length);
                if (shows_all(printer))
                        operation_data_print(printer, packet, dumps_rest ? left : length, COLUMN);
                return;
        }
        if (shows_all(printer)) {
                forces_put_spaces(printer, COLUMN + 1);
                putf(printer, "Oper TLV %s(0x%x) length %u\n", operation->name, type, length);
        }
        if (body.length < LEAST) {
                putf(printer, "\t\tOper TLV %s(0x%x) length %u\n", operation->name, type, length);
                putf(printer, "\t\tTruncated data size %u minimum required %u\n", body.length,
                     LEAST);
                if (shows_all(printer))
                        operation_data_print(printer, packet_from(packet, TLV_HEADER),
                                             length - TLV_HEADER, COLUMN);
                return;
        }
        if (operation == &vendor && shows_all(printer))
                operation_data_print(printer, body, body.length, COLUMN + 1);
        else if (type == COMMIT_RESPONSE)
                commit_response_print(printer, body, body.length, operation->with);
        else if (operation->path)
                forces_paths_print(printer, body, COLUMN + 2, operation->with, 0);
}

static bool selector_print(struct printer *printer, struct packet packet, uint32_t size,
                           uint8_t message)
{
        /* Where each is dumped with all behind it, output must not grow with the square. */
        enum { MOST_DUMPS = 16 };
        enum { LEAST = 12, IDENTIFIERS = 8, OBJECT = 1, PROTOCOL_OBJECT = 2 };
        static const struct name classes[] = {{0, "Invalid TLV"},
                                              {OBJECT, "FEObj LFB"},
                                              {PROTOCOL_OBJECT, "FEProtoObj LFB"},
                                              {0, NULL}};
        uint32_t class;

        if (size <= LEAST) {
                putf(printer, "\n\t\ttruncated lfb selector: %u bytes missing! ", LEAST - size);
                return false;
        }
        need(printer, packet, 0, IDENTIFIERS);
        class = get32(printer, packet, 0);
        if (shows_all(printer)) {
                put_char(printer, '\n');
                forces_put_spaces(printer, COLUMN);
                put_name(printer, classes, "#%d", class);
                putf(printer, "(Classid %x) instance %x\n", class, get32(printer, packet, 4));
        }
        packet = packet_from(packet, IDENTIFIERS);
        size -= IDENTIFIERS;
        for (unsigned count = 0; size > 0; count++) {
                uint32_t length;

                if (!forces_tlv_fits(printer, packet, size)) {
                        forces_messy_print(printer, packet, size, "oper");
                        return false;
                }
                operation_print(printer, packet, size, message, count < MOST_DUMPS);
                length = aligned(get16(printer, packet, 2));
                size -= length < size ? length : size;
                packet = packet_from(packet, length);
        }
        return true;
}

static bool reason_print(struct printer *printer, struct packet packet, uint32_t size,
                         uint8_t message)
{
        enum { LAST = 255 };
        static const struct name reasons[] = {
            {0, "Normal Teardown(0)"}, {1, "Loss of Heartbeats(1)"}, {2, "Out of bandwidth(2)"},
            {3, "Out of Memory(3)"},   {4, "Application Crash(4)"},  {0, NULL}};
        uint32_t reason;

        (void)message;
        if (size != 4) {
                putf(printer, "illegal ASTresult-TLV: %u bytes!\n", size);
                return false;
        }
        need(printer, packet, 0, 4);
        reason = get32(printer, packet, 0);
        if (reason > LAST) {
                putf(printer, "illegal ASTresult result code: %u!\n", reason);
                return false;
        }
        if (shows_all(printer)) {
                put(printer, "Teardown reason:\n");
                forces_put_spaces(printer, COLUMN);
                put_name(printer, reasons, "Unknown Teardown reason(%x)", reason);
                put_char(printer, '\n');
                forces_put_spaces(printer, COLUMN);
        }
        return true;
}

static bool association_print(struct printer *printer, struct packet packet, uint32_t size,
                              uint8_t message)
{
        static const char *const results[] = {"Success (0)", "FE ID invalid (1)",
                                              "permission denied (2)", "Unknown (3)"};
        uint32_t result;

        (void)message;
        if (size != 4) {
                putf(printer, "illegal ASRresult-TLV: %u bytes!\n", size);
                return false;
        }
        need(printer, packet, 0, 4);
        result = get32(printer, packet, 0);
        if (result >= array_count(results)) {
                putf(printer, "illegal ASRresult result code: %u!\n", result);
                return false;
        }
        if (shows_all(printer)) {
                put_char(printer, '\n');
                forces_put_spaces(printer, COLUMN);
                put(printer, results[result]);
                put_char(printer, '\n');
                forces_put_spaces(printer, COLUMN);
        }
        return true;
}

static void metadata_print(struct printer *printer, struct packet packet, uint32_t size)
{
        put_char(printer, '\n');
        forces_put_spaces(printer, COLUMN + 2);
        putf(printer, "METADATA length %u\n", size);
        while (size >= ILV_HEADER) {
                uint32_t length;

                need(printer, packet, 0, ILV_HEADER);
                length = get32(printer, packet, 4);
                if (length < ILV_HEADER || length > size || aligned(length) > size)
                        return;
                forces_put_spaces(printer, COLUMN + 2);
                putf(printer, "MetaID 0x%x length %u\n", get32(printer, packet, 0), length);
                if (shows_all(printer)) {
                        dump_hex(printer, "\t\t[", packet_from(packet, ILV_HEADER),
                                 length - ILV_HEADER);
                        put(printer, " ]\n");
                }
                length = aligned(length);
                size -= length < size ? length : size;
                packet = packet_from(packet, length);
        }
}

static bool redirect_print(struct printer *printer, struct packet packet, uint32_t size,
                           uint8_t message)
{
        enum { LEAST = 8 };

        (void)message;
        if (size <= LEAST) {
                putf(printer, "\n\t\ttruncated Redirect TLV: %u bytes missing! ", LEAST - size);
                return false;
        }
        while (size > 0) {
                uint32_t length;
                uint16_t type;

                if (!forces_tlv_fits(printer, packet, size)) {
                        put(printer, "Bad Redirect data\n");
                        forces_messy_print(printer, packet, size, "Redirect");
                        return false;
                }
                type = get16(printer, packet, 0);
                length = get16(printer, packet, 2);
                if (type == METADATA) {
                        metadata_print(printer, packet_from(packet, TLV_HEADER),
                                       length - TLV_HEADER);
                } else if (type == REDIRECT_DATA) {
                        put_char(printer, '\n');
                        forces_put_spaces(printer, COLUMN + 2);
                        putf(printer, "Redirect Data length %u\n", length - TLV_HEADER);
                        if (shows_all(printer)) {
                                put(printer, "\t\t[");
                                dump_hex(printer, "\n\t\t", packet_from(packet, TLV_HEADER),
                                         length - TLV_HEADER);
                                put(printer, "\n\t\t]");
                        }
                } else {
                        putf(printer, "Unknown REDIRECT TLV 0x%x len %u\n", type, length);
                }
                length = aligned(length);
                size -= length < size ? length : size;
                packet = packet_from(packet, length);
        }
        return true;
}

/* ---- Messages ---- */

static const struct message_form {
        const char *name; /* NULL: there is none of this number */
        bool may_be_empty, only_one;
        bool (*print)(struct printer *printer, struct packet packet, uint32_t size,
                      uint8_t message);
} messages[] = {
    [SETUP] = {"Association Setup", true, false, selector_print},
    [TEARDOWN] = {"Association TearDown", false, true, reason_print},
    [CONFIG] = {"Config", false, false, selector_print},
    [QUERY] = {"Query", false, false, selector_print},
    [EVENT] = {"Event Notification", false, true, selector_print},
    [REDIRECT_MESSAGE] = {"Packet Redirect", false, false, redirect_print},
    [HEARTBEAT] = {"HeartBeat", true, false, NULL},
    [SETUP_RESPONSE] = {"Association Response", false, true, association_print},
    [CONFIG_RESPONSE] = {"Config Response", false, false, selector_print},
    [QUERY_RESPONSE] = {"Query Response", false, false, selector_print},
};

static const char *party(uint32_t identifier)
{
        enum { ALL_CONTROL = 0x0e, ALL_FORWARDING = 0x0f, ALL = 0x10 };
        const uint32_t top = 0xffffffef; /* of the multicast ones */

        switch (identifier >> 30) {
        case 0: return "FE";
        case 1: return "CE";
        case 2: return "ForCESreserved";
        }
        if (identifier <= top)
                return "AllMulticast";
        switch (identifier - top) {
        case ALL_CONTROL: return "AllCEsBroadcast";
        case ALL_FORWARDING: return "AllFEsBroadcast";
        case ALL: return "AllBroadcast";
        }
        return "ForCESreserved";
}

static void flags_print(struct printer *printer, uint32_t flags)
{
        static const char *const acknowledgements[] = {"NoACK", "SuccessACK", "FailureACK",
                                                       "AlwaysACK"};
        static const char *const modes[] = {"EMReserved", "execute-all-or-none",
                                            "execute-until-failure", "continue-execute-on-failure"};
        static const char *const phases[] = {"StartofTransaction", "MiddleofTransaction",
                                             "EndofTransaction", "abort"};

        putf(printer, "\n\tForCES flags:\n\t  %s(0x%x), prio=%u, %s(0x%x),",
             acknowledgements[flags >> 30], flags >> 30, flags >> 27 & 7, modes[flags >> 22 & 3],
             flags >> 22 & 3);
        putf(printer, "\n\t  %s(0x%x), %s(0x%x)\n",
             flags >> 21 & 1 ? "2PCtransaction" : "Standalone", flags >> 21 & 1,
             phases[flags >> 19 & 3], flags >> 19 & 3);
        putf(printer, "\t  Extra flags: rsv(b5-7) 0x%x rsv(b13-31) 0x%x\n", flags >> 24 & 7,
             flags & 0x7ffff);
}

/* False if the message is to be dumped. */
static bool content_of_message_print(struct printer *printer, struct packet packet,
                                     const struct message_form *form, uint8_t message)
{
        packet = packet_from(packet, HEADER);
        if (packet.length < LEAST_TLV) {
                if (!form->may_be_empty)
                        put(printer, "\tTop level TLV Data missing!\n");
                return form->may_be_empty;
        }
        if (!form->print) {
                put(printer, "<0x1>Illegal Top level TLV!\n");
                return false;
        }
        for (bool first = true; packet.length > 0; first = false) {
                uint16_t type;
                uint32_t length;

                need(printer, packet, 0, TLV_HEADER);
                type = get16(printer, packet, 0);
                length = get16(printer, packet, 2);
                if (!forces_tlv_fits(printer, packet, packet.length) ||
                    (form->only_one && !first)) {
                        putf(printer, "\tMess TopTLV header: min %u, total %u advertised %u ",
                             TLV_HEADER, packet.length, length);
                        return false;
                }
                if (!name_find(forces_tlv_names, type)) {
                        putf(printer, "\n\tInvalid ForCES Top TLV type=0x%x", type);
                        return false;
                }
                if (shows_all(printer))
                        putf(printer, "\t%s, length %u (data length %u Bytes)",
                             name_find(forces_tlv_names, type), length, length - TLV_HEADER);
                if (!form->print(printer, packet_from(packet, TLV_HEADER), length - TLV_HEADER,
                                 message))
                        return false;
                packet = packet_from(packet, aligned(length));
        }
        return true;
}

/* False if the message is to be dumped. */
static bool message_print(struct printer *printer, struct packet packet)
{
        enum { WORD = 4, UNKNOWN_MESSAGE = 18 };
        uint8_t message = get8(printer, packet, 1);
        const struct message_form *form;
        uint32_t length;

        if (message == UNKNOWN_MESSAGE) {
                putf(printer, "\n\tUnknown ForCES message type=0x%x", message);
                return false;
        }
        if (message > LAST_MESSAGE || !messages[message].name) {
                putf(printer, "Invalid ForCES message type %u\n", message);
                return false;
        }
        form = &messages[message];
        putf(printer, "\n\tForCES %s ", form->name);
        length = get16(printer, packet, 2) * WORD;
        if (length < HEADER || length != packet.length) {
                putf(printer, "Illegal ForCES pkt len - min %u, total recvd %u, advertised %u ",
                     HEADER, packet.length, length);
                return false;
        }
        if (printer->options.verbose >= 1) {
                uint32_t source = get32(printer, packet, 4),
                         destination = get32(printer, packet, 8);

                putf(printer, "\n\tForCES Version %u len %uB flags 0x%08x ",
                     get8(printer, packet, 0) >> 4, length, get32(printer, packet, 20));
                putf(printer, "\n\tSrcID 0x%x(%s) DstID 0x%x(%s) Correlator 0x%llx", source,
                     party(source), destination, party(destination),
                     (unsigned long long)get64(printer, packet, 12));
        }
        if (printer->options.verbose >= 2)
                flags_print(printer, get32(printer, packet, 20));
        return content_of_message_print(printer, packet, form, message);
}

void forces_print(struct printer *printer, struct packet packet)
{
        printer->protocol = "forces";
        if (!has(packet, 0, HEADER)) {
                put_truncated(printer);
                return;
        }
        if (message_print(printer, packet))
                return;
        dump_hex(printer, "\n\t[", packet, packet.length);
        put(printer, "\n\t]");
}
