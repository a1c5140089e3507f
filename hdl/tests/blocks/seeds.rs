// SPDX-License-Identifier: MIT
//! The block `seeds` against what docs/pipeline.md says of it.
