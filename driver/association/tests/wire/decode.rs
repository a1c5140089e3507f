// SPDX-License-Identifier: MIT
//! Writes a parsed frame in the notation of tests/captures/decode.txt.
//! It reads nothing but what the parsers return, so a field that they read wrongly shows as a line that differs.

use std::fmt::Write;

use vireo_association::wire::ecp::Operation;
use vireo_association::wire::vdp::{Entry, Refusal, Status, Tlv, VsiId, VsiTlv};
use vireo_association::wire::{draft, ecp, evb, frame, lldp, vdp};
use vireo_spec::ether::{EtherType, MacAddr};

const A: MacAddr = MacAddr([2, 0, 0, 0, 0x0a, 1]);
const B: MacAddr = MacAddr([2, 0, 0, 0, 0x0b, 1]);

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

fn station(mac: &[u8]) -> String {
    match mac {
        mac if mac == A.0 => "A".to_owned(),
        mac if mac == B.0 => "B".to_owned(),
        mac => hex(mac),
    }
}

/// The decode's line for this frame.
pub(crate) fn line(octets: &[u8]) -> String {
    let packet = frame::Packet::new_checked(octets).unwrap();
    let frame::Repr { destination, source, ethertype } = packet.repr();
    let destination = match destination {
        frame::NEAREST_CUSTOMER_BRIDGE => "NCB".to_owned(),
        other => other.to_string(),
    };
    let ends = format!("{}>{destination}", station(&source.0));
    let payload = packet.payload();
    match ethertype {
        EtherType::LLDP => format!("LLDP {ends} {}", lldp_line(payload)),
        EtherType::ECP => format!("ECP {ends} {}", ecp_line(payload, octets.len())),
        draft::ETHERTYPE => format!("ECP-draft {ends} {}", draft_line(payload)),
        other => panic!("no capture holds {other}"),
    }
}

fn lldp_line(payload: &[u8]) -> String {
    let lldp::Repr { chassis, port, ttl, tlvs } = lldp::Repr::parse(payload).unwrap();
    let mut line = format!(
        "chassis={:02x}:{} port={:02x}:{} ttl={ttl}",
        chassis.subtype,
        station(&chassis.value),
        port.subtype,
        station(&port.value)
    );
    for tlv in tlvs {
        line.push(' ');
        line.push_str(&match tlv {
            lldp::Tlv::Evb(evb) => evb_text(&evb),
            lldp::Tlv::DraftEvb(evb) => draft_evb_text(&evb),
            other => panic!("no capture holds {other:?}"),
        });
    }
    line
}

fn evb_text(evb: &evb::Repr) -> String {
    let flags = |flags: &[(bool, &str)]| {
        let set: Vec<_> = flags.iter().filter(|(set, _)| *set).map(|(_, name)| *name).collect();
        set.join(",")
    };
    let evb::BridgeStatus { bgid, rrcap, rrctr } = evb.bridge;
    let evb::StationStatus { sgid, rrreq, rrstat } = evb.station;
    let rrstat = format!("RRSTAT={rrstat}");
    let mode = match evb.mode {
        evb::Mode::Bridge => "bridge",
        evb::Mode::Station => "station",
        evb::Mode::Unknown(_) => "?",
    };
    format!(
        "EVB22 [{}] bridge=({}) station=({}) R={} RTE={} mode={mode} ROL={} RWD={} ROL={} RKA={}",
        hex(&evb.emit().unwrap()),
        flags(&[(bgid, "BGID"), (rrcap, "RRCAP"), (rrctr, "RRCTR")]),
        flags(&[(sgid, "SGID"), (rrreq, "RRREQ"), (true, &rrstat)]),
        evb.retries,
        evb.rte,
        u8::from(evb.rol_wait),
        evb.rwd,
        u8::from(evb.rol_keep_alive),
        evb.rka
    )
}

fn draft_evb_text(evb: &draft::EvbTlv) -> String {
    format!(
        "EVB-draft [{}] sup(fwd={:#04x},cap={:#04x}) cfg(fwd={:#04x},cap={:#04x}) vsis sup={} cfg={} rte={}",
        hex(&evb.emit()),
        evb.supported_forwarding,
        evb.supported_capabilities,
        evb.configured_forwarding,
        evb.configured_capabilities,
        evb.supported_vsis,
        evb.configured_vsis,
        evb.rte
    )
}

const fn operation(operation: Operation) -> &'static str {
    match operation {
        Operation::Request => "REQ",
        Operation::Acknowledgement => "ACK",
        Operation::Unknown(_) => "?",
    }
}

fn ecp_line(payload: &[u8], frame_len: usize) -> String {
    // Another version is no ECP that is known here; the other decoder reads on as if it were version 1.
    let version = payload[0] >> 4;
    let mut as_version_1 = payload.to_vec();
    if version != ecp::VERSION {
        let error = ecp::Packet::new_checked(payload).unwrap_err().to_string();
        assert_eq!(error, format!("ECP: octet 0: expected version 1, found {version}"));
        as_version_1[0] = ecp::VERSION << 4 | payload[0] & 0xf;
    }
    let pdu = ecp::Packet::new_checked(&as_version_1).unwrap();
    let ecp::Repr { operation: op, subtype, sequence } = pdu.repr();
    let mut line =
        format!("ver={version} {} sub={} seq={sequence} ", operation(op), subtype.code());
    if op == Operation::Acknowledgement {
        write!(line, "({frame_len} bytes)").unwrap();
        return line;
    }
    // The other decoder reads every subtype as VDP.
    let repr = vdp::Repr::parse(pdu.payload()).unwrap();
    let mut parts: Vec<String> = Vec::new();
    parts.extend(repr.manager.map(|manager| format!("MGRID[{manager}]")));
    for tlv in &repr.tlvs {
        parts.push(vdp_text(tlv));
        if matches!(tlv, Tlv::Cut { .. }) {
            // Where the other decoder stops.
            return line + &parts.join(" | ");
        }
    }
    if repr.end {
        let padding = pdu.payload().len() - repr.buffer_len();
        parts.push(format!("END(+{padding} pad)"));
    }
    line + &parts.join(" | ")
}

fn vdp_text(tlv: &Tlv) -> String {
    match tlv {
        Tlv::Vsi(VsiTlv { command, status, vsi }) => {
            let len = tlv.buffer_len() - 2;
            let head = vsi_text(len, *status, vsi.type_id, vsi.type_version, vsi.id);
            let format = vsi.filter.format();
            let name = format.to_string().replace("GROUP", "GRP");
            let mut text =
                format!("{command} {head} fif={}({name}) n={}", format.code(), vsi.filter.len());
            for entry in vsi.filter.entries() {
                text.push_str(&entry_text(entry));
            }
            text
        }
        Tlv::Malformed { command, status, type_id, type_version, id, body, .. } => {
            let head = vsi_text(22 + body.len(), Status(*status), *type_id, *type_version, *id);
            format!("{command} {head} {}", malformed_filter(body))
        }
        Tlv::Cut { kind: 3, length, .. } => format!("ASSOC len={length} TRUNCATED/OVERFLOWED"),
        Tlv::Organizational { oui, data } => {
            format!("ORG len={} oui={} data={}", 3 + data.len(), hex(oui), hex(data))
        }
        Tlv::Unknown { kind, value } => format!("TLV{kind}[{}]", hex(value)),
        other => panic!("no capture holds {other:?}"),
    }
}

fn vsi_text(len: usize, status: Status, type_id: u32, version: u8, id: VsiId) -> String {
    let request = match (status.migrates_to(), status.migrates_from()) {
        (true, _) => "REQ M(to)",
        (_, true) => "REQ S(from)",
        _ => "REQ",
    };
    let meaning = match (status.is_response(), status.error()) {
        (false, _) => request,
        (true, None) => "RESP success",
        (true, Some(Refusal::Resources)) => "RESP insufficient-resources",
        (true, Some(other)) => panic!("no capture holds {other}"),
    };
    let id_text = hex(&id.octets);
    let [a, b, c, d, e] = [0..8, 8..12, 12..16, 16..20, 20..32].map(|range| &id_text[range]);
    format!(
        "len={len} status={:#04x} {meaning} typeid={type_id} ver={version} idfmt={} id={a}-{b}-{c}-{d}-{e}",
        status.0,
        id.format.code()
    )
}

fn entry_text(Entry { group, mac, word }: Entry) -> String {
    let group = group.map(|group| format!("grp={group} ")).unwrap_or_default();
    let mac = mac.map(|mac| format!("mac={mac} ")).unwrap_or_default();
    format!(" {{{group}{mac}ps={} pcp={} vid={}}}", u8::from(word.ps), word.pcp, word.vid)
}

/// A filter of the captures that does not parse: of an unknown format, or with fewer entries than it counts.
fn malformed_filter(body: &[u8]) -> String {
    let count = u16::from_be_bytes([body[1], body[2]]);
    match body {
        [1, _, _, entry @ ..] => {
            let whole = [&[1, 0, 1], entry].concat();
            let tlv = [&[6, 27][..], &[0; 22], &whole].concat();
            let repr = vdp::Repr::parse(&tlv).unwrap();
            let Tlv::Vsi(VsiTlv { vsi, .. }) = &repr.tlvs[0] else { panic!("{repr:?}") };
            let entry = vsi.filter.get(0).unwrap();
            format!("fif=1(VID) n={count}{} SHORT", entry_text(entry))
        }
        [format, ..] => format!("fif={format}(?) n={count} SHORT"),
        [] => panic!("no capture holds a VSI without a filter"),
    }
}

fn draft_line(payload: &[u8]) -> String {
    let pdu = draft::EcpPacket::new_checked(payload).unwrap();
    let draft::Ecp { subtype, operation: op, sequence } = pdu.repr();
    let vdp = draft::Vdp::parse(pdu.payload()).unwrap();
    let mut parts: Vec<_> = vdp.tlvs.iter().map(draft_vsi_text).collect();
    let padding = pdu.payload().len() - vdp.emit().unwrap().len();
    parts.push(format!("END(+{padding} pad)"));
    let (oui, operation) = (hex(&draft::OUI), operation(op));
    format!("oui={oui} pad=0 sub={subtype} {operation} seq={sequence} {}", parts.join(" | "))
}

fn draft_vsi_text(tlv: &draft::Tlv) -> String {
    let draft::Tlv::Vsi(vsi) = tlv else { panic!("no capture holds {tlv:?}") };
    let draft::Mode::Command(command) = vsi.mode else { panic!("{vsi:?}") };
    let id = VsiId::uuid(vsi.id);
    let mut text = format!(
        "{command} len={} resp={} mgrid={} typeid={} ver={} id={id} fmt=2 n={}",
        30 + 8 * vsi.entries.len(),
        vsi.response,
        vsi.manager,
        vsi.type_id,
        vsi.type_version,
        vsi.entries.len()
    );
    for (mac, vid) in &vsi.entries {
        write!(text, " {{mac={mac} vid={vid:#06x}}}").unwrap();
    }
    text
}
