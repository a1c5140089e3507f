// SPDX-License-Identifier: MIT
//! The block `verdict` against what docs/pipeline.md says of it.
