/* Whose a packet is. What a process sends is told before it is captured; what it receives, when the
 * process reads it, which may be later: then the packet waits. Nothing is guessed: where two
 * processes may have sent or read it, it is nobody's. */
#include "internal.h"

#include <netinet/in.h>
#include <string.h>

enum {
        APART = 1000,          /* nanoseconds by which two clocks' times may seem to differ */
        QUEUED = 1000000000,   /* for so long a packet may have been in a queue, */
        READ_LATE = 1000000000 /* and so long ago, another process may have been about to read */
};

/* --- What was known when --- */

static const struct moment *last_before(const struct conversation *conversation, int64_t time)
{
        const struct moment *found = NULL;

        for (uint32_t i = 0; conversation && i < conversation->count; i++)
                if (conversation->moments[i].time <= time + APART)
                        found = &conversation->moments[i];
        return found;
}

static const struct moment *first_after(const struct conversation *conversation, int64_t time)
{
        for (uint32_t i = 0; conversation && i < conversation->count; i++)
                if (conversation->moments[i].time >= time)
                        return &conversation->moments[i];
        return NULL;
}

/* Whether the process used a socket at that time or later. */
static bool has_used(const struct process_socket *socket, const struct owner *owner, int64_t time)
{
        for (uint32_t i = 0; socket && i < socket->uses.count; i++)
                if (socket->uses.runs[i].owner == owner && socket->uses.runs[i].last >= time)
                        return true;
        return false;
}

static void decide(struct party *party, const struct owner *owner)
{
        party->decided = true;
        party->owner = owner;
}

/* Whether the socket, which may be closed, was not left to a child. */
static bool kept(const struct process_socket *socket, const struct owner *owner)
{
        return owner && socket->closed && socket->told > owner->forked;
}

/* Decides for who used a socket last, if that process still has it open: where it has children
 * since, it may have left the socket to one of them. */
static void decide_by_last_use(struct ownership *ownership, struct party *party,
                               const struct process_socket *socket, const struct owner *owner,
                               bool late)
{
        if (!socket || kept(socket, owner) || owners_hold(socket, owner))
                decide(party, owner);
        else if (owners_alone(socket, socket->alone))
                decide(party, socket->alone);
        else if (late || socket->closed)
                decide(party, NULL);
        else
                ownership->wants_scan = true;
}

/* --- The sender --- */

/* Whether another process' packet of the same ends may come only now. */
static bool may_be_earlier(const struct conversation *conversation, const struct moment *moment,
                           int64_t time)
{
        const struct moment *before = moment - 1;

        return conversation->ends.protocol != IPPROTO_TCP && !(moment->flags & PROCESS_DIRECTLY) &&
               moment > conversation->moments && before->owner != moment->owner &&
               time - moment->time < QUEUED;
}

/* Who was told to send between these ends, at that time. */
static void decide_by_sending(struct ownership *ownership, struct party *party,
                              struct owners *owners, const struct conversation *conversation,
                              bool late)
{
        const struct moment *moment = last_before(conversation, ownership->time);
        const struct process_socket *socket = moment ? owners_socket(owners, moment->inode) : NULL;

        if (!moment || may_be_earlier(conversation, moment, ownership->time))
                decide(party, NULL);
        else if ((moment->flags & (PROCESS_BY_OTHERS | PROCESS_HELD)) == PROCESS_BY_OTHERS)
                decide_by_last_use(ownership, party, socket, moment->owner, late);
        else if (moment->event != PROCESS_SENT || !(moment->flags & PROCESS_UNCONFIRMED) ||
                 has_used(socket, moment->owner, moment->time))
                decide(party, moment->owner);
        else if (late)
                decide(party, NULL);
}

/* --- The receiver --- */

static struct process_ends reversed(const struct process_ends *ends)
{
        struct process_ends other = *ends;

        memcpy(other.local, ends->remote, sizeof other.local);
        memcpy(other.remote, ends->local, sizeof other.remote);
        other.local_port = ends->remote_port;
        other.remote_port = ends->local_port;
        return other;
}

/* Sockets that may get it that are not connected: those of its address, else of all addresses. */
static size_t find_sockets(const struct ownership *ownership, struct owners *owners,
                           const struct addresses *addresses, const struct process_ends *ends,
                           struct process_socket **sockets, size_t room)
{
        size_t count = owners_local(owners, ends, ownership->time, false, sockets, room);

        if (count == 0 &&
            (addresses_have(addresses, ends->local) || ownership->passage == PASSAGE_BROADCAST ||
             ownership->passage == PASSAGE_MULTICAST))
                count = owners_local(owners, ends, ownership->time, true, sockets, room);
        return count;
}

/* The one process that has it open; NULL if it is not known to be one. */
static const struct owner *holder_of(const struct process_socket *socket)
{
        return owners_alone(socket, socket->alone) ? socket->alone : NULL;
}

/* Nobody has answered the first packet of a connection: it is for who listens. */
static const struct owner *find_listener(const struct ownership *ownership, struct owners *owners,
                                         const struct addresses *addresses,
                                         const struct process_ends *ends)
{
        struct process_socket *sockets[2];

        if (find_sockets(ownership, owners, addresses, ends, sockets, 2) != 1)
                return NULL;
        return holder_of(sockets[0]);
}

/* Packets of a connection without data, which nobody reads, are for who had it then, or listens. */
static void decide_by_moment(struct ownership *ownership, struct owners *owners,
                             const struct moment *moment, bool late)
{
        if ((moment->flags & (PROCESS_BY_OTHERS | PROCESS_HELD)) != PROCESS_BY_OTHERS)
                decide(&ownership->receiver, moment->owner);
        else
                decide_by_last_use(ownership, &ownership->receiver,
                                   owners_socket(owners, moment->inode), moment->owner, late);
}

/* Data on a connection is its reader's. */
static void decide_reader(struct party *party, struct owners *owners,
                          const struct conversation *conversation, const struct moment *moment,
                          int64_t time, bool late)
{
        const struct process_socket *socket = owners_socket(owners, moment->inode);
        const struct moment *next = first_after(conversation, time);

        if (!(moment->flags & PROCESS_LISTENS) && socket && owners_alone(socket, moment->owner))
                decide(party, moment->owner);
        else if (next && next->event == PROCESS_USED)
                decide(party, next->owner);
        else if (late && conversation->scan)
                decide(party, conversation->holder);
        else if (late)
                decide(party, moment->flags & PROCESS_LISTENS ? NULL : moment->owner);
}

static void decide_tcp(struct ownership *ownership, struct owners *owners,
                       const struct addresses *addresses, const struct process_ends *ends,
                       bool late)
{
        const struct conversation *conversation = owners_conversation(owners, ends);
        struct party *party = &ownership->receiver;
        const struct moment *before = last_before(conversation, ownership->time);
        const struct moment *after = first_after(conversation, ownership->time);

        if (ownership->ends.synchronizes) {
                if (after)
                        decide_by_moment(ownership, owners, after, late);
                else if (late)
                        decide(party, find_listener(ownership, owners, addresses, ends));
        } else if (before && ownership->ends.has_payload) {
                decide_reader(party, owners, conversation, before, ownership->time, late);
        } else if (before || after) {
                decide_by_moment(ownership, owners, before ? before : after, late);
        } else if (late) {
                decide(party, NULL);
        }
}

/* Who answered the only packet that came, and began the conversation, where more than one process
 * may have read it. */
static const struct owner *find_answer(const struct conversation *conversation, int64_t time)
{
        const struct moment *answer = conversation ? conversation->moments : NULL;

        if (!answer || conversation->count == 0 || conversation->count == MOMENTS ||
            conversation->received > 1 || answer->time < time || answer->event != PROCESS_SENT ||
            answer->flags & (PROCESS_BY_OTHERS | PROCESS_UNCONFIRMED))
                return NULL;
        return answer->owner;
}

/* Whose a datagram is that came to this socket: who reads next, and on until nothing is left.
 * Others may have read it, and be about to tell, if they have the socket open, too. Returns whether
 * that is known; with `late`, who else has it open is known from a scan. */
static bool decide_by_reading(struct party *party, const struct process_socket *socket,
                              int64_t time, bool late)
{
        const struct run_of_uses *next = NULL;
        bool others = false;

        for (uint32_t i = 0; i < socket->reads.count && !next; i++)
                if (socket->reads.runs[i].last >= time)
                        next = &socket->reads.runs[i];
        for (uint32_t i = 0; next && i < socket->reads.count; i++) {
                const struct run_of_uses *run = &socket->reads.runs[i];

                others |= run->owner != next->owner && run->last >= time - READ_LATE;
        }
        if (!next)
                return false;
        if (next->alone && next->emptied >= time)
                decide(party, next->owner);
        else if (!others && owners_alone(socket, next->owner) && (late || next->emptied >= time))
                decide(party, next->owner);
        return party->decided;
}

/* Whether anybody read from the socket at that time or later. */
static bool has_read(const struct process_socket *socket, int64_t time)
{
        const struct uses *reads = &socket->reads;

        return reads->count > 0 && reads->runs[reads->count - 1].last >= time;
}

static void decide_datagram(struct ownership *ownership, struct owners *owners,
                            const struct addresses *addresses, const struct process_ends *ends,
                            bool late)
{
        struct conversation *conversation = owners_conversation(owners, ends);
        const struct moment *last = last_before(conversation, ownership->time);
        struct party *party = &ownership->receiver;
        struct process_socket *sockets[2] = {NULL};
        const struct owner *owner;
        bool connected;
        size_t count;

        if (last && last->flags & PROCESS_CONNECTED)
                sockets[0] = owners_socket(owners, last->inode);
        count = connected = sockets[0] != NULL;
        if (!connected)
                count = find_sockets(ownership, owners, addresses, ends, sockets, 2);
        if (count == 1 && decide_by_reading(party, sockets[0], ownership->time, late))
                return;
        owner = connected ? NULL : find_answer(conversation, ownership->time);
        if (owner)
                decide(party, owner);
        else if (late)
                decide(party, count == 1 && !has_read(sockets[0], ownership->time)
                                  ? holder_of(sockets[0])
                                  : NULL);
}

/* Of a reply to an echo request, who sent that. */
static void decide_echo(struct ownership *ownership, struct owners *owners,
                        struct process_ends *ends, bool late)
{
        enum { REQUEST = 8, REQUEST6 = 128 };

        ends->local_port = ownership->ends.sent.local_port;
        ends->remote_port = ends->protocol == IPPROTO_ICMP ? REQUEST : REQUEST6;
        decide_by_sending(ownership, &ownership->receiver, owners,
                          owners_conversation(owners, ends), late);
}

static void decide_receiver(struct ownership *ownership, struct owners *owners,
                            const struct addresses *addresses, bool late)
{
        struct process_ends ends = reversed(&ownership->ends.sent);

        if (!ownership->ends.can_be_received)
                decide(&ownership->receiver, NULL);
        else if (ends.protocol == IPPROTO_TCP)
                decide_tcp(ownership, owners, addresses, &ends, late);
        else if (ends.protocol == IPPROTO_ICMP || ends.protocol == IPPROTO_ICMPV6)
                decide_echo(ownership, owners, &ends, late);
        else
                decide_datagram(ownership, owners, addresses, &ends, late);
}

/* --- Both --- */

/* A sender that is known is one of this host's, whichever way the packet went. */
static void find_parties(struct ownership *ownership, struct owners *owners)
{
        const enum packet_passage passage = ownership->passage;

        ownership->sender.applies =
            passage == PASSAGE_OUT ||
            (ownership->has_ends &&
             last_before(owners_conversation(owners, &ownership->ends.sent), ownership->time));
        ownership->receiver.applies = passage != PASSAGE_OUT && passage != PASSAGE_OTHER_HOST;
        if (!ownership->has_ends) {
                decide(&ownership->sender, NULL);
                decide(&ownership->receiver, NULL);
        }
}

bool ownership_decide(struct ownership *ownership, struct owners *owners,
                      const struct addresses *addresses, bool late)
{
        struct party *sender = &ownership->sender, *receiver = &ownership->receiver;

        if (!ownership->looked) {
                find_parties(ownership, owners);
                ownership->looked = true;
        }
        ownership->wants_scan = false;
        if (sender->applies && !sender->decided)
                decide_by_sending(ownership, sender, owners,
                                  owners_conversation(owners, &ownership->ends.sent), late);
        if (receiver->applies && !receiver->decided)
                decide_receiver(ownership, owners, addresses, late);
        return (!sender->applies || sender->decided) && (!receiver->applies || receiver->decided);
}
