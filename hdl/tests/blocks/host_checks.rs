// SPDX-License-Identifier: MIT
//! The block `host_checks` against what docs/pipeline.md says of it.
