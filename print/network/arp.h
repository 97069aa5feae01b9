/* Shared by the forms of ARP. */
#pragma once

#include "print/printer/printer.h"

enum arp_operation {
        ARP_REQUEST = 1,
        ARP_REPLY = 2,
        ARP_REVERSE_REQUEST = 3,
        ARP_REVERSE_REPLY = 4,
        ARP_INVERSE_REQUEST = 8,
        ARP_INVERSE_REPLY = 9,
        ARP_NACK = 10,
};

/* RFC 893's trailers share IPv4's addresses. */
static inline bool arp_is_ipv4(uint16_t protocol)
{
        return protocol == ETHERTYPE_IPV4 || protocol == 0x1000;
}

/* "Request ". */
void arp_operation_name_print(struct printer *printer, uint16_t operation);

/* RFC 2225: addresses of ATM have two parts, whose sizes differ between sender and target. */
void arp_atm_print(struct printer *printer, struct packet packet);
