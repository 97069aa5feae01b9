// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* What a descriptor of the current task refers to: the path of its file, from the name upwards. */
#pragma once

enum {
        NAME_ROOM = 256,
        MAX_FOLDERS = 64, /* of a path that are reported */
};

/* Where a record and its path are assembled, per CPU. `end`, the end of the path's names so far, is
 * in memory because the verifier would track each value of a variable. */
struct scratch {
        __u64 end;
        char bytes[sizeof(struct writes_event) + WRITES_DATA_MAX + sizeof(struct writes_path) +
                   WRITES_PATH_MAX + NAME_ROOM];
};

struct {
        __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
        __uint(max_entries, 1);
        __type(key, __u32);
        __type(value, struct scratch);
} scratch SEC(".maps");

static __always_inline struct file *file_of(__s32 fd)
{
        struct fdtable *table = BPF_CORE_READ(current_task(), files, fdt);
        struct file **files = BPF_CORE_READ(table, fd);
        struct file *file = NULL;

        if ((__u32)fd < BPF_CORE_READ(table, max_fds))
                bpf_probe_read_kernel(&file, sizeof(file), files + fd);
        return file;
}

static __always_inline __u32 kind_of(struct file *file, struct dentry *dentry)
{
        switch (BPF_CORE_READ(file, f_inode, i_sb, s_magic)) {
        case 0x50495045: return WRITES_PATH_PIPE;
        case 0x534f434b: return WRITES_PATH_SOCKET;
        case 0x09041934: return WRITES_PATH_ANONYMOUS;
        case 0x50494446: return WRITES_PATH_PIDFD;
        case 0x6e736673: return WRITES_PATH_NONE; /* a namespace, which is never written to */
        }
        if (!BPF_CORE_READ(dentry, d_hash.pprev) &&
            dentry != BPF_CORE_READ(file, f_path.mnt, mnt_root))
                return WRITES_PATH_DELETED;
        return WRITES_PATH_FILE;
}

/* Adds a name to the path. */
static __always_inline bool put_name(struct scratch *room, struct dentry *dentry)
{
        const __u64 last = sizeof(room->bytes) - NAME_ROOM;
        __u64 end = room->end;
        long length;

        if (end > last)
                return false;
        length = bpf_probe_read_kernel_str(room->bytes + end, NAME_ROOM,
                                           BPF_CORE_READ(dentry, d_name.name));
        if (length <= 0)
                return false;
        room->end = end + length;
        return true;
}

/* Adds the names of `file` and of the folders above it, up to the root that the task has or, from
 * outside of that, the root of all mounts. Returns false if there are more than MAX_FOLDERS. */
static __always_inline bool put_names(struct scratch *room, struct file *file)
{
        struct dentry *dentry = BPF_CORE_READ(file, f_path.dentry);
        char *inner = (char *)BPF_CORE_READ(file, f_path.mnt);
        const __u64 offset = bpf_core_field_offset(((struct mount *)0)->mnt);
        struct mount *mount = (void *)(inner - offset);
        struct fs_struct *fs = BPF_CORE_READ(current_task(), fs);
        struct dentry *root = BPF_CORE_READ(fs, root.dentry);
        char *root_mount = (char *)BPF_CORE_READ(fs, root.mnt);

        for (int i = 0; i < MAX_FOLDERS; i++) {
                struct dentry *parent = BPF_CORE_READ(dentry, d_parent);
                struct mount *outer;

                if (dentry == root && (char *)mount + offset == root_mount)
                        return true;

                if (dentry != BPF_CORE_READ(mount, mnt.mnt_root)) {
                        /* A file that is its own parent is in no folder: memfd_create(2). */
                        if (!put_name(room, dentry))
                                return false;
                        if (dentry == parent)
                                return true;
                        dentry = parent;
                        continue;
                }
                outer = BPF_CORE_READ(mount, mnt_parent);
                if (outer == mount)
                        return true;
                dentry = BPF_CORE_READ(mount, mnt_mountpoint);
                mount = outer;
        }
        return false;
}

/* Writes what the current task's descriptor refers to into scratch memory, from `start` to `end`.
 * Returns 0 or -1. Global, so that the verifier checks it once, not for each calling state. */
__noinline int put_path(__s32 fd, __u64 start)
{
        const __u64 last = sizeof(struct writes_event) + WRITES_DATA_MAX;
        __u32 zero = 0;
        struct scratch *room = bpf_map_lookup_elem(&scratch, &zero);
        struct file *file = file_of(fd);
        struct dentry *dentry = BPF_CORE_READ(file, f_path.dentry);
        struct writes_path *path;

        if (!room || start > last)
                return -1;
        path = (void *)(room->bytes + start);
        room->end = start + sizeof(*path);
        path->inode = BPF_CORE_READ(file, f_inode, i_ino);
        path->kind = file ? kind_of(file, dentry) : WRITES_PATH_NONE;
        path->cut = 0;
        if (path->kind == WRITES_PATH_ANONYMOUS)
                put_name(room, dentry);
        else if (path->kind == WRITES_PATH_FILE || path->kind == WRITES_PATH_DELETED)
                path->cut = !put_names(room, file);
        path->length = room->end - start - sizeof(*path);
        return 0;
}
