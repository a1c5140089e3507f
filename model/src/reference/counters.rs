// SPDX-License-Identifier: MIT
//! The counters: two banks, of which one counts and the other is read (docs/pipeline.md, section 8).
//! Frames are 32 bits and octets 48; both wrap.

use vireo_spec::ether::MacAddr;
use vireo_spec::fate::Disposition;
use vireo_spec::field::{ROW_WORDS, Words};
use vireo_spec::rows;
use vireo_spec::table::Entity;

/// A frame's octets count up to this.
const OCTETS_MAX: usize = 0xFFFF;

#[derive(Clone, Copy, Debug, Default)]
struct Traffic {
    unicast: u32,
    multicast: u32,
    broadcast: u32,
    octets: u64,
}

#[derive(Clone, Debug)]
struct Bank {
    /// By entity.
    traffic: Vec<Traffic>,
    /// By entity and disposition.
    dispositions: Vec<u32>,
}

impl Default for Bank {
    fn default() -> Self {
        Self {
            traffic: vec![Traffic::default(); Entity::COUNT],
            dispositions: vec![0; Entity::COUNT << Disposition::BITS],
        }
    }
}

/// All counters.
#[derive(Clone, Debug, Default)]
pub(super) struct Counters {
    active: Bank,
    idle: Bank,
}

impl Counters {
    /// A frame or copy passed `entity`, with so many octets there.
    pub(super) fn frame(&mut self, entity: Entity, destination: MacAddr, octets: usize) {
        let traffic = &mut self.active.traffic[usize::from(entity.code())];
        let class = if destination.is_broadcast() {
            &mut traffic.broadcast
        } else if destination.is_group() {
            &mut traffic.multicast
        } else {
            &mut traffic.unicast
        };
        *class = class.wrapping_add(1);
        let octets = traffic.octets + octets.min(OCTETS_MAX) as u64;
        traffic.octets = octets & rows::traffic::OCTETS.max();
    }

    /// A frame counts under `disposition` at `entity`.
    pub(super) fn dispose(&mut self, entity: Entity, disposition: Disposition) {
        let frames = &mut self.active.dispositions[usize::from(entity.row(disposition))];
        *frames = frames.wrapping_add(1);
    }

    /// Clears the idle bank and swaps: what has counted can be read, and counting begins at 0.
    pub(super) fn snapshot(&mut self) {
        self.idle.traffic.fill(Traffic::default());
        self.idle.dispositions.fill(0);
        std::mem::swap(&mut self.active, &mut self.idle);
    }

    /// A row of `traffic`, from the bank that does not count.
    pub(super) fn traffic(&self, row: u16) -> Words {
        use rows::traffic as f;
        let traffic = &self.idle.traffic[usize::from(row)];
        let mut words = [0; ROW_WORDS];
        f::UNICAST.set(&mut words, traffic.unicast.into());
        f::MULTICAST.set(&mut words, traffic.multicast.into());
        f::BROADCAST.set(&mut words, traffic.broadcast.into());
        f::OCTETS.set(&mut words, traffic.octets);
        words
    }

    /// A row of `disposition`, from the bank that does not count.
    pub(super) fn disposition(&self, row: u16) -> Words {
        let mut words = [0; ROW_WORDS];
        rows::disposition::FRAMES.set(&mut words, self.idle.dispositions[usize::from(row)].into());
        words
    }
}
