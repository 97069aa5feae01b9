#include "arp.h"

static const struct name operations[] = {
    {ARP_REQUEST, "Request"},
    {ARP_REPLY, "Reply"},
    {ARP_REVERSE_REQUEST, "Reverse Request"},
    {ARP_REVERSE_REPLY, "Reverse Reply"},
    {ARP_INVERSE_REQUEST, "Inverse Request"},
    {ARP_INVERSE_REPLY, "Inverse Reply"},
    {ARP_NACK, "NACK Reply"},
    {0, NULL},
};

void arp_operation_name_print(struct printer *printer, uint16_t operation)
{
        put_name(printer, operations, "Unknown (%u)", operation);
        put_char(printer, ' ');
}
