//! All that there is at one instant of a run, plainly: nothing is left out, renumbered or put in another order.
//!
//! Times are told from now on: how long until something is due, how long ago something was. So two instants of
//! two runs from which the same can follow may be the same value, and that is all the reduction there is:
//! what follows depends on nothing but this value, so it is looked at once.

use super::ledger::Ledger;
use super::system::{Ids, System};

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct State {
    pub(crate) status: usize,
    /// How long until the status has been so for each of the times that conditions ask for; none once it has.
    pub(crate) status_lasts: Vec<Option<u64>>,
    pub(crate) rows: Vec<RowState>,
    pub(crate) files: Vec<bool>,
    pub(crate) stores: Vec<StoreState>,
    pub(crate) signals: Vec<SignalState>,
    pub(crate) nodes: Vec<NodeState>,
    pub(crate) tasks: Vec<TaskState>,
    pub(crate) clients: Vec<ClientState>,
    /// How many events of each kind there are that tell of no row; of the others the latest version published.
    pub(crate) numbers: Vec<u32>,
    pub(crate) ledger: Ledger,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct RowState {
    pub(crate) tried: u32,
    /// The latest committed version; 0 if there is none.
    pub(crate) committed: u32,
    /// The latest visible version; 0 if there is none.
    pub(crate) visible: u32,
    /// Versions that are on their way to be visible.
    pub(crate) lane: Vec<(u32, u64)>,
    pub(crate) rolled_back: Vec<u32>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct StoreState {
    pub(crate) entries: Vec<Entry>,
    /// The greatest id that was given so far, if ids are counted.
    pub(crate) greatest: i64,
    /// What its clock shows, and how long until its next tick; only if it has one.
    pub(crate) clock: Option<(i64, u64)>,
}

/// An event is its kind and a number.
pub(crate) type Identity = (usize, u32);

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Entry {
    pub(crate) event: Identity,
    pub(crate) id: i64,
    pub(crate) announced: bool,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct SignalState {
    pub(crate) permit: bool,
    /// Who waits, the longest first.
    pub(crate) waiting: Vec<usize>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct NodeState {
    pub(crate) up: bool,
    pub(crate) queue: Vec<usize>,
    /// The task whose step blocks it.
    pub(crate) blocked_by: Option<usize>,
}

/// What a task is at.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Doing {
    /// It has not begun, and begins when it is spawned.
    Nothing,
    /// It begins so much later.
    Starting(u64),
    /// It is in its node's queue.
    Ready,
    /// The effect of its step is due so much later.
    Awaiting(u64),
    /// Its answer is due so much later.
    Answered(u64),
    /// Its step blocks its node so much longer.
    Blocking(u64),
    /// It waits for its step's signal, at most so much longer.
    Waiting(Option<u64>),
    Over,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct TaskState {
    pub(crate) doing: Doing,
    /// The step that it is in.
    pub(crate) at: usize,
    /// The step after that; none if it is over then.
    pub(crate) next: Option<usize>,
    pub(crate) cursors: Vec<i64>,
    /// The id of the last event that it added to each store.
    pub(crate) own: Vec<i64>,
    pub(crate) read: Option<StatusRead>,
    /// The status read before that.
    pub(crate) read_before: Option<usize>,
    /// The version of each row that was visible when it was read; 0 if none was or it was not read.
    pub(crate) rows: Vec<u32>,
    pub(crate) counted: u32,
    pub(crate) rests: u32,
    pub(crate) rests_since_event: u32,
    /// Of each kind whether it was sent on this connection; of those that tell of a row, the latest version.
    pub(crate) sent: Vec<u32>,
    /// The id that the client named when it connected.
    pub(crate) named: Option<i64>,
    /// How long until its age is each of those that matter; none once it is.
    pub(crate) age_lasts: Vec<Option<u64>>,
    /// The same of how long ago it began or sent a comment.
    pub(crate) quiet_lasts: Vec<Option<u64>>,
    /// It is given up once its step does not block its node any more.
    pub(crate) given_up: bool,
    /// It then begins anew, for a client that connected meanwhile with this id.
    #[expect(clippy::option_option, reason = "whether it does, and whether the client named an id")]
    pub(crate) begins_anew: Option<Option<i64>>,
}

/// A status as it was read.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct StatusRead {
    pub(crate) status: usize,
    /// Which of the times that conditions ask for it had been so.
    pub(crate) lasted: Vec<bool>,
    /// Which of the ages that matter the task had reached.
    pub(crate) ages: Vec<bool>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct ClientState {
    /// Whether what is sent to it travels.
    pub(crate) line: bool,
    /// Whether it has one as far as it knows itself.
    pub(crate) connected: bool,
    /// What is under way to it, and how long until it arrives; none while it is held.
    pub(crate) lane: Vec<(Message, Option<u64>)>,
    pub(crate) held_to: bool,
    pub(crate) held_from: bool,
    /// How long until it asks for a connection.
    pub(crate) asks_in: Option<u64>,
    /// Its request with the id that it names, and how long until it arrives; none while it is held.
    pub(crate) request: Option<(Option<i64>, Option<u64>)>,
    /// The reactions in which it asked for something, and how long until that arrives; none while it is held.
    pub(crate) fetches: Vec<(usize, Option<u64>)>,
    /// The id of the last event that arrived and had one.
    pub(crate) last: Option<i64>,
    pub(crate) refused: bool,
    pub(crate) done: bool,
    pub(crate) timers: Vec<TimerState>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Message {
    Event { event: Identity, id: Option<i64>, announced: bool },
    Comment,
    End,
    Refusal,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum TimerState {
    /// It was never started or stopped.
    New,
    Running(u64),
    Fired,
    Stopped,
}

/// Something that is due now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Due {
    /// What a task is at is over.
    Task(usize),
    /// A node takes the first task of its queue.
    Turn(usize),
    Visible(usize),
    ToClient(usize),
    Asks(usize),
    Request(usize),
    Fetched(usize),
    Timer(usize, usize),
    /// The status has been so for a time that conditions ask for.
    StatusLasts(usize),
    /// A task is as old as a policy asks for.
    AgeLasts(usize, usize),
    QuietLasts(usize, usize),
}

impl TaskState {
    /// A task that is at nothing and knows nothing.
    pub(crate) fn idle(system: &System, task: usize, doing: Doing) -> Self {
        Self {
            doing,
            at: 0,
            next: None,
            cursors: vec![0; if system.tasks[task].per_source { system.stores.len() } else { 1 }],
            own: vec![0; system.stores.len()],
            read: None,
            read_before: None,
            rows: vec![0; system.rows.len()],
            counted: 0,
            rests: 0,
            rests_since_event: 0,
            sent: vec![0; system.kinds.len()],
            named: None,
            age_lasts: vec![None; system.age_limits.len()],
            quiet_lasts: vec![None; system.quiet_limits.len()],
            given_up: false,
            begins_anew: None,
        }
    }
}

impl State {
    /// All that is pending, with how soon it is due.
    fn pending(&self, mut told: impl FnMut(Due, u64)) {
        for (at, row) in self.rows.iter().enumerate() {
            row.lane.first().into_iter().for_each(|(_, due)| told(Due::Visible(at), *due));
        }
        for (at, client) in self.clients.iter().enumerate() {
            client
                .lane
                .first()
                .and_then(|sent| sent.1)
                .into_iter()
                .for_each(|due| told(Due::ToClient(at), due));
            client.request.and_then(|sent| sent.1).into_iter().for_each(|due| told(Due::Request(at), due));
            client
                .fetches
                .first()
                .and_then(|sent| sent.1)
                .into_iter()
                .for_each(|due| told(Due::Fetched(at), due));
            client.asks_in.into_iter().for_each(|due| told(Due::Asks(at), due));
            for (place, timer) in client.timers.iter().enumerate() {
                if let TimerState::Running(due) = timer {
                    told(Due::Timer(at, place), *due);
                }
            }
        }
        for (at, task) in self.tasks.iter().enumerate() {
            match task.doing {
                Doing::Starting(due) | Doing::Awaiting(due) | Doing::Answered(due) | Doing::Blocking(due) => {
                    told(Due::Task(at), due);
                }
                Doing::Waiting(Some(due)) => told(Due::Task(at), due),
                Doing::Nothing | Doing::Ready | Doing::Waiting(None) | Doing::Over => {}
            }
        }
        for (at, node) in self.nodes.iter().enumerate() {
            if node.blocked_by.is_none() && !node.queue.is_empty() {
                told(Due::Turn(at), 0);
            }
        }
    }

    /// The ends of times that are only asked about: they come in any order with what else is due, but nothing
    /// happens because of them.
    fn lasts(&self, mut told: impl FnMut(Due, u64)) {
        let each = |lasts: &[Option<u64>], told: &mut dyn FnMut(usize, u64)| {
            lasts.iter().enumerate().for_each(|(at, due)| due.iter().for_each(|due| told(at, *due)));
        };
        each(&self.status_lasts, &mut |at, due| told(Due::StatusLasts(at), due));
        for (task, state) in self.tasks.iter().enumerate() {
            each(&state.age_lasts, &mut |at, due| told(Due::AgeLasts(task, at), due));
            each(&state.quiet_lasts, &mut |at, due| told(Due::QuietLasts(task, at), due));
        }
    }

    /// All that is due now; each of it may be the first.
    pub(crate) fn due_now(&self) -> Vec<Due> {
        let mut due = Vec::new();
        self.pending(|one, within| due.extend((within == 0).then_some(one)));
        self.lasts(|one, within| due.extend((within == 0).then_some(one)));
        due
    }

    /// How long until something is due; none if nothing is pending, and the run is over.
    pub(crate) fn until_next(&self) -> Option<u64> {
        let mut next = None;
        self.pending(|_, within| next = Some(next.map_or(within, |least: u64| least.min(within))));
        let mut least = next?;
        self.lasts(|_, within| least = least.min(within));
        Some(least)
    }

    /// Lets time pass, at most until something is due.
    pub(crate) fn pass(&mut self, time: u64, system: &System) {
        let less = |due: &mut u64| *due = due.checked_sub(time).expect("nothing that is due is passed over");
        let each = |lasts: &mut [Option<u64>]| lasts.iter_mut().flatten().for_each(less);
        each(&mut self.status_lasts);
        self.rows.iter_mut().flat_map(|row| &mut row.lane).for_each(|(_, due)| less(due));
        for (store, known) in self.stores.iter_mut().zip(&system.stores) {
            store.pass(time, known.ids);
        }
        for task in &mut self.tasks {
            match &mut task.doing {
                Doing::Starting(due) | Doing::Awaiting(due) | Doing::Answered(due) | Doing::Blocking(due) => {
                    less(due);
                }
                Doing::Waiting(due) => due.iter_mut().for_each(less),
                Doing::Nothing | Doing::Ready | Doing::Over => {}
            }
            each(&mut task.age_lasts);
            each(&mut task.quiet_lasts);
        }
        for client in &mut self.clients {
            client.lane.iter_mut().filter_map(|(_, due)| due.as_mut()).for_each(less);
            client.request.iter_mut().filter_map(|(_, due)| due.as_mut()).for_each(less);
            client.fetches.iter_mut().filter_map(|(_, due)| due.as_mut()).for_each(less);
            client.asks_in.iter_mut().for_each(less);
            for timer in &mut client.timers {
                if let TimerState::Running(due) = timer {
                    less(due);
                }
            }
        }
        self.ledger.pass(time, &system.limits);
    }
}

impl StoreState {
    /// The clock ticks whenever its time is there: what it shows depends on the time alone.
    fn pass(&mut self, time: u64, ids: Ids) {
        let (Some((shows, next)), Ids::Clock(tick)) = (&mut self.clock, ids) else { return };
        let mut left = time;
        while left >= *next {
            left -= *next;
            *next = tick;
            *shows += 1;
        }
        *next -= left;
    }
}
