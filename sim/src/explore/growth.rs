//! What grows along a run, where a search met a limit: read from what states print of themselves.
//!
//! A counter that is never compared, or a list that nobody empties, makes every turn of a loop a state of
//! its own, and the search never comes to an end. A search cannot prove that; but along the longest runs that
//! it has kept, such a value sets one record after the other, and what only takes its turns does not.
//! States of any machine can be printed (`Debug`), and numbers and lists be found in the text.

use std::collections::BTreeMap;

use crate::explore::class::ZoneClock;
use crate::explore::space::Space;
use crate::explore::zones::ZoneId;
use crate::machine::Machine;
use crate::watch::Monitor;

/// What grows along one of the longest runs that were looked at, where a search met a limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Growth {
    /// Numbers and lists of the state, as `Debug` names them, such as `stores[0].last_id`, and FIFO channels on
    /// which more and more is pending, as `channel 3`. Whether they grow for ever is not proved.
    pub fields: Vec<String>,
    /// Whether in the last quarter of that run no time can pass.
    pub at_once: bool,
}

/// Into how many parts a run is divided, and in how many of these, at its end, there must be a record.
const PARTS: usize = 16;
const RECORDS: usize = 4;
/// The fewest events of a part.
const EVENTS: usize = 2;
/// How many states of a part are read.
const SAMPLES: usize = 4;
/// How many of the longest runs are read.
const RUNS: usize = 8;

impl<M, J> Space<'_, M, J>
where
    M: Machine<Effect = ()>,
    J: Monitor<M::Fact>,
{
    /// What grows along one of the longest runs to a zone that was kept.
    pub(crate) fn growth(&mut self) -> Option<Growth> {
        if !self.graph.edges.is_sorted() {
            self.graph.edges.sort_unstable();
        }
        self.longest().into_iter().find_map(|last| self.growth_to(last))
    }

    /// What grows along the run to a zone.
    fn growth_to(&self, last: ZoneId) -> Option<Growth> {
        let before = |zone: &ZoneId| self.store.zones.origin(*zone).from;
        let mut way: Vec<ZoneId> = std::iter::successors(Some(last), before).collect();
        way.reverse();
        if way.len() < EVENTS * PARTS {
            return None;
        }
        let mut records: BTreeMap<String, Records> = BTreeMap::new();
        for part in 0..PARTS {
            let (from, to) = (part * way.len() / PARTS, (part + 1) * way.len() / PARTS);
            let step = (to - from).div_ceil(SAMPLES);
            // From the end of each part, so that the last state of all is read.
            for zone in way[from..to].iter().rev().step_by(step) {
                for (name, value) in self.values(*zone) {
                    records.entry(name).or_default().add(part, value);
                }
            }
        }
        let fields: Vec<String> =
            records.into_iter().filter(|(_, records)| records.grow()).map(|(name, _)| name).collect();
        let at_once = way[way.len() / PARTS * (PARTS - RECORDS)..]
            .windows(2)
            .all(|step| self.at_once(step[0], step[1]));
        (!fields.is_empty() || at_once).then_some(Growth { fields, at_once })
    }

    /// Zones after most events, from the first that was found to the last.
    fn longest(&self) -> Vec<ZoneId> {
        let all = || (0..self.store.zones.count() as u32).map(ZoneId);
        let mut depths: Vec<u32> = Vec::new();
        for zone in all() {
            let before = self.store.zones.origin(zone).from;
            depths.push(before.map_or(0, |before| depths[before.place()] + 1));
        }
        let most = depths.iter().max().copied().unwrap_or(0);
        let longest: Vec<ZoneId> = all().filter(|zone| depths[zone.place()] == most).collect();
        let step = longest.len().div_ceil(RUNS).max(1);
        longest.into_iter().step_by(step).collect()
    }

    /// Whether something is always due at the instant of the steps from one zone's discrete state to the other's.
    fn at_once(&self, from: ZoneId, to: ZoneId) -> bool {
        let (from, to) = (self.store.zones.discrete(from), self.store.zones.discrete(to));
        let edges = &self.graph.edges;
        let first = edges.partition_point(|edge| (edge.from, edge.to) < (from, to));
        let mut same = edges[first..].iter().take_while(|edge| (edge.from, edge.to) == (from, to)).peekable();
        same.peek().is_some() && same.all(|edge| edge.instant)
    }

    /// The numbers and lengths of lists in a zone's state, and how much is pending on each FIFO channel.
    fn values(&self, zone: ZoneId) -> BTreeMap<String, i128> {
        let mut values = BTreeMap::new();
        for clock in &self.store.enabled(zone).clocks {
            if let ZoneClock::Message(channel, _) = clock {
                *values.entry(format!("channel {}", channel.0)).or_default() += 1;
            }
        }
        let text = format!("{:?}", self.store.state(zone));
        Reader { text: text.as_bytes(), at: 0, values: &mut values }.value("");
        values
    }
}

/// The greatest value in each part of a run.
#[derive(Default)]
struct Records {
    greatest: [Option<i128>; PARTS],
}

impl Records {
    fn add(&mut self, part: usize, value: i128) {
        self.greatest[part] = self.greatest[part].max(Some(value));
    }

    /// Whether each of the last parts has a greater value than all before it.
    fn grow(&self) -> bool {
        (PARTS - RECORDS..PARTS)
            .all(|part| self.greatest[..part].iter().all(|known| *known < self.greatest[part]))
    }
}

/// Reads what `{:?}` prints; of what it does not understand it says nothing.
struct Reader<'t> {
    text: &'t [u8],
    at: usize,
    values: &'t mut BTreeMap<String, i128>,
}

impl Reader<'_> {
    fn next(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn pass(&mut self, bytes: usize) {
        self.at = (self.at + bytes).min(self.text.len());
    }

    /// Goes on if `byte` is next.
    fn takes(&mut self, byte: u8) -> bool {
        while self.next() == Some(b' ') && byte != b' ' {
            self.at += 1;
        }
        let takes = self.next() == Some(byte);
        self.pass(usize::from(takes));
        takes
    }

    /// What comes until something that ends a word, or opens or closes a list.
    fn word(&mut self) -> &[u8] {
        let from = self.at;
        while self.next().is_some_and(|byte| !b" ,:{}[]()\"'".contains(&byte)) {
            self.at += 1;
        }
        &self.text[from..self.at]
    }

    /// A text or a character, with what is escaped in it.
    fn quoted(&mut self, quote: u8) {
        while let Some(byte) = self.next() {
            self.pass(1 + usize::from(byte == b'\\'));
            if byte == quote {
                return;
            }
        }
    }

    /// A value whose name is `name`.
    fn value(&mut self, name: &str) {
        if self.takes(b'[') {
            self.list(name, b']', |place| format!("{name}[{place}]"));
        } else if self.takes(b'"') {
            self.quoted(b'"');
        } else if self.takes(b'\'') {
            self.quoted(b'\'');
        } else if self.takes(b'{') {
            self.keyed(name);
        } else if self.takes(b'(') {
            self.list(name, b')', |place| format!("{name}.{place}"));
        } else {
            let word = std::str::from_utf8(self.word()).unwrap_or_default().to_owned();
            if let Ok(number) = word.parse() {
                self.put(name, number);
            } else if self.next() == Some(b'(') {
                self.at += 1;
                // What only wraps a value, as `Some`, has its name.
                self.list("", b')', |place| if place == 0 { name.into() } else { format!("{name}.{place}") });
            } else if self.text[self.at..].starts_with(b" {") {
                self.at += 2;
                self.fields(name);
            }
        }
    }

    fn put(&mut self, name: &str, value: i128) {
        let name = match name.strip_prefix('.').unwrap_or(name) {
            "" => "state".to_owned(),
            name if name.starts_with(|first: char| first == '[' || first.is_ascii_digit()) => {
                format!("state{}{name}", if name.starts_with('[') { "" } else { "." })
            }
            name => name.to_owned(),
        };
        self.values.insert(name, value);
    }

    /// Goes on to what comes next in a list; `false` if it ends.
    fn goes_on(&mut self, end: u8, before: usize) -> bool {
        // What is not understood is passed over.
        if self.at == before {
            self.pass(1);
        }
        self.takes(b',');
        !self.takes(end) && self.next().is_some()
    }

    /// Values up to `end`; a list has a length, if it has a name.
    fn list(&mut self, name: &str, end: u8, of: impl Fn(usize) -> String) {
        let mut count = 0;
        if !self.takes(end) {
            loop {
                let before = self.at;
                self.value(&of(count));
                count += 1;
                if !self.goes_on(end, before) {
                    break;
                }
            }
        }
        if end == b']' {
            self.put(name, count as i128);
        }
    }

    /// A set or a map: it has a length, and a map's values have names.
    fn keyed(&mut self, name: &str) {
        let mut count = 0;
        if !self.takes(b'}') {
            loop {
                let before = self.at;
                // The key, or what is in a set, is no value that can grow.
                let mut key = Reader { text: self.text, at: self.at, values: &mut BTreeMap::new() };
                key.value("");
                self.at = key.at;
                let key = String::from_utf8_lossy(&self.text[before..self.at]).trim().to_owned();
                if self.takes(b':') {
                    self.value(&format!("{name}[{key}]"));
                }
                count += 1;
                if !self.goes_on(b'}', before) {
                    break;
                }
            }
        }
        self.put(name, count);
    }

    /// The fields of a struct.
    fn fields(&mut self, name: &str) {
        if self.takes(b'}') {
            return;
        }
        loop {
            while self.next() == Some(b' ') {
                self.at += 1;
            }
            let before = self.at;
            let field = String::from_utf8_lossy(self.word()).into_owned();
            if self.takes(b':') {
                self.value(&format!("{name}.{field}"));
            }
            if !self.goes_on(b'}', before) {
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, VecDeque};
    use std::fmt::Debug;

    use super::*;

    fn read(value: impl Debug) -> Vec<String> {
        text(&format!("{value:?}"))
    }

    fn text(text: &str) -> Vec<String> {
        let mut values = BTreeMap::new();
        Reader { text: text.as_bytes(), at: 0, values: &mut values }.value("");
        values.iter().map(|(name, value)| format!("{name} {value}")).collect()
    }

    #[derive(Debug)]
    #[expect(dead_code, reason = "they are printed")]
    struct Store {
        last_id: u32,
        events: VecDeque<Option<i64>>,
        at: (u8, Wrapped),
        empty: Unit,
        name: &'static str,
    }

    #[derive(Debug)]
    #[expect(dead_code, reason = "they are printed")]
    struct Wrapped(u64);

    #[derive(Debug)]
    struct Unit {}

    #[test]
    fn numbers_and_lengths_are_found_by_their_names() {
        let events = VecDeque::from([Some(-4), None]);
        let store = Store { last_id: 7, events, at: (1, Wrapped(2)), empty: Unit {}, name: "a\", x: 9 }" };
        let found = ["at.0 1", "at.1 2", "events 2", "events[0] -4", "last_id 7"];
        assert_eq!(
            read([store]),
            [vec!["state 1".to_owned()], found.map(|line| format!("state[0].{line}")).to_vec()].concat()
        );
        assert_eq!(read(5), ["state 5"]);
        assert_eq!(read((3, '\'', 4)), ["state.0 3", "state.2 4"]);
        assert_eq!(
            read(BTreeMap::from([("a", 1), ("b", 2)])),
            ["state 2", "state[\"a\"] 1", "state[\"b\"] 2"]
        );
        assert_eq!(read(BTreeSet::from([(1, 2), (3, 4)])), ["state 2"]);
        assert_eq!(read(()), [""; 0]);
        assert_eq!(read(Vec::<u8>::new()), ["state 0"]);
    }

    #[test]
    fn what_is_no_debug_text_is_passed_over() {
        for odd in [
            "",
            "Odd { a: , b",
            "[1, <2>, [[",
            "{{{",
            "))) 4",
            "A { x: 1, .. }",
            "a: b: c",
            "\"open",
            "[,,,]",
            "1.5",
        ] {
            drop(text(odd));
        }
        assert_eq!(text("A { x: 1, .. }"), ["x 1"]);
    }

    #[test]
    fn what_takes_its_turns_sets_no_records() {
        let grow = |value: fn(usize) -> i128| {
            let mut records = Records::default();
            (0..240).for_each(|at| records.add(at * PARTS / 240, value(at)));
            records.grow()
        };
        assert!(grow(|at| at as i128));
        assert!(grow(|at| (at / 10 * 3) as i128 - (at % 10) as i128));
        assert!(!grow(|at| (at % 7) as i128), "it begins anew");
        assert!(!grow(|at| at.min(200) as i128), "it has an end");
        assert!(grow(|at| at.max(150) as i128), "it begins late");
        assert!(!grow(|at| -(at as i128)));
    }
}
