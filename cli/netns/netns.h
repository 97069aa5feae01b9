/* --all-netns: captures in every network namespace. Entering one takes a privilege, so it is done
 * by a process of its own, which keeps that, looks for namespaces, and opens sockets in them. */
#pragma once

#include "capture/capture.h"

struct netns_follower;

/* Starts the process. Returns NULL after a complaint. */
struct netns_follower *netns_follow(void);

/* Adds the namespaces that are there to a capture that has not started, says in one line which of
 * them cannot be entered, and follows those that appear and disappear while the capture waits.
 * Returns a status. */
int netns_join(struct netns_follower *follower, struct capture *capture);

/* Ends the process. NULL is fine. */
void netns_end(struct netns_follower *follower);
