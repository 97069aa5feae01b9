/* Writes filter programs in the forms of --format. Those that go into other tools come as what one
 * pastes: a command line, a piece of C. */
#include "base/json.h"
#include "cbpf/extended.h"
#include "cli.h"

#include <ctype.h>
#include <linux/filter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
        MAX_IPTABLES = 64, /* XT_BPF_MAX_NUM_INSTR of <linux/netfilter/xt_bpf.h> */
        /* tc puts the program into a message of 16 KiB: with iproute2 6.1 and the command line
         * below, this is the longest program that fits. */
        MAX_TC = 2039,
};

/* Writes a listing between `before` and `after`, which replaces its last newline. */
static int list(const struct bpf_program *program, enum cbpf_listing listing, const char *before,
                const char *after)
{
        char *text = cbpf_list(program, listing);

        if (!text)
                return out_of_memory();
        printf("%s%.*s%s", before, (int)strlen(text) - 1, text, after);
        free(text);
        return STATUS_DONE;
}

static int write_listing(const struct bpf_program *program)
{
        for (uint32_t i = 0; i < program->bf_len; i++) {
                char line[96];

                cbpf_list_instruction(&program->bf_insns[i], i, line, sizeof line);
                print_listed(&program->bf_insns[i], line);
                putchar('\n');
        }
        return STATUS_DONE;
}

/* Nothing in the expression ends the comment. */
void program_describe(const struct program_origin *origin)
{
        fputs("/* ", stdout);
        if (!origin->expression) {
                fputs("a program from elsewhere", stdout);
                return;
        }
        for (const char *c = origin->expression; *c; c++) {
                unsigned char byte = (unsigned char)*c;

                putchar(byte < ' ' || byte > '~' ? ' ' : byte);
                if ((*c == '*' && c[1] == '/') || (*c == '/' && c[1] == '*'))
                        putchar(' ');
        }
        printf("%s(%s)", *origin->expression ? " " : "", link_type_name(origin->target.link_type));
}

static int write_assembler(const struct bpf_program *program, const struct program_origin *origin)
{
        program_describe(origin);
        return list(program, CBPF_LISTING_ASSEMBLER, " */\n", "\n");
}

/* Says what the kernel would say; it takes the program only if this returns true. */
static bool kernel_takes(const struct bpf_program *program)
{
        struct cbpf_violation violation;

        if (cbpf_check(program, &violation) == 0)
                return true;
        if (violation.lacks_memory)
                out_of_memory();
        else
                complain("the kernel does not take this program: %s", violation.message);
        return false;
}

static int write_c(const struct bpf_program *program, const struct program_origin *origin)
{
        int status;

        kernel_takes(program);
        program_describe(origin);
        status = list(program, CBPF_LISTING_C,
                      " */\n"
                      "#include <linux/filter.h>\n"
                      "\n"
                      "struct sock_filter filter_instructions[] = {\n",
                      "\n};\n");
        if (status)
                return status;
        printf("\n"
               "/* setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) */\n"
               "struct sock_fprog filter = {\n"
               "\t.len = %u,\n"
               "\t.filter = filter_instructions,\n"
               "};\n",
               program->bf_len);
        return STATUS_DONE;
}

/* `arp` is never seen by iptables. */
static int warn_of_nothing(const struct bpf_program *program)
{
        int rejects = cbpf_rejects_all(program);

        if (rejects < 0)
                return out_of_memory();
        if (rejects)
                complain("warning: no packet can match this filter");
        return STATUS_DONE;
}

static int write_iptables(const struct bpf_program *program, const struct program_origin *origin)
{
        if (program->bf_len > MAX_IPTABLES)
                return complain(
                    "the program has %u instructions, and the bpf match of iptables takes at most "
                    "%d: ask for less, or in several rules, or use --format tc",
                    program->bf_len, MAX_IPTABLES);
        if (!kernel_takes(program))
                return STATUS_FAILED;
        complain(origin->expression
                     ? "compiled for link type RAW: iptables shows a packet from its IP header on"
                     : "the program is taken as it is: iptables shows it a packet from its IP "
                       "header on, without a link header");
        if (warn_of_nothing(program) != STATUS_DONE)
                return STATUS_FAILED;
        complain("this rule counts; -j DROP or the like makes it act, ip6tables takes it for IPv6");
        return list(program, CBPF_LISTING_BYTECODE, "iptables -A INPUT -m bpf --bytecode \"",
                    "\"\n");
}

/* A word for the shell; what might steer a terminal comes in an escape that bash, zsh and ksh know.
 */
static void print_word(const char *word)
{
        char shown[TEXT_SHOWN];
        bool plain = *word != '\0';

        for (const char *c = word; *c; c++)
                plain = plain && (isalnum((unsigned char)*c) || strchr("_.@:-", *c));
        if (plain) {
                fputs(word, stdout);
                return;
        }
        fputs("$'", stdout);
        for (size_t left = strlen(word), taken; left > 0; word += taken, left -= taken) {
                taken = text_show_next(word, left, shown);
                printf("%s%s", strchr("'\\", *word) ? "\\" : "", shown);
        }
        putchar('\'');
}

/* What a program returns to accept, tc takes for a class; -1 is that of its command line. */
static void accept_for_tc(struct bpf_program *program)
{
        for (uint32_t i = 0; i < program->bf_len; i++)
                if (program->bf_insns[i].code == (BPF_RET | BPF_K) && program->bf_insns[i].k != 0)
                        program->bf_insns[i].k = UINT32_MAX;
}

/* True if tc has what the program asks for. */
static bool tc_can(const struct bpf_program *program, const struct program_origin *origin)
{
        if (program->bf_len > MAX_TC)
                complain("the program has %u instructions, and what tc sends to the kernel holds "
                         "%d: ask for less, or in several filters",
                         program->bf_len, MAX_TC);
        else if (origin->expression && origin->target.link_type == DLT_LINUX_SLL2)
                complain("tc works on one interface with a link type of its own, and this one's "
                         "packets have a made-up header here: no filter for tc");
        else if (origin->expression && cbpf_program_asks(program, SKF_AD_PKTTYPE))
                complain("tc does not tell a program whether a packet is inbound or outbound: "
                         "leave that out, and write ingress or egress");
        else
                return kernel_takes(program);
        return false;
}

static int write_tc(struct bpf_program *program, const struct program_origin *origin)
{
        if (origin->expression)
                accept_for_tc(program);
        if (!tc_can(program, origin))
                return STATUS_FAILED;
        if (origin->expression)
                complain("compiled for link type %s; tc shows a packet from its link header on, "
                         "without the outer VLAN tag",
                         link_type_name(origin->target.link_type));
        if (warn_of_nothing(program) != STATUS_DONE)
                return STATUS_FAILED;
        complain("first, once: tc qdisc add dev %s clsact; append an action, or flowid alone "
                 "classifies%s",
                 origin->device ? origin->device : "...",
                 origin->device ? "" : "; give -i, or set DEV to the interface");
        fputs("tc filter add dev ", stdout);
        if (origin->device)
                print_word(origin->device);
        else
                fputs("\"${DEV:?}\"", stdout);
        return list(program, CBPF_LISTING_BYTECODE, " ingress bpf bytecode \"", "\" flowid 1:1\n");
}

/* A member of JSON's object: a string, or null. Bytes that are not ASCII are taken for Latin-1. */
static void put_string(const char *name, const char *text)
{
        printf(" \"%s\": ", name);
        if (text)
                json_bytes(&(struct json){.file = stdout}, text, strlen(text));
        else
                fputs("null", stdout);
        fputs(",\n", stdout);
}

/* The same for a number, or null if it is not known. */
static void put_number(const char *name, bool known, uint32_t number)
{
        if (known)
                printf(" \"%s\": %u,\n", name, number);
        else
                printf(" \"%s\": null,\n", name);
}

static int write_json(const struct bpf_program *program, const struct program_origin *origin)
{
        const struct cbpf_target *target = &origin->target;
        const char *place = target->place == CBPF_FILE ? "file" : "live";
        uint32_t longest = 0;
        int unbounded = cbpf_longest_path(program, &longest);

        if (unbounded < 0)
                return out_of_memory();
        puts("{\"format\": \"filt-program\",\n \"version\": 1,");
        put_string("expression", origin->expression);
        put_string("link_type", origin->target_known ? link_type_name(target->link_type) : NULL);
        put_number("snapshot_length", origin->expression, target->snapshot_length);
        put_string("place", origin->expression ? place : NULL);
        put_number("length", true, program->bf_len);
        put_number("longest_path", !unbounded, longest);
        return list(program, CBPF_LISTING_JSON, " \"instructions\": ", "}\n");
}

bool program_is_extended(enum program_form form)
{
        return form >= PROGRAM_EBPF;
}

/* At XDP, a VLAN tag is where it was on the wire. */
int program_write(enum program_form form, struct bpf_program *program,
                  const struct program_origin *origin)
{
        switch (form) {
        case PROGRAM_D: return write_listing(program);
        case PROGRAM_DD: return list(program, CBPF_LISTING_C, "", "\n");
        case PROGRAM_DDD: return list(program, CBPF_LISTING_DECIMAL, "", "\n");
        case PROGRAM_ASSEMBLER: return write_assembler(program, origin);
        case PROGRAM_C: return write_c(program, origin);
        case PROGRAM_IPTABLES: return write_iptables(program, origin);
        case PROGRAM_TC: return write_tc(program, origin);
        default: return write_json(program, origin);
        }
}
