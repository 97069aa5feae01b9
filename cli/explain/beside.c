/* filt explain --beside: the classic program and the extended one side by side, test by test. In a
 * terminal that is too narrow for notes, only where jumps lead is told beside the instructions. */
#include "base/array.h"
#include "cbpf/extended.h"
#include "explain.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
        COLUMNS_UNKNOWN = 160, /* of what is no terminal */
        NOTED_MIN_COLUMNS = 120,
        NUMBER_WIDTH = 5,
        BETWEEN = 3,
        MAX_CLASSIC_TEXT = 30, /* columns that instructions are padded to, at most */
        MAX_EXTENDED_TEXT = 30,
        NOTE_SET_IN = 8, /* of a note that does not fit beside its instruction */
        MIN_NOTE = 12,
        LINE_ROOM = 768,
};

struct layout {
        bool notes;
        int left, right; /* columns of each side */
        int left_text, right_text;
};

/* The lines of one side of a test, as they are printed. */
struct side {
        char **lines;
        uint32_t count, room;
        bool failed;
};

static void add_line(struct side *side, const char *line)
{
        char *copy = strdup(line);

        if (!copy || !array_grow(side->lines, side->room, side->count + (size_t)1)) {
                free(copy);
                side->failed = true;
                return;
        }
        side->lines[side->count++] = copy;
}

static void free_side(struct side *side)
{
        for (uint32_t i = 0; i < side->count; i++)
                free(side->lines[i]);
        free(side->lines);
}

/* How many bytes of a text go into so many columns, broken at a space if there is one. */
static int fitting(const char *text, int columns)
{
        int length = (int)strlen(text), end = columns;

        if (length <= columns)
                return length;
        while (end > 0 && text[end] != ' ')
                end--;
        return end > 0 ? end : columns;
}

static void add_set_in(struct side *side, const char *note, int width)
{
        char line[LINE_ROOM];

        while (*note) {
                int length = fitting(note, width - NOTE_SET_IN);

                snprintf(line, sizeof line, "%*s%.*s", NOTE_SET_IN, "", length, note);
                add_line(side, line);
                note += length;
                note += strspn(note, " ");
        }
}

/* An instruction, with its note beside or below it. */
static void add_instruction(struct side *side, const struct cbpf_beside_line *line, int text_width,
                            int width, const char *note)
{
        char text[LINE_ROOM];
        int noted = snprintf(text, sizeof text, "%4u %-*s", line->number, text_width, line->text);
        int length = (int)strlen(note), room = width - noted - 2;

        if (length == 0 || (room < length && room < MIN_NOTE)) {
                snprintf(text, sizeof text, "%4u %s", line->number, line->text);
                add_line(side, text);
                add_set_in(side, note, width);
                return;
        }
        length = fitting(note, room);
        snprintf(text, sizeof text, "%4u %-*s  %.*s", line->number, text_width, line->text, length,
                 note);
        add_line(side, text);
        note += length;
        note += strspn(note, " ");
        for (; *note; note += strspn(note, " ")) {
                length = fitting(note, room);
                snprintf(text, sizeof text, "%*s  %.*s", noted, "", length, note);
                add_line(side, text);
                note += length;
        }
}

static void add_extended(struct side *side, const struct cbpf_beside_line *line,
                         const struct layout *layout)
{
        const char *note = layout->notes ? line->note : "";
        char text[LINE_ROOM];

        snprintf(text, sizeof text, "%s%s%s%s", note, *note && *line->next ? "  " : "",
                 *line->next ? "-> " : "", line->next);
        add_instruction(side, line, layout->right_text, layout->right, text);
}

static int columns_of(const char *text)
{
        int columns = 0;

        for (; *text; text++)
                columns += ((unsigned char)*text & 0xc0) != 0x80;
        return columns;
}

static void print_row(const struct layout *layout, const struct side *left,
                      const struct side *right, uint32_t row)
{
        const char *one = row < left->count ? left->lines[row] : "";
        const char *other = row < right->count ? right->lines[row] : "";

        print_as(ROLE_NUMBERING, "%.4s", one);
        fputs(strlen(one) > 4 ? one + 4 : "", stdout);
        if (*other) {
                printf("%*s | ", layout->left - columns_of(one), "");
                print_as(ROLE_NUMBERING, "%.4s", other);
                fputs(strlen(other) > 4 ? other + 4 : "", stdout);
        }
        putchar('\n');
}

static int print_test(const struct cbpf_beside_test *test, const struct layout *layout)
{
        struct side left = {0}, right = {0};
        int status = STATUS_DONE;
        char copies[LINE_ROOM];

        print_labelled(test->question);
        for (uint32_t i = 0; i < test->classic.count; i++)
                add_instruction(&left, &test->classic.lines[i], layout->left_text, layout->left,
                                layout->notes ? test->classic.lines[i].note : "");
        for (uint32_t i = 0; i < test->extended.count; i++)
                add_extended(&right, &test->extended.lines[i], layout);
        if (*test->copies) {
                snprintf(copies, sizeof copies, "of packets in pieces: %s", test->copies);
                add_set_in(&right, copies, layout->right);
        }
        if (left.failed || right.failed)
                status = out_of_memory();
        for (uint32_t row = 0; status == STATUS_DONE && (row < left.count || row < right.count);
             row++)
                print_row(layout, &left, &right, row);
        free_side(&left);
        free_side(&right);
        return status;
}

/* The longest text or note of one side that is no longer than `most`. */
static int widest(const struct cbpf_beside *beside, bool extended, bool notes, int most)
{
        int widest = 0;

        for (uint32_t i = 0; i < beside->count; i++) {
                const struct cbpf_beside_side *side =
                    extended ? &beside->tests[i].extended : &beside->tests[i].classic;

                for (uint32_t line = 0; line < side->count; line++) {
                        const struct cbpf_beside_line *found = &side->lines[line];
                        int length = columns_of(notes ? found->note : found->text);

                        if (length > widest && length <= most)
                                widest = length;
                }
        }
        return widest;
}

static struct layout lay_out(const struct cbpf_beside *beside)
{
        int columns = terminal_columns();
        struct layout layout = {.left_text = widest(beside, false, false, MAX_CLASSIC_TEXT),
                                .right_text = widest(beside, true, false, MAX_EXTENDED_TEXT)};
        int noted;

        if (columns == 0)
                columns = COLUMNS_UNKNOWN;
        layout.notes = columns >= NOTED_MIN_COLUMNS;
        layout.left = NUMBER_WIDTH + layout.left_text;
        noted = (columns - BETWEEN) / 2 - layout.left - 2;
        if (layout.notes)
                layout.left += 2 + widest(beside, false, true, noted);
        layout.right = columns - BETWEEN - layout.left;
        return layout;
}

int explain_put_beside(struct explain *explain, int *place, struct cbpf_beside *beside,
                       struct error *error)
{
        struct extended_kernel kernel = {0};
        struct cbpf_extended_target extended;
        int status;

        *place = explain->place >= 0 ? explain->place
                 : explain->target.place == CBPF_FILE && explain->target.link_type == DLT_EN10MB
                     ? (int)CBPF_CONTEXT_XDP
                     : (int)CBPF_CONTEXT_SOCKET;
        extended = extended_target(*place, &kernel);
        status = extended_find_kernel(PROGRAM_EBPF, *place, 0, &kernel);
        if (status != STATUS_DONE)
                return status;
        *beside = (struct cbpf_beside){0};
        if (cbpf_put_beside(explain->expression, &explain->target, &extended, beside, error) == 0)
                return STATUS_DONE;
        return error->kind == ERROR_MEMORY ? out_of_memory() : GO_ON;
}

__attribute__((format(printf, 1, 2))) static void print_paragraph(const char *format, ...)
{
        char text[LINE_ROOM];
        va_list arguments;

        va_start(arguments, format);
        vsnprintf(text, sizeof text, format, arguments);
        va_end(arguments);
        print_column(0, 0, text, strlen(text));
        putchar('\n');
}

int explain_beside(struct explain *explain)
{
        char described[EXTENDED_DESCRIBED];
        struct cbpf_beside beside;
        struct layout layout;
        struct error error;
        int place, status = explain_put_beside(explain, &place, &beside, &error);

        if (status == GO_ON)
                return complain("there is no extended program beside this one: %s", error.message);
        if (status != STATUS_DONE)
                return status;
        extended_describe(place, &explain->target, described);
        layout = lay_out(&beside);
        print_paragraph("Classic BPF, %s, beside extended BPF, %s.",
                        counted(beside.classic_count, "instruction").text,
                        counted(beside.extended_count, "instruction").text);
        print_paragraph("The extended program is for %s.", described);
        print_paragraph(
            "What A and X hold is in r0 to r5 there, what M[] holds on the stack, which "
            "ends at r10; r6 is the context, r7 the packet's start, r8 its end, r9 a "
            "place in it.");
        for (uint32_t i = 0; i < beside.count && status == STATUS_DONE; i++) {
                putchar('\n');
                status = print_test(&beside.tests[i], &layout);
        }
        cbpf_beside_free(&beside);
        return status;
}
