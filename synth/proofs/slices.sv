// SPDX-License-Identifier: MIT
// The register slices at the streams' ends: what comes out is what went in, in its order, once.
`default_nettype none

// A memory of which one arbitrary row is kept; other rows are anything.
module vireo_row_ram #(parameter WIDTH = 8, parameter ADDRESS = 4) (
    input  wire               clk, write,
    input  wire [ADDRESS-1:0] addr, waddr,
    input  wire [WIDTH-1:0]   wdata,
    output wire [WIDTH-1:0]   data
);
    (* anyconst *) reg [ADDRESS-1:0] watch;
    (* anyseq *) reg [WIDTH-1:0] any;
    reg [WIDTH-1:0] row = 0;
    always @(posedge clk) if (write && waddr == watch) row <= wdata;
    assign data = addr == watch ? row : any;
endmodule

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

    // Octets of a beat: all before the last, then those up to the highest lane that is there, one at least.
    function [6:0] octets(input [7:0] keep, input last);
        octets = !last || keep[7] ? 8 : keep[6] ? 7 : keep[5] ? 6 : keep[4] ? 5 : keep[3] ? 4 : keep[2] ? 3 : keep[1] ? 2 : 1;
    endfunction
    wire [6:0] there = octets(s_keep, s_last);
    wire       push = s_valid & s_ready & ~start;
    wire       pop = slot[0] & en & ~start;
    // Beats are numbered, modulo 16, as they come and as they go: at most 16 are inside. Those of one arbitrary number are watched.
    (* hierconn *) wire [3:0] \intake.u_octets.watch ;
    (* hierconn *) wire [3:0] \intake.u_lanes.watch ;
    (* hierconn *) wire [3:0] \intake.u_beats.watch ;
    (* hierconn *) wire [3:0] \intake.u_origins.watch ;
    wire [3:0] watch = \intake.u_octets.watch ;
    always @* assume (watch == \intake.u_lanes.watch && watch == \intake.u_beats.watch && watch == \intake.u_origins.watch );
    reg          middle = 0, watched = 0, idle = 0, wanted = 0;
    reg  [3:0]   pushed = 0, popped = 0;
    reg  [4:0]   inside = 0;
    // Clocks since the watched beat came, and what came.
    reg  [2:0]   age = 0;
    reg  [9:0]   flags;
    reg  [63:0]  octets_in;
    reg  [100:0] origin_in;
    // Beats that came in the clocks before, and of those inside the ones that came as long ago as a beat takes to pass.
    reg  [`VIREO_INTAKE_LATENCY-1:1] came = 0;
    reg  [4:0]   ripe = 0;
    wire [63:0]  mask = ~(64'hffff_ffff_ffff_ffff << {flags[9:3], 3'b000});
    wire [4:0]   ripens = came[`VIREO_INTAKE_LATENCY-1];
    always @(posedge clk) begin
        if (push) middle <= ~s_last;
        pushed <= pushed + push;
        popped <= popped + pop;
        inside <= inside + push - pop;
        came <= {came, push};
        ripe <= ripe + ripens - pop;
        if (push && pushed == watch) begin
            watched <= 1;
            age <= 1;
            flags <= {there, s_bad & s_last, s_last, ~middle};
            octets_in <= s_data;
        end else begin
            if (pop && popped == watch) watched <= 0;
            if (age != 7) age <= age + 1;
        end
        // A frame's rows come with its first beat, in the third clock behind it.
        if (age == 3) origin_in <= s_origin;
        idle <= !start && en && !slot[0] && ripe + ripens != 0;
        wanted <= !start && run && inside < 14;
    end
    always @* begin
        intake_keeps: assert (start || (!slot[0] || inside != 0) && inside <= 16 && (!slot[0] || popped != watch
                              || slot[10:1] == flags && data == (octets_in & mask) && (!slot[1] || origin == origin_in)));
        // A gap is one slot; and a beat is wanted while there is room.
        intake_passes: assert (start || (!idle || slot[0]) && (!wanted || s_ready));
    end

    // What the queue knows, without which induction starts from states that do not come up.
    (* hierconn *) wire [3:0]   \intake.row1 ;
    (* hierconn *) wire [3:0]   \intake.head ;
    (* hierconn *) wire [3:0]   \intake.held ;
    (* hierconn *) wire [3:0]   \intake.queued ;
    (* hierconn *) wire         \intake.middle ;
    (* hierconn *) wire [63:0]  \intake.u_octets.row ;
    (* hierconn *) wire [7:0]   \intake.u_lanes.row ;
    (* hierconn *) wire [10:0]  \intake.u_beats.row ;
    (* hierconn *) wire [100:0] \intake.u_origins.row ;
    wire [3:0] head = \intake.head ;
    wire [4:0] held = \intake.held ;
    wire [4:0] queued = \intake.queued ;
    reg  [3:0] head_before = 0;
    reg        middle_before = 0;
    wire [3:0] number = watch - popped;
    wire       took = head != head_before;
    wire       waits = watched && !(slot[0] && popped == watch);
    always @(posedge clk) begin
        head_before <= start ? 0 : head;
        middle_before <= middle;
    end
    always @* intake_agrees: assert (start
        || \intake.middle == middle_before && \intake.row1 == pushed - came[1] && head == popped + slot[0]
        && inside[3:0] == pushed - popped && inside == held + came[1] - took + slot[0] && held + came[1] <= 15 && (!s_ready || held < 14)
        && held == queued + came[2] + came[3] + came[4] && (!took || queued != 0) && ripe + came[4] + came[3] + came[2] + came[1] == inside
        && watched == ({1'b0, number} < inside) && (!watched || age != 0)
        && (!waits || age < 2 || \intake.u_octets.row == octets_in)
        && (!waits || age < 4 || \intake.u_lanes.row == ~(8'hff << flags[9:3]) && {\intake.u_beats.row [10:4], \intake.u_beats.row [2:0]} == flags
                      && (!flags[0] || \intake.u_origins.row == origin_in)));

    // Outlet: payload of 86 and of 95 bits, from one source.
    wire        en_8, en_9, v_8, v_9, waits_8, waits_9;
    wire [85:0] b_8;
    wire [94:0] b_9;
    vireo_outlet_w64_d8 outlet_8 (
        .clk(clk), .rst(start), .s_valid(o_valid), .s_data(o_beat[63:0]), .s_keep(o_beat[71:64]), .s_last(o_beat[72]),
        .s_user(o_beat[77:73]), .s_dest(o_beat[85:78]), .s_id(8'd0), .en(en_8), .waits(waits_8), .m_valid(v_8), .m_ready(m_ready),
        .m_data(b_8[63:0]), .m_keep(b_8[71:64]), .m_last(b_8[72]), .m_user(b_8[77:73]), .m_dest(b_8[85:78])
    );
    vireo_outlet_w64_d9 outlet_9 (
        .clk(clk), .rst(start), .s_valid(o_valid), .s_data(o_beat[63:0]), .s_keep(o_beat[71:64]), .s_last(o_beat[72]),
        .s_user(o_beat[77:73]), .s_dest(o_beat[86:78]), .s_id(o_beat[94:87]), .en(en_9), .waits(waits_9), .m_valid(v_9), .m_ready(m_ready),
        .m_data(b_9[63:0]), .m_keep(b_9[71:64]), .m_last(b_9[72]), .m_user(b_9[77:73]), .m_dest(b_9[86:78]), .m_id(b_9[94:87])
    );
    (* hierconn *) wire        \outlet_9.u_octets_0.ready ;
    (* hierconn *) wire        \outlet_9.u_octets_0.out ;
    (* hierconn *) wire        \outlet_9.u_octets_0.skid ;
    (* hierconn *) wire [63:0] \outlet_9.u_octets_0.skid_payload ;
    (* hierconn *) wire        \outlet_9.u_keep.ready ;
    (* hierconn *) wire        \outlet_9.u_keep.out ;
    (* hierconn *) wire        \outlet_9.u_keep.skid ;
    (* hierconn *) wire [7:0]  \outlet_9.u_keep.skid_payload ;
    (* hierconn *) wire        \outlet_9.u_marks.ready ;
    (* hierconn *) wire        \outlet_9.u_marks.out ;
    (* hierconn *) wire        \outlet_9.u_marks.skid ;
    (* hierconn *) wire [13:0] \outlet_9.u_marks.skid_payload ;
    (* hierconn *) wire        \outlet_9.u_dest.ready ;
    (* hierconn *) wire        \outlet_9.u_dest.out ;
    (* hierconn *) wire        \outlet_9.u_dest.skid ;
    (* hierconn *) wire [8:0]  \outlet_9.u_dest.skid_payload ;
    (* hierconn *) wire        \outlet_8.u_octets_0.ready ;
    (* hierconn *) wire        \outlet_8.u_octets_0.out ;
    (* hierconn *) wire        \outlet_8.u_octets_0.skid ;
    (* hierconn *) wire [63:0] \outlet_8.u_octets_0.skid_payload ;
    (* hierconn *) wire        \outlet_8.u_keep.ready ;
    (* hierconn *) wire        \outlet_8.u_keep.out ;
    (* hierconn *) wire        \outlet_8.u_keep.skid ;
    (* hierconn *) wire [7:0]  \outlet_8.u_keep.skid_payload ;
    (* hierconn *) wire        \outlet_8.u_marks.ready ;
    (* hierconn *) wire        \outlet_8.u_marks.out ;
    (* hierconn *) wire        \outlet_8.u_marks.skid ;
    (* hierconn *) wire [13:0] \outlet_8.u_marks.skid_payload ;
    (* hierconn *) wire        \outlet_8.u_dest.ready ;
    (* hierconn *) wire        \outlet_8.u_dest.out ;
    (* hierconn *) wire        \outlet_8.u_dest.skid ;
    (* hierconn *) wire [7:0]  \outlet_8.u_dest.skid_payload ;
    wire [3:0]  ready_9 = {\outlet_9.u_octets_0.ready , \outlet_9.u_keep.ready , \outlet_9.u_marks.ready , \outlet_9.u_dest.ready };
    wire [3:0]  out_9 = {\outlet_9.u_octets_0.out , \outlet_9.u_keep.out , \outlet_9.u_marks.out , \outlet_9.u_dest.out };
    wire [3:0]  skid_9 = {\outlet_9.u_octets_0.skid , \outlet_9.u_keep.skid , \outlet_9.u_marks.skid , \outlet_9.u_dest.skid };
    wire [3:0]  ready_8 = {\outlet_8.u_octets_0.ready , \outlet_8.u_keep.ready , \outlet_8.u_marks.ready , \outlet_8.u_dest.ready };
    wire [3:0]  out_8 = {\outlet_8.u_octets_0.out , \outlet_8.u_keep.out , \outlet_8.u_marks.out , \outlet_8.u_dest.out };
    wire [3:0]  skid_8 = {\outlet_8.u_octets_0.skid , \outlet_8.u_keep.skid , \outlet_8.u_marks.skid , \outlet_8.u_dest.skid };
    wire [13:0] marks_9 = \outlet_9.u_marks.skid_payload ;
    wire [13:0] marks_8 = \outlet_8.u_marks.skid_payload ;
    wire [94:0] kept_9 = {marks_9[13:6], \outlet_9.u_dest.skid_payload , marks_9[5:0] , \outlet_9.u_keep.skid_payload , \outlet_9.u_octets_0.skid_payload };
    wire [85:0] kept_8 = {\outlet_8.u_dest.skid_payload , marks_8[5:0] , \outlet_8.u_keep.skid_payload , \outlet_8.u_octets_0.skid_payload };
    reg  [94:0] out_0, out_1;
    reg  [1:0]  out_count = 0;
    wire        out_pop = v_9 & m_ready & ~start;
    wire        out_push = o_valid & en_9 & ~start;
    always @(posedge clk) begin
        out_count <= out_count + out_push - out_pop;
        if (out_pop) out_0 <= out_1;
        if (out_push) begin
            if (out_count == out_pop) out_0 <= o_beat[94:0];
            else out_1 <= o_beat[94:0];
        end
    end
    // The stages of a direction move by copies of its outlet's ready.
    wire [18:0] pace_8;
    wire [26:0] pace_9;
    vireo_pace_n19 stages_8 (
        .clk(clk), .rst(start), .s_valid(o_valid), .waits(waits_8), .m_valid(v_8), .m_ready(m_ready), .en(pace_8)
    );
    vireo_pace_n27 stages_9 (
        .clk(clk), .rst(start), .s_valid(o_valid), .waits(waits_9), .m_valid(v_9), .m_ready(m_ready), .en(pace_9)
    );
    always @* stages_agree: assert (start || pace_8 == {19{en_8}} && pace_9 == {27{en_9}});
    always @* begin
        outlet_keeps: assert (start || out_count == v_9 + waits_9 && v_9 == (out_count != 0) && (!v_9 || b_9 == out_0)
                              && (!waits_9 || kept_9 == out_1) && (!en_9 || !waits_9));
        // The slices of an outlet do the same, and so do the outlets.
        outlets_agree: assert (start || ready_9 == {4{en_9}} && out_9 == {4{v_9}} && skid_9 == {4{waits_9}}
                               && ready_8 == {4{en_8}} && out_8 == {4{v_8}} && skid_8 == {4{waits_8}}
                               && en_8 == en_9 && v_8 == v_9 && waits_8 == waits_9 && (!v_8 || b_8 == out_0[85:0])
                               && (!waits_8 || kept_8 == out_1[85:0]));
    end
endmodule

`default_nettype wire
