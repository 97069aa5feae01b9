/* pcap_calls FILE EXPRESSION: what libpcap's functions for filters come to, by each of the ways in
 * which programs read packets. The test compares what is printed with and without libfilt-pcap
 * preloaded. */
#include <pcap/pcap.h>

#include <err.h>
#include <stdio.h>
#include <string.h>

static const char *file, *expression;

static pcap_t *open_file(void)
{
        char message[PCAP_ERRBUF_SIZE];
        pcap_t *handle = pcap_open_offline(file, message);

        if (!handle)
                errx(1, "%s", message);
        return handle;
}

static void set(pcap_t *handle, const char *text, int optimize)
{
        struct bpf_program program;

        if (pcap_compile(handle, &program, text, optimize, PCAP_NETMASK_UNKNOWN) < 0)
                errx(1, "%s", pcap_geterr(handle));
        if (pcap_setfilter(handle, &program) < 0)
                errx(1, "%s", pcap_geterr(handle));
        pcap_freecode(&program); /* libpcap has its copy */
}

/* Opened, with the filter set after another one. */
static pcap_t *open_filtered(void)
{
        pcap_t *handle = open_file();

        set(handle, "less 1", 1);
        set(handle, expression, 1);
        return handle;
}

struct sum {
        unsigned count, bytes;
        pcap_t *breaks; /* at the second packet; or NULL */
};

static void add(u_char *context, const struct pcap_pkthdr *header, const u_char *bytes)
{
        struct sum *sum = (struct sum *)context;

        sum->count++;
        sum->bytes += header->caplen + bytes[0];
        if (sum->breaks && sum->count == 2)
                pcap_breakloop(sum->breaks);
}

static void tell(const char *way, int result, const struct sum *sum)
{
        printf("%s: %d, %u packets, %u\n", way, result, sum->count, sum->bytes);
}

static void try_loop(int count)
{
        pcap_t *handle = open_filtered();
        struct sum sum = {0};
        int result = pcap_loop(handle, count, add, (u_char *)&sum);

        tell("loop", result, &sum);
        result = pcap_loop(handle, count, add, (u_char *)&sum);
        tell("loop again", result, &sum);
        pcap_close(handle);
}

static void try_dispatch(int count)
{
        pcap_t *handle = open_filtered();
        struct sum sum = {0};
        int result, total = 0;

        while ((result = pcap_dispatch(handle, count, add, (u_char *)&sum)) > 0)
                total += result;
        tell("dispatch", result, &sum);
        printf("in all %d\n", total);
        pcap_close(handle);
}

static void try_break(void)
{
        pcap_t *handle = open_filtered();
        struct sum sum = {.breaks = handle};
        int result = pcap_loop(handle, -1, add, (u_char *)&sum);

        tell("broken loop", result, &sum);
        result = pcap_loop(handle, 1, add, (u_char *)&sum);
        tell("goes on", result, &sum);
        result = pcap_loop(handle, 0, add, (u_char *)&sum);
        tell("to its end", result, &sum);
        pcap_close(handle);
}

static void try_next(void)
{
        pcap_t *handle = open_filtered();
        struct pcap_pkthdr header, *found;
        const u_char *bytes = pcap_next(handle, &header);
        struct sum sum = {0};
        int result;

        if (bytes)
                add((u_char *)&sum, &header, bytes);
        tell("next", bytes != NULL, &sum);
        while ((result = pcap_next_ex(handle, &found, &bytes)) == 1)
                add((u_char *)&sum, found, bytes);
        tell("next_ex", result, &sum);
        pcap_close(handle);
}

/* A filter that is taken away, by one of another maker. */
static void try_constant(void)
{
        struct bpf_insn all = {.code = BPF_RET | BPF_K, .k = 100};
        struct bpf_program program = {1, &all};
        pcap_t *handle = open_filtered();
        struct sum sum = {0};
        int result = pcap_setfilter(handle, &program);

        printf("set: %d\n", result);
        result = pcap_loop(handle, -1, add, (u_char *)&sum);
        tell("all", result, &sum);
        pcap_close(handle);
}

static void run(const struct bpf_program *program, const char *way)
{
        pcap_t *handle = open_file();
        struct pcap_pkthdr *header;
        const u_char *bytes;
        unsigned passed = 0, passed_offline = 0;

        while (pcap_next_ex(handle, &header, &bytes) == 1) {
                passed += bpf_filter(program->bf_insns, bytes, header->len, header->caplen) != 0;
                passed_offline += pcap_offline_filter(program, header, bytes) != 0;
        }
        printf("%s: %u, %u; %d\n", way, passed, passed_offline,
               bpf_validate(program->bf_insns, (int)program->bf_len));
        pcap_close(handle);
}

#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
static void try_programs(void)
{
        pcap_t *dead = pcap_open_dead(DLT_EN10MB, 100);
        struct bpf_program program, copy;
        struct bpf_insn instructions[4096];

        for (int optimize = 0; optimize < 2; optimize++) {
                if (pcap_compile(dead, &program, expression, optimize, 0) < 0)
                        errx(1, "%s", pcap_geterr(dead));
                run(&program, optimize ? "dead" : "dead, not optimized");
                if (program.bf_len <= 4096) {
                        memcpy(instructions, program.bf_insns,
                               program.bf_len * sizeof *instructions);
                        copy = (struct bpf_program){program.bf_len, instructions};
                        run(&copy, "copied");
                        instructions[0].code = 0xffff;
                        printf("damaged: %d\n", bpf_validate(instructions, (int)copy.bf_len));
                }
                pcap_freecode(&program);
                printf("freed: %u %d\n", program.bf_len, program.bf_insns != NULL);
        }
        if (pcap_compile_nopcap(100, DLT_EN10MB, &program, expression, 1, 0) == 0) {
                run(&program, "nopcap");
                pcap_freecode(&program);
        }
        printf("wrong: %d, %d\n", pcap_compile(dead, &program, "tcp and (", 1, 0),
               pcap_geterr(dead)[0] != '\0');
        printf("wrong: %d\n", pcap_compile_nopcap(100, DLT_EN10MB, &program, "bogus", 1, 0));
        pcap_close(dead);
}

static void try_idle(void)
{
        char message[PCAP_ERRBUF_SIZE];
        pcap_t *idle = pcap_create("lo", message);
        struct bpf_program program;

        printf("not activated: %d, %s\n", pcap_compile(idle, &program, expression, 1, 0),
               pcap_geterr(idle));
        pcap_close(idle);
}

static void try_images(void)
{
        static const struct bpf_insn instructions[] = {
            {0x28, 0, 0, 12}, {0x15, 0, 3, 0x800}, {0xb1, 0, 0, 14},        {0x48, 0, 0, 16},
            {0x35, 1, 0, 80}, {0x54, 0, 0, 0xfff}, {0x30, 0, 0, 23},        {0x80, 0, 0, 0},
            {0x05, 0, 0, 1},  {0x06, 0, 0, 65535}, {0x28, 0, 0, 0xfffff000}};
        const int count = sizeof instructions / sizeof *instructions;
        struct bpf_program program = {(u_int)count, (struct bpf_insn *)instructions};

        for (int i = 0; i < count; i++)
                puts(bpf_image(&instructions[i], i));
        for (int option = 1; option <= 3; option++)
                bpf_dump(&program, option);
}

int main(int argc, char **argv)
{
        if (argc != 3)
                errx(2, "usage: pcap_calls FILE EXPRESSION");
        file = argv[1];
        expression = argv[2];
        try_loop(-1);
        try_loop(1);
        try_loop(3);
        try_dispatch(-1);
        try_dispatch(1);
        try_dispatch(2);
        try_break();
        try_next();
        try_constant();
        try_programs();
        try_idle();
        try_images();
        return 0;
}
