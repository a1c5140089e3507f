// SPDX-License-Identifier: MIT
//! Parse: finds the tags of a header and what they say, in four clocks (docs/pipeline.md, 3.3; docs/rules.md).

#![allow(missing_docs)] // of the methods that rust-hdl derives for a structure

use rust_hdl::prelude::*;
use vireo_spec::ether::EtherType;

use super::known::Fixed;
use super::logic_block::logic_block;
use super::slot::Origin;
use crate::verilog::About;

/// What a header says.
#[derive(LogicStruct, Clone, Copy, Debug, Default, PartialEq)]
pub struct Parsed {
    /// A header, else a bubble.
    pub valid: Bit,
    /// It ends before its tags do.
    pub runt: Bit,
    /// MAC control, directly behind the addresses or behind the family tag.
    pub mac_control: Bit,
    /// The outermost tag, on a link's side: 0 no family tag, 1 E-TAG, 2 VN-Tag, 3 S-TAG of an S-TAG link.
    pub tag: Bits<2>,
    /// The words behind its EtherType.
    pub word0: Bits<16>,
    pub word1: Bits<16>,
    pub word2: Bits<16>,
    /// Destination: 0 unicast, 1 multicast, 2 broadcast.
    pub class: Bits<2>,
    /// The destination is 01-80-C2-00-00-00..0F.
    pub reserved: Bit,
    /// Source address.
    pub mac: Bits<48>,
    /// A C-TAG stands directly behind the addresses of the host frame.
    pub tagged: Bit,
    /// Its word, else 0.
    pub tci: Bits<16>,
    /// LLDP or ECP stands there.
    pub discovery: Bit,
    /// The host frame carries a family tag.
    pub tag_present: Bit,
    /// It carries a third VLAN tag.
    pub tag_depth: Bit,
}

const fn raw(ethertype: EtherType) -> usize {
    ethertype.0.swap_bytes() as usize
}

logic_block! {
    /// Compares EtherTypes where they may stand, tells the outermost tag, selects by it, then by the tags behind it.
    pub struct Parse {
        /// Clock.
        pub clk: Signal<In, Clock>,
        /// Reset.
        pub rst: Signal<In, Bit>,
        /// The direction moves, a bit for each of its clocks.
        pub en: Signal<In, Bits<4>>,
        /// Frames come from links: the outermost family tag is not the host's.
        pub at_link: Signal<In, Bit>,
        /// A header leaves the window.
        pub s_valid: Signal<In, Bit>,
        /// Its octets, zeros behind them.
        pub s_header: Signal<In, Bits<256>>,
        /// How many there are.
        pub s_octets: Signal<In, Bits<6>>,
        /// Where its frame comes from.
        pub s_origin: Signal<In, Origin>,
        /// What the header says, four clocks later.
        pub parsed: Signal<Out, Parsed>,
        /// Where its frame comes from.
        pub origin: Signal<Out, Origin>,
        /// Port (the origin's index), source address and VLAN, as the binding table has them.
        pub binding_key: Signal<Out, Bits<72>>,
        // Behind the first clock: what stands in words 6 to 14, a bit a word; which words there are not.
        valid1: DFF<Bit>,
        words: [DFF<Bits<16>>; 12],
        missing: DFF<Bits<16>>,
        origin1: DFF<Origin>,
        s_link: DFF<Bit>,
        c_tag: DFF<Bits<16>>,
        s_tag: DFF<Bits<16>>,
        q_tag: DFF<Bits<16>>,
        e_tag: DFF<Bits<16>>,
        vn_tag: DFF<Bits<16>>,
        mac_control: DFF<Bits<16>>,
        lldp: DFF<Bits<16>>,
        ecp: DFF<Bits<16>>,
        class1: DFF<Bits<2>>,
        reserved1: DFF<Bit>,
        // Behind the second: the outermost tag; the rest as it was, and which words are family tags of this link, and C-TAGs that name a VLAN.
        found2: DFF<Parsed>,
        origin2: DFF<Origin>,
        words2: [DFF<Bits<16>>; 12],
        missing2: DFF<Bits<16>>,
        c_tag2: DFF<Bits<16>>,
        named2: DFF<Bits<16>>,
        vlan_tag2: DFF<Bits<16>>,
        families2: DFF<Bits<16>>,
        mac_control2: DFF<Bits<16>>,
        discovery2: DFF<Bits<16>>,
        // Behind the third: what stands in the host frame's words, its EtherType's in bit 0.
        found3: DFF<Parsed>,
        origin3: DFF<Origin>,
        missing3: DFF<Bits<16>>,
        vlan_tag3: DFF<Bits<16>>,
        families3: DFF<Bits<16>>,
        named3: DFF<Bit>,
        fields: DFF<Parsed>,
        fields_origin: DFF<Origin>,
        key: DFF<Bits<72>>,
        word: Signal<Local, Bits<16>>,
        is_c: Signal<Local, Bits<16>>,
        is_s: Signal<Local, Bits<16>>,
        is_q: Signal<Local, Bits<16>>,
        is_e: Signal<Local, Bits<16>>,
        is_vn: Signal<Local, Bits<16>>,
        is_mac: Signal<Local, Bits<16>>,
        is_lldp: Signal<Local, Bits<16>>,
        is_ecp: Signal<Local, Bits<16>>,
        to: Signal<Local, Bits<48>>,
        absent: Signal<Local, Bits<16>>,
        ends: Signal<Local, Bits<6>>,
        outer: Signal<Local, Bits<2>>,
        families: Signal<Local, Bits<16>>,
        named: Signal<Local, Bits<16>>,
        host_c: Signal<Local, Bits<16>>,
        host_named: Signal<Local, Bits<16>>,
        host_mac: Signal<Local, Bits<16>>,
        host_disc: Signal<Local, Bits<16>>,
        one: Signal<Local, Bit>,
        two: Signal<Local, Bit>,
        raw_tci: Signal<Local, Bits<16>>,
        tci: Signal<Local, Bits<16>>,
        raw_word: Signal<Local, Bits<16>>,
        vid: Signal<Local, Bits<12>>,
        mac: Signal<Local, Bits<48>>,
        told: Signal<Local, Parsed>,
        found: Signal<Local, Parsed>,
        behind: Signal<Local, Parsed>,
        code_c: Fixed<{ raw(EtherType::C_TAG) }, 16>,
        code_s: Fixed<{ raw(EtherType::S_TAG) }, 16>,
        code_q: Fixed<{ raw(EtherType::Q_IN_Q) }, 16>,
        code_e: Fixed<{ raw(EtherType::E_TAG) }, 16>,
        code_vn: Fixed<{ raw(EtherType::VN_TAG) }, 16>,
        code_mac: Fixed<{ raw(EtherType::MAC_CONTROL) }, 16>,
        code_lldp: Fixed<{ raw(EtherType::LLDP) }, 16>,
        code_ecp: Fixed<{ raw(EtherType::ECP) }, 16>,
    }
}

impl Logic for Parse {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clk,
            valid1,
            missing,
            origin1,
            s_link,
            c_tag,
            s_tag,
            q_tag,
            e_tag,
            vn_tag,
            mac_control,
            lldp,
            ecp,
            class1,
            reserved1,
            found2,
            origin2,
            missing2,
            c_tag2,
            named2,
            vlan_tag2,
            families2,
            mac_control2,
            discovery2,
            found3,
            origin3,
            missing3,
            vlan_tag3,
            families3,
            named3,
            fields,
            fields_origin,
            key
        );
        self.parsed.next = self.fields.q.val();
        self.origin.next = self.fields_origin.q.val();
        self.binding_key.next = self.key.q.val();

        // First clock: what stands in each word; of a bubble, whatever.
        self.is_c.next = 0.into();
        self.is_s.next = 0.into();
        self.is_q.next = 0.into();
        self.is_e.next = 0.into();
        self.is_vn.next = 0.into();
        self.is_mac.next = 0.into();
        self.is_lldp.next = 0.into();
        self.is_ecp.next = 0.into();
        for i in 0..12 {
            self.words[i].clock.next = self.clk.val();
            self.words[i].d.next = self.words[i].q.val();
            if self.en.val().get_bit(0) {
                self.words[i].d.next = self.s_header.val().get_bits::<16>(i * 16);
            }
            self.words2[i].clock.next = self.clk.val();
            self.words2[i].d.next = self.words2[i].q.val();
            if self.en.val().get_bit(1) {
                self.words2[i].d.next = self.words[i].q.val();
            }
        }
        self.absent.next = 0.into();
        self.ends.next = 14.into();
        for i in 6..15 {
            self.absent.next =
                self.absent.val().replace_bit(i, self.s_octets.val() < self.ends.val());
            self.ends.next = self.ends.val() + 2;
            self.word.next = self.s_header.val().get_bits::<16>(i * 16);
            self.is_c.next = self.is_c.val().replace_bit(i, self.word.val() == self.code_c.val());
            self.is_s.next = self.is_s.val().replace_bit(i, self.word.val() == self.code_s.val());
            self.is_q.next = self.is_q.val().replace_bit(i, self.word.val() == self.code_q.val());
            self.is_e.next = self.is_e.val().replace_bit(i, self.word.val() == self.code_e.val());
            self.is_vn.next =
                self.is_vn.val().replace_bit(i, self.word.val() == self.code_vn.val());
            self.is_mac.next =
                self.is_mac.val().replace_bit(i, self.word.val() == self.code_mac.val());
            self.is_lldp.next =
                self.is_lldp.val().replace_bit(i, self.word.val() == self.code_lldp.val());
            self.is_ecp.next =
                self.is_ecp.val().replace_bit(i, self.word.val() == self.code_ecp.val());
        }
        self.to.next = self.s_header.val().get_bits::<48>(0);
        if self.en.val().get_bit(0) {
            self.valid1.d.next = self.s_valid.val();
            self.missing.d.next = self.absent.val();
            self.origin1.d.next = self.s_origin.val();
            self.s_link.d.next = self.s_origin.val().family == 2;
            self.c_tag.d.next = self.is_c.val();
            self.s_tag.d.next = self.is_s.val();
            self.q_tag.d.next = self.is_q.val();
            self.e_tag.d.next = self.is_e.val();
            self.vn_tag.d.next = self.is_vn.val();
            self.mac_control.d.next = self.is_mac.val();
            self.lldp.d.next = self.is_lldp.val();
            self.ecp.d.next = self.is_ecp.val();
            self.class1.d.next = 0.into();
            if self.to.val().all() {
                self.class1.d.next = 2.into();
            } else if self.to.val().get_bit(0) {
                self.class1.d.next = 1.into();
            }
            // 01-80-C2-00-00-00..0F, in the order of the wire.
            self.reserved1.d.next = (self.to.val().get_bits::<24>(0) == 0x00C2_8001)
                & ((self.to.val().get_bits::<24>(24) & 0x00F0_FFFF) == 0);
        }

        // Second clock: the outermost family tag.
        self.outer.next = 0.into();
        if self.at_link.val() {
            if self.e_tag.q.val().get_bit(6) {
                self.outer.next = 1.into();
            } else if self.vn_tag.q.val().get_bit(6) {
                self.outer.next = 2.into();
            } else if self.s_link.q.val() & self.s_tag.q.val().get_bit(6) {
                self.outer.next = 3.into();
            }
        }
        self.families.next = self.e_tag.q.val() | self.vn_tag.q.val();
        if self.s_link.q.val() {
            self.families.next = self.families.val() | self.s_tag.q.val();
        }
        // The words are still in the order of the wire.
        self.named.next = 0.into();
        for i in 6..11 {
            self.raw_word.next = self.words[i + 1].q.val();
            self.named.next = self.named.val().replace_bit(
                i,
                self.c_tag.q.val().get_bit(i) & (self.raw_word.val() & 0xFF0F).any(),
            );
        }
        self.mac.next = 0.into();
        for i in 3..6 {
            self.raw_word.next = self.words[i].q.val();
            self.mac.next = (self.mac.val() << 16)
                | bit_cast::<48, 16>((self.raw_word.val() << 8) | (self.raw_word.val() >> 8));
        }
        self.told.next.valid = self.valid1.q.val();
        self.told.next.runt = false;
        self.told.next.mac_control = self.mac_control.q.val().get_bit(6);
        self.told.next.tag = self.outer.val();
        self.raw_word.next = self.words[7].q.val();
        self.told.next.word0 = (self.raw_word.val() << 8) | (self.raw_word.val() >> 8);
        self.raw_word.next = self.words[8].q.val();
        self.told.next.word1 = (self.raw_word.val() << 8) | (self.raw_word.val() >> 8);
        self.raw_word.next = self.words[9].q.val();
        self.told.next.word2 = (self.raw_word.val() << 8) | (self.raw_word.val() >> 8);
        self.told.next.class = self.class1.q.val();
        self.told.next.reserved = self.reserved1.q.val();
        self.told.next.mac = self.mac.val();
        self.told.next.tagged = false;
        self.told.next.tci = 0.into();
        self.told.next.discovery = false;
        self.told.next.tag_present = false;
        self.told.next.tag_depth = false;
        if self.en.val().get_bit(1) {
            self.found2.d.next = self.told.val();
            self.origin2.d.next = self.origin1.q.val();
            self.missing2.d.next = self.missing.q.val();
            self.c_tag2.d.next = self.c_tag.q.val();
            self.named2.d.next = self.named.val();
            self.vlan_tag2.d.next = self.c_tag.q.val() | self.s_tag.q.val() | self.q_tag.q.val();
            self.families2.d.next = self.families.val();
            self.mac_control2.d.next = self.mac_control.q.val();
            self.discovery2.d.next = self.lldp.q.val() | self.ecp.q.val();
        }

        // Third clock: it moves the host frame's EtherType from word 6 to word 10, 9 or 8.
        if self.en.val().get_bit(2) {
            self.origin3.d.next = self.origin2.q.val();
        }
        if self.found2.q.val().tag == 1 {
            self.host_c.next = self.c_tag2.q.val() >> 10;
            self.host_named.next = self.named2.q.val() >> 10;
            self.host_mac.next = self.mac_control2.q.val() >> 10;
            self.host_disc.next = self.discovery2.q.val() >> 10;
            self.raw_tci.next = self.words2[11].q.val();
            if self.en.val().get_bit(2) {
                self.missing3.d.next = self.missing2.q.val() >> 10;
                self.vlan_tag3.d.next = self.vlan_tag2.q.val() >> 10;
                self.families3.d.next = self.families2.q.val() >> 10;
            }
        } else if self.found2.q.val().tag == 2 {
            self.host_c.next = self.c_tag2.q.val() >> 9;
            self.host_named.next = self.named2.q.val() >> 9;
            self.host_mac.next = self.mac_control2.q.val() >> 9;
            self.host_disc.next = self.discovery2.q.val() >> 9;
            self.raw_tci.next = self.words2[10].q.val();
            if self.en.val().get_bit(2) {
                self.missing3.d.next = self.missing2.q.val() >> 9;
                self.vlan_tag3.d.next = self.vlan_tag2.q.val() >> 9;
                self.families3.d.next = self.families2.q.val() >> 9;
            }
        } else if self.found2.q.val().tag == 3 {
            self.host_c.next = self.c_tag2.q.val() >> 8;
            self.host_named.next = self.named2.q.val() >> 8;
            self.host_mac.next = self.mac_control2.q.val() >> 8;
            self.host_disc.next = self.discovery2.q.val() >> 8;
            self.raw_tci.next = self.words2[9].q.val();
            if self.en.val().get_bit(2) {
                self.missing3.d.next = self.missing2.q.val() >> 8;
                self.vlan_tag3.d.next = self.vlan_tag2.q.val() >> 8;
                self.families3.d.next = self.families2.q.val() >> 8;
            }
        } else {
            self.host_c.next = self.c_tag2.q.val() >> 6;
            self.host_named.next = self.named2.q.val() >> 6;
            self.host_mac.next = self.mac_control2.q.val() >> 6;
            self.host_disc.next = self.discovery2.q.val() >> 6;
            self.raw_tci.next = self.words2[7].q.val();
            if self.en.val().get_bit(2) {
                self.missing3.d.next = self.missing2.q.val() >> 6;
                self.vlan_tag3.d.next = self.vlan_tag2.q.val() >> 6;
                self.families3.d.next = self.families2.q.val() >> 6;
            }
        }
        self.found.next = self.found2.q.val();
        self.found.next.mac_control =
            self.found2.q.val().mac_control | self.host_mac.val().get_bit(0);
        self.found.next.tagged = self.host_c.val().get_bit(0);
        self.found.next.tci = (self.raw_tci.val() << 8) | (self.raw_tci.val() >> 8);
        self.found.next.discovery = self.host_disc.val().get_bit(0);
        if self.en.val().get_bit(2) {
            self.found3.d.next = self.found.val();
            self.named3.d.next = self.host_named.val().get_bit(0);
        }

        // Fourth clock: the host frame's VLAN tags.
        self.behind.next = self.found3.q.val();
        self.one.next = self.vlan_tag3.q.val().get_bit(0);
        self.two.next = self.vlan_tag3.q.val().get_bit(0) & self.vlan_tag3.q.val().get_bit(2);
        if self.two.val() {
            self.behind.next.runt = self.missing3.q.val().get_bit(4);
        } else if self.one.val() {
            self.behind.next.runt = self.missing3.q.val().get_bit(2);
        } else {
            self.behind.next.runt = self.missing3.q.val().get_bit(0);
        }
        self.tci.next = 0.into();
        if self.found3.q.val().tagged {
            self.tci.next = self.found3.q.val().tci;
        }
        self.behind.next.tci = self.tci.val();
        self.behind.next.tag_present = self.families3.q.val().get_bit(0)
            | (self.one.val() & self.families3.q.val().get_bit(2))
            | (self.two.val() & self.families3.q.val().get_bit(4));
        self.behind.next.tag_depth = self.two.val() & self.vlan_tag3.q.val().get_bit(4);
        self.vid.next = bit_cast::<12, 16>(self.found3.q.val().tci);
        if !self.named3.q.val() {
            self.vid.next = self.origin3.q.val().pvid;
        }
        if self.en.val().get_bit(3) {
            self.fields.d.next = self.behind.val();
            self.fields_origin.d.next = self.origin3.q.val();
            self.key.d.next = bit_cast::<72, 12>(self.vid.val())
                | (bit_cast::<72, 48>(self.found3.q.val().mac) << 12)
                | (bit_cast::<72, 6>(self.origin3.q.val().index) << 60);
        }
        if self.rst.val() {
            self.valid1.d.next = false;
            self.found2.d.next.valid = false;
            self.found3.d.next.valid = false;
            self.fields.d.next.valid = false;
        }
    }

    fn timing(&self) -> Vec<TimingInfo> {
        About::new("parse", "4 clocks")
            .says("Finds the tags of a header and what they say.")
            .timing()
    }
}
