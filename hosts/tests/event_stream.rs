//! What streams say, line by line, and in whatever pieces they come.

use proptest::prelude::*;
use punctual_hosts::event_source::{Answer, EventSource, State};
use punctual_hosts::event_stream::{Decoder, Item, Message};
use punctual_sim::Span;

fn read(pieces: &[&[u8]]) -> (Vec<Item>, String) {
    let mut decoder = Decoder::new(1_000);
    let mut items = Vec::new();
    for piece in pieces {
        decoder.feed(piece, &mut |item| items.push(item));
    }
    (items, decoder.last_id().to_owned())
}

fn message(kind: &str, data: &str, id: &str) -> Item {
    Item::Message(Message { kind: kind.into(), data: data.into(), id: id.into() })
}

#[test]
fn a_stream_says_what_a_browser_hears() {
    let cases: &[(&[u8], &[Item], &str)] = &[
        (b"data: a\n\n", &[message("message", "a", "")], ""),
        (b"data: a\r\rdata: b\r\n\r\n", &[message("message", "a", ""), message("message", "b", "")], ""),
        (b"data\n\n", &[message("message", "", "")], ""),
        (b"data:\ndata\n\n", &[message("message", "\n", "")], ""),
        (b"data:a\ndata:  b\n\n", &[message("message", "a\n b", "")], ""),
        (
            b"event: done\ndata: a\n\ndata: b\n\n",
            &[message("done", "a", ""), message("message", "b", "")],
            "",
        ),
        (b"event: done\n\ndata: a\n\n", &[message("message", "a", "")], ""),
        (
            b"id: 1\ndata: a\n\ndata: b\n\n",
            &[message("message", "a", "1"), message("message", "b", "1")],
            "1",
        ),
        (b"id: 1\n\n", &[], "1"),
        (
            b"id: 1\ndata: a\n\nid\ndata: b\n\n",
            &[message("message", "a", "1"), message("message", "b", "")],
            "",
        ),
        (b"id: 1\0\ndata: a\n\n", &[message("message", "a", "")], ""),
        (b"data: a\nid: 2\n", &[], ""),
        (b": ping\n\n:\n\n", &[Item::Comment, Item::Comment], ""),
        (b"retry: 15\nretry: 1s\nretry: -1\nretry:\n\n", &[Item::Retry(Span::millis(15))], ""),
        (b"retry: 99999999999999999999\n\n", &[Item::Retry(Span(u64::MAX))], ""),
        (b"Data: a\ndata : a\nnothing\n\n", &[], ""),
        (b"\xef\xbb\xbfdata: a\n\n\xef\xbb\xbfdata: b\n\n", &[message("message", "a", "")], ""),
        (b"data: \xff\xe2\x82\n\n", &[message("message", "\u{fffd}\u{fffd}", "")], ""),
        (b"data: a:b: c\n\n", &[message("message", "a:b: c", "")], ""),
        (b"\n\n\r\n\r", &[], ""),
    ];
    for (bytes, items, last_id) in cases {
        let text = String::from_utf8_lossy(bytes);
        assert_eq!(read(&[bytes]), (items.to_vec(), (*last_id).to_owned()), "{text:?}");
    }
}

#[test]
fn a_block_that_is_too_long_is_left_out_and_the_next_is_not() {
    let mut long = b"id: 5\ndata: ".to_vec();
    long.extend([b'x'; 2_000]);
    long.extend(b"\n\ndata: b\n\n");
    assert_eq!(read(&[&long]), (vec![Item::TooLong, message("message", "b", "5")], "5".into()));
    let lines = b"data: 0123456789\n".repeat(200);
    assert_eq!(read(&[&lines, b"\ndata: b\n\n"]).0, [Item::TooLong, message("message", "b", "")]);
}

#[test]
fn a_source_gives_up_on_what_is_no_stream_and_only_then() {
    let opens = |status, kind| EventSource::new(Span::secs(3), 100).answered(status, kind) == Answer::Opens;
    assert!(opens(200, Some("text/event-stream")) && opens(200, Some("Text/Event-Stream;charset=latin1")));
    for (status, kind) in [(200, None), (200, Some("text/plain")), (200, Some("text/event-streams"))] {
        assert!(!opens(status, kind), "{kind:?}");
    }
    for status in [201, 204, 301, 404, 500, 503] {
        assert!(!opens(status, Some("text/event-stream")), "{status}");
    }
}

#[test]
fn the_id_that_is_sent_is_that_of_the_last_block_that_ended() {
    let mut source = EventSource::new(Span::secs(3), 100);
    let mut stream = |bytes: &[u8]| {
        let request = source.connect().expect("it is not closed");
        assert_eq!(source.answered(200, Some("text/event-stream")), Answer::Opens);
        source.read(bytes, &mut |_| {});
        assert_eq!(source.ended(), Some(Span::secs(3)));
        request.last_event_id
    };
    assert_eq!(stream(b"id: 8\ndata: cut off\n"), None);
    assert_eq!(stream(b"id: 9\n\nid: 10\n"), None);
    assert_eq!(stream(b"data: without\n\n").as_deref(), Some("9"));
    assert_eq!(stream(b"id\n\n").as_deref(), Some("9"), "it stays until another is given");
    assert_eq!(stream(b""), None, "or an empty one");
    source.close();
    assert_eq!((source.state(), source.ended(), source.connect()), (State::Closed, None, None));
}

/// Bytes of which streams are made, so that few are without meaning.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    let word = prop::sample::select(vec![
        &b"data"[..],
        b"id",
        b"event",
        b"retry",
        b":",
        b" ",
        b"\n",
        b"\r",
        b"\r\n",
        b"7",
        b"x",
        b"\0",
        b"\xe2\x82",
        b"\xac",
        b"\xef\xbb\xbf",
        b"\n\n",
    ]);
    prop::collection::vec(word, 0..60).prop_map(|words| words.concat())
}

proptest! {
    #[test]
    fn it_makes_no_difference_in_what_pieces_a_stream_comes(bytes in stream(), at in any::<prop::sample::Index>()) {
        let whole = read(&[&bytes]);
        let (first, second) = bytes.split_at(at.index(bytes.len() + 1));
        prop_assert_eq!(&read(&[first, second]), &whole);
        let each: Vec<&[u8]> = bytes.chunks(1).collect();
        prop_assert_eq!(&read(&each), &whole);
    }

    #[test]
    fn what_is_sent_is_heard(
        messages in prop::collection::vec(("[a-z]{1,8}", "[^\r\n]{0,20}", "[0-9a-z]{1,6}"), 0..5),
    ) {
        let mut bytes = Vec::new();
        for (kind, data, id) in &messages {
            bytes.extend(format!("event: {kind}\nid: {id}\ndata: {data}\n\n").into_bytes());
        }
        let heard: Vec<Item> = messages.iter().map(|(kind, data, id)| message(kind, data, id)).collect();
        prop_assert_eq!(read(&[&bytes]).0, heard);
    }
}
