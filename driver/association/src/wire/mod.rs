// SPDX-License-Identifier: MIT
//! Wire formats: for each a checked view over octets (`Packet`) and a typed value (`Repr`, or the name of what it says).
