// SPDX-License-Identifier: MIT
//
// An AXI4-Lite master at the end of a serial line: commands come as octets, answers go as octets (docs/board.md). One command
// at a time; an octet that comes while one is carried out is lost.
//
// A command that is not whole or not right has no effect and no answer: the other end waits, and asks again. Silence ends
// whatever has come of a command, so that after noise the next one is understood.
// Addresses below 0x1000 are the machine's. 0x1000 and above are read from `board_data`, and cannot be written.
// Parameters: SILENCE clocks end a command; PATIENCE clocks the machine has to answer
`default_nettype none

module serial_master #(
    parameter SILENCE  = 138889,
    parameter PATIENCE = 65535
) (
    input  wire        clk,
    input  wire        rst,

    input  wire        rx_valid,
    input  wire [7:0]  rx_data,
    output wire        tx_valid,
    input  wire        tx_ready,
    output wire [7:0]  tx_data,

    output reg         m_axil_awvalid,
    input  wire        m_axil_awready,
    output wire [11:0] m_axil_awaddr,
    output reg         m_axil_wvalid,
    input  wire        m_axil_wready,
    output wire [31:0] m_axil_wdata,
    output wire [3:0]  m_axil_wstrb,
    input  wire        m_axil_bvalid,
    output wire        m_axil_bready,
    input  wire [1:0]  m_axil_bresp,
    output reg         m_axil_arvalid,
    input  wire        m_axil_arready,
    output wire [11:0] m_axil_araddr,
    input  wire        m_axil_rvalid,
    output wire        m_axil_rready,
    input  wire [31:0] m_axil_rdata,
    input  wire [1:0]  m_axil_rresp,

    output wire [11:0] board_address,
    input  wire [31:0] board_data,
    input  wire        board_there   // there is something at this address
);
    localparam [7:0] COMMAND = 8'h56;
    localparam [7:0] ANSWER  = 8'h76;
    localparam [3:0] READ    = 4'h1;
    localparam [3:0] WRITE   = 4'h2;
    localparam [3:0] OK      = 4'h0;
    localparam [3:0] REFUSED = 4'h1;
    localparam [3:0] SILENT  = 4'h2;

    // CRC-8, polynomial x^8 + x^2 + x + 1, from 0xff; over a whole message with its check octet it is 0.
    function [7:0] checked(input [7:0] so_far, input [7:0] octet);
        integer i;
        reg [7:0] crc;
        begin
            crc = so_far ^ octet;
            for (i = 0; i < 8; i = i + 1) crc = {crc[6:0], 1'b0} ^ (crc[7] ? 8'h07 : 8'h00);
            checked = crc;
        end
    endfunction

    localparam [1:0] LISTENS = 0, ACTS = 1, TALKS = 2;
    reg [1:0]  state;
    reg [3:0]  place;       // octets of this message that have come, or gone
    reg [7:0]  crc;
    reg [31:0] clocks;      // of silence on the line; or of the machine
    reg [3:0]  kind;
    reg [3:0]  strobes;
    reg [7:0]  number;
    reg [15:0] address;
    reg [31:0] data;
    reg [3:0]  status;
    reg        owed;        // the machine owes an answer to a command that was given up

    wire [7:0] crc_now = checked(crc, rx_data);
    wire       whole   = place == (kind == WRITE ? 9 : 5);
    wire       ours    = address[15:12] != 0;

    assign m_axil_awaddr = address[11:0];
    assign m_axil_araddr = address[11:0];
    assign m_axil_wdata  = data;
    assign m_axil_wstrb  = strobes;
    // At most one is owed; it is taken whenever it comes.
    assign m_axil_bready = 1;
    assign m_axil_rready = 1;
    assign board_address = address[11:0];

    wire answered = m_axil_bvalid || m_axil_rvalid;
    wire [1:0] response = m_axil_bvalid ? m_axil_bresp : m_axil_rresp;

    // The octets of an answer: ANSWER, kind and status, sequence, a good read's data, check.
    wire       carries_data = kind == READ && status == OK;
    wire [3:0] end_place    = carries_data ? 7 : 3;
    reg  [7:0] octet;
    always @* begin
        case (place)
            0:       octet = ANSWER;
            1:       octet = {kind, status};
            2:       octet = number;
            3:       octet = data[7:0];
            4:       octet = data[15:8];
            5:       octet = data[23:16];
            default: octet = data[31:24];
        endcase
    end
    assign tx_valid = state == TALKS;
    assign tx_data  = place == end_place ? crc : octet;

    always @(posedge clk) begin
        if (m_axil_awready) m_axil_awvalid <= 0;
        if (m_axil_wready)  m_axil_wvalid  <= 0;
        if (m_axil_arready) m_axil_arvalid <= 0;
        if (answered) owed <= 0;

        case (state)
            LISTENS: begin
                clocks <= clocks + 1;
                if (clocks == SILENCE) place <= 0;
                if (rx_valid) begin
                    clocks <= 0;
                    crc    <= crc_now;
                    place  <= place + 1;
                    case (place)
                        0: begin
                            crc <= checked(8'hff, rx_data);
                            if (rx_data != COMMAND) place <= 0;
                        end
                        1: begin
                            {kind, strobes} <= rx_data;
                            if (rx_data != {READ, 4'h0} && rx_data[7:4] != WRITE) begin
                                // Nothing that we know; but a command may begin here.
                                place <= rx_data == COMMAND ? 1 : 0;
                                crc   <= checked(8'hff, rx_data);
                            end
                        end
                        2:       number     <= rx_data;
                        3:       address[7:0]  <= rx_data;
                        4:       address[15:8] <= rx_data;
                        default: if (!whole) data <= {rx_data, data[31:8]};
                    endcase
                    if (place > 4 && whole) begin
                        place <= 0;
                        if (crc_now == 0) begin
                            status <= SILENT;
                            crc    <= 8'hff;
                            // What the machine owes to an older command must not answer this one.
                            state  <= ours || !owed ? ACTS : TALKS;
                            if (!ours && !owed) begin
                                owed           <= 1;
                                m_axil_awvalid <= kind == WRITE;
                                m_axil_wvalid  <= kind == WRITE;
                                m_axil_arvalid <= kind == READ;
                            end
                        end
                    end
                end
            end
            ACTS: begin
                clocks <= clocks + 1;
                if (ours) begin
                    status <= kind == READ && address[15:12] == 1 && board_there ? OK : REFUSED;
                    data   <= board_data;
                end else if (answered) begin
                    status <= response == 0 ? OK : REFUSED;
                    if (kind == READ) data <= m_axil_rdata;
                end
                if (ours || answered || clocks == PATIENCE) state <= TALKS;
            end
            default: begin
                clocks <= 0;
                if (tx_ready) begin
                    place <= place + 1;
                    crc   <= checked(crc, octet);
                    if (place == end_place) begin
                        place <= 0;
                        state <= LISTENS;
                    end
                end
            end
        endcase

        if (rst) begin
            state          <= LISTENS;
            place          <= 0;
            clocks         <= 0;
            owed           <= 0;
            m_axil_awvalid <= 0;
            m_axil_wvalid  <= 0;
            m_axil_arvalid <= 0;
        end
    end
endmodule

`default_nettype wire
