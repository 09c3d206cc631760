//! Bytes of an event stream, taken apart as a browser does (WHATWG HTML, 9.2.5 and 9.2.6).
//!
//! Bytes may come in any pieces. A line ends with CR LF, LF or CR; a block of lines ends with an empty one,
//! and only then is its message there. What the end of the stream cuts off was never sent: neither its
//! data nor its id counts.
//!
//! ```
//! use punctual_hosts::event_stream::{Decoder, Item, Message};
//!
//! let mut decoder = Decoder::new(1 << 20);
//! let mut items = Vec::new();
//! decoder.feed(b": hello\nid: 7\ndata: one\nda", &mut |item| items.push(item));
//! decoder.feed(b"ta: two\n\ndata: cut off", &mut |item| items.push(item));
//! let message = Message { kind: "message".into(), data: "one\ntwo".into(), id: "7".into() };
//! assert_eq!(items, [Item::Comment, Item::Message(message)]);
//! assert_eq!(decoder.last_id(), "7");
//! ```

use punctual_sim::Span;

/// What a page is told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Which listeners hear of it: what `event` said, or `message`.
    pub kind: String,
    /// The `data` lines, with a line feed between them.
    pub data: String,
    /// The last id that the stream gave, in this block or before.
    pub id: String,
}

/// What is found in a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A message.
    Message(Message),
    /// A line that only shows that the stream is alive. Page code never sees it.
    Comment,
    /// From now on, so long is waited before connecting again.
    Retry(Span),
    /// A block was longer than is kept; all of it was left out.
    TooLong,
}

/// Takes a stream apart, piece by piece.
#[derive(Clone, Debug)]
pub struct Decoder {
    /// The most bytes that are kept of a block.
    most: usize,
    /// How many bytes there are before the first line: a byte order mark may be left out.
    begun: bool,
    /// What there is of a line that has not ended.
    line: Vec<u8>,
    /// Whether the last byte was a CR, which a LF would belong to.
    after_cr: bool,
    kind: String,
    data: String,
    /// The id of this block, or that of the last one that gave one.
    block_id: String,
    last_id: String,
    too_long: bool,
}

/// The mark that a text in UTF-8 may begin with.
const MARK: &[u8] = b"\xef\xbb\xbf";

impl Decoder {
    /// A decoder at the beginning of a stream that keeps at most so many bytes of a block. A browser keeps
    /// all of them until it fails.
    pub fn new(most: usize) -> Self {
        Self {
            most,
            begun: false,
            line: Vec::new(),
            after_cr: false,
            kind: String::new(),
            data: String::new(),
            block_id: String::new(),
            last_id: String::new(),
            too_long: false,
        }
    }

    /// A decoder at the beginning of another stream of the same source: the last id stays.
    #[must_use]
    pub fn again(&self) -> Self {
        let last_id = self.last_id.clone();
        Self { block_id: last_id.clone(), last_id, ..Self::new(self.most) }
    }

    /// The id of the last block that ended, or of the one before that gave one.
    pub fn last_id(&self) -> &str {
        &self.last_id
    }

    /// Reads `bytes`, and tells `found` what they complete, in order.
    pub fn feed(&mut self, bytes: &[u8], found: &mut impl FnMut(Item)) {
        for &byte in bytes {
            let of_cr = std::mem::replace(&mut self.after_cr, byte == b'\r') && byte == b'\n';
            match byte {
                b'\n' if of_cr => {}
                b'\n' | b'\r' => {
                    let line = std::mem::take(&mut self.line);
                    self.end_line(&line, found);
                    self.line = line;
                    self.line.clear();
                }
                _ if self.line.len() + self.data.len() >= self.most => self.too_long = true,
                byte => self.line.push(byte),
            }
        }
    }

    fn end_line(&mut self, line: &[u8], found: &mut impl FnMut(Item)) {
        let first = !std::mem::replace(&mut self.begun, true);
        let line = line.strip_prefix(MARK).filter(|_| first).unwrap_or(line);
        if line.is_empty() {
            self.end_block(found);
            return;
        }
        // What is no UTF-8 is shown as U+FFFD; line ends are ASCII, so each line can be read by itself.
        let line = String::from_utf8_lossy(line);
        let (field, value) = line.split_once(':').unwrap_or((&line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "" => found(Item::Comment),
            "event" => value.clone_into(&mut self.kind),
            "data" => {
                self.data.push_str(value);
                self.data.push('\n');
            }
            "id" if !value.contains('\0') => value.clone_into(&mut self.block_id),
            "retry" if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) => {
                let millis = value.parse().unwrap_or(u64::MAX);
                found(Item::Retry(Span(millis.saturating_mul(1_000))));
            }
            _ => {}
        }
    }

    fn end_block(&mut self, found: &mut impl FnMut(Item)) {
        self.last_id.clone_from(&self.block_id);
        let (mut kind, mut data) = (std::mem::take(&mut self.kind), std::mem::take(&mut self.data));
        if std::mem::take(&mut self.too_long) {
            found(Item::TooLong);
            return;
        }
        // An id alone is no message.
        if data.pop().is_none() {
            return;
        }
        if kind.is_empty() {
            "message".clone_into(&mut kind);
        }
        found(Item::Message(Message { kind, data, id: self.last_id.clone() }));
    }
}
