/* The files of sets: found in an expression, read, and their lines parsed. */
#include "base/array.h"
#include "base/text.h"
#include "set.h"

#include <stdlib.h>
#include <string.h>

static bool is_blank(char c)
{
        return c == ' ' || c == '\t' || c == '\r';
}

/* The end of what stands on the line before a comment. */
static const char *end_of_entry(const char *line, const char *end)
{
        const char *comment = line;

        while (comment < end && *comment != '#' && *comment != ';')
                comment++;
        while (comment > line && is_blank(comment[-1]))
                comment--;
        return comment;
}

static int refuse_line(struct error *error, const char *name, size_t number, const char *entry,
                       size_t length, const char *wrong)
{
        char quoted[QUOTE_SIZE];

        for (size_t i = 0; i < length; i++)
                if (is_blank(entry[i]))
                        wrong = "is more than one entry, of which each has its own line";
        return error_set(error, "%.200s:%zu: %s %s", name, number,
                         error_quote(quoted, entry, length), wrong);
}

/* Reads the lines of `text`, which a NUL ends. */
static int read_lines(struct set *set, const char *name, const char *text, size_t length,
                      struct error *error)
{
        static const char mark[] = "\xef\xbb\xbf"; /* of UTF-8, as editors write it */
        const char *end = text + length, *next;
        size_t number = 1;

        if (length >= sizeof mark - 1 && memcmp(text, mark, sizeof mark - 1) == 0)
                text += sizeof mark - 1;
        for (; text < end; text = next + 1, number++) {
                const char *entry_end, *wrong;

                next = memchr(text, '\n', (size_t)(end - text));
                if (!next)
                        next = end;
                while (text < next && is_blank(*text))
                        text++;
                entry_end = end_of_entry(text, next);
                if (text == entry_end)
                        continue;
                wrong = set_add(set, text, (size_t)(entry_end - text));
                if (wrong == set_out_of_memory)
                        return error_memory(error);
                if (wrong)
                        return refuse_line(error, name, number, text, (size_t)(entry_end - text),
                                           wrong);
        }
        return 0;
}

static int read_file(struct cbpf_sets *sets, const char *name, enum set_kind kind,
                     cbpf_set_reader *read, void *context, struct error *error)
{
        struct set_file *file;
        char *text = NULL;
        size_t length = 0;
        int status;

        if (!array_grow(sets->files, sets->room, sets->count + 1))
                return error_memory(error);
        file = &sets->files[sets->count];
        *file = (struct set_file){.name = strdup(name), .set.kind = (uint8_t)kind};
        if (!file->name)
                return error_memory(error);
        sets->count++;
        if (read(context, name, &text, &length, error) < 0)
                return -1;
        status = read_lines(&file->set, name, text, length, error);
        free(text);
        return status;
}

/* Reads what the leaf names, if it is a file not read yet. */
static int read_leaf(struct cbpf_sets *sets, const struct tree *leaf, cbpf_set_reader *read,
                     void *context, struct error *error)
{
        enum set_kind kind;

        if (leaf->kind != TREE_SET || !leaf->test->set.file)
                return 0;
        kind = leaf->test->word;
        if (sets_find(sets, leaf->test->set.file, kind))
                return 0;
        if (read_file(sets, leaf->test->set.file, kind, read, context, error) == 0)
                return 0;
        if (error->kind != ERROR_MEMORY) {
                error->offset = leaf->offset;
                error->length = leaf->length;
        }
        return -1;
}

static int read_leaves(struct cbpf_sets *sets, const struct tree *tree, cbpf_set_reader *read,
                       void *context, struct error *error)
{
        for (const struct tree *node = tree_first(tree); node; node = tree_next(node)) {
                int status = node->kind == TREE_LAYERS
                                 ? read_leaves(sets, node->test->inside, read, context, error)
                                 : read_leaf(sets, node, read, context, error);

                if (status != 0)
                        return status;
        }
        return 0;
}

int cbpf_sets_new(const char *expression, cbpf_set_reader *read, void *context,
                  struct cbpf_sets **sets, struct error *error)
{
        struct arena arena = {0};
        struct tree *tree = NULL;
        struct error own = {0};
        int status = 0;

        *sets = NULL;
        *error = (struct error){.offset = ERROR_NO_OFFSET};
        /* Most expressions have no set, and need not be parsed here. */
        if (!strstr(expression, "in"))
                return 0;
        if (cbpf_parse(expression, PARSE_NO_NAMES, NULL, &arena, &tree, &own) < 0) {
                if (own.kind == ERROR_MEMORY)
                        status = error_memory(error);
        } else if (tree && tree_has_sets(tree)) {
                *sets = calloc(1, sizeof **sets);
                status = *sets ? 0 : error_memory(error);
                if (status == 0)
                        status = read_leaves(*sets, tree, read, context, error);
        }
        arena_free(&arena);
        if (status == 0 && (!*sets || (*sets)->count > 0))
                return 0;
        cbpf_sets_free(*sets);
        *sets = NULL;
        return status;
}

void cbpf_sets_free(struct cbpf_sets *sets)
{
        if (!sets)
                return;
        for (size_t i = 0; i < sets->count; i++) {
                free(sets->files[i].name);
                set_free(&sets->files[i].set);
        }
        free(sets->files);
        free(sets);
}

const char *cbpf_sets_file(const struct cbpf_sets *sets, size_t i, uint64_t *count)
{
        const struct set *set;

        if (!sets || i >= sets->count)
                return NULL;
        set = &sets->files[i].set;
        *count = (uint64_t)set->ipv4_count + set->ipv6_count + set->port_count + set->mac_count;
        return sets->files[i].name;
}

static bool is_same(const void *one, const void *other, size_t size)
{
        return size == 0 || memcmp(one, other, size) == 0;
}

/* Ranges of ports are there for pairs only. */
static bool is_same_ports(const struct set_range *one, const struct set_range *other, size_t count)
{
        return !one == !other && (!one || is_same(one, other, count * sizeof *one));
}

static bool is_equal(const struct set *one, const struct set *other)
{
        return one->kind == other->kind && one->ipv4_count == other->ipv4_count &&
               one->ipv6_count == other->ipv6_count && one->port_count == other->port_count &&
               one->mac_count == other->mac_count && one->ipv6_first == other->ipv6_first &&
               is_same(one->ipv4, other->ipv4, one->ipv4_count * sizeof *one->ipv4) &&
               is_same(one->ipv6, other->ipv6, one->ipv6_count * sizeof *one->ipv6) &&
               is_same(one->ports, other->ports, one->port_count * sizeof *one->ports) &&
               is_same(one->macs, other->macs, one->mac_count * sizeof *one->macs) &&
               is_same_ports(one->ipv4_ports, other->ipv4_ports, one->ipv4_count) &&
               is_same_ports(one->ipv6_ports, other->ipv6_ports, one->ipv6_count);
}

bool cbpf_sets_equal(const struct cbpf_sets *one, const struct cbpf_sets *other)
{
        if (!one || !other || one->count != other->count)
                return !one && !other;
        for (size_t i = 0; i < one->count; i++)
                if (strcmp(one->files[i].name, other->files[i].name) != 0 ||
                    !is_equal(&one->files[i].set, &other->files[i].set))
                        return false;
        return true;
}

char *cbpf_write_out(const char *expression, const struct cbpf_sets *sets, struct error *error)
{
        struct arena arena = {0};
        struct tree *tree;
        char *text = NULL;

        *error = (struct error){.offset = ERROR_NO_OFFSET};
        if (cbpf_parse(expression, 0, sets, &arena, &tree, error) == 0) {
                text = tree ? tree_written_out(tree) : strdup("");
                if (!text)
                        error_memory(error);
        }
        arena_free(&arena);
        return text;
}
