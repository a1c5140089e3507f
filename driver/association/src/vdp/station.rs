// SPDX-License-Identifier: MIT
//! VDP's station side in one channel: asks for what is wanted, keeps what was confirmed alive, and tells what became of it.

mod event;
mod state;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use vireo_spec::ether::MacAddr;

pub use self::event::{StationEvent, WantError};
pub use self::state::VsiState;
use self::state::{Phase, answers};
use super::line::{Line, LineCounters};
use super::{Hint, Key};
use crate::ecp;
use crate::evb::Operating;
use crate::time::Instant;
use crate::wire::MAX_TLV;
use crate::wire::vdp::{Command, ManagerId, Status, Tlv, Vsi, VsiTlv};

/// VSIs of a channel.
const MAX_VSIS: usize = 8192;
/// TLVs that a PDU may hold: the shortest are 29 octets.
const PDU: usize = 52;
/// De-associations that nobody answers before a VSI is taken for gone.
const FAREWELLS: u8 = 2;

/// What it has counted, beyond what [`LineCounters`] and [`ecp::Counters`] hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
    /// Keys in [`Phase::Queued`], in their order; some may have left that phase.
    queue: VecDeque<Key>,
    deadlines: BTreeSet<(Instant, Key)>,
    /// TLVs of the PDU that is being put together.
    saying: VecDeque<(ManagerId, Tlv)>,
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
            queue: VecDeque::new(),
            deadlines: BTreeSet::new(),
            saying: VecDeque::new(),
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
            let unconfirmed =
                |(_, vsi): &(&Key, &VsiState)| vsi.needs_groups() && vsi.confirmed.is_none();
            let waiting: Vec<_> =
                self.vsis.iter().filter(unconfirmed).map(|(key, _)| *key).collect();
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
        let before = self.vsis.get(&key);
        let back = before.is_some_and(|before| before.wanted == Command::Associate);
        if command == Command::Deassociate {
            return Err(WantError::Deassociate);
        } else if vsi.filter.is_empty() {
            return Err(WantError::Empty { id });
        } else if found > MAX_TLV {
            return Err(WantError::TooLong { id, found });
        } else if vsi.type_id >= 1 << 24 {
            return Err(WantError::TypeId { id, found: vsi.type_id });
        } else if back && command != Command::Associate {
            return Err(WantError::Associated { id });
        } else if before.is_none() && self.vsis.len() >= MAX_VSIS {
            return Err(WantError::TooMany);
        }
        let confirmed = before.and_then(|before| before.confirmed.clone());
        let (unanswered, farewells, phase) = (false, 0, Phase::Queued);
        self.forget_deadline(&key);
        let state =
            VsiState { wanted: command, vsi, hint, confirmed, unanswered, farewells, phase };
        self.vsis.insert(key, state);
        self.queue.push_back(key);
        Ok(())
    }

    /// Ends a VSI. Whether there is one.
    pub fn deassociate(&mut self, key: &Key) -> bool {
        let Some(state) = self.vsis.get_mut(key) else { return false };
        (state.wanted, state.farewells, state.unanswered) = (Command::Deassociate, 0, false);
        self.ask(*key);
        true
    }

    fn set_phase(&mut self, key: Key, phase: Phase) {
        self.forget_deadline(&key);
        if let Some(state) = self.vsis.get_mut(&key) {
            state.phase = phase;
            self.deadlines.extend(phase.until().map(|until| (until, key)));
        }
    }

    fn forget_deadline(&mut self, key: &Key) {
        if let Some(until) = self.vsis.get(key).and_then(|state| state.phase.until()) {
            self.deadlines.remove(&(until, *key));
        }
    }

    /// Puts a VSI in the queue, unless it is there.
    fn ask(&mut self, key: Key) {
        if self.vsis.get(&key).is_some_and(|state| state.phase != Phase::Queued) {
            self.set_phase(key, Phase::Queued);
            self.queue.push_back(key);
        }
    }

    fn remove(&mut self, key: &Key) -> Option<VsiState> {
        self.forget_deadline(key);
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
        let asked = matches!(state.phase, Phase::Asked { .. });
        if !asked || state.wanted != command || !answers(&state.says().filter, &vsi.filter) {
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
        let confirmed = Some((state.wanted, vsi.filter.clone()));
        if state.confirmed == confirmed {
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
        let asked = |state: &&VsiState| {
            state.wanted == command && matches!(state.phase, Phase::Asked { .. })
        };
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
        if status.keep() && state.confirmed.is_some() {
            let vsi = state.vsi.clone();
            // What was confirmed before is what is wanted from now on; a farewell is said again.
            if command != Command::Deassociate
                && let Some((confirmed, filter)) = state.confirmed.clone()
            {
                state.wanted = confirmed;
                state.vsi.filter = filter;
            }
            self.set_phase(key, Phase::Resting { until });
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
        if !matches!(state.phase, Phase::Asked { .. }) {
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
        state.confirmed = None;
        self.set_phase(key, Phase::Resting { until });
        if !told {
            self.events.push_back(StationEvent::Unanswered { manager: key.manager, command, vsi });
        }
    }

    /// Puts together what leaves in one PDU.
    fn say(&mut self, now: Instant) {
        let patience = Phase::Asked { until: now + self.operating.response_time() };
        let pause = Phase::Resting { until: now + self.operating.keep_alive() };
        while self.saying.len() < PDU
            && let Some(key) = self.queue.pop_front()
        {
            let Some(state) = self.vsis.get(&key).filter(|state| state.phase == Phase::Queued)
            else {
                continue;
            };
            if state.needs_groups() && !self.operating.groups {
                self.set_phase(key, pause);
                continue;
            }
            let (command, status, vsi) = (state.wanted, Hint::status(state.hint), state.says());
            self.saying.push_back((key.manager, Tlv::Vsi(VsiTlv { command, status, vsi })));
            self.set_phase(key, patience);
        }
        self.line.say(&mut self.saying);
        // What did not fit, or is another manager's, has the next turn.
        while let Some((manager, tlv)) = self.saying.pop_back() {
            if let Tlv::Vsi(VsiTlv { vsi, .. }) = tlv {
                let key = Key::new(manager, vsi.id);
                self.set_phase(key, Phase::Queued);
                self.queue.push_front(key);
            }
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
