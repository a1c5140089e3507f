// SPDX-License-Identifier: MIT
//! Carriers: the simulated link. (The one over a real interface is tested where there are namespaces: tests/lldpad.)

mod simulated;
