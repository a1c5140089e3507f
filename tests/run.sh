#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Passes the tests of Vireo, and installs what they need: Debian packages by apt-get, Python packages (pinned in
# tests/requirements.txt) into a virtual environment under the build folder, by the test that uses them.
set -euo pipefail
cd "$(dirname "$0")/.."

missing=()
need() { # command package
    command -v "$1" >/dev/null 2>&1 || missing+=("$2")
}
need cc gcc
need g++ g++
need make make
need tshark tshark
need verilator verilator
need iverilog iverilog
need yosys yosys
need python3 python3
need tclsh tcl
need lldpad lldpad
need ip iproute2
need unshare util-linux
need nsenter util-linux
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
cargo clippy --workspace --all-targets --locked -- -D warnings
RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked --quiet
# Network namespaces, which the tests against lldpad make, are root's to make, or his who is root in a user namespace of his own.
if [ "$(id -u)" -eq 0 ]; then
    cargo test --workspace --locked
else
    cargo test --workspace --exclude vireo-lldpad-tests --locked
    unshare -Urnm cargo test -p vireo-lldpad-tests --locked
fi
