// SPDX-License-Identifier: MIT
//! VDP's station side in one channel: asks for what is wanted, keeps what was confirmed alive, and tells what became of it.

mod event;
mod state;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::Serialize;
use vireo_spec::ether::MacAddr;

pub use self::event::{StationEvent, WantError};
pub use self::state::VsiState;
use self::state::{Phase, answers};
use super::line::{Line, LineCounters, Pdu};
use super::{Hint, Key};
use crate::ecp;
use crate::evb::Operating;
use crate::time::Instant;
use crate::wire::MAX_TLV;
use crate::wire::vdp::{Command, ManagerId, Status, Tlv, Vsi, VsiTlv};

/// VSIs of a channel.
const MAX_VSIS: usize = 8192;
/// De-associations that nobody answers before a VSI is taken for gone.
const FAREWELLS: u8 = 2;

/// What it has counted, beyond what [`LineCounters`] and [`ecp::Counters`] hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct StationCounters {
    /// Confirmations, keep-alives apart.
    pub confirmed: u64,
    /// Keep-alives that were confirmed.
    pub keep_alives: u64,
    /// Refusals.
    pub refused: u64,
    /// Requests that nobody answered.
    pub unanswered: u64,
    /// Answers that fit nothing that was asked.
    pub unmatched: u64,
    /// De-associations by the bridge.
    pub unsolicited: u64,
}

/// A station's side of VDP in one channel.
#[derive(Debug)]
pub struct Station {
    line: Line,
    operating: Operating,
    vsis: BTreeMap<Key, VsiState>,
    /// What is in [`Phase::Queued`], by its turn.
    queue: BTreeMap<u64, Key>,
    next_turn: u64,
    /// When the other phases end.
    deadlines: BTreeSet<(Instant, Key)>,
    events: VecDeque<StationEvent>,
    counters: StationCounters,
}

impl Station {
    /// A station without VSIs. `seed` draws the first sequence number.
    pub fn new(source: MacAddr, operating: Operating, seed: u64) -> Self {
        Self {
            line: Line::new(source, operating, seed),
            operating,
            vsis: BTreeMap::new(),
            queue: BTreeMap::new(),
            next_turn: 0,
            deadlines: BTreeSet::new(),
            events: VecDeque::new(),
            counters: StationCounters::default(),
        }
    }

    /// Goes by what EVB has negotiated.
    pub fn set_timing(&mut self, operating: Operating) {
        let groups_now = operating.groups && !self.operating.groups;
        self.operating = operating;
        self.line.set_timing(operating);
        if groups_now {
            let waiting = self.vsis.iter().filter(|(_, vsi)| vsi.needs_groups());
            let waiting: Vec<_> = waiting.map(|(key, _)| *key).collect();
            waiting.into_iter().for_each(|key| self.ask(key));
        }
    }

    /// Wants a VSI, or wants it otherwise than before; it is asked for as soon as ECP takes it.
    ///
    /// # Errors
    /// [`WantError`], and nothing is changed.
    pub fn want(
        &mut self,
        manager: ManagerId,
        command: Command,
        vsi: Vsi,
        hint: Option<Hint>,
    ) -> Result<(), WantError> {
        let (key, id) = (Key::new(manager, vsi.id), vsi.id);
        let tlv = VsiTlv { command, status: Status::default(), vsi: vsi.clone() };
        let found = tlv.buffer_len() - 2;
        // One that is leaving is unknown: whoever ended it has undone what was confirmed.
        let before = self.vsis.get(&key);
        let stays = before.filter(|before| before.wanted != Command::Deassociate);
        let turns = stays.is_some_and(|before| {
            let type_of = |vsi: &Vsi| (vsi.type_id, vsi.type_version);
            type_of(&before.vsi) != type_of(&vsi)
                || before.wanted == Command::Associate && command != Command::Associate
        });
        if command == Command::Deassociate {
            return Err(WantError::Deassociate);
        } else if vsi.filter.is_empty() {
            return Err(WantError::Empty { id });
        } else if found > MAX_TLV {
            return Err(WantError::TooLong { id, found });
        } else if vsi.type_id >= 1 << 24 {
            return Err(WantError::TypeId { id, found: vsi.type_id });
        } else if turns {
            return Err(WantError::Associated { id });
        } else if before.is_none() && self.vsis.len() >= MAX_VSIS {
            return Err(WantError::TooMany);
        }
        let confirmed = stays.and_then(|before| before.confirmed.clone());
        let (unanswered, told, farewells) = (false, false, 0);
        let phase = Phase::Queued { turn: self.turn(&key) };
        let state =
            VsiState { wanted: command, vsi, hint, confirmed, unanswered, told, farewells, phase };
        self.leave_phase(&key);
        self.vsis.insert(key, state);
        self.enter_phase(key, phase);
        Ok(())
    }

    /// Ends a VSI. Whether there is one.
    pub fn deassociate(&mut self, key: &Key) -> bool {
        let Some(state) = self.vsis.get_mut(key) else { return false };
        (state.wanted, state.farewells, state.unanswered) = (Command::Deassociate, 0, false);
        self.ask(*key);
        true
    }

    /// The turn that a VSI has in the queue, or the last one.
    fn turn(&mut self, key: &Key) -> u64 {
        if let Some(Phase::Queued { turn }) = self.vsis.get(key).map(|state| state.phase) {
            return turn;
        }
        self.next_turn += 1;
        self.next_turn
    }

    fn leave_phase(&mut self, key: &Key) {
        match self.vsis.get(key).map(|state| state.phase) {
            Some(Phase::Queued { turn }) => {
                self.queue.remove(&turn);
            }
            Some(Phase::Asked { until } | Phase::Resting { until }) => {
                self.deadlines.remove(&(until, *key));
            }
            None => {}
        }
    }

    fn enter_phase(&mut self, key: Key, phase: Phase) {
        match phase {
            Phase::Queued { turn } => {
                self.queue.insert(turn, key);
            }
            Phase::Asked { until } | Phase::Resting { until } => {
                self.deadlines.insert((until, key));
            }
        }
    }

    fn set_phase(&mut self, key: Key, phase: Phase) {
        self.leave_phase(&key);
        if let Some(state) = self.vsis.get_mut(&key) {
            state.phase = phase;
            self.enter_phase(key, phase);
        }
    }

    /// Puts a VSI in the queue, unless it is there.
    fn ask(&mut self, key: Key) {
        let turn = self.turn(&key);
        self.set_phase(key, Phase::Queued { turn });
    }

    fn remove(&mut self, key: &Key) -> Option<VsiState> {
        self.leave_phase(key);
        self.vsis.remove(key)
    }

    /// Takes a frame.
    pub fn process(&mut self, octets: &[u8], now: Instant) {
        let Some((manager, tlvs)) = self.line.hear(octets, true, now) else { return };
        for tlv in tlvs {
            match tlv {
                Tlv::Vsi(tlv) => self.heard(manager, tlv, now),
                Tlv::Malformed { command, status, id, .. } => {
                    self.refused_unread(Key::new(manager, id), command, Status(status), now);
                }
                // The line keeps only the two.
                Tlv::Organizational { .. } | Tlv::Cut { .. } | Tlv::Unknown { .. } => {}
            }
        }
    }

    fn heard(&mut self, manager: ManagerId, tlv: VsiTlv, now: Instant) {
        let VsiTlv { command, status, vsi } = tlv;
        let key = Key::new(manager, vsi.id);
        let same_type = |state: &&VsiState| {
            (state.vsi.type_id, state.vsi.type_version) == (vsi.type_id, vsi.type_version)
        };
        let Some(state) = self.vsis.get(&key).filter(same_type) else {
            self.counters.unmatched += 1;
            return;
        };
        if !status.is_response() {
            if command == Command::Deassociate {
                self.counters.unsolicited += 1;
                self.removed(&key, true);
            } else {
                self.counters.unmatched += 1;
            }
            return;
        }
        if !state.is_asked()
            || state.wanted != command
            || !answers(&state.says().filter, &vsi.filter)
        {
            self.counters.unmatched += 1;
            return;
        }
        match status.error() {
            Some(_) => self.refused(key, status, now),
            None if command == Command::Deassociate => self.removed(&key, false),
            None => self.confirmed(key, vsi, now),
        }
    }

    fn confirmed(&mut self, key: Key, vsi: Vsi, now: Instant) {
        let until = now + self.operating.keep_alive();
        self.set_phase(key, Phase::Resting { until });
        let Some(state) = self.vsis.get_mut(&key) else { return };
        state.unanswered = false;
        let told = std::mem::replace(&mut state.told, true);
        let confirmed = Some((state.wanted, vsi.filter.clone()));
        if told && state.confirmed == confirmed {
            self.counters.keep_alives += 1;
            return;
        }
        state.confirmed = confirmed;
        self.counters.confirmed += 1;
        let (command, asked) = (state.wanted, state.vsi.filter.clone());
        self.events.push_back(StationEvent::Confirmed {
            manager: key.manager,
            command,
            vsi,
            asked,
        });
    }

    /// What the bridge says of a TLV that it could not read.
    fn refused_unread(&mut self, key: Key, command: Command, status: Status, now: Instant) {
        let asked = |state: &&VsiState| state.wanted == command && state.is_asked();
        if status.error().is_some() && self.vsis.get(&key).filter(asked).is_some() {
            self.refused(key, status, now);
        } else {
            self.counters.unmatched += 1;
        }
    }

    fn refused(&mut self, key: Key, status: Status, now: Instant) {
        self.counters.refused += 1;
        let until = now + self.operating.keep_alive();
        let Some(state) = self.vsis.get_mut(&key) else { return };
        let (manager, command) = (key.manager, state.wanted);
        let kept = state.confirmed.clone().filter(|_| status.keep());
        if let Some((confirmed, filter)) = kept {
            let vsi = state.vsi.clone();
            (state.unanswered, state.told) = (false, true);
            let keep_alive = state.wanted == confirmed && state.says().filter == filter;
            if command == Command::Deassociate || keep_alive {
                self.set_phase(key, Phase::Resting { until });
            } else {
                // What was confirmed before is what is wanted from now on. The bridge is asked for it at once: it counts
                // nothing but that as a sign of life, and may know better.
                state.wanted = confirmed;
                state.vsi.filter = filter;
                self.ask(key);
            }
            self.events.push_back(StationEvent::Kept { manager, command, vsi, status });
        } else if let Some(state) = self.remove(&key) {
            let vsi = state.vsi;
            self.events.push_back(StationEvent::Refused { manager, command, vsi, status });
        }
    }

    fn removed(&mut self, key: &Key, unsolicited: bool) {
        if let Some(state) = self.remove(key) {
            let vsi = state.says();
            let manager = key.manager;
            self.events.push_back(StationEvent::Removed { manager, vsi, unsolicited });
        }
    }

    /// What happens when a VSI's time is over.
    fn late(&mut self, key: Key, now: Instant) {
        let until = now + self.operating.keep_alive();
        let Some(state) = self.vsis.get_mut(&key) else { return };
        if !state.is_asked() {
            self.ask(key);
            return;
        }
        self.counters.unanswered += 1;
        let told = std::mem::replace(&mut state.unanswered, true);
        let (command, vsi) = (state.wanted, state.says());
        if command == Command::Deassociate {
            state.farewells += 1;
            if state.farewells >= FAREWELLS {
                self.removed(&key, false);
            } else {
                self.ask(key);
            }
            return;
        }
        state.told = false;
        self.set_phase(key, Phase::Resting { until });
        if !told {
            self.events.push_back(StationEvent::Unanswered { manager: key.manager, command, vsi });
        }
    }

    /// Puts together what leaves in one PDU.
    fn say(&mut self, now: Instant) {
        let patience = Phase::Asked { until: now + self.operating.response_time() };
        let mut saying: Option<Pdu> = None;
        while let Some((&turn, &key)) = self.queue.first_key_value() {
            let Some(state) = self.vsis.get(&key) else {
                self.queue.remove(&turn);
                continue;
            };
            // A bridge that knows no groups answers nothing about them: so it is taken, and told.
            if state.needs_groups() && !self.operating.groups {
                self.set_phase(key, patience);
                continue;
            }
            let tlv = Tlv::Vsi(state.request());
            let pdu = saying.get_or_insert_with(|| Pdu::new(key.manager));
            if !pdu.takes(key.manager, &tlv) {
                break;
            }
            pdu.push(tlv);
            self.set_phase(key, patience);
        }
        if let Some(pdu) = saying {
            self.line.say(pdu);
        }
    }

    /// The next frame to send.
    pub fn poll(&mut self, now: Instant) -> Option<Vec<u8>> {
        while let Some(&(at, key)) = self.deadlines.first()
            && at <= now
        {
            self.late(key, now);
        }
        if !self.queue.is_empty() && self.line.is_free(now) {
            self.say(now);
        }
        self.line.poll(now)
    }

    /// When [`Station::poll`] is next to be asked; in the past where it should be now.
    pub fn poll_at(&self) -> Option<Instant> {
        let deadline = self.deadlines.first().map(|&(at, _)| at);
        [deadline, self.line.poll_at(!self.queue.is_empty())].into_iter().flatten().min()
    }

    /// The oldest event that was not asked for yet.
    pub fn event(&mut self) -> Option<StationEvent> {
        self.events.pop_front()
    }

    /// The VSIs.
    pub fn vsis(&self) -> impl Iterator<Item = (&Key, &VsiState)> {
        self.vsis.iter()
    }

    /// What it has counted.
    pub fn counters(&self) -> &StationCounters {
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
