// SPDX-License-Identifier: MIT
//! Texts that nobody would write: no panic, and no error without a place in the text.

use proptest::prelude::*;

use super::*;

/// Pieces of which TOML, and what looks like it, is made.
const PIECES: &[&str] = &[
    "[[port]]\n",
    "[[link]]\n",
    "[[group]]\n",
    "[port]\n",
    "name",
    "link",
    "channel",
    "members",
    "bindings",
    "mac",
    "vlan",
    "role",
    "tag",
    " = ",
    "\"up0\"",
    "\"vm0\"",
    "\"e-tag\"",
    "\"s-tag\"",
    "\"bridge\"",
    "[",
    "]",
    "{",
    "}",
    ",",
    ".",
    "\n",
    "0",
    "20",
    "0x1001",
    "-1",
    "1e9",
    "true",
    "\"",
    "'''",
    "\\",
    "#",
    "\u{feff}",
    "é",
    "\r",
    "\0",
    "99999999999999999999999999999999999999999",
];

proptest! {
    #[test]
    fn random_text_never_panics(text in any::<String>()) {
        let _ = Config::parse(&text, "demo.toml");
    }

    #[test]
    fn random_toml_never_panics(pieces in proptest::collection::vec(proptest::sample::select(PIECES), 0..60)) {
        let _ = Config::parse(&pieces.concat(), "demo.toml");
    }

    /// The example with a piece of it replaced: refused with a place inside of the text, or whole.
    #[test]
    fn damaged_example_is_refused_in_place_or_fits_a_machine(
        from in 0..EXAMPLE.len(),
        len in 0..20_usize,
        piece in proptest::sample::select(PIECES),
    ) {
        let to = (from + len).min(EXAMPLE.len());
        let text = [&EXAMPLE[..from], piece, &EXAMPLE[to..]].concat();
        match Config::parse(&text, "demo.toml") {
            Ok(config) => {
                let geometry = config.geometry(Width::W64);
                prop_assert!(config.ports.len() <= geometry.ports());
                prop_assert!(config.ports.iter().all(|port| port.link < config.links.len()));
            }
            Err(errors) => {
                prop_assert!(errors.iter().count() > 0);
                for error in errors.iter() {
                    let Position { line, column } = error.position.unwrap();
                    let content = text.split('\n').nth(line - 1);
                    let columns = content.map(|content| content.chars().count() + 1);
                    prop_assert!(columns.is_some_and(|columns| (1..=columns).contains(&column)), "{error}");
                }
            }
        }
    }
}
