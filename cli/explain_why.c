/* filt explain --packet: why a packet is accepted or rejected, in a sentence. */
#include "explain.h"

int explain_why(struct explain *explain)
{
        return explain_whole(explain);
}
