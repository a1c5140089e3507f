// SPDX-License-Identifier: MIT
//
// Block RAM with output registers: port A reads, port B reads or writes. Zero at power-up.
// A row that port A reads in the clock in which port B writes it is undefined: the user of the memory bypasses it.
// In simulation it is the old row's complement, so that a missing bypass shows.
// Parameters: WIDTH bits in a row, 2**ADDRESS rows
// Latency: 2 clocks to read
`default_nettype none

module vireo_block_ram #(
    parameter WIDTH   = 8,
    parameter ADDRESS = 8
) (
    input  wire               clk,
    input  wire               a_enable,
    input  wire [ADDRESS-1:0] a_addr,
    output reg  [WIDTH-1:0]   a_data,
    input  wire               b_write,
    input  wire [ADDRESS-1:0] b_addr,
    input  wire [WIDTH-1:0]   b_wdata,
    output reg  [WIDTH-1:0]   b_rdata
);
    (* no_rw_check, ram_style = "block" *)
    reg [WIDTH-1:0] rows [0:(1 << ADDRESS)-1];
    reg [WIDTH-1:0] a_raw;
    reg [WIDTH-1:0] b_raw;

    integer row;
    initial begin
        for (row = 0; row < (1 << ADDRESS); row = row + 1) begin
            rows[row] = {WIDTH{1'b0}};
        end
        a_raw   = {WIDTH{1'b0}};
        a_data  = {WIDTH{1'b0}};
        b_raw   = {WIDTH{1'b0}};
        b_rdata = {WIDTH{1'b0}};
    end

    always @(posedge clk) begin
        if (a_enable) begin
`ifdef SYNTHESIS
            a_raw <= rows[a_addr];
`else
            a_raw <= (b_write && a_addr == b_addr) ? ~rows[a_addr] : rows[a_addr];
`endif
            a_data <= a_raw;
        end
    end

    always @(posedge clk) begin
        if (b_write) begin
            rows[b_addr] <= b_wdata;
        end else begin
            b_raw <= rows[b_addr];
        end
        b_rdata <= b_raw;
    end
endmodule

`default_nettype wire
