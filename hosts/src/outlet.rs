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

#[cfg(test)]
mod tests {
    use super::*;

    const TICK: Span = Span(1_000);

    fn send(outlet: &mut Outlet, now: u64, text: &'static str, travels: u64) {
        let bytes = outlet.takes(Message::Comment, Bytes::from_static(text.as_bytes()));
        if let Some(bytes) = bytes {
            outlet.send(Time(now), Message::Comment, bytes, (Span(travels), TICK));
        }
    }

    /// What has been written: texts, and `None` where the connection broke.
    fn heard(chunks: &mut mpsc::UnboundedReceiver<Result<Bytes, Broken>>) -> Vec<Option<String>> {
        let text = |bytes: Bytes| String::from_utf8_lossy(&bytes).into_owned();
        std::iter::from_fn(|| chunks.try_recv().ok()).map(|chunk| chunk.ok().map(text)).collect()
    }

    fn connected() -> (Outlet, mpsc::UnboundedReceiver<Result<Bytes, Broken>>) {
        let (chunks, stream) = mpsc::unbounded_channel();
        let mut outlet = Outlet::default();
        assert_eq!(outlet.connects(Time::ZERO, chunks), 0);
        (outlet, stream)
    }

    #[test]
    fn none_overtakes_and_each_is_written_a_tick_before_it_is_to_arrive() {
        let (mut outlet, mut stream) = connected();
        send(&mut outlet, 0, "one", 50_000);
        send(&mut outlet, 10_000, "two", 5_000);
        assert_eq!(outlet.next_due(), Some(Time(49_000)));
        assert_eq!(outlet.write(Time(48_999)), 0);
        assert_eq!(outlet.write(Time(49_000)), 2, "the second arrives with the first");
        assert_eq!(heard(&mut stream), [Some("one".into()), Some("two".into())]);
    }

    #[test]
    fn a_line_that_breaks_ends_in_the_middle_of_what_is_under_way() {
        let (mut outlet, mut stream) = connected();
        send(&mut outlet, 0, "event", 50_000);
        send(&mut outlet, 0, "another", 50_000);
        assert_eq!(outlet.breaks(true), 2);
        assert_eq!(heard(&mut stream), [Some("ev".into()), None]);
        send(&mut outlet, 1, "more", 5_000);
        assert_eq!(outlet.next_due(), None, "nothing is sent on it");
        let (chunks, mut stream) = mpsc::unbounded_channel();
        outlet.connects(Time(60_000), chunks);
        send(&mut outlet, 60_000, "again", 5_000);
        assert_eq!(outlet.write(Time(64_000)), 1);
        assert_eq!(heard(&mut stream), [Some("again".into())]);
    }

    #[test]
    fn on_a_half_open_line_nobody_hears_anything_and_nobody_is_told() {
        let (mut outlet, mut stream) = connected();
        send(&mut outlet, 0, "event", 50_000);
        assert_eq!(outlet.breaks(false), 1);
        send(&mut outlet, 1, "more", 5_000);
        assert_eq!(outlet.write(Time(100_000)), 0);
        assert!(heard(&mut stream).is_empty());
        assert_eq!(outlet.breaks(true), 0);
        assert_eq!(heard(&mut stream), [None], "until it is noticed");
    }

    #[test]
    fn what_is_held_is_given_back_in_order() {
        let (mut outlet, _stream) = connected();
        outlet.hold();
        send(&mut outlet, 0, "one", 5_000);
        send(&mut outlet, 1, "two", 5_000);
        assert_eq!(outlet.next_due(), None);
        let released: Vec<Bytes> = outlet.release().into_iter().map(|(_, bytes)| bytes).collect();
        assert_eq!(released, ["one", "two"]);
    }
}
