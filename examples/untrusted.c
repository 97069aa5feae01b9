/* untrusted: compiles expressions of strangers, a line each, and prints the program of each, or
 * what is wrong with it and where. Whatever they write, compiling takes little time and memory,
 * opens no file, and asks no name server: the limits below say so.
 *
 *      cc untrusted.c $(pkg-config --cflags --libs libfilt) -o untrusted */
#include <filt.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
        MAX_LENGTH = 4096,       /* bytes of text: some ten milliseconds, at worst */
        MAX_INSTRUCTIONS = 4096, /* as many as a socket takes */
};

/* Shows the part of the line that the error is about. */
static void complain(const char *line, const struct filt_error *error)
{
        printf("%s\n", error->message);
        if (error->offset == FILT_NO_OFFSET)
                return;
        printf("    %s\n    %*s", line, (int)error->offset, "");
        for (size_t i = 0; i < error->length; i++)
                putchar('^');
        putchar('\n');
}

int main(void)
{
        struct filt_options options = FILT_OPTIONS;
        char *line = NULL;
        size_t room = 0;
        int failed = 0;

        options.max_length = MAX_LENGTH;
        options.max_instructions = MAX_INSTRUCTIONS;
        options.flags = FILT_NO_NAMES | FILT_NO_LIBPCAP; /* and no read_set(): no files */
        while (getline(&line, &room, stdin) > 0) {
                struct filt_error error;
                struct filt_filter *filter;
                char *text;

                line[strcspn(line, "\n")] = '\0';
                filter = filt_compile(line, &options, &error);
                text = filter ? filt_text(filter, FILT_BYTECODE, &error) : NULL;
                if (text)
                        fputs(text, stdout);
                else
                        complain(line, &error);
                failed |= !text;
                filt_free_text(text);
                filt_free(filter);
        }
        free(line);
        return failed;
}
