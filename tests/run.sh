#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Passes the tests of Vireo, and installs what they need: Debian packages by apt-get, Python packages (pinned in
# tests/requirements.txt) into a virtual environment under the build folder, by the test that uses them.
#
#   tests/run.sh        all but the hardware's, which is being built: some minutes
#   tests/run.sh hdl    the hardware's: rust-hdl, printed Verilog, cocotb; compiling rust-hdl's machines takes longest
set -euo pipefail
cd "$(dirname "$0")/.."
hardware=(vireo-hdl vireo-hdl-tests)

missing=()
need() { # command package
    command -v "$1" >/dev/null 2>&1 || missing+=("$2")
}
need cc gcc
need tshark tshark
need python3 python3
if [ "${1:-}" = hdl ]; then
    need verilator verilator
    need iverilog iverilog
    need yosys yosys
    need g++ g++
fi
python3 -c 'import venv, ensurepip' >/dev/null 2>&1 || missing+=(python3-venv python3-pip)
if [ ${#missing[@]} -gt 0 ]; then
    echo "installing: ${missing[*]}"
    as_root=()
    [ "$(id -u)" -eq 0 ] || as_root=(sudo)
    "${as_root[@]}" apt-get update -q
    # tshark asks whether others than root may capture; nothing here captures.
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "${missing[@]}"
fi

cargo fmt --all --check
if [ "${1:-}" = hdl ]; then
    packages=("${hardware[@]/#/--package=}" --package=vireo-sim --features=vireo-sim/hdl)
else
    packages=(--workspace "${hardware[@]/#/--exclude=}")
fi
cargo clippy "${packages[@]}" --all-targets --locked -- -D warnings
RUSTDOCFLAGS="-D warnings" cargo doc "${packages[@]}" --no-deps --locked --quiet
cargo test "${packages[@]}" --locked
