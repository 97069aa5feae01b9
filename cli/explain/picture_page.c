/* filt explain --html: one page that needs nothing but a browser. Its markup, style and script are
 * in cli/page/ and become part of filt; here they are put together with the drawing and the data.
 *
 * The script has a machine of its own (the steps of a thousand packets would make a large page, the
 * bytes they read make a small one); each packet brings the verdict of cbpf_execute(), so that the
 * two can be seen to agree. */
#include "base/array.h"
#include "base/json.h"
#include "cbpf/extended.h"
#include "explain.h"
#include "print/print.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
        PACKETS_MOST = 10000,
        BESIDE_MOST = 4096, /* instructions of a program that goes beside an extended one */
        BYTES_LEAST = 128,  /* shown of a packet, even if the program reads less */
};

/* Makes a file's content a string of this program. */
#define EMBED(name, file)                                                              \
        __asm__(".pushsection .rodata\n" #name ": .incbin \"" file "\"\n\t.byte 0\n\t" \
                ".popsection\n");                                                      \
        extern const char name[]

EMBED(page_html, "cli/explain/page/page.html");
EMBED(page_style, "cli/explain/page/style.css");
EMBED(page_script, "cli/explain/page/script.js");

struct page {
        struct text text; /* the page so far */
        struct explain *explain;
        struct blocks blocks;
        size_t drawing; /* where it belongs in the text; 0 if the graph is too large for one */
        int status;
};

static void put_title(struct page *page)
{
        put_html_text(&page->text, explain_title(page->explain));
}

static void put_summary(struct page *page)
{
        const struct explain *explain = page->explain;
        const char *name = pcap_datalink_val_to_name(explain->target.link_type);
        uint32_t longest;
        int unbounded = cbpf_longest_path(&explain->program, &longest);

        page->text.failed |= unbounded < 0;
        text_format(&page->text, "%s, %s", name ? name : "unknown link type",
                    counted(explain->program.bf_len, "instruction").text);
        if (unbounded == 0)
                text_format(&page->text, ", at most %" PRIu32 " of them for a packet", longest);
        if (explain->file) {
                text_string(&page->text, "; packets of ");
                put_html_text(&page->text, explain->file);
        }
}

static void put_class(struct page *page)
{
        text_string(&page->text, page->explain->file ? "packets" : "no-packets");
}

static void put_style(struct page *page)
{
        text_string(&page->text, page_style);
}

static void put_script(struct page *page)
{
        text_string(&page->text, page_script);
}

static void put_graph(struct page *page)
{
        if (page->blocks.count <= PICTURE_BLOCKS)
                page->drawing = page->text.length;
        else
                text_format(
                    &page->text,
                    "<p class=\"none\">The graph has %" PRIu32
                    " blocks, more than a page shows well. filt explain --svg FILE draws it.</p>\n",
                    page->blocks.count);
}

static void put_program(struct json *json, struct page *page)
{
        const struct bpf_program *program = &page->explain->program;
        char text[PICTURE_INSTRUCTION];

        json_open(json_key(json, "program"), '[');
        for (uint32_t i = 0; i < program->bf_len; i++) {
                const struct bpf_insn *instruction = &program->bf_insns[i];

                json_open(json, '[');
                json_decimal(json, instruction->code);
                json_decimal(json, instruction->jt);
                json_decimal(json, instruction->jf);
                json_decimal(json, instruction->k);
                json_close(json, ']');
        }
        json_close(json, ']');
        json_open(json_key(json, "text"), '[');
        for (uint32_t i = 0; i < program->bf_len; i++) {
                picture_instruction(program, i, text);
                json_text(json, text);
        }
        json_close(json, ']');
        json_open(json_key(json, "notes"), '[');
        for (uint32_t i = 0; i < program->bf_len; i++)
                json_text(json, page->explain->notes.notes[i].text);
        json_close(json, ']');
        json_open(json_key(json, "headers"), '[');
        for (uint32_t i = 0; i < program->bf_len; i++)
                json_text(json, page->explain->notes.notes[i].header);
        json_close(json, ']');
        json_open(json_key(json, "blocks"), '[');
        for (uint32_t i = 0; i < page->blocks.count; i++)
                json_decimal(json, page->blocks.list[i].first);
        json_close(json, ']');
}

/* What a run reads of a packet. */
struct reach {
        uint32_t captured;
        uint32_t end; /* of the last byte read */
};

static void note_reach(void *context, const struct cbpf_step *step)
{
        struct reach *reach = context;
        uint64_t end = step->offset + step->size;

        if (step->size && end <= reach->captured && end > reach->end)
                reach->end = (uint32_t)end;
}

/* [time, line, captured, length, bytes, verdict]; of the bytes no more than the program reads, but
 * a decent number of them. */
static int put_packet(struct json *json, struct page *page, struct printer *printer,
                      const struct capture_record *record)
{
        const struct packet *packet = &record->packet;
        struct reach reach = {.captured = packet->captured, .end = BYTES_LEAST};
        struct cbpf_observer observer = {note_reach, &reach};
        struct cbpf_outcome outcome =
            cbpf_execute(&page->explain->program, packet, NULL, &observer);
        const struct print_packet shown = {
            .packet = *packet, .link_type = page->explain->target.link_type, .time = record->time};
        size_t length, time;
        const char *line = printer_print(printer, &shown, &length);

        if (!line)
                return out_of_memory();
        time = strcspn(line, " ");
        json_open(json, '[');
        json_string(json, line, time);
        line += time + (line[time] == ' ');
        json_string(json, line, strcspn(line, "\n"));
        json_decimal(json, packet->captured);
        json_decimal(json, packet->length);
        json_base64(json, packet->data,
                    reach.end < packet->captured ? reach.end : packet->captured);
        json_decimal(json, outcome.verdict);
        json_close(json, ']');
        return STATUS_DONE;
}

static int put_packets(struct json *json, struct page *page, struct printer *printer)
{
        struct capture *capture = page->explain->capture;
        struct capture_record record;
        struct error error;
        enum capture_result result;
        uint32_t count = 0;

        json_open(json_key(json, "packets"), '[');
        while ((result = capture_next(capture, &record, &error)) == CAPTURE_PACKET &&
               count < PACKETS_MOST) {
                count++;
                if (put_packet(json, page, printer, &record) != STATUS_DONE)
                        return STATUS_FAILED;
        }
        json_close(json, ']');
        if (result == CAPTURE_ERROR)
                return complain_error(&error);
        if (result == CAPTURE_PACKET) {
                complain("--html: %s has more than %d packets; the page shows the first %d",
                         page->explain->file, PACKETS_MOST, PACKETS_MOST);
                json_boolean(json_key(json, "more"), true);
        }
        return STATUS_DONE;
}

static void put_capture(struct json *json, struct page *page)
{
        const struct explain *explain = page->explain;
        struct print_options options = {
            .nanoseconds = capture_info(explain->capture)->nanoseconds,
        };
        struct printer *printer = printer_new(&options);

        json_text(json_key(json, "file"), explain->file);
        page->status = printer ? put_packets(json, page, printer) : out_of_memory();
        printer_free(printer);
}

static void put_line(struct json *json, const struct cbpf_beside_line *line)
{
        json_open(json, '[');
        json_decimal(json, line->number);
        json_text(json, line->text);
        json_text(json, line->note);
        json_text(json, line->next);
        json_close(json, ']');
}

static void put_test(struct json *json, const struct cbpf_beside_test *test)
{
        json_open(json, '{');
        json_text(json_key(json, "question"), test->question);
        json_open(json_key(json, "instructions"), '[');
        for (uint32_t i = 0; i < test->classic.count; i++)
                json_decimal(json, test->classic.lines[i].number);
        json_close(json, ']');
        json_open(json_key(json, "extended"), '[');
        for (uint32_t i = 0; i < test->extended.count; i++)
                put_line(json, &test->extended.lines[i]);
        json_close(json, ']');
        if (*test->copies)
                json_text(json_key(json, "copies"), test->copies);
        json_close(json, '}');
}

/* The extended program, test by test, if there is one to be shown. */
static void put_beside(struct json *json, struct page *page)
{
        struct explain *explain = page->explain;
        char described[EXTENDED_DESCRIBED];
        struct cbpf_beside beside;
        struct error error;
        int place, status;

        if (explain->program_file || explain->unoptimized || explain->optimize ||
            explain->program.bf_len > BESIDE_MOST)
                return;
        status = explain_put_beside(explain, &place, &beside, &error);
        if (status != STATUS_DONE) {
                page->status = status == GO_ON ? page->status : status;
                return;
        }
        extended_describe(place, &explain->target, described);
        json_open(json_key(json, "beside"), '{');
        json_text(json_key(json, "place"), described);
        json_decimal(json_key(json, "count"), beside.extended_count);
        json_open(json_key(json, "tests"), '[');
        for (uint32_t i = 0; i < beside.count; i++)
                put_test(json, &beside.tests[i]);
        json_close(json, ']');
        json_close(json, '}');
        cbpf_beside_free(&beside);
}

static void put_data(struct page *page)
{
        struct json json = {.text = &page->text, .lines = 2, .in_html = true};

        json_open(&json, '{');
        put_program(&json, page);
        put_beside(&json, page);
        if (page->explain->capture)
                put_capture(&json, page);
        json_close(&json, '}');
}

/* What stands between two @ in page.html. */
static const struct part {
        const char *name;
        void (*put)(struct page *page);
} parts[] = {
    {"class", put_class}, {"data", put_data},       {"graph", put_graph}, {"script", put_script},
    {"style", put_style}, {"summary", put_summary}, {"title", put_title},
};

static void put_part(struct page *page, const char *name, size_t length)
{
        for (size_t i = 0; i < array_count(parts); i++)
                if (strlen(parts[i].name) == length && memcmp(parts[i].name, name, length) == 0)
                        parts[i].put(page);
}

static void put_page(struct page *page)
{
        const char *text = page_html;

        while (*text) {
                size_t plain = strcspn(text, "@");

                text_put(&page->text, text, plain);
                text += plain;
                if (*text == '@') {
                        size_t name = strcspn(++text, "@");

                        put_part(page, text, name);
                        text += name + 1;
                }
        }
}

/* Hands over what is complete. */
static int put_parts(const struct page *page)
{
        const struct explain *explain = page->explain;
        const struct text *text = &page->text;
        size_t head = page->drawing;
        int status = head ? picture_put_graph(explain) : STATUS_DONE;

        if (status == STATUS_DONE)
                status = picture_put(explain, PICTURE_HEAD, text->start, head);
        if (status == STATUS_DONE)
                status =
                    picture_put(explain, PICTURE_TAIL, text->start + head, text->length - head);
        return status;
}

int explain_html(struct explain *explain)
{
        struct page page = {.explain = explain};

        if (blocks_find(&explain->program, &page.blocks) < 0)
                return out_of_memory();
        if (page.blocks.count > PICTURE_BLOCKS)
                complain("--html: a graph of %" PRIu32
                         " blocks is large: the page goes without; --svg draws it",
                         page.blocks.count);
        put_page(&page);
        if (page.text.failed)
                page.status = out_of_memory();
        if (page.status == STATUS_DONE)
                page.status = put_parts(&page);
        text_free(&page.text);
        free(page.blocks.list);
        return page.status;
}
