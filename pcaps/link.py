"""Link layers that this kernel may lack, in user space. Run by pcaps/make, as root.

  link.py tags INTERFACE DEVICE TPID:ID[:PRIORITY]...   a TAP device whose frames cross INTERFACE with
                                                        these 802.1Q or 802.1ad tags, outermost first
  link.py tunnel NAMESPACE1 NAMESPACE2 DEVICE           a TUN device in each, joined
"""
import ctypes
import fcntl
import os
import select
import socket
import struct
import sys

TUNSETIFF, IFF_TUN, IFF_TAP, IFF_NO_PI = 0x400454CA, 1, 2, 0x1000
ETH_P_ALL, SOL_PACKET, PACKET_AUXDATA, PACKET_OUTGOING = 3, 263, 8, 4
TP_STATUS_VLAN_VALID, TP_STATUS_VLAN_TPID_VALID = 1 << 4, 1 << 6
CLONE_NEWNET = 0x40000000
FRAME = 65536


def tun(name, flags):
    device = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", name.encode(), flags | IFF_NO_PI))
    return device


def receive_whole(packets):
    """The next frame that came in, with the tag the kernel strips put back; None for others."""
    frame, ancillary, _, address = packets.recvmsg(FRAME, 256)
    if address[2] == PACKET_OUTGOING:
        return None
    for level, kind, data in ancillary:
        if (level, kind) != (SOL_PACKET, PACKET_AUXDATA):
            continue
        status, _, _, _, _, tci, tpid = struct.unpack("IIIHHHH", data[:20])
        if status & TP_STATUS_VLAN_VALID:
            if not status & TP_STATUS_VLAN_TPID_VALID:
                tpid = 0x8100
            frame = frame[:12] + struct.pack("!HH", tpid, tci) + frame[12:]
    return frame


def tags(interface, device, *texts):
    tagging = b""
    for text in texts:
        tpid, identifier, *priority = (int(part, 0) for part in text.split(":"))
        tagging += struct.pack("!HH", tpid, (priority[0] if priority else 0) << 13 | identifier)
    end = 12 + len(tagging)

    packets = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    packets.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    packets.bind((interface, ETH_P_ALL))
    tap = tun(device, IFF_TAP)
    while True:
        for ready in select.select([tap, packets], [], [])[0]:
            if ready == tap:
                frame = os.read(tap, FRAME)
                packets.send(frame[:12] + tagging + frame[12:])
                continue
            frame = receive_whole(packets)
            if frame and frame[12:end] == tagging:
                os.write(tap, frame[:12] + frame[end:])


def tunnel(namespace1, namespace2, device):
    libc = ctypes.CDLL(None, use_errno=True)
    ends = []
    for namespace in namespace1, namespace2:
        with open("/run/netns/" + namespace) as handle:
            if libc.setns(handle.fileno(), CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "setns", namespace)
        ends.append(tun(device, IFF_TUN))
    while True:
        for ready in select.select(ends, [], [])[0]:
            os.write(ends[1 - ends.index(ready)], os.read(ready, FRAME))


if __name__ == "__main__":
    {"tags": tags, "tunnel": tunnel}[sys.argv[1]](*sys.argv[2:])
