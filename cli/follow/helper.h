/* Inside cli/follow: the process that follows the sets. */
#pragma once

#include "follow.h"

/* Gives up what is not needed for it, and works until the other end of the channel is closed. */
_Noreturn void helper_run(const struct follow_work *work, int channel);
