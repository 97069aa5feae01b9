/* Lists of filters: each is held against those before it, and against all others. */
#include "base/text.h"
#include "prove.h"

#include <stdlib.h>
#include <string.h>

/* What is known of one filter of the list. */
struct finding {
        struct text never;     /* after which others it never matches */
        struct text contained; /* in which others */
        struct text overlaps;  /* with which */
};

struct set {
        struct prove *prove;
        struct finding *findings;
        struct proof_condition *conditions;
        size_t undecided;
        bool failed; /* memory was short */
};

/* Whether there is a packet that meets the conditions; where it is not decided, `otherwise`. */
static bool exists(struct set *set, size_t count, bool otherwise)
{
        switch (proof_find(set->prove->proof, set->conditions, count, set->prove->packet, NULL)) {
        case PROOF_NONE: return false;
        case PROOF_FOUND: return true;
        case PROOF_UNDECIDED: set->undecided++; return otherwise;
        case PROOF_FAILED: set->failed = true;
        }
        return otherwise;
}

/* Whether there is a packet that the first accepts and the second, too, or does not. */
static bool pair_exists(struct set *set, const struct filter *one, const struct filter *other,
                        bool accepts, bool otherwise)
{
        set->conditions[0] = (struct proof_condition){one->number, true};
        set->conditions[1] = (struct proof_condition){other->number, accepts};
        return exists(set, 2, otherwise);
}

/* The next word of what is said of interfaces, "in eth0 lo"; NULL at its end. */
static const char *next_word(const char **words, size_t *length)
{
        const char *word = *words + strspn(*words, " ");

        *length = strcspn(word, " ");
        *words = word + *length;
        return *length ? word : NULL;
}

/* Whether all interfaces of the one are among the other's: where one direction is asked for, and
 * nothing negated, by names alone. */
static bool is_among(const char *one, const char *other)
{
        const char *word, *name;
        size_t length, wanted;

        if (strpbrk(one, "!,") || strpbrk(other, "!,") || strncmp(one, other, 2) != 0)
                return false;
        while ((word = next_word(&one, &wanted))) {
                const char *names = other;

                while ((name = next_word(&names, &length)))
                        if (length == wanted && strncmp(name, word, length) == 0)
                                break;
                if (!name)
                        return false;
        }
        return true;
}

static bool same_text(const char *one, const char *other)
{
        return one == other || (one && other && strcmp(one, other) == 0);
}

/* Rules of one chain are compared, and filters of one file. Where a rule asks for an interface, it
 * takes packets from those only that ask for the same, or for some of several. */
static bool comparable(const struct filter *one, const struct filter *other)
{
        return same_text(one->group, other->group);
}

static bool takes_all(const struct filter *taker, const struct filter *from)
{
        return comparable(taker, from) && !taker->partly &&
               (!taker->interface || same_text(taker->interface, from->interface) ||
                (from->interface && is_among(from->interface, taker->interface)));
}

static void append(struct text *list, const char *name)
{
        text_string(list, list->length ? ", " : "");
        text_string(list, name);
}

/* Those before that leave nothing to the filter: one, or all together. */
static void find_never(struct set *set, size_t number)
{
        struct filter *filters = set->prove->filters.filters, *filter = &filters[number];
        struct finding *finding = &set->findings[number];
        size_t count = 0;

        set->conditions[count++] = (struct proof_condition){filter->number, true};
        if (!exists(set, count, true)) {
                text_string(&finding->never, "never");
                return;
        }
        for (size_t i = 0; i < number; i++)
                if (!filters[i].goes_on && takes_all(&filters[i], filter) &&
                    !pair_exists(set, filter, &filters[i], false, true)) {
                        text_string(&finding->never, "after ");
                        text_string(&finding->never, filters[i].name);
                        return;
                }
        set->conditions[0] = (struct proof_condition){filter->number, true};
        for (size_t i = 0; i < number; i++)
                if (!filters[i].goes_on && takes_all(&filters[i], filter))
                        set->conditions[count++] =
                            (struct proof_condition){filters[i].number, false};
        if (count > 2 && !exists(set, count, true))
                text_string(&finding->never, "after those before");
}

static void find_relation(struct set *set, size_t one, size_t other)
{
        struct filter *filters = set->prove->filters.filters;
        struct finding *findings = set->findings;
        bool within, around;

        if (!comparable(&filters[one], &filters[other]) ||
            !pair_exists(set, &filters[one], &filters[other], true, true))
                return;
        within = takes_all(&filters[other], &filters[one]) &&
                 !pair_exists(set, &filters[one], &filters[other], false, true);
        around = takes_all(&filters[one], &filters[other]) &&
                 !pair_exists(set, &filters[other], &filters[one], false, true);
        if (within)
                append(&findings[one].contained, filters[other].name);
        if (around)
                append(&findings[other].contained, filters[one].name);
        if (!within && !around) {
                append(&findings[one].overlaps, filters[other].name);
                append(&findings[other].overlaps, filters[one].name);
        }
}

/* The table */

static const char *const headings[] = {"filter", "never matches", "contained in", "overlaps"};

enum { COLUMNS = sizeof headings / sizeof *headings };

static void cell(const struct set *set, size_t row, int column, const char **text, int *length)
{
        const struct finding *finding = &set->findings[row];
        const struct text *texts[] = {NULL, &finding->never, &finding->contained,
                                      &finding->overlaps};

        *text = column ? texts[column]->start : set->prove->filters.filters[row].name;
        *length = (int)(column ? texts[column]->length : strlen(*text));
        if (*length == 0) {
                *text = "-";
                *length = 1;
        }
}

static void print_row(const char *const *texts, const int *lengths, const int *widths)
{
        for (int i = 0; i < COLUMNS; i++)
                printf("%-*.*s%s", i + 1 < COLUMNS ? widths[i] : 0, lengths[i], texts[i],
                       i + 1 < COLUMNS ? "  " : "\n");
}

static void print_table(const struct set *set)
{
        size_t count = set->prove->filters.count;
        int widths[COLUMNS], lengths[COLUMNS];
        const char *texts[COLUMNS];

        for (int i = 0; i < COLUMNS; i++)
                widths[i] = lengths[i] = (int)strlen(headings[i]);
        for (size_t row = 0; row < count; row++)
                for (int i = 0; i < COLUMNS; i++) {
                        int length;

                        cell(set, row, i, &texts[i], &length);
                        if (length > widths[i])
                                widths[i] = length;
                }
        print_row(headings, lengths, widths);
        for (size_t row = 0; row < count; row++) {
                for (int i = 0; i < COLUMNS; i++)
                        cell(set, row, i, &texts[i], &lengths[i]);
                print_row(texts, lengths, widths);
        }
}

static void find_all(struct set *set)
{
        size_t count = set->prove->filters.count;

        for (size_t i = 0; i < count && !set->failed; i++) {
                find_never(set, i);
                for (size_t j = i + 1; j < count && !set->failed; j++)
                        find_relation(set, i, j);
                set->failed |= set->findings[i].never.failed;
        }
        for (size_t i = 0; i < count; i++)
                set->failed |=
                    set->findings[i].contained.failed || set->findings[i].overlaps.failed;
}

static int conclude(const struct set *set)
{
        size_t never = 0;

        if (set->failed)
                return out_of_memory();
        for (size_t i = 0; i < set->prove->filters.count; i++)
                never += set->findings[i].never.length > 0;
        print_table(set);
        if (set->undecided) {
                complain("%s not decided", counted(set->undecided, "question").text);
                prove_undecided(set->prove);
        }
        return never ? STATUS_FAILED : set->undecided ? STATUS_UNDECIDED : STATUS_DONE;
}

int prove_set(struct prove *prove)
{
        size_t count = prove->filters.count;
        struct set set = {.prove = prove,
                          .findings = calloc(count + 1, sizeof *set.findings),
                          .conditions = calloc(count + 2, sizeof *set.conditions)};
        int status;

        set.failed = !set.findings || !set.conditions;
        if (!set.failed)
                find_all(&set);
        status = conclude(&set);
        for (size_t i = 0; set.findings && i < count; i++) {
                text_free(&set.findings[i].never);
                text_free(&set.findings[i].contained);
                text_free(&set.findings[i].overlaps);
        }
        free(set.findings);
        free(set.conditions);
        return status;
}
