// SPDX-License-Identifier: MIT
//! The block `slot` against what docs/pipeline.md says of it.
