// SPDX-License-Identifier: MIT
//! The block `port_source` against what docs/pipeline.md says of it.
