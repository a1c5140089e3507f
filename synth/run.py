#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Puts the printed machine on parts: synthesis, place and route, a report, and a gate on the clock.

Tools, Verilog, logs and reports (report.json, report.md) land in the build folder. The exit code is 1 if a seed misses its
target's gate, or with --golden check a report is not like the golden one; 2 if a step fails.
"""

import argparse
import json
import pathlib
import sys

import flow
import reports
from targets import TARGETS
from tools import HERE, command

GOLDEN = HERE / "golden.json"
TABLE = HERE / "golden.md"
ABOUT = """<!-- SPDX-License-Identifier: MIT -->
<!-- Written by `python3 synth/run.py all --seeds 1 2 3 4 5 --golden write`. -->
# What the machine costs, and how fast it is

Cells of the machine and of the registers around it that stand for its neighbours (`vireo_harness.v`); more in
[docs/synthesis.md](../docs/synthesis.md). Every seed's figures and critical path stand in [golden.json](golden.json).

"""


def golden() -> dict[str, dict]:
    """The golden reports by target."""
    return {report["target"]: report for report in json.loads(GOLDEN.read_text())} if GOLDEN.exists() else {}


def write_golden(new: list[dict]) -> None:
    """The golden reports with these in their place."""
    all_reports = golden() | {report["target"]: report for report in new}
    kept = [all_reports[name] for name in TARGETS if name in all_reports]
    reports.write(GOLDEN, kept)
    TABLE.write_text(ABOUT + reports.table(kept))


def main() -> None:
    about = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    about.add_argument("targets", nargs="+", choices=[*TARGETS, "all"], metavar="TARGET", help=", ".join([*TARGETS, "all"]))
    about.add_argument("--seeds", type=int, nargs="+", default=[1], help="of place and route; `1 2 3 4 5` is the full sweep")
    about.add_argument("--jobs", type=int, default=flow.default_jobs(), help="seeds at a time (default: %(default)s)")
    about.add_argument("--verilog", type=pathlib.Path, help="a folder that `vireo verilog` made, instead of printing one")
    about.add_argument("--golden", choices=["check", "write"], help="compare with the golden reports, or replace them")
    about.add_argument("--json", action="store_true", help="reports for programs, on standard output")
    args = about.parse_args()
    names = list(TARGETS) if "all" in args.targets else args.targets
    if args.verilog and len(names) > 1:
        about.error("--verilog is one machine: give one target")

    made, wrong = [], []
    for name in names:
        if sys.stderr.isatty():
            print(f"{name} ...", file=sys.stderr)
        try:
            report = flow.run(name, TARGETS[name], args.seeds, args.jobs, args.verilog)
        except flow.FlowError as error:
            print(error, file=sys.stderr)
            sys.exit(2)
        made.append(report)
        wrong += reports.missed(report)
        if args.golden == "check":
            was = golden().get(name)
            wrong += reports.differences(report, was) if was else [f"{name}: no golden report; write it with --golden write"]
    print(json.dumps(made, indent=2) if args.json else reports.table(made), end="\n" if args.json else "")
    if args.golden == "write":
        write_golden(made)
    for words in wrong:
        print(words, file=sys.stderr)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    command(main)
