/* Arbitrary bytes as packets of every link type, printed with every option. The packet lies at the
 * end of its own memory, so that the sanitizer notices a read past it; and the time taken must be
 * proportional to the length. */
#include "fuzz.h"

#include "print/print.h"

#include <pcap/dlt.h>

/* Far above what any honest printer writes: each byte in hex and in ASCII in nested dumps. */
enum { TEXT_A_BYTE = 2400, TEXT_A_PACKET = 20000 };

static const int link_types[] = {
    DLT_EN10MB,
    DLT_RAW,
    DLT_LINUX_SLL,
    DLT_LINUX_SLL2,
    DLT_NULL,
    DLT_PPP,
    DLT_PPP_SERIAL,
    DLT_PPP_ETHER,
    DLT_LOOP,
    DLT_EN10MB,
    DLT_IEEE802_11,
    DLT_IEEE802_11_RADIO,
    DLT_IEEE802_11_RADIO_AVS,
    DLT_PRISM_HEADER,
    DLT_PPI,
    DLT_IEEE802_15_4,
    DLT_IEEE802_15_4_TAP,
    DLT_USB_LINUX,
    DLT_FDDI,
    DLT_IEEE802,
    DLT_IP_OVER_FC,
    DLT_APPLE_IP_OVER_IEEE1394,
    DLT_IPOIB,
    DLT_ARCNET,
    DLT_ARCNET_LINUX,
    DLT_SLIP,
    DLT_SLIP_BSDOS,
    DLT_BLUETOOTH_HCI_H4_WITH_PHDR,
    DLT_LTALK,
    DLT_DSA_TAG_DSA,
    DLT_DSA_TAG_EDSA,
    DLT_DSA_TAG_BRCM,
    DLT_DSA_TAG_BRCM_PREPEND,
    DLT_SYMANTEC_FIREWALL,
    DLT_NETANALYZER,
    DLT_IPNET,
    DLT_VSOCK,
    DLT_PKTAP,
    DLT_DBUS,
    DLT_C_HDLC,
    DLT_FRELAY,
    DLT_MFR,
    DLT_ATM_RFC1483,
    DLT_ATM_CLIP,
    DLT_SUNATM,
    DLT_PPP_PPPD,
    DLT_ENC,
    DLT_PFLOG,
    DLT_NFLOG,
    DLT_JUNIPER_ETHER,
    DLT_JUNIPER_PPPOE_ATM,
    DLT_JUNIPER_MLPPP,
    DLT_JUNIPER_MLFR,
    DLT_JUNIPER_MFR,
    DLT_JUNIPER_FRELAY,
    DLT_JUNIPER_CHDLC,
    DLT_JUNIPER_ATM1,
    DLT_JUNIPER_ATM2,
    DLT_JUNIPER_ES,
    DLT_JUNIPER_GGSN,
    DLT_JUNIPER_SERVICES,
    DLT_JUNIPER_MONITOR,
};

static struct colors colors;

static struct print_options options_take(struct input *input)
{
        uint8_t switches = input_byte(input), forms = input_byte(input);

        colors_read(&colors, "po=");
        return (struct print_options){
            .verbose = switches & 3,
            .link_header = switches & 4,
            .quiet = switches & 8,
            .absolute_sequence = switches & 16,
            .mesh = switches & 16,
            .numbered = switches & 32,
            .nanoseconds = switches & 64,
            .json = switches & 128,
            .colors = forms & 128 ? &colors : NULL,
            .time = forms % 6,
            .dump = (forms >> 4 & 7) % 7,
        };
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct input input = {data, size};
        uint8_t type = input_byte(&input);
        struct print_options options = options_take(&input);
        uint32_t longer = input_byte(&input);
        struct printer *printer = printer_new(&options);
        struct print_packet packet = {
            .link_type = link_types[type % (sizeof link_types / sizeof *link_types)],
            .time = {1700000000, 123456789},
            .interface = "eth0",
            .passage = type >> 4 & 3,
            .several = type & 128,
            .dropped = longer,
            .comment = "one\ntwo",
        };
        uint8_t *bytes = malloc(input.count + 1);

        if (!printer || !bytes)
                abort();
        memcpy(bytes + 1, input.bytes, input.count);
        packet.packet.data = bytes + 1;
        packet.packet.captured = (uint32_t)input.count;
        packet.packet.length = packet.packet.captured + longer * 5;
        /* Twice: the second time there is a connection it belongs to. */
        for (int i = 0; i < 2; i++) {
                size_t length;
                const char *text = printer_print(printer, &packet, &length);

                if (!text)
                        abort();
                if (length == 0 || text[length - 1] != '\n' || text[length] != '\0')
                        fuzz_fail("%zu bytes of text that do not end as they should", length);
                if (length > TEXT_A_PACKET + (size_t)TEXT_A_BYTE * packet.packet.length)
                        fuzz_fail("%zu bytes of text for %u of packet", length,
                                  packet.packet.length);
        }
        printer_free(printer);
        free(bytes);
        return 0;
}
