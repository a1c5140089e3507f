// SPDX-License-Identifier: MIT
//
// The wrapper between two MACs, each with clocks of its own: every frame arrives whole, tagged or untagged, in order and
// once, or is counted as dropped. What a frame of a stream holds follows from its serial number, so whoever sees one knows what
// it has to be. `simulate.py` runs it; +seed=N repeats a run.
`timescale 1ps / 1ps
`default_nettype none

// One direction's traffic: frames go in at one MAC's receiver, and come out at the other's transmitter.
module vireo_traffic #(
    parameter STREAM  = 0,
    parameter ENCAPSULATE = 1
) (
    input  wire         rx_clk,
    output reg          rx_rst,
    output reg          rx_tvalid,
    output reg  [511:0] rx_tdata,
    output reg  [63:0]  rx_tkeep,
    output reg          rx_tlast,
    output reg          rx_tuser,
    input  wire         tx_clk,
    output reg          tx_rst,
    input  wire         tx_tvalid,
    output reg          tx_tready,
    input  wire [511:0] tx_tdata,
    input  wire [63:0]  tx_tkeep,
    input  wire         tx_tlast,
    input  wire         tx_tuser
);
    integer seed;
    integer sent = 0;      // frames whole
    integer cut = 0;       // frames that a reset ended, at either side
    integer arrived = 0;
    integer missing = 0;   // serial numbers that were passed over
    integer last_serial = -1;
    reg     stalled = 1'b0; // the transmitter takes nothing
    reg     failed = 1'b0;

    initial begin
        if (!$value$plusargs("seed=%d", seed)) seed = 1;
        seed = seed + STREAM;
        {rx_rst, rx_tvalid, rx_tlast, rx_tuser, tx_rst, tx_tready} = 6'b0;
        rx_tdata = 512'h0;
        rx_tkeep = 64'h0;
    end

    task fail(input [8*40-1:0] what, input integer serial);
        if (!failed) begin
            failed = 1'b1;
            $display("FAIL %m: %0s, frame %0d, at %0d ps", what, serial, $time);
        end
    endtask

    function [31:0] mix(input [31:0] serial, input [31:0] at);
        reg [31:0] x;
        begin
            x = serial * 32'h9E3779B1 + at * 32'h85EBCA77 + STREAM * 32'hC2B2AE3D + 32'h27D4EB2F;
            x = (x ^ (x >> 15)) * 32'h2C1B3C6D;
            mix = x ^ (x >> 13);
        end
    endfunction

    // Without tag. Serial 5 is too long for a FIFO of 64 beats, and serial 9, port to link, with its tag only.
    function integer size(input integer serial);
        reg [31:0] x;
        begin
            x = mix(serial, 32'hFFFFFFFF);
            if (serial == 5) size = 4097;
            else if (serial == 9 && ENCAPSULATE) size = 4096;
            else if (x[1:0] == 2'd0) size = 60;
            else if (x[1:0] == 2'd1) size = 60 + x[15:8] % 80;
            else size = 60 + x[31:8] % (1518 - 59);
        end
    endfunction

    function bad(input integer serial);
        bad = mix(serial, 32'hFFFFFFFE) % 16 == 0;
    endfunction

    function [7:0] octet(input integer serial, input integer at, input with_tag);
        reg [95:0] addresses;
        reg [63:0] tag;
        integer plain;
        begin
            addresses = 96'h525400000002_525400000001;
            tag = 64'h893F_0000_0014_0000; // an E-TAG of channel 20
            plain = with_tag ? at - 8 : at;
            if (at < 12) octet = addresses >> (8 * (11 - at));
            else if (with_tag && at < 20) octet = tag >> (8 * (19 - at));
            else if (plain < 14) octet = plain == 12 ? 8'h88 : 8'hB5;
            else if (plain < 18) octet = serial >> (8 * (17 - plain));
            else octet = mix(serial, plain);
        end
    endfunction

    // Sends the next frame, or, cut short by a reset, half of it.
    task send(input whole);
        integer at, lane, length, serial;
        begin
            serial = sent + cut;
            length = size(serial) + (ENCAPSULATE ? 0 : 8);
            at = 0;
            while (at < length && (whole || at < length / 2)) begin
                rx_tvalid <= 1'b1;
                for (lane = 0; lane < 64; lane = lane + 1) begin
                    rx_tdata[8*lane +: 8] <= at + lane < length ? octet(serial, at + lane, !ENCAPSULATE) : 8'hEE;
                    rx_tkeep[lane] <= at + lane < length;
                end
                at = at + 64;
                rx_tlast <= whole && at >= length;
                rx_tuser <= whole && at >= length && bad(serial);
                @(posedge rx_clk);
                rx_tvalid <= 1'b0;
                if ($random(seed) % 16 == 0) @(posedge rx_clk);
            end
            if (whole) sent = sent + 1;
            else begin
                cut = cut + 1;
                rx_rst <= 1'b1;
                repeat (5) @(posedge rx_clk);
                rx_rst <= 1'b0;
            end
        end
    endtask

    // Sends so many frames, with random gaps between them; behind the one that fills its FIFO alone it waits until that has left.
    task send_all(input integer frames, input integer gap);
        repeat (frames) begin
            send(1'b1);
            repeat ($unsigned($random(seed)) % gap) @(posedge rx_clk);
            if (size(sent + cut - 1) == 4096) repeat (2 * 64) @(posedge rx_clk);
        end
    endtask

    // Resets the transmitter in the middle of the next frame that has a middle.
    task reset_tx;
        begin
            @(posedge tx_clk);
            while (!(tx_tvalid && tx_tready && !tx_tlast)) @(posedge tx_clk);
            tx_rst <= 1'b1;
            repeat (5) @(posedge tx_clk);
            tx_rst <= 1'b0;
            cut = cut + 1;
            sent = sent - 1;
        end
    endtask

    always @(posedge tx_clk) tx_tready <= !stalled && $random(seed) % 4 != 0;

    reg [7:0]   frame [0:8191];
    reg         midway = 1'b0;
    reg         waiting = 1'b0;
    reg [577:0] offered;
    integer     length = 0;
    integer     lane, at, serial;
    always @(posedge tx_clk) begin
        if (tx_rst) begin
            midway = 1'b0;
            waiting = 1'b0;
            length = 0;
        end else begin
            if (midway && !tx_tvalid) fail("a gap inside a frame", last_serial + 1);
            if (waiting && (!tx_tvalid || offered !== {tx_tuser, tx_tlast, tx_tkeep, tx_tdata}))
                fail("a beat that did not wait", last_serial + 1);
            offered = {tx_tuser, tx_tlast, tx_tkeep, tx_tdata};
            waiting = tx_tvalid && !tx_tready;
            if (tx_tvalid && tx_tready) begin
                if (tx_tkeep == 0 || (tx_tkeep & (tx_tkeep + 1)) != 0 || (!tx_tlast && ~tx_tkeep != 0))
                    fail("tkeep", last_serial + 1);
                for (lane = 0; lane < 64; lane = lane + 1) if (tx_tkeep[lane]) begin
                    frame[length] = tx_tdata[8*lane +: 8];
                    length = length + 1;
                end
                midway = !tx_tlast;
                if (tx_tlast) begin
                    at = ENCAPSULATE ? 22 : 14;
                    serial = {frame[at], frame[at+1], frame[at+2], frame[at+3]};
                    if (serial <= last_serial || serial >= sent + cut + 1) fail("order", serial);
                    else begin
                        missing = missing + serial - last_serial - 1;
                        last_serial = serial;
                        arrived = arrived + 1;
                        if (length != size(serial) + (ENCAPSULATE ? 8 : 0)) fail("length", serial);
                        if (tx_tuser !== bad(serial)) fail("tuser", serial);
                        for (at = 0; at < length; at = at + 1)
                            if (frame[at] !== octet(serial, at, ENCAPSULATE)) fail("octets", serial);
                    end
                    length = 0;
                end
            end
        end
    end
endmodule

module vireo_mac_wrapper_tb;
    // No two of these are in step: 250 MHz; 322.3, 322.2, 312.5 and 312.6 MHz.
    reg clk = 1'b0, link_rx_clk = 1'b0, link_tx_clk = 1'b0, port_rx_clk = 1'b0, port_tx_clk = 1'b0;
    always #2000 clk = ~clk;
    always #1551 link_rx_clk = ~link_rx_clk;
    always #1552 link_tx_clk = ~link_tx_clk;
    always #1600 port_rx_clk = ~port_rx_clk;
    always #1599 port_tx_clk = ~port_tx_clk;

    reg rst = 1'b1;
    wire         link_rx_rst, link_rx_tvalid, link_rx_tlast, link_rx_tuser;
    wire [511:0] link_rx_tdata;
    wire [63:0]  link_rx_tkeep;
    wire         link_tx_rst, link_tx_tvalid, link_tx_tready, link_tx_tlast, link_tx_tuser;
    wire [511:0] link_tx_tdata;
    wire [63:0]  link_tx_tkeep;
    wire         port_rx_rst, port_rx_tvalid, port_rx_tlast, port_rx_tuser;
    wire [511:0] port_rx_tdata;
    wire [63:0]  port_rx_tkeep;
    wire         port_tx_rst, port_tx_tvalid, port_tx_tready, port_tx_tlast, port_tx_tuser;
    wire [511:0] port_tx_tdata;
    wire [63:0]  port_tx_tkeep;
    wire [31:0]  link_rx_dropped, port_rx_dropped, elsewhere, link_tx_dropped, port_tx_dropped;

    reg         awvalid = 1'b0, wvalid = 1'b0, arvalid = 1'b0;
    reg  [11:0] address = 12'h0;
    reg  [31:0] wdata = 32'h0;
    wire        awready, wready, bvalid, arready, rvalid, irq;
    wire [1:0]  bresp, rresp;
    wire [31:0] rdata;

    vireo_mac_wrapper #(.ADDRESS(6)) wrapper (
        .clk(clk), .rst(rst),
        .link_rx_clk(link_rx_clk), .link_rx_rst(link_rx_rst), .link_rx_tvalid(link_rx_tvalid),
        .link_rx_tdata(link_rx_tdata), .link_rx_tkeep(link_rx_tkeep), .link_rx_tlast(link_rx_tlast),
        .link_rx_tuser(link_rx_tuser),
        .link_tx_clk(link_tx_clk), .link_tx_rst(link_tx_rst), .link_tx_tvalid(link_tx_tvalid),
        .link_tx_tready(link_tx_tready), .link_tx_tdata(link_tx_tdata), .link_tx_tkeep(link_tx_tkeep),
        .link_tx_tlast(link_tx_tlast), .link_tx_tuser(link_tx_tuser),
        .port_rx_clk(port_rx_clk), .port_rx_rst(port_rx_rst), .port_rx_tvalid(port_rx_tvalid),
        .port_rx_tdata(port_rx_tdata), .port_rx_tkeep(port_rx_tkeep), .port_rx_tlast(port_rx_tlast),
        .port_rx_tuser(port_rx_tuser),
        .port_tx_clk(port_tx_clk), .port_tx_rst(port_tx_rst), .port_tx_tvalid(port_tx_tvalid),
        .port_tx_tready(port_tx_tready), .port_tx_tdata(port_tx_tdata), .port_tx_tkeep(port_tx_tkeep),
        .port_tx_tlast(port_tx_tlast), .port_tx_tuser(port_tx_tuser),
        .link_rx_dropped(link_rx_dropped), .port_rx_dropped(port_rx_dropped), .elsewhere(elsewhere),
        .link_tx_dropped(link_tx_dropped), .port_tx_dropped(port_tx_dropped),
        .s_axil_awvalid(awvalid), .s_axil_awready(awready), .s_axil_awaddr(address),
        .s_axil_wvalid(wvalid), .s_axil_wready(wready), .s_axil_wdata(wdata), .s_axil_wstrb(4'hF),
        .s_axil_bvalid(bvalid), .s_axil_bready(1'b1), .s_axil_bresp(bresp),
        .s_axil_arvalid(arvalid), .s_axil_arready(arready), .s_axil_araddr(address),
        .s_axil_rvalid(rvalid), .s_axil_rready(1'b1), .s_axil_rdata(rdata), .s_axil_rresp(rresp),
        .irq(irq)
    );

    vireo_traffic #(.STREAM(0), .ENCAPSULATE(1)) up (
        .rx_clk(port_rx_clk), .rx_rst(port_rx_rst), .rx_tvalid(port_rx_tvalid), .rx_tdata(port_rx_tdata),
        .rx_tkeep(port_rx_tkeep), .rx_tlast(port_rx_tlast), .rx_tuser(port_rx_tuser),
        .tx_clk(link_tx_clk), .tx_rst(link_tx_rst), .tx_tvalid(link_tx_tvalid), .tx_tready(link_tx_tready),
        .tx_tdata(link_tx_tdata), .tx_tkeep(link_tx_tkeep), .tx_tlast(link_tx_tlast), .tx_tuser(link_tx_tuser)
    );
    vireo_traffic #(.STREAM(1), .ENCAPSULATE(0)) down (
        .rx_clk(link_rx_clk), .rx_rst(link_rx_rst), .rx_tvalid(link_rx_tvalid), .rx_tdata(link_rx_tdata),
        .rx_tkeep(link_rx_tkeep), .rx_tlast(link_rx_tlast), .rx_tuser(link_rx_tuser),
        .tx_clk(port_tx_clk), .tx_rst(port_tx_rst), .tx_tvalid(port_tx_tvalid), .tx_tready(port_tx_tready),
        .tx_tdata(port_tx_tdata), .tx_tkeep(port_tx_tkeep), .tx_tlast(port_tx_tlast), .tx_tuser(port_tx_tuser)
    );

    reg failed = 1'b0;

    task finish;
        begin
            if (failed || up.failed || down.failed) $display("FAILED");
            else $display("PASSED");
            $finish;
        end
    endtask

    task check(input right, input [8*64-1:0] what);
        if (right !== 1'b1) begin
            failed = 1'b1;
            $display("FAIL %0s", what);
        end
    endtask

    task write(input [11:0] to, input [31:0] value);
        begin
            address <= to;
            wdata <= value;
            {awvalid, wvalid} <= 2'b11;
            @(posedge clk);
            while (!bvalid) begin
                if (awready) awvalid <= 1'b0;
                if (wready) wvalid <= 1'b0;
                @(posedge clk);
            end
            check(bresp == 2'd0, "a register refused a write");
        end
    endtask

    task read(input [11:0] from, output [31:0] value);
        begin
            address <= from;
            arvalid <= 1'b1;
            @(posedge clk);
            while (!rvalid) begin
                if (arready) arvalid <= 1'b0;
                @(posedge clk);
            end
            value = rdata;
        end
    endtask

    // The end of an extender: port 0 has channel 20 of link 0. The channel's row stands in all rows of a way: wherever the
    // hash looks.
    task program_machine;
        integer row;
        reg [31:0] value;
        begin
            value = 32'h0;
            while (!value[0]) read(12'h020, value);
            write(12'h200, 32'h8000_1400); // base 20 and ext 0, link 0, enabled: a port's row, and a channel's
            write(12'h204, 32'h0000_0001); // trust priority, check no source; members: port 0
            write(12'h208, 32'd9216);
            write(12'h220, 32'h0000_0002); // WRITE, table port, row 0
            write(12'h208, 32'h0);
            for (row = 0; row < 256; row = row + 1) write(12'h220, {row[15:0], 16'h0022}); // WRITE, table channel, way 0
            write(12'h080, 32'h8000_2400); // 9216 octets, E-TAG, extender, enabled
        end
    endtask

    // Until nothing has moved for a while.
    task drain;
        integer arrived;
        begin
            arrived = -1;
            while (arrived != up.arrived + down.arrived) begin
                arrived = up.arrived + down.arrived;
                repeat (400) @(posedge clk);
            end
        end
    endtask

    task balance;
        begin
            check(up.sent == up.arrived + port_rx_dropped + link_tx_dropped, "port to link: sent = arrived + dropped");
            check(down.sent == down.arrived + link_rx_dropped + port_tx_dropped, "link to port: sent = arrived + dropped");
            check(elsewhere == 0, "a frame for no MAC");
        end
    endtask

    integer drops;
    initial begin
        repeat (4) @(posedge clk);
        rst <= 1'b0;
        program_machine;

        // Less than the machine takes: FIFOs of 64 beats hold what stalls leave.
        fork
            up.send_all(150, 40);
            down.send_all(150, 40);
        join
        drain;
        balance;
        check(port_rx_dropped == 1 && link_tx_dropped == 1, "port to link: two frames are too long for a FIFO");
        check(link_rx_dropped == 1 && port_tx_dropped == 0, "link to port: one frame is too long for a FIFO");

        // The transmitters stop: what has no room is dropped, what has begun waits.
        up.stalled = 1'b1;
        down.stalled = 1'b1;
        fork
            up.send_all(60, 2);
            down.send_all(60, 2);
        join
        up.stalled = 1'b0;
        down.stalled = 1'b0;
        drain;
        balance;
        check(port_rx_dropped > 10 && link_rx_dropped > 10, "a full FIFO drops");
        drops = port_rx_dropped + link_rx_dropped;

        // MACs are reset in the middle of frames; their neighbours are whole.
        repeat (3) fork
            begin
                up.send_all(5, 40);
                up.send(1'b0);
                up.send_all(5, 40);
                down.send_all(5, 40);
                down.send(1'b0);
                down.send_all(5, 40);
            end
            begin
                up.reset_tx;
                down.reset_tx;
            end
        join
        drain;
        balance;
        check(port_rx_dropped + link_rx_dropped == drops, "a reset drops no whole frame");
        check(up.cut == 6 && down.cut == 6, "resets");

        $display("port to link: %0d sent, %0d arrived, %0d dropped, %0d cut by resets",
                 up.sent, up.arrived, port_rx_dropped + link_tx_dropped, up.cut);
        $display("link to port: %0d sent, %0d arrived, %0d dropped, %0d cut by resets",
                 down.sent, down.arrived, link_rx_dropped + port_tx_dropped, down.cut);
        finish;
    end

    always @(posedge clk) if (up.failed || down.failed) finish;

    initial begin
        #400_000_000; // 0.4 ms
        $display("FAIL: not done after 100,000 cycles");
        failed = 1'b1;
        finish;
    end
endmodule

`default_nettype wire
