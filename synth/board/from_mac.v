// SPDX-License-Identifier: MIT
//
// Octets that a MAC has received become beats of eight in the core's clock, frame by frame. What comes in cannot wait: a frame
// for which there is no room is lost whole. A frame whose check sequence was wrong goes on, marked, so that the core counts it.
`default_nettype none

module from_mac (
    input  wire        mac_clk,
    input  wire        mac_rst,
    input  wire        mac_valid,
    input  wire [7:0]  mac_data,
    input  wire        mac_last,
    input  wire        mac_error,   // of the frame, with mac_last
    output wire        mac_lost,    // for one clock
    input  wire        clk,
    input  wire        rst,
    output wire        m_tvalid,
    input  wire        m_tready,
    output wire [63:0] m_tdata,
    output wire [7:0]  m_tkeep,
    output wire        m_tlast,
    output wire        m_bad
);
    reg  [2:0]  place;      // of the next octet
    reg  [63:0] beat;
    reg  [2:0]  end_place;  // of the beat's last octet
    reg         beat_valid, beat_last, beat_bad;

    always @(posedge mac_clk) begin
        beat_valid <= mac_valid && (mac_last || place == 7);
        if (mac_valid) begin
            beat[8*place +: 8] <= mac_data;
            end_place          <= place;
            beat_last          <= mac_last;
            beat_bad           <= mac_last && mac_error;
            place              <= mac_last ? 0 : place + 1;
        end
        if (mac_rst) begin
            place      <= 0;
            beat_valid <= 0;
        end
    end

    wire [2:0] m_end_place;
    frame_fifo #(.WIDTH(67), .WAIT(0), .DROP_BAD(0)) frames (
        .w_clk  (mac_clk),
        .w_rst  (mac_rst),
        .w_valid(beat_valid),
        .w_ready(),
        .w_data ({end_place, beat}),
        .w_last (beat_last),
        .w_bad  (beat_bad),
        .w_lost (mac_lost),
        .r_clk  (clk),
        .r_rst  (rst),
        .r_valid(m_tvalid),
        .r_ready(m_tready),
        .r_data ({m_end_place, m_tdata}),
        .r_last (m_tlast),
        .r_bad  (m_bad)
    );
    assign m_tkeep = 8'hff >> (3'd7 - m_end_place);
endmodule

`default_nettype wire
