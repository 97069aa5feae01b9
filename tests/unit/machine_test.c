/* Machine code and extended programs run on symbols: what they are proved to mean is what the
 * program means that they were made of, and what is broken is told apart. */
#include "cbpf/extended.h"
#include "cbpf/jit/jit.h"
#include "cbpf/proof/proof.h"
#include "tests/lib/machine.h"
#include "tests/lib/mend.h"
#include "tests/lib/programs.h"
#include "tests/lib/random.h"
#include "tests/unit/unit.h"

#include <string.h>

enum {
        LENGTH = 16,
        SNAPSHOT = 65532,
        LIMIT = 20000, /* milliseconds */
};

static struct proof_packet packet;

/* What is lifted: machine code, or an extended program. */
struct lifted {
        struct machine machine;
        uint8_t *code;
        size_t size;
        const struct cbpf_extended_program *program;
        const struct cbpf_extended_target *target;
        bool faults;
};

static int lift(void *context, struct graph *graph, uint32_t captured)
{
        struct lifted *lifted = context;
        int status = 0;

        if (!lifted->machine.run)
                status = lifted->program ? machine_run_ebpf(&lifted->machine, lifted->program,
                                                            lifted->target, graph, captured)
                                         : machine_run_x86_64(&lifted->machine, lifted->code,
                                                              lifted->size, graph, captured, false);
        if (status == 0)
                graph->root = machine_root(&lifted->machine, lifted->faults);
        return status;
}

/* Whether the two answer differently, or memory is read that is not there. */
static enum proof_answer compare(struct lifted *lifted, const struct bpf_program *program)
{
        struct proof_settings settings = {.link_type = DLT_EN10MB,
                                          .snapshot_length = SNAPSHOT,
                                          .whole = lifted->program,
                                          .limit = LIMIT};
        struct proof *proof = proof_new(&settings);
        enum proof_answer answer;

        ck_assert_msg(proof_add_lifted(proof, lift, lifted) == 0, "%s", lifted->machine.unmodelled);
        ck_assert_int_eq(proof_add(proof, program, false), 1);
        lifted->faults = true;
        ck_assert_int_eq(proof_add_lifted(proof, lift, lifted), 2);
        answer = proof_find(proof, &(struct proof_condition){2, true}, 1, &packet, NULL);
        for (int i = 0; i < 2 && answer == PROOF_NONE; i++)
                answer = proof_find(proof, (struct proof_condition[]){{0, i}, {1, !i}}, 2, &packet,
                                    NULL);
        machine_free(&lifted->machine);
        lifted->faults = false;
        proof_free(proof);
        return answer;
}

static void compile(const char *expression, struct bpf_program *program)
{
        struct cbpf_target target = {
            .link_type = DLT_EN10MB, .snapshot_length = SNAPSHOT, .netmask = CBPF_NETMASK_UNKNOWN};
        struct error error;

        ck_assert_msg(cbpf_compile(expression, &target, 0, program, &error) == 0, "%s",
                      error.message);
}

#if defined __x86_64__

static uint64_t random_state = 1;

static uint32_t below(uint32_t limit)
{
        return random_below(&random_state, limit);
}

static struct lifted translate(const struct bpf_program *program, struct jit_plan *plan)
{
        struct lifted lifted = {0};

        lifted.code = jit_translate(program, plan, &lifted.size);
        ck_assert_ptr_nonnull(lifted.code);
        return lifted;
}

START_TEST(machine_code_means_what_its_program_does)
{
        enum { PROGRAMS = 3000 };
        struct bpf_insn instructions[LENGTH];
        unsigned undecided = 0;

        for (int i = 0; i < PROGRAMS; i++) {
                struct bpf_program program = {LENGTH, instructions};
                struct jit_plan *plan;
                struct lifted lifted;
                enum proof_answer answer;

                for (uint32_t j = 0; j < LENGTH; j++)
                        instructions[j] = (struct bpf_insn){
                            .code = program_opcodes[below(PROGRAM_OPCODES)],
                            .jt = (uint8_t)below(LENGTH),
                            .jf = (uint8_t)below(LENGTH),
                            .k = below(4) ? below(64) : (uint32_t)random_next(&random_state)};
                mend_program(&program);
                plan = jit_make_plan(&program);
                lifted = translate(&program, plan);
                answer = compare(&lifted, &program);
                ck_assert_msg(answer == PROOF_NONE || answer == PROOF_UNDECIDED,
                              "program %d of %u bytes", i, packet.captured);
                undecided += answer == PROOF_UNDECIDED;
                free(lifted.code);
                free(plan);
        }
        ck_assert_uint_le(undecided, PROGRAMS / 100);
}
END_TEST

/* A byte of the machine code changed is told apart, or still means the same, or is no instruction
 * of the compiler's; and a plan that checks too little reads what is not there. */
START_TEST(changed_machine_code_is_told_apart)
{
        struct bpf_program program;
        struct jit_plan *plan;
        struct lifted lifted;
        unsigned apart = 0;

        compile("tcp dst port 80 or udp[4:2] > 100", &program);
        plan = jit_make_plan(&program);
        lifted = translate(&program, plan);
        ck_assert_int_eq(compare(&lifted, &program), PROOF_NONE);
        for (size_t i = 0; i < lifted.size; i++) {
                struct lifted changed = lifted;
                struct proof_settings settings = {.snapshot_length = SNAPSHOT};
                struct proof *proof = proof_new(&settings);

                lifted.code[i] ^= 1;
                if (proof_add_lifted(proof, lift, &changed) == 0) {
                        machine_free(&changed.machine);
                        apart += compare(&changed, &program) == PROOF_FOUND;
                }
                machine_free(&changed.machine);
                lifted.code[i] ^= 1;
                proof_free(proof);
        }
        ck_assert_uint_ge(apart, 30);
        free(lifted.code);
        for (uint32_t i = 0; i < program.bf_len; i++) {
                uint32_t check = plan[i].check;

                if (check == 0)
                        continue;
                plan[i].check--;
                lifted = translate(&program, plan);
                ck_assert_int_eq(compare(&lifted, &program), PROOF_FOUND);
                free(lifted.code);
                plan[i].check = check + 1;
                lifted = translate(&program, plan);
                ck_assert_int_eq(compare(&lifted, &program), PROOF_FOUND);
                free(lifted.code);
                plan[i].check = check;
        }
        free(plan);
        cbpf_program_free(&program);
}
END_TEST

#endif

static const struct cbpf_extended_netfilter netfilter = {1002, 112};
static const struct cbpf_extended_peek peek = {1001, 200, 112, 116};
static const struct cbpf_verdicts verdicts = {.accept = 1};
static const struct cbpf_extended_target targets[] = {
    {.context = CBPF_CONTEXT_SOCKET, .fragments = true},
    {.context = CBPF_CONTEXT_SOCKET, .fragments = true, .peek = &peek},
    {.context = CBPF_CONTEXT_TC, .fragments = true},
    {.context = CBPF_CONTEXT_XDP},
    {.context = CBPF_CONTEXT_XDP, .fragments = true},
    {.context = CBPF_CONTEXT_NETFILTER,
     .fragments = true,
     .verdicts = &verdicts,
     .netfilter = &netfilter},
};

static enum proof_answer compare_extended(const struct cbpf_extended_program *extended,
                                          const struct cbpf_extended_target *target,
                                          const struct bpf_program *program)
{
        struct lifted lifted = {.program = extended, .target = target};

        return compare(&lifted, program);
}

static void compile_for(const char *expression, const struct cbpf_extended_target *place,
                        struct cbpf_extended_program *extended)
{
        struct cbpf_target target = {
            .link_type = DLT_EN10MB, .snapshot_length = SNAPSHOT, .netmask = CBPF_NETMASK_UNKNOWN};
        struct error error;

        ck_assert_msg(cbpf_compile_extended(expression, &target, place, extended, &error) == 0,
                      "%s", error.message);
}

/* Sets become maps. */
START_TEST(lists_in_maps_mean_the_same)
{
        static const char *const forms[] = {"%sdst host 10.%u.%u.%u", "%sdst net 10.%u.%u.%u/32",
                                            "%sether host 02:00:00:%02x:%02x:%02x"};
        enum { ENTRIES = 5000, ROOM = ENTRIES * 40 };
        char *text = malloc(ROOM);

        for (size_t form = 0; form < sizeof forms / sizeof *forms; form++) {
                struct cbpf_extended_target target = targets[2];
                struct cbpf_extended_program extended;
                struct bpf_program program;
                size_t used = 0;

                for (unsigned i = 0; i < ENTRIES; i++) {
                        unsigned host = i * 7 + 3;

                        used +=
                            (size_t)snprintf(text + used, ROOM - used, forms[form], i ? " or " : "",
                                             host >> 16 & 255, host >> 8 & 255, host & 255);
                }
                target.maps = true;
                compile_for(text, &target, &extended);
                compile(text, &program);
                ck_assert_uint_ge(extended.map_count, 1);
                ck_assert_int_eq(compare_extended(&extended, &target, &program), PROOF_NONE);
                extended.maps[0].values[extended.maps[0].words - 1] ^= 1;
                ck_assert_int_eq(compare_extended(&extended, &target, &program), PROOF_FOUND);
                cbpf_extended_free(&extended);
                cbpf_program_free(&program);
        }
        free(text);
}
END_TEST

/* One number of an extended program changed is told apart by a packet, or the program is no
 * longer modelled, or means the same still. */
START_TEST(changed_extended_programs_are_told_apart)
{
        static const char expression[] = "tcp dst port 80 or udp[4:2] > 100";
        struct bpf_program program;

        compile(expression, &program);
        for (size_t place = 0; place < sizeof targets / sizeof *targets; place++) {
                const struct cbpf_extended_target *target = &targets[place];
                struct cbpf_extended_program extended;
                unsigned apart = 0;

                compile_for(expression, target, &extended);
                ck_assert_int_eq(compare_extended(&extended, target, &program), PROOF_NONE);
                for (uint32_t i = 0; i < extended.count; i++) {
                        int32_t kept = extended.instructions[i].immediate;
                        struct proof_settings settings = {.snapshot_length = SNAPSHOT,
                                                          .whole = true};
                        struct proof *proof = proof_new(&settings);
                        struct lifted lifted = {.program = &extended, .target = target};

                        extended.instructions[i].immediate ^= 2;
                        if (proof_add_lifted(proof, lift, &lifted) == 0)
                                apart +=
                                    compare_extended(&extended, target, &program) == PROOF_FOUND;
                        machine_free(&lifted.machine);
                        extended.instructions[i].immediate = kept;
                        proof_free(proof);
                }
                ck_assert_uint_ge(apart, 12);
                cbpf_extended_free(&extended);
        }
        cbpf_program_free(&program);
}
END_TEST

void unit_tests(Suite *suite)
{
        TCase *tests = unit_case(suite, "machine", 60);

#if defined __x86_64__
        tcase_add_test(tests, machine_code_means_what_its_program_does);
        tcase_add_test(tests, changed_machine_code_is_told_apart);
#endif
        if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
                return; /* extended programs are run as on a little-endian machine */
        tcase_add_test(tests, lists_in_maps_mean_the_same);
        tcase_add_test(tests, changed_extended_programs_are_told_apart);
}
