// SPDX-License-Identifier: MIT
//! The engine `lockstep`: two machines with the same inputs, every output pin compared in every cycle.
//!
//! Handshakes are compared always, payload while it is valid. On a difference both stop, and what led to it is kept.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::path::Path;

use vireo_spec::geometry::Geometry;
use vireo_spec::pins::{Clocked, Forward, Inputs, Outputs};

use crate::wave::Wave;

/// Cycles of pins that are kept for the waveform of a difference.
const KEPT: usize = 512;

/// The pins of both sides in one cycle.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// The cycle.
    pub cycle: u64,
    /// What both were given.
    pub inputs: Inputs,
    /// What they answered.
    pub outputs: [Outputs; 2],
}

/// The first cycle in which two machines differed.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The cycle, from the machines' reset.
    pub cycle: u64,
    /// The pin, by its name in Verilog.
    pub pin: &'static str,
    /// What the sides are called.
    pub sides: [&'static str; 2],
    /// What the pin was on them, in hexadecimal.
    pub values: [String; 2],
    /// The pins of the cycles that led to it, the last of which differs.
    pub history: Vec<Sample>,
}

impl Difference {
    /// Leaves a waveform of both sides, of the cycles that led to the difference.
    ///
    /// # Errors
    /// What the disk refused; nothing is then left behind.
    pub fn write_wave(&self, path: &Path, geometry: Geometry) -> io::Result<()> {
        let mut wave = Wave::create_of(path, geometry, &self.sides)?;
        for Sample { cycle, inputs, outputs } in &self.history {
            wave.sample(*cycle, inputs, &[&outputs[0], &outputs[1]]);
        }
        wave.complete()
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cycle, pin, sides, values, .. } = self;
        write!(
            f,
            "cycle {cycle}: pin {pin} is {} in {} and {} in {}",
            values[0], sides[0], values[1], sides[1]
        )
    }
}

/// Two machines in lockstep.
pub struct Lockstep<A: ?Sized, B: ?Sized> {
    names: [&'static str; 2],
    geometry: Geometry,
    cycle: u64,
    history: VecDeque<Sample>,
    difference: Option<Box<Difference>>,
    first: Box<A>,
    second: Box<B>,
}

impl<A: Clocked + ?Sized, B: Clocked + ?Sized> Lockstep<A, B> {
    /// Two machines of this geometry that stand in the same cycle, and what they are called.
    pub fn new(
        geometry: Geometry,
        first: (&'static str, Box<A>),
        second: (&'static str, Box<B>),
    ) -> Self {
        let mut lockstep = Self {
            names: [first.0, second.0],
            geometry,
            cycle: 0,
            history: VecDeque::with_capacity(KEPT),
            difference: None,
            first: first.1,
            second: second.1,
        };
        lockstep.compare();
        lockstep
    }

    /// The first difference, if there was one. The machines stand still from it on.
    pub fn difference(&self) -> Option<&Difference> {
        self.difference.as_deref()
    }

    fn compare(&mut self) {
        let outputs = [self.first.outputs(), self.second.outputs()];
        if let Some((pin, values)) = differing(outputs[0], outputs[1], &self.geometry) {
            let last = Sample {
                cycle: self.cycle,
                inputs: Inputs::default(),
                outputs: outputs.map(Outputs::clone),
            };
            let history = self.history.drain(..).chain([last]).collect();
            let (cycle, sides) = (self.cycle, self.names);
            self.difference = Some(Box::new(Difference { cycle, pin, sides, values, history }));
        }
    }
}

impl<A: Clocked + ?Sized, B: Clocked + ?Sized> Clocked for Lockstep<A, B> {
    fn outputs(&self) -> &Outputs {
        self.first.outputs()
    }

    fn clock(&mut self, inputs: &Inputs) {
        if self.difference.is_some() {
            return;
        }
        if self.history.len() == KEPT {
            self.history.pop_front();
        }
        let outputs = [*self.first.outputs(), *self.second.outputs()];
        self.history.push_back(Sample { cycle: self.cycle, inputs: *inputs, outputs });
        self.first.clock(inputs);
        self.second.clock(inputs);
        self.cycle += 1;
        self.compare();
    }
}

/// The first pin in which two machines' outputs differ, and both its values.
fn differing(a: &Outputs, b: &Outputs, geometry: &Geometry) -> Option<(&'static str, [String; 2])> {
    // Nearly always all is the same, and that is told at once.
    if same(a, b) {
        return None;
    }
    let octets = geometry.width().octets();
    let hex = |value: u128| format!("{value:#x}");
    let data = |f: &Forward| {
        let digits = f.beat.data[..octets].iter().rev().map(|octet| format!("{octet:02x}"));
        format!("0x{}", digits.collect::<String>())
    };
    let (mut pins, mut values) = (Vec::new(), [Vec::new(), Vec::new()]);
    for (n, (o, other)) in [(a, b), (b, a)].into_iter().enumerate() {
        let mut pin = |name: &'static str, value: String| {
            if n == 0 {
                pins.push(name);
            }
            values[n].push(value);
        };
        pin("s_port_tready", hex(o.s_port_ready.into()));
        pin("s_link_tready", hex(o.s_link_ready.into()));
        for (names, f, g) in
            [(M_LINK, &o.m_link, &other.m_link), (M_PORT, &o.m_port, &other.m_port)]
        {
            pin(names[0], hex(f.valid.into()));
            let seen = f.valid && g.valid;
            let shown = |value: String| if seen { value } else { String::new() };
            pin(names[1], shown(data(f)));
            pin(names[2], shown(hex(f.beat.keep.into())));
            pin(names[3], shown(hex(f.beat.last.into())));
            pin(names[4], shown(hex(f.beat.user.into())));
            pin(names[5], shown(hex(f.beat.dest)));
            pin(names[6], shown(hex(f.beat.id.into())));
        }
        let axil = &o.s_axil;
        pin("s_axil_awready", hex(axil.awready.into()));
        pin("s_axil_wready", hex(axil.wready.into()));
        pin("s_axil_arready", hex(axil.arready.into()));
        pin("s_axil_bvalid", hex(axil.bvalid.into()));
        pin("s_axil_rvalid", hex(axil.rvalid.into()));
        let answered = axil.bvalid && other.s_axil.bvalid;
        pin("s_axil_bresp", if answered { hex(axil.bresp.into()) } else { String::new() });
        let read = axil.rvalid && other.s_axil.rvalid;
        pin("s_axil_rresp", if read { hex(axil.rresp.into()) } else { String::new() });
        pin("s_axil_rdata", if read { hex(axil.rdata.into()) } else { String::new() });
        pin("irq", hex(o.irq.into()));
    }
    let [first, second] = values;
    let at = first.iter().zip(&second).position(|(a, b)| a != b)?;
    Some((pins[at], [first[at].clone(), second[at].clone()]))
}

const M_LINK: [&str; 7] = [
    "m_link_tvalid",
    "m_link_tdata",
    "m_link_tkeep",
    "m_link_tlast",
    "m_link_tuser",
    "m_link_tdest",
    "m_link_tid",
];
const M_PORT: [&str; 7] = [
    "m_port_tvalid",
    "m_port_tdata",
    "m_port_tkeep",
    "m_port_tlast",
    "m_port_tuser",
    "m_port_tdest",
    "m_port_tid",
];

/// Whether two machines' outputs are the same, as far as they mean anything.
#[inline]
fn same(a: &Outputs, b: &Outputs) -> bool {
    let forward = |a: &Forward, b: &Forward| a.valid == b.valid && (!a.valid || a.beat == b.beat);
    let (x, y) = (&a.s_axil, &b.s_axil);
    a.s_port_ready == b.s_port_ready
        && a.s_link_ready == b.s_link_ready
        && a.irq == b.irq
        && forward(&a.m_link, &b.m_link)
        && forward(&a.m_port, &b.m_port)
        && (x.awready, x.wready, x.arready, x.bvalid, x.rvalid)
            == (y.awready, y.wready, y.arready, y.bvalid, y.rvalid)
        && (!x.bvalid || x.bresp == y.bresp)
        && (!x.rvalid || (x.rresp, x.rdata) == (y.rresp, y.rdata))
}

#[cfg(test)]
mod tests {
    use super::*;
    use vireo_model::pipeline;
    use vireo_spec::geometry::Width;

    /// The cycle model, but for one pin from one cycle on.
    struct Faulty {
        machine: Box<dyn Clocked + Send>,
        outputs: Outputs,
        cycle: u64,
    }

    const BROKEN_FROM: u64 = 5000;

    impl Clocked for Faulty {
        fn outputs(&self) -> &Outputs {
            &self.outputs
        }

        fn clock(&mut self, inputs: &Inputs) {
            self.machine.clock(inputs);
            self.cycle += 1;
            self.outputs = *self.machine.outputs();
            self.outputs.s_link_ready &= self.cycle < BROKEN_FROM;
        }
    }

    #[test]
    fn a_pin_that_differs_is_named_with_cycle_and_values_and_leaves_a_waveform_of_both_sides() {
        let geometry = Geometry::default().with_width(Width::W64);
        let machine = pipeline::machine(geometry);
        let outputs = *machine.outputs();
        let faulty = Box::new(Faulty { machine, outputs, cycle: 0 });
        let sides = (("model", pipeline::machine(geometry)), ("faulty", faulty));
        let mut lockstep = Lockstep::new(geometry, sides.0, sides.1);
        for _ in 0..2 * BROKEN_FROM {
            lockstep.clock(&Inputs::default());
        }
        let difference = lockstep.difference().expect("a difference");
        assert_eq!(
            difference.to_string(),
            "cycle 5000: pin s_link_tready is 0x1 in model and 0x0 in faulty"
        );
        assert_eq!(difference.history.len(), KEPT + 1);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("difference.vcd");
        difference.write_wave(&path, geometry).unwrap();
        let wave = std::fs::read_to_string(path).unwrap();
        for scope in ["model", "faulty"] {
            assert!(wave.contains(&format!("$scope module {scope} $end")), "{scope}");
        }
    }
}
