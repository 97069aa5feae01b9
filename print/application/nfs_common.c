/* What NFS calls and replies share. */
#include "nfs.h"

const struct name nfs_stability[] = {{0, "unstable"}, {1, "datasync"}, {2, "filesync"}, {0, NULL}};

const struct name nfs_file_types[] = {{0, "NON"}, {1, "REG"}, {2, "DIR"},  {3, "BLK"},
                                      {4, "CHR"}, {5, "LNK"}, {7, "FIFO"}, {0, NULL}};

uint32_t nfs_procedure_print(struct printer *printer, const struct nfs_call *call)
{
        static const char *const names[NFS_PROCEDURES] = {
            "null",   "getattr", "setattr",  "lookup", "access",  "readlink",
            "read",   "write",   "create",   "mkdir",  "symlink", "mknod",
            "remove", "rmdir",   "rename",   "link",   "readdir", "readdirplus",
            "fsstat", "fsinfo",  "pathconf", "commit", "nop"};
        static const uint8_t of_version2[26] = {
            NFS_NULL,  NFS_GETATTR, NFS_SETATTR, NFS_NOP,    NFS_LOOKUP, NFS_READLINK, NFS_READ,
            NFS_NOP,   NFS_WRITE,   NFS_CREATE,  NFS_REMOVE, NFS_RENAME, NFS_LINK,     NFS_SYMLINK,
            NFS_MKDIR, NFS_RMDIR,   NFS_READDIR, NFS_FSSTAT, NFS_NOP,    NFS_NOP,      NFS_NOP,
            NFS_NOP,   NFS_NOP,     NFS_NOP,     NFS_NOP,    NFS_NOP};
        enum { NOP_OF_VERSION_3 = 25 }; /* to tcpdump */
        uint32_t procedure = call->procedure;

        if (call->version != 3 && procedure < sizeof of_version2)
                procedure = of_version2[procedure];
        if (call->version == 3 && procedure == NOP_OF_VERSION_3)
                put(printer, " nop");
        else if (procedure < NFS_NOP || (procedure == NFS_NOP && call->version != 3))
                putf(printer, " %s", names[procedure]);
        else
                putf(printer, " proc-%u", procedure);
        return procedure;
}

void nfs_name_print(struct printer *printer, struct nfs_reader *reader)
{
        uint32_t size = nfs_word(printer, reader);
        uint32_t padded = size + (-size & 3);

        need(printer, reader->packet, reader->at, padded < size ? UINT32_MAX : padded);
        put_char(printer, '"');
        characters_print(printer, reader->packet, reader->at, size);
        put_char(printer, '"');
        reader->at += padded;
}
