/* One instruction on registers that hold terms. */
#include "ir.h"

enum { A = CBPF_A, X = CBPF_X };

/* Whether what is loaded there may differ each time, or depends on A and X. */
static bool is_fickle(uint32_t k)
{
        switch (k - (uint32_t)SKF_AD_OFF) {
        case SKF_AD_NLATTR:
        case SKF_AD_NLATTR_NEST:
        case SKF_AD_ALU_XOR_X:
        case SKF_AD_CPU:
        case SKF_AD_RANDOM: return true;
        default: return false;
        }
}

/* A term that no other is equal to. */
static uint32_t unique(struct graph *graph)
{
        return graph_argument(graph, SYMBOLIC_UNIQUE + graph->term_count);
}

static uint32_t loaded(struct graph *graph, const struct bpf_insn *instruction,
                       const uint32_t *registers, bool pure)
{
        uint32_t byte;

        switch (BPF_MODE(instruction->code)) {
        case BPF_IMM: return graph_constant(graph, instruction->k);
        case BPF_MEM: return registers[instruction->k % BPF_MEMWORDS];
        case BPF_LEN: return graph_length(graph);
        case BPF_ABS:
                return graph_load(graph, BPF_SIZE(instruction->code),
                                  !pure && is_fickle(instruction->k) ? unique(graph) : GRAPH_NONE,
                                  instruction->k);
        case BPF_IND:
                return graph_load(graph, BPF_SIZE(instruction->code), registers[X], instruction->k);
        }
        byte = graph_load(graph, BPF_B, GRAPH_NONE, instruction->k);
        byte = graph_operation(graph, BPF_AND, byte, graph_constant(graph, 0xf));
        return graph_operation(graph, BPF_LSH, byte, graph_constant(graph, 2));
}

uint32_t symbolic_operand(struct graph *graph, const struct bpf_insn *instruction,
                          const uint32_t *registers)
{
        if (BPF_SRC(instruction->code) == BPF_X)
                return registers[X];
        return graph_constant(graph, instruction->k);
}

uint32_t symbolic_step(struct graph *graph, const struct bpf_insn *instruction, uint32_t *registers,
                       bool pure)
{
        uint32_t code = instruction->code, set = A;

        switch (BPF_CLASS(code)) {
        case BPF_LD: registers[A] = loaded(graph, instruction, registers, pure); break;
        case BPF_LDX: registers[set = X] = loaded(graph, instruction, registers, pure); break;
        case BPF_ST: registers[set = instruction->k % BPF_MEMWORDS] = registers[A]; break;
        case BPF_STX: registers[set = instruction->k % BPF_MEMWORDS] = registers[X]; break;
        case BPF_ALU:
                registers[A] = graph_operation(
                    graph, BPF_OP(code), registers[A],
                    BPF_OP(code) == BPF_NEG ? GRAPH_NONE
                                            : symbolic_operand(graph, instruction, registers));
                break;
        case BPF_MISC:
                if (BPF_MISCOP(code) == BPF_TAX)
                        registers[set = X] = registers[A];
                else
                        registers[A] = registers[X];
                break;
        }
        return set;
}
