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
    /// Tells the channel in one clock, judges in two.
    pub struct LinkChecks {
        /// Clock.
        pub clk: Signal<In, Clock>,
        /// The direction moves.
        pub en: Signal<In, Bit>,
        /// The frame.
        pub parsed: Signal<In, Parsed>,
        /// The link that it comes from.
        pub origin: Signal<In, Origin>,
        /// The channel that its tag names, 0 if the tag is not of the link's family; a clock later.
        pub channel: Signal<Out, Bits<22>>,
        /// Its link, in the same clock.
        pub link: Signal<Out, Bits<3>>,
        /// What is known of it before the tables are; two clocks later.
        pub verdict: Signal<Out, Verdict>,
        parsed1: DFF<Parsed>,
        origin1: DFF<Origin>,
        channel1: DFF<Bits<22>>,
        misfit1: DFF<Bit>,
        null1: DFF<Bit>,
        verdict2: DFF<Verdict>,
        judged: Signal<Local, Verdict>,
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
        dff_setup!(self, clk, parsed1, origin1, channel1, misfit1, null1, verdict2);
        // First clock: the channel.
        self.word0.next = self.parsed.val().word0;
        self.word1.next = self.parsed.val().word1;
        self.word2.next = self.parsed.val().word2;
        self.misfit.next = self.parsed.val().tag != (self.origin.val().family + 1);
        self.wanted.next = 0.into();
        if !self.misfit.val() {
            if self.origin.val().family == 0 {
                self.wanted.next = (bit_cast::<22, 14>(self.word1.val().get_bits::<14>(0)) << 8)
                    | bit_cast::<22, 8>(self.word2.val().get_bits::<8>(0));
            } else if self.origin.val().family == 2 {
                self.wanted.next = bit_cast::<22, 12>(self.word0.val().get_bits::<12>(0));
            } else if self.origin.val().bridge {
                self.wanted.next = bit_cast::<22, 12>(self.word1.val().get_bits::<12>(0));
            } else {
                self.wanted.next = bit_cast::<22, 15>(self.word0.val().get_bits::<15>(0));
            }
        }
        // Null, if the tag is of the link's family: what is not is refused before.
        if self.origin.val().family == 0 {
            self.null.next = !self.word1.val().get_bits::<14>(0).any();
        } else if self.origin.val().family == 2 {
            self.null.next = !self.word0.val().get_bits::<12>(0).any();
        } else if self.origin.val().bridge {
            self.null.next = !self.word1.val().get_bits::<12>(0).any();
        } else {
            self.null.next = !self.word0.val().get_bits::<15>(0).any();
        }
        if self.parsed.val().tag == 2 {
            // Version not 0, or the wrong way.
            self.misfit.next = self.misfit.val()
                | self.word1.val().get_bits::<2>(12).any()
                | (self.word0.val().get_bit(15) == self.origin.val().bridge);
        }
        if self.en.val() {
            self.parsed1.d.next = self.parsed.val();
            self.origin1.d.next = self.origin.val();
            self.channel1.d.next = self.wanted.val();
            self.misfit1.d.next = self.misfit.val();
            self.null1.d.next = self.null.val();
        }
        self.channel.next = self.channel1.q.val();
        self.link.next = self.origin1.q.val().link;

        // Second clock: the verdict.
        self.tci.next = self.parsed1.q.val().tci;
        self.pcp.next = self.parsed1.q.val().word0;
        if (self.parsed1.q.val().tag == 0) | (self.parsed1.q.val().tag == 2) {
            self.pcp.next = self.tci.val();
        }
        self.judged.next.drop = true;
        self.judged.next.reason = 0.into();
        self.judged.next.control = false;
        self.judged.next.at_port = false;
        self.judged.next.check_source = false;
        self.judged.next.growth = 0.into();
        if self.parsed1.q.val().tag == 1 {
            self.judged.next.growth = 8.into();
        } else if self.parsed1.q.val().tag == 2 {
            self.judged.next.growth = 6.into();
        } else if self.parsed1.q.val().tag == 3 {
            self.judged.next.growth = 4.into();
        }
        self.judged.next.tag = 0.into();
        self.judged.next.priority = bit_cast::<4, 3>(self.pcp.val().get_bits::<3>(13));
        if self.pcp.val().get_bit(12) {
            self.judged.next.priority = bit_cast::<4, 3>(self.pcp.val().get_bits::<3>(13)) | 8;
        }
        self.judged.next.maximum = self.origin1.q.val().maximum;
        self.judged.next.id = 0.into();
        self.judged.next.members = 0.into();
        self.judged.next.port = 0.into();
        self.judged.next.entity = self.link_in.val() | bit_cast::<9, 3>(self.origin1.q.val().link);
        self.judged.next.class = self.parsed1.q.val().class;
        self.judged.next.mac = self.parsed1.q.val().mac;
        self.judged.next.vlan = self.tci.val().get_bits::<12>(0);
        self.judged.next.port_vlan = 0.into();
        self.judged.next.link = self.origin1.q.val().link;
        self.judged.next.channel = self.channel1.q.val();
        if !self.origin1.q.val().enabled {
            self.judged.next.reason = self.port_disabled.val();
        } else if self.parsed1.q.val().runt {
            self.judged.next.reason = self.runt.val();
        } else if self.parsed1.q.val().mac_control {
            self.judged.next.reason = self.mac_control.val();
        } else if self.parsed1.q.val().tag == 0 {
            if self.parsed1.q.val().reserved {
                self.judged.next.drop = false;
                self.judged.next.control = true;
                self.judged.next.id =
                    self.link_control.val() | bit_cast::<8, 3>(self.origin1.q.val().link);
            } else {
                self.judged.next.reason = self.tag_absent.val();
            }
        } else if self.misfit1.q.val() {
            self.judged.next.reason = self.tag_format.val();
        } else if self.null1.q.val() {
            self.judged.next.reason = self.channel_miss.val();
        } else {
            self.judged.next.drop = false;
        }
        if self.en.val() {
            self.verdict2.d.next = self.judged.val();
        }
        self.verdict.next = self.verdict2.q.val();
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("link_checks", "2 clocks")
            .says("Checks of a frame at a link that need no table, and the channel to look up.")
            .timing()
    }
}
