// SPDX-License-Identifier: MIT
//! The EVB TLV of LLDP (802.1Qbg, OUI 00-80-C2, subtype 0x0D): what bridge and station can, and their timers.
//! Five octets behind the subtype; each side sends its own status octet and echoes the other's.

use super::TooLong;

/// The TLV's subtype under [`OUI_802_1`](super::OUI_802_1).
pub const SUBTYPE: u8 = 0x0d;
/// Octets behind the subtype.
pub const LEN: usize = 5;

/// The bridge's octet: reserved 5, BGID 1, RRCAP 1, RRCTR 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct BridgeStatus {
    /// Knows group identifiers in filters.
    pub bgid: bool,
    /// Capable of reflective relay.
    pub rrcap: bool,
    /// Reflective relay is on.
    pub rrctr: bool,
}

/// The station's octet: reserved 4, SGID 1, RRREQ 1, RRSTAT 2.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct StationStatus {
    /// Sends group identifiers in filters.
    pub sgid: bool,
    /// Asks for reflective relay.
    pub rrreq: bool,
    /// What it saw of RRCTR, 0..=3; 3 is unknown.
    pub rrstat: u8,
}

/// Who sent the TLV.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// A bridge.
    Bridge,
    /// A station.
    Station,
    /// 0 or 3.
    Unknown(u8),
}

/// The TLV's content. Exponents are to the base 2, of times in units of 10 us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Repr {
    /// The bridge's status, its own or echoed.
    pub bridge: BridgeStatus,
    /// The station's status, its own or echoed.
    pub station: StationStatus,
    /// R, 0..=7: how often ECP sends a request again.
    pub retries: u8,
    /// RTE, 0..=31: exponent of the time after which ECP sends again.
    pub rte: u8,
    /// Who speaks.
    pub mode: Mode,
    /// The remote RWD is at least the local one.
    pub rol_wait: bool,
    /// RWD, 0..=31: exponent of the time that a bridge may take to answer.
    pub rwd: u8,
    /// The remote RKA is at least the local one.
    pub rol_keep_alive: bool,
    /// RKA, 0..=31: exponent of the time between keep-alives.
    pub rka: u8,
}

const fn bit(octet: u8, at: u32) -> bool {
    octet >> at & 1 == 1
}

impl Repr {
    /// Reads the five octets.
    pub const fn parse([bridge, station, ecp, wait, keep_alive]: [u8; LEN]) -> Self {
        Self {
            bridge: BridgeStatus {
                bgid: bit(bridge, 2),
                rrcap: bit(bridge, 1),
                rrctr: bit(bridge, 0),
            },
            station: StationStatus {
                sgid: bit(station, 3),
                rrreq: bit(station, 2),
                rrstat: station & 3,
            },
            retries: ecp >> 5,
            rte: ecp & 0x1f,
            mode: match wait >> 6 {
                1 => Mode::Bridge,
                2 => Mode::Station,
                code => Mode::Unknown(code),
            },
            rol_wait: bit(wait, 5),
            rwd: wait & 0x1f,
            rol_keep_alive: bit(keep_alive, 5),
            rka: keep_alive & 0x1f,
        }
    }

    /// The five octets; refuses numbers that their fields do not hold.
    pub fn emit(&self) -> Result<[u8; LEN], TooLong> {
        let mode = match self.mode {
            Mode::Bridge => 1,
            Mode::Station => 2,
            Mode::Unknown(code) => code,
        };
        for (what, max, found) in [
            ("RRSTAT of an EVB TLV", 3, self.station.rrstat),
            ("R of an EVB TLV", 7, self.retries),
            ("RTE of an EVB TLV", 31, self.rte),
            ("mode of an EVB TLV", 3, mode),
            ("RWD of an EVB TLV", 31, self.rwd),
            ("RKA of an EVB TLV", 31, self.rka),
        ] {
            TooLong::check(what, max, found.into())?;
        }
        let BridgeStatus { bgid, rrcap, rrctr } = self.bridge;
        let StationStatus { sgid, rrreq, rrstat } = self.station;
        Ok([
            u8::from(bgid) << 2 | u8::from(rrcap) << 1 | u8::from(rrctr),
            u8::from(sgid) << 3 | u8::from(rrreq) << 2 | rrstat,
            self.retries << 5 | self.rte,
            mode << 6 | u8::from(self.rol_wait) << 5 | self.rwd,
            u8::from(self.rol_keep_alive) << 5 | self.rka,
        ])
    }
}
