// SPDX-License-Identifier: MIT
//! The block `registers` against what docs/pipeline.md says of it.
