# SPDX-License-Identifier: MIT
"""The board's Ethernet MAC, made by LiteEth: RGMII pins at 1 Gb/s on one side, streams of octets on the other.

Runs in the tools' Python and prints Verilog, which is not committed: the same pin of LiteEth prints the same text.
"""

import re

from liteeth.mac.core import LiteEthMACCore
from liteeth.phy.ecp5rgmii import LiteEthPHYRGMII
from litex.build.lattice.common import lattice_ecp5_trellis_special_overrides
from litex.gen.fhdl.verilog import convert
from migen import ClockDomain, Module, Record, Signal

NAME = "versa_mac"
# The PHYs are strapped to delay both clocks themselves.
TX_DELAY = RX_DELAY = 0.0


class Mac(Module):
    """RGMII and MAC. Both streams belong to `clk`, the 125 MHz that the MAC also sends with."""

    def __init__(self) -> None:
        pins = {}

        def pin(name: str, width: int = 1) -> Signal:
            return pins.setdefault(name, Signal(width, name=name))

        self.clock_domains.cd_sys = ClockDomain()
        self.comb += [self.cd_sys.clk.eq(pin("clk")), self.cd_sys.rst.eq(pin("rst"))]

        clocks = Record([("tx", 1), ("rx", 1)])
        wires = Record([("tx_ctl", 1), ("tx_data", 4), ("rx_ctl", 1), ("rx_data", 4)])
        phy = LiteEthPHYRGMII(clocks, wires, with_hw_init_reset=False, tx_delay=TX_DELAY, rx_delay=RX_DELAY,
                              with_inband_status=False, tx_clk=pin("clk"))
        self.submodules.phy = phy
        self.submodules.core = core = LiteEthMACCore(phy, dw=8)
        self.comb += [
            phy.crg._reset.storage.eq(pin("rst")),
            # The RGMII interface leaves this open, and the CRC of a frame would never be found wrong.
            phy.source.last_be.eq(phy.source.last),
            pin("rgmii_tx_clk").eq(clocks.tx), pin("rgmii_tx_ctl").eq(wires.tx_ctl),
            pin("rgmii_tx_data", 4).eq(wires.tx_data),
            clocks.rx.eq(pin("rgmii_rx_clk")), wires.rx_ctl.eq(pin("rgmii_rx_ctl")),
            wires.rx_data.eq(pin("rgmii_rx_data", 4)),
            core.sink.valid.eq(pin("tx_valid")), pin("tx_ready").eq(core.sink.ready),
            core.sink.data.eq(pin("tx_data", 8)), core.sink.last.eq(pin("tx_last")),
            core.sink.last_be.eq(pin("tx_last")),
            pin("rx_valid").eq(core.source.valid), core.source.ready.eq(1),
            pin("rx_data", 8).eq(core.source.data), pin("rx_last").eq(core.source.last),
            pin("rx_error").eq(core.source.error),
        ]
        self.pins = set(pins.values())


def verilog() -> str:
    """The MAC as a Verilog module `versa_mac`, without the date that LiteX writes above it."""
    mac = Mac()
    text = str(convert(mac, mac.pins, name=NAME, special_overrides=lattice_ecp5_trellis_special_overrides))
    return "// Made by LiteEth.\n" + re.sub(r"(?m)^(//.*\n|`timescale.*\n)", "", text)


if __name__ == "__main__":
    print(verilog(), end="")
