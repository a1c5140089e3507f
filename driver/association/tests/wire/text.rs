// SPDX-License-Identifier: MIT
//! The texts of ids and filters, which people write in configurations and read in logs.
//! Every value has a text, and every text that is accepted is some value's.

use proptest::prelude::*;
use vireo_association::wire::vdp::{Command, Entry, Filter, IdFormat, ManagerId, Vsi, VsiId};
use vireo_spec::ether::MacAddr;

use crate::strategies;

fn id(text: &str) -> VsiId {
    text.parse().unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn vsi_id_is_read_by_the_look_of_its_text() {
    let uuid = "a1412857-60f7-4ce1-e95a-2164943f5301";
    assert_eq!(id(uuid).format, IdFormat::Uuid);
    assert_eq!(id(uuid).octets[..4], [0xa1, 0x41, 0x28, 0x57]);
    assert_eq!(id(uuid).to_string(), uuid);
    // As a real peer lays addresses out: IPv4 mapped into IPv6, a MAC address in the last octets.
    let [ipv4, mac] = ["10.0.0.1", "52:54:00:00:00:01"].map(id);
    assert_eq!(ipv4.octets, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1]);
    assert_eq!(mac.octets, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x52, 0x54, 0, 0, 0, 1]);
    assert_eq!(mac, VsiId::mac(MacAddr([0x52, 0x54, 0, 0, 0, 1])));
    assert_eq!(id("fe80::1").format, IdFormat::Ipv6);
    assert_eq!(id("local:68656c6c6f2d776f726c642d76736921").octets, *b"hello-world-vsi!");
}

#[test]
fn text_that_is_no_id_is_refused_with_what_would_be_one() {
    for text in [
        "",
        "a1412857-60f7-4ce1-e95a-2164943f530",
        "a141285760f74ce1e95a2164943f5301",
        "a14128576-0f7-4ce1-e95a-2164943f5301",
        "+1412857-60f7-4ce1-e95a-2164943f5301",
        "10.0.0",
        "52:54:00:00:00",
        "local:68656c6c",
        "format-256:68656c6c6f2d776f726c642d76736921",
        "é1412857-60f7-4ce1-e95a-2164943f5301",
    ] {
        let error = text.parse::<VsiId>().unwrap_err().to_string();
        assert!(error.starts_with("VSI id: expected a UUID, an IPv4"), "{error}");
        assert!(error.ends_with(&format!("found {text:?}")), "{error}");
    }
    let error = "blabla".parse::<ManagerId>().unwrap_err().to_string();
    assert_eq!(error, "manager id: expected 32 hexadecimal digits, found \"blabla\"");
}

#[test]
fn association_reads_as_a_person_would_write_it() {
    let json = r#"{
        "type_id": 5,
        "type_version": 4,
        "id": "a1412857-60f7-4ce1-e95a-2164943f5301",
        "filter": {
            "format": "mac-vid",
            "entries": [
                {"mac": "52:54:00:8e:aa:11", "vid": 2},
                {"mac": "52:54:00:8e:aa:12", "ps": true, "pcp": 3, "vid": 0}
            ]
        }
    }"#;
    let vsi: Vsi = serde_json::from_str(json).unwrap();
    assert_eq!(vsi.filter.len(), 2);
    let words: Vec<_> = vsi.filter.entries().map(|Entry { word, .. }| word).collect();
    assert_eq!((words[0].vid.get(), words[0].ps), (2, false));
    assert_eq!((words[1].vid.get(), words[1].ps, words[1].pcp.get()), (0, true, 3));
    let written = serde_json::to_value(&vsi).unwrap();
    assert_eq!(written, serde_json::from_str::<serde_json::Value>(json).unwrap());
    let command = serde_json::to_string(&Command::PreAssociateWithReservation).unwrap();
    assert_eq!(command, r#""pre-associate-with-reservation""#);
}

#[test]
fn filter_whose_entries_are_not_of_its_format_is_refused() {
    let json = r#"{"format": "vid", "entries": [{"vid": 2}, {"group": 7, "vid": 3}]}"#;
    let error = serde_json::from_str::<Filter>(json).unwrap_err().to_string();
    assert!(error.contains("expected VID in entry 1"), "{error}");
    assert!(error.contains("found GROUP/VID"), "{error}");
}

proptest! {
    #[test]
    fn every_id_survives_its_text(vsi in strategies::vsi_id(), manager in any::<[u8; 16]>()) {
        prop_assert_eq!(id(&vsi.to_string()), vsi);
        let manager = ManagerId(manager);
        prop_assert_eq!(manager.to_string().parse(), Ok(manager));
    }

    #[test]
    fn every_vsi_survives_json(vsi in strategies::vsi(), command in strategies::command()) {
        let json = serde_json::to_string(&(&vsi, command)).unwrap();
        let read: (Vsi, Command) = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(read, (vsi, command));
    }

    #[test]
    fn any_text_is_an_id_or_refused(text in "\\PC*") {
        if let Ok(read) = text.parse::<VsiId>() {
            prop_assert_eq!(id(&read.to_string()), read);
        }
    }

    #[test]
    fn entries_of_one_format_are_a_filter(entry in strategies::entry(), count in 1..4_usize) {
        let filter = Filter::from_entries(vec![entry; count]).unwrap();
        prop_assert_eq!(filter.entries().collect::<Vec<_>>(), vec![entry; count]);
    }
}
