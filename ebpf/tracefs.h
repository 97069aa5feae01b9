/* tracefs: the file system through which the kernel's tracing is reached. */
#ifndef TRACEFS_H
#define TRACEFS_H

/* Where tracefs is mounted; NULL if it is not. */
const char *tracefs_find(void);

/* Mounts it in a new mount namespace of the calling thread's own, so that nobody else sees it and
 * it goes away with the process. Returns where, or NULL with errno set: EPERM without
 * CAP_SYS_ADMIN, ENOENT where there is no such folder, ENODEV if the kernel has no tracefs. */
const char *tracefs_mount_privately(void);

#endif
