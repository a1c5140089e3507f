// SPDX-License-Identifier: MIT
//! A decoded frame as JSON: names of fields are the standards', numbers are numbers, octets that mean nothing here are hexadecimal.

use serde_json::{Map, Value, json};
use vireo_association::wire::message::{Body, Message};
use vireo_association::wire::vdp::{Entry, Filter, Status, Tlv, VsiTlv};
use vireo_association::wire::{cdcp, draft, ecp, evb, lldp, pe_csp, vdp};
use vireo_spec::ether::Priority;

use super::text::{hex, operation};
use super::{Decoded, Tag};

/// The frame.
pub(super) fn value(frame: &Decoded<'_>) -> Value {
    let mut value = Map::new();
    value.insert("file".into(), frame.file.display().to_string().into());
    value.insert("number".into(), frame.number.into());
    value.insert("time_ns".into(), frame.since_first_ns.into());
    value.insert("octets".into(), frame.octets.len().into());
    if let Some((destination, rest)) = frame.octets.split_first_chunk::<6>()
        && let Some(source) = rest.first_chunk::<6>()
    {
        let mac = |octets: &[u8; 6]| vireo_spec::ether::MacAddr(*octets).to_string();
        value.insert("destination".into(), mac(destination).into());
        value.insert("source".into(), mac(source).into());
    }
    value.insert("tags".into(), frame.tags.iter().map(tag).collect());
    match &frame.message {
        Ok(message) => value.extend(self::message(message)),
        Err(error) => _ = value.insert("error".into(), error.to_string().into()),
    }
    Value::Object(value)
}

fn tag(tag: &Tag) -> Value {
    let priority = |Priority { pcp, dei }| (pcp.get(), dei);
    match tag {
        Tag::E(tag) => {
            let (pcp, dei) = priority(tag.priority);
            let (ecid, ingress) = (tag.ecid, tag.ingress);
            json!({
                "tag": "e-tag", "pcp": pcp, "dei": dei,
                "group": ecid.group(), "base": ecid.base(), "extension": ecid.ext(),
                "ingress_base": ingress.base(), "ingress_extension": ingress.ext(),
            })
        }
        Tag::Vn(tag) => json!({
            "tag": "vn-tag", "downstream": tag.direction == vireo_spec::tag::Direction::NetworkToHost,
            "list": tag.list, "destination_vif": tag.destination.get(), "looped": tag.looped,
            "source_vif": tag.source.get(),
        }),
        Tag::S(tag) => {
            let (pcp, dei) = priority(tag.priority);
            json!({ "tag": "s-tag", "pcp": pcp, "dei": dei, "vid": tag.vid.get() })
        }
        Tag::C(tag) => {
            let (pcp, dei) = priority(tag.priority);
            json!({ "tag": "c-tag", "pcp": pcp, "dei": dei, "vid": tag.vid.get() })
        }
    }
}

fn object(value: Value) -> Map<String, Value> {
    if let Value::Object(map) = value { map } else { Map::new() }
}

fn message(message: &Message) -> Map<String, Value> {
    object(match message {
        Message::Lldp(said) => json!({
            "protocol": "lldp",
            "chassis": { "subtype": said.chassis.subtype, "value": hex(&said.chassis.value) },
            "port": { "subtype": said.port.subtype, "value": hex(&said.port.value) },
            "ttl": said.ttl,
            "tlvs": said.tlvs.iter().map(lldp_tlv).collect::<Vec<_>>(),
        }),
        Message::Ecp { header, body } => {
            let mut value = object(self::body(body));
            value.insert("ecp".into(), ecp(header));
            Value::Object(value)
        }
        Message::DraftEcp { header, body } => json!({
            "protocol": "vdp-draft-0.2",
            "ecp": { "operation": operation(header.operation), "subtype": header.subtype, "sequence": header.sequence },
            "tlvs": body.tlvs.iter().map(draft_tlv).collect::<Vec<_>>(),
        }),
        Message::Other(ethertype) => {
            json!({ "protocol": "other", "ethertype": format!("{:#06x}", ethertype.0) })
        }
    })
}

fn ecp(header: &ecp::Repr) -> Value {
    json!({
        "operation": operation(header.operation), "subtype": header.subtype.code(),
        "sequence": header.sequence,
    })
}

fn lldp_tlv(tlv: &lldp::Tlv) -> Value {
    match tlv {
        lldp::Tlv::Evb(evb) => evb_tlv(evb),
        lldp::Tlv::Cdcp(cdcp) => json!({
            "tlv": "cdcp", "role": match cdcp.role {
                cdcp::Role::Bridge => "bridge",
                cdcp::Role::Station => "station",
            },
            "s_component": cdcp.s_component, "capacity": cdcp.capacity,
            "channels": cdcp.channels.iter()
                .map(|pair| json!({ "scid": pair.scid, "svid": pair.svid })).collect::<Vec<_>>(),
        }),
        lldp::Tlv::DraftEvb(evb) => json!({
            "tlv": "evb-draft-0.2", "supported_forwarding": evb.supported_forwarding,
            "supported_capabilities": evb.supported_capabilities,
            "configured_forwarding": evb.configured_forwarding,
            "configured_capabilities": evb.configured_capabilities,
            "supported_vsis": evb.supported_vsis, "configured_vsis": evb.configured_vsis, "rte": evb.rte,
        }),
        lldp::Tlv::Unknown { kind, value } => {
            json!({ "tlv": "unknown", "type": kind, "value": hex(value) })
        }
    }
}

fn evb_tlv(evb: &evb::Repr) -> Value {
    json!({
        "tlv": "evb",
        "mode": match evb.mode {
            evb::Mode::Bridge => json!("bridge"),
            evb::Mode::Station => json!("station"),
            evb::Mode::Unknown(code) => json!(code),
        },
        "bridge": { "bgid": evb.bridge.bgid, "rrcap": evb.bridge.rrcap, "rrctr": evb.bridge.rrctr },
        "station": { "sgid": evb.station.sgid, "rrreq": evb.station.rrreq, "rrstat": evb.station.rrstat },
        "r": evb.retries, "rte": evb.rte, "rwd": evb.rwd, "rwd_rol": evb.rol_wait,
        "rka": evb.rka, "rka_rol": evb.rol_keep_alive,
    })
}

fn body(body: &Body) -> Value {
    match body {
        Body::Vdp(said) => json!({
            "protocol": "vdp",
            "manager": said.manager.map(|manager| manager.to_string()),
            "tlvs": said.tlvs.iter().map(vdp_tlv).collect::<Vec<_>>(),
        }),
        Body::PeCsp(said) => json!({
            "protocol": "pe-csp",
            "kind": match said.kind {
                pe_csp::Kind::Request => json!("request"),
                pe_csp::Kind::Response => json!("response"),
                pe_csp::Kind::Unknown(code) => json!(code),
            },
            "action": match said.action {
                pe_csp::Action::Create => json!("create"),
                pe_csp::Action::Delete => json!("delete"),
                pe_csp::Action::Unknown(code) => json!(code),
            },
            "status": match said.status {
                pe_csp::Status::Success => json!("success"),
                pe_csp::Status::Format => json!("format"),
                pe_csp::Status::Resources => json!("resources"),
                pe_csp::Status::Unknown(code) => json!(code),
            },
            "transaction": said.transaction, "port": said.port,
            "ecid": said.ecid.map(|ecid| json!({
                "group": ecid.group(), "base": ecid.base(), "extension": ecid.ext(),
            })),
        }),
        Body::Acknowledgement => json!({ "protocol": "ecp" }),
        Body::Unknown(octets) => json!({ "protocol": "ecp", "payload": hex(octets) }),
    }
}

fn vdp_tlv(tlv: &Tlv) -> Value {
    match tlv {
        Tlv::Vsi(VsiTlv { command, status, vsi }) => json!({
            "tlv": command.to_string(), "status": status.0, "response": status.is_response(),
            "error": status.error().map(|refusal| refusal.to_string()),
            "migrates_to": status.migrates_to(), "migrates_from": status.migrates_from(),
            "type": vsi.type_id, "version": vsi.type_version,
            "id": vsi.id.to_string(), "id_format": vsi.id.format.to_string(),
            "filter_format": vsi.filter.format().to_string(), "filter": entries(&vsi.filter),
        }),
        Tlv::Malformed { command, status, type_id, type_version, id, body, error } => json!({
            "tlv": command.to_string(), "status": status, "response": Status(*status).is_response(),
            "type": type_id, "version": type_version, "id": id.to_string(),
            "body": hex(body), "malformed": error.to_string(),
        }),
        Tlv::Organizational { oui, data } => {
            json!({ "tlv": "organizational", "oui": hex(oui), "data": hex(data) })
        }
        Tlv::Cut { kind, length, value, error } => json!({
            "tlv": "cut", "type": kind, "length": length, "value": hex(value),
            "malformed": error.to_string(),
        }),
        Tlv::Unknown { kind, value } => {
            json!({ "tlv": "unknown", "type": kind, "value": hex(value) })
        }
    }
}

fn entries(filter: &Filter) -> Vec<Value> {
    let entry = |Entry { group, mac, word }: Entry| {
        json!({
            "vid": word.vid.get(), "ps": word.ps, "pcp": word.pcp.get(),
            "mac": mac.map(|mac| mac.to_string()), "group": group,
        })
    };
    filter.entries().map(entry).collect()
}

fn draft_tlv(tlv: &draft::Tlv) -> Value {
    match tlv {
        draft::Tlv::Vsi(vsi) => json!({
            "tlv": match vsi.mode {
                draft::Mode::Command(command) => json!(command.to_string()),
                draft::Mode::Unknown(code) => json!(code),
            },
            "response": vsi.response, "manager": vsi.manager, "type": vsi.type_id,
            "version": vsi.type_version, "id": vdp::VsiId::uuid(vsi.id).to_string(),
            "filter": vsi.entries.iter()
                .map(|(mac, vid)| json!({ "mac": mac.to_string(), "vid": vid, "group": null }))
                .collect::<Vec<_>>(),
        }),
        other => json!({ "tlv": "unknown", "content": format!("{other:?}") }),
    }
}
