// SPDX-License-Identifier: MIT
//! What is said over a program's socket: a line of JSON each way. A request is answered when what it asks for has come about or
//! has failed, so other clients are served meanwhile.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use vireo_association::vdp::{Hint, Key};
use vireo_association::wire::vdp::{Command, Filter, ManagerId, Vsi};

use super::error::ServeError;

/// The longest request, in octets.
const LONGEST: usize = 1 << 16;
/// Clients at once whose requests have not come; for more, those that came first have to leave.
const CLIENTS: usize = 64;

/// A manager as people write it: 32 hexadecimal digits, or a number up to 255 for the first octet, as vdptool takes it.
///
/// # Errors
/// What was expected.
pub fn manager(text: &str) -> Result<ManagerId, String> {
    if let Ok(number) = text.parse::<u8>() {
        let mut octets = [0; 16];
        octets[0] = number;
        return Ok(ManagerId(octets));
    }
    text.parse().map_err(|error| format!("{error}, and no number from 0 to 255"))
}

/// What a client asks for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Request {
    /// Of a station: a VSI, as its command says.
    Associate(Wanted),
    /// The end of a VSI; of a bridge, which then tells its station.
    Deassociate {
        /// Which.
        key: Key,
        /// A port or link by name, where it is in more than one channel.
        #[serde(default)]
        channel: Option<String>,
    },
    /// All VSIs.
    List,
    /// What has been counted.
    Count,
}

/// A VSI that a station is to have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// The port or link by whose channel; none: the first that there is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Whose type it names.
    pub manager: ManagerId,
    /// How.
    pub command: Command,
    /// What.
    pub vsi: Vsi,
    /// Where it comes from or goes to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<Hint>,
}

/// Counters: by the channel (or `controller`), by the layer (`vdp`, `line` below it, `ecp`), by their names.
pub type Counts = BTreeMap<String, BTreeMap<String, BTreeMap<String, u64>>>;

/// The counters of one layer, by their names.
pub(super) fn counts(of: &impl Serialize) -> BTreeMap<String, u64> {
    let value = serde_json::to_value(of).and_then(serde_json::from_value);
    value.expect("counters are numbers")
}

/// What came of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "outcome")]
pub enum Outcome {
    /// The bridge has confirmed it.
    Confirmed {
        /// What.
        command: Command,
        /// VID 0 filled in.
        filter: Filter,
    },
    /// The bridge has refused it.
    Refused {
        /// What for.
        command: Command,
        /// In words.
        reason: String,
        /// The status octet.
        status: u8,
        /// What was confirmed before still is.
        kept: bool,
    },
    /// The bridge does not answer; it is asked again from time to time.
    Unanswered {
        /// What for.
        command: Command,
    },
    /// The VSI is gone.
    Removed,
    /// The request cannot be served.
    Failed {
        /// Why, and what to do.
        reason: String,
    },
    /// What has been counted, by channel, layer and name.
    Counts {
        /// Of the program as a whole: `controller`.
        counts: Counts,
    },
    /// All VSIs.
    Vsis {
        /// In the order of their channels and names.
        vsis: Vec<Listed>,
    },
}

/// A VSI, as it is listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// The port or link by whose channel.
    pub channel: String,
    /// Whose type it names.
    pub manager: ManagerId,
    /// What is wanted (station) or held (bridge).
    pub command: Command,
    /// What it is, VID 0 filled in where the bridge has confirmed it.
    pub vsi: Vsi,
    /// `confirmed`, `asked`, `unanswered`.
    pub state: String,
}

/// A client, and what of its request has come.
#[derive(Debug)]
pub(super) struct Client {
    stream: UnixStream,
    said: Vec<u8>,
}

impl Client {
    /// Answers, and lets the client go. One that has left is not told.
    pub(super) fn answer(mut self, outcome: &Outcome) {
        let mut line = serde_json::to_vec(outcome).expect("outcomes are plain data");
        line.push(b'\n');
        let _ = self.stream.set_nonblocking(false);
        // Who does not read must not stop the protocol.
        let _ = self.stream.set_write_timeout(Some(std::time::Duration::from_millis(100)));
        let _ = self.stream.write_all(&line);
    }

    /// The request once it is there; nothing while it is not, an error if it never will be.
    fn request(&mut self) -> Result<Option<Request>, String> {
        let mut octets = [0; 4096];
        loop {
            match self.stream.read(&mut octets) {
                Ok(0) => return Err("it ends before its line does".into()),
                Ok(count) => self.said.extend_from_slice(&octets[..count]),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
                Err(error) => return Err(error.to_string()),
            }
            if let Some(end) = self.said.iter().position(|&octet| octet == b'\n') {
                let request = serde_json::from_slice(&self.said[..end]);
                return request.map(Some).map_err(|error| error.to_string());
            }
            if self.said.len() > LONGEST {
                return Err(format!("it is longer than {LONGEST} octets"));
            }
        }
    }
}

/// A program's socket.
#[derive(Debug)]
pub(super) struct Socket {
    path: PathBuf,
    listener: UnixListener,
    clients: Vec<Client>,
}

impl Socket {
    /// Listens at `path`, which only this user may talk to. What a program that was killed left there is taken away.
    pub(super) fn open(path: &Path) -> Result<Self, ServeError> {
        let failed = |doing| move |error| ServeError::File { file: path.into(), doing, error };
        if UnixStream::connect(path).is_ok() {
            return Err(ServeError::SocketInUse { file: path.into() });
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(failed("make its folder"))?;
        }
        match fs::symlink_metadata(path) {
            // Whatever else is there is somebody's, and stays.
            Ok(found) if found.file_type().is_socket() => fs::remove_file(path)
                .map_err(failed("take away the socket that an earlier program left"))?,
            Ok(_) => return Err(ServeError::NoSocket { file: path.into() }),
            Err(_) => {}
        }
        let listener = UnixListener::bind(path).map_err(failed("listen"))?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600))
            .map_err(failed("keep it to this user"))?;
        listener.set_nonblocking(true).map_err(failed("listen"))?;
        Ok(Self { path: path.into(), listener, clients: Vec::new() })
    }

    /// What to wait for.
    pub(super) fn descriptors(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        let clients = self.clients.iter().map(|client| client.stream.as_fd());
        std::iter::once(self.listener.as_fd()).chain(clients)
    }

    /// Requests that have come, with the clients that wait for the answers.
    pub(super) fn requests(&mut self) -> Vec<(Client, Request)> {
        for _ in 0..CLIENTS {
            let Ok((stream, _)) = self.listener.accept() else { break };
            if stream.set_nonblocking(true).is_ok() {
                self.clients.push(Client { stream, said: Vec::new() });
            }
        }
        let mut requests = Vec::new();
        for mut client in std::mem::take(&mut self.clients) {
            match client.request() {
                Ok(Some(request)) => requests.push((client, request)),
                Ok(None) => self.clients.push(client),
                Err(problem) => {
                    let reason = format!("the request cannot be read: {problem}");
                    client.answer(&Outcome::Failed { reason });
                }
            }
        }
        // Who says nothing must not keep others from being served.
        let too_many = self.clients.len().saturating_sub(CLIENTS);
        for client in self.clients.drain(..too_many) {
            let reason = "too many clients wait here that ask for nothing".into();
            client.answer(&Outcome::Failed { reason });
        }
        requests
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // It may have been taken away by others; nobody is left to be told.
        let _ = fs::remove_file(&self.path);
    }
}
