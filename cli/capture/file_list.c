/* -L -r: what files say of themselves. They are read to their end, as interfaces may be described,
 * and counted, anywhere. A line is a key, a colon and a value; control characters in texts are
 * escaped, and one with several lines is shown as several. */
#include "base/array.h"
#include "base/hash.h"
#include "base/text.h"
#include "run.h"
#include "signals.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct file_list {
        struct capture *capture;
        const char *name;
        struct text text;  /* to be shown */
        uint64_t *packets; /* of each interface of the section */
        size_t interfaces, interface_room;
        unsigned section;
        bool failed; /* memory was short */

        /* Link types in the order in which they came. */
        int *link_types;
        uint32_t link_count, link_room;
        struct hash_table table;
};

static void note_link_type(struct file_list *list, int link_type)
{
        uint32_t hash = hash_fold(hash_mix(0, (uint64_t)link_type)), at = hash, item;

        while ((item = hash_next(&list->table, hash, &at)) != HASH_NONE)
                if (list->link_types[item] == link_type)
                        return;
        if (!array_grow(list->link_types, list->link_room, list->link_count + 1) ||
            !hash_put(&list->table, hash, list->link_count)) {
                list->failed = true;
                return;
        }
        list->link_types[list->link_count++] = link_type;
}

/* --- Lines --- */

static void put_link_type(struct text *text, int link_type)
{
        const char *description = pcap_datalink_val_to_description(link_type);

        text_format(text, "%s (%s)\n", link_type_name(link_type),
                    description ? description : "unknown");
}

static void put_text(struct text *text, const char *key, const char *value)
{
        while (value && *value) {
                size_t length = strcspn(value, "\n");

                text_format(text, "%s: ", key);
                text_show(text, value, length);
                text_char(text, '\n');
                value += length + (value[length] == '\n');
        }
}

static void put_number(struct text *text, const char *key, uint64_t value, const char *unit)
{
        text_format(text, "%s: %" PRIu64 "%s\n", key, value, unit);
}

static void put_interface(struct file_list *list, uint32_t number,
                          const struct capture_interface *interface)
{
        struct text *text = &list->text;

        text_format(text, "  interface %" PRIu32 ":\n", number);
        put_text(text, "    name", interface->name);
        put_text(text, "    description", interface->description);
        put_text(text, "    hardware", interface->hardware);
        put_text(text, "    os", interface->os);
        put_text(text, "    filter", interface->filter);
        text_string(text, "    link type: ");
        put_link_type(text, interface->link_type);
        if (interface->snapshot_length)
                put_number(text, "    snapshot length", interface->snapshot_length, " bytes");
        if (interface->speed)
                put_number(text, "    speed", interface->speed, " bit/s");
        put_number(text, "    time resolution", interface->units, " per second");
        put_number(text, "    packets", number < list->interfaces ? list->packets[number] : 0, "");
        if (!interface->counted)
                return;
        put_number(text, "    received", interface->received, "");
        put_number(text, "    dropped", interface->dropped, "");
}

static void put_heading(struct file_list *list, const char *what)
{
        text_format(&list->text, "%s of ", what);
        text_show(&list->text, list->name, strlen(list->name));
        text_string(&list->text, ":\n");
}

/* What has been made is shown, so that little is kept in memory; nothing if a part is missing. */
static void show(struct file_list *list)
{
        if (list->text.length > 0 && !list->failed && !list->text.failed)
                fwrite(list->text.start, 1, list->text.length, stdout);
        list->text.length = 0;
}

/* A section has been read. */
static void put_section(void *context)
{
        struct file_list *list = context;
        const struct capture_section *section = capture_section(list->capture);
        const struct capture_interface *interface;
        char heading[24];

        if (!section)
                return;
        snprintf(heading, sizeof heading, "section %u", ++list->section);
        put_heading(list, heading);
        put_text(&list->text, "  hardware", section->hardware);
        put_text(&list->text, "  os", section->os);
        put_text(&list->text, "  application", section->application);
        put_text(&list->text, "  comment", section->comment);
        for (uint32_t i = 0; (interface = capture_interface(list->capture, i)); i++) {
                note_link_type(list, interface->link_type);
                put_interface(list, i, interface);
                show(list);
        }
        show(list);
        list->interfaces = 0;
}

/* --- Reading --- */

static void count_packet(struct file_list *list, uint32_t interface)
{
        if (!array_grow(list->packets, list->interface_room, (size_t)interface + 1)) {
                list->failed = true;
                return;
        }
        while (list->interfaces <= interface)
                list->packets[list->interfaces++] = 0;
        list->packets[interface]++;
}

static void take_batch(struct file_list *list, const struct capture_batch *batch)
{
        struct capture_record record;

        if (batch->count > 0)
                note_link_type(list, batch->link_type);
        for (size_t i = 0; batch->format == CAPTURE_PCAPNG && i < batch->count; i++) {
                capture_batch_record(batch, i, &record);
                count_packet(list, record.interface);
        }
}

static int read_all(struct file_list *list)
{
        struct capture_batch batch;
        struct error error;

        while (!signals_want_end()) {
                switch (capture_next_batch(list->capture, &batch, &error)) {
                case CAPTURE_PACKET: take_batch(list, &batch); break;
                case CAPTURE_ERROR:
                        return signals_want_end() ? STATUS_DONE : complain_error(&error);
                default: return STATUS_DONE;
                }
                if (list->failed || list->text.failed)
                        return out_of_memory();
        }
        return STATUS_DONE;
}

static void put_link_types(struct file_list *list)
{
        if (list->link_count == 0)
                note_link_type(list, capture_info(list->capture)->link_type);
        put_heading(list, "Data link types");
        for (uint32_t i = 0; i < list->link_count; i++) {
                text_string(&list->text, "  ");
                put_link_type(&list->text, list->link_types[i]);
        }
        show(list);
}

static int list_file(struct capture *capture, const char *name)
{
        struct file_list list = {.capture = capture, .name = name};
        int status;

        capture_watch_sections(capture, NULL, put_section, &list);
        status = read_all(&list);
        capture_watch_sections(capture, NULL, NULL, NULL);
        put_section(&list);
        put_link_types(&list);
        if (!status && (list.failed || list.text.failed))
                status = out_of_memory();
        text_free(&list.text);
        free(list.packets);
        free(list.link_types);
        hash_free(&list.table);
        return status;
}

int list_files(struct run *run)
{
        const struct capture_command *command = run->command;
        int status = STATUS_DONE;

        for (size_t i = 0; i < command->read_count && !signals_want_end(); i++) {
                int one =
                    list_file(run->files ? run->files[i] : run->capture, command->read_files[i]);

                status = status ? status : one;
        }
        return status ? status : flush_standard_output();
}
