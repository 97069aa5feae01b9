/* The places of --at. */
#include "cbpf/extended.h"
#include "cli/common/cli.h"
#include "taps.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Before the rules of all tables, if the command line does not say where. */
enum { FIRST_PRIORITY = -1000000 };

static bool read_mode(const char *rest, struct tap_point *point)
{
        int mode;

        if (!rest)
                return true;
        mode = parse_word("--at xdp", rest, "generic|native");
        point->mode = mode == 0 ? TAPS_MODE_GENERIC : TAPS_MODE_NATIVE;
        return mode >= 0;
}

static bool read_tc_mode(const char *rest, struct tap_point *point)
{
        int mode;

        if (!rest)
                return true;
        mode = parse_word("--at tc", rest, "tcx|clsact");
        point->mode = mode == 0 ? TAPS_MODE_TCX : TAPS_MODE_CLSACT;
        return mode >= 0;
}

static bool read_cgroup(const char *rest, struct tap_point *point)
{
        if (!rest || !*rest) {
                complain_usage("--at %s: give the folder of a cgroup behind a colon, as in "
                               "cgroup:/sys/fs/cgroup/system.slice",
                               point->text);
                return false;
        }
        point->cgroup = rest;
        return true;
}

/* HOOK, or HOOK:PRIORITY. */
static bool read_netfilter(const char *rest, struct tap_point *point)
{
        const char *colon = rest ? strchr(rest, ':') : NULL;
        char hook[32] = "", *end;
        long priority;

        if (!rest || !*rest) {
                complain_usage("--at %s: give a hook behind a colon, as in nf:input", point->text);
                return false;
        }
        snprintf(hook, sizeof hook, "%.*s", (int)(colon ? (size_t)(colon - rest) : strlen(rest)),
                 rest);
        point->netfilter = parse_word("--at nf", hook, TAPS_NETFILTER_HOOKS);
        point->priority = FIRST_PRIORITY;
        if (point->netfilter < 0)
                return false;
        if (!colon)
                return true;
        errno = 0;
        priority = strtol(colon + 1, &end, 10);
        if (errno || end == colon + 1 || *end || priority <= INT32_MIN || priority >= INT32_MAX) {
                complain_usage("--at %s: '%s' is no priority, a number as of nft(8): -300 is "
                               "before the table raw, 0 before filter",
                               point->text, colon + 1);
                return false;
        }
        point->priority = (int)priority;
        point->priority_chosen = true;
        return true;
}

/* What comes before the first colon; one word may stand for two points. */
static const struct kind {
        const char *name;
        enum cbpf_context context;
        size_t count;
        enum taps_hook hooks[TAP_POINTS_MOST];
        bool (*read_rest)(const char *rest, struct tap_point *point);
} kinds[] = {
    {"xdp", CBPF_CONTEXT_XDP, 1, {TAPS_XDP}, read_mode},
    {"tc", CBPF_CONTEXT_TC, 2, {TAPS_TC_INGRESS, TAPS_TC_EGRESS}, read_tc_mode},
    {"tc-ingress", CBPF_CONTEXT_TC, 1, {TAPS_TC_INGRESS}, read_tc_mode},
    {"tc-egress", CBPF_CONTEXT_TC, 1, {TAPS_TC_EGRESS}, read_tc_mode},
    {"cgroup", CBPF_CONTEXT_CGROUP, 2, {TAPS_CGROUP_INGRESS, TAPS_CGROUP_EGRESS}, read_cgroup},
    {"cgroup-ingress", CBPF_CONTEXT_CGROUP, 1, {TAPS_CGROUP_INGRESS}, read_cgroup},
    {"cgroup-egress", CBPF_CONTEXT_CGROUP, 1, {TAPS_CGROUP_EGRESS}, read_cgroup},
    {"nf", CBPF_CONTEXT_NETFILTER, 1, {TAPS_NETFILTER}, read_netfilter},
    {.name = NULL},
};

static const struct kind *find_kind(const char *text)
{
        size_t length = strcspn(text, ":");
        const struct kind *kind = kinds;

        while (kind->name &&
               (strlen(kind->name) != length || strncmp(kind->name, text, length) != 0))
                kind++;
        return kind->name ? kind : NULL;
}

size_t tap_points_read(const char *text, struct tap_point points[TAP_POINTS_MOST])
{
        const struct kind *kind = find_kind(text);
        const char *colon = strchr(text, ':');

        if (!kind) {
                complain_usage("--at %s is no place to capture: there are socket, xdp, tc, "
                               "tc-ingress, tc-egress, cgroup:FOLDER, cgroup-ingress:FOLDER, "
                               "cgroup-egress:FOLDER and nf:HOOK",
                               text);
                return 0;
        }
        for (size_t i = 0; i < kind->count; i++) {
                points[i] = (struct tap_point){.text = text, .hook = kind->hooks[i]};
                if (!kind->read_rest(colon ? colon + 1 : NULL, &points[i]))
                        return 0;
        }
        return kind->count;
}

bool tap_point_has_interface(const struct tap_point *point)
{
        return point->hook <= TAPS_TC_EGRESS;
}

bool tap_point_same(const struct tap_point *one, const struct tap_point *other)
{
        if (one->hook != other->hook)
                return false;
        if (one->cgroup)
                return strcmp(one->cgroup, other->cgroup) == 0;
        return one->netfilter == other->netfilter && one->priority == other->priority;
}

/* The one kind that has this hook alone, rather than with another one. */
static const struct kind *kind_of(enum taps_hook hook)
{
        const struct kind *kind = kinds;

        while (kind->count != 1 || kind->hooks[0] != hook)
                kind++;
        return kind;
}

const char *tap_point_name(const struct tap_point *point)
{
        return kind_of(point->hook)->name;
}

int tap_hook_context(enum taps_hook hook)
{
        return kind_of(hook)->context;
}

int tap_context_named(const char *text)
{
        const struct kind *kind = find_kind(text);

        return kind ? (int)kind->context : strcmp(text, "socket") == 0 ? CBPF_CONTEXT_SOCKET : -1;
}
