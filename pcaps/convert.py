"""Other forms of a classic pcap file. Run by pcaps/make.

  convert.py swap IN OUT        the same packets, headers in the other byte order
  convert.py cut IN WHERE OUT   cut in the middle of the last record's `data` or `record-header`, or of
                                the `file-header`
  convert.py oversize IN OUT    the last record claims 2 GiB of data
"""
import struct
import sys

FILE_HEADER, RECORD_HEADER = 24, 16


def records(data):
    """Offsets of the records' headers, and the byte order of the file."""
    order = "<" if data[0] in (0xD4, 0x4D) else ">"
    offsets, offset = [], FILE_HEADER
    while offset < len(data):
        offsets.append(offset)
        offset += RECORD_HEADER + struct.unpack_from(order + "I", data, offset + 8)[0]
    return offsets, order


def swap(data):
    offsets, order = records(data)
    other = ">" if order == "<" else "<"
    out = bytearray(data)
    struct.pack_into(other + "IHHiIII", out, 0, *struct.unpack_from(order + "IHHiIII", data))
    for offset in offsets:
        struct.pack_into(other + "IIII", out, offset, *struct.unpack_from(order + "IIII", data, offset))
    return out


def cut(data, where):
    last = records(data)[0][-1]
    end = {"data": last + RECORD_HEADER + 20, "record-header": last + 9, "file-header": 13}[where]
    return data[:end]


def oversize(data):
    offsets, order = records(data)
    out = bytearray(data)
    struct.pack_into(order + "II", out, offsets[-1] + 8, 0x7FFFFFFF, 0x7FFFFFFF)
    return out


if __name__ == "__main__":
    _, action, source, *options, target = sys.argv
    with open(source, "rb") as handle:
        result = {"swap": swap, "cut": cut, "oversize": oversize}[action](handle.read(), *options)
    with open(target, "wb") as handle:
        handle.write(result)
