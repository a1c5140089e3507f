# SPDX-License-Identifier: MIT
"""What the machine is put on: parts, the machine's size there, and the clock that it must reach."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Target:
    """A machine on a part. `gate` is in MHz; a part without options has no open place and route."""

    part: str
    options: tuple[str, ...]
    width: int
    gate: float | None = None
    ports: int = 32
    groups: int = 16
    links: int = 2
    channels: int = 1024
    bindings: int = 2048

    def size(self) -> dict[str, int]:
        """The machine's size, by the names of `vireo verilog`'s options."""
        return {name: getattr(self, name) for name in ("width", "ports", "groups", "links", "channels", "bindings")}


MAIN = ("LFE5UM5G-45F-8", ("--um5g-45k", "--speed", "8", "--package", "CABGA381"))
SMALL = ("LFE5U-45F-6", ("--45k", "--speed", "6", "--package", "CABGA381"))
LARGE = ("LFE5UM5G-85F-8", ("--um5g-85k", "--speed", "8", "--package", "CABGA381"))
XCUP = ("UltraScale+", ())

# The smallest machine that is compiled in: what the board carries, and what is proven.
SMALLEST = Target(*MAIN, width=64, gate=175, ports=8, groups=4, links=2, channels=256, bindings=256)

TARGETS = {
    "main-128": Target(*MAIN, width=128, gate=175),
    "main-64": Target(*MAIN, width=64, gate=175),
    "large-512": Target(*LARGE, width=512, gate=150),
    "small-64": Target(*SMALL, width=64),
    "smallest-64": SMALLEST,
    "xcup-512": Target(*XCUP, width=512),
}
