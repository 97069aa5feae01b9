/* Arbitrary bytes behind the magic number of gzip or zstd: packets are read or an error is
 * reported, and all memory accesses are valid. */
#include "savefile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct packets packets;
        char path[MEMORY_FILE_PATH];
        int fd;

        if (size < 4 ||
            (memcmp(data, "\x1f\x8b", 2) != 0 && memcmp(data, "\x28\xb5\x2f\xfd", 4) != 0))
                return -1;
        fd = memory_file_make(data, size, path);
        read_packets(path, true, 1, &packets, NULL);
        free_packets(&packets);
        close(fd);
        return 0;
}
