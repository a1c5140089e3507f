# SPDX-License-Identifier: MIT
"""What reports say of a run, and when they fail it: on reports made up here, without a tool."""

import copy
import unittest

import reports

GOLDEN = {
    "target": "main-128",
    "gate": 175,
    "resources": {"lut": [10000, 43848], "block_ram": [50, 108]},
    "seeds": [{"seed": 1, "fmax": {"clk": 180.0}, "critical": {}}, {"seed": 2, "fmax": {"clk": 190.0}, "critical": {}}],
}


class Reports(unittest.TestCase):
    """Of one target with two seeds."""

    def setUp(self) -> None:
        self.report = copy.deepcopy(GOLDEN)

    def test_report_like_the_golden_one_passes(self) -> None:
        self.assertEqual(reports.differences(self.report, GOLDEN), [])
        self.assertEqual(reports.missed(self.report), [])

    def test_resource_beyond_the_margin_is_told_with_both_figures_either_way(self) -> None:
        for lut in (10201, 9799):
            self.report["resources"]["lut"][0] = lut
            self.assertEqual(reports.differences(self.report, GOLDEN), [f"main-128: lut {lut}, was 10000"])

    def test_clock_that_falls_beyond_the_margin_is_told_and_one_that_rises_is_not(self) -> None:
        self.report["seeds"][0]["fmax"]["clk"] = 170.0
        self.report["seeds"][1]["fmax"]["clk"] = 250.0
        self.assertEqual(reports.differences(self.report, GOLDEN), ["main-128: seed 1 reaches 170.0 MHz, was 180.0"])

    def test_seed_without_a_golden_report_is_told(self) -> None:
        self.report["seeds"][1]["seed"] = 7
        self.assertEqual(reports.differences(self.report, GOLDEN), ["main-128: no golden report of seed 7"])

    def test_seed_below_the_gate_is_told_and_the_slowest_seed_is_the_worst(self) -> None:
        self.report["seeds"][1]["fmax"]["clk"] = 174.9
        self.assertEqual(reports.missed(self.report), ["main-128: seed 2 reaches 174.9 of 175 MHz"])
        self.assertEqual(reports.worst(self.report)[0], 174.9)

    def test_cells_are_told_by_their_blocks(self) -> None:
        told = {
            "machine.u_encapsulate.u_insert.size_TRELLIS_FF_Q_3_DI_LUT4_Z": "encapsulate.insert.size",
            "machine.u_decapsulate.u_line.u_octets.rows[3]_DP16KD_1": "decapsulate.line.octets.rows",
        }
        for cell, name in told.items():
            self.assertEqual(reports.block(cell), name)

    def test_path_passes_blocks_and_not_the_cells_that_nextpnr_made_itself(self) -> None:
        def step(kind: str, delay: float, source: str, sink: str) -> dict:
            return {"type": kind, "delay": delay, "from": {"cell": source}, "to": {"cell": sink}}

        carry = "$nextpnr_CCU2C_19$CCU2_COMB0"
        steps = [
            step("clk-to-q", 0.5, "machine.u_window.w_0_TRELLIS_FF_Q", "machine.u_window.w_0_TRELLIS_FF_Q"),
            step("routing", 1.0, "machine.u_window.w_0_TRELLIS_FF_Q", carry),
            step("routing", 1.5, carry, "machine.u_window.octets_LUT4_Z"),
        ]
        told = {"ns": 3.0, "wires_ns": 2.5, "through": ["window.w_0", "window.octets"]}
        self.assertEqual(reports.path(steps), told)


if __name__ == "__main__":
    unittest.main()
