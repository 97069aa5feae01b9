/* The capture command's options. */
#ifndef CLI_CAPTURE_H
#define CLI_CAPTURE_H

#include "cli/common/cli.h"
#include "cli/common/program.h"
#include "print/print.h"

enum color_choice { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER }; /* --color */

struct capture_command {
        const char *device;      /* -i, NULL if not given */
        const char *write_file;  /* -w */
        const char **read_files; /* -r, and the lines of -V */
        size_t read_count, read_room;
        char *names;                /* the text of -V's list, in which these names are */
        enum capture_format format; /* --format; CAPTURE_UNKNOWN if not given */
        uint64_t rotate_size;       /* -C, bytes; 0 if not given, as the next two */
        uint64_t rotate_seconds;    /* -G */
        uint64_t rotate_files;      /* -W */
        unsigned threads;           /* -j; 0 if not given */
        int progress;               /* --progress: 1, --no-progress: 0, else -1 */
        char *expression; /* the words, or -F; never NULL; freed by capture_command_free() */
        uint64_t count;   /* -c; 0 for no limit */
        uint32_t snapshot_length; /* -s */
        size_t buffer;            /* -B, in bytes; 0 for the default */
        int link_type;            /* -y; -1 if not given */
        enum capture_direction direction;
        const char *program;    /* --program; NULL if not given */
        const char *form_name;  /* --format; NULL if not given */
        enum program_form form; /* -d, -dd, -ddd, --format, if `list` */
        bool list;
        bool statistics;    /* --stats, with -d */
        bool promiscuous;   /* not -p */
        bool unoptimized;   /* -O */
        bool optimize;      /* --optimize: also what --program gives */
        bool jit;           /* not --no-jit */
        bool list_devices;  /* -D */
        bool list_links;    /* -L */
        bool line_buffered; /* -l */
        bool unbuffered;    /* -U */
        bool only_count;    /* --count */
        bool print;         /* --print: also with -w */
        bool microseconds;  /* --micro */
        bool resolve;       /* --resolve */
        enum color_choice color;
        struct print_options printing;
};

enum options_result {
        OPTIONS_RUN,   /* go on */
        OPTIONS_DONE,  /* --help or --version: said, exit 0 */
        OPTIONS_WRONG, /* complained; exit STATUS_USAGE */
};

/* Reads the command line into `command`. */
enum options_result capture_command_read(int argc, char **argv, struct capture_command *command);
void capture_command_free(struct capture_command *command);

/* -D and -L; both return the exit status. */
int list_devices(void);
int list_link_types(const char *device, int link_type);

/* The interface a capture without -i uses, or that has the number `text` in the list of -D, as
 * fresh memory; `text` itself if it is no number. NULL, after a complaint, if there is none. */
char *choose_device(const char *text);

/* The netmask of an interface, network byte order; 0 if it has none. */
uint32_t device_netmask(const char *device);

/* Callbacks for struct print_names, by the system's resolver, each answer remembered. */
struct resolver;
struct resolver *resolver_new(void);
void resolver_free(struct resolver *resolver);
const char *resolver_address(void *resolver, int family, const void *address);
const char *resolver_port(void *resolver, int ip_protocol, uint16_t port);

#endif
