/* SNMP: versions 1 and 2, RFC 1157 and 3416; version 3, RFC 3412 and 3414. Messages are BER: tag,
 * length, value. An error is reported in brackets and ends the parsing; only the enclosing braces
 * are closed. */
#include "application.h"
#include "base/array.h"

enum { MAX_ARCS = 128 }; /* of an object's identifier; more are not shown */
struct arcs {
        size_t count;
        uint32_t arcs[MAX_ARCS];
};

/* What an element is, by its tag. */
enum kind {
        OTHER, /* bytes */
        INTEGER,
        STRING,
        NOTHING,
        OBJECT,
        SEQUENCE,
        ADDRESS,
        UNSIGNED,
        UNSIGNED_64,
        EXCEPTION, /* instead of a variable's value */
        OPERATION
};

enum class { UNIVERSAL, APPLICATION, CONTEXT, PRIVATE };

enum operation { GET, GET_NEXT, RESPONSE, SET, TRAP, GET_BULK, INFORM, TRAP_2, REPORT };

enum { VERSION_1 = 0, VERSION_2C = 1, VERSION_3 = 3 };

struct element {
        enum kind kind;
        uint8_t id; /* the tag's number */
        struct packet value;
};

static const char *const universal_names[] = {
    "U-0", "Boolean", "Integer", "Bitstring", "String", "Null", "ObjID", "ObjectDes", "U-8",
    "U-9", "U-10",    "U-11",    "U-12",      "U-13",   "U-14", "U-15",  "Sequence",  "Set"};

static const char *const application_names[] = {"IpAddress", "Counter", "Gauge",    "TimeTicks",
                                                "Opaque",    "C-5",     "Counter64"};

static const char *const operation_names[] = {"GetRequest", "GetNextRequest", "GetResponse",
                                              "SetRequest", "Trap",           "GetBulk",
                                              "Inform",     "V2Trap",         "Report"};

static const char *const private_names[] = {"P-0"};

static const struct {
        char letter;
        size_t count;
        const char *const *names;
} classes[] = {{'U', array_count(universal_names), universal_names},
               {'A', array_count(application_names), application_names},
               {'C', array_count(operation_names), operation_names},
               {'x', array_count(private_names), private_names}};

static const struct {
        enum class class;
        bool constructed;
        uint8_t id;
        enum kind kind;
} kinds[] = {{UNIVERSAL, false, 2, INTEGER},    {UNIVERSAL, false, 4, STRING},
             {UNIVERSAL, false, 5, NOTHING},    {UNIVERSAL, false, 6, OBJECT},
             {UNIVERSAL, true, 16, SEQUENCE},   {APPLICATION, false, 0, ADDRESS},
             {APPLICATION, false, 1, UNSIGNED}, {APPLICATION, false, 2, UNSIGNED},
             {APPLICATION, false, 3, UNSIGNED}, {APPLICATION, false, 6, UNSIGNED_64}};

static const struct name exceptions[] = {
    {0, "[noSuchObject]"}, {1, "[noSuchInstance]"}, {2, "[endOfMibView]"}, {0, NULL}};

/* Takes the length after a tag; reports a bad one. */
static bool length_take(struct printer *printer, struct packet *packet, uint32_t *length)
{
        if (packet->length < 1) {
                put(printer, "[no asnlen]");
                return false;
        }
        *length = get8(printer, *packet, 0);
        *packet = packet_from(*packet, 1);
        if (*length & 0x80) {
                uint32_t count = *length & 0x7f;

                if (packet->length < count) {
                        putf(printer, "[asnlen? %u<%u]", packet->length, count);
                        return false;
                }
                need(printer, *packet, 0, count);
                *length = 0;
                for (uint32_t i = 0; i < count; i++)
                        *length = *length << 8 | packet->data[i];
                *packet = packet_from(*packet, count);
        }
        if (packet->length < *length) {
                putf(printer, "[len%u<asnlen%u]", packet->length, *length);
                return false;
        }
        return true;
}

/* Takes the number of a tag, which may continue in bytes with the highest bit set. As in tcpdump,
 * a byte behind the element is looked at before it is found to be none of the number's. */
static bool id_take(struct printer *printer, struct packet *packet, uint32_t *id)
{
        enum { CONTINUES = 0x1f };

        *id = get8(printer, *packet, 0) & CONTINUES;
        *packet = packet_from(*packet, 1);
        if (*id != CONTINUES)
                return true;
        *id = 0;
        while (get8(printer, *packet, 0) & 0x80 && packet->length > 0) {
                *id = (*id << 7 | (packet->data[0] & 0x7f)) & 0xff;
                *packet = packet_from(*packet, 1);
        }
        if (packet->length < 1) {
                put(printer, "[Xtagfield?]");
                return false;
        }
        *id = (*id << 7 | get8(printer, *packet, 0)) & 0xff; /* as tcpdump keeps it */
        *packet = packet_from(*packet, 1);
        return true;
}

/* The class and number of an unknown element. */
static void other_announce(struct printer *printer, enum class class, bool constructed, uint8_t id)
{
        putf(printer, constructed ? "C/%c/%s" : "[P/%c/%s]",
             classes[constructed && class == APPLICATION ? PRIVATE : class].letter,
             classes[class].names[id]);
}

/* Takes the element at the start of `packet`. False if there is none, which has been reported. */
static bool element_take(struct printer *printer, struct packet *packet, struct element *element)
{
        uint32_t length, id;
        enum class class;
        bool constructed;

        *element = (struct element){.kind = OTHER};
        if (packet->length < 1) {
                put(printer, "[nothing to parse]");
                return false;
        }
        class = get8(printer, *packet, 0) >> 6;
        constructed = get8(printer, *packet, 0) & 0x20;
        if (!id_take(printer, packet, &id) || !length_take(printer, packet, &length))
                return false;
        if (id >= classes[class].count) {
                /* tcpdump loses the name of the class. */
                putf(printer, "[id?%c/x/%u]", constructed ? 'C' : 'P', id);
                return false;
        }
        element->id = (uint8_t)id;
        element->value = *packet; /* what is captured behind it, too: see id_take() */
        element->value.length = length;
        *packet = packet_from(*packet, length);
        if (class == CONTEXT)
                element->kind = constructed ? OPERATION : EXCEPTION;
        for (size_t i = 0; i < array_count(kinds); i++)
                if (kinds[i].class == class && kinds[i].constructed == constructed &&
                    kinds[i].id == id)
                        element->kind = kinds[i].kind;
        if (element->kind == INTEGER && length == 0) {
                put(printer, "[asnlen=0]");
                return false;
        }
        need(printer, element->value, 0, length);
        if (element->kind == OTHER)
                other_announce(printer, class, constructed, element->id);
        return true;
}

/* The low bytes of a number that is too long. */
static int32_t integer_value(struct printer *printer, struct packet value)
{
        uint32_t result = value.length > 0 && get8(printer, value, 0) & 0x80 ? UINT32_MAX : 0;

        for (uint32_t i = 0; i < value.length; i++)
                result = result << 8 | get8(printer, value, i);
        return (int32_t)result;
}

static uint64_t unsigned_value(struct printer *printer, struct packet value)
{
        uint64_t result = 0;

        for (uint32_t i = 0; i < value.length; i++)
                result = result << 8 | get8(printer, value, i);
        return result;
}

/* The first arc holds two. */
static void put_arc(struct arcs *arcs, uint32_t arc)
{
        if (arcs->count == 0) {
                /* Signed, as tcpdump does. */
                uint32_t top = (int32_t)arc >= 80 ? 2 : (int32_t)arc < 40 ? 0 : 1;

                arcs->arcs[arcs->count++] = top;
                arc -= top * 40;
        }
        if (arcs->count < MAX_ARCS)
                arcs->arcs[arcs->count++] = arc;
}

static void put_object(struct printer *printer, struct packet value)
{
        struct arcs arcs = {0};
        uint32_t arc = 0, i;
        size_t named;

        for (i = 0; i < value.length && has(value, i, 1); i++) {
                arc = arc << 7 | (value.data[i] & 0x7f);
                if (value.data[i] & 0x80)
                        continue;
                put_arc(&arcs, arc);
                arc = 0;
        }
        named = mibs_object_print(printer, arcs.arcs, arcs.count);
        if (named == 0 && printer->options.names.port)
                snmp_object_print(printer, value, arcs.arcs, arcs.count);
        else
                for (size_t j = named; j < arcs.count; j++)
                        put_labelled(printer, ".", arcs.arcs[j]);
        need_hard(printer, value, 0, i < value.length ? i + 1 : i);
}

static void put_octets(struct printer *printer, struct packet value, const char *first)
{
        for (uint32_t i = 0; i < value.length; i++) {
                put(printer, i > 0 ? "_" : first);
                put_hex(printer, get8(printer, value, i), 2);
        }
}

static void put_string(struct printer *printer, struct packet value)
{
        bool text = true;

        for (uint32_t i = 0; i < value.length && text; i++) {
                uint8_t c = get8(printer, value, i);

                text = c >= 0x20 && c < 0x7f;
        }
        if (!text) {
                put_octets(printer, value, "");
                return;
        }
        put_char(printer, '"');
        put_bytes(printer, (const char *)value.data, value.length);
        put_char(printer, '"');
}

static void put_address(struct printer *printer, struct packet value)
{
        if (value.length != 4)
                put(printer, "[inetaddr len!=4]");
        for (uint32_t i = 0; i < value.length; i++)
                putf(printer, i > 0 ? ".%u" : "%u", get8(printer, value, i));
}

static void element_print(struct printer *printer, const struct element *element)
{
        switch (element->kind) {
        case INTEGER: putf(printer, "%d", integer_value(printer, element->value)); break;
        case STRING: put_string(printer, element->value); break;
        case NOTHING: break;
        case OBJECT: put_object(printer, element->value); break;
        case SEQUENCE: putf(printer, "Seq(%u)", element->value.length); break;
        case ADDRESS: put_address(printer, element->value); break;
        case UNSIGNED:
                put_decimal(printer, (uint32_t)unsigned_value(printer, element->value));
                break;
        case UNSIGNED_64: put_decimal(printer, unsigned_value(printer, element->value)); break;
        case EXCEPTION: put_name(printer, exceptions, "[BE_ANY!?]", element->id); break;
        case OPERATION:
                putf(printer, "%s(%u)", operation_names[element->id], element->value.length);
                break;
        case OTHER: put_octets(printer, element->value, "_"); break;
        }
}

/* Takes an element of the required kind. Otherwise prints `complaint` and what came instead. */
static bool expect(struct printer *printer, struct packet *packet, enum kind kind,
                   const char *complaint, struct element *element)
{
        if (!element_take(printer, packet, element))
                return false;
        if (element->kind == kind)
                return true;
        putf(printer, "[%s]", complaint);
        element_print(printer, element);
        return false;
}

/* The same, and prints it after `label`. */
static bool labelled_print(struct printer *printer, struct packet *packet, enum kind kind,
                           const char *complaint, const char *label)
{
        struct element element;

        if (!expect(printer, packet, kind, complaint, &element))
                return false;
        put(printer, label);
        element_print(printer, &element);
        return true;
}

static bool integer_take(struct printer *printer, struct packet *packet, const char *complaint,
                         int32_t *value)
{
        struct element element;

        if (!expect(printer, packet, INTEGER, complaint, &element))
                return false;
        *value = integer_value(printer, element.value);
        return true;
}

static void put_verbose(struct printer *printer, const char *text)
{
        if (printer->options.verbose)
                put(printer, text);
}

static void put_extra(struct printer *printer, uint32_t extra, const char *what)
{
        if (extra > 0)
                putf(printer, "[%u extra after %s]", extra, what);
}

/* What is left of a sequence behind its last element: `last` begins with that. tcpdump takes the
 * element's size off twice. */
static void put_extra_behind(struct printer *printer, struct packet last, struct packet rest,
                             const char *what)
{
        uint32_t size = last.length - rest.length;

        put_extra(printer, rest.length > size ? rest.length - size : 0, what);
}

/* Whether the operation's variables have no values yet. */
static bool is_question(uint8_t operation)
{
        return operation == GET || operation == GET_NEXT || operation == GET_BULK;
}

/* " .1.3.6=value" for each variable. */
static void variables_print(struct printer *printer, struct packet packet, uint8_t operation)
{
        struct element list, pair, element;

        if (!expect(printer, &packet, SEQUENCE, "!SEQ of varbind", &list))
                return;
        put_extra(printer, packet.length, "SEQ of varbind");
        while (list.value.length > 0) {
                put_char(printer, ' ');
                if (!expect(printer, &list.value, SEQUENCE, "!varbind", &pair) ||
                    !labelled_print(printer, &pair.value, OBJECT, "objName!=OID", ""))
                        return;
                if (!is_question(operation))
                        put_char(printer, '=');
                if (!element_take(printer, &pair.value, &element))
                        return;
                if (is_question(operation) && element.kind != NOTHING)
                        put(printer, "[objVal!=NULL]");
                element_print(printer, &element); /* nothing for NOTHING */
        }
}

static void trap_print(struct printer *printer, struct packet packet)
{
        enum { ENTERPRISE_SPECIFIC = 6 };
        static const struct name traps[] = {
            {0, "coldStart"},
            {1, "warmStart"},
            {2, "linkDown"},
            {3, "linkUp"},
            {4, "authenticationFailure"},
            {5, "egpNeighborLoss"},
            {ENTERPRISE_SPECIFIC, "enterpriseSpecific"},
            {0, NULL},
        };
        int32_t generic, specific;

        put_char(printer, ' ');
        if (!labelled_print(printer, &packet, OBJECT, "enterprise!=OID", ""))
                return;
        put_char(printer, ' ');
        if (!labelled_print(printer, &packet, ADDRESS, "agent-addr!=INETADDR", "") ||
            !integer_take(printer, &packet, "generic-trap!=INT", &generic))
                return;
        put_char(printer, ' ');
        if (name_find(traps, (uint32_t)generic))
                put(printer, name_find(traps, (uint32_t)generic));
        else
                putf(printer, "gt=%d", generic);
        if (!integer_take(printer, &packet, "specific-trap!=INT", &specific))
                return;
        if (generic == ENTERPRISE_SPECIFIC)
                putf(printer, " s=%d", specific);
        else if (specific != 0)
                putf(printer, "[specific-trap(%d)!=0]", specific);
        put_char(printer, ' ');
        if (labelled_print(printer, &packet, UNSIGNED, "time-stamp!=TIMETICKS", ""))
                variables_print(printer, packet, TRAP);
}

static void put_error(struct printer *printer, int32_t error)
{
        static const char *const names[] = {
            "noError",
            "tooBig",
            "noSuchName",
            "badValue",
            "readOnly",
            "genErr",
            "noAccess",
            "wrongType",
            "wrongLength",
            "wrongEncoding",
            "wrongValue",
            "noCreation",
            "inconsistentValue",
            "resourceUnavailable",
            "commitFailed",
            "undoFailed",
            "authorizationError",
            "notWritable",
            "inconsistentName",
        };

        if (error >= 0 && (uint32_t)error < array_count(names))
                put(printer, names[error]);
        else
                putf(printer, "err=%u", (uint32_t)error);
}

/* The error; in a bulk request another number takes its place, and that of the index. */
static void status_print(struct printer *printer, uint8_t operation, int32_t error)
{
        if (operation == GET_BULK) {
                putf(printer, " N=%d", error);
        } else if (error != 0 && operation == RESPONSE) {
                put_char(printer, ' ');
                put_error(printer, error);
        } else if (error != 0) {
                put(printer, "[errorStatus(");
                put_error(printer, error);
                put(printer, ")!=0]");
        }
}

static void index_print(struct printer *printer, uint8_t operation, int32_t error, int32_t index)
{
        if (operation == GET_BULK)
                putf(printer, " M=%d", index);
        else if (operation != RESPONSE && index != 0)
                putf(printer, "[errorIndex(%d)!=0]", index);
        else if (operation == RESPONSE && index != 0 && error == 0)
                putf(printer, "[errorIndex(%d) w/o errorStatus]", index);
        else if (operation == RESPONSE && index != 0)
                putf(printer, "@%d", index);
        else if (operation == RESPONSE && error != 0)
                put(printer, "[errorIndex==0]");
}

static void request_print(struct printer *printer, struct packet packet, uint8_t operation)
{
        int32_t id, error, index;

        if (!integer_take(printer, &packet, "reqId!=INT", &id))
                return;
        if (printer->options.verbose)
                putf(printer, "R=%d ", id);
        if (!integer_take(printer, &packet, "errorStatus!=INT", &error))
                return;
        status_print(printer, operation, error);
        if (!integer_take(printer, &packet, "errorIndex!=INT", &index))
                return;
        index_print(printer, operation, error, index);
        variables_print(printer, packet, operation);
}

static void operation_print(struct printer *printer, struct packet packet, int32_t version)
{
        struct element element;

        if (!element_take(printer, &packet, &element))
                return;
        if (element.kind != OPERATION) {
                put(printer, "[no PDU]");
                return;
        }
        put_extra(printer, packet.length, "PDU");
        put_verbose(printer, "{ ");
        element_print(printer, &element);
        put_char(printer, ' ');
        if (version == VERSION_1 && element.id >= GET_BULK) {
                put(printer, "[v2 PDU in v1 message]");
                return;
        }
        if (version == VERSION_2C && element.id == TRAP) {
                put(printer, "[v1 PDU in v2 message]");
                return;
        }
        if (element.id == TRAP)
                trap_print(printer, element.value);
        else
                request_print(printer, element.value, element.id);
        put_verbose(printer, " } ");
}

static void community_print(struct printer *printer, struct packet packet, int32_t version)
{
        struct element element;

        if (!expect(printer, &packet, STRING, "comm!=STR", &element))
                return;
        /* The usual one is not shown. */
        if (element.value.length != 6 || memcmp(element.value.data, "public", 6) != 0) {
                put(printer, "C=");
                element_print(printer, &element);
                put_char(printer, ' ');
        }
        operation_print(printer, packet, version);
}

/* The context name, then the PDU. */
static void scoped_print(struct printer *printer, struct packet packet)
{
        struct element scope, element;

        if (!expect(printer, &packet, SEQUENCE, "!scoped PDU", &scope))
                return;
        packet = scope.value;
        if (!expect(printer, &packet, STRING, "contextEngineID!=STR", &element))
                return;
        put(printer, "E=");
        put_octets(printer, element.value, "_");
        put_char(printer, ' ');
        if (!labelled_print(printer, &packet, STRING, "contextName!=STR", "C="))
                return;
        put_char(printer, ' ');
        operation_print(printer, packet, VERSION_3);
}

/* Parameters of the user-based security model, RFC 3414. */
static void users_print(struct printer *printer, struct packet packet)
{
        struct element sequence, element;
        struct packet last;
        int32_t boots, time;

        if (!expect(printer, &packet, SEQUENCE, "!usm", &sequence))
                return;
        packet = sequence.value;
        if (!expect(printer, &packet, STRING, "msgAuthoritativeEngineID!=STR", &element) ||
            !integer_take(printer, &packet, "msgAuthoritativeEngineBoots!=INT", &boots))
                return;
        if (printer->options.verbose)
                putf(printer, "B=%d ", boots);
        if (!integer_take(printer, &packet, "msgAuthoritativeEngineTime!=INT", &time))
                return;
        if (printer->options.verbose)
                putf(printer, "T=%d ", time);
        if (!labelled_print(printer, &packet, STRING, "msgUserName!=STR", "U="))
                return;
        put_char(printer, ' ');
        if (!expect(printer, &packet, STRING, "msgAuthenticationParameters!=STR", &element))
                return;
        last = packet;
        if (expect(printer, &packet, STRING, "msgPrivacyParameters!=STR", &element))
                put_extra_behind(printer, last, packet, "usm SEQ");
}

/* The header of a message of version 3. What follows is looked for behind the header's last
 * element, wherever the header claims to end. False if the rest cannot be printed. */
static bool header_print(struct printer *printer, struct packet *packet)
{
        enum { USERS = 3, AUTHENTICATED = 1, PRIVATE_TOO = 2, REPORTABLE = 4 };
        struct packet whole = *packet, last;
        struct element header, element;
        uint8_t flags;
        int32_t model;

        if (!expect(printer, packet, SEQUENCE, "!message", &header))
                return false;
        put_verbose(printer, "{ ");
        if (!expect(printer, &header.value, INTEGER, "msgID!=INT", &element) ||
            !expect(printer, &header.value, INTEGER, "msgMaxSize!=INT", &element) ||
            !expect(printer, &header.value, STRING, "msgFlags!=STR", &element))
                return false;
        if (element.value.length != 1) {
                putf(printer, "[msgFlags size %u]", element.value.length);
                return false;
        }
        flags = get8(printer, element.value, 0);
        if (flags > 7 || (flags & (AUTHENTICATED | PRIVATE_TOO)) == PRIVATE_TOO) {
                putf(printer, "[msgFlags=0x%c%c]", "0123456789ABCDEF"[flags >> 4],
                     "0123456789ABCDEF"[flags & 15]);
                return false;
        }
        putf(printer, "F=%s%s%s ", flags & AUTHENTICATED ? "a" : "", flags & PRIVATE_TOO ? "p" : "",
             flags & REPORTABLE ? "r" : "");
        last = header.value;
        if (!integer_take(printer, &header.value, "msgSecurityModel!=INT", &model))
                return false;
        put_extra_behind(printer, last, header.value, "message SEQ");
        *packet = packet_from(whole, whole.length - packet->length - header.value.length);
        put_verbose(printer, "} ");
        if (model == USERS)
                return true;
        putf(printer, "[security model %d]", model);
        return false;
}

static void version_3_print(struct printer *printer, struct packet packet)
{
        struct element element;

        if (!header_print(printer, &packet))
                return;
        put_verbose(printer, "{ USM ");
        if (!expect(printer, &packet, STRING, "msgSecurityParameters!=STR", &element))
                return;
        users_print(printer, element.value);
        put_verbose(printer, "} { ScopedPDU ");
        scoped_print(printer, packet);
        put_verbose(printer, "} ");
}

void snmp_print(struct printer *printer, struct packet packet)
{
        static const char *const names[] = {
            [VERSION_1] = "{ SNMPv1 ", [VERSION_2C] = "{ SNMPv2c ", [VERSION_3] = "{ SNMPv3 "};
        struct element message;
        int32_t version;

        printer->protocol = "snmp";
        put_char(printer, ' ');
        if (!expect(printer, &packet, SEQUENCE, "!init SEQ", &message))
                return;
        put_extra(printer, packet.length, "iSEQ");
        packet = message.value;
        if (!integer_take(printer, &packet, "version!=INT", &version))
                return;
        if (version != VERSION_1 && version != VERSION_2C && version != VERSION_3) {
                putf(printer, "SNMP [version = %d]", version);
                return;
        }
        put_verbose(printer, names[version]);
        if (version == VERSION_3)
                version_3_print(printer, packet);
        else
                community_print(printer, packet, version);
        put_verbose(printer, "} ");
}
