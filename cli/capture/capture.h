/* The capture command's options. */
#pragma once

#include "cli/common/cli.h"
#include "habits.h"
#include "print/print.h"

enum precision { PRECISION_DEFAULT = -1, PRECISION_MICRO, PRECISION_NANO }; /* of time stamps */

enum { FATE_END = 1, FATE_PATH, FATE_WAIT_MS = 100 }; /* --fate, --fate-wait */

enum direction { DIRECTION_IN, DIRECTION_OUT, DIRECTION_INOUT }; /* -Q */

/* What the command line says. A number is 0, and a text NULL, if it is not given. */
struct capture_command {
        const struct habits *habits;

        /* Source. */
        const char **devices; /* -i */
        size_t device_count, device_room;
        const char **read_files; /* -r, and the lines of -V */
        size_t read_count, read_room;
        const char *list_file;    /* -V */
        char *names;              /* the text of that list, in which these names are */
        uint64_t count;           /* -c */
        uint64_t count_each;      /* the same of each of several files */
        uint64_t skip;            /* --skip */
        uint64_t sampling;        /* --print-sampling */
        int time_stamp_type;      /* --time-stamp-type, enum time_stamp_type */
        bool list_time_stamps;    /* -J */
        uint64_t snapshot_length; /* -s */
        uint64_t buffer;          /* -B, bytes */
        int direction;            /* -Q, enum direction */
        bool promiscuous;         /* not -p */
        bool wait;                /* --wait */
        bool process;             /* --process, or: */
        char *const *command;     /* behind "--"; NULL: none */
        const char *netns;        /* --netns, or: */
        const char *container;    /* --container, or: */
        bool all_netns;           /* --all-netns */
        bool monitor_mode;        /* -I */
        uint64_t threads;         /* -j */
        int progress;             /* --progress: 1, --no-progress: 0, else -1 */
        bool list_devices;        /* -D */
        bool list_links;          /* -L */

        /* Filter. */
        char *expression;      /* the words, or -F; never NULL; freed by capture_command_free() */
        const char *file_word; /* one of the words that names a file, or NULL */
        const char *expression_file; /* -F */
        struct error unread;         /* called as tcpdump: why it cannot be; else no message */
        const char *program;         /* --program */
        int listed;                  /* -d: 1, -dd: 2, -ddd: 3 */
        enum program_form form;      /* of these, or of --format, if listed */
        const char *form_name;       /* --format */
        const char **places;         /* --at */
        size_t place_count, place_room;
        int place;                /* of a listed extended program: an enum cbpf_context */
        int tracepoint;           /* which one, if it is one: extended_tracepoint() */
        bool at_socket;           /* else one of the places is socket, */
        struct tap_point *points; /* and these are the others */
        size_t point_count;
        int fate;           /* --fate: FATE_END, or FATE_PATH; else 0 */
        uint64_t fate_wait; /* --fate-wait: milliseconds */
        bool statistics;    /* --stats */
        bool deep;          /* --deep */
        int hints;          /* --hints: 1, --no-hints: 0, else -1 */
        bool follow_sets;   /* --follow-sets */
        bool unoptimized;   /* -O */
        int optimize;       /* --optimize */
        bool jit;           /* not --no-jit */
        int link_type;      /* -y; -1 if not given */

        /* Saving. */
        const char *write_file;     /* -w */
        enum capture_format format; /* --format; CAPTURE_UNKNOWN if not given */
        uint64_t rotate_size;       /* -C, bytes */
        uint64_t rotate_seconds;    /* -G */
        uint64_t rotate_files;      /* -W */
        uint64_t size;              /* --size, bytes */
        uint64_t duration;          /* --duration, milliseconds */
        const char *after_file;     /* -z */
        const char **comments;      /* --comment */
        size_t comment_count, comment_room;
        bool unbuffered; /* -U */
        bool sync;       /* --sync */
        bool print;      /* --print */

        /* Printing. */
        int dump_hex, dump_hex_ascii, dump_ascii; /* -x, -X, -A: how often */
        const char **secrets;                     /* -E */
        size_t secret_count, secret_room;
        struct late_faults *late; /* of these, which are said when they matter; or NULL */
        bool resolve;             /* --resolve */
        int precision;            /* --micro, --nano, enum precision */
        int color;                /* --color, enum color_choice */
        bool first_labels;        /* -N */
        bool foreign;             /* -f */
        bool only_count;          /* --count */
        bool line_buffered;       /* -l */
        const char *user;         /* -Z */
        bool no_sandbox;          /* --no-sandbox */
        bool version;             /* --version */
        bool time_size;           /* --time-t-size */
        bool float_type;          /* --fp-type */
        struct print_options printing;
};

/* Reads the places of --at, if they are given (places.c). Returns false after a complaint. */
bool check_places(struct capture_command *command);

/* What stands behind "--" where packets are captured: a command, whose packets these are. Returns
 * false after a complaint. */
bool take_command(struct words *words, struct capture_command *command);

/* Reads the command line by this table, which may stand on that of filt, into `command`. Returns
 * GO_ON, or the status to exit with. */
int capture_command_read(char **argv, const struct cli_options *options,
                         const struct habits *habits, struct capture_command *command);
void capture_command_free(struct capture_command *command);

/* secrets.c: makes the secrets of `printing` from those of -E and -M, which are not kept otherwise;
 * capture_command_free() frees them. Returns GO_ON, or the status to exit with. */
int read_secrets(struct capture_command *command);

/* The status to exit with once a packet is printed that they may be for; else GO_ON. */
int late_status(const struct capture_command *command);
void late_faults_free(struct late_faults *late);

DECLARE_SUBCOMMAND(capture);
DECLARE_SUBCOMMAND(tcpdump);

/* The rows of its options, and what takes two of them. */
extern const struct cli_option capture_rows[];
cli_take take_input, take_device, take_time_stamp_type;

/* The capture command with these options and habits. Returns the exit status. */
int capture_run_as(char **argv, const struct cli_options *options, const struct habits *habits);

/* -D, and -L, of a device's link types, on `stream`; both return the exit status. */
int list_devices(void);
int list_link_types(FILE *stream, const char *device, const int *link_types, size_t count);

/* The interface a capture without -i uses, or that has the number `text` in the list of -D, as
 * fresh memory; `text` itself if it is no number. `all` is as for the list. NULL, after a
 * complaint, if there is none. */
char *choose_device(const char *text);

/* -J: the time stamp types of an interface. Returns the exit status. */
int list_time_stamp_types(const char *device);

/* Whether an interface can have packets' times taken so, and libpcap's word for that. */
bool has_time_stamps(const char *device, enum capture_time_stamps type);
const char *time_stamps_name(enum capture_time_stamps type);

/* Whether there is an interface of that name, and it is down. */
bool is_down(const char *device);

/* Puts a wireless interface into monitor mode for as long as this process lives. Returns the name
 * of the interface to capture on, as fresh memory; NULL after a complaint. */
char *monitor_device(const char *device);

/* The netmask of an interface, network byte order; 0 if it has none. */
uint32_t device_netmask(const char *device);
/* Its IPv4 network and netmask; false if it has none. */
bool device_network(const char *device, uint32_t *network, uint32_t *netmask);
