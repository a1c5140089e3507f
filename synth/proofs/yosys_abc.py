# SPDX-License-Identifier: MIT
"""Answers as the program `yosys-abc`, which sby calls and the package of Yosys does not bring: its ABC stands inside Yosys.

Yosys' pass `abc` runs sby's script, but swallows what ABC says; ABC's own log tells how it ended, and that is said here in
the words that sby waits for.
"""

import pathlib
import re
import subprocess
import sys
import tempfile


def main() -> int:
    """Runs the script of `-c SCRIPT`; exit code 0 and a verdict, or 1 and no verdict."""
    script = sys.argv[sys.argv.index("-c") + 1]
    depth = re.search(r"bmc3 -F (\d+)", script)
    if not depth:
        print(f"only bmc3 is answered here, not: {script}")
        return 1
    with tempfile.TemporaryDirectory(dir=".", prefix="abc-") as folder:
        log = pathlib.Path(folder) / "log"
        script = script.replace(depth[0], f"{depth[0]} -L {log}")
        # The pass wants some netlist to start from; the script throws it away.
        steps = "+" + ";".join(",".join(step.split()) for step in script.split(";"))
        one_gate = "read_rtlil <<E\nmodule \\g\nwire input 1 \\a\nwire input 2 \\b\nwire output 3 \\y\n" \
                   "cell $_AND_ \\c\nconnect \\A \\a\nconnect \\B \\b\nconnect \\Y \\y\nend\nend\nE\n"
        commands = pathlib.Path(folder) / "run.ys"
        commands.write_text(f"{one_gate}abc -script {steps}\n")
        subprocess.run(["yosys", "-q", "-s", commands], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        said = log.read_text().split() if log.exists() else ["nothing"]
    match said[:2]:
        case ["snl_SAT", frame]:
            print(f"Output 0 of miter \"model\" was asserted in frame {frame}.")
        case ["snl_UNK", frame] if int(frame) == int(depth[1]) - 1:
            print(f"No output asserted in {depth[1]} frames.")
        case _:
            print(f"ABC stopped without a verdict: {' '.join(said)}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
