// SPDX-License-Identifier: MIT
//
// Memory with a port that reads, with an output register, and one that writes. Zero at power-up.
// A row that is read in the clock in which it is written is undefined: the user of the memory bypasses it.
// In simulation it is the old row's complement, so that a missing bypass shows.
// Parameters: WIDTH bits in a row, 2**ADDRESS rows
// Latency: 2 clocks to read
`default_nettype none

module vireo_flow_ram #(
    parameter WIDTH   = 8,
    parameter ADDRESS = 8
) (
    input  wire               clk,
    input  wire               enable,
    input  wire [ADDRESS-1:0] addr,
    output reg  [WIDTH-1:0]   data,
    input  wire               write,
    input  wire [ADDRESS-1:0] waddr,
    input  wire [WIDTH-1:0]   wdata
);
    (* no_rw_check *)
    reg [WIDTH-1:0] rows [0:(1 << ADDRESS)-1];
    reg [WIDTH-1:0] raw;

    integer row;
    initial begin
        for (row = 0; row < (1 << ADDRESS); row = row + 1) begin
            rows[row] = {WIDTH{1'b0}};
        end
        raw  = {WIDTH{1'b0}};
        data = {WIDTH{1'b0}};
    end

    always @(posedge clk) begin
        if (enable) begin
`ifdef SYNTHESIS
            raw <= rows[addr];
`else
            raw <= (write && addr == waddr) ? ~rows[addr] : rows[addr];
`endif
            data <= raw;
        end
        if (write) begin
            rows[waddr] <= wdata;
        end
    end
endmodule

`default_nettype wire
