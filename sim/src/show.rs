// SPDX-License-Identifier: MIT
//! `vireo show`: what a machine's tables say and what it has counted, hardware or a model that a configuration was given to.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt::{self, Write as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::thread;
use std::time::{Duration, Instant};

use serde::Serialize;
use vireo_driver::{
    Device, DiscoverError, Error, MapError, MappedBus, RegisterBus, SerialBus, SerialError, State,
};
use vireo_spec::geometry::Width;
use vireo_spec::tag::{Channel, TagFamily};

use crate::config::{Config, ConfigErrors};
use crate::engine::reference::Reference;
use crate::program::program;
use crate::report::{Names, Report};

/// A machine at one time. Links, ports and groups have their names where there is a configuration, else their numbers.
#[derive(Clone, Debug, Serialize)]
pub struct Shown {
    /// Bits of the streams.
    pub width: usize,
    /// By name.
    pub links: BTreeMap<String, Link>,
    /// By name.
    pub ports: BTreeMap<String, Port>,
    /// By name.
    pub groups: BTreeMap<String, Group>,
    /// By link and number.
    pub channels: Vec<Members>,
    /// By port, address and VLAN.
    pub bindings: Vec<Binding>,
    /// Since the machine was reset or last asked.
    pub counters: Report,
    /// Frames in and out a second, by port and link, if they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rates: Option<BTreeMap<String, [f64; 2]>>,
}

/// A link's row.
#[derive(Clone, Debug, Serialize)]
pub struct Link {
    /// Frames enter and leave.
    pub enabled: bool,
    /// Which end of the link the machine is.
    pub role: String,
    /// Its tag.
    pub tag: String,
    /// Octets of the longest frame, without the tag.
    pub max_frame: u16,
}

/// A channel, as a configuration writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Number {
    /// E-TAG: GRP and E-CID_base; VN-Tag: the VIF or list; S-TAG: the VID.
    pub channel: u32,
    /// E-TAG: E-CID_ext.
    pub extension: u8,
}

/// A port's row.
#[derive(Clone, Debug, Serialize)]
pub struct Port {
    /// Frames enter and leave.
    pub enabled: bool,
    /// Its link.
    pub link: String,
    /// Its own channel there.
    #[serde(flatten)]
    pub number: Number,
    /// The VLAN of frames without one.
    pub pvid: u16,
    /// Octets of the longest frame, without the tag.
    pub max_frame: u16,
    /// Only bound sources may send.
    pub check_source: bool,
    /// Frames to reserved addresses are dropped.
    pub guard_reserved: bool,
    /// LLDP and ECP go to the control port.
    pub control: bool,
}

/// A group's row.
#[derive(Clone, Debug, Serialize)]
pub struct Group {
    /// Frames enter.
    pub enabled: bool,
    /// Its link.
    pub link: String,
    /// Its channel there.
    #[serde(flatten)]
    pub number: Number,
}

/// A row of the channel table.
#[derive(Clone, Debug, Serialize)]
pub struct Members {
    /// The link.
    pub link: String,
    /// The channel.
    #[serde(flatten)]
    pub number: Number,
    /// The ports that its frames go to.
    pub members: Vec<String>,
}

/// Who may send.
#[derive(Clone, Debug, Serialize)]
pub struct Binding {
    /// The port.
    pub port: String,
    /// The source; none: any individual address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mac: Option<String>,
    /// In this VLAN.
    pub vlan: u16,
}

impl Number {
    fn new(channel: Channel, family: TagFamily) -> Self {
        let whole = |channel| Self { channel, extension: 0 };
        match family {
            TagFamily::ETag => {
                let ecid = channel.ecid();
                let number = u32::from(ecid.group()) << 12 | u32::from(ecid.base());
                Self { channel: number, extension: ecid.ext() }
            }
            TagFamily::VnTag => whole(channel.vif().get().into()),
            TagFamily::STag => whole(channel.vid().get().into()),
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { channel, extension } = self;
        match extension {
            0 => write!(f, "{channel:#x}"),
            _ => write!(f, "{channel:#x}.{extension}"),
        }
    }
}

impl Shown {
    /// Reads all tables and takes a snapshot of the counters; with `over` a second one so much later, for rates.
    ///
    /// # Errors
    /// The driver's.
    pub fn read<B: RegisterBus>(
        device: &mut Device<B>,
        names: &Names,
        over: Option<Duration>,
    ) -> Result<Self, Error> {
        let state = device.state()?;
        device.snapshot()?;
        let width = device.geometry().width().bits();
        let report = |device: &Device<B>| Report::new("", width, 0, names, device.counters());
        let before = report(device);
        let mut rates = None;
        if let Some(over) = over {
            let start = Instant::now();
            thread::sleep(over);
            device.snapshot()?;
            let seconds = start.elapsed().as_secs_f64();
            rates = Some(rate(&before, &report(device), seconds));
        }
        Ok(Self::new(&state, names, width, report(device), rates))
    }

    fn new(
        state: &State,
        names: &Names,
        width: usize,
        counters: Report,
        rates: Option<BTreeMap<String, [f64; 2]>>,
    ) -> Self {
        let link_name = |link: u8| name(&names.links, link.into());
        let number = |link: u8, channel| {
            let family =
                state.links.get(usize::from(link)).map_or(TagFamily::ETag, |row| row.family);
            Number::new(channel, family)
        };
        let links = state.links.iter().enumerate().map(|(n, row)| {
            let (role, tag) = (row.role.name().into(), row.family.name().into());
            let link = Link { enabled: row.enabled, role, tag, max_frame: row.maximum };
            (name(&names.links, n), link)
        });
        // A row of zeros is no port.
        let ports = state.ports.iter().enumerate().filter(|(_, row)| **row != Default::default());
        let ports = ports.map(|(n, row)| {
            let port = Port {
                enabled: row.enabled,
                link: link_name(row.link),
                number: number(row.link, row.channel),
                pvid: row.pvid.get(),
                max_frame: row.maximum,
                check_source: row.check_source,
                guard_reserved: row.guard_reserved,
                control: row.control,
            };
            (name(&names.ports, n), port)
        });
        let groups = state.groups.iter().enumerate().filter(|(_, row)| **row != Default::default());
        let groups = groups.map(|(n, row)| {
            let (link, number) = (link_name(row.link), number(row.link, row.channel));
            (name(&names.groups, n), Group { enabled: row.enabled, link, number })
        });
        let port_name = |port: usize| name(&names.ports, port);
        let channels = state.channels.iter().map(|(&(link, channel), members)| Members {
            link: link_name(link),
            number: number(link, channel),
            members: members.iter().map(port_name).collect(),
        });
        let bound = state.bindings.iter().map(|(port, mac, vlan)| Binding {
            port: port_name(usize::from(*port)),
            mac: Some(mac.to_string()),
            vlan: vlan.get(),
        });
        let any = state.vlans.iter().flat_map(|(vlan, ports)| {
            let vlan = vlan.get();
            ports.iter().map(move |port| Binding { port: port_name(port), mac: None, vlan })
        });
        Self {
            width,
            links: links.collect(),
            ports: ports.collect(),
            groups: groups.collect(),
            channels: channels.collect(),
            bindings: bound.chain(any).collect(),
            counters,
            rates,
        }
    }

    /// All of it as JSON, with a newline at its end.
    pub fn to_json(&self) -> String {
        let mut json = serde_json::to_string_pretty(self).expect("what is shown is plain data");
        json.push('\n');
        json
    }
}

/// Why a machine cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum ShowError {
    /// The configuration is wrong.
    #[error(transparent)]
    Config(#[from] ConfigErrors),
    /// The file is no hardware's.
    #[error(transparent)]
    Map(#[from] MapError),
    /// The file is no board's serial line.
    #[error(transparent)]
    Serial(#[from] SerialError),
    /// What answers is no machine that this driver knows.
    #[error(transparent)]
    Discover(#[from] DiscoverError),
    /// The machine did not do what the driver asked.
    #[error(transparent)]
    Driver(#[from] Error),
}

impl ShowError {
    /// Whether the caller's input is wrong, rather than the machine.
    pub fn is_bad_input(&self) -> bool {
        matches!(self, Self::Config(_) | Self::Map(_) | Self::Serial(_))
    }
}

/// Where hardware is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The file of its registers.
    Mapped(PathBuf),
    /// The serial line of a board.
    Serial(PathBuf),
}

impl FromStr for Place {
    type Err = Infallible;

    /// `serial:FILE`, or the file of registers.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text.strip_prefix("serial:") {
            Some(line) => Self::Serial(line.into()),
            None => Self::Mapped(text.into()),
        })
    }
}

/// The hardware at this place. Its tables are read, its counters since the last snapshot are taken.
///
/// # Errors
/// [`ShowError`]
pub fn hardware(place: &Place, over: Option<Duration>) -> Result<Shown, ShowError> {
    let bus: Box<dyn RegisterBus> = match place {
        Place::Mapped(file) => Box::new(MappedBus::open(file)?),
        Place::Serial(file) => Box::new(SerialBus::open(file)?),
    };
    let mut device = Device::discover(bus)?;
    device.adopt()?;
    let names = Names::numbers(device.geometry());
    Ok(Shown::read(&mut device, &names, over)?)
}

/// The reference machine after a configuration was given to it: what hardware would hold.
///
/// # Errors
/// [`ShowError`]
pub fn configured(config: &Path, over: Option<Duration>) -> Result<Shown, ShowError> {
    let config = Config::load(config)?;
    let geometry = config.geometry(Width::W512);
    let mut device = Device::discover(Reference::new(geometry))?;
    program(&mut device, &config, 1)?;
    Ok(Shown::read(&mut device, &config.names(), over)?)
}

/// The name of what has this number, or the number.
fn name(names: &[String], number: usize) -> String {
    names.get(number).cloned().unwrap_or_else(|| number.to_string())
}

/// Frames in and out a second.
fn rate(before: &Report, after: &Report, seconds: f64) -> BTreeMap<String, [f64; 2]> {
    let both = |report: &Report| {
        let ports =
            report.ports.iter().map(|(name, counts)| (format!("port {name}"), counts.clone()));
        let links =
            report.links.iter().map(|(name, counts)| (format!("link {name}"), counts.clone()));
        ports.chain(links).collect::<BTreeMap<_, _>>()
    };
    let before = both(before);
    let rate = |(name, after): (String, crate::report::Counts)| {
        let before = &before[&name];
        let frames = [after.in_frames - before.in_frames, after.out_frames - before.out_frames];
        (name, frames.map(|frames| frames as f64 / seconds))
    };
    both(after).into_iter().map(rate).collect()
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = |enabled| if enabled { "enabled" } else { "disabled" };
        for (name, Link { enabled, role, tag, max_frame }) in &self.links {
            writeln!(
                f,
                "link   {name}: {}, {role}, {tag}, frames of up to {max_frame} octets",
                state(*enabled)
            )?;
        }
        for (name, port) in &self.ports {
            let Port { enabled, link, number, pvid, max_frame, .. } = port;
            let mut also = String::new();
            for (is, what) in [
                (port.check_source, "bound sources only"),
                (port.guard_reserved, "reserved addresses guarded"),
                (port.control, "LLDP and ECP to the control port"),
            ] {
                if is {
                    write!(also, ", {what}")?;
                }
            }
            writeln!(
                f,
                "port   {name}: {}, {link} channel {number}, pvid {pvid}, frames of up to {max_frame} octets{also}",
                state(*enabled)
            )?;
        }
        for (name, Group { enabled, link, number }) in &self.groups {
            writeln!(f, "group  {name}: {}, {link} channel {number}", state(*enabled))?;
        }
        for Members { link, number, members } in &self.channels {
            writeln!(f, "channel {number} of {link}: {}", members.join(", "))?;
        }
        for Binding { port, mac, vlan } in &self.bindings {
            let mac = mac.as_deref().unwrap_or("any source");
            writeln!(f, "binding {port}: {mac} in VLAN {vlan}")?;
        }
        write!(f, "\n{}", self.counters)?;
        for (name, [entered, left]) in self.rates.iter().flatten() {
            writeln!(f, "{name}: {entered:.1} frames/s in, {left:.1} out")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_configuration_says_is_shown() {
        let text = "role = \"bridge\"\ntag = \"e-tag\"\n[[link]]\nname = \"down\"\n[[port]]\nname = \"vm\"\nlink = \"down\"\n\
                    channel = 20\nextension = 3\nbindings = [{ mac = \"52:54:00:00:00:01\", vlan = 7 }, { vlan = 8 }]\n\
                    [[group]]\nname = \"all\"\nlink = \"down\"\nchannel = 0x1001\n";
        let config = Config::parse(text, "test.toml").unwrap();
        let reference = Reference::new(config.geometry(Width::W64));
        let mut device = Device::discover(reference).unwrap();
        program(&mut device, &config, 1).unwrap();
        let shown = Shown::read(&mut device, &config.names(), None).unwrap();
        assert_eq!(shown.ports["vm"].number, Number { channel: 20, extension: 3 });
        assert_eq!(shown.groups["all"].number.channel, 0x1001);
        let said = shown.to_string();
        for line in [
            "link   down: enabled, bridge, e-tag, frames of up to 9216 octets",
            "port   vm: enabled, down channel 0x14.3, pvid 0, frames of up to 9216 octets, bound sources only",
            "group  all: enabled, down channel 0x1001",
            "channel 0x14.3 of down: vm",
            "binding vm: 52:54:00:00:00:01 in VLAN 7",
            "binding vm: any source in VLAN 8",
        ] {
            assert!(said.lines().any(|found| found == line), "no {line:?} in\n{said}");
        }
    }
}
