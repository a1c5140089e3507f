// SPDX-License-Identifier: MIT
//! VDP's bridge side in one channel: checks requests, asks the authority, answers, and withdraws what its station keeps silent
//! about.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::Serialize;
use vireo_spec::ether::MacAddr;

use super::line::{Line, LineCounters, Pdu};
use super::rate::Bucket;
use super::{Authority, Cause, Hint, Key, Limits, Request};
use crate::ecp;
use crate::evb::Operating;
use crate::time::Instant;
use crate::wire::vdp::{Command, Filter, IdFormat, ManagerId, Refusal, Status, Tlv, Vsi, VsiTlv};

/// What it has counted, beyond what [`LineCounters`] and [`ecp::Counters`] hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BridgeCounters {
    /// Requests that were confirmed, keep-alives apart.
    pub confirmed: u64,
    /// Keep-alives.
    pub keep_alives: u64,
    /// Requests that were refused, for whatever reason.
    pub refused: u64,
    /// Of these: TLVs whose body is not what its format says.
    pub malformed: u64,
    /// Of these: beyond the rate.
    pub beyond_rate: u64,
    /// Of these: beyond the channel's VSIs.
    pub beyond_vsis: u64,
    /// VSIs that were withdrawn since their station was silent.
    pub silent: u64,
    /// TLVs that are answers, which nobody asks a bridge for.
    pub not_requests: u64,
}

/// A VSI that the bridge holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// What was confirmed last: never de-association.
    pub command: Command,
    /// The filter as it was asked for.
    pub asked: Filter,
    /// The VSI, VID 0 filled in.
    pub vsi: Vsi,
    silent_at: Instant,
}

/// A bridge's side of VDP in one channel.
#[derive(Debug)]
pub struct Bridge {
    line: Line,
    operating: Operating,
    limits: Limits,
    bucket: Bucket,
    held: BTreeMap<Key, Held>,
    silences: BTreeSet<(Instant, Key)>,
    answers: VecDeque<(ManagerId, Tlv)>,
    counters: BridgeCounters,
}

impl Bridge {
    /// A bridge that holds nothing. `seed` draws the first sequence number.
    pub fn new(source: MacAddr, operating: Operating, limits: Limits, seed: u64) -> Self {
        Self {
            line: Line::new(source, operating, seed),
            operating,
            limits,
            bucket: Bucket::new(limits.rate, limits.burst),
            held: BTreeMap::new(),
            silences: BTreeSet::new(),
            answers: VecDeque::new(),
            counters: BridgeCounters::default(),
        }
    }

    /// Goes by what EVB has negotiated.
    pub fn set_timing(&mut self, operating: Operating) {
        self.operating = operating;
        self.line.set_timing(operating);
    }

    /// Takes a frame. A PDU for whose answers there is no room is not acknowledged, and comes again.
    pub fn process(&mut self, octets: &[u8], now: Instant, authority: &mut impl Authority) {
        let room = self.answers.len() < self.limits.answers;
        let Some((manager, tlvs)) = self.line.hear(octets, room, now) else { return };
        for tlv in tlvs {
            self.answer(manager, tlv, now, authority);
        }
    }

    fn answer(
        &mut self,
        manager: ManagerId,
        tlv: Tlv,
        now: Instant,
        authority: &mut impl Authority,
    ) {
        match tlv {
            Tlv::Vsi(VsiTlv { status, .. }) if status.is_response() => {
                self.counters.not_requests += 1;
            }
            Tlv::Malformed { status, .. } if Status(status).is_response() => {
                self.counters.not_requests += 1;
            }
            Tlv::Vsi(VsiTlv { command, status, mut vsi }) => {
                let request = Request { manager, command, vsi: &vsi, hint: Hint::of(status) };
                let status = match self.judge(&request, now, authority) {
                    Ok(filter) => {
                        vsi.filter = filter;
                        Status::confirmed()
                    }
                    Err(refusal) => self.refuse(&Key::new(manager, vsi.id), refusal),
                };
                self.answers.push_back((manager, Tlv::Vsi(VsiTlv { command, status, vsi })));
            }
            Tlv::Malformed { command, type_id, type_version, id, body, error, .. } => {
                self.counters.malformed += 1;
                let key = Key::new(manager, id);
                let refusal = self.is_within_rate(key, now).err().unwrap_or(Refusal::Format);
                let status = self.refuse(&key, refusal).0;
                let answer =
                    Tlv::Malformed { command, status, type_id, type_version, id, body, error };
                self.answers.push_back((manager, answer));
            }
            // The line keeps only the two.
            Tlv::Organizational { .. } | Tlv::Cut { .. } | Tlv::Unknown { .. } => {}
        }
    }

    /// Whether a request is within the rate. One that is not keeps its VSI alive, since nobody has looked at what it asks. (A
    /// refusal for another reason does not: a station that takes something else for confirmed than its bridge would go on
    /// asking for ever, and both would keep what they have.)
    fn is_within_rate(&mut self, key: Key, now: Instant) -> Result<(), Refusal> {
        if self.bucket.take(now) {
            return Ok(());
        }
        self.counters.beyond_rate += 1;
        self.heard(key, now);
        Err(Refusal::Resources)
    }

    /// The status of a refusal: what was confirmed before stays.
    fn refuse(&mut self, key: &Key, refusal: Refusal) -> Status {
        self.counters.refused += 1;
        let status = Status::refused(refusal);
        if self.held.contains_key(key) { status.with_keep() } else { status }
    }

    /// Does what is asked for; gives the filter to confirm.
    fn judge(
        &mut self,
        request: &Request<'_>,
        now: Instant,
        authority: &mut impl Authority,
    ) -> Result<Filter, Refusal> {
        let (key, vsi) = (request.key(), request.vsi);
        self.is_within_rate(key, now)?;
        if request.command == Command::Deassociate {
            if self.release(&key).is_some() {
                authority.withdraw(&key, Cause::Deassociated);
            }
            self.counters.confirmed += 1;
            return Ok(vsi.filter.clone());
        }
        if let Some(filter) = self.keep_alive(request, now) {
            return Ok(filter);
        }
        self.is_sound(vsi)?;
        match self.held.get(&key) {
            Some(held)
                if held.command == Command::Associate && request.command != Command::Associate =>
            {
                return Err(Refusal::Other);
            }
            None if self.held.len() >= self.limits.vsis => {
                self.counters.beyond_vsis += 1;
                return Err(Refusal::Resources);
            }
            _ => {}
        }
        let filter = authority.decide(request)?;
        let filled = Vsi { filter: filter.clone(), ..vsi.clone() };
        self.hold(key, request.command, vsi.filter.clone(), filled, now);
        self.counters.confirmed += 1;
        Ok(filter)
    }

    /// If this was confirmed before: its station is not silent.
    fn keep_alive(&mut self, request: &Request<'_>, now: Instant) -> Option<Filter> {
        let (key, vsi) = (request.key(), request.vsi);
        let held = self.held.get(&key)?;
        let same = held.command == request.command
            && (held.vsi.type_id, held.vsi.type_version) == (vsi.type_id, vsi.type_version)
            && (held.asked == vsi.filter || held.vsi.filter == vsi.filter);
        if !same {
            return None;
        }
        let filter = held.vsi.filter.clone();
        self.heard(key, now);
        self.counters.keep_alives += 1;
        Some(filter)
    }

    /// Whether a VSI is one that can be asked for at all.
    fn is_sound(&self, vsi: &Vsi) -> Result<(), Refusal> {
        let mut entries: Vec<_> = vsi.filter.entries().collect();
        let count = entries.len();
        entries.sort_unstable();
        entries.dedup();
        if matches!(vsi.id.format, IdFormat::Unknown(_)) || count == 0 || entries.len() != count {
            return Err(Refusal::Format);
        }
        let groups = entries.iter().any(|entry| entry.group.is_some());
        if groups && !self.operating.groups { Err(Refusal::Entry) } else { Ok(()) }
    }

    fn hold(&mut self, key: Key, command: Command, asked: Filter, vsi: Vsi, now: Instant) {
        self.release(&key);
        let silent_at = now + self.operating.silence();
        self.silences.insert((silent_at, key));
        self.held.insert(key, Held { command, asked, vsi, silent_at });
    }

    fn heard(&mut self, key: Key, now: Instant) {
        let silence = self.operating.silence();
        if let Some(held) = self.held.get_mut(&key) {
            self.silences.remove(&(held.silent_at, key));
            held.silent_at = now + silence;
            self.silences.insert((held.silent_at, key));
        }
    }

    fn release(&mut self, key: &Key) -> Option<Held> {
        let held = self.held.remove(key)?;
        self.silences.remove(&(held.silent_at, *key));
        Some(held)
    }

    /// Takes up a VSI that was held before a restart; its station is given time to be heard.
    pub fn restore(
        &mut self,
        manager: ManagerId,
        command: Command,
        asked: Filter,
        vsi: Vsi,
        now: Instant,
    ) {
        self.hold(Key::new(manager, vsi.id), command, asked, vsi, now);
    }

    /// Ends a VSI and tells its station, but not the authority, whose wish it is. Whether it was held.
    pub fn withdraw(&mut self, key: &Key) -> bool {
        let Some(held) = self.release(key) else { return false };
        self.say_gone(key.manager, held.vsi);
        true
    }

    /// A de-association that nobody asked for.
    fn say_gone(&mut self, manager: ManagerId, vsi: Vsi) {
        let (command, status) = (Command::Deassociate, Status::default());
        self.answers.push_back((manager, Tlv::Vsi(VsiTlv { command, status, vsi })));
    }

    /// The next frame to send.
    pub fn poll(&mut self, now: Instant, authority: &mut impl Authority) -> Option<Vec<u8>> {
        while let Some(&(at, key)) = self.silences.first()
            && at <= now
        {
            if let Some(held) = self.release(&key) {
                self.counters.silent += 1;
                authority.withdraw(&key, Cause::Silent);
                self.say_gone(key.manager, held.vsi);
            }
        }
        if self.line.is_free(now)
            && let Some(&(manager, _)) = self.answers.front()
        {
            let mut pdu = Pdu::new(manager);
            while let Some((_, tlv)) =
                self.answers.pop_front_if(|(manager, tlv)| pdu.takes(*manager, tlv))
            {
                pdu.push(tlv);
            }
            self.line.say(pdu);
        }
        self.line.poll(now)
    }

    /// When [`Bridge::poll`] is next to be asked; in the past where it should be now.
    pub fn poll_at(&self) -> Option<Instant> {
        let silence = self.silences.first().map(|&(at, _)| at);
        [silence, self.line.poll_at(!self.answers.is_empty())].into_iter().flatten().min()
    }

    /// The VSIs that it holds.
    pub fn vsis(&self) -> impl Iterator<Item = (&Key, &Held)> {
        self.held.iter()
    }

    /// What it has counted.
    pub fn counters(&self) -> &BridgeCounters {
        &self.counters
    }

    /// What is below VSIs has counted.
    pub fn line_counters(&self) -> &LineCounters {
        &self.line.counters
    }

    /// What ECP has counted.
    pub fn ecp_counters(&self) -> &ecp::Counters {
        self.line.endpoint.counters()
    }
}
