//! What passes between the parts of a simulation, and where each is to be reached.

use bytes::Bytes;
use punctual_model::{ClientId, Resource};
use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, oneshot};

use crate::outlet::Broken;

/// The host of the server's side, and its port.
pub(crate) const APP: (&str, u16) = ("app", 80);
/// The host of the database, and its port.
pub(crate) const DATABASE: (&str, u16) = ("database", 5432);

/// The name of the host of a client.
pub(crate) fn host_of(client: ClientId) -> String {
    format!("client-{}", client.0)
}

/// What arrives at the server's side.
pub(crate) enum Arrival {
    Answer(Answer),
    /// A request for a stream, with the id that the client names.
    Connect(ClientId, u32, oneshot::Sender<Opened>),
    Fetch(Resource, oneshot::Sender<bool>),
    /// A server of one's own reads the status, or rows.
    Read(bool, Vec<String>, oneshot::Sender<Answer>),
}

/// What becomes of a request for a stream.
pub(crate) enum Opened {
    Stream(mpsc::UnboundedReceiver<Result<Bytes, Broken>>),
    /// Nobody is there who would answer.
    Gone,
}

/// What befalls the line of a client, as far as its own end is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Control {
    /// What it asks for waits from now on.
    Hold,
    /// It waits no longer.
    Release,
    /// The connection to a server of one's own breaks; whether its ends notice.
    Cut(bool),
}

/// What is asked of the database.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Request {
    /// Told from all other requests.
    pub(crate) number: u64,
    /// When it takes effect, in microseconds of the run.
    pub(crate) due: u64,
    pub(crate) op: Op,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Op {
    /// The status, if asked for, and the versions of rows that can be read.
    Read { status: bool, rows: Vec<String> },
    /// A new version of a row, which is then rolled back or not, and can be read at once or not.
    Commit { row: String, rolled_back: bool, at_once: bool },
    /// What was committed can be read.
    Appear { row: String, version: u32 },
    /// The job's status.
    Status(String),
}

/// What the database says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Answer {
    pub(crate) number: u64,
    pub(crate) status: Option<String>,
    /// The versions of the rows asked for; 0 for one that is not there.
    pub(crate) rows: Vec<u32>,
}
