/* Filters on handles. libpcap's own pcap_setfilter() sets short programs on sockets; of what is
 * read from a file, and of long filters, each packet that libpcap hands on is judged here, as
 * machine code. A long filter is also attached to the socket, where that is allowed, so that few
 * packets come. */
#include "internal.h"

#include <pthread.h>
#include <stdlib.h>

/* Longer ones may exceed the memory that a socket may have for its filter. */
enum { MAX_LEFT_TO_LIBPCAP = 1024 };

struct judged {
        struct judged *next;
        pcap_t *handle;
        struct program *program;
        const struct filt_filter *filter; /* the program's; NULL if the kernel alone judges */
};

static struct judged *all;
static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;

/* What judges the packets of a handle; NULL if nothing does here. A program that changes a handle's
 * filter while another thread reads from it, has undefined behaviour with libpcap as well. */
static const struct filt_filter *filter_of(pcap_t *handle)
{
        const struct filt_filter *filter = NULL;

        pthread_rwlock_rdlock(&lock);
        for (const struct judged *judged = all; judged && !filter; judged = judged->next)
                if (judged->handle == handle)
                        filter = judged->filter;
        pthread_rwlock_unlock(&lock);
        return filter;
}

static void forget(pcap_t *handle)
{
        struct judged *judged = NULL;

        pthread_rwlock_wrlock(&lock);
        for (struct judged **at = &all; *at && !judged;) {
                if ((*at)->handle != handle) {
                        at = &(*at)->next;
                        continue;
                }
                judged = *at;
                *at = judged->next;
        }
        pthread_rwlock_unlock(&lock);
        if (judged)
                program_release(judged->program);
        free(judged);
}

static void remember(struct judged *judged)
{
        program_hold(judged->program);
        pthread_rwlock_wrlock(&lock);
        judged->next = all;
        all = judged;
        pthread_rwlock_unlock(&lock);
}

/* Has libpcap let all packets through, or none. */
static int set_constant(pcap_t *handle, uint32_t verdict)
{
        struct bpf_insn instruction = {.code = BPF_RET | BPF_K, .k = verdict};
        struct bpf_program program = {1, &instruction};

        return REAL(pcap_setfilter)(handle, &program);
}

/* Sets the program as `judged` says. Returns 0; 1 if it is left to libpcap; -1 as libpcap fails. */
static int set(struct judged *judged, enum source source)
{
        bool live = source == SOURCE_SOCKET || source == SOURCE_COOKED, attached = false;
        uint32_t whole = (uint32_t)REAL(pcap_snapshot)(judged->handle);
        struct filt_filter *kernel;

        judged->filter = program_for_memory(judged->program);
        if (!live)
                return judged->filter ? set_constant(judged->handle, whole) : 1;
        kernel = program_for_socket(judged->program, source == SOURCE_COOKED);
        if (!kernel && !judged->filter)
                return 1;
        /* What came before the filter, libpcap lets through as long as it has no other. */
        if (set_constant(judged->handle, judged->filter ? whole : 0) < 0)
                return -1;
        attached = kernel && filt_attach(kernel, REAL(pcap_fileno)(judged->handle), 0, NULL) >= 0;
        return attached || judged->filter ? 0 : 1;
}

PUBLIC int pcap_setfilter(pcap_t *handle, struct bpf_program *program)
{
        enum source source = handle_source(handle);
        struct judged *judged;
        int status = 1;

        forget(handle);
        judged = program && program->bf_insns ? calloc(1, sizeof *judged) : NULL;
        if (judged) {
                judged->handle = handle;
                judged->program = program_find(program->bf_insns);
        }
        if (judged && judged->program && source != SOURCE_MEMORY &&
            (source == SOURCE_FILE || program_length(judged->program) > MAX_LEFT_TO_LIBPCAP))
                status = set(judged, source);
        if (status == 0)
                remember(judged);
        if (judged)
                program_release(judged->program);
        if (status != 0)
                free(judged);
        return status > 0 ? REAL(pcap_setfilter)(handle, program) : status;
}

/* --- Reading ---------------------------------------------------------------------------------- */

struct reading {
        const struct filt_filter *filter;
        pcap_handler callback;
        u_char *context;
        int passed;
};

static bool passes(const struct filt_filter *filter, const struct pcap_pkthdr *header,
                   const u_char *bytes)
{
        return filt_match(filter, &(struct filt_packet){bytes, header->caplen, header->len}) != 0;
}

static void judge(u_char *context, const struct pcap_pkthdr *header, const u_char *bytes)
{
        struct reading *reading = (struct reading *)context;

        if (!passes(reading->filter, header, bytes))
                return;
        reading->passed++;
        reading->callback(reading->context, header, bytes);
}

/* No more packets pass than are read, so `count` of them may be asked for at once. Of a file, 0
 * would mean its end. */
PUBLIC int pcap_dispatch(pcap_t *handle, int count, pcap_handler callback, u_char *context)
{
        struct reading reading = {filter_of(handle), callback, context, 0};
        int result;

        if (!reading.filter)
                return REAL(pcap_dispatch)(handle, count, callback, context);
        do
                result = REAL(pcap_dispatch)(handle, count, judge, (u_char *)&reading);
        while (result > 0 && reading.passed == 0 && count > 0 && REAL(pcap_file)(handle));
        return result > 0 ? reading.passed : result;
}

PUBLIC int pcap_loop(pcap_t *handle, int count, pcap_handler callback, u_char *context)
{
        struct reading reading = {filter_of(handle), callback, context, 0};
        bool file = REAL(pcap_file)(handle) != NULL;

        if (!reading.filter)
                return REAL(pcap_loop)(handle, count, callback, context);
        if (count <= 0)
                return REAL(pcap_loop)(handle, count, judge, (u_char *)&reading);
        while (reading.passed < count) {
                int result =
                    REAL(pcap_dispatch)(handle, count - reading.passed, judge, (u_char *)&reading);

                if (result < 0 || (result == 0 && file))
                        return result;
        }
        return 0;
}

PUBLIC int pcap_next_ex(pcap_t *handle, struct pcap_pkthdr **header, const u_char **bytes)
{
        const struct filt_filter *filter = filter_of(handle);
        int result;

        do
                result = REAL(pcap_next_ex)(handle, header, bytes);
        while (filter && result == 1 && !passes(filter, *header, *bytes));
        return result;
}

PUBLIC const u_char *pcap_next(pcap_t *handle, struct pcap_pkthdr *header)
{
        const struct filt_filter *filter = filter_of(handle);
        struct pcap_pkthdr *found;
        const u_char *bytes;

        if (!filter)
                return REAL(pcap_next)(handle, header);
        if (pcap_next_ex(handle, &found, &bytes) != 1)
                return NULL;
        *header = *found;
        return bytes;
}

PUBLIC void pcap_close(pcap_t *handle)
{
        forget(handle);
        REAL(pcap_close)(handle);
}
