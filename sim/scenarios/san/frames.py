#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the captures of the SAN scenario: two adapters log in to two fabrics with FIP (FC-BB-5/6, EtherType 0x8914), are
given addresses by them, and exchange FCoE frames (EtherType 0x8906) of up to 2,240 octets at priority 3.

Only the Ethernet and VLAN headers mean anything to the machine; what FIP and FCoE carry is as long as it would be."""

import struct
from pathlib import Path

PRIORITY = 3
FIP, FCOE, C_TAG, E_TAG = 0x8914, 0x8906, 0x8100, 0x893F
ALL_FCFS = bytes.fromhex("011018010002")
LONGEST = 2240

# Fabric: VLAN, channel, the adapter's own address, the forwarder's, and what the fabric provides at log-in (FC-MAP, FC id).
FABRICS = {
    "a": (1001, 20, "525400000a01", "0011220000a1", "0efc00010a01"),
    "b": (1002, 21, "525400000b01", "0011220000b1", "0efc00020b01"),
}


def frame(to, source, vlan, ethertype, octets, channel=None):
    """A frame of so many octets; behind an E-TAG if it comes from a link."""
    tag = b""
    if channel is not None:
        tag = struct.pack("!HHHH", E_TAG, PRIORITY << 13, channel, 0)
    header = to + source + tag + struct.pack("!HHH", C_TAG, PRIORITY << 13 | vlan, ethertype)
    return header + bytes(octets - len(header) + len(tag))


def write(name, frames):
    """A capture of (microseconds, frame), to the nanosecond."""
    with open(Path(__file__).with_name(name), "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, 1))
        for microseconds, octets in frames:
            at = round(microseconds * 1000)
            length = len(octets)
            file.write(struct.pack("<IIII", at // 10**9, at % 10**9, length, length) + octets)


for name, (vlan, channel, own, forwarder, provided) in FABRICS.items():
    own, forwarder, provided = map(bytes.fromhex, (own, forwarder, provided))
    up = [
        (0, frame(ALL_FCFS, own, vlan, FIP, 64)),  # discovery solicitation
        (4, frame(forwarder, own, vlan, FIP, 198)),  # FLOGI
        (7, frame(forwarder, provided, vlan, FCOE, 96)),  # too early: nobody has been given this address yet
    ]
    up += [(20 + 4 * n, frame(forwarder, provided, vlan, FCOE, LONGEST - 17 * n)) for n in range(12)]
    up += [(80, frame(forwarder, provided, vlan, FCOE, 96))]  # too late: logged out
    down = [
        (2, frame(own, forwarder, vlan, FIP, LONGEST, channel)),  # advertisement, padded to the longest frame
        (6, frame(own, forwarder, vlan, FIP, 198, channel)),  # FLOGI accepted
    ]
    down += [(20 + 4 * n, frame(provided, forwarder, vlan, FCOE, LONGEST - 31 * n, channel)) for n in range(12)]
    write(f"host_{name}.pcap", up)
    write(f"fabric_{name}.pcap", down)
