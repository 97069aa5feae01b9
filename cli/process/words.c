/* What is said of a packet's processes: behind its line, in JSON, and in a pcapng file. */
#include "base/json.h"
#include "internal.h"

#include <ctype.h>
#include <string.h>

/* What is foreign is shown as on a terminal. */
static void put_name(struct text *text, const struct owner *owner)
{
        text_show(text, owner->id.comm, strnlen(owner->id.comm, sizeof owner->id.comm));
}

/* The number is that of filt's PID namespace, where it has one. */
static void put_owner(struct text *text, const struct owner *owner)
{
        if (!owner) {
                text_string(text, "[unknown]");
                return;
        }
        put_name(text, owner);
        if (owner->pid)
                text_format(text, "[%u]", owner->pid);
        else
                text_string(text, "[?]");
}

void words_note(struct text *text, const struct ownership *ownership)
{
        const struct party *sender = &ownership->sender, *receiver = &ownership->receiver;

        if (sender->applies)
                put_owner(text, sender->owner);
        if (sender->applies && receiver->applies)
                text_string(text, " > ");
        if (receiver->applies)
                put_owner(text, receiver->owner);
        if (!sender->applies && !receiver->applies)
                put_owner(text, NULL);
}

/* The ID of a container is 64 digits of hex, in the last name of the path or before; runtimes put
 * words around it: "docker-ID.scope". */
static const char *find_container(const char *path)
{
        enum { DIGITS = 64 };
        const char *found = NULL;
        size_t run = 0;

        for (const char *at = path; *at; at++) {
                run = isxdigit((unsigned char)*at) && !isupper((unsigned char)*at) ? run + 1 : 0;
                if (run == DIGITS)
                        found = at + 1 - DIGITS;
        }
        return found;
}

/* That of a pod: "...pod1b9f3c1e-...": 36 characters in groups, joined by "-" or, where systemd
 * makes the cgroups, "_". */
static const char *find_pod(const char *path)
{
        enum { LENGTH = 36 };
        const char *at = path;

        while ((at = strstr(at, "pod"))) {
                size_t length = strspn(at + 3, "0123456789abcdef-_");

                if (length == LENGTH)
                        return at + 3;
                at += 3;
        }
        return NULL;
}

static void put_member(struct json *json, const char *name, const struct owner *owner)
{
        const char *container, *pod;

        json_open(json_key(json, name), '{');
        if (!owner) {
                json_boolean(json_key(json, "known"), false);
                json_close(json, '}');
                return;
        }
        container = find_container(owner->cgroup ? owner->cgroup : "");
        pod = find_pod(owner->cgroup ? owner->cgroup : "");
        json_boolean(json_key(json, "known"), true);
        json_string(json_key(json, "name"), owner->id.comm,
                    strnlen(owner->id.comm, sizeof owner->id.comm));
        if (owner->pid)
                json_decimal(json_key(json, "pid"), owner->pid);
        json_decimal(json_key(json, "uid"), owner->uid);
        json_decimal(json_key(json, "network_namespace"), owner->network_namespace);
        if (owner->cgroup)
                json_text(json_key(json, "cgroup"), owner->cgroup);
        if (container)
                json_string(json_key(json, "container"), container, 64);
        if (pod)
                json_string(json_key(json, "pod"), pod, 36);
        json_close(json, '}');
}

void words_members(struct text *text, const struct ownership *ownership)
{
        struct json json = {.text = text};

        if (ownership->sender.applies)
                put_member(&json, "filt.sender", ownership->sender.owner);
        if (ownership->receiver.applies)
                put_member(&json, "filt.receiver", ownership->receiver.owner);
}

static void put_comment(struct text *text, const char *role, const struct owner *owner)
{
        text_string(text, role);
        put_owner(text, owner);
        if (owner)
                text_format(text, " uid %u netns %u cgroup ", owner->uid, owner->network_namespace);
        if (owner && owner->cgroup)
                text_show(text, owner->cgroup, strlen(owner->cgroup));
}

void words_comment(struct text *text, const struct ownership *ownership)
{
        if (ownership->sender.applies)
                put_comment(text, "sent by ", ownership->sender.owner);
        if (ownership->sender.applies && ownership->receiver.applies)
                text_char(text, '\n');
        if (ownership->receiver.applies)
                put_comment(text, "received by ", ownership->receiver.owner);
}
