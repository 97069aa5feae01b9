/* The names of reasons: the kernel's enum skb_drop_reason, and an enum for each subsystem that has
 * reasons of its own, whose number is in the upper half of theirs. All are in BTF. */
#include "drops.h"

#include "base/array.h"

#include <bpf/btf.h>
#include <stdlib.h>
#include <string.h>

struct reason {
        uint32_t number;
        char *name;
};

struct drops_reasons {
        struct reason *all; /* sorted by number */
        size_t count, room;
};

/* Where the names are: the enum, what they begin with, and whose BTF has it if the kernel itself
 * has not. */
static const struct source {
        const char *type, *prefix, *module;
} sources[] = {
    {"skb_drop_reason", "SKB_DROP_REASON_", NULL},
    {"mac80211_drop_reason", "RX_DROP_U_", "mac80211"},
    {"ovs_drop_reason", "OVS_DROP_", "openvswitch"},
};

static bool add(struct drops_reasons *reasons, uint32_t number, const char *name)
{
        char *copy = strdup(name);

        if (!copy || !array_grow(reasons->all, reasons->room, reasons->count + 1)) {
                free(copy);
                return false;
        }
        reasons->all[reasons->count++] = (struct reason){number, copy};
        return true;
}

static const char *without(const char *name, const char *prefix)
{
        const size_t length = strlen(prefix);

        return strncmp(name, prefix, length) == 0 ? name + length : name;
}

/* Returns 1, 0 if the enum is not there, -1 if memory is short. */
static int read_enum(struct drops_reasons *reasons, const struct btf *btf,
                     const struct source *source)
{
        int number = btf__find_by_name_kind(btf, source->type, BTF_KIND_ENUM);
        const struct btf_type *type = number < 0 ? NULL : btf__type_by_id(btf, (uint32_t)number);
        const struct btf_enum *values = type ? btf_enum(type) : NULL;

        for (int i = 0; type && i < btf_vlen(type); i++) {
                const char *name = btf__name_by_offset(btf, values[i].name_off);

                if (name && !add(reasons, (uint32_t)values[i].val, without(name, source->prefix)))
                        return -1;
        }
        return type != NULL;
}

static int read_module(struct drops_reasons *reasons, struct btf *kernel,
                       const struct source *source)
{
        struct btf *btf = btf__load_module_btf(source->module, kernel);
        int result = btf ? read_enum(reasons, btf, source) : 0;

        btf__free(btf);
        return result;
}

static bool read_all(struct drops_reasons *reasons, struct btf *kernel)
{
        for (size_t i = 0; i < array_count(sources); i++) {
                int result = read_enum(reasons, kernel, &sources[i]);

                if (result == 0 && sources[i].module)
                        result = read_module(reasons, kernel, &sources[i]);
                if (result < 0)
                        return false;
        }
        return true;
}

static int by_number(const void *left, const void *right)
{
        const struct reason *a = left, *b = right;

        return a->number < b->number ? -1 : a->number > b->number;
}

struct drops_reasons *drops_reasons_read(struct error *error)
{
        struct drops_reasons *reasons = calloc(1, sizeof *reasons);
        struct btf *kernel = reasons ? btf__load_vmlinux_btf() : NULL;
        bool complete = reasons && (!kernel || read_all(reasons, kernel));

        btf__free(kernel);
        if (!complete) {
                drops_reasons_free(reasons);
                error_memory(error);
                return NULL;
        }
        if (reasons->count > 0)
                qsort(reasons->all, reasons->count, sizeof *reasons->all, by_number);
        return reasons;
}

void drops_reasons_free(struct drops_reasons *reasons)
{
        if (!reasons)
                return;
        for (size_t i = 0; i < reasons->count; i++)
                free(reasons->all[i].name);
        free(reasons->all);
        free(reasons);
}

const char *drops_reason_name(const struct drops_reasons *reasons, uint32_t reason)
{
        const struct reason wanted = {.number = reason};
        const struct reason *found = reasons->count ? bsearch(&wanted, reasons->all, reasons->count,
                                                              sizeof *reasons->all, by_number)
                                                    : NULL;

        return found ? found->name : NULL;
}
