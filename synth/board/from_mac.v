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
    input  wire        clk,
    input  wire        rst,
    output wire        m_tvalid,
    input  wire        m_tready,
    output wire [63:0] m_tdata,
    output wire [7:0]  m_tkeep,
    output wire        m_tlast,
    output wire        m_bad,
    output wire [31:0] lost         // frames for which there was no room
);
    reg  [2:0]  place;      // of the next octet
    reg  [63:0] beat;
    reg  [7:0]  keep;
    reg         beat_valid, beat_last, beat_bad;

    always @(posedge mac_clk) begin
        beat_valid <= mac_valid && (mac_last || place == 7);
        if (mac_valid) begin
            beat[8*place +: 8] <= mac_data;
            keep               <= 8'hff >> (3'd7 - place);
            beat_last          <= mac_last;
            beat_bad           <= mac_last && mac_error;
            place              <= mac_last ? 0 : place + 1;
        end
        if (mac_rst) begin
            place      <= 0;
            beat_valid <= 0;
        end
    end

    vireo_frame_fifo #(.K(8), .ADDRESS(9), .DROP(1)) whole (
        .s_clk(mac_clk), .s_rst(mac_rst), .s_valid(beat_valid), .s_ready(),
        .s_data(beat), .s_keep(keep), .s_last(beat_last), .s_bad(beat_bad),
        .m_clk(clk), .m_rst(rst), .m_valid(m_tvalid), .m_ready(m_tready),
        .m_data(m_tdata), .m_keep(m_tkeep), .m_last(m_tlast), .m_bad(m_bad),
        .count_clk(clk), .dropped(lost)
    );
endmodule

`default_nettype wire
