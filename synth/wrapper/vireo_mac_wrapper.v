// SPDX-License-Identifier: MIT
//
// The machine between two MACs of the 10G, 25G or 100G class: one is a link, the other a port. An example to begin from:
// more MACs are more FIFOs, an arbiter of whole frames in front of each slave stream that sets `tid`, and a switch on `tdest`
// behind each master stream.
//
// A MAC's streams are AXI4-Stream at the MAC's own clocks, as open MACs have them: octet 0 in bits 7:0, `tkeep` contiguous and
// full before `tlast`, no preamble and no check sequence. Receive has no `tready`; `tuser` is 1 in the last beat of a bad frame.
// Transmit: no gap inside a frame, and `tuser` is 1 in the last beat of a frame that the MAC has to spoil. The MAC pads
// what is shorter than a frame may be. Time stamps (PTP) are left out: take them off before, and leave `tuser`'s bit 0.
//
// `vireo_machine` is what `vireo verilog --width 512` prints; with another number of ports set PORTS. Its frames for other
// ports, links and the control port have no MAC here: they are taken, counted in `elsewhere`, and go nowhere.
`default_nettype none

module vireo_mac_wrapper #(
    parameter       PORTS   = 32,   // of the machine
    parameter [5:0] LINK    = 6'd0, // the link that the link's MAC is
    parameter [5:0] PORT    = 6'd0, // the port that the port's MAC is
    parameter       ADDRESS = 9     // 2**ADDRESS beats in each FIFO: 32 KiB
) (
    // The machine's clock, its registers', and that of the counts.
    input  wire         clk,
    input  wire         rst,

    input  wire         link_rx_clk,
    input  wire         link_rx_rst,
    input  wire         link_rx_tvalid,
    input  wire [511:0] link_rx_tdata,
    input  wire [63:0]  link_rx_tkeep,
    input  wire         link_rx_tlast,
    input  wire         link_rx_tuser,

    input  wire         link_tx_clk,
    input  wire         link_tx_rst,
    output wire         link_tx_tvalid,
    input  wire         link_tx_tready,
    output wire [511:0] link_tx_tdata,
    output wire [63:0]  link_tx_tkeep,
    output wire         link_tx_tlast,
    output wire         link_tx_tuser,

    input  wire         port_rx_clk,
    input  wire         port_rx_rst,
    input  wire         port_rx_tvalid,
    input  wire [511:0] port_rx_tdata,
    input  wire [63:0]  port_rx_tkeep,
    input  wire         port_rx_tlast,
    input  wire         port_rx_tuser,

    input  wire         port_tx_clk,
    input  wire         port_tx_rst,
    output wire         port_tx_tvalid,
    input  wire         port_tx_tready,
    output wire [511:0] port_tx_tdata,
    output wire [63:0]  port_tx_tkeep,
    output wire         port_tx_tlast,
    output wire         port_tx_tuser,

    // Frames since configuration; they wrap. Received without room for them; for no MAC here; too long for a FIFO to transmit.
    output wire [31:0]  link_rx_dropped,
    output wire [31:0]  port_rx_dropped,
    output reg  [31:0]  elsewhere,
    output wire [31:0]  link_tx_dropped,
    output wire [31:0]  port_tx_dropped,

    input  wire         s_axil_awvalid,
    output wire         s_axil_awready,
    input  wire [11:0]  s_axil_awaddr,
    input  wire         s_axil_wvalid,
    output wire         s_axil_wready,
    input  wire [31:0]  s_axil_wdata,
    input  wire [3:0]   s_axil_wstrb,
    output wire         s_axil_bvalid,
    input  wire         s_axil_bready,
    output wire [1:0]   s_axil_bresp,
    input  wire         s_axil_arvalid,
    output wire         s_axil_arready,
    input  wire [11:0]  s_axil_araddr,
    output wire         s_axil_rvalid,
    input  wire         s_axil_rready,
    output wire [31:0]  s_axil_rdata,
    output wire [1:0]   s_axil_rresp,
    output wire         irq
);
    wire             s_port_tvalid, s_port_tready, s_port_tlast, s_port_bad;
    wire [511:0]     s_port_tdata;
    wire [63:0]      s_port_tkeep;
    wire             m_link_tvalid, m_link_tready, m_link_tlast;
    wire [511:0]     m_link_tdata;
    wire [63:0]      m_link_tkeep;
    wire [7:0]       m_link_tdest;
    wire [4:0]       m_link_tuser;
    wire             s_link_tvalid, s_link_tready, s_link_tlast, s_link_bad;
    wire [511:0]     s_link_tdata;
    wire [63:0]      s_link_tkeep;
    wire             m_port_tvalid, m_port_tready, m_port_tlast;
    wire [511:0]     m_port_tdata;
    wire [63:0]      m_port_tkeep;
    wire [PORTS:0]   m_port_tdest;
    wire [7:0]       m_port_tid;
    wire [4:0]       m_port_tuser;
    // Always 1: a receiver's FIFO drops.
    wire             link_rx_ready, port_rx_ready;

    // A frame for a link of kind 0 (pipeline.md, 2), or with this port among its members.
    wire to_link = m_link_tdest == {2'b00, LINK};
    wire to_port = m_port_tdest[PORT];
    wire link_room, port_room;
    assign m_link_tready = link_room | ~to_link;
    assign m_port_tready = port_room | ~to_port;

    wire no_link = m_link_tvalid & m_link_tlast & ~to_link;
    wire no_port = m_port_tvalid & m_port_tlast & ~to_port;
    initial elsewhere = 32'h0;
    always @(posedge clk) elsewhere <= elsewhere + {31'h0, no_link} + {31'h0, no_port};

    vireo_frame_fifo #(.K(64), .ADDRESS(ADDRESS), .DROP(1)) link_rx (
        .s_clk(link_rx_clk), .s_rst(link_rx_rst), .s_valid(link_rx_tvalid), .s_ready(link_rx_ready),
        .s_data(link_rx_tdata), .s_keep(link_rx_tkeep), .s_last(link_rx_tlast), .s_bad(link_rx_tuser),
        .m_clk(clk), .m_rst(rst), .m_valid(s_link_tvalid), .m_ready(s_link_tready),
        .m_data(s_link_tdata), .m_keep(s_link_tkeep), .m_last(s_link_tlast), .m_bad(s_link_bad),
        .count_clk(clk), .dropped(link_rx_dropped)
    );
    vireo_frame_fifo #(.K(64), .ADDRESS(ADDRESS), .DROP(1)) port_rx (
        .s_clk(port_rx_clk), .s_rst(port_rx_rst), .s_valid(port_rx_tvalid), .s_ready(port_rx_ready),
        .s_data(port_rx_tdata), .s_keep(port_rx_tkeep), .s_last(port_rx_tlast), .s_bad(port_rx_tuser),
        .m_clk(clk), .m_rst(rst), .m_valid(s_port_tvalid), .m_ready(s_port_tready),
        .m_data(s_port_tdata), .m_keep(s_port_tkeep), .m_last(s_port_tlast), .m_bad(s_port_bad),
        .count_clk(clk), .dropped(port_rx_dropped)
    );
    vireo_frame_fifo #(.K(64), .ADDRESS(ADDRESS), .DROP(0)) link_tx (
        .s_clk(clk), .s_rst(rst), .s_valid(m_link_tvalid & to_link), .s_ready(link_room),
        .s_data(m_link_tdata), .s_keep(m_link_tkeep), .s_last(m_link_tlast), .s_bad(m_link_tuser[0]),
        .m_clk(link_tx_clk), .m_rst(link_tx_rst), .m_valid(link_tx_tvalid), .m_ready(link_tx_tready),
        .m_data(link_tx_tdata), .m_keep(link_tx_tkeep), .m_last(link_tx_tlast), .m_bad(link_tx_tuser),
        .count_clk(clk), .dropped(link_tx_dropped)
    );
    vireo_frame_fifo #(.K(64), .ADDRESS(ADDRESS), .DROP(0)) port_tx (
        .s_clk(clk), .s_rst(rst), .s_valid(m_port_tvalid & to_port), .s_ready(port_room),
        .s_data(m_port_tdata), .s_keep(m_port_tkeep), .s_last(m_port_tlast), .s_bad(m_port_tuser[0]),
        .m_clk(port_tx_clk), .m_rst(port_tx_rst), .m_valid(port_tx_tvalid), .m_ready(port_tx_tready),
        .m_data(port_tx_tdata), .m_keep(port_tx_tkeep), .m_last(port_tx_tlast), .m_bad(port_tx_tuser),
        .count_clk(clk), .dropped(port_tx_dropped)
    );

    vireo_machine vireo (
        .clk(clk), .rst(rst),
        .s_port_tvalid(s_port_tvalid), .s_port_tready(s_port_tready), .s_port_tdata(s_port_tdata),
        .s_port_tkeep(s_port_tkeep), .s_port_tlast(s_port_tlast), .s_port_tid({2'b00, PORT}),
        .s_port_tuser({7'd127, 4'h0, s_port_bad}),
        .m_link_tvalid(m_link_tvalid), .m_link_tready(m_link_tready), .m_link_tdata(m_link_tdata),
        .m_link_tkeep(m_link_tkeep), .m_link_tlast(m_link_tlast), .m_link_tdest(m_link_tdest),
        .m_link_tuser(m_link_tuser),
        .s_link_tvalid(s_link_tvalid), .s_link_tready(s_link_tready), .s_link_tdata(s_link_tdata),
        .s_link_tkeep(s_link_tkeep), .s_link_tlast(s_link_tlast), .s_link_tid({2'b00, LINK}),
        .s_link_tuser({4'h0, s_link_bad}),
        .m_port_tvalid(m_port_tvalid), .m_port_tready(m_port_tready), .m_port_tdata(m_port_tdata),
        .m_port_tkeep(m_port_tkeep), .m_port_tlast(m_port_tlast), .m_port_tdest(m_port_tdest),
        .m_port_tid(m_port_tid), .m_port_tuser(m_port_tuser),
        .s_axil_awvalid(s_axil_awvalid), .s_axil_awready(s_axil_awready), .s_axil_awaddr(s_axil_awaddr),
        .s_axil_wvalid(s_axil_wvalid), .s_axil_wready(s_axil_wready), .s_axil_wdata(s_axil_wdata),
        .s_axil_wstrb(s_axil_wstrb),
        .s_axil_bvalid(s_axil_bvalid), .s_axil_bready(s_axil_bready), .s_axil_bresp(s_axil_bresp),
        .s_axil_arvalid(s_axil_arvalid), .s_axil_arready(s_axil_arready), .s_axil_araddr(s_axil_araddr),
        .s_axil_rvalid(s_axil_rvalid), .s_axil_rready(s_axil_rready), .s_axil_rdata(s_axil_rdata),
        .s_axil_rresp(s_axil_rresp),
        .irq(irq)
    );

    // Priorities, and where a control frame came from, have no place at a MAC.
    wire unused = &{1'b0, link_rx_ready, port_rx_ready, m_link_tuser[4:1], m_port_tuser[4:1], m_port_tid};
endmodule

`default_nettype wire
