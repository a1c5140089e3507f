// SPDX-License-Identifier: MIT
// From s_port to m_link: one watched frame, known by the first two octets of its source address, among any others.
`default_nettype none

module encapsulate (
    input wire         clk,
    input wire         s_valid,
    input wire [63:0]  s_data,
    input wire [7:0]   s_keep,
    input wire         s_last,
    input wire [7:0]   s_id,
    input wire [11:0]  s_user,
    input wire         m_ready,
    input wire [31:0]  links_0,
    input wire [31:0]  links_1,
    input wire [120:0] bus
);
    // Arbitrary, and the same for ever.
    (* anyconst *) reg [15:0] identity;
    (* anyconst *) reg [5:0]  place;
    (* anyconst *) reg [2:0]  port;

    // The block. Nothing else in this file knows how it is called inside.
    wire        s_ready, m_valid, m_last;
    wire [63:0] m_data;
    wire [7:0]  m_keep, m_dest;
    wire [4:0]  m_user;
    wire [65:0] count;
    vireo_encapsulate dut (
        .clk(clk), .rst(1'b0), .run(1'b1),
        .s_valid(s_valid), .s_ready(s_ready), .s_data(s_data), .s_keep(s_keep), .s_last(s_last),
        .s_id(s_id), .s_user(s_user),
        .m_valid(m_valid), .m_ready(m_ready), .m_data(m_data), .m_keep(m_keep), .m_last(m_last),
        .m_dest(m_dest), .m_user(m_user),
        .links_0(links_0), .links_1(links_1), .commit({1'b1, 1'b0, bus}), .count(count)
    );
    wire        counted = count[0];
    wire [15:0] counted_octets = count[27:12];
    wire [4:0]  disposition = count[32:28];
    // Rows are written in any clock, as in a sweep: a clock behind the bus, from the second on.
    reg  [120:0] commit = 0;
    reg          open = 0;
    always @(posedge clk) begin
        open <= 1;
        commit <= open ? bus : 0;
    end
    wire        row_written = commit[0] & (commit[15:13] == port);
    wire [77:0] row_words = commit[102:25];

    // Octets of a beat: all before the last, then those up to the highest lane that is there, one at least.
    function [3:0] octets(input [7:0] keep, input last);
        octets = !last || keep[7] ? 8 : keep[6] ? 7 : keep[5] ? 6 : keep[4] ? 5 : keep[3] ? 4 : keep[2] ? 3 : keep[1] ? 2 : 1;
    endfunction

    // The port's row as software wrote it.
    reg [77:0] row = 0;
    always @(posedge clk) if (row_written) row <= row_words;

    // What enters.
    reg        in_middle = 0, in_mine = 0, seen = 0, whole = 0, in_bad = 0, at_place = 0;
    reg [2:0]  number = 0, mine = 0;
    reg [7:0]  length = 0;
    reg [7:0]  id = 0;
    reg [7:0]  octet = 0;
    reg [31:0] link_row = 0;
    reg [77:0] port_row = 0;
    wire       accept = s_valid & s_ready;
    wire       first = accept & ~in_middle;
    wire [3:0] in_octets = octets(s_keep, s_last);
    wire       is_mine = first ? s_data[63:48] == identity & in_octets == 8 : in_mine;
    wire [7:0] in_at = first ? 0 : length;
    wire [5:0] in_lane = place - in_at[5:0];
    always @(posedge clk) if (accept) begin
        in_middle <= ~s_last;
        in_mine <= is_mine & ~s_last;
        if (s_last) number <= number + 1;
        if (is_mine) begin
            if (first) begin
                seen <= 1;
                id <= s_id;
                mine <= number;
            end
            length <= in_at + in_octets;
            whole <= s_last;
            in_bad <= s_last & s_user[0];
            if (place >= in_at && place < in_at + in_octets) begin
                at_place <= 1;
                octet <= s_data >> {in_lane[2:0], 3'b000};
            end
        end
    end
    // Its rows are those of the first clock behind the one in which it enters, its link's those of the second.
    reg entered_1 = 0, entered_2 = 0;
    wire own_link = id[7:6] == 2 ? id[0] : port_row[24];
    always @(posedge clk) begin
        entered_1 <= first & is_mine;
        entered_2 <= entered_1;
        if (entered_1) port_row <= row;
        if (entered_2) link_row <= own_link ? links_1 : links_0;
    end
    // One frame bears the identity; it is port `port`'s, or leaves with its tag, or is the control plane's of a link.
    always @* if (first & is_mine) begin
        assume (!seen);
        assume (s_id[7:6] == 2 || (s_id[7:6] != 1 && s_id[2:0] == port));
    end
    always @* assume (number < 4 && length < 64);
    // A frame that is cut keeps its identity.
    always @* assume (links_0[13:0] >= 16 && links_1[13:0] >= 16 && (!bus[0] || bus[102:89] >= 16));

    wire [1:0]  family = link_row[17:16];
    wire [13:0] maximum = id[7:6] == 0 ? port_row[77:64] : link_row[13:0];
    wire [21:0] channel = port_row[21:0];
    wire        extender = ~link_row[18];

    // What leaves.
    reg        out_middle = 0, out_mine = 0, left = 0;
    reg [7:0]  out_at_q = 0;
    wire       take = m_valid & m_ready;
    wire       out_first = take & ~out_middle;
    wire       out_is_mine = out_first ? m_data[63:48] == identity : out_mine;
    wire [7:0] out_at = out_first ? 0 : out_at_q;
    wire [3:0] out_octets = octets(m_keep, m_last);
    wire [7:0] out_length = out_at + out_octets;
    always @(posedge clk) if (take) begin
        out_middle <= ~m_last;
        out_mine <= out_is_mine & ~m_last;
        out_at_q <= out_length;
        if (out_is_mine & m_last) left <= 1;
    end

    wire       to_control = m_dest[7:6] == 3;
    wire [3:0] growth = to_control || id[7:6] == 2 ? 0 : family == 0 ? 8 : family == 1 ? 6 : 4;
    wire       too_long = length > maximum;
    wire [13:0] expected = (too_long ? maximum : {6'd0, length}) + growth;
    wire [7:0] out_place = place < 12 ? place : place + growth;
    wire [7:0] out_lane = out_place - out_at;
    wire [7:0] out_octet = m_data >> {out_lane[2:0], 3'b000};
    wire       here = out_place >= out_at && out_place < out_length;

    // The tag's octets, from rules.md.
    wire [63:0] tag_e = {16'h893f, 4'd0, 12'd0, 2'd0, channel[21:8], 8'd0, channel[7:0]};
    wire [63:0] tag_v = extender ? {16'h8926, 16'd0, 4'd0, channel[11:0], 16'd0} : {16'h8926, 1'b1, channel[14:0], 16'd0, 16'd0};
    wire [63:0] tag_s = {16'h88a8, 4'd0, channel[11:0], 32'd0};
    wire [63:0] tag = family == 0 ? tag_e : family == 1 ? tag_v : tag_s;
    // Priority is not the port's own to choose.
    wire [63:0] free_bits = family == 1 ? 0 : 64'h0000_f000_0000_0000;

    reg wrong_octet, wrong_length, wrong_count, wrong_verdict, wrong_tag, wrong_link;
    reg [2:0] counts = 0;
    reg       verdict = 0, dropped = 0;
    wire      counts_mine = counted & seen & counts == mine;
    wire      drops = !(disposition == 5'h10 || disposition == 5'h11 || disposition == 5'hc || disposition == 5'hd);
    reg [4:0] patience = 0;
    integer lane;
    reg [7:0] tag_at;
    always @(posedge clk) begin
        if (counted) counts <= counts + 1;
        if (counts_mine) begin
            verdict <= 1;
            dropped <= drops;
        end
        patience <= verdict & ~dropped & ~left & m_ready ? patience + 1 : 0;
    end
    always @* begin
        {wrong_octet, wrong_length, wrong_count, wrong_verdict, wrong_tag, wrong_link} = 0;
        if (counted & counts >= number | counts_mine & counted_octets != length) wrong_count = 1;
        if (patience == 8) wrong_verdict = 1;
        if (take & out_is_mine) begin
            if (!seen | left | dropped) wrong_verdict = 1;
            if (here & (!at_place | octet != out_octet)) wrong_octet = 1;
            if (m_last & (whole | too_long ? out_length != expected : 1)) wrong_length = 1;
            if (m_last & m_user[0] != (too_long | in_bad)) wrong_length = 1;
            if (!m_last & out_length >= expected & (whole | too_long)) wrong_length = 1;
            if (to_control ? id[7:6] != 0 | !extender | m_dest[2:0] != port
                           : m_dest != (id[7:6] == 2 ? {7'd0, id[0]} : {7'd0, port_row[24]})) wrong_link = 1;
            for (lane = 0; lane < 8; lane = lane + 1) begin
                tag_at = out_at + lane;
                if (tag_at >= 12 && tag_at < 12 + growth && lane < out_octets)
                    if (((m_data[8*lane +: 8] ^ (tag >> (8 * (19 - tag_at)))) & ~(free_bits >> (8 * (19 - tag_at))) & 8'hff) != 0) wrong_tag = 1;
            end
        end
    end
    always @(posedge clk) begin
        place_kept: assert (!wrong_octet);
        length_kept: assert (!wrong_length);
        counted_once: assert (!wrong_count);
        verdict_kept: assert (!wrong_verdict);
        link_named: assert (!wrong_link);
        own_tag: assert (!wrong_tag);
    end
endmodule

`default_nettype wire
