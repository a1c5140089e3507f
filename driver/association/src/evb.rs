// SPDX-License-Identifier: MIT
//! EVB negotiation: station and bridge tell each other what they can and how patient they are, and both go by the larger.

use std::time::Duration;

use crate::ecp::{self, GAP};
use crate::wire::evb::{BridgeStatus, Mode, Repr, StationStatus};

/// RRSTAT of a station that has not heard its bridge.
const RRSTAT_UNKNOWN: u8 = 3;

/// What a side wants and can.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Local {
    /// R: repetitions of ECP, 0..=7.
    pub retries: u8,
    /// RTE: ECP waits 10 * 2^RTE us; 0..=31.
    pub rte: u8,
    /// RWD: the bridge may take 10 * 2^RWD us to find resources; 0..=31.
    pub rwd: u8,
    /// RKA: keep-alives come every 10 * 2^RKA us; 0..=31.
    pub rka: u8,
    /// It can use group ids in filters.
    pub groups: bool,
    /// Reflective relay: a station asks for it, a bridge can do it.
    pub reflective: bool,
}

impl Default for Local {
    /// What lldpad sets out with, but for groups, which it has off: R 3, RTE 14 (164 ms), RWD 20 (10.5 s), RKA 20 (10.5 s).
    fn default() -> Self {
        Self { retries: 3, rte: 14, rwd: 20, rka: 20, groups: true, reflective: false }
    }
}

impl Local {
    /// What holds until the other side is heard.
    pub fn operating(&self) -> Operating {
        let Self { retries, rte, rwd, rka, .. } = *self;
        Operating { retries, rte, rwd, rka, groups: false }
    }
}

/// What holds between two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operating {
    /// R, see [`Local`].
    pub retries: u8,
    /// RTE.
    pub rte: u8,
    /// RWD.
    pub rwd: u8,
    /// RKA.
    pub rka: u8,
    /// Both use group ids.
    pub groups: bool,
}

/// 2^exponent: so many times 10 us.
const fn ticks(exponent: u8) -> u64 {
    1 << if exponent > 31 { 31 } else { exponent }
}

/// One and a half times so many times 10 us.
const fn one_and_a_half(ticks: u64) -> Duration {
    Duration::from_micros(ticks * 15)
}

impl Operating {
    /// After which a station takes VDP's request for unanswered: 1.5 * ((1 + 2R) * 2^RTE + 2^RWD) * 10 us.
    pub fn response_time(&self) -> Duration {
        one_and_a_half(self.ecp_ticks() + ticks(self.rwd))
    }

    /// Between two keep-alives: 10 * 2^RKA us.
    pub fn keep_alive(&self) -> Duration {
        Duration::from_micros(10 * ticks(self.rka))
    }

    /// After which a bridge takes a station for silent (u): 1.5 * ((1 + 2R) * 2^RTE + 2^RKA + 2^RWD) * 10 us.
    pub fn silence(&self) -> Duration {
        one_and_a_half(self.ecp_ticks() + ticks(self.rka) + ticks(self.rwd))
    }

    fn ecp_ticks(&self) -> u64 {
        (1 + 2 * u64::from(self.retries)) * ticks(self.rte)
    }
}

impl From<Operating> for ecp::Timing {
    fn from(operating: Operating) -> Self {
        Self { retries: operating.retries, rte: operating.rte, gap: GAP }
    }
}

/// Who negotiates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The host's.
    Station,
    /// The bridge's.
    Bridge,
}

/// One side of the negotiation.
#[derive(Clone, Copy, Debug)]
pub struct Negotiation {
    side: Side,
    local: Local,
    /// What the other side says.
    remote: Option<Repr>,
    /// What it said last, even if it is silent now.
    last: Option<Repr>,
}

impl Negotiation {
    /// A side that has heard nothing. What is beyond its range on the wire becomes the largest that is not.
    pub fn new(side: Side, local: Local) -> Self {
        let Local { retries, rte, rwd, rka, groups, reflective } = local;
        let [rte, rwd, rka] = [rte, rwd, rka].map(|exponent| exponent.min(31));
        let local = Local { retries: retries.min(7), rte, rwd, rka, groups, reflective };
        Self { side, local, remote: None, last: None }
    }

    /// Takes what the other side says; none when it is silent for too long, or says nothing of EVB. Its own kind is not heard.
    pub fn process(&mut self, remote: Option<Repr>) {
        let other = match self.side {
            Side::Station => Mode::Bridge,
            Side::Bridge => Mode::Station,
        };
        self.remote = remote.filter(|said| said.mode == other);
        self.last = self.remote.or(self.last);
    }

    /// What holds between the two; it goes on holding when the other side falls silent, since that ends no association.
    pub fn operating(&self) -> Operating {
        self.larger(self.last)
    }

    fn larger(&self, remote: Option<Repr>) -> Operating {
        let local = self.local;
        let Some(remote) = remote else { return local.operating() };
        Operating {
            retries: local.retries.max(remote.retries),
            rte: local.rte.max(remote.rte),
            rwd: local.rwd.max(remote.rwd),
            rka: local.rka.max(remote.rka),
            groups: local.groups
                && match self.side {
                    Side::Station => remote.bridge.bgid,
                    Side::Bridge => remote.station.sgid,
                },
        }
    }

    /// What it says.
    pub fn tlv(&self) -> Repr {
        let Self { side, local, remote, .. } = self;
        let operating = self.larger(*remote);
        let (bridge, station, mode) = match side {
            Side::Station => {
                let bridge = remote.map(|said| said.bridge).unwrap_or_default();
                let rrstat = remote.map_or(RRSTAT_UNKNOWN, |said| u8::from(said.bridge.rrctr));
                let (sgid, rrreq) = (local.groups, local.reflective);
                (bridge, StationStatus { sgid, rrreq, rrstat }, Mode::Station)
            }
            Side::Bridge => {
                let station = remote.map(|said| said.station).unwrap_or_default();
                let (bgid, rrcap) = (local.groups, local.reflective);
                let rrctr = rrcap && station.rrreq;
                (BridgeStatus { bgid, rrcap, rrctr }, station, Mode::Bridge)
            }
        };
        Repr {
            bridge,
            station,
            retries: operating.retries,
            rte: operating.rte,
            mode,
            rol_wait: remote.is_some_and(|said| said.rwd >= local.rwd),
            rwd: operating.rwd,
            rol_keep_alive: remote.is_some_and(|said| said.rka >= local.rka),
            rka: operating.rka,
        }
    }
}
