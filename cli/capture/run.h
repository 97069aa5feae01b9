/* One run of the capture command, which its parts share: source.c opens what is read, program.c
 * makes the filter, output.c delivers packets, and capture.c runs them all. Functions that return
 * an int return the status to exit with, STATUS_DONE to go on, unless they say otherwise. */
#pragma once

#include "capture.h"
#include <time.h>

struct filter;
struct interface_names;
struct netns_follower;
struct replacing;
struct savefile;

/* Telling on standard error how far the reading of files has come. */
struct progress {
        bool enabled;
        bool asked;    /* by --progress: told also where nobody may look */
        bool terminal; /* one line, written over and over */
        bool shown;
        int64_t begun, told; /* nanoseconds */
        uint64_t packets;    /* read so far */
};

/* The program for packets of one link type and, where that matters, interfaces of one netmask. */
struct compiled {
        struct compiled *next;
        struct cbpf_target target;
        struct cbpf_target asked; /* the same, but where a program was asked for that the kernel
                                     does not take */
        uint32_t tap;             /* with --at: the number of its tap, or TAPS_SOCKET; else 0 */
        struct bpf_program program;
        struct cbpf_report report; /* on the program */
        double time;               /* of compiling, milliseconds */
        bool here;     /* live, but not in the kernel: for a program that it does not take */
        bool was_here; /* so was the one that it replaces, which has been told */
        struct extended *extended; /* what the kernel runs in place of `program`; or NULL */
        struct extended *place; /* what is attached and goes on to that, where another one may come
                                   into its place; else NULL */
};

struct run {
        const struct capture_command *command;
        const char *expression;  /* that of the command, or `resolved` */
        struct cbpf_sets *sets;  /* of the expression */
        char *resolved;          /* the same with numbers for names, or NULL */
        struct error unresolved; /* called as tcpdump: why there is no such; else without message */
        FILE *again;             /* called as tcpdump: the one file of -r, for another look */
        bool netmask_matters;    /* to the expression */
        bool live;               /* not from files */
        char **devices;          /* live: names of interfaces and patterns */
        size_t device_count;
        struct capture *capture;
        struct tap_source *taps;           /* of the capture, at places of --at; else NULL */
        struct fate_source *fate;          /* likewise, with --fate */
        struct process_language *language; /* of tests of processes; NULL: there are none */
        struct watched child;              /* whose packets are captured; pid 0: none */
        struct process_told
            *processes_told;              /* what files tell of processes; NULL: it is not wanted */
        struct netns_follower *netns;     /* --all-netns; else NULL */
        struct process_source *processes; /* of the capture, --process; else NULL */
        int *inputs;                      /* of -r, open until the captures have them; NULL then */
        struct capture **files; /* what `capture` merges, which owns them; NULL if it is one file */
        struct file_sections *sections; /* -v: one for each file, as long as they are read */
        struct compiled *compiled;      /* a list */
        struct bpf_program program;     /* of --program, for all link types */
        struct filter *filter;          /* of files, or live, if a program runs here */
        struct replacing *replacing;    /* --follow-sets; or NULL */
        /* Where the sets are followed, adds a program to `compiled`, which another process makes.
         */
        int (*get_program)(struct run *run, const struct cbpf_target *target, uint32_t tap);
        struct savefile *savefile;
        struct printer *printer; /* NULL if nothing is printed */
        bool silent;             /* what it prints is not shown: it asks for names to be saved */
        bool unread;             /* nor any longer: its reader has left, and saving goes on */
        struct progress progress;
        struct resolver *resolver;
        struct interface_names *interface_names;
        struct lookout *lookout;  /* NULL: nothing is to be hinted at */
        uint64_t packets;         /* that passed */
        uint64_t undelivered;     /* others, that were received when an output had failed */
        uint64_t skipped;         /* by --skip, before these */
        const void *counted_file; /* of count_each */
        uint64_t counted;         /* its packets that passed */
        uint64_t unprinted;       /* since the last one of --print-sampling */
        struct {
                uint32_t *verdicts; /* of a batch, in the place of the capture's */
                size_t room;
                bool told; /* that some packets are left out */
        } passage;

        /* Times in milliseconds, by a clock that is never set. */
        int64_t end_at;          /* --duration; INT64_MAX without; 0: not begun */
        int64_t last_packet;     /* when one came, roughly */
        int64_t unwritten_since; /* the first packet saved, not yet written; 0 if there is none */
        unsigned packets_since_clock; /* was looked at */
        int64_t tell_at;              /* -v -w: when the number of packets is told again */
        uint64_t told;                /* that number; UINT64_MAX at first */
        bool stop_wanted, stopping;
        int status; /* of a stream: what went wrong while it was waited for */
};

/* --- announce.c: before there is an interface --- */

/* Says that no interface is there yet. */
void announce_waiting(const struct run *run);

/* Waits until there is one. `attend` does what else is to be done, and returns how many
 * milliseconds to wait, as poll() has it. Returns false after a complaint, or once it has set
 * run->stop_wanted. */
bool await_devices(struct run *run, int (*attend)(struct run *run));

/* --- source.c --- */

/* The devices of -i, or the first one that there is. Returns false after a complaint. */
bool choose_devices(struct run *run);

/* Whether the capture cannot begin before there is an interface. */
bool needs_interface(const struct run *run);

/* Opens them. Returns NULL after a complaint. */
struct capture *open_devices(struct run *run);

/* Opens the files of -r; read_files() then looks into them, and returns NULL after a complaint. */
int open_files(struct run *run);
struct capture *read_files(struct run *run);
void free_devices(struct run *run);

/* Called as tcpdump: puts libpcap's words, which are tcpdump's, into the error of the only file,
 * which is none or breaks off. It gets the file once more; where that finds nothing wrong, or the
 * file is a pipe, filt's words stay. */
void file_words(struct run *run, struct error *error);

/* The interface number `i` of a live capture, as far as there are; see capture_interface(). */
const struct capture_interface *live_interface(const struct run *run, uint32_t i);

/* Bytes kept of a packet, at most. */
uint32_t snapshot_length(const struct run *run);

/* --- program.c --- */

/* Called as tcpdump: puts libpcap's words into the error of the expression, which does not compile
 * for this link type, in the same way. */
void expression_words(const struct run *run, int link_type, struct error *error);

/* Live: what a filter is compiled for on an interface; NULL: on all at once. */
struct cbpf_target target_on(const struct run *run, const struct capture_interface *interface);

/* Complains that the expression does not compile. */
int complain_expression(const struct run *run, const struct error *error);

/* Makes the programs for what is open: live, for the kernel where possible, else for here. */
int compile(struct run *run);
void free_compiled(struct run *run);
int print_listing(struct run *run);

/* -d without a device or file: nothing is opened. */
int list_for_link_type(struct run *run);

/* Has the kernel filter each interface's packets by its program. */
void attach(struct run *run);

/* Of a program that runs here: prepares that for packets to come. */
int begin_here(struct run *run, const struct compiled *compiled);

/* Whether a program is that of a tap of --at. */
bool is_for_tap(const struct run *run, const struct compiled *compiled);

/* With --at, the number of the interface's tap, whose interfaces may share programs; 0 without. */
uint32_t tap_of(const struct run *run, const struct capture_interface *interface);

/* Lists of programs. compiled_make() returns as compile(); `was_here`: it replaces one that runs
 * here. A program that is added belongs to the
 * list, of which the first one stays the first. */
int compiled_make(const struct run *run, struct compiled **list, const struct cbpf_target *target,
                  uint32_t tap, bool was_here);
void compiled_add(struct compiled **list, struct compiled *compiled);
void compiled_free(struct compiled **list, bool with_program);

/* The program for such packets, `netmask` NULL for any; NULL if it is not made yet. */
struct compiled *compiled_find(struct compiled *list, int link_type, const uint32_t *netmask,
                               uint32_t tap);

/* Has the files' packets filtered as they are read. */
int attach_to_files(struct run *run);

/* --- replacing.c: the filter that runs here for live packets; --follow-sets --- */

/* Live: whether the program that runs here, if one does, or the kernel's accepts the packet. */
bool passes_filter(const struct run *run, const struct capture_record *record);

/* Has copies of a packet, which are to be joined, be judged one by one before: they may be of
 * several programs. */
void judge_copies(struct run *run);

/* Begins to follow the sets, if that is wanted: while this process has one thread and its
 * privileges, and once the capture has started and with it all programs are made. */
int replacing_begin(struct run *run);
void replacing_end(struct run *run);

/* Has the files of the sets be read now. */
void replacing_ask(struct run *run);

/* After a signal: puts the programs that are offered into the place of those before. */
void replacing_look(struct run *run);

/* Takes leave of those before, once the last packet that they judged has been delivered. */
void replacing_settle(struct run *run);

/* --- file_list.c --- */

/* -L -r: shows what each file says of itself, of its interfaces and of its packets' link types. */
int list_files(struct run *run);

/* --- announce.c --- */

/* A file whose sections are told. */
struct file_sections {
        const char *name;
        struct capture *capture;
        unsigned section; /* the one told last, from 1 on */
};

/* Says what is read; with -v, has the sections of files told as they are read. */
int announce(struct run *run);

/* Live, with hints: looks for packets that would match with `deep` only, until one has come. While
 * the power to open sockets is there. */
void lookout_begin(struct run *run);

/* Readable if one may have come, or a signal. */
int lookout_descriptor(const struct run *run);

/* Tells if one has come, once. */
void lookout_tell(struct run *run);
void lookout_end(struct run *run);

/* --- merged_section.c --- */

/* What the section of a file says into which those of a run are merged. */
struct merged_section {
        struct capture_section said; /* without comments; a text is NULL where the files differ */
        const char **comments;       /* theirs, then those of --comment */
        size_t count, room;
};

/* Call it before the first packet is read. Returns false if memory is short; free it even then. */
bool merged_section_make(struct merged_section *merged, const struct run *run);
void merged_section_free(struct merged_section *merged);

/* --- output.c --- */

/* Does what needs privileges or files; nothing is written yet. */
int prepare_outputs(struct run *run);
int begin_outputs(struct run *run);

/* Flushes what has been printed and, with -U, saved; returns as flush_standard_output(). */
int flush_output(struct run *run);

/* Save and print what passed. -1 ends quietly. `taken` gets the number of the `count` packets that
 * were, or that --skip left out; the others come after the end, or after a failure. */
int deliver(struct run *run, const struct capture_record *records, size_t count, size_t *taken);
int deliver_batch(struct run *run, const struct capture_batch *batch);

/* Whether --size or -W ends the run. */
bool saved_enough(const struct run *run);

/* --- interface_names.c --- */

/* NULL when memory is short. */
struct interface_names *interface_names_new(const struct capture_command *command);
void interface_names_free(struct interface_names *names);

/* The name of the interface with this number on this machine, valid until the next call; NULL if
 * there is none. The first time that one is given for a file, a warning is. */
const char *interface_names_find(void *names, uint32_t index);

/* --- savefile.c: where -w writes to: standard output, one file, or one after another with -C and
 * -G --- */

/* Starts what creates files, a process of its own: call it while this one has one thread and its
 * privileges. No file is touched yet. Returns NULL after a complaint. */
struct savefile *savefile_prepare(const struct capture_command *command);

/* Creates the first file. Refuses one that is being read. */
int savefile_begin(struct savefile *savefile, const struct run *run);

/* Whether the names that a resolver finds are to be saved; then it has to be known before the first
 * packet. A file gets those that were asked for while it was the one at hand; the resolver is to
 * look up a packet's after the packet is written, and before the next is, as that may begin another
 * file. */
bool savefile_wants_names(const struct savefile *savefile);
void savefile_set_resolver(struct savefile *savefile, struct resolver *resolver);

/* The descriptor over which files are asked for; -1 for standard output. */
int savefile_channel(const struct savefile *savefile);

/* Writes the packets of `batch` from number `from` to before `to` that passed. */
int savefile_batch(struct savefile *savefile, const struct capture_batch *batch, size_t from,
                   size_t to);

/* Writes `count` packets; `taken` gets how many, which are fewer after a failure and once the
 * savefile is full. */
int savefile_packets(struct savefile *savefile, const struct capture_record *records, size_t count,
                     size_t *taken);

/* Hands everything to the kernel; with --sync, to the disk. */
int savefile_flush(struct savefile *savefile);

/* Begins the file anew if another one, or none, has its name now. If that cannot be created,
 * complains and goes on with the one that is open. */
int savefile_reopen(struct savefile *savefile);

/* Live: `now` is the time in milliseconds of a clock that is never set. Begins the next file of -G
 * if it is time. */
int savefile_tick(struct savefile *savefile, int64_t now);

/* When savefile_tick() wants to be called next, by the same clock; INT64_MAX if never. */
int64_t savefile_deadline(const struct savefile *savefile);

/* Bytes written to all files so far, before compression. */
uint64_t savefile_size(const struct savefile *savefile);

/* Writes what is left, waits for the commands of -z, and frees in any case. A command that failed,
 * which has been said, is a failure. */
int savefile_close(struct savefile *savefile);

/* The same of what was never begun, or NULL. */
void savefile_free(struct savefile *savefile);

/* Whether -W ends the run, which has been said: that was the last file. */
bool savefile_full(const struct savefile *savefile);

/* --- filter.c: the filter that runs here: one expression, compiled for each link type that its
 * packets have --- */

/* `expression` and `flags` as for cbpf_compile(); without expression, `program` is for all link
 * types. `target` is what packets of the first link type have; `program`, compiled for it, stays
 * the caller's. With `jit` programs run as machine code where that can be had. NULL when memory is
 * short. */
struct filter *filter_new(const char *expression, const struct cbpf_target *target, unsigned flags,
                          const struct bpf_program *program, bool jit);
void filter_free(struct filter *filter);

/* Compiles what matches with `deep` and does not without it. False if that is nothing to hint at,
 * or cannot be asked of layers. */
bool compile_what_is_missed(const char *expression, const struct cbpf_target *target,
                            struct bpf_program *program);

/* Has some of the packets of files that do not match asked the same with `deep`;
 * filter_found_deeper() is how many of them then do. */
void filter_look_deeper(struct filter *filter);
uint32_t filter_found_deeper(const struct filter *filter);

/* Has a program, which stays the caller's, filter packets of one more link type. */
void filter_enter(struct filter *filter, int link_type, const struct bpf_program *program);

/* Compiles for one more link type. Returns false, after a complaint, if that fails; so does
 * filter_failed() from then on. */
bool filter_add(struct filter *filter, int link_type);
bool filter_failed(const struct filter *filter);

/* Judges one packet of a link type that has been added: 0 rejects. `ancillary` may be NULL. */
uint32_t filter_one(const struct filter *filter, int link_type, const struct packet *packet,
                    const struct cbpf_ancillary *ancillary);

/* A capture_selector; the context is the filter. Accepts what filter_one() is to judge, with what
 * is known of the passage. Compiles for a link type it has not seen, which only a capture with one
 * thread may bring. */
void filter_select(void *filter, int link_type, const struct packet *packets, size_t count,
                   uint32_t *verdicts);

/* --- And by whether packets were received or sent: -Q, inbound, outbound --- */

/* Refuses files that do not say so if it is asked for. Call it with the filter made. */
int passage_check(const struct run *run);

/* Gives the batch verdicts that heed it, valid until the next call. */
int passage_judge(struct run *run, struct capture_batch *batch);

/* Rejects packets that tests of processes do, by what the file tells of them. */
int process_judge(struct run *run, const struct capture_batch *batch);

/* Fills in what is known of a packet beside its bytes. Returns false if its passage is not. */
bool passage_metadata(const struct capture_record *record, struct cbpf_ancillary *ancillary);

/* --- progress.c --- */

/* `wanted`: 1 for --progress, 0 for --no-progress, -1 for neither: then a terminal gets it, after a
 * second, unless it `prints`: shows packets too, which tell as much. */
void progress_start(struct progress *progress, int wanted, bool prints);

/* `packets` more have been read. */
void progress_step(struct progress *progress, const struct capture *capture, uint64_t packets);
void progress_end(struct progress *progress, const struct capture *capture);
