// SPDX-License-Identifier: MIT
//! Checks of a frame at a link that need no table (docs/rules.md, "Enters at a link", 1 to 6), and the channel to look up.

use rust_hdl::prelude::*;
use vireo_spec::fate::DropReason;
use vireo_spec::pins::StreamId;
use vireo_spec::table::Entity;

use super::known::Fixed;
use super::logic_block::logic_block;
use super::parse::Parsed;
use super::slot::Origin;
use super::verdict::Verdict;
use crate::verilog::About;

logic_block! {
    /// Judges without a clock.
    pub struct LinkChecks {
        /// The frame.
        pub parsed: Signal<In, Parsed>,
        /// The link that it comes from.
        pub origin: Signal<In, Origin>,
        /// What is known of it before the tables are.
        pub verdict: Signal<Out, Verdict>,
        /// The channel that its tag names, 0 if the tag is not of the link's family.
        pub channel: Signal<Out, Bits<22>>,
        word0: Signal<Local, Bits<16>>,
        word1: Signal<Local, Bits<16>>,
        word2: Signal<Local, Bits<16>>,
        tci: Signal<Local, Bits<16>>,
        pcp: Signal<Local, Bits<16>>,
        wanted: Signal<Local, Bits<22>>,
        null: Signal<Local, Bit>,
        misfit: Signal<Local, Bit>,
        port_disabled: Fixed<{ DropReason::PortDisabled as usize }, 5>,
        runt: Fixed<{ DropReason::Runt as usize }, 5>,
        mac_control: Fixed<{ DropReason::MacControl as usize }, 5>,
        tag_absent: Fixed<{ DropReason::TagAbsent as usize }, 5>,
        tag_format: Fixed<{ DropReason::TagFormat as usize }, 5>,
        channel_miss: Fixed<{ DropReason::ChannelMiss as usize }, 5>,
        link_in: Fixed<{ Entity::LinkIn(0).code() as usize }, 9>,
        link_control: Fixed<{ StreamId::LinkControl(0).code() as usize }, 8>,
    }
}

impl Logic for LinkChecks {
    #[hdl_gen]
    fn update(&mut self) {
        self.word0.next = self.parsed.val().word0;
        self.word1.next = self.parsed.val().word1;
        self.word2.next = self.parsed.val().word2;
        self.tci.next = self.parsed.val().tci;
        self.misfit.next = self.parsed.val().tag != (self.origin.val().family + 1);
        self.wanted.next = 0.into();
        self.null.next = true;
        self.pcp.next = self.word0.val();
        if !self.misfit.val() {
            if self.origin.val().family == 0 {
                self.wanted.next = (bit_cast::<22, 14>(self.word1.val().get_bits::<14>(0)) << 8)
                    | bit_cast::<22, 8>(self.word2.val().get_bits::<8>(0));
                self.null.next = !self.word1.val().get_bits::<14>(0).any();
            } else {
                if self.origin.val().family == 1 {
                    if self.origin.val().bridge {
                        self.wanted.next = bit_cast::<22, 12>(self.word1.val().get_bits::<12>(0));
                    } else {
                        self.wanted.next = bit_cast::<22, 15>(self.word0.val().get_bits::<15>(0));
                    }
                } else {
                    self.wanted.next = bit_cast::<22, 12>(self.word0.val().get_bits::<12>(0));
                }
                self.null.next = !self.wanted.val().any();
            }
        }
        if (self.parsed.val().tag == 0) | (self.parsed.val().tag == 2) {
            self.pcp.next = self.tci.val();
        }
        if self.parsed.val().tag == 2 {
            // Version not 0, or the wrong way.
            self.misfit.next = self.misfit.val()
                | self.word1.val().get_bits::<2>(12).any()
                | (self.word0.val().get_bit(15) == self.origin.val().bridge);
        }
        self.verdict.next.drop = true;
        self.verdict.next.reason = 0.into();
        self.verdict.next.control = false;
        self.verdict.next.at_port = false;
        self.verdict.next.check_source = false;
        self.verdict.next.growth = 0.into();
        if self.parsed.val().tag == 1 {
            self.verdict.next.growth = 8.into();
        } else if self.parsed.val().tag == 2 {
            self.verdict.next.growth = 6.into();
        } else if self.parsed.val().tag == 3 {
            self.verdict.next.growth = 4.into();
        }
        self.verdict.next.tag = 0.into();
        self.verdict.next.priority = bit_cast::<4, 3>(self.pcp.val().get_bits::<3>(13));
        if self.pcp.val().get_bit(12) {
            self.verdict.next.priority = bit_cast::<4, 3>(self.pcp.val().get_bits::<3>(13)) | 8;
        }
        self.verdict.next.maximum = self.origin.val().maximum;
        self.verdict.next.id = 0.into();
        self.verdict.next.members = 0.into();
        self.verdict.next.port = 0.into();
        self.verdict.next.entity = self.link_in.val() | bit_cast::<9, 3>(self.origin.val().link);
        self.verdict.next.class = self.parsed.val().class;
        self.verdict.next.mac = self.parsed.val().mac;
        self.verdict.next.vlan = self.tci.val().get_bits::<12>(0);
        self.verdict.next.port_vlan = 0.into();
        self.verdict.next.link = self.origin.val().link;
        self.verdict.next.channel = self.wanted.val();
        if !self.origin.val().enabled {
            self.verdict.next.reason = self.port_disabled.val();
        } else if self.parsed.val().runt {
            self.verdict.next.reason = self.runt.val();
        } else if self.parsed.val().mac_control {
            self.verdict.next.reason = self.mac_control.val();
        } else if self.parsed.val().tag == 0 {
            if self.parsed.val().reserved {
                self.verdict.next.drop = false;
                self.verdict.next.control = true;
                self.verdict.next.id =
                    self.link_control.val() | bit_cast::<8, 3>(self.origin.val().link);
            } else {
                self.verdict.next.reason = self.tag_absent.val();
            }
        } else if self.misfit.val() {
            self.verdict.next.reason = self.tag_format.val();
        } else if self.null.val() {
            self.verdict.next.reason = self.channel_miss.val();
        } else {
            self.verdict.next.drop = false;
        }
        self.channel.next = self.wanted.val();
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("link_checks", "no clock")
            .says("Checks of a frame at a link that need no table, and the channel to look up.")
            .timing()
    }
}
