/* NFS 2 and 3, RFC 1094 and 1813: Sun's RPC (RFC 5531) around it, and calls. A reply does not say
 * what it is one to, so calls are remembered. */
#include "nfs.h"

#include "print/printer/earlier.h"

enum { CALL_HEADER = 24, MARK = 4 };

static void handle_name_print(struct printer *printer, struct nfs_reader *reader)
{
        nfs_handle_print(printer, reader);
        put_char(printer, ' ');
        nfs_name_print(printer, reader);
}

/* New attributes: those that are to be set. */
struct attributes {
        bool has_mode, has_user, has_group, has_size, has_accessed, has_modified;
        uint32_t mode, user, group;
        uint64_t size;
        uint32_t accessed[2], modified[2];
};

static bool time_read(struct printer *printer, struct nfs_reader *reader, uint32_t time[2])
{
        enum { TO_CLIENT_TIME = 2 };
        bool set = nfs_word(printer, reader) == TO_CLIENT_TIME;

        if (set) {
                time[0] = nfs_word(printer, reader);
                time[1] = nfs_word(printer, reader);
        }
        return set;
}

static struct attributes attributes_read(struct printer *printer, struct nfs_reader *reader)
{
        struct attributes a = {0};

        if ((a.has_mode = nfs_word(printer, reader) != 0))
                a.mode = nfs_word(printer, reader);
        if ((a.has_user = nfs_word(printer, reader) != 0))
                a.user = nfs_word(printer, reader);
        if ((a.has_group = nfs_word(printer, reader) != 0))
                a.group = nfs_word(printer, reader);
        if ((a.has_size = nfs_word(printer, reader) != 0))
                a.size = nfs_word(printer, reader);
        a.has_accessed = time_read(printer, reader, a.accessed);
        a.has_modified = time_read(printer, reader, a.modified);
        return a;
}

static void attributes_print(struct printer *printer, const struct attributes *a)
{
        if (a->has_mode) {
                put(printer, " mode ");
                put_octal(printer, a->mode);
        }
        if (a->has_user)
                putf(printer, " uid %u", a->user);
        if (a->has_group)
                putf(printer, " gid %u", a->group);
        if (printer->options.verbose < 2)
                return;
        if (a->has_accessed)
                putf(printer, " atime %u.%06u", a->accessed[0], a->accessed[1]);
        if (a->has_modified)
                putf(printer, " mtime %u.%06u", a->modified[0], a->modified[1]);
}

static void access_print(struct printer *printer, uint32_t access)
{
        enum { FULL = 0x3f };
        static const char *const names[] = {"READ",   "LOOKUP", "MODIFY",
                                            "EXTEND", "DELETE", "EXECUTE"};
        bool any = false;

        if (access == FULL) {
                put(printer, " NFS_ACCESS_FULL");
        } else if (access & ~(uint32_t)FULL) {
                putf(printer, " %04x", access);
        } else {
                for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
                        if (access >> i & 1) {
                                putf(printer, "%sNFS_ACCESS_%s", any ? "|" : " ", names[i]);
                                any = true;
                        }
                }
        }
}

static void read_print(struct printer *printer, struct nfs_reader *reader)
{
        nfs_handle_print(printer, reader);
        if (reader->version3) {
                uint64_t offset = nfs_long(printer, reader);

                putf(printer, " %u bytes @ %llu", nfs_word(printer, reader),
                     (unsigned long long)offset);
        } else {
                uint32_t offset = nfs_word(printer, reader);

                putf(printer, " %u bytes @ %u", nfs_word(printer, reader), offset);
        }
}

static void write_print(struct printer *printer, struct nfs_reader *reader)
{
        nfs_handle_print(printer, reader);
        if (reader->version3) {
                uint64_t offset = nfs_long(printer, reader);
                uint32_t count = nfs_word(printer, reader);
                uint32_t stability = nfs_word(printer, reader);

                putf(printer, " %u (%u) bytes @ %llu", nfs_word(printer, reader), count,
                     (unsigned long long)offset);
                if (printer->options.verbose) {
                        put(printer, " <");
                        put_name(printer, nfs_stability, "#%d", stability);
                        put_char(printer, '>');
                }
        } else {
                uint32_t begin = nfs_word(printer, reader);
                uint32_t offset = nfs_word(printer, reader);
                uint32_t total = nfs_word(printer, reader);

                putf(printer, " %u (%u) bytes @ %u (%u)", nfs_word(printer, reader), total, offset,
                     begin);
        }
}

static void symlink_print(struct printer *printer, struct nfs_reader *reader)
{
        struct attributes attributes = {0};

        handle_name_print(printer, reader);
        put(printer, " ->");
        if (reader->version3)
                attributes = attributes_read(printer, reader);
        nfs_name_print(printer, reader);
        if (printer->options.verbose)
                attributes_print(printer, &attributes);
}

static void mknod_print(struct printer *printer, struct nfs_reader *reader)
{
        enum { BLOCK = 3, CHARACTER = 4 };
        struct attributes attributes;
        uint32_t type;

        handle_name_print(printer, reader);
        type = nfs_word(printer, reader);
        attributes = attributes_read(printer, reader);
        put_char(printer, ' ');
        put_name(printer, nfs_file_types, "unk-ft %u", type);
        if (!printer->options.verbose)
                return;
        if (type == BLOCK || type == CHARACTER) {
                uint32_t major = nfs_word(printer, reader);

                putf(printer, " %u/%u", major, nfs_word(printer, reader));
        }
        attributes_print(printer, &attributes);
}

static void readdir_print(struct printer *printer, struct nfs_reader *reader, bool plus)
{
        nfs_handle_print(printer, reader);
        if (reader->version3) {
                uint64_t cookie = nfs_long(printer, reader);
                uint64_t verifier = nfs_long(printer, reader);

                putf(printer, " %u bytes @ %lld", nfs_word(printer, reader), (long long)cookie);
                if (!printer->options.verbose)
                        return;
                if (plus)
                        put_labelled(printer, " max ", nfs_word(printer, reader));
                putf(printer, " verf %016llx", (unsigned long long)verifier);
        } else {
                uint32_t cookie = nfs_word(printer, reader);

                putf(printer, " %u bytes @ %u", nfs_word(printer, reader), cookie);
        }
}

static void arguments_print(struct printer *printer, struct nfs_reader *reader, uint32_t procedure)
{
        uint64_t offset;

        switch (procedure) {
        case NFS_GETATTR:
        case NFS_SETATTR:
        case NFS_READLINK:
        case NFS_FSSTAT:
        case NFS_FSINFO:
        case NFS_PATHCONF: nfs_handle_print(printer, reader); break;
        case NFS_LOOKUP:
        case NFS_CREATE:
        case NFS_MKDIR:
        case NFS_REMOVE:
        case NFS_RMDIR: handle_name_print(printer, reader); break;
        case NFS_ACCESS:
                nfs_handle_print(printer, reader);
                access_print(printer, nfs_word(printer, reader));
                break;
        case NFS_READ: read_print(printer, reader); break;
        case NFS_WRITE: write_print(printer, reader); break;
        case NFS_SYMLINK: symlink_print(printer, reader); break;
        case NFS_MKNOD: mknod_print(printer, reader); break;
        case NFS_RENAME:
                handle_name_print(printer, reader);
                put(printer, " ->");
                handle_name_print(printer, reader);
                break;
        case NFS_LINK:
                nfs_handle_print(printer, reader);
                put(printer, " ->");
                handle_name_print(printer, reader);
                break;
        case NFS_READDIR:
        case NFS_READDIRPLUS: readdir_print(printer, reader, procedure == NFS_READDIRPLUS); break;
        case NFS_COMMIT:
                nfs_handle_print(printer, reader);
                offset = nfs_long(printer, reader);
                putf(printer, " %u bytes @ %llu", nfs_word(printer, reader),
                     (unsigned long long)offset);
                break;
        default: break;
        }
}

/* What a reply has in common with its call. */
struct key {
        uint32_t id;
        int version;
        uint8_t client[16];
        uint8_t server[16];
};

static struct key key_of(struct printer *printer, uint32_t id, bool reply)
{
        const struct network *network = printer->network;
        size_t size = network->version == 4 ? 4 : 16;
        struct key key = {.id = id, .version = network->version};

        memcpy(key.client, reply ? network->destination : network->source, size);
        memcpy(key.server, reply ? network->source : network->destination, size);
        return key;
}

/* Goes past who calls, and what proves it. tcpdump does not count what comes before them to the
 * message's length. */
static void credentials_skip(struct printer *printer, struct nfs_reader *reader)
{
        for (int i = 0; i < 2; i++) {
                uint32_t size;

                need_length(printer, reader->packet, reader->at - CALL_HEADER + 8);
                nfs_word(printer, reader);
                size = nfs_word(printer, reader);
                if (size > UINT32_MAX - 3)
                        printer_abandon_softly(printer);
                size += -size & 3;
                need(printer, reader->packet, reader->at, size);
                reader->at += size;
        }
        need_length(printer, reader->packet, reader->at - CALL_HEADER + 1);
}

static void call_print(struct printer *printer, struct packet packet)
{
        enum { VERSION = 16, PROCEDURE = 20 };
        struct nfs_reader reader = {packet, CALL_HEADER, false, false};
        struct nfs_call call;
        struct key key;
        uint32_t procedure;

        putf(printer, "NFS request xid %u %u", get32(printer, packet, 0), packet.length);
        need(printer, packet, 0, CALL_HEADER);
        call.version = get32(printer, packet, VERSION);
        call.procedure = get32(printer, packet, PROCEDURE);
        key = key_of(printer, get32(printer, packet, 0), false);
        recall_put(printer, RECALL_RPC, &key, sizeof key, &call, sizeof call);
        reader.version3 = call.version == 3;
        procedure = nfs_procedure_print(printer, &call);
        if (procedure == NFS_NULL || procedure >= NFS_NOP)
                return;
        credentials_skip(printer, &reader);
        arguments_print(printer, &reader, procedure);
}

static void denial_print(struct printer *printer, struct packet packet)
{
        enum { REASON = 12, WRONG_VERSION = 0, WRONG_CALLER = 1 };
        static const struct name reasons[] = {
            {0, "OK"},
            {1, "Bogus Credentials (seal broken)"},
            {2, "Rejected Credentials (client should begin new session)"},
            {3, "Bogus Verifier (seal broken)"},
            {4, "Verifier expired or was replayed"},
            {5, "Credentials are too weak"},
            {6, "Bogus response verifier"},
            {7, "Unknown failure"},
            {0, NULL}};
        uint32_t reason;

        putf(printer, "ERR %u: ", packet.length);
        need(printer, packet, REASON, 4);
        reason = get32(printer, packet, REASON);
        if (reason == WRONG_VERSION) {
                need(printer, packet, REASON + 4, 8);
                put_damage(printer, "RPC Version mismatch (%u-%u)",
                           get32(printer, packet, REASON + 4), get32(printer, packet, REASON + 8));
        } else if (reason == WRONG_CALLER) {
                need(printer, packet, REASON + 4, 4);
                put(printer, "Auth ");
                put_name(printer, reasons, "Invalid failure code %u",
                         get32(printer, packet, REASON + 4));
        } else {
                putf(printer, "Unknown reason for rejecting rpc message %u", reason);
        }
}

void nfs_outcome_print(struct printer *printer, struct packet packet)
{
        enum { STATE = 8, ACCEPTED = 0, DENIED = 1 };
        uint32_t state;
        struct key key;
        struct nfs_call *call;

        printer->protocol = "nfs";
        need(printer, packet, STATE, 4);
        state = get32(printer, packet, STATE);
        put(printer, "reply ");
        if (state == DENIED) {
                denial_print(printer, packet);
                return;
        }
        if (state != ACCEPTED) {
                putf(printer, "Unknown rpc response code=%u %u", state, packet.length);
                return;
        }
        putf(printer, "ok %u", packet.length);
        key = key_of(printer, get32(printer, packet, 0), true);
        call = recall_get_onward(printer, RECALL_RPC, &key, sizeof key);
        if (call)
                nfs_reply_print(printer, packet, call);
}

void nfs_print(struct printer *printer, struct packet packet)
{
        printer->protocol = "nfs";
        if (get32(printer, packet, 4) == 0) {
                call_print(printer, packet);
        } else {
                putf(printer, "NFS reply xid %u ", get32(printer, packet, 0));
                nfs_outcome_print(printer, packet);
        }
}

/* In TCP, behind the mark that ends a record. */
void nfs_record_print(struct printer *printer, struct packet packet)
{
        uint32_t size = get32(printer, packet, 0) & 0x7fffffff;
        struct packet record = packet_from(packet, MARK);

        /* Bytes past the record's end may still be read. */
        if (size < record.length)
                record.length = size;
        put(printer, ": ");
        nfs_print(printer, record);
}
