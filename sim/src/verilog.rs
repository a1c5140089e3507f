// SPDX-License-Identifier: MIT
//! `vireo verilog`: a machine as a folder that an FPGA project takes in: its Verilog, its register map, and a README.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;
use vireo_hdl::verilog::{Design, File};
use vireo_machines::{self as machines, MachineError};
use vireo_spec::geometry::Geometry;
use vireo_spec::registers::{c_header, markdown, rdl};

/// What each pin of the machine says (docs/pipeline.md, section 2).
const PINS: &[(&str, &str)] = &[
    ("clk", "the one clock; everything happens at its rising edge"),
    ("rst", "synchronous reset, active high"),
    ("irq", "interrupt, a level"),
    (
        "s_port_tid",
        "where from: kind in bits 7:6 (0 port, 1 group, 2 control plane of a link, 3 of a port), index below",
    ),
    (
        "s_port_tuser",
        "bad frame (0), priority (3:1), drop eligible (4), source port of a group's frame (11:5; 127 none)",
    ),
    ("m_link_tdest", "where to: kind in bits 7:6 (0 link, 3 control port), index below"),
    ("m_link_tuser", "bad frame (0), priority (3:1), drop eligible (4)"),
    ("s_link_tid", "the link, in the low bits"),
    ("s_link_tuser", "bad frame (0), priority (3:1), drop eligible (4)"),
    ("m_port_tdest", "member ports, a bit each; the top bit is the control port"),
    (
        "m_port_tid",
        "where a control frame came from: kind in bits 7:6 (2 link, 3 port), index below",
    ),
    ("m_port_tuser", "bad frame (0), priority (3:1), drop eligible (4)"),
    ("tvalid", "a beat is offered"),
    ("tready", "it is taken"),
    ("tdata", "its octets, the first in bits 7:0"),
    ("tkeep", "which of them there are; all, before the last beat"),
    ("tlast", "the frame's last beat"),
    ("awvalid", "AXI4-Lite: write address is offered"),
    ("awready", "AXI4-Lite: it is taken"),
    ("awaddr", "AXI4-Lite: write address in octets"),
    ("wvalid", "AXI4-Lite: write data is offered"),
    ("wready", "AXI4-Lite: it is taken"),
    ("wdata", "AXI4-Lite: write data"),
    ("wstrb", "AXI4-Lite: octets that are written"),
    ("bvalid", "AXI4-Lite: write response is offered"),
    ("bready", "AXI4-Lite: it is taken"),
    ("bresp", "AXI4-Lite: 0 OKAY, 2 SLVERR"),
    ("arvalid", "AXI4-Lite: read address is offered"),
    ("arready", "AXI4-Lite: it is taken"),
    ("araddr", "AXI4-Lite: read address in octets"),
    ("rvalid", "AXI4-Lite: read data is offered"),
    ("rready", "AXI4-Lite: it is taken"),
    ("rdata", "AXI4-Lite: read data"),
    ("rresp", "AXI4-Lite: 0 OKAY, 2 SLVERR"),
];

/// Why there is no folder.
#[derive(Debug, Error)]
pub enum VerilogError {
    /// The machine cannot be printed.
    #[error(transparent)]
    Machine(#[from] MachineError),
    /// There is something that would be lost, or mixed with the machine.
    #[error("{folder} is there and not an empty folder: name another, or remove it first", folder = folder.display())]
    Occupied {
        /// The folder asked for.
        folder: PathBuf,
    },
    /// The system refused to write.
    #[error("{path}: {source}; nothing was left at {folder}", path = path.display(), folder = folder.display())]
    Refused {
        /// What was being written.
        path: PathBuf,
        /// The folder asked for.
        folder: PathBuf,
        /// What the system answered.
        source: io::Error,
    },
}

impl VerilogError {
    /// Whether what was asked for is wrong, rather than the system.
    #[must_use]
    pub fn is_bad_input(&self) -> bool {
        !matches!(self, Self::Refused { .. } | Self::Machine(MachineError::Thread { .. }))
    }
}

/// A pin of the printed top.
struct Pin {
    name: String,
    input: bool,
    width: usize,
}

impl Pin {
    /// The pins of the top's ANSI header, in its order.
    fn of(top: &str) -> Vec<Self> {
        top.lines()
            .skip_while(|line| !line.starts_with("module "))
            .skip(1)
            .map_while(Self::read)
            .collect()
    }

    /// A line of the header: `input  wire [7:0] name,`. None behind it.
    fn read(line: &str) -> Option<Self> {
        let mut words = line.trim().trim_end_matches(',').split_whitespace();
        let input = match words.next()? {
            "input" => true,
            "output" => false,
            _ => return None,
        };
        let name = words.next_back()?.to_owned();
        let high = words.find_map(|word| word.strip_prefix('[')?.strip_suffix(":0]")?.parse().ok());
        Some(Self { name, input, width: high.map_or(1, |high: usize| high + 1) })
    }

    fn meaning(&self) -> &'static str {
        let says = |(name, text): &(&str, &'static str)| {
            (self.name == *name || self.name.ends_with(&format!("_{name}"))).then_some(*text)
        };
        PINS.iter().find_map(says).unwrap_or_default()
    }
}

/// All files of a machine's folder, in the order in which tools read the Verilog among them; the same bytes on every run.
///
/// # Errors
/// [`VerilogError::Machine`] if the geometry is not compiled in.
pub fn files(geometry: Geometry) -> Result<Vec<File>, VerilogError> {
    let design = machines::print(geometry)?;
    let file = |name: &str, text: String| File { name: name.into(), text };
    let mut files = vec![file("README.md", readme(geometry, &design))];
    files.push(file("vireo.rdl", rdl::text()));
    files.push(file("vireo.md", markdown::text()));
    files.push(file("vireo.h", c_header::text()));
    files.extend(design.files);
    files.extend(design.vendor);
    Ok(files)
}

/// Writes a machine's folder, which appears when it is complete.
///
/// # Errors
/// [`VerilogError::Occupied`] unless `folder` is free or empty; otherwise what cannot be printed or written.
pub fn write(geometry: Geometry, folder: &Path) -> Result<(), VerilogError> {
    let occupied = || VerilogError::Occupied { folder: folder.into() };
    let refused = |path: &Path| {
        let path = path.to_owned();
        move |source| VerilogError::Refused { path, folder: folder.into(), source }
    };
    match fs::read_dir(folder).map(|mut entries| entries.next().is_none()) {
        Ok(true) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) if error.kind() != io::ErrorKind::NotADirectory => {
            return Err(refused(folder)(error));
        }
        _ => return Err(occupied()),
    }
    let files = files(geometry)?;
    let mut name = folder.file_name().ok_or_else(occupied)?.to_owned();
    name.push(format!(".{}.unfinished", std::process::id()));
    let unfinished = Unfinished(folder.with_file_name(name));
    for file in files {
        let path = unfinished.0.join(&file.name);
        let parent = path.parent().unwrap_or(&unfinished.0);
        fs::create_dir_all(parent).map_err(refused(parent))?;
        fs::write(&path, file.text).map_err(refused(&path))?;
    }
    // An empty folder gives way.
    fs::rename(&unfinished.0, folder).map_err(refused(folder))
}

/// A folder beside the one that is to be, removed unless its name has passed.
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        // Fails where there is nothing to remove; nobody could be told of another failure.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn readme(geometry: Geometry, design: &Design) -> String {
    let width = geometry.width();
    let pins = Pin::of(design.files.last().map_or("", |top| &top.text));
    let widest = pins.iter().map(|pin| pin.name.len()).max().unwrap_or_default();
    let table: String = pins
        .iter()
        .map(|pin| {
            let direction = if pin.input { "in" } else { "out" };
            format!("| `{}` | {direction} | {} | {} |\n", pin.name, pin.width, pin.meaning())
        })
        .collect();
    let wires: Vec<String> = pins
        .iter()
        .map(|pin| format!("    .{name:widest$} ({name:widest$})", name = pin.name))
        .collect();
    let vendor: String = design
        .vendor
        .iter()
        .map(|file| {
            let mut parts = file.name.rsplit('/');
            let [name, family] = [parts.next(), parts.next()].map(Option::unwrap_or_default);
            format!("- `{}`: give it to the tools for {family} instead of `{name}`.\n", file.name)
        })
        .collect();
    format!(
        "<!-- SPDX-License-Identifier: MIT -->\n\
         # {top}: a port extender and virtual bridge ports\n\
         \n\
         Printed by `vireo verilog --width {bits} --ports {ports} --groups {groups} --links {links} --channels {channels} \
         --bindings {bindings}`. The same command prints the same bytes.\n\
         \n\
         | width | ports | groups | links | channel rows | binding rows |\n\
         |---|---|---|---|---|---|\n\
         | {bits} bits | {ports} | {groups} | {links} | {channels} | {bindings} |\n\
         \n\
         ## Files\n\
         \n\
         - `*.v`: Verilog-2005, a module a file; the top is `{top}`. The order of the files does not matter.\n\
         {vendor}\
         - `vireo.rdl`, `vireo.md`, `vireo.h`: the register map, as SystemRDL, as a page, and as a C header.\n\
         \n\
         Memories are the modules `vireo_block_ram` and `vireo_row_ram`: plain arrays that synthesis puts into block RAM and\n\
         into distributed RAM. Define `SYNTHESIS` where a tool does not do so by itself (Yosys and Vivado do): without it the\n\
         block RAM gives wrong data where a real one's are undefined.\n\
         \n\
         ## Clock and reset\n\
         \n\
         There is one clock, `clk`; all pins belong to it. A MAC's or a bus's clock is crossed outside: put an asynchronous\n\
         AXI4-Stream FIFO at each stream that has a clock of its own, and an AXI clock converter at `s_axil`. FIFOs towards a MAC\n\
         must hold a whole frame where the MAC allows no gap inside one.\n\
         \n\
         `rst` is synchronous and active high; one clock of it is enough. In the 4096 clocks after it the machine clears its\n\
         tables and counters: streams are not ready, registers answer, `status.ready` says when it is done. Release `rst` in\n\
         step with `clk`.\n\
         \n\
         ## Latency\n\
         \n\
         From the clock in which a frame's first beat is accepted to the clock in which its first beat out is valid, if nothing\n\
         stalls: {encapsulate} clocks from `s_port` to `m_link`, {decapsulate} clocks from `s_link` to `m_port`. It depends neither\n\
         on the frame nor on the tables. One beat a clock; one clock more after a frame whose tag makes it a beat longer.\n\
         \n\
         ## Ports\n\
         \n\
         Streams are AXI4-Stream: `s_port` takes frames from ports, `m_link` gives them tagged to links; `s_link` takes frames\n\
         from links, `m_port` gives them untagged to ports. A frame is without preamble and check sequence. `s_axil` is AXI4-Lite.\n\
         \n\
         | port | direction | bits | |\n\
         |---|---|---|---|\n\
         {table}\
         \n\
         ## Instantiation\n\
         \n\
         ```verilog\n\
         {top} vireo (\n\
         {wires}\n\
         );\n\
         ```\n",
        top = design.top,
        bits = width.bits(),
        ports = geometry.ports(),
        groups = geometry.groups(),
        links = geometry.links(),
        channels = geometry.channels(),
        bindings = geometry.bindings(),
        encapsulate = width.encapsulate_latency(),
        decapsulate = width.decapsulate_latency(),
        wires = wires.join(",\n"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pin_of_the_top_is_in_the_readme_with_its_width_and_meaning() {
        let design = machines::print(Geometry::default()).unwrap();
        let pins = Pin::of(&design.files.last().unwrap().text);
        assert_eq!(pins.len(), 49);
        for pin in &pins {
            assert_ne!(pin.meaning(), "", "{}", pin.name);
        }
        let readme = readme(Geometry::default(), &design);
        assert!(readme.contains("| `m_port_tdest` | out | 33 | member ports"), "{readme}");
        assert!(readme.contains("| `s_port_tdata` | in | 512 | its octets"), "{readme}");
        assert!(readme.contains(".s_axil_araddr  (s_axil_araddr )"), "{readme}");
    }
}
