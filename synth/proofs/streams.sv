// SPDX-License-Identifier: MIT
// The machine's streams: what is offered and not taken is offered again, unchanged. All but the blocks at the pins is cut. (The bus: bus.sv.)
`default_nettype none

module streams (
    input wire clk,
    input wire rst,
    input wire m_link_tready,
    input wire m_port_tready
);
    wire        m_link_tvalid, m_link_tlast, m_port_tvalid, m_port_tlast;
    wire [63:0] m_link_tdata, m_port_tdata;
    wire [7:0]  m_link_tkeep, m_link_tdest, m_port_tkeep, m_port_tid;
    wire [4:0]  m_link_tuser, m_port_tuser;
    wire [8:0]  m_port_tdest;
    vireo_machine dut (
        .clk(clk), .rst(rst),
        .m_link_tvalid(m_link_tvalid), .m_link_tready(m_link_tready), .m_link_tdata(m_link_tdata),
        .m_link_tkeep(m_link_tkeep), .m_link_tlast(m_link_tlast), .m_link_tdest(m_link_tdest), .m_link_tuser(m_link_tuser),
        .m_port_tvalid(m_port_tvalid), .m_port_tready(m_port_tready), .m_port_tdata(m_port_tdata),
        .m_port_tkeep(m_port_tkeep), .m_port_tlast(m_port_tlast), .m_port_tdest(m_port_tdest), .m_port_tid(m_port_tid),
        .m_port_tuser(m_port_tuser)
    );

    wire [85:0] link = {m_link_tdata, m_link_tkeep, m_link_tlast, m_link_tdest, m_link_tuser};
    wire [94:0] port = {m_port_tdata, m_port_tkeep, m_port_tlast, m_port_tdest, m_port_tid, m_port_tuser};
    // Was offered, and not taken, in the cycle before.
    reg link_waits = 0, port_waits = 0;
    reg [85:0] link_before;
    reg [94:0] port_before;
    always @(posedge clk) begin
        link_waits <= m_link_tvalid & ~m_link_tready & ~rst;
        port_waits <= m_port_tvalid & ~m_port_tready & ~rst;
        link_before <= link;
        port_before <= port;
        link_stalled: assert (!link_waits || (m_link_tvalid && link == link_before));
        port_stalled: assert (!port_waits || (m_port_tvalid && port == port_before));
    end

    // Whether the slices of an outlet do the same, without which induction starts from states that do not come up. A register that is
    // named from outside loses its value at power-up, which is said here instead.
    reg start = 1;
    always @(posedge clk) start <= 0;
    (* hierconn *) wire \dut.u_encapsulate.u_outlet.u_octets_0.ready ;
    (* hierconn *) wire \dut.u_encapsulate.u_outlet.u_octets_0.out ;
    (* hierconn *) wire \dut.u_encapsulate.u_outlet.u_octets_0.skid ;
    (* hierconn *) wire \dut.u_encapsulate.u_outlet.u_keep.ready ;
    (* hierconn *) wire \dut.u_encapsulate.u_outlet.u_keep.out ;
    (* hierconn *) wire \dut.u_encapsulate.u_outlet.u_keep.skid ;
    (* hierconn *) wire \dut.u_encapsulate.u_outlet.u_marks.ready ;
    (* hierconn *) wire \dut.u_encapsulate.u_outlet.u_marks.out ;
    (* hierconn *) wire \dut.u_encapsulate.u_outlet.u_marks.skid ;
    (* hierconn *) wire \dut.u_encapsulate.u_outlet.u_dest.ready ;
    (* hierconn *) wire \dut.u_encapsulate.u_outlet.u_dest.out ;
    (* hierconn *) wire \dut.u_encapsulate.u_outlet.u_dest.skid ;
    wire [3:0] link_ready = {\dut.u_encapsulate.u_outlet.u_octets_0.ready , \dut.u_encapsulate.u_outlet.u_keep.ready , \dut.u_encapsulate.u_outlet.u_marks.ready , \dut.u_encapsulate.u_outlet.u_dest.ready };
    wire [3:0] link_out = {\dut.u_encapsulate.u_outlet.u_octets_0.out , \dut.u_encapsulate.u_outlet.u_keep.out , \dut.u_encapsulate.u_outlet.u_marks.out , \dut.u_encapsulate.u_outlet.u_dest.out };
    wire [3:0] link_skid = {\dut.u_encapsulate.u_outlet.u_octets_0.skid , \dut.u_encapsulate.u_outlet.u_keep.skid , \dut.u_encapsulate.u_outlet.u_marks.skid , \dut.u_encapsulate.u_outlet.u_dest.skid };
    (* hierconn *) wire \dut.u_decapsulate.u_outlet.u_octets_0.ready ;
    (* hierconn *) wire \dut.u_decapsulate.u_outlet.u_octets_0.out ;
    (* hierconn *) wire \dut.u_decapsulate.u_outlet.u_octets_0.skid ;
    (* hierconn *) wire \dut.u_decapsulate.u_outlet.u_keep.ready ;
    (* hierconn *) wire \dut.u_decapsulate.u_outlet.u_keep.out ;
    (* hierconn *) wire \dut.u_decapsulate.u_outlet.u_keep.skid ;
    (* hierconn *) wire \dut.u_decapsulate.u_outlet.u_marks.ready ;
    (* hierconn *) wire \dut.u_decapsulate.u_outlet.u_marks.out ;
    (* hierconn *) wire \dut.u_decapsulate.u_outlet.u_marks.skid ;
    (* hierconn *) wire \dut.u_decapsulate.u_outlet.u_dest.ready ;
    (* hierconn *) wire \dut.u_decapsulate.u_outlet.u_dest.out ;
    (* hierconn *) wire \dut.u_decapsulate.u_outlet.u_dest.skid ;
    wire [3:0] port_ready = {\dut.u_decapsulate.u_outlet.u_octets_0.ready , \dut.u_decapsulate.u_outlet.u_keep.ready , \dut.u_decapsulate.u_outlet.u_marks.ready , \dut.u_decapsulate.u_outlet.u_dest.ready };
    wire [3:0] port_out = {\dut.u_decapsulate.u_outlet.u_octets_0.out , \dut.u_decapsulate.u_outlet.u_keep.out , \dut.u_decapsulate.u_outlet.u_marks.out , \dut.u_decapsulate.u_outlet.u_dest.out };
    wire [3:0] port_skid = {\dut.u_decapsulate.u_outlet.u_octets_0.skid , \dut.u_decapsulate.u_outlet.u_keep.skid , \dut.u_decapsulate.u_outlet.u_marks.skid , \dut.u_decapsulate.u_outlet.u_dest.skid };
    function same(input [3:0] flags);
        same = flags == 0 || flags == 15;
    endfunction
    always @* if (start) assume ({link_ready, link_out, link_skid, port_ready, port_out, port_skid} == 0);
    always @* begin
        slices_agree: assert (same(link_ready) && same(link_out) && same(link_skid) && same(port_ready) && same(port_out) && same(port_skid));
    end
endmodule

`default_nettype wire
