/* All protocols, by the numbers that headers call them by. A row X(number, printer) declares the
 * printer and enters it in its table. Where a number is looked up, the first row that has it
 * decides; of ports, the first row that has either. */
#include "forms.h"

#include <netinet/in.h>
#include <pcap/dlt.h>

/* Rows of their own: a longer one changes no other. */
/* clang-format off */
#define LINK_TYPES(X) \
        X(DLT_EN10MB, ethernet_print) \
        X(DLT_LINUX_SLL, sll_print) \
        X(DLT_LINUX_SLL2, sll2_print) \
        X(DLT_RAW, raw_print) \
        X(DLT_IPV4, raw_print) \
        X(DLT_IPV6, raw_print) \
        X(DLT_NULL, null_print) \
        X(DLT_LOOP, null_print) \
        X(DLT_PPP_SERIAL, ppp_serial_print) \
        X(DLT_PPP, ppp_print) \
        X(DLT_PPP_ETHER, pppoe_link_print) \
        X(DLT_IEEE802_11, ieee80211_print) \
        X(DLT_IEEE802_11_RADIO, radiotap_print) \
        X(DLT_IEEE802_11_RADIO_AVS, avs_print) \
        X(DLT_PRISM_HEADER, prism_print) \
        X(DLT_PPI, ppi_print) \
        X(DLT_IEEE802_15_4, ieee802154_print) \
        X(DLT_IEEE802_15_4_NOFCS, ieee802154_print) \
        X(DLT_IEEE802_15_4_TAP, ieee802154_tap_print) \
        X(DLT_BLUETOOTH_HCI_H4_WITH_PHDR, bluetooth_print) \
        X(DLT_USB_LINUX, usb_linux_print) \
        X(DLT_USB_LINUX_MMAPPED, usb_linux_mapped_print) \
        X(DLT_FDDI, fddi_print) \
        X(DLT_IEEE802, token_ring_print) \
        X(DLT_IP_OVER_FC, ipfc_print) \
        X(DLT_APPLE_IP_OVER_IEEE1394, ieee1394_print) \
        X(DLT_IPOIB, ipoib_print) \
        X(DLT_ARCNET, arcnet_print) \
        X(DLT_ARCNET_LINUX, arcnet_linux_print) \
        X(DLT_SLIP, slip_print) \
        X(DLT_SLIP_BSDOS, slip_bsdos_print) \
        X(DLT_LTALK, localtalk_print) \
        X(DLT_SYMANTEC_FIREWALL, symantec_print) \
        X(DLT_NETANALYZER, netanalyzer_print) \
        X(DLT_NETANALYZER_TRANSPARENT, netanalyzer_transparent_print) \
        X(DLT_IPNET, ipnet_print) \
        X(DLT_VSOCK, vsock_print) \
        X(DLT_PKTAP, pktap_print) \
        X(DLT_USER2, pktap_print) \
        X(DLT_C_HDLC, chdlc_print) \
        X(DLT_HDLC, chdlc_print) \
        X(DLT_FRELAY, frame_relay_print) \
        X(DLT_PPP_PPPD, ppp_print) \
        X(DLT_PPP_BSDOS, ppp_bsdos_print) \
        X(DLT_ENC, enc_print) \
        X(DLT_PFLOG, pflog_print) \
        X(DLT_NFLOG, nflog_print) \
        X(DLT_ATM_RFC1483, atm_rfc1483_print) \
        X(DLT_ATM_CLIP, atm_clip_print) \
        X(DLT_SUNATM, sunatm_print) \
        X(DLT_MFR, multilink_frame_relay_print) \
        X(DLT_JUNIPER_ETHER, juniper_ether_print) \
        X(DLT_JUNIPER_PPP, juniper_ppp_print) \
        X(DLT_JUNIPER_PPPOE, juniper_pppoe_print) \
        X(DLT_JUNIPER_PPPOE_ATM, juniper_pppoe_atm_print) \
        X(DLT_JUNIPER_MLPPP, juniper_mlppp_print) \
        X(DLT_JUNIPER_MLFR, juniper_mlfr_print) \
        X(DLT_JUNIPER_MFR, juniper_mfr_print) \
        X(DLT_JUNIPER_FRELAY, juniper_frame_relay_print) \
        X(DLT_JUNIPER_CHDLC, juniper_chdlc_print) \
        X(DLT_JUNIPER_ATM1, juniper_atm1_print) \
        X(DLT_JUNIPER_ATM2, juniper_atm2_print) \
        X(DLT_JUNIPER_ES, juniper_es_print) \
        X(DLT_JUNIPER_GGSN, juniper_ggsn_print) \
        X(DLT_JUNIPER_SERVICES, juniper_services_print) \
        X(DLT_JUNIPER_MONITOR, juniper_monitor_print) \
        X(DLT_DSA_TAG_DSA, dsa_print) \
        X(DLT_DSA_TAG_EDSA, edsa_print) \
        X(DLT_DSA_TAG_BRCM, broadcom_print) \
        X(DLT_DSA_TAG_BRCM_PREPEND, broadcom_prepended_print)

#define ETHERTYPES(X) \
        X(ETHERTYPE_IPV4, ipv4_print) \
        X(ETHERTYPE_IPV6, ipv6_print) \
        X(ETHERTYPE_ARP, arp_print) \
        X(ETHERTYPE_RARP, arp_print) \
        X(ETHERTYPE_ATALK, appletalk_print) \
        X(FAMILY_ATALK, appletalk_family_print) \
        X(ETHERTYPE_AARP, aarp_print) \
        X(ETHERTYPE_MPLS, mpls_print) \
        X(ETHERTYPE_MPLS_MULTICAST, mpls_print) \
        X(ETHERTYPE_3COM_PPPOED, pppoe_print) \
        X(ETHERTYPE_3COM_PPPOES, pppoe_print) \
        X(ETHERTYPE_PPPOED, pppoe_print) \
        X(ETHERTYPE_PPPOES, pppoe_print) \
        X(ETHERTYPE_EAPOL, eapol_print) \
        X(ETHERTYPE_LLDP, lldp_print) \
        X(ETHERTYPE_AOE, aoe_print) \
        X(ETHERTYPE_LOOPBACK, loopback_print) \
        X(ETHERTYPE_MPCP, mpcp_print) \
        X(ETHERTYPE_CFM, cfm_print) \
        X(ETHERTYPE_OLD_CFM, cfm_print) \
        X(ETHERTYPE_PPP, ppp_ethernet_print) \
        X(ETHERTYPE_SLOW, slow_print) \
        X(ETHERTYPE_IPX, ipx_ethernet_print) \
        X(ETHERTYPE_PTP, ptp_print) \
        X(ETHERTYPE_OSI, osi_ethernet_print) \
        X(ETHERTYPE_OLD_GEONET, geonet_print) \
        X(ETHERTYPE_GEONET, geonet_print) \
        X(ETHERTYPE_CALM_FAST, calm_fast_print) \
        X(ETHERTYPE_TIPC, tipc_print) \
        X(ETHERTYPE_NSH, nsh_print) \
        X(ETHERTYPE_REALTEK, realtek_print) \
        X(ETHERTYPE_MSNLB, msnlb_print) \
        X(ETHERTYPE_DECNET, decnet_print)

#define TUNNELS(X) \
        X(ETHERTYPE_IPV4, ipv4_print) \
        X(ETHERTYPE_IPV6, ipv6_print) \
        X(ETHERTYPE_MPLS, mpls_print) \
        X(SAP_ISO, osi_print) \
        X(ETHERTYPE_ATALK, appletalk_family_print) \
        X(ETHERTYPE_IPX, ipx_print) \
        X(ETHERTYPE_BRIDGING, ethernet_print_inside) \
        X(ETHERTYPE_PPP, ppp_print_inside)

#define LLC_SAPS(X) \
        X(SAP_IP, ipv4_print) \
        X(SAP_IPX, ipx_print) \
        X(SAP_ISO, osi_print) \
        X(SAP_SPANNING_TREE, stp_print)

#define SNAP_CISCOS(X) \
        X(0x010b, stp_print) \
        X(0x010c, stp_print) \
        X(0x0111, udld_print) \
        X(0x2000, cdp_print) \
        X(0x2003, vtp_print) \
        X(0x2004, dtp_print)

#define SNAP_BRIDGEDS(X) \
        X(0x0001, ethernet_print_bridged) \
        X(0x0003, token_ring_print_bridged) \
        X(0x0004, fddi_print_bridged) \
        X(0x0007, ethernet_print_bridged) \
        X(0x0009, token_ring_print_bridged) \
        X(0x000a, fddi_print_bridged) \
        X(0x000e, stp_print)

#define SNAP_APPLES(X) \
        X(ETHERTYPE_ATALK, appletalk_print)

#define NLPIDS(X)               \
        X(0x08, osi_q933_print) \
        X(0x81, clnp_print)     \
        X(0x82, esis_print)     \
        X(0x83, isis_print)     \
        X(0x8e, osi_ipv6_print) \
        X(0xcc, osi_ipv4_print) \
        X(0xcf, osi_ppp_print)

#define PPP_PROTOCOLS(X) \
        X(PPP_IPV4, ipv4_print) \
        X(PPP_IPV6, ipv6_print) \
        X(PPP_ISO, osi_print) \
        X(PPP_IPX, ipx_print) \
        X(PPP_MPLS, mpls_print) \
        X(PPP_MPLS_MULTICAST, mpls_print) \
        X(PPP_VJ_UNCOMPRESSED, ipv4_print) \
        X(ETHERTYPE_IPV4, ipv4_print) \
        X(ETHERTYPE_IPV6, ipv6_print) \
        X(ETHERTYPE_IPX, ipx_print)

/* The frequent ones first. */
#define IP_PROTOCOLS(X) \
        X(IPPROTO_TCP, tcp_print) \
        X(IPPROTO_UDP, udp_print) \
        X(IPPROTO_ICMP, icmp_print) \
        X(IPPROTO_ICMPV6, icmp6_print) \
        X(IPPROTO_IGMP, igmp_print) \
        X(IPPROTO_IPIP, ipv4_print) \
        X(IPPROTO_IPV6, ipv6_print) \
        X(IPPROTO_GRE, gre_print) \
        X(IPPROTO_ESP, esp_print) \
        X(IPPROTO_AH, ah_print) \
        X(IPPROTO_NONE, no_next_header_print) \
        X(77, nd_print) \
        X(IPPROTO_EGP, egp_print) \
        X(9, igrp_print) \
        X(46, rsvp_print) \
        X(88, eigrp_print) \
        X(89, ospf_print) \
        X(IPPROTO_PIM, pim_print) \
        X(IPPROTO_COMP, ipcomp_print) \
        X(55, mobile_ip_print) \
        X(112, vrrp_print) \
        X(113, pgm_print) \
        X(IPPROTO_SCTP, sctp_print) \
        X(143, ethernet_ip_print) \
        X(IPPROTO_DCCP, dccp_print)

#define IGMP_TYPES(X) \
        X(0x13, dvmrp_print) \
        X(0x14, pim1_print)

/* In tcpdump's order, as either port may decide. */
#define UDP_PORTS(X) \
        X(53, dns_print) \
        X(5353, mdns_print) \
        X(525, timed_print) \
        X(69, tftp_print) \
        X(67, dhcp_print) \
        X(68, dhcp_print) \
        X(520, rip_print) \
        X(654, aodv_print) \
        X(500, isakmp_print) \
        X(4500, esp_udp_print) \
        X(7500, isakmp_print) \
        X(8500, isakmp_print) \
        X(161, snmp_print) \
        X(162, snmp_print) \
        X(123, ntp_print) \
        X(88, kerberos_print) \
        X(750, kerberos_print) \
        X(1701, l2tp_print) \
        X(TO_PORT(3456), vat_print) \
        X(2103, zephyr_print) \
        X(2104, zephyr_print) \
        X(7000, rx_print) \
        X(7001, rx_print) \
        X(7002, rx_print) \
        X(7003, rx_print) \
        X(7004, rx_print) \
        X(7005, rx_print) \
        X(7006, rx_print) \
        X(7007, rx_print) \
        X(7008, rx_print) \
        X(7009, rx_print) \
        X(521, ripng_print) \
        X(546, dhcp6_print) \
        X(547, dhcp6_print) \
        X(5359, ahcp_print) \
        X(6696, babel_print) \
        X(6697, babel_print) \
        X(8231, hncp_print) \
        X(TO_PORT(4567), wb_print) \
        X(496, auto_rp_print) \
        X(1645, radius_print) \
        X(1646, radius_print) \
        X(1700, radius_print) \
        X(1812, radius_print) \
        X(1813, radius_print) \
        X(3799, radius_print) \
        X(TO_PORT(1985), hsrp_print) \
        X(921, lwres_print) \
        X(646, ldp_print) \
        X(698, olsr_print) \
        X(3503, lsp_ping_print) \
        X(FROM_PORT(49152), bcm_li_print) \
        X(TO_PORT(3784), bfd_print) \
        X(TO_PORT(4784), bfd_multihop_print) \
        X(TO_PORT(6784), bfd_lag_print) \
        X(TO_PORT(3785), bfd_echo_print) \
        X(701, lmp_print) \
        X(1589, vqp_print) \
        X(6343, sflow_print) \
        X(TO_PORT(12223), lwapp_to_control_print) \
        X(12223, lwapp_from_control_print) \
        X(12222, lwapp_data_print) \
        X(5060, sip_print) \
        X(514, syslog_print) \
        X(8472, otv_print) \
        X(4789, vxlan_print) \
        X(6081, geneve_print) \
        X(4342, lisp_print) \
        X(4790, vxlan_gpe_print) \
        X(17754, zep_print) \
        X(6635, mpls_print) \
        X(RPC_NFS, nfs_print) \
        X(UDP_KIP, kip_print) \
        X(30490, someip_print) \
        X(319, ptp_print) \
        X(320, ptp_print)

#define TCP_PORTS(X) \
        X(23, telnet_print) \
        X(22, ssh_print) \
        X(25, smtp_print) \
        X(179, bgp_print) \
        X(6633, openflow_print) \
        X(6653, openflow_print) \
        X(21, ftp_print) \
        X(43, whois_print) \
        X(80, http_print) \
        X(8080, http_print) \
        X(554, rtsp_print) \
        X(1723, pptp_print) \
        X(6379, resp_print) \
        X(8554, rtsp_print) \
        X(10288, beep_print) \
        X(53, dns_tcp_print) \
        X(639, msdp_print) \
        X(323, rpki_rtr_print) \
        X(646, ldp_print) \
        X(RPC_NFS, nfs_record_print)

#define FORCED_TYPES(X) \
        X(PRINT_TYPE_CNFP, cnfp_print) \
        X(PRINT_TYPE_DOMAIN, dns_print) \
        X(PRINT_TYPE_AODV, aodv_print) \
        X(PRINT_TYPE_LMP, lmp_print) \
        X(PRINT_TYPE_PGM, pgm_print) \
        X(PRINT_TYPE_PGM_ZMTP1, pgm_print) \
        X(PRINT_TYPE_PTP, ptp_print) \
        X(PRINT_TYPE_RPC, sunrpc_print) \
        X(PRINT_TYPE_RADIUS, radius_print) \
        X(PRINT_TYPE_SNMP, snmp_print) \
        X(PRINT_TYPE_TFTP, tftp_print) \
        X(PRINT_TYPE_VXLAN, vxlan_print) \
        X(PRINT_TYPE_WB, wb_print) \
        X(PRINT_TYPE_RTP, rtp_print) \
        X(PRINT_TYPE_RTCP, rtcp_print) \
        X(PRINT_TYPE_VAT, vat_print) \
        X(PRINT_TYPE_SOMEIP, someip_print)

#define FORCED_TCP_TYPES(X) \
        X(PRINT_TYPE_DOMAIN, dns_tcp_print) \
        X(PRINT_TYPE_RESP, resp_print) \
        X(PRINT_TYPE_ZMTP1, zmtp1_print)

#define FORCED_PGM_TYPES(X) \
        X(PRINT_TYPE_PGM_ZMTP1, zmtp1_datagram_print)

#define LOWER_SPACES(X) \
        X(LINK_TYPE, LINK_TYPES) \
        X(ETHERTYPE, ETHERTYPES) \
        X(TUNNEL, TUNNELS) \
        X(LLC_SAP, LLC_SAPS) \
        X(SNAP_CISCO, SNAP_CISCOS) \
        X(SNAP_BRIDGED, SNAP_BRIDGEDS) \
        X(SNAP_APPLE, SNAP_APPLES) \
        X(NLPID, NLPIDS)                                                                           \
        X(PPP_PROTOCOL, PPP_PROTOCOLS) \
        X(IP_PROTOCOL, IP_PROTOCOLS) \
        X(IGMP_TYPE, IGMP_TYPES) \
        X(FORCED_TYPE, FORCED_TYPES) \
        X(FORCED_TCP_TYPE, FORCED_TCP_TYPES) \
        X(FORCED_PGM_TYPE, FORCED_PGM_TYPES)

#define SPACES(X) \
        LOWER_SPACES(X) \
        X(UDP_PORT, UDP_PORTS) \
        X(TCP_PORT, TCP_PORTS)

/* What tcpdump does not print, and where it is more than it prints: rows X(fits, printer) of what is
 * known by its look, which come first, and of ports, which come last. */
#define TCP_CONTENTS(X) \
        X(tls_fits, tls_print) \
        X(http2_fits, http2_print) \
        X(ssh_fits, ssh_packets_print)

#define UDP_CONTENTS(X) \
        X(quic_fits, quic_print) \
        X(wireguard_fits, wireguard_print) \
        X(vxlan_fits, vxlan_print)

#define MORE_TCP_PORTS(X) \
        X(443, tls_print) \
        X(8443, tls_print) \
        X(465, tls_print) \
        X(563, tls_print) \
        X(636, tls_print) \
        X(853, tls_print) \
        X(989, tls_print) \
        X(990, tls_print) \
        X(992, tls_print) \
        X(993, tls_print) \
        X(995, tls_print) \
        X(5061, tls_print) \
        X(6443, tls_print) \
        X(8883, tls_print) \
        X(1883, mqtt_print) \
        X(3306, mysql_print) \
        X(5432, postgresql_print) \
        X(9092, kafka_print)

#define MORE_UDP_PORTS(X) \
        X(2152, gtp_print)

#define DECLARE(number, printer) protocol_printer printer;
#define DECLARE_ALL(space, rows) rows(DECLARE)
SPACES(DECLARE_ALL)
MORE_TCP_PORTS(DECLARE)
MORE_UDP_PORTS(DECLARE)

#define DECLARE_CONTENT(fits, printer) \
        bool fits(struct packet payload, uint16_t source, uint16_t destination); \
        protocol_printer printer;
TCP_CONTENTS(DECLARE_CONTENT)
UDP_CONTENTS(DECLARE_CONTENT)

#define ROW(number, printer) {number, printer},
#define TABLE(space, rows) [space] = (const struct protocol[]){rows(ROW) {0, NULL}},
const struct protocol *const tcpdump_protocols[NUMBER_SPACES] = {SPACES(TABLE)};

#define ALL_UDP_PORTS(X) UDP_PORTS(X) MORE_UDP_PORTS(X)
#define ALL_TCP_PORTS(X) TCP_PORTS(X) MORE_TCP_PORTS(X)
const struct protocol *const protocols[NUMBER_SPACES] = {
        LOWER_SPACES(TABLE)
        TABLE(UDP_PORT, ALL_UDP_PORTS)
        TABLE(TCP_PORT, ALL_TCP_PORTS)
};

const struct content tcp_contents[] = {TCP_CONTENTS(ROW) {NULL, NULL}};
const struct content udp_contents[] = {UDP_CONTENTS(ROW) {NULL, NULL}};
const struct content no_contents[] = {{NULL, NULL}};
