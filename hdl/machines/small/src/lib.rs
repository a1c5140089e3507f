// SPDX-License-Identifier: MIT
//! The small size of the machine, in a crate of its own: it is the one that rust-hdl's kernel simulates most, so it alone is
//! worth optimizing (Cargo.toml of the workspace).

vireo_hdl::sizes! {
    [64, 128, 256, 512] bits, 8 ports, 4 groups, 2 links, 256 channels, 256 bindings;
}
