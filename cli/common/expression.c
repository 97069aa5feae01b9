/* Filter expressions, and other text, from the command line or a file. */
#include "base/text.h"
#include "cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *join_words(int count, char *const *words)
{
        struct text joined = {0};

        for (int i = 0; i < count; i++) {
                if (i > 0)
                        text_char(&joined, ' ');
                text_string(&joined, words[i]);
        }
        return text_take(&joined);
}

/* A file that never ends, such as /dev/zero, must not take all memory. */
enum { MAX_TEXT = 64 << 20, MAX_SET = 1 << 30, PIECE = 1 << 16 };

/* All of `file` as a string, or somewhat more than `most` bytes of it; NULL with errno set if it
 * cannot be read. */
static char *read_text(FILE *file, size_t *length, size_t most)
{
        struct text text = {0};
        size_t got;

        do {
                char *at = text_room(&text, PIECE);

                got = at ? fread(at, 1, PIECE, file) : 0;
                text.length += got;
        } while (got > 0 && text.length <= most);
        *length = text.length;
        if (!ferror(file))
                return text_take(&text);
        text_free(&text);
        return NULL;
}

/* In other words than filt's, if there are some for this. `name` is that of the file. */
static bool refused_file(struct error *error, const char *option, const char *what,
                         const char *name)
{
        char row[32];

        snprintf(row, sizeof row, "%s%s", option, what);
        return refused_in(error, row, name);
}

/* Fills `error` and returns a status if what was read, or not, as `text` is none for `option`. */
static int check_text(const char *option, const char *name, const char *content, bool opened,
                      const char *text, size_t length, struct error *error)
{
        const char *nul;

        if (!text) {
                if (errno == ENOMEM)
                        error_memory(error);
                else if (!refused_file(error, option, opened ? " unread" : "", name))
                        error_set(error, "%s: %s", name, strerror(errno));
                return STATUS_FAILED;
        }
        nul = memchr(text, '\0', length);
        if (strspn(text, " \t\r\n") == length) {
                if (!refused_file(error, option, " empty", name))
                        error_set(error, "%s: the file is empty; it should hold %s", name, content);
        } else if (nul)
                error_set(error, "%s: byte %zu is NUL, so this is no text; it should hold %s", name,
                          (size_t)(nul - text), content);
        else if (length > MAX_TEXT)
                error_set(error, "%s: the file has more than %d bytes; it should hold %s", name,
                          MAX_TEXT, content);
        else
                return GO_ON;
        return STATUS_USAGE;
}

int read_text_file(const char *option, const char *path, const char *content, char **text,
                   struct error *error)
{
        bool standard_input = !error && strcmp(path, "-") == 0;
        const char *name = standard_input ? "standard input" : path;
        FILE *file = standard_input ? stdin : fopen(path, "re");
        size_t length = 0;
        struct error fault;
        int status;

        *text = file ? read_text(file, &length, MAX_TEXT) : NULL;
        status = check_text(option, name, content, file != NULL, *text, length, &fault);
        if (file && file != stdin)
                fclose(file);
        if (status == GO_ON)
                return GO_ON;
        free(*text);
        *text = NULL;
        if (error)
                *error = fault;
        else
                complain_error(&fault);
        return status;
}

/* A comment begins with # and ends with its line. */
static void blank_comments(char *text)
{
        for (; (text = strchr(text, '#')); text += strspn(text, " "))
                memset(text, ' ', strcspn(text, "\n"));
}

/* Puts the expression into the word that --deep stands for. */
static int deepen(char **expression)
{
        struct error error;
        char *deep = cbpf_deepen(*expression, &error);

        if (!deep)
                return complain_filter(*expression, &error);
        free(*expression);
        *expression = deep;
        return GO_ON;
}

int read_expression(const struct words *words, const char *file, const char *program, bool deep,
                    char **expression, struct error *late)
{
        const char *source = program ? "--program gives the filter" : "-F gives the expression";
        int status;

        if ((program || file) && words->count > 0)
                return complain_usage("%s; '%s' is one too many", source, words->words[0]);
        if (!file) {
                *expression = join_words(words->count, words->words);
                if (!*expression)
                        return out_of_memory();
                return deep ? deepen(expression) : GO_ON;
        }
        status = read_text_file("-F", file, "a filter expression", expression, late);
        if (status != GO_ON && late) {
                *expression = strdup("");
                return *expression ? GO_ON : out_of_memory();
        }
        if (status != GO_ON)
                return status;
        blank_comments(*expression);
        return deep ? deepen(expression) : GO_ON;
}

/* What is rather an address, a network, a range or a port than the name of a file. */
static bool looks_like_value(const char *name)
{
        return name[strspn(name, "0123456789abcdefABCDEF.:/-")] == '\0' &&
               strpbrk(name, "0123456789:") != NULL;
}

/* A cbpf_set_reader. */
static int read_set(void *context, const char *name, char **text, size_t *length,
                    struct error *error)
{
        FILE *file = fopen(name, "re");

        (void)context;
        *text = file ? read_text(file, length, MAX_SET) : NULL;
        if (file)
                fclose(file);
        if (!*text && errno == ENOMEM)
                return error_memory(error);
        if (!*text && errno == ENOENT && looks_like_value(name))
                return error_set(error,
                                 "there is no file %.200s; values stand in braces: 'in {%.200s}'",
                                 name, name);
        if (!*text)
                return error_set(error, "%.200s: %s", name, strerror(errno));
        if (*length <= MAX_SET)
                return 0;
        free(*text);
        return error_set(error, "%.200s: the file has more than %d MiB", name, MAX_SET >> 20);
}

int try_to_read_sets(const char *expression, struct cbpf_sets **sets, struct error *error)
{
        return cbpf_sets_new(expression, read_set, NULL, sets, error);
}

int read_sets(const char *expression, struct cbpf_sets **sets)
{
        struct error error;

        *sets = NULL;
        if (!expression || try_to_read_sets(expression, sets, &error) == 0)
                return GO_ON;
        return complain_filter(expression, &error);
}

bool is_same_file(const char *path, const char *input)
{
        struct stat in, out;

        return stat(path, &out) == 0 && S_ISREG(out.st_mode) &&
               (strcmp(input, "-") == 0 ? fstat(STDIN_FILENO, &in) : stat(input, &in)) == 0 &&
               in.st_dev == out.st_dev && in.st_ino == out.st_ino;
}

bool would_overwrite(const char *path, const char *input)
{
        if (!input || !is_same_file(path, input))
                return false;
        complain("%s: is the file being read; write to another one", path);
        return true;
}
