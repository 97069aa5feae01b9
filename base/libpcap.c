/* libpcap, loaded when it is first called: names are looked up by it, exotic link types compiled,
 * and devices listed; compiling most filters takes none of it. */
#include "lazy.h"

#include <pcap/pcap.h>

#include <pcap/namedb.h> /* does not include what it needs */

static struct lazy_library library = {{"libpcap.so.0.8", "libpcap.so.1"},
                                      NULL}; /* Debian's, others' */

void libpcap_load(void)
{
        lazy_load(&library);
}

LAZY(u_int, bpf_filter, (const struct bpf_insn *a, const u_char *b, u_int c, u_int d), (a, b, c, d))
LAZY(int, pcap_activate, (pcap_t * a), (a))
LAZY(int, pcap_can_set_rfmon, (pcap_t * a), (a))
LAZY(void, pcap_close, (pcap_t * a), (a))
LAZY(int, pcap_compile, (pcap_t * a, struct bpf_program *b, const char *c, int d, bpf_u_int32 e),
     (a, b, c, d, e))
LAZY(pcap_t *, pcap_create, (const char *a, char *b), (a, b))
LAZY(int, pcap_datalink, (pcap_t * a), (a))
LAZY(int, pcap_datalink_name_to_val, (const char *a), (a))
LAZY(const char *, pcap_datalink_val_to_description, (int a), (a))
LAZY(const char *, pcap_datalink_val_to_name, (int a), (a))
LAZY(int, pcap_dispatch, (pcap_t * a, int b, pcap_handler c, u_char *d), (a, b, c, d))
LAZY(void, pcap_dump_close, (pcap_dumper_t * a), (a))
LAZY(pcap_dumper_t *, pcap_dump_fopen, (pcap_t * a, FILE *b), (a, b))
LAZY(u_char *, pcap_ether_hostton, (const char *a), (a))
LAZY(int, pcap_findalldevs, (pcap_if_t * *a, char *b), (a, b))
LAZY(pcap_t *, pcap_fopen_offline, (FILE * a, char *b), (a, b))
LAZY(pcap_t *, pcap_fopen_offline_with_tstamp_precision, (FILE * a, u_int b, char *c), (a, b, c))
LAZY(void, pcap_free_tstamp_types, (int *a), (a))
LAZY(void, pcap_freealldevs, (pcap_if_t * a), (a))
LAZY(void, pcap_freecode, (struct bpf_program * a), (a))
LAZY(const struct timeval *, pcap_get_required_select_timeout, (pcap_t * a), (a))
LAZY(int, pcap_get_selectable_fd, (pcap_t * a), (a))
LAZY(int, pcap_get_tstamp_precision, (pcap_t * a), (a))
LAZY(char *, pcap_geterr, (pcap_t * a), (a))
LAZY(const char *, pcap_lib_version, (void), ())
LAZY(int, pcap_list_tstamp_types, (pcap_t * a, int **b), (a, b))
LAZY(int, pcap_lookupnet, (const char *a, bpf_u_int32 *b, bpf_u_int32 *c, char *d), (a, b, c, d))
LAZY(struct addrinfo *, pcap_nametoaddrinfo, (const char *a), (a))
LAZY(int, pcap_nametoeproto, (const char *a), (a))
LAZY(int, pcap_nametollc, (const char *a), (a))
LAZY(bpf_u_int32, pcap_nametonetaddr, (const char *a), (a))
LAZY(int, pcap_nametoport, (const char *a, int *b, int *c), (a, b, c))
LAZY(int, pcap_nametoportrange, (const char *a, int *b, int *c, int *d), (a, b, c, d))
LAZY(int, pcap_nametoproto, (const char *a), (a))
LAZY(int, pcap_next_ex, (pcap_t * a, struct pcap_pkthdr **b, const u_char **c), (a, b, c))
LAZY(pcap_t *, pcap_open_dead, (int a, int b), (a, b))
LAZY(pcap_t *, pcap_open_dead_with_tstamp_precision, (int a, int b, u_int c), (a, b, c))
LAZY(int, pcap_set_buffer_size, (pcap_t * a, int b), (a, b))
LAZY(int, pcap_set_immediate_mode, (pcap_t * a, int b), (a, b))
LAZY(int, pcap_set_promisc, (pcap_t * a, int b), (a, b))
LAZY(int, pcap_set_rfmon, (pcap_t * a, int b), (a, b))
LAZY(int, pcap_set_snaplen, (pcap_t * a, int b), (a, b))
LAZY(int, pcap_set_tstamp_precision, (pcap_t * a, int b), (a, b))
LAZY(int, pcap_setfilter, (pcap_t * a, struct bpf_program *b), (a, b))
LAZY(int, pcap_snapshot, (pcap_t * a), (a))
LAZY(int, pcap_stats, (pcap_t * a, struct pcap_stat *b), (a, b))
LAZY(const char *, pcap_statustostr, (int a), (a))
LAZY(const char *, pcap_tstamp_type_val_to_description, (int a), (a))
LAZY(const char *, pcap_tstamp_type_val_to_name, (int a), (a))