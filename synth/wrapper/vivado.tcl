# SPDX-License-Identifier: MIT
#
# Synthesis, place and route of the wrapper with Vivado, in batch and without a project:
#
#     cargo run --release -- verilog --width 512 --out vireo-512
#     vivado -mode batch -source synth/wrapper/vivado.tcl -tclargs xcvu9p-flga2104-2L-e vireo-512 build
#
# Arguments: the part, the folder that `vireo verilog` printed, the folder for reports and checkpoints. The wrapper stands
# alone, its pins being no part's pins (out of context), so a part is all that is needed; on a board read its top and its
# constraints here as well, and leave -mode out_of_context away. Exits with 1 when timing is missed: the slack of the worst
# path, setup or hold, is negative, a crossing's bits skew, or a net is not routed; with 2 when it was started wrongly.

proc stop {code words} {
    puts stderr $words
    exit $code
}

if {$argc != 3} {
    stop 2 "arguments: PART, folder of the printed machine, folder for what comes of it"
}
lassign $argv part machine out
set here [file dirname [file normalize [info script]]]
set crossing [file join [file dirname $here] crossing]
set printed [lsort [glob -nocomplain -directory $machine *.v]]
if {[lsearch $printed [file join $machine vireo_machine.v]] < 0} {
    stop 2 "$machine: no vireo_machine.v; print it: vireo verilog --width 512 --out $machine"
}
file mkdir $out

read_verilog $printed
read_verilog [list \
    [file join $crossing vireo_gray_crossing.v] \
    [file join $crossing vireo_frame_fifo.v] \
    [file join $here vireo_mac_wrapper.v]]
read_xdc [file join $here vireo_mac_wrapper.xdc]
read_xdc -ref vireo_gray_crossing [file join $crossing vireo_gray_crossing.xdc]

synth_design -top vireo_mac_wrapper -part $part -mode out_of_context -verilog_define SYNTHESIS
write_checkpoint -force [file join $out synthesized.dcp]
report_utilization -hierarchical -file [file join $out synthesized_utilization.rpt]

opt_design
place_design
phys_opt_design
route_design
phys_opt_design
write_checkpoint -force [file join $out routed.dcp]

report_utilization -hierarchical -file [file join $out utilization.rpt]
report_timing_summary -max_paths 10 -file [file join $out timing.rpt]
report_bus_skew -file [file join $out bus_skew.rpt]
report_cdc -details -file [file join $out cdc.rpt]
report_clock_interaction -file [file join $out clock_interaction.rpt]
report_route_status -file [file join $out route_status.rpt]

# The gate.
foreach {name delay} {setup max hold min} {
    set path [get_timing_paths -delay_type $delay -max_paths 1]
    if {[llength $path] == 0} {
        stop 1 "no $name path is timed: the constraints name no clock"
    }
    set slack [get_property SLACK $path]
    puts "worst $name slack: $slack ns"
    if {$slack < 0} {
        stop 1 "timing missed: $name, $slack ns; see [file join $out timing.rpt]"
    }
}
if {[string match *VIOLATED* [report_bus_skew -return_string]]} {
    stop 1 "timing missed: a crossing's bits skew; see [file join $out bus_skew.rpt]"
}
if {![report_route_status -boolean_check ROUTED_FULLY]} {
    stop 1 "not routed; see [file join $out route_status.rpt]"
}
puts "timing met"
