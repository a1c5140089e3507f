// SPDX-License-Identifier: MIT
//
// The machine between registers, for place and route: it has more pins than a part does. What goes in is brought by a
// chain of registers to one of its own, what comes out is registered and folded into one pin, so each of the machine's pins is timed
// as inside a chip.
// Parameters: WIDTH bits of a stream, PORTS ports of the machine
`default_nettype none

module vireo_harness #(
    parameter WIDTH = 128,
    parameter PORTS = 32
) (
    input  wire clk,
    input  wire d,
    output wire q
);
    localparam KEEP = WIDTH / 8;
    localparam DEST = PORTS + 1;
    localparam IN   = 105 + 2 * (KEEP + WIDTH);
    localparam OUT  = 74 + 2 * (KEEP + WIDTH) + DEST;

    reg [IN-1:0] chain;
    reg [IN-1:0] in;
    always @(posedge clk) begin
        chain <= {chain[IN-2:0], d};
        // Of two places in the chain: a copy of one would be taken for the next.
        in <= chain ^ {chain[0], chain[IN-1:1]};
    end

    wire [OUT-1:0] out;
    vireo_machine machine (
        .clk(clk),
        .rst(in[0]),
        .s_port_tvalid(in[1]), .s_port_tlast(in[2]), .s_port_tid(in[10:3]), .s_port_tuser(in[22:11]),
        .s_link_tvalid(in[23]), .s_link_tlast(in[24]), .s_link_tid(in[32:25]), .s_link_tuser(in[37:33]),
        .m_link_tready(in[38]), .m_port_tready(in[39]),
        .s_axil_awvalid(in[40]), .s_axil_awaddr(in[52:41]),
        .s_axil_wvalid(in[53]), .s_axil_wdata(in[85:54]), .s_axil_wstrb(in[89:86]), .s_axil_bready(in[90]),
        .s_axil_arvalid(in[91]), .s_axil_araddr(in[103:92]), .s_axil_rready(in[104]),
        .s_port_tkeep(in[105 +: KEEP]), .s_port_tdata(in[105 + KEEP +: WIDTH]),
        .s_link_tkeep(in[105 + KEEP + WIDTH +: KEEP]), .s_link_tdata(in[105 + 2 * KEEP + WIDTH +: WIDTH]),
        .s_port_tready(out[0]), .s_link_tready(out[1]),
        .m_link_tvalid(out[2]), .m_link_tlast(out[3]), .m_link_tdest(out[11:4]), .m_link_tuser(out[16:12]),
        .m_port_tvalid(out[17]), .m_port_tlast(out[18]), .m_port_tid(out[26:19]), .m_port_tuser(out[31:27]),
        .s_axil_awready(out[32]), .s_axil_wready(out[33]), .s_axil_bvalid(out[34]), .s_axil_bresp(out[36:35]),
        .s_axil_arready(out[37]), .s_axil_rvalid(out[38]), .s_axil_rdata(out[70:39]), .s_axil_rresp(out[72:71]),
        .irq(out[73]),
        .m_link_tkeep(out[74 +: KEEP]), .m_link_tdata(out[74 + KEEP +: WIDTH]),
        .m_port_tkeep(out[74 + KEEP + WIDTH +: KEEP]), .m_port_tdata(out[74 + 2 * KEEP + WIDTH +: WIDTH]),
        .m_port_tdest(out[74 + 2 * KEEP + 2 * WIDTH +: DEST])
    );

    // Four to one, a register a level.
    reg [4095:0] level0;
    reg [1023:0] level1;
    reg [255:0]  level2;
    reg [63:0]   level3;
    reg [15:0]   level4;
    reg [3:0]    level5;
    reg          level6;
    integer i;
    always @(posedge clk) begin
        level0 <= out;
        for (i = 0; i < 1024; i = i + 1) level1[i] <= ^level0[4*i +: 4];
        for (i = 0; i < 256; i = i + 1) level2[i] <= ^level1[4*i +: 4];
        for (i = 0; i < 64; i = i + 1) level3[i] <= ^level2[4*i +: 4];
        for (i = 0; i < 16; i = i + 1) level4[i] <= ^level3[4*i +: 4];
        for (i = 0; i < 4; i = i + 1) level5[i] <= ^level4[4*i +: 4];
        level6 <= ^level5;
    end
    assign q = level6;
endmodule

`default_nettype wire
