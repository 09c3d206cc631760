//! What a log decides of an invariant, and what it would have to tell to decide it.
//!
//! That something is not in a log says that it did not happen only if the log would tell it. So each invariant
//! is held against a log as if all that the log does not tell had gone well: what is broken then is broken
//! whatever the truth may be. And it holds only if nothing is untold that could break it.

use punctual_model::{
    Breach, ClientId, ClientPlan, Copies, Evidence, Explained, Fact, Identity, NodeId, Origin, Resource,
    Rule, Step, System, Task, Traits, Untold,
};
use punctual_reports::text;
use punctual_sim::Time;

use super::kinds::Kind;
use super::knowledge::Knowledge;
use super::missing::Missing;
use punctual_telling::story::Story;

fn clients(system: &System) -> impl Iterator<Item = ClientId> + use<> {
    (0..system.clients.len()).map(|client| ClientId(client as u8))
}

impl Knowledge<'_> {
    /// The same story, as if all that the log does not tell had gone well for `rule`: what is broken
    /// in it is broken.
    pub(super) fn at_best(&self, rule: Rule) -> Story<'_> {
        let at_best = rule.invariant().in_logs.at_best;
        let facts = at_best.iter().flat_map(|untold| self.taken_to_be(*untold));
        let mut facts: Vec<(Time, Fact)> = facts.map(|fact| (Time::ZERO, fact)).collect();
        for &(at, fact) in &self.story.facts {
            facts.push((at, fact));
            facts.extend(self.ended_by(&fact).map(|client| (at, Fact::Finished(client))));
            // A connection whose end nobody tells may have ended at once, which is as good as it can be in time.
            facts.extend(match fact {
                Fact::Connected { client, .. }
                    if at_best.contains(&Untold::Closed) && !self.kinds.tells(Kind::Closed(client)) =>
                {
                    Some((at, Fact::Closed(client)))
                }
                _ => None,
            });
        }
        Story::of_facts(self.story.system, facts, self.story.ended_at)
    }

    /// What is taken to have happened before anything that is told, where no line tells of it.
    fn taken_to_be(&self, untold: Untold) -> Vec<Fact> {
        let without = |kind: fn(ClientId) -> Kind| {
            clients(self.system()).filter(move |client| !self.kinds.tells(kind(*client)))
        };
        match untold {
            // To whoever is done nothing is owed.
            Untold::Gone => {
                let gone = clients(self.system()).filter(|client| self.may_be_gone(*client));
                without(Kind::Arrived).chain(gone).map(Fact::Finished).collect()
            }
            Untold::Unserved => {
                let unserved = clients(self.system()).filter(|client| self.connections(*client).is_some());
                without(Kind::Sent).chain(unserved).map(Fact::Finished).collect()
            }
            Untold::RolledBack => self.undone_unseen().filter_map(|what| self.taken_back(what)).collect(),
            Untold::Closed => without(Kind::Closed).map(Fact::Closed).collect(),
            Untold::Finished => without(Kind::Finished).map(Fact::Finished).collect(),
        }
    }

    /// The client that something brings to its end, where no line tells of ends.
    fn ended_by(&self, fact: &Fact) -> Option<ClientId> {
        let plan = |client: ClientId| &self.system().clients[usize::from(client.0)];
        let (client, ends) = match *fact {
            Fact::Arrived { at, what, copy } => {
                let understands = |copies: Copies| copies == Copies::All || copy == Origin::Synthesized;
                let mut reactions = plan(at).reactions.iter().filter(|one| one.event == what.event());
                (at, reactions.any(|one| one.ends && understands(one.copies)))
            }
            Fact::TimedOut(client, timer) => (client, plan(client).timers[usize::from(timer.0)].ends),
            _ => return None,
        };
        (ends && !self.kinds.tells(Kind::Finished(client))).then_some(client)
    }

    /// Whether a timer can have brought a client to its end, and no line would tell.
    fn may_be_gone(&self, client: ClientId) -> bool {
        let mut timers = self.system().clients[usize::from(client.0)].timers.iter();
        let untold = |kind: fn(ClientId) -> Kind| !self.kinds.tells(kind(client));
        timers.any(|timer| timer.ends) && untold(Kind::Finished) && untold(Kind::Timers)
    }

    /// Events that tell of rows whose commits can fail, where no line tells what becomes of rows.
    fn undone_unseen(&self) -> impl Iterator<Item = Identity> {
        let untold = self.can_fail() && !self.kinds.tells(Kind::Rows);
        self.published().filter(move |what| untold && self.taken_back(*what).is_some())
    }

    /// That what an event tells of is rolled back.
    fn taken_back(&self, what: Identity) -> Option<Fact> {
        let row = self.system().events[usize::from(what.event().0)].row?;
        Some(Fact::RolledBack(row, what.ordinal()))
    }

    /// Whether that `rule` is broken at best rests on nothing that the log does not tell.
    pub(super) fn is_certain(&self, rule: Rule) -> bool {
        let breaks_with = rule.invariant().in_logs.breaks_with;
        breaks_with.iter().all(|evidence| self.lacking(*evidence, None).is_none())
    }

    /// Why `rule` is broken as `breach` says, as far as the log tells it.
    pub(super) fn reason(&self, rule: Rule, breach: Breach) -> String {
        let own = match rule.invariant().explained {
            Explained::Lost | Explained::Late => self.never_arrives(breach),
            Explained::NotThere => self.not_there(breach),
            Explained::Twice
            | Explained::Overtaken
            | Explained::Phantom
            | Explained::TimedOut
            | Explained::NotEnded
            | Explained::EndedEarly
            | Explained::Requests
            | Explained::ShownWrong
            | Explained::WaitsForEver
            | Explained::BySentence => None,
        };
        own.unwrap_or_else(|| self.story.reason(rule, breach))
    }

    /// That an event never arrives, where the log does not tell why.
    fn never_arrives(&self, breach: Breach) -> Option<String> {
        let (what, client) = breach.what.zip(breach.client)?;
        let (name, to) = (self.story.event(what), self.system().client_name(client));
        let (published, ..) = self.story.published(what)?;
        if self.story.arrival(what, client).is_some() {
            return None;
        }
        let is_sent =
            |fact: &Fact| matches!(*fact, Fact::Sent { to, what: w, .. } if to == client && w == what);
        let cut = |fact: &Fact| matches!(*fact, Fact::Cut { client: of, .. } if of == client);
        match self.story.first(is_sent) {
            Some(_) if self.story.place(cut).is_some() => None,
            Some(sent) => {
                let sent = text::duration(sent.0);
                Some(format!("{name} is sent to {to} at {sent}, and no line tells that it arrives"))
            }
            None if self.kinds.tells(Kind::Looks(client)) => None,
            None => Some(format!(
                "{name} is published at {}, and no line tells that it arrives at {to}; nor when anybody looks at \
                 the store for {to}, which would say why",
                text::duration(published.0)
            )),
        }
    }

    /// That something was not there, where the log does not tell when it came to be there.
    fn not_there(&self, breach: Breach) -> Option<String> {
        let client = breach.client?;
        let missed = |(at, fact): &(Time, Fact)| match *fact {
            Fact::Fetched { by, resource, found: false } if by == client => Some((*at, resource)),
            _ => None,
        };
        let (at, resource) = self.story.facts.iter().find_map(missed)?;
        let system = self.system();
        let (told, what) = match resource {
            Resource::Row(row) => (Kind::Rows, format!("row {}", system.rows[usize::from(row.0)].name)),
            Resource::File(file) => (Kind::Files, format!("file {}", system.files[usize::from(file.0)])),
        };
        let (name, at) = (system.client_name(client), text::duration(at.0));
        (!self.kinds.tells(told)).then(|| format!("{name} fetches {what} at {at}, and it is not there"))
    }

    /// What would have to be told for `rule` to be known to hold: the first of it that is missing, and the line
    /// that would decide it. `broken` says whether it is broken by the story as it is told.
    pub(super) fn missing(&self, rule: Rule, broken: Option<Breach>) -> Option<Missing> {
        let holds_with = rule.invariant().in_logs.holds_with;
        holds_with.iter().find_map(|evidence| self.lacking(*evidence, broken))
    }

    /// The first of some evidence that no line tells, as far as it is asked for.
    fn lacking(&self, evidence: Evidence, broken: Option<Breach>) -> Option<Missing> {
        let each = |kind: fn(ClientId) -> Kind| self.of_those(kind, |_| true);
        let happened = |is: fn(&Fact) -> bool| self.story.facts.iter().any(|(_, fact)| is(fact));
        match evidence {
            Evidence::Published => self.unpublished(),
            Evidence::Arrived => each(Kind::Arrived),
            Evidence::Owed => broken.and_then(|_| self.owed()),
            Evidence::Ending => self.ending(),
            Evidence::Fetched => self.of_those(Kind::Fetched, |client| {
                client.reactions.iter().any(|reaction| reaction.fetches.is_some())
            }),
            Evidence::Rows => self.unless_told(Kind::Rows),
            Evidence::SentOfUndone => {
                each(Kind::Sent).filter(|_| happened(|fact| matches!(fact, Fact::RolledBack(..))))
            }
            Evidence::Timers => self.of_those(Kind::Timers, |client| !client.timers.is_empty()),
            Evidence::Health => self.health(),
            Evidence::HealthOfFired => {
                self.health().filter(|_| happened(|fact| matches!(fact, Fact::TimedOut(..))))
            }
            Evidence::JobOver => self.job_over(),
            Evidence::Closed => each(Kind::Closed),
            Evidence::Connected => clients(self.system()).find_map(|client| self.connections(client)),
            Evidence::Reads => {
                let reads = |step: &Step| step.action.traits().reads_database();
                self.of_nodes(Kind::Reads, |task| task.all_steps().any(reads))
            }
            Evidence::Shown => self.of_those(Kind::Shown, |client| {
                client.reactions.iter().any(|reaction| reaction.shows.is_some())
                    || client.timers.iter().any(|timer| timer.shows.is_some())
            }),
            Evidence::Outcome => self.outcome(),
            Evidence::Finished => each(Kind::Finished),
        }
    }

    /// What would tell how the connections end of clients whom a terminal event has not reached.
    fn ending(&self) -> Option<Missing> {
        let last = |what: Identity| self.system().events[usize::from(what.event().0)].terminal;
        let misses = |client: &ClientId| self.unarrived(*client).any(last);
        let kinds = [Kind::Arrived, Kind::Closed, Kind::Sent];
        let of_client = |client: ClientId| {
            let missing = kinds.iter().find_map(|kind| self.unless_told(kind(client)));
            missing.or_else(|| self.connections(client))
        };
        clients(self.system()).filter(misses).find_map(of_client)
    }

    /// Of the clients that are concerned.
    fn of_those(
        &self,
        kind: fn(ClientId) -> Kind,
        concerned: impl Fn(&ClientPlan) -> bool,
    ) -> Option<Missing> {
        let plans = &self.system().clients;
        let mut concerned = clients(self.system()).filter(|client| concerned(&plans[usize::from(client.0)]));
        concerned.find_map(|client| self.unless_told(kind(client)))
    }

    /// Of the nodes of the tasks that are concerned.
    fn of_nodes(&self, kind: fn(NodeId) -> Kind, concerned: impl Fn(&Task) -> bool) -> Option<Missing> {
        let mut tasks = self.system().tasks.iter().filter(|task| concerned(task));
        tasks.find_map(|task| self.unless_told(kind(task.node)))
    }

    /// What would tell when the job is over: when all of its tasks are.
    fn job_over(&self) -> Option<Missing> {
        self.of_nodes(Kind::Over, |task| task.serves.is_none() && task.again_from.is_none())
    }

    /// What would tell when a client connects again, if it may.
    fn connections(&self, client: ClientId) -> Option<Missing> {
        let system = self.system();
        system.clients[usize::from(client.0)].reconnects.as_ref()?;
        let serving = system.tasks.iter().find(|task| task.serves == Some(client))?;
        self.unless_told(Kind::Side(serving.node))?;
        let name = system.client_name(client);
        Some(Missing { untold: format!("when {name} connects again"), line: format!("connected {name}") })
    }

    fn unpublished(&self) -> Option<Missing> {
        let publishes = |traits: Traits<'_>| traits.publishes.or(traits.announces).is_some();
        self.of_nodes(Kind::Side, |task| task.all_steps().any(|step| publishes(step.action.traits())))
    }

    /// What would tell whether all that was published was owed to all clients.
    fn owed(&self) -> Option<Missing> {
        let mut gone = clients(self.system()).filter(|client| self.may_be_gone(*client));
        match gone.next() {
            Some(client) => self.unless_told(Kind::Finished(client)),
            None => self.undone_unseen().next().and_then(|_| self.unless_told(Kind::Rows)),
        }
    }

    fn can_fail(&self) -> bool {
        let mut steps = self.system().tasks.iter().flat_map(Task::all_steps);
        steps.any(|step| step.action.traits().fails().is_some())
    }

    /// What would tell whether the job has failed, if it can and no line does.
    fn outcome(&self) -> Option<Missing> {
        let statuses = self.system().failed.and_then(|_| self.unless_told(Kind::Statuses));
        statuses.or_else(|| self.unless_told(Kind::Rows).filter(|_| self.can_fail()))
    }

    /// What would tell whether the run was a healthy one, if it need not be and no line does.
    fn health(&self) -> Option<Missing> {
        let mut steps = self.system().tasks.iter().flat_map(Task::all_steps);
        let faults = steps.any(|step| step.action.traits().befalls.is_some());
        let rows = self.unless_told(Kind::Rows).filter(|_| self.can_fail());
        rows.or_else(|| self.unless_told(Kind::Faults).filter(|_| faults))
    }
}
