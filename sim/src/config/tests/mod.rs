// SPDX-License-Identifier: MIT
//! Files that people write, good and bad: what a good one says, and where and how a bad one is refused.

mod disagreeing;
mod random;
mod refused;
mod taken;

use super::*;

/// The design's example, with the second port that its group names.
const EXAMPLE: &str = r#"role = "extender"            # or "bridge"
tag = "e-tag"                # or "vn-tag", "s-tag"

[[link]]
name = "up0"

[[port]]
name = "vm0"
link = "up0"
channel = 20
extension = 0
trust_priority = true
default_priority = 0
check_source = true
guard_reserved = false
control = false
pvid = 0
enabled = true
max_frame = 9216
bindings = [{ mac = "52:54:00:00:00:01", vlan = 101 }, { vlan = 7 }]

[[port]]
name = "vm1"
link = "up0"
channel = 21

[[group]]
name = "flood101"
link = "up0"
channel = 0x1001
members = ["vm0", "vm1"]
"#;

/// Lines 1 to 4 of a small file: two links, `up0` in line 3 and `up1` in line 4.
const HEAD: &str =
    "role = \"extender\"\ntag = \"e-tag\"\nlink = [{ name = \"up0\" },\n  { name = \"up1\" }]\n";

fn parse(text: &str) -> Config {
    Config::parse(text, "demo.toml").unwrap_or_else(|errors| panic!("{errors}"))
}

fn errors(text: &str) -> Vec<String> {
    let errors = Config::parse(text, "demo.toml").expect_err("a bad file was taken");
    errors.iter().map(ToString::to_string).collect()
}

/// The one error of a text: where, the key's path, and how it is shown.
fn error(text: &str) -> (usize, usize, String, String) {
    let errors = Config::parse(text, "demo.toml").expect_err("a bad file was taken");
    let errors: Vec<_> = errors.iter().collect();
    let [error] = errors[..] else { panic!("one error expected, found {errors:#?}") };
    let Position { line, column } = error.position.unwrap();
    let path = error.key.as_ref().map_or(String::new(), Key::path);
    let shown = error.to_string();
    let place = format!("demo.toml:{line}:{column}: ");
    let shown = shown.strip_prefix(&place).unwrap_or_else(|| panic!("no place in {shown}"));
    (line, column, path, shown.to_owned())
}

fn refused(text: &str, line: usize, column: usize, path: &str, shown: &str) {
    let expected = (line, column, path.to_owned(), shown.to_owned());
    assert_eq!(error(text), expected, "in\n{text}");
}

/// The error in the second line of a `[[port]]` named vm0, line 5, on up0, channel 20.
fn port_refused(key: &str, column: usize, path: &str, shown: &str) {
    let text = format!("{HEAD}[[port]]\nname = \"vm0\"\nlink = \"up0\"\nchannel = 20\n{key}\n");
    refused(&text, 9, column, &format!("port[0].{path}"), &format!("port \"vm0\": {shown}"));
}
