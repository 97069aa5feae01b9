/* From a program to machine code, and running it.
 *
 * Its parts: plan.c finds which loads have to be checked; x86_64.c writes the code; here it gets
 * its memory, which is first writable, then executable, and never both. */
#include "jit.h"

#include <errno.h>
#include <linux/filter.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
        /* How many packets of a batch ahead of the current one have their headers prefetched. */
        PREFETCH_AHEAD = 8,
        /* Where X most often is in an indexed load: behind an IPv4 header without options. */
        USUAL_X = 20,
        MAX_PREFETCHED = 128,
};

struct cbpf_jit {
        jit_entry *entry;
        void *memory; /* where the entry is */
        size_t size;
        uint32_t reach; /* bytes of a packet that the program usually looks at, or less */
};

/* Copies code to executable memory. Returns MAP_FAILED if there is none. */
static void *make_executable(const uint8_t *code, size_t size)
{
        void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        if (memory == MAP_FAILED)
                return MAP_FAILED;
        memcpy(memory, code, size);
        if (mprotect(memory, size, PROT_READ | PROT_EXEC) == 0)
                return memory;
        munmap(memory, size);
        return MAP_FAILED;
}

static uint32_t find_reach(const struct bpf_program *program, const struct jit_plan *plan)
{
        uint32_t reach = 1;

        for (uint32_t i = 0; i < program->bf_len; i++) {
                bool indexed = BPF_MODE(program->bf_insns[i].code) == BPF_IND;
                uint64_t end = (uint64_t)plan[i].check + (indexed ? USUAL_X : 0);

                if (plan[i].check > 0 && end > reach)
                        reach = end < MAX_PREFETCHED ? (uint32_t)end : MAX_PREFETCHED;
        }
        return reach;
}

/* Returns the code in fresh memory, or NULL. */
static uint8_t *compile(const struct bpf_program *program, struct cbpf_jit *jit)
{
        struct jit_plan *plan = jit_make_plan(program);
        uint8_t *code = plan ? jit_translate(program, plan, &jit->size) : NULL;

        if (code)
                jit->reach = find_reach(program, plan);
        free(plan);
        return code;
}

struct cbpf_jit *cbpf_jit_new(const struct bpf_program *program)
{
        struct cbpf_jit *jit;
        uint8_t *code;

        errno = ENOTSUP; /* unless an allocation says ENOMEM */
        jit = malloc(sizeof *jit);
        code = jit ? compile(program, jit) : NULL;
        if (code) {
                jit->memory = make_executable(code, jit->size);
                jit->entry = (jit_entry *)jit->memory;
        }
        if (!code || jit->memory == MAP_FAILED) {
                free(jit);
                jit = NULL;
        }
        free(code);
        return jit;
}

const uint8_t *cbpf_jit_code(const struct cbpf_jit *jit, size_t *size)
{
        *size = jit->size;
        return jit->memory;
}

void cbpf_jit_free(struct cbpf_jit *jit)
{
        if (!jit)
                return;
        munmap(jit->memory, jit->size);
        free(jit);
}

uint32_t cbpf_jit_run(const struct cbpf_jit *jit, const struct packet *packet,
                      const struct cbpf_ancillary *ancillary)
{
        return jit->entry(packet->data, packet->captured, 0, 0, packet->length, ancillary);
}

/* The bytes a program reads are rarely in more than two cache lines. */
static void prefetch(const struct packet *packet, uint32_t reach)
{
        uintptr_t data = (uintptr_t)packet->data;

        __builtin_prefetch((const void *)data);
        __builtin_prefetch((const void *)(data + reach - 1));
}

void cbpf_jit_run_batch(const struct cbpf_jit *jit, const struct packet *packets, size_t count,
                        uint32_t *verdicts)
{
        for (size_t i = 0; i < count && i < PREFETCH_AHEAD; i++)
                prefetch(&packets[i], jit->reach);
        for (size_t i = 0; i < count; i++) {
                if (count - i > PREFETCH_AHEAD)
                        prefetch(&packets[i + PREFETCH_AHEAD], jit->reach);
                verdicts[i] = cbpf_jit_run(jit, &packets[i], NULL);
        }
}
