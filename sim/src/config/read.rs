// SPDX-License-Identifier: MIT
//! From TOML to a [`Config`]: which keys there are, what each may hold, and what must agree with what.
//! Names come first, all of them, so that a section with a fault of its own can still be named by others.

use std::collections::HashMap;
use std::path::Path;

use toml::de::DeTable;
use vireo_spec::geometry::{MAX_GROUPS, MAX_LINKS, MAX_PORTS};
use vireo_spec::ports::PortSet;
use vireo_spec::tag::{Channel, ChannelError, Role, TagFamily};

use super::cursor::{Faults, Section, Value, nearest};
use super::error::{ConfigErrors, Item, Problem};
use super::values::{binding, flag, max_frame, name, priority, vlan, word};
use super::{Binding, Config, Endpoint, Group, Link, MAX_BINDINGS, MAX_NAME_LEN, Port};

/// Reads `text`, which is the content of `file`.
pub(super) fn parse(text: &str, file: &Path) -> Result<Config, ConfigErrors> {
    let faults = Faults::new(file, text);
    let table = match DeTable::parse(text) {
        Ok(table) => table.into_inner(),
        Err(error) => {
            let span = error.span().unwrap_or_default();
            let found = text.get(span.clone()).and_then(|found| found.lines().next());
            let found = found.filter(|found| !found.is_empty()).map(str::to_owned);
            let problem = Problem::Syntax { message: error.message().to_owned(), found };
            faults.note(span.start, None, problem);
            return faults.none_in(None);
        }
    };
    let config = Reader::read(Section::root(&table, &faults));
    faults.none_in(config)
}

/// What is known of the file as a whole while its sections are read.
struct Reader<'a> {
    family: Option<TagFamily>,
    names: HashMap<&'a str, (Endpoint, Value<'a>)>,
    /// Of each port, by its index; none if it names no link that there is.
    port_links: Vec<Option<usize>>,
    /// Who has a channel of a link.
    channels: HashMap<(usize, Channel), (Item, Value<'a>)>,
    link_names: Vec<&'a str>,
    bindings: usize,
}

impl<'a> Reader<'a> {
    /// The configuration; if anything is wrong with it, that is noted, and what comes back is not to be used.
    fn read(mut root: Section<'a>) -> Option<Config> {
        let role = root
            .required("role", "\"extender\" or \"bridge\"")
            .and_then(|value| word(&value, Role::ALL.map(Role::name)));
        let family = root
            .required("tag", "\"e-tag\", \"vn-tag\" or \"s-tag\"")
            .and_then(|value| word(&value, TagFamily::ALL.map(TagFamily::name)));
        let links = root.required("link", "a [[link]] section for each link, 1 to 8");
        let links = links.and_then(|value| items(&value, Endpoint::Link, MAX_LINKS));
        let ports = root.optional("port");
        let ports = ports.map_or(Some(vec![]), |value| items(&value, Endpoint::Port, MAX_PORTS));
        let groups = root.optional("group");
        let groups =
            groups.map_or(Some(vec![]), |value| items(&value, Endpoint::Group, MAX_GROUPS));
        root.finish();
        // Without all of these, what names one of them cannot be judged.
        let (links, ports, groups) = (links?, ports?, groups?);

        let mut reader = Self {
            family,
            names: HashMap::new(),
            port_links: Vec::new(),
            channels: HashMap::new(),
            link_names: Vec::new(),
            bindings: 0,
        };
        for (item, value) in links.iter().chain(&ports).chain(&groups) {
            reader.name(item, value);
        }
        let link_name = |(_, value): &(Item, Value<'a>)| value.peek("name")?.as_text();
        reader.link_names = links.iter().map(|link| link_name(link).unwrap_or_default()).collect();
        let links: Vec<_> = links.iter().map(|(_, value)| link(value)).collect();
        let ports: Vec<_> = ports.iter().map(|(item, value)| reader.port(item, value)).collect();
        let groups: Vec<_> = groups.iter().map(|(item, value)| reader.group(item, value)).collect();
        Some(Config {
            role: role?,
            family: family?,
            links: links.into_iter().collect::<Option<_>>()?,
            ports: ports.into_iter().collect::<Option<_>>()?,
            groups: groups.into_iter().collect::<Option<_>>()?,
        })
    }

    /// Notes the name of a section for those that refer to it.
    fn name(&mut self, item: &Item, section: &Value<'a>) {
        let Some(value) = section.peek("name") else { return };
        let Some(name) = value.as_text() else { return };
        let usable = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        let fits = (1..=MAX_NAME_LEN).contains(&name.len());
        if !fits || name.starts_with('.') || !name.chars().all(usable) {
            value.fault(Problem::Name { found: name.to_owned(), most: MAX_NAME_LEN });
        } else if name == "control" {
            value.fault(Problem::ReservedName);
        } else if let Some((other, place)) = self.names.get(name) {
            let (kind, line) = (other.kind(), place.line());
            value.fault(Problem::NameTaken { found: name.to_owned(), kind, line });
        }
        // The first to have a name keeps it, and a bad name is a name too: what refers to it is not at fault.
        self.names.entry(name).or_insert((item.endpoint, value));
    }

    fn port(&mut self, item: &Item, value: &Value<'a>) -> Option<Port> {
        let Some(mut section) = value.section("a [[port]] section") else {
            self.port_links.push(None);
            return None;
        };
        let name = name(&mut section);
        let link = self.link(&mut section);
        self.port_links.push(link);
        let channel = section.required("channel", "the number of its channel, such as 20");
        let extension = section.optional("extension");
        let channel = channel.and_then(|channel| self.channel(item, link, &channel, extension));
        let trust_priority = flag(&mut section, "trust_priority", true);
        let default_priority = priority(&mut section);
        let check_source = flag(&mut section, "check_source", true);
        let guard_reserved = flag(&mut section, "guard_reserved", false);
        let control = flag(&mut section, "control", false);
        let pvid = section.optional("pvid").and_then(|value| vlan(&value)).unwrap_or_default();
        let enabled = flag(&mut section, "enabled", true);
        let max_frame = max_frame(&mut section);
        let bindings = section.optional("bindings");
        let bindings = bindings.and_then(|value| self.bindings(&value)).unwrap_or_default();
        section.finish();
        Some(Port {
            name: name?,
            link: link?,
            channel: channel?,
            trust_priority,
            default_priority,
            check_source,
            guard_reserved,
            control,
            pvid,
            enabled,
            max_frame,
            bindings,
        })
    }

    fn group(&mut self, item: &Item, value: &Value<'a>) -> Option<Group> {
        let mut section = value.section("a [[group]] section")?;
        let name = name(&mut section);
        let link = self.link(&mut section);
        let channel = if self.family == Some(TagFamily::STag) {
            section.optional("channel");
            let family = TagFamily::STag;
            section.fault(Problem::Channel(ChannelError::NoGroups { family }));
            None
        } else {
            let channel = section.required("channel", "the number of its channel, such as 0x1001");
            channel.and_then(|channel| self.channel(item, link, &channel, None))
        };
        let members = section.optional("members");
        let members = members.and_then(|value| self.members(link, &value)).unwrap_or_default();
        let trust_priority = flag(&mut section, "trust_priority", true);
        let default_priority = priority(&mut section);
        section.finish();
        Some(Group {
            name: name?,
            link: link?,
            channel: channel?,
            members,
            trust_priority,
            default_priority,
        })
    }

    /// The link that a section names.
    fn link(&self, section: &mut Section<'a>) -> Option<usize> {
        let value = section.required("link", "the name of a link")?;
        let name = value.text("the name of a link")?;
        match self.names.get(name) {
            Some((Endpoint::Link(link), _)) => Some(*link),
            other => {
                let links = self.link_names.iter().copied();
                value.fault(wrong_name("link", name, other, links));
                None
            }
        }
    }

    /// A channel that `item` alone has on its link.
    fn channel(
        &mut self,
        item: &Item,
        link: Option<usize>,
        value: &Value<'a>,
        extension: Option<Value<'a>>,
    ) -> Option<Channel> {
        let group = matches!(item.endpoint, Endpoint::Group(_));
        let extended = extension.is_some();
        let extension = match extension {
            Some(value) => Some((value.number::<u8>(0..=255)?, value)),
            None => None,
        };
        let (number, found) = value.integer()?;
        // What no u32 holds is in no channel's range either, and is shown as it is written.
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        let extension_number = extension.as_ref().map_or(0, |(number, _)| *number);
        let channel = match Channel::from_config(self.family?, number, extension_number, group) {
            Ok(channel) => channel,
            Err(ChannelError::Range { family, usage, expected, .. }) => {
                value.fault(Problem::ChannelRange { family, usage, expected, found });
                return None;
            }
            Err(error) => {
                extension.as_ref().map_or(value, |(_, value)| value).fault(Problem::Channel(error));
                return None;
            }
        };
        let link = link?;
        match self.channels.get(&(link, channel)) {
            None => {
                self.channels.insert((link, channel), (item.clone(), value.clone()));
                Some(channel)
            }
            Some((by, place)) => {
                let found = if extended {
                    format!("{found}, extension {extension_number},")
                } else {
                    found
                };
                let (by, link, line) = (by.clone(), self.link_names[link].to_owned(), place.line());
                value.fault(Problem::ChannelTaken { found, by, link, line });
                None
            }
        }
    }

    /// The ports that a group lists.
    fn members(&self, link: Option<usize>, value: &Value<'a>) -> Option<PortSet> {
        let mut lines = HashMap::new();
        for value in value.list("an array of names of ports")? {
            let Some(name) = value.text("the name of a port") else { continue };
            let Some((Endpoint::Port(port), _)) = self.names.get(name) else {
                let ports = self.names.iter().filter(|(_, (is, _))| is.kind() == "port");
                let ports = ports.map(|(name, _)| *name);
                value.fault(wrong_name("port", name, self.names.get(name), ports));
                continue;
            };
            if let Some(line) = lines.insert(*port, value.line()) {
                value.fault(Problem::MemberTwice { found: name.to_owned(), line });
            }
            if let (Some(link), Some(its_link)) = (link, self.port_links[*port])
                && link != its_link
            {
                value.fault(Problem::MemberElsewhere {
                    found: name.to_owned(),
                    its_link: self.link_names[its_link].to_owned(),
                    link: self.link_names[link].to_owned(),
                });
            }
        }
        Some(lines.into_keys().collect())
    }

    /// The bindings of a port.
    fn bindings(&mut self, value: &Value<'a>) -> Option<Vec<Binding>> {
        let values = value.list("an array of { mac, vlan } or { vlan }")?;
        let mut lines = HashMap::new();
        let mut bindings = Vec::new();
        for value in &values {
            let Some(binding) = binding(value) else { continue };
            if let Some(line) = lines.insert(binding, value.line()) {
                let Binding { mac, vlan } = binding;
                value.fault(Problem::BindingTwice { mac, vlan, line });
            }
            bindings.push(binding);
        }
        let before = self.bindings;
        self.bindings += bindings.iter().filter(|binding| binding.mac.is_some()).count();
        if before <= MAX_BINDINGS && self.bindings > MAX_BINDINGS {
            let (what, found) =
                ("bindings of a MAC address in all ports up to here", self.bindings);
            value.fault(Problem::TooMany { what, most: MAX_BINDINGS, found });
        }
        Some(bindings)
    }
}

/// The sections of a kind, each with what it is; none if there are more than a machine has.
fn items<'a>(
    value: &Value<'a>,
    endpoint: fn(usize) -> Endpoint,
    most: usize,
) -> Option<Vec<(Item, Value<'a>)>> {
    let (what, expected) = match endpoint(0) {
        Endpoint::Link(_) => ("links", "[[link]] sections, in double brackets"),
        Endpoint::Port(_) => ("ports", "[[port]] sections, in double brackets"),
        Endpoint::Group(_) => ("groups", "[[group]] sections, in double brackets"),
    };
    let values = value.list(expected)?;
    let found = values.len();
    let items = values.into_iter().enumerate().map(|(index, value)| {
        let name = value.peek("name").and_then(|name| name.as_text()).map(str::to_owned);
        let item = Item { endpoint: endpoint(index), name };
        (item.clone(), value.of_item(item))
    });
    let items: Vec<_> = items.collect();
    if let Some((_, first_too_many)) = items.get(most) {
        first_too_many.fault(Problem::TooMany { what, most, found });
        return None;
    }
    if found == 0 && what == "links" {
        value.fault(Problem::Missing { expected: "a [[link]] section for each link, 1 to 8" });
        return None;
    }
    Some(items)
}

fn link(value: &Value<'_>) -> Option<Link> {
    let mut section = value.section("a [[link]] section")?;
    let name = name(&mut section);
    let max_frame = max_frame(&mut section);
    section.finish();
    Some(Link { name: name?, max_frame })
}

/// Why `name` is not that of a `kind`.
fn wrong_name<'n>(
    kind: &'static str,
    name: &str,
    other: Option<&(Endpoint, Value<'_>)>,
    names: impl Iterator<Item = &'n str>,
) -> Problem {
    let found = name.to_owned();
    match other {
        Some((is, place)) => Problem::OtherKind { kind, found, is: is.kind(), line: place.line() },
        None => Problem::NoSuch { kind, found, near: nearest(name, names).map(str::to_owned) },
    }
}
