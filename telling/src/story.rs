//! A run in words: what happened, line by line.
//!
//! All of it is read off the facts of a run, and what a record of it knows besides: what was drawn, and
//! when. So it says the same of a sampled run and a replayed one, and of a log as much as facts tell. Why
//! an invariant broke is said by [`Why`](crate::why::Why), of the same facts.

mod connection;
mod drawn;
mod lines;
mod look;

use punctual_model::{
    ClientId, Cursors, Fact, Identity, Ids, Resource, RowId, Step, StepId, StoreId, System, TaskId, World,
};
use punctual_reports::text;
use punctual_sim::{Span, Time, TraceOf};

pub use self::connection::{Course, Outcome, Sending, Stops};
pub use self::drawn::{End, Interrupted, Life, Skipped};
pub use self::lines::Line;
pub use self::look::{Look, Looked, Move};

use self::drawn::Drawn;

/// The facts of a run with their times, and the names of what they speak of. A fact is known by its
/// place among them.
pub struct Story<'t> {
    /// What the run is of.
    pub system: &'t System,
    /// What happened, in order.
    pub facts: Vec<(Time, Fact)>,
    /// When the run was over.
    pub ended_at: Time,
    /// What is known to have been drawn; nothing of a log.
    drawn: Drawn,
}

/// A fact of a run: its place among all that happened there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FactId(pub usize);

impl FactId {
    /// The place after it.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// An event in a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The place of its publication.
    pub published: FactId,
    /// Where it is.
    pub store: StoreId,
    /// Under which id; 0 if that is not known.
    pub id: u32,
    /// The place at which another one was added, so that the full store dropped it.
    pub dropped: Option<FactId>,
}

impl<'t> Story<'t> {
    /// The story of `trace`, a run of `system`.
    pub fn of(system: &'t System, trace: &TraceOf<World>) -> Self {
        let facts =
            trace.steps.iter().flat_map(|step| step.facts.iter().map(|fact| (step.at, *fact))).collect();
        let drawn = Drawn::of(system, trace);
        Self { system, facts, ended_at: trace.ended_at, drawn }
    }

    /// The story of facts of which nothing more is known.
    pub fn of_facts(system: &'t System, facts: Vec<(Time, Fact)>, ended_at: Time) -> Self {
        Self { system, facts, ended_at, drawn: Drawn::default() }
    }

    /// When the fact at `place` was noted.
    pub fn at(&self, place: FactId) -> Time {
        self.facts[place.0].0
    }

    /// The same, or the end of the run where it has no fact any more.
    pub fn at_or_end(&self, place: FactId) -> Time {
        self.facts.get(place.0).map_or(self.ended_at, |(at, _)| *at)
    }

    /// The fact at `place`.
    pub fn fact(&self, place: FactId) -> Fact {
        self.facts[place.0].1
    }

    /// The place after that of the last fact.
    pub fn end(&self) -> FactId {
        FactId(self.facts.len())
    }

    /// All facts, in order, each with its place.
    pub fn placed(&self) -> impl DoubleEndedIterator<Item = (FactId, Fact)> {
        self.between(FactId(0), self.end())
    }

    /// Those before `place`.
    pub fn before(&self, place: FactId) -> impl DoubleEndedIterator<Item = (FactId, Fact)> {
        self.between(FactId(0), place)
    }

    /// Those from `place` on.
    pub fn since(&self, place: FactId) -> impl DoubleEndedIterator<Item = (FactId, Fact)> {
        self.between(place, self.end())
    }

    /// Those from one place on and before another.
    pub fn between(&self, from: FactId, to: FactId) -> impl DoubleEndedIterator<Item = (FactId, Fact)> {
        let facts = self.facts[from.0..to.0].iter().enumerate();
        facts.map(move |(number, (_, fact))| (FactId(from.0 + number), *fact))
    }

    /// When the first fact of a kind was noted.
    pub fn first(&self, kind: impl Fn(&Fact) -> bool) -> Option<Time> {
        self.place(kind).map(|place| self.at(place))
    }

    /// The place of the first fact of a kind.
    pub fn place(&self, kind: impl Fn(&Fact) -> bool) -> Option<FactId> {
        self.facts.iter().position(|(_, fact)| kind(fact)).map(FactId)
    }

    /// The place of the last fact of a kind before `place`.
    pub fn last_before(&self, place: FactId, kind: impl Fn(&Fact) -> bool) -> Option<FactId> {
        self.facts[..place.0].iter().rposition(|(_, fact)| kind(fact)).map(FactId)
    }

    /// How long after its publication an event first reaches a client.
    pub fn delay(&self, what: Identity, client: ClientId) -> Option<Span> {
        let published = self.published(what)?.0;
        Some(self.arrival(what, client)? - published)
    }

    /// When, by whom and under which id an event was published.
    pub fn published(&self, what: Identity) -> Option<(Time, TaskId, u32)> {
        self.facts.iter().find_map(|(at, fact)| match *fact {
            Fact::Published { what: w, by, id, .. } if w == what => Some((*at, by, id)),
            _ => None,
        })
    }

    /// The stores into which an event was put, in order. It may have been published by one and made up by
    /// another.
    pub fn stored(&self, what: Identity) -> Vec<Stored> {
        let mut stored: Vec<(Stored, u16)> = Vec::new();
        for (place, fact) in self.placed() {
            let Fact::Published { what: added, store, id, .. } = fact else { continue };
            for (one, behind) in stored.iter_mut().filter(|(one, _)| one.store == store) {
                *behind = behind.saturating_add(1);
                // That a store drops what all have passed is no fact.
                if self.system.stores[usize::from(store.0)].keep == Some(*behind) {
                    one.dropped = Some(place);
                }
            }
            if added == what {
                stored.push((Stored { published: place, store, id, dropped: None }, 0));
            }
        }
        stored.into_iter().map(|(one, _)| one).collect()
    }

    /// The event of a store that was published just before, in the same tick of its clock and so under the
    /// same id; and the place of its publication.
    pub fn twin(&self, stored: &Stored) -> Option<(FactId, Identity)> {
        if !matches!(self.system.stores[usize::from(stored.store.0)].ids, Ids::Clock(_)) {
            return None;
        }
        self.before(stored.published).rev().find_map(|(place, fact)| match fact {
            Fact::Published { what, id, store, .. } if (store, id) == (stored.store, stored.id) => {
                Some((place, what))
            }
            _ => None,
        })
    }

    /// The place at which an event first reaches a client.
    pub fn arrives(&self, what: Identity, client: ClientId) -> Option<FactId> {
        self.place(|fact| matches!(fact, Fact::Arrived { at, what: w, .. } if *at == client && *w == what))
    }

    /// When an event first reaches a client.
    pub fn arrival(&self, what: Identity, client: ClientId) -> Option<Time> {
        self.arrives(what, client).map(|place| self.at(place))
    }

    /// What the step at `place` notes beside itself, at its instant, with its place.
    pub fn beside(&self, place: FactId) -> impl Iterator<Item = (FactId, Fact)> {
        let at = self.at(place);
        let after = self.since(place.next());
        after.take_while(move |(place, fact)| self.at(*place) == at && !matches!(fact, Fact::Did(..)))
    }

    /// The place of the step that noted the fact at `place` beside itself.
    pub fn doing(&self, place: FactId) -> Option<FactId> {
        let at = self.at(place);
        let mut before = self.before(place.next()).rev().take_while(|(place, _)| self.at(*place) == at);
        before.find(|(_, fact)| matches!(fact, Fact::Did(..))).map(|(place, _)| place)
    }

    /// The step that takes effect at `place`.
    pub fn did(&self, place: FactId) -> Option<(TaskId, StepId, &'t Step)> {
        let Fact::Did(task, number) = self.facts.get(place.0)?.1 else { return None };
        Some((task, number, self.step(task, number)?))
    }

    /// A step of a task.
    pub fn step(&self, task: TaskId, number: StepId) -> Option<&'t Step> {
        let system: &'t System = self.system;
        system.tasks[usize::from(task.0)].step(number)
    }

    /// The client whose connection a task is the server's end of.
    pub fn serves(&self, task: TaskId) -> Option<ClientId> {
        self.system.tasks[usize::from(task.0)].serves
    }

    /// The task that is the server's end of a client's connection.
    pub fn server(&self, client: ClientId) -> Option<TaskId> {
        let server = self.system.tasks.iter().position(|task| task.serves == Some(client));
        server.map(|server| TaskId(server as u8))
    }

    /// Whether moving the cursor of one store moves that of another.
    pub fn one_cursor(&self, task: TaskId, one: StoreId, other: StoreId) -> bool {
        match self.system.tasks[usize::from(task.0)].cursors {
            Cursors::One => true,
            Cursors::PerStore => one == other,
        }
    }

    /// The name of a task.
    pub fn task(&self, task: TaskId) -> &str {
        &self.system.tasks[usize::from(task.0)].name
    }

    /// The name of a step, without that of its task.
    pub fn step_name(&self, task: TaskId, number: StepId) -> String {
        self.step(task, number).map_or("end", |step| &step.name).to_owned()
    }

    /// `artifact_ready`, or `content #3` where there are several of a kind in the run.
    pub fn event(&self, what: Identity) -> String {
        let name = self.system.event_name(what.event());
        let more = |fact: &Fact| matches!(fact, Fact::Published { what: w, .. } if w.event() == what.event() && w.ordinal() > 1);
        if what.ordinal() > 1 || self.facts.iter().any(|(_, fact)| more(fact)) {
            format!("{name} #{}", what.ordinal())
        } else {
            name.to_owned()
        }
    }

    /// The name of a row.
    pub fn row(&self, row: RowId) -> &str {
        &self.system.rows[usize::from(row.0)].name
    }

    /// The name of a store.
    pub fn store(&self, store: StoreId) -> &str {
        &self.system.stores[usize::from(store.0)].name
    }

    /// `row artifact`, or `file speech`.
    pub fn resource(&self, resource: Resource) -> String {
        match resource {
            Resource::Row(row) => format!("row {}", self.row(row)),
            Resource::File(file) => format!("file {}", self.system.files[usize::from(file.0)]),
        }
    }
}

/// A span as it is told.
pub(crate) fn span(span: Span) -> String {
    text::duration(span.0)
}

/// An instant as it is told.
pub(crate) fn time(time: Time) -> String {
    text::duration(time.0)
}
