// SPDX-License-Identifier: MIT
//
// A count that grows by one at most in a clock, as another clock sees it: a while later, but never a value that it
// never had. In Gray code one bit changes at a step, so a step caught half way is the count before it or behind it.
// vireo_gray_crossing.xdc finds the crossing by the names `gray` and `meta`.
// Latency: 1 clock of s_clk, 2 to 3 of m_clk, and 1 to decode
`default_nettype none

module vireo_gray_crossing #(
    parameter WIDTH = 8
) (
    input  wire             s_clk,
    input  wire [WIDTH-1:0] s_count,
    input  wire             m_clk,
    output reg  [WIDTH-1:0] m_count
);
    reg [WIDTH-1:0] gray;
    (* ASYNC_REG = "TRUE" *) reg [WIDTH-1:0] meta;
    (* ASYNC_REG = "TRUE" *) reg [WIDTH-1:0] settled;

    initial begin
        gray    = {WIDTH{1'b0}};
        meta    = {WIDTH{1'b0}};
        settled = {WIDTH{1'b0}};
        m_count = {WIDTH{1'b0}};
    end

    always @(posedge s_clk) gray <= s_count ^ (s_count >> 1);

    integer bit_;
    always @(posedge m_clk) begin
        meta    <= gray;
        settled <= meta;
        for (bit_ = 0; bit_ < WIDTH; bit_ = bit_ + 1) m_count[bit_] <= ^(settled >> bit_);
    end
endmodule

`default_nettype wire
