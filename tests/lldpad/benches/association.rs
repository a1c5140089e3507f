// SPDX-License-Identifier: MIT
//! How fast associations are, in one run: in memory with the machine's tables programmed, over a cable, and against lldpad. Prints
//! the table of docs/performance.md.

use std::time::{self, Duration};

use vireo_association::carrier::PacketSocket;
use vireo_association::ecp::GAP;
use vireo_association::evb::Local;
use vireo_association::time::Instant;
use vireo_association::vdp::{Limits, Station, StationEvent};
use vireo_association::wire::vdp::{
    Command as Asked, Entry, Filter, ManagerId, VidWord, Vsi as Wanted, VsiId,
};
use vireo_association::wire::{ecp, frame};
use vireo_lldpad_tests::{
    BRIDGE_MAC, Cable, Capture, Captured, Command, INTERFACE, Lldpad, Peer, Role, STATION_MAC,
    Setup, Side, Switch, Timers, Vsi,
};
use vireo_spec::ether::{EtherType, MacAddr, VlanId};
use vireo_spec::pins::StreamId;

/// VSIs on the link.
const VSIS: u32 = 4096;
/// Runs of which the median counts.
const RUNS: usize = 5;
/// Associations, one after the other, of which the median counts.
const ONE_BY_ONE: usize = 30;

const LINK: StreamId = StreamId::LinkControl(0);

/// No limit but the machine's: what is measured is the work.
const LIMITS: Limits = Limits { rate: u32::MAX, burst: u32::MAX, vsis: 8192, answers: 1024 };

fn wanted(number: u32) -> Wanted {
    let [a, b, c, d] = number.to_be_bytes();
    let mac = MacAddr([0x52, 0x54, a, b, c, d]);
    let word = VidWord::new(VlanId::from_tci(2 + (number % 100) as u16));
    let filter = Filter::from_entries([Entry { group: None, mac: Some(mac), word }]);
    let mut octets = [0xa5; 16];
    octets[12..].copy_from_slice(&number.to_be_bytes());
    let filter = filter.expect("one entry");
    Wanted { type_id: 5, type_version: 1, id: VsiId::uuid(octets), filter }
}

fn want(station: &mut Station, number: u32) {
    let manager = ManagerId([1; 16]);
    station.want(manager, Asked::Associate, wanted(number), None).expect("it can be asked for");
}

/// A station and a bridge over the model, and the time that passes for them.
struct Memory {
    station: Station,
    switch: Switch,
    now: Instant,
}

impl Memory {
    fn new() -> Self {
        let evb = Local::default();
        let station = Station::new(STATION_MAC.parse().expect("a MAC address"), evb.operating(), 1);
        Self {
            station,
            switch: Switch::new(BRIDGE_MAC.parse().expect("a MAC address"), evb, LIMITS),
            now: Instant::ZERO,
        }
    }

    /// Until so many associations were confirmed. Frames go from one to the other; the machine is programmed by its registers.
    fn until_confirmed(&mut self, mut count: u32) {
        let Self { station, switch, now } = self;
        let bridge = &mut switch.controller;
        while count > 0 {
            let mut idle = true;
            while let Some(frame) = station.poll(*now) {
                bridge.receive(LINK, &frame, *now);
                idle = false;
            }
            while let Some((_, frame)) = bridge.transmit(*now) {
                station.process(&frame, *now);
                idle = false;
            }
            while let Some(event) = station.event() {
                assert!(matches!(event, StationEvent::Confirmed { .. }), "{event:?}");
                count -= 1;
            }
            while bridge.event().is_some() {}
            if idle {
                let next = [station.poll_at(), bridge.poll_at()].into_iter().flatten().min();
                *now = next.expect("there is more to come").max(*now);
            }
        }
    }
}

fn median<T: PartialOrd + Copy>(mut found: Vec<T>) -> T {
    found.sort_by(|a, b| a.partial_cmp(b).expect("times are numbers"));
    found[found.len() / 2]
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = time::Instant::now();
    work();
    start.elapsed()
}

fn in_memory() {
    let run = |_| {
        let mut memory = Memory::new();
        (0..VSIS).for_each(|number| want(&mut memory.station, number));
        timed(|| memory.until_confirmed(VSIS))
    };
    let all = median((0..RUNS).map(run).collect());
    let rate = f64::from(VSIS) / all.as_secs_f64();
    println!(
        "| station and bridge in memory, tables of the model programmed | {rate:.0} associations/s |"
    );

    let mut memory = Memory::new();
    let used = allocation_counter::measure(|| {
        (0..VSIS).for_each(|number| want(&mut memory.station, number));
        memory.until_confirmed(VSIS);
    });
    let each = used.bytes_current / i64::from(VSIS);
    println!(
        "| {VSIS} VSIs on one link, both sides | {:.1} ms; {:.2} MiB, {each} octets a VSI |",
        all.as_secs_f64() * 1e3,
        used.bytes_current as f64 / f64::from(1 << 20),
    );
}

/// Drives a station over its end of a cable, without a rest, until so many associations were confirmed.
fn until_confirmed(
    station: &mut Station,
    socket: &mut PacketSocket,
    start: time::Instant,
    mut count: u32,
) {
    let mut buffer = [0; 2048];
    while count > 0 {
        let now = Instant::from_micros(start.elapsed().as_micros() as u64);
        while let Some(len) = socket.receive(&mut buffer).expect("receive from the cable") {
            if buffer[12..14] == EtherType::ECP.to_octets() {
                station.process(&buffer[..len], now);
            }
        }
        while let Some(frame) = station.poll(now) {
            socket.send(&frame).expect("send over the cable");
        }
        while let Some(event) = station.event() {
            assert!(matches!(event, StationEvent::Confirmed { .. }), "{event:?}");
            count -= 1;
        }
        std::thread::yield_now();
    }
}

/// Vireo on both ends of a cable.
fn over_a_cable() {
    let cable = Cable::new();
    let bridge = Peer::switch(&cable.bridge, Timers::FAST, LIMITS);
    let mut socket =
        cable.station.run(|| PacketSocket::open(INTERFACE).expect("open the cable's end"));
    let mut station = Station::new(socket.mac(), Local::default().operating(), 1);
    let start = time::Instant::now();
    let all = timed(|| {
        (0..VSIS).for_each(|number| want(&mut station, number));
        until_confirmed(&mut station, &mut socket, start, VSIS);
    });
    let rate = f64::from(VSIS) / all.as_secs_f64();
    println!(
        "| the same over a veth pair, {VSIS} at once (3 ms between two requests) | {rate:.0} associations/s |"
    );
    let one = |number| {
        std::thread::sleep(2 * GAP);
        timed(|| {
            want(&mut station, number);
            until_confirmed(&mut station, &mut socket, start, 1);
        })
    };
    let each = median((VSIS..VSIS + ONE_BY_ONE as u32).map(one).collect());
    println!("| one association over a veth pair | {:.2} ms |", each.as_secs_f64() * 1e3);
    drop(bridge);
}

/// From a request on the wire to its answer, and from vdptool's start to its end: milliseconds.
fn by_lldpad(station: &Lldpad, cable: &Cable) -> [f64; 2] {
    let capture = Capture::start(cable);
    let one = |_| {
        let vsi = Vsi::fresh(&["2-52:54:00:00:00:01"]);
        let took = timed(|| _ = station.request(Command::Associate, &vsi));
        let listed = station.find(&vsi);
        assert!(listed.is_some_and(|listed| listed.hints == 0), "it was confirmed");
        station.request(Command::Deassociate, &vsi);
        took.as_secs_f64() * 1e3
    };
    let whole = median((0..ONE_BY_ONE).map(one).collect());
    let vdp: Vec<_> = capture.frames().into_iter().filter(is_vdp_request).collect();
    let pairs =
        vdp.windows(2).filter(|pair| (pair[0].from, pair[1].from) == (Side::Station, Side::Bridge));
    let answers = pairs.map(|pair| (pair[1].at - pair[0].at).as_secs_f64() * 1e3);
    [median(answers.collect()), whole]
}

/// ECP's request of VDP, either side's.
fn is_vdp_request(captured: &Captured) -> bool {
    let packet = frame::Packet::new_checked(&captured.frame).ok();
    let packet = packet.filter(|packet| packet.ethertype() == EtherType::ECP);
    packet
        .and_then(|packet| Some(ecp::Packet::new_checked(packet.payload()).ok()?.repr()))
        .is_some_and(|repr| {
            (repr.operation, repr.subtype) == (ecp::Operation::Request, ecp::Subtype::Vdp)
        })
}

fn against_lldpad() {
    let setup = |role| Setup { timers: Timers::FAST, ..Setup::new(role) };
    let ours = {
        let cable = Cable::new();
        let _bridge = Peer::switch(&cable.bridge, Timers::FAST, Limits::default());
        let mut station = Lldpad::start(&cable.station, setup(Role::Station));
        station.ready();
        by_lldpad(&station, &cable)
    };
    let theirs = {
        let cable = Cable::new();
        let mut bridge = Lldpad::start(&cable.bridge, setup(Role::Bridge));
        let mut station = Lldpad::start(&cable.station, setup(Role::Station));
        bridge.ready();
        station.ready();
        by_lldpad(&station, &cable)
    };
    for (what, of) in [("request to answer on the wire", 0), ("vdptool -W, start to end", 1)] {
        let (ours, theirs) = (ours[of], theirs[of]);
        println!("| lldpad's station with Vireo's bridge, {what} | {ours:.2} ms |");
        println!("| lldpad's station with lldpad's bridge, {what} | {theirs:.2} ms |");
        println!("| ratio | {:.2} |", ours / theirs);
    }
}

fn main() {
    println!("| what | figure |\n|---|---|");
    in_memory();
    over_a_cable();
    against_lldpad();
}
