/* Filtering packets of files, many a call. */
#include "run.h"

#include <linux/filter.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_LINKS = 64 };

struct link_program {
        int link_type;
        const struct bpf_program *program;
        struct bpf_program own; /* empty if the program is the caller's */
        struct cbpf_jit *jit;   /* NULL: cbpf_execute() does the work */
        bool asks_passage;
};

struct filter {
        const char *expression;
        struct cbpf_target target;
        unsigned flags;
        bool wants_jit;
        bool failed;
        size_t count;
        struct link_program compiled[MAX_LINKS];
};

/* Enters a program for one more link type. */
static struct link_program *enter(struct filter *filter, int link_type,
                                  const struct bpf_program *program)
{
        struct link_program *compiled = &filter->compiled[filter->count++];

        compiled->link_type = link_type;
        compiled->program = program;
        compiled->asks_passage = filter->expression && program_asks(program, SKF_AD_PKTTYPE);
        compiled->jit = filter->wants_jit ? cbpf_jit_new(program) : NULL;
        return compiled;
}

struct filter *filter_new(const char *expression, const struct cbpf_target *target, unsigned flags,
                          const struct bpf_program *program, bool jit)
{
        struct filter *filter = calloc(1, sizeof *filter);

        if (!filter)
                return NULL;
        filter->expression = expression;
        filter->target = *target;
        filter->flags = flags;
        filter->wants_jit = jit;
        enter(filter, target->link_type, program);
        return filter;
}

void filter_free(struct filter *filter)
{
        if (!filter)
                return;
        for (size_t i = 0; i < filter->count; i++) {
                cbpf_program_free(&filter->compiled[i].own);
                cbpf_jit_free(filter->compiled[i].jit);
        }
        free(filter);
}

bool filter_failed(const struct filter *filter)
{
        return filter->failed;
}

static const struct link_program *find(const struct filter *filter, int link_type)
{
        for (size_t i = 0; i < filter->count; i++)
                if (filter->compiled[i].link_type == link_type)
                        return &filter->compiled[i];
        return NULL;
}

bool filter_add(struct filter *filter, int link_type)
{
        struct cbpf_target target = filter->target;
        struct bpf_program program;
        struct link_program *compiled;
        struct error error;

        if (filter->failed || find(filter, link_type))
                return !filter->failed;
        filter->failed = true;
        if (filter->count == MAX_LINKS) {
                complain("packets of more than %d link types", MAX_LINKS);
                return false;
        }
        if (!filter->expression) {
                enter(filter, link_type, filter->compiled[0].program);
                filter->failed = false;
                return true;
        }
        target.link_type = link_type;
        if (cbpf_compile(filter->expression, &target, filter->flags, &program, &error) < 0) {
                complain("for packets of link type %s:", link_type_name(link_type));
                complain_filter(filter->expression, &error);
                return false;
        }
        compiled = enter(filter, link_type, &program);
        compiled->own = program;
        compiled->program = &compiled->own;
        filter->failed = false;
        return true;
}

bool filter_asks_passage(const struct filter *filter, int link_type)
{
        const struct link_program *compiled = find(filter, link_type);

        return compiled && compiled->asks_passage;
}

uint32_t filter_one(const struct filter *filter, int link_type, const struct packet *packet,
                    const struct cbpf_ancillary *ancillary)
{
        const struct link_program *compiled = find(filter, link_type);

        if (!compiled)
                return 0;
        if (compiled->jit)
                return cbpf_jit_run(compiled->jit, packet, ancillary);
        return cbpf_execute(compiled->program, packet, ancillary, NULL).verdict;
}

void filter_select(void *context, int link_type, const struct packet *packets, size_t count,
                   uint32_t *verdicts)
{
        struct filter *filter = context;
        const struct link_program *compiled = find(filter, link_type);

        if (!compiled && filter_add(filter, link_type))
                compiled = find(filter, link_type);
        if (compiled && compiled->asks_passage)
                memset(verdicts, 0xff, count * sizeof *verdicts);
        else if (compiled && compiled->jit)
                cbpf_jit_run_batch(compiled->jit, packets, count, verdicts);
        else
                for (size_t i = 0; i < count; i++)
                        verdicts[i] = compiled ? cbpf_run(compiled->program, &packets[i]) : 0;
}
