/* What was told of processes and their sockets: conversations with who had them when, and sockets
 * with who used and read from them. */
#include "internal.h"

#include "base/array.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum { MANY = 200000 }; /* conversations, sockets or processes, when it is time to forget */

struct owners {
        struct owner **all;
        uint32_t count, room;
        struct hash_table by_id;

        struct conversation *conversations;
        uint32_t conversation_count, conversation_room;
        struct hash_table by_ends;

        struct process_socket *sockets;
        uint32_t socket_count, socket_room;
        struct hash_table by_inode;
        struct hash_table by_number; /* those that are open; */
        struct hash_table by_local;  /* and have no remote end */

        struct hash_key key;
        uint32_t scan; /* the number of the last one, which began then */
        int64_t scan_began;
        bool failed;
};

/* --- Processes --- */

static struct owner *find_owner(const struct owners *owners, const struct process_id *id)
{
        uint32_t hash = hash_keyed(&owners->key, id, sizeof *id), at = hash, item;

        while ((item = hash_next(&owners->by_id, hash, &at)) != HASH_NONE)
                if (memcmp(&owners->all[item]->id, id, sizeof *id) == 0)
                        return owners->all[item];
        return NULL;
}

static struct owner *add_owner(struct owners *owners, const struct process_id *id)
{
        struct owner *owner = calloc(1, sizeof *owner);
        uint32_t hash = hash_keyed(&owners->key, id, sizeof *id);

        if (!owner || !array_grow(owners->all, owners->room, owners->count + 1) ||
            !hash_put(&owners->by_id, hash, owners->count)) {
                free(owner);
                owners->failed = true;
                return NULL;
        }
        owner->id = *id;
        owners->all[owners->count++] = owner;
        return owner;
}

/* The names are from the end on. */
static char *cgroup_path(const struct process_new *process)
{
        struct text path = {0};

        if (process->levels == PROCESS_LEVELS)
                text_string(&path, "...");
        for (unsigned i = process->levels; i > 0; i--) {
                const char *name = process->cgroup[i - 1];

                text_char(&path, '/');
                text_put(&path, name, strnlen(name, PROCESS_LEVEL));
        }
        if (process->levels == 0)
                text_char(&path, '/');
        return text_take(&path);
}

static void introduce(struct owners *owners, const struct process_new *process)
{
        struct owner *owner = find_owner(owners, &process->who);
        char *path;

        if (!owner)
                owner = add_owner(owners, &process->who);
        if (!owner)
                return;
        owner->pid = process->pid;
        owner->uid = process->uid;
        owner->network_namespace = process->network_namespace;
        owner->followed = process->followed;
        path = cgroup_path(process);
        owners->failed |= !path;
        if (path) {
                free(owner->cgroup);
                owner->cgroup = path;
        }
}

/* --- Conversations --- */

static uint32_t hash_ends(const struct owners *owners, const struct process_ends *ends)
{
        return hash_keyed(&owners->key, ends, sizeof *ends);
}

static bool is_same_ends(const struct process_ends *one, const struct process_ends *other)
{
        return memcmp(one, other, sizeof *one) == 0;
}

struct conversation *owners_conversation(struct owners *owners, const struct process_ends *ends)
{
        uint32_t hash = hash_ends(owners, ends), at = hash, item;

        while ((item = hash_next(&owners->by_ends, hash, &at)) != HASH_NONE)
                if (is_same_ends(&owners->conversations[item].ends, ends))
                        return &owners->conversations[item];
        return NULL;
}

static struct conversation *have_conversation(struct owners *owners,
                                              const struct process_ends *ends)
{
        struct conversation *conversation = owners_conversation(owners, ends);

        if (conversation)
                return conversation;
        if (!array_grow(owners->conversations, owners->conversation_room,
                        owners->conversation_count + 1) ||
            !hash_put(&owners->by_ends, hash_ends(owners, ends), owners->conversation_count)) {
                owners->failed = true;
                return NULL;
        }
        conversation = &owners->conversations[owners->conversation_count++];
        *conversation = (struct conversation){.ends = *ends};
        return conversation;
}

static void add_moment(struct owners *owners, const struct process_ends *ends,
                       const struct moment *moment)
{
        struct conversation *conversation = have_conversation(owners, ends);

        if (!conversation)
                return;
        if (conversation->count == MOMENTS) {
                memmove(conversation->moments, conversation->moments + 1,
                        (MOMENTS - 1) * sizeof *conversation->moments);
                conversation->count--;
        }
        conversation->moments[conversation->count++] = *moment;
}

/* --- Sockets --- */

static bool has_remote(const struct process_ends *ends)
{
        return ends->remote_port != 0;
}

static struct process_ends local_end(const struct process_ends *ends)
{
        struct process_ends local = *ends;

        memset(local.remote, 0, sizeof local.remote);
        local.remote_port = 0;
        return local;
}

static uint32_t hash_local(const struct owners *owners, const struct process_ends *ends)
{
        const struct process_ends local = local_end(ends);

        return hash_ends(owners, &local);
}

static uint32_t hash_number(const struct owners *owners, uint64_t number)
{
        return hash_keyed(&owners->key, &number, sizeof number);
}

static uint32_t find_socket(const struct owners *owners, uint64_t number)
{
        uint32_t hash = hash_number(owners, number), at = hash, item;

        while ((item = hash_next(&owners->by_number, hash, &at)) != HASH_NONE)
                if (owners->sockets[item].number == number)
                        return item;
        return HASH_NONE;
}

struct process_socket *owners_socket(struct owners *owners, uint64_t inode)
{
        uint32_t hash = hash_number(owners, inode), at = hash, item;

        while (inode && (item = hash_next(&owners->by_inode, hash, &at)) != HASH_NONE)
                if (owners->sockets[item].inode == inode)
                        return &owners->sockets[item];
        return NULL;
}

/* It is still found by its inode and, for packets that came before, by its end. */
static void retire(struct owners *owners, uint32_t item, int64_t time)
{
        struct process_socket *socket = &owners->sockets[item];

        if (socket->closed)
                return;
        socket->closed = true;
        socket->closed_at = time;
        hash_remove(&owners->by_number, hash_number(owners, socket->number), item);
}

/* This socket has an end that only those that allow it may share: others that had it are closed.
 * Returns when one of them was last known to have it, or 0. */
static int64_t retire_others(struct owners *owners, uint32_t own, const struct process_ends *ends,
                             int64_t time)
{
        uint32_t hash = hash_local(owners, ends), at = hash, item;
        int64_t last = 0;

        while ((item = hash_next(&owners->by_local, hash, &at)) != HASH_NONE) {
                const struct process_socket *other = &owners->sockets[item];

                if (item == own || !is_same_ends(&other->ends, ends))
                        continue;
                retire(owners, item, time);
                if (other->told > last)
                        last = other->told;
        }
        return last;
}

static struct process_ends socket_ends(const struct process_record *record)
{
        return has_remote(&record->ends) ? record->ends : local_end(&record->ends);
}

/* Puts it where it is found by what it has now. */
static void enter(struct owners *owners, uint32_t item, const struct process_record *record)
{
        struct process_socket *socket = &owners->sockets[item];
        const struct process_ends before = socket->ends, ends = socket_ends(record);
        const int64_t time = (int64_t)record->time;
        uint32_t other = find_socket(owners, record->socket);
        bool listed = socket->told && !has_remote(&before);

        if (other != HASH_NONE) /* its memory is another one's */
                retire(owners, other, time);
        socket->opened = has_remote(&ends) || record->flags & PROCESS_SHARES
                             ? 0
                             : retire_others(owners, item, &ends, time);
        if (listed && !is_same_ends(&before, &ends))
                hash_remove(&owners->by_local, hash_local(owners, &before), item);
        socket->number = record->socket;
        socket->ends = ends;
        socket->flags = record->flags;
        socket->closed = false;
        owners->failed |= !hash_put(&owners->by_number, hash_number(owners, socket->number), item);
        if (!has_remote(&ends) && !(listed && is_same_ends(&before, &ends)))
                owners->failed |= !hash_put(&owners->by_local, hash_local(owners, &ends), item);
        socket->told = time;
}

/* A socket may get another end, by connect(2). */
static struct process_socket *have_socket(struct owners *owners,
                                          const struct process_record *record)
{
        struct process_socket *socket = owners_socket(owners, record->inode);
        const struct process_ends ends = socket_ends(record);
        uint32_t item;

        if (socket && !socket->closed && socket->number == record->socket &&
            is_same_ends(&socket->ends, &ends)) {
                socket->flags |= record->flags;
                return socket;
        }
        if (socket) {
                item = (uint32_t)(socket - owners->sockets);
                retire(owners, item, (int64_t)record->time);
        } else if (array_grow(owners->sockets, owners->socket_room, owners->socket_count + 1) &&
                   hash_put(&owners->by_inode, hash_number(owners, record->inode),
                            owners->socket_count)) {
                item = owners->socket_count++;
                owners->sockets[item] =
                    (struct process_socket){.inode = record->inode, .closed = true};
        } else {
                owners->failed = true;
                return NULL;
        }
        enter(owners, item, record);
        return &owners->sockets[item];
}

size_t owners_local(struct owners *owners, const struct process_ends *ends, int64_t time, bool any,
                    struct process_socket **found, size_t room)
{
        static const uint8_t mapped[12] = {[10] = 0xff, 0xff};
        bool ipv4 = memcmp(ends->local, mapped, sizeof mapped) == 0;
        struct process_ends wanted = local_end(ends);
        size_t count = 0;

        /* For IPv4, that is 0.0.0.0, and :: where this is not for IPv6 only. */
        for (int round = 0; round < (any && ipv4 ? 2 : 1); round++) {
                uint32_t hash, at, item;

                if (any)
                        memset(wanted.local + (ipv4 && round == 0 ? 12 : 0), 0,
                               ipv4 && round == 0 ? 4 : 16);
                at = hash = hash_ends(owners, &wanted);
                while ((item = hash_next(&owners->by_local, hash, &at)) != HASH_NONE) {
                        struct process_socket *socket = &owners->sockets[item];

                        if (!is_same_ends(&socket->ends, &wanted) ||
                            (socket->closed && socket->closed_at < time) || socket->opened > time ||
                            (round == 1 && socket->flags & PROCESS_IPV6_ONLY))
                                continue;
                        if (count < room)
                                found[count] = socket;
                        count++;
                }
        }
        return count;
}

static void note_use(struct uses *uses, const struct owner *owner,
                     const struct process_record *record)
{
        struct run_of_uses *last = uses->count > 0 ? &uses->runs[uses->count - 1] : NULL;
        const int64_t time = (int64_t)record->time;
        bool alone = record->flags & PROCESS_ALONE;

        if (!last || last->owner != owner || last->alone != alone) {
                if (uses->count == RUNS) {
                        memmove(uses->runs, uses->runs + 1, (RUNS - 1) * sizeof *uses->runs);
                        uses->count--;
                }
                last = &uses->runs[uses->count++];
                *last = (struct run_of_uses){.owner = owner, .alone = alone, .first = time};
        }
        last->last = time;
        if (record->flags & PROCESS_EMPTIED)
                last->emptied = time;
}

bool owners_alone(const struct process_socket *socket, const struct owner *owner)
{
        return owner && socket->alone == owner && socket->alone_at > owner->forked;
}

static const struct owner *last_user(const struct process_socket *socket)
{
        return socket->uses.count > 0 ? socket->uses.runs[socket->uses.count - 1].owner : NULL;
}

bool owners_hold(const struct process_socket *socket, const struct owner *owner)
{
        return owners_alone(socket, owner) ||
               (owner && socket->user_holds && last_user(socket) == owner &&
                socket->held_at > owner->forked);
}

/* --- What is told --- */

static void take_use(struct owners *owners, const struct process_record *record,
                     const struct owner *owner, const struct moment *moment)
{
        struct process_socket *socket = have_socket(owners, record);
        bool alone = record->flags & PROCESS_ALONE;

        if (!socket)
                return;
        socket->told = moment->time;
        note_use(&socket->uses, owner, record);
        if (record->flags & PROCESS_READ)
                note_use(&socket->reads, owner, record);
        socket->alone = alone ? owner : NULL;
        socket->alone_at = moment->time;
        if (has_remote(&record->ends)) {
                const struct conversation *conversation =
                    owners_conversation(owners, &record->ends);
                const struct moment *last = conversation && conversation->count > 0
                                                ? &conversation->moments[conversation->count - 1]
                                                : NULL;

                if (!last || last->owner != owner || last->event != PROCESS_USED ||
                    last->socket != moment->socket)
                        add_moment(owners, &record->ends, moment);
        }
}

static void note_fork(struct owner *owner, int64_t time)
{
        if (owner)
                owner->forked = time;
}

static void take_end(struct owners *owners, const struct process_record *record)
{
        uint32_t item = find_socket(owners, record->socket);

        if (item != HASH_NONE)
                retire(owners, item, (int64_t)record->time);
}

static void take_holder(struct owners *owners, const struct process_record *record,
                        const struct owner *owner)
{
        struct process_socket *socket = have_socket(owners, record);

        if (!socket)
                return;
        if (socket->scan != owners->scan) {
                socket->holder_count = 0;
                socket->user_holds = false;
        }
        socket->scan = owners->scan;
        socket->held_at = owners->scan_began;
        socket->user_holds |= owner == last_user(socket);
        if (socket->holder_count == 0 || socket->holder != owner)
                socket->holder_count++;
        socket->holder = owner;
}

void owners_take(void *context, const struct process_new *process,
                 const struct process_record *record)
{
        struct owners *owners = context;
        const struct owner *owner;
        struct moment moment;

        if (process) {
                introduce(owners, process);
                return;
        }
        owner = record->who.pid ? find_owner(owners, &record->who) : NULL;
        moment = (struct moment){
            .time = (int64_t)record->time,
            .owner = owner,
            .socket = record->socket,
            .inode = record->inode,
            .event = record->event,
            .flags = record->flags,
        };
        switch (record->event) {
        case PROCESS_SENT: add_moment(owners, &record->ends, &moment); break;
        case PROCESS_USED: take_use(owners, record, owner, &moment); break;
        case PROCESS_ENDED: take_end(owners, record); break;
        case PROCESS_FORKED: note_fork(find_owner(owners, &record->who), moment.time); break;
        case PROCESS_HOLDS:
                if (owner)
                        take_holder(owners, record, owner);
                break;
        default: break;
        }
}

void owners_begin_scan(struct owners *owners, int64_t time)
{
        owners->scan++;
        owners->scan_began = time;
}

/* A connection that was not told of is whose it is now. */
static void note_holder(struct owners *owners, const struct process_socket *socket)
{
        const struct owner *holder = socket->holder_count == 1 ? socket->holder : NULL;
        struct conversation *conversation = owners_conversation(owners, &socket->ends);

        if (!conversation) {
                add_moment(owners, &socket->ends,
                           &(struct moment){
                               .time = owners->scan_began,
                               .owner = holder,
                               .socket = socket->number,
                               .inode = socket->inode,
                               .event = PROCESS_HOLDS,
                               .flags = PROCESS_CONNECTED,
                           });
                conversation = owners_conversation(owners, &socket->ends);
        }
        if (conversation) {
                conversation->scan = owners->scan;
                conversation->holder = holder;
        }
}

/* What nobody has open any more, and was not told of meanwhile, is closed. */
void owners_end_scan(struct owners *owners)
{
        for (uint32_t i = 0; i < owners->socket_count; i++) {
                struct process_socket *socket = &owners->sockets[i];

                if (socket->closed)
                        continue;
                if (socket->scan != owners->scan) {
                        if (socket->inode && socket->told < owners->scan_began &&
                            !has_remote(&socket->ends))
                                retire(owners, i, owners->scan_began);
                        continue;
                }
                if (socket->holder_count == 1 && socket->told < owners->scan_began) {
                        socket->alone = socket->holder;
                        socket->alone_at = owners->scan_began;
                }
                if (has_remote(&socket->ends))
                        note_holder(owners, socket);
        }
}

/* --- The whole --- */

struct owners *owners_new(void)
{
        struct owners *owners = calloc(1, sizeof *owners);

        if (owners)
                hash_key_new(&owners->key);
        return owners;
}

void owners_forget(struct owners *owners)
{
        owners->conversation_count = 0;
        hash_clear(&owners->by_ends);
        owners->socket_count = 0;
        hash_clear(&owners->by_inode);
        hash_clear(&owners->by_number);
        hash_clear(&owners->by_local);
        for (uint32_t i = 0; i < owners->count; i++) {
                free(owners->all[i]->cgroup);
                free(owners->all[i]);
        }
        owners->count = 0;
        hash_clear(&owners->by_id);
}

void owners_free(struct owners *owners)
{
        if (!owners)
                return;
        owners_forget(owners);
        hash_free(&owners->by_ends);
        hash_free(&owners->by_inode);
        hash_free(&owners->by_number);
        hash_free(&owners->by_local);
        hash_free(&owners->by_id);
        free(owners->conversations);
        free(owners->sockets);
        free(owners->all);
        free(owners);
}

bool owners_failed(const struct owners *owners)
{
        return owners->failed;
}

bool owners_full(const struct owners *owners)
{
        return owners->conversation_count > MANY || owners->socket_count > MANY ||
               owners->count > MANY;
}
