/* drops --summary: how many packets were dropped for each reason, place and conversation. */
#include "drop.h"

#include "base/array.h"
#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_ROWS = 1 << 16 };

struct row {
        char *place, *reason, *conversation;
        uint64_t packets;
        uint64_t bytes;
};

struct summary {
        struct row *rows; /* in the order of their first packets */
        size_t count, room;
        struct hash_table table;
        struct hash_key key;
        uint64_t others;   /* packets of rows for which there was no room */
        struct text parts; /* of the packet at hand: place, reason, conversation, a NUL each */
};

struct summary *summary_new(void)
{
        struct summary *summary = calloc(1, sizeof *summary);

        if (summary)
                hash_key_new(&summary->key);
        return summary;
}

static void free_row(const struct row *row)
{
        free(row->place);
        free(row->reason);
        free(row->conversation);
}

void summary_free(struct summary *summary)
{
        if (!summary)
                return;
        for (size_t i = 0; i < summary->count; i++)
                free_row(&summary->rows[i]);
        free(summary->rows);
        hash_free(&summary->table);
        text_free(&summary->parts);
        free(summary);
}

static void put_place(struct text *text, const struct drop *drop)
{
        if (drop->place.words)
                text_string(text, drop->place.words);
        else if (drop->functions[0])
                text_format(text, "%s()", drop->functions[0]);
        else
                text_char(text, '?');
        drop_rule_text(text, drop);
        if (drop->network_namespace)
                text_format(text, ", netns %s", drop->network_namespace);
}

static void put_reason(struct text *text, const struct drop *drop)
{
        if (drop->reason)
                text_string(text, drop->reason);
        else if (drop->record->reason)
                text_format(text, "%u", drop->record->reason);
        else
                text_char(text, '-');
}

/* Returns false if memory is short. */
static bool make_parts(struct text *parts, const struct drop *drop)
{
        parts->length = 0;
        put_place(parts, drop);
        text_char(parts, '\0');
        put_reason(parts, drop);
        text_char(parts, '\0');
        drop_conversation(parts, drop->record);
        text_char(parts, '\0');
        return !parts->failed;
}

static bool is_same(const struct row *row, const char *place)
{
        const char *reason = place + strlen(place) + 1;

        return strcmp(row->place, place) == 0 && strcmp(row->reason, reason) == 0 &&
               strcmp(row->conversation, reason + strlen(reason) + 1) == 0;
}

static struct row *find(const struct summary *summary, uint32_t hash)
{
        uint32_t at = hash, item;

        while ((item = hash_next(&summary->table, hash, &at)) != HASH_NONE)
                if (is_same(&summary->rows[item], summary->parts.start))
                        return &summary->rows[item];
        return NULL;
}

static struct row *add(struct summary *summary, uint32_t hash)
{
        const char *place = summary->parts.start, *reason = place + strlen(place) + 1;
        struct row row = {
            .place = strdup(place),
            .reason = strdup(reason),
            .conversation = strdup(reason + strlen(reason) + 1),
        };

        if (row.place && row.reason && row.conversation &&
            array_grow(summary->rows, summary->room, summary->count + 1) &&
            hash_put(&summary->table, hash, (uint32_t)summary->count)) {
                summary->rows[summary->count] = row;
                return &summary->rows[summary->count++];
        }
        free_row(&row);
        return NULL;
}

bool summary_add(struct summary *summary, const struct drop *drop)
{
        uint32_t hash;
        struct row *row;

        if (!make_parts(&summary->parts, drop))
                return false;
        hash = hash_keyed(&summary->key, summary->parts.start, summary->parts.length);
        row = find(summary, hash);
        if (!row && summary->count == MAX_ROWS) {
                summary->others++;
                return true;
        }
        row = row ? row : add(summary, hash);
        if (!row)
                return false;
        row->packets++;
        row->bytes += drop->record->length;
        return true;
}

/* --- Showing --- */

static int most_packets_first(const void *left, const void *right)
{
        const struct row *const *a = left, *const *b = right;

        if ((*a)->packets != (*b)->packets)
                return (*a)->packets < (*b)->packets ? 1 : -1;
        return *a < *b ? -1 : 1;
}

struct widths {
        size_t place, reason;
};

static void put_row(struct text *text, const struct row *row, const struct widths *widths)
{
        size_t start = text->length;

        text_decimal_right(text, row->packets, 10);
        text_string(text, "  ");
        text_string(text, row->place);
        text_column(text, start, 12 + widths->place + 2);
        text_string(text, row->reason);
        text_column(text, start, 12 + widths->place + 2 + widths->reason + 2);
        text_string(text, row->conversation);
        text_char(text, '\n');
}

static void put_table(struct text *text, struct row *const *rows, size_t count)
{
        struct widths widths = {strlen("place"), strlen("reason")};

        for (size_t i = 0; i < count; i++) {
                size_t place = strlen(rows[i]->place), reason = strlen(rows[i]->reason);

                widths.place = place > widths.place ? place : widths.place;
                widths.reason = reason > widths.reason ? reason : widths.reason;
        }
        text_format(text, "%10s  %-*s  %-*s  %s\n", "packets", (int)widths.place, "place",
                    (int)widths.reason, "reason", "from and to");
        for (size_t i = 0; i < count; i++)
                put_row(text, rows[i], &widths);
}

static void put_json(struct text *text, const struct row *row)
{
        struct json json = {.text = text};

        json_open(&json, '{');
        json_decimal(json_key(&json, "packets"), row->packets);
        json_decimal(json_key(&json, "bytes"), row->bytes);
        json_text(json_key(&json, "place"), row->place);
        json_text(json_key(&json, "reason"), row->reason);
        json_text(json_key(&json, "conversation"), row->conversation);
        json_close(&json, '}');
        text_char(text, '\n');
}

void summary_text(struct text *text, struct summary *summary, bool json, size_t most)
{
        struct row **sorted = malloc((summary->count + 1) * sizeof *sorted);
        size_t shown = most && most < summary->count ? most : summary->count;

        if (!sorted) {
                text->failed = true;
                return;
        }
        for (size_t i = 0; i < summary->count; i++)
                sorted[i] = &summary->rows[i];
        qsort(sorted, summary->count, sizeof *sorted, most_packets_first);
        if (!json)
                put_table(text, sorted, shown);
        for (size_t i = 0; json && i < shown; i++)
                put_json(text, sorted[i]);
        if (!json && summary->others > 0)
                text_format(text, "%10llu  of conversations for which there was no room\n",
                            (unsigned long long)summary->others);
        free(sorted);
}
