/* Lines from a terminal: editing, history and completion by libedit, which is loaded here and not
 * linked, so that no other run of filt pays for it. No file of the user's is read for it, and none
 * is written.
 *
 * While a line is edited, Ctrl-C and Ctrl-Z are keys like others and obeyed here: libedit's own way
 * sends signals, which the sandbox does not allow. While a command runs, they are the terminal's.
 */
#include "base/array.h"
#include "base/lazy.h"
#include "debug.h"

#include <dlfcn.h>
#include <histedit.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LIBRARY "libedit.so.2"

enum { KEPT = 500 }; /* lines of history */

#define FUNCTIONS(X)    \
        X(el_init_fd)   \
        X(el_end)       \
        X(el_set)       \
        X(el_gets)      \
        X(el_line)      \
        X(el_insertstr) \
        X(el_resize)    \
        X(history_init) \
        X(history_end)  \
        X(history)

/* libedit's functions for keys are given no more than its own object, so there is one of these. */
static struct line_editor {
        EditLine *editor;
        History *lines;
        completion_function *completion;
        bool cancelled;
#define POINTER(name) __typeof__(&name) name;
        FUNCTIONS(POINTER)
#undef POINTER
} terminal;

/* --- Keys --- */

static char *prompt(EditLine *editor)
{
        static char text[] = "filt> ";

        (void)editor;
        return text;
}

/* Ctrl-C gives the line up. */
static unsigned char cancel(EditLine *editor, int key)
{
        (void)editor;
        (void)key;
        terminal.cancelled = true;
        return CC_NEWLINE;
}

/* Ctrl-Z: the shell gets the terminal as it was. */
static unsigned char suspend(EditLine *editor, int key)
{
        (void)key;
        terminal.el_set(editor, EL_PREP_TERM, 0);
        raise(SIGTSTP);
        terminal.el_set(editor, EL_PREP_TERM, 1);
        return CC_REDISPLAY;
}

/* How many characters two words begin with alike. */
static size_t alike(const char *one, const char *other)
{
        size_t length = 0;

        while (one[length] && one[length] == other[length])
                length++;
        return length;
}

/* Tab completes the word before the cursor as far as all that it may become are alike, and lists
 * these if that adds nothing. */
static unsigned char complete(EditLine *editor, int key)
{
        const LineInfo *line = terminal.el_line(editor);
        const char *start = line->cursor, *choice, *first = NULL;
        size_t typed, common = 0, count = 0;
        char before[64], added[64];

        (void)key;
        while (start > line->buffer && start[-1] != ' ')
                start--;
        typed = (size_t)(line->cursor - start);
        snprintf(before, sizeof before, "%.*s", (int)(start - line->buffer), line->buffer);
        for (size_t i = 0; (choice = terminal.completion(before, i)); i++) {
                if (strncmp(choice, start, typed) != 0)
                        continue;
                if (count++ == 0) {
                        first = choice;
                        common = strlen(choice);
                } else if (alike(first, choice) < common) {
                        common = alike(first, choice);
                }
        }
        if (count == 0)
                return CC_REFRESH_BEEP;
        if (common > typed || count == 1) {
                snprintf(added, sizeof added, "%.*s%s", (int)(common - typed), first + typed,
                         count == 1 ? " " : "");
                return terminal.el_insertstr(editor, added) < 0 ? CC_ERROR : CC_REFRESH;
        }
        putchar('\n');
        for (size_t i = 0; (choice = terminal.completion(before, i)); i++)
                if (strncmp(choice, start, typed) == 0)
                        printf("%s  ", choice);
        putchar('\n');
        return CC_REDISPLAY;
}

/* --- Signals --- */

static volatile sig_atomic_t signalled;

static void note_signal(int number)
{
        signalled = number;
}

bool interrupted(void)
{
        return signalled;
}

/* --- Reading --- */

static bool load(void)
{
#define ROW(name) {#name, offsetof(struct line_editor, name)},
        static const struct lazy_pointer functions[] = {FUNCTIONS(ROW)};
#undef ROW
        void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);

        return library && lazy_find(library, functions, array_count(functions), &terminal);
}

static void bind_keys(EditLine *editor)
{
        static const struct {
                const char *name, *help, *key;
                unsigned char (*function)(EditLine *, int);
        } keys[] = {
            {"filt-cancel", "give the line up", "^C", cancel},
            {"filt-suspend", "stop filt", "^Z", suspend},
            {"filt-complete", "complete the word", "^I", complete},
        };

        terminal.el_set(editor, EL_EDITOR, "emacs");
        for (size_t i = 0; i < array_count(keys); i++) {
                terminal.el_set(editor, EL_ADDFN, keys[i].name, keys[i].help, keys[i].function);
                terminal.el_set(editor, EL_BIND, keys[i].key, keys[i].name, NULL);
        }
        terminal.el_set(editor, EL_BIND, "^R", "em-inc-search-prev", NULL);
        terminal.el_set(editor, EL_SETTY, "-d", "-isig", NULL);
}

bool line_editor_open(completion_function *completion)
{
        const char *type = getenv("TERM");
        struct sigaction action = {.sa_handler = note_signal, .sa_flags = SA_RESTART};
        HistEvent event;

        if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) || !type || strcmp(type, "dumb") == 0 ||
            !load())
                return false;
        terminal.completion = completion;
        terminal.lines = terminal.history_init();
        terminal.editor = terminal.el_init_fd("filt", stdin, stdout, stderr, STDIN_FILENO,
                                              STDOUT_FILENO, STDERR_FILENO);
        if (!terminal.lines || !terminal.editor) {
                line_editor_close();
                return false;
        }
        terminal.history(terminal.lines, &event, H_SETSIZE, KEPT);
        terminal.history(terminal.lines, &event, H_SETUNIQUE, 1);
        terminal.el_set(terminal.editor, EL_PROMPT, prompt);
        terminal.el_set(terminal.editor, EL_HIST, terminal.history, terminal.lines);
        bind_keys(terminal.editor);
        sigaction(SIGINT, &action, NULL);
        return true;
}

const char *line_editor_read(void)
{
        const char *line;
        HistEvent event;
        int count;

        do {
                terminal.cancelled = false;
                terminal.el_resize(terminal.editor);
                line = terminal.el_gets(terminal.editor, &count);
                if (terminal.cancelled)
                        fputs("^C\n", stdout);
        } while (terminal.cancelled);
        signalled = 0;
        if (line && line[strspn(line, " \t\r\n")])
                terminal.history(terminal.lines, &event, H_ENTER, line);
        return line;
}

void line_editor_close(void)
{
        if (terminal.editor)
                terminal.el_end(terminal.editor);
        if (terminal.lines)
                terminal.history_end(terminal.lines);
        terminal.editor = NULL;
        terminal.lines = NULL;
}
