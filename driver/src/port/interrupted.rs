// SPDX-License-Identifier: MIT
//! How far a call about a port came when the bus failed, in words that a person can act upon.

use std::fmt;

/// What was to be done to a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// [`Device::create_port`](crate::Device::create_port).
    CreatePort,
    /// [`Device::enable_port`](crate::Device::enable_port).
    EnablePort,
    /// [`Device::disable_port`](crate::Device::disable_port).
    DisablePort,
    /// [`Device::bind`](crate::Device::bind).
    Bind,
    /// [`Device::unbind`](crate::Device::unbind).
    Unbind,
    /// [`Device::join_group`](crate::Device::join_group).
    JoinGroup,
    /// [`Device::leave_group`](crate::Device::leave_group).
    LeaveGroup,
    /// [`Device::move_port`](crate::Device::move_port) and its two halves.
    MovePort,
    /// [`Device::delete_port`](crate::Device::delete_port).
    DeletePort,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::CreatePort => "create",
            Self::EnablePort => "enable",
            Self::DisablePort => "disable",
            Self::Bind => "bind",
            Self::Unbind => "unbind",
            Self::JoinGroup => "group join",
            Self::LeaveGroup => "group leave",
            Self::MovePort => "move",
            Self::DeletePort => "delete",
        })
    }
}

/// What frames meet after an operation was interrupted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Progress {
    /// The old state: the row that decides was not written.
    Before,
    /// The new state: the row that decides was written.
    After,
    /// One or the other, not a mixture: the bus failed at the row that decides, and when the machine was asked.
    Unknown,
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Before => "frames meet the old state",
            Self::After => "frames meet the new state",
            Self::Unknown => {
                "frames meet the old state or the new one, the bus could not say which"
            }
        })
    }
}

/// What may be left over, and what to do about it.
pub(crate) fn advice(operation: Operation, progress: Progress) -> &'static str {
    use Operation::{CreatePort, DeletePort, MovePort};
    match (operation, progress) {
        (CreatePort, _) => {
            "a channel's row without a port may be left over; repeat the call, or delete the port"
        }
        (DeletePort, Progress::After) => {
            "bindings, members of groups and a channel's row of the port that is gone are left over; repeat the call"
        }
        (MovePort, Progress::Before) => {
            "rows of the new place may lead to the port, too; repeat the call, or call finish_move to take them away"
        }
        (MovePort, Progress::After) => {
            "rows of the place that the port left may lead to it still; repeat the call, or call finish_move"
        }
        (MovePort, Progress::Unknown) => {
            "rows of both places lead to the port; repeat the call, or call finish_move to leave the port where it is"
        }
        _ => "nothing is left over; repeat the call",
    }
}
