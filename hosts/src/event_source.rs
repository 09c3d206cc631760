//! When a browser connects, what it asks for, and when it gives up (WHATWG HTML, 9.2.2 and 9.2.3).
//!
//! A stream that ends is connected to again, however it ended: a clean end is no better than a broken line.
//! An answer that is no stream of events is the end of it: any other status than 200, 204 among them, and
//! any other content type.
//!
//! ```
//! use punctual_hosts::event_source::{Answer, EventSource, Request};
//! use punctual_sim::Span;
//!
//! let mut source = EventSource::new(Span::secs(3), 1 << 20);
//! assert_eq!(source.connect(), Some(Request { last_event_id: None }));
//! assert_eq!(source.answered(200, Some("text/event-stream; charset=utf-8")), Answer::Opens);
//! source.read(b"retry: 500\nid: 7\ndata: one\n\n", &mut |_| {});
//! assert_eq!(source.ended(), Some(Span::millis(500)));
//! assert_eq!(source.connect(), Some(Request { last_event_id: Some("7".into()) }));
//! assert_eq!(source.answered(204, None), Answer::Closes);
//! assert_eq!(source.connect(), None);
//! ```

use punctual_sim::Span;

use crate::event_stream::{Decoder, Item};

/// Where a source is: what page code sees as `readyState`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It connects, or waits to do so.
    Connecting,
    /// It reads.
    Open,
    /// It has given up, or was told to.
    Closed,
}

/// What a source asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The header `Last-Event-ID`, which is not sent if there is none.
    pub last_event_id: Option<String>,
}

/// What an answer comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is a stream of events.
    Opens,
    /// It is not, and the source is closed for good.
    Closes,
}

/// A source of events, without a network.
#[derive(Clone, Debug)]
pub struct EventSource {
    state: State,
    decoder: Decoder,
    wait: Span,
}

impl EventSource {
    /// A source that has not connected yet. It waits so long before it connects again, until a stream says
    /// otherwise (the standard leaves that to browsers: some seconds), and keeps at most so many bytes of a
    /// block.
    pub fn new(wait: Span, most: usize) -> Self {
        Self { state: State::Connecting, decoder: Decoder::new(most), wait }
    }

    /// Where it is.
    pub fn state(&self) -> State {
        self.state
    }

    /// The id that it would send: of the last block that ended.
    pub fn last_event_id(&self) -> &str {
        self.decoder.last_id()
    }

    /// What it asks for now; nothing if it is closed.
    pub fn connect(&mut self) -> Option<Request> {
        if self.state == State::Closed {
            return None;
        }
        self.state = State::Connecting;
        self.decoder = self.decoder.again();
        let id = self.decoder.last_id();
        Some(Request { last_event_id: (!id.is_empty()).then(|| id.to_owned()) })
    }

    /// The head of an answer came.
    pub fn answered(&mut self, status: u16, content_type: Option<&str>) -> Answer {
        let essence = content_type.map(|kind| kind.split(';').next().unwrap_or(kind).trim());
        let streams = essence.is_some_and(|kind| kind.eq_ignore_ascii_case("text/event-stream"));
        if self.state == State::Connecting && status == 200 && streams {
            self.state = State::Open;
            Answer::Opens
        } else {
            self.state = State::Closed;
            Answer::Closes
        }
    }

    /// Bytes of the stream came; `found` is told what they complete.
    pub fn read(&mut self, bytes: &[u8], found: &mut impl FnMut(Item)) {
        let Self { state, decoder, wait } = self;
        if *state == State::Open {
            decoder.feed(bytes, &mut |item| {
                if let Item::Retry(span) = item {
                    *wait = span;
                }
                found(item);
            });
        }
    }

    /// The connection is gone, or none came about: how long to wait before the next; nothing if the source
    /// is closed.
    pub fn ended(&mut self) -> Option<Span> {
        if self.state == State::Closed {
            return None;
        }
        self.state = State::Connecting;
        Some(self.wait)
    }

    /// Page code has had enough.
    pub fn close(&mut self) {
        self.state = State::Closed;
    }
}
