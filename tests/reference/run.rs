//! One event of a run: what is due happens, and what follows from it at once.

use super::facts::Fact;
use super::ledger::{Broken, Ledger};
use super::state::{
    ClientState, Doing, Due, NodeState, RowState, SignalState, State, StoreState, TaskState, TimerState,
};
use super::system::{Chance, Delay, From, Ids, Starts, System};

/// The answers to all that is left open in one event, tried one after the other until there are no others.
#[derive(Default)]
pub(crate) struct Answers {
    /// What is answered, and how many answers there are.
    given: Vec<(u64, u64)>,
    asked: usize,
}

/// One event as it happens.
pub(crate) struct Event<'e> {
    pub(crate) system: &'e System,
    pub(crate) state: State,
    pub(crate) answers: &'e mut Answers,
    pub(crate) facts: Vec<Fact>,
    pub(crate) broken: Broken,
    /// A task takes steps for ever at this instant.
    pub(crate) stands_still: bool,
}

/// An event that has happened, and what it led to.
pub(crate) struct Happened {
    pub(crate) state: State,
    pub(crate) facts: Vec<Fact>,
    pub(crate) broken: Broken,
    /// How much time passes until the next event.
    pub(crate) after: u64,
    pub(crate) stands_still: bool,
}

impl Answers {
    fn pick(&mut self, of: u64) -> u64 {
        if self.asked == self.given.len() {
            self.given.push((0, of));
        }
        let (answer, known) = self.given[self.asked];
        assert_eq!(known, of, "an event asks the same until it is answered otherwise");
        self.asked += 1;
        answer
    }

    /// Whether there are other answers; these are then given.
    pub(crate) fn others(&mut self) -> bool {
        self.asked = 0;
        while let Some((answer, of)) = self.given.pop() {
            if answer + 1 < of {
                self.given.push((answer + 1, of));
                return true;
            }
        }
        false
    }
}

/// How a run begins.
pub(crate) fn begin(system: &System, answers: &mut Answers) -> Happened {
    let state = State {
        status: system.status,
        status_lasts: system.status_limits.iter().map(|limit| Some(*limit)).collect(),
        rows: vec![RowState::default(); system.rows.len()],
        files: vec![false; system.files.len()],
        stores: vec![StoreState { entries: Vec::new(), greatest: 0, clock: None }; system.stores.len()],
        signals: vec![SignalState::default(); system.signals.len()],
        nodes: vec![NodeState { up: true, queue: Vec::new(), blocked_by: None }; system.nodes.len()],
        tasks: (0..system.tasks.len()).map(|task| TaskState::idle(system, task, Doing::Nothing)).collect(),
        clients: system.clients.iter().map(|client| client_of(client.timers.len())).collect(),
        numbers: vec![0; system.kinds.len()],
        ledger: Ledger::new(system.clients.len()),
    };
    let mut event = Event { system, state, answers, facts: Vec::new(), broken: 0, stands_still: false };
    event.begin();
    event.settled()
}

fn client_of(timers: usize) -> ClientState {
    ClientState {
        line: true,
        connected: true,
        lane: Vec::new(),
        held_to: false,
        held_from: false,
        asks_in: None,
        request: None,
        fetches: Vec::new(),
        last: None,
        refused: false,
        done: false,
        timers: vec![TimerState::New; timers],
    }
}

/// What comes of it if `due` is the first of all that is due in `state`.
pub(crate) fn happen(system: &System, state: &State, due: Due, answers: &mut Answers) -> Happened {
    let mut event =
        Event { system, state: state.clone(), answers, facts: Vec::new(), broken: 0, stands_still: false };
    event.happen(due);
    event.settled()
}

impl Event<'_> {
    /// Any whole number of microseconds that a delay allows.
    pub(crate) fn draw(&mut self, (least, greatest): Delay) -> u64 {
        least + self.answers.pick(greatest - least + 1)
    }

    /// Whether it happens.
    pub(crate) fn chance(&mut self, chance: Chance) -> bool {
        match chance {
            Chance::Never => false,
            Chance::Always => true,
            Chance::Either => self.answers.pick(2) == 1,
        }
    }

    pub(crate) fn note(&mut self, fact: Fact) {
        self.facts.push(fact);
    }

    fn begin(&mut self) {
        for at in 0..self.system.stores.len() {
            if let Ids::Clock(tick) = self.system.stores[at].ids {
                // No event has id 0, so that is not what a clock shows first.
                let first = self.answers.pick(tick);
                self.state.stores[at].clock = Some(if first == 0 { (2, tick) } else { (1, first) });
            }
        }
        for task in 0..self.system.tasks.len() {
            self.start_later(task);
        }
        for client in 0..self.system.clients.len() {
            for timer in 0..self.system.clients[client].timers.len() {
                match self.system.clients[client].timers[timer].from {
                    From::Start | From::Byte | From::AnyEvent => self.start_timer(client, timer),
                    From::Event(_) => {}
                }
            }
        }
    }

    /// A task that starts by itself begins after its delay; one that is spawned, when it is.
    pub(crate) fn start_later(&mut self, task: usize) {
        let doing = match self.system.tasks[task].starts {
            Starts::After(delay) => Doing::Starting(self.draw(delay)),
            Starts::Spawned => Doing::Nothing,
        };
        self.state.tasks[task] = TaskState::idle(self.system, task, doing);
    }

    fn happen(&mut self, due: Due) {
        match due {
            Due::Task(task) => self.task_due(task),
            Due::Turn(node) => {
                let task = self.state.nodes[node].queue.remove(0);
                self.go_on(task);
            }
            Due::Visible(row) => {
                let (version, _) = self.state.rows[row].lane.remove(0);
                self.visible(row, version);
            }
            Due::ToClient(client) => self.arrive(client),
            Due::Asks(client) => self.ask(client),
            Due::Request(client) => self.connect(client),
            Due::Fetched(client) => self.fetched(client),
            Due::Timer(client, timer) => self.fire(client, timer),
            Due::StatusLasts(limit) => self.state.status_lasts[limit] = None,
            Due::AgeLasts(task, limit) => self.state.tasks[task].age_lasts[limit] = None,
            Due::QuietLasts(task, limit) => self.state.tasks[task].quiet_lasts[limit] = None,
        }
    }

    pub(crate) fn visible(&mut self, row: usize, version: u32) {
        self.state.rows[row].visible = version;
        self.note(Fact::Visible(row));
    }

    /// Lets time pass until something is due, or the run is over.
    fn settled(mut self) -> Happened {
        let mut after = 0;
        if self.state.due_now().is_empty()
            && let Some(time) = self.state.until_next()
        {
            self.state.pass(time, self.system);
            after = time;
        }
        self.state.close_gaps(self.system);
        Happened {
            state: self.state,
            facts: self.facts,
            broken: self.broken,
            after,
            stands_still: self.stands_still,
        }
    }
}

/// What a state would break if its run were over.
pub(crate) fn broken_if_over(system: &System, state: &State) -> Broken {
    let done: Vec<bool> = state.clients.iter().map(|client| client.done).collect();
    state.ledger.broken_if_over(system, &state.rows, &done)
}
