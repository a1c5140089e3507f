// SPDX-License-Identifier: MIT
//! S-channels by CDCP: the station lists the channels that it wants, the bridge gives each an SVID.
//!
//! The TLVs travel in LLDP, which repeats them, so a lost frame needs nothing of its own: each side only compares.

use std::collections::{BTreeMap, BTreeSet};

use crate::wire::cdcp::{MAX_CHANNELS, Pair, Repr, Role};

/// S-channel and SVID of what travels untagged; always there (u).
const DEFAULT: Pair = Pair { scid: 1, svid: 1 };

fn tlv(role: Role, pairs: impl Iterator<Item = Pair>) -> Repr {
    let channels = [DEFAULT].into_iter().chain(pairs).collect();
    Repr { role, s_component: true, capacity: MAX_CHANNELS as u16, channels }
}

/// A channel that came or went, at the station.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The bridge gave it.
    Given(Pair),
    /// The bridge does not list it any more.
    Taken(Pair),
}

/// The station's side.
#[derive(Debug, Default)]
pub struct Station {
    wanted: BTreeSet<u16>,
    given: BTreeMap<u16, u16>,
}

impl Station {
    /// Wants these channels (SCIDs 2..=4095), and no others.
    pub fn want(&mut self, scids: impl IntoIterator<Item = u16>) {
        self.wanted = scids.into_iter().filter(|&scid| scid > DEFAULT.scid).collect();
    }

    /// What it says: a channel that it has not been given has SVID 0.
    pub fn tlv(&self) -> Repr {
        let pair = |&scid| Pair { scid, svid: self.given.get(&scid).copied().unwrap_or(0) };
        tlv(Role::Station, self.wanted.iter().map(pair))
    }

    /// Takes what the bridge says. Its silence changes nothing; what another station says is not heard.
    pub fn process(&mut self, bridge: &Repr) -> Vec<Change> {
        if bridge.role != Role::Bridge {
            return Vec::new();
        }
        let listed = bridge.channels.iter();
        let given: BTreeMap<_, _> = listed
            .filter(|pair| self.wanted.contains(&pair.scid) && pair.svid != 0)
            .map(|pair| (pair.scid, pair.svid))
            .collect();
        let before = std::mem::replace(&mut self.given, given);
        let pair = |(&scid, &svid): (&u16, &u16)| Pair { scid, svid };
        let missing = |from: &BTreeMap<u16, u16>, of: &BTreeMap<u16, u16>| {
            let only = of.iter().filter(|(scid, svid)| from.get(scid) != Some(svid));
            only.map(pair).collect::<Vec<_>>()
        };
        let taken = missing(&self.given, &before).into_iter().map(Change::Taken);
        taken.chain(missing(&before, &self.given).into_iter().map(Change::Given)).collect()
    }
}

/// Who makes a port of the machine for each S-channel.
pub trait ChannelAuthority {
    /// Gives an SVID, whose channel leads to a port from now on; none where there is no room.
    fn create(&mut self) -> Option<u16>;

    /// Takes a channel back, with all that is associated in it.
    fn delete(&mut self, svid: u16);
}

/// The bridge's side.
#[derive(Debug, Default)]
pub struct Bridge {
    given: BTreeMap<u16, u16>,
    /// Channels that were asked for and found no room.
    pub refused: u64,
}

impl Bridge {
    /// Notes a channel that was given before a restart.
    pub fn restore(&mut self, pair: Pair) {
        self.given.insert(pair.scid, pair.svid);
    }

    /// The channels.
    pub fn channels(&self) -> impl Iterator<Item = Pair> + '_ {
        self.given.iter().map(|(&scid, &svid)| Pair { scid, svid })
    }

    /// What it says.
    pub fn tlv(&self) -> Repr {
        tlv(Role::Bridge, self.channels())
    }

    /// Takes what the station says. Its silence changes nothing: the keep-alives of its VSIs decide. What another bridge says is
    /// not heard.
    pub fn process(&mut self, station: &Repr, authority: &mut impl ChannelAuthority) {
        if station.role != Role::Station {
            return;
        }
        let wanted: BTreeSet<_> = station
            .channels
            .iter()
            .map(|pair| pair.scid)
            .filter(|&scid| scid > DEFAULT.scid)
            .collect();
        self.given.retain(|scid, svid| {
            let stays = wanted.contains(scid);
            if !stays {
                authority.delete(*svid);
            }
            stays
        });
        for scid in wanted {
            if self.given.contains_key(&scid) {
                continue;
            }
            let svid = (self.given.len() < MAX_CHANNELS).then(|| authority.create()).flatten();
            match svid {
                Some(svid) => _ = self.given.insert(scid, svid),
                None => self.refused += 1,
            }
        }
    }
}
