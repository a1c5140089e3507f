#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks the wrapper for boards with two MACs around the machine of 512 bits: Verilator's lint, then Icarus.

Frames pass both ways between MACs at clocks that are not in step, with stalls, a stop that overflows the FIFOs, and
resets.
"""

import argparse
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CROSSING = HERE.parent / "crossing"
DESIGN = [CROSSING / "vireo_gray_crossing.v", CROSSING / "vireo_frame_fifo.v", HERE / "vireo_mac_wrapper.v"]
BENCH = HERE / "vireo_mac_wrapper_tb.v"


def run(command: list[str], folder: pathlib.Path) -> str:
    """Runs a command in a folder; its output, or an end with what it said if it failed."""
    if shutil.which(command[0]) is None:
        sys.exit(f"{command[0]} is not installed (Debian: apt-get install verilator iverilog)")
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        sys.exit(f"{shlex.join(command)}\n{done.stdout}")
    return done.stdout


def main() -> None:
    """Parses the command line, and checks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--verilog", metavar="DIR", type=pathlib.Path,
        help="the machine, as `vireo verilog --width 512` printed it (else it is printed now)",
    )
    parser.add_argument("--seed", type=int, default=1, help="of gaps and stalls (default 1)")
    parser.add_argument("--lint", action="store_true", help="the lint only")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        machine = arguments.verilog
        if machine is None:
            machine = folder / "machine"
            cargo = ["cargo", "run", "--quiet", "--release", "--bin", "vireo", "--"]
            run([*cargo, "verilog", "--width", "512", "--out", str(machine)], ROOT)
        files = [str(file.resolve()) for file in (*DESIGN, *sorted(machine.glob("*.v")))]
        run(["verilator", "--lint-only", "-Wall", "--top-module", "vireo_mac_wrapper", *files], folder)
        print("lint: clean (verilator -Wall)")
        if arguments.lint:
            return
        program = folder / "bench.vvp"
        run(["iverilog", "-g2012", "-s", BENCH.stem, "-o", str(program), str(BENCH), *files], folder)
        said = run(["vvp", "-n", str(program), f"+seed={arguments.seed}"], folder)
        print(said, end="")
        if said.splitlines()[-1:] != ["PASSED"]:
            sys.exit(f"repeat it: python3 synth/wrapper/simulate.py --seed {arguments.seed}")


if __name__ == "__main__":
    main()
