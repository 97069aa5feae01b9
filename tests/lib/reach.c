/* The program up to the jump, and what accepts there alone. Jumps lead forward, so nothing that
 * stands behind it can lead to it. */
#include "reach.h"

#include "cbpf/program/program.h"
#include "cbpf/proof/proof.h"

#include <stdlib.h>
#include <string.h>

enum { SNAPSHOT = 65535 };

/* A distance that leads behind the jump leads to the return of 0 instead. */
static uint32_t shorten(uint32_t at, uint32_t distance, uint32_t last, uint32_t reject)
{
        return at + 1 + (uint64_t)distance > last ? reject - at - 1 : distance;
}

/* Returns false if jumps do not reach. */
static bool cut(const struct bpf_program *program, uint32_t last, bool holds,
                struct bpf_program *shorter)
{
        uint32_t accept = last + 1, reject = last + 2;
        bool fits = true;

        *shorter =
            (struct bpf_program){last + 3, calloc(last + (size_t)3, sizeof *shorter->bf_insns)};
        if (!shorter->bf_insns)
                abort();
        memcpy(shorter->bf_insns, program->bf_insns,
               (last + (size_t)1) * sizeof *shorter->bf_insns);
        for (uint32_t i = 0; i < last; i++) {
                struct bpf_insn *instruction = &shorter->bf_insns[i];

                if (BPF_CLASS(instruction->code) == BPF_RET) {
                        *instruction = (struct bpf_insn)BPF_STMT(BPF_RET | BPF_K, 0);
                } else if (instruction->code == (BPF_JMP | BPF_JA)) {
                        instruction->k = shorten(i, instruction->k, last, reject);
                } else if (BPF_CLASS(instruction->code) == BPF_JMP) {
                        uint32_t yes = shorten(i, instruction->jt, last, reject);
                        uint32_t no = shorten(i, instruction->jf, last, reject);

                        fits &= yes <= UINT8_MAX && no <= UINT8_MAX;
                        instruction->jt = (uint8_t)yes;
                        instruction->jf = (uint8_t)no;
                }
        }
        shorter->bf_insns[last].jt = !holds;
        shorter->bf_insns[last].jf = holds;
        shorter->bf_insns[accept] = (struct bpf_insn)BPF_STMT(BPF_RET | BPF_K, SNAPSHOT);
        shorter->bf_insns[reject] = (struct bpf_insn)BPF_STMT(BPF_RET | BPF_K, 0);
        return fits;
}

static enum reach ask(const struct bpf_program *program, int link_type, uint64_t limit,
                      struct proof_packet *packet)
{
        const struct proof_settings settings = {
            .link_type = link_type, .snapshot_length = SNAPSHOT, .limit = limit};
        const struct proof_condition accepts = {0, true};
        struct proof *proof = proof_new(&settings);
        enum reach result = REACH_UNKNOWN;

        if (!proof)
                abort();
        if (proof_add(proof, program, false) == 0)
                switch (proof_find(proof, &accepts, 1, packet, NULL)) {
                case PROOF_FOUND: result = REACH_FOUND; break;
                case PROOF_NONE: result = REACH_NEVER; break;
                case PROOF_UNDECIDED: break;
                case PROOF_FAILED: abort();
                }
        proof_free(proof);
        return result;
}

enum reach reach_branch(const struct bpf_program *program, int link_type, uint32_t instruction,
                        bool holds, uint64_t limit, struct sample *sample)
{
        struct proof_packet *packet = malloc(sizeof *packet);
        enum reach result = REACH_UNKNOWN;
        struct bpf_program shorter;

        if (!packet)
                abort();
        if (cut(program, instruction, holds, &shorter))
                result = ask(&shorter, link_type, limit, packet);
        if (result == REACH_FOUND) {
                sample->captured = packet->captured;
                sample->length = packet->length;
                sample->ancillary = (struct cbpf_ancillary){0};
                sample->live = sample->beside = false;
                memcpy(sample->data, packet->data, packet->captured);
        }
        free(shorter.bf_insns);
        free(packet);
        return result;
}
