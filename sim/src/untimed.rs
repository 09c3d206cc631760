//! All orders, without delays: what no timing at all can bring about.
//!
//! Every pending timer may fire next, and of every channel its first message. That allows more than
//! the delays do, so what is found here may still be impossible in time; what is *not* found here
//! is impossible whatever the delays are. Channels stay in order, an await stays an await, and what
//! runs on one event loop still runs until its next one. What a machine asks of its host is not
//! answered: the part of a world that nobody answers can be searched alone.

use std::collections::{BTreeSet, VecDeque};
use std::hash::Hash;

use crate::chooser::Chooser;
use crate::delay::{Choice, Clock, Delay};
use crate::enumerate::Enumerate;
use crate::interned::Interned;
use crate::machine::{Channel, Cx, Machine, Stamp};

/// Follows how far a run has come towards what is looked for. Part of the state that is searched,
/// so it must be small and must stop growing.
pub trait Progress<F>: Clone + Eq + Hash {
    /// `fact` happened.
    fn noted(&mut self, fact: &F);
    /// How many of the wanted things have happened, of [`Progress::wanted`].
    fn reached(&self) -> usize;
    /// How many things are wanted.
    fn wanted(&self) -> usize;
}

/// Whether some order of events reaches all that is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Possible {
    /// Some order does, if delays allow it.
    InSomeOrder,
    /// None does, whatever the delays; at best this many of the wanted things happen.
    Never {
        /// The number of things that some order reaches.
        reached: usize,
        /// The number of different states that were seen: all there are.
        states: usize,
    },
    /// Undecided after this many states.
    Unknown {
        /// The number of different states that were seen.
        states: usize,
    },
}

/// How much a search may take.
#[derive(Clone, Copy, Debug)]
pub struct Most {
    /// The most different states.
    pub states: usize,
    /// About the most bytes of what is kept: a state may grow for ever.
    pub bytes: usize,
}

/// Looks through all orders for one that makes `progress` complete.
pub fn search<M, P>(machine: &M, progress: P, most: Most) -> Possible
where
    M: Machine,
    P: Progress<M::Fact>,
{
    let wanted = progress.wanted();
    // Those that were looked at are the first `looked_at`, in the order in which they were found.
    let (mut seen, mut looked_at): (Interned<Node<M, P>>, u32) = (Interned::new(), 0);
    let mut found = beginnings(machine, &progress);
    let mut reached = 0;
    loop {
        for node in found {
            reached = reached.max(node.progress.reached());
            seen.number(&node);
        }
        let states = seen.len();
        if reached >= wanted {
            return Possible::InSomeOrder;
        }
        if looked_at as usize == states {
            return Possible::Never { reached, states };
        }
        if states > most.states || seen.bytes() > most.bytes {
            return Possible::Unknown { states };
        }
        found = successors(machine, seen.get(looked_at));
        looked_at += 1;
    }
}

/// A state of the search: the machine, what is pending, and the progress made.
struct Node<M: Machine, P> {
    state: M::State,
    timers: BTreeSet<M::Event>,
    channels: Vec<(Channel, VecDeque<M::Event>)>,
    read_clocks: BTreeSet<u32>,
    progress: P,
}

impl<M: Machine, P: Clone> Clone for Node<M, P> {
    fn clone(&self) -> Self {
        Self {
            state: self.state.clone(),
            timers: self.timers.clone(),
            channels: self.channels.clone(),
            read_clocks: self.read_clocks.clone(),
            progress: self.progress.clone(),
        }
    }
}

impl<M: Machine, P: Eq> PartialEq for Node<M, P> {
    fn eq(&self, other: &Self) -> bool {
        self.state == other.state
            && self.timers == other.timers
            && self.channels == other.channels
            && self.read_clocks == other.read_clocks
            && self.progress == other.progress
    }
}

impl<M: Machine, P: Eq> Eq for Node<M, P> {}

impl<M: Machine, P: Hash> Hash for Node<M, P> {
    fn hash<H: std::hash::Hasher>(&self, hasher: &mut H) {
        self.state.hash(hasher);
        self.timers.hash(hasher);
        self.channels.hash(hasher);
        self.read_clocks.hash(hasher);
        self.progress.hash(hasher);
    }
}

fn beginnings<M, P>(machine: &M, progress: &P) -> Vec<Node<M, P>>
where
    M: Machine,
    P: Progress<M::Fact>,
{
    Enumerate::all(|choices| {
        let mut board = Board::empty(choices);
        let state = machine.start(&mut board);
        board.into_node(machine, state, progress.clone())
    })
}

fn successors<M, P>(machine: &M, node: &Node<M, P>) -> Vec<Node<M, P>>
where
    M: Machine,
    P: Progress<M::Fact>,
{
    let timers = node.timers.iter().map(|&event| (None, event));
    let heads =
        node.channels.iter().enumerate().filter_map(|(i, (_, queue))| Some((Some(i), *queue.front()?)));
    let mut next = Vec::new();
    for (channel, event) in timers.chain(heads) {
        next.extend(Enumerate::all(|choices| {
            let mut board = Board::of(node, choices);
            match channel {
                None => drop(board.timers.remove(&event)),
                Some(channel) => drop(board.channels[channel].1.pop_front()),
            }
            let mut state = node.state.clone();
            machine.step(&mut state, event, &mut board);
            board.into_node(machine, state, node.progress.clone())
        }));
    }
    next
}

/// What the search offers to a machine.
struct Board<'c, M: Machine> {
    timers: BTreeSet<M::Event>,
    channels: Vec<(Channel, VecDeque<M::Event>)>,
    read_clocks: BTreeSet<u32>,
    facts: Vec<M::Fact>,
    choices: &'c mut Enumerate,
}

impl<'c, M: Machine> Board<'c, M> {
    fn empty(choices: &'c mut Enumerate) -> Self {
        Self {
            timers: BTreeSet::new(),
            channels: Vec::new(),
            read_clocks: BTreeSet::new(),
            facts: Vec::new(),
            choices,
        }
    }

    fn of<P>(node: &Node<M, P>, choices: &'c mut Enumerate) -> Self {
        Self {
            timers: node.timers.clone(),
            channels: node.channels.clone(),
            read_clocks: node.read_clocks.clone(),
            facts: Vec::new(),
            choices,
        }
    }

    fn into_node<P: Progress<M::Fact>>(
        mut self,
        machine: &M,
        mut state: M::State,
        mut progress: P,
    ) -> Node<M, P> {
        for fact in &self.facts {
            progress.noted(fact);
        }
        machine.canonical(&mut state);
        self.channels.retain(|(_, queue)| !queue.is_empty());
        self.channels.sort_by_key(|(channel, _)| *channel);
        Node { state, timers: self.timers, channels: self.channels, read_clocks: self.read_clocks, progress }
    }
}

impl<M: Machine> Cx<M> for Board<'_, M> {
    fn after(&mut self, event: M::Event, _: &Delay) {
        self.timers.insert(event);
    }

    fn after_ticks(&mut self, event: M::Event, _: &Clock, _: u32) {
        self.timers.insert(event);
    }

    fn cancel(&mut self, event: M::Event) {
        self.timers.remove(&event);
    }

    /// Without time a timer may be due whenever it is set.
    fn take_due(&mut self, event: M::Event) -> bool {
        self.timers.contains(&event) && self.choices.one_of(2) == 0 && self.timers.remove(&event)
    }

    fn send(&mut self, channel: Channel, event: M::Event, _: &Delay) {
        match self.channels.iter_mut().find(|(known, _)| *known == channel) {
            Some((_, queue)) => queue.push_back(event),
            None => self.channels.push((channel, VecDeque::from([event]))),
        }
    }

    fn lose(&mut self, channel: Channel) {
        self.channels.retain(|(known, _)| *known != channel);
    }

    fn note(&mut self, fact: M::Fact) {
        self.facts.push(fact);
    }

    fn emit(&mut self, _: M::Effect) {}

    fn decide(&mut self, choice: &Choice) -> usize {
        Chooser::choose(self.choices, choice)
    }

    /// Without time a clock may have ticked or not; its first reading is always later.
    fn stamp(&mut self, clock: &Clock) -> Stamp {
        if self.read_clocks.insert(clock.name().key()) || self.choices.one_of(2) == 0 {
            Stamp::Later
        } else {
            Stamp::Same
        }
    }
}
