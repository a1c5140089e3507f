// SPDX-License-Identifier: MIT
//! What does not fit a field is refused before anything is sent, and what is cut off says where.

use vireo_association::wire::vdp::{
    Command, EntriesError, Entry, Filter, FilterFormat, ManagerId, Refusal, Status, VidWord, Vsi,
    VsiId, VsiTlv,
};
use vireo_association::wire::{
    Error, Found, MAX_TLV, TooLong, cdcp, draft, ecp, evb, frame, lldp, pe_csp, vdp,
};
use vireo_spec::ether::{MacAddr, VlanId};
use vireo_spec::tag::ECid;

fn association(filter: Filter) -> vdp::Repr {
    let vsi = Vsi { type_id: 5, type_version: 4, id: VsiId::uuid([7; 16]), filter };
    let tlv = VsiTlv { command: Command::Associate, status: Status::default(), vsi };
    vdp::Repr { manager: Some(ManagerId([1; 16])), tlvs: vec![vdp::Tlv::Vsi(tlv)], end: false }
}

fn mac_filter(entries: usize) -> Filter {
    Filter::MacVid(vec![(MacAddr([2; 6]), VidWord::default()); entries])
}

#[test]
fn filter_that_overflows_its_tlv_is_refused_before_it_is_sent() {
    // What lldpad sends with a length that has overflowed (62 filters) is not sent here.
    for (entries, octets) in [(60, 505), (61, 513), (62, 521)] {
        let expected = (octets > MAX_TLV).then_some(TooLong {
            what: "octets of a VSI TLV",
            max: 511,
            found: octets,
        });
        assert_eq!(association(mac_filter(entries)).emit().err(), expected, "{entries} entries");
    }
    // 243 VID words fill a TLV to its last octet.
    let vids = |count| association(Filter::Vid(vec![VidWord::default(); count]));
    assert_eq!(vids(243).emit().unwrap().len(), 18 + 2 + 511);
    assert_eq!(
        vids(244).emit().unwrap_err().to_string(),
        "octets of a VSI TLV: expected at most 511, found 513"
    );
    // A count of 16 bits must not wrap into one that fits.
    assert_eq!(vids(65_536).emit().unwrap_err().found, 25 + 2 * 65_536);
}

#[test]
fn numbers_beyond_their_field_are_refused_before_they_are_sent() {
    let mut repr = association(mac_filter(1));
    let vdp::Tlv::Vsi(tlv) = &mut repr.tlvs[0] else { unreachable!() };
    tlv.vsi.type_id = 0x100_0000;
    assert_eq!(repr.emit().unwrap_err().what, "type id of a VSI TLV");

    let mut evb = evb::Repr::parse([0x03, 0x05, 0x6e, 0xb1, 0x31]);
    assert!(evb.emit().is_ok());
    evb.retries = 8;
    let too_long = TooLong { what: "R of an EVB TLV", max: 7, found: 8 };
    assert_eq!(evb.emit(), Err(too_long));

    let pair = cdcp::Pair { scid: 1, svid: 1 };
    let channels = |channels| cdcp::Repr {
        role: cdcp::Role::Station,
        s_component: true,
        capacity: 167,
        channels,
    };
    assert_eq!(channels(vec![pair; 167]).emit().unwrap().len(), 505);
    assert_eq!(channels(vec![pair; 168]).emit().unwrap_err().found, 168);
    let svid = channels(vec![cdcp::Pair { svid: 4096, ..pair }]);
    assert_eq!(svid.emit().unwrap_err().what, "SVID of a CDCP TLV");

    let unknown = vdp::Tlv::Unknown { kind: 128, value: Vec::new() };
    let repr = vdp::Repr { manager: None, tlvs: vec![unknown], end: false };
    assert_eq!(repr.emit().unwrap_err().what, "type of a TLV");

    let mut neighbour = lldp::Repr {
        chassis: lldp::ChassisId { subtype: 7, value: vec![1; 256] },
        port: lldp::PortId::mac(MacAddr([2; 6])),
        ttl: 120,
        tlvs: Vec::new(),
    };
    assert_eq!(neighbour.emit().unwrap_err().what, "octets of a chassis ID");
    neighbour.chassis.value.pop();
    neighbour.tlvs.push(lldp::Tlv::Unknown { kind: 127, value: vec![0; 512] });
    assert_eq!(neighbour.emit().unwrap_err().what, "octets of an LLDP TLV");
}

#[test]
fn what_is_cut_off_says_where_and_what() {
    let short = |protocol, at, expected, octets| {
        Some(Error { protocol, at, expected, found: Found::Octets(octets) })
    };
    assert_eq!(frame::Packet::new_checked([0; 13]).err(), short("Ethernet", 0, "14 octets", 13));
    assert_eq!(ecp::Packet::new_checked([0x10, 1, 0]).err(), short("ECP", 0, "4 octets", 3));
    assert_eq!(draft::EcpPacket::new_checked([0; 8]).err(), short("draft ECP", 0, "9 octets", 8));
    assert_eq!(pe_csp::Message::parse(&[1; 7]).err(), short("PE-CSP", 0, "8 octets", 7));
    // A port TLV that announces 4 octets, of which 3 are there.
    let message = [1, 1, 1, 0, 0, 0, 0, 1, 2, 4, 0, 0, 0];
    assert_eq!(pe_csp::Message::parse(&message).err(), short("PE-CSP", 8, "a whole TLV", 5));
    let text = |octets: &[u8]| lldp::Repr::parse(octets).unwrap_err().to_string();
    assert_eq!(text(&[]), "LLDP: octet 0: expected a chassis ID (type 1), found 0 octets");
    assert_eq!(text(&[4, 2, 7, 1, 0, 0]), "LLDP: octet 0: expected a chassis ID (type 1), found 2");
    assert_eq!(
        text(&[2, 2, 7, 1, 4, 2, 7, 1, 6, 1, 0]),
        "LLDP: octet 10: expected a TTL (type 3) of 2 octets, found 1 octet"
    );
    assert_eq!(
        text(&[2, 2, 7, 1, 4, 2, 7, 1, 6, 2, 0, 1, 254, 9, 0]),
        "LLDP: octet 12: expected a whole TLV, found 3 octets"
    );
    assert_eq!(
        vdp::Repr::parse(&[12, 0, 9]).unwrap_err().to_string(),
        "VDP: octet 2: expected a whole TLV, found 1 octet"
    );
}

#[test]
fn vsi_that_ends_behind_its_id_can_be_answered_and_one_that_ends_before_it_cannot() {
    let whole = association(mac_filter(1)).emit().unwrap();
    let value = &whole[20..];
    for len in 0..value.len() {
        let tlv = [&[6, len as u8][..], &value[..len]].concat();
        let parsed = vdp::Repr::parse(&tlv).unwrap();
        match &parsed.tlvs[..] {
            [vdp::Tlv::Cut { kind: 3, .. }] => assert!(len < 22, "{len}"),
            [vdp::Tlv::Malformed { id, .. }] => {
                assert!(len >= 22, "{len}");
                assert_eq!(*id, VsiId::uuid([7; 16]));
            }
            other => panic!("{len}: {other:?}"),
        }
        assert_eq!(parsed.emit().unwrap(), tlv);
    }
}

#[test]
fn tlv_that_runs_past_the_pdu_is_cut_and_spoils_none_before_it() {
    let mut octets = association(mac_filter(1)).emit().unwrap();
    let good = vdp::Repr::parse(&octets).unwrap();
    octets.extend([6, 33, 1, 2, 3]);
    let parsed = vdp::Repr::parse(&octets).unwrap();
    assert_eq!(parsed.tlvs[0], good.tlvs[0]);
    let vdp::Tlv::Cut { kind, length, value, .. } = &parsed.tlvs[1] else { panic!("{parsed:?}") };
    assert_eq!((*kind, *length, value.as_slice()), (3, 33, [1, 2, 3].as_slice()));
    assert_eq!(parsed.emit().unwrap(), octets);
}

#[test]
fn manager_id_counts_only_in_the_first_place_and_with_16_octets() {
    let id = [&[10, 16][..], &[9; 16]].concat();
    assert_eq!(vdp::Repr::parse(&id).unwrap().manager, Some(ManagerId([9; 16])));
    let late = [&[12, 0][..], &id].concat();
    assert_eq!(vdp::Repr::parse(&late).unwrap().manager, None);
    let short = [10, 2, 9, 9];
    assert_eq!(vdp::Repr::parse(&short).unwrap().manager, None);
}

#[test]
fn entries_of_two_formats_are_no_filter() {
    let word = VidWord::default();
    let vid = Entry { group: None, mac: None, word };
    let mac = Entry { mac: Some(MacAddr([2; 6])), ..vid };
    assert_eq!(Filter::from_entries([]), Err(EntriesError::Empty));
    assert_eq!(
        Filter::from_entries([vid, mac]),
        Err(EntriesError::Mixed {
            index: 1,
            expected: FilterFormat::Vid,
            found: FilterFormat::MacVid
        })
    );
}

#[test]
fn bridge_fills_in_the_vid_of_one_entry_of_any_format() {
    let vid = VlanId::new(100).unwrap();
    for (group, mac) in
        [(None, None), (Some(7), None), (None, Some([2; 6])), (Some(7), Some([2; 6]))]
    {
        let entry = Entry { group, mac: mac.map(MacAddr), word: VidWord::default() };
        let mut filter = Filter::from_entries([entry, entry]).unwrap();
        filter.set_vid(1, vid);
        filter.set_vid(2, vid);
        let filled = Entry { word: VidWord::new(vid), ..entry };
        assert_eq!(filter.entries().collect::<Vec<_>>(), [entry, filled]);
        assert_eq!(filter.format(), entry.format());
    }
}

#[test]
fn status_of_a_request_says_nothing_that_only_a_response_says() {
    let refused = Status::refused(Refusal::Entry);
    assert_eq!((refused.0, refused.error()), (0x45, Some(Refusal::Entry)));
    assert_eq!((refused.with_keep().0, refused.with_hard().0), (0x65, 0x55));
    assert!(refused.with_keep().keep() && !refused.with_keep().hard());
    assert_eq!((Status::confirmed().0, Status::confirmed().error()), (0x40, None));
    for octet in 0..=u8::MAX {
        let status = Status(octet);
        assert_eq!(status.is_response(), octet & 0x40 != 0);
        if status.is_response() {
            assert!(!status.migrates_to() && !status.migrates_from());
            assert_eq!(status.error().map_or(0, Refusal::code), octet & 0xf);
        } else {
            assert!(!status.keep() && !status.hard() && status.error().is_none());
        }
    }
}

#[test]
fn reserved_bits_are_ignored_and_sent_as_zero() {
    let evb = evb::Repr::parse([0xff, 0xff, 0xff, 0xff, 0xff]);
    assert_eq!(evb.emit().unwrap(), [0x07, 0x0f, 0xff, 0xff, 0x3f]);
    let cdcp = cdcp::Repr::parse(&[0xff; 4]).unwrap();
    assert_eq!(cdcp.emit().unwrap(), [0x88, 0x00, 0x0f, 0xff]);
}

#[test]
fn cdcp_and_pe_csp_stand_as_the_contract_lays_them_out() {
    let cdcp = cdcp::Repr {
        role: cdcp::Role::Station,
        s_component: true,
        capacity: 0x0a7,
        channels: vec![cdcp::Pair { scid: 1, svid: 1 }, cdcp::Pair { scid: 2, svid: 0xabc }],
    };
    let octets = [0x88, 0x00, 0x00, 0xa7, 0x00, 0x10, 0x01, 0x00, 0x2a, 0xbc];
    assert_eq!(cdcp.emit().unwrap(), octets);
    assert_eq!(cdcp::Repr::parse(&octets), Ok(cdcp));
    let message = pe_csp::Message {
        kind: pe_csp::Kind::Response,
        action: pe_csp::Action::Create,
        status: pe_csp::Status::Success,
        transaction: 0x0102_0304,
        port: Some(7),
        ecid: Some(ECid::new(2, 0x345, 0x67).unwrap()),
        unknown: Vec::new(),
    };
    let octets = [
        1, 2, 1, 0, 1, 2, 3, 4, // header
        2, 4, 0, 0, 0, 7, // port
        4, 3, 0x23, 0x45, 0x67, // E-CID
        0, 0,
    ];
    assert_eq!(message.emit().unwrap(), octets);
    assert_eq!(pe_csp::Message::parse(&octets), Ok(message.clone()));
    // Two bits above the E-CID are no E-CID; the TLV is kept.
    let mut reserved = octets;
    reserved[16] |= 0x40;
    let kept =
        pe_csp::Message { ecid: None, unknown: vec![(2, vec![0x63, 0x45, 0x67])], ..message };
    assert_eq!(pe_csp::Message::parse(&reserved), Ok(kept));
}
