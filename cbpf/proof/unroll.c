/* Loops, as libpcap's `protochain` has one, written out: a program without them that does the same
 * for as many rounds, and then says that it would go on. */
#include "question.h"

#include <stdlib.h>

enum { MAX_LENGTH = 1 << 20 };

/* Each branch as one over two jumps, whose distance is a whole word. Returns false if memory is
 * short. */
static bool spread_branches(const struct bpf_program *in, struct bpf_program *out)
{
        uint32_t *places = malloc((in->bf_len + (size_t)1) * sizeof *places), count = 0;

        for (uint32_t i = 0; places && i < in->bf_len; i++) {
                places[i] = count;
                count += cbpf_is_branch(in->bf_insns[i].code) ? 3 : 1;
        }
        *out = (struct bpf_program){count, calloc(count + (size_t)1, sizeof *out->bf_insns)};
        for (uint32_t i = 0; places && out->bf_insns && i < in->bf_len; i++) {
                struct bpf_insn *to = &out->bf_insns[places[i]];
                uint32_t yes, no;

                *to = in->bf_insns[i];
                if (BPF_CLASS(to->code) != BPF_JMP)
                        continue;
                cbpf_jump_targets(&in->bf_insns[i], i, &yes, &no);
                if (!cbpf_is_branch(to->code)) {
                        to->k = places[yes] - places[i] - 1;
                        continue;
                }
                to->jt = 0;
                to->jf = 1;
                to[1] = (struct bpf_insn)BPF_STMT(BPF_JMP | BPF_JA, places[yes] - places[i] - 2);
                to[2] = (struct bpf_insn)BPF_STMT(BPF_JMP | BPF_JA, places[no] - places[i] - 3);
        }
        free(places);
        return places && out->bf_insns;
}

/* The first jump back; the program's length if there is none. */
static uint32_t find_back(const struct bpf_program *program)
{
        uint32_t at = 0;

        while (at < program->bf_len && (program->bf_insns[at].code != (BPF_JMP | BPF_JA) ||
                                        program->bf_insns[at].k <= INT32_MAX))
                at++;
        return at;
}

/* Where instruction `target` is for one that stands in round `round` of the loop that begins at
 * `from` and ends with the jump at `back`. */
static uint32_t moved(uint32_t target, uint32_t round, uint32_t from, uint32_t back)
{
        uint32_t size = back + 1 - from;

        if (target > back)
                return target + size * (PROOF_ROUNDS - 1);
        return target >= from ? target + size * round : target;
}

/* Writes the loop out. The instructions in front of it are in round 0, too. */
static bool write_out(const struct bpf_program *in, uint32_t back, struct bpf_program *out)
{
        uint32_t from = back + 1 + in->bf_insns[back].k, size = back + 1 - from;
        uint64_t length = in->bf_len + (uint64_t)size * (PROOF_ROUNDS - 1);

        *out = (struct bpf_program){0};
        if (from > back || length > MAX_LENGTH)
                return true;
        *out = (struct bpf_program){(u_int)length, calloc(length, sizeof *out->bf_insns)};
        for (uint32_t round = 0; out->bf_insns && round < PROOF_ROUNDS; round++)
                for (uint32_t i = round ? from : 0;
                     i < (round + 1 < PROOF_ROUNDS ? back + 1 : in->bf_len); i++) {
                        uint32_t at = moved(i, round, from, back);
                        struct bpf_insn *to = &out->bf_insns[at];

                        *to = in->bf_insns[i];
                        if (i == back && round + 1 == PROOF_ROUNDS)
                                *to = (struct bpf_insn)BPF_STMT(BPF_RET | BPF_K, ENCODING_ASIDE);
                        else if (i == back)
                                to->k = 0; /* on to the next round */
                        else if (to->code == (BPF_JMP | BPF_JA))
                                to->k = moved(i + 1 + to->k, round, from, back) - at - 1;
                }
        return out->bf_insns;
}

int proof_unroll(const struct bpf_program *in, struct bpf_program *out)
{
        struct bpf_program program, next;
        bool enough = spread_branches(in, &program);
        uint32_t back;

        while (enough && (back = find_back(&program)) < program.bf_len) {
                enough = write_out(&program, back, &next);
                free(program.bf_insns);
                program = next;
                if (enough && !program.bf_insns)
                        return 1;
        }
        if (!enough)
                free(program.bf_insns);
        else
                *out = program;
        return enough ? 0 : -1;
}
