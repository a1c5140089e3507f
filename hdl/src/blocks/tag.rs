// SPDX-License-Identifier: MIT
//! The tag that a frame leaves with, and its priority (docs/rules.md, "What a tag says").

use rust_hdl::prelude::*;
use vireo_spec::ether::EtherType;

use super::known::Fixed;
use super::logic_block::logic_block;
use super::parse::Parsed;
use super::slot::Origin;
use crate::verilog::About;

logic_block! {
    /// Makes the tag without a clock.
    pub struct Tag {
        /// The frame.
        pub parsed: Signal<In, Parsed>,
        /// Where it comes from.
        pub origin: Signal<In, Origin>,
        /// Its tag, first octet in bits 7:0, zeros behind it.
        pub octets: Signal<Out, Bits<64>>,
        /// The priority written, drop eligible on top.
        pub priority: Signal<Out, Bits<4>>,
        tci: Signal<Local, Bits<16>>,
        pcp: Signal<Local, Bits<16>>,
        channel: Signal<Local, Bits<22>>,
        source: Signal<Local, Bits<22>>,
        word0: Signal<Local, Bits<16>>,
        word1: Signal<Local, Bits<16>>,
        word2: Signal<Local, Bits<16>>,
        word3: Signal<Local, Bits<16>>,
        e_tag: Fixed<{ EtherType::E_TAG.0 as usize }, 16>,
        vn_tag: Fixed<{ EtherType::VN_TAG.0 as usize }, 16>,
        s_tag: Fixed<{ EtherType::S_TAG.0 as usize }, 16>,
    }
}

impl Logic for Tag {
    #[hdl_gen]
    fn update(&mut self) {
        // PCP and DEI at their place in a tag's word.
        self.tci.next = self.parsed.val().tci;
        if self.origin.val().trust & self.parsed.val().tagged {
            self.pcp.next = self.tci.val() & 0xF000;
        } else {
            self.pcp.next = bit_cast::<16, 3>(self.origin.val().default_priority) << 13;
        }
        self.priority.next = bit_cast::<4, 3>(self.pcp.val().get_bits::<3>(13));
        self.priority.next = self.priority.val().replace_bit(3, self.pcp.val().get_bit(12));

        self.channel.next = self.origin.val().channel;
        self.source.next = 0.into();
        if self.origin.val().looped {
            self.source.next = self.origin.val().source;
        }
        self.word0.next = self.s_tag.val();
        self.word1.next = self.pcp.val() | bit_cast::<16, 12>(self.channel.val().get_bits::<12>(0));
        self.word2.next = 0.into();
        self.word3.next = 0.into();
        if self.origin.val().family == 0 {
            self.word0.next = self.e_tag.val();
            self.word1.next =
                self.pcp.val() | bit_cast::<16, 12>(self.source.val().get_bits::<12>(8));
            self.word2.next = bit_cast::<16, 14>(self.channel.val().get_bits::<14>(8));
            self.word3.next = (bit_cast::<16, 8>(self.source.val().get_bits::<8>(0)) << 8)
                | bit_cast::<16, 8>(self.channel.val().get_bits::<8>(0));
        } else if self.origin.val().family == 1 {
            self.word0.next = self.vn_tag.val();
            if self.origin.val().bridge {
                self.word1.next =
                    bit_cast::<16, 15>(self.channel.val().get_bits::<15>(0)).replace_bit(15, true);
                self.word2.next = bit_cast::<16, 12>(self.source.val().get_bits::<12>(0))
                    .replace_bit(15, self.origin.val().looped);
            } else {
                self.word1.next = 0.into();
                self.word2.next = bit_cast::<16, 12>(self.channel.val().get_bits::<12>(0));
            }
        }
        // In the order of the wire.
        self.word0.next = (self.word0.val() << 8) | (self.word0.val() >> 8);
        self.word1.next = (self.word1.val() << 8) | (self.word1.val() >> 8);
        self.word2.next = (self.word2.val() << 8) | (self.word2.val() >> 8);
        self.word3.next = (self.word3.val() << 8) | (self.word3.val() >> 8);
        self.octets.next = bit_cast::<64, 16>(self.word0.val())
            | (bit_cast::<64, 16>(self.word1.val()) << 16)
            | (bit_cast::<64, 16>(self.word2.val()) << 32)
            | (bit_cast::<64, 16>(self.word3.val()) << 48);
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("tag", "no clock")
            .says("The tag that a frame leaves with, and its priority.")
            .timing()
    }
}
