// SPDX-License-Identifier: MIT
//! The block `known` against what docs/pipeline.md says of it.
