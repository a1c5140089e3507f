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
    output wire        s_lost,      // for one clock
    input  wire        mac_clk,
    input  wire        mac_rst,
    output reg         mac_valid,
    input  wire        mac_ready,
    output wire [7:0]  mac_data,
    output wire        mac_last
);
    reg [2:0] s_end_place;
    always @* begin
        casez (s_tkeep)
            8'b1???????: s_end_place = 7;
            8'b01??????: s_end_place = 6;
            8'b001?????: s_end_place = 5;
            8'b0001????: s_end_place = 4;
            8'b00001???: s_end_place = 3;
            8'b000001??: s_end_place = 2;
            8'b0000001?: s_end_place = 1;
            default:     s_end_place = 0;
        endcase
    end

    wire        word_valid, word_last;
    wire [63:0] word;
    wire [2:0]  word_end;
    wire        take;
    frame_fifo #(.WIDTH(67), .WAIT(1), .DROP_BAD(1)) frames (
        .w_clk  (clk),
        .w_rst  (rst),
        .w_valid(s_tvalid),
        .w_ready(s_tready),
        .w_data ({s_end_place, s_tdata}),
        .w_last (s_tlast),
        .w_bad  (s_bad),
        .w_lost (s_lost),
        .r_clk  (mac_clk),
        .r_rst  (mac_rst),
        .r_valid(word_valid),
        .r_ready(take),
        .r_data ({word_end, word}),
        .r_last (word_last),
        .r_bad  ()
    );

    reg [63:0] beat;        // the octet that is offered stands in bits 7:0
    reg [2:0]  left;        // octets behind it
    reg        beat_last;
    wire       taken = mac_valid && mac_ready;
    wire       spent = !mac_valid || (taken && left == 0);
    assign take      = spent && word_valid;
    assign mac_data  = beat[7:0];
    assign mac_last  = beat_last && left == 0;

    always @(posedge mac_clk) begin
        if (spent) begin
            mac_valid <= word_valid;
            beat      <= word;
            left      <= word_end;
            beat_last <= word_last;
        end else if (taken) begin
            beat <= beat >> 8;
            left <= left - 1;
        end
        if (mac_rst) mac_valid <= 0;
    end
endmodule

`default_nettype wire
