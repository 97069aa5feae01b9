/* /proc/kallsyms: a line a symbol, "ffffffff81000000 T _stext", and "[module]" behind those of
 * modules. */
#include "drops.h"

#include "base/array.h"
#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of a function: what lies farther behind the last one is something else. */
enum { LARGEST = 1 << 20 };

static const char path[] = "/proc/kallsyms";

struct symbol {
        uint64_t address;
        size_t name; /* where it begins in `names` */
};

struct drops_symbols {
        struct symbol *all; /* by address */
        size_t count, room;
        struct text names; /* each ends with a NUL */
};

static bool add(struct drops_symbols *symbols, uint64_t address, const char *name, size_t length)
{
        if (!array_grow(symbols->all, symbols->room, symbols->count + 1))
                return false;
        symbols->all[symbols->count++] = (struct symbol){address, symbols->names.length};
        text_put(&symbols->names, name, length);
        text_char(&symbols->names, '\0');
        return !symbols->names.failed;
}

/* Functions alone are kept: t, T, w, W. Sets `hidden` if there was one without an address. Returns
 * false if memory is short. */
static bool read_line(struct drops_symbols *symbols, const char *line, bool *hidden)
{
        char *at;
        uint64_t address = strtoull(line, &at, 16);
        char type = *at == ' ' ? (char)tolower((unsigned char)at[1]) : '\0';

        if ((type != 't' && type != 'w') || at[2] != ' ')
                return true;
        if (address == 0) {
                *hidden = true;
                return true;
        }
        return add(symbols, address, at + 3, strcspn(at + 3, "\t\n"));
}

static int by_address(const void *left, const void *right)
{
        const struct symbol *a = left, *b = right;

        if (a->address != b->address)
                return a->address < b->address ? -1 : 1;
        return a->name < b->name ? -1 : 1; /* of several names, the first is found */
}

static int read_all(struct drops_symbols *symbols, FILE *file, struct error *error)
{
        char *line = NULL;
        size_t room = 0;
        bool hidden = false, enough = true;

        while (enough && getline(&line, &room, file) >= 0)
                enough = read_line(symbols, line, &hidden);
        free(line);
        if (!enough)
                return error_memory(error);
        if (symbols->count == 0)
                return error_set(error, "%s: %s", path,
                                 hidden ? "the kernel hides where its functions are: seeing them "
                                          "takes CAP_SYSLOG"
                                        : "there are no functions");
        qsort(symbols->all, symbols->count, sizeof *symbols->all, by_address);
        return 0;
}

struct drops_symbols *drops_symbols_read(struct error *error)
{
        struct drops_symbols *symbols = calloc(1, sizeof *symbols);
        FILE *file = fopen(path, "re");
        int result = !symbols ? error_memory(error)
                     : !file  ? error_set(error, "%s: %s", path, strerror(errno))
                              : read_all(symbols, file, error);

        if (file)
                fclose(file);
        if (result == 0)
                return symbols;
        drops_symbols_free(symbols);
        return NULL;
}

void drops_symbols_free(struct drops_symbols *symbols)
{
        if (!symbols)
                return;
        free(symbols->all);
        text_free(&symbols->names);
        free(symbols);
}

const char *drops_symbol(const struct drops_symbols *symbols, uint64_t address, uint64_t *offset)
{
        size_t first = 0, last = symbols ? symbols->count : 0;

        while (first < last) {
                size_t middle = first + (last - first) / 2;

                if (symbols->all[middle].address <= address)
                        first = middle + 1;
                else
                        last = middle;
        }
        if (first == 0 || address - symbols->all[first - 1].address > LARGEST)
                return NULL;
        /* The first of several names of one address. */
        while (first > 1 && symbols->all[first - 2].address == symbols->all[first - 1].address)
                first--;
        *offset = address - symbols->all[first - 1].address;
        return symbols->names.start + symbols->all[first - 1].name;
}
