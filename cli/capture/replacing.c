/* The filter that runs here for live packets; and --follow-sets, which puts another generation of
 * programs into the place of the one before. Where both run in the kernel, it decides which of them
 * judges a packet. Where one runs here, packets have marks (capture_mark()) by which their
 * generation is known: those of before it was begun to replace programs; those of after; and those
 * of meanwhile, which the kernel may have judged by the one of its programs or by none, so that
 * that one judges them here, too. */
#include "cli/follow/follow.h"
#include "run.h"

#include <stdlib.h>
#include <unistd.h>

struct replacing {
        struct follow *follow;
        uint32_t generation;      /* of run->compiled */
        uint32_t mark;            /* of the packets that come now */
        struct compiled *before;  /* what judges packets of former marks; NULL: there are none */
        struct filter *filter;    /* of these programs; or NULL */
        struct filter *meanwhile; /* or NULL */
        struct compiled *copies;  /* of programs of the kernel's, which it runs */
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
        const struct replacing *replacing = run->replacing;

        if (!now || now->here == before->here)
                return accepts_as(run->filter, now, record);
        return record->packet.captured < record->packet.length || !replacing->meanwhile ||
               passes_here(replacing->meanwhile, record);
}

bool accepts(const struct run *run, const struct capture_record *record)
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
        int status;

        if (before->here == now->here)
                return STATUS_DONE;
        status = get(run, &request, &replacing->copies);
        if (status)
                return status;
        if (replacing->meanwhile)
                filter_enter(replacing->meanwhile, request.target.link_type,
                             &compiled_find(replacing->copies, request.target.link_type,
                                            &request.target.netmask, request.tap)
                                  ->program);
        else
                replacing->meanwhile = filter_new(NULL, &request.target, 0,
                                                  &replacing->copies->program, run->command->jit);
        return replacing->meanwhile ? STATUS_DONE : out_of_memory();
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
        filter_free(replacing->meanwhile);
        filter_free(replacing->filter);
        replacing->meanwhile = replacing->filter = NULL;
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

void replacing_settle(struct run *run)
{
        struct replacing *replacing = run->replacing;

        if (!replacing || !replacing->before || !capture_passed_marks(run->capture))
                return;
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
                if (compiled_make(helper->run, &helper->next, &target, compiled->tap, NULL,
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
        if (!found &&
            compiled_make(helper->run, list, &target, request->tap, NULL, false) == STATUS_DONE)
                found = compiled_find(*list, target.link_type, &target.netmask, request->tap);
        return found;
}

static const struct compiled *make_copy(struct helper *helper, const struct follow_request *request)
{
        struct cbpf_target target = request->target;

        target.place = CBPF_FILE;
        target.sets = request->generation == helper->generation ? helper->sets : helper->next_sets;
        compiled_free(&helper->copy, true);
        if (compiled_make(helper->run, &helper->copy, &target, 0, NULL, false) != STATUS_DONE)
                return NULL;
        return helper->copy;
}

static bool give(void *context, const struct follow_request *request,
                 struct follow_program *program)
{
        struct helper *helper = context;
        const struct compiled *compiled =
            request->copy ? make_copy(helper, request) : find_or_make(helper, request);

        if (!compiled)
                return false;
        program->here = compiled->here;
        if (compiled->here || !compiled->extended)
                program->classic = compiled->program;
        if (compiled->extended && !request->copy) {
                program->descriptors[FOLLOW_PROGRAM] = extended_program(compiled->extended);
                program->descriptors[FOLLOW_TABLE] = extended_table(compiled->extended);
        }
        return true;
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
        helper->run->compiled = helper->next;
        helper->next = NULL;
        compiled_free(&old, true);
        helper->generation++;
        helper->sets = helper->next_sets;
}

/* --- Beginning and end --- */

int replacing_begin(struct run *run)
{
        struct helper helper = {.run = run, .sets = run->sets};
        const struct follow_work work = {
            .context = &helper,
            .expression = run->expression,
            .quiet = run->command->printing.quiet,
            .sets = run->sets,
            .make = make,
            .get = give,
            .settle = settle,
        };
        struct replacing *replacing;
        struct error error;

        if (!run->command->follow_sets)
                return STATUS_DONE;
        replacing = calloc(1, sizeof *replacing);
        if (!replacing)
                return out_of_memory();
        replacing->follow = follow_start(&work, &error);
        if (replacing->follow) {
                run->replacing = replacing;
                run->get_program = get_program;
                return STATUS_DONE;
        }
        free(replacing);
        return complain_error(&error);
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
