/* Arbitrary bytes as a pcapng file: filt finds all that libpcap finds (which gives up earlier, for
 * example at a second link type), and a copy as pcapng has the same packets, also one that is
 * written as if the file was merged with others. */
#include "savefile.h"

/* Writes the packets of a capture one by one, as those of several files are. */
static void merge(const char *path, struct capture_writer_options options, const char *to)
{
        struct error error;
        struct capture *file = capture_open_file(path, &error), *merged;
        struct capture_writer *writer;
        struct capture_batch batch;

        capture_allow_links(file);
        options.merged = merged = capture_merge(&file, 1, false);
        writer = capture_writer_create(to, &options, &error);
        if (!writer)
                fuzz_fail("%s", error.message);
        while (capture_next_batch(merged, &batch, &error) == CAPTURE_PACKET)
                if (capture_writer_batch(writer, &batch, 0, batch.count, &error) < 0)
                        fuzz_fail("writing: %s", error.message);
        if (capture_writer_close(writer, &error) < 0)
                fuzz_fail("%s", error.message);
        capture_close(merged);
}

static void expect_copy(const char *name, const struct packets *packets)
{
        struct packets copy;

        if (!read_packets(name, true, 1, &copy, NULL))
                fuzz_fail("the copy is not opened");
        if (copy.count != packets->count)
                fuzz_fail("%zu packets, %zu in the copy", packets->count, copy.count);
        expect_same_packets(&copy, packets, copy.count, true);
        for (size_t i = 0; i < copy.count; i++)
                if (copy.packets[i].link_type != packets->packets[i].link_type ||
                    copy.packets[i].flags != packets->packets[i].flags)
                        fuzz_fail("packet %zu of link type %d is one of %d in the copy", i,
                                  packets->packets[i].link_type, copy.packets[i].link_type);
        free_packets(&copy);
}

static void check_copy(const char *path, const struct packets *packets)
{
        struct capture_writer_options options = {
            .format = CAPTURE_PCAPNG,
            .link_type = DLT_EN10MB,
            .snapshot_length = CAPTURE_MAX_SNAPSHOT,
            .nanoseconds = true,
        };
        struct error error;
        struct packets again;
        struct capture_writer *writer;
        char name[MEMORY_FILE_PATH];
        int fd = memory_file_make(NULL, 0, name);

        writer = capture_writer_create(name, &options, &error);
        if (!writer)
                fuzz_fail("%s", error.message);
        read_packets(path, true, 1, &again, writer);
        if (capture_writer_close(writer, &error) < 0)
                fuzz_fail("%s", error.message);
        expect_copy(name, packets);
        merge(path, options, name);
        expect_copy(name, packets);
        free_packets(&again);
        close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct packets ours, theirs;
        bool whole = true;
        bool opened;
        char path[MEMORY_FILE_PATH];
        int fd;

        if (size < 4 || memcmp(data, "\x0a\x0d\x0d\x0a", 4) != 0)
                return -1;
        fd = memory_file_make(data, size, path);
        opened = read_packets(path, true, 1, &ours, NULL);
        if (opened && read_by_libpcap(data, size, &theirs, &whole)) {
                expect_same_packets(&ours, &theirs, theirs.count, false);
                free_packets(&theirs);
        }
        if (opened)
                check_copy(path, &ours);
        free_packets(&ours);
        close(fd);
        return opened ? 0 : -1;
}
