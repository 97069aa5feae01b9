/* pcapng: numbers of the format, for its reader and its writer. draft-ietf-opsawg-pcapng. */
#pragma once

enum {
        BLOCK_SECTION = 0x0a0d0d0a,
        BLOCK_INTERFACE = 1,
        BLOCK_OBSOLETE_PACKET = 2,
        BLOCK_SIMPLE_PACKET = 3,
        BLOCK_ENHANCED_PACKET = 6,

        BYTE_ORDER_MAGIC = 0x1a2b3c4d,

        BLOCK_HEADER = 8,    /* type, total length */
        BLOCK_OVERHEAD = 12, /* and the total length again at the end */

        SECTION_BODY = 16,  /* magic, version, section length; then options */
        INTERFACE_BODY = 8, /* link type, reserved, snapshot length; then options */
        PACKET_BODY = 20,   /* interface, time, lengths; then the packet, then options */
        SIMPLE_PACKET_BODY = 4,

        OPTION_END = 0,
        OPTION_TIME_RESOLUTION = 9,
        OPTION_TIME_OFFSET = 14,
};
