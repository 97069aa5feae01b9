#include "extended.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The key of an entry, as the kernel has them. */
static void write_key(const struct cbpf_extended_map *map, uint32_t entry, uint32_t *key)
{
        const uint32_t *value = &map->values[entry * (size_t)map->words];

        if (!map->ranges) {
                memcpy(key, value, map->words * sizeof *key);
                return;
        }
        *key++ = map->prefixes[entry];
        for (unsigned i = 0; i < map->words; i++)
                key[i] = htobe32(value[i]);
}

/* Returns a descriptor or a negative errno. */
static int make_set(const struct cbpf_extended_map *map)
{
        size_t room = map->count + (size_t)1, words = map->words + (size_t)map->ranges;
        uint32_t *keys = malloc(room * words * sizeof *keys);
        uint32_t *classes = malloc(room * sizeof *classes);
        int set = -ENOMEM;

        if (keys && classes) {
                for (uint32_t i = 0; i < map->count; i++) {
                        write_key(map, i, keys + i * words);
                        classes[i] = map->classes[i];
                }
                set = ebpf_set_new(map->ranges, keys, words * sizeof *keys, classes, map->count);
        }
        free(keys);
        free(classes);
        return set;
}

/* Puts the descriptors of the sets where the program has their numbers; behind them stands that of
 * the table. */
static void put_descriptors(struct cbpf_extended_program *program, const int *descriptors)
{
        for (uint32_t i = 0; i < program->count; i++) {
                struct cbpf_extended_instruction *instruction = &program->instructions[i];

                if (instruction->code == CBPF_EXTENDED_LOAD &&
                    instruction->source == CBPF_EXTENDED_MAP)
                        instruction->immediate = descriptors[instruction->immediate];
        }
}

bool ebpf_is_refusal(int result)
{
        return result == -EINVAL || result == -EACCES;
}

int ebpf_extended_load(enum ebpf_kind kind, struct cbpf_extended_program *program, int table,
                       char *refusal, size_t room)
{
        int *sets = calloc(program->map_count + (size_t)1, sizeof *sets);
        uint32_t made = 0;
        int result = sets ? 0 : -ENOMEM;

        refusal[0] = '\0';
        while (made < program->map_count && result == 0) {
                sets[made] = make_set(&program->maps[made]);
                if (sets[made] < 0)
                        result = sets[made];
                else
                        made++;
        }
        if (result == 0) {
                sets[made] = table;
                put_descriptors(program, sets);
                result = ebpf_program_load(kind, program->instructions, program->count, NULL, 0);
                if (ebpf_is_refusal(result))
                        ebpf_program_refusal(kind, program->instructions, program->count, refusal,
                                             room);
        }
        while (made > 0)
                close(sets[--made]);
        free(sets);
        return result;
}
