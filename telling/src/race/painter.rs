//! Puts the facts of a run into lanes.

use punctual_model::{ClientId, NodeId, Rule, StoreId, TaskId};
use punctual_reports::picture::{Arrow, Band, Mark, MarkKind, Race};
use punctual_sim::Time;

use super::Decision;
use crate::story::{FactId, Outcome, Story};
use crate::why::Why;

/// A picture on its way.
pub(super) struct Painter<'s, 't> {
    pub(super) story: &'s Story<'t>,
    pub(super) why: Option<&'s Why>,
    pub(super) race: Race,
    /// The places that the reason names.
    pub(super) named: Vec<FactId>,
    lanes: Lanes,
    pub(super) from: Time,
    pub(super) until: Time,
}

/// Which lane is whose.
struct Lanes {
    tasks: Vec<usize>,
    database: Option<usize>,
    stores: Vec<usize>,
    clients: Vec<usize>,
}

impl<'s, 't> Painter<'s, 't> {
    pub(super) fn new(story: &'s Story<'t>, decision: &Decision, why: Option<&'s Why>) -> Self {
        let system = story.system;
        let mut names = Vec::new();
        let mut lane = |name: &str| {
            names.push(name.to_owned());
            names.len() - 1
        };
        let mut tasks = vec![usize::MAX; system.tasks.len()];
        for (i, task) in system.tasks.iter().enumerate().filter(|(_, task)| task.serves.is_none()) {
            tasks[i] = lane(&task.name);
        }
        let database = (!system.rows.is_empty()).then(|| lane("database"));
        let stores = system.stores.iter().map(|store| lane(&store.name)).collect();
        for (i, task) in system.tasks.iter().enumerate().filter(|(_, task)| task.serves.is_some()) {
            tasks[i] = lane(&task.name);
        }
        let clients = system.clients.iter().map(|client| lane(&client.name)).collect();
        let named = why.map_or_else(Vec::new, Why::places);
        let instants = why.map_or_else(Vec::new, |why| why.instants(story));
        let race = Race {
            lanes: names,
            focus: (decision.focus.0.0, decision.focus.1.0),
            bands: decision.band.iter().map(|(from, to, label)| Band::new(from.0, to.0, label)).collect(),
            told: instants.into_iter().map(|at| at.0).collect(),
            ..Race::new([])
        };
        let lanes = Lanes { tasks, database, stores, clients };
        let mut painter = Self { story, why, race, named, lanes, from: Time::ZERO, until: decision.until };
        painter.from = painter.beginning(decision.from);
        painter
    }

    pub(super) fn paint(mut self) -> Race {
        self.bars();
        let story = self.story;
        for (place, _) in story.placed() {
            if self.shows(story.at(place)) {
                self.mark(place);
            }
        }
        self.skipped();
        self.waits();
        self.arrows();
        self.at_the_end();
        self.race.horizon = (self.from.0, self.until.0.max(self.from.0));
        self.race
    }

    /// The beginning of the turn of a loop in which `at` lies, or of the one before it.
    fn beginning(&self, at: Time) -> Time {
        let turned = |fact: &punctual_model::Fact| matches!(fact, punctual_model::Fact::Turned(_));
        let last = self.story.facts.partition_point(|(when, _)| *when <= at);
        self.story.last_before(FactId(last), turned).map_or(Time::ZERO, |place| self.story.at(place))
    }

    pub(super) fn shows(&self, at: Time) -> bool {
        self.from <= at && at <= self.until
    }

    /// The invariant that the picture is about.
    pub(super) fn rule(&self) -> Option<Rule> {
        self.why.map(|why| why.rule)
    }

    /// The client that it is about.
    pub(super) fn client(&self) -> Option<ClientId> {
        self.why.and_then(|why| why.breach.client)
    }

    pub(super) fn put(&mut self, lane: usize, at: Time, kind: MarkKind, label: &str) {
        self.race.marks.push(Mark::new(lane, at.0, kind, label));
    }

    pub(super) fn of_task(&self, task: TaskId) -> usize {
        self.lanes.tasks[usize::from(task.0)]
    }

    pub(super) fn of_client(&self, client: ClientId) -> usize {
        self.lanes.clients[usize::from(client.0)]
    }

    pub(super) fn of_store(&self, store: StoreId) -> usize {
        self.lanes.stores[usize::from(store.0)]
    }

    pub(super) fn of_database(&self) -> Option<usize> {
        self.lanes.database
    }

    /// The tasks of a node.
    pub(super) fn on(&self, node: NodeId) -> Vec<TaskId> {
        let tasks = self.story.system.tasks.iter().enumerate().filter(|(_, task)| task.node == node);
        tasks.map(|(task, _)| TaskId(task as u8)).collect()
    }

    /// What was sent, to where it arrived; or nowhere, if it was lost.
    fn arrows(&mut self) {
        for client in (0..self.story.system.clients.len()).map(|client| ClientId(client as u8)) {
            let Some(server) = self.story.server(client) else { continue };
            let (from, to) = (self.of_task(server), self.of_client(client));
            for sending in self.story.course(client).sendings {
                let sent = self.story.at(sending.sent);
                match sending.outcome {
                    Outcome::Arrived(place) if self.shows(self.story.at(place)) => {
                        self.race.arrows.push(Arrow::new((from, sent.0), (to, self.story.at(place).0), ""));
                    }
                    Outcome::NotOnTheLine(_) | Outcome::LostOnItsWay(..) if self.shows(sent) => {
                        let label = self.story.event(sending.what);
                        self.race.arrows.push(Arrow::lost((from, sent.0), to, &label));
                    }
                    Outcome::Arrived(_)
                    | Outcome::NotOnTheLine(_)
                    | Outcome::LostOnItsWay(..)
                    | Outcome::Held(_)
                    | Outcome::OnItsWay => {}
                }
            }
        }
    }
}
