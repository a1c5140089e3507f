// SPDX-License-Identifier: MIT
//! Engines: the machine behind one trait, whatever brings it to life. Frames go in and come out, registers configure it.
//!
//! [`reference`](mod@reference) has no time; [`clocked`] drives the pins of anything that has them, cycle by cycle.

pub mod beside;
pub mod clocked;
pub mod kind;
pub mod lockstep;
pub mod reference;
mod stream;
pub mod verilator;

use vireo_driver::RegisterBus;
use vireo_spec::ether::Priority;
use vireo_spec::pins::StreamId;
use vireo_spec::ports::PortSet;

/// Which pair of streams: those of ports (`s_port`, `m_port`) or those of links (`s_link`, `m_link`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// `s_port` and `m_port`.
    Ports,
    /// `s_link` and `m_link`.
    Links,
}

/// A frame that enters the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// When its capture says that it was sent, in nanoseconds. A clocked engine sends as fast as the machine takes.
    pub timestamp_ns: u64,
    /// The stream that it enters by.
    pub side: Side,
    /// `tid`: at [`Side::Links`] a link as [`StreamId::Port`].
    pub id: StreamId,
    /// The source port of a group's frame.
    pub source: Option<u8>,
    /// `tuser[4:1]`.
    pub priority: Priority,
    /// Without FCS; at least one octet, since a stream cannot carry none.
    pub octets: Vec<u8>,
    /// The MAC marked it.
    pub bad: bool,
}

/// Where a frame leaves to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Destination {
    /// A link.
    Link(u8),
    /// Member ports.
    Ports(PortSet),
    /// The control port, and whose control plane the frame is for.
    Control(StreamId),
}

/// A frame that leaves the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Departure<'a> {
    /// The stream that it leaves by.
    pub side: Side,
    /// Where it goes.
    pub to: Destination,
    /// Without FCS.
    pub octets: &'a [u8],
    /// `tuser[4:1]`.
    pub priority: Priority,
    /// The MAC behind the machine must spoil it.
    pub bad: bool,
    /// Clocked engines: the machine's time, 5 ns a cycle behind the first arrival's; the reference: that of its arrival.
    pub timestamp_ns: u64,
}

/// Takes departures as they come, per stream in order.
pub type Sink<'a> = dyn FnMut(Departure<'_>) + 'a;

/// What was measured on the streams of one direction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    /// Beats in, taken.
    pub beats_in: u64,
    /// Beats out, taken.
    pub beats_out: u64,
    /// Frames whose first beat was taken.
    pub frames_in: u64,
    /// Frames out.
    pub frames_out: u64,
    /// Departures whose first beat came exactly the documented latency after some arrival's.
    pub on_time: u64,
    /// The cycle of the first beat taken.
    pub first_cycle: Option<u64>,
    /// The cycle of the last beat taken.
    pub last_cycle: u64,
}

/// The machine, brought to life.
pub trait Engine: RegisterBus {
    /// Queues a frame; frames of one side enter in the order in which they were queued.
    fn offer(&mut self, arrival: Arrival);

    /// Goes on by the least that it can: a cycle, or a frame. Whether there is more to come.
    fn step(&mut self, sink: &mut Sink<'_>) -> bool;

    /// Goes on until all that was queued has left.
    fn run(&mut self, sink: &mut Sink<'_>) {
        while self.step(sink) {}
    }

    /// Cycles so far; 0 for an engine without time.
    fn cycles(&self) -> u64;

    /// Lets a clock begin now: from here on a frame enters no earlier than its timestamp says, and departures tell this clock's
    /// time. Frames of an engine without time enter in their order.
    fn begin(&mut self);

    /// Nanoseconds since [`begin`](Self::begin); none without time, or before.
    fn now_ns(&self) -> Option<u64>;

    /// What was measured on the streams in the direction that frames of `entering` take; nothing without pins.
    fn measured(&self, entering: Side) -> Option<&Measured>;
}
