#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Builds the Lattice Versa ECP5 board (docs/board.md): a bitstream, if every clock meets its gate, or a
simulation of its pins.

The exit code is 1 if a clock misses its gate, and no bitstream is made, or if with --twice two
builds differ; 2 if a step fails.
"""

import argparse
import hashlib
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import reports
from flow import FlowError, logged, place_and_route, print_verilog, sources, synthesize_ecp5
from targets import SMALLEST
from tools import BUILD, HERE, REQUIREMENTS, command, tools

BOARD = HERE / "board"
# What each clock has to make in MHz, by its net.
GATES = {"clk": 83.33, "mac_clk": 125.0, "host_rx_clk": 125.0, "link_rx_clk": 125.0}
# A run of place and route that meets the gates with room to spare.
SEED = 1
# In simulation the serial line is as fast as it can be, and the PHYs' reset short. A core clock takes 12 ns.
SIMULATED = {"BIT_CLOCKS": "16'd8", "SILENCE": "640", "PHY_RESET": "24'd100"}
BIT_NANOSECONDS = 8 * 12


def gather(out: pathlib.Path, verilog: pathlib.Path | None) -> None:
    """Everything that the board is made of, in one folder: the machine, the board's own modules, and LiteEth's MAC."""
    if verilog is None:
        print_verilog(SMALLEST, out / "machine")
    else:
        shutil.copytree(verilog, out / "machine")
    for file in [*BOARD.glob("*.v"), *(HERE / "crossing").glob("*.v"), BOARD / "versa.lpf"]:
        shutil.copy(file, out)
    mac = subprocess.run([tools() / "python", BOARD / "mac.py"], capture_output=True, text=True)
    if mac.returncode:
        raise FlowError(f"{mac.stderr}\nLiteEth did not generate the MAC")
    (out / "versa_mac.v").write_text(mac.stdout)


def own_files(out: pathlib.Path) -> list[str]:
    """The Verilog beside the machine's."""
    return sorted(file.name for file in out.glob("*.v"))


def place(out: pathlib.Path, seed: int) -> dict:
    """Synthesis, place and route, and the bitstream; what came of it."""
    files = " ".join([*own_files(out), *sources(out / "machine", "ecp5")])
    synthesize_ecp5(f"read_verilog {files}", "versa", out / "yosys.log")
    options = ["--lpf", "versa.lpf", "--textcfg", "versa.config", "--report", "timing.json"]
    place_and_route(SMALLEST, seed, options, out / "nextpnr.log")
    timing = reports.seed(seed, out / "timing.json")
    names = clocks(json.loads((out / "netlist.json").read_text()))
    for found in ("fmax", "critical"):
        timing[found] = {names.get(net, net): value for net, value in timing[found].items()}
    made = []
    if not missed(timing):
        made = ["versa.bit", "versa.svf"]
        command = [tools() / "yowasp-ecppack", "--compress", "--input", "versa.config"]
        logged([*command, "--bit", "versa.bit", "--svf", "versa.svf"], out / "ecppack.log")
    pins = REQUIREMENTS.read_text().splitlines()
    return {
        "part": SMALLEST.part,
        **SMALLEST.size(),
        "tools": [pin for pin in pins if pin.startswith(("yowasp-", "lite", "migen"))],
        **timing,
        "gates": GATES,
        "resources": reports.ecp5_resources(out / "timing.json"),
        "sha256": {name: digest(out / name) for name in made},
    }


def clocks(netlist: dict) -> dict[str, str]:
    """The clocks of the gates, by every name that their nets have on the way through the design."""
    nets = netlist["modules"]["versa"]["netnames"]
    bits = {nets[clock]["bits"][0]: clock for clock in GATES if clock in nets}
    return {name: bits[net["bits"][0]] for name, net in nets.items() if net["bits"][0] in bits}


def digest(file: pathlib.Path) -> str:
    """SHA-256 of a file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def missed(report: dict) -> list[str]:
    """The clocks that are slower than their gates, or not there, in words."""
    fmax = report["fmax"]
    slow = {clock: fmax.get(clock, 0) for clock, gate in GATES.items() if fmax.get(clock, 0) < gate}
    return [f"{clock}: {reached} MHz, expected {GATES[clock]}" for clock, reached in slow.items()]


def differences(one: dict, other: dict) -> list[str]:
    """The files that came out otherwise in another folder, in words."""
    first, second = one["sha256"], other["sha256"]
    other_files = [name for name in first if first[name] != second.get(name)]
    return [f"{name}: {first[name]}, and {second.get(name)} the second time" for name in other_files]


def simulation(out: pathlib.Path) -> dict:
    """The board as a program (`synth/board/sim/main.cpp`), by Verilator."""
    if not shutil.which("verilator"):
        raise FlowError("there is no verilator: install it (Debian: apt-get install verilator)")
    parameters = [f"-G{name}={value}" for name, value in SIMULATED.items()]
    models = [BOARD / "sim" / name for name in ("lint.vlt", "main.cpp", "ecp5.v")]
    command = ["verilator", "--cc", "--exe", "--build", "--timing", "--timescale", "1ns/1ps", "-Wall", "-O3"]
    command += [*parameters, "-CFLAGS", f"-O1 -DBIT_NANOSECONDS={BIT_NANOSECONDS}", "--top-module", "versa"]
    command += ["--Mdir", "made", "-o", "simulation", *models, *own_files(out), *sources(out / "machine", None)]
    logged(command, out / "verilator.log")
    return {"simulation": str(out / "made" / "simulation")}


def table(report: dict) -> str:
    """A report for people."""
    if "simulation" in report:
        return f"{report['simulation']}\n"
    used = ", ".join(f"{name} {cells[0]} of {cells[1]}" for name, cells in report["resources"].items())
    fmax = report["fmax"]
    speeds = "".join(f"{clock:12} {fmax.get(clock, 0):6} MHz, gate {gate}\n" for clock, gate in GATES.items())
    hashes = "".join(f"{value}  {name}\n" for name, value in report["sha256"].items())
    return f"{report['part']}: {used}\n{speeds}{hashes}"


def build(args: argparse.Namespace, out: pathlib.Path) -> dict:
    """One build in this folder."""
    gather(out, args.verilog)
    report = simulation(out) if args.simulation else place(out, args.seed)
    reports.write(out / "report.json", report)
    return report


def folder(given: pathlib.Path | None, name: str) -> pathlib.Path:
    """An empty folder: the one given, or one in the build folder, whose last build goes."""
    out = (given or BUILD / name).resolve()
    if given is None:
        shutil.rmtree(out, ignore_errors=True)
    elif out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise FlowError(f"{out}: expected a folder that is not there, or is empty")
    out.mkdir(parents=True, exist_ok=True)
    return out


def main() -> None:
    about = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = about.add_argument
    add("--out", type=pathlib.Path, metavar="DIR", help="for all that is made (default: in the build folder)")
    add("--verilog", type=pathlib.Path, metavar="DIR", help="a machine of the board's size, instead of printing one")
    add("--seed", type=int, default=SEED, help="of place and route (default: %(default)s)")
    add("--twice", action="store_true", help="build in two folders, and compare the bitstreams")
    add("--simulation", action="store_true", help="make the program that simulates the board, instead of a bitstream")
    add("--json", action="store_true", help="report for programs, on standard output")
    args = about.parse_args()
    if args.simulation and args.twice:
        about.error("--twice compares bitstreams, and --simulation makes none")
    try:
        report = build(args, folder(args.out, "simulation" if args.simulation else "board"))
        wrong = [] if args.simulation else missed(report)
        if args.twice:
            with tempfile.TemporaryDirectory(prefix="board-", dir=BUILD) as other:
                wrong += differences(report, build(args, pathlib.Path(other)))
    except FlowError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    print(json.dumps(report, indent=2) if args.json else table(report), end="\n" if args.json else "")
    for words in wrong:
        print(words, file=sys.stderr)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    command(main)
