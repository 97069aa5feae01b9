/* libpcap, loaded when one of its functions is first called: names are looked up by it, and what
 * this project's compiler does not know is compiled. Where it is not there, its functions fail. */
#include "base/lazy.h"
#include "internal.h"

#include <dlfcn.h>
#include <pcap/namedb.h>

static struct lazy_library library = {{"libpcap.so.0.8", "libpcap.so.1"},
                                      NULL}; /* Debian's, others' */

bool libpcap_is_there(char *reason, size_t room)
{
        return lazy_open(&library, reason, room) != NULL;
}

static void *find(const char *name)
{
        void *handle = lazy_open(&library, NULL, 0);

        return handle ? dlsym(handle, name) : NULL;
}

#define FORWARD(result, failure, name, parameters, arguments)                \
        result name parameters                                               \
        {                                                                    \
                __typeof__(&name) function = (__typeof__(&name))find(#name); \
                                                                             \
                return function ? function arguments : failure;              \
        }

#define FORWARD_VOID(name, parameters, arguments)                            \
        void name parameters                                                 \
        {                                                                    \
                __typeof__(&name) function = (__typeof__(&name))find(#name); \
                                                                             \
                if (function)                                                \
                        function arguments;                                  \
        }

FORWARD(int, PCAP_ERROR, pcap_activate, (pcap_t * a), (a))
FORWARD_VOID(pcap_close, (pcap_t * a), (a))
FORWARD(int, PCAP_ERROR, pcap_compile,
        (pcap_t * a, struct bpf_program *b, const char *c, int d, bpf_u_int32 e), (a, b, c, d, e))
FORWARD(pcap_t *, NULL, pcap_create, (const char *a, char *b), (a, b))
FORWARD(int, PCAP_ERROR, pcap_datalink, (pcap_t * a), (a))
FORWARD(u_char *, NULL, pcap_ether_hostton, (const char *a), (a))
FORWARD(pcap_t *, NULL, pcap_fopen_offline, (FILE * a, char *b), (a, b))
FORWARD_VOID(pcap_freecode, (struct bpf_program * a), (a))
FORWARD(char *, "", pcap_geterr, (pcap_t * a), (a))
FORWARD(struct addrinfo *, NULL, pcap_nametoaddrinfo, (const char *a), (a))
FORWARD(int, PROTO_UNDEF, pcap_nametoeproto, (const char *a), (a))
FORWARD(int, PROTO_UNDEF, pcap_nametollc, (const char *a), (a))
FORWARD(bpf_u_int32, 0, pcap_nametonetaddr, (const char *a), (a))
FORWARD(int, 0, pcap_nametoport, (const char *a, int *b, int *c), (a, b, c))
FORWARD(int, 0, pcap_nametoportrange, (const char *a, int *b, int *c, int *d), (a, b, c, d))
FORWARD(int, PROTO_UNDEF, pcap_nametoproto, (const char *a), (a))
FORWARD(pcap_t *, NULL, pcap_open_dead, (int a, int b), (a, b))
FORWARD(int, PCAP_ERROR, pcap_set_buffer_size, (pcap_t * a, int b), (a, b))
FORWARD(int, PCAP_ERROR, pcap_set_snaplen, (pcap_t * a, int b), (a, b))
