// SPDX-License-Identifier: MIT
//
// Small memory, read without a clock: flip-flops or distributed RAM. Zero at power-up.
// Parameters: WIDTH bits in a row, 2**ADDRESS rows
// Latency: none to read; a row that is written is seen from the next clock on
`default_nettype none

module vireo_row_ram #(
    parameter WIDTH   = 8,
    parameter ADDRESS = 4
) (
    input  wire               clk,
    input  wire [ADDRESS-1:0] addr,
    output wire [WIDTH-1:0]   data,
    input  wire               write,
    input  wire [ADDRESS-1:0] waddr,
    input  wire [WIDTH-1:0]   wdata
);
    reg [WIDTH-1:0] rows [0:(1 << ADDRESS)-1];

    integer row;
    initial begin
        for (row = 0; row < (1 << ADDRESS); row = row + 1) begin
            rows[row] = {WIDTH{1'b0}};
        end
    end

    assign data = rows[addr];

    always @(posedge clk) begin
        if (write) begin
            rows[waddr] <= wdata;
        end
    end
endmodule

`default_nettype wire
