//! Whether some run contains a named order of steps.
//!
//! Of a run only the steps that the order names are looked at; what is left must contain the order without a
//! gap. Of a step with a number of times only that time is named.

use std::collections::BTreeSet;

use super::explore::{Edge, Graph};
use super::facts::Fact;
use super::system::{Order, System};

/// How far a run is with the order: a bit for each number of its steps that stand last, and how often each step
/// with a number of times was taken.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Progress {
    matched: u64,
    taken: Vec<u32>,
}

/// Whether some run contains the order.
pub(crate) fn is_possible(graph: &Graph, system: &System, order: &Order) -> bool {
    let start = Progress { matched: 1, taken: vec![0; order.steps.len()] };
    let (mut reached, mut left) = (BTreeSet::new(), Vec::new());
    let mut found = false;
    let mut look = |edge: &Edge, from: &Progress, left: &mut Vec<(usize, Progress)>| {
        let mut progress = from.clone();
        for fact in &edge.facts {
            if let Fact::Did(task, at) = fact {
                let name = system.tasks[*task].steps[*at].name.as_str();
                found |= progress.takes(order, *task, name);
            }
        }
        if reached.insert((edge.to, progress.clone())) {
            left.push((edge.to, progress));
        }
        found
    };
    graph.begins.iter().for_each(|edge| {
        look(edge, &start, &mut left);
    });
    while let Some((at, progress)) = left.pop() {
        if graph.nodes[at].edges.iter().any(|edge| look(edge, &progress, &mut left)) {
            return true;
        }
    }
    false
}

impl Progress {
    /// The step is taken; whether the order is then complete.
    fn takes(&mut self, order: &Order, task: usize, name: &str) -> bool {
        let mut fits = 0;
        for (place, (by, step, time)) in order.steps.iter().enumerate() {
            if *by != task || step != name {
                continue;
            }
            let is_named = time.is_none_or(|time| {
                self.taken[place] = (self.taken[place] + 1).min(time + 1);
                self.taken[place] == time
            });
            fits |= u64::from(is_named) << place;
        }
        if fits == 0 {
            return false;
        }
        // The empty order stands last wherever one looks.
        self.matched = (self.matched & fits) << 1 | 1;
        self.matched >> order.steps.len() & 1 == 1
    }
}
