/* What is spread over several packets, put together from pieces that come in any order: the hellos
 * of TLS over TCP and in QUIC. Of the last few streams a beginning is known; the oldest makes room
 * for a new one. */
#include "earlier.h"

#include <stdlib.h>

struct assembly *assembly_find(struct printer *printer, const void *key, size_t key_size)
{
        uint8_t padded[ASSEMBLY_KEY] = {0};

        if (printer->assembly_count == 0)
                return NULL;
        memcpy(padded, key, key_size);
        for (unsigned i = 0; i < ASSEMBLIES; i++) {
                struct assembly *assembly = &printer->assemblies[i];

                if (assembly->bytes && memcmp(assembly->key, padded, sizeof padded) == 0)
                        return assembly;
        }
        return NULL;
}

void assembly_end(struct printer *printer, struct assembly *assembly)
{
        if (assembly->bytes)
                printer->assembly_count--;
        free(assembly->bytes);
        *assembly = (struct assembly){.bytes = NULL};
}

struct assembly *assembly_begin(struct printer *printer, const void *key, size_t key_size,
                                uint32_t size)
{
        struct assembly *assembly = assembly_find(printer, key, key_size);

        if (!assembly) {
                assembly = &printer->assemblies[printer->assembly_next];
                printer->assembly_next = (printer->assembly_next + 1) % ASSEMBLIES;
        }
        assembly_end(printer, assembly);
        assembly->bytes = calloc(2, size + 1);
        if (!assembly->bytes)
                longjmp(printer->abandon, ABANDON_MEMORY);
        assembly->is_known = assembly->bytes + size;
        assembly->size = size;
        memcpy(assembly->key, key, key_size);
        printer->assembly_count++;
        return assembly;
}

void assembly_add(struct assembly *assembly, uint64_t offset, struct packet piece)
{
        uint32_t room = offset < assembly->size ? assembly->size - (uint32_t)offset : 0;
        uint32_t size = piece.captured < room ? piece.captured : room;

        if (size > 0) {
                memcpy(assembly->bytes + offset, piece.data, size);
                memset(assembly->is_known + offset, 1, size);
        }
        while (assembly->known < assembly->size && assembly->is_known[assembly->known])
                assembly->known++;
}

void assemblies_free(struct printer *printer)
{
        for (unsigned i = 0; i < ASSEMBLIES; i++)
                assembly_end(printer, &printer->assemblies[i]);
}
