; IPv4 pings and other ICMP, over Ethernet: what filt -d --format asm icmp prints, by hand.
        ldh [12]
        jne #0x800, drop        ; IPv4?
        ldb [23]
        jne #1, drop            ; ICMP?
        ret #262144
drop:   ret #0
