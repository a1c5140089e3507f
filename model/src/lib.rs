// SPDX-License-Identifier: MIT
//! Vireo's machine as a reference, frame by frame, and as a cycle model, pin by pin.
