// SPDX-License-Identifier: MIT
//! The whole machine in rust-hdl's kernel, stepped by hand: frames cross both directions at the latency of docs/pipeline.md,
//! section 3.9, and registers, counters and events tell of them.

use rust_hdl::prelude::*;
use vireo_hdl::machine;
use vireo_spec::ether::{MacAddr, Pcp, Priority, VlanId};
use vireo_spec::fate::{Disposition, DropReason};
use vireo_spec::geometry::Width;
use vireo_spec::hash;
use vireo_spec::pins::StreamId;
use vireo_spec::ports::PortSet;
use vireo_spec::registers as map;
use vireo_spec::rows::{BindingRow, ChannelRow, LinkRow, PortRow};
use vireo_spec::table::{Command, Entity, Op, Table};
use vireo_spec::tag::{Channel, ECid, ETag, IngressECid, Role, TagFamily};

/// A frame that left: octets, bad, destination or members, stream id, cycle of its first beat.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Left {
    octets: Vec<u8>,
    user: u64,
    dest: u64,
    id: u64,
    cycle: u64,
}

macro_rules! rig {
    ($name:ident, $width:literal) => {
        mod $name {
            use super::*;

            pub(super) type Dut = machine!($width, 4, 2, 2, 2, 1, 4, 4);
            const K: usize = $width / 8;

            pub(super) struct Rig {
                pub(super) dut: Box<Dut>,
                pub(super) cycle: u64,
                pub(super) at_link: Vec<Left>,
                pub(super) at_port: Vec<Left>,
                /// Sinks are ready in two cycles of five.
                pub(super) stalls: bool,
                open: [Option<Left>; 2],
            }

            impl Rig {
                /// After reset, in cycle 0.
                pub(super) fn new() -> Self {
                    let mut dut = Box::new(Dut::new().unwrap());
                    dut.connect_all();
                    dut.rst.next = true;
                    let mut rig = Self {
                        dut,
                        cycle: 0,
                        at_link: vec![],
                        at_port: vec![],
                        stalls: false,
                        open: [None, None],
                    };
                    rig.clock();
                    rig.clock();
                    rig.dut.rst.next = false;
                    rig.dut.m_link_tready.next = true;
                    rig.dut.m_port_tready.next = true;
                    rig.dut.s_axil_bready.next = true;
                    rig.dut.s_axil_rready.next = true;
                    rig.settle();
                    (rig.cycle, rig.open) = (0, [None, None]);
                    rig
                }

                pub(super) fn settle(&mut self) {
                    for _ in 0..100 {
                        self.dut.update_all();
                        if !self.dut.has_changed() {
                            return;
                        }
                    }
                    panic!("the machine does not settle");
                }

                pub(super) fn clock(&mut self) {
                    self.dut.m_link_tready.next = !self.stalls || self.cycle % 5 < 2;
                    self.settle();
                    let dut = &*self.dut;
                    let fresh =
                        |dest, id, user| Left { octets: vec![], user, dest, id, cycle: self.cycle };
                    if dut.m_link_tvalid.val() & dut.m_link_tready.val() {
                        let left = self.open[0].get_or_insert_with(|| {
                            fresh(
                                dut.m_link_tdest.val().to_u64(),
                                0,
                                dut.m_link_tuser.val().to_u64(),
                            )
                        });
                        left.octets.extend(kept(dut.m_link_tdata.val(), dut.m_link_tkeep.val()));
                        if dut.m_link_tlast.val() {
                            left.user = dut.m_link_tuser.val().to_u64();
                            self.at_link.extend(self.open[0].take());
                        }
                    }
                    if dut.m_port_tvalid.val() & dut.m_port_tready.val() {
                        let left = self.open[1].get_or_insert_with(|| {
                            let id = dut.m_port_tid.val().to_u64();
                            fresh(
                                dut.m_port_tdest.val().to_u64(),
                                id,
                                dut.m_port_tuser.val().to_u64(),
                            )
                        });
                        left.octets.extend(kept(dut.m_port_tdata.val(), dut.m_port_tkeep.val()));
                        if dut.m_port_tlast.val() {
                            left.user = dut.m_port_tuser.val().to_u64();
                            self.at_port.extend(self.open[1].take());
                        }
                    }
                    self.dut.clk.next = Clock { clk: true };
                    self.settle();
                    self.dut.clk.next = Clock { clk: false };
                    self.settle();
                    self.cycle += 1;
                }

                pub(super) fn write(&mut self, address: u16, value: u32) -> u64 {
                    self.dut.s_axil_awaddr.next = address.to_bits();
                    self.dut.s_axil_wdata.next = value.to_bits();
                    self.dut.s_axil_wstrb.next = 15.into();
                    self.dut.s_axil_awvalid.next = true;
                    self.dut.s_axil_wvalid.next = true;
                    self.settle();
                    while !self.dut.s_axil_awready.val() {
                        self.clock();
                    }
                    self.clock();
                    self.dut.s_axil_awvalid.next = false;
                    self.dut.s_axil_wvalid.next = false;
                    self.settle();
                    while !self.dut.s_axil_bvalid.val() {
                        self.clock();
                    }
                    let answer = self.dut.s_axil_bresp.val().to_u64();
                    self.clock();
                    answer
                }

                pub(super) fn read(&mut self, address: u16) -> (u32, u64) {
                    self.dut.s_axil_araddr.next = address.to_bits();
                    self.dut.s_axil_arvalid.next = true;
                    self.settle();
                    while !self.dut.s_axil_arready.val() {
                        self.clock();
                    }
                    self.clock();
                    self.dut.s_axil_arvalid.next = false;
                    self.settle();
                    while !self.dut.s_axil_rvalid.val() {
                        self.clock();
                    }
                    let answer = (
                        self.dut.s_axil_rdata.val().to_u64() as u32,
                        self.dut.s_axil_rresp.val().to_u64(),
                    );
                    self.clock();
                    answer
                }

                pub(super) fn row(&mut self, op: Op, words: &[u32; 8]) {
                    for (i, word) in words.iter().enumerate() {
                        assert_eq!(self.write(map::STAGE.nth(i), *word), 0);
                    }
                    assert_eq!(self.write(map::OP.address, op.pack()), 0, "{op:?}");
                }

                pub(super) fn fetch(&mut self, table: Table, way: u8, row: u16) -> [u32; 8] {
                    let op = Op { command: Command::Read, table, way, row };
                    assert_eq!(self.write(map::OP.address, op.pack()), 0, "{op:?}");
                    std::array::from_fn(|i| self.read(map::STAGE.nth(i)).0)
                }

                /// Sends a frame; the cycle in which its first beat was accepted.
                pub(super) fn send(
                    &mut self,
                    to_link: bool,
                    id: StreamId,
                    octets: &[u8],
                    user: u64,
                ) -> u64 {
                    let mut first = None;
                    let beats = octets.chunks(K).count();
                    for (i, beat) in octets.chunks(K).enumerate() {
                        let last = i + 1 == beats;
                        let data = beat
                            .iter()
                            .rev()
                            .fold(Bits::<$width>::default(), |all, &o| (all << 8) | u64::from(o));
                        let keep = (u64::MAX >> (64 - beat.len())).to_bits();
                        let id = id.code().to_bits();
                        if to_link {
                            self.dut.s_port_tdata.next = data;
                            self.dut.s_port_tkeep.next = keep;
                            self.dut.s_port_tlast.next = last;
                            self.dut.s_port_tid.next = id;
                            self.dut.s_port_tuser.next = user.to_bits();
                            self.dut.s_port_tvalid.next = true;
                        } else {
                            self.dut.s_link_tdata.next = data;
                            self.dut.s_link_tkeep.next = keep;
                            self.dut.s_link_tlast.next = last;
                            self.dut.s_link_tid.next = id;
                            self.dut.s_link_tuser.next = (user & 31).to_bits();
                            self.dut.s_link_tvalid.next = true;
                        }
                        loop {
                            self.settle();
                            let ready = if to_link {
                                self.dut.s_port_tready.val()
                            } else {
                                self.dut.s_link_tready.val()
                            };
                            let at = self.cycle;
                            self.clock();
                            if ready {
                                first.get_or_insert(at);
                                break;
                            }
                        }
                    }
                    self.dut.s_port_tvalid.next = false;
                    self.dut.s_link_tvalid.next = false;
                    first.unwrap()
                }

                pub(super) fn run(&mut self, cycles: usize) {
                    (0..cycles).for_each(|_| self.clock());
                }
            }

            fn kept(data: Bits<$width>, keep: Bits<K>) -> Vec<u8> {
                (0..K)
                    .filter(|&i| keep.get_bit(i))
                    .map(|i| data.get_bits::<8>(8 * i).to_u8())
                    .collect()
            }

            #[test]
            fn frames_cross_both_directions_and_are_counted() {
                // Building the machine takes more stack than a test has: its values are arrays of flags.
                let test = || {
                    let start = std::time::Instant::now();
                    let rig = Rig::new();
                    let cycles = crosses!(rig, $width);
                    println!("{cycles} cycles, {:?}, {} octets", start.elapsed(), size_of::<Dut>());
                };
                let thread = std::thread::Builder::new().stack_size(256 << 20).spawn(test).unwrap();
                thread.join().unwrap();
            }
        }
    };
}

fn etag(base: u16, ingress: u16, pcp: u8) -> [u8; 8] {
    ETag {
        priority: Priority { pcp: Pcp::new(pcp).unwrap(), dei: false },
        ingress: IngressECid::new(ingress, 0).unwrap(),
        ecid: ECid::new(u8::from(base > 4095), base & 4095, 0).unwrap(),
    }
    .to_octets()
}

fn frame(to: [u8; 6], from: [u8; 6], rest: &[u8], size: usize) -> Vec<u8> {
    let mut octets = [&to[..], &from[..], rest].concat();
    (octets.len()..size).for_each(|i| octets.push(i as u8));
    octets
}

fn tagged(frame: &[u8], tag: &[u8]) -> Vec<u8> {
    [&frame[..12], tag, &frame[12..]].concat()
}

/// Where a key stands with a seed of 0, in a way of 16 rows.
fn place(key: u128, way: u8) -> u16 {
    hash::index(hash::permute(key, 0), way.into(), 16) as u16
}

const HOST: [u8; 6] = [0x52, 0x54, 0, 0, 0, 1];
const PEER: [u8; 6] = [0x52, 0x54, 0, 0, 0, 9];

macro_rules! crosses {
    ($rig:expr, $width:literal) => {{
        let width = Width::from_bits($width).unwrap();
        let mut rig = $rig;
        // Section 6 and 7: what is ready when.
        assert!(!rig.dut.s_axil_awready.val() && !rig.dut.s_port_tready.val());
        rig.run(1);
        assert!(rig.dut.s_axil_awready.val() && rig.dut.s_axil_arready.val());
        assert_eq!(rig.write(map::OP.address, 0x11), 2, "no operation before the sweep has ended");
        while rig.cycle < 4096 {
            rig.clock();
        }
        assert!(!rig.dut.s_port_tready.val() && !rig.dut.s_link_tready.val());
        rig.run(1);
        assert!(rig.dut.s_port_tready.val() && rig.dut.s_link_tready.val());
        assert_eq!(rig.read(map::MAGIC.address), (map::MAGIC_VALUE, 0));
        assert_eq!(rig.read(map::PORTS.address), (4, 0));
        assert_eq!(rig.read(map::OP.address), (0, 2));

        // An extender: link 0, ports 0 and 1, a group 0x1001 of both.
        let link =
            LinkRow { enabled: true, role: Role::Extender, family: TagFamily::ETag, maximum: 9216 };
        assert_eq!(rig.write(map::LINK.nth(0), link.pack()), 0);
        assert_eq!(rig.write(map::LINK.nth(0) + 8, 1), 2, "the machine has two links");
        let channel = |base| Channel::from_config(TagFamily::ETag, base, 0, base > 4095).unwrap();
        for port in 0..2u16 {
            let row = PortRow {
                enabled: true,
                channel: channel(20 + u32::from(port)),
                trust_priority: true,
                check_source: port == 0,
                control: true,
                maximum: 9216,
                default_priority: Pcp::new(3).unwrap(),
                ..PortRow::default()
            };
            let op = Op { command: Command::Write, table: Table::Port, way: 0, row: port };
            rig.row(op, &row.pack());
            assert_eq!(rig.fetch(Table::Port, 0, port), row.pack());
        }
        let bound = BindingRow {
            port: 0,
            mac: MacAddr::from_u64(0x5254_0000_0001).unwrap(),
            vlan: VlanId::new(0).unwrap(),
        };
        let at = place(BindingRow::key(0, bound.mac, bound.vlan), 3);
        rig.row(
            Op { command: Command::Write, table: Table::Binding, way: 3, row: at },
            &bound.pack(),
        );
        assert_eq!(rig.fetch(Table::Binding, 3, at), bound.pack());
        for (way, base, members) in [(0, 20, 1), (1, 21, 2), (2, 0x1001, 3)] {
            let row = ChannelRow {
                link: 0,
                channel: channel(base),
                members: PortSet::from_bits(members),
            };
            let at = place(ChannelRow::key(0, row.channel), way);
            rig.row(
                Op { command: Command::Write, table: Table::Channel, way, row: at },
                &row.pack(),
            );
            assert_eq!(rig.fetch(Table::Channel, way, at), row.pack());
        }
        rig.write(map::EVENT_ENABLE.address, 0x3FFF);
        rig.write(map::IRQ_ENABLE.address, 7);

        // Up: untagged; a C-TAG's priority; a stranger's source.
        for size in [60, 61, 64, 71, 129, 300] {
            let sent = frame(PEER, HOST, &[8, 0], size);
            let cycle = rig.send(true, StreamId::Port(0), &sent, 0);
            rig.run(60);
            let left = rig.at_link.pop().expect("it crosses");
            assert_eq!(left.octets, tagged(&sent, &etag(20, 0, 3)), "{size}");
            assert_eq!(left.cycle - cycle, width.encapsulate_latency());
            assert_eq!((left.user, left.dest), (3 << 1, 0));
        }
        let sent = frame(PEER, PEER, &[0x81, 0, 0xA0, 7, 8, 0], 100);
        rig.send(true, StreamId::Port(1), &sent, 1);
        rig.run(60);
        let left = rig.at_link.pop().expect("it crosses");
        assert_eq!(left.octets, tagged(&sent, &etag(21, 0, 5)));
        assert_eq!(left.user, 5 << 1 | 1, "the MAC's mark travels on the last beat");
        rig.send(true, StreamId::Port(0), &frame(HOST, PEER, &[8, 0], 64), 0);
        rig.run(60);
        assert!(rig.at_link.is_empty());
        assert!(rig.dut.irq.val());
        assert_eq!(rig.read(map::EVENT_LEVEL.address).0, 2, "the bad frame and the stranger");
        let words = [0, 1, 2, 3].map(|i| rig.read(map::EVENT.nth(i)).0);
        assert_eq!(words[0], 1 | u32::from(DropReason::FrameError.code()) << 16 | 1 << 21);
        rig.write(map::EVENT_POP.address, 1);
        let words = [0, 1, 2, 3].map(|i| rig.read(map::EVENT.nth(i)).0);
        assert_eq!(words[0], 2 | u32::from(DropReason::SourceUnbound.code()) << 16);
        assert_eq!(words[1..3], [0x0000_0009, 0x5254]);
        assert_eq!(words[3], channel(20).bits());

        // Down: to a port; to the group but for the source's port; to nobody; LLDP of the link.
        for (base, ingress, members) in
            [(20, 0, 1), (0x1001, 0, 3), (0x1001, 20, 2), (0x1001, 21, 1)]
        {
            for size in [60, 64, 127, 300] {
                let host = frame([0xFF; 6], PEER, &[8, 0], size);
                let sent = tagged(&host, &etag(base, ingress, 6));
                let cycle = rig.send(false, StreamId::Port(0), &sent, 0);
                rig.run(80);
                let left = rig.at_port.pop().expect("it crosses");
                assert_eq!(left.octets, host, "{size}");
                assert_eq!(left.cycle - cycle, width.decapsulate_latency());
                assert_eq!((left.user, left.dest, left.id), (6 << 1, members, 0));
            }
        }
        rig.send(
            false,
            StreamId::Port(0),
            &tagged(&frame(HOST, PEER, &[8, 0], 64), &etag(77, 0, 0)),
            0,
        );
        rig.run(80);
        assert!(rig.at_port.is_empty());
        let lldp = frame([1, 0x80, 0xC2, 0, 0, 0x0E], PEER, &[0x88, 0xCC], 64);
        rig.send(false, StreamId::Port(0), &lldp, 0);
        rig.run(80);
        let left = rig.at_port.pop().expect("it reaches the control port");
        assert_eq!((left.octets, left.dest, left.id), (lldp, 1 << 4, 128));

        // Frames back to back, sinks that stall.
        let many: Vec<_> = (0..40).map(|i| frame(PEER, HOST, &[8, 0], 60 + 7 * i)).collect();
        rig.stalls = true;
        for sent in &many {
            rig.send(true, StreamId::Port(0), sent, 0);
        }
        rig.run(300);
        rig.stalls = false;
        assert_eq!(rig.at_link.len(), 40);
        for (left, sent) in rig.at_link.drain(..).zip(&many) {
            assert_eq!(left.octets, tagged(sent, &etag(20, 0, 3)));
        }

        // A snapshot.
        assert_eq!(rig.write(map::SNAPSHOT.address, 0), 0);
        assert_eq!(rig.read(map::STATUS.address).0, 3);
        assert_eq!(rig.write(map::SNAPSHOT.address, 0), 2, "busy");
        while rig.read(map::STATUS.address).0 == 3 {}
        let fate = |rig: &mut $crate::Fates, entity: Entity, fate| {
            (rig)(Table::Disposition, entity.row(fate))[0]
        };
        let mut fetch = |table, row| rig.fetch(table, 0, row);
        let mut fetch: $crate::Fates = &mut fetch;
        assert_eq!(fate(&mut fetch, Entity::PortIn(0), Disposition::Forwarded), 46);
        assert_eq!(
            fate(&mut fetch, Entity::PortIn(0), Disposition::Dropped(DropReason::SourceUnbound)),
            1
        );
        assert_eq!(
            fate(&mut fetch, Entity::PortIn(1), Disposition::Dropped(DropReason::FrameError)),
            1
        );
        assert_eq!(fate(&mut fetch, Entity::LinkIn(0), Disposition::Forwarded), 16);
        assert_eq!(
            fate(&mut fetch, Entity::LinkIn(0), Disposition::Dropped(DropReason::ChannelMiss)),
            1
        );
        assert_eq!(fate(&mut fetch, Entity::LinkIn(0), Disposition::Control), 1);
        assert_eq!(fetch(Table::Traffic, Entity::PortOut(0).code())[..4], [0, 0, 12, 3 * 551]);
        assert_eq!(fetch(Table::Traffic, Entity::PortOut(1).code())[..4], [0, 0, 8, 2 * 551]);
        assert_eq!(fetch(Table::Traffic, Entity::LinkOut(0).code())[0], 46);
        assert_eq!(fetch(Table::Traffic, Entity::PortIn(0).code())[0], 47);
        assert_eq!(fetch(Table::Traffic, Entity::ControlOut.code())[1..4], [1, 0, 64]);
        rig.cycle
    }};
}

type Fates<'a> = &'a mut dyn FnMut(Table, u16) -> [u32; 8];

rig!(w64, 64);
rig!(w128, 128);
rig!(w256, 256);
rig!(w512, 512);

#[test]
fn the_whole_machine_can_be_generated() {
    let mut machine = Box::new(w64::Dut::new().unwrap());
    machine.connect_all();
    assert!(generate_verilog_unchecked(&*machine).contains("endmodule"));
}
