//! What is known of a run, kept once for all invariants: the books.
//!
//! Most invariants ask the same (which identity was published, sent, has arrived), and a run notes hundreds of facts.
//! So facts are taken down once, and where something happens that may break an invariant, those that listen are asked
//! ([`Hears`](crate::Hears)). The books have no clock: limits are asked of a [`Watch`]. They are a plain value, equal
//! where the future is equal: counters stop one above their bound.

use punctual_sim::{ObserverClock, Watch};

use crate::fact::{Fact, Identity, Origin};
use crate::hears::{Arrived, Breach, Fetched, Left, Missing, Moment, Requested, Sent, Stopped, Undone};
use crate::plan::{Listener, Plan};
use crate::so_far::SoFar;
use crate::system::{ClientId, ClientSet, EventId, RowId, Shown, TaskId};

/// What has happened so far, as far as some invariant asks.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Books {
    /// By kind of event and ordinal less one.
    events: Vec<Vec<Entry>>,
    clients: Vec<Account>,
    /// How many events each task has published.
    written: Vec<u32>,
    requests: u32,
    faulty: bool,
    failed: bool,
    /// Rows of which the version tried last was rolled back, a bit each.
    undone: u64,
    /// By place in the plan's rules.
    breaches: Vec<Option<Breach>>,
}

/// One event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
struct Entry {
    published: bool,
    undone: bool,
    /// Its place among what its task published, from 1.
    place: u32,
    by: u8,
    /// Clients to whom it is owed, to whom it was sent, and at whom it has arrived.
    owed: ClientSet,
    sent: ClientSet,
    arrived: ClientSet,
}

/// One client.
#[derive(Debug, PartialEq, Eq, Hash, Default)]
struct Account {
    so_far: SoFar,
    /// For each task, the furthest place among its events that has arrived.
    furthest: Vec<u32>,
}

/// The observer clock that runs since the job is over.
const JOB_OVER: ObserverClock = ObserverClock(u64::MAX);

impl Plan {
    /// Empty books.
    pub fn books(&self) -> Books {
        Books::new(self)
    }
}

impl Books {
    /// Those of a run that begins.
    pub(crate) fn new(plan: &Plan) -> Self {
        let account = Account { furthest: vec![0; plan.serves.len()], ..Account::default() };
        Self {
            events: vec![Vec::new(); plan.row_of.len()],
            clients: vec![account; usize::from(plan.clients)],
            written: vec![0; plan.serves.len()],
            requests: 0,
            faulty: false,
            failed: false,
            undone: 0,
            breaches: vec![None; plan.rules().len()],
        }
    }

    /// The first breach of each invariant, by its place in the plan.
    pub fn breaches(&self) -> &[Option<Breach>] {
        &self.breaches
    }

    /// Takes back that the invariants of these bits were broken.
    pub(crate) fn forget(&mut self, broken: u64) {
        for (place, breach) in self.breaches.iter_mut().enumerate() {
            if broken >> place & 1 == 1 {
                *breach = None;
            }
        }
    }

    /// Takes a fact down. Inlined, so that a fact that no invariant asks for costs nothing where it
    /// is noted.
    #[inline(always)]
    pub fn observe(&mut self, plan: &Plan, fact: &Fact, watch: &mut impl Watch) {
        match *fact {
            Fact::Read(_) => return self.were_requested(plan, 1),
            Fact::Published { by, what, copy, .. } => self.published(plan, by, what, copy, watch),
            Fact::Sent { to, what, .. } => self.was_sent(plan, to, what),
            Fact::Arrived { at, what, .. } => self.arrived(plan, at, what, watch),
            Fact::RolledBack(row, version) => self.rolled_back(plan, row, version),
            Fact::Committed(row, _) => self.undone &= !(1 << row.0),
            Fact::Set(status) => self.failed |= plan.failed == Some(status),
            Fact::Over { task, .. } => self.was_over(plan, task, watch),
            Fact::Closed(client) => self.closed(plan, client, watch),
            Fact::TimedOut(client, _) => self.of(client).timed_out = true,
            Fact::Fetched { by, found, .. } => {
                tell(&plan.heard.fetched, Fetched { by, found }, &mut self.breaches);
            }
            Fact::Showed(client, shown) => self.showed(client, shown),
            Fact::Finished(client) => self.of(client).finished = true,
            Fact::Cut { client, .. } => {
                self.faulty = true;
                self.of(client).closed = true;
            }
            Fact::Connected { client, .. } => self.connected(plan, client, watch),
            Fact::Held(..) | Fact::Crashed(_) => self.faulty = true,
            Fact::Dropped(..)
            | Fact::Outdated(_)
            | Fact::Commented(_)
            | Fact::Refused(_)
            | Fact::GaveUp(_)
            | Fact::Released(..)
            | Fact::Restarted(_)
            | Fact::CommentArrived(_)
            | Fact::EndArrived(_) => {}
            Fact::Did(..)
            | Fact::Turned(_)
            | Fact::Visible(..)
            | Fact::Saved(_)
            | Fact::Notified { .. }
            | Fact::Moved(..)
            | Fact::Stuck(_)
            | Fact::TimerStarted(..)
            | Fact::TimerStopped(..) => return,
        }
        self.remember(plan, fact);
    }

    /// The run is over: what has not happened by now never will.
    pub fn end(&mut self, plan: &Plan, watch: &impl Watch) {
        for event in 0..self.events.len() {
            for ordinal in 1..=self.events[event].len() {
                self.not_arrived(plan, Identity::new(EventId(event as u8), ordinal as u32));
            }
        }
        let (healthy, failed) = (!self.faulty, self.failed || self.undone != 0);
        let job_over = watch.runs(JOB_OVER);
        for (client, account) in self.clients.iter().enumerate() {
            let client = ClientId(client as u8);
            if !plan.asked.contains(client) {
                continue;
            }
            let so_far = account.so_far;
            let left = Left { client, so_far, healthy, failed, job_over, remembered: false };
            tell(&plan.heard.left, left, &mut self.breaches);
        }
    }

    /// The run was stopped: what it still owed nobody knows.
    pub fn stop(&mut self, plan: &Plan) {
        for (client, account) in self.clients.iter().enumerate() {
            let (client, so_far) = (ClientId(client as u8), account.so_far);
            if !plan.asked.contains(client) {
                continue;
            }
            let stopped = Stopped { client, so_far, healthy: !self.faulty };
            tell(&plan.heard.stopped, stopped, &mut self.breaches);
        }
    }

    /// So many reads, or connections after the first, more.
    #[inline(always)]
    pub(crate) fn were_requested(&mut self, plan: &Plan, times: u64) {
        let before = self.requests;
        let requests = u64::from(before).saturating_add(times).min(u64::from(plan.bound) + 1);
        self.requests = u32::try_from(requests).unwrap_or(u32::MAX);
        if self.requests > plan.bound && before <= plan.bound {
            self.too_many(plan);
        }
    }

    #[cold]
    fn too_many(&mut self, plan: &Plan) {
        let requested = Requested { made: self.requests, allowed: plan.bound };
        tell(&plan.heard.requested, requested, &mut self.breaches);
    }

    /// The run is over, and this may not have arrived.
    fn not_arrived(&mut self, plan: &Plan, what: Identity) {
        let entry = *self.entry(what);
        let missing = entry.owed.without(entry.arrived);
        if !entry.published || entry.undone || missing == ClientSet::NOBODY {
            return;
        }
        let terminal = plan.terminal[usize::from(what.event().0)];
        for client in missing.members() {
            let (so_far, sent) = (self.clients[usize::from(client.0)].so_far, entry.sent.contains(client));
            let missing = Missing { what, client, terminal, sent, so_far, remembered: false };
            tell(&plan.heard.missing, missing, &mut self.breaches);
        }
    }

    fn was_sent(&mut self, plan: &Plan, to: ClientId, what: Identity) {
        let entry = self.entry(what);
        entry.sent = entry.sent.with(to);
        let undone = entry.undone;
        tell(&plan.heard.sent, Sent { what, to, undone }, &mut self.breaches);
    }

    fn published(&mut self, plan: &Plan, by: TaskId, what: Identity, copy: Origin, watch: &mut impl Watch) {
        let owed = self.clients.iter().enumerate().filter(|(_, account)| !account.so_far.finished);
        let owed =
            owed.map(|(client, _)| ClientId(client as u8)).filter(|client| plan.asked.contains(*client));
        let owed = owed.fold(ClientSet::NOBODY, ClientSet::with);
        let entry = *self.entry(what);
        if entry.published {
            return;
        }
        let written = &mut self.written[usize::from(by.0)];
        *written = written.saturating_add(1);
        let place = if copy == Origin::Published { *written } else { 0 };
        let entry = self.entry(what);
        *entry = Entry { published: true, place, by: by.0, owed, ..*entry };
        if let Some(limit) = plan.delivered_within {
            for client in owed.without(entry.arrived).members() {
                watch.start(Plan::observer(what, client), limit);
            }
        }
    }

    fn arrived(&mut self, plan: &Plan, at: ClientId, what: Identity, watch: &mut impl Watch) {
        let entry = self.entry(what);
        let again = entry.arrived.contains(at);
        entry.arrived = entry.arrived.with(at);
        let Entry { place, by, undone, .. } = *entry;
        let mut arrived = Arrived { what, at, again, overtaken: false, undone, late: false };
        if !again {
            if place > 0 {
                let furthest = &mut self.clients[usize::from(at.0)].furthest[usize::from(by)];
                arrived.overtaken = *furthest > place;
                *furthest = place.max(*furthest);
            }
            if plan.delivered_within.is_some() {
                let observer = Plan::observer(what, at);
                arrived.late = watch.late(observer);
                watch.stop(observer);
            }
        }
        tell(&plan.heard.arrived, arrived, &mut self.breaches);
    }

    fn rolled_back(&mut self, plan: &Plan, row: RowId, version: u32) {
        self.faulty = true;
        self.undone |= 1 << row.0;
        for (event, _) in plan.row_of.iter().enumerate().filter(|(_, of)| **of == Some(row)) {
            let what = Identity::new(EventId(event as u8), version);
            let entry = self.entry(what);
            entry.undone = true;
            if let Some(sent_to) = entry.sent.first() {
                tell(&plan.heard.undone, Undone { what, sent_to }, &mut self.breaches);
            }
        }
    }

    fn was_over(&mut self, plan: &Plan, task: TaskId, watch: &mut impl Watch) {
        if let Some(limit) = plan.ends_within
            && plan.serves[usize::from(task.0)].is_none()
        {
            watch.start(JOB_OVER, limit);
            self.clients.iter_mut().for_each(|account| account.so_far.ended_late = false);
        }
    }

    fn closed(&mut self, plan: &Plan, client: ClientId, watch: &mut impl Watch) {
        let terminal_sent =
            plan.terminal.iter().zip(&self.events).any(|(terminal, entries)| {
                *terminal && entries.iter().any(|entry| entry.sent.contains(client))
            });
        let so_far = self.of(client);
        so_far.closed = true;
        so_far.closed_early = !terminal_sent;
        so_far.ended_late |= watch.late(JOB_OVER);
    }

    fn connected(&mut self, plan: &Plan, client: ClientId, watch: &mut impl Watch) {
        let so_far = self.of(client);
        (so_far.closed, so_far.closed_early) = (false, false);
        so_far.ended_late |= watch.late(JOB_OVER);
        self.were_requested(plan, 1);
    }

    fn showed(&mut self, client: ClientId, shown: Shown) {
        match shown {
            Shown::Success => self.of(client).showed_success = true,
            Shown::Failure => self.of(client).showed_failure = true,
            Shown::Progress => {}
        }
    }

    /// Takes down what single invariants remember.
    fn remember(&mut self, plan: &Plan, fact: &Fact) {
        for one in &plan.heard.remembered {
            if let Some(client) = (one.of)(fact) {
                self.of(client).remembered |= one.memory.0;
            }
        }
    }

    fn entry(&mut self, what: Identity) -> &mut Entry {
        let entries = &mut self.events[usize::from(what.event().0)];
        let place = (what.ordinal() as usize).saturating_sub(1);
        if entries.len() <= place {
            entries.resize(place + 1, Entry::default());
        }
        &mut entries[place]
    }

    fn of(&mut self, client: ClientId) -> &mut SoFar {
        &mut self.clients[usize::from(client.0)].so_far
    }
}

/// Asks those who listen whether they are broken by what happens now.
#[inline(always)]
fn tell<M: Moment>(listeners: &[Listener<M>], moment: M, breaches: &mut [Option<Breach>]) {
    for listener in listeners {
        if (listener.breaks)(&moment.recalled(listener.memory)) {
            breaches[listener.place.0].get_or_insert(moment.breach());
        }
    }
}

/// Written out so that a state can be overwritten without giving back its memory.
impl Clone for Books {
    fn clone(&self) -> Self {
        Self {
            events: self.events.clone(),
            clients: self.clients.clone(),
            written: self.written.clone(),
            requests: self.requests,
            faulty: self.faulty,
            failed: self.failed,
            undone: self.undone,
            breaches: self.breaches.clone(),
        }
    }

    fn clone_from(&mut self, other: &Self) {
        let Self { events, clients, written, requests, faulty, failed, undone, breaches } = other;
        self.events.clone_from(events);
        self.clients.clone_from(clients);
        self.written.clone_from(written);
        self.requests = *requests;
        self.faulty = *faulty;
        self.failed = *failed;
        self.undone = *undone;
        self.breaches.clone_from(breaches);
    }
}

/// Written out so that a state can be overwritten without giving back its memory.
impl Clone for Account {
    fn clone(&self) -> Self {
        Self { so_far: self.so_far, furthest: self.furthest.clone() }
    }

    fn clone_from(&mut self, other: &Self) {
        let Self { so_far, furthest } = other;
        self.so_far = *so_far;
        self.furthest.clone_from(furthest);
    }
}
