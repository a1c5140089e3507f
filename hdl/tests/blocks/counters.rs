// SPDX-License-Identifier: MIT
//! The block `counters` against what docs/pipeline.md says of it.
