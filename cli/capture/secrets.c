/* -E and -M: the secrets that packets are decrypted and checked with. They are read before the
 * first packet: files cannot be opened once the sandbox is entered. As tcpdump, filt says what is
 * wrong with them at the first packet that they may be for. */
#include "capture.h"

#include "base/text.h"

#include <errno.h>
#include <stdio.h>

#include <stdlib.h>
#include <string.h>

enum { TCPDUMP_NO_FILE = 13, TCPDUMP_NO_HEX = 15 }; /* statuses */

/* Where a secret stands, for messages of filt, which do not show it. */
struct place {
        const char *file; /* NULL: the option itself */
        unsigned number;  /* of the line or secret, from 1 on */
};

/* What is said of each fault, and by tcpdump, which shows the part that has it. */
static const struct {
        const char *filts, *tcpdumps; /* NULL: nothing */
        int status;                   /* it ends filt with; GO_ON: the secret is left out */
        int tcpdumps_status;
} faults[] = {
    [PRINT_SECRET_NO_AT] = {"no '@' between the SPI and the address",
                            "WARNING: print_esp: failed to decode spi# %.*s", GO_ON, GO_ON},
    [PRINT_SECRET_SPI] = {"the SPI in front of the '@' is not a number",
                          "WARNING: print_esp: failed to decode spi# %.*s", GO_ON, GO_ON},
    [PRINT_SECRET_ADDRESS] = {"what follows the '@' is not an IP address",
                              "WARNING: print_esp: can not decode IP# %.*s", GO_ON, GO_ON},
    [PRINT_SECRET_NO_COLON] = {"no ':' between the algorithm and the secret",
                               "WARNING: failed to decode espsecret: %.*s", GO_ON, GO_ON},
    [PRINT_SECRET_ALGORITHM] = {"the algorithm in front of the ':' is not known; 3des-cbc, "
                                "aes128-cbc, aes256-cbc and none are",
                                "WARNING: failed to find cipher algo %.*s", GO_ON, GO_ON},
    [PRINT_SECRET_NO_DIGITS] = {"no hex digits follow 0x", NULL, GO_ON, GO_ON},
    [PRINT_SECRET_WRONG_DIGIT] = {"the secret begins with 0x, but is not all hex digits",
                                  "invalid hex digit %.*s in espsecret", STATUS_USAGE,
                                  TCPDUMP_NO_HEX},
};

/* "file NAME" in a list: the name, else NULL. */
static const char *named_file(const char *text)
{
        return strncmp(text, "file ", 5) == 0 ? text + 5 : NULL;
}

static bool is_for_exchange(const char *text)
{
        return strncasecmp(text, "ikev2", 5) == 0 && (text[5] == ' ' || text[5] == '\t');
}

/* ---- As filt: at once, and without a secret in it ---- */

static void say_unusable(const struct place *place, bool warning, const char *message)
{
        complain("%s%s, %s %u: %s", warning ? "warning: " : "",
                 place->file ? place->file : "option -E", place->file ? "line" : "secret",
                 place->number, message);
}

static int add_secret(struct print_secrets *secrets, const char *text, const struct place *place)
{
        struct print_secret_part part;
        enum print_secret_fault fault = print_secrets_add(secrets, text, false, &part);

        if (fault == PRINT_SECRET_FINE)
                return GO_ON;
        if (fault == PRINT_SECRET_MEMORY)
                return out_of_memory();
        say_unusable(place, faults[fault].status == GO_ON, faults[fault].filts);
        return faults[fault].status;
}

static int add_line(struct print_secrets *secrets, const char *line, const struct place *place)
{
        if (!*line || *line == '#')
                return GO_ON;
        if (is_for_exchange(line)) {
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
        int status = read_text_file("-E", name, "secrets of ESP, one a line", &text, NULL);
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
                if (named_file(text))
                        status = add_file(secrets, named_file(text));
                else
                        status = add_secret(secrets, text, &place);
        }
        free(copy);
        return status;
}
/* ---- As tcpdump: later ---- */

/* What is to be said, a line each, and the status to exit with then, or GO_ON. */
struct late_faults {
        struct print_secrets *secrets;
        struct text lines;
        int status;
};

static void late_line(struct late_faults *late, const char *line, const char *file, unsigned number)
{
        struct print_secret_part part;
        enum print_secret_fault fault;

        if (is_for_exchange(line)) {
                text_format(&late->lines,
                            "WARNING: print_esp: failed to find all fields for ikev2 at %s:%u\n",
                            file ? file : "cmdline", number);
                return;
        }
        fault = print_secrets_add(late->secrets, line, true, &part);
        if (fault == PRINT_SECRET_MEMORY)
                late->lines.failed = true;
        else if (fault != PRINT_SECRET_FINE && faults[fault].tcpdumps) {
                text_format(&late->lines, faults[fault].tcpdumps, (int)part.length,
                            line + part.from);
                text_char(&late->lines, '\n');
                late->status = faults[fault].tcpdumps_status;
        }
}

static void late_file(struct late_faults *late, const char *name)
{
        char line[1024]; /* longer ones are several */
        unsigned number = 0;
        FILE *file = fopen(name, "re");

        if (!file) {
                text_format(&late->lines, "esp_print_decode_onesecret: can't open %s: %s\n", name,
                            strerror(errno));
                late->status = TCPDUMP_NO_FILE;
                return;
        }
        while (late->status == GO_ON && fgets(line, sizeof line, file)) {
                number++;
                line[strcspn(line, "\n")] = '\0';
                if (*line && *line != '#')
                        late_line(late, line, name, number);
        }
        explicit_bzero(line, sizeof line);
        fclose(file);
}

static void late_list(struct late_faults *late, const char *list)
{
        while (*list && late->status == GO_ON && !late->lines.failed) {
                size_t length = strcspn(list, ",\n");
                char *text = strndup(list, length);

                if (!text)
                        late->lines.failed = true;
                else if (named_file(text))
                        late_file(late, named_file(text));
                else
                        late_line(late, text, NULL, 0);
                free(text);
                list += length + (list[length] != '\0');
        }
}

/* Of print_options: says what is late. */
static bool say_late(void *context)
{
        struct late_faults *late = context;
        char *rest = late->lines.start, *line;

        while (rest && (line = strsep(&rest, "\n")) && *line)
                complain("%s", line);
        return late->status == GO_ON;
}

int late_status(const struct capture_command *command)
{
        return command->late ? command->late->status : GO_ON;
}

void late_faults_free(struct late_faults *late)
{
        if (late)
                text_free(&late->lines);
        free(late);
}

/* Of several -E, the last one counts. */
static int read_late(struct capture_command *command)
{
        struct late_faults *late = calloc(1, sizeof *late);

        if (!late)
                return out_of_memory();
        command->late = late;
        late->secrets = command->printing.secrets;
        late->status = GO_ON;
        late_list(late, command->secrets[command->secret_count - 1]);
        text_char(&late->lines, '\0');
        command->printing.before_secrets = say_late;
        command->printing.secrets_context = late;
        return late->lines.failed ? out_of_memory() : GO_ON;
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
        if (command->habits->late_secrets && command->secret_count > 0)
                return read_late(command);
        for (size_t i = 0; i < command->secret_count && status == GO_ON; i++)
                status = add_list(printing->secrets, command->secrets[i]);
        return status;
}
