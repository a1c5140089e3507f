// SPDX-License-Identifier: MIT
//! The block `tag` against what docs/pipeline.md says of it.
