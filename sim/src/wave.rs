// SPDX-License-Identifier: MIT
//! Waveforms: the pins of every cycle as a VCD file, with the names that they have in Verilog.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;
use std::sync::{Arc, Mutex};

use vcd::{IdCode, TimescaleUnit, Value, Writer};
use vireo_spec::geometry::Geometry;
use vireo_spec::pins::{Beat, Forward, Inputs, Outputs};

use crate::engine::clocked::{CYCLE_NS, Observer};
use crate::unfinished::Unfinished;

/// A waveform in the making; it has its name when it is finished.
pub struct Wave {
    vcd: Writer<BufWriter<File>>,
    unfinished: Unfinished,
    clk: IdCode,
    signals: Vec<Signal>,
    width: usize,
    ports: usize,
    next: usize,
    at: u64,
    failed: Option<io::Error>,
}

struct Signal {
    id: IdCode,
    bits: usize,
    shown: Option<[u8; 64]>,
}

impl Wave {
    /// Starts a waveform of a machine of this geometry, that is to be `path`.
    ///
    /// # Errors
    /// If no file can be made beside `path`.
    pub fn create(path: &Path, geometry: Geometry) -> io::Result<Self> {
        Self::create_of(path, geometry, &["vireo"])
    }

    /// Starts a waveform of several machines with the same inputs, a scope each.
    ///
    /// # Errors
    /// If no file can be made beside `path`.
    pub fn create_of(path: &Path, geometry: Geometry, scopes: &[&str]) -> io::Result<Self> {
        let (unfinished, file) = Unfinished::create(path)?;
        let mut vcd = Writer::new(BufWriter::new(file));
        vcd.timescale(1, TimescaleUnit::NS)?;
        let mut wave = Self {
            vcd,
            unfinished,
            clk: IdCode::FIRST,
            signals: Vec::new(),
            width: geometry.width().bits(),
            ports: geometry.ports(),
            next: 0,
            at: 0,
            failed: None,
        };
        for (n, scope) in scopes.iter().enumerate() {
            wave.vcd.add_module(scope)?;
            if n == 0 {
                wave.clk = wave.vcd.add_wire(1, "clk")?;
            }
            wave.walk(&Inputs::default(), &Outputs::default(), &mut |wave, name, bits, _| {
                let id = wave.vcd.add_wire(bits as u32, name)?;
                wave.signals.push(Signal { id, bits, shown: None });
                Ok(())
            })?;
            wave.vcd.upscope()?;
        }
        wave.vcd.enddefinitions()?;
        Ok(wave)
    }

    /// The waveform as an engine's observer; what it meets on the disk shows in [`Wave::finish`].
    pub fn observer(wave: &Arc<Mutex<Self>>) -> Observer {
        let wave = Arc::clone(wave);
        Box::new(move |cycle, inputs, outputs| {
            if let Ok(mut wave) = wave.lock() {
                wave.sample(cycle, inputs, &[outputs]);
            }
        })
    }

    /// Writes what changed from the cycle before, in each scope.
    pub(crate) fn sample(&mut self, cycle: u64, inputs: &Inputs, outputs: &[&Outputs]) {
        if self.failed.is_none() {
            self.failed = self.try_sample(cycle, inputs, outputs).err();
        }
    }

    fn try_sample(&mut self, cycle: u64, inputs: &Inputs, outputs: &[&Outputs]) -> io::Result<()> {
        self.at = cycle * CYCLE_NS;
        self.vcd.timestamp(self.at)?;
        self.vcd.change_scalar(self.clk, true)?;
        self.next = 0;
        for side in outputs {
            self.walk(inputs, side, &mut |wave, _, bits, value| {
                let signal = &mut wave.signals[wave.next];
                wave.next += 1;
                let mut octets = [0; 64];
                octets[..value.len()].copy_from_slice(value);
                if signal.shown != Some(octets) {
                    signal.shown = Some(octets);
                    debug_assert_eq!(signal.bits, bits);
                    let bit = |n: usize| Value::from(octets[n / 8] >> (n % 8) & 1 == 1);
                    if bits == 1 {
                        wave.vcd.change_scalar(signal.id, bit(0))?;
                    } else {
                        wave.vcd.change_vector(signal.id, (0..bits).rev().map(bit))?;
                    }
                }
                Ok(())
            })?;
        }
        self.vcd.timestamp(self.at + CYCLE_NS / 2)?;
        self.vcd.change_scalar(self.clk, false)
    }

    /// Gives the waveform its name.
    ///
    /// # Errors
    /// What the disk refused, now or in a cycle before; nothing is then left behind.
    pub fn finish(wave: Arc<Mutex<Self>>) -> io::Result<()> {
        let wave = Arc::into_inner(wave)
            .and_then(|wave| wave.into_inner().ok())
            .ok_or_else(|| io::Error::other("the waveform is still being written"))?;
        wave.complete()
    }

    /// Gives a waveform that no engine observes any more its name.
    ///
    /// # Errors
    /// As [`Wave::finish`].
    pub(crate) fn complete(self) -> io::Result<()> {
        let Self { mut vcd, unfinished, at, failed, .. } = self;
        if let Some(error) = failed {
            return Err(error);
        }
        vcd.timestamp(at + CYCLE_NS)?;
        vcd.flush()?;
        drop(vcd);
        unfinished.finish()
    }

    /// Names, widths and values of all pins, in one order.
    fn walk(
        &mut self,
        inputs: &Inputs,
        outputs: &Outputs,
        visit: &mut Visit<'_>,
    ) -> io::Result<()> {
        let flag = |value: bool| [u8::from(value)];
        visit(self, "rst", 1, &flag(inputs.rst))?;
        let streams = [
            ("s_port", &inputs.s_port, outputs.s_port_ready, Some(8), None, 12),
            ("m_link", &outputs.m_link, inputs.m_link_ready, None, Some(8), 5),
            ("s_link", &inputs.s_link, outputs.s_link_ready, Some(8), None, 5),
            ("m_port", &outputs.m_port, inputs.m_port_ready, Some(8), Some(self.ports + 1), 5),
        ];
        for (stream, Forward { valid, beat }, ready, id, dest, user) in streams {
            let name = |signal: &str| format!("{stream}_t{signal}");
            let Beat { data, keep, last, user: user_bits, id: id_bits, dest: dest_bits } = beat;
            visit(self, &name("valid"), 1, &flag(*valid))?;
            visit(self, &name("ready"), 1, &flag(ready))?;
            let octets = self.width / 8;
            visit(self, &name("data"), self.width, &data[..octets])?;
            visit(self, &name("keep"), octets, &keep.to_le_bytes())?;
            visit(self, &name("last"), 1, &flag(*last))?;
            visit(self, &name("user"), user, &user_bits.to_le_bytes())?;
            if let Some(bits) = id {
                visit(self, &name("id"), bits, &[*id_bits])?;
            }
            if let Some(bits) = dest {
                visit(self, &name("dest"), bits, &dest_bits.to_le_bytes())?;
            }
        }
        let (i, o) = (&inputs.s_axil, &outputs.s_axil);
        for (name, value) in [
            ("s_axil_awvalid", i.awvalid),
            ("s_axil_awready", o.awready),
            ("s_axil_wvalid", i.wvalid),
            ("s_axil_wready", o.wready),
            ("s_axil_bvalid", o.bvalid),
            ("s_axil_bready", i.bready),
            ("s_axil_arvalid", i.arvalid),
            ("s_axil_arready", o.arready),
            ("s_axil_rvalid", o.rvalid),
            ("s_axil_rready", i.rready),
            ("irq", outputs.irq),
        ] {
            visit(self, name, 1, &flag(value))?;
        }
        visit(self, "s_axil_awaddr", 12, &i.awaddr.to_le_bytes())?;
        visit(self, "s_axil_wdata", 32, &i.wdata.to_le_bytes())?;
        visit(self, "s_axil_wstrb", 4, &[i.wstrb])?;
        visit(self, "s_axil_bresp", 2, &[o.bresp])?;
        visit(self, "s_axil_araddr", 12, &i.araddr.to_le_bytes())?;
        visit(self, "s_axil_rdata", 32, &o.rdata.to_le_bytes())?;
        visit(self, "s_axil_rresp", 2, &[o.rresp])
    }
}

/// Takes a pin: name, bits, value with bit 0 first.
type Visit<'a> = dyn FnMut(&mut Wave, &str, usize, &[u8]) -> io::Result<()> + 'a;
