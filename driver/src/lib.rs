// SPDX-License-Identifier: MIT
//! Vireo's host software: register bus, device discovery, tables.
