/* The filter that runs here for live packets; and --follow-sets, which puts another generation of
 * programs into the place of the one before. Where both run in the kernel, it decides which of them
 * judges a packet. Where one runs here, packets have marks (capture_mark()) by which their
 * generation is known: those of before it was begun to replace programs; those of after; and those
 * of meanwhile, which the kernel may have judged by the one of its programs or by none, so that
 * that one judges them here, too. */
#include "base/array.h"
#include "cli/follow/follow.h"
#include "cli/taps/taps.h"
#include "run.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct replacing {
        struct follow *follow;
        uint32_t generation;         /* of run->compiled */
        uint32_t mark;               /* of the packets that come now */
        struct compiled *before;     /* what judges packets of former marks; NULL: there are none */
        struct filter *filter;       /* of these programs; or NULL */
        struct filter *meanwhile[2]; /* where those before run in the kernel, and where they run
                                        here; or NULL */
        struct compiled *copies;     /* of programs of the kernel's, which these run */
};

/* --- Judging --- */

/* The program of a list for packets like this one. */
static struct compiled *find_for(const struct run *run, struct compiled *list,
                                 const struct capture_record *record)
{
        return compiled_find(list, record->link_type, NULL, tap_of(run, record->on));
}

static bool passes_here(const struct filter *filter, const struct capture_record *record)
{
        struct cbpf_ancillary ancillary;
        bool known = passage_metadata(record, &ancillary);

        return filter_one(filter, record->link_type, &record->packet, known ? &ancillary : NULL) !=
               0;
}

static bool accepts_as(const struct filter *filter, const struct compiled *compiled,
                       const struct capture_record *record)
{
        return !compiled || !compiled->here || !filter || passes_here(filter, record);
}

/* One that is cut has been judged by the kernel: what takes all takes it whole. */
static bool accepts_meanwhile(const struct run *run, const struct compiled *before,
                              const struct compiled *now, const struct capture_record *record)
{
        const struct filter *meanwhile = run->replacing->meanwhile[before->here];

        if (!now || now->here == before->here)
                return accepts_as(run->filter, now, record);
        return record->packet.captured < record->packet.length || !meanwhile ||
               passes_here(meanwhile, record);
}

static bool accepts(const struct run *run, const struct capture_record *record)
{
        const struct replacing *replacing = run->replacing;
        const struct compiled *before = replacing ? find_for(run, replacing->before, record) : NULL;
        uint32_t age = before ? replacing->mark - record->mark : 0;

        if (before && age >= 2)
                return accepts_as(replacing->filter, before, record);
        if (!before && !run->filter)
                return true;
        if (age == 1)
                return accepts_meanwhile(run, before, find_for(run, run->compiled, record), record);
        return accepts_as(run->filter, find_for(run, run->compiled, record), record);
}

/* Whether packets are judged here. */
static bool judges(const struct run *run)
{
        return run->filter || run->replacing;
}

/* A tap_judge. */
static bool accepts_copy(void *context, const struct capture_record *copy)
{
        return !judges(context) || accepts(context, copy);
}

void judge_copies(struct run *run)
{
        if (run->taps && taps_join(run->taps))
                taps_judge(run->taps, accepts_copy, run);
}

bool passes_filter(const struct run *run, const struct capture_record *record)
{
        return !judges(run) || (run->taps && taps_join(run->taps)) || accepts(run, record);
}

/* --- Programs that the other process makes --- */

static struct compiled *adopt(const struct follow_request *request, struct follow_program *program)
{
        struct compiled *compiled = calloc(1, sizeof *compiled);
        const int *descriptors = program->descriptors;

        if (!compiled)
                return NULL;
        *compiled = (struct compiled){
            .target = request->target,
            .asked = request->target,
            .tap = request->tap,
            .program = program->classic,
            .here = program->here,
        };
        if (descriptors[FOLLOW_PROGRAM] < 0)
                return compiled;
        compiled->extended = extended_adopt(descriptors[FOLLOW_PROGRAM], descriptors[FOLLOW_TABLE]);
        if (compiled->extended)
                return compiled;
        free(compiled);
        return NULL;
}

/* Adds the program that is asked for to a list. */
static int get(struct run *run, const struct follow_request *request, struct compiled **list)
{
        struct follow_program program;
        struct compiled *compiled;
        struct error error;

        if (follow_get(run->replacing->follow, request, &program, &error) < 0)
                return complain_error(&error);
        compiled = adopt(request, &program);
        if (compiled) {
                compiled_add(list, compiled);
                return STATUS_DONE;
        }
        cbpf_program_free(&program.classic);
        for (size_t i = 0; i < FOLLOW_DESCRIPTORS; i++)
                if (program.descriptors[i] >= 0)
                        close(program.descriptors[i]);
        return out_of_memory();
}

static int get_program(struct run *run, const struct cbpf_target *target, uint32_t tap)
{
        const struct follow_request request = {
            .generation = run->replacing->generation, .target = *target, .tap = tap};

        return get(run, &request, &run->compiled);
}

/* --- Replacing --- */

/* Where only one of the two programs runs in the kernel: what it accepts, found here. */
static int have_copy(struct run *run, const struct compiled *before, const struct compiled *now)
{
        struct replacing *replacing = run->replacing;
        struct follow_request request = {
            .generation = before->here ? replacing->generation : replacing->generation - 1,
            .target = before->here ? now->target : before->target,
            .tap = now->tap,
            .copy = true,
        };
        const struct compiled *copy;
        struct filter **meanwhile = &replacing->meanwhile[before->here];
        int status;

        if (before->here == now->here)
                return STATUS_DONE;
        status = get(run, &request, &replacing->copies);
        if (status)
                return status;
        copy = compiled_find(replacing->copies, request.target.link_type, &request.target.netmask,
                             request.tap);
        if (*meanwhile)
                filter_enter(*meanwhile, request.target.link_type, &copy->program);
        else
                *meanwhile =
                    filter_new(NULL, &request.target, 0, &copy->program, run->command->jit);
        return *meanwhile ? STATUS_DONE : out_of_memory();
}

static int have_copies(struct run *run)
{
        int status = STATUS_DONE;

        for (struct compiled *now = run->compiled; now && !status; now = now->next) {
                const struct compiled *before = compiled_find(
                    run->replacing->before, now->target.link_type, &now->target.netmask, now->tap);

                if (before)
                        status = have_copy(run, before, now);
        }
        return status;
}

/* Frees what judged packets of former marks. */
static void drop_before(struct replacing *replacing)
{
        for (size_t i = 0; i < array_count(replacing->meanwhile); i++) {
                filter_free(replacing->meanwhile[i]);
                replacing->meanwhile[i] = NULL;
        }
        filter_free(replacing->filter);
        replacing->filter = NULL;
        compiled_free(&replacing->copies, true);
        compiled_free(&replacing->before, true);
}

/* Makes the programs now those before, and those before those now. */
static void swap(struct run *run)
{
        struct replacing *replacing = run->replacing;
        struct compiled *compiled = run->compiled;
        struct filter *filter = run->filter;

        run->compiled = replacing->before;
        run->filter = replacing->filter;
        replacing->before = compiled;
        replacing->filter = filter;
}

/* A tap_replace. What runs here is begun before the kernel takes all. */
static int replace_taps(void *context, struct error *error)
{
        struct run *run = context;
        struct replacing *replacing = run->replacing;

        for (const struct compiled *before = replacing->before; before; before = before->next) {
                const struct cbpf_target *asked = &before->asked;
                const struct compiled *now =
                    compiled_find(run->compiled, asked->link_type, &asked->netmask, before->tap);

                if (now || !is_for_tap(run, before))
                        continue;
                if (get_program(run, asked, before->tap) != STATUS_DONE ||
                    begin_here(run, compiled_find(run->compiled, asked->link_type, &asked->netmask,
                                                  before->tap)) != STATUS_DONE)
                        return error_set(error, "the filters of --at cannot be replaced");
        }
        return follow_put(replacing->follow, replacing->generation, error);
}

static int put_filters(struct run *run)
{
        struct error error;

        return capture_filter_again(run->capture, &error) < 0 ? complain_error(&error)
                                                              : STATUS_DONE;
}

/* What could not be replaced everywhere is not replaced anywhere. */
static void put_back(struct run *run)
{
        struct error ignored;

        complain("the sets stay as they were");
        swap(run);
        run->replacing->generation--;
        follow_settle(run->replacing->follow, false);
        capture_filter_again(run->capture, &ignored);
        drop_before(run->replacing);
}

/* A hint about packets that match is one about the sets before. */
static void replace(struct run *run)
{
        struct replacing *replacing = run->replacing;
        int status;

        lookout_end(run);
        capture_mark(run->capture);
        swap(run);
        replacing->generation++;
        status = put_filters(run);
        capture_mark(run->capture);
        replacing->mark += 2;
        if (!status)
                status = have_copies(run);
        if (status)
                put_back(run);
        else if (!run->command->printing.quiet)
                complain_lines(follow_lines(replacing->follow));
}

void replacing_ask(struct run *run)
{
        if (run->replacing)
                follow_ask(run->replacing->follow);
}

void replacing_look(struct run *run)
{
        enum follow_news news =
            run->replacing && !run->stopping ? follow_look(run->replacing->follow) : FOLLOW_NOTHING;

        if (news == FOLLOW_ENDED)
                complain("the process that follows the sets has ended: the capture goes on with "
                         "the sets as they are");
        else if (news == FOLLOW_GENERATION)
                replace(run);
}

static bool any_runs_here(const struct run *run, uint32_t tap)
{
        const struct compiled *compiled = run->compiled;

        while (compiled && (compiled->tap != tap || !compiled->here))
                compiled = compiled->next;
        return compiled;
}

/* Taps whose filters no longer run here need not copy whole packets. */
static void copy_less(const struct run *run)
{
        for (const struct compiled *compiled = run->compiled; compiled; compiled = compiled->next)
                if (is_for_tap(run, compiled) && !any_runs_here(run, compiled->tap))
                        taps_copy_whole(run->taps, compiled->tap, false);
}

void replacing_settle(struct run *run)
{
        struct replacing *replacing = run->replacing;

        if (!replacing || !replacing->before || !capture_passed_marks(run->capture))
                return;
        copy_less(run);
        drop_before(replacing);
        follow_settle(replacing->follow, true);
}

/* --- In the other process, whose run->compiled are those in force --- */

struct helper {
        struct run *run;
        uint32_t generation; /* in force */
        const struct cbpf_sets *sets, *next_sets;
        struct compiled *next; /* of the generation that is offered */
        struct compiled *copy; /* given last */
};

static bool make(void *context, const struct cbpf_sets *sets)
{
        struct helper *helper = context;

        helper->next_sets = sets;
        for (const struct compiled *compiled = helper->run->compiled; compiled;
             compiled = compiled->next) {
                struct cbpf_target target = compiled->asked;

                target.sets = sets;
                if (compiled_make(helper->run, &helper->next, &target, compiled->tap,
                                  compiled->here) != STATUS_DONE) {
                        compiled_free(&helper->next, true);
                        return false;
                }
        }
        return true;
}

static const struct compiled *find_or_make(struct helper *helper,
                                           const struct follow_request *request)
{
        bool in_force = request->generation == helper->generation;
        struct compiled **list = in_force ? &helper->run->compiled : &helper->next;
        struct compiled *found =
            compiled_find(*list, request->target.link_type, &request->target.netmask, request->tap);
        struct cbpf_target target = request->target;

        target.sets = in_force ? helper->sets : helper->next_sets;
        if (!found && compiled_make(helper->run, list, &target, request->tap, false) == STATUS_DONE)
                found = compiled_find(*list, target.link_type, &target.netmask, request->tap);
        return found;
}

static const struct compiled *make_copy(struct helper *helper, const struct follow_request *request)
{
        struct cbpf_target target = request->target;

        target.place = CBPF_FILE;
        target.sets = request->generation == helper->generation ? helper->sets : helper->next_sets;
        compiled_free(&helper->copy, true);
        if (compiled_make(helper->run, &helper->copy, &target, TAPS_SOCKET, false) != STATUS_DONE)
                return NULL;
        return helper->copy;
}

/* What the capture attaches: for taps, the place of the filter in force, or its next one. */
static const struct extended *attached_for(const struct helper *helper,
                                           const struct compiled *compiled)
{
        if (!is_for_tap(helper->run, compiled))
                return compiled->extended;
        compiled = compiled_find(helper->run->compiled, compiled->target.link_type,
                                 &compiled->target.netmask, compiled->tap);
        return compiled ? compiled->place : NULL;
}

static bool give(void *context, const struct follow_request *request,
                 struct follow_program *program)
{
        struct helper *helper = context;
        const struct compiled *compiled =
            request->copy ? make_copy(helper, request) : find_or_make(helper, request);
        const struct extended *attached;

        if (!compiled)
                return false;
        program->here = compiled->here;
        if (compiled->here || !compiled->extended)
                program->classic = compiled->program;
        attached = attached_for(helper, compiled);
        if (attached && !request->copy) {
                program->descriptors[FOLLOW_PROGRAM] = extended_program(attached);
                program->descriptors[FOLLOW_TABLE] = extended_table(attached);
        }
        return true;
}

static bool put_all(const struct helper *helper, struct compiled *list)
{
        for (const struct compiled *now = helper->run->compiled; now; now = now->next) {
                const struct compiled *filter =
                    compiled_find(list, now->target.link_type, &now->target.netmask, now->tap);
                int result = now->place && filter ? extended_put(now->place, filter->extended) : 0;

                if (result < 0) {
                        complain("%s: replacing the filter: %s",
                                 taps_name(helper->run->taps, now->tap), strerror(-result));
                        return false;
                }
        }
        return true;
}

static bool put(void *context, uint32_t generation)
{
        struct helper *helper = context;

        if (generation == helper->generation)
                return put_all(helper, helper->run->compiled);
        if (put_all(helper, helper->next))
                return true;
        put_all(helper, helper->run->compiled);
        return false;
}

static void take_place(struct compiled *list, struct compiled *compiled)
{
        struct compiled *before = compiled_find(list, compiled->target.link_type,
                                                &compiled->target.netmask, compiled->tap);

        if (!before)
                return;
        compiled->place = before->place;
        before->place = NULL;
}

static void settle(void *context, bool in_force)
{
        struct helper *helper = context;
        struct compiled *old = helper->run->compiled;

        compiled_free(&helper->copy, true);
        if (!in_force) {
                compiled_free(&helper->next, true);
                return;
        }
        for (struct compiled *compiled = helper->next; compiled; compiled = compiled->next)
                take_place(old, compiled);
        helper->run->compiled = helper->next;
        helper->next = NULL;
        compiled_free(&old, true);
        helper->generation++;
        helper->sets = helper->next_sets;
}

/* --- Beginning and end --- */

/* The descriptors that the process keeps, in memory that the caller frees; NULL if it is short. */
static int *keep_descriptors(const struct run *run, size_t *count)
{
        size_t room = 1 + (run->taps ? taps_descriptors(run->taps, NULL) : 0);
        int *kept;

        for (const struct compiled *compiled = run->compiled; compiled; compiled = compiled->next)
                room += 2 * EXTENDED_DESCRIPTORS;
        kept = malloc(room * sizeof *kept);
        if (!kept)
                return NULL;
        *count = run->taps ? taps_descriptors(run->taps, kept) : 0;
        for (const struct compiled *compiled = run->compiled; compiled; compiled = compiled->next)
                for (int i = 0; i < 2; i++)
                        *count += extended_descriptors(i ? compiled->place : compiled->extended,
                                                       kept + *count);
        return kept;
}

static struct follow *start_following(struct run *run, struct error *error)
{
        struct helper helper = {.run = run, .sets = run->sets};
        struct follow_work work = {
            .context = &helper,
            .expression = run->expression,
            .quiet = run->command->printing.quiet,
            .sets = run->sets,
            .make = make,
            .get = give,
            .put = put,
            .settle = settle,
        };
        struct follow *follow = NULL;

        work.kept = keep_descriptors(run, &work.kept_count);
        if (work.kept)
                follow = follow_start(&work, error);
        else
                error_memory(error);
        free(work.kept);
        return follow;
}

int replacing_begin(struct run *run)
{
        struct replacing *replacing;
        struct error error;

        if (!run->command->follow_sets)
                return STATUS_DONE;
        replacing = calloc(1, sizeof *replacing);
        if (!replacing)
                return out_of_memory();
        replacing->follow = start_following(run, &error);
        if (!replacing->follow) {
                free(replacing);
                return complain_error(&error);
        }
        run->replacing = replacing;
        run->get_program = get_program;
        if (run->taps)
                taps_replace_by(run->taps, replace_taps, run);
        return STATUS_DONE;
}

void replacing_end(struct run *run)
{
        struct replacing *replacing = run->replacing;

        if (!replacing)
                return;
        drop_before(replacing);
        follow_end(replacing->follow);
        free(replacing);
        run->replacing = NULL;
}
