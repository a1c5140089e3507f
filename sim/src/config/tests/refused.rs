// SPDX-License-Identifier: MIT
//! Files that are refused: each fault at its line, column and key, in the words that a person reads.

use std::fs;

use super::*;

#[test]
fn unknown_keys_are_refused_at_every_level() {
    refused(
        &format!("{HEAD}[[prot]]\nname = \"vm0\"\n"),
        5,
        3,
        "prot",
        "prot: unknown key; did you mean \"port\"? the keys here are role, tag, link, port, group",
    );
    refused(
        &HEAD.replace("\"up1\"", "\"up1\", mtu = 5"),
        4,
        19,
        "link[1].mtu",
        "link \"up1\": mtu: unknown key; the keys here are name, max_frame",
    );
    port_refused(
        "chanel = 21",
        1,
        "chanel",
        "chanel: unknown key; did you mean \"channel\"? the keys here are name, link, channel, \
         extension, trust_priority, default_priority, check_source, guard_reserved, control, pvid, \
         enabled, max_frame, bindings",
    );
    port_refused(
        "bindings = [{ maac = \"52:54:00:00:00:01\", vlan = 1 }]",
        15,
        "bindings[0].maac",
        "bindings[0].maac: unknown key; did you mean \"mac\"? the keys here are mac, vlan",
    );
    refused(
        &format!("{HEAD}\"\\u001b[2J\" = 1\n"),
        5,
        1,
        "\"\\u{1b}[2J\"",
        "\"\\u{1b}[2J\": unknown key; the keys here are role, tag, link, port, group",
    );
}

#[test]
fn missing_keys_are_named_where_they_belong() {
    assert_eq!(
        errors(""),
        [
            "demo.toml:1:1: role: missing; expected \"extender\" or \"bridge\"",
            "demo.toml:1:1: tag: missing; expected \"e-tag\", \"vn-tag\" or \"s-tag\"",
            "demo.toml:1:1: link: missing; expected a [[link]] section for each link, 1 to 8",
        ]
    );
    assert_eq!(
        errors(&format!("{HEAD}\n[[port]]\nenabled = true\n[[group]]\nname = \"g\"\n")),
        [
            "demo.toml:6:1: port[0]: name: missing; expected a name for it, such as name = \"vm0\"",
            "demo.toml:6:1: port[0]: link: missing; expected the name of a link",
            "demo.toml:6:1: port[0]: channel: missing; expected the number of its channel, such as 20",
            "demo.toml:8:1: group \"g\": link: missing; expected the name of a link",
            "demo.toml:8:1: group \"g\": channel: missing; expected the number of its channel, such as \
             0x1001",
        ]
    );
    port_refused(
        "bindings = [{ vlan = 1 }, { mac = \"52:54:00:00:00:01\" }]",
        27,
        "bindings[1].vlan",
        "bindings[1].vlan: missing; expected the VLAN that the source may send in, 0 for none at a port \
         with pvid 0",
    );
    let shown = "link: missing; expected a [[link]] section for each link, 1 to 8";
    refused("role = \"bridge\"\ntag = \"e-tag\"\nlink = []", 3, 8, "link", shown);
}

#[test]
fn values_of_another_type_are_refused() {
    let cases = [
        ("enabled = 1", 11, "enabled", "enabled: expected true or false, found the integer 1"),
        ("pvid = \"7\"", 8, "pvid", "pvid: expected an integer, found the string \"7\""),
        (
            "pvid = 7.0",
            8,
            "pvid",
            "pvid: expected an integer, found the number 7.0, which is no integer",
        ),
        ("pvid = 2026-01-01", 8, "pvid", "pvid: expected an integer, found the date 2026-01-01"),
        (
            "bindings = true",
            12,
            "bindings",
            "bindings: expected an array of { mac, vlan } or { vlan }, found true",
        ),
        (
            "bindings = [7]",
            13,
            "bindings[0]",
            "bindings[0]: expected { mac = \"...\", vlan = ... } or { vlan = ... }, found the integer 7",
        ),
        (
            "bindings = [{ mac = [], vlan = 1 }]",
            21,
            "bindings[0].mac",
            "bindings[0].mac: expected a MAC address such as \"52:54:00:00:00:01\", found an array",
        ),
    ];
    for (key, column, path, shown) in cases {
        port_refused(key, column, path, shown);
    }
    refused(
        &format!("{HEAD}[port]\nname = \"vm0\"\n"),
        5,
        1,
        "port",
        "port: expected [[port]] sections, in double brackets, found a table",
    );
    refused(
        &format!("{HEAD}group = [\"g\"]\n"),
        5,
        10,
        "group[0]",
        "group[0]: expected a [[group]] section, found the string \"g\"",
    );
    refused(
        &HEAD.replace("\"up1\"", "1"),
        4,
        12,
        "link[1].name",
        "link[1]: name: expected a name, in quotes, found the integer 1",
    );
}

#[test]
fn numbers_out_of_range_are_refused_as_they_are_written() {
    let cases = [
        ("max_frame = 63", 13, "max_frame", "max_frame: expected 64..=9216, found 63"),
        ("max_frame = 9217", 13, "max_frame", "max_frame: expected 64..=9216, found 9217"),
        ("pvid = 0xFFF", 8, "pvid", "pvid: expected 0..=4094, found 0xFFF"),
        ("pvid = -1", 8, "pvid", "pvid: expected 0..=4094, found -1"),
        (
            "default_priority = 8",
            20,
            "default_priority",
            "default_priority: expected 0..=7, found 8",
        ),
        ("extension = 256", 13, "extension", "extension: expected 0..=255, found 256"),
        (
            "bindings = [{ vlan = 4095 }]",
            22,
            "bindings[0].vlan",
            "bindings[0].vlan: expected 0..=4094, found 4095",
        ),
    ];
    for (key, column, path, shown) in cases {
        port_refused(key, column, path, shown);
    }
    let huge = "9".repeat(60);
    let shown = format!("pvid: expected 0..=4094, found {huge}");
    port_refused(&format!("pvid = {huge}"), 8, "pvid", &shown);
}

#[test]
fn channels_that_the_tag_cannot_carry_are_refused() {
    let text = |tag: &str, section: &str, channel: &str| {
        let head = HEAD.replace("e-tag", tag);
        format!("{head}[[{section}]]\nname = \"x\"\nlink = \"up0\"\nchannel = {channel}\n")
    };
    let cases = [
        ("e-tag", "port", "0", "1..=4095 (0x1..=0xfff)"),
        ("e-tag", "port", "0x1000", "1..=4095 (0x1..=0xfff)"),
        ("e-tag", "port", "-1", "1..=4095 (0x1..=0xfff)"),
        ("e-tag", "port", "4294967297", "1..=4095 (0x1..=0xfff)"),
        ("e-tag", "group", "4095", "4096..=16383 (0x1000..=0x3fff)"),
        ("e-tag", "group", "0x4000", "4096..=16383 (0x1000..=0x3fff)"),
        ("vn-tag", "port", "4096", "1..=4095 (0x1..=0xfff)"),
        ("vn-tag", "group", "16384", "0..=16383 (0x0..=0x3fff)"),
        ("s-tag", "port", "4095", "1..=4094 (0x1..=0xffe)"),
    ];
    for (tag, section, channel, expected) in cases {
        let path = format!("{section}[0].channel");
        let shown = format!(
            "{section} \"x\": channel: a {section}'s channel on a link with {tag}: expected {expected}, \
             found {channel}"
        );
        refused(&text(tag, section, channel), 8, 11, &path, &shown);
    }
    for (tag, section, channel) in [
        ("e-tag", "port", "4095"),
        ("e-tag", "group", "0x1000"),
        ("vn-tag", "port", "1"),
        ("vn-tag", "group", "0"),
        ("s-tag", "port", "4094"),
    ] {
        parse(&text(tag, section, channel));
    }
    refused(
        &text("vn-tag", "port", "1\nextension = 3"),
        9,
        13,
        "port[0].extension",
        "port \"x\": extension: extension on a link with vn-tag: expected 0 or e-tag, found 3",
    );
    refused(
        &text("s-tag", "group", "1"),
        5,
        1,
        "group[0]",
        "group \"x\": group on a link with s-tag: expected e-tag or vn-tag; s-tag has no groups",
    );
}

#[test]
fn unknown_role_and_tag_are_refused_with_the_word_that_was_meant() {
    refused(
        &HEAD.replace("extender", "extendr"),
        1,
        8,
        "role",
        "role: expected \"extender\" or \"bridge\", found \"extendr\"; did you mean \"extender\"?",
    );
    refused(
        &HEAD.replace("e-tag", "802.1BR"),
        2,
        7,
        "tag",
        "tag: expected \"e-tag\", \"vn-tag\" or \"s-tag\", found \"802.1BR\"",
    );
}

#[test]
fn names_that_make_no_file_are_refused() {
    let long = "x".repeat(251);
    for name in ["", ".", "..", ".hidden", "a/b", "a b", "a@b", "a=b", "é", &long] {
        let text = HEAD.replace("up1", name);
        let shown = format!(
            "link {name:?}: name: {name:?} cannot name a capture file; expected 1 to 250 of A-Z, a-z, \
             0-9, '.', '_' and '-', the first no '.'"
        );
        refused(&text, 4, 12, "link[1].name", &shown);
    }
    for name in ["a", "-", "_.9", "Port-1.left", &long[1..]] {
        parse(&HEAD.replace("up1", name));
    }
    refused(
        &HEAD.replace("up1", "control"),
        4,
        12,
        "link[1].name",
        "link \"control\": name: \"control\" is the control port, whose frames go to control.pcap; \
         choose another name",
    );
}

#[test]
fn text_that_is_no_toml_is_refused_at_its_place() {
    let (line, column, path, shown) = error(&format!("{HEAD}# é\npvid = é\n"));
    assert_eq!((line, column, path.as_str()), (6, 8, ""), "{shown}");
    assert!(shown.starts_with("not TOML: "), "{shown}");
    let (line, column, _, shown) = error(&EXAMPLE.replace("pvid = 0", "channel = 21"));
    assert_eq!((line, column), (17, 1));
    assert_eq!(shown, "not TOML: duplicate key, found \"channel\"");
}

#[test]
fn file_that_cannot_be_read_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("demo.toml");
    let shown = |result: Result<Config, ConfigErrors>| result.unwrap_err().to_string();
    let missing = shown(Config::load(&path));
    let start = format!("{}: cannot be read: ", path.display());
    assert!(missing.starts_with(&start), "{missing}");
    fs::write(&path, b"role = \"bridge\"\ntag = \"\xff\"\n").unwrap();
    let expected = format!(
        "{}:2:8: found octets that are not UTF-8; save the file as UTF-8 text",
        path.display()
    );
    assert_eq!(shown(Config::load(&path)), expected);
    fs::write(&path, EXAMPLE).unwrap();
    assert_eq!(Config::load(&path).unwrap(), parse(EXAMPLE));
}
