// SPDX-License-Identifier: MIT
//
// Block RAM with output registers for Lattice ECP5, to be used instead of the array of the same name: Yosys does not
// put a register behind an array into the DP16KD, and the primitive's clock-to-output without it is 4.3 to 5.8 ns.
// A row that port A reads in the clock in which port B writes it is undefined: the user of the memory bypasses it.
// Parameters: WIDTH bits in a row, 2**ADDRESS rows, ADDRESS 14 at most
// Latency: 2 clocks to read
`default_nettype none

module vireo_block_ram #(
    parameter WIDTH   = 8,
    parameter ADDRESS = 8
) (
    input  wire               clk,
    input  wire               a_enable,
    input  wire [ADDRESS-1:0] a_addr,
    output wire [WIDTH-1:0]   a_data,
    input  wire               b_write,
    input  wire [ADDRESS-1:0] b_addr,
    input  wire [WIDTH-1:0]   b_wdata,
    output wire [WIDTH-1:0]   b_rdata
);
    // A primitive is 18 bits wide at 1024 rows and becomes narrower as it becomes deeper.
    localparam SLICE  = ADDRESS <= 10 ? 18 : ADDRESS == 11 ? 9 : ADDRESS == 12 ? 4 : ADDRESS == 13 ? 2 : 1;
    localparam SHIFT  = ADDRESS <= 10 ? 4 : 14 - ADDRESS;
    localparam SLICES = (WIDTH + SLICE - 1) / SLICE;

    wire [SLICES*SLICE-1:0] wdata = b_wdata;
    wire [SLICES*SLICE-1:0] data;
    wire [SLICES*SLICE-1:0] rdata;
    assign a_data  = data[WIDTH-1:0];
    assign b_rdata = rdata[WIDTH-1:0];

    // Address bits 0 and 1 are the write enables of the two bytes where a row has 18 bits.
    wire [13:0] low  = SLICE == 18 ? 14'h3 : 14'h0;
    wire [13:0] a_at = (a_addr << SHIFT) | low;
    wire [13:0] b_at = (b_addr << SHIFT) | low;

    genvar slice;
    generate
        for (slice = 0; slice < SLICES; slice = slice + 1) begin : slices
            wire [17:0] a_out;
            wire [17:0] b_out;
            wire [17:0] b_in = wdata[slice*SLICE +: SLICE];
            assign data[slice*SLICE +: SLICE]  = a_out[SLICE-1:0];
            assign rdata[slice*SLICE +: SLICE] = b_out[SLICE-1:0];

            DP16KD #(
                .DATA_WIDTH_A(SLICE), .DATA_WIDTH_B(SLICE),
                .REGMODE_A("OUTREG"), .REGMODE_B("OUTREG"),
                .WRITEMODE_A("NORMAL"), .WRITEMODE_B("NORMAL"),
                .RESETMODE("SYNC"), .ASYNC_RESET_RELEASE("SYNC"), .GSR("DISABLED"),
                .CSDECODE_A("0b000"), .CSDECODE_B("0b000"),
                .CLKAMUX("CLKA"), .CLKBMUX("CLKB")
            ) ram (
                .CLKA(clk), .CEA(a_enable), .OCEA(a_enable), .WEA(1'b0), .RSTA(1'b0),
                .CSA0(1'b0), .CSA1(1'b0), .CSA2(1'b0),
                .ADA0(a_at[0]), .ADA1(a_at[1]), .ADA2(a_at[2]), .ADA3(a_at[3]), .ADA4(a_at[4]),
                .ADA5(a_at[5]), .ADA6(a_at[6]), .ADA7(a_at[7]), .ADA8(a_at[8]), .ADA9(a_at[9]),
                .ADA10(a_at[10]), .ADA11(a_at[11]), .ADA12(a_at[12]), .ADA13(a_at[13]),
                .DIA0(1'b0), .DIA1(1'b0), .DIA2(1'b0), .DIA3(1'b0), .DIA4(1'b0), .DIA5(1'b0), .DIA6(1'b0),
                .DIA7(1'b0), .DIA8(1'b0), .DIA9(1'b0), .DIA10(1'b0), .DIA11(1'b0), .DIA12(1'b0),
                .DIA13(1'b0), .DIA14(1'b0), .DIA15(1'b0), .DIA16(1'b0), .DIA17(1'b0),
                .DOA0(a_out[0]), .DOA1(a_out[1]), .DOA2(a_out[2]), .DOA3(a_out[3]), .DOA4(a_out[4]),
                .DOA5(a_out[5]), .DOA6(a_out[6]), .DOA7(a_out[7]), .DOA8(a_out[8]), .DOA9(a_out[9]),
                .DOA10(a_out[10]), .DOA11(a_out[11]), .DOA12(a_out[12]), .DOA13(a_out[13]),
                .DOA14(a_out[14]), .DOA15(a_out[15]), .DOA16(a_out[16]), .DOA17(a_out[17]),
                .CLKB(clk), .CEB(1'b1), .OCEB(1'b1), .WEB(b_write), .RSTB(1'b0),
                .CSB0(1'b0), .CSB1(1'b0), .CSB2(1'b0),
                .ADB0(b_at[0]), .ADB1(b_at[1]), .ADB2(b_at[2]), .ADB3(b_at[3]), .ADB4(b_at[4]),
                .ADB5(b_at[5]), .ADB6(b_at[6]), .ADB7(b_at[7]), .ADB8(b_at[8]), .ADB9(b_at[9]),
                .ADB10(b_at[10]), .ADB11(b_at[11]), .ADB12(b_at[12]), .ADB13(b_at[13]),
                .DIB0(b_in[0]), .DIB1(b_in[1]), .DIB2(b_in[2]), .DIB3(b_in[3]), .DIB4(b_in[4]),
                .DIB5(b_in[5]), .DIB6(b_in[6]), .DIB7(b_in[7]), .DIB8(b_in[8]), .DIB9(b_in[9]),
                .DIB10(b_in[10]), .DIB11(b_in[11]), .DIB12(b_in[12]), .DIB13(b_in[13]), .DIB14(b_in[14]),
                .DIB15(b_in[15]), .DIB16(b_in[16]), .DIB17(b_in[17]),
                .DOB0(b_out[0]), .DOB1(b_out[1]), .DOB2(b_out[2]), .DOB3(b_out[3]), .DOB4(b_out[4]),
                .DOB5(b_out[5]), .DOB6(b_out[6]), .DOB7(b_out[7]), .DOB8(b_out[8]), .DOB9(b_out[9]),
                .DOB10(b_out[10]), .DOB11(b_out[11]), .DOB12(b_out[12]), .DOB13(b_out[13]),
                .DOB14(b_out[14]), .DOB15(b_out[15]), .DOB16(b_out[16]), .DOB17(b_out[17])
            );
        end
    endgenerate
endmodule

`default_nettype wire
