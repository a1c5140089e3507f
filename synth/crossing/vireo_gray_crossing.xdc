# SPDX-License-Identifier: MIT
#
# Every crossing between clocks, read with -ref: it holds in each instance of vireo_gray_crossing. All bits of a count arrive
# within less than a period of the fastest clock, so that no two of its steps are seen at once. There is no set_clock_groups:
# it would take precedence over these limits, and would hide a crossing that is not one of these.
set_max_delay -datapath_only 3.000 -from [get_cells {gray_reg[*]}] -to [get_cells {meta_reg[*]}]
set_bus_skew 3.000 -from [get_cells {gray_reg[*]}] -to [get_cells {meta_reg[*]}]
