// SPDX-License-Identifier: MIT
// What Lattice's manual says of PDPW16KD, as far as vireo_flow_ram uses it: rows of 36 bits, output registers; the halves of
// the output are the other way round than those of the input. A collision reads the old row's complement.
module PDPW16KD (
    input CLKW, CEW, CSW0, CSW1, CSW2, BE0, BE1, BE2, BE3, CLKR, CER, OCER, RST, CSR0, CSR1, CSR2, ADW0, ADW1, ADW2, ADW3, ADW4, ADW5, ADW6, ADW7, ADW8, ADR0, ADR1, ADR2, ADR3, ADR4, ADR5, ADR6, ADR7, ADR8, ADR9, ADR10, ADR11, ADR12, ADR13, DI0, DI1, DI2, DI3, DI4, DI5, DI6, DI7, DI8, DI9, DI10, DI11, DI12, DI13, DI14, DI15, DI16, DI17, DI18, DI19, DI20, DI21, DI22, DI23, DI24, DI25, DI26, DI27, DI28, DI29, DI30, DI31, DI32, DI33, DI34, DI35,
    output DO0, DO1, DO2, DO3, DO4, DO5, DO6, DO7, DO8, DO9, DO10, DO11, DO12, DO13, DO14, DO15, DO16, DO17, DO18, DO19, DO20, DO21, DO22, DO23, DO24, DO25, DO26, DO27, DO28, DO29, DO30, DO31, DO32, DO33, DO34, DO35
);
    parameter DATA_WIDTH_W = 36, DATA_WIDTH_R = 36, REGMODE = "NOREG", RESETMODE = "SYNC", ASYNC_RESET_RELEASE = "SYNC";
    parameter GSR = "ENABLED", CSDECODE_W = "0b000", CSDECODE_R = "0b000", CLKWMUX = "CLKW", CLKRMUX = "CLKR";
    reg [35:0] rows [0:511];
    reg [35:0] raw = 0, shown = 0;
    integer i;
    initial begin
        for (i = 0; i < 512; i = i + 1) rows[i] = 0;
        if (REGMODE != "OUTREG") $display("differs: PDPW16KD without output register");
    end
    wire [8:0] write_at = {ADW8, ADW7, ADW6, ADW5, ADW4, ADW3, ADW2, ADW1, ADW0};
    wire [8:0] read_at = {ADR13, ADR12, ADR11, ADR10, ADR9, ADR8, ADR7, ADR6, ADR5};
    wire write = CEW && BE0 && BE1 && BE2 && BE3;
    wire [35:0] in = {DI35, DI34, DI33, DI32, DI31, DI30, DI29, DI28, DI27, DI26, DI25, DI24, DI23, DI22, DI21, DI20, DI19, DI18, DI17, DI16, DI15, DI14, DI13, DI12, DI11, DI10, DI9, DI8, DI7, DI6, DI5, DI4, DI3, DI2, DI1, DI0};
    assign {DO17, DO16, DO15, DO14, DO13, DO12, DO11, DO10, DO9, DO8, DO7, DO6, DO5, DO4, DO3, DO2, DO1, DO0, DO35, DO34, DO33, DO32, DO31, DO30, DO29, DO28, DO27, DO26, DO25, DO24, DO23, DO22, DO21, DO20, DO19, DO18} = shown;
    always @(posedge CLKR) begin
        if (OCER) shown <= raw;
        if (CER) raw <= rows[read_at] ^ {36{write && write_at == read_at}};
    end
    always @(posedge CLKW) if (write) rows[write_at] <= in;
endmodule
