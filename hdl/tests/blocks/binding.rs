// SPDX-License-Identifier: MIT
//! The block `binding` against what docs/pipeline.md says of it.
