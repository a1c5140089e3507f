# SPDX-License-Identifier: MIT
"""run.py FOLDER HEADER TOP SOURCE... : builds the Verilog in FOLDER with Icarus, runs test_machine.py on it, and leaves
FOLDER/results.xml (JUnit's format) and FOLDER/log."""

import sys
from pathlib import Path

from cocotb_tools.runner import get_runner

folder, header, top, *sources = sys.argv[1:]
runner = get_runner("icarus")
places = dict(build_dir=folder, log_file=str(Path(folder) / "log"))
runner.build(sources=sources, hdl_toplevel=top, timescale=("1ns", "1ps"), always=True, **places)
runner.test(
    test_module="test_machine",
    hdl_toplevel=top,
    test_dir=folder,
    results_xml="results.xml",
    # cocotbext-axi uses names that cocotb 2 has newer ones for.
    extra_env={"VIREO_HEADER": header, "PYTHONWARNINGS": "ignore::DeprecationWarning"},
    **places,
)
