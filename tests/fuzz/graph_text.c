/* Arbitrary bytes as the text of a graph: it is refused with a position, or read as a sound graph
 * whose text is read back unchanged. Every pass leaves such a graph sound, unless there are calls
 * or variables in it, which come after all passes. */
#include "fuzz.h"

#include "cbpf/ir/ir.h"
#include "cbpf/opt/pass.h"

static void check_sound(const struct graph *graph, const char *after)
{
        char message[VERIFY_MESSAGE];

        if (!verify_graph(graph, message))
                fuzz_fail("UNSOUND after %s: %s", after, message);
}

static void check_read_back(const struct graph *graph)
{
        char *text = cbpf_graph_text(graph), *again;
        struct graph copy = {0};
        struct error error;

        if (!text)
                abort();
        if (graph_read(&copy, text, strlen(text), &error) < 0)
                fuzz_fail("%s\nis what was written, but: %s", text, error.message);
        again = cbpf_graph_text(&copy);
        if (!again || strcmp(text, again) != 0)
                fuzz_fail("%s\nis read back as\n%s", text, again);
        free(text);
        free(again);
        graph_free(&copy);
}

static bool is_past_passes(const struct graph *graph)
{
        if (graph->variables > 0)
                return true;
        for (uint32_t i = 0; i < graph->node_count; i++)
                if (graph->nodes[i].kind == NODE_CALL)
                        return true;
        return false;
}

static void run_passes(struct graph *graph)
{
        const char *name, *summary;

        for (size_t i = 0; (name = cbpf_pass(i, &summary)); i++) {
                if (cbpf_run_pass(name, graph) != 0)
                        abort();
                check_sound(graph, name);
        }
        check_read_back(graph);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct graph graph = {0};
        struct error error;
        char *text = malloc(size ? size : 1);
        bool read;

        if (!text)
                abort();
        if (size)
                memcpy(text, data, size);
        read = graph_read(&graph, text, size, &error) == 0;
        if (!read && (error.offset > size || !strstr(error.message, ": ")))
                fuzz_fail("an error at byte %zu of %zu: %s", error.offset, size, error.message);
        if (read) {
                check_sound(&graph, "reading");
                check_read_back(&graph);
                if (!is_past_passes(&graph))
                        run_passes(&graph);
        }
        graph_free(&graph);
        free(text);
        return read ? 0 : -1;
}
