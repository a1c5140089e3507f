// SPDX-License-Identifier: MIT
//! A decoded frame as a line for people.

use std::fmt::Write;

use vireo_association::wire::ecp::Operation;
use vireo_association::wire::message::{Body, Message};
use vireo_association::wire::vdp::{Status, Tlv, VsiTlv};
use vireo_association::wire::{draft, evb, frame, lldp, pe_csp};
use vireo_spec::ether::MacAddr;

use super::{Decoded, Tag};
use crate::association::filter_text;

pub(super) fn hex(octets: &[u8]) -> String {
    octets.iter().fold(String::new(), |mut text, octet| {
        let _ = write!(text, "{octet:02x}");
        text
    })
}

pub(super) fn operation(operation: Operation) -> &'static str {
    match operation {
        Operation::Request => "request",
        Operation::Acknowledgement => "acknowledgement",
        Operation::Unknown(_) => "unknown operation",
    }
}

/// The frame, without a line's end.
pub(super) fn line(frame: &Decoded<'_>) -> String {
    let seconds = frame.since_first_ns as f64 / 1e9;
    let mut line = format!("{:>5} {seconds:>11.6}  ", frame.number);
    if let Ok(packet) = frame::Packet::new_checked(frame.octets) {
        let _ = write!(line, "{} > {}  ", packet.source(), address(packet.destination()));
    }
    for tag in &frame.tags {
        line += &self::tag(tag);
        line += "  ";
    }
    line + &match &frame.message {
        Ok(message) => self::message(message),
        Err(error) => format!("malformed {error}"),
    }
}

/// The protocol's groups by their names.
fn address(mac: MacAddr) -> String {
    match mac {
        frame::NEAREST_CUSTOMER_BRIDGE => "nearest customer bridge".into(),
        frame::NEAREST_NON_TPMR_BRIDGE => "nearest non-TPMR bridge".into(),
        other => other.to_string(),
    }
}

fn tag(tag: &Tag) -> String {
    match tag {
        Tag::E(tag) => {
            let (ecid, ingress) = (tag.ecid, tag.ingress);
            let ingress = match (ingress.base(), ingress.ext()) {
                (0, 0) => String::new(),
                (base, ext) => format!(" ingress {base}/{ext}"),
            };
            let (group, base, ext) = (ecid.group(), ecid.base(), ecid.ext());
            format!("E-TAG GRP {group} E-CID {base}/{ext}{ingress} PCP {}", tag.priority.pcp)
        }
        Tag::Vn(tag) => {
            let kind = if tag.list { "list" } else { "VIF" };
            let (to, from) = (tag.destination.get(), tag.source.get());
            format!("VN-Tag {kind} {to} from VIF {from}{}", if tag.looped { " looped" } else { "" })
        }
        Tag::S(tag) => format!("S-TAG {} PCP {}", tag.vid, tag.priority.pcp),
        Tag::C(tag) => format!("C-TAG {} PCP {}", tag.vid, tag.priority.pcp),
    }
}

fn message(message: &Message) -> String {
    match message {
        Message::Lldp(said) => {
            let tlvs: Vec<_> = said.tlvs.iter().map(lldp_tlv).collect();
            format!(
                "LLDP chassis {} ttl {} {}",
                hex(&said.chassis.value),
                said.ttl,
                tlvs.join(" | ")
            )
        }
        Message::Ecp { header, body } => {
            let (operation, sequence) = (operation(header.operation), header.sequence);
            let head = format!("ECP {operation} {sequence}");
            match body {
                Body::Acknowledgement => head,
                Body::Vdp(said) => {
                    let manager = said.manager.map(|manager| format!("manager {manager}"));
                    let tlvs = said.tlvs.iter().map(vdp_tlv);
                    let parts: Vec<_> = manager.into_iter().chain(tlvs).collect();
                    format!("{head} VDP {}", parts.join(" | "))
                }
                Body::PeCsp(said) => format!("{head} PE-CSP {}", pe_csp_text(said)),
                Body::Unknown(octets) => {
                    format!("{head} subtype {} {}", header.subtype.code(), hex(octets))
                }
            }
        }
        Message::DraftEcp { header, body } => {
            let tlvs: Vec<_> = body.tlvs.iter().map(draft_tlv).collect();
            let (operation, sequence) = (operation(header.operation), header.sequence);
            format!("ECP (draft 0.2) {operation} {sequence} {}", tlvs.join(" | "))
        }
        Message::Other(ethertype) => format!("EtherType {:#06x}", ethertype.0),
    }
}

fn lldp_tlv(tlv: &lldp::Tlv) -> String {
    match tlv {
        lldp::Tlv::Evb(evb) => evb_tlv(evb),
        lldp::Tlv::Cdcp(cdcp) => {
            let pairs = cdcp.channels.iter().map(|pair| format!("{}={}", pair.scid, pair.svid));
            let pairs: Vec<_> = pairs.collect();
            format!("CDCP {:?} capacity {} channels {}", cdcp.role, cdcp.capacity, pairs.join(","))
        }
        lldp::Tlv::DraftEvb(evb) => {
            format!(
                "EVB (draft 0.2) VSIs {}/{} RTE {}",
                evb.configured_vsis, evb.supported_vsis, evb.rte
            )
        }
        lldp::Tlv::Unknown { kind, value } => format!("TLV {kind} {}", hex(value)),
    }
}

fn evb_tlv(evb: &evb::Repr) -> String {
    let evb::BridgeStatus { bgid, rrcap, rrctr } = evb.bridge;
    let evb::StationStatus { sgid, rrreq, rrstat } = evb.station;
    let flags = [
        (bgid, "BGID"),
        (rrcap, "RRCAP"),
        (rrctr, "RRCTR"),
        (sgid, "SGID"),
        (rrreq, "RRREQ"),
        (evb.rol_wait, "ROL(RWD)"),
        (evb.rol_keep_alive, "ROL(RKA)"),
    ];
    let set: Vec<_> = flags.iter().filter(|(set, _)| *set).map(|(_, name)| *name).collect();
    let (r, rte, rwd, rka) = (evb.retries, evb.rte, evb.rwd, evb.rka);
    format!(
        "EVB {:?} R {r} RTE {rte} RWD {rwd} RKA {rka} RRSTAT {rrstat} {}",
        evb.mode,
        set.join(" ")
    )
}

fn vdp_tlv(tlv: &Tlv) -> String {
    match tlv {
        Tlv::Vsi(VsiTlv { command, status, vsi }) => format!(
            "{command} {} type {} v{} {} {} [{}]",
            meaning(*status),
            vsi.type_id,
            vsi.type_version,
            vsi.id,
            vsi.filter.format(),
            filter_text(&vsi.filter)
        ),
        Tlv::Malformed { command, status, type_id, type_version, id, error, .. } => {
            let meaning = meaning(Status(*status));
            format!("{command} {meaning} type {type_id} v{type_version} {id} malformed {error}")
        }
        Tlv::Organizational { oui, data } => format!("organizational {} {}", hex(oui), hex(data)),
        Tlv::Cut { kind, length, error, .. } => format!("TLV {kind} length {length} cut {error}"),
        Tlv::Unknown { kind, value } => format!("TLV {kind} {}", hex(value)),
    }
}

fn meaning(status: Status) -> String {
    let flags = [(status.keep(), " keep"), (status.hard(), " hard")];
    let flags: String = flags.iter().filter(|(set, _)| *set).map(|(_, name)| *name).collect();
    match (status.is_response(), status.error()) {
        (true, None) => "confirmed".into(),
        (true, Some(refusal)) => format!("refused ({refusal}{flags})"),
        (false, _) if status.migrates_to() => "asked (migrating to)".into(),
        (false, _) if status.migrates_from() => "asked (migrating from)".into(),
        (false, _) => "asked".into(),
    }
}

fn pe_csp_text(said: &pe_csp::Message) -> String {
    let mut text = format!("{:?} {:?}", said.kind, said.action).to_lowercase();
    if said.kind == pe_csp::Kind::Response {
        text += &format!(" {:?}", said.status).to_lowercase();
    }
    let _ = write!(text, " transaction {:#x}", said.transaction);
    if let Some(port) = said.port {
        let _ = write!(text, " port {port}");
    }
    if let Some(ecid) = said.ecid {
        let _ = write!(text, " E-CID {}/{}", ecid.base(), ecid.ext());
    }
    text
}

fn draft_tlv(tlv: &draft::Tlv) -> String {
    let draft::Tlv::Vsi(vsi) = tlv else { return format!("{tlv:?}") };
    let entries = vsi.entries.iter().map(|(mac, vid)| format!("{vid}-{mac}"));
    let command = match vsi.mode {
        draft::Mode::Command(command) => command.to_string(),
        draft::Mode::Unknown(code) => format!("mode {code}"),
    };
    format!(
        "{command} response {} manager {} type {} v{} {} [{}]",
        vsi.response,
        vsi.manager,
        vsi.type_id,
        vsi.type_version,
        hex(&vsi.id),
        entries.collect::<Vec<_>>().join(",")
    )
}
