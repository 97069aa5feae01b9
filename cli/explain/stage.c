/* filt explain --stage: one stage of the way from text to machine. */
#include "cbpf/extended.h"
#include "explain.h"

#include <capstone/capstone.h>
#include <dlfcn.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int show_tree(struct explain *explain)
{
        struct error error;
        char *text;

        if (explain->program_file)
                return complain_usage("option --stage: a --program has no syntax tree");
        if (cbpf_write_tree(explain->expression, explain->sets, &text, &error) < 0)
                return complain_filter(explain->expression, &error);
        fputs(text, stdout);
        free(text);
        return STATUS_DONE;
}

static int show_graph(struct explain *explain)
{
        char *text;
        int result = cbpf_write_graph(&explain->program, &explain->target, &text);

        if (result < 0)
                return out_of_memory();
        if (result > 0)
                return complain(
                    "this program has no decision graph: it jumps back, or is no mere filter");
        print_labelled(text);
        free(text);
        return STATUS_DONE;
}

static int show_program(struct explain *explain)
{
        explain_print_program(explain);
        return STATUS_DONE;
}

static int show_unoptimized(struct explain *explain)
{
        if (explain->program_file && explain->optimize)
                return complain_usage("--stage unoptimized and --optimize: one of the two");
        return show_program(explain);
}

/* The program that the expression is compiled to for extended BPF. That there may be none is no
 * failure. */
static int show_extended(struct explain *explain)
{
        int place = explain->place < 0 ? CBPF_CONTEXT_SOCKET : explain->place;
        struct extended_kernel kernel = {0};
        struct cbpf_extended_target extended = extended_target(place, &kernel);
        struct cbpf_target target = explain->target;
        char described[EXTENDED_DESCRIBED], *text;
        struct error error;
        int status;

        status = extended_find_kernel(PROGRAM_EBPF, place, 0, &kernel);
        if (status != STATUS_DONE)
                return status;
        program_set_target(PROGRAM_EBPF, place, 0, &target);
        if (cbpf_explain_extended(explain->expression, &target, &extended, &text, &error) < 0) {
                if (error.kind == ERROR_MEMORY)
                        return out_of_memory();
                printf("No extended program: %s.\n\n", error.message);
                return STATUS_DONE;
        }
        extended_describe(place, &target, described);
        printf(
            "Extended BPF, compiled by filt for %s.\n"
            "r6 is the context, r7 the packet's start, r8 its end, r9 a place in it, r10 the end "
            "of the stack.\n\n",
            described);
        fputs(text, stdout);
        putchar('\n');
        free(text);
        return STATUS_DONE;
}

static int show_ebpf(struct explain *explain)
{
        struct cbpf_violation violation;
        char *text;

        if (!explain->program_file && show_extended(explain) != STATUS_DONE)
                return STATUS_FAILED;
        if (cbpf_check(&explain->program, &violation) != 0)
                return violation.lacks_memory ? out_of_memory()
                                              : complain("the kernel does not take this program, "
                                                         "so it makes no eBPF of it: "
                                                         "%s",
                                                         violation.message);
        text = cbpf_write_ebpf(&explain->program);
        if (!text)
                return out_of_memory();
        printf("The classic program, translated by filt, by the rules of Linux 6.1 "
               "(bpf_convert_filter in\nnet/core/filter.c); the kernel does not hand out its own "
               "translation. r0 is A, r7 X, r6 the socket\nbuffer, r8 the packet's bytes, r9 how "
               "many of them lie in one piece.\n\n");
        print_labelled(text);
        free(text);
        return STATUS_DONE;
}

/* The disassembler is loaded when it is asked for: its tables would take two fifths of the time in
 * which filt starts. */
struct disassembler {
        typeof(cs_open) *open;
        typeof(cs_disasm) *disassemble;
        typeof(cs_errno) *error;
        typeof(cs_free) *free;
        typeof(cs_close) *close;
};

static int load_disassembler(struct disassembler *disassembler)
{
        enum { VERSION = CS_API_MAJOR };
        char name[32];
        void *library;

        snprintf(name, sizeof name, "libcapstone.so.%d", VERSION);
        errno = 0;
        library = dlopen(name, RTLD_NOW);
        if (!library && errno == ENOMEM)
                return out_of_memory();
        if (!library)
                return complain("no disassembler: %s; install capstone (Debian: libcapstone%d)",
                                dlerror(), VERSION);
        *disassembler = (struct disassembler){
            .open = (typeof(cs_open) *)dlsym(library, "cs_open"),
            .disassemble = (typeof(cs_disasm) *)dlsym(library, "cs_disasm"),
            .error = (typeof(cs_errno) *)dlsym(library, "cs_errno"),
            .free = (typeof(cs_free) *)dlsym(library, "cs_free"),
            .close = (typeof(cs_close) *)dlsym(library, "cs_close"),
        };
        if (disassembler->open && disassembler->disassemble && disassembler->error &&
            disassembler->free && disassembler->close)
                return STATUS_DONE;
        return complain("no disassembler: %s lacks functions", name);
}

static int disassemble(const uint8_t *code, size_t size)
{
        struct disassembler disassembler = {0};
        cs_insn *instructions;
        csh capstone;
        cs_err error;
        size_t count;

        if (load_disassembler(&disassembler) != STATUS_DONE)
                return STATUS_FAILED;
        error = disassembler.open(CS_ARCH_X86, CS_MODE_64, &capstone);
        if (error == CS_ERR_MEM)
                return out_of_memory();
        if (error != CS_ERR_OK)
                return complain("the disassembler (capstone) does not start");
        count = disassembler.disassemble(capstone, code, size, 0, 0, &instructions);
        error = disassembler.error(capstone);
        for (size_t i = 0; i < count; i++) {
                print_as(ROLE_NUMBERING, "  %4" PRIx64 ":", instructions[i].address);
                print_as(ROLE_OPERATION, " %-8s", instructions[i].mnemonic);
                printf(" %s\n", instructions[i].op_str);
        }
        if (count > 0)
                disassembler.free(instructions, count);
        disassembler.close(&capstone);
        return error == CS_ERR_MEM ? out_of_memory() : STATUS_DONE;
}

static int show_native(struct explain *explain)
{
        struct cbpf_jit *jit = cbpf_jit_new(&explain->program);
        const uint8_t *code;
        size_t size;
        int status;

        if (!jit && errno == ENOMEM)
                return out_of_memory();
        if (!jit)
                return complain("filt makes no machine code of this program here: it knows x86-64, "
                                "and programs that only jump forward");
        code = cbpf_jit_code(jit, &size);
        printf("x86-64, %zu bytes. rdi: the packet's bytes, rsi: how many are captured, r8d: its "
               "length,\nr9: metadata, eax: A and in the end the verdict, ecx: X.\n\n",
               size);
        status = disassemble(code, size);
        cbpf_jit_free(jit);
        return status;
}

/* --stage passes: the graph after each pass that changed it. */
struct passes {
        const char *only; /* after this pass; NULL for all of them */
        char *before;     /* the graph's text after the pass before */
        bool known;       /* `only` has run */
        bool shown;       /* and has changed the graph */
        bool failed;      /* memory ran short */
};

static void show_pass(void *context, const struct cbpf_pass_event *event)
{
        struct passes *passes = context;
        bool wanted = !passes->only || strcmp(passes->only, event->pass) == 0;
        char *text = passes->failed ? NULL : cbpf_graph_text(event->graph);

        passes->known |= wanted;
        passes->failed |= !text;
        if (text && wanted && (!passes->before || strcmp(text, passes->before) != 0)) {
                print_as(ROLE_OPERATION, "# %s", event->pass);
                if (event->round)
                        printf(", round %u", event->round);
                putchar('\n');
                print_labelled(text);
                putchar('\n');
                passes->shown = true;
        }
        free(passes->before);
        passes->before = text;
}

static int show_passes(struct explain *explain)
{
        struct passes passes = {.only = explain->pass};
        struct cbpf_pass_observer observer = {.after = show_pass, .context = &passes};
        struct bpf_program program;
        struct error error;
        int status = STATUS_DONE;

        if (explain->program_file)
                return complain_usage(
                    "option --stage: passes are those of an expression, not of a --program");
        if (cbpf_compile_and_observe(explain->expression, &explain->target, &observer, &program,
                                     &error) < 0)
                return complain_filter(explain->expression, &error);
        if (passes.failed)
                status = out_of_memory();
        else if (!passes.known && program.bf_len == 1)
                complain("no pass runs: the filter tests nothing");
        else if (!passes.known && !passes.before) /* compiled by libpcap alone: no graph, no pass */
                status = complain("this program has no decision graph: it jumps back");
        else if (!passes.known)
                status = complain_usage("option --stage: no pass '%s' runs here", passes.only);
        else if (!passes.shown)
                complain("%s leaves the graph as it is", passes.only);
        free(passes.before);
        cbpf_program_free(&program);
        return status;
}

/* In the order of EXPLAIN_STAGES. */
static explain_show *const stages[] = {
    show_tree, show_graph, show_passes, show_unoptimized, show_program, show_ebpf, show_native,
};

int explain_show_stage(struct explain *explain)
{
        return stages[explain->stage](explain);
}
