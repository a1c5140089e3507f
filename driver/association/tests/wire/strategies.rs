// SPDX-License-Identifier: MIT
//! Arbitrary values of every format, as far as they can be sent.
//! What a value cannot mean on the wire is left out: type 0 without a value is the end, a code point with a name has that name.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use vireo_association::wire::ecp::{Operation, Subtype};
use vireo_association::wire::vdp::{
    Command, Entry, Filter, IdFormat, ManagerId, Status, VidWord, Vsi, VsiId, VsiTlv,
};
use vireo_association::wire::{cdcp, draft, ecp, evb, lldp, pe_csp, vdp};
use vireo_spec::ether::{MacAddr, Pcp, VlanId};
use vireo_spec::tag::ECid;

pub(crate) fn octets(max: usize) -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..=max)
}

pub(crate) fn mac() -> impl Strategy<Value = MacAddr> {
    any::<[u8; 6]>().prop_map(MacAddr)
}

/// A TLV that nobody knows, of a type from here on.
fn unknown(kinds: std::ops::Range<u8>) -> impl Strategy<Value = (u8, Vec<u8>)> {
    (kinds, octets(511))
}

pub(crate) fn ecp() -> impl Strategy<Value = ecp::Repr> {
    let operation = prop_oneof![
        Just(Operation::Request),
        Just(Operation::Acknowledgement),
        (2..4_u8).prop_map(Operation::Unknown)
    ];
    let subtype = prop_oneof![
        Just(Subtype::Vdp),
        Just(Subtype::PeCsp),
        Just(Subtype::Unknown(0)),
        (3..0x400_u16).prop_map(Subtype::Unknown)
    ];
    (operation, subtype, any::<u16>()).prop_map(|(operation, subtype, sequence)| ecp::Repr {
        operation,
        subtype,
        sequence,
    })
}

pub(crate) fn evb() -> impl Strategy<Value = evb::Repr> {
    let mode = prop_oneof![
        Just(evb::Mode::Bridge),
        Just(evb::Mode::Station),
        Just(evb::Mode::Unknown(0)),
        Just(evb::Mode::Unknown(3))
    ];
    let bridge = any::<[bool; 3]>().prop_map(|[bgid, rrcap, rrctr]| evb::BridgeStatus {
        bgid,
        rrcap,
        rrctr,
    });
    let station = (any::<[bool; 2]>(), 0..4_u8)
        .prop_map(|([sgid, rrreq], rrstat)| evb::StationStatus { sgid, rrreq, rrstat });
    let exponents = [0..32_u8, 0..32, 0..32];
    (bridge, station, 0..8_u8, exponents, mode, any::<[bool; 2]>()).prop_map(
        |(bridge, station, retries, [rte, rwd, rka], mode, [rol_wait, rol_keep_alive])| evb::Repr {
            bridge,
            station,
            retries,
            rte,
            mode,
            rol_wait,
            rwd,
            rol_keep_alive,
            rka,
        },
    )
}

pub(crate) fn cdcp() -> impl Strategy<Value = cdcp::Repr> {
    let role = prop_oneof![Just(cdcp::Role::Bridge), Just(cdcp::Role::Station)];
    let pair = [0..4096_u16, 0..4096].prop_map(|[scid, svid]| cdcp::Pair { scid, svid });
    (role, any::<bool>(), 0..4096_u16, vec(pair, 0..=cdcp::MAX_CHANNELS)).prop_map(
        |(role, s_component, capacity, channels)| cdcp::Repr {
            role,
            s_component,
            capacity,
            channels,
        },
    )
}

fn draft_evb() -> impl Strategy<Value = draft::EvbTlv> {
    any::<[u8; draft::EvbTlv::LEN]>().prop_map(draft::EvbTlv::parse)
}

pub(crate) fn lldp() -> impl Strategy<Value = lldp::Repr> {
    let id = || (any::<u8>(), octets(255));
    let tlv = prop_oneof![
        evb().prop_map(lldp::Tlv::Evb),
        cdcp().prop_map(lldp::Tlv::Cdcp),
        draft_evb().prop_map(lldp::Tlv::DraftEvb),
        unknown(1..127).prop_map(|(kind, value)| lldp::Tlv::Unknown { kind, value }),
        // An organization that nobody knows.
        octets(508).prop_map(|rest| {
            let value = [&[0xff, 0xff, 0xff][..], &rest].concat();
            lldp::Tlv::Unknown { kind: 127, value }
        })
    ];
    (id(), id(), any::<u16>(), vec(tlv, 0..5)).prop_map(|(chassis, port, ttl, tlvs)| lldp::Repr {
        chassis: lldp::ChassisId { subtype: chassis.0, value: chassis.1 },
        port: lldp::PortId { subtype: port.0, value: port.1 },
        ttl,
        tlvs,
    })
}

pub(crate) fn vid_word() -> impl Strategy<Value = VidWord> {
    (any::<bool>(), 0..8_u8, 0..4096_u16).prop_map(|(ps, pcp, vid)| VidWord {
        ps,
        pcp: Pcp::new(pcp).unwrap(),
        vid: VlanId::new(vid).unwrap(),
    })
}

pub(crate) fn entry() -> impl Strategy<Value = Entry> {
    (option::of(any::<u32>()), option::of(mac()), vid_word()).prop_map(|(group, mac, word)| Entry {
        group,
        mac,
        word,
    })
}

/// Any filter that fits a TLV.
pub(crate) fn filter() -> impl Strategy<Value = Filter> {
    prop_oneof![
        vec(vid_word(), 0..=243).prop_map(Filter::Vid),
        vec((mac(), vid_word()), 0..=60).prop_map(Filter::MacVid),
        vec((any::<u32>(), vid_word()), 0..=81).prop_map(Filter::GroupVid),
        vec((any::<u32>(), mac(), vid_word()), 0..=40).prop_map(Filter::GroupMacVid)
    ]
}

pub(crate) fn vsi_id() -> impl Strategy<Value = VsiId> {
    let format = prop_oneof![
        Just(IdFormat::Ipv4),
        Just(IdFormat::Ipv6),
        Just(IdFormat::Mac),
        Just(IdFormat::Local),
        Just(IdFormat::Uuid),
        Just(IdFormat::Unknown(0)),
        (6..=255_u8).prop_map(IdFormat::Unknown)
    ];
    prop_oneof![
        (format, any::<[u8; 16]>()).prop_map(|(format, octets)| VsiId { format, octets }),
        any::<u32>().prop_map(|address| VsiId::ipv4(address.into())),
        mac().prop_map(VsiId::mac)
    ]
}

pub(crate) fn command() -> impl Strategy<Value = Command> {
    prop_oneof![
        Just(Command::PreAssociate),
        Just(Command::PreAssociateWithReservation),
        Just(Command::Associate),
        Just(Command::Deassociate)
    ]
}

pub(crate) fn vsi() -> impl Strategy<Value = Vsi> {
    (0..1_u32 << 24, any::<u8>(), vsi_id(), filter())
        .prop_map(|(type_id, type_version, id, filter)| Vsi { type_id, type_version, id, filter })
}

pub(crate) fn vdp() -> impl Strategy<Value = vdp::Repr> {
    let known = (command(), any::<u8>(), vsi()).prop_map(|(command, status, vsi)| {
        vdp::Tlv::Vsi(VsiTlv { command, status: Status(status), vsi })
    });
    let tlv = prop_oneof![
        3 => known,
        1 => (any::<[u8; 3]>(), octets(508))
            .prop_map(|(oui, data)| vdp::Tlv::Organizational { oui, data }),
        1 => unknown(6..127).prop_map(|(kind, value)| vdp::Tlv::Unknown { kind, value })
    ];
    let manager = option::of(any::<[u8; 16]>().prop_map(ManagerId));
    (manager, vec(tlv, 0..5), any::<bool>()).prop_map(|(manager, tlvs, end)| vdp::Repr {
        manager,
        tlvs,
        end,
    })
}

pub(crate) fn pe_csp() -> impl Strategy<Value = pe_csp::Message> {
    use pe_csp::{Action, Kind, Status};
    let kind = prop_oneof![
        Just(Kind::Request),
        Just(Kind::Response),
        Just(Kind::Unknown(0)),
        (3..=255_u8).prop_map(Kind::Unknown)
    ];
    let action = prop_oneof![
        Just(Action::Create),
        Just(Action::Delete),
        Just(Action::Unknown(0)),
        (3..=255_u8).prop_map(Action::Unknown)
    ];
    let status = prop_oneof![
        Just(Status::Success),
        Just(Status::Format),
        Just(Status::Resources),
        (3..=255_u8).prop_map(Status::Unknown)
    ];
    let ecid = (0..4_u8, 0..4096_u16, any::<u8>())
        .prop_map(|(group, base, ext)| ECid::new(group, base, ext).unwrap());
    let tlvs = (option::of(any::<u32>()), option::of(ecid), vec(unknown(3..128), 0..4));
    (kind, action, status, any::<u32>(), tlvs).prop_map(
        |(kind, action, status, transaction, (port, ecid, unknown))| pe_csp::Message {
            kind,
            action,
            status,
            transaction,
            port,
            ecid,
            unknown,
        },
    )
}

pub(crate) fn draft() -> impl Strategy<Value = (draft::Ecp, draft::Vdp)> {
    let operation = prop_oneof![
        Just(Operation::Request),
        Just(Operation::Acknowledgement),
        (2..=255_u8).prop_map(Operation::Unknown)
    ];
    let header = (any::<u16>(), operation, any::<u16>())
        .prop_map(|(subtype, operation, sequence)| draft::Ecp { subtype, operation, sequence });
    let mode = prop_oneof![
        command().prop_map(draft::Mode::Command),
        (4..=255_u8).prop_map(draft::Mode::Unknown)
    ];
    let entries = vec((mac(), any::<u16>()), 0..=60);
    let vsi = (mode, any::<[u8; 3]>(), 0..1_u32 << 24, any::<[u8; 16]>(), entries).prop_map(
        |(mode, [response, manager, type_version], type_id, id, entries)| draft::Vsi {
            mode,
            response,
            manager,
            type_id,
            type_version,
            id,
            entries,
        },
    );
    let tlv = prop_oneof![
        vsi.prop_map(draft::Tlv::Vsi),
        unknown(1..127).prop_map(|(kind, value)| draft::Tlv::Unknown { kind, value })
    ];
    (header, vec(tlv, 0..4).prop_map(|tlvs| draft::Vdp { tlvs }))
}
