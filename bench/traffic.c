/* traffic COUNT: writes a capture of that many packets to standard output, the same each time: TCP,
 * UDP and ICMP between hosts of 10.0.0.0/8, of 60 to 1514 bytes and 480 on average, as on a link
 * that carries requests, acknowledgements and full segments. Checksums are left zero: no filter
 * looks. */
#include <endian.h>
#include <pcap/pcap.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
        ETHERNET = 14,
        IP = 20,
        LONGEST = 1514,
        BATCH = 1 << 20,
};

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

/* Nine of ten hosts are servers and clients of 64 networks, the tenth is 10.1.2.3. */
static uint32_t choose_host(void)
{
        uint32_t random = next_random();

        if (random % 64 == 0)
                return 0x0a010203;
        return 0x0a000000 | (random % 64) << 16 | (random >> 8 & 0xffff);
}

static void put_ports(uint8_t *ports)
{
        static const uint16_t servers[] = {80, 443, 443, 443, 53, 22, 5000, 8080};
        uint16_t server = servers[next_random() % 8];
        uint16_t client = (uint16_t)(32768 + next_random() % 28000);
        int answer = next_random() & 1;

        put16(ports, answer ? server : client);
        put16(ports + 2, answer ? client : server);
}

static uint32_t make_packet(uint8_t *packet)
{
        static const uint16_t lengths[] = {60, 60, 66, 66, 90, 120, 400, 700, 1514, 1514};
        uint32_t length = lengths[next_random() % 10];
        uint32_t kind = next_random() % 100;
        uint8_t *ip = packet + ETHERNET;
        uint32_t source = htobe32(choose_host()), destination = htobe32(choose_host());

        memcpy(packet, "\x02\0\0\0\0\1\x02\0\0\0\0\2\x08\0", ETHERNET);
        memset(ip, 0, IP + 20);
        ip[0] = 0x45;
        put16(ip + 2, length - ETHERNET);
        ip[8] = 64;
        ip[9] = kind < 2 ? 1 : kind < 20 ? 17 : 6;
        memcpy(ip + 12, &source, 4);
        memcpy(ip + 16, &destination, 4);
        if (ip[9] == 1) {
                ip[IP] = 8;
                return length;
        }
        put_ports(ip + IP);
        if (ip[9] == 17) {
                put16(ip + IP + 4, length - ETHERNET - IP);
        } else {
                ip[IP + 12] = 0x50;
                ip[IP + 13] = 0x10;
        }
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
