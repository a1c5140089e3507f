// SPDX-License-Identifier: MIT
// The register slices at the streams' ends: what comes out is what went in, in its order, once.
`default_nettype none

module slices (
    input wire         clk,
    input wire         run,
    input wire         s_valid,
    input wire [63:0]  s_data,
    input wire [7:0]   s_keep,
    input wire         s_last,
    input wire         s_bad,
    input wire [100:0] s_origin,
    input wire         en,
    input wire         o_valid,
    input wire [101:0] o_beat,
    input wire         m_ready
);
    // One cycle of reset.
    reg start = 1;
    always @(posedge clk) start <= 0;

    // Intake. A slot is {octets, bad, last, first, valid}.
    wire         s_ready;
    wire [10:0]  slot;
    wire [63:0]  data;
    wire [100:0] origin;
    vireo_intake intake (
        .clk(clk), .rst(start), .run(run), .s_valid(s_valid), .s_data(s_data), .s_keep(s_keep), .s_last(s_last), .s_bad(s_bad),
        .s_origin(s_origin), .s_ready(s_ready), .en(en), .slot(slot), .data(data), .origin(origin)
    );
    (* hierconn *) wire [10:0]  \intake.skid ;
    (* hierconn *) wire [63:0]  \intake.skid_data ;
    (* hierconn *) wire [100:0] \intake.skid_origin ;
    (* hierconn *) wire         \intake.gap ;
    (* hierconn *) wire         \intake.middle ;

    // Octets of a beat: all before the last, then those up to the highest lane that is there, one at least.
    function [6:0] octets(input [7:0] keep, input last);
        octets = !last || keep[7] ? 8 : keep[6] ? 7 : keep[5] ? 6 : keep[4] ? 5 : keep[3] ? 4 : keep[2] ? 3 : keep[1] ? 2 : 1;
    endfunction
    wire [6:0]   there = octets(s_keep, s_last);
    reg          middle = 0;
    wire [174:0] enters = {there, s_bad & s_last, s_last, ~middle, s_data & ~(64'hffff_ffff_ffff_ffff << {there, 3'b000}), s_origin};
    wire [174:0] leaves = {slot[10:1], data, origin};
    wire [174:0] held = {\intake.skid [10:1], \intake.skid_data , \intake.skid_origin };
    reg  [174:0] in_0, in_1;
    reg  [1:0]   in_count = 0;
    wire         in_pop = slot[0] & en;
    wire         in_push = s_valid & s_ready;
    reg          in_wanted = 0;
    always @(posedge clk) begin
        if (in_push) middle <= ~s_last;
        in_count <= in_count + in_push - in_pop;
        if (in_pop) in_0 <= in_1;
        if (in_push) begin
            if (in_count == in_pop) in_0 <= enters;
            else in_1 <= enters;
        end
        in_wanted <= in_count != 0 & ~slot[0];
    end
    always @* begin
        intake_keeps: assert (start || in_count == slot[0] + \intake.skid [0] && (!slot[0] || leaves == in_0)
                              && (!\intake.skid [0] || held == (slot[0] ? in_1 : in_0)) && (!s_ready || !\intake.skid [0]) && \intake.middle == middle);
        // A gap is one slot.
        intake_passes: assert (start || !(in_wanted && en && in_count != 0 && !slot[0] && !\intake.gap ));
    end

    // Outlet: payload of 86 and of 95 bits, from one source.
    wire        en_8, en_9, v_8, v_9;
    wire [85:0] b_8;
    wire [94:0] b_9;
    vireo_outlet_w64_d8 outlet_8 (
        .clk(clk), .rst(start), .s_valid(o_valid), .s_data(o_beat[63:0]), .s_keep(o_beat[71:64]), .s_last(o_beat[72]),
        .s_user(o_beat[77:73]), .s_dest(o_beat[85:78]), .s_id(8'd0), .en(en_8), .m_valid(v_8), .m_ready(m_ready),
        .m_data(b_8[63:0]), .m_keep(b_8[71:64]), .m_last(b_8[72]), .m_user(b_8[77:73]), .m_dest(b_8[85:78])
    );
    vireo_outlet_w64_d9 outlet_9 (
        .clk(clk), .rst(start), .s_valid(o_valid), .s_data(o_beat[63:0]), .s_keep(o_beat[71:64]), .s_last(o_beat[72]),
        .s_user(o_beat[77:73]), .s_dest(o_beat[86:78]), .s_id(o_beat[94:87]), .en(en_9), .m_valid(v_9), .m_ready(m_ready),
        .m_data(b_9[63:0]), .m_keep(b_9[71:64]), .m_last(b_9[72]), .m_user(b_9[77:73]), .m_dest(b_9[86:78]), .m_id(b_9[94:87])
    );
    (* hierconn *) wire        \outlet_9.skid ;
    (* hierconn *) wire [63:0] \outlet_9.skid_data ;
    (* hierconn *) wire [7:0]  \outlet_9.skid_keep ;
    (* hierconn *) wire        \outlet_9.skid_last ;
    (* hierconn *) wire [4:0]  \outlet_9.skid_user ;
    (* hierconn *) wire [8:0]  \outlet_9.skid_dest ;
    (* hierconn *) wire [7:0]  \outlet_9.skid_id ;
    (* hierconn *) wire        \outlet_8.skid ;
    (* hierconn *) wire [63:0] \outlet_8.skid_data ;
    (* hierconn *) wire [7:0]  \outlet_8.skid_keep ;
    (* hierconn *) wire        \outlet_8.skid_last ;
    (* hierconn *) wire [4:0]  \outlet_8.skid_user ;
    (* hierconn *) wire [7:0]  \outlet_8.skid_dest ;
    wire [94:0] kept_9 = {\outlet_9.skid_id , \outlet_9.skid_dest , \outlet_9.skid_user , \outlet_9.skid_last , \outlet_9.skid_keep , \outlet_9.skid_data };
    wire [85:0] kept_8 = {\outlet_8.skid_dest , \outlet_8.skid_user , \outlet_8.skid_last , \outlet_8.skid_keep , \outlet_8.skid_data };
    reg  [94:0] out_0, out_1;
    reg  [1:0]  out_count = 0;
    wire        out_pop = v_9 & m_ready;
    wire        out_push = o_valid & en_9;
    always @(posedge clk) begin
        out_count <= out_count + out_push - out_pop;
        if (out_pop) out_0 <= out_1;
        if (out_push) begin
            if (out_count == out_pop) out_0 <= o_beat[94:0];
            else out_1 <= o_beat[94:0];
        end
    end
    always @* begin
        outlet_keeps: assert (start || out_count == v_9 + \outlet_9.skid && v_9 == (out_count != 0) && (!v_9 || b_9 == out_0)
                              && (!\outlet_9.skid || kept_9 == out_1) && (!en_9 || !\outlet_9.skid ));
        outlets_agree: assert (start || en_8 == en_9 && v_8 == v_9 && \outlet_8.skid == \outlet_9.skid && (!v_8 || b_8 == out_0[85:0])
                               && (!\outlet_8.skid || kept_8 == out_1[85:0]));
    end
endmodule

`default_nettype wire
