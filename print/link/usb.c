/* USB as Linux's usbmon captures it: LINKTYPE_USB_LINUX and LINKTYPE_USB_LINUX_MMAPPED, whose
 * pseudo header is longer. Its fields are in the byte order of the capturing machine. */
#include "base/array.h"
#include "link.h"

enum {
        EVENT = 8, /* offsets into the pseudo header */
        TRANSFER = 9,
        ENDPOINT = 10,
        DEVICE = 11,
        BUS = 12,
        ENDPOINT_NUMBER = 0x7f, /* the rest is the direction */
};

/* Of an interrupt transfer tcpdump tells the direction from the device's side. */
static void urb_print(struct printer *printer, struct packet packet)
{
        static const struct name events[] = {
            {'S', "SUBMIT"}, {'C', "COMPLETE"}, {'E', "ERROR"}, {0, NULL}};
        enum { ISOCHRONOUS, INTERRUPT, CONTROL, BULK };
        static const char *const transfers[] = {
            [ISOCHRONOUS] = "ISOCHRONOUS",
            [INTERRUPT] = "INTERRUPT",
            [CONTROL] = "CONTROL",
            [BULK] = "BULK",
        };
        uint8_t event = get8(printer, packet, EVENT), transfer = get8(printer, packet, TRANSFER);
        const char *event_name = name_find(events, event);
        uint16_t bus;

        memcpy(&bus, bytes_at(printer, packet, BUS, sizeof bus), sizeof bus);
        putf(printer, " %s %s ", transfer < array_count(transfers) ? transfers[transfer] : " ?",
             event_name ? event_name : "?");
        if (event_name && transfer < array_count(transfers))
                put(printer, (event == 'S') == (transfer != INTERRUPT) ? "to " : "from ");
        putf(printer, "%u:%u:%u", bus, get8(printer, packet, DEVICE),
             get8(printer, packet, ENDPOINT) & ENDPOINT_NUMBER);
}

static void usb_print(struct printer *printer, struct packet packet, uint32_t header,
                      const char *protocol)
{
        printer->protocol = protocol;
        need_hard(printer, packet, 0, header);
        printer->link_header = header;
        put(printer, "USB");
        if (!printer->options.quiet)
                urb_print(printer, packet);
}

void usb_linux_print(struct printer *printer, struct packet packet)
{
        usb_print(printer, packet, 48, "usb_linux_48_byte");
}

void usb_linux_mapped_print(struct printer *printer, struct packet packet)
{
        usb_print(printer, packet, 64, "usb_linux_64_byte");
}
