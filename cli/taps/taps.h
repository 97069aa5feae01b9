/* --at: captures at other places than a packet socket, by programs of ebpf/taps/taps.h. */
#pragma once

#include "base/error.h"
#include "capture/capture.h"
#include "ebpf/taps/taps.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cbpf_target;

/* A place of --at. */
struct tap_point {
        const char *text; /* as it was given */
        enum taps_hook hook;
        enum taps_mode mode;  /* XDP, tc */
        const char *cgroup;   /* folder of the cgroup */
        int netfilter;        /* NF_INET_* */
        int priority;         /* netfilter */
        bool priority_chosen; /* else another one is tried if a program has it */
};

/* The words that places begin with. */
#define TAP_PLACES "socket|xdp|tc|tc-ingress|tc-egress|cgroup|cgroup-ingress|cgroup-egress|nf"

enum { TAP_POINTS_MOST = 2 };

/* Reads a place other than socket, which may be two points. Returns how many; 0 after a complaint
 * about the usage, if it is none. `points` use the text. */
size_t tap_points_read(const char *text, struct tap_point points[TAP_POINTS_MOST]);

/* The enum cbpf_context of a place of any kind; -1 if it is none. */
int tap_context_named(const char *text);

/* Whether packets are those of an interface. */
bool tap_point_has_interface(const struct tap_point *point);

/* Whether they are one point, where two programs would do the same. */
bool tap_point_same(const struct tap_point *one, const struct tap_point *other);

/* What the point is called, without what is said of it: "tc-ingress". */
const char *tap_point_name(const struct tap_point *point);

/* The enum cbpf_context of a hook. */
int tap_hook_context(enum taps_hook hook);

/* A capture's taps. */
struct tap_source;

struct tap_options {
        const struct tap_point *points;
        size_t point_count;
        const char *const *devices; /* names, patterns, or "any" */
        size_t device_count;        /* at least 1 if a point has an interface */
        size_t buffer;              /* bytes; 0 for the default */
        uint32_t kept;              /* bytes of a packet at most */
        const char *filter;         /* the expression, to describe interfaces; or NULL */
        struct capture *socket;     /* of the place socket, which is taken over; or NULL */
        int wake;                   /* a descriptor; readable, it ends a wait for packets */
        bool joins;                 /* copies of a packet from several places are one packet */
        bool one_link_type;         /* an interface that appears has that of the first, or no tap */
        bool wait; /* for interfaces that appear, or come back; for "any" without, too */
};

/* Opens a live capture, whose interfaces are the points: of each device, where a point has
 * interfaces. `*source` is the capture's. Returns NULL with `error` filled on failure. */
struct capture *taps_open(const struct tap_options *options, struct tap_source **source,
                          struct error *error);

/* Whether interfaces that appear get taps: for that, the process goes on to attach programs. */
bool taps_follow(const struct tap_source *source);

/* The number of the tap of one of its interfaces, which others of the same kind share; TAPS_SOCKET
 * if it has none. */
#define TAPS_SOCKET UINT32_MAX
uint32_t taps_number(const struct tap_source *source, const struct capture_interface *interface);

/* The name of the device of an interface that has a tap; NULL if it has no device. */
const char *taps_device(const struct tap_source *source, const struct capture_interface *interface);

/* Whether it is one of those that may still appear: an expression need not be one for them. */
bool taps_is_spare(const struct tap_source *source, const struct capture_interface *interface);

/* A filter that runs here, for captures that join copies: sees each one before that. */
typedef bool tap_judge(void *context, const struct capture_record *copy);
void taps_judge(struct tap_source *source, tap_judge *judge, void *context);

/* Whether copies are joined. */
bool taps_join(const struct tap_source *source);

/* What capture_filter_again() is to do: puts other filters into the place of those of all taps.
 * Returns 0, or -1 with `error` filled. */
typedef int tap_replace(void *context, struct error *error);
void taps_replace_by(struct tap_source *source, tap_replace *replace, void *context);

/* Sets what a filter for a tap is compiled for, but for the link type. */
void taps_set_target(const struct tap_source *source, uint32_t tap, struct cbpf_target *target);

/* Compiles the expression for a tap and has the kernel load it; NULL with `error` filled if that
 * cannot be. The caller frees it with extended_free(), at the end of the capture. */
struct extended *taps_compile(const struct tap_source *source, uint32_t tap, const char *expression,
                              const struct cbpf_target *target, struct error *error);

/* As extended_place(), for a filter of the tap. */
struct extended *taps_make_place(const struct tap_source *source, uint32_t tap,
                                 const struct extended *filter, struct error *error);

/* Has all bytes of packets be copied, or those that are kept, as it is at first. */
void taps_copy_whole(const struct tap_source *source, uint32_t tap, bool whole);

/* The name of a place that has the tap, for messages. */
const char *taps_name(const struct tap_source *source, uint32_t tap);

/* The descriptors that a process needs to compile for the taps. Returns how many there are; NULL:
 * no more than that. */
size_t taps_descriptors(const struct tap_source *source, int *descriptors);
