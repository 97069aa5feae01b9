/* Zephyr, MIT's notification service: notices, which are strings with zeros between. */
#include "print/printer/printer.h"

#include <stdlib.h>

/* The fields of a notice that are shown, by their place in it. */
enum field { VERSION, KIND = 2, CLASS = 8, INSTANCE, OPCODE, SENDER, RECIPIENT, DATA = 17 };

enum { FIELDS = DATA + 3, SERVER_ACKNOWLEDGMENT = 5 };

/* A field's text, without its zero. */
struct string {
        const uint8_t *text;
        uint32_t length;
};

struct notice {
        struct packet packet;
        uint32_t at; /* of the next field */
        struct string fields[FIELDS];
        unsigned count;
};

static bool is(struct string string, const char *text)
{
        return string.length == strlen(text) && memcmp(string.text, text, string.length) == 0;
}

/* Reads strings until there are `count`. False if the packet ends before; one without a zero is
 * none. */
static bool notice_read(struct printer *printer, struct notice *notice, unsigned count)
{
        while (notice->count < count) {
                uint32_t start = notice->at, end = start;

                while (end < notice->packet.length && get8(printer, notice->packet, end) != 0)
                        end++;
                if (end >= notice->packet.length)
                        return false;
                notice->fields[notice->count++] =
                    (struct string){notice->packet.data + start, end - start};
                notice->at = end + 1;
        }
        return true;
}

static void put_string(struct printer *printer, struct string string)
{
        for (uint32_t i = 0; i < string.length; i++)
                put_visible(printer, string.text[i]);
}

static void put_lower(struct printer *printer, struct string string)
{
        for (uint32_t i = 0; i < string.length; i++)
                put_visible(printer, (uint8_t)(string.text[i] >= 'A' && string.text[i] <= 'Z'
                                                   ? string.text[i] - 'A' + 'a'
                                                   : string.text[i]));
}

static void put_recipient(struct printer *printer, struct string recipient)
{
        if (recipient.length == 0)
                put_char(printer, '*');
        else
                put_string(printer, recipient);
}

/* The first of a list of what is subscribed to. */
static void subscription_print(struct printer *printer, struct notice *notice, const char *name)
{
        put(printer, name);
        if (!notice_read(printer, notice, DATA + 3))
                return;
        put(printer, " <");
        put_string(printer, notice->fields[DATA]);
        put_char(printer, ',');
        put_string(printer, notice->fields[DATA + 1]);
        put_char(printer, ',');
        put_recipient(printer, notice->fields[DATA + 2]);
        put_char(printer, '>');
}

static void client_control_print(struct printer *printer, struct notice *notice)
{
        struct string opcode = notice->fields[OPCODE];

        if (is(opcode, "SUBSCRIBE")) {
                subscription_print(printer, notice, " sub");
        } else if (is(opcode, "UNSUBSCRIBE")) {
                subscription_print(printer, notice, " unsub");
        } else if (is(opcode, "GIMME")) {
                put(printer, " ret");
        } else if (is(opcode, "GIMMEDEFS")) {
                put(printer, " gimme-defs");
        } else if (is(opcode, "CLEARSUB")) {
                put(printer, " clear-subs");
        } else {
                put_char(printer, ' ');
                put_lower(printer, opcode);
        }
}

/* True if the notice was one of control. */
static bool control_print(struct printer *printer, struct notice *notice)
{
        struct string class = notice->fields[CLASS], instance = notice->fields[INSTANCE];
        struct string opcode = notice->fields[OPCODE];

        if (is(class, "ZEPHYR_CTL") && is(instance, "CLIENT")) {
                client_control_print(printer, notice);
        } else if (is(class, "ZEPHYR_CTL") && is(instance, "HM")) {
                put_char(printer, ' ');
                put_lower(printer, opcode);
        } else if (is(class, "ZEPHYR_CTL") && is(instance, "REALM")) {
                if (is(opcode, "ADD_SUBSCRIBE"))
                        put(printer, " realm add-subs");
        } else if (is(class, "HM_CTL")) {
                put(printer, " hm_ctl ");
                put_lower(printer, instance);
                put_char(printer, ' ');
                put_lower(printer, opcode);
        } else if (is(class, "ZEPHYR_ADMIN")) {
                put(printer, " zephyr-admin ");
                put_lower(printer, opcode);
        } else if (is(class, "USER_LOCATE") && is(opcode, "USER_HIDE")) {
                put(printer, " hide");
        } else if (is(class, "USER_LOCATE") && is(opcode, "USER_UNHIDE")) {
                put(printer, " unhide");
        } else if (is(class, "USER_LOCATE")) {
                put(printer, " locate ");
                put_string(printer, instance);
        } else {
                return false;
        }
        return true;
}

/* A number in hex, as strtol() reads it. */
static int number_of(struct string string)
{
        char text[64];
        size_t length = string.length < sizeof text - 1 ? string.length : sizeof text - 1;

        memcpy(text, string.text, length);
        text[length] = '\0';
        return (int)strtol(text, NULL, 16);
}

static void kind_print(struct printer *printer, struct notice *notice)
{
        static const struct name kinds[] = {
            {0, "unsafe"},   {1, "unacked"},  {2, "acked"},      {3, "hm-ack"}, {4, "hm-ctl"},
            {5, "serv-ack"}, {6, "serv-nak"}, {7, "client-ack"}, {8, "stat"},   {0, NULL}};
        int kind = number_of(notice->fields[KIND]);

        put_char(printer, ' ');
        put_name(printer, kinds, "type %d", (uint32_t)kind);
        if (kind == SERVER_ACKNOWLEDGMENT && notice_read(printer, notice, DATA + 1)) {
                put_char(printer, '/');
                put_lower(printer, notice->fields[DATA]);
        }
        if (notice->fields[SENDER].length == 0)
                return;
        put_char(printer, ' ');
        put_string(printer, notice->fields[SENDER]);
}

void zephyr_print(struct printer *printer, struct packet packet)
{
        static const char prefix[] = "ZEPH";
        struct notice notice = {.packet = packet};
        struct string version, opcode;

        printer->protocol = "zephyr";
        if (!notice_read(printer, &notice, 1)) {
                put_invalid(printer);
                return;
        }
        version = notice.fields[VERSION];
        if (version.length < 4 || memcmp(version.text, prefix, 4) != 0)
                return;
        if (!notice_read(printer, &notice, DATA)) {
                put_invalid(printer);
                return;
        }
        put(printer, " zephyr");
        if (version.length < 7 || memcmp(version.text + 4, "0.2", 3) != 0) {
                put(printer, " v");
                put_string(printer, (struct string){version.text + 4, version.length - 4});
                return;
        }
        opcode = notice.fields[OPCODE];
        kind_print(printer, &notice);
        if (control_print(printer, &notice))
                return;
        put(printer, " to <");
        put_string(printer, notice.fields[CLASS]);
        put_char(printer, ',');
        put_string(printer, notice.fields[INSTANCE]);
        put_char(printer, ',');
        put_recipient(printer, notice.fields[RECIPIENT]);
        put_char(printer, '>');
        if (opcode.length > 0) {
                put(printer, " op ");
                put_string(printer, opcode);
        }
}
