# SPDX-License-Identifier: MIT
"""The printed machine on buses that nobody here wrote: link 0 is an extender's, with ports 0 to 3; link 1 a bridge's, with
virtual ports 4 to 7 and group 1."""

import cocotb
from cocotb.triggers import ClockCycles
from cocotbext.axi import AxiResp

from bench import Bench
from frames import BROADCAST, ETHERTYPE_LLDP, LLDP, c_tag, e_tag, frame, tagged

EXTENDER, BRIDGE = 0, 1
PORTS = 8
CONTROL_PORT = 1 << PORTS
# Kinds of stream ids (docs/pipeline.md, section 2).
GROUP, LINK_CONTROL, PORT_CONTROL = 1 << 6, 2 << 6, 3 << 6

MAXIMUM = 400
DEFAULT_PRIORITY = 5
PVID = 1
CHECKED, TRUSTING = 1, 2  # Extender's ports.
VIRTUAL = 5  # A bridge's port that checks its sources.
BOUND = bytes.fromhex("02a0b0c0d0e1")
STRANGER = bytes.fromhex("02a0b0c0d0e2")
PEER = bytes.fromhex("02f000000001")
MANY = bytes.fromhex("01005e000001")
EVERYONE = 1 << 20 | 0x23456  # GRP 1: a group's channel, with base and extension.
NOWHERE = 0x07777


def channel(port):
    """A port's own: base and extension differ, so a mix-up shows."""
    return 0x123 + port << 8 | 0x40 + port


def link_of(port):
    return EXTENDER if port < 4 else BRIDGE


async def programmed(dut, seed, paused):
    """A bench whose machine has its tables."""
    bench = Bench(dut, seed)
    await bench.reset()
    await bench.ready()
    if paused:
        bench.pause()
    m = bench.map
    for link, role in (EXTENDER, m.ROLE_EXTENDER), (BRIDGE, m.ROLE_BRIDGE):
        row = m.word("LINK", enabled=1, role=role, family=m.FAMILY_E_TAG, maximum=MAXIMUM)
        await bench.write(m.LINK + 4 * link, row)
    await bench.seed()
    for port in range(PORTS):
        fields = dict(enabled=1, link=link_of(port), channel=channel(port), maximum=MAXIMUM, pvid=PVID)
        checks = int(port in (CHECKED, VIRTUAL))
        trusts = int(port == TRUSTING)
        fields |= dict(check_source=checks, guard_reserved=checks, trust_priority=trusts)
        await bench.put("PORT", port, default_priority=DEFAULT_PRIORITY, **fields)
        await bench.join(link_of(port), channel(port), [port])
    await bench.put("GROUP", 1, enabled=1, link=BRIDGE, channel=EVERYONE, default_priority=3)
    await bench.join(EXTENDER, EVERYONE, [0, 2, 3])
    for port, vlan in (CHECKED, PVID), (CHECKED, 7), (VIRTUAL, PVID):
        await bench.bind(port, BOUND, vlan)
    for other in range(12):
        await bench.bind(CHECKED, bytes.fromhex("0600000000") + bytes([other]), PVID)
    return bench


def payload(bench, step):
    """Lengths that put a frame's end at every place in a beat."""
    return bench.random.randbytes(46 + step * 7 % 130)


def encapsulate(bench, step):
    """One frame of each fate at the ports."""
    m = bench.map
    forwarded = m.DISPOSITION_FORWARDED

    def enters(tid, entity, octets, disposition, tag=b"", user=0, link=EXTENDER, bad=False, sent_user=0):
        bench.send(bench.s_port, octets, tid, sent_user, bad)
        bench.count(entity, octets)
        bench.dispose(entity, disposition)
        if disposition in (forwarded, m.REASON_FRAME_ERROR):
            out = tagged(octets, tag)
            bench.expect(bench.m_link, out, user, link, bad=bad)
            if not bad:
                bench.count(m.ENTITY_LINK_OUT + link, out)

    def port(number, octets, disposition=forwarded, pcp=DEFAULT_PRIORITY, dei=0, bad=False):
        tag = e_tag(channel(number), pcp, dei)
        enters(number, m.ENTITY_PORT_IN + number, octets, disposition, tag, pcp << 1 | dei << 4, bad=bad)

    # Untagged and tagged by the host; who trusts the host takes its priority.
    port(0, frame(PEER, STRANGER, payload(bench, step)))
    port(0, frame(MANY, STRANGER, payload(bench, step + 1), c_tag(9, pcp=6, dei=1)))
    port(TRUSTING, frame(BROADCAST, STRANGER, payload(bench, step + 2), c_tag(9, pcp=6, dei=1)), pcp=6, dei=1)
    port(TRUSTING, frame(PEER, STRANGER, payload(bench, step + 3)))
    # Bound sources pass, in their VLANs alone.
    port(CHECKED, frame(PEER, BOUND, payload(bench, step + 4)))
    port(CHECKED, frame(PEER, BOUND, payload(bench, step + 5), c_tag(7)))
    port(CHECKED, frame(PEER, BOUND, payload(bench, step + 6), c_tag(8)), m.REASON_SOURCE_UNBOUND)
    port(CHECKED, frame(PEER, STRANGER, payload(bench, step + 7)), m.REASON_SOURCE_UNBOUND)
    # Tags are the machine's to write.
    forged = e_tag(channel(3))
    port(CHECKED, frame(PEER, BOUND, payload(bench, step + 8), forged), m.REASON_TAG_PRESENT)
    port(0, frame(PEER, STRANGER, payload(bench, step + 9), c_tag(9) + forged), m.REASON_TAG_PRESENT)
    port(CHECKED, frame(LLDP, BOUND, payload(bench, step), ethertype=ETHERTYPE_LLDP), m.REASON_RESERVED_ADDRESS)
    port(0, PEER + STRANGER[:1], m.REASON_RUNT)
    port(3, frame(PEER, STRANGER, payload(bench, step + 10)), m.REASON_FRAME_ERROR, bad=True)
    # A bridge's group: the copy must not go back to the port that it came from.
    for source, ingress in (6, channel(6)), (0, 0), (127, 0):
        octets = frame(MANY, STRANGER, payload(bench, step + source))
        enters(
            GROUP | 1, m.ENTITY_GROUP_IN + 1, octets, forwarded, e_tag(EVERYONE, 3, 0, ingress), 3 << 1, BRIDGE,
            sent_user=source << 5,
        )
    # The control plane: on a link as it is, and with a port's tag.
    octets = frame(LLDP, PEER, payload(bench, step + 11), ethertype=ETHERTYPE_LLDP)
    enters(LINK_CONTROL | BRIDGE, m.ENTITY_CONTROL_IN, octets, forwarded, b"", 4 << 1, BRIDGE, sent_user=4 << 1)
    tag = e_tag(channel(CHECKED), DEFAULT_PRIORITY)
    enters(PORT_CONTROL | CHECKED, m.ENTITY_CONTROL_IN, octets, forwarded, tag, DEFAULT_PRIORITY << 1)


def decapsulate(bench, step):
    """One frame of each fate at the links."""
    m = bench.map
    forwarded = m.DISPOSITION_FORWARDED

    def enters(link, octets, tag, disposition=forwarded, members=(), user=0, bad=False, at=None):
        """`at`: the virtual port that counts the drop, and why."""
        whole = tagged(octets, tag)
        bench.send(bench.s_link, whole, link, 0, bad)
        bench.count(m.ENTITY_LINK_IN + link, whole)
        bench.dispose(m.ENTITY_LINK_IN + link, disposition)
        if at:
            bench.dispose(m.ENTITY_PORT_OUT + at[0], at[1])
        if members:
            bench.expect(bench.m_port, octets, user, sum(1 << it for it in members), 0, bad)
            for member in () if bad else members:
                bench.count(m.ENTITY_PORT_OUT + member, octets)

    def any_frame(extra, destination=PEER, source=STRANGER, tags=b""):
        return frame(destination, source, payload(bench, step + extra), tags)

    # To one port, and to a group's members but the one that it came from.
    enters(EXTENDER, any_frame(0), e_tag(channel(3), 6, 1), members=[3], user=6 << 1 | 1 << 4)
    enters(EXTENDER, any_frame(1, tags=c_tag(9, 3)), e_tag(channel(0), 2), members=[0], user=2 << 1)
    enters(EXTENDER, any_frame(2, MANY), e_tag(EVERYONE), members=[0, 2, 3])
    enters(EXTENDER, any_frame(3, BROADCAST), e_tag(EVERYONE, 7, 0, channel(2)), members=[0, 3], user=7 << 1)
    enters(EXTENDER, any_frame(4), e_tag(channel(2), 0, 0, channel(2)), m.REASON_PRUNED)
    enters(EXTENDER, any_frame(5), e_tag(NOWHERE), m.REASON_CHANNEL_MISS)
    # A channel is known on its own link alone.
    enters(BRIDGE, any_frame(6), e_tag(channel(3)), m.REASON_CHANNEL_MISS)
    enters(EXTENDER, any_frame(7), b"", m.REASON_TAG_ABSENT)
    enters(EXTENDER, any_frame(8), e_tag(channel(0)), m.REASON_FRAME_ERROR, [0], bad=True)
    # Between bridge and extender, untagged: to the control port.
    octets = frame(LLDP, PEER, payload(bench, step + 9), ethertype=ETHERTYPE_LLDP)
    bench.send(bench.s_link, octets, BRIDGE)
    bench.expect(bench.m_port, octets, 0, CONTROL_PORT, LINK_CONTROL | BRIDGE)
    bench.count(m.ENTITY_LINK_IN + BRIDGE, octets)
    bench.count(m.ENTITY_CONTROL_OUT, octets)
    bench.dispose(m.ENTITY_LINK_IN + BRIDGE, m.DISPOSITION_CONTROL)
    # At a bridge: to the virtual port, which checks the host's frame.
    enters(BRIDGE, any_frame(10), e_tag(channel(4), 1), members=[4], user=1 << 1)
    enters(BRIDGE, any_frame(11, source=BOUND), e_tag(channel(VIRTUAL)), members=[VIRTUAL])
    unbound, present = (VIRTUAL, m.REASON_SOURCE_UNBOUND), (VIRTUAL, m.REASON_TAG_PRESENT)
    enters(BRIDGE, any_frame(12), e_tag(channel(VIRTUAL)), m.DISPOSITION_AT_PORT, at=unbound)
    forged = any_frame(13, source=BOUND, tags=e_tag(channel(4)))
    enters(BRIDGE, forged, e_tag(channel(VIRTUAL)), m.DISPOSITION_AT_PORT, at=present)


@cocotb.test()
@cocotb.parametrize(paused=[False, True])
async def frames_meet_their_fates_in_both_directions_and_are_counted(dut, paused):
    bench = await programmed(dut, seed=1 + paused, paused=paused)
    for step in range(4):
        encapsulate(bench, step * 23)
        decapsulate(bench, step * 19)
    await bench.check_frames()
    await bench.check_counters()


@cocotb.test()
@cocotb.parametrize(paused=[False, True])
async def registers_and_rows_read_back_and_the_rest_is_refused(dut, paused):
    bench = Bench(dut, seed=3)
    m = bench.map
    await bench.reset()
    if paused:
        bench.pause()
    assert await bench.read(m.MAGIC) == m.MAGIC_RESET
    assert await bench.read(m.VERSION) == m.VERSION_RESET
    assert await bench.read(m.WIDTH) == 8 * bench.octets
    assert await bench.read(m.PORTS) == PORTS
    # Outside the map, and what cannot be read or written.
    for outside in m.SPACE - 4, m.STATUS + 4, m.LINK + 4 * 2:
        assert await bench.read(outside, AxiResp.SLVERR) == 0
        await bench.write(outside, 1, AxiResp.SLVERR)
    assert await bench.read(m.OP, AxiResp.SLVERR) == 0
    await bench.write(m.MAGIC, 0, AxiResp.SLVERR)
    # Strobes select octets.
    await bench.write(m.STAGE + 4, 0x11223344)
    await bench.write(m.STAGE + 5, 0xAABB, octets=2)
    assert await bench.read(m.STAGE + 4) == 0x11AABB44
    # Tables wait for the sweep.
    await bench.op("CLEAR", "PORT", 0, answer=AxiResp.SLVERR)
    await bench.write(m.SNAPSHOT, 0, AxiResp.SLVERR)
    await bench.ready()
    await bench.seed()
    way, row = await bench.join(BRIDGE, EVERYONE, [1, 7])
    await bench.write(m.STAGE, 0)
    fetched = await bench.fetch("CHANNEL", row, way)
    assert fetched == m.row("ROW_CHANNEL", valid=1, link=BRIDGE, channel=EVERYONE, members=0x82), fetched
    await bench.op("CLEAR", "CHANNEL", row, way)
    assert not any(await bench.fetch("CHANNEL", row, way))
    for refused in dict(table="PORT", row=PORTS), dict(table="TRAFFIC", row=0), dict(table="CHANNEL", row=64):
        await bench.op("WRITE", **refused, answer=AxiResp.SLVERR)


@cocotb.test()
async def reset_in_the_middle_of_traffic_leaves_nothing_behind(dut):
    bench = await programmed(dut, seed=4, paused=True)
    for step in range(3):
        encapsulate(bench, step)
        decapsulate(bench, step)
    await ClockCycles(dut.clk, 150)
    assert not bench.m_link.empty(), "no frame has left yet"
    for channel_ in bench.s_port, bench.s_link:
        channel_.clear()
    dut.rst.value = 1
    await ClockCycles(dut.clk, 2)
    for sink in bench.m_link, bench.m_port:
        sink.clear()
    dut.rst.value = 0
    await ClockCycles(dut.clk, 2)
    await bench.ready()
    bench.expected = {sink: [] for sink in bench.expected}
    bench.traffic.clear()
    bench.dispositions.clear()
    # Links are off again: a frame is dropped and counted, and is the only one.
    octets = frame(PEER, BOUND, bytes(50))
    bench.send(bench.s_port, octets, 0)
    bench.count(bench.map.ENTITY_PORT_IN, octets)
    bench.dispose(bench.map.ENTITY_PORT_IN, bench.map.REASON_PORT_DISABLED)
    await bench.check_counters()
