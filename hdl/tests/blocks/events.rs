// SPDX-License-Identifier: MIT
//! The block `events` against what docs/pipeline.md says of it.
