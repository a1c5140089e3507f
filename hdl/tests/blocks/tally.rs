// SPDX-License-Identifier: MIT
//! The block `tally` against what docs/pipeline.md says of it.
