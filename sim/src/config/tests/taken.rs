// SPDX-License-Identifier: MIT
//! Files that are taken: what they say, and the machine and rows that come of them.

use vireo_spec::rows::{BindingRow, ChannelRow, GroupRow, LinkRow, PortRow};
use vireo_spec::tag::ECid;

use super::*;

#[test]
fn example_of_the_design_says_what_it_says() {
    let config = parse(EXAMPLE);
    assert_eq!((config.role, config.family), (Role::Extender, TagFamily::ETag));
    assert_eq!(config.links, [Link { name: "up0".into(), max_frame: 9216 }]);
    let channel = |group, base| Channel::etag(ECid::new(group, base, 0).unwrap());
    let vm0 = Port {
        name: "vm0".into(),
        link: 0,
        channel: channel(0, 20),
        trust_priority: true,
        default_priority: Pcp::default(),
        check_source: true,
        guard_reserved: false,
        control: false,
        pvid: VlanId::default(),
        enabled: true,
        max_frame: 9216,
        bindings: vec![
            Binding {
                mac: Some("52:54:00:00:00:01".parse().unwrap()),
                vlan: VlanId::new(101).unwrap(),
            },
            Binding { mac: None, vlan: VlanId::new(7).unwrap() },
        ],
    };
    // What the second port leaves out is what the first spells out, but for bindings.
    let vm1 = Port { name: "vm1".into(), channel: channel(0, 21), bindings: vec![], ..vm0.clone() };
    assert_eq!(config.ports, [vm0, vm1]);
    let flood = Group {
        name: "flood101".into(),
        link: 0,
        channel: channel(1, 1),
        members: [0, 1].into_iter().collect(),
        trust_priority: true,
        default_priority: Pcp::default(),
    };
    assert_eq!(config.groups, [flood]);
}

#[test]
fn every_key_away_from_its_default_reaches_its_row() {
    let config = parse(
        r#"role = "bridge"
        tag = "e-tag"
        [[link]]
        name = "down0"
        [[link]]
        name = "down1"
        max_frame = 1518
        [[port]]
        name = "vp0"
        link = "down1"
        channel = 4095
        extension = 255
        trust_priority = false
        default_priority = 7
        check_source = false
        guard_reserved = true
        control = true
        pvid = 4094
        enabled = false
        max_frame = 64
        bindings = [{ vlan = 0 }, { vlan = 4094, mac = "02:00:00:00:00:AA" }]
        [[port]]
        name = "vp1"
        link = "down0"
        channel = 4095
        bindings = [{ vlan = 0 }]
        [[group]]
        name = "g"
        link = "down1"
        channel = 0x3FFF
        members = ["vp0"]
        trust_priority = false
        default_priority = 5
        "#,
    );
    let link = config.link_row(&config.links[1]);
    let family = TagFamily::ETag;
    assert_eq!(link, LinkRow { enabled: true, role: Role::Bridge, family, maximum: 1518 });
    let port = PortRow {
        enabled: false,
        link: 1,
        channel: Channel::etag(ECid::new(0, 4095, 255).unwrap()),
        trust_priority: false,
        default_priority: Pcp::new(7).unwrap(),
        check_source: false,
        guard_reserved: true,
        control: true,
        pvid: VlanId::new(4094).unwrap(),
        maximum: 64,
    };
    assert_eq!(config.port_row(&config.ports[0]), port);
    let group = GroupRow {
        enabled: true,
        link: 1,
        channel: Channel::etag(ECid::new(3, 0xfff, 0).unwrap()),
        trust_priority: false,
        default_priority: Pcp::new(5).unwrap(),
    };
    assert_eq!(config.group_row(&config.groups[0]), group);
    let mac = "02:00:00:00:00:aa".parse().unwrap();
    let binding = BindingRow { port: 0, mac, vlan: VlanId::new(4094).unwrap() };
    assert_eq!(config.binding_rows().collect::<Vec<_>>(), [binding]);
    let any = PortSet::from_iter([0, 1]);
    assert_eq!(config.vlan_rows(), [(VlanId::default(), any)].into_iter().collect());
}

#[test]
fn groups_channels_are_looked_up_at_an_extender_alone() {
    let row = |link, channel, members: &[usize]| ChannelRow {
        link,
        channel,
        members: members.iter().copied().collect(),
    };
    let channel = |group, base| Channel::etag(ECid::new(group, base, 0).unwrap());
    let extender = parse(EXAMPLE);
    let ports = [row(0, channel(0, 20), &[0]), row(0, channel(0, 21), &[1])];
    let group = row(0, channel(1, 1), &[0, 1]);
    assert_eq!(extender.channel_rows().collect::<Vec<_>>(), [ports[0], ports[1], group]);
    assert!(!extender.group_row(&extender.groups[0]).enabled);
    let bridge = parse(&EXAMPLE.replacen("extender", "bridge", 1));
    assert_eq!(bridge.channel_rows().collect::<Vec<_>>(), ports);
    assert!(bridge.group_row(&bridge.groups[0]).enabled);
}

#[test]
fn a_name_finds_what_it_names() {
    let config = parse(EXAMPLE);
    assert_eq!(config.find("up0"), Some(Endpoint::Link(0)));
    assert_eq!(config.find("vm1"), Some(Endpoint::Port(1)));
    assert_eq!(config.find("flood101"), Some(Endpoint::Group(0)));
    assert_eq!(config.find("control"), None);
    assert_eq!(config.find("VM1"), None);
}

/// A file of so many sections, ports and groups on links in turn.
fn many(links: usize, ports: usize, groups: usize) -> String {
    let mut text = "role = \"extender\"\ntag = \"vn-tag\"\n".to_owned();
    for i in 0..links {
        text += &format!("[[link]]\nname = \"l{i}\"\n");
    }
    for i in 0..ports {
        text += &format!("[[port]]\nname=\"p{i}\"\nlink=\"l{}\"\nchannel={}\n", i % 8, i + 1);
    }
    for i in 0..groups {
        text += &format!(
            "[[group]]\nname=\"g{i}\"\nlink=\"l{}\"\nchannel={i}\nmembers=[\"p{i}\"]\n",
            i % 8
        );
    }
    text
}

#[test]
fn machine_is_the_smallest_that_holds_the_file() {
    let size = |text: &str, width| {
        let g = parse(text).geometry(width);
        (g.width(), g.links(), g.ports(), g.groups(), g.channels(), g.bindings())
    };
    let bare = "role = \"bridge\"\ntag = \"s-tag\"\n[[link]]\nname = \"l\"\n";
    assert_eq!(size(bare, Width::W64), (Width::W64, 1, 2, 1, 64, 64));
    assert_eq!(size(&many(3, 3, 3), Width::W128), (Width::W128, 4, 4, 4, 64, 64));
    assert_eq!(size(&many(8, 64, 64), Width::W512), (Width::W512, 8, 64, 64, 256, 64));
    let bindings = |count: usize| {
        let bindings = (0..count).map(|i| {
            format!("{{ mac = \"52:54:00:00:{:02x}:{:02x}\", vlan = 1 }}", i >> 8, i & 255)
        });
        let bindings = bindings.collect::<Vec<_>>().join(",\n");
        format!(
            "{HEAD}[[port]]\nname = \"a\"\nlink = \"up0\"\nchannel = 1\nbindings = [\n{bindings}]\n"
        )
    };
    assert_eq!(size(&bindings(32), Width::W64).5, 64);
    assert_eq!(size(&bindings(33), Width::W64).5, 128);
    assert_eq!(size(&bindings(8192), Width::W64).5, 16384);
    refused(
        &bindings(8193),
        9,
        12,
        "port[0].bindings",
        "port \"a\": bindings: expected at most 8192 bindings of a MAC address in all ports up to here, \
         found 8193; leave some out, or use another machine for them",
    );
}

#[test]
fn more_than_a_machine_has_is_refused_where_it_becomes_too_much() {
    refused(
        &many(9, 0, 0),
        19,
        1,
        "link[8]",
        "link \"l8\": expected at most 8 links, found 9; leave some out, or use another machine for them",
    );
    let (line, _, path, _) = error(&many(8, 66, 1));
    assert_eq!((line, path.as_str()), (3 + 16 + 64 * 4, "port[64]"));
    let (line, _, path, _) = error(&many(8, 64, 65));
    assert_eq!((line, path.as_str()), (3 + 16 + 64 * 4 + 64 * 5, "group[64]"));
}

#[test]
fn examples_of_the_documentation_are_taken_and_every_key_is_described() {
    let page = include_str!("../../../../docs/configuration.md");
    let blocks: Vec<_> = page.split("```toml\n").skip(1).collect();
    assert!(blocks.len() >= 2);
    for block in blocks {
        parse(block.split("```").next().unwrap());
    }
    let wrong = "[[link]]\n?=1\n[[port]]\n?=1\nbindings=[{?=1}]\n[[group]]\n?=1\n";
    let errors =
        Config::parse(&format!("zzzzzz=1\n{}", wrong.replace('?', "zzzzzz")), "").unwrap_err();
    let known = errors.iter().filter_map(|error| match &error.problem {
        Problem::UnknownKey { known, .. } => Some(known),
        _ => None,
    });
    let known: Vec<_> = known.collect();
    assert_eq!(known.len(), 5);
    for key in known.into_iter().flatten() {
        let described = |form: String| page.contains(&form);
        assert!(
            described(format!("| `{key}` |")) || described(format!("| `[[{key}]]` |")),
            "docs/configuration.md does not describe {key}"
        );
    }
}
