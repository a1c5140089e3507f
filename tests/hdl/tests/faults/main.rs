// SPDX-License-Identifier: MIT
//! Deliberate faults in the printed Verilog, one at a time: in a storm the lockstep with the model catches each of them. All
//! are built into one machine, in which a register selects the one that acts.

mod list;

use std::cell::Cell;
use std::path::Path;
use std::rc::Rc;
use std::sync::Mutex;
use std::thread;

use list::{FAULTS, Fault};
use vireo_hdl::verilog::Design;
use vireo_hdl_tests::{Weather, small};
use vireo_machines as machines;
use vireo_model::pipeline;
use vireo_sim::engine::kind::PinKind;
use vireo_sim::engine::lockstep::Difference;
use vireo_sim::engine::verilator::{Builder, Verilated};
use vireo_spec::geometry::Width;
use vireo_spec::pins::{Clocked, Forward, Inputs, Outputs};

const WIDTH: Width = Width::W64;
/// Upper 24 bits of `s_axil_wdata` with which a reset selects a fault; the storm's own resets have 0 there.
const SELECT: u32 = 0xFA_0175;
/// No fault.
const NONE: u8 = 0;

/// Cycles in which a fault has to show.
const CYCLES: u64 = 5_000_000;
/// Cycles in which the machine without a fault must not differ.
const CONTROL: u64 = 1_000_000;

/// Puts the faults into the design, selected by the register `fault` of its top.
///
/// # Panics
/// Where a fault's text is not found exactly once, with the fault that wants renewing.
fn put_in(design: &mut Design, faults: &[Fault]) {
    let top = design.top.clone();
    for (fault, number) in faults.iter().zip(1u8..) {
        let Fault { name, module, place, right, faulty } = fault;
        let selected = format!("({top}.fault == 8'd{number} ? ({faulty}) : ({right}))");
        let file = format!("{module}.v");
        let file = design.files.iter_mut().find(|other| other.name == file);
        let file = file.unwrap_or_else(|| panic!("{name} wants renewing: there is no {module}"));
        let found = place.replace('$', right);
        let times = file.text.matches(&found).count();
        assert!(
            times == 1,
            "{name} wants renewing: {module} has {times} times, not once:\n{found}"
        );
        file.text = file.text.replace(&found, &place.replace('$', &selected));
    }
    let file = design.files.last_mut().expect("a design has its top");
    let register = format!(
        "    reg [7:0] fault = 8'd{NONE};\n    always @(posedge clk) begin\n        \
         if (rst && s_axil_wdata[31:8] == 24'd{SELECT}) begin\n            \
         fault <= s_axil_wdata[7:0];\n        end\n    end\nendmodule"
    );
    file.text = file.text.replace("endmodule", &register);
}

/// A machine with a fault, and the frames that have entered it.
struct Faulty {
    machine: Verilated,
    frames: Rc<Cell<u64>>,
}

impl Faulty {
    /// Selects a fault of a machine, by a clock of reset.
    fn new(mut machine: Verilated, number: u8, frames: Rc<Cell<u64>>) -> Self {
        let mut inputs = Inputs { rst: true, ..Inputs::default() };
        inputs.s_axil.wdata = SELECT << 8 | u32::from(number);
        machine.clock(&inputs);
        Self { machine, frames }
    }
}

impl Clocked for Faulty {
    fn outputs(&self) -> &Outputs {
        self.machine.outputs()
    }

    fn clock(&mut self, inputs: &Inputs) {
        let outputs = self.machine.outputs();
        let ends = |pins: &Forward, ready| u64::from(pins.valid && pins.beat.last && ready);
        let entered = ends(&inputs.s_port, outputs.s_port_ready);
        let entered = entered + ends(&inputs.s_link, outputs.s_link_ready);
        self.frames.set(self.frames.get() + entered);
        self.machine.clock(inputs);
    }
}

/// Storms over the model and the faulty machine: the first difference, and the frames that it took.
fn storm(machine: Verilated, number: u8, cycles: u64) -> (Option<Box<Difference>>, u64) {
    let weather = Weather {
        sides: [PinKind::Model, PinKind::Verilator],
        width: WIDTH,
        seed: 1,
        cycles,
        between: (1000, 5000),
    };
    let frames = Rc::new(Cell::new(0));
    let faulty = Faulty::new(machine, number, Rc::clone(&frames));
    let difference = weather.over([pipeline::machine(small(WIDTH)), Box::new(faulty)]).err();
    (difference, frames.get())
}

#[test]
fn every_fault_in_the_verilog_is_caught_by_the_lockstep() {
    let geometry = small(WIDTH);
    let mut design = machines::print(geometry).expect("a machine that can be printed");
    put_in(&mut design, FAULTS);
    let builder = Builder::new(Path::new(env!("CARGO_TARGET_TMPDIR")));
    let text = design.text();
    let machine = || {
        Verilated::built_by(&builder, &text, &design.top, geometry)
            .unwrap_or_else(|error| panic!("{error}"))
    };

    let (difference, _) = storm(machine(), NONE, CONTROL);
    assert!(difference.is_none(), "without a fault: {}", difference.expect("there is one"));

    let numbers = Mutex::new(FAULTS.iter().zip(1u8..));
    let uncaught = Mutex::new(Vec::new());
    println!("{:>8} {:>7}  {:<16}fault", "cycle", "frames", "pin");
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let next = numbers.lock().expect("nobody panics with it").next();
                    let Some((fault, number)) = next else { break };
                    let name = fault.name;
                    let (difference, frames) = storm(machine(), number, CYCLES);
                    match difference {
                        Some(difference) => {
                            let Difference { cycle, pin, .. } = *difference;
                            println!("{cycle:>8} {frames:>7}  {pin:<16}{name}");
                        }
                        None => uncaught.lock().expect("nobody panics with it").push(name),
                    }
                }
            });
        }
    });
    let uncaught = uncaught.into_inner().expect("nobody panics with it");
    assert!(uncaught.is_empty(), "not caught in {CYCLES} cycles: {uncaught:?}");
}
