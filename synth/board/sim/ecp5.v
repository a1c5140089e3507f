// SPDX-License-Identifier: MIT
//
// What the board uses of Lattice's ECP5 primitives, as far as a simulation of two-valued signals needs it.
// Time unit: 1 ns.
`default_nettype none

// The PLL, with feedback from CLKOP. Its input is 100 MHz, and what comes out are whole nanoseconds.
module EHXPLLL #(
    parameter PLLRST_ENA   = "ENABLED",
    parameter FEEDBK_PATH  = "CLKOP",
    parameter CLKI_DIV     = 1,
    parameter CLKFB_DIV    = 1,
    parameter CLKOP_ENABLE = "ENABLED",
    parameter CLKOP_DIV    = 1,
    parameter CLKOP_CPHASE = 0,
    parameter CLKOP_FPHASE = 0,
    parameter CLKOS_ENABLE = "DISABLED",
    parameter CLKOS_DIV    = 1,
    parameter CLKOS_CPHASE = 0,
    parameter CLKOS_FPHASE = 0
) (
    input  wire RST,
    input  wire STDBY,
    input  wire CLKI,
    input  wire CLKFB,
    input  wire PHASESEL0,
    input  wire PHASESEL1,
    input  wire PHASEDIR,
    input  wire PHASESTEP,
    input  wire PHASELOADREG,
    input  wire PLLWAKESYNC,
    input  wire ENCLKOP,
    input  wire ENCLKOS,
    output reg  CLKOP,
    output reg  CLKOS,
    output wire LOCK
);
    // Nanoseconds between two edges.
    localparam OP = 10 * CLKI_DIV / CLKFB_DIV / 2;
    localparam OS = 10 * CLKI_DIV * CLKOS_DIV / (CLKFB_DIV * CLKOP_DIV) / 2;
    initial begin
        if (OP * 2 * CLKFB_DIV != 10 * CLKI_DIV || OS * 2 * CLKFB_DIV * CLKOP_DIV != 10 * CLKI_DIV * CLKOS_DIV)
            $fatal(1, "EHXPLLL: a clock that is not of whole nanoseconds");
    end
    initial CLKOP = 0;
    initial CLKOS = 0;
    always #OP CLKOP = !CLKOP;
    always #OS CLKOS = !CLKOS;

    // Locked some clocks after reset.
    reg [3:0] clocks = 0;
    assign LOCK = clocks == 15;
    always @(posedge CLKI or posedge RST) begin
        if (RST) clocks <= 0;
        else if (!LOCK) clocks <= clocks + 1;
    end

    wire unused = &{1'b0, STDBY, CLKFB, PHASESEL0, PHASESEL1, PHASEDIR, PHASESTEP, PHASELOADREG, PLLWAKESYNC, ENCLKOP, ENCLKOS};
endmodule

// Double data rate in: what stood at the rising edge and what stood at the falling edge behind it appear together.
module IDDRX1F (
    input  wire SCLK,
    input  wire D,
    output reg  Q0,
    output reg  Q1
);
    reg high, low;
    always @(posedge SCLK) high <= D;
    always @(negedge SCLK) low <= D;
    always @(posedge SCLK) begin
        Q0 <= high;
        Q1 <= low;
    end
endmodule

// Double data rate out: D0 while the clock is 1, then D1.
module ODDRX1F (
    input  wire SCLK,
    input  wire D0,
    input  wire D1,
    output wire Q
);
    reg high, low, later;
    always @(posedge SCLK) begin
        high  <= D0;
        later <= D1;
    end
    always @(negedge SCLK) low <= later;
    assign Q = SCLK ? high : low;
endmodule

// A delay at a pin. It is there to meet the delay of the clock's tree, which does not exist here either.
module DELAYG #(
    parameter DEL_MODE  = "SCLK_ALIGNED",
    parameter DEL_VALUE = 0
) (
    input  wire A,
    output wire Z
);
    assign Z = A;
endmodule

// A flip-flop with an asynchronous preset.
module FD1S3BX (
    input  wire CK,
    input  wire D,
    input  wire PD,
    output reg  Q
);
    always @(posedge CK or posedge PD) begin
        if (PD) Q <= 1;
        else Q <= D;
    end
endmodule

`default_nettype wire
