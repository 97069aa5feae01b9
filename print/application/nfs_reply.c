/* NFS 2 and 3, RFC 1094 and 1813: replies. */
#include "nfs.h"

static const struct name errors[] = {{1, "Operation not permitted"},
                                     {2, "No such file or directory"},
                                     {5, "Input/output error"},
                                     {6, "Device not configured"},
                                     {11, "Resource deadlock avoided"},
                                     {12, "Cannot allocate memory"},
                                     {13, "Permission denied"},
                                     {17, "File exists"},
                                     {18, "Cross-device link"},
                                     {19, "Operation not supported by device"},
                                     {20, "Not a directory"},
                                     {21, "Is a directory"},
                                     {22, "Invalid argument"},
                                     {26, "Text file busy"},
                                     {27, "File too large"},
                                     {28, "No space left on device"},
                                     {30, "Read-only file system"},
                                     {31, "Too many links"},
                                     {45, "Operation not supported"},
                                     {62, "Too many levels of symbolic links"},
                                     {63, "File name too long"},
                                     {66, "Directory not empty"},
                                     {69, "Disc quota exceeded"},
                                     {70, "Stale NFS file handle"},
                                     {71, "Too many levels of remote in path"},
                                     {99, "Write cache flushed to disk"},
                                     {10001, "Illegal NFS file handle"},
                                     {10002, "Update synchronization mismatch"},
                                     {10003, "READDIR/READDIRPLUS cookie is stale"},
                                     {10004, "Operation not supported"},
                                     {10005, "Buffer or request is too small"},
                                     {10006, "Unspecified error on server"},
                                     {10007, "Object of that type not supported"},
                                     {10008, "Request couldn't be completed in time"},
                                     {0, NULL}};

/* Whether the call was done; " ERROR: Permission denied" if not. */
static bool status_print(struct printer *printer, struct nfs_reader *reader)
{
        uint32_t status = nfs_word(printer, reader);

        if (status == 0)
                return true;
        reader->failed = true;
        put(printer, " ERROR: ");
        put_name(printer, errors, "unk %u", status);
        return false;
}

static void times_print(struct printer *printer, struct packet packet, uint32_t at)
{
        put(printer, " a/m/ctime");
        for (int i = 0; i < 3; i++)
                putf(printer, " %u.%06u", get32(printer, packet, at + 8 * i),
                     get32(printer, packet, at + 8 * i + 4));
}

/* A file's attributes: nothing unless `verbose`, and the rest if that is more than 1. */
static void attributes_print(struct printer *printer, struct nfs_reader *reader, int verbose)
{
        enum { OWNERS = 20, SIZE2 = 68, SIZE3 = 84 };
        struct packet packet = packet_from(reader->packet, reader->at);
        uint32_t at = reader->at, size = reader->version3 ? SIZE3 : SIZE2;

        reader->at += size;
        nfs_need(printer, reader, at, OWNERS);
        if (verbose < 1)
                return;
        put_char(printer, ' ');
        put_name(printer, nfs_file_types, "unk-ft %u ", get32(printer, packet, 0));
        put_char(printer, ' ');
        put_octal(printer, get32(printer, packet, 4));
        putf(printer, " ids %d/%d", (int)get32(printer, packet, 12),
             (int)get32(printer, packet, 16));
        if (reader->version3)
                putf(printer, " sz %llu", (unsigned long long)get64(printer, packet, 20));
        else
                putf(printer, " sz %u", get32(printer, packet, 20));
        if (verbose < 2)
                return;
        nfs_need(printer, reader, at, size);
        putf(printer, " nlink %u", get32(printer, packet, 8));
        if (reader->version3) {
                putf(printer, " rdev %u/%u", get32(printer, packet, 36),
                     get32(printer, packet, 40));
                putf(printer, " fsid %llx", (unsigned long long)get64(printer, packet, 44));
                putf(printer, " fileid %llx", (unsigned long long)get64(printer, packet, 52));
                times_print(printer, packet, 60);
        } else {
                putf(printer, " rdev 0x%x fsid 0x%x nodeid 0x%x", get32(printer, packet, 28),
                     get32(printer, packet, 36), get32(printer, packet, 40));
                times_print(printer, packet, 44);
        }
}

/* Attributes that may be left out. */
static void some_attributes_print(struct printer *printer, struct nfs_reader *reader)
{
        enum { SIZE = 84 };

        if (!nfs_word(printer, reader))
                return;
        if (printer->options.verbose)
                attributes_print(printer, reader, printer->options.verbose);
        else
                reader->at += SIZE;
}

/* What a file was before the call and is after it. */
static void change_print(struct printer *printer, struct nfs_reader *reader)
{
        enum { BEFORE = 24 };
        int verbose = printer->options.verbose;

        if (verbose > 1)
                put(printer, " PRE:");
        if (nfs_word(printer, reader)) {
                struct packet before = packet_from(reader->packet, reader->at);

                nfs_need(printer, reader, reader->at, BEFORE);
                reader->at += BEFORE;
                if (verbose > 1)
                        putf(printer, " sz %llu mtime %u.%06u ctime %u.%06u",
                             (unsigned long long)get64(printer, before, 0),
                             get32(printer, before, 8), get32(printer, before, 12),
                             get32(printer, before, 16), get32(printer, before, 20));
        }
        if (verbose)
                put(printer, " POST:");
        some_attributes_print(printer, reader);
}

/* The one file's attributes, which version 3 has in front of what else a reply says. */
static void after_print(struct printer *printer, struct nfs_reader *reader, const char *title)
{
        if (printer->options.verbose)
                put(printer, title);
        some_attributes_print(printer, reader);
}

static void lookup_print(struct printer *printer, struct nfs_reader *reader)
{
        bool done = status_print(printer, reader);

        if (!reader->version3) {
                if (done) {
                        nfs_handle_print(printer, reader);
                        attributes_print(printer, reader, printer->options.verbose);
                }
                return;
        }
        if (done) {
                nfs_handle_print(printer, reader);
                some_attributes_print(printer, reader);
        }
        if (printer->options.verbose > 1) {
                put(printer, " post dattr:");
                some_attributes_print(printer, reader);
        }
}

static void access_print(struct printer *printer, struct nfs_reader *reader)
{
        bool done = status_print(printer, reader);

        after_print(printer, reader, " attr:");
        if (done)
                putf(printer, " c %04x", nfs_word(printer, reader));
}

static void readlink_print(struct printer *printer, struct nfs_reader *reader)
{
        if (!status_print(printer, reader))
                return;
        if (reader->version3)
                some_attributes_print(printer, reader);
        put_char(printer, ' ');
        nfs_name_print(printer, reader);
}

static void file_print(struct printer *printer, struct nfs_reader *reader, bool verbose)
{
        if (status_print(printer, reader))
                attributes_print(printer, reader, verbose ? printer->options.verbose : 1);
}

static void read_print(struct printer *printer, struct nfs_reader *reader)
{
        bool done;

        if (!reader->version3) {
                file_print(printer, reader, true);
                return;
        }
        done = status_print(printer, reader);
        some_attributes_print(printer, reader);
        if (!done)
                return;
        if (printer->options.verbose) {
                uint32_t count = nfs_word(printer, reader);

                putf(printer, " %u bytes", count);
                if (nfs_word(printer, reader))
                        put(printer, " EOF");
        }
}

static void verifier_print(struct printer *printer, struct nfs_reader *reader)
{
        putf(printer, " verf %llx", (unsigned long long)nfs_long(printer, reader));
}

static void write_print(struct printer *printer, struct nfs_reader *reader)
{
        bool done;

        if (!reader->version3) {
                file_print(printer, reader, true);
                return;
        }
        done = status_print(printer, reader);
        change_print(printer, reader);
        if (!done || printer->options.verbose == 0)
                return;
        putf(printer, " %u bytes", nfs_word(printer, reader));
        if (printer->options.verbose > 1) {
                uint32_t stability = nfs_word(printer, reader);

                put(printer, " <");
                put_name(printer, nfs_stability, "#%d", stability);
                put_char(printer, '>');
                verifier_print(printer, reader);
        }
}

static void create_print(struct printer *printer, struct nfs_reader *reader)
{
        if (!reader->version3) {
                lookup_print(printer, reader);
                return;
        }
        if (!status_print(printer, reader)) {
                change_print(printer, reader);
                return;
        }
        if (!nfs_word(printer, reader))
                return;
        nfs_handle_print(printer, reader);
        if (!printer->options.verbose)
                return;
        some_attributes_print(printer, reader);
        if (printer->options.verbose > 1) {
                put(printer, " dir attr:");
                change_print(printer, reader);
        }
}

static void changed_print(struct printer *printer, struct nfs_reader *reader)
{
        status_print(printer, reader);
        if (reader->version3)
                change_print(printer, reader);
}

static void rename_print(struct printer *printer, struct nfs_reader *reader)
{
        status_print(printer, reader);
        if (!reader->version3 || !printer->options.verbose)
                return;
        put(printer, " from:");
        change_print(printer, reader);
        put(printer, " to:");
        change_print(printer, reader);
}

static void link_print(struct printer *printer, struct nfs_reader *reader)
{
        status_print(printer, reader);
        if (!reader->version3 || !printer->options.verbose)
                return;
        put(printer, " file POST:");
        some_attributes_print(printer, reader);
        put(printer, " dir:");
        change_print(printer, reader);
}

static void readdir_print(struct printer *printer, struct nfs_reader *reader)
{
        bool done = status_print(printer, reader);

        if (reader->version3) {
                after_print(printer, reader, " POST:");
                if (done && printer->options.verbose)
                        putf(printer, " verf %016llx",
                             (unsigned long long)nfs_long(printer, reader));
        } else if (done) {
                uint32_t offset = nfs_word(printer, reader);

                putf(printer, " offset 0x%x size %u ", offset, nfs_word(printer, reader));
                if (nfs_word(printer, reader))
                        put(printer, " eof");
        }
}

static void fsstat_print(struct printer *printer, struct nfs_reader *reader)
{
        static const char *const longs[] = {" tbytes ", " fbytes ", " abytes ",
                                            " tfiles ", " ffiles ", " afiles "};
        static const char *const words[] = {" tsize ", " bsize ", " blocks ", " bfree ",
                                            " bavail "};
        enum { SIZE2 = 20, SIZE3 = 52, BYTES = 3, FILES = 6 };
        struct packet packet;

        /* Version 3 prints them though the call failed. */
        if (!status_print(printer, reader) && !reader->version3)
                return;
        if (reader->version3)
                after_print(printer, reader, " POST:");
        packet = packet_from(reader->packet, reader->at);
        nfs_need(printer, reader, reader->at, reader->version3 ? SIZE3 : SIZE2);
        if (!reader->version3) {
                for (uint32_t i = 0; i < SIZE2 / 4; i++)
                        put_labelled(printer, words[i], get32(printer, packet, 4 * i));
                return;
        }
        for (uint32_t i = 0; i < (printer->options.verbose ? FILES : BYTES); i++)
                put_labelled(printer, longs[i], get64(printer, packet, 8 * i));
        if (printer->options.verbose)
                put_labelled(printer, " invar ", get32(printer, packet, 8 * FILES));
}

static void fsinfo_print(struct printer *printer, struct nfs_reader *reader)
{
        enum { SIZE = 48 };
        bool done = status_print(printer, reader);
        struct packet packet;

        after_print(printer, reader, " POST:");
        if (!done)
                return;
        packet = packet_from(reader->packet, reader->at);
        need(printer, packet, 0, SIZE);
        putf(printer, " rtmax %u rtpref %u wtmax %u wtpref %u dtpref %u", get32(printer, packet, 0),
             get32(printer, packet, 4), get32(printer, packet, 12), get32(printer, packet, 16),
             get32(printer, packet, 24));
        if (printer->options.verbose)
                putf(printer, " rtmult %u wtmult %u maxfsz %llu delta %u.%06u ",
                     get32(printer, packet, 8), get32(printer, packet, 20),
                     (unsigned long long)get64(printer, packet, 28), get32(printer, packet, 36),
                     get32(printer, packet, 40));
}

static void pathconf_print(struct printer *printer, struct nfs_reader *reader)
{
        enum { SIZE = 24 };
        bool done = status_print(printer, reader);
        struct packet packet;

        after_print(printer, reader, " POST:");
        if (!done)
                return;
        packet = packet_from(reader->packet, reader->at);
        need(printer, packet, 0, SIZE);
        putf(printer, " linkmax %u namemax %u %s %s %s %s", get32(printer, packet, 0),
             get32(printer, packet, 4), get32(printer, packet, 8) ? "notrunc" : "",
             get32(printer, packet, 12) ? "chownres" : "",
             get32(printer, packet, 16) ? "igncase" : "",
             get32(printer, packet, 20) ? "keepcase" : "");
}

static void commit_print(struct printer *printer, struct nfs_reader *reader)
{
        status_print(printer, reader);
        change_print(printer, reader);
        if (printer->options.verbose > 1)
                verifier_print(printer, reader);
}

static void results_print(struct printer *printer, struct nfs_reader *reader, uint32_t procedure)
{
        switch (procedure) {
        case NFS_GETATTR: file_print(printer, reader, false); break;
        case NFS_SETATTR:
                if (reader->version3)
                        changed_print(printer, reader);
                else
                        file_print(printer, reader, false);
                break;
        case NFS_LOOKUP: lookup_print(printer, reader); break;
        case NFS_ACCESS: access_print(printer, reader); break;
        case NFS_READLINK: readlink_print(printer, reader); break;
        case NFS_READ: read_print(printer, reader); break;
        case NFS_WRITE: write_print(printer, reader); break;
        case NFS_SYMLINK:
                if (reader->version3)
                        create_print(printer, reader);
                else
                        status_print(printer, reader);
                break;
        case NFS_CREATE:
        case NFS_MKDIR:
        case NFS_MKNOD: create_print(printer, reader); break;
        case NFS_REMOVE:
        case NFS_RMDIR: changed_print(printer, reader); break;
        case NFS_RENAME: rename_print(printer, reader); break;
        case NFS_LINK: link_print(printer, reader); break;
        case NFS_READDIR:
        case NFS_READDIRPLUS: readdir_print(printer, reader); break;
        case NFS_FSSTAT: fsstat_print(printer, reader); break;
        case NFS_FSINFO: fsinfo_print(printer, reader); break;
        case NFS_PATHCONF: pathconf_print(printer, reader); break;
        case NFS_COMMIT: commit_print(printer, reader); break;
        default: break;
        }
}

/* Whether RPC passed the call to the server. */
static bool acceptance_print(struct printer *printer, struct nfs_reader *reader)
{
        static const struct name names[] = {{1, "PROG_UNAVAIL"}, {2, "PROG_MISMATCH"},
                                            {3, "PROC_UNAVAIL"}, {4, "GARBAGE_ARGS"},
                                            {5, "SYSTEM_ERR"},   {0, NULL}};
        uint32_t size, acceptance;

        nfs_word(printer, reader);
        size = nfs_word(printer, reader);
        if (size >= reader->packet.length)
                printer_abandon_softly(printer);
        reader->at += size + (-size & 3);
        acceptance = nfs_word(printer, reader);
        if (acceptance == 0)
                return true;
        put_char(printer, ' ');
        put_name(printer, names, "ar_stat %u", acceptance);
        return false;
}

void nfs_reply_print(struct printer *printer, struct packet packet, const struct nfs_call *call)
{
        enum { HEADER = 12 };
        struct nfs_reader reader = {packet, HEADER, call->version == 3, false};
        uint32_t procedure = nfs_procedure_print(printer, call);

        if (procedure != NFS_NULL && procedure < NFS_NOP && acceptance_print(printer, &reader))
                results_print(printer, &reader, procedure);
}
