// SPDX-License-Identifier: MIT
//! The block `rows` against what docs/pipeline.md says of it.
