// SPDX-License-Identifier: MIT
//
// A memory of whole frames between two clocks: a frame can be read when its last word has been written, and without a pause.
// A frame that cannot be kept is lost whole: one that is longer than the memory, one that is marked bad if DROP_BAD, and, if
// not WAIT, one that comes when there is no room. If WAIT, the writer waits for room instead.
//
// What crosses between the clocks are counters that move by one, in Gray code: frames written, words read.
// Parameters: WIDTH bits in a word; 2**ADDRESS words
`default_nettype none

module frame_fifo #(
    parameter WIDTH    = 67,
    parameter ADDRESS  = 9,
    parameter WAIT     = 0,
    parameter DROP_BAD = 0
) (
    input  wire             w_clk,
    input  wire             w_rst,
    input  wire             w_valid,
    output wire             w_ready,
    input  wire [WIDTH-1:0] w_data,
    input  wire             w_last,
    input  wire             w_bad,    // with w_last: the frame's check sequence was wrong, or it was cut
    output reg              w_lost,   // for one clock: a frame was lost
    input  wire             r_clk,
    input  wire             r_rst,
    output reg              r_valid,
    input  wire             r_ready,
    output reg  [WIDTH-1:0] r_data,
    output reg              r_last,
    output reg              r_bad
);
    localparam [ADDRESS:0] ONE   = 1;
    localparam [ADDRESS:0] WORDS = ONE << ADDRESS;

    function [ADDRESS:0] to_gray(input [ADDRESS:0] value);
        to_gray = value ^ (value >> 1);
    endfunction

    function [ADDRESS:0] from_gray(input [ADDRESS:0] value);
        integer i;
        for (i = 0; i <= ADDRESS; i = i + 1) from_gray[i] = ^(value >> i);
    endfunction

    reg [WIDTH+1:0] memory[0:(1 << ADDRESS)-1];

    // Writing.
    reg [ADDRESS:0] w_at;                       // the next word
    reg [ADDRESS:0] w_start;                    // the first word of the frame that is being written
    reg [ADDRESS:0] w_frames;                   // frames written whole
    reg [ADDRESS:0] w_frames_gray;
    reg             w_losing;                   // the rest of this frame is swallowed
    reg [ADDRESS:0] r_words_gray;
    reg [ADDRESS:0] w_seen0, w_seen1, w_seen;   // words read, as this side knows

    wire full  = w_at - w_seen == WORDS;
    wire alone = w_start == w_seen;             // no other frame is in the memory: waiting would be in vain
    assign w_ready = !WAIT || !full || alone || w_losing;

    wire write = w_valid && w_ready;
    wire lose  = w_losing || full || (DROP_BAD && w_last && w_bad);

    always @(posedge w_clk) begin
        if (write) memory[w_at[ADDRESS-1:0]] <= {w_bad, w_last, w_data};
    end

    always @(posedge w_clk) begin
        w_seen0       <= r_words_gray;
        w_seen1       <= w_seen0;
        w_seen        <= from_gray(w_seen1);
        w_frames_gray <= to_gray(w_frames);
        w_lost        <= write && lose && w_last;
        if (write) begin
            w_losing <= lose && !w_last;
            if (!lose) begin
                w_at <= w_at + ONE;
                if (w_last) begin
                    w_start  <= w_at + ONE;
                    w_frames <= w_frames + ONE;
                end
            end else if (w_last) begin
                w_at <= w_start;
            end
        end
        if (w_rst) begin
            w_at          <= 0;
            w_start       <= 0;
            w_frames      <= 0;
            w_frames_gray <= 0;
            w_losing      <= 0;
            w_lost        <= 0;
            w_seen0       <= 0;
            w_seen1       <= 0;
            w_seen        <= 0;
        end
    end

    // Reading: a word every three clocks, which is faster than a 1 Gb/s MAC at any clock from 47 MHz.
    reg [ADDRESS:0] r_at;
    reg [ADDRESS:0] r_frames;                   // frames read whole
    reg [ADDRESS:0] r_seen0, r_seen1, r_seen;   // frames written, as this side knows
    reg [WIDTH+1:0] r_array;                    // the block RAM's word at the address of the clock before
    reg             r_settled;                  // this word is the next one

    always @(posedge r_clk) r_array <= memory[r_at[ADDRESS-1:0]];

    always @(posedge r_clk) begin
        r_seen0      <= w_frames_gray;
        r_seen1      <= r_seen0;
        r_seen       <= from_gray(r_seen1);
        r_words_gray <= to_gray(r_at);
        r_settled    <= r_seen != r_frames;
        if (r_settled && !r_valid) begin
            r_valid                 <= 1;
            {r_bad, r_last, r_data} <= r_array;
            r_at                    <= r_at + ONE;
            r_settled               <= 0;
            if (r_array[WIDTH]) r_frames <= r_frames + ONE;
        end
        if (r_valid && r_ready) r_valid <= 0;
        if (r_rst) begin
            r_at         <= 0;
            r_frames     <= 0;
            r_words_gray <= 0;
            r_seen0      <= 0;
            r_seen1      <= 0;
            r_seen       <= 0;
            r_settled    <= 0;
            r_valid      <= 0;
        end
    end
endmodule

`default_nettype wire
