// SPDX-License-Identifier: MIT
//
// Stands in for the machine where only the board around it is looked at: what comes in on one side leaves on the other. A
// register reads as its address; the one at 0xf00 answers so late that nobody waits for it any more.
module vireo_machine (
    input  wire        clk,
    input  wire        rst,
    input  wire        s_port_tvalid,
    output wire        s_port_tready,
    input  wire [63:0] s_port_tdata,
    input  wire [7:0]  s_port_tkeep,
    input  wire        s_port_tlast,
    input  wire [7:0]  s_port_tid,
    input  wire [11:0] s_port_tuser,
    output wire        m_link_tvalid,
    input  wire        m_link_tready,
    output wire [63:0] m_link_tdata,
    output wire [7:0]  m_link_tkeep,
    output wire        m_link_tlast,
    output wire [7:0]  m_link_tdest,
    output wire [4:0]  m_link_tuser,
    input  wire        s_link_tvalid,
    output wire        s_link_tready,
    input  wire [63:0] s_link_tdata,
    input  wire [7:0]  s_link_tkeep,
    input  wire        s_link_tlast,
    input  wire [7:0]  s_link_tid,
    input  wire [4:0]  s_link_tuser,
    output wire        m_port_tvalid,
    input  wire        m_port_tready,
    output wire [63:0] m_port_tdata,
    output wire [7:0]  m_port_tkeep,
    output wire        m_port_tlast,
    output wire [8:0]  m_port_tdest,
    output wire [7:0]  m_port_tid,
    output wire [4:0]  m_port_tuser,
    input  wire        s_axil_awvalid,
    output wire        s_axil_awready,
    input  wire [11:0] s_axil_awaddr,
    input  wire        s_axil_wvalid,
    output wire        s_axil_wready,
    input  wire [31:0] s_axil_wdata,
    input  wire [3:0]  s_axil_wstrb,
    output reg         s_axil_bvalid,
    input  wire        s_axil_bready,
    output wire [1:0]  s_axil_bresp,
    input  wire        s_axil_arvalid,
    output wire        s_axil_arready,
    input  wire [11:0] s_axil_araddr,
    output reg         s_axil_rvalid,
    input  wire        s_axil_rready,
    output reg  [31:0] s_axil_rdata,
    output wire [1:0]  s_axil_rresp,
    output wire        irq
);
    assign {m_link_tvalid, m_link_tdata, m_link_tkeep, m_link_tlast, m_link_tuser, s_port_tready} =
        {s_port_tvalid, s_port_tdata, s_port_tkeep, s_port_tlast, s_port_tuser[4:0], m_link_tready};
    assign {m_port_tvalid, m_port_tdata, m_port_tkeep, m_port_tlast, m_port_tuser, s_link_tready} =
        {s_link_tvalid, s_link_tdata, s_link_tkeep, s_link_tlast, s_link_tuser, m_port_tready};
    assign {m_link_tdest, m_port_tdest, m_port_tid, s_axil_bresp, s_axil_rresp, irq} = {8'd0, 9'd1, 13'd0};
    assign {s_axil_awready, s_axil_wready, s_axil_arready} = 3'b111;
    reg [16:0] clocks;
    always @(posedge clk) begin
        s_axil_bvalid <= s_axil_wvalid;
        s_axil_rvalid <= clocks == 1;
        if (clocks != 0) clocks <= clocks - 1;
        if (s_axil_arvalid) begin
            clocks       <= s_axil_araddr == 12'hf00 ? 100000 : 1;
            s_axil_rdata <= {20'd0, s_axil_araddr};
        end
        if (rst) clocks <= 0;
    end
    wire unused = &{1'b0, s_port_tid, s_port_tuser[11:5], s_link_tid, s_axil_awvalid, s_axil_awaddr, s_axil_wdata,
        s_axil_wstrb, s_axil_bready, s_axil_rready};
endmodule
