//! How messages of the model are written as an event stream, and read back from one.
//!
//! ```text
//! id: 7                      the id under which it is in the store; left out if it is in none
//! event: tts_completed       its kind
//! data: {"n":1,"copy":"published"}
//! ```
//!
//! Invariants speak of identities and not of ids on the wire, so the data says which event it is.

use std::fmt;

use punctual_model::{EventId, Identity, Message, Origin, System};
use serde::{Deserialize, Serialize};

use crate::event_stream;

/// The data of an event.
#[derive(Debug, Serialize, Deserialize)]
struct Data {
    n: u32,
    copy: Copied,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Copied {
    Published,
    Synthesized,
}

/// The bytes of a message, sent under `id`, which is 0 if it has none. The end has none.
pub(crate) fn encode(system: &System, message: Message, id: u32) -> Vec<u8> {
    match message {
        Message::Event(what, copy) => {
            let data = data(what, copy);
            let id = if id > 0 { format!("id: {id}\n") } else { String::new() };
            format!("{id}event: {}\ndata: {data}\n\n", system.event_name(what.event())).into_bytes()
        }
        Message::Comment => b": keep-alive\n\n".to_vec(),
        Message::End | Message::Refused => Vec::new(),
    }
}

/// The data that says which event it is.
pub(crate) fn data(what: Identity, copy: Origin) -> String {
    let copy = match copy {
        Origin::Published => Copied::Published,
        Origin::Synthesized => Copied::Synthesized,
    };
    serde_json::to_string(&Data { n: what.ordinal(), copy }).unwrap_or_default()
}

/// Why a message of a stream tells of no event that the system has.
#[derive(Debug)]
pub(crate) enum NoEvent {
    /// Nothing is of this kind.
    Kind(String),
    /// Its data do not say which event of its kind it is.
    Data { kind: String, error: serde_json::Error, data: String },
    /// What tells events of a server of one's own apart gives a kind that is none.
    Identified(String),
}

impl fmt::Display for NoEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kind(kind) => write!(f, "an event of the unknown kind {:?}", shortened(kind)),
            Self::Data { kind, error, data } => {
                write!(f, "{kind} with data that names no event: {error}: {:?}", shortened(data))
            }
            Self::Identified(kind) => write!(f, "`identify` gives the unknown kind {kind:?}"),
        }
    }
}

impl std::error::Error for NoEvent {}

/// The event that a message of a stream tells of.
///
/// # Errors
/// It tells of none that the system has.
pub(crate) fn decode(
    system: &System,
    message: &event_stream::Message,
) -> Result<(Identity, Origin), NoEvent> {
    let kind = system.events.iter().position(|event| event.name == message.kind);
    let kind = kind.ok_or_else(|| NoEvent::Kind(message.kind.clone()))?;
    let data: Data = serde_json::from_str(&message.data).map_err(|error| NoEvent::Data {
        kind: message.kind.clone(),
        error,
        data: message.data.clone(),
    })?;
    let copy = match data.copy {
        Copied::Published => Origin::Published,
        Copied::Synthesized => Origin::Synthesized,
    };
    Ok((Identity::new(EventId(kind as u8), data.n), copy))
}

/// The beginning of a text that may be long.
pub(crate) fn shortened(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
