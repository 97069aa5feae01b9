#include "sample.h"

#include <stdlib.h>
#include <string.h>

struct sample *sample_new(uint32_t captured)
{
        struct sample *sample = calloc(1, offsetof(struct sample, data) + captured);

        if (sample)
                sample->captured = captured;
        return sample;
}

void sample_copy(struct sample *to, const struct sample *from)
{
        memcpy(to, from, offsetof(struct sample, data));
        memcpy(to->data, from->data, from->captured);
}

bool sample_extend(struct sample *sample, uint64_t captured)
{
        if (captured > SAMPLE_ROOM)
                return false;
        if (captured <= sample->captured)
                return true;
        memset(sample->data + sample->captured, 0, captured - sample->captured);
        sample->captured = (uint32_t)captured;
        if (sample->length < captured)
                sample->length = (uint32_t)captured;
        return true;
}
