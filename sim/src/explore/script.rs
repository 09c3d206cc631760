//! Steps, learned once: what a step of the machine does to a zone, without the machine.
//!
//! What a machine does in a step depends on the plain part of a class alone, except where something is
//! asked of the zone, or decided. So the first time that it is taken, a step is written down as what
//! it does to the zone and what it asks of it, and from then on that is done again: no machine, no
//! monitor, no state that is copied, made canonical and looked for. A class is met many times: with
//! other zones, and by each of the searches that a question takes.
//!
//! The scripts of a step are a tree. Each question has a branch for each answer that was met; an answer
//! that is new is learned by taking the step again.

use std::ops::Range;

use crate::enumerate::Enumerate;
use crate::explore::Goal;
use crate::explore::ticks::{Ticks, add_tick, keep_phase};
use crate::explore::zone::Zone;

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
    /// The monitor has heard of it; what was measured, and then what becomes of marks.
    Told,
}

/// A step while it is learned: what it does, and what the answers were.
pub(crate) type Tape = Vec<(Op, u32)>;

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

/// What a step led to, but for its zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Leaf {
    /// The numbers of the state and the monitor.
    pub(crate) numbers: (u32, u32),
    /// The number of the shape.
    pub(crate) shape: u32,
    /// The number of the plain part; nothing if the run ends here.
    pub(crate) part: Option<u32>,
    /// Its group.
    pub(crate) group: Group,
    /// The rules that it broke.
    pub(crate) broken: u64,
    /// The rules that are not watched any more from then on.
    pub(crate) forgotten: u64,
    /// The rows of the class before that are still there, a bit each.
    pub(crate) stays: u64,
    /// How many rows that are kept, the first ones, are timers and messages.
    pub(crate) timed: u16,
    /// Whether the graph has the step to here, with nothing due at its instant, and with something.
    pub(crate) in_graph: [bool; 2],
    /// Where the rows are that are kept of the zone.
    pub(crate) kept: (u32, u32),
    /// Where the slots are without a row that were measured.
    pub(crate) noticed: (u32, u32),
}

/// Which group of plain parts a leaf is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    /// Nobody has asked so far.
    Unasked,
    /// The one of this number.
    Is(u32),
    /// One that the search without times has not met.
    New,
}

/// How a step came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It led there.
    Leaf(u32),
    /// It reached what is looked for.
    Met,
    /// This was not learned yet.
    Unknown,
}

/// What was measured in a step: slot, least, greatest.
pub(crate) type Measured = Vec<(u64, i64, i64)>;

/// No place.
const NOWHERE: u32 = u32::MAX;

/// How much is kept, in bytes.
const MOST: usize = 1 << 26;

#[derive(Clone, Copy, Debug)]
enum Node {
    Does(Op),
    /// A question or decision, and where its branches begin.
    Branches(Op, u32),
    /// Which rules are broken by now, and where the marks are that are measured.
    Told(u64, (u32, u32)),
    End(u32),
}

/// All steps that were learned.
#[derive(Debug, Default)]
pub(crate) struct Scripts {
    nodes: Vec<Node>,
    /// By question, answer after answer: the node that follows.
    branches: Vec<u32>,
    leaves: Vec<Leaf>,
    rows: Vec<u16>,
    slots: Vec<u64>,
    /// Slots and the rows of their marks.
    marks: Vec<(u64, u16)>,
    /// By plain part: where its roots begin, one for each of its rows that are pending.
    of_part: Vec<u32>,
    roots: Vec<u32>,
}

/// What is learned of a step beside what it does.
pub(crate) struct Learned<'l> {
    /// The leaf, without its lists.
    pub(crate) leaf: Leaf,
    pub(crate) kept: &'l [usize],
    pub(crate) noticed: &'l [u64],
    /// Slots that were measured, and the rows of their marks.
    pub(crate) measured: &'l [(u64, usize)],
}

impl Leaf {
    pub(crate) fn new(numbers: (u32, u32), shape: u32, part: Option<u32>) -> Self {
        let none = (0, 0);
        let (group, broken, forgotten, stays) = (Group::Unasked, 0, 0, 0);
        let (timed, in_graph) = (0, [false; 2]);
        Self {
            numbers,
            shape,
            part,
            group,
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

fn range((from, to): (u32, u32)) -> Range<usize> {
    from as usize..to as usize
}

/// Puts `items` behind `list`, and says where.
fn append<T>(list: &mut Vec<T>, items: impl Iterator<Item = T>) -> (u32, u32) {
    let from = list.len() as u32;
    list.extend(items);
    (from, list.len() as u32)
}

impl Scripts {
    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        let Self { nodes, branches, leaves, rows, slots, marks, of_part, roots } = self;
        nodes.clear();
        branches.clear();
        leaves.clear();
        rows.clear();
        slots.clear();
        marks.clear();
        of_part.clear();
        roots.clear();
    }

    /// Forgets everything if it is too much; then it is learned again.
    pub(crate) fn tidy(&mut self) {
        if self.bytes() > MOST {
            self.clear();
        }
    }

    /// Roughly what is kept, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        size_of_val(self.nodes.as_slice())
            + size_of_val(self.leaves.as_slice())
            + size_of_val(self.marks.as_slice())
            + 8 * self.slots.len()
            + 4 * (self.branches.len() + self.of_part.len() + self.roots.len())
            + 2 * self.rows.len()
    }

    pub(crate) fn leaf(&self, leaf: u32) -> Leaf {
        self.leaves[leaf as usize]
    }

    /// The rows of the zone that are kept, in order.
    pub(crate) fn kept(&self, leaf: &Leaf) -> &[u16] {
        &self.rows[range(leaf.kept)]
    }

    /// The slots without a row that were measured.
    pub(crate) fn noticed(&self, leaf: &Leaf) -> &[u64] {
        &self.slots[range(leaf.noticed)]
    }

    /// Remembers that the graph has the step to `leaf`; `false` if it had it before.
    pub(crate) fn is_new_in_graph(&mut self, leaf: u32, instant: bool) -> bool {
        !std::mem::replace(&mut self.leaves[leaf as usize].in_graph[usize::from(instant)], true)
    }

    /// Remembers that `leaf` is in `group`.
    pub(crate) fn belongs(&mut self, leaf: u32, group: Group) {
        self.leaves[leaf as usize].group = group;
    }

    /// Where the step of `row` of a plain part begins.
    #[inline]
    pub(crate) fn root(&self, part: u32, row: usize) -> Option<u32> {
        let first = *self.of_part.get(part as usize)?;
        let root = *self.roots.get((first as usize).checked_add(row)?)?;
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
                Node::Does(Op::Add { base, min, max }) => {
                    zone.add(usize::from(base), min, max);
                    at + 1
                }
                Node::Does(Op::Restrict { i, j, bound }) => {
                    zone.restrict(usize::from(i), usize::from(j), bound);
                    at + 1
                }
                Node::Does(Op::Tick { now, passed, resolution }) => {
                    add_tick(zone, usize::from(now), passed.map(usize::from), resolution);
                    *ticks = (*ticks).max(if aim.phases { Ticks::Exact } else { Ticks::Loose });
                    at + 1
                }
                Node::Does(Op::Phase { last, tick, resolution }) => {
                    let last = last.map(usize::from);
                    let kept = keep_phase((zone, decide), last, usize::from(tick), resolution).0;
                    *ticks = (*ticks).max(kept);
                    at + 1
                }
                Node::Branches(Op::Ask { i, j, bound }, branches) => {
                    let known = zone.at(usize::from(i), usize::from(j)) <= bound;
                    self.branches[branches as usize + usize::from(known)]
                }
                Node::Branches(Op::Decide { count }, branches) => {
                    self.branches[branches as usize + decide.one_of(u64::from(count)) as usize]
                }
                Node::Told(broken, marks) => {
                    let marks = self.marks[range(marks)].iter().copied();
                    measured.extend(marks.map(|(slot, mark)| zone.measured(slot, usize::from(mark), 0)));
                    if aim.goal.is_some_and(|goal| goal.is_met(broken, measured.iter().copied())) {
                        return Outcome::Met;
                    }
                    at + 1
                }
                Node::End(leaf) => {
                    let Leaf { broken, forgotten: known, .. } = self.leaves[leaf as usize];
                    return if aim.forgotten(broken) == known {
                        Outcome::Leaf(leaf)
                    } else {
                        Outcome::Unknown
                    };
                }
                Node::Does(_) | Node::Branches(..) => unreachable!("it was not written down so"),
            };
            if at == NOWHERE {
                return Outcome::Unknown;
            }
        }
    }

    /// Learns a step: of row `row` of a plain part that has so many rows, unless a run begins with it.
    pub(crate) fn learn(
        &mut self,
        step: Option<(u32, usize, usize)>,
        tape: &Tape,
        learned: &Learned<'_>,
    ) -> u32 {
        let kept = append(&mut self.rows, learned.kept.iter().map(|row| *row as u16));
        let noticed = append(&mut self.slots, learned.noticed.iter().copied());
        let leaf = Leaf { kept, noticed, ..learned.leaf };
        let Some((part, row, rows)) = step else {
            return self.put_leaf(leaf);
        };
        let part = part as usize;
        self.of_part.resize(self.of_part.len().max(part + 1), NOWHERE);
        if self.of_part[part] == NOWHERE {
            self.of_part[part] = self.roots.len() as u32;
            self.roots.resize(self.roots.len() + rows, NOWHERE);
        }
        let root = self.of_part[part] as usize + row;
        if self.roots[root] == NOWHERE {
            self.roots[root] = self.nodes.len() as u32;
            return self.write(tape, learned, leaf);
        }
        let mut at = self.roots[root] as usize;
        for (place, (_, answer)) in tape.iter().enumerate() {
            let Node::Branches(_, branches) = self.nodes[at] else {
                at += 1;
                continue;
            };
            let branch = branches as usize + *answer as usize;
            if self.branches[branch] == NOWHERE {
                self.branches[branch] = self.nodes.len() as u32;
                return self.write(&tape[place + 1..], learned, leaf);
            }
            at = self.branches[branch] as usize;
        }
        match self.nodes[at] {
            Node::End(known) => {
                self.leaves[known as usize] = leaf;
                known
            }
            _ => unreachable!("a step that is the same so far does the same next"),
        }
    }

    fn put_leaf(&mut self, leaf: Leaf) -> u32 {
        self.leaves.push(leaf);
        self.leaves.len() as u32 - 1
    }

    /// Writes down what is left of a step.
    fn write(&mut self, tape: &[(Op, u32)], learned: &Learned<'_>, leaf: Leaf) -> u32 {
        for &(op, answer) in tape {
            let next = self.nodes.len() as u32 + 1;
            let count = match op {
                Op::Add { .. } | Op::Restrict { .. } | Op::Tick { .. } | Op::Phase { .. } | Op::Told => 0,
                Op::Ask { .. } => 2,
                Op::Decide { count } => count,
            };
            let node = match op {
                Op::Add { .. } | Op::Restrict { .. } | Op::Tick { .. } | Op::Phase { .. } => Node::Does(op),
                Op::Told => {
                    let marks = learned.measured.iter().map(|&(slot, row)| (slot, row as u16));
                    Node::Told(learned.leaf.broken, append(&mut self.marks, marks))
                }
                Op::Ask { .. } | Op::Decide { .. } => {
                    let branches = (0..count).map(|branch| if branch == answer { next } else { NOWHERE });
                    Node::Branches(op, append(&mut self.branches, branches).0)
                }
            };
            self.nodes.push(node);
        }
        let leaf = self.put_leaf(leaf);
        self.nodes.push(Node::End(leaf));
        leaf
    }
}
