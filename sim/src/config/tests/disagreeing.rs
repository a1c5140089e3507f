// SPDX-License-Identifier: MIT
//! Files whose sections disagree: names and channels that two things claim, and references that lead nowhere.

use super::*;

#[test]
fn channel_that_another_port_uses_is_refused_with_both_places() {
    let text = EXAMPLE.replace("channel = 21", "channel = 20");
    refused(
        &text,
        25,
        11,
        "port[1].channel",
        "port \"vm1\": channel: 20 is already used by port \"vm0\" on link \"up0\" (line 10); \
         a link needs a channel of its own for each port and group",
    );
    let two = |second: &str| {
        format!("{HEAD}port = [{{ name = \"a\", link = \"up0\", channel = 20 }},\n{second}]\n")
    };
    // Another link or another extension makes another channel; another spelling does not.
    parse(&two("{ name = \"b\", link = \"up1\", channel = 20 }"));
    parse(&two("{ name = \"b\", link = \"up0\", channel = 20, extension = 1 }"));
    let (_, _, _, shown) =
        error(&two("{ name = \"b\", link = \"up0\", channel = 0x14, extension = 0 }"));
    assert!(shown.contains("0x14, extension 0, is already used by port \"a\""), "{shown}");
}

#[test]
fn two_groups_on_one_channel_are_refused() {
    let text = format!(
        "{HEAD}[[group]]\nname = \"g\"\nlink = \"up0\"\nchannel = 0x1001\n[[group]]\nname = \"h\"\n\
         link = \"up0\"\nchannel = 4097\n"
    );
    refused(
        &text,
        12,
        11,
        "group[1].channel",
        "group \"h\": channel: 4097 is already used by group \"g\" on link \"up0\" (line 8); \
         a link needs a channel of its own for each port and group",
    );
}

#[test]
fn links_ports_and_groups_share_one_name_space() {
    let taken = |name: &str, kind: &str, line: usize| {
        format!(
            "name: {name:?} is already the name of a {kind} (line {line}); links, ports and groups share \
             one name space, since each names a capture file: choose another name"
        )
    };
    let shown = format!("link \"up0\": {}", taken("up0", "link", 3));
    refused(&HEAD.replace("up1", "up0"), 4, 12, "link[1].name", &shown);
    let text = EXAMPLE.replace("name = \"vm1\"", "name = \"up0\"");
    let text = text.replace(", \"vm1\"", "");
    refused(&text, 23, 8, "port[1].name", &format!("port \"up0\": {}", taken("up0", "link", 5)));
    let text = EXAMPLE.replace("flood101", "vm1");
    refused(&text, 28, 8, "group[0].name", &format!("group \"vm1\": {}", taken("vm1", "port", 23)));
}

#[test]
fn link_that_does_not_exist_is_refused() {
    let port =
        |link: &str| format!("{HEAD}[[port]]\nname = \"vm0\"\nlink = \"{link}\"\nchannel = 1\n");
    refused(
        &port("up2"),
        7,
        8,
        "port[0].link",
        "port \"vm0\": link: there is no link \"up2\"; did you mean \"up0\"? add it, or name one that \
         there is",
    );
    refused(
        &port("vm0"),
        7,
        8,
        "port[0].link",
        "port \"vm0\": link: \"vm0\" is a port (line 6); expected the name of a link",
    );
}

#[test]
fn members_that_a_group_cannot_reach_are_refused() {
    let group = |members: &str| {
        format!(
            "{HEAD}[[port]]\nname = \"vm0\"\nlink = \"up0\"\nchannel = 1\n[[port]]\nname = \"vm1\"\n\
             link = \"up1\"\nchannel = 1\n[[group]]\nname = \"g\"\nlink = \"up0\"\nchannel = 0x1001\n\
             members = [{members}]\n"
        )
    };
    assert_eq!(parse(&group("\"vm0\"")).groups[0].members, PortSet::from_iter([0]));
    assert!(parse(&group("")).groups[0].members.is_empty());
    refused(
        &group("\"vm0\", \"web\""),
        17,
        19,
        "group[0].members[1]",
        "group \"g\": members[1]: there is no port \"web\"; add it, or name one that there is",
    );
    refused(
        &group("\"up0\""),
        17,
        12,
        "group[0].members[0]",
        "group \"g\": members[0]: \"up0\" is a link (line 3); expected the name of a port",
    );
    refused(
        &group("\"vm1\""),
        17,
        12,
        "group[0].members[0]",
        "group \"g\": members[0]: port \"vm1\" is on link \"up1\", the group on \"up0\"; a group reaches \
         ports of its own link: take it out, or give \"up1\" a group of its own",
    );
    refused(
        &group("\"vm0\", \n \"vm0\""),
        18,
        2,
        "group[0].members[1]",
        "group \"g\": members[1]: port \"vm0\" is a member already (line 17); name it once",
    );
}

#[test]
fn bindings_that_admit_nothing_new_or_nobody_are_refused() {
    port_refused(
        "bindings = [{ mac = \"52:54:00:0a:00:01\", vlan = 5 }, { vlan = 5, mac = \"52:54:00:0A:00:01\" }]",
        54,
        "bindings[1]",
        "bindings[1]: 52:54:00:0a:00:01 in VLAN 5 is bound already (line 9); list it once",
    );
    port_refused(
        "bindings = [{ vlan = 5 }, { vlan = 5 }]",
        27,
        "bindings[1]",
        "bindings[1]: any individual source in VLAN 5 is bound already (line 9); list it once",
    );
    port_refused(
        "bindings = [{ mac = \"01:80:c2:00:00:0e\", vlan = 5 }]",
        21,
        "bindings[0].mac",
        "bindings[0].mac: 01:80:c2:00:00:0e is a group address, and nothing is sent from one; expected a \
         station's own address, with an even first octet",
    );
    port_refused(
        "bindings = [{ mac = \"52-54-00-00-00-01\", vlan = 5 }]",
        21,
        "bindings[0].mac",
        "bindings[0].mac: MAC address, such as 52:54:00:00:00:01: expected a colon as character 3, found \
         '-'",
    );
}

#[test]
fn independent_errors_come_together_in_the_order_of_the_file() {
    let text = EXAMPLE
        .replace("\"extender\" ", "\"extendr\" ")
        .replace("check_source", "check_sources")
        .replace("channel = 21", "channel = 0")
        .replace("\"vm1\"]", "\"vm2\"]");
    let errors = Config::parse(&text, "demo.toml").unwrap_err();
    let places: Vec<_> = errors.iter().map(|e| (e.position.unwrap().line, e.key.clone())).collect();
    let places: Vec<_> =
        places.iter().map(|(line, key)| (*line, key.as_ref().unwrap().path())).collect();
    let expected = [
        (1, "role"),
        (14, "port[0].check_sources"),
        (25, "port[1].channel"),
        (31, "group[0].members[1]"),
    ];
    assert_eq!(places, expected.map(|(line, path)| (line, path.to_owned())));
    assert_eq!(errors.to_string().lines().count(), 4);
}
