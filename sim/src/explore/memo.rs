//! Memoised successors: what a step of the machine does to a zone, without the machine.
//!
//! What a machine does in a step depends on the discrete state of a class alone, except where something is
//! asked of the zone, or decided. So the first time that it is taken, a step is written down as what
//! it does to the zone and what it asks of it, and from then on that is done again: no machine, no
//! monitor, no state that is copied, made canonical and looked for. A class is met many times: with
//! other zones, and by each of the searches that a question takes.
//!
//! What is known of a step is a tree. Each question has a branch for each answer that was met; an answer
//! that is new is added by taking the step again.

use std::ops::Range;

use crate::enumerate::Enumerate;
use crate::explore::class::{Discrete, DiscreteId, UnmarkedId};
use crate::explore::query::Goal;
use crate::explore::ticks::{Ticks, add_tick, keep_phase};
use crate::explore::zone::Zone;
use crate::watch::ObserverClock;

/// What a step does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    /// An instant is added, between `min` and `max` after `base`.
    Add { base: u16, min: i64, max: i64 },
    /// `x[i] - x[j] <= bound` from now on.
    Restrict { i: u16, j: u16, bound: i64 },
    /// Whether `x[i] - x[j] <= bound` is known.
    Ask { i: u16, j: u16, bound: i64 },
    /// One of so many outcomes.
    Decide { count: u32 },
    /// The next tick of a clock is added, known until now or not ([`add_tick`]).
    Tick { now: u16, passed: Option<u16>, resolution: i64 },
    /// It is kept that a tick is whole resolutions after the last one ([`keep_phase`]).
    Phase { last: Option<u16>, tick: u16, resolution: i64 },
    /// The monitor has heard of it; then comes what becomes of observer clocks.
    Told,
}

impl Op {
    /// Does to `zone` what needs no answer; `phases` says whether it is kept when clocks tick.
    #[inline(always)]
    fn apply(self, (zone, decide, ticks): (&mut Zone, &mut Enumerate, &mut Ticks), phases: bool) {
        match self {
            Self::Add { base, min, max } => {
                zone.add(usize::from(base), min, max);
            }
            Self::Restrict { i, j, bound } => zone.restrict(usize::from(i), usize::from(j), bound),
            Self::Tick { now, passed, resolution } => {
                add_tick(zone, usize::from(now), passed.map(usize::from), resolution);
                *ticks = (*ticks).max(if phases { Ticks::Exact } else { Ticks::OverApproximate });
            }
            Self::Phase { last, tick, resolution } => {
                let last = last.map(usize::from);
                let kept = keep_phase((zone, decide), last, usize::from(tick), resolution).0;
                *ticks = (*ticks).max(kept);
            }
            Self::Ask { .. } | Self::Decide { .. } | Self::Told => unreachable!("it was not written down so"),
        }
    }
}

/// A step while it is taken: what it does, and what the answers were.
pub(crate) type Operations = Vec<(Op, u32)>;

/// What is looked for in a step.
#[derive(Clone, Copy)]
pub(crate) struct Aim {
    pub(crate) goal: Option<Goal>,
    /// Whether it is kept when clocks tick.
    pub(crate) phases: bool,
    /// The rules that are known to be broken.
    pub(crate) broken: u64,
}

impl Aim {
    /// Which rules are not watched any more after a step that broke `broken`.
    pub(crate) fn forgotten(&self, broken: u64) -> u64 {
        if self.goal.is_some() { broken } else { self.broken | broken }
    }
}

/// A stretch of a list in which several have theirs one behind the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Extent {
    from: u32,
    to: u32,
}

/// What a step led to, but for its zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Successor {
    /// Its discrete state.
    pub(crate) discrete: Discrete,
    /// The number of that; nothing if the run ends here.
    pub(crate) number: Option<DiscreteId>,
    /// The state without marks of that.
    pub(crate) unmarked: Unmarked,
    /// The rules that it broke.
    pub(crate) broken: u64,
    /// The rules that are not watched any more from then on.
    pub(crate) forgotten: u64,
    /// The clocks of the class before that are still there, a bit each.
    pub(crate) stays: u64,
    /// How many clocks that are kept, the first ones, are timers and messages.
    pub(crate) timed: u16,
    /// Whether the graph has the step to here, with nothing due at its instant, and with something.
    pub(crate) in_graph: [bool; 2],
    /// Where the indices are that are kept of the zone.
    pub(crate) kept: Extent,
    /// Where the observer clocks are that were measured and are in no zone.
    pub(crate) noticed: Extent,
}

/// What is known of the state without marks of a successor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unmarked {
    /// Nobody has asked so far.
    Unasked,
    /// The one of this number.
    Is(UnmarkedId),
    /// The search without times has not met it.
    New,
}

/// How a step came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It led there.
    Successor(SuccessorId),
    /// It reached what is looked for.
    Met,
    /// That is not known yet.
    Unknown,
}

/// The number of a memoised successor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SuccessorId(u32);

/// What was measured in a step: observer clock, least, greatest.
pub(crate) type Measured = Vec<(ObserverClock, i64, i64)>;

/// No place.
const NOWHERE: u32 = u32::MAX;

/// How much is kept, in bytes.
const MOST: usize = 1 << 26;

#[derive(Clone, Copy, Debug)]
enum Node {
    Does(Op),
    /// A question or decision, and where its branches begin.
    Branches(Op, u32),
    /// Which rules are broken by now, and where the observer clocks are that are measured.
    Told(u64, Extent),
    End(SuccessorId),
}

/// All successors that were memoised.
#[derive(Debug, Default)]
pub(crate) struct Memo {
    nodes: Vec<Node>,
    /// By question, answer after answer: the node that follows.
    branches: Vec<u32>,
    successors: Vec<Successor>,
    /// Indices of what is kept of zones.
    kept: Vec<u16>,
    /// Observer clocks that were measured and are in no zone.
    noticed: Vec<ObserverClock>,
    /// Observer clocks that were measured, and their indices.
    measured: Vec<(ObserverClock, u16)>,
    /// By discrete state: where its roots begin, one for each of its clocks.
    of_discrete: Vec<u32>,
    roots: Vec<u32>,
}

/// What is memoised of a step beside what it does.
pub(crate) struct Memoised<'l> {
    /// The successor, without its lists.
    pub(crate) successor: Successor,
    pub(crate) kept: &'l [usize],
    pub(crate) noticed: &'l [ObserverClock],
    /// The observer clocks that were measured, and their indices.
    pub(crate) measured: &'l [(ObserverClock, usize)],
}

impl Successor {
    pub(crate) fn new(discrete: Discrete, number: Option<DiscreteId>) -> Self {
        let none = Extent::default();
        let (unmarked, broken, forgotten, stays) = (Unmarked::Unasked, 0, 0, 0);
        let (timed, in_graph) = (0, [false; 2]);
        Self {
            discrete,
            number,
            unmarked,
            broken,
            forgotten,
            stays,
            timed,
            in_graph,
            kept: none,
            noticed: none,
        }
    }
}

impl Extent {
    /// Puts `items` behind `list`, and says where.
    fn behind<T>(list: &mut Vec<T>, items: impl Iterator<Item = T>) -> Self {
        let from = list.len() as u32;
        list.extend(items);
        Self { from, to: list.len() as u32 }
    }

    fn range(self) -> Range<usize> {
        self.from as usize..self.to as usize
    }
}

impl Memo {
    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        let Self { nodes, branches, successors, kept, noticed, measured, of_discrete, roots } = self;
        nodes.clear();
        branches.clear();
        successors.clear();
        kept.clear();
        noticed.clear();
        measured.clear();
        of_discrete.clear();
        roots.clear();
    }

    /// Forgets everything if it is too much; then it is found out again.
    pub(crate) fn tidy(&mut self) {
        if self.bytes() > MOST {
            self.clear();
        }
    }

    /// Roughly what is kept, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        size_of_val(self.nodes.as_slice())
            + size_of_val(self.successors.as_slice())
            + size_of_val(self.measured.as_slice())
            + 8 * self.noticed.len()
            + 4 * (self.branches.len() + self.of_discrete.len() + self.roots.len())
            + 2 * self.kept.len()
    }

    pub(crate) fn successor(&self, successor: SuccessorId) -> Successor {
        self.successors[successor.0 as usize]
    }

    /// The indices of the zone that are kept, in order.
    pub(crate) fn kept(&self, successor: &Successor) -> &[u16] {
        &self.kept[successor.kept.range()]
    }

    /// The observer clocks that were measured and are in no zone.
    pub(crate) fn noticed(&self, successor: &Successor) -> &[ObserverClock] {
        &self.noticed[successor.noticed.range()]
    }

    /// Remembers that the graph has the step to `successor`; `false` if it had it before.
    pub(crate) fn is_new_in_graph(&mut self, successor: SuccessorId, instant: bool) -> bool {
        !std::mem::replace(&mut self.successors[successor.0 as usize].in_graph[usize::from(instant)], true)
    }

    /// Remembers the state without marks of `successor`.
    pub(crate) fn belongs(&mut self, successor: SuccessorId, unmarked: Unmarked) {
        self.successors[successor.0 as usize].unmarked = unmarked;
    }

    /// Where the step begins in which the clock at `index` of a discrete state is reached.
    #[inline]
    pub(crate) fn root(&self, discrete: DiscreteId, index: usize) -> Option<u32> {
        let first = *self.of_discrete.get(discrete.place())?;
        let root = *self.roots.get((first as usize).checked_add(index)?)?;
        (first != NOWHERE && root != NOWHERE).then_some(root)
    }

    /// Takes the step that begins at `root` with `zone`.
    pub(crate) fn follow(
        &self,
        root: u32,
        (zone, decide, ticks): (&mut Zone, &mut Enumerate, &mut Ticks),
        measured: &mut Measured,
        aim: Aim,
    ) -> Outcome {
        measured.clear();
        let mut at = root;
        loop {
            at = match self.nodes[at as usize] {
                Node::Does(op) => {
                    op.apply((zone, decide, ticks), aim.phases);
                    at + 1
                }
                Node::Branches(Op::Ask { i, j, bound }, branches) => {
                    let known = zone.at(usize::from(i), usize::from(j)) <= bound;
                    self.branches[branches as usize + usize::from(known)]
                }
                Node::Branches(Op::Decide { count }, branches) => {
                    self.branches[branches as usize + decide.one_of(u64::from(count)) as usize]
                }
                Node::Told(broken, observers) => {
                    let observers = self.measured[observers.range()].iter();
                    measured.extend(
                        observers.map(|&(observer, index)| zone.measured(observer, usize::from(index), 0)),
                    );
                    if aim.goal.is_some_and(|goal| goal.is_met(broken, measured.iter().copied())) {
                        return Outcome::Met;
                    }
                    at + 1
                }
                Node::End(successor) => {
                    let Successor { broken, forgotten: known, .. } = self.successors[successor.0 as usize];
                    return if aim.forgotten(broken) == known {
                        Outcome::Successor(successor)
                    } else {
                        Outcome::Unknown
                    };
                }
                Node::Branches(..) => unreachable!("it was not written down so"),
            };
            if at == NOWHERE {
                return Outcome::Unknown;
            }
        }
    }

    /// Memoises the successor by the clock at an index of a discrete state that has so many clocks, or, without that,
    /// the beginning of a run.
    pub(crate) fn memoise(
        &mut self,
        step: Option<(DiscreteId, usize, usize)>,
        operations: &Operations,
        memoised: &Memoised<'_>,
    ) -> SuccessorId {
        let kept = Extent::behind(&mut self.kept, memoised.kept.iter().map(|index| *index as u16));
        let noticed = Extent::behind(&mut self.noticed, memoised.noticed.iter().copied());
        let successor = Successor { kept, noticed, ..memoised.successor };
        let Some((discrete, index, clocks)) = step else {
            return self.put_successor(successor);
        };
        let discrete = discrete.place();
        self.of_discrete.resize(self.of_discrete.len().max(discrete + 1), NOWHERE);
        if self.of_discrete[discrete] == NOWHERE {
            self.of_discrete[discrete] = self.roots.len() as u32;
            self.roots.resize(self.roots.len() + clocks, NOWHERE);
        }
        let root = self.of_discrete[discrete] as usize + index;
        if self.roots[root] == NOWHERE {
            self.roots[root] = self.nodes.len() as u32;
            return self.write(operations, memoised, successor);
        }
        let mut at = self.roots[root] as usize;
        for (place, (_, answer)) in operations.iter().enumerate() {
            let Node::Branches(_, branches) = self.nodes[at] else {
                at += 1;
                continue;
            };
            let branch = branches as usize + *answer as usize;
            if self.branches[branch] == NOWHERE {
                self.branches[branch] = self.nodes.len() as u32;
                return self.write(&operations[place + 1..], memoised, successor);
            }
            at = self.branches[branch] as usize;
        }
        match self.nodes[at] {
            Node::End(known) => {
                self.successors[known.0 as usize] = successor;
                known
            }
            _ => unreachable!("a step that is the same so far does the same next"),
        }
    }

    fn put_successor(&mut self, successor: Successor) -> SuccessorId {
        self.successors.push(successor);
        SuccessorId(self.successors.len() as u32 - 1)
    }

    /// Writes down what is left of a step.
    fn write(
        &mut self,
        operations: &[(Op, u32)],
        memoised: &Memoised<'_>,
        successor: Successor,
    ) -> SuccessorId {
        for &(op, answer) in operations {
            let next = self.nodes.len() as u32 + 1;
            let count = match op {
                Op::Add { .. } | Op::Restrict { .. } | Op::Tick { .. } | Op::Phase { .. } | Op::Told => 0,
                Op::Ask { .. } => 2,
                Op::Decide { count } => count,
            };
            let node = match op {
                Op::Add { .. } | Op::Restrict { .. } | Op::Tick { .. } | Op::Phase { .. } => Node::Does(op),
                Op::Told => {
                    let measured =
                        memoised.measured.iter().map(|&(observer, index)| (observer, index as u16));
                    Node::Told(memoised.successor.broken, Extent::behind(&mut self.measured, measured))
                }
                Op::Ask { .. } | Op::Decide { .. } => {
                    let branches = (0..count).map(|branch| if branch == answer { next } else { NOWHERE });
                    Node::Branches(op, Extent::behind(&mut self.branches, branches).from)
                }
            };
            self.nodes.push(node);
        }
        let successor = self.put_successor(successor);
        self.nodes.push(Node::End(successor));
        successor
    }
}
