//! The server's end of a client's line: what was sent and is not to be there yet.
//!
//! How long a message travels is the scenario's affair. So it is kept here until one tick of the network
//! before it is to arrive, and then written to the connection: none overtakes another. What befalls a line
//! befalls it here: what is under way when it breaks is lost, the bytes of an event in the middle.

use std::collections::VecDeque;

use bytes::Bytes;
use punctual_model::Message;
use punctual_sim::{Span, Time};
use tokio::sync::mpsc;

/// A connection that broke.
#[derive(Debug)]
pub(crate) struct Broken;

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the connection broke")
    }
}

impl std::error::Error for Broken {}

/// The way to the body of an answer.
pub(crate) type Chunks = mpsc::UnboundedSender<Result<Bytes, Broken>>;

/// A message that is to be written.
#[derive(Debug)]
struct Piece {
    write_at: Time,
    bytes: Bytes,
    /// Whether the connection ends with it.
    ends: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Connection {
    #[default]
    Up,
    HalfOpen,
    Down,
}

/// The server's end of a line.
#[derive(Debug, Default)]
pub(crate) struct Outlet {
    connection: Connection,
    chunks: Option<Chunks>,
    queue: VecDeque<Piece>,
    /// When the last message that was sent arrives.
    last: Time,
    held: bool,
    waiting: Vec<(Message, Bytes)>,
    /// How many connections there were.
    pub(crate) connections: u32,
}

impl Outlet {
    /// Whether a message that is sent now sets out now; one that is held waits.
    pub(crate) fn takes(&mut self, message: Message, bytes: Bytes) -> Option<Bytes> {
        if self.connection != Connection::Up {
            return None;
        }
        if matches!(message, Message::End | Message::Refused) {
            self.connection = Connection::Down;
        }
        if self.held {
            self.waiting.push((message, bytes));
            return None;
        }
        Some(bytes)
    }

    /// A message sets out, to arrive `travels` from now, or with the one before it.
    pub(crate) fn send(&mut self, now: Time, message: Message, bytes: Bytes, (travels, tick): (Span, Span)) {
        let arrives = (now + travels).max(self.last);
        self.last = arrives;
        let write_at = Time(arrives.0.saturating_sub(tick.0)).max(now);
        let ends = matches!(message, Message::End | Message::Refused);
        self.queue.push_back(Piece { write_at, bytes, ends });
    }

    /// When the next message is to be written; `None` while nobody is connected.
    pub(crate) fn next_due(&self) -> Option<Time> {
        self.chunks.as_ref().and(self.queue.front()).map(|piece| piece.write_at)
    }

    /// Writes what is due by `now`; gives how many messages that were.
    pub(crate) fn write(&mut self, now: Time) -> u32 {
        let mut written = 0;
        while let (Some(chunks), Some(piece)) = (&self.chunks, self.queue.front())
            && piece.write_at <= now
        {
            // Whoever has hung up hears nothing.
            if !piece.bytes.is_empty() {
                let _ = chunks.send(Ok(piece.bytes.clone()));
            }
            let ends = piece.ends;
            self.queue.pop_front();
            written += 1;
            if ends {
                self.chunks = None;
            }
        }
        written
    }

    /// A client is connected, and what is sent goes to it.
    pub(crate) fn connects(&mut self, now: Time, chunks: Chunks) -> u32 {
        let lost = self.queue.len() as u32;
        if self.connections > 0 {
            self.queue.clear();
            self.waiting.clear();
            self.connection = Connection::Up;
            self.last = now;
        }
        let lost = lost - self.queue.len() as u32;
        self.connections += 1;
        self.chunks = Some(chunks);
        lost
    }

    /// The line breaks; gives how many messages are lost.
    pub(crate) fn breaks(&mut self, noticed: bool) -> u32 {
        if self.connection != Connection::Down {
            self.connection = if noticed { Connection::Down } else { Connection::HalfOpen };
        }
        let lost = self.queue.len() as u32;
        let half = self.queue.pop_front().map(|piece| piece.bytes.slice(..piece.bytes.len() / 2));
        self.queue.clear();
        self.waiting.clear();
        if noticed && let Some(chunks) = self.chunks.take() {
            if let Some(half) = half.filter(|half| !half.is_empty()) {
                let _ = chunks.send(Ok(half));
            }
            let _ = chunks.send(Err(Broken));
        }
        lost
    }

    pub(crate) fn hold(&mut self) {
        self.held = true;
    }

    /// What was held, in order.
    pub(crate) fn release(&mut self) -> Vec<(Message, Bytes)> {
        self.held = false;
        std::mem::take(&mut self.waiting)
    }
}
