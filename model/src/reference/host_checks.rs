// SPDX-License-Identifier: MIT
//! The host-frame checks: what a host may send, and in whose name.
//! An extender makes them for its ports, a bridge for its virtual ports; in the order of docs/rules.md.

use vireo_spec::ether::{EtherType, VlanId};
use vireo_spec::fate::DropReason;
use vireo_spec::rows::PortRow;
use vireo_spec::tag::TagFamily;

use super::header::HostFrame;
use super::tables::Tables;

/// What becomes of a host frame that is not dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Passed {
    /// It goes on.
    Forward,
    /// It goes to the control port.
    Control,
}

/// Checks a frame that the host behind `port` sent, whose link is of `family`.
pub(super) fn host_checks(
    tables: &Tables,
    port: u8,
    row: &PortRow,
    family: TagFamily,
    frame: HostFrame<'_>,
) -> Result<Passed, DropReason> {
    if frame.header().destination().is_reserved() {
        if row.guard_reserved {
            return Err(DropReason::ReservedAddress);
        }
        if row.control && matches!(frame.ethertype(), EtherType::LLDP | EtherType::ECP) {
            return Ok(Passed::Control);
        }
    }
    if frame.has_family_tag(family) {
        return Err(DropReason::TagPresent);
    }
    if frame.is_too_deep() {
        return Err(DropReason::TagDepth);
    }
    if frame.vlan() == VlanId::RESERVED {
        return Err(DropReason::ReservedVlan);
    }
    if row.check_source {
        let (source, vlan) = (frame.header().source(), frame.vlan_or(row.pvid));
        if source.is_group() || !tables.is_bound(port, source, vlan) {
            return Err(DropReason::SourceUnbound);
        }
    }
    Ok(Passed::Forward)
}
