/* The point-to-point tunneling protocol's control messages, RFC 2637. */
#include "print/printer/printer.h"

enum kind {
        END,
        VERSION,    /* 2 bytes: "1.0" */
        NUMBER2,    /* 2 bytes */
        NUMBER4,    /* 4 bytes */
        MAP,        /* 4 bytes, in hex */
        RESERVED1,  /* 1 byte, not shown unless it is wrong */
        RESERVED2,  /* 2 bytes, likewise */
        RESULT,     /* 1 byte, with a name as RESULT_... has them */
        FRAMINGS,   /* 4 bytes of flags */
        BEARERS,    /* likewise */
        FRAMING,    /* 4 bytes: one of them */
        BEARER,     /* likewise */
        LENGTH,     /* 2 bytes, the size of a number to come */
        TELEPHONE,  /* 64 bytes, as many as LENGTH says */
        TEXT,       /* 64 bytes, up to a zero */
        STATISTICS, /* 128 bytes, likewise */
};

struct field {
        enum kind kind;
        const char *label;
        const struct name *names; /* of RESULT */
};

static const struct name errors[] = {
    {0, "None"},        {1, "Not-Connected"}, {2, "Bad-Format"}, {3, "Bad-Value"},
    {4, "No-Resource"}, {5, "Bad-Call-ID"},   {6, "PAC-Error"},  {0, NULL}};
static const struct name started[] = {
    {1, "Successful channel establishment"},
    {2, "General error"},
    {3, "Command channel already exists"},
    {4, "Requester is not authorized to establish a command channel"},
    {5, "The protocol version of the requester is not supported"},
    {0, NULL}};
static const struct name done[] = {{1, "OK"}, {2, "General Error"}, {0, NULL}};
static const struct name reasons[] = {
    {1, "None"}, {2, "Stop-Protocol"}, {3, "Stop-Local-Shutdown"}, {0, NULL}};
static const struct name called[] = {
    {1, "Connected"},    {2, "General Error"}, {3, "No Carrier"},    {4, "Busy"},
    {5, "No Dial Tone"}, {6, "Time-out"},      {7, "Do Not Accept"}, {0, NULL}};
static const struct name accepted[] = {
    {1, "Connect"}, {2, "General Error"}, {3, "Do Not Accept"}, {0, NULL}};
static const struct name ended[] = {
    {1, "Lost Carrier"}, {2, "General Error"}, {3, "Admin Shutdown"}, {4, "Request"}, {0, NULL}};

#define ERROR_CODE                         \
        {                                  \
                RESULT, "ERR_CODE", errors \
        }
#define END_FIELDS              \
        {                       \
                END, NULL, NULL \
        }

static const struct field start_request[] = {
    {VERSION, "PROTO_VER", NULL},  {RESERVED2, NULL, NULL},     {FRAMINGS, "FRAME_CAP", NULL},
    {BEARERS, "BEARER_CAP", NULL}, {NUMBER2, "MAX_CHAN", NULL}, {NUMBER2, "FIRM_REV", NULL},
    {TEXT, "HOSTNAME", NULL},      {TEXT, "VENDOR", NULL},      END_FIELDS};
static const struct field start_reply[] = {{VERSION, "PROTO_VER", NULL},
                                           {RESULT, "RESULT_CODE", started},
                                           ERROR_CODE,
                                           {FRAMINGS, "FRAME_CAP", NULL},
                                           {BEARERS, "BEARER_CAP", NULL},
                                           {NUMBER2, "MAX_CHAN", NULL},
                                           {NUMBER2, "FIRM_REV", NULL},
                                           {TEXT, "HOSTNAME", NULL},
                                           {TEXT, "VENDOR", NULL},
                                           END_FIELDS};
static const struct field stop_request[] = {
    {RESULT, "REASON", reasons}, {RESERVED1, NULL, NULL}, {RESERVED2, NULL, NULL}, END_FIELDS};
static const struct field stop_reply[] = {
    {RESULT, "RESULT_CODE", done}, ERROR_CODE, {RESERVED2, NULL, NULL}, END_FIELDS};
static const struct field echo_request[] = {{NUMBER4, "ID", NULL}, END_FIELDS};
static const struct field echo_reply[] = {{NUMBER4, "ID", NULL},
                                          {RESULT, "RESULT_CODE", done},
                                          ERROR_CODE,
                                          {RESERVED2, NULL, NULL},
                                          END_FIELDS};
static const struct field outgoing_request[] = {{NUMBER2, "CALL_ID", NULL},
                                                {NUMBER2, "CALL_SER_NUM", NULL},
                                                {NUMBER4, "MIN_BPS", NULL},
                                                {NUMBER4, "MAX_BPS", NULL},
                                                {BEARER, "BEARER_TYPE", NULL},
                                                {FRAMING, "FRAME_TYPE", NULL},
                                                {NUMBER2, "RECV_WIN", NULL},
                                                {NUMBER2, "PROC_DELAY", NULL},
                                                {LENGTH, "PHONE_NO_LEN", NULL},
                                                {RESERVED2, NULL, NULL},
                                                {TELEPHONE, "PHONE_NO", NULL},
                                                {TEXT, "SUB_ADDR", NULL},
                                                END_FIELDS};
static const struct field outgoing_reply[] = {
    {NUMBER2, "CALL_ID", NULL},      {NUMBER2, "PEER_CALL_ID", NULL},
    {RESULT, "RESULT_CODE", called}, ERROR_CODE,
    {NUMBER2, "CAUSE_CODE", NULL},   {NUMBER4, "CONN_SPEED", NULL},
    {NUMBER2, "RECV_WIN", NULL},     {NUMBER2, "PROC_DELAY", NULL},
    {NUMBER4, "PHY_CHAN_ID", NULL},  END_FIELDS};
static const struct field incoming_request[] = {
    {NUMBER2, "CALL_ID", NULL},      {NUMBER2, "CALL_SER_NUM", NULL},
    {BEARER, "BEARER_TYPE", NULL},   {NUMBER4, "PHY_CHAN_ID", NULL},
    {LENGTH, "DIALED_NO_LEN", NULL}, {LENGTH, "DIALING_NO_LEN", NULL},
    {TELEPHONE, "DIALED_NO", NULL},  {TELEPHONE, "DIALING_NO", NULL},
    {TEXT, "SUB_ADDR", NULL},        END_FIELDS};
static const struct field incoming_reply[] = {
    {NUMBER2, "CALL_ID", NULL},        {NUMBER2, "PEER_CALL_ID", NULL},
    {RESULT, "RESULT_CODE", accepted}, ERROR_CODE,
    {NUMBER2, "RECV_WIN", NULL},       {NUMBER2, "PROC_DELAY", NULL},
    {RESERVED2, NULL, NULL},           END_FIELDS};
static const struct field incoming_connected[] = {{NUMBER2, "PEER_CALL_ID", NULL},
                                                  {RESERVED2, NULL, NULL},
                                                  {NUMBER4, "CONN_SPEED", NULL},
                                                  {NUMBER2, "RECV_WIN", NULL},
                                                  {NUMBER2, "PROC_DELAY", NULL},
                                                  {FRAMING, "FRAME_TYPE", NULL},
                                                  END_FIELDS};
static const struct field clear_request[] = {
    {NUMBER2, "CALL_ID", NULL}, {RESERVED2, NULL, NULL}, END_FIELDS};
static const struct field disconnect[] = {{NUMBER2, "CALL_ID", NULL},
                                          {RESULT, "RESULT_CODE", ended},
                                          ERROR_CODE,
                                          {NUMBER2, "CAUSE_CODE", NULL},
                                          {RESERVED2, NULL, NULL},
                                          {STATISTICS, "CALL_STATS", NULL},
                                          END_FIELDS};
static const struct field wan_errors[] = {{NUMBER2, "PEER_CALL_ID", NULL},
                                          {RESERVED2, NULL, NULL},
                                          {NUMBER4, "CRC_ERR", NULL},
                                          {NUMBER4, "FRAMING_ERR", NULL},
                                          {NUMBER4, "HARDWARE_OVERRUN", NULL},
                                          {NUMBER4, "BUFFER_OVERRUN", NULL},
                                          {NUMBER4, "TIMEOUT_ERR", NULL},
                                          {NUMBER4, "ALIGN_ERR", NULL},
                                          END_FIELDS};
static const struct field set_link[] = {{NUMBER2, "PEER_CALL_ID", NULL},
                                        {RESERVED2, NULL, NULL},
                                        {MAP, "SEND_ACCM", NULL},
                                        {MAP, "RECV_ACCM", NULL},
                                        END_FIELDS};
static const struct field nothing[] = {END_FIELDS};

static const struct {
        const char *name;
        const struct field *fields;
} messages[] = {
    {"NOT_DEFINED", nothing},   {"SCCRQ", start_request},   {"SCCRP", start_reply},
    {"StopCCRQ", stop_request}, {"StopCCRP", stop_reply},   {"ECHORQ", echo_request},
    {"ECHORP", echo_reply},     {"OCRQ", outgoing_request}, {"OCRP", outgoing_reply},
    {"ICRQ", incoming_request}, {"ICRP", incoming_reply},   {"ICCN", incoming_connected},
    {"CCRQ", clear_request},    {"CDN", disconnect},        {"WEN", wan_errors},
    {"SLI", set_link}};

static void reserved_print(struct printer *printer, uint32_t value)
{
        if (value)
                put_damage(printer, " [ERROR: reserved=%u must be zero]", value);
}

/* " HOSTNAME(name)": at most `most` of `size` bytes, up to a zero. */
static void text_print(struct printer *printer, struct packet packet, uint32_t at, uint32_t most,
                       const char *label)
{
        putf(printer, " %s(", label);
        for (uint32_t i = 0; i < most; i++) {
                uint8_t c = get8(printer, packet, at + i);

                if (c == '\0')
                        break;
                put_visible(printer, c);
        }
        put_char(printer, ')');
}

static void flags_print(struct printer *printer, uint32_t value, char low, char high,
                        bool high_first)
{
        if (high_first && (value & 2))
                put_char(printer, high);
        if (value & 1)
                put_char(printer, low);
        if (!high_first && (value & 2))
                put_char(printer, high);
        put_char(printer, ')');
}

static void fields_print(struct printer *printer, struct packet packet, const struct field *field)
{
        enum { TEXT_SIZE = 64, STATISTICS_SIZE = 128 };
        static const struct name framings[] = {{1, "A"}, {2, "S"}, {3, "E"}, {0, NULL}};
        static const struct name bearers[] = {{1, "A"}, {2, "D"}, {3, "Any"}, {0, NULL}};
        uint32_t at = 12;
        uint16_t lengths[2] = {0, 0}; /* of telephone numbers, in the order they come in */
        unsigned known = 0, used = 0;

        for (; field->kind != END; field++) {
                uint32_t value = 0, size = 0;

                if (field->kind == FRAMINGS)
                        putf(printer, " %s(", field->label);
                switch (field->kind) {
                case RESULT:
                case RESERVED1:
                        size = 1;
                        value = get8(printer, packet, at);
                        break;
                case NUMBER2:
                case LENGTH:
                case VERSION:
                case RESERVED2:
                        size = 2;
                        value = get16(printer, packet, at);
                        break;
                case TEXT:
                case TELEPHONE: size = TEXT_SIZE; break;
                case STATISTICS: size = STATISTICS_SIZE; break;
                default: size = 4; value = get32(printer, packet, at);
                }
                switch (field->kind) {
                case VERSION:
                        putf(printer, " %s(%u.%u)", field->label, value >> 8, value & 0xff);
                        break;
                case LENGTH:
                        lengths[known++ & 1] = (uint16_t)value;
                        /* fall through */
                case NUMBER2:
                case NUMBER4: putf(printer, " %s(%u)", field->label, value); break;
                case MAP: putf(printer, " %s(0x%08x)", field->label, value); break;
                case RESULT:
                        putf(printer, " %s(%u", field->label, value);
                        if (printer->options.verbose)
                                putf(printer, ":%s", name_or(field->names, value, "?"));
                        put_char(printer, ')');
                        break;
                case FRAMINGS: flags_print(printer, value, 'A', 'S', false); break;
                case BEARERS:
                        putf(printer, " %s(", field->label);
                        flags_print(printer, value, 'A', 'D', true);
                        break;
                case FRAMING:
                        putf(printer, " %s(%s)", field->label, name_or(framings, value, "?"));
                        break;
                case BEARER:
                        putf(printer, " %s(%s)", field->label, name_or(bearers, value, "?"));
                        break;
                case TELEPHONE: {
                        uint16_t length = lengths[used++ & 1];

                        text_print(printer, packet, at, length < size ? length : size,
                                   field->label);
                        break;
                }
                case TEXT:
                case STATISTICS: text_print(printer, packet, at, size, field->label); break;
                default: reserved_print(printer, value);
                }
                at += size;
        }
}

void pptp_print(struct printer *printer, struct packet packet)
{
        enum { COOKIE = 0x1a2b3c4d, CONTROL = 1, MANAGEMENT = 2 };
        uint16_t length, kind, type;
        uint32_t cookie;

        printer->protocol = "pptp";
        put(printer, ": pptp");
        length = get16(printer, packet, 0);
        if (printer->options.verbose)
                putf(printer, " Length=%u", length);
        kind = get16(printer, packet, 2);
        if (printer->options.verbose)
                put(printer, kind == CONTROL      ? " CTRL-MSG"
                             : kind == MANAGEMENT ? " MGMT-MSG"
                                                  : " UNKNOWN-MSG-TYPE");
        cookie = get32(printer, packet, 4);
        if (cookie != COOKIE)
                putf(printer, " UNEXPECTED Magic-Cookie!!(%08x)", cookie);
        if (printer->options.verbose || cookie != COOKIE)
                putf(printer, " Magic-Cookie=%08x", cookie);
        type = get16(printer, packet, 8);
        if (type < sizeof messages / sizeof *messages)
                putf(printer, " CTRL_MSGTYPE=%s", messages[type].name);
        else
                putf(printer, " UNKNOWN_CTRL_MSGTYPE(%u)", type);
        reserved_print(printer, get16(printer, packet, 10));
        if (type < sizeof messages / sizeof *messages)
                fields_print(printer, packet, messages[type].fields);
}
