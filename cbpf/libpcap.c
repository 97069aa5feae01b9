/* Compiling by libpcap, without its optimizer, to learn what an expression means.
 *
 * libpcap generates the kernel's ancillary loads (direction, interface) only for a handle that is
 * activated. For a live Ethernet target and an expression that needs them, a handle on the loopback
 * interface is activated; it is never read from. It loads VLAN metadata, too, which the stage
 * strip-tag takes out. All other programs are the same with a dead handle. */
#include "base/array.h"
#include "base/text.h"
#include "cbpf/program/program.h"
#include "cbpf/syntax/syntax.h"
#include "compile.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
        /* libpcap walks its programs recursively, about a level per instruction: 10,000 hosts
         * overflow a stack of 8 MiB. Longer expressions get a large stack of their own; and as
         * libpcap takes quadratic time, larger ones are refused. */
        SMALL_STACK_MAX_LENGTH = 5000, /* bytes */
        MAX_NODES = 5000,
        MAX_NUMBERS = 50000, /* takes it some 20 seconds */
        LARGE_STACK = 256 << 20,
        MAX_TESTS_JOINED = 64,
};

/* Where the link header is a number of an address family: the systems of BSD have three for IPv6,
 * which to libpcap are those that count in a file, and Linux another. */
static const int bsd_links[] = {DLT_NULL, DLT_LOOP, DLT_ENC};

static bool means_bsd(const struct cbpf_target *target)
{
        for (size_t i = 0; target->saved && i < array_count(bsd_links); i++)
                if (bsd_links[i] == target->link_type)
                        return true;
        return false;
}

/* libpcap takes BSD's numbers only for a file that it reads: here one without packets. */
static pcap_t *open_empty_file(const struct cbpf_target *target)
{
        struct pcap_file_header header = {
            .magic = 0xa1b2c3d4,
            .version_major = PCAP_VERSION_MAJOR,
            .version_minor = PCAP_VERSION_MINOR,
            .snaplen = target->snapshot_length,
            .linktype = (uint32_t)target->link_type, /* has the same number in files */
        };
        char message[PCAP_ERRBUF_SIZE];
        FILE *file = fmemopen(&header, sizeof header, "r");
        pcap_t *handle = file ? pcap_fopen_offline(file, message) : NULL;

        if (file && !handle)
                fclose(file);
        return handle;
}

/* Returns NULL with `message` filled. */
static pcap_t *open_activated(const struct cbpf_target *target, char message[PCAP_ERRBUF_SIZE])
{
        pcap_t *handle = pcap_create("lo", message);

        if (!handle)
                return NULL;
        pcap_set_snaplen(handle, (int)target->snapshot_length);
        pcap_set_buffer_size(handle, 1 << 18);
        if (pcap_activate(handle) >= 0 && pcap_datalink(handle) == target->link_type)
                return handle;
        snprintf(message, PCAP_ERRBUF_SIZE, "%s", pcap_geterr(handle));
        pcap_close(handle);
        return NULL;
}

/* Refuses what would take libpcap hours. */
static int guard(const char *expression, struct error *error)
{
        struct arena arena = {0};
        struct tree *tree = NULL;
        int failed = cbpf_parse(expression, PARSE_NO_NAMES, NULL, &arena, &tree, error);
        size_t count = 0, numbers = 0;

        for (const struct tree *node = !failed && tree ? tree_first(tree) : NULL; node;
             node = tree_next(node)) {
                count += !tree_is_number(node);
                numbers += tree_is_number(node);
        }
        arena_free(&arena);
        if (failed || (count <= MAX_NODES && numbers <= MAX_NUMBERS))
                return failed;
        if (count <= MAX_NODES)
                error_set(error,
                          "the expression has %zu numbers and operators of arithmetic: more than "
                          "%d cannot be compiled",
                          numbers, MAX_NUMBERS);
        else
                error_set(error,
                          "the expression has %zu tests and operators: more than %d cannot be "
                          "compiled",
                          count, MAX_NODES);
        return -1;
}

/* Points `error` at what its message quotes, if that stands in the expression. */
static void find_quoted(const char *expression, struct error *error)
{
        const char *start = strpbrk(error->message, "'\"");
        const char *end = start ? strchr(start + 1, *start) : NULL;
        char quoted[sizeof error->message];
        const char *place;

        if (!end || end == start + 1)
                return;
        snprintf(quoted, sizeof quoted, "%.*s", (int)(end - start - 1), start + 1);
        place = strstr(expression, quoted);
        if (!place)
                return;
        error->offset = (size_t)(place - expression);
        error->length = strlen(quoted);
}

/* The test as an expression of its own. */
static char *text_of_test(const struct tree *node)
{
        struct tree alone = *node;
        char *text;

        alone.parent = alone.next = NULL;
        for (struct tree *operand = alone.operands; operand; operand = operand->next)
                operand->parent = &alone;
        text = cbpf_tree_text(&alone);
        for (struct tree *operand = alone.operands; operand; operand = operand->next)
                operand->parent = (struct tree *)node;
        return text;
}

/* True if libpcap refuses `expression` for the same reason as the last one. */
static bool is_refused_alike(pcap_t *handle, const char *expression)
{
        struct bpf_program program;
        char reason[PCAP_ERRBUF_SIZE];

        snprintf(reason, sizeof reason, "%s", pcap_geterr(handle));
        if (pcap_compile(handle, &program, expression, 0, PCAP_NETMASK_UNKNOWN) == 0) {
                pcap_freecode(&program);
                return false;
        }
        return strcmp(reason, pcap_geterr(handle)) == 0;
}

/* Points `error` at the first test that libpcap refuses. As tags change what the tests after them
 * mean, it is looked for by joining the tests with `and`, one more each time. */
static void find_refused(const struct tree *tree, pcap_t *handle, struct error *error)
{
        struct text joined = {0};
        int tests = 0;

        for (const struct tree *node = tree_first(tree); node && tests < MAX_TESTS_JOINED;
             node = tree_next(node)) {
                char *text;

                if (tree_is_logic(node) || (node->parent && !tree_is_logic(node->parent)))
                        continue;
                text = text_of_test(node);
                joined.failed |= !text;
                text_format(&joined, "%s(%s)", tests++ ? " and " : "", text ? text : "");
                free(text);
                text_char(&joined, '\0');
                if (joined.failed) {
                        error_memory(error);
                        break;
                }
                joined.length--;
                if (!is_refused_alike(handle, joined.start))
                        continue;
                error->offset = node->offset;
                error->length = node->length;
                break;
        }
        text_free(&joined);
}

/* Says why libpcap refused, in the parser's words or, where the expression is well formed and only
 * not possible for this link type, in its own. */
static void explain(const char *expression, const struct cbpf_sets *sets, pcap_t *handle,
                    struct error *error)
{
        struct arena arena = {0};
        struct tree *tree;

        if (strstr(pcap_geterr(handle), "memory exhausted")) {
                error_set(error, "the parentheses are nested too deeply");
        } else if (!cbpf_parse(expression, 0, sets, &arena, &tree, error)) {
                error_set(error, "%s", pcap_geterr(handle));
                find_quoted(expression, error);
                if (error->offset == ERROR_NO_OFFSET && tree)
                        find_refused(tree, handle, error);
        }
        arena_free(&arena);
}

/* The arguments and the result of pcap_compile(). */
struct call {
        pcap_t *handle;
        struct bpf_program *program;
        const char *expression;
        const struct cbpf_sets *sets;
        uint32_t netmask;
        int failed;
        int reason; /* errno then */
};

static void *run_call(void *argument)
{
        struct call *call = argument;

        errno = 0;
        call->failed =
            pcap_compile(call->handle, call->program, call->expression, 0, call->netmask);
        call->reason = errno;
        return NULL;
}

static int run_call_on_large_stack(struct call *call)
{
        pthread_attr_t attributes;
        pthread_t thread;
        int failed;

        if (pthread_attr_init(&attributes))
                return -1;
        failed = pthread_attr_setstacksize(&attributes, LARGE_STACK) ||
                 pthread_create(&thread, &attributes, run_call, call) || pthread_join(thread, NULL);
        pthread_attr_destroy(&attributes);
        return failed ? -1 : 0;
}

static int compile(struct call *call, const char *original, struct error *error)
{
        if (strlen(call->expression) < SMALL_STACK_MAX_LENGTH) {
                run_call(call);
        } else if (guard(call->expression, error)) {
                return -1;
        } else if (run_call_on_large_stack(call)) {
                error_set(error, "no memory for a stack of %d MiB", LARGE_STACK >> 20);
                error->kind = ERROR_MEMORY;
                return -1;
        }
        if (!call->failed)
                return 0;
        *call->program = (struct bpf_program){0};
        if (call->reason == ENOMEM)
                error_memory(error);
        else
                explain(original, call->sets, call->handle, error);
        return -1;
}

/* The handle to compile with; NULL with `error` filled. */
static pcap_t *open_handle(const char *expression, const struct cbpf_target *target,
                           struct error *error)
{
        bool ethernet = target->place == CBPF_LIVE && target->link_type == DLT_EN10MB;
        int asks = ethernet ? cbpf_asks_metadata(expression) : 0;
        char message[PCAP_ERRBUF_SIZE];
        pcap_t *handle = NULL;

        if (asks > 0)
                handle = open_activated(target, message);
        else if (asks == 0 && means_bsd(target))
                handle = open_empty_file(target);
        else if (asks == 0)
                handle = pcap_open_dead(target->link_type, (int)target->snapshot_length);
        if (handle)
                return handle;
        error_memory(error);
        if (asks > 0 && !strstr(message, strerror(ENOMEM))) {
                error_set(error, "a test of direction or interface can be compiled for the kernel "
                                 "only while the loopback interface is up");
                error->kind = CBPF_ONLY_IN_FILE;
        }
        return NULL;
}

/* Makes `program` one for a cooked socket. */
static int cook(struct bpf_program *program, struct error *error)
{
        if (cbpf_cook(program) == 0)
                return 0;
        cbpf_program_free(program);
        error_set(error, "it asks for a field of the link header that the kernel cannot tell");
        error->kind = CBPF_ONLY_IN_FILE;
        return -1;
}

int cbpf_refuse_libpcap(struct error *error)
{
        error_set(error, "only libpcap can compile this filter, and it may not be used");
        error->kind = CBPF_NEEDS_LIBPCAP;
        return -1;
}

int cbpf_compile_by_libpcap(const char *expression, const char *original,
                            const struct cbpf_target *target, struct bpf_program *program,
                            struct error *error)
{
        struct call call = {.program = program,
                            .expression = expression,
                            .sets = target->sets,
                            .netmask = target->netmask,
                            .handle = open_handle(expression, target, error)};
        int failed;

        if (!call.handle)
                return -1;
        failed = compile(&call, original, error);
        pcap_close(call.handle);
        if (failed || target->place != CBPF_LIVE || target->link_type != DLT_LINUX_SLL2)
                return failed;
        return cook(program, error);
}
