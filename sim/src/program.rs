// SPDX-License-Identifier: MIT
//! Brings a machine to a configuration, through its registers alone.

use vireo_driver::{Device, Error, RegisterBus};

use crate::config::Config;

/// Programs a machine that has just been reset: tables first, then what lets frames in. `seed` draws the hash tables' seeds.
///
/// # Errors
/// The driver's.
pub fn program<B: RegisterBus>(
    device: &mut Device<B>,
    config: &Config,
    seed: u64,
) -> Result<(), Error> {
    device.initialize(seed)?;
    for row in config.channel_rows() {
        device.add_channel(row.link, row.channel, row.members)?;
    }
    for row in config.binding_rows() {
        device.bind(row.port, Some(row.mac), row.vlan)?;
    }
    for (vlan, ports) in config.vlan_rows() {
        device.set_vlan(vlan, ports)?;
    }
    for (index, port) in config.ports.iter().enumerate() {
        device.set_port(index as u8, &config.port_row(port))?;
    }
    for (index, group) in config.groups.iter().enumerate() {
        device.set_group(index as u8, &config.group_row(group))?;
    }
    for (index, link) in config.links.iter().enumerate() {
        device.set_link(index as u8, &config.link_row(link))?;
    }
    Ok(())
}
