/* traffic COUNT: writes a capture of that many packets to standard output, the same each time: 512
 * conversations by TCP, UDP and ICMP between hosts of 10.0.0.0/8, mixed; packets of 60 to 1514
 * bytes, 480 on average, as on a link that carries requests, acknowledgements and full segments.
 * Checksums are left zero: no filter looks at them. There are no more conversations because
 * printing has to remember each: with thousands, tcpdump spends most of its time finding them. */
#include <endian.h>
#include <pcap/pcap.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
        ETHERNET = 14,
        IP = 20,
        TCP = 20,
        LONGEST = 1514,
        BATCH = 1 << 20,
        CONVERSATIONS = 512,
};

struct conversation {
        uint32_t host[2]; /* network byte order */
        uint16_t port[2];
        uint32_t sequence[2];
        uint8_t protocol;
};

static struct conversation conversations[CONVERSATIONS];

static uint64_t random_state = 0x9e3779b97f4a7c15u;

static uint32_t next_random(void)
{
        random_state ^= random_state << 13;
        random_state ^= random_state >> 7;
        random_state ^= random_state << 17;
        return (uint32_t)(random_state >> 32);
}

static void put16(uint8_t *at, uint32_t value)
{
        at[0] = (uint8_t)(value >> 8);
        at[1] = (uint8_t)value;
}

/* Nine of ten hosts are servers and clients in 64 networks; the tenth is 10.1.2.3. */
static uint32_t choose_host(void)
{
        uint32_t random = next_random();

        if (random % 64 == 0)
                return 0x0a010203;
        return 0x0a000000 | (random % 64) << 16 | (random >> 8 & 0xffff);
}

static void make_conversations(void)
{
        static const uint16_t servers[] = {80, 443, 443, 443, 53, 22, 5000, 8080};

        for (size_t i = 0; i < CONVERSATIONS; i++) {
                uint32_t kind = next_random() % 100;

                conversations[i] = (struct conversation){
                    .host = {htobe32(choose_host()), htobe32(choose_host())},
                    .port = {(uint16_t)(32768 + next_random() % 28000), servers[next_random() % 8]},
                    .sequence = {next_random(), next_random()},
                    .protocol = kind < 2    ? 1
                                : kind < 20 ? 17
                                            : 6,
                };
        }
}

static void put_tcp(uint8_t *tcp, struct conversation *of, int from, uint32_t payload)
{
        put16(tcp + 4, of->sequence[from] >> 16);
        put16(tcp + 6, of->sequence[from]);
        put16(tcp + 8, of->sequence[!from] >> 16);
        put16(tcp + 10, of->sequence[!from]);
        tcp[12] = 0x50;
        tcp[13] = 0x10; /* ACK */
        put16(tcp + 14, 501);
        of->sequence[from] += payload;
}

static uint32_t make_packet(uint8_t *packet)
{
        static const uint16_t lengths[] = {60, 60, 66, 66, 90, 120, 400, 700, 1514, 1514};
        uint32_t length = lengths[next_random() % 10];
        struct conversation *of = &conversations[next_random() % CONVERSATIONS];
        int from = next_random() & 1;
        uint8_t *ip = packet + ETHERNET;

        memcpy(packet, "\x02\0\0\0\0\1\x02\0\0\0\0\2\x08\0", ETHERNET);
        memset(ip, 0, IP + TCP);
        ip[0] = 0x45;
        put16(ip + 2, length - ETHERNET);
        ip[8] = 64;
        ip[9] = of->protocol;
        memcpy(ip + 12, &of->host[from], 4);
        memcpy(ip + 16, &of->host[!from], 4);
        if (of->protocol == 1) {
                ip[IP] = 8;
                return length;
        }
        put16(ip + IP, of->port[from]);
        put16(ip + IP + 2, of->port[!from]);
        if (of->protocol == 17)
                put16(ip + IP + 4, length - ETHERNET - IP);
        else
                put_tcp(ip + IP, of, from, length - ETHERNET - IP - TCP);
        return length;
}

int main(int argc, char **argv)
{
        static const struct pcap_file_header header = {
            .magic = 0xa1b2c3d4,
            .version_major = 2,
            .version_minor = 4,
            .snaplen = 262144,
            .linktype = DLT_EN10MB,
        };
        static uint8_t packet[LONGEST];
        unsigned long count = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;

        if (count == 0) {
                fputs("usage: traffic COUNT >FILE\n", stderr);
                return 2;
        }
        setvbuf(stdout, NULL, _IOFBF, BATCH);
        for (size_t i = 0; i < sizeof packet; i++)
                packet[i] = (uint8_t)(i * 7);
        make_conversations();
        fwrite(&header, sizeof header, 1, stdout);
        for (unsigned long i = 0; i < count; i++) {
                uint32_t length = make_packet(packet);
                uint32_t record[] = {1700000000 + (uint32_t)(i / 100000),
                                     (uint32_t)(i % 100000 * 10), length, length};

                fwrite(record, sizeof record, 1, stdout);
                fwrite(packet, length, 1, stdout);
        }
        if (fflush(stdout) == 0)
                return 0;
        perror("standard output");
        return 1;
}
