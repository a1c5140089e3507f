// SPDX-License-Identifier: MIT
//
// A reset that comes at once and goes in step with the clock.
`default_nettype none

module reset_release (
    input  wire clk,
    input  wire locked,
    output wire rst
);
    reg [2:0] hold;
    assign rst = hold[2];
    always @(posedge clk or negedge locked) begin
        if (!locked) hold <= 3'b111;
        else hold <= {hold[1:0], 1'b0};
    end
endmodule

`default_nettype wire
