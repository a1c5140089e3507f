# SPDX-License-Identifier: MIT
"""Frames and tags, octet by octet, from docs/rules.md."""

BROADCAST = b"\xff" * 6
LLDP = bytes.fromhex("0180c200000e")
IPV4, ETHERTYPE_LLDP = 0x0800, 0x88CC


def c_tag(vid, pcp=0, dei=0):
    return (0x8100 << 16 | pcp << 13 | dei << 12 | vid).to_bytes(4, "big")


def e_tag(channel, pcp=0, dei=0, ingress=0):
    """The 8 octets; a channel is GRP (bits 21:20), E-CID_base (19:8) and E-CID_ext (7:0)."""
    first = pcp << 13 | dei << 12 | ingress >> 8 & 0xFFF
    octets = 0x893F << 48 | first << 32 | (channel >> 8 & 0x3FFF) << 16 | (ingress & 0xFF) << 8 | channel & 0xFF
    return octets.to_bytes(8, "big")


def frame(destination, source, payload, tags=b"", ethertype=IPV4):
    return destination + source + tags + ethertype.to_bytes(2, "big") + payload


def kind(octets):
    """The class that a traffic counter counts it under."""
    if octets[:6] == BROADCAST:
        return "broadcast"
    return "multicast" if octets[0] & 1 else "unicast"


def tagged(octets, tag):
    """With a tag behind the addresses."""
    return octets[:12] + tag + octets[12:]
