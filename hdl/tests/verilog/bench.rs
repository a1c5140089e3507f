// SPDX-License-Identifier: MIT
//! One test bench for a whole corpus: each block gets the recorded inputs in each clock, and each output, unknown bits
//! included, is compared with what the kernel showed. Runs under Icarus, Verilator, Yosys and lint.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::kernel::Recording;

const MAIN: &str = "#include \"Vbench.h\"
#include \"verilated.h\"
int main(int argc, char** argv) {
    VerilatedContext context;
    context.commandArgs(argc, argv);
    Vbench bench{&context};
    bench.clk = 0;
    bench.eval();
    while (!context.gotFinish()) {
        bench.clk = !bench.clk;
        bench.eval();
    }
    bench.final();
}
";

pub(crate) struct Bench {
    folder: PathBuf,
    /// Top module of each design and the files that it is made of.
    designs: Vec<(String, Vec<PathBuf>)>,
    instances: String,
    modules: String,
    cycles: usize,
    ecp5: bool,
}

impl Bench {
    pub(crate) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.into(),
            designs: Vec::new(),
            instances: String::new(),
            modules: String::new(),
            cycles: 0,
            ecp5: false,
        }
    }

    /// Takes ECP5's primitives, with a model of theirs, instead of arrays.
    pub(crate) fn use_ecp5(&mut self) {
        self.ecp5 = true;
    }

    /// Writes the design and adds a checker for it.
    pub(crate) fn add(&mut self, recording: &Recording) {
        let name = &recording.name;
        let folder = self.folder.join(name);
        let known: Vec<_> = self.designs.iter().flat_map(|(_, files)| files).collect();
        for file in &recording.design.files {
            let shared = file.text.contains("parameter WIDTH");
            let taken = known.iter().any(|k| k.file_name().unwrap() == file.name.as_str());
            assert!(shared || !taken, "two modules of the corpus are called {}", file.name);
        }
        recording.design.write(&folder).unwrap();
        let files = recording.design.files.iter().map(|file| folder.join(&file.name)).collect();
        self.designs.push((recording.design.top.clone(), files));
        let inputs: Vec<_> = recording.ports.iter().filter(|p| p.input && !p.clock).collect();
        let outputs: Vec<_> = recording.ports.iter().filter(|p| !p.input).collect();
        let cycles = recording.cycles();
        self.cycles = self.cycles.max(cycles);
        let mut module = format!("module bench_{name} (input wire clk);\n");
        let mut pins = Vec::new();
        for port in recording.ports.iter().filter(|p| p.clock) {
            pins.push(format!(".{}(clk)", port.name));
        }
        for port in inputs.iter().chain(&outputs) {
            let file = folder.join(format!("{}.hex", port.name));
            std::fs::write(&file, port.values.join("\n") + "\n").unwrap();
            let (width, port) = (port.width, &port.name);
            let _ = writeln!(module, "  reg [{}:0] v_{port} [0:{}];", width - 1, cycles - 1);
            let _ = writeln!(module, "  initial $readmemh(\"{}\", v_{port});", file.display());
        }
        module.push_str("  reg [31:0] cycle = 0;\n");
        for port in &inputs {
            pins.push(format!(".{0}(v_{0}[cycle])", port.name));
        }
        for port in &outputs {
            let _ = writeln!(module, "  wire [{}:0] {};", port.width - 1, port.name);
            pins.push(format!(".{0}({0})", port.name));
        }
        let _ = writeln!(module, "  {} dut ({});", recording.design.top, pins.join(", "));
        let _ = writeln!(module, "  always @(posedge clk) if (cycle < {cycles}) begin");
        for port in &outputs {
            let port = &port.name;
            let _ = writeln!(
                module,
                "    if ({port} !== v_{port}[cycle]) $display(\"differs: {name} cycle %0d {port} is %h \
                 and in the kernel %h\", cycle, {port}, v_{port}[cycle]);"
            );
        }
        module.push_str("    cycle <= cycle + 1;\n");
        module.push_str("  end\nendmodule\n\n");
        self.modules.push_str(&module);
        let _ = writeln!(self.instances, "  bench_{name} {name} (.clk(clk));");
    }

    /// No warning of any kind, without a waiver.
    pub(crate) fn lint(&self) {
        for (top, files) in &self.designs {
            let mut command = Command::new("verilator");
            command.args(["--lint-only", "-Wall", "--top-module", top]).args(files);
            let said = run(&mut command);
            assert!(said.is_empty(), "{top}: {said}");
        }
    }

    /// Yosys reads every design, finds no latch, no loop and nothing undriven.
    pub(crate) fn yosys(&self) {
        for (top, files) in &self.designs {
            let files: Vec<String> = files.iter().map(|f| f.display().to_string()).collect();
            let script = format!(
                "read_verilog {}; hierarchy -check -top {top}; proc; check -assert; flatten; check -assert; \
                 select -assert-none t:$dlatch t:$adlatch t:$dlatchsr",
                files.join(" ")
            );
            run(Command::new("yosys").args(["-q", "-p", &script]));
        }
    }

    pub(crate) fn icarus(&self) {
        self.judge("Icarus", &self.run_icarus());
    }

    pub(crate) fn run_icarus(&self) -> String {
        let bench = format!(
            "{}module icarus;\n  reg clk = 0;\n  always #5 clk = !clk;\n  bench bench (.clk(clk));\nendmodule\n",
            self.text()
        );
        let source = self.folder.join("icarus.v");
        std::fs::write(&source, bench).unwrap();
        let program = self.folder.join("icarus.vvp");
        let mut command = Command::new("iverilog");
        command.args(["-g2005", "-Wall", "-Wno-timescale", "-s", "icarus", "-o"]).arg(&program);
        let said = run(command.arg(&source).args(self.files()));
        assert!(said.is_empty(), "{said}");
        run(Command::new("vvp").arg("-n").arg(&program))
    }

    pub(crate) fn verilator(&self) {
        let bench = self.folder.join("bench.v");
        std::fs::write(&bench, self.text()).unwrap();
        let main = self.folder.join("main.cpp");
        std::fs::write(&main, MAIN).unwrap();
        let out = self.folder.join("verilated");
        let mut command = Command::new("verilator");
        command.args(["--cc", "--exe", "--build", "-j", "2", "-O1", "--x-initial", "unique"]);
        command.args([
            "-Wno-fatal",
            "-Wno-WIDTH",
            "--top-module",
            "bench",
            "-CFLAGS",
            "-O0",
            "--Mdir",
        ]);
        run(command.arg(&out).arg(&main).arg(&bench).args(self.files()));
        self.judge("Verilator", &run(&mut Command::new(out.join("Vbench"))));
    }

    fn judge(&self, tool: &str, said: &str) {
        assert!(said.contains("done"), "{tool} did not reach the end: {said}");
        let differs: Vec<&str> = said.lines().filter(|l| l.starts_with("differs")).collect();
        let first: Vec<&&str> = differs.iter().take(20).collect();
        assert!(differs.is_empty(), "{tool}: {} differences: {first:#?}", differs.len());
    }

    fn files(&self) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> = Vec::new();
        let mut names = std::collections::BTreeSet::new();
        for file in self.designs.iter().flat_map(|(_, files)| files) {
            // The memories are the same file in every design.
            let name = file.file_name().unwrap();
            if !names.insert(name.to_owned()) {
                continue;
            }
            let ecp5 = file.with_file_name("vendor").join("ecp5").join(name);
            files.push(if self.ecp5 && ecp5.exists() { ecp5 } else { file.clone() });
        }
        if self.ecp5 {
            files.push(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/verilog/dp16kd.v").into());
            files.push(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/verilog/pdpw16kd.v").into());
        }
        files
    }

    fn text(&self) -> String {
        format!(
            "{}module bench (input wire clk);\n{}  reg [31:0] count = 0;\n  always @(posedge clk) begin\n    \
             count <= count + 1;\n    if (count == {}) begin\n      $display(\"done\");\n      $finish;\n    end\n  \
             end\nendmodule\n",
            self.modules,
            self.instances,
            self.cycles + 1
        )
    }
}

/// Runs a tool; its words. A tool that is missing or fails is the test's failure, with the reason.
pub(crate) fn run(command: &mut Command) -> String {
    let tool = command.get_program().to_string_lossy().into_owned();
    let done = command.output().unwrap_or_else(|error| {
        panic!("{tool} does not start ({error}); install verilator, iverilog and yosys")
    });
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&done.stdout),
        String::from_utf8_lossy(&done.stderr)
    );
    assert!(done.status.success(), "{command:?} failed: {said}");
    said
}
