/* What the section of a file says into which several are merged: what all of them say of themselves
 * (of pcapng files with several sections, the first), and the comments of each. The texts are
 * copies, as the files forget a section when they come to the next. */
#include "base/array.h"
#include "run.h"

#include <stdlib.h>
#include <string.h>

static const size_t texts[] = {
    offsetof(struct capture_section, hardware),
    offsetof(struct capture_section, os),
    offsetof(struct capture_section, application),
};

static const char **text_of(const struct capture_section *section, size_t i)
{
        return (const char **)((char *)section + texts[i]);
}

/* Text `i` if all say the same; NULL if one says nothing or something else. */
static const char *agreed(const struct run *run, size_t i)
{
        const char *text = NULL;

        for (size_t file = 0; file < run->command->read_count; file++) {
                const struct capture_section *section = capture_section(run->files[file]);
                const char *said = section ? *text_of(section, i) : NULL;

                if (!said || (text && strcmp(said, text) != 0))
                        return NULL;
                text = said;
        }
        return text;
}

/* Returns false if memory is short. */
static bool add_comment(struct merged_section *merged, const char *comment)
{
        if (!array_grow(merged->comments, merged->room, merged->count + 1) ||
            !(merged->comments[merged->count] = strdup(comment)))
                return false;
        merged->count++;
        return true;
}

static bool add_comments(struct merged_section *merged, const struct capture_section *section)
{
        const char *comment = section ? section->comments : NULL;

        for (; comment && *comment; comment += strlen(comment) + 1)
                if (!add_comment(merged, comment))
                        return false;
        return true;
}

bool merged_section_make(struct merged_section *merged, const struct run *run)
{
        const struct capture_command *command = run->command;

        for (size_t i = 0; i < array_count(texts); i++) {
                const char *text = agreed(run, i);

                if (text && !(*text_of(&merged->said, i) = strdup(text)))
                        return false;
        }
        for (size_t i = 0; i < command->read_count; i++)
                if (!add_comments(merged, capture_section(run->files[i])))
                        return false;
        for (size_t i = 0; i < command->comment_count; i++)
                if (!add_comment(merged, command->comments[i]))
                        return false;
        return true;
}

void merged_section_free(struct merged_section *merged)
{
        for (size_t i = 0; i < array_count(texts); i++)
                free((void *)*text_of(&merged->said, i));
        for (size_t i = 0; i < merged->count; i++)
                free((void *)merged->comments[i]);
        free(merged->comments);
}
