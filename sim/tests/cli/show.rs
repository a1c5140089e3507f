// SPDX-License-Identifier: MIT
//! `vireo show`: a configured machine's rows, and what is said of a file that is no machine.

use serde_json::{Value, json};

use crate::common::Desk;

#[test]
fn rows_of_a_configured_machine_are_shown_by_the_names_of_its_configuration() {
    let desk = Desk::new();
    desk.extender();
    let done = desk.vireo("show extender.toml --json");
    assert_eq!((done.status, &*done.stderr), (0, ""));
    let shown: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(shown["ports"]["vm0"]["channel"], 20);
    assert_eq!(shown["ports"]["vm3"]["enabled"], false);
    assert_eq!(shown["links"]["up0"]["role"], "extender");
    let flood = json!({ "link": "up0", "channel": 0x1001, "extension": 0, "members": ["vm0", "vm1", "vm3"] });
    assert!(shown["channels"].as_array().unwrap().contains(&flood), "{}", shown["channels"]);
    let any = json!({ "port": "vm1", "vlan": 7 });
    assert!(shown["bindings"].as_array().unwrap().contains(&any), "{}", shown["bindings"]);
    assert_eq!(shown["counters"]["ports"]["vm0"]["in_frames"], 0);

    let text = desk.vireo("show extender.toml").stdout;
    assert!(text.contains("channel 0x1001 of up0: vm0, vm1, vm3\n"), "{text}");
}

#[test]
fn file_that_is_no_machine_is_told_with_what_to_do() {
    let desk = Desk::new();
    desk.write("zeros", &"\0".repeat(4096));
    desk.write("short", "\0");
    for (arguments, status, said) in [
        ("show --device zeros", 1, "no Vireo machine answers"),
        ("show --device short", 2, "expected 4096 octets of registers at least, found 1"),
        ("show --device absent", 2, "check the name"),
        ("show --device serial:zeros", 2, "expected a serial line that runs at 115200 baud"),
        ("show --device serial:absent", 2, "absent: cannot be opened to read and write"),
        ("show absent.toml", 2, "absent.toml: cannot be read"),
        ("show", 2, "<CONFIG>"),
        ("show absent.toml --device zeros", 2, "cannot be used with"),
    ] {
        let done = desk.vireo(arguments);
        assert_eq!(done.status, status, "{arguments}: {}", done.stderr);
        assert!(done.stderr.contains(said), "{arguments}: {}", done.stderr);
    }
}
