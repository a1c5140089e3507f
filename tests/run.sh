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

# Nothing is built twice here, so what cargo keeps for that would be kept in vain.
export CARGO_INCREMENTAL=0
cargo fmt --all --check
cargo clippy --workspace --all-targets --locked -- -D warnings
RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked --quiet
# What measures speed is linted above, and not built.
tested=(--workspace --exclude vireo-speed --locked)
cargo test "${tested[@]}" --no-run

# Place and route takes one processor for minutes, as do proofs and board; the tests against lldpad wait for its timers. So all run
# at once, and what waits goes before proofs and board; but place and route is the longest by itself, and would end alone behind all
# others. By their names, not by their package, for which alone cargo would build everything once more. Each has a process group of
# its own: who stops this stops nextpnr and the solvers too.
logs=$(mktemp -d)
beside=()
set -m
cargo test "${tested[@]}" --no-fail-fast --test place_and_route >"$logs/place_and_route" 2>&1 &
beside+=($!)
named=(--test proofs --test wrapper --test board --test line_rate)
nice cargo test "${tested[@]}" --no-fail-fast "${named[@]}" >"$logs/proofs" 2>&1 &
beside+=($!)
set +m
trap 'kill -- "${beside[@]/#/-}" 2>/dev/null || true; rm -rf "$logs"' EXIT
trap 'exit 130' INT TERM
others=("${tested[@]}" --exclude vireo-synth-tests --no-fail-fast)
failed=0
# Network namespaces, which the tests against lldpad make, are root's to make, or his who is root in a user namespace of his own.
if [ "$(id -u)" -eq 0 ]; then
    cargo test "${others[@]}" || failed=1
else
    cargo test "${others[@]}" --exclude vireo-lldpad-tests || failed=1
    unshare -Urnm cargo test -p vireo-lldpad-tests --locked --no-fail-fast || failed=1
fi
for one in "${beside[@]}"; do wait "$one" || failed=1; done
cat "$logs"/*
exit "$failed"
