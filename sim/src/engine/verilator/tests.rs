// SPDX-License-Identifier: MIT
//! A small module with the machine's pins stands in for it: each output is a register of inputs, so that a pin that is lost,
//! crossed or late shows.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use tempfile::TempDir;
use vireo_spec::pins::AxilInputs;

use super::*;

const TOP: &str = "stand_in";

fn geometry(width: usize, ports: usize) -> Geometry {
    Geometry::new(width, 2, ports, 2, 64, 64).unwrap()
}

fn text(geometry: Geometry) -> String {
    let (width, ports) = (geometry.width().bits(), geometry.ports());
    let octets = width / 8;
    let mut pins = vec!["input wire clk".to_owned(), "input wire rst".to_owned()];
    let mut pin =
        |way: &str, bits: usize, name: &str| pins.push(format!("{way} [{}:0] {name}", bits - 1));
    for (stream, sender, receiver) in [
        ("s_port", "input wire", "output reg"),
        ("s_link", "input wire", "output reg"),
        ("m_link", "output reg", "input wire"),
        ("m_port", "output reg", "input wire"),
    ] {
        for (bits, name) in [(1, "tvalid"), (width, "tdata"), (octets, "tkeep"), (1, "tlast")] {
            pin(sender, bits, &format!("{stream}_{name}"));
        }
        pin(sender, if stream == "s_port" { 12 } else { 5 }, &format!("{stream}_tuser"));
        pin(receiver, 1, &format!("{stream}_tready"));
    }
    for (way, bits, name) in [
        ("input wire", 8, "s_port_tid"),
        ("input wire", 8, "s_link_tid"),
        ("output reg", 8, "m_link_tdest"),
        ("output reg", ports + 1, "m_port_tdest"),
        ("output reg", 8, "m_port_tid"),
        ("input wire", 1, "s_axil_awvalid"),
        ("output reg", 1, "s_axil_awready"),
        ("input wire", 12, "s_axil_awaddr"),
        ("input wire", 1, "s_axil_wvalid"),
        ("output reg", 1, "s_axil_wready"),
        ("input wire", 32, "s_axil_wdata"),
        ("input wire", 4, "s_axil_wstrb"),
        ("output reg", 1, "s_axil_bvalid"),
        ("input wire", 1, "s_axil_bready"),
        ("output reg", 2, "s_axil_bresp"),
        ("input wire", 1, "s_axil_arvalid"),
        ("output reg", 1, "s_axil_arready"),
        ("input wire", 12, "s_axil_araddr"),
        ("output reg", 1, "s_axil_rvalid"),
        ("input wire", 1, "s_axil_rready"),
        ("output reg", 32, "s_axil_rdata"),
        ("output reg", 2, "s_axil_rresp"),
        ("output reg", 1, "irq"),
    ] {
        pin(way, bits, name);
    }
    let pins = pins.join(",\n  ");
    format!(
        "module {TOP} (\n  {pins}\n);
  // Combinational, so that inputs must have settled when the clock rises.
  wire [31:0] mixed = s_axil_wdata ^ {{s_axil_awaddr, s_axil_wstrb, 4'd0, s_axil_araddr}};
  reg [31:0] count = 77;
  always @(posedge clk) begin
    m_link_tvalid <= s_port_tvalid;
    m_link_tdata <= s_port_tdata;
    m_link_tkeep <= s_port_tkeep;
    m_link_tlast <= s_port_tlast;
    m_link_tdest <= s_port_tid;
    m_link_tuser <= s_port_tuser[4:0];
    m_port_tvalid <= s_link_tvalid;
    m_port_tdata <= s_link_tdata;
    m_port_tkeep <= s_link_tkeep;
    m_port_tlast <= s_link_tlast;
    m_port_tdest <= {{s_link_tlast, {{{ports}{{s_link_tvalid}}}}}};
    m_port_tid <= s_link_tid;
    m_port_tuser <= s_link_tuser;
    s_port_tready <= m_link_tready;
    s_link_tready <= m_port_tready;
    s_axil_awready <= s_axil_awvalid;
    s_axil_wready <= s_axil_wvalid;
    s_axil_bvalid <= s_axil_bready;
    s_axil_bresp <= s_port_tuser[6:5];
    s_axil_arready <= s_axil_arvalid;
    s_axil_rvalid <= s_axil_rready;
    s_axil_rdata <= rst ? 0 : mixed ^ count;
    s_axil_rresp <= s_port_tuser[11:10];
    irq <= rst;
    count <= rst ? 0 : count + 1;
  end
endmodule
"
    )
}

/// What stands on the stand-in's pins after `inputs`, which came in cycle `count`.
fn expected(inputs: &Inputs, count: u32) -> Outputs {
    let axil = inputs.s_axil;
    let user = inputs.s_port.beat.user;
    let mixed = u32::from(axil.awaddr) << 20 | u32::from(axil.wstrb) << 16 | u32::from(axil.araddr);
    let mut outputs =
        Outputs { m_link: inputs.s_port, m_port: inputs.s_link, ..Outputs::default() };
    outputs.m_link.beat.dest = outputs.m_link.beat.id.into();
    outputs.m_link.beat.id = 0;
    outputs.m_link.beat.user &= 31;
    outputs.s_port_ready = inputs.m_link_ready;
    outputs.s_link_ready = inputs.m_port_ready;
    outputs.s_axil.awready = axil.awvalid;
    outputs.s_axil.wready = axil.wvalid;
    outputs.s_axil.bvalid = axil.bready;
    outputs.s_axil.bresp = (user >> 5 & 3) as u8;
    outputs.s_axil.arready = axil.arvalid;
    outputs.s_axil.rvalid = axil.rready;
    outputs.s_axil.rdata = if inputs.rst { 0 } else { axil.wdata ^ mixed ^ count };
    outputs.s_axil.rresp = (user >> 10 & 3) as u8;
    outputs.irq = inputs.rst;
    outputs
}

fn random_stream(random: &mut fastrand::Rng, octets: usize, user: u16) -> Forward {
    let mut beat = Beat {
        keep: random.u64(..) & u64::MAX >> (64 - octets),
        last: random.bool(),
        user: random.u16(..) & user,
        id: random.u8(..),
        ..Beat::default()
    };
    random.fill(&mut beat.data[..octets]);
    Forward { valid: random.bool(), beat }
}

fn random_inputs(random: &mut fastrand::Rng, octets: usize) -> Inputs {
    Inputs {
        rst: random.u8(..) == 0,
        s_port: random_stream(random, octets, 0xFFF),
        s_link: random_stream(random, octets, 0x1F),
        m_link_ready: random.bool(),
        m_port_ready: random.bool(),
        s_axil: AxilInputs {
            awvalid: random.bool(),
            awaddr: random.u16(..0x1000),
            wvalid: random.bool(),
            wdata: random.u32(..),
            wstrb: random.u8(..16),
            bready: random.bool(),
            arvalid: random.bool(),
            araddr: random.u16(..0x1000),
            rready: random.bool(),
        },
    }
}

/// In the build folder: what these tests build is there when they run again.
fn kept() -> Builder {
    let program = std::env::current_exe().unwrap();
    Builder::new(&program.parent().unwrap().join("vireo-cache"))
}

fn every_pin_arrives(width: usize, ports: usize) {
    let geometry = geometry(width, ports);
    let mut machine = Verilated::built_by(&kept(), &text(geometry), TOP, geometry).unwrap();
    let mut random = fastrand::Rng::with_seed(width as u64);
    let mut count = 0;
    for cycle in 0..10_000 {
        let inputs = random_inputs(&mut random, width / 8);
        machine.clock(&inputs);
        let mut right = expected(&inputs, count);
        let members = if inputs.s_link.valid { (1 << ports) - 1 } else { 0 };
        right.m_port.beat.dest = members | u128::from(inputs.s_link.beat.last) << ports;
        assert_eq!(*machine.outputs(), right, "cycle {cycle}");
        count = if inputs.rst { 0 } else { count + 1 };
    }
}

#[test]
fn every_pin_of_64_bits_and_2_ports_arrives_in_the_next_cycle() {
    every_pin_arrives(64, 2);
}

#[test]
fn every_pin_of_128_bits_and_16_ports_arrives_in_the_next_cycle() {
    every_pin_arrives(128, 16);
}

#[test]
fn every_pin_of_256_bits_and_32_ports_arrives_in_the_next_cycle() {
    every_pin_arrives(256, 32);
}

#[test]
fn every_pin_of_512_bits_and_64_ports_arrives_in_the_next_cycle() {
    every_pin_arrives(512, 64);
}

#[test]
fn a_new_machine_stands_in_the_first_cycle_after_reset() {
    let geometry = geometry(64, 2);
    let mut machine = Verilated::built_by(&kept(), &text(geometry), TOP, geometry).unwrap();
    assert!(machine.outputs().irq, "the last edge did not see the reset");
    for cycle in 0..3 {
        machine.clock(&Inputs::default());
        assert_eq!(machine.outputs().s_axil.rdata, cycle);
        assert!(!machine.outputs().irq);
    }
}

#[test]
fn address_and_strobe_bits_beyond_the_pins_are_cut_off() {
    let geometry = geometry(64, 2);
    let mut machine = Verilated::built_by(&kept(), &text(geometry), TOP, geometry).unwrap();
    let s_axil =
        AxilInputs { awaddr: 0xF000, araddr: 0xF000, wstrb: 0xF0, ..AxilInputs::default() };
    machine.clock(&Inputs { s_axil, ..Inputs::default() });
    assert_eq!(machine.outputs().s_axil.rdata, 0);
}

#[test]
fn machines_of_different_text_in_one_program_keep_their_own_behaviour_and_state() {
    let geometry = geometry(64, 2);
    let text = text(geometry);
    let fault = text.replace("count + 1", "count + 2");
    let mut right = Verilated::built_by(&kept(), &text, TOP, geometry).unwrap();
    let mut twin = Verilated::built_by(&kept(), &text, TOP, geometry).unwrap();
    let mut wrong = Verilated::built_by(&kept(), &fault, TOP, geometry).unwrap();
    for _ in 0..4 {
        right.clock(&Inputs::default());
        wrong.clock(&Inputs::default());
    }
    twin.clock(&Inputs::default());
    let data = [&right, &wrong, &twin].map(|machine| machine.outputs().s_axil.rdata);
    assert_eq!(data, [3, 6, 0]);
}

#[test]
fn a_machine_goes_to_another_thread() {
    let geometry = geometry(64, 2);
    let mut machine = Verilated::built_by(&kept(), &text(geometry), TOP, geometry).unwrap();
    let there = std::thread::spawn(move || {
        machine.clock(&Inputs::default());
        machine.clock(&Inputs::default());
        machine.outputs().s_axil.rdata
    });
    assert_eq!(there.join().unwrap(), 1);
}

/// A cache of its own, and nothing in it.
fn fresh() -> (TempDir, Builder) {
    let folder = tempfile::tempdir().unwrap();
    let builder = Builder::new(&folder.path().join("cache"));
    (folder, builder)
}

/// A program of this name that does what `script` says.
fn program(folder: &TempDir, name: &str, script: &str) -> String {
    let path = folder.path().join(name);
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path.display().to_string()
}

fn refused(builder: &Builder, text: &str, geometry: Geometry) -> VerilatorError {
    match Verilated::built_by(builder, text, TOP, geometry) {
        Ok(_) => panic!("it was built"),
        Err(error) => error,
    }
}

#[test]
fn two_that_want_the_same_machine_at_once_build_it_once_and_later_ones_find_it() {
    let (folder, mut builder) = fresh();
    let times = folder.path().join("times");
    let script = format!("[ $# = 1 ] || echo built >> {}\nexec verilator \"$@\"", times.display());
    builder.verilator = program(&folder, "counting", &script);
    let geometry = geometry(64, 2);
    let text = text(geometry);
    let want = || builder.library(&text, TOP, geometry).unwrap();
    let [first, second]: [PathBuf; 2] = std::thread::scope(|scope| {
        let both = [scope.spawn(want), scope.spawn(want)];
        both.map(|thread| thread.join().unwrap())
    });
    assert_eq!(first, second);
    assert_eq!(want(), first);
    assert_eq!(fs::read_to_string(&times).unwrap(), "built\n");
    // Damaged, it is refused by name; what a builder that died left behind is no obstacle.
    fs::write(&first, "no library").unwrap();
    let error = refused(&builder, &text, geometry);
    assert!(matches!(&error, VerilatorError::Load { library, .. } if *library == first), "{error}");
    fs::remove_file(&first).unwrap();
    let work = first.with_file_name("work");
    fs::create_dir_all(work.join("objects")).unwrap();
    fs::write(work.join("objects/Vmachine.mk"), "half of it").unwrap();
    assert!(Verilated::built_by(&builder, &text, TOP, geometry).is_ok());
    assert!(!work.exists(), "what it was built from is still there");
}

#[test]
fn a_missing_verilator_is_told_with_what_to_install() {
    let (_folder, mut builder) = fresh();
    builder.verilator = "no-such-verilator".into();
    let error = refused(&builder, "", geometry(64, 2));
    assert!(matches!(error, VerilatorError::Missing { .. }), "{error:?}");
    assert!(error.to_string().contains("apt-get install verilator"), "{error}");
}

#[test]
fn an_old_verilator_is_told_with_its_version() {
    for version in ["Verilator 4.038 2020-07-11 rev v4.036", "Something else", ""] {
        let (folder, mut builder) = fresh();
        builder.verilator = program(&folder, "old", &format!("echo '{version}'"));
        let error = refused(&builder, "", geometry(64, 2));
        assert!(
            matches!(&error, VerilatorError::TooOld { found, .. } if found == version),
            "{error}"
        );
    }
}

#[test]
fn a_missing_compiler_or_make_is_told_by_name() {
    let (_folder, mut builder) = fresh();
    builder.make = "no-such-make".into();
    let error = refused(&builder, "", geometry(64, 2));
    assert!(
        matches!(&error, VerilatorError::CompilerMissing { program, .. } if program == "no-such-make"),
        "{error}"
    );
    builder.compiler = "no-such-compiler".into();
    let error = refused(&builder, "", geometry(64, 2));
    assert!(
        matches!(&error, VerilatorError::CompilerMissing { program, .. } if program == "no-such-compiler"),
        "{error}"
    );
}

#[test]
fn verilog_that_is_refused_leaves_its_log_and_no_library() {
    let (_folder, builder) = fresh();
    let geometry = geometry(64, 2);
    let text = text(geometry).replace("irq <= rst;", "irq <= rest;");
    for _ in 0..2 {
        let error = refused(&builder, &text, geometry);
        let VerilatorError::Failed { log, tail } = &error else { panic!("{error}") };
        assert!(tail.contains("rest"), "{tail}");
        assert!(fs::read_to_string(log).unwrap().contains(tail), "{error}");
    }
}

#[test]
fn a_text_of_another_width_than_the_geometry_is_not_built() {
    let (_folder, builder) = fresh();
    let error = refused(&builder, &text(geometry(128, 2)), geometry(64, 2));
    assert!(matches!(&error, VerilatorError::Failed { .. }), "{error}");
    let log = error.to_string();
    assert!(log.contains("a pin has not the geometry's width"), "{log}");
}

#[test]
fn a_cache_that_cannot_be_written_is_told_with_its_path() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let error = refused(&Builder::new(&file), "", geometry(64, 2));
    assert!(
        matches!(&error, VerilatorError::Cache { path, .. } if path.starts_with(&file)),
        "{error:?}"
    );
}
