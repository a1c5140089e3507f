// SPDX-License-Identifier: MIT
//! What a key may hold: each kind of value that several sections have, with its range and its default.
//! A value that does not fit is noted as a fault; what stands for it then is never used.

use std::str::FromStr;

use vireo_spec::ether::{MacAddr, Pcp, VlanId};
use vireo_spec::rows::DEFAULT_MAXIMUM;
use vireo_spec::tag::UnknownName;

use super::cursor::{Section, Value, nearest};
use super::error::Problem;
use super::{Binding, MIN_MAX_FRAME};

/// The name of a section; whether it is a good one, the reader of all names says.
pub(super) fn name(section: &mut Section<'_>) -> Option<String> {
    let value = section.required("name", "a name for it, such as name = \"vm0\"")?;
    value.text("a name, in quotes").map(str::to_owned)
}

/// A binding of a port.
pub(super) fn binding(value: &Value<'_>) -> Option<Binding> {
    let mut section = value.section("{ mac = \"...\", vlan = ... } or { vlan = ... }")?;
    let mac = section.optional("mac").map_or(Some(None), |value| mac(&value).map(Some));
    let vlan = section
        .required("vlan", "the VLAN that the source may send in, 0 for none at a port with pvid 0")
        .and_then(|value| vlan(&value));
    section.finish();
    Some(Binding { mac: mac?, vlan: vlan? })
}

fn mac(value: &Value<'_>) -> Option<MacAddr> {
    match value.text("a MAC address such as \"52:54:00:00:00:01\"")?.parse::<MacAddr>() {
        Ok(found) if found.is_group() => {
            value.fault(Problem::GroupMac { found });
            None
        }
        Ok(mac) => Some(mac),
        Err(error) => {
            value.fault(error.into());
            None
        }
    }
}

/// `true`, `false` or the default.
pub(super) fn flag(section: &mut Section<'_>, key: &'static str, default: bool) -> bool {
    section.optional(key).and_then(|value| value.flag()).unwrap_or(default)
}

/// A VLAN. 802.1Q reserves VID 0xFFF: no frame is in that VLAN.
pub(super) fn vlan(value: &Value<'_>) -> Option<VlanId> {
    value.number(0..=u64::from(VlanId::RESERVED) - 1).map(VlanId::from_tci)
}

/// A default priority, 0 unless given.
pub(super) fn priority(section: &mut Section<'_>) -> Pcp {
    let value = section.optional("default_priority");
    let number = value.and_then(|value| value.number::<u64>(0..=Pcp::MAX.into()));
    number.and_then(|number| Pcp::try_from(number).ok()).unwrap_or_default()
}

/// The longest frame, in octets without the tag.
pub(super) fn max_frame(section: &mut Section<'_>) -> u16 {
    let value = section.optional("max_frame");
    let range = MIN_MAX_FRAME.into()..=DEFAULT_MAXIMUM.into();
    value.and_then(|value| value.number(range)).unwrap_or(DEFAULT_MAXIMUM)
}

/// A word of a few.
pub(super) fn word<T: FromStr<Err = UnknownName>, const N: usize>(
    value: &Value<'_>,
    words: [&'static str; N],
) -> Option<T> {
    let text = value.text("a string")?;
    text.parse()
        .map_err(|error| value.fault(Problem::Word { error, near: nearest(text, words) }))
        .ok()
}
