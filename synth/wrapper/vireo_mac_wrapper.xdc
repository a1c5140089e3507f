# SPDX-License-Identifier: MIT
#
# Clocks of vireo_mac_wrapper alone: the machine at 250 MHz, and MACs of 100G at 322.265625 MHz. On a board they come from its
# pins and its MACs, and this file is left out.
create_clock -name clk         -period 4.000 [get_ports clk]
create_clock -name link_rx_clk -period 3.103 [get_ports link_rx_clk]
create_clock -name link_tx_clk -period 3.103 [get_ports link_tx_clk]
create_clock -name port_rx_clk -period 3.103 [get_ports port_rx_clk]
create_clock -name port_tx_clk -period 3.103 [get_ports port_tx_clk]
