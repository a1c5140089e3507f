// SPDX-License-Identifier: MIT
// Printed from the block in Rust: change it there, not here.
//
// Counts while it is busy.
// Latency: 1 clock
`default_nettype none

module vireo_machine (
    input  wire       clk,
    input  wire       rst,
    input  wire       go,
    input  wire       stop,
    output wire       busy,
    output wire [5:0] count
);
    localparam [1:0] PHASE_BUSY = 2'b01;
    localparam [1:0] PHASE_DONE = 2'b10;
    localparam [1:0] PHASE_IDLE = 2'b00;

    reg  [1:0] phase;
    reg  [5:0] counter;

    assign busy = phase == PHASE_BUSY;
    assign count = counter;

    initial begin
        phase = 2'b00;
        counter = 6'h0;
    end

    always @(posedge clk) begin
        if (rst) begin
            phase <= PHASE_IDLE;
        end else if (phase == PHASE_IDLE) begin
            if (go) begin
                phase <= PHASE_BUSY;
            end
        end else if (busy) begin
            if (stop) begin
                phase <= PHASE_DONE;
            end
        end else begin
            phase <= PHASE_IDLE;
        end
        if (phase == PHASE_IDLE) begin
            if (go) begin
                counter <= 6'h0;
            end
        end else if (busy) begin
            counter <= counter + 6'h1;
        end
    end
endmodule

`default_nettype wire
