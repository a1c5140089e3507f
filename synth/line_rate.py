#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The share of Ethernet's line rate that a machine holds, at every frame size: a table, JSON, and a plot.

A size is a frame's octets without tag, preamble and check sequence, as the machine sees it at its ports; on a link it
is the E-TAG's 8 octets longer. On a wire every frame takes 24 octets more: preamble 8, check sequence 4, gap 12.

The share is of the line that frames enter by: the port's for encapsulate, the link's for decapsulate. A link behind as
fast a port cannot carry all that the port can send, since a tag takes time too; encapsulate is measured against the
port nevertheless, the harder of the two. Both directions take the same clocks for a frame, so the share of the link's
line is for both what the table says of decapsulate.
"""

import argparse
import json
import math
import os
import pathlib
import shlex
import struct
import subprocess
import sys
import tempfile
from dataclasses import dataclass

from tools import ROOT, command, run_in_tools

# Octets of frames without tag; those on the wire around each; those of the tag.
SIZES = range(60, 1519)
OVERHEAD = 24
TAG = 8
RATES = [1, 10, 25, 40, 100]  # Gb/s
DIRECTIONS = ["encapsulate", "decapsulate"]
# Sizes whose clocks are measured: each at which a frame's head decides, and above those enough to meet every remainder
# of the widest beat.
MEASURED = [*range(60, 201), *range(201, 1518, 21), 1518]
# Frames in a row of one size in a measurement: what fills the intake's queue (docs/pipeline.md, 3.1), and what then shows the rate.
FILL, FRAMES = 128, 64
# A full queue takes frames in bursts: where a row ends, so many clocks more or less show.
BURST = 2


@dataclass(frozen=True)
class Machine:
    """A width in bits at a clock in MHz: one that place and route has to reach, or one that is assumed."""

    width: int
    clock: float
    where: str


GATE_SMALL = "gate on LFE5UM5G-45F-8"
GATE_LARGE = "gate on LFE5UM5G-85F-8"
ASSUMED = "assumed, UltraScale+"
MACHINES = [
    Machine(64, 175, GATE_SMALL),
    Machine(64, 250, ASSUMED),
    Machine(64, 322.265625, ASSUMED),
    Machine(128, 175, GATE_SMALL),
    Machine(128, 250, ASSUMED),
    Machine(128, 322.265625, ASSUMED),
    Machine(256, 250, ASSUMED),
    Machine(256, 322.265625, ASSUMED),
    Machine(512, 150, GATE_LARGE),
    Machine(512, 250, ASSUMED),
    Machine(512, 322.265625, ASSUMED),
]


def clocks(width: int, size: int) -> int:
    """Clocks that a frame takes where they come without end, either direction (docs/pipeline.md, 3.1).

    Encapsulate: a clock for each beat in, and one more if the tag makes the frame a beat longer. Decapsulate: a clock
    for each beat in, which has the tag. Both are the beats that the frame has on the link.
    """
    return math.ceil((size + TAG) * 8 / width)


def share(machine: Machine, direction: str, rate: float, size: int) -> float:
    """Of the frames that the line that they enter by can carry, the part that the machine takes; 1 at most."""
    line = size + OVERHEAD + (TAG if direction == "decapsulate" else 0)
    wire_ns = line * 8 / rate
    machine_ns = clocks(machine.width, size) * 1000 / machine.clock
    return min(1.0, wire_ns / machine_ns)


def worst(machine: Machine, direction: str, rate: float) -> tuple[float, int]:
    """The lowest share, and the smallest size that has it."""
    return min((share(machine, direction, rate, size), size) for size in SIZES)


def capture(path: pathlib.Path, frames: list[bytes]) -> None:
    """Writes frames as a pcap file, all at one time: they come without end."""
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, 1))
        for frame in frames:
            file.write(struct.pack("<IIII", 0, 0, len(frame), len(frame)) + frame)


CONFIGURATION = """\
role = "extender"
tag = "e-tag"
[[link]]
name = "link"
[[port]]
name = "port"
link = "link"
channel = 20
check_source = false
"""
ADDRESSES = bytes.fromhex("525400000002" "525400000001")
# The E-TAG of channel 20, and the EtherType for experiments.
E_TAG = bytes.fromhex("893f000000140000")
ETHER_TYPE = bytes.fromhex("88b5")


def program() -> str:
    """The workspace's own `vireo`, built if need be in the profile that its tests build; VIREO names another."""
    if "VIREO" in os.environ:
        return os.environ["VIREO"]
    # The packages of tests/run.sh, hence with the features that they ask for together: nothing that it has built is built once more.
    command = ["cargo", "build", "--quiet", "--locked", "--workspace", "--exclude", "vireo-speed", "--bin", "vireo", "--test", "cli"]
    built = subprocess.run([*command, "--message-format", "json"], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    messages = map(json.loads, built.stdout.splitlines())
    made = [said["executable"] for said in messages if said.get("executable") and said["target"]["kind"] == ["bin"]]
    if built.returncode or not made:
        sys.exit(f"{shlex.join(command)} made no program")
    return made[-1]


def busy(vireo: str, width: int, size: int, frames: int, folder: pathlib.Path) -> dict[str, int]:
    """Runs both directions of the cycle model with so many frames of one size; clocks in which each is busy.

    A frame of the smallest size ends the row, so that what is lost behind the last of the row shows as well.
    """
    def frame(octets: int, tag: bytes) -> bytes:
        return ADDRESSES + tag + ETHER_TYPE + bytes(octets - 14)

    for name, tag in ("port", b""), ("link", E_TAG):
        capture(folder / f"{name}.pcap", [frame(size, tag)] * frames + [frame(SIZES[0], tag)])
    (folder / "machine.toml").write_text(CONFIGURATION)
    inputs = [word for name in ("port", "link") for word in ("--in", f"{name}={folder / name}.pcap")]
    command = [vireo, "run", str(folder / "machine.toml"), *inputs]
    command += ["--out", str(folder / "out"), "--width", str(width), "--json"]
    try:
        ran = subprocess.run(command, capture_output=True, text=True)
    except OSError as error:
        sys.exit(f"{vireo}: {error.strerror}")
    if ran.returncode:
        sys.exit(f"{shlex.join(command)}\n{ran.stderr.strip()}")
    streams = json.loads(ran.stdout)["streams"]
    for direction in DIRECTIONS:
        if streams[direction]["frames_out"] != frames + 1:
            sys.exit(f"{width} bits, {size} octets, {direction}: not {frames + 1} frames left: {streams[direction]}")
    return {direction: streams[direction]["busy_cycles"] for direction in DIRECTIONS}


def measure(vireo: str, width: int, size: int, folder: pathlib.Path) -> dict[str, int]:
    """Clocks a frame, by direction, of frames of one size without end: what the queue takes up until it is full does not count."""
    before, after = (busy(vireo, width, size, frames, folder) for frames in (FILL, FILL + FRAMES))
    measured = {}
    for direction in DIRECTIONS:
        row = after[direction] - before[direction]
        each = round(row / FRAMES)
        if abs(row - each * FRAMES) > BURST:
            sys.exit(f"{width} bits, {size} octets, {direction}: {FRAMES} frames take {row} clocks, not each as many")
        measured[direction] = each
    return measured


def measurements(sizes: list[int]) -> list[dict]:
    """Measures every width at these sizes; exits with all that differ from `clocks`."""
    vireo = program()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for width in sorted({machine.width for machine in MACHINES}):
            for size in sizes:
                rows.append({"width": width, "size": size, **measure(vireo, width, size, pathlib.Path(folder))})
    wrong = [row for row in rows if any(row[way] != clocks(row["width"], row["size"]) for way in DIRECTIONS)]
    if wrong:
        lines = [f"{row}: {clocks(row['width'], row['size'])} clocks expected" for row in wrong]
        sys.exit("\n".join(["the cycle model does not keep the pace that is computed:", *lines]))
    return rows


def table() -> str:
    """The worst share of each machine and rate, with the smallest size that it is at, as Markdown."""
    lines = []
    for direction in DIRECTIONS:
        side = "port" if direction == "encapsulate" else "link"
        lines += [f"{direction}: worst share of the {side}'s line, and the frame size in octets that it is at", ""]
        lines += ["| bits | MHz | | " + " | ".join(f"{rate} GbE" for rate in RATES) + " |"]
        lines += ["|" + "---|" * (3 + len(RATES))]
        for machine in MACHINES:
            cells = []
            for rate in RATES:
                least, size = worst(machine, direction, rate)
                cells.append("100 %" if least == 1 else f"{math.floor(least * 1000) / 10:.1f} % at {size}")
            lines += [f"| {machine.width} | {machine.clock:g} | {machine.where} | " + " | ".join(cells) + " |"]
        lines += [""]
    return "\n".join(lines)


def corners(machine: Machine, direction: str, rate: float) -> tuple[list[int], list[float]]:
    """The curve's corners: sizes of as many clocks lie on a straight line, but for where it meets the whole rate."""
    kept = []
    for size in SIZES:
        ends = size in (SIZES[0], SIZES[-1])
        steps = any(clocks(machine.width, size) != clocks(machine.width, near) for near in (size - 1, size + 1))
        full = share(machine, direction, rate, size) == 1
        meets = any((share(machine, direction, rate, near) == 1) != full for near in (size - 1, size + 1))
        if ends or steps and not full or meets:
            kept.append(size)
    return kept, [100 * share(machine, direction, rate, size) for size in kept]


def plot(path: pathlib.Path) -> None:
    """Draws all curves; the same bytes each time."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams.update({"svg.hashsalt": "vireo", "svg.fonttype": "none", "font.size": 8})
    from matplotlib import pyplot

    colours = {64: "#d55e00", 128: "#0072b2", 256: "#009e73", 512: "#000000"}
    dashes = {150: "-", 175: "-", 250: "--", 322.265625: ":"}
    figure, panels = pyplot.subplots(
        len(DIRECTIONS), len(RATES), figsize=(15, 6.4), sharex=True, sharey=True, squeeze=False
    )
    for row, direction in enumerate(DIRECTIONS):
        for column, rate in enumerate(RATES):
            panel = panels[row][column]
            for machine in MACHINES:
                xs, ys = corners(machine, direction, rate)
                label = f"{machine.width} bits, {machine.clock:g} MHz ({machine.where})"
                style = dashes[machine.clock]
                panel.plot(xs, ys, color=colours[machine.width], linestyle=style, linewidth=0.9, label=label)
            panel.set_title(f"{direction}, {rate} GbE")
            panel.grid(color="#dddddd", linewidth=0.5)
            panel.set_xscale("log")
            panel.minorticks_off()
            panel.set_xlim(SIZES[0], SIZES[-1])
            panel.set_xticks([64, 128, 256, 512, 1024], ["64", "128", "256", "512", "1024"])
            panel.set_ylim(0, 105)
            if row == len(DIRECTIONS) - 1:
                panel.set_xlabel("octets, without tag and FCS")
            if column == 0:
                panel.set_ylabel("% of the line that frames enter by")
    handles, labels = panels[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="lower center", ncol=4, frameon=False)
    figure.subplots_adjust(left=0.05, right=0.99, top=0.95, bottom=0.21, wspace=0.08, hspace=0.18)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, format="svg", metadata={"Date": None})


def a_size(word: str) -> int:
    """A frame size of the command line."""
    if not word.isdecimal() or int(word) not in SIZES:
        raise argparse.ArgumentTypeError(f"{word} is not a size from {SIZES[0]} to {SIZES[-1]}")
    return int(word)


def main() -> None:
    """Parses the command line, measures where that is asked for, and says and draws the shares."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", metavar="FILE.svg", type=pathlib.Path, help="draw the plot into this file")
    parser.add_argument(
        "--measure", metavar="SIZE", type=a_size, nargs="*",
        help="measure the clocks of a frame of these sizes at each width with the cycle model, and fail where they are "
        f"not those computed (none named: {len(MEASURED)} sizes, each up to 200 octets among them)",
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    arguments = parser.parse_args()
    run_in_tools()
    measured = [] if arguments.measure is None else measurements(arguments.measure or MEASURED)
    if arguments.out:
        try:
            plot(arguments.out)
        except OSError as error:
            sys.exit(f"{arguments.out}: {error.strerror}")
    if arguments.json:
        shares = []
        for machine in MACHINES:
            for direction in DIRECTIONS:
                for rate in RATES:
                    least, size = worst(machine, direction, rate)
                    row = {"width": machine.width, "mhz": machine.clock, "clock": machine.where}
                    row |= {"direction": direction, "gbps": rate, "worst_share": round(least, 6), "worst_size": size}
                    row["shares"] = [round(share(machine, direction, rate, size), 6) for size in SIZES]
                    shares.append(row)
        print(json.dumps({"sizes": [SIZES[0], SIZES[-1]], "worst": shares, "measured": measured}))
        return
    print(table())
    if measured:
        print(f"measured with the cycle model: {len(measured)} sizes and widths, both directions, all as computed")


if __name__ == "__main__":
    command(main)
