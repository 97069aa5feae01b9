/* Inside cli/follow: whether files change, by inotify(7). A file is what its name leads to: on the
 * way, each name in a folder and each symbolic link may be made to lead elsewhere. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct watch;

/* Begins to watch files, whether they are there or not. Returns NULL with errno set. */
struct watch *watch_new(const char *const *paths, size_t count);
void watch_free(struct watch *watch); /* NULL is fine */

/* Readable when something has changed; -1 for NULL. */
int watch_descriptor(const struct watch *watch);

/* Whether one of the files has changed since the last call, or may lead elsewhere now. */
bool watch_changed(struct watch *watch);
