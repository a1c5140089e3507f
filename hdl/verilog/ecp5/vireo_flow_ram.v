// SPDX-License-Identifier: MIT
//
// Memory with a port that reads, with an output register, and one that writes, for Lattice ECP5, to be used instead of the
// array of the same name: up to 32 rows distributed RAM, up to 512 block RAM with rows of 36 bits, else as vireo_block_ram.
// A row that is read in the clock in which it is written is undefined: the user of the memory bypasses it.
// Parameters: WIDTH bits in a row, 2**ADDRESS rows, ADDRESS 14 at most
// Latency: 2 clocks to read
`default_nettype none

module vireo_flow_ram #(
    parameter WIDTH   = 8,
    parameter ADDRESS = 8
) (
    input  wire               clk,
    input  wire               enable,
    input  wire [ADDRESS-1:0] addr,
    output wire [WIDTH-1:0]   data,
    input  wire               write,
    input  wire [ADDRESS-1:0] waddr,
    input  wire [WIDTH-1:0]   wdata
);
    localparam SLICES = (WIDTH + 35) / 36;

    genvar slice;
    generate
        if (ADDRESS <= 5) begin : shallow
            (* ram_style = "distributed" *)
            reg [WIDTH-1:0] rows [0:(1 << ADDRESS)-1];
            reg [WIDTH-1:0] raw;
            reg [WIDTH-1:0] shown;
            assign data = shown;

            integer row;
            initial begin
                for (row = 0; row < (1 << ADDRESS); row = row + 1) begin
                    rows[row] = {WIDTH{1'b0}};
                end
                raw   = {WIDTH{1'b0}};
                shown = {WIDTH{1'b0}};
            end

            wire [WIDTH-1:0] there = rows[addr];
            always @(posedge clk) begin
                if (enable) begin
                    raw   <= there;
                    shown <= raw;
                end
                if (write) begin
                    rows[waddr] <= wdata;
                end
            end
        end else if (ADDRESS <= 9) begin : wide
            wire [SLICES*36-1:0] all_in  = wdata;
            wire [SLICES*36-1:0] all_out;
            wire [8:0]           read_at  = addr;
            wire [8:0]           write_at = waddr;
            assign data = all_out[WIDTH-1:0];

            for (slice = 0; slice < SLICES; slice = slice + 1) begin : slices
                wire [35:0] in = all_in[slice*36 +: 36];
                wire [35:0] out;
                assign all_out[slice*36 +: 36] = out;

                // The primitive's output has its halves the other way round than its input.
                PDPW16KD #(
                    .DATA_WIDTH_W(36), .DATA_WIDTH_R(36), .REGMODE("OUTREG"),
                    .RESETMODE("SYNC"), .ASYNC_RESET_RELEASE("SYNC"), .GSR("DISABLED"),
                    .CSDECODE_W("0b000"), .CSDECODE_R("0b000"),
                    .CLKWMUX("CLKW"), .CLKRMUX("CLKR")
                ) ram (
                    .CLKW(clk), .CEW(write), .CSW0(1'b0), .CSW1(1'b0), .CSW2(1'b0),
                    .BE0(1'b1), .BE1(1'b1), .BE2(1'b1), .BE3(1'b1),
                    .ADW0(write_at[0]), .ADW1(write_at[1]), .ADW2(write_at[2]), .ADW3(write_at[3]), .ADW4(write_at[4]),
                    .ADW5(write_at[5]), .ADW6(write_at[6]), .ADW7(write_at[7]), .ADW8(write_at[8]),
                    .DI0(in[0]), .DI1(in[1]), .DI2(in[2]), .DI3(in[3]), .DI4(in[4]), .DI5(in[5]),
                    .DI6(in[6]), .DI7(in[7]), .DI8(in[8]), .DI9(in[9]), .DI10(in[10]), .DI11(in[11]),
                    .DI12(in[12]), .DI13(in[13]), .DI14(in[14]), .DI15(in[15]), .DI16(in[16]), .DI17(in[17]),
                    .DI18(in[18]), .DI19(in[19]), .DI20(in[20]), .DI21(in[21]), .DI22(in[22]), .DI23(in[23]),
                    .DI24(in[24]), .DI25(in[25]), .DI26(in[26]), .DI27(in[27]), .DI28(in[28]), .DI29(in[29]),
                    .DI30(in[30]), .DI31(in[31]), .DI32(in[32]), .DI33(in[33]), .DI34(in[34]), .DI35(in[35]),
                    .CLKR(clk), .CER(enable), .OCER(enable), .RST(1'b0), .CSR0(1'b0), .CSR1(1'b0), .CSR2(1'b0),
                    .ADR0(1'b0), .ADR1(1'b0), .ADR2(1'b0), .ADR3(1'b0), .ADR4(1'b0),
                    .ADR5(read_at[0]), .ADR6(read_at[1]), .ADR7(read_at[2]), .ADR8(read_at[3]), .ADR9(read_at[4]),
                    .ADR10(read_at[5]), .ADR11(read_at[6]), .ADR12(read_at[7]), .ADR13(read_at[8]),
                    .DO0(out[18]), .DO1(out[19]), .DO2(out[20]), .DO3(out[21]), .DO4(out[22]), .DO5(out[23]),
                    .DO6(out[24]), .DO7(out[25]), .DO8(out[26]), .DO9(out[27]), .DO10(out[28]), .DO11(out[29]),
                    .DO12(out[30]), .DO13(out[31]), .DO14(out[32]), .DO15(out[33]), .DO16(out[34]), .DO17(out[35]),
                    .DO18(out[0]), .DO19(out[1]), .DO20(out[2]), .DO21(out[3]), .DO22(out[4]), .DO23(out[5]),
                    .DO24(out[6]), .DO25(out[7]), .DO26(out[8]), .DO27(out[9]), .DO28(out[10]), .DO29(out[11]),
                    .DO30(out[12]), .DO31(out[13]), .DO32(out[14]), .DO33(out[15]), .DO34(out[16]), .DO35(out[17])
                );
            end
        end else begin : deep
            vireo_block_ram #(.WIDTH(WIDTH), .ADDRESS(ADDRESS)) ram (
                .clk(clk), .a_enable(enable), .a_addr(addr), .a_data(data),
                .b_write(write), .b_addr(waddr), .b_wdata(wdata), .b_rdata()
            );
        end
    endgenerate
endmodule

`default_nettype wire
