// SPDX-License-Identifier: MIT
//! The hand-written Verilog of the memories: plain arrays that every tool infers, and the same modules from a family's
//! primitives in files of their own.

use super::about::Leaf;
use super::design::File;

impl Leaf {
    /// The memory as an array.
    pub(super) fn file(self) -> File {
        let (module, text) = match self {
            Self::RowRam => (Self::ROW_RAM, include_str!("../../verilog/vireo_row_ram.v")),
            _ => (Self::BLOCK_RAM, include_str!("../../verilog/vireo_block_ram.v")),
        };
        File { name: format!("{module}.v"), text: text.into() }
    }

    /// The memory from the primitives of Lattice's ECP5.
    pub(super) fn vendor_file(self) -> Option<File> {
        (self == Self::BlockRam).then(|| File {
            name: format!("ecp5/{}.v", Self::BLOCK_RAM),
            text: include_str!("../../verilog/ecp5/vireo_block_ram.v").into(),
        })
    }
}
