// SPDX-License-Identifier: MIT
// AXI4-Lite at the machine's pins: each request is answered once, and soon. The bus, the operations and what decides
// whether a write starts one are as printed; the rest of the machine is cut.
`default_nettype none

module bus (
    input wire        clk,
    input wire        awvalid,
    input wire [11:0] awaddr,
    input wire        wvalid,
    input wire [31:0] wdata,
    input wire [3:0]  wstrb,
    input wire        bready,
    input wire        arvalid,
    input wire [11:0] araddr,
    input wire        rready
);
    // One cycle of reset.
    reg start = 1;
    always @(posedge clk) start <= 0;

    wire awready, wready, bvalid, arready, rvalid;
    wire [1:0] bresp, rresp;
    wire [31:0] rdata;
    vireo_machine dut (
        .clk(clk), .rst(start),
        .s_axil_awvalid(awvalid), .s_axil_awready(awready), .s_axil_awaddr(awaddr),
        .s_axil_wvalid(wvalid), .s_axil_wready(wready), .s_axil_wdata(wdata), .s_axil_wstrb(wstrb),
        .s_axil_bvalid(bvalid), .s_axil_bready(bready), .s_axil_bresp(bresp),
        .s_axil_arvalid(arvalid), .s_axil_arready(arready), .s_axil_araddr(araddr),
        .s_axil_rvalid(rvalid), .s_axil_rready(rready), .s_axil_rdata(rdata), .s_axil_rresp(rresp)
    );

    // Requests that were taken and are not answered yet. A second one is not taken, so these are never above 1.
    reg [1:0] addresses = 0, words = 0, reads = 0;
    reg [3:0] write_age = 0, read_age = 0;
    wire both = addresses != 0 && words != 0;
    always @(posedge clk) begin
        addresses <= addresses + (awvalid & awready) - (bvalid & bready);
        words <= words + (wvalid & wready) - (bvalid & bready);
        reads <= reads + (arvalid & arready) - (rvalid & rready);
        // Clocks without an answer, and clocks without a request's being wanted.
        write_age <= both ? (bvalid ? 0 : write_age + 1) : 0;
        read_age <= reads != 0 ? (rvalid ? 0 : read_age + 1) : 0;
    end
    always @* begin
        write_answered_once: assert (start || (addresses <= 1 && words <= 1 && (!bvalid || both)
                                     && (!awready || addresses == 0) && (!wready || words == 0)));
        read_answered_once: assert (start || (reads <= 1 && (!rvalid || reads == 1) && (!arready || reads == 0)));
        write_answered: assert (start || (write_age <= 9));
        read_answered: assert (start || (read_age <= 3));
    end

    // A write begins once, when both are held; no request is answered, and no operation done, at once. Without this, induction
    // starts from states in which each request is answered by the one before it.
    (* hierconn *) wire \dut.u_registers.u_bus_write.begun ;
    (* hierconn *) wire \dut.u_registers.u_operation.done ;
    wire begun = \dut.u_registers.u_bus_write.begun ;
    wire done = \dut.u_registers.u_operation.done ;
    reg [1:0] write_waits = 0, read_waits = 0;
    always @(posedge clk) begin
        write_waits <= both && !(bvalid && bready) ? write_waits + (write_waits != 3) : 0;
        read_waits <= reads != 0 && !(rvalid && rready) ? read_waits + (read_waits != 3) : 0;
    end
    always @* agrees: assert (start || begun == (write_waits != 0) && (!bvalid || write_waits == 3) && (!rvalid || read_waits == 3)
                              && (!done || both && !bvalid && write_waits == 3));

    // An answer that is not taken stays as it is.
    reg        answer_stands = 0, read_stands = 0;
    reg [1:0]  answer_before;
    reg [33:0] read_before;
    always @(posedge clk) begin
        answer_stands <= bvalid & ~bready & ~start;
        read_stands <= rvalid & ~rready & ~start;
        answer_before <= bresp;
        read_before <= {rdata, rresp};
        answer_stalled: assert (!answer_stands || (bvalid && bresp == answer_before));
        read_stalled: assert (!read_stands || (rvalid && {rdata, rresp} == read_before));
    end

    // And the next request is wanted: at the latest in the second clock without one.
    reg [1:0] idle_address = 0, idle_word = 0, idle_read = 0;
    always @(posedge clk) begin
        idle_address <= !start && addresses == 0 && !awready ? idle_address + 1 : 0;
        idle_word <= !start && words == 0 && !wready ? idle_word + 1 : 0;
        idle_read <= !start && reads == 0 && !arready ? idle_read + 1 : 0;
    end
    always @* next_wanted: assert (start || (idle_address <= 1 && idle_word <= 1 && idle_read <= 1));
endmodule

`default_nettype wire
