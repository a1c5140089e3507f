// SPDX-License-Identifier: MIT
//! The block `gather` against what docs/pipeline.md says of it.
