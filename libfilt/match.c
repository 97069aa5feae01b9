/* Filtering packets in the process. */
#include "internal.h"

#include <stddef.h>

/* A packet of the public interface is one of the project's: arrays of them are handed on as they
 * are. */
_Static_assert(sizeof(struct filt_packet) == sizeof(struct packet) &&
                   offsetof(struct filt_packet, bytes) == offsetof(struct packet, data) &&
                   offsetof(struct filt_packet, captured) == offsetof(struct packet, captured) &&
                   offsetof(struct filt_packet, length) == offsetof(struct packet, length),
               "a packet is a packet");

/* Makes the machine code. Of threads that do so at once, one keeps its own. */
static const struct cbpf_jit *make_machine_code(struct filt_filter *filter)
{
        struct cbpf_jit *made = cbpf_jit_new(&filter->program), *none = NULL;

        if (!made) {
                atomic_store(&filter->machine, MACHINE_INTERPRETER);
                return NULL;
        }
        if (!atomic_compare_exchange_strong(&filter->jit, &none, made))
                cbpf_jit_free(made);
        atomic_store(&filter->machine, MACHINE_NATIVE);
        return atomic_load(&filter->jit);
}

/* The machine code; NULL if the program is to be interpreted. */
static const struct cbpf_jit *machine_code(const struct filt_filter *filter)
{
        switch (atomic_load_explicit(&filter->machine, memory_order_acquire)) {
        case MACHINE_NATIVE: return atomic_load_explicit(&filter->jit, memory_order_acquire);
        case MACHINE_INTERPRETER: return NULL;
        }
        return make_machine_code((struct filt_filter *)filter);
}

uint32_t filt_match(const struct filt_filter *filter, const struct filt_packet *packet)
{
        const struct cbpf_jit *jit = machine_code(filter);
        const struct packet *same = (const struct packet *)packet;

        return jit ? cbpf_jit_run(jit, same, NULL) : cbpf_run(&filter->program, same);
}

void filt_match_many(const struct filt_filter *filter, const struct filt_packet *packets,
                     size_t count, uint32_t *verdicts)
{
        const struct cbpf_jit *jit = machine_code(filter);
        const struct packet *same = (const struct packet *)packets;

        if (jit) {
                cbpf_jit_run_batch(jit, same, count, verdicts);
                return;
        }
        for (size_t i = 0; i < count; i++)
                verdicts[i] = cbpf_run(&filter->program, &same[i]);
}

uint32_t filt_match_live(const struct filt_filter *filter, const struct filt_packet *packet,
                         const struct filt_metadata *metadata)
{
        const struct cbpf_ancillary ancillary = {
            .protocol = metadata->protocol,
            .packet_type = (uint8_t)metadata->packet_type,
            .interface = metadata->interface,
            .hardware_type = metadata->hardware_type,
            .vlan_present = metadata->has_vlan_tag != 0,
            .vlan_tag = metadata->vlan_tag,
            .vlan_protocol = metadata->vlan_protocol,
        };
        const struct cbpf_jit *jit = machine_code(filter);
        const struct packet *same = (const struct packet *)packet;

        return jit ? cbpf_jit_run(jit, same, &ancillary)
                   : cbpf_execute(&filter->program, same, &ancillary, NULL).verdict;
}
