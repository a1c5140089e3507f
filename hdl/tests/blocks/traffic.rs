// SPDX-License-Identifier: MIT
//! The block `traffic` against what docs/pipeline.md says of it.
