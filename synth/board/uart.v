// SPDX-License-Identifier: MIT
//
// A serial line, 8N1: octets in and out. An octet without its stop bit is noise, and is not given on.
// Parameter: DIVISOR clocks in a bit, 4 at least
`default_nettype none

module uart #(
    parameter [15:0] DIVISOR = 868
) (
    input  wire       clk,
    input  wire       rst,
    input  wire       rx,
    output reg        rx_valid,  // for one clock
    output reg  [7:0] rx_data,
    output wire       tx,
    input  wire       tx_valid,
    output wire       tx_ready,
    input  wire [7:0] tx_data
);
    localparam [15:0] BIT  = DIVISOR - 16'd1;
    localparam [15:0] HALF = DIVISOR / 16'd2 - 16'd1;

    reg        in0, in1;
    reg        receiving;
    reg [3:0]  in_bits;     // bits sampled, the start bit among them
    reg [15:0] in_clocks;   // until the next sample

    always @(posedge clk) begin
        in0      <= rx;
        in1      <= in0;
        rx_valid <= 0;
        if (!receiving) begin
            receiving <= !in1;
            in_bits   <= 0;
            in_clocks <= HALF;
        end else if (in_clocks != 0) begin
            in_clocks <= in_clocks - 1;
        end else begin
            in_clocks <= BIT;
            in_bits   <= in_bits + 1;
            if (in_bits == 0) begin
                receiving <= !in1;
            end else if (in_bits <= 8) begin
                rx_data <= {in1, rx_data[7:1]};
            end else begin
                rx_valid  <= in1;
                receiving <= 0;
            end
        end
        if (rst) begin
            {in0, in1} <= 2'b11;
            receiving  <= 0;
            rx_valid   <= 0;
        end
    end

    reg [9:0]  out;         // the bit on the line is bit 0; ones behind the stop bit
    reg [3:0]  out_bits;    // left
    reg [15:0] out_clocks;  // left of this bit
    assign tx       = out[0];
    assign tx_ready = out_bits == 0;

    always @(posedge clk) begin
        if (out_clocks != 0) begin
            out_clocks <= out_clocks - 1;
        end else if (out_bits != 0) begin
            out        <= {1'b1, out[9:1]};
            out_bits   <= out_bits - 1;
            out_clocks <= BIT;
        end
        if (tx_valid && tx_ready) begin
            out        <= {1'b1, tx_data, 1'b0};
            out_bits   <= 10;
            out_clocks <= BIT;
        end
        if (rst) begin
            out        <= 10'h3ff;
            out_bits   <= 0;
            out_clocks <= 0;
        end
    end
endmodule

`default_nettype wire
