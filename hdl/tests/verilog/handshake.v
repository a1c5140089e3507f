// SPDX-License-Identifier: MIT
// Printed from the block in Rust: change it there, not here.
//
// Register slice of a stream.
// Latency: 1 clock
`default_nettype none

module vireo_handshake (
    input  wire        clk,
    input  wire        rst,
    input  wire [15:0] s_data,
    input  wire        s_valid,
    output wire        s_ready,
    output wire [15:0] m_data,
    output wire        m_valid,
    input  wire        m_ready
);
    reg  [15:0] out;
    reg         valid;
    reg  [15:0] skid;
    reg         skid_valid;

    assign s_ready = ~skid_valid;
    assign m_data = out;
    assign m_valid = valid;

    initial begin
        out = 16'h0;
        valid = 1'b0;
        skid = 16'h0;
        skid_valid = 1'b0;
    end

    always @(posedge clk) begin
        if (~valid | m_ready) begin
            if (skid_valid) begin
                out <= skid;
            end else begin
                out <= s_data;
            end
        end else if (s_valid & s_ready) begin
            skid <= s_data;
        end
        if (rst) begin
            valid <= 1'b0;
            skid_valid <= 1'b0;
        end else if (~valid | m_ready) begin
            if (skid_valid) begin
                valid <= 1'b1;
                skid_valid <= 1'b0;
            end else begin
                valid <= s_valid;
            end
        end else if (s_valid & s_ready) begin
            skid_valid <= 1'b1;
        end
    end
endmodule

`default_nettype wire
