/* From a program to machine code, and running it.
 *
 * Its parts: jit_plan.c finds which loads have to be checked; jit_x86_64.c writes the code; here it
 * gets its memory, which is first writable, then executable, and never both. */
#include "jit.h"

#include <linux/filter.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
        /* Packets of a batch whose headers are on their way to the cache while one is filtered. */
        PREFETCH_AHEAD = 8,
        CACHE_LINE = 64,
};

struct cbpf_jit {
        jit_entry *entry;
        void *memory; /* where the entry is */
        size_t size;
};

const struct jit_ancillary *jit_ancillary(uint32_t k)
{
#define FIELD(number, field)                                    \
        {                                                       \
                number, offsetof(struct cbpf_ancillary, field), \
                    sizeof((struct cbpf_ancillary *)0)->field   \
        }
        static const struct jit_ancillary all[] = {
            FIELD(SKF_AD_PROTOCOL, protocol),       FIELD(SKF_AD_PKTTYPE, packet_type),
            FIELD(SKF_AD_IFINDEX, interface),       FIELD(SKF_AD_HATYPE, hardware_type),
            FIELD(SKF_AD_VLAN_TAG, vlan_tag),       FIELD(SKF_AD_VLAN_TAG_PRESENT, vlan_present),
            FIELD(SKF_AD_VLAN_TPID, vlan_protocol),
        };

        for (size_t i = 0; i < sizeof all / sizeof *all; i++)
                if (k - (uint32_t)SKF_AD_OFF == all[i].number)
                        return &all[i];
        return NULL;
}

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

static uint8_t *compile(const struct bpf_program *program, size_t *size)
{
        struct jit_plan *plan = jit_make_plan(program);
        uint8_t *code = plan ? jit_translate(program, plan, size) : NULL;

        free(plan);
        return code;
}

struct cbpf_jit *cbpf_jit_new(const struct bpf_program *program)
{
        struct cbpf_jit *jit = malloc(sizeof *jit);
        uint8_t *code = jit ? compile(program, &jit->size) : NULL;

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

void cbpf_jit_free(struct cbpf_jit *jit)
{
        if (!jit)
                return;
        munmap(jit->memory, jit->size);
        free(jit);
}

uint32_t cbpf_jit_run(const struct cbpf_jit *jit, const struct cbpf_packet *packet)
{
        return jit->entry(packet->data, packet->captured, 0, 0, packet->length, packet->ancillary);
}

/* Headers take two cache lines where they do not start with one. */
static void prefetch(const struct cbpf_packet *packet)
{
        uintptr_t data = (uintptr_t)packet->data;

        __builtin_prefetch((const void *)data);
        __builtin_prefetch((const void *)(data + CACHE_LINE - 1));
}

void cbpf_jit_run_batch(const struct cbpf_jit *jit, const struct cbpf_packet *packets, size_t count,
                        uint32_t *verdicts)
{
        for (size_t i = 0; i < count && i < PREFETCH_AHEAD; i++)
                prefetch(&packets[i]);
        for (size_t i = 0; i < count; i++) {
                if (count - i > PREFETCH_AHEAD)
                        prefetch(&packets[i + PREFETCH_AHEAD]);
                verdicts[i] = cbpf_jit_run(jit, &packets[i]);
        }
}
