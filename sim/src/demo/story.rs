// SPDX-License-Identifier: MIT
//! The text of the demonstration. Each of its figures is counted in what happened, none is written down here.

use std::fmt::Write;

use vireo_spec::ether::{EtherType, MacAddr};
use vireo_spec::fate::DropReason;
use vireo_spec::tag::{CTagView, ETag, ETagView, IngressECid, Role};

use super::folder::GUESTS;
use super::guests::{FORGER, INTERFACES, PARTNER, SPOOFED, SPOOFER, VICTIM, addresses};
use super::network::{History, Outcome, WIDTH};
use super::{BRIDGE, FOLDER, HOST_A, HOST_B};
use crate::capture::Frame;
use crate::engine::clocked::CYCLE_NS;

const PICTURE: &str = "
  host-a (extender)              bridge (controlling)              host-b (extender)
     vm0 ─┐                    ┌──────────────────────┐                    ┌─ vm1
 spoofer ─┤                    │   learning bridge,   │                    │
    mgmt ─┤      one cable     │   one virtual port   │     one cable      │
     dmz ─┼════════════════════╡   for each guest,    ╞════════════════════┼─ net
      db ─┤       E-TAG        │   no notion of tags  │       E-TAG        │
   other ─┘                    └──────────────────────┘                    └─ forger
";

/// Octets of the two addresses.
const ADDRESSES: usize = 12;
/// Where the tag on a link ends.
const TAG_END: usize = ADDRESSES + ETag::LEN;

/// The tag of a frame on a link.
fn tag(octets: &[u8]) -> Option<ETag> {
    ETagView::new_checked(octets.get(ADDRESSES..)?).ok().map(ETag::parse)
}

/// Whether a frame on a link is `host_frame` behind its tag.
fn carries(octets: &[u8], host_frame: &[u8]) -> bool {
    tag(octets).is_some()
        && octets[..ADDRESSES] == host_frame[..ADDRESSES]
        && octets[TAG_END..] == host_frame[ADDRESSES..]
}

fn ethertype(octets: &[u8]) -> Option<EtherType> {
    octets.get(ADDRESSES..).and_then(<[u8]>::first_chunk).copied().map(EtherType::from_octets)
}

/// The VLAN of a frame's C-TAG.
fn vlan(octets: &[u8]) -> Option<u16> {
    CTagView::new_checked(octets.get(ADDRESSES..)?).ok().map(|tag| tag.vid().get())
}

fn count(frames: &[Frame], which: impl Fn(&[u8]) -> bool) -> usize {
    frames.iter().filter(|frame| which(&frame.octets)).count()
}

/// A number with a comma at each thousand.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

impl History {
    fn machine(&self, name: &str) -> &Outcome {
        let mut machines = self.machines.iter();
        machines.find(|machine| machine.name == name).expect("a machine of the demonstration")
    }

    /// What left `machine` by a port or link.
    fn left(&self, machine: &str, name: &str) -> &[Frame] {
        self.machine(machine).left.get(name).map_or(&[], Vec::as_slice)
    }

    fn sent(&self, guest: &str) -> &[Frame] {
        self.sent.get(guest).map_or(&[], Vec::as_slice)
    }

    /// What each guest of a host got.
    fn delivered_by(&self, host: &str) -> impl Iterator<Item = (&str, &[Frame])> {
        let host = self.machine(host);
        let ports = host.config.ports.iter().map(|port| port.name.as_str());
        ports.map(|name| (name, host.left[name].as_slice()))
    }

    /// What each guest got.
    fn delivered(&self) -> impl Iterator<Item = (&str, &[Frame])> {
        [HOST_A.name, HOST_B.name].into_iter().flat_map(|host| self.delivered_by(host))
    }

    /// The address that a guest sends with first.
    fn address(&self, guest: &str) -> MacAddr {
        self.sent(guest).first().map_or(MacAddr::BROADCAST, |frame| addresses(&frame.octets).1)
    }

    fn dropped(&self, machine: &str, port: &str, reason: DropReason) -> u64 {
        let counts = self.machine(machine).report.ports.get(port);
        counts.and_then(|counts| counts.drops.get(&reason)).copied().unwrap_or(0)
    }
}

/// The whole text.
pub(super) fn text(history: &History) -> String {
    let mut text = String::new();
    write(&mut text, history).expect("a string takes everything");
    text
}

fn write(out: &mut String, history: &History) -> std::fmt::Result {
    writeln!(out, "Vireo: one cable becomes a bridge port for each guest behind it.")?;
    out.push_str(PICTURE);
    writeln!(
        out,
        "\nWhat the machines counted; in and out are seen from the machine. The guests leave gaps between\n\
         their frames: frames per cycle are the load that they offer, not what a machine can take."
    )?;
    for machine in &history.machines {
        let Outcome { name, config, report, .. } = machine;
        let role = match config.role {
            Role::Extender => "port extender",
            Role::Bridge => "controlling bridge",
        };
        let cycles = grouped(report.cycles);
        writeln!(out, "\n── {name}: {role}, {} bits, {cycles} cycles\n", WIDTH.bits())?;
        write!(out, "{report}")?;
    }
    flooded(out, history)?;
    spoofed(out, history)?;
    forged(out, history)?;
    interfaces(out, history)?;
    compared(out, history)?;
    files(out)
}

/// The first broadcast of a guest that shares its host, followed over both links.
fn flooded(out: &mut String, history: &History) -> std::fmt::Result {
    let sender = VICTIM;
    let sent = history.sent(sender);
    let unique = |frame: &&Frame| count(sent, |octets| octets == frame.octets) == 1;
    let arp = |frame: &&Frame| {
        let behind = frame.octets.get(ADDRESSES + 4..ADDRESSES + 6);
        addresses(&frame.octets).0.is_broadcast() && behind == Some(&[0x08, 0x06])
    };
    // The second of the two: the first is an announcement, nobody answers it.
    let Some(frame) = sent.iter().filter(arp).rfind(unique) else { return Ok(()) };
    writeln!(out, "\n── A flooded frame crosses each cable once and is replicated behind it\n")?;
    writeln!(
        out,
        "{sender} asks for an address: ARP, broadcast, {} octets.\n",
        frame.octets.len()
    )?;
    writeln!(out, "{:<20} {:>6} {:>6}  E-TAG", "", "frames", "cycle")?;
    let cycle = |found: &Frame| (found.timestamp_ns - frame.timestamp_ns) / CYCLE_NS;
    for (from, to) in [
        (HOST_A.name, BRIDGE.name),
        (BRIDGE.name, HOST_A.name),
        (BRIDGE.name, HOST_B.name),
        (HOST_B.name, BRIDGE.name),
    ] {
        let frames = history.left(from, to);
        let copies = count(frames, |octets| carries(octets, &frame.octets));
        let name = format!("{from} ▶ {to}");
        write!(out, "{name:<20} {copies:>6}")?;
        let found = frames.iter().find(|found| carries(&found.octets, &frame.octets));
        if let Some((found, tag)) = found.and_then(|found| Some((found, tag(&found.octets)?))) {
            let (group, base) = (tag.ecid.group(), tag.ecid.base());
            write!(out, " {:>6}  GRP {group}, E-CID {base}", cycle(found))?;
            if tag.ingress != IngressECid::NONE {
                write!(out, ", Ingress_E-CID {}: not back to {sender}", tag.ingress.base())?;
            }
        }
        writeln!(out)?;
    }
    for host in [HOST_A.name, HOST_B.name] {
        let (mut copies, mut first, mut guests) = (0, None, Vec::new());
        for (guest, got) in history.delivered_by(host) {
            let found: Vec<_> = got.iter().filter(|got| got.octets == frame.octets).collect();
            copies += found.len();
            first = first.or(found.first().map(|found| cycle(found)));
            guests.push(format!("{guest} {}", found.len()));
        }
        let (name, first) = (format!("{host} ▶ guests"), first.map(|cycle| cycle.to_string()));
        let (first, guests) = (first.unwrap_or_default(), guests.join(", "));
        writeln!(out, "{name:<20} {copies:>6} {first:>6}  {guests}")?;
    }
    Ok(())
}

fn spoofed(out: &mut String, history: &History) -> std::fmt::Result {
    let stolen = history.address(SPOOFED);
    let is_spoofed = |octets: &[u8]| addresses(octets).1 == stolen;
    let (all, host) = (history.sent(SPOOFER), HOST_A.name);
    let spoofed = count(all, is_spoofed);
    let dropped = history.dropped(host, SPOOFER, DropReason::SourceUnbound);
    let crossed = count(history.left(host, BRIDGE.name), is_spoofed);
    writeln!(out, "\n── A guest that spoofs\n")?;
    writeln!(
        out,
        "{SPOOFER} sent {} frames, {spoofed} of them with {SPOOFED}'s address {stolen}.",
        all.len()
    )?;
    writeln!(
        out,
        "{host} dropped {dropped} ({}); {crossed} of them crossed the cable.",
        DropReason::SourceUnbound
    )
}

fn forged(out: &mut String, history: &History) -> std::fmt::Result {
    let (all, host) = (history.sent(FORGER), HOST_B.name);
    let forged: Vec<_> = all.iter().filter(|frame| tag(&frame.octets).is_some()).collect();
    let Some(channel) = forged.first().and_then(|frame| tag(&frame.octets)) else { return Ok(()) };
    let dropped = history.dropped(host, FORGER, DropReason::TagPresent);
    let is_forged = |octets: &[u8]| forged.iter().any(|frame| octets == frame.octets);
    let crossed = count(history.left(host, BRIDGE.name), |octets| {
        is_forged(octets) || forged.iter().any(|frame| carries(octets, &frame.octets))
    });
    let got = history.delivered().find(|(guest, _)| *guest == VICTIM);
    let got = got.map_or(0, |(_, got)| {
        count(got, |octets| {
            is_forged(octets)
                || forged.iter().any(|frame| {
                    octets[..ADDRESSES] == frame.octets[..ADDRESSES]
                        && octets[ADDRESSES..] == frame.octets[TAG_END..]
                })
        })
    });
    writeln!(out, "\n── A guest that forges an E-TAG\n")?;
    writeln!(
        out,
        "{FORGER} sent {} frames, {} of them with an E-TAG of {VICTIM}'s channel {}.",
        all.len(),
        forged.len(),
        channel.ecid.base()
    )?;
    writeln!(
        out,
        "{host} dropped {dropped} ({}); {crossed} of them crossed the cable, {got} reached {VICTIM}.",
        DropReason::TagPresent
    )
}

/// The host with four interfaces: who got what, in each VLAN.
fn interfaces(out: &mut String, history: &History) -> std::fmt::Result {
    writeln!(
        out,
        "\n── A host with four interfaces, each with a bridge port and a VLAN of its own\n"
    )?;
    let (reached, answers) = (format!("reached {PARTNER}"), format!("{PARTNER} sent"));
    writeln!(
        out,
        "{:<7} {:>8} {:>6} {reached:>12} {answers:>10} {:>6} {:>12}",
        "", "VLAN", "sent", "got", "others got"
    )?;
    let is_tagged = |octets: &[u8]| ethertype(octets) == Some(EtherType::C_TAG);
    for (name, vid) in INTERFACES {
        let (own, partner) = (history.address(name), history.address(PARTNER));
        let inside = |octets: &[u8]| match vid {
            Some(_) => vlan(octets) == vid,
            None => !is_tagged(octets),
        };
        let from =
            |source: MacAddr| move |octets: &[u8]| addresses(octets).1 == source && inside(octets);
        let (mut reached, mut got, mut elsewhere) = (0, 0, 0);
        for (guest, frames) in history.delivered() {
            let (ours, theirs) = (count(frames, from(own)), count(frames, from(partner)));
            if guest == PARTNER {
                (reached, elsewhere) = (reached + ours, elsewhere + theirs);
            } else if guest == name {
                (got, elsewhere) = (got + theirs, elsewhere + ours);
            } else {
                elsewhere += ours + theirs;
            }
        }
        let vlan = vid.map_or("untagged".into(), |vid| vid.to_string());
        let (sent, answers) = (history.sent(name).len(), count(history.sent(PARTNER), inside));
        writeln!(
            out,
            "{name:<7} {vlan:>8} {sent:>6} {reached:>12} {answers:>10} {got:>6} {elsewhere:>12}"
        )?;
    }
    Ok(())
}

fn compared(out: &mut String, history: &History) -> std::fmt::Result {
    let of = |part: fn(&Outcome) -> u64| grouped(history.machines.iter().map(part).sum());
    let frames = of(|machine| machine.compared.frames);
    let reads = of(|machine| machine.compared.reads);
    writeln!(
        out,
        "\nmodel = reference: {frames} frames and {reads} register reads compared, none differs."
    )
}

fn files(out: &mut String) -> std::fmt::Result {
    let (a, bridge, b) = (HOST_A.name, BRIDGE.name, HOST_B.name);
    writeln!(out, "\n── The folder {FOLDER}\n")?;
    for (name, what) in [
        (format!("{GUESTS}/NAME.pcap"), "what the guest NAME sent".to_owned()),
        (
            format!("{a}/NAME.pcap"),
            format!("what left {a} by its port or link NAME; links with E-TAGs"),
        ),
        (format!("{bridge}/, {b}/"), "likewise".to_owned()),
        (
            format!("{a}.vcd"),
            format!("waveform: all pins of {a}, with the captures' time, {CYCLE_NS} ns a cycle"),
        ),
        (format!("{a}.toml, …"), "the machines' configurations".to_owned()),
        ("report.json".to_owned(), "what they counted".to_owned()),
    ] {
        writeln!(out, "{name:<18} {what}")?;
    }
    writeln!(
        out,
        "\nNext, one of the machines alone:\n\
         cargo run --release -- run {FOLDER}/{a}.toml --in {VICTIM}={FOLDER}/{GUESTS}/{VICTIM}.pcap --out alone"
    )
}
