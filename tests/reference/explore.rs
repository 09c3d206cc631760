//! All runs of a system, as a graph: its states, and the events that lead from one to another.
//!
//! Every answer to all that is left open is tried, and everything that is due first may be the first. A state
//! that was met before is not looked at again. Where a run can go on for ever the graph has a cycle: a run that
//! never ends goes round it, and does nothing there that it has not done.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash, Hasher};

use super::facts::Fact;
use super::ledger::Broken;
use super::run::{self, Answers, Happened};
use super::state::State;
use super::system::System;

/// All runs of a system.
pub(crate) struct Graph {
    pub(crate) nodes: Vec<Node>,
    /// How runs begin.
    pub(crate) begins: Vec<Edge>,
    /// What some event breaks, whatever comes after it.
    pub(crate) broken: Broken,
}

pub(crate) struct Node {
    pub(crate) edges: Vec<Edge>,
    /// What is broken if the run is over here.
    pub(crate) broken_if_over: Broken,
}

/// One event.
pub(crate) struct Edge {
    pub(crate) facts: Vec<Fact>,
    /// The time after it until the next event.
    pub(crate) after: u64,
    pub(crate) to: usize,
}

/// The most events that lead on from a state, on the average.
const EVENTS: usize = 8;
/// The most answers to what one event leaves open: a stream that sends again all that was ever published draws as
/// often.
const ANSWERS: usize = 4_096;

/// Why there is no graph.
pub(crate) enum Stopped {
    /// There are more states than that, or more events.
    TooMany,
    /// In some run events follow each other, or a task takes steps, for ever at one instant.
    StandsStill,
}

struct Search {
    states: Vec<State>,
    known: HashMap<u64, Vec<usize>, BuildHasherDefault<Fixed>>,
    broken: Broken,
    stands_still: bool,
    /// Some event leaves too much open.
    too_many: bool,
}

/// A hasher that is the same everywhere; what is hashed is compared, so that it is a good one matters to time
/// alone.
#[derive(Default)]
struct Fixed(u64);

impl Hasher for Fixed {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = (self.0.rotate_left(5) ^ value).wrapping_mul(0x517c_c1b7_2722_0a95);
    }

    fn write_u32(&mut self, value: u32) {
        self.write_u64(u64::from(value));
    }

    fn write_usize(&mut self, value: usize) {
        self.write_u64(value as u64);
    }

    fn write_i64(&mut self, value: i64) {
        self.write_u64(value as u64);
    }

    fn write_u8(&mut self, value: u8) {
        self.write_u64(u64::from(value));
    }

    fn finish(&self) -> u64 {
        self.0 ^ self.0 >> 32
    }
}

/// All runs of a system, if they have no more than `most` states together.
pub(crate) fn graph(system: &System, most: usize) -> Result<Graph, Stopped> {
    let (states, known) = (Vec::new(), HashMap::default());
    let mut search = Search { states, known, broken: 0, stands_still: false, too_many: false };
    let begins = search.all(&mut |answers| run::begin(system, answers));
    let (mut nodes, mut events) = (Vec::new(), 0);
    while nodes.len() < search.states.len() {
        if search.too_many || search.states.len() > most || events > most * EVENTS {
            return Err(Stopped::TooMany);
        }
        if search.stands_still {
            return Err(Stopped::StandsStill);
        }
        let state = search.states[nodes.len()].clone();
        let mut edges = Vec::new();
        for due in state.due_now() {
            edges.extend(search.all(&mut |answers| run::happen(system, &state, due, answers)));
        }
        events += edges.len();
        nodes.push(Node { edges, broken_if_over: run::broken_if_over(system, &state) });
    }
    if search.too_many {
        return Err(Stopped::TooMany);
    }
    let graph = Graph { nodes, begins, broken: search.broken };
    if search.stands_still || graph.has_cycle(|edge| edge.after == 0) {
        return Err(Stopped::StandsStill);
    }
    Ok(graph)
}

impl Search {
    /// What comes of an event with all answers to what it leaves open.
    fn all(&mut self, happen: &mut dyn FnMut(&mut Answers) -> Happened) -> Vec<Edge> {
        let (mut edges, mut answers): (Vec<Edge>, _) = (Vec::new(), Answers::default());
        for _ in 0..ANSWERS {
            let Happened { state, facts, broken, after, stands_still } = happen(&mut answers);
            self.stands_still |= stands_still;
            self.broken |= broken;
            let to = self.place(state);
            let same = |edge: &Edge| edge.to == to && edge.after == after && edge.facts == facts;
            if !edges.iter().any(same) {
                edges.push(Edge { facts, after, to });
            }
            if self.stands_still || !answers.others() {
                return edges;
            }
        }
        self.too_many = true;
        edges
    }

    fn place(&mut self, state: State) -> usize {
        let mut hasher = Fixed::default();
        state.hash(&mut hasher);
        let same = self.known.entry(hasher.finish()).or_default();
        if let Some(at) = same.iter().find(|at| self.states[**at] == state) {
            return *at;
        }
        same.push(self.states.len());
        self.states.push(state);
        self.states.len() - 1
    }
}

impl Graph {
    /// The invariants that some run breaks.
    pub(crate) fn broken(&self) -> Broken {
        let over = self.nodes.iter().filter(|node| node.edges.is_empty());
        let broken = over.fold(self.broken, |broken, node| broken | node.broken_if_over);
        (0..Broken::BITS).map(|bit| 1 << bit).fold(broken, |broken, one| {
            broken
                | if broken & one == 0 && self.for_ever(|node| node.broken_if_over & one != 0) {
                    one
                } else {
                    0
                }
        })
    }

    /// Whether a run can go on for ever.
    pub(crate) fn is_endless(&self) -> bool {
        self.has_cycle(|_| true)
    }

    /// Whether a run can go on for ever so that from some instant on this is told of it whenever one stops.
    fn for_ever(&self, told: impl Fn(&Node) -> bool) -> bool {
        // One stops only once all has happened that is due, so where time passes next.
        self.has_cycle(|edge| edge.after == 0 || told(&self.nodes[edge.to]))
    }

    /// Whether there is a cycle of these edges.
    fn has_cycle(&self, is_one: impl Fn(&Edge) -> bool) -> bool {
        let from = |at: usize| self.nodes[at].edges.iter().filter(|edge| is_one(edge)).map(|edge| edge.to);
        let mut comes_in = vec![0_usize; self.nodes.len()];
        (0..comes_in.len()).flat_map(from).for_each(|to| comes_in[to] += 1);
        let mut first: Vec<usize> = (0..comes_in.len()).filter(|at| comes_in[*at] == 0).collect();
        let mut left = comes_in.len();
        while let Some(at) = first.pop() {
            left -= 1;
            for to in from(at) {
                comes_in[to] -= 1;
                if comes_in[to] == 0 {
                    first.push(to);
                }
            }
        }
        left > 0
    }
}
