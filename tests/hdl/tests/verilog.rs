// SPDX-License-Identifier: MIT
//! The printed machine as an FPGA engineer's tools take it: lint, Icarus and Yosys, without a warning and without a waiver.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use vireo_hdl_tests::small;
use vireo_sim::verilog;
use vireo_spec::geometry::{Geometry, Width};

const TOP: &str = "vireo_machine";
/// Clocks of the run that looks for X, from the end of the sweep on.
const CLOCKS: usize = 200;
/// Modules of the small machine with what they become: DP16KD of ECP5 and RAMB36E2 of UltraScale+.
const BLOCK_RAMS: [(&str, usize, usize); 3] = [
    // Four ways of 64 rows, 68 bits wide, and 4096 rows of 8 bits for the VLANs.
    ("vireo_binding", 4 * 4 + 2, 4 * 2 + 1),
    // Four ways of 64 rows, 34 bits wide.
    ("vireo_channel", 4 * 2, 4),
    // Two banks of 256 counters.
    ("vireo_counter_rows256_width32", 2, 2),
];

/// A machine's folder.
struct Printed(TempDir);

impl Printed {
    fn new(geometry: Geometry) -> Self {
        let parent = tempfile::tempdir().unwrap();
        verilog::write(geometry, &parent.path().join("vireo")).unwrap();
        Self(parent)
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join("vireo").join(name)
    }

    fn sources(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.at("")).unwrap().map(|entry| entry.unwrap().path());
        let mut files: Vec<_> =
            entries.filter(|path| path.extension() == Some("v".as_ref())).collect();
        files.sort();
        files
    }

    /// What Yosys says of a script that follows the reading of all sources.
    fn yosys(&self, script: &str) -> String {
        let files: Vec<_> = self.sources().iter().map(|path| path.display().to_string()).collect();
        let script = format!("read_verilog {}; {script}", files.join(" "));
        run(Command::new("yosys").args(["-p", &script]), "yosys")
    }

    /// Cells of one kind in a module and what is in it, once `synth` has come as far as memories are mapped.
    fn memories(&self, top: &str, synth: &str, kind: &str) -> usize {
        let said = self.yosys(&format!(
            "hierarchy -check -top {top}; flatten; {synth} -top {top} -run begin:map_ffs; stat"
        ));
        let stat = said.rsplit_once("Number of cells").map_or("", |(_, stat)| stat);
        let count = |line: &str| {
            let mut words = line.split_whitespace();
            words.next()?.starts_with(kind).then(|| words.next()?.parse::<usize>().ok()).flatten()
        };
        stat.lines().filter_map(count).sum()
    }
}

/// What a tool said, once it has succeeded.
fn run(command: &mut Command, package: &str) -> String {
    let output = command.output().unwrap_or_else(|error| {
        panic!("{command:?}: {error}; install {package} (Debian: apt-get install {package})")
    });
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(output.status.success(), "{command:?}: {}\n{said}", output.status);
    said
}

fn lint(geometry: Geometry) {
    let printed = Printed::new(geometry);
    let mut command = Command::new("verilator");
    command.args(["--lint-only", "-Wall", "--top-module", TOP]).args(printed.sources());
    let said = run(&mut command, "verilator");
    assert_eq!(said, "", "{geometry:?}");
}

#[test]
fn verilator_has_no_warning_about_the_machine_at_any_width() {
    for width in Width::ALL {
        lint(small(width));
    }
    lint(Geometry::default());
}

#[test]
fn lint_has_a_warning_where_there_is_cause() {
    let printed = Printed::new(small(Width::W64));
    let path = printed.at("vireo_events.v");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("endmodule", "wire idle = clk;\nendmodule")).unwrap();
    let mut command = Command::new("verilator");
    command.args(["--lint-only", "-Wall", "--top-module", TOP]).args(printed.sources());
    let said = command.output().unwrap();
    assert!(String::from_utf8_lossy(&said.stderr).contains("UNUSED"));
}

#[test]
fn icarus_shows_no_x_on_any_output_after_reset() {
    let printed = Printed::new(small(Width::W64));
    let top = fs::read_to_string(printed.at("vireo_machine.v")).unwrap();
    let (mut wires, mut pins, mut drives, mut checks) =
        (String::new(), vec![], String::new(), String::new());
    for line in top.lines().map(str::trim) {
        let words: Vec<_> = line.trim_end_matches(',').split_whitespace().collect();
        let (Some(&direction), Some(&name)) = (words.first(), words.last()) else { continue };
        if !["input", "output"].contains(&direction) {
            continue;
        }
        let range = words.iter().find(|word| word.starts_with('[')).copied().unwrap_or("");
        pins.push(format!(".{name}({name})"));
        if direction == "output" {
            wires += &format!("wire {range} {name};\n");
            checks += &format!("if (^{name} === 1'bx) $display(\"x: {name} %0d\", cycle);\n");
        } else {
            wires += &format!("reg {range} {name} = 0;\n");
            if !["clk", "rst"].contains(&name) {
                drives += &format!("{name} = {{16{{$random(seed)}}}};\n");
            }
        }
    }
    let bench = format!(
        "module bench;\n{wires}integer cycle = 0;\ninteger seed = 1;\n{TOP} dut ({});\n\
         initial begin\nrst = 1;\nrepeat (2) begin #5 clk = 1; #5 clk = 0; end\nrst = 0;\n\
         for (cycle = 0; cycle < 4096 + {CLOCKS}; cycle = cycle + 1) begin\n{drives}#5 clk = 1;\n#4 {checks}#1 clk = 0;\nend\n\
         $display(\"done\");\n$finish;\nend\nendmodule\n",
        pins.join(", ")
    );
    let (source, program) = (printed.0.path().join("bench.v"), printed.0.path().join("bench.vvp"));
    fs::write(&source, bench).unwrap();
    let mut command = Command::new("iverilog");
    command.args(["-g2005", "-Wall", "-s", "bench", "-o"]).arg(&program).arg(&source);
    let said = run(command.args(printed.sources()), "iverilog");
    assert_eq!(said, "");
    let said = run(Command::new("vvp").arg("-n").arg(&program), "iverilog");
    assert_eq!(said.trim(), "done");
}

#[test]
fn yosys_finds_no_latch_in_the_machine() {
    Printed::new(small(Width::W64)).yosys(&format!(
        "hierarchy -check -top {TOP}; proc; check -assert; \
         select -assert-none t:$dlatch t:$adlatch t:$dlatchsr"
    ));
}

#[test]
fn yosys_puts_tables_and_counters_into_block_ram() {
    let printed = Printed::new(small(Width::W64));
    for (module, ecp5, xilinx) in BLOCK_RAMS {
        assert_eq!(printed.memories(module, "synth_ecp5", "DP16KD"), ecp5, "{module}");
        assert_eq!(
            printed.memories(module, "synth_xilinx -family xcup", "RAMB"),
            xilinx,
            "{module}"
        );
    }
}

#[test]
fn the_same_machine_prints_the_same_bytes() {
    let geometry = small(Width::W512);
    assert_eq!(verilog::files(geometry).unwrap(), verilog::files(geometry).unwrap());
}

#[test]
fn a_size_that_is_not_compiled_in_is_answered_by_those_that_are_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("vireo");
    let error = verilog::write(Geometry::new(64, 4, 16, 8, 256, 256).unwrap(), &out).unwrap_err();
    assert!(error.is_bad_input());
    let said = error.to_string();
    let own =
        "VIREO_SIZE=\"--width 64 --ports 16 --groups 8 --links 4 --channels 256 --bindings 256\"";
    for part in ["16 ports, 8 groups, 4 links", "--width 512 --ports 64", own] {
        assert!(said.contains(part), "{said}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_folder_with_something_in_it_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("mine"), "kept").unwrap();
    let error = verilog::write(small(Width::W64), folder.path()).unwrap_err();
    assert!(error.is_bad_input());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    fs::remove_file(folder.path().join("mine")).unwrap();
    verilog::write(small(Width::W64), folder.path()).unwrap();
    assert!(folder.path().join("README.md").exists());
}

/// docs/verilog.md shows the module as it is printed. `VIREO_BLESS=1` puts today's into the page.
#[test]
fn the_page_shows_the_module_that_is_printed() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/verilog.md");
    let text = fs::read_to_string(&page).unwrap();
    let (before, shown) = text.split_once("<!-- printed: ").unwrap();
    let (name, shown) = shown.split_once(" -->\n```verilog\n").unwrap();
    let (shown, after) = shown.split_once("```\n").unwrap();
    let printed = verilog::files(small(Width::W64)).unwrap();
    let file = printed.iter().find(|file| file.name == name).unwrap();
    if std::env::var_os("VIREO_BLESS").is_some() {
        let new =
            format!("{before}<!-- printed: {name} -->\n```verilog\n{}```\n{after}", file.text);
        fs::write(&page, new).unwrap();
    } else {
        assert_eq!(shown, file.text, "docs/verilog.md is not what is printed today");
    }
}
