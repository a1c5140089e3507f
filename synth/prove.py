#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Proves what `proofs/proofs.toml` lists of the printed machine, and that each proof can fail.

A proof is a harness (`proofs/<name>.sv`) around printed modules, some of them cut: their outputs may be anything. A mutant
is one change of the printed text, for which the named assertion must have a counterexample. A proof that fails, a mutant
that survives, or changes nothing any more: exit code 1, and the trace's path.
"""

import argparse
import concurrent.futures
import dataclasses
import fcntl
import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import tomllib

import flow
import tools
from targets import SMALLEST

# Seconds that one run may take, on a machine that does other things too.
PATIENCE = 240
# Runs of sby under way. Each leads a group of its own, so that all that it started can be ended; Ctrl-C does not reach them.
RUNNING: set[subprocess.Popen] = set()
# Clocks in which a mutant has to show at least.
SEARCH = 24


class Wrong(Exception):
    """The list, a harness or a mutant does not fit the printed machine; says which and why."""


@dataclasses.dataclass
class Run:
    """One call of sby: a proof of the machine as it is, or of a mutant."""

    proof: dict
    mutant: dict | None

    @property
    def name(self) -> str:
        """The proof's name, and the mutant's behind a dot."""
        return self.proof["name"] + (f".{self.mutant['name']}" if self.mutant else "")


def listed(folder: pathlib.Path) -> list[dict]:
    """The proofs of a folder, each harness's assertions being those that the list says."""
    source = folder / "proofs.toml"
    try:
        proofs = tomllib.loads(source.read_text())["proof"]
    except (OSError, KeyError, tomllib.TOMLDecodeError) as error:
        raise Wrong(f"{source}: {error!r}; it must be a list of [[proof]]") from error
    for proof in proofs:
        harness = folder / f"{proof['name']}.sv"
        if not harness.exists():
            raise Wrong(f"{harness}: not there, but {source} lists proof {proof['name']}")
        asserted = set(re.findall(r"(\w+): *assert\b", harness.read_text()))
        if asserted != set(proof["asserts"]):
            raise Wrong(f"{harness}: asserts {sorted(asserted)}, but {source} lists {sorted(proof['asserts'])}")
        broken = {mutant["breaks"] for mutant in proof["mutant"]}
        if not broken or not broken <= asserted:
            raise Wrong(f"{source}: proof {proof['name']}'s mutants break {sorted(broken)}, of {sorted(asserted)}")
    return proofs


def printed(folder: pathlib.Path) -> pathlib.Path:
    """The smallest machine's Verilog, printed anew."""
    machine = folder / "machine"
    shutil.rmtree(machine, ignore_errors=True)
    flow.print_verilog(SMALLEST, machine)
    return machine


def mutated(files: dict[str, str], mutant: dict) -> dict[str, str]:
    """The machine's texts with the one change that a mutant is."""
    name, find = f"{mutant['module']}.v", mutant["find"]
    if name not in files:
        raise Wrong(f"mutant {mutant['name']}: the machine prints no {name}")
    if files[name].count(find) != 1:
        raise Wrong(f"mutant {mutant['name']}: {files[name].count(find)} times instead of once in {name}: {find}")
    return {**files, name: files[name].replace(find, mutant["replace"])}


def latencies(files: dict[str, str]) -> dict[str, int]:
    """The clocks that each module says of itself in its header."""
    said = {name.removesuffix(".v"): re.search(r"(?m)^// Latency: (\d+) clocks?\b", text) for name, text in files.items()}
    return {module: int(clocks[1]) for module, clocks in said.items() if clocks}


def deep(proof: dict, clocks: dict[str, int]) -> int:
    """The clocks that a proof looks at: `depth`, behind the latency of the module that it names."""
    behind = proof.get("behind")
    if behind and behind not in clocks:
        raise Wrong(f"proof {proof['name']}: the machine prints no {behind} that says its latency")
    return proof["depth"] + (clocks[behind] if behind else 0)


def task(proof: dict, mutant: dict | None, printed_files: dict[str, str], harness: str) -> str:
    """What sby is told. A module that the harness brings itself stands for the printed one.

    A harness finds the latency that a module's header says, of `vireo_x` for one, as the macro `VIREO_X_LATENCY`.
    """
    clocks, files = latencies(printed_files), sorted(printed_files)
    files = [file for file in files if not re.search(rf"\bmodule {file.removesuffix('.v')}\b", harness)]
    cut = [file for file in files if any(re.fullmatch(f"{pattern}\\.v", file) for pattern in proof["cut"])]
    if proof["cut"] and not cut:
        raise Wrong(f"proof {proof['name']}: nothing to cut fits {proof['cut']}")
    whole = [file for file in files if file not in cut]
    # ABC is the quicker one for what is bounded, z3 does the induction.
    depth = deep(proof, clocks)
    mode, depth = ("bmc", max(depth, SEARCH)) if mutant else (proof["mode"], depth)
    engine = {"bmc": "abc dc2; dc2; bmc3", "prove": "smtbmc z3"}[mode]
    top = proof["name"]
    macros = " ".join(f"-D{module.upper()}_LATENCY={count}" for module, count in clocks.items())
    # To replay a counterexample as waveforms takes longer than to find it: only where nobody expects one.
    replay = "none" if mutant else "z3"
    return "\n".join([
        "[options]", f"mode {mode}", f"depth {depth}", f"aigsmt {replay}", f"timeout {PATIENCE}",
        "[engines]", engine,
        "[script]",
        *([f"read_verilog -lib {' '.join(cut)}"] if cut else []),
        f"read_verilog -formal -sv {macros} {' '.join(whole)} {top}.sv",
        f"hierarchy -top {top}",
        *(["cutpoint -blackbox"] if cut else []),
        f"prep -flatten -top {top}",
        "[files]", *files, f"{top}.sv", "",
    ])


def asserting(only: str | None, harness: str) -> str:
    """A harness with one assertion alone: what breaks then is this one, and no other."""
    return re.sub(rf"(?m)^ *(?!{only}\b)\w+: *assert\b.*;$", "", harness) if only else harness


def carried_out(run: Run, files: dict[str, str], harnesses: pathlib.Path, build: pathlib.Path) -> dict:
    """Runs sby on one proof or mutant; what came of it. `wrong` is None where it came as it must."""
    proof, mutant = run.proof, run.mutant
    result = {
        "name": run.name, "proof": proof["name"], "mutant": mutant and mutant["name"], "mode": proof["mode"],
        "depth": proof["depth"], "asserts": proof["asserts"], "breaks": mutant and mutant["breaks"],
        "failed": [], "trace": None, "seconds": 0.0, "wrong": None,
    }
    folder = build / run.name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        texts = mutated(files, mutant) if mutant else files
        harness = asserting(mutant and mutant["breaks"], (harnesses / f"{proof['name']}.sv").read_text())
        script = task(proof, mutant, texts, harness)
        result["depth"] = deep(proof, latencies(texts))
    except Wrong as wrong:
        return {**result, "wrong": str(wrong)}
    for name, text in texts.items():
        (folder / name).write_text(text)
    (folder / f"{proof['name']}.sv").write_text(harness)
    (folder / "run.sby").write_text(script)
    start = time.monotonic()
    environment = {**os.environ, "PATH": f"{build / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    # Relative paths only: the tools see no others below some folders.
    sby = subprocess.Popen(["sby", "-f", "run.sby"], cwd=folder, env=environment, text=True, stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        RUNNING.add(sby)
        said, _ = sby.communicate(timeout=PATIENCE + 20)
    except subprocess.TimeoutExpired:
        os.killpg(sby.pid, signal.SIGKILL)
        sby.communicate()
        why = f"no answer in {PATIENCE} s; see {folder / 'run' / 'logfile.txt'}"
        return {**result, "seconds": PATIENCE, "wrong": why}
    finally:
        RUNNING.discard(sby)
    result["seconds"] = round(time.monotonic() - start, 1)
    result["failed"] = sorted(set(re.findall(rf"failed assertion {proof['name']}\.(\w+)", said.split("[induction]")[0])))
    traces = [folder / "run" / "engine_0" / name for name in ["trace.vcd", "trace.aiw", "trace_induct.vcd"]]
    result["trace"] = next((str(trace) for trace in traces if trace.exists()), None)
    passed, failed = (folder / "run" / "PASS").exists(), (folder / "run" / "FAIL").exists()
    if not mutant:
        if not passed:
            why = f"fails at {', '.join(result['failed'])}" if failed and result["trace"] else "is not carried out"
            result["wrong"] = f"{why}; see {result['trace'] or folder / 'run' / 'logfile.txt'}"
    elif passed:
        result["wrong"] = "survives"
    elif not failed or not any(trace.exists() for trace in traces[:2]):
        result["wrong"] = f"has no counterexample; see {folder / 'run' / 'logfile.txt'}"
    return result


def programs(build: pathlib.Path, harnesses: pathlib.Path) -> None:
    """A folder with the programs under the names by which sby calls them."""
    folder = build / "bin"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    have = tools.tools()
    for name in ["yosys", "yosys-smtbmc", "yosys-witness", "sby"]:
        (folder / name).symlink_to(have / f"yowasp-{name}")
    (folder / "z3").symlink_to(have / "z3")
    abc = folder / "yosys-abc"
    abc.write_text(f"#!/bin/sh\nexec {shlex.quote(str(have / 'python'))} {shlex.quote(str(harnesses / 'yosys_abc.py'))} \"$@\"\n")
    abc.chmod(0o755)


def table(results: list[dict]) -> str:
    """The results for people."""
    lines = []
    for result in results:
        how = f"{'k-induction' if result['mode'] == 'prove' else 'bounded'}, {result['depth']}"
        if result["mutant"]:
            good = f"caught at {result['breaks']}"
        else:
            good = "proven: " + ", ".join(result["asserts"])
        verdict = f"WRONG: {result['wrong']}" if result["wrong"] else good
        lines.append(f"{result['name']:<36} {how:<16} {result['seconds']:6.1f} s  {verdict}")
    return "\n".join(lines)


def main() -> int:
    """The command."""
    tools.run_in_tools()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="a proof with its mutants, or one mutant as PROOF.MUTANT; all")
    parser.add_argument("--json", action="store_true", help="print the results as JSON")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="runs at a time (the processors)")
    parser.add_argument("--proofs", type=pathlib.Path, default=tools.HERE / "proofs", help="folder of list and harnesses")
    parser.add_argument("--verilog", type=pathlib.Path, help="a folder that `vireo verilog` made, instead of printing one")
    asked = parser.parse_args()
    build, harnesses = tools.BUILD / "proofs", asked.proofs.resolve()
    build.mkdir(parents=True, exist_ok=True)
    # One command at a time works in the folder.
    lock = (build / "lock").open("w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        runs = [Run(proof, mutant) for proof in listed(harnesses) for mutant in [None, *proof["mutant"]]]
        strangers = set(asked.names) - {run.name for run in runs}
        if strangers:
            there = ", ".join(run.name for run in runs)
            raise Wrong(f"no proof or mutant {', '.join(sorted(strangers))}; there are {there}")
        if asked.names:
            runs = [run for run in runs if {run.name, run.proof["name"]} & set(asked.names)]
        files = {file.name: file.read_text() for file in sorted((asked.verilog or printed(build)).glob("*.v"))}
        programs(build, tools.HERE / "proofs")
    except (Wrong, flow.FlowError) as wrong:
        print(wrong, file=sys.stderr)
        return 2
    with concurrent.futures.ThreadPoolExecutor(asked.jobs) as pool:
        try:
            results = list(pool.map(lambda run: carried_out(run, files, harnesses, build), runs))
        except KeyboardInterrupt:
            for sby in list(RUNNING):
                os.killpg(sby.pid, signal.SIGKILL)
            raise
    wrong = [result for result in results if result["wrong"]]
    report = {"machine": SMALLEST.size(), "ok": not wrong, "results": results}
    print(json.dumps(report, indent=2) if asked.json else table(results))
    for result in wrong:
        print(f"{result['name']}: {result['wrong']}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    tools.command(main)
