// SPDX-License-Identifier: MIT
//! The hand-written Verilog of the memories: plain arrays that every tool infers, and the same modules from a family's
//! primitives in files of their own.

use super::about::Leaf;
use super::design::File;

impl Leaf {
    /// The memory as an array.
    pub(super) fn file(self) -> File {
        let (module, text) = match self {
            Self::FlowRam => (Self::FLOW_RAM, include_str!("../../verilog/vireo_flow_ram.v")),
            Self::RowRam => (Self::ROW_RAM, include_str!("../../verilog/vireo_row_ram.v")),
            _ => (Self::BLOCK_RAM, include_str!("../../verilog/vireo_block_ram.v")),
        };
        File { name: format!("{module}.v"), text: text.into() }
    }

    /// The memory from the primitives of Lattice's ECP5.
    pub(super) fn vendor_file(self) -> Option<File> {
        let (module, text) = match self {
            Self::BlockRam => {
                (Self::BLOCK_RAM, include_str!("../../verilog/ecp5/vireo_block_ram.v"))
            }
            Self::FlowRam => (Self::FLOW_RAM, include_str!("../../verilog/ecp5/vireo_flow_ram.v")),
            _ => return None,
        };
        Some(File { name: format!("vendor/ecp5/{module}.v"), text: text.into() })
    }
}
