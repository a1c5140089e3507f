// SPDX-License-Identifier: MIT
//! The block `members` against what docs/pipeline.md says of it.
