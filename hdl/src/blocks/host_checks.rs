// SPDX-License-Identifier: MIT
//! Host-frame checks that need no table (docs/rules.md), for an extender's port and a bridge's virtual port alike.

use rust_hdl::prelude::*;
use vireo_spec::ether::VlanId;
use vireo_spec::fate::DropReason;

use super::known::Fixed;
use super::logic_block::logic_block;
use super::parse::Parsed;
use crate::verilog::About;

logic_block! {
    /// Judges without a clock.
    pub struct HostChecks {
        /// The frame.
        pub parsed: Signal<In, Parsed>,
        /// The port drops frames to reserved addresses.
        pub guard: Signal<In, Bit>,
        /// The port hands LLDP and ECP to the control port.
        pub control: Signal<In, Bit>,
        /// The frame is dropped.
        pub drop: Signal<Out, Bit>,
        /// Why.
        pub reason: Signal<Out, Bits<5>>,
        /// It goes to the control port, and no further check is made.
        pub to_control: Signal<Out, Bit>,
        vid: Signal<Local, Bits<12>>,
        vid_reserved: Fixed<{ VlanId::RESERVED.get() as usize }, 12>,
        reserved_address: Fixed<{ DropReason::ReservedAddress as usize }, 5>,
        tag_present: Fixed<{ DropReason::TagPresent as usize }, 5>,
        tag_depth: Fixed<{ DropReason::TagDepth as usize }, 5>,
        reserved_vlan: Fixed<{ DropReason::ReservedVlan as usize }, 5>,
    }
}

impl Logic for HostChecks {
    #[hdl_gen]
    fn update(&mut self) {
        self.drop.next = true;
        self.reason.next = 0.into();
        self.to_control.next = false;
        self.vid.next = bit_cast::<12, 16>(self.parsed.val().tci);
        if self.parsed.val().reserved & self.guard.val() {
            self.reason.next = self.reserved_address.val();
        } else if self.parsed.val().reserved & self.control.val() & self.parsed.val().discovery {
            self.drop.next = false;
            self.to_control.next = true;
        } else if self.parsed.val().tag_present {
            self.reason.next = self.tag_present.val();
        } else if self.parsed.val().tag_depth {
            self.reason.next = self.tag_depth.val();
        } else if self.parsed.val().tagged & (self.vid.val() == self.vid_reserved.val()) {
            self.reason.next = self.reserved_vlan.val();
        } else {
            self.drop.next = false;
        }
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("host_checks", "no clock").says("Host-frame checks that need no table.").timing()
    }
}
