/* -E and -M: the secrets that packets are decrypted and checked with. They are read before the
 * first packet: files cannot be opened once the sandbox is entered. */
#include "base/array.h"
#include "capture.h"

#include <stdlib.h>
#include <string.h>

/* What messages name in place of a secret. */
struct place {
        const char *file; /* NULL: the option itself */
        unsigned number;  /* of the line or secret, from 1 on */
};

static void say_unusable(const struct place *place, bool warning, const char *message)
{
        complain("%s%s, %s %u: %s", warning ? "warning: " : "",
                 place->file ? place->file : "option -E", place->file ? "line" : "secret",
                 place->number, message);
}

/* As in tcpdump, one that cannot be used is left out, unless its hex digits are wrong. */
static int add_secret(struct print_secrets *secrets, const char *text, const struct place *place)
{
        struct error error = {.kind = 0};

        if (print_secrets_add(secrets, text, &error) == 0)
                return GO_ON;
        if (error.kind == ERROR_MEMORY)
                return out_of_memory();
        say_unusable(place, error.kind != PRINT_NOT_HEX, error.message);
        return error.kind == PRINT_NOT_HEX ? STATUS_USAGE : GO_ON;
}

static int add_line(struct print_secrets *secrets, const char *line, const struct place *place)
{
        static const char exchange[] = "ikev2 ";

        if (!*line || *line == '#')
                return GO_ON;
        if (strncmp(line, exchange, strlen(exchange)) == 0) {
                say_unusable(place, true, "keys of IKEv2 are not used");
                return GO_ON;
        }
        return add_secret(secrets, line, place);
}

/* A secret a line. */
static int add_file(struct print_secrets *secrets, const char *name)
{
        struct place place = {.file = name};
        char *text, *rest, *line;
        int status = read_text_file("-E", name, "secrets of ESP, one a line", &text);
        size_t length;

        if (status != GO_ON)
                return status;
        length = strlen(text);
        for (rest = text; status == GO_ON && (line = strsep(&rest, "\n"));) {
                line[strcspn(line, "\r")] = '\0';
                place.number++;
                status = add_line(secrets, line, &place);
        }
        explicit_bzero(text, length);
        free(text);
        return status;
}

/* Several, with commas or line breaks between. */
static int add_list(struct print_secrets *secrets, const char *list)
{
        static const char file[] = "file ";
        struct place place = {.file = NULL};
        char *copy = strdup(list);
        char *rest = copy;
        char *text;
        int status = GO_ON;

        if (!copy)
                return out_of_memory();
        while (status == GO_ON && (text = strsep(&rest, ",\n"))) {
                if (!*text)
                        continue;
                place.number++;
                if (strncmp(text, file, strlen(file)) == 0)
                        status = add_file(secrets, text + strlen(file));
                else
                        status = add_secret(secrets, text, &place);
        }
        free(copy);
        return status;
}

int read_secrets(struct capture_command *command)
{
        struct print_options *printing = &command->printing;
        struct error error;
        int status = GO_ON;

        if (command->secret_count == 0 && !printing->digest_secret)
                return GO_ON;
        printing->secrets = print_secrets_new(&error);
        if (!printing->secrets && error.kind == ERROR_MEMORY)
                return out_of_memory();
        if (!printing->secrets)
                return complain("option %s: %s", command->secret_count > 0 ? "-E" : "-M",
                                error.message);
        for (size_t i = 0; i < command->secret_count && status == GO_ON; i++)
                status = add_list(printing->secrets, command->secrets[i]);
        return status;
}
