//! How far two facts are apart, at least and at most, over all runs.
//!
//! A stretch begins with the first fact unless one has begun already, and ends with the next second fact; then
//! another can begin. If both tell of one kind of event, each event is measured by itself, and once: from the
//! first time that it has the first fact to the first time that it has the second, or 0 if it had that before. So
//! it is from when an event is first added to when it first arrives.

use std::collections::BTreeSet;

use super::explore::{Edge, Graph};
use super::facts::{Fact, FactKind};
use super::state::Identity;
use super::system::System;

/// The least and the greatest; none of that is greatest if there is no bound.
pub(crate) type Span = (u64, Option<u64>);

/// How far a run is with what is measured.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Mode {
    Idle,
    /// The event has had the second fact, and not the first.
    Early,
    Running,
    /// Nothing more is measured.
    Done,
}

/// What one fact means to what is measured: how far it is then, and whether a stretch ends with it.
type Told<'t> = &'t dyn Fn(Mode, Fact) -> (Mode, bool);

/// From one fact to another; none if there is no such stretch in any run.
pub(crate) fn between(graph: &Graph, system: &System, from: &FactKind, to: &FactKind) -> Option<Span> {
    match (from.event(), to.event()) {
        (Some(one), Some(other)) if one == other => {
            let found = events(graph, one).into_iter().map(|event| {
                measure(graph, &|mode, fact| {
                    let is = |kind: &FactKind| kind.matches(system, fact) && fact.event() == Some(event);
                    once(mode, is(from), is(to))
                })
            });
            found.flatten().reduce(wider)
        }
        _ => measure(graph, &|mode, fact| {
            let ends = mode == Mode::Running && to.matches(system, fact);
            let runs = from.matches(system, fact) || mode == Mode::Running && !ends;
            (if runs { Mode::Running } else { Mode::Idle }, ends)
        }),
    }
}

/// From when an event of this kind was first added to when it first arrived at a client.
pub(crate) fn delivery(graph: &Graph, system: &System, kind: usize, client: usize) -> Option<Span> {
    between(graph, system, &FactKind::Added(kind), &FactKind::Arrived(kind, Some(client)))
}

/// What is measured once: how far it is after a fact that is the first of both, the second, neither or both.
fn once(mode: Mode, first: bool, second: bool) -> (Mode, bool) {
    match mode {
        Mode::Idle if first && second => (Mode::Done, true),
        Mode::Idle if first => (Mode::Running, false),
        Mode::Idle if second => (Mode::Early, false),
        Mode::Early if first => (Mode::Done, true),
        Mode::Running if second => (Mode::Done, true),
        same => (same, false),
    }
}

fn wider((least, greatest): Span, (other_least, other_greatest): Span) -> Span {
    let both = greatest.zip(other_greatest);
    (least.min(other_least), both.map(|(one, other)| one.max(other)))
}

/// All events of a kind that there are in some run.
fn events(graph: &Graph, kind: usize) -> BTreeSet<Identity> {
    let edges = graph.nodes.iter().flat_map(|node| &node.edges).chain(&graph.begins);
    edges
        .flat_map(|edge| &edge.facts)
        .filter_map(|fact| fact.event())
        .filter(|event| event.0 == kind)
        .collect()
}

/// What an event of a run in this mode leads to.
struct Passed {
    mode: Mode,
    /// A stretch that had begun before ends.
    ends: bool,
    /// One that began in the event ends in it too.
    ends_at_once: bool,
    /// One that began in the event goes on after it.
    begins: bool,
}

fn passed(edge: &Edge, mut mode: Mode, told: Told<'_>) -> Passed {
    let (mut ends, mut ends_at_once, mut fresh) = (false, false, mode != Mode::Running);
    for fact in &edge.facts {
        let (next, ended) = told(mode, *fact);
        if ended {
            if fresh {
                ends_at_once = true;
            } else {
                ends = true;
            }
            fresh = true;
        }
        mode = next;
    }
    Passed { mode, ends, ends_at_once, begins: fresh && mode == Mode::Running }
}

fn measure(graph: &Graph, told: Told<'_>) -> Option<Span> {
    let of = |place: &(usize, Mode)| *place;
    let mut reached: BTreeSet<(usize, Mode)> = BTreeSet::new();
    let mut left: Vec<(usize, Mode)> = Vec::new();
    // Where stretches go on, after how long.
    let (mut begun, mut found): (Vec<(usize, u64)>, Option<Span>) = (Vec::new(), None);
    let mut look = |edge: &Edge, mode: Mode, left: &mut Vec<(usize, Mode)>| {
        let passed = passed(edge, mode, told);
        if passed.ends_at_once {
            found = Some(found.map_or((0, Some(0)), |known| wider(known, (0, Some(0)))));
        }
        if passed.begins {
            begun.push((edge.to, edge.after));
        }
        if reached.insert((edge.to, passed.mode)) {
            left.push((edge.to, passed.mode));
        }
    };
    graph.begins.iter().for_each(|edge| look(edge, Mode::Idle, &mut left));
    while let Some((at, mode)) = left.pop().as_ref().map(of) {
        graph.nodes[at].edges.iter().for_each(|edge| look(edge, mode, &mut left));
    }
    let running: Vec<bool> = {
        let mut running = vec![false; graph.nodes.len()];
        reached.iter().filter(|(_, mode)| *mode == Mode::Running).for_each(|(at, _)| running[*at] = true);
        running
    };
    let until = Until::new(graph, &running, told);
    for (at, after) in begun {
        if let Some((least, greatest)) = until.spans[at] {
            let span = (after + least, greatest.map(|greatest| after + greatest));
            found = Some(found.map_or(span, |known| wider(known, span)));
        }
    }
    found
}

/// How long it takes from each node in which a stretch is running until it ends; none where it never does.
struct Until {
    spans: Vec<Option<Span>>,
}

impl Until {
    fn new(graph: &Graph, running: &[bool], told: Told<'_>) -> Self {
        let ends = |edge: &Edge| passed(edge, Mode::Running, told).ends;
        let mut before: Vec<Vec<usize>> = vec![Vec::new(); running.len()];
        let mut left = Vec::new();
        for at in (0..running.len()).filter(|at| running[*at]) {
            let edges = &graph.nodes[at].edges;
            edges.iter().filter(|edge| !ends(edge)).for_each(|edge| before[edge.to].push(at));
            if edges.iter().any(ends) {
                left.push(at);
            }
        }
        // From where it can end at all.
        let mut can_end = vec![false; running.len()];
        while let Some(at) = left.pop() {
            if !std::mem::replace(&mut can_end[at], true) {
                left.extend(&before[at]);
            }
        }
        let further = |at: usize| {
            let edges = graph.nodes[at].edges.iter();
            edges.filter(|edge| can_end[edge.to] && !ends(edge)).count()
        };
        let mut open: Vec<usize> = (0..running.len()).map(further).collect();
        let mut until = Self { spans: vec![None; running.len()] };
        let mut closed: Vec<usize> = (0..running.len()).filter(|at| can_end[*at] && open[*at] == 0).collect();
        while let Some(at) = closed.pop() {
            until.spans[at] = until.from(&graph.nodes[at].edges, &ends);
            for earlier in before[at].iter().filter(|earlier| can_end[**earlier]) {
                open[*earlier] -= 1;
                if open[*earlier] == 0 {
                    closed.push(*earlier);
                }
            }
        }
        // What is left can go round a cycle: its greatest has no bound.
        let round: Vec<usize> = (0..running.len()).filter(|at| can_end[*at] && open[*at] > 0).collect();
        until.relax(graph, &round, &ends);
        until
    }

    fn relax(&mut self, graph: &Graph, round: &[usize], ends: &dyn Fn(&Edge) -> bool) {
        let mut changed = true;
        while std::mem::take(&mut changed) {
            for at in round.iter().rev() {
                let least = self.from(&graph.nodes[*at].edges, ends).map(|(least, _)| (least, None));
                changed |= least != self.spans[*at];
                self.spans[*at] = least;
            }
        }
    }

    fn from(&self, edges: &[Edge], ends: &dyn Fn(&Edge) -> bool) -> Option<Span> {
        let span = |edge: &Edge| {
            if ends(edge) {
                return Some((0, Some(0)));
            }
            let (least, greatest) = self.spans[edge.to]?;
            Some((edge.after + least, greatest.map(|greatest| edge.after + greatest)))
        };
        edges.iter().filter_map(span).reduce(wider)
    }
}
