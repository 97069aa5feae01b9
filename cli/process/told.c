/* What a pcapng file tells of its packets' processes: words.c has written it as comments, a line
 * for each process. Names may be anything but, of at most 15 bytes, too short to look like what
 * follows them. */
#include "base/array.h"
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct process_told {
        bool members;
        bool asked, any; /* a packet was asked, has told */
        struct ownership ownership;
        struct owner owners[2];
        char *cgroups[2];
        size_t rooms[2];
        struct text note, json;
};

struct process_told *process_told_new(bool members)
{
        struct process_told *told = calloc(1, sizeof *told);

        if (told)
                told->members = members;
        return told;
}

void process_told_free(struct process_told *told)
{
        if (!told)
                return;
        for (size_t i = 0; i < array_count(told->cgroups); i++)
                free(told->cgroups[i]);
        text_free(&told->note);
        text_free(&told->json);
        free(told);
}

/* Behind a name: "[4711] uid 0 netns 4026531840 cgroup ". Returns where the path of the cgroup
 * begins, or NULL if it is something else. */
static const char *read_numbers(const char *text, struct owner *owner)
{
        int numbers = 0, pid = 0;

        if (sscanf(text, "[%u]%n", &owner->pid, &pid) != 1 || pid == 0) {
                owner->pid = 0;
                pid = strncmp(text, "[?]", 3) == 0 ? 3 : 0;
        }
        if (pid == 0 || sscanf(text + pid, " uid %u netns %u cgroup %n", &owner->uid,
                               &owner->network_namespace, &numbers) != 2)
                return NULL;
        return numbers > 0 ? text + pid + numbers : NULL;
}

/* Returns false when memory is short. Lines end with a line break or the text. */
static bool read_cgroup(struct process_told *told, size_t i, const char *path)
{
        size_t length = strcspn(path, "\n");

        told->owners[i].cgroup = NULL;
        if (length == 0)
                return true;
        if (!array_grow(told->cgroups[i], told->rooms[i], length + 1))
                return false;
        memcpy(told->cgroups[i], path, length);
        told->cgroups[i][length] = '\0';
        told->owners[i].cgroup = told->cgroups[i];
        return true;
}

/* Returns false when memory is short. What is no such line is no matter. */
static bool read_party(struct process_told *told, size_t i, struct party *party, const char *line)
{
        struct owner *owner = &told->owners[i];
        size_t length = strcspn(line, "\n");
        const char *path = NULL, *at = line;

        if (length == strlen("[unknown]") && strncmp(line, "[unknown]", length) == 0) {
                *party = (struct party){.applies = true, .decided = true};
                return true;
        }
        *owner = (struct owner){0};
        while (!path && (at = memchr(at, '[', length - (size_t)(at - line))))
                if (!(path = read_numbers(at, owner)))
                        at++;
        if (!path)
                return true;
        memcpy(owner->id.comm, line,
               (size_t)(at - line) < PROCESS_COMM ? (size_t)(at - line) : PROCESS_COMM - 1);
        *party = (struct party){.applies = true, .decided = true, .owner = owner};
        return read_cgroup(told, i, path);
}

static bool read_comment(struct process_told *told, const char *comment)
{
        static const char sent[] = "sent by ", received[] = "received by ";
        bool enough = true;

        told->ownership = (struct ownership){0};
        for (const char *line = comment; enough && line && *line;) {
                if (strncmp(line, sent, sizeof sent - 1) == 0)
                        enough =
                            read_party(told, 0, &told->ownership.sender, line + sizeof sent - 1);
                else if (strncmp(line, received, sizeof received - 1) == 0)
                        enough = read_party(told, 1, &told->ownership.receiver,
                                            line + sizeof received - 1);
                line = strchr(line, '\n');
                line += line != NULL;
        }
        return enough;
}

/* A text as a string; NULL when memory was short. */
static const char *ended(struct text *text)
{
        text_char(text, '\0');
        return text->failed ? NULL : text->start;
}

bool process_told_read(struct process_told *told, struct capture_record *record)
{
        const struct ownership *ownership = &told->ownership;

        if (!read_comment(told, record->comment))
                return false;
        if (!ownership->sender.applies && !ownership->receiver.applies)
                return true;
        told->note.length = 0;
        words_note(&told->note, ownership);
        record->note = ended(&told->note);
        if (told->members) {
                told->json.length = 0;
                words_members(&told->json, ownership);
                record->members = ended(&told->json);
        }
        return record->note && (record->members || !told->members);
}

bool process_told_accepts(struct process_told *told, struct process_language *language,
                          const struct capture_record *record, bool *failed)
{
        told->asked = true;
        *failed = !read_comment(told, record->comment);
        told->any |= told->ownership.sender.applies || told->ownership.receiver.applies;
        return !*failed && process_language_accepts(language, record, &told->ownership);
}

bool process_told_nothing(const struct process_told *told)
{
        return told->asked && !told->any;
}
