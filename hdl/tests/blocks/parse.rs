// SPDX-License-Identifier: MIT
//! The block `parse` against what docs/pipeline.md says of it.
