# SPDX-License-Identifier: MIT
"""Reads what the tools report, and says it in terms of the machine's blocks; compares reports with the golden ones."""

import json
import pathlib
import re

CELLS = {"lut": "TRELLIS_COMB", "ff": "TRELLIS_FF", "block_ram": "DP16KD", "distributed_ram": "TRELLIS_RAMW"}
# How far a report may be from the golden one before someone must look: in each resource, and in the clock.
MARGIN = {"resources": 0.02, "fmax": 0.05}


def block(cell: str) -> str:
    """The register or block that a cell's name tells of: instances by their blocks' names, no bit, no suffix of a tool."""
    name = re.sub(r"_(LUT4|PFUMX|L6MUX21|CCU2C|TRELLIS_FF|DP16KD|PDPW16KD|DPR16X4)_.*", "", cell.split("$")[0])
    return re.sub(r"\[\d+\]", "", name).replace("u_", "").removeprefix("machine.") or cell


def clock(event: str) -> str:
    """A clock's name: the net's, without what packing added."""
    return re.sub(r"^\$glbnet\$|\$TRELLIS_IO_IN$", "", event)


def path(steps: list[dict]) -> dict:
    """A path: its delay in ns, how much of it is wires, and the blocks that it passes."""
    cells = [steps[0]["from"]["cell"], *(step["to"]["cell"] for step in steps)]
    # What nextpnr made itself, such as the end of a carry chain, tells of no block.
    named = [block(cell) for cell in cells if not cell.startswith("$nextpnr")]
    blocks = [here for before, here in zip([None, *named], named) if here != before]
    wires = sum(step["delay"] for step in steps if step["type"] == "routing")
    return {"ns": round(sum(step["delay"] for step in steps), 2), "wires_ns": round(wires, 2), "through": blocks}


def seed(number: int, file: pathlib.Path) -> dict:
    """What place and route with one seed reached."""
    report = json.loads(file.read_text())
    critical = {}
    for found in report["critical_paths"]:
        if found["from"] == found["to"]:
            critical[clock(found["from"].split()[-1])] = path(found["path"])
    fmax = {clock(name): round(value["achieved"], 1) for name, value in report["fmax"].items()}
    return {"seed": number, "fmax": fmax, "critical": critical}


def ecp5_resources(file: pathlib.Path) -> dict:
    """Cells after packing, the harness among them, of those that the part has."""
    used = json.loads(file.read_text())["utilization"]
    return {name: [used[cell]["used"], used[cell]["available"]] for name, cell in CELLS.items()}


def xilinx_resources(file: pathlib.Path) -> dict:
    """Cells of the machine by kind: [used, None], since the part's family has many sizes."""
    cells = json.loads(file.read_text())["design"]["num_cells_by_type"]

    def count(pattern: str) -> int:
        return sum(number for cell, number in cells.items() if re.fullmatch(pattern, cell))

    ram = count("RAMB36E2") + count("RAMB18E2") / 2
    kinds = {"lut": count(r"LUT\d"), "ff": count("FD[RSCP]E"), "block_ram": ram}
    kinds["distributed_ram"] = count(r"RAM\d+[A-Z]\w*")
    return {name: [used, None] for name, used in kinds.items()}


def depth(file: pathlib.Path) -> int:
    """Cells on the longest path between registers, LUTs and the steps of carry chains."""
    return int(re.findall(r"Longest topological path .*\(length=(\d+)\)", file.read_text())[-1])


def write(file: pathlib.Path, report: dict | list) -> None:
    """A report for programs, in the place of the one that was there only when it is whole."""
    new = file.with_suffix(".new")
    new.write_text(json.dumps(report, indent=2) + "\n")
    new.replace(file)


def worst(report: dict) -> tuple[float, dict] | None:
    """The lowest clock of all seeds in MHz, and its seed."""
    seeds = [(found["fmax"]["clk"], found) for found in report.get("seeds", [])]
    return min(seeds, key=lambda found: found[0], default=None)


def missed(report: dict) -> list[str]:
    """The seeds that miss the gate, in words."""
    gate = report["gate"]
    slow = [found for found in report.get("seeds", []) if gate and found["fmax"]["clk"] < gate]
    return [f"{report['target']}: seed {found['seed']} reaches {found['fmax']['clk']} of {gate} MHz" for found in slow]


def differences(report: dict, golden: dict) -> list[str]:
    """Where a report is further from the golden one than the margin allows, in words.

    A resource may neither rise nor fall beyond it, a clock not fall: what has become better is a reason to write the golden
    reports again too, but no one must do it for a clock that place and route found by chance.
    """
    found = []
    for name, (was, _) in golden["resources"].items():
        now = report["resources"][name][0]
        if abs(now - was) > MARGIN["resources"] * was:
            found.append(f"{report['target']}: {name.replace('_', ' ')} {now:g}, was {was:g}")
    clocks = {each["seed"]: each["fmax"]["clk"] for each in golden.get("seeds", [])}
    for each in report.get("seeds", []):
        was, now = clocks.get(each["seed"]), each["fmax"]["clk"]
        if was is None:
            found.append(f"{report['target']}: no golden report of seed {each['seed']}")
        elif now < was * (1 - MARGIN["fmax"]):
            found.append(f"{report['target']}: seed {each['seed']} reaches {now} MHz, was {was}")
    return found


def table(reports: list[dict]) -> str:
    """Reports for people."""
    lines = ["| target | part | bits, ports, bindings | LUT | FF | block RAM | MHz, worst of seeds | gate | its critical path, ns (wires) |"]
    lines.append("|" + "---|" * 9)
    for report in reports:
        size = f"{report['width']}, {report['ports']}, {report['bindings']}"
        used = [f"{now:g}" + (f" of {of}" if of else "") for now, of in report["resources"].values()][:3]
        row = [report["target"], report["part"], size, *used]
        if slowest := worst(report):
            fmax, found = slowest
            critical = found["critical"]["clk"]
            through = " → ".join(f"`{name}`" for name in critical["through"])
            row += [f"{fmax} of {len(report['seeds'])}", f"{report['gate'] or ''}"]
            row.append(f"{critical['ns']} ({critical['wires_ns']}): {through}")
        else:
            row += [f"depth {report['depth']} cells", "", ""]
        lines.append("| " + " | ".join(row) + " |")
    return "\n".join(lines) + "\n"
