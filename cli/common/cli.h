/* cli: what the subcommands share, a section for each source file.
 *
 * A subcommand is a folder or a file of its own and a row in cli/main.c; an option is a row in its
 * subcommand's table. */
#pragma once

#include "base/colors.h"
#include "capture/capture.h"
#include "cbpf/extended.h"
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

enum {
        GO_ON = -1, /* no status yet */
        STATUS_DONE = 0,
        STATUS_FAILED = 1, /* failed at run time, or compare found a difference */
        STATUS_USAGE = 2,  /* bad usage, or a filter that does not compile */
};

/* --- messages.c: to standard error ------------------------------------------------------------ */

/* Opens /dev/null for each of the three standard streams that is closed. Otherwise a socket or file
 * opened later would get its number, and receive what is meant for the stream. */
void open_standard_streams(void);

/* What messages begin with; the caller's, "filt" unless it is set. */
extern const char *program_name;

/* Prints the name, a colon, the message and a newline to standard error. Returns STATUS_FAILED, as
 * do the next three. */
int complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Complains about each line. */
void complain_lines(const char *lines);

/* The same without the name. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* As complain(); quotes below it what another program has said. */
void complain_quoting(const char *quoted, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Complains about what a library reports. */
int complain_error(const struct error *error);

/* Says so once, however often it is called, and ends standard output: what was
 * written is delivered, what is written later is not. */
int out_of_memory(void);

/* Prints versions of all libraries, and what there is else, as --version. Returns a status. */
int print_all_versions(void);

/* Whether out_of_memory() was called: the program then fails, whatever else it says. */
bool memory_was_short(void);

/* Complains that there is no packet `number` in `file`, whose last packet has the number `last`. */
int complain_past_end(const char *file, uint64_t number, uint64_t last);

/* Complains about the command line, and points to the subcommand's --help. Returns STATUS_USAGE. */
int complain_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Complains about an expression that does not compile, with a caret under the offending token.
 * Returns STATUS_USAGE, or STATUS_FAILED if memory was short. */
int complain_filter(const char *expression, const struct error *error);

/* Whether hints are shown: `wanted` says so, or if it is negative, that standard error is a
 * terminal.
 */
bool hints_are_shown(int wanted);

/* Tells of the places where the expression, which compiles, hardly means what it says. */
void show_hints(const char *expression, const struct cbpf_target *target);

/* The same about `text`, which was read from `name`: adds line and column. */
void complain_text(const char *name, const char *text, const struct error *error);

/* The patience of base/descriptor.h that writes to standard output and error obey; NULL as long
 * as they wait for their reader. */
extern const struct patience *streams_patience;

/* Writes all at once. A failure is not told: there is nowhere to tell it. */
void write_standard_error(const char *bytes, size_t length);

/* Whether an unfinished line stands on standard error, a terminal, for the next complaint to
 * overwrite. */
void standing_line(bool stands);

/* A counted noun: "1 call", "2 calls". Use it inside an argument list, as
 * counted(n, "call").text: the text lives until the end of that full expression. */
struct counted {
        char text[64];
};
struct counted counted(uint64_t count, const char *noun);

/* Flushes standard output. Returns 0, STATUS_FAILED after a complaint, or -1 if the reader has
 * closed its end, which is no error: it has seen enough. */
int flush_standard_output(void);

/* --- output.c: standard output -----------------------------------------------------------------
 */

/* Makes `stdout` a stream of which no failure escapes. Returns false if memory is short. */
bool open_standard_output(void);

/* Prints foreign text, as text_show() has it. */
void print_shown(FILE *stream, const char *foreign);

/* --- colors.c ----------------------------------------------------------------------------------
 */

enum color_choice { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER }; /* --color */

/* The row of a table of options. */
#define COLOR_OPTION(place, what)                                                                  \
        {                                                                                          \
                0, "color", "auto|always|never", take_word, place,                                 \
                    .own = true, .help = "colour " what,                                           \
                    .more = "`auto`, the default, does so on a terminal, unless NO_COLOR is set. " \
                            "FILT_COLORS says which colours."                                      \
        }

/* What the choice and the environment ask for, for this descriptor; NULL if there are to be none.
 * It is what those below print with, and valid until the next call. */
const struct colors *choose_colors(int choice, int output);

/* printf() of a field. */
void print_as(enum role role, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A line of cbpf_list_instruction(), any spaces and tabs in it changed, without a newline. */
void print_listed(const struct bpf_insn *instruction, const char *line);

/* Lines of which some begin with a number and a colon. */
void print_labelled(const char *text);

/* --- watched.c: a command whose doings are watched ---------------------------------------------
 */

struct watched {
        pid_t pid;
        int go; /* closed without a write, the command does not start */
        int *error;
};

/* Creates the process, which waits for watched_start(). Call this before blocking signals or
 * mounting, as the process inherits both. Returns a status, after a complaint on failure. */
int watched_prepare(struct watched *watched, char *const argv[]);

/* Lets it execute the command. */
void watched_start(struct watched *watched);

/* Whether it turned out that the command could not be executed. Its end, the only event there is
 * then, is of a process that never was the command. */
bool watched_failed(const struct watched *watched);

/* Whether the process has ended. */
bool watched_ended(const struct watched *watched);

/* Waits for its end. Returns its exit status, 128 + N if signal N ended it; if the command could
 * not be executed, complains and returns 127 if there is none, else 126. */
int watched_status(struct watched *watched, char *const argv[]);

/* --- netns.c: network namespaces ----------------------------------------------------------------
 */

/* Moves this process into a network namespace: by the name that ip(8) netns knows, the number of a
 * process, or the path of its file; or into that of a container's processes, whose ID may be
 * shortened. Call it before there is a second thread. Returns a status, after a complaint. */
int netns_enter(const char *text);
int netns_enter_container(const char *id);

/* The inode of the one that this process is in; 0 if it cannot be seen. */
uint32_t netns_own(void);

/* --- sandbox.c: giving up power ----------------------------------------------------------------
 */

/* A binary that was given capabilities lends none over files: those that count are the rights of
 * the user who called. */
void leave_files_to_user(void);

/* A user that root becomes. */
struct user {
        uid_t uid;
        gid_t gid;
};

/* The user that -Z names. Returns false after a complaint, also if this is not root. */
bool user_find(const char *name, struct user *user);

/* Makes this process, which is root, that user, without further groups and capabilities, never to
 * get any. Returns false with errno set. */
bool user_become(const struct user *user);

struct sandbox {
        const char *user; /* to become, where this is root; NULL for tcpdump or nobody, or their
                             like where neither exists; "root" to stay */
        bool names;       /* names will be looked up: files are read and servers asked for that */
        bool verbose;     /* say which parts the kernel lacks */
        bool by_libpcap;  /* it reads a device that is no network interface */
        bool answers;     /* and answers it, with CAP_NET_ADMIN, which is kept */
        bool attaches;    /* programs that are loaded, at interfaces that appear */
        bool scans;       /* who has sockets open, by an iterator that is loaded */
        bool terminal;    /* lines are edited on one: its settings change */
        int channel;      /* a socket over which messages may be sent; -1 if none */
        int other;        /* another; 0 if there is none */
};

/* Gives up what this process may do but does not need to run a capture whose sockets and files are
 * open. Call it before there is a second thread, and before the first byte that comes from
 * strangers is looked at. What the kernel lacks is left out. Returns 0, or -1 after a complaint. */
int sandbox_enter(const struct sandbox *sandbox);

/* The same for a process that reads files again and again, and loads programs into the kernel. It
 * stays the user it is, with the capabilities that these two take as far as it has them, and can
 * neither write nor execute a file. */
void sandbox_enter_to_load(void);

/* --- reading.c: files from strangers ------------------------------------------------------------
 */

/* Opens a file for reading, "-" for standard input. Returns its descriptor; -1 after a complaint.
 */
int open_input(const char *path);

/* Enters the sandbox, for what is in files that are open; call it before the first byte is read.
 * `expression`, compiled later, may have names to be looked up; NULL if there is none.
 * `terminal`: lines are edited on one. */
void enter_sandbox_to_read(const char *expression, bool terminal);

/* --- resolver.c: names of addresses and numbers ------------------------------------------------
 */

/* Callbacks for struct print_names, by the system's resolver, each answer remembered. */
struct resolver;
struct resolver_options {
        bool patient;      /* wait for each name until it is known that there is none */
        bool first_labels; /* -N: of the names of hosts, what stands before the first dot */
        /* -f: IPv4 addresses outside of this network have no names; network byte order. */
        uint32_t network, netmask;
};
struct resolver *resolver_new(const struct resolver_options *options);
void resolver_free(struct resolver *resolver);

/* Starts the threads that look addresses up; without, they have no names. A sandbox is a thread's
 * own: enter it before. */
void resolver_start(struct resolver *resolver);
const char *resolver_address(void *resolver, int family, const void *address);
const char *resolver_port(void *resolver, int ip_protocol, uint16_t port);
const char *resolver_station(void *resolver, const uint8_t address[6]);

/* The names of all addresses that were asked for since the last call, after a moment's wait for
 * answers that are still out; the caller frees the array, and the names are valid until the next
 * question. NULL if memory is short. */
struct capture_name *resolver_names(struct resolver *resolver, size_t *count);

/* Has `forgets` called, which may ask for the names, before all that is remembered is forgotten,
 * because it is too much. */
typedef void resolver_forgets(void *context);
void resolver_watch(struct resolver *resolver, resolver_forgets *forgets, void *context);

/* --- host.c ------------------------------------------------------------------------------------
 */

/* This machine; texts are empty where nothing is known. */
struct host {
        char hardware[128];
        char os[320];
};
void host_describe(struct host *host);

/* --- options.c, values.c, help.c: the command line ------------------------------------------- */

struct cli_option;

/* Takes an option's value; NULL for a switch. `place` is `offset` bytes into the subcommand's
 * arguments. Returns false after a complaint. */
typedef bool cli_take(void *place, const struct cli_option *option, const char *value);

/* An option. The reader, --help, the completions and the manual page all come from these rows. In
 * texts, `word` is a literal; a word in capitals that is the row's `value` is its placeholder. */
struct cli_option {
        char letter;      /* -x; 0 if there is none */
        const char *name; /* --name; NULL if there is none */

        /* The placeholder, which also tells completion what to offer: FILE, INTERFACE, TYPE (a link
         * type) or one of a set, "in|out|inout"; anything else is not completed. NULL: a switch. */
        const char *value;
        cli_take *take;
        size_t offset;
        uint64_t least, most; /* of a number; of a switch, `most` is how often it adds up */

        const char *help; /* what it does, for one line or two */
        const char *more; /* sentences that the manual page adds */
        bool repeats;     /* may be given again */
        bool own;         /* tcpdump has none like it */
        bool optional;    /* the value may be missing: --name or --name=value */
        const char *with; /* if two rows have one name: this one holds with this option, "-d" */

        const char *heading; /* nothing but the heading of the rows below */
};

/* What must hold for options that are given together; they are listed as "-i --json". Either at
 * most one of `one_of` may be given; or any of `options` `needs` one of those, or `excludes` all of
 * those. `message` replaces the standard one. */
struct cli_rule {
        const char *options;
        const char *needs;
        const char *excludes;
        const char *one_of;
        const char *message;
};

struct cli_options {
        const char *synopsis; /* what follows `filt SUBCOMMAND`, a line for each way to call it */
        const char *about;    /* a paragraph */
        const struct cli_option *rows; /* to the one that is all zero, like `rules` */
        /* Another table, whose rows are there, too, unless one of `rows` has the letter or the
         * name; or NULL. */
        const struct cli_option *more_rows;
        bool without_own; /* but none that is filt's own */

        /* Says what stands below messages about options that are not there or lack a value, which
         * are getopt_long(3)'s then; NULL: they are filt's. */
        void (*tell_usage)(void);
        /* Prints what --help begins with; or NULL. */
        void (*print_versions)(FILE *stream);
        bool repeats; /* any option may be given again: the last one counts */
        const struct cli_rule *rules;
        const char *end; /* the last paragraph of --help; NULL if there is none */

        /* What completion offers for other words than options: the word number `index`, NULL past
         * the last one. Without, they are a command, whose own options must not be taken for ours:
         * the first word ends the options. */
        const char *(*word)(size_t index);
};

/* A row of the table of subcommands in cli/main.c, which ends with the one that has no name: the
 * capture command. `run` gets the name as argv[0]; it returns the exit status. */
struct subcommand {
        const char *name;
        int (*run)(char **argv);
        const struct cli_options *options;
        const char *summary;
};

/* Declares what a subcommand's row points to. */
#define DECLARE_SUBCOMMAND(name)                        \
        extern const struct cli_options name##_options; \
        int name##_run(char **argv)

/* All of them, and the one that runs: for --help and for complain_usage(). Set by main(). */
extern const struct subcommand *subcommands, *running_subcommand;

/* The words of the command line that are no options. */
struct words {
        char **words; /* NULL stands behind the last one */
        int count;
        int before; /* of them, stand before "--"; -1 if there is none */
};

/* True of a row of a table of options, false of what ends it. */
static inline bool option_is_row(const struct cli_option *row)
{
        return row->letter || row->name || row->heading;
}

/* Whether two rows have one letter or one name. */
bool option_same(const struct cli_option *a, const struct cli_option *b);

/* How many rows a table has; 0 if it is NULL. */
size_t option_count(const struct cli_option *row);

/* The number of `row` in a table, or that of the table's rows. */
size_t option_number(const struct cli_option *table, const struct cli_option *row);

/* The row after `row`, those of `more_rows` behind the others; the first for NULL. NULL at the end.
 */
const struct cli_option *option_after(const struct cli_options *options,
                                      const struct cli_option *row);

/* Reads the command line, from argv[1] on, into `arguments`. Options may stand before and behind
 * other words, up to "--". Returns GO_ON, STATUS_DONE after --help, or STATUS_USAGE after a
 * complaint. */
int options_read(const struct cli_options *options, char **argv, void *arguments,
                 struct words *words);

/* Prints the --help of the subcommand that runs. */
void print_help(const struct cli_options *options);

/* Prints a paragraph from `column`, where the cursor is, broken between words at `width` columns,
 * the other lines indented by `indent`. A backquote becomes a quote. */
void print_wrapped(const char *text, size_t column, size_t indent, size_t width);

/* How `option` is written in help: "-i, --interface=INTERFACE". */
void option_spelling(const struct cli_option *option, char *text, size_t room);

/* How bad values of options are refused in other words than filt's: what stands before and after
 * the value; without `after`, it is not named. A second line of that is one of its own. The last
 * one's option is NULL. */
struct refusal {
        const char *option; /* "-c" */
        const char *before, *after;
        bool says_why; /* what errno means follows */
};
extern const struct refusal *refusals;

/* Complains in those words, or fills `error` with them; false if there are none for `option`. */
bool refused(const char *option, const char *value);
bool refused_in(struct error *error, const char *option, const char *value);

/* Values: what stands at `place` is of the type in brackets. */
cli_take take_yes;       /* [bool] true */
cli_take take_no;        /* [bool] false */
cli_take take_more;      /* [int] one more, up to the row's `most` */
cli_take take_constant;  /* [int] the row's `least` */
cli_take take_text;      /* [const char *] */
cli_take take_number;    /* [uint64_t] a decimal number from `least` to `most` */
cli_take take_word;      /* [int] the index in the row's set of words */
cli_take take_link_type; /* [int] DLT_* */
cli_take take_optimize;  /* [int] a flag of cbpf_compile(), or OPTIMIZE_PLAINLY */
cli_take take_duration;  /* [uint64_t] milliseconds; at most 68 years; given in s, m, h, d */
cli_take take_bytes;     /* [uint64_t] bytes; given in B, k, M, G of a thousand each */

/* The name of DLT_*, or "unknown". */
const char *link_type_name(int link_type);

/* The index of `text` in the set "in|out|inout"; -1 after a complaint that names `option`. */
int parse_word(const char *option, const char *text, const char *set);
/* The same, in capital letters or small ones. */
int parse_word_in_any_case(const char *option, const char *text, const char *set);

/* Reads a decimal number from `text` into `*value`. Returns false unless all of it is a number from
 * `least` to `most`; then complains, naming `option` and the range. */
bool parse_number(const char *option, const char *text, uint64_t least, uint64_t most,
                  uint64_t *value);

/* --- expression.c: filters as text ------------------------------------------------------------ */

/* The words of an expression, joined by spaces, as fresh memory the caller frees. */
char *join_words(int count, char *const *words);

/* Reads a text file into `*text`, fresh memory. Returns GO_ON; after a complaint STATUS_FAILED if
 * it cannot be read, STATUS_USAGE if it is empty, too large, or has a NUL byte, and `*text` is
 * NULL. `option` names it, and `content` is what it should hold, for the message. "-" is standard
 * input. With `error`, that is filled instead of a complaint, and "-" is a file like any other. */
int read_text_file(const char *option, const char *path, const char *content, char **text,
                   struct error *error);

/* Makes the filter expression, fresh memory: `words`, or what the file of -F holds. `program` is
 * that of --program, which stands instead of an expression; then it is empty. `file` and `program`
 * are NULL if not given. `deep`: --deep is. With `late`, the file is read as with `error` above; if
 * it cannot be, the expression is empty. Returns GO_ON, or a status after a complaint. */
int read_expression(const struct words *words, const char *file, const char *program, bool deep,
                    char **expression, struct error *late);

/* Reads the files of sets that `expression` names; NULL if there are none. To be done before powers
 * are given up. The caller frees `*sets` by cbpf_sets_free(). Returns GO_ON, or a status after a
 * complaint. */
int read_sets(const char *expression, struct cbpf_sets **sets);

/* The same; what is wrong is filled into `error`, and -1 returned. */
int try_to_read_sets(const char *expression, struct cbpf_sets **sets, struct error *error);

/* Whether `path` is the regular file that is read as `input`, "-" for standard input. */
bool is_same_file(const char *path, const char *input);

/* True, after a complaint, if writing to `path` would empty `input`, which is being read: a file,
 * "-" for standard input, or NULL. */
bool would_overwrite(const char *path, const char *input);

/* --- program.c, program_format.c: --program and --format -------------------------------------- */

/* The names of --format; the first three in the order of -d, -dd and -ddd. */
enum program_form {
        PROGRAM_D,
        PROGRAM_DD,
        PROGRAM_DDD,
        PROGRAM_ASSEMBLER,
        PROGRAM_C,
        PROGRAM_IPTABLES,
        PROGRAM_TC,
        PROGRAM_JSON,
        PROGRAM_EBPF,
        PROGRAM_EBPF_C,
        PROGRAM_ELF,
};

/* Their names in that order. */
#define PROGRAM_FORMS "d|dd|ddd|asm|c|iptables|tc|json|ebpf|ebpf-c|elf"

enum { EXTENDED_DESCRIBED = 128 };

/* The places of --at, in the order of enum cbpf_context. */
#define PROGRAM_PLACES "socket|tc|xdp|cgroup|nf|tracepoint"

/* Reads the program of --program FILE ("-" is standard input), in any form that cbpf_read() knows,
 * and checks it by the kernel's rules but for its length, which binds only what the kernel runs.
 * With `optimize`, replaces it by the optimized program, and says so if it has to stay as it is.
 * Returns STATUS_DONE, and the caller frees `program`; another status after a complaint. */
int program_read(const char *path, bool optimize, struct bpf_program *program);

/* Of --optimize without a value: neither for size nor for speed. */
enum { OPTIMIZE_PLAINLY = -1 };

/* Flags for cbpf_compile(). */
static inline unsigned compile_flags(bool unoptimized, int optimize)
{
        return unoptimized ? CBPF_UNOPTIMIZED : optimize > 0 ? (unsigned)optimize : 0;
}

/* Warns if the program loads what only the kernel could tell: in a run over a file, such a load
 * rejects. */
void program_warn_of_file(const char *path, const struct bpf_program *program);

/* Where a program to be written came from. */
struct program_origin {
        const char *expression; /* NULL: it was read from a file */
        const char *device;     /* NULL if not for a certain one */
        int place;              /* of an extended program: an enum cbpf_context */
        int tracepoint;         /* which one, if the place is one: extended_tracepoint() */
        struct cbpf_target target;
        bool target_known;
};

/* Whether the form is that of an extended program, which is compiled from the expression, and only
 * for packets of the kernel. */
bool program_is_extended(enum program_form form);

/* Where a program of this form runs, for an expression: changes `target` accordingly. `place` is an
 * enum cbpf_context, of an extended program, `tracepoint` the number of one. */
void program_set_target(enum program_form form, int place, int tracepoint,
                        struct cbpf_target *target);

/* The raw tracepoint of that name that programs are written out for: its number, or -1 after a
 * complaint; and whether packets there may be in any state, with or without a link header. */
int extended_tracepoint(const char *name);
bool extended_begins_anywhere(int place, int tracepoint);

/* What a program is compiled for at `place`, an enum cbpf_context, to be attached there by itself.
 * `kernel`, which it points to, is what a program there takes of the kernel. */
struct extended_kernel {
        struct cbpf_extended_netfilter netfilter;
        struct cbpf_extended_tracepoint tracepoint;
};

struct cbpf_extended_target extended_target(int place, const struct extended_kernel *kernel);

/* Finds that in the running kernel, if the place needs it, and the form of program does. Returns
 * STATUS_DONE, or another status after a complaint. */
int extended_find_kernel(enum program_form form, int place, int tracepoint,
                         struct extended_kernel *kernel);

/* Says where the program runs, and what it returns: "xdp and link type EN10MB; it returns ...". */
void extended_describe(int place, const struct cbpf_target *target, char text[EXTENDED_DESCRIBED]);

/* Begins a C comment with the expression and what it was compiled for. */
void program_describe(const struct program_origin *origin);

/* program_write() for the extended forms, whose programs it compiles (extended_format.c). */
int extended_write(enum program_form form, const struct program_origin *origin);

/* Writes the program to standard output, and to standard error what one has to know to use it. What
 * is written for tc returns -1 to accept (`program` is changed). Returns the exit status. */
int program_write(enum program_form form, struct bpf_program *program,
                  const struct program_origin *origin);

/* --- steps.c: all steps that a program takes for a packet, to go back and forth in -------------
 */

/* The machine before an instruction is executed. */
struct step {
        uint32_t instruction;
        uint32_t a, x;
        uint32_t memory[16];
        uint64_t offset; /* what it reads of the packet, which may be outside of it */
        uint32_t size;   /* bytes; 0 if none */
};

enum { MAX_STEPS = 1 << 20 }; /* kept; only a program that jumps back takes more */

struct steps {
        struct step *steps;
        size_t count, room;
        struct cbpf_outcome outcome;
        bool incomplete; /* there were more than are kept */
        bool failed;     /* memory was short */
};

/* Runs `program` on `packet` and keeps the steps. Returns STATUS_DONE, or STATUS_FAILED if
 * memory is short. A struct steps that is all zero, or of an earlier run, may be given. */
int steps_record(struct steps *steps, const struct bpf_program *program,
                 const struct packet *packet);
void steps_free(struct steps *steps);

/* Says how the run ended: "accepted: 262144 bytes are kept", "rejected", "rejected: ...". */
void steps_verdict(const struct steps *steps, const struct packet *packet, char *text, size_t room);

/* --- decision.c: why a program accepts or rejects a packet --------------------------------------
 */

/* Prints a sentence: of the last instruction that tested something and would have led to the other
 * verdict, had the test gone the other way; `notes` are those of cbpf_annotate(). Returns
 * STATUS_DONE, or STATUS_FAILED if memory is short. */
int program_decision(const struct bpf_program *program, const struct cbpf_notes *notes,
                     const struct packet *packet);

/* --- packet_line.c: a packet's own line, as a capture prints it ------------------------------- */

struct printer;
struct text;

/* A printer for the packets of `capture`, freed with printer_free(). NULL after a complaint. */
struct printer *packet_printer(const struct capture *capture, const struct colors *colors);

/* What a record says of its packet, for printer_print(). */
struct print_packet packet_to_print(const struct capture_record *record);

/* The lines of a packet; valid until the next call. What they say of a TCP connection depends on
 * its packets before, so ask for those of all of them in turn. NULL after a complaint. */
const char *packet_line(struct printer *printer, const struct capture_record *record);

/* Appends to a line of text, which has no line break yet, what is to be said behind it; what
 * follows a line break in `note` stands below. */
void put_packet_note(struct text *line, const struct colors *colors, const char *note, bool bad);

/* Prints them, each set in. */
void print_packet_line(const char *line);

/* --- shown_packets.c: packets that were made up -------------------------------------------------
 */

struct shown_packets;
struct proof_packet;

/* What shows packets of `target`, with their link header or without, and saves them if `path` is
 * not NULL. If that is "-", standard output, what else goes there goes to standard error from then
 * on. NULL after a complaint. Freed with shown_close(). */
struct shown_packets *shown_open(const char *path, const struct cbpf_target *target,
                                 bool link_header, const struct colors *colors);

/* Prints the packet's line, set in, and what has to be known beside that; writes it to the file.
 * Returns STATUS_DONE, or STATUS_FAILED after a complaint. */
int shown_packet(struct shown_packets *shown, const struct proof_packet *packet);

/* Prints in a sentence why a live filter accepts or rejects the packet, as a file tells it in which
 * it is saved; lines go on at that column. Returns false, with nothing printed, if files do not
 * tell what the filter asks for. */
bool shown_why(struct shown_packets *shown, const struct proof_packet *packet,
               const char *expression, bool accepts, int column);

/* NULL is fine. Returns false after a complaint. */
bool shown_close(struct shown_packets *shown);

/* --- wrap.c: text that fits a terminal -----------------------------------------------------------
 */

/* The width of the terminal that standard output is, or of COLUMNS; 0 if it is none: then lines are
 * as long as they are. */
int terminal_columns(void);

/* A column of words. */
struct column {
        int width; /* of the terminal; 0 if nothing is to be broken */
        int start; /* where lines but the first begin */
        int at;
        bool first; /* nothing stands in it yet */
};

/* The cursor stands at `at`. A terminal that is too narrow for text from column `start` on has it
 * farther left, below. */
struct column column_begin(int at, int start);

/* Goes on to where `columns` more can be printed: some spaces away (none before the first), or in
 * the next line. */
void column_room(struct column *column, int spaces, int columns);

/* Prints a text in a column, broken at its spaces. */
void print_column(int at, int start, const char *text, size_t length);

/* --- process.c: the tools a subcommand runs (ip, iptables, ping, tcpdump) ----------------------
 */

struct process_result {
        int status; /* exit status; 128 + N if ended by signal N; 127 if there is no such program */
        char *output; /* standard output and standard error in order, NUL-terminated; free() it */
        size_t length;
};

/* Starts argv[0], searched in PATH (and in /usr/sbin and /sbin, which an ordinary user's PATH may
 * lack). Where filt was started as root or has capabilities from its file, the search path is a
 * fixed one, and the program's environment holds little more than that. Standard output and error
 * go to the descriptors given (-1: inherited). The child is killed when its parent dies; if
 * `apart`, it is in a process group of its own, which the terminal's Ctrl-C does not reach. Returns
 * its process id, or -1 with errno set; a program that does not exist ends with status 127, one
 * that cannot be executed with 126. */
pid_t process_start(char *const argv[], int output, int error, bool apart);

/* The same, as `user` unless that is NULL; see user_become(). */
pid_t process_start_as(const struct user *user, char *const argv[]);

/* Waits for a process; returns its status as in struct process_result, -1 with errno on error. */
int process_wait(pid_t process);

/* The same, for `timeout_ms` at most, -1 for as long as it takes; PROCESS_RUNS if it has not ended
 * by then. */
enum { PROCESS_RUNS = -2 };
int process_wait_for(pid_t process, int timeout_ms);

/* Runs a program to its end and collects what it prints. Returns 0, or -1 with errno set if it
 * could not be started; `result->output` is then NULL. */
int process_run(char *const argv[], struct process_result *result);

/* Runs `work` in a process of its own, which may give up what this one keeps, and waits for its
 * end. Of what it does nothing is left here but its exit status, which is returned, and what it
 * wrote to descriptors; if it crashes, STATUS_FAILED after a complaint. */
int process_do(int (*work)(void *context), void *context);

/* Returns 0, or -1 with errno set. */
int write_all(int fd, const char *bytes, size_t length);

/* A file in memory that holds `bytes`, which children inherit. Returns its descriptor, or -1 with
 * errno set. A child finds it as /proc/self/fd/N. */
int memory_file(const char *bytes, size_t length);

/* All that has been written to a file in memory, as a fresh string; NULL if it cannot be read, `fd`
 * is -1, or, after a complaint, memory is short. */
char *memory_file_read(int fd);

/* As fork(); the child dies with this process, however that ends. */
pid_t process_fork(void);

/* Closes all descriptors above standard error but `kept`, which is put in order. */
void process_close_others(int *kept, size_t count);

/* The full path of a program, searched like process_start() does, or NULL if there is none. The
 * string is static memory, valid until the next call. */
const char *process_find(const char *name);

/* Whether process_start_as() would find the program, and `user`, or the caller, may execute it. */
bool process_may_run(const char *name, const struct user *user);

/* Blocks the signals that end a subcommand, and ignores SIGPIPE. Returns a signalfd(2) of them that
 * does not block, -1 with errno set on failure. */
int signals_to_end(void);

/* --- extended.c: filters that the kernel runs as extended programs ---------------------------- */

/* Compiles for that, and has the kernel load it if `load`. Returns NULL with `error` filled if that
 * cannot be; else what the caller frees with extended_free(), at the end of the capture. */
struct extended *extended_new(const char *expression, const struct cbpf_target *target, bool load,
                              struct error *error);
void extended_free(struct extended *extended); /* NULL is fine */

/* A tap that a filter goes on to. */
struct extended_tap {
        int context;      /* enum cbpf_context */
        unsigned kind;    /* enum ebpf_kind, which the filter must be of */
        int table;        /* a descriptor: entry 0 is for packets that it accepts, */
        bool others;      /* and entry 1 for the others, if anything is */
        int start;        /* of CBPF_CONTEXT_TRACEPOINT: where a packet begins, enum cbpf_start, */
        uint8_t argument; /* and the tracepoint's argument that has its address, from 0; */
        bool has_device;  /* the rest of struct cbpf_extended_tracepoint */
        uint8_t receiver;
};

/* The same for a tap. Nothing becomes of packets that it rejects, unless `others`. */
struct extended *extended_for_tap(const char *expression, const struct cbpf_target *target,
                                  const struct extended_tap *tap, struct error *error);

/* Makes what is attached in the place of a filter for a tap, and finds it by a table. Returns NULL
 * with `error` filled if that cannot be. Packets are passed by, as if they were rejected, once
 * nobody has the table open. */
struct extended *extended_place(const struct extended *filter, const struct extended_tap *tap,
                                struct error *error);

/* Puts another filter there: for packets to come, atomically. Returns 0; or a negative errno, and
 * it stays with the one before. */
int extended_put(const struct extended *place, const struct extended *filter);

/* The descriptor to attach. */
int extended_program(const struct extended *extended);

/* Where that is a short program: that of the table by which it finds the other; else -1. */
int extended_table(const struct extended *extended);

/* All descriptors that it has, none for NULL. Returns how many there are. */
enum { EXTENDED_DESCRIPTORS = 2 };
size_t extended_descriptors(const struct extended *extended, int descriptors[EXTENDED_DESCRIPTORS]);

/* Makes one of these two, which another process has made, and takes them over; NULL if memory is
 * short. */
struct extended *extended_adopt(int program, int table);

/* Says how long it is. */
void extended_tell(const struct extended *extended);
