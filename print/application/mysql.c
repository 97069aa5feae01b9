/* MySQL's and MariaDB's protocol, https://dev.mysql.com/doc/dev/mysql-server/latest: the greeting,
 * the answer to it, commands and errors. Numbers have the low byte first. Which end the server is,
 * its port tells. */
#include "cursor.h"

enum { PORT = 3306, HEADER = 4, PROTOCOL = 10, OK = 0, END = 0xfe, ERROR = 0xff };
enum capability { WITH_DATABASE = 8, VERSION_41 = 0x200, USE_TLS = 0x800 };
enum command {
        QUERY = 3,
        PREPARE = 0x16,
        INIT_DATABASE = 2,
        DROP_DATABASE = 6,
        CREATE_DATABASE = 5
};

static const struct name command_names[] = {{0, "sleep"},
                                            {1, "quit"},
                                            {INIT_DATABASE, "use"},
                                            {QUERY, "query"},
                                            {4, "list fields"},
                                            {CREATE_DATABASE, "create database"},
                                            {DROP_DATABASE, "drop database"},
                                            {7, "refresh"},
                                            {8, "shutdown"},
                                            {9, "statistics"},
                                            {10, "list processes"},
                                            {12, "kill"},
                                            {13, "debug"},
                                            {14, "ping"},
                                            {17, "change user"},
                                            {18, "dump log"},
                                            {21, "register replica"},
                                            {PREPARE, "prepare"},
                                            {0x17, "execute"},
                                            {0x18, "long data"},
                                            {0x19, "close statement"},
                                            {0x1a, "reset statement"},
                                            {0x1b, "set option"},
                                            {0x1c, "fetch"},
                                            {0x1f, "reset connection"},
                                            {0, NULL}};

static uint32_t little_read(struct cursor *at, uint32_t size)
{
        struct packet part = cursor_part(at, size);
        uint32_t value = 0;

        for (uint32_t i = part.captured; i-- > 0;)
                value = value << 8 | part.data[i];
        return value;
}

static void greeting_print(struct printer *printer, struct cursor *at)
{
        cursor_8(at);
        put_as(printer, ROLE_PROTOCOL, "greeting");
        put(printer, ", version");
        put_text_part(printer, cursor_text(at));
        putf(printer, ", connection %u", little_read(at, 4));
}

/* What follows the capabilities is encrypted where TLS was chosen. */
static void answer_print(struct printer *printer, struct cursor *at)
{
        enum { FIXED = 28 };
        uint32_t capabilities = little_read(at, 4);
        struct packet user;

        cursor_part(at, FIXED);
        if (capabilities & USE_TLS && at->rest.length == 0) {
                put(printer, "TLS request");
                return;
        }
        user = cursor_text(at);
        put_as(printer, ROLE_PROTOCOL, "login");
        put(printer, ", user");
        put_text_part(printer, user);
        cursor_vector(at, 1); /* a proof of the password */
        if (capabilities & WITH_DATABASE && at->rest.captured > 0) {
                put(printer, ", database");
                put_text_part(printer, cursor_text(at));
        }
}

static void error_print(struct printer *printer, struct cursor *at)
{
        cursor_8(at);
        putf_as(printer, ROLE_REFUSAL, "error %u", little_read(at, 2));
        if (has(at->rest, 0, 1) && at->rest.data[0] == '#') {
                cursor_8(at);
                put_char(printer, ' ');
                put_part(printer, cursor_part(at, 5)); /* SQLSTATE */
        }
        put_text_part(printer, at->rest);
}

static void server_print(struct printer *printer, uint8_t number, uint8_t first, struct cursor *at)
{
        if (number == 0 && first == PROTOCOL)
                greeting_print(printer, at);
        else if (first == ERROR)
                error_print(printer, at);
        else if (first == OK)
                put(printer, "ok");
        else if (first == END && at->rest.length < 9)
                put(printer, "end");
        else if (number == 1 && at->rest.length <= 2)
                putf(printer, "result, %u columns", first);
        else
                putf(printer, "response %u", number);
}

static void client_print(struct printer *printer, uint8_t number, uint8_t first, struct cursor *at)
{
        if (number > 0) {
                if (number == 1 && at->rest.length >= 32)
                        answer_print(printer, at);
                else
                        putf(printer, "packet %u", number);
                return;
        }
        cursor_8(at);
        put_name_as(printer, ROLE_PROTOCOL, command_names, "command %u", first);
        if (first == QUERY || first == PREPARE || first == INIT_DATABASE ||
            first == CREATE_DATABASE || first == DROP_DATABASE)
                put_text_part(printer, at->rest);
}

void mysql_print(struct printer *printer, struct packet packet)
{
        bool from_server = printer->source_port == PORT;
        bool all = printer->options.verbose, first_one = true;

        printer->protocol = "mysql";
        while (has(packet, 0, HEADER + 1)) {
                struct cursor at = cursor_of(packet);
                uint32_t length = little_read(&at, 3);
                uint8_t number = cursor_8(&at), first = packet.data[HEADER];
                struct cursor content;

                /* In the middle of a packet there is no sense in it; nor is there in most of those
                 * that a result has. */
                if (length == 0 || (first_one && length > at.rest.length))
                        return;
                content = cursor_of(
                    packet_cut(at.rest, length < at.rest.length ? length : at.rest.length));
                if (first_one)
                        put_protocol(printer, "MySQL");
                else
                        put(printer, "; ");
                first_one = false;
                if (from_server)
                        server_print(printer, number, first, &content);
                else
                        client_print(printer, number, first, &content);
                if (!all && from_server && packet_from(at.rest, length).length > 0) {
                        putf(printer, "; %u more bytes", packet_from(at.rest, length).length);
                        return;
                }
                packet = packet_from(at.rest, length);
        }
}
