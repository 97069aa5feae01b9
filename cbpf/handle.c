/* Handles to have libpcap compile with.
 *
 * libpcap generates the kernel's ancillary loads (VLAN metadata, direction, interface) only for a
 * handle that is activated. For a live Ethernet target one on the loopback interface is, just for
 * that; it is never read from. Where that fails (no privilege, lo down) a dead handle serves: all
 * but those primitives come out the same. */
#include "internal.h"

static pcap_t *open_activated(const struct cbpf_target *target)
{
        char message[PCAP_ERRBUF_SIZE];
        pcap_t *handle = pcap_create("lo", message);

        if (!handle)
                return NULL;
        pcap_set_snaplen(handle, (int)target->snapshot_length);
        pcap_set_buffer_size(handle, 1 << 18);
        if (pcap_activate(handle) >= 0 && pcap_datalink(handle) == target->link_type)
                return handle;
        pcap_close(handle);
        return NULL;
}

pcap_t *cbpf_open_handle(const struct cbpf_target *target)
{
        pcap_t *handle = NULL;

        if (target->place == CBPF_LIVE && target->link_type == DLT_EN10MB)
                handle = open_activated(target);
        return handle ? handle : pcap_open_dead(target->link_type, (int)target->snapshot_length);
}
