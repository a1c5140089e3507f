// SPDX-License-Identifier: MIT
//
// One Ethernet port of the board: RGMII pins, LiteEth's MAC (generated), and the memories between its clock and the core's.
`default_nettype none

module board_port (
    input  wire        clk,
    input  wire        rst,
    input  wire        mac_clk,  // 125 MHz
    input  wire        mac_rst,

    input  wire        rgmii_rx_clk,
    input  wire        rgmii_rx_ctl,
    input  wire [3:0]  rgmii_rx_data,
    output wire        rgmii_tx_clk,
    output wire        rgmii_tx_ctl,
    output wire [3:0]  rgmii_tx_data,

    // Received, to the core.
    output wire        m_tvalid,
    input  wire        m_tready,
    output wire [63:0] m_tdata,
    output wire [7:0]  m_tkeep,
    output wire        m_tlast,
    output wire        m_bad,
    output wire [31:0] m_lost,   // frames for which there was no room
    // From the core, to be sent.
    input  wire        s_tvalid,
    output wire        s_tready,
    input  wire [63:0] s_tdata,
    input  wire [7:0]  s_tkeep,
    input  wire        s_tlast,
    input  wire        s_bad,
    output wire [31:0] s_lost    // frames that were marked bad, or too long
);
    wire       rx_valid, rx_last, rx_error, tx_valid, tx_ready, tx_last;
    wire [7:0] rx_data, tx_data;
    versa_mac mac (
        .clk          (mac_clk),
        .rst          (mac_rst),
        .rgmii_rx_clk (rgmii_rx_clk),
        .rgmii_rx_ctl (rgmii_rx_ctl),
        .rgmii_rx_data(rgmii_rx_data),
        .rgmii_tx_clk (rgmii_tx_clk),
        .rgmii_tx_ctl (rgmii_tx_ctl),
        .rgmii_tx_data(rgmii_tx_data),
        .rx_valid     (rx_valid),
        .rx_data      (rx_data),
        .rx_last      (rx_last),
        .rx_error     (rx_error),
        .tx_valid     (tx_valid),
        .tx_ready     (tx_ready),
        .tx_data      (tx_data),
        .tx_last      (tx_last)
    );

    from_mac receive (
        .mac_clk  (mac_clk),
        .mac_rst  (mac_rst),
        .mac_valid(rx_valid),
        .mac_data (rx_data),
        .mac_last (rx_last),
        .mac_error(rx_error),
        .clk      (clk),
        .rst      (rst),
        .m_tvalid (m_tvalid),
        .m_tready (m_tready),
        .m_tdata  (m_tdata),
        .m_tkeep  (m_tkeep),
        .m_tlast  (m_tlast),
        .m_bad    (m_bad),
        .lost     (m_lost)
    );

    to_mac send (
        .clk      (clk),
        .rst      (rst),
        .s_tvalid (s_tvalid),
        .s_tready (s_tready),
        .s_tdata  (s_tdata),
        .s_tkeep  (s_tkeep),
        .s_tlast  (s_tlast),
        .s_bad    (s_bad),
        .lost     (s_lost),
        .mac_clk  (mac_clk),
        .mac_rst  (mac_rst),
        .mac_valid(tx_valid),
        .mac_ready(tx_ready),
        .mac_data (tx_data),
        .mac_last (tx_last)
    );
endmodule

`default_nettype wire
