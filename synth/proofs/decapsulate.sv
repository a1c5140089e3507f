// SPDX-License-Identifier: MIT
// From s_link to m_port: one watched frame, known by the first two octets of its source address, among any others.
`default_nettype none

// Instead of the channel table: any answer, but one port is named for one channel of one link alone.
module vireo_channel (
    input  wire        clk,
    input  wire [2:0]  en,
    input  wire [21:0] channel,
    input  wire [2:0]  link,
    input  wire [71:0] seed_a, seed_b,
    input  wire [3:0]  choice,
    input  wire [122:0] commit,
    output wire [95:0] row_read,
    output wire        hit,
    output wire [7:0]  members
);
    (* anyconst *) reg [21:0] named_channel;
    (* anyconst *) reg        named_link;
    (* anyconst *) reg [2:0]  named_port;
    (* anyseq *) reg [95:0] any_row;
    (* anyseq *) reg        any_hit;
    (* anyseq *) reg [7:0]  any_members;
    reg [`VIREO_CHANNEL_LATENCY-1:0] named = 0;
    always @(posedge clk) if (en[2]) named <= {named, channel == named_channel && link == {2'd0, named_link}};
    assign row_read = any_row;
    assign hit = any_hit;
    assign members = named[`VIREO_CHANNEL_LATENCY-1] ? any_members : any_members & ~(8'd1 << named_port);
endmodule

module decapsulate (
    input wire         clk,
    input wire         s_valid,
    input wire [63:0]  s_data,
    input wire [7:0]   s_keep,
    input wire         s_last,
    input wire [7:0]   s_id,
    input wire [4:0]   s_user,
    input wire         m_ready,
    input wire [31:0]  links_0,
    input wire [31:0]  links_1,
    input wire [120:0] bus
);
    // Arbitrary, and the same for ever.
    (* anyconst *) reg [15:0] identity;
    (* anyconst *) reg [5:0]  place;

    // The block. Nothing else in this file knows how it is called inside.
    wire        s_ready, m_valid, m_last;
    wire [63:0] m_data;
    wire [7:0]  m_keep, m_id;
    wire [8:0]  m_dest;
    wire [4:0]  m_user;
    wire [65:0] count;
    vireo_decapsulate dut (
        .clk(clk), .rst(1'b0), .run(1'b1),
        .s_valid(s_valid), .s_ready(s_ready), .s_data(s_data), .s_keep(s_keep), .s_last(s_last),
        .s_id(s_id), .s_user(s_user),
        .m_valid(m_valid), .m_ready(m_ready), .m_data(m_data), .m_keep(m_keep), .m_last(m_last),
        .m_dest(m_dest), .m_id(m_id), .m_user(m_user),
        .links_0(links_0), .links_1(links_1), .commit({1'b1, 1'b0, bus}), .count(count)
    );
    (* hierconn *) wire [21:0] \dut.u_channel.named_channel ;
    (* hierconn *) wire        \dut.u_channel.named_link ;
    (* hierconn *) wire [2:0]  \dut.u_channel.named_port ;
    wire [21:0] named_channel = \dut.u_channel.named_channel ;
    wire        named_link = \dut.u_channel.named_link ;
    wire [2:0]  named_port = \dut.u_channel.named_port ;
    wire        counted = count[0];
    wire [15:0] counted_octets = count[27:12];
    wire [4:0]  disposition = count[32:28];

    // Octets of a beat: all before the last, then those up to the highest lane that is there, one at least.
    function [3:0] octets(input [7:0] keep, input last);
        octets = !last || keep[7] ? 8 : keep[6] ? 7 : keep[5] ? 6 : keep[4] ? 5 : keep[3] ? 4 : keep[2] ? 3 : keep[1] ? 2 : 1;
    endfunction

    // What enters.
    reg        in_middle = 0, in_mine = 0, seen = 0, whole = 0, in_bad = 0, at_place = 0, link = 0;
    reg [2:0]  number = 0, mine = 0;
    reg [7:0]  length = 0;
    reg [7:0]  octet = 0;
    reg [31:0] link_row = 0;
    // Octets 12 to 19, the first one in the low bits.
    reg [63:0] tag = 0;
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
                mine <= number;
                link <= s_id[0];
            end
            if (in_at == 8) tag[31:0] <= s_data[63:32];
            if (in_at == 16) tag[63:32] <= s_data[31:0];
            length <= in_at + in_octets;
            whole <= s_last;
            in_bad <= s_last & s_user[0];
            if (place >= in_at && place < in_at + in_octets) begin
                at_place <= 1;
                octet <= s_data >> {in_lane[2:0], 3'b000};
            end
        end
    end
    // Its link's row is that of the second clock behind the one in which it enters.
    reg entered_1 = 0, entered_2 = 0;
    always @(posedge clk) begin
        entered_1 <= first & is_mine;
        entered_2 <= entered_1;
        if (entered_2) link_row <= link ? links_1 : links_0;
    end
    // One frame bears the identity.
    always @* assume (!(first & is_mine & seen));
    always @* assume (number < 4 && length < 64);
    // A frame that is cut keeps its identity.
    always @* assume (links_0[13:0] >= 16 && links_1[13:0] >= 16);

    wire [1:0]  family = link_row[17:16];
    wire [13:0] maximum = link_row[13:0];
    wire        bridge = link_row[18];
    wire [21:0] e_channel = {tag[37:32], tag[47:40], tag[63:56]};
    wire [21:0] v_channel = bridge ? {10'd0, tag[35:32], tag[47:40]} : {7'd0, tag[22:16], tag[31:24]};
    wire [21:0] s_channel = {10'd0, tag[19:16], tag[31:24]};
    wire [21:0] channel = family == 0 ? e_channel : family == 1 ? v_channel : s_channel;

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

    // Frames of a link's control plane bear no tag.
    wire       untagged = m_dest[8] & m_id[7:6] == 2;
    wire [3:0] growth = untagged ? 0 : family == 0 ? 8 : family == 1 ? 6 : 4;
    wire [7:0] bare = length - growth;
    wire       too_long = bare > maximum;
    wire [13:0] expected = too_long ? maximum : {6'd0, bare};
    wire       stays = place < 12 || place >= 12 + growth;
    wire [7:0] out_place = place < 12 ? place : place - growth;
    wire [7:0] out_lane = out_place - out_at;
    wire [7:0] out_octet = m_data >> {out_lane[2:0], 3'b000};
    wire       here = stays & out_place >= out_at && out_place < out_length;

    reg wrong_octet, wrong_length, wrong_count, wrong_verdict, wrong_port;
    reg [2:0] counts = 0;
    reg       verdict = 0, dropped = 0;
    wire      counts_mine = counted & seen & counts == mine;
    wire      drops = !(disposition == 5'h10 || disposition == 5'h11 || disposition == 5'hc || disposition == 5'hd);
    reg [4:0] patience = 0;
    always @(posedge clk) begin
        if (counted) counts <= counts + 1;
        if (counts_mine) begin
            verdict <= 1;
            dropped <= drops;
        end
        patience <= verdict & ~dropped & ~left & m_ready ? patience + 1 : 0;
    end
    always @* begin
        {wrong_octet, wrong_length, wrong_count, wrong_verdict, wrong_port} = 0;
        if (counted & counts >= number | counts_mine & counted_octets != length) wrong_count = 1;
        if (patience == 8) wrong_verdict = 1;
        if (take & out_is_mine) begin
            if (!seen | left | dropped) wrong_verdict = 1;
            if (here & (!at_place | octet != out_octet)) wrong_octet = 1;
            if (m_last & (whole | too_long ? out_length != expected : 1)) wrong_length = 1;
            if (m_last & m_user[0] != (too_long | in_bad)) wrong_length = 1;
            if (!m_last & out_length >= expected & (whole | too_long)) wrong_length = 1;
            if (m_dest[8] ? m_dest[7:0] != 0 | m_id[7:6] < 2 | (untagged & m_id[0] != link) : m_dest == 0 | m_id != 0) wrong_port = 1;
            if (m_dest[named_port] & (channel != named_channel | link != named_link)) wrong_port = 1;
            if (bridge & (m_dest[7:0] & (m_dest[7:0] - 1)) != 0) wrong_port = 1;
        end
    end
    always @(posedge clk) begin
        place_kept: assert (!wrong_octet);
        length_kept: assert (!wrong_length);
        counted_once: assert (!wrong_count);
        verdict_kept: assert (!wrong_verdict);
        port_named: assert (!wrong_port);
    end
endmodule

`default_nettype wire
