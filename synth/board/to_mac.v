// SPDX-License-Identifier: MIT
//
// The core's beats of eight become octets for a MAC, which must not wait inside a frame: a frame starts when it is there whole.
// A frame that is marked bad goes no further.
`default_nettype none

module to_mac (
    input  wire        clk,
    input  wire        rst,
    input  wire        s_tvalid,
    output wire        s_tready,
    input  wire [63:0] s_tdata,
    input  wire [7:0]  s_tkeep,
    input  wire        s_tlast,
    input  wire        s_bad,       // with s_tlast
    output wire [31:0] lost,        // frames that were marked bad, or too long
    input  wire        mac_clk,
    input  wire        mac_rst,
    output reg         mac_valid,
    input  wire        mac_ready,
    output wire [7:0]  mac_data,
    output wire        mac_last
);
    wire        word_valid, word_last;
    wire [63:0] word;
    wire [7:0]  word_keep;
    wire        take;
    vireo_frame_fifo #(.K(8), .ADDRESS(9), .DROP_BAD(1)) whole (
        .s_clk(clk), .s_rst(rst), .s_valid(s_tvalid), .s_ready(s_tready),
        .s_data(s_tdata), .s_keep(s_tkeep), .s_last(s_tlast), .s_bad(s_bad),
        .m_clk(mac_clk), .m_rst(mac_rst), .m_valid(word_valid), .m_ready(take),
        .m_data(word), .m_keep(word_keep), .m_last(word_last), .m_bad(),
        .count_clk(clk), .dropped(lost)
    );

    reg [63:0] beat;        // the octet that is offered stands in bits 7:0
    reg [7:0]  left;        // a bit an octet: it, and those behind it
    reg        beat_last;
    wire       taken = mac_valid && mac_ready;
    wire       spent = !mac_valid || (taken && !left[1]);
    assign take      = spent && word_valid;
    assign mac_data  = beat[7:0];
    assign mac_last  = beat_last && !left[1];

    always @(posedge mac_clk) begin
        if (spent) begin
            mac_valid <= word_valid;
            beat      <= word;
            left      <= word_keep;
            beat_last <= word_last;
        end else if (taken) begin
            beat <= beat >> 8;
            left <= left >> 1;
        end
        if (mac_rst) mac_valid <= 0;
    end
endmodule

`default_nettype wire
