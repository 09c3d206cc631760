//! What is told of ids in a system that may go on for ever: which is greater, and by how much as far as anything
//! asks for that.
//!
//! The ids of a clock grow as long as it ticks, so no instant of a run would ever come again although nothing is
//! left that could tell them apart. Here a gap between two neighbouring ids becomes smaller if it is larger than
//! all that is ever added to an id, or held against the difference of two: the order of all ids, and all smaller
//! gaps, stay. Systems whose runs all come to an end by themselves keep their ids as they are.

use super::state::{Message, State};
use super::system::{Action, Client, Condition, Cursor, Step, System, Task};

/// The least gap that is told from no larger one; none if all runs come to an end by themselves.
pub(crate) fn widest(tasks: &[Task], clients: &[Client]) -> Option<i64> {
    let goes_on =
        tasks.iter().any(Task::has_loop) || clients.iter().any(|client| client.reconnects.is_some());
    let steps = tasks.iter().flat_map(|task| &task.steps);
    goes_on.then(|| steps.map(most_of).max().unwrap_or(0).max(1) + 1)
}

/// The most that a step adds to an id, or holds against the difference of two; what it names is so far from 0.
fn most_of(step: &Step) -> i64 {
    let of_cursor = |cursor: &Cursor| match *cursor {
        Cursor::To(id) => id,
        Cursor::Greatest { plus, .. } => plus,
        Cursor::Now(_) | Cursor::Own(_) | Cursor::Given(_) => 0,
    };
    let of_action = match &step.action {
        Action::Publish { id, .. } => id.unwrap_or(0),
        Action::Announce { cursor: Some(cursor), .. } | Action::Cursor(cursor) => of_cursor(cursor),
        _ => 0,
    };
    let of_condition = |condition: &Condition| match condition {
        Condition::NoneWithinIds { ids, .. } => *ids,
        _ => 0,
    };
    step.conditions.iter().map(of_condition).sum::<i64>() + of_action
}

impl State {
    /// Makes gaps between ids smaller that are told from no others.
    pub(crate) fn close_gaps(&mut self, system: &System) {
        let Some(widest) = system.widest_gap else { return };
        let mut known = vec![0];
        self.each_id(&mut |id| known.push(*id));
        known.sort_unstable();
        known.dedup();
        assert_eq!(known[0], 0, "no id is less than that of no event");
        let mut closed = vec![0];
        for pair in known.windows(2) {
            closed.push(closed[closed.len() - 1] + (pair[1] - pair[0]).min(widest));
        }
        self.each_id(&mut |id| *id = closed[known.binary_search(id).expect("it is one of them")]);
    }

    /// Calls this for whatever is an id.
    fn each_id(&mut self, told: &mut dyn FnMut(&mut i64)) {
        for store in &mut self.stores {
            store.entries.iter_mut().for_each(|entry| told(&mut entry.id));
            told(&mut store.greatest);
            store.clock.iter_mut().for_each(|(shows, _)| told(shows));
        }
        for task in &mut self.tasks {
            task.cursors.iter_mut().chain(&mut task.own).chain(&mut task.named).for_each(&mut *told);
            task.begins_anew.iter_mut().flatten().for_each(&mut *told);
        }
        for client in &mut self.clients {
            for (message, _) in &mut client.lane {
                match message {
                    Message::Event { id, .. } => id.iter_mut().for_each(&mut *told),
                    Message::Comment | Message::End | Message::Refusal => {}
                }
            }
            client.request.iter_mut().filter_map(|(named, _)| named.as_mut()).for_each(&mut *told);
            client.last.iter_mut().for_each(&mut *told);
        }
    }
}
