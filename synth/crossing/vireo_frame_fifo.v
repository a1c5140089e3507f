// SPDX-License-Identifier: MIT
//
// FIFO of whole frames between two clocks. A frame shows at the output when all of it is in, so it leaves without a gap,
// which a MAC's transmitter needs; and one that finds no room leaves no trace but a count, which is what a MAC's receiver,
// that cannot wait, needs. Between the clocks run three counts: frames in, beats out, frames dropped.
//
// DROP = 1: `s_ready` is always 1, and a frame that finds the memory full is dropped whole. DROP = 0: `s_ready` waits for
// room. In both a frame longer than the memory is dropped, and with DROP_BAD = 1 one that is marked bad.
//
// Resets belong to one side each and may come at any time: `s_rst` forgets the frame that is being written, `m_rst` the rest
// of the frame that is being read. Frames that are whole stay. Pointers start from the values of configuration.
// Parameters: K octets in a beat, 2**ADDRESS beats
`default_nettype none

module vireo_frame_fifo #(
    parameter K        = 64,
    parameter ADDRESS  = 9,
    parameter DROP     = 0,
    parameter DROP_BAD = 0
) (
    input  wire           s_clk,
    input  wire           s_rst,
    input  wire           s_valid,
    output wire           s_ready,
    input  wire [8*K-1:0] s_data,
    input  wire [K-1:0]   s_keep,
    input  wire           s_last,
    input  wire           s_bad,
    input  wire           m_clk,
    input  wire           m_rst,
    output wire           m_valid,
    input  wire           m_ready,
    output wire [8*K-1:0] m_data,
    output wire [K-1:0]   m_keep,
    output wire           m_last,
    output wire           m_bad,
    // Frames dropped since configuration, in the clock of `count_clk`; wraps.
    input  wire           count_clk,
    output wire [31:0]    dropped
);
    localparam WIDTH = 9 * K + 2;
    localparam [ADDRESS:0] FULL = {1'b1, {ADDRESS{1'b0}}};

    reg [WIDTH-1:0] memory [0:(1<<ADDRESS)-1];

    // Writing. `write` counts beats, `start` is where the frame that is being written began.
    reg  [ADDRESS:0] write;
    reg  [ADDRESS:0] start;
    reg  [ADDRESS:0] frames;
    reg  [31:0]      drops;
    reg              dropping;
    wire [ADDRESS:0] seen_read;
    wire full = write - seen_read == FULL;
    // Not even an empty memory would hold it.
    wire too_long = write - start == FULL;
    wire drop = (full & ((DROP != 0) | too_long)) | ((DROP_BAD != 0) & s_last & s_bad);
    assign s_ready = (DROP != 0) | dropping | drop | ~full;
    wire accept = s_valid & s_ready;
    wire store = accept & ~dropping & ~drop;

    initial begin
        write    = {(ADDRESS+1){1'b0}};
        start    = {(ADDRESS+1){1'b0}};
        frames   = {(ADDRESS+1){1'b0}};
        drops    = 32'h0;
        dropping = 1'b0;
    end

    always @(posedge s_clk) begin
        if (store) memory[write[ADDRESS-1:0]] <= {s_bad, s_last, s_keep, s_data};
    end

    always @(posedge s_clk) begin
        if (s_rst) begin
            write    <= start;
            dropping <= 1'b0;
        end else if (store) begin
            write <= write + 1'b1;
            if (s_last) begin
                start  <= write + 1'b1;
                frames <= frames + 1'b1;
            end
        end else if (accept) begin
            dropping <= ~s_last;
            if (~dropping) begin
                write <= start;
                drops <= drops + 1'b1;
            end
        end
    end

    // Reading. `held`: the memory's output register holds a beat.
    reg              held;
    reg              skip;
    reg  [ADDRESS:0] read;
    reg  [ADDRESS:0] begun;
    reg  [WIDTH-1:0] beat;
    wire [ADDRESS:0] seen_frames;
    wire take = ~held | m_ready | skip | m_rst;
    wire rest = held & ~m_last;
    wire next = (begun != seen_frames) & ~m_rst;
    wire fetch = take & (rest | next);
    assign m_valid = held & ~skip;
    assign {m_bad, m_last, m_keep, m_data} = beat;

    initial begin
        held  = 1'b0;
        skip  = 1'b0;
        read  = {(ADDRESS+1){1'b0}};
        begun = {(ADDRESS+1){1'b0}};
        beat  = {WIDTH{1'b0}};
    end

    always @(posedge m_clk) begin
        if (fetch) beat <= memory[read[ADDRESS-1:0]];
    end

    always @(posedge m_clk) begin
        if (take) held <= fetch;
        if (fetch) begin
            read <= read + 1'b1;
            if (~rest) begun <= begun + 1'b1;
        end
        skip <= (skip | m_rst) & rest;
    end

    vireo_gray_crossing #(.WIDTH(ADDRESS + 1)) to_reader (
        .s_clk(s_clk), .s_count(frames), .m_clk(m_clk), .m_count(seen_frames)
    );
    vireo_gray_crossing #(.WIDTH(ADDRESS + 1)) to_writer (
        .s_clk(m_clk), .s_count(read), .m_clk(s_clk), .m_count(seen_read)
    );
    vireo_gray_crossing #(.WIDTH(32)) to_count (
        .s_clk(s_clk), .s_count(drops), .m_clk(count_clk), .m_count(dropped)
    );
endmodule

`default_nettype wire
