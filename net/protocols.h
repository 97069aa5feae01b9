/* Numbers of protocols. Those of IP are in <netinet/in.h>. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* https://www.iana.org/assignments/ieee-802-numbers */
enum {
        ETHERTYPE_OLD_GEONET = 0x0707,
        ETHERTYPE_IPV4 = 0x0800,
        ETHERTYPE_ARP = 0x0806,
        ETHERTYPE_CALM_FAST = 0x1111,
        ETHERTYPE_MOPDL = 0x6001,
        ETHERTYPE_MOPRC = 0x6002,
        ETHERTYPE_DECNET = 0x6003,
        ETHERTYPE_LAT = 0x6004,
        ETHERTYPE_SCA = 0x6007,
        ETHERTYPE_BRIDGING = 0x6558, /* an Ethernet frame in a tunnel */
        ETHERTYPE_RARP = 0x8035,
        ETHERTYPE_ATALK = 0x809b,
        ETHERTYPE_AARP = 0x80f3,
        ETHERTYPE_VLAN = 0x8100,
        ETHERTYPE_IPX = 0x8137,
        ETHERTYPE_IPV6 = 0x86dd,
        ETHERTYPE_PPP = 0x880b,
        ETHERTYPE_MPCP = 0x8808, /* MAC control */
        ETHERTYPE_SLOW = 0x8809, /* slow protocols: LACP, OAM */
        ETHERTYPE_MPLS = 0x8847,
        ETHERTYPE_MPLS_MULTICAST = 0x8848,
        ETHERTYPE_3COM_PPPOED = 0x3c12,
        ETHERTYPE_3COM_PPPOES = 0x3c13,
        ETHERTYPE_PPPOED = 0x8863,
        ETHERTYPE_PPPOES = 0x8864,
        ETHERTYPE_REALTEK = 0x8899,
        ETHERTYPE_AOE = 0x88a2,
        ETHERTYPE_PROVIDER_VLAN = 0x88a8,
        ETHERTYPE_JUMBO = 0x8870, /* LLC follows, in a frame too long for a length */
        ETHERTYPE_MSNLB = 0x886f, /* Microsoft's network load balancing */
        ETHERTYPE_EAPOL = 0x888e,
        ETHERTYPE_TIPC = 0x88ca,
        ETHERTYPE_LLDP = 0x88cc,
        ETHERTYPE_MACSEC = 0x88e5,
        ETHERTYPE_PTP = 0x88f7,
        ETHERTYPE_CFM = 0x8902,
        ETHERTYPE_IEEE1905 = 0x893a,
        ETHERTYPE_NSH = 0x894f,
        ETHERTYPE_GEONET = 0x8947,
        ETHERTYPE_LOOPBACK = 0x9000,
        ETHERTYPE_OLD_PROVIDER_VLAN = 0x9100,
        ETHERTYPE_OLD_PROVIDER_VLAN_2 = 0x9200,

        ETHERTYPE_OLD_CFM = 0xabcd,
        ETHERTYPE_ARISTA = 0xd28b,
        ETHERTYPE_OSI = 0xfefe,

        /* Up to this the field holds the length of an 802.3 frame instead. */
        ETHERNET_MAX_LENGTH = 1500,
};

/* Tells IPv6's extension headers whose length counts units of eight bytes (0, 43, 60, 135, 139 and
 * 140) from all other numbers but 44 and 51 by two operations: no bit of EXTENSION_OTHERS is set in
 * the number's product with EXTENSION_FACTOR. These were found by trying. The factor is odd, so the
 * product of that with EXTENSION_UNDO is the number again, in 32 bits. */
#define EXTENSION_FACTOR 0x1b2c3u
#define EXTENSION_OTHERS 0xff12100au
#define EXTENSION_UNDO 0x65f0debu

/* Service access points of 802.2. They share the number space of the EtherTypes. */
enum {
        SAP_IP = 0x06,
        SAP_SPANNING_TREE = 0x42,
        SAP_SNAP = 0xaa,
        SAP_IPX = 0xe0,
        SAP_NETBEUI = 0xf0,
        SAP_ISO = 0xfe,
};

/* https://www.iana.org/assignments/ppp-numbers */
enum {
        PPP_IPV4 = 0x0021,
        PPP_ISO = 0x0023,
        PPP_XNS = 0x0025,
        PPP_DECNET = 0x0027,
        PPP_ATALK = 0x0029,
        PPP_IPX = 0x002b,
        PPP_VJ_UNCOMPRESSED = 0x002f, /* of Van Jacobson's TCP/IP headers: as they are */
        PPP_BRIDGING = 0x0031,
        PPP_IPV6 = 0x0057,
        PPP_MPLS = 0x0281,
        PPP_MPLS_MULTICAST = 0x0283,
};

/* Whether the EtherType announces a VLAN tag. */
static inline bool net_is_vlan(uint32_t ethertype)
{
        return ethertype == ETHERTYPE_VLAN || ethertype == ETHERTYPE_PROVIDER_VLAN ||
               ethertype == ETHERTYPE_OLD_PROVIDER_VLAN ||
               ethertype == ETHERTYPE_OLD_PROVIDER_VLAN_2;
}
