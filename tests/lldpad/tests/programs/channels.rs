// SPDX-License-Identifier: MIT
//! Associations in channels of their own: configured, or asked of the bridge.

use vireo_lldpad_tests::{Capture, Captured, Side, until};

use crate::lab::*;

#[test]
fn association_in_an_e_channel_is_tagged_and_moves_when_it_is_announced() {
    let lab = Lab::new();
    lab.write("host.toml", HOST);
    let bridge = HOST.replace("extender", "bridge").replace("up0", "down0");
    lab.write("bridge.toml", &bridge.replace("channel =", "control = true\nchannel ="));
    lab.write(
        "policy.toml",
        &POLICY.replace("link0", "down0").replace("default_port = \"port0\"\n", ""),
    );
    let _bridge = lab.start(&lab.cable.bridge, &lab.bridge_arguments("--machine ./bridge.toml"));
    let _station = lab.start(&lab.cable.station, &lab.station_arguments("--machine ./host.toml"));
    let capture = Capture::start(&lab.cable);
    let asked = format!("--id {ID} --filter 2-52:54:00:00:00:01 --channel");
    let done = lab.associate(&format!("{asked} vm0"));
    assert_eq!(done.stdout, format!("{ID}: ASSOC confirmed: 2-52:54:00:00:00:01\n"), "{done:?}");
    assert_eq!(lab.listed("s.socket"), [row("vm0", ID, "2-52:54:00:00:00:01")]);
    assert_eq!(lab.listed("b.socket"), [row("vm0", ID, "2-52:54:00:00:00:01")]);
    for side in [Side::Station, Side::Bridge] {
        until("its ECP is in the port's E-channel", || {
            // GRP and E-CID_base are the third pair of octets of the tag.
            let tagged = |said: &Captured| {
                said.from == side
                    && said.frame[12..14] == [0x89, 0x3f]
                    && said.frame[16..18] == [0, 20]
                    && said.frame[20..22] == [0x89, 0x40]
            };
            capture.frames().iter().any(tagged)
        });
    }
    let untagged = |said: &Captured| said.frame[12..14] == [0x89, 0x40];
    assert!(!capture.frames().iter().any(untagged), "nothing of it untagged");

    let done = lab.associate(&format!("{asked} vm1"));
    assert_eq!((done.status, done.stdout.contains("refused")), (1, true), "{done:?}");
    let done = lab.associate(&format!("{asked} vm1 --hint to"));
    assert_eq!(done.stdout, format!("{ID}: ASSOC confirmed: 2-52:54:00:00:00:01\n"), "{done:?}");
    until("the old channel's VSI goes", || {
        lab.listed("s.socket") == [row("vm1", ID, "2-52:54:00:00:00:01")]
    });
    assert_eq!(lab.listed("b.socket").len(), 1);
}

#[test]
fn ports_that_ask_get_their_channels_from_the_bridge_and_keep_their_vsis_over_a_restart() {
    let lab = Lab::new();
    lab.write("host.toml", HOST);
    let bridge = HOST.split("[[port]]").next().expect("a link");
    lab.write("bridge.toml", &bridge.replace("extender", "bridge").replace("up0", "down0"));
    let gives =
        POLICY.replace("link0", "down0").replace("default_port = \"port0\"", "ecids = [100, 199]");
    lab.write("policy.toml", &gives);
    let _bridge = lab.start(&lab.cable.bridge, &lab.bridge_arguments("--machine ./bridge.toml"));
    let arguments =
        lab.station_arguments("--machine ./host.toml --ask-channel vm0 --ask-channel vm1");
    let station = lab.start(&lab.cable.station, &arguments);
    let asked = format!("--id {ID} --filter 2-52:54:00:00:00:01 --channel vm1");
    until("the bridge has given the channel", || lab.associate(&asked).status == 0);
    assert_eq!(lab.listed("s.socket"), [row("vm1", ID, "2-52:54:00:00:00:01")]);
    assert_eq!(lab.listed("b.socket").len(), 1);
    lab.remembered("s.json", ID);
    drop(station);
    let _station = lab.start(&lab.cable.station, &arguments);
    until("the VSI is there again", || {
        lab.listed("s.socket") == [row("vm1", ID, "2-52:54:00:00:00:01")]
    });
    assert_eq!(lab.listed("b.socket").len(), 1);
}
