/* filt explain --stage: one stage of the way from text to machine. */
#include "explain.h"

int explain_show_stage(struct explain *explain)
{
        return explain_whole(explain);
}
