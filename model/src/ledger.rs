//! The invariants at work: a ledger of facts, and what it says each invariant is worth.
//!
//! All invariants of a case are kept in one ledger, since most of them ask the same thing (which
//! identity was published, sent, has arrived) and a run notes hundreds of facts. The ledger has no
//! clock: limits are asked of a [`Watch`]. It is a plain value, equal where the future is equal:
//! counters stop one above their bound.

use punctual_sim::{Span, Watch};

use crate::fact::{Copy, Fact, Identity};
use crate::invariant::Rule;
use crate::system::{ClientId, EventId, RowId, Shown, StatusId, System, TaskId};

/// What the invariants need to know of a system, and which of them are asked for.
#[derive(Clone, Debug)]
pub struct Plan {
    rules: Vec<Rule>,
    clients: u8,
    row_of: Vec<Option<RowId>>,
    terminal: Vec<bool>,
    serves: Vec<Option<ClientId>>,
    failed: Option<StatusId>,
    limit: Option<Span>,
    closes_within: Option<Span>,
    bound: u32,
}

/// How an invariant was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Breach {
    /// The event that it is about.
    pub what: Option<Identity>,
    /// The client that it is about.
    pub client: Option<ClientId>,
}

/// What has happened so far, as far as some invariant asks.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Ledger {
    /// By kind of event and ordinal less one.
    events: Vec<Vec<Entry>>,
    clients: Vec<Account>,
    /// How many events each task has published.
    written: Vec<u32>,
    reads: u32,
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
    /// Clients to whom it is owed, to whom it was sent, and at whom it has arrived; a bit each.
    owed: u32,
    sent: u32,
    arrived: u32,
}

/// One client.
#[derive(Debug, PartialEq, Eq, Hash, Default)]
struct Account {
    finished: bool,
    timed_out: bool,
    closed: bool,
    /// Terminal events had been sent when the connection was closed.
    closed_early: bool,
    /// It ended, or came again, later than allowed after the job, if no task goes on after that.
    ended_late: bool,
    showed_success: bool,
    showed_failure: bool,
    /// For each task, the furthest place among its events that has arrived.
    furthest: Vec<u32>,
}

const JOB_OVER: u64 = u64::MAX;

impl Plan {
    /// What `rules` need to know of `system`.
    ///
    /// # Panics
    /// If the system has more than 32 clients; the format refuses that.
    pub fn new(system: &System, rules: &[Rule]) -> Self {
        assert!(system.clients.len() <= 32, "a system has at most 32 clients");
        let limit = rules.iter().find_map(|rule| match rule {
            Rule::DeliveredWithin(limit) => Some(*limit),
            _ => None,
        });
        let closes_within = rules.iter().find_map(|rule| match rule {
            Rule::StreamEnds(limit) => Some(*limit),
            _ => None,
        });
        let bound = rules.iter().find_map(|rule| match rule {
            Rule::BoundedRequests(bound) => Some(*bound),
            _ => None,
        });
        Self {
            rules: rules.to_vec(),
            clients: system.clients.len() as u8,
            row_of: system.events.iter().map(|event| event.row).collect(),
            terminal: system.events.iter().map(|event| event.terminal).collect(),
            serves: system.tasks.iter().map(|task| task.serves).collect(),
            failed: system.failed,
            limit,
            closes_within,
            bound: bound.unwrap_or(0),
        }
    }

    /// The invariants, in the order in which breaches are given.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// An empty ledger.
    pub fn ledger(&self) -> Ledger {
        let account = Account { furthest: vec![0; self.serves.len()], ..Account::default() };
        Ledger {
            events: vec![Vec::new(); self.row_of.len()],
            clients: vec![account; usize::from(self.clients)],
            written: vec![0; self.serves.len()],
            reads: 0,
            faulty: false,
            failed: false,
            undone: 0,
            breaches: vec![None; self.rules.len()],
        }
    }

    fn everyone(&self) -> u32 {
        u32::MAX >> (32 - u32::from(self.clients).max(1))
    }

    fn slot(&self, what: Identity, client: ClientId) -> u64 {
        u64::from(what.event().0) << 56 | u64::from(what.ordinal()) << 8 | u64::from(client.0)
    }
}

impl Ledger {
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
            Fact::Read(_) => self.were_read(plan, 1),
            Fact::Published { by, what, copy, .. } => self.published(plan, by, what, copy, watch),
            Fact::Sent { to, what, .. } => self.was_sent(plan, to, what),
            Fact::Arrived { at, what, .. } => self.arrived(plan, at, what, watch),
            Fact::RolledBack(row, version) => self.rolled_back(plan, row, version),
            Fact::Committed(row, _) => self.undone &= !(1 << row.0),
            Fact::Set(status) => self.failed |= plan.failed == Some(status),
            Fact::Over { task, .. } => {
                if let Some(limit) = plan.closes_within
                    && plan.serves[usize::from(task.0)].is_none()
                {
                    watch.start(JOB_OVER, limit);
                    self.clients.iter_mut().for_each(|account| account.ended_late = false);
                }
            }
            Fact::Closed(client) => self.closed(plan, client, watch),
            Fact::TimedOut(client, _) => self.account(client).timed_out = true,
            Fact::Fetched { by, found: false, .. } => {
                self.breach(plan, |rule| *rule == Rule::DurableBeforeAnnounced, None, Some(by));
            }
            Fact::Showed(client, shown) => match shown {
                Shown::Success => self.account(client).showed_success = true,
                Shown::Failure => self.account(client).showed_failure = true,
                Shown::Progress => {}
            },
            Fact::Finished(client) => self.account(client).finished = true,
            Fact::Cut { client, .. } => {
                self.faulty = true;
                self.account(client).closed = true;
            }
            Fact::Connected { client, .. } => {
                let account = self.account(client);
                (account.closed, account.closed_early) = (false, false);
                account.ended_late |= watch.late(JOB_OVER);
                self.were_read(plan, 1);
            }
            Fact::Held(..) | Fact::Crashed(_) => self.faulty = true,
            Fact::Fetched { found: true, .. }
            | Fact::Did(..)
            | Fact::Turned(_)
            | Fact::Visible(..)
            | Fact::Saved(_)
            | Fact::Dropped(..)
            | Fact::Notified { .. }
            | Fact::Moved(..)
            | Fact::Outdated(_)
            | Fact::Commented(_)
            | Fact::Stuck(_)
            | Fact::Refused(_)
            | Fact::GaveUp(_)
            | Fact::Released(..)
            | Fact::Restarted(_)
            | Fact::CommentArrived(_)
            | Fact::EndArrived(_)
            | Fact::TimerStarted(..)
            | Fact::TimerStopped(..) => {}
        }
    }

    /// The run is over: what has not happened by now never will.
    pub fn end(&mut self, plan: &Plan, watch: &impl Watch) {
        for event in 0..self.events.len() {
            for ordinal in 1..=self.events[event].len() {
                self.not_arrived(plan, Identity::new(EventId(event as u8), ordinal as u32));
            }
        }
        let (healthy, failed) = (!self.faulty, self.failed || self.undone != 0);
        for number in 0..plan.clients {
            let client = ClientId(number);
            let Account { finished, timed_out, closed, ended_late, showed_success, showed_failure, .. } =
                self.clients[usize::from(number)];
            if timed_out && healthy {
                self.breach(plan, |rule| *rule == Rule::ClientNeverTimesOut, None, Some(client));
            }
            if ended_late || !closed && watch.runs(JOB_OVER) {
                self.breach(plan, |rule| matches!(rule, Rule::StreamEnds(_)), None, Some(client));
            }
            if showed_success && failed || showed_failure && !failed {
                self.breach(plan, |rule| *rule == Rule::ShownRight, None, Some(client));
            }
            if !finished {
                self.breach(plan, |rule| *rule == Rule::ClientEnds, None, Some(client));
            }
        }
    }

    /// The run was stopped. A timer that has fired has fired: if nothing had failed by then, that is a breach
    /// already, whatever would have come later.
    pub fn stop(&mut self, plan: &Plan) {
        let fired = self.clients.iter().position(|account| account.timed_out);
        if let Some(client) = fired.filter(|_| !self.faulty) {
            let client = Some(ClientId(client as u8));
            self.breach(plan, |rule| *rule == Rule::ClientNeverTimesOut, None, client);
        }
    }

    /// The run is over, and this may not have arrived.
    fn not_arrived(&mut self, plan: &Plan, what: Identity) {
        let entry = *self.entry(what);
        let missing = entry.owed & !entry.arrived;
        if !entry.published || entry.undone || missing == 0 {
            return;
        }
        let client = ClientId(missing.trailing_zeros() as u8);
        self.breach(plan, |rule| *rule == Rule::NoEventLost, Some(what), Some(client));
        self.breach(plan, |rule| matches!(rule, Rule::DeliveredWithin(_)), Some(what), Some(client));
        if plan.terminal[usize::from(what.event().0)] {
            self.ended_before(plan, what, missing & !entry.sent);
        }
    }

    #[inline(always)]
    pub(crate) fn were_read(&mut self, plan: &Plan, times: u64) {
        let before = self.reads;
        let reads = u64::from(before).saturating_add(times).min(u64::from(plan.bound) + 1);
        self.reads = u32::try_from(reads).unwrap_or(u32::MAX);
        if self.reads > plan.bound && before <= plan.bound {
            self.breach(plan, |rule| matches!(rule, Rule::BoundedRequests(_)), None, None);
        }
    }

    fn was_sent(&mut self, plan: &Plan, to: ClientId, what: Identity) {
        let entry = self.entry(what);
        entry.sent |= 1 << to.0;
        if entry.undone {
            self.breach(plan, |rule| *rule == Rule::NoPhantom, Some(what), Some(to));
        }
    }

    fn published(&mut self, plan: &Plan, by: TaskId, what: Identity, copy: Copy, watch: &mut impl Watch) {
        let owed = self.clients.iter().enumerate().filter(|(_, account)| !account.finished);
        let owed = owed.fold(0, |mask, (client, _)| mask | 1 << client) & plan.everyone();
        let entry = *self.entry(what);
        if entry.published {
            return;
        }
        let written = &mut self.written[usize::from(by.0)];
        *written = written.saturating_add(1);
        let place = if copy == Copy::Published { *written } else { 0 };
        let entry = self.entry(what);
        *entry = Entry { published: true, place, by: by.0, owed, ..*entry };
        if let Some(limit) = plan.limit {
            let missing = owed & !entry.arrived;
            for client in (0..plan.clients).filter(|client| missing >> client & 1 == 1) {
                watch.start(plan.slot(what, ClientId(client)), limit);
            }
        }
    }

    fn arrived(&mut self, plan: &Plan, at: ClientId, what: Identity, watch: &mut impl Watch) {
        let entry = self.entry(what);
        let again = entry.arrived >> at.0 & 1 == 1;
        entry.arrived |= 1 << at.0;
        let Entry { place, by, undone, .. } = *entry;
        if again {
            return self.breach(plan, |rule| *rule == Rule::NoDuplicate, Some(what), Some(at));
        }
        if place > 0 {
            let furthest = &mut self.clients[usize::from(at.0)].furthest[usize::from(by)];
            if *furthest > place {
                self.breach(plan, |rule| *rule == Rule::InOrder, Some(what), Some(at));
            } else {
                *furthest = place;
            }
        }
        if plan.limit.is_some() {
            let slot = plan.slot(what, at);
            if watch.late(slot) && !undone {
                self.breach(plan, |rule| matches!(rule, Rule::DeliveredWithin(_)), Some(what), Some(at));
            }
            watch.stop(slot);
        }
    }

    fn rolled_back(&mut self, plan: &Plan, row: RowId, version: u32) {
        self.faulty = true;
        self.undone |= 1 << row.0;
        for (event, _) in plan.row_of.iter().enumerate().filter(|(_, of)| **of == Some(row)) {
            let what = Identity::new(EventId(event as u8), version);
            let entry = self.entry(what);
            entry.undone = true;
            if entry.sent != 0 {
                let client = ClientId(entry.sent.trailing_zeros() as u8);
                self.breach(plan, |rule| *rule == Rule::NoPhantom, Some(what), Some(client));
            }
        }
    }

    fn closed(&mut self, plan: &Plan, client: ClientId, watch: &mut impl Watch) {
        let terminal_sent = plan.terminal.iter().zip(&self.events).any(|(terminal, entries)| {
            *terminal && entries.iter().any(|entry| entry.sent >> client.0 & 1 == 1)
        });
        let account = self.account(client);
        account.closed = true;
        account.closed_early = !terminal_sent;
        account.ended_late |= watch.late(JOB_OVER);
    }

    /// A terminal event is missing at clients to whom it was not sent; perhaps the connection of one of them ended
    /// before that.
    fn ended_before(&mut self, plan: &Plan, what: Identity, unsent: u32) {
        let early = |(client, account): (usize, &Account)| {
            (account.closed && account.closed_early && unsent >> client & 1 == 1)
                .then_some(ClientId(client as u8))
        };
        if let Some(client) = self.clients.iter().enumerate().find_map(early) {
            self.breach(plan, |rule| *rule == Rule::NoEarlyEnd, Some(what), Some(client));
        }
    }

    fn breach(
        &mut self,
        plan: &Plan,
        of: impl Fn(&Rule) -> bool,
        what: Option<Identity>,
        client: Option<ClientId>,
    ) {
        for (rule, breach) in plan.rules.iter().zip(&mut self.breaches) {
            if of(rule) {
                breach.get_or_insert(Breach { what, client });
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

    fn account(&mut self, client: ClientId) -> &mut Account {
        &mut self.clients[usize::from(client.0)]
    }
}

/// Written out so that a state can be overwritten without giving back its memory.
impl Clone for Ledger {
    fn clone(&self) -> Self {
        Self {
            events: self.events.clone(),
            clients: self.clients.clone(),
            written: self.written.clone(),
            reads: self.reads,
            faulty: self.faulty,
            failed: self.failed,
            undone: self.undone,
            breaches: self.breaches.clone(),
        }
    }

    fn clone_from(&mut self, other: &Self) {
        let Self { events, clients, written, reads, faulty, failed, undone, breaches } = other;
        self.events.clone_from(events);
        self.clients.clone_from(clients);
        self.written.clone_from(written);
        self.reads = *reads;
        self.faulty = *faulty;
        self.failed = *failed;
        self.undone = *undone;
        self.breaches.clone_from(breaches);
    }
}

/// Written out so that a state can be overwritten without giving back its memory.
impl Clone for Account {
    fn clone(&self) -> Self {
        let mut account = Self::default();
        account.clone_from(self);
        account
    }

    fn clone_from(&mut self, other: &Self) {
        let furthest = std::mem::take(&mut self.furthest);
        let Self { finished, timed_out, closed, closed_early, ended_late, .. } = *other;
        let Self { showed_success, showed_failure, .. } = *other;
        *self = Self {
            finished,
            timed_out,
            closed,
            closed_early,
            ended_late,
            showed_success,
            showed_failure,
            furthest,
        };
        self.furthest.clone_from(&other.furthest);
    }
}
