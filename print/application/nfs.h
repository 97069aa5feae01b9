/* NFS 2 and 3, RFC 1094 and 1813: what calls (nfs.c) and replies (nfs_reply.c) share
 * (nfs_common.c; nfs_handle.c for file handles). */
#pragma once

#include "print/printer/printer.h"

/* Those of version 3, and what only version 2 has. */
enum nfs_procedure {
        NFS_NULL,
        NFS_GETATTR,
        NFS_SETATTR,
        NFS_LOOKUP,
        NFS_ACCESS,
        NFS_READLINK,
        NFS_READ,
        NFS_WRITE,
        NFS_CREATE,
        NFS_MKDIR,
        NFS_SYMLINK,
        NFS_MKNOD,
        NFS_REMOVE,
        NFS_RMDIR,
        NFS_RENAME,
        NFS_LINK,
        NFS_READDIR,
        NFS_READDIRPLUS,
        NFS_FSSTAT,
        NFS_FSINFO,
        NFS_PATHCONF,
        NFS_COMMIT,
        NFS_NOP, /* what version 2 no longer has; the last one */
        NFS_PROCEDURES
};

/* What an RPC call says of its reply. */
struct nfs_call {
        uint32_t version;
        uint32_t procedure;
};

/* A message, as far as it is read. */
struct nfs_reader {
        struct packet packet;
        uint32_t at;
        bool version3;
        bool failed; /* the call did: what is missing of its results is not remarked */
};

extern const struct name nfs_stability[], nfs_file_types[];

static inline uint32_t nfs_word(struct printer *printer, struct nfs_reader *reader)
{
        uint32_t at = reader->at;

        reader->at += 4;
        return get32(printer, reader->packet, at);
}

static inline uint64_t nfs_long(struct printer *printer, struct nfs_reader *reader)
{
        uint32_t at = reader->at;

        reader->at += 8;
        return get64(printer, reader->packet, at);
}

static inline void nfs_need(struct printer *printer, const struct nfs_reader *reader, uint32_t at,
                            uint32_t size)
{
        if (has(reader->packet, at, size))
                return;
        if (reader->failed)
                printer_abandon_silently(printer);
        printer_abandon_softly(printer);
}

/* The procedure as numbered above, printed with a space in front. */
uint32_t nfs_procedure_print(struct printer *printer, const struct nfs_call *call);
/* " fh Unknown/0123": a file handle. */
void nfs_handle_print(struct printer *printer, struct nfs_reader *reader);
/* "\"name\"". */
void nfs_name_print(struct printer *printer, struct nfs_reader *reader);
/* What a call of which this is the reply got. */
void nfs_reply_print(struct printer *printer, struct packet packet, const struct nfs_call *call);
/* What a reply says behind its transaction: "reply ok 28". */
void nfs_outcome_print(struct printer *printer, struct packet packet);
