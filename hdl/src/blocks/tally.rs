// SPDX-License-Identifier: MIT
//! Tally: what a frame counts as, and its event, in the cycle of its last beat; the sums are made while it comes (docs/pipeline.md, sections 8 and 9).

#![allow(missing_docs)] // of the methods that rust-hdl derives for a structure

use rust_hdl::prelude::*;
use vireo_spec::fate::{Disposition, DropReason};
use vireo_spec::table::Entity;

use super::known::Fixed;
use super::logic_block::logic_block;
use super::slot::Slot;
use super::verdict::Verdict;
use crate::verilog::About;

/// What a frame counts as.
#[derive(LogicStruct, Clone, Copy, Debug, Default, PartialEq)]
pub struct Count {
    /// A frame counts.
    pub valid: Bit,
    /// Where it entered.
    pub entity: Bits<9>,
    /// Destination: 0 unicast, 1 multicast, 2 broadcast.
    pub class: Bits<2>,
    /// Octets that entered.
    pub octets: Bits<16>,
    /// Its disposition there.
    pub disposition: Bits<5>,
    /// It counts at a virtual port too.
    pub at_port: Bit,
    /// That port.
    pub port: Bits<6>,
    /// Its disposition there.
    pub port_disposition: Bits<5>,
    /// A good copy left: on a link or to member ports.
    pub forwarded: Bit,
    /// A good copy left to the control port.
    pub control: Bit,
    /// The link.
    pub link: Bits<3>,
    /// Octets that left.
    pub out_octets: Bits<16>,
}

/// What an event says, but for its sequence number.
#[derive(LogicStruct, Clone, Copy, Debug, Default, PartialEq)]
pub struct Event {
    pub reason: Bits<5>,
    pub entity: Bits<9>,
    pub mac: Bits<48>,
    pub vlan: Bits<12>,
    pub channel: Bits<22>,
    pub link: Bits<3>,
}

logic_block! {
    /// Watches the end of a delay line.
    pub struct Tally {
        /// Clock.
        pub clk: Signal<In, Clock>,
        /// Reset.
        pub rst: Signal<In, Bit>,
        /// The direction moves.
        pub en: Signal<In, Bit>,
        /// The tag of a verdict's growth comes out (decapsulate), else it goes in.
        pub removes: Signal<In, Bit>,
        /// The slot at the end of the delay line.
        pub slot: Signal<In, Slot>,
        /// The slot two behind it.
        pub after: Signal<In, Slot>,
        /// With a first beat there: octets of the longest frame, with what comes out.
        pub maximum: Signal<In, Bits<15>>,
        /// And growth.
        pub growth: Signal<In, Bits<4>>,
        /// With a first beat behind the one at the end: its frame's verdict.
        pub verdict: Signal<In, Verdict>,
        /// A clock later: what the frame counts as.
        pub count: Signal<Out, Count>,
        /// Its member ports.
        pub members: Signal<Out, Bits<64>>,
        /// Then too: the frame is dropped, and this is its event.
        pub dropped: Signal<Out, Bit>,
        /// The event.
        pub event: Signal<Out, Event>,
        // Of the slot behind the one at the end: octets so far, and what its frame adds or loses.
        octets: DFF<Bits<16>>,
        limit: DFF<Bits<15>>,
        changes: DFF<Bits<4>>,
        // It is a first beat.
        begins: DFF<Bit>,
        // Of the slot at the end.
        decided: DFF<Verdict>,
        total: DFF<Bits<16>>,
        leaving: DFF<Bits<16>>,
        over: DFF<Bit>,
        counted: DFF<Count>,
        counted_members: DFF<Bits<64>>,
        counted_drop: DFF<Bit>,
        counted_event: DFF<Event>,
        now: Signal<Local, Verdict>,
        sum: Signal<Local, Bits<17>>,
        is_drop: Signal<Local, Bit>,
        reason: Signal<Local, Bits<5>>,
        result: Signal<Local, Count>,
        said: Signal<Local, Event>,
        oversize: Fixed<{ DropReason::Oversize as usize }, 5>,
        frame_error: Fixed<{ DropReason::FrameError as usize }, 5>,
        forwarded: Fixed<{ Disposition::Forwarded.code() as usize }, 5>,
        control: Fixed<{ Disposition::Control.code() as usize }, 5>,
        at_port: Fixed<{ Disposition::AtPort.code() as usize }, 5>,
        port_out: Fixed<{ Entity::PortOut(0).code() as usize }, 9>,
    }
}

impl Logic for Tally {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clk,
            octets,
            limit,
            changes,
            begins,
            decided,
            total,
            leaving,
            over,
            counted,
            counted_members,
            counted_drop,
            counted_event
        );
        self.count.next = self.counted.q.val();
        self.members.next = self.counted_members.q.val();
        self.dropped.next = self.counted_drop.q.val();
        self.event.next = self.counted_event.q.val();

        // Two slots ahead: the sum.
        self.sum.next =
            bit_cast::<17, 16>(self.octets.q.val()) + bit_cast::<17, 7>(self.after.val().size);
        if self.after.val().first {
            self.sum.next = bit_cast::<17, 7>(self.after.val().size);
        }
        if self.en.val() & self.after.val().valid {
            self.octets.d.next = bit_cast::<16, 17>(self.sum.val());
            if self.sum.val().get_bit(16) {
                self.octets.d.next = 0xFFFF.into();
            }
            if self.after.val().first {
                self.changes.d.next = self.growth.val();
                self.limit.d.next = self.maximum.val();
            }
        }

        if self.en.val() {
            self.begins.d.next = self.after.val().valid & self.after.val().first;
        }
        if self.en.val() & self.begins.q.val() {
            self.decided.d.next = self.verdict.val();
        }

        // One slot ahead: is it too long, and what leaves of it.
        if self.en.val() {
            self.total.d.next = self.octets.q.val();
            self.over.d.next = self.octets.q.val() > bit_cast::<16, 15>(self.limit.q.val());
            if self.removes.val() {
                self.leaving.d.next = self.octets.q.val() - bit_cast::<16, 4>(self.changes.q.val());
            } else {
                self.leaving.d.next = self.octets.q.val() + bit_cast::<16, 4>(self.changes.q.val());
            }
        }

        // The slot at the end.
        self.now.next = self.decided.q.val();
        self.is_drop.next = true;
        self.reason.next = self.now.val().reason;
        if !self.now.val().drop {
            if self.over.q.val() {
                self.reason.next = self.oversize.val();
            } else if self.slot.val().bad {
                self.reason.next = self.frame_error.val();
            } else {
                self.is_drop.next = false;
            }
        }

        self.result.next.valid = self.en.val() & self.slot.val().valid & self.slot.val().last;
        self.result.next.entity = self.now.val().entity;
        self.result.next.class = self.now.val().class;
        self.result.next.octets = self.total.q.val();
        self.result.next.forwarded = (!self.is_drop.val()) & (!self.now.val().control);
        self.result.next.control = (!self.is_drop.val()) & self.now.val().control;
        self.result.next.port = self.now.val().port;
        self.result.next.link = self.now.val().link;
        self.result.next.out_octets = self.leaving.q.val();
        self.result.next.disposition = self.forwarded.val();
        self.result.next.port_disposition = self.control.val();
        self.result.next.at_port = false;
        if self.is_drop.val() {
            self.result.next.disposition = self.reason.val();
            if self.now.val().drop & self.now.val().at_port {
                self.result.next.disposition = self.at_port.val();
                self.result.next.port_disposition = self.reason.val();
                self.result.next.at_port = true;
            }
        } else if self.now.val().control {
            self.result.next.disposition = self.control.val();
            self.result.next.at_port = self.now.val().at_port;
        }
        self.counted_drop.d.next = self.is_drop.val() & self.result.val().valid;
        self.said.next.reason = self.reason.val();
        self.said.next.entity = self.now.val().entity;
        if self.now.val().drop & self.now.val().at_port {
            self.said.next.entity = self.port_out.val() | bit_cast::<9, 6>(self.now.val().port);
        }
        self.said.next.mac = self.now.val().mac;
        self.said.next.vlan = self.now.val().vlan;
        self.said.next.channel = self.now.val().channel;
        self.said.next.link = self.now.val().link;
        self.counted_event.d.next = self.said.val();

        self.counted.d.next = self.result.val();
        if self.result.val().valid {
            self.counted_members.d.next = self.now.val().members;
        }
        if self.rst.val() {
            self.counted.d.next.valid = false;
            self.counted_drop.d.next = false;
        }
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("tally", "1 clock").says("What a frame counts as, and its event.").timing()
    }
}
