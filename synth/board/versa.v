// SPDX-License-Identifier: MIT
//
// Vireo on the Lattice Versa ECP5 board: a link on its first RGMII port, a host on its second, the registers at its serial
// port. What goes where, clocks, and the serial line's protocol: docs/board.md.
`default_nettype none

module versa #(
    parameter        CORE_DIVISOR = 6,        // of 500 MHz: the core's clock
    parameter [15:0] BIT_CLOCKS   = 723,      // core clocks in a bit of the serial line: 115200 Bd
    parameter        SILENCE      = 57870,    // core clocks after which a command is given up: 80 bits, 8 octets
    parameter [23:0] PHY_RESET    = 2000000,  // core clocks for which the PHYs are held in reset: 24 ms
    parameter        PORTS        = 8
) (
    input  wire       clk100,
    input  wire       rst_n,
    input  wire       serial_rx,
    output wire       serial_tx,
    output wire [7:0] led_n,

    output wire       link_rst_n,
    input  wire       link_rx_clk,
    input  wire       link_rx_ctl,
    input  wire [3:0] link_rx_data,
    output wire       link_tx_clk,
    output wire       link_tx_ctl,
    output wire [3:0] link_tx_data,

    output wire       host_rst_n,
    input  wire       host_rx_clk,
    input  wire       host_rx_ctl,
    input  wire [3:0] host_rx_data,
    output wire       host_tx_clk,
    output wire       host_tx_ctl,
    output wire [3:0] host_tx_data
);
    // Clocks: 500 MHz inside the PLL, from it 125 MHz for the MACs, and the core's.
    // Kept are the names that the build looks for.
    (* keep *) wire clk, mac_clk;
    wire locked;
    (* ICP_CURRENT = "12" *) (* LPF_RESISTOR = "8" *) (* MFG_ENABLE_FILTEROPAMP = "1" *) (* MFG_GMCREF_SEL = "2" *)
    EHXPLLL #(
        .PLLRST_ENA   ("ENABLED"),
        .FEEDBK_PATH  ("CLKOP"),
        .CLKI_DIV     (4),
        .CLKFB_DIV    (5),
        .CLKOP_ENABLE ("ENABLED"),
        .CLKOP_DIV    (4),
        .CLKOP_CPHASE (3),
        .CLKOP_FPHASE (0),
        .CLKOS_ENABLE ("ENABLED"),
        .CLKOS_DIV    (CORE_DIVISOR),
        .CLKOS_CPHASE (CORE_DIVISOR - 1),
        .CLKOS_FPHASE (0)
    ) pll (
        .RST         (!rst_n),
        .STDBY       (1'b0),
        .CLKI        (clk100),
        .CLKFB       (mac_clk),
        .CLKOP       (mac_clk),
        .CLKOS       (clk),
        .PHASESEL0   (1'b0),
        .PHASESEL1   (1'b0),
        .PHASEDIR    (1'b0),
        .PHASESTEP   (1'b0),
        .PHASELOADREG(1'b0),
        .PLLWAKESYNC (1'b0),
        .ENCLKOP     (1'b0),
        .ENCLKOS     (1'b0),
        .LOCK        (locked)
    );

    // Resets: both clocks' are released in step with them, when the PLL has locked; the PHYs' later.
    wire rst, mac_rst;
    reset_release core_release(.clk(clk),     .locked(locked), .rst(rst));
    reset_release mac_release (.clk(mac_clk), .locked(locked), .rst(mac_rst));

    reg [23:0] phy_clocks;
    reg        phy_rst_n;
    always @(posedge clk) begin
        if (phy_clocks == PHY_RESET) phy_rst_n <= 1;
        else phy_clocks <= phy_clocks + 1;
        if (rst) begin
            phy_clocks <= 0;
            phy_rst_n  <= 0;
        end
    end
    assign link_rst_n = phy_rst_n;
    assign host_rst_n = phy_rst_n;

    // The host's port. Frames for other ports than port 0 have nowhere to go; control frames go to the host.
    wire           s_port_tvalid, s_port_tready, s_port_tlast, s_port_bad;
    wire [63:0]    s_port_tdata;
    wire [7:0]     s_port_tkeep;
    wire           m_port_tvalid, m_port_tready, m_port_tlast;
    wire [63:0]    m_port_tdata;
    wire [7:0]     m_port_tkeep;
    wire [PORTS:0] m_port_tdest;
    wire [4:0]     m_port_tuser;
    wire           to_host = m_port_tdest[0] || m_port_tdest[PORTS];
    wire           host_ready;
    wire [31:0]    host_full, host_dropped;
    assign m_port_tready = host_ready || !to_host;
    board_port host (
        .clk(clk), .rst(rst), .mac_clk(mac_clk), .mac_rst(mac_rst),
        .rgmii_rx_clk(host_rx_clk), .rgmii_rx_ctl(host_rx_ctl), .rgmii_rx_data(host_rx_data),
        .rgmii_tx_clk(host_tx_clk), .rgmii_tx_ctl(host_tx_ctl), .rgmii_tx_data(host_tx_data),
        .m_tvalid(s_port_tvalid), .m_tready(s_port_tready), .m_tdata(s_port_tdata), .m_tkeep(s_port_tkeep),
        .m_tlast(s_port_tlast), .m_bad(s_port_bad), .m_lost(host_full),
        .s_tvalid(m_port_tvalid && to_host), .s_tready(host_ready), .s_tdata(m_port_tdata), .s_tkeep(m_port_tkeep),
        .s_tlast(m_port_tlast), .s_bad(m_port_tuser[0]), .s_lost(host_dropped)
    );

    // The link. Frames for other links than link 0 have nowhere to go; control frames go to the link.
    wire        s_link_tvalid, s_link_tready, s_link_tlast, s_link_bad;
    wire [63:0] s_link_tdata;
    wire [7:0]  s_link_tkeep;
    wire        m_link_tvalid, m_link_tready, m_link_tlast;
    wire [63:0] m_link_tdata;
    wire [7:0]  m_link_tkeep;
    wire [7:0]  m_link_tdest;
    wire [4:0]  m_link_tuser;
    wire        to_link = m_link_tdest[5:0] == 0 || m_link_tdest[7:6] == 3;
    wire        link_ready;
    wire [31:0] link_full, link_dropped;
    assign m_link_tready = link_ready || !to_link;
    board_port link (
        .clk(clk), .rst(rst), .mac_clk(mac_clk), .mac_rst(mac_rst),
        .rgmii_rx_clk(link_rx_clk), .rgmii_rx_ctl(link_rx_ctl), .rgmii_rx_data(link_rx_data),
        .rgmii_tx_clk(link_tx_clk), .rgmii_tx_ctl(link_tx_ctl), .rgmii_tx_data(link_tx_data),
        .m_tvalid(s_link_tvalid), .m_tready(s_link_tready), .m_tdata(s_link_tdata), .m_tkeep(s_link_tkeep),
        .m_tlast(s_link_tlast), .m_bad(s_link_bad), .m_lost(link_full),
        .s_tvalid(m_link_tvalid && to_link), .s_tready(link_ready), .s_tdata(m_link_tdata), .s_tkeep(m_link_tkeep),
        .s_tlast(m_link_tlast), .s_bad(m_link_tuser[0]), .s_lost(link_dropped)
    );

    // The serial line.
    wire        rx_valid, tx_valid, tx_ready;
    wire [7:0]  rx_data, tx_data;
    uart #(.DIVISOR(BIT_CLOCKS)) line (
        .clk(clk), .rst(rst), .rx(serial_rx), .tx(serial_tx),
        .rx_valid(rx_valid), .rx_data(rx_data), .tx_valid(tx_valid), .tx_ready(tx_ready), .tx_data(tx_data)
    );

    wire        awvalid, awready, wvalid, wready, bvalid, bready, arvalid, arready, rvalid, rready;
    wire [11:0] awaddr, araddr, board_address;
    wire [31:0] wdata, rdata;
    wire [3:0]  wstrb;
    wire [1:0]  bresp, rresp;
    reg  [31:0] board_data;
    reg         board_there;
    serial_master #(.SILENCE(SILENCE)) registers (
        .clk(clk), .rst(rst),
        .rx_valid(rx_valid), .rx_data(rx_data), .tx_valid(tx_valid), .tx_ready(tx_ready), .tx_data(tx_data),
        .m_axil_awvalid(awvalid), .m_axil_awready(awready), .m_axil_awaddr(awaddr),
        .m_axil_wvalid(wvalid), .m_axil_wready(wready), .m_axil_wdata(wdata), .m_axil_wstrb(wstrb),
        .m_axil_bvalid(bvalid), .m_axil_bready(bready), .m_axil_bresp(bresp),
        .m_axil_arvalid(arvalid), .m_axil_arready(arready), .m_axil_araddr(araddr),
        .m_axil_rvalid(rvalid), .m_axil_rready(rready), .m_axil_rdata(rdata), .m_axil_rresp(rresp),
        .board_address(board_address), .board_data(board_data), .board_there(board_there)
    );

    // Frames that the board itself has lost, since configuration.
    wire [3:0] odd = {host_full[0], link_full[0], host_dropped[0], link_dropped[0]};
    reg  [3:0] was_odd;
    always @(posedge clk) begin
        was_odd     <= odd;
        board_there <= board_address <= 12'h010;
        case (board_address)
            12'h000: board_data <= 32'h56455253;  // "VERS"
            12'h004: board_data <= host_full;
            12'h008: board_data <= link_full;
            12'h00c: board_data <= host_dropped;
            12'h010: board_data <= link_dropped;
            default: begin
                board_data  <= 0;
                board_there <= 0;
            end
        endcase
    end

    // The machine.
    wire irq;
    vireo_machine machine (
        .clk(clk), .rst(rst),
        .s_port_tvalid(s_port_tvalid), .s_port_tready(s_port_tready), .s_port_tdata(s_port_tdata),
        .s_port_tkeep(s_port_tkeep), .s_port_tlast(s_port_tlast), .s_port_tid(8'd0),
        .s_port_tuser({11'd0, s_port_tlast && s_port_bad}),
        .m_link_tvalid(m_link_tvalid), .m_link_tready(m_link_tready), .m_link_tdata(m_link_tdata),
        .m_link_tkeep(m_link_tkeep), .m_link_tlast(m_link_tlast), .m_link_tdest(m_link_tdest), .m_link_tuser(m_link_tuser),
        .s_link_tvalid(s_link_tvalid), .s_link_tready(s_link_tready), .s_link_tdata(s_link_tdata),
        .s_link_tkeep(s_link_tkeep), .s_link_tlast(s_link_tlast), .s_link_tid(8'd0),
        .s_link_tuser({4'd0, s_link_tlast && s_link_bad}),
        .m_port_tvalid(m_port_tvalid), .m_port_tready(m_port_tready), .m_port_tdata(m_port_tdata),
        .m_port_tkeep(m_port_tkeep), .m_port_tlast(m_port_tlast), .m_port_tdest(m_port_tdest), .m_port_tid(),
        .m_port_tuser(m_port_tuser),
        .s_axil_awvalid(awvalid), .s_axil_awready(awready), .s_axil_awaddr(awaddr),
        .s_axil_wvalid(wvalid), .s_axil_wready(wready), .s_axil_wdata(wdata), .s_axil_wstrb(wstrb),
        .s_axil_bvalid(bvalid), .s_axil_bready(bready), .s_axil_bresp(bresp),
        .s_axil_arvalid(arvalid), .s_axil_arready(arready), .s_axil_araddr(araddr),
        .s_axil_rvalid(rvalid), .s_axil_rready(rready), .s_axil_rdata(rdata), .s_axil_rresp(rresp),
        .irq(irq)
    );

    // LEDs, lit by 0: running, interrupt, serial line, a frame lost; frames in and out at the host's port and at the link.
    wire unused = &{1'b0, m_port_tuser[4:1], m_link_tuser[4:1]};
    wire [5:0] seen = {
        m_link_tvalid, s_link_tvalid, m_port_tvalid, s_port_tvalid,
        odd != was_odd, rx_valid
    };
    wire [5:0] shown;
    genvar i;
    generate
        for (i = 0; i < 6; i = i + 1) begin : lamps
            reg [22:0] clocks;
            assign shown[i] = clocks != 0;
            always @(posedge clk) begin
                if (shown[i]) clocks <= clocks - 1;
                if (seen[i])  clocks <= ~23'd0;
                if (rst)      clocks <= 0;
            end
        end
    endgenerate
    assign led_n = ~{shown[5:2], shown[1], shown[0], irq, !rst};
endmodule

`default_nettype wire
