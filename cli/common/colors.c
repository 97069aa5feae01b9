/* Whether output gets colours, which, and printing in them. */
#include "cli.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct colors *colors; /* of standard output */

/* https://no-color.org for those who never want any. */
static bool wants_colors(int choice, int output)
{
        const char *never = getenv("NO_COLOR");
        const char *terminal = getenv("TERM");

        if (choice != COLOR_AUTO)
                return choice == COLOR_ALWAYS;
        return isatty(output) && !(never && *never) && terminal && strcmp(terminal, "dumb") != 0;
}

const struct colors *choose_colors(int choice, int output)
{
        static struct colors chosen;

        colors = NULL;
        if (wants_colors(choice, output)) {
                colors_read(&chosen, getenv("FILT_COLORS"));
                colors = &chosen;
        }
        return colors;
}

void print_as(enum role role, const char *format, ...)
{
        const char *sgr = colors ? colors->sgr[role] : "";
        va_list arguments;

        va_start(arguments, format);
        if (*sgr)
                printf("\033[%sm", sgr);
        vprintf(format, arguments);
        if (*sgr)
                fputs(COLORS_END, stdout);
        va_end(arguments);
}

void print_listed(const struct bpf_insn *instruction, const char *line)
{
        int number = (int)strcspn(line, " "), mnemonic;

        print_as(ROLE_NUMBERING, "%.*s", number, line);
        line += number;
        mnemonic = (int)(strspn(line, " ") + strcspn(line + strspn(line, " "), " "));
        print_as(ROLE_OPERATION, "%.*s", mnemonic, line);
        line += mnemonic;
        if (instruction->code == (BPF_RET | BPF_K))
                print_as(instruction->k ? ROLE_ACCEPTANCE : ROLE_REFUSAL, "%s", line);
        else
                fputs(line, stdout);
}

/* The length of a label that a line begins with, "  12:", "(012)"; 0 without one. */
static int label_length(const char *line)
{
        size_t length = strspn(line, " ");

        length += strspn(line + length, "(0123456789abcdefn");
        return line[length] == ':' || line[length] == ')' ? (int)length + 1 : 0;
}

void print_labelled(const char *text)
{
        while (*text) {
                const char *end = strchrnul(text, '\n');
                int label = label_length(text);

                if (label > 0)
                        print_as(ROLE_NUMBERING, "%.*s", label, text);
                printf("%.*s", (int)(end - text) - label, text + label);
                text = end;
                if (*text) {
                        putchar('\n');
                        text++;
                }
        }
}
