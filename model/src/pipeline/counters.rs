// SPDX-License-Identifier: MIT
//! Counters: two banks, one counting, one to be read (docs/pipeline.md, section 8).

use vireo_spec::ether::MacAddr;
use vireo_spec::fate::Disposition;
use vireo_spec::field::{ROW_WORDS, Words};
use vireo_spec::rows::{disposition, traffic};
use vireo_spec::table::{Entity, Op, Table};

/// Clocks that clear the idle bank.
const CLEARING: u64 = 2048;
/// Banks swap at the end of a cycle whose number is one less than a multiple of this.
const ROUND: u64 = 128;
/// Clocks from the swap until the bank may be read.
const SETTLING: u64 = 160;

const OCTETS_MASK: u64 = (1 << 48) - 1;

/// The class of a destination address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Class {
    #[default]
    Unicast,
    Multicast,
    Broadcast,
}

impl Class {
    #[inline]
    pub(crate) fn of(destination: MacAddr) -> Self {
        if destination.is_broadcast() {
            Self::Broadcast
        } else if destination.is_group() {
            Self::Multicast
        } else {
            Self::Unicast
        }
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Traffic {
    frames: [u32; 3],
    octets: u64,
}

#[derive(Debug)]
struct Bank {
    traffic: Box<[Traffic]>,
    dispositions: Box<[u32]>,
}

impl Bank {
    fn new() -> Self {
        Self {
            traffic: vec![Traffic::default(); Entity::COUNT].into_boxed_slice(),
            dispositions: vec![0; Entity::COUNT << Disposition::BITS].into_boxed_slice(),
        }
    }

    fn clear(&mut self) {
        self.traffic.fill(Traffic::default());
        self.dispositions.fill(0);
    }
}

/// The counters, and the snapshot under way.
#[derive(Debug)]
pub(crate) struct Counters {
    banks: [Bank; 2],
    active: usize,
    snapshot: Option<Snapshot>,
}

/// Cycles of a snapshot: when the banks may swap, and when they did.
#[derive(Clone, Copy, Debug)]
enum Snapshot {
    Clearing { until: u64 },
    Settling { until: u64 },
}

impl Counters {
    pub(crate) fn new() -> Self {
        Self { banks: [Bank::new(), Bank::new()], active: 0, snapshot: None }
    }

    /// As after reset and sweep.
    pub(crate) fn reset(&mut self) {
        self.banks.iter_mut().for_each(Bank::clear);
        self.active = 0;
        self.snapshot = None;
    }

    /// `status.busy`.
    pub(crate) fn busy(&self) -> bool {
        self.snapshot.is_some()
    }

    /// A frame of `octets` passed by `entity`.
    #[inline]
    pub(crate) fn traffic(&mut self, entity: Entity, class: Class, octets: u32) {
        let row = &mut self.banks[self.active].traffic[entity.code() as usize % Entity::COUNT];
        row.frames[class as usize] = row.frames[class as usize].wrapping_add(1);
        row.octets = (row.octets + u64::from(octets)) & OCTETS_MASK;
    }

    /// A frame met this end at `entity`.
    #[inline]
    pub(crate) fn disposition(&mut self, entity: Entity, disposition: Disposition) {
        let count = &mut self.banks[self.active].dispositions[entity.row(disposition) as usize];
        *count = count.wrapping_add(1);
    }

    /// `snapshot` is written in cycle `now`.
    pub(crate) fn begin(&mut self, now: u64) {
        self.banks[1 - self.active].clear();
        self.snapshot = Some(Snapshot::Clearing { until: now + 1 + CLEARING });
    }

    /// The edge that ends cycle `now`. Whether a snapshot is complete.
    #[inline]
    pub(crate) fn clock(&mut self, now: u64) -> bool {
        match self.snapshot {
            None => false,
            Some(Snapshot::Clearing { until }) => {
                if now >= until && now % ROUND == ROUND - 1 {
                    self.active = 1 - self.active;
                    self.snapshot = Some(Snapshot::Settling { until: now + SETTLING });
                }
                false
            }
            Some(Snapshot::Settling { until }) => {
                let done = now == until;
                if done {
                    self.snapshot = None;
                }
                done
            }
        }
    }

    /// A row of the bank that is not counting, as software sees it.
    pub(crate) fn read(&self, op: &Op) -> Words {
        let bank = &self.banks[1 - self.active];
        let mut words = [0; ROW_WORDS];
        if op.table == Table::Traffic {
            let row = &bank.traffic[op.row as usize];
            let fields = [traffic::UNICAST, traffic::MULTICAST, traffic::BROADCAST];
            for (field, frames) in fields.iter().zip(row.frames) {
                field.set(&mut words, frames.into());
            }
            traffic::OCTETS.set(&mut words, row.octets);
        } else {
            disposition::FRAMES.set(&mut words, bank.dispositions[op.row as usize].into());
        }
        words
    }
}
