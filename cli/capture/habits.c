/* See habits.h. */
#include "habits.h"

#include <stddef.h>

#define OF_TCPDUMP(member, subject, filt, tcpdump) .member = true,
#define TEXT(member, subject, filt, tcpdump) {subject, filt, tcpdump},

const struct habits filt_habits, tcpdump_habits = {HABITS(OF_TCPDUMP)};

const struct habit habit_texts[] = {HABITS(TEXT){NULL, NULL, NULL}};
