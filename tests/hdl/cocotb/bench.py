# SPDX-License-Identifier: MIT
"""The bench: cocotbext-axi's sources, sinks and master at the machine's pins, and software's view through them. All that
moves on a bus is moved by those classes."""

import itertools
import logging
import os
import random
from collections import Counter

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, with_timeout
from cocotbext.axi import (
    AxiLiteBus,
    AxiLiteMaster,
    AxiResp,
    AxiStreamBus,
    AxiStreamFrame,
    AxiStreamSink,
    AxiStreamSource,
)

import frames
from placement import Placement, binding_key, channel_key
from printed import Map

NS = 4  # A clock's period.


class Bench:
    """A machine, its buses, and what should leave it and be counted."""

    def __init__(self, dut, seed):
        self.dut, self.random = dut, random.Random(seed)
        self.map = Map(os.environ["VIREO_HEADER"])
        logging.getLogger(f"cocotb.{dut._name}").setLevel(logging.ERROR)
        at = dut.clk, dut.rst
        self.s_port = AxiStreamSource(AxiStreamBus.from_prefix(dut, "s_port"), *at)
        self.s_link = AxiStreamSource(AxiStreamBus.from_prefix(dut, "s_link"), *at)
        self.m_port = AxiStreamSink(AxiStreamBus.from_prefix(dut, "m_port"), *at)
        self.m_link = AxiStreamSink(AxiStreamBus.from_prefix(dut, "m_link"), *at)
        self.axil = AxiLiteMaster(AxiLiteBus.from_prefix(dut, "s_axil"), *at)
        self.octets = len(dut.s_port_tdata) // 8
        self.expected = {self.m_port: [], self.m_link: []}
        self.traffic, self.dispositions = Counter(), Counter()

    async def reset(self):
        self.dut.rst.value = 1
        cocotb.start_soon(Clock(self.dut.clk, NS, "ns").start())
        await ClockCycles(self.dut.clk, 4)
        self.dut.rst.value = 0
        await ClockCycles(self.dut.clk, 2)

    def pause(self):
        """Idle and back-pressure on every channel: each is at rest in some part of the cycles, in runs."""
        channels = [self.s_port, self.s_link, self.m_port, self.m_link]
        write, read = self.axil.write_if, self.axil.read_if
        channels += [write.aw_channel, write.w_channel, write.b_channel, read.ar_channel, read.r_channel]
        for channel in channels:
            channel.set_pause_generator(self._rests(random.Random(self.random.random())))

    @staticmethod
    def _rests(rng):
        for rest in itertools.cycle([True, False]):
            yield from [rest] * rng.choice([1, 1, 2, 3, 7])

    # Registers.

    async def read(self, address, answer=AxiResp.OKAY):
        response = await with_timeout(self.axil.read(address, 4), 2000 * NS, "ns")
        assert response.resp == answer, f"read of {address:#05x}: {response.resp!r}, not {answer!r}"
        return int.from_bytes(response.data, "little")

    async def write(self, address, value, answer=AxiResp.OKAY, octets=4):
        data = value.to_bytes(octets, "little")
        response = await with_timeout(self.axil.write(address, data), 2000 * NS, "ns")
        assert response.resp == answer, f"write of {address:#05x}: {response.resp!r}, not {answer!r}"

    async def ready(self):
        while not await self.read(self.map.STATUS) & self.map.STATUS_READY_MASK:
            await ClockCycles(self.dut.clk, 100)

    # Tables.

    async def seed(self):
        """Writes seeds and choices of both exact-match tables."""
        choices = {"CHANNEL": 0b0110, "BINDING": 0b1010}
        self.places = {}
        for table, choice in choices.items():
            seeds = [self.random.getrandbits(72) for _ in "AB"]
            for letter, seed in zip("AB", seeds):
                for word in range(3):
                    address = getattr(self.map, f"SEED_{table}_{letter}") + 4 * word
                    await self.write(address, seed >> 32 * word & 0xFFFFFFFF)
            rows = await self.read(getattr(self.map, f"{table}S"))
            self.places[table] = Placement(rows // getattr(self.map, f"TABLE_{table}_WAYS"), seeds, choice)
        packed = {table.lower(): choice for table, choice in choices.items()}
        await self.write(self.map.SEED_CHOICE, self.map.word("SEED_CHOICE", **packed))

    async def op(self, command, table, row, way=0, answer=AxiResp.OKAY):
        number = getattr(self.map, f"TABLE_{table}"), getattr(self.map, f"COMMAND_{command}")
        await self.write(self.map.OP, self.map.word("OP", table=number[0], command=number[1], way=way, row=row), answer)

    async def put(self, table, row, way=0, **fields):
        """Writes a row, whole."""
        for word, value in enumerate(self.map.row(f"ROW_{table}", **fields)):
            await self.write(self.map.STAGE + 4 * word, value)
        await self.op("WRITE", table, row, way)

    async def fetch(self, table, row, way=0):
        """Words of a row."""
        await self.op("READ", table, row, way)
        return [await self.read(self.map.STAGE + 4 * word) for word in range(self.map.words(f"ROW_{table}"))]

    async def bind(self, port, mac, vlan):
        way, row = self.places["BINDING"].place(binding_key(port, mac, vlan))
        await self.put("BINDING", row, way, valid=1, port=port, mac=int.from_bytes(mac, "big"), vlan=vlan)

    async def join(self, link, channel, members):
        way, row = self.places["CHANNEL"].place(channel_key(link, channel))
        bits = sum(1 << port for port in members)
        await self.put("CHANNEL", row, way, valid=1, link=link, channel=channel, members=bits)
        return way, row

    # Frames.

    def send(self, source, octets, tid, tuser=0, bad=False):
        """Offers a frame; `bad` marks its last beat."""
        marks = [tuser] * (len(octets) - 1) + [tuser | bad]
        source.send_nowait(AxiStreamFrame(octets, tid=tid, tuser=marks))

    def expect(self, sink, octets, tuser, tdest, tid=None, bad=False):
        self.expected[sink].append((octets, tuser, tdest, tid, bad))

    def count(self, entity, octets, length=None):
        """A traffic counter should count a frame of so many octets."""
        self.traffic[entity, frames.kind(octets)] += 1
        self.traffic[entity, "octets"] += len(octets) if length is None else length

    def dispose(self, entity, disposition):
        self.dispositions[entity, disposition] += 1

    async def check_frames(self):
        """All that should leave leaves, in its order."""
        for sink, expected in self.expected.items():
            for number, frame in enumerate(expected):
                found = await with_timeout(sink.recv(compact=False), 3000 * NS, "ns")
                self._check(f"frame {number} at {sink.bus._name}", found, *frame)

    def _check(self, what, found, octets, tuser, tdest, tid, bad):
        beats = -(-len(octets) // self.octets)
        lanes = beats * self.octets
        padded = octets + bytes(lanes - len(octets))
        assert bytes(found.tdata) == padded, f"{what}: {bytes(found.tdata).hex()}, not {padded.hex()}"
        keep = [1] * len(octets) + [0] * (lanes - len(octets))
        assert found.tkeep == keep, f"{what}: tkeep {found.tkeep}, not {keep}"
        users = [tuser] * (lanes - self.octets) + [tuser | bad] * self.octets
        assert found.tuser == users, f"{what}: tuser {found.tuser}, not {users}"
        assert set(found.tdest) == {tdest}, f"{what}: tdest {set(found.tdest)}, not {tdest:#x}"
        if tid is not None:
            assert set(found.tid) == {tid}, f"{what}: tid {set(found.tid)}, not {tid:#x}"

    async def check_counters(self):
        """Swaps the banks; each counter of each entity counted what it should, and nothing more has left."""
        await self.write(self.map.SNAPSHOT, 0)
        while await self.read(self.map.STATUS) & self.map.STATUS_BUSY_MASK:
            await ClockCycles(self.dut.clk, 100)
        for entity in sorted({entity for entity, _ in self.traffic}):
            words = await self.fetch("TRAFFIC", entity)
            for field in ["unicast", "multicast", "broadcast", "octets"]:
                found, expected = self.map.get("ROW_TRAFFIC", field, words), self.traffic[entity, field]
                assert found == expected, f"traffic of entity {entity:#x}, {field}: {found}, not {expected}"
        for (entity, disposition), expected in self.dispositions.items():
            row = entity << self.disposition_bits | disposition
            found = self.map.get("ROW_DISPOSITION", "frames", await self.fetch("DISPOSITION", row))
            assert found == expected, f"disposition {disposition} of entity {entity:#x}: {found}, not {expected}"
        for sink in self.expected:
            assert sink.empty(), f"a frame too many at {sink.bus._name}: {sink.recv_nowait()}"

    @property
    def disposition_bits(self):
        """Bits of a disposition below the entity in a row's number."""
        return (self.map.TABLE_DISPOSITION_ROWS // self.map.TABLE_TRAFFIC_ROWS).bit_length() - 1
