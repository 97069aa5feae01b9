/* Arbitrary bytes as a classic pcap file: filt finds the packets that libpcap finds, up to the same
 * damage, and several threads find what one finds. */
#include "savefile.h"

static void try_threads(const char *path, const struct packets *packets)
{
        struct packets again;

        read_packets(path, false, 2, &again, NULL);
        if (again.count != packets->count)
                fuzz_fail("%zu packets, %zu by two threads", packets->count, again.count);
        expect_same_packets(packets, &again, packets->count, true);
        free_packets(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct packets ours, theirs;
        bool whole = true;
        bool opened, opened_there;
        char path[MEMORY_FILE_PATH];
        int fd;

        if (size >= 4 && memcmp(data, "\x0a\x0d\x0d\x0a", 4) == 0)
                return -1;
        if (size >= 2 && (memcmp(data, "\x1f\x8b", 2) == 0 || memcmp(data, "\x28\xb5", 2) == 0))
                return -1;
        fd = memory_file_make(data, size, path);
        opened = read_packets(path, false, 1, &ours, NULL);
        opened_there = read_by_libpcap(data, size, &theirs, &whole);
        if (opened != opened_there)
                fuzz_fail("%sopened, %sopened by libpcap", opened ? "" : "not ",
                          opened_there ? "" : "not ");
        if (opened) {
                if (ours.count != theirs.count)
                        fuzz_fail("%zu packets, %zu by libpcap", ours.count, theirs.count);
                expect_same_packets(&ours, &theirs, ours.count, true);
                try_threads(path, &ours);
        }
        free_packets(&ours);
        free_packets(&theirs);
        close(fd);
        return opened ? 0 : -1;
}
