# SPDX-License-Identifier: MIT
#
# Stands in for Vivado where there is none: runs vivado.tcl with commands that say how they were called and do nothing, and
# with constraints' commands the same way. What is not Tcl, or calls a command that is not listed here, fails.
#
#     tclsh vivado_stubs.tcl SETUP_SLACK HOLD_SLACK SCRIPT ARGUMENT ...

set slacks [dict create max [lindex $argv 0] min [lindex $argv 1]]
set script [lindex $argv 2]
set argv [lrange $argv 3 end]
set argc [llength $argv]

proc record {name words} {
    puts "call $name $words"
}
foreach name {
    read_verilog synth_design opt_design place_design phys_opt_design route_design write_checkpoint
    report_utilization report_timing_summary report_cdc report_clock_interaction
    create_clock set_max_delay set_bus_skew
} {
    proc $name {args} "record $name \$args"
}
proc report_bus_skew {args} {
    record report_bus_skew $args
    return "Slack (MET)"
}
proc report_route_status {args} {
    record report_route_status $args
    return 1
}
proc get_ports {pattern} { return "port:$pattern" }
proc get_cells {pattern} { return "cells:$pattern" }
proc get_timing_paths {args} { return [list [dict get $args -delay_type]] }
proc get_property {name object} { return [dict get $::slacks $object] }
# Constraints are Tcl as well: they are run where they are read.
proc read_xdc {args} {
    record read_xdc $args
    uplevel #0 [list source [lindex $args end]]
}

info script $script
source $script
