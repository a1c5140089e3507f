// SPDX-License-Identifier: MIT
//! The block `channel` against what docs/pipeline.md says of it.
