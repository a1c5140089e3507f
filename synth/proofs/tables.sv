// SPDX-License-Identifier: MIT
// Tables in block RAM: a lookup, and software's read, see the row last written at the address, whole, or nothing.
`default_nettype none

// Instead of the hash: what the harness says in place of the seed. So the index is arbitrary in every clock.
module vireo_hash (
    input wire clk, en,
    input wire [71:0] key, seed,
    output wire [71:0] x
);
    assign x = seed;
endmodule

// A block RAM of which one arbitrary row is kept; other rows, and one that is read while it is written, are anything.
module vireo_block_ram #(parameter WIDTH = 8, parameter ADDRESS = 8) (
    input  wire               clk, a_enable, b_write,
    input  wire [ADDRESS-1:0] a_addr, b_addr,
    input  wire [WIDTH-1:0]   b_wdata,
    output reg  [WIDTH-1:0]   a_data, b_rdata
);
    (* anyconst *) reg [ADDRESS-1:0] watch;
    (* anyseq *) reg [WIDTH-1:0] any_a;
    (* anyseq *) reg [WIDTH-1:0] any_b;
    reg [WIDTH-1:0] row = 0, a_raw, b_raw;
    always @(posedge clk) begin
        if (a_enable) begin
            a_raw <= a_addr != watch || (b_write && a_addr == b_addr) ? any_a : row;
            a_data <= a_raw;
        end
        if (b_write && b_addr == watch) row <= b_wdata;
        if (!b_write) b_raw <= b_addr == watch ? row : any_b;
        b_rdata <= b_raw;
    end
endmodule

// What an exact-match table must say. The array is read five clocks before the lookup's outcome stands; what software reads
// stands five clocks after its address, if nothing is written meanwhile (pipeline.md, sections 3.4 and 7).
module expected #(parameter KEY = 8, parameter VALUE = 1, parameter LATENCY = 11) (
    input  wire             clk, en,
    input  wire [71:0]      key, hash_a, hash_b,
    input  wire [3:0]       choice, commit,
    input  wire [5:0]       row,
    input  wire [KEY+VALUE:0] row_data,
    input  wire [1:0]       way,
    input  wire [KEY+VALUE:0] row_read,
    input  wire             hit,
    input  wire [VALUE-1:0] value,
    input  wire [23:0]      watch,
    output wire             wrong_lookup, wrong_read
);
    // The rows as they were written.
    reg  [KEY+VALUE:0] rows [0:3];
    reg  [5:0]         chosen [0:3];
    reg  [5:0]         index [0:3];
    // The key that is looked up where the array is read.
    reg  [72*(LATENCY-5)-1:0] keys;
    wire [71:0]        asked = keys[72*(LATENCY-5)-1 -: 72];
    reg  [KEY+VALUE:0] seen [0:3];
    reg  [VALUE+1:0]   say [0:4];
    reg                known = 0, all, found;
    reg  [VALUE-1:0]   answer;
    reg  [71:0]        x;
    reg  [17:0]        z;
    integer w;
    initial for (w = 0; w < 4; w = w + 1) rows[w] = 0;
    reg [3:0] age = 0;
    always @* begin
        all = 1;
        found = 0;
        answer = 0;
        for (w = 3; w >= 0; w = w - 1) begin
            if (index[w] != watch[6*w +: 6]) all = 0;
            seen[w] = commit[w] && row == index[w] ? row_data : rows[w];
            if (seen[w][KEY+VALUE] && {{(72-KEY){1'b0}}, seen[w][KEY-1:0]} == asked) begin
                found = 1;
                answer = seen[w][KEY +: VALUE];
            end
        end
    end
    always @(posedge clk) begin
        for (w = 0; w < 4; w = w + 1) if (commit[w] && row == watch[6*w +: 6]) rows[w] <= row_data;
        if (en) begin
            if (age != 15) age <= age + 1;
            for (w = 0; w < 4; w = w + 1) begin
                z = (choice[w] ? hash_b : hash_a) >> (18 * w);
                chosen[w] <= z ^ (z >> 9);
                index[w] <= chosen[w];
            end
            keys <= {keys, key};
            say[0] <= {all, found, answer}; say[1] <= say[0]; say[2] <= say[1]; say[3] <= say[2]; say[4] <= say[3];
        end
    end
    assign wrong_lookup = age >= LATENCY && say[4][VALUE+1] && (hit != say[4][VALUE] || (hit && value != say[4][VALUE-1:0]));

    // Software reads: row and way stand, and nothing is written, for five clocks; in the fifth it is there.
    reg  [2:0]         stands = 0;
    reg  [5:0]         row_before;
    reg  [1:0]         way_before;
    wire               stood = stands != 0 && row == row_before && way == way_before && commit == 0;
    always @(posedge clk) begin
        row_before <= row;
        way_before <= way;
        stands <= commit != 0 ? 0 : !stood ? 1 : stands + (stands != 5);
    end
    reg  [3:0]         watched;
    always @* for (w = 0; w < 4; w = w + 1) watched[w] = row == watch[6*w +: 6];
    assign wrong_read = stood && stands >= 4 && watched[way] && row_read != rows[way];
endmodule

module tables (
    input wire        clk, en,
    input wire [71:0] key, hash_a, hash_b,
    input wire [3:0]  choice, commit,
    input wire [5:0]  row,
    input wire [67:0] row_data,
    input wire [1:0]  way
);
    wire [67:0] binding_read;
    wire [33:0] channel_read;
    wire        binding_hit, binding_value, channel_hit;
    wire [7:0]  channel_value;
    always @* assume (key[71:66] == 0);
    // Of a key's bits two in each part that is compared are free, of a value's two; the others are 0. Nothing computes with them.
    localparam [67:0] FREE = (68'd1 << 67) | (68'd1 << 66) | (68'd1 << 65) | (68'd1 << 54) | (68'd1 << 53) | (68'd1 << 36) | (68'd1 << 35)
        | (68'd1 << 33) | (68'd1 << 32) | (68'd1 << 25) | (68'd1 << 24) | (68'd1 << 18) | (68'd1 << 17) | 68'd1;
    always @* assume ((row_data & ~FREE) == 0 && (key & ~FREE) == 0);
    // A direction stops for one stretch of clocks, wherever.
    (* anyconst *) reg [3:0] stop, go;
    reg [4:0] now = 0;
    always @(posedge clk) now <= now + 1;
    always @* assume (en == (now < stop || now >= go));
    vireo_exact_key66_value1_rows64 binding (
        .clk(clk), .en({7{en}}), .key(key), .seed_a(hash_a), .seed_b(hash_b), .choice(choice), .commit(commit), .row(row),
        .row_data(row_data), .way(way), .row_read(binding_read), .hit(binding_hit), .value(binding_value)
    );
    vireo_exact_key25_value8_rows64 channel (
        .clk(clk), .en({7{en}}), .key({47'd0, key[24:0]}), .seed_a(hash_a), .seed_b(hash_b), .choice(choice), .commit(commit),
        .row(row), .row_data(row_data[33:0]), .way(way), .row_read(channel_read), .hit(channel_hit), .value(channel_value)
    );
    (* hierconn *) wire [5:0] \binding.u_rams_0.watch ;
    (* hierconn *) wire [5:0] \binding.u_rams_1.watch ;
    (* hierconn *) wire [5:0] \binding.u_rams_2.watch ;
    (* hierconn *) wire [5:0] \binding.u_rams_3.watch ;
    (* hierconn *) wire [5:0] \channel.u_rams_0.watch ;
    (* hierconn *) wire [5:0] \channel.u_rams_1.watch ;
    (* hierconn *) wire [5:0] \channel.u_rams_2.watch ;
    (* hierconn *) wire [5:0] \channel.u_rams_3.watch ;
    wire binding_wrong, binding_misread, channel_wrong, channel_misread;
    expected #(.KEY(66), .VALUE(1), .LATENCY(`VIREO_BINDING_LATENCY)) of_binding (
        .clk(clk), .en(en), .key(key), .hash_a(hash_a), .hash_b(hash_b), .choice(choice), .commit(commit), .row(row),
        .row_data(row_data), .way(way), .row_read(binding_read), .hit(binding_hit), .value(binding_value),
        .watch({\binding.u_rams_3.watch , \binding.u_rams_2.watch , \binding.u_rams_1.watch , \binding.u_rams_0.watch }),
        .wrong_lookup(binding_wrong), .wrong_read(binding_misread)
    );
    expected #(.KEY(25), .VALUE(8), .LATENCY(`VIREO_CHANNEL_LATENCY)) of_channel (
        .clk(clk), .en(en), .key({47'd0, key[24:0]}), .hash_a(hash_a), .hash_b(hash_b), .choice(choice), .commit(commit), .row(row),
        .row_data(row_data[33:0]), .way(way), .row_read(channel_read), .hit(channel_hit), .value(channel_value),
        .watch({\channel.u_rams_3.watch , \channel.u_rams_2.watch , \channel.u_rams_1.watch , \channel.u_rams_0.watch }),
        .wrong_lookup(channel_wrong), .wrong_read(channel_misread)
    );

    // The table of VLANs has one row a VLAN and no key.
    wire [7:0] vlan_read;
    wire       admits;
    vireo_vlan vlan (
        .clk(clk), .en(en), .vlan(key[11:0]), .port(key[65:60]), .commit(commit[0]), .row({6'd0, row}), .row_data(row_data[7:0]),
        .row_read(vlan_read), .admits(admits)
    );
    (* hierconn *) wire [11:0] \vlan.u_ram.watch ;
    wire [11:0] vlan_watch = \vlan.u_ram.watch ;
    always @* assume (key[65:63] == 0 && vlan_watch[11:6] == 0);
    reg  [7:0]  ports = 0;
    // What is asked where the array is read.
    reg  [18*(`VIREO_VLAN_LATENCY-5)-1:0] asked;
    wire [17:0] asked_now = asked[18*(`VIREO_VLAN_LATENCY-5)-1 -: 18];
    reg  [4:0]  vlan_known = 0, vlan_says;
    reg  [3:0]  vlan_age = 0;
    wire        written = commit[0] && row == vlan_watch[5:0];
    wire [7:0]  ports_now = commit[0] && {6'd0, row} == asked_now[11:0] ? row_data[7:0] : ports;
    always @(posedge clk) begin
        if (written) ports <= row_data[7:0];
        if (en) begin
            if (vlan_age != 15) vlan_age <= vlan_age + 1;
            asked <= {asked, key[65:60], key[11:0]};
            vlan_known <= {vlan_known[3:0], asked_now[11:0] == vlan_watch};
            vlan_says <= {vlan_says[3:0], ports_now[asked_now[14:12]]};
        end
    end

    always @* begin
        binding_whole: assert (!binding_wrong);
        channel_whole: assert (!channel_wrong);
        binding_read_whole: assert (!binding_misread);
        channel_read_whole: assert (!channel_misread);
        vlan_whole: assert (!(vlan_age >= `VIREO_VLAN_LATENCY && vlan_known[4] && admits != vlan_says[4]));
    end
endmodule

`default_nettype wire
