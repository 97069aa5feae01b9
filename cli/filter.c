/* Filtering packets of files, many a call. */
#include "filter.h"

#include <stdlib.h>

enum {
        MOST_LINKS = 64,
};

struct compiled {
        int link_type;
        const struct bpf_program *program;
        struct bpf_program own; /* empty if the program is the caller's */
};

struct filter {
        const char *expression;
        struct cbpf_target target;
        unsigned flags;
        bool failed;
        size_t count;
        struct compiled compiled[MOST_LINKS];
};

struct filter *filter_new(const char *expression, const struct cbpf_target *target, unsigned flags,
                          const struct bpf_program *program)
{
        struct filter *filter = calloc(1, sizeof *filter);

        if (!filter)
                return NULL;
        filter->expression = expression;
        filter->target = *target;
        filter->flags = flags;
        filter->count = 1;
        filter->compiled[0] = (struct compiled){.link_type = target->link_type, .program = program};
        return filter;
}

void filter_free(struct filter *filter)
{
        if (!filter)
                return;
        for (size_t i = 0; i < filter->count; i++)
                cbpf_program_free(&filter->compiled[i].own);
        free(filter);
}

bool filter_failed(const struct filter *filter)
{
        return filter->failed;
}

static const struct compiled *find(const struct filter *filter, int link_type)
{
        for (size_t i = 0; i < filter->count; i++)
                if (filter->compiled[i].link_type == link_type)
                        return &filter->compiled[i];
        return NULL;
}

bool filter_add(struct filter *filter, int link_type)
{
        struct compiled *compiled = &filter->compiled[filter->count];
        struct cbpf_target target = filter->target;
        struct cbpf_error error;

        if (filter->failed || find(filter, link_type))
                return !filter->failed;
        filter->failed = true;
        if (filter->count == MOST_LINKS) {
                complain("packets of more than %d link types", MOST_LINKS);
                return false;
        }
        target.link_type = link_type;
        if (cbpf_compile(filter->expression, &target, filter->flags, &compiled->own, &error) < 0) {
                const char *name = pcap_datalink_val_to_name(link_type);

                complain("for packets of link type %s:", name ? name : "unknown");
                complain_filter(filter->expression, &error);
                return false;
        }
        compiled->link_type = link_type;
        compiled->program = &compiled->own;
        filter->count++;
        filter->failed = false;
        return true;
}

static void run(const struct compiled *compiled, const struct capture_view *packets, size_t count,
                uint32_t *verdicts)
{
        for (size_t i = 0; i < count; i++)
                verdicts[i] = cbpf_run(compiled->program, packets[i].data, packets[i].length,
                                       packets[i].captured);
}

void filter_select(void *context, int link_type, const struct capture_view *packets, size_t count,
                   uint32_t *verdicts)
{
        struct filter *filter = context;
        const struct compiled *compiled = find(filter, link_type);

        if (!compiled && filter_add(filter, link_type))
                compiled = find(filter, link_type);
        if (compiled)
                run(compiled, packets, count, verdicts);
        else
                for (size_t i = 0; i < count; i++)
                        verdicts[i] = 0;
}
