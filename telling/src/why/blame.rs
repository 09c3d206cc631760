//! What decides a run, of all that is in it: with that taken out, the run passes.
//!
//! What taking out means is a matter of the kind, and said beside each. A claim that blames several takes out
//! all of them: each would have been enough to break the run. What is taken out is taken out from some place on;
//! up to there the run is the same.

use punctual_model::{
    ClientId, Fact, Fault, Identity, Resource, RowId, Shown, SignalId, StepId, StoreId, TaskId, TimerId,
};
use punctual_sim::Span;

use super::{Cause, Coming, How, Lost, NotLooked, Obstacle, Waiting, Why};
use crate::story::{FactId, Move, Stops, Stored, Story};

/// What is to blame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Blame {
    /// That a store keeps only so many events. Without: it keeps all.
    Keep(StoreId),
    /// Where the ids of a store come from. Without: they are counted.
    Ids(StoreId),
    /// That a task holds one cursor against several stores. Without: it has one for each.
    OneCursor(TaskId),
    /// A step that moves the cursor. Without: it does not.
    Cursor(TaskId, StepId),
    /// What befalls a line or a node. Without: it does not.
    Fault(Fault),
    /// A timer at which a client gives up its connection. Without: it does not.
    HangUp(ClientId, TimerId),
    /// That a task ends or does not go on, waits, or has no look at a store in its program. Without: it looks at the
    /// store again and again from there on.
    LooksNoMore(TaskId, StoreId),
    /// That a task ends its client's connection. Without: it does not.
    Ends(TaskId),
    /// The condition of a step. Without: there is none.
    Condition(TaskId, StepId),
    /// The chance of a step. Without: it is taken.
    Chance(TaskId, StepId),
    /// That a signal is not kept. Without: it is.
    Unkept(SignalId),
    /// A limit, and what is observed. Without: it is what is observed, and no less will do.
    Limit(Observed),
    /// That a client connects again. Without: it does not.
    Reconnects(ClientId),
    /// That a step ends a connection so that the client comes back. Without: it tells the client to stay away.
    ComesBack(TaskId, StepId),
    /// A step that publishes or announces. Without: it does not.
    Announces(TaskId, StepId),
    /// That a request gets to the server so much too soon; `None` if it is asked for in vain. Without: it gets there so
    /// much later, or is not made.
    Early(ClientId, Resource, Option<Span>),
    /// That a commit of a row can fail. Without: it cannot.
    Fails(RowId),
    /// The timers of a client. Without: none fires.
    Timers(ClientId),
    /// That a task does not end its client's connection. Without: it does, for good.
    NoEnd(TaskId),
    /// What a client shows. Without: it does not.
    Shows(ClientId, Shown),
    /// That nothing ends a client. Without: something does.
    NothingEnds(ClientId),
}

/// What is to blame, and from where on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Blamed {
    /// What.
    pub what: Blame,
    /// The place of the first fact that would be another; `None` for the beginning of the run.
    pub from: Option<FactId>,
}

/// What is held against a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Observed {
    /// A time.
    Span(Span),
    /// A number.
    Count(u32),
}

impl Blame {
    fn always(self) -> Blamed {
        Blamed { what: self, from: None }
    }

    fn from(self, place: FactId) -> Blamed {
        Blamed { what: self, from: Some(place) }
    }
}

impl Why {
    /// What is to blame: taken out together, the run passes. Empty where the facts do not tell, as those of a log
    /// need not.
    pub fn blames(&self, story: &Story<'_>) -> Vec<Blamed> {
        let client = self.breach.client;
        let of_client = |blame: &dyn Fn(ClientId) -> Blame| client.map(|client| blame(client).always());
        let mut blames: Vec<Blamed> = match &self.cause {
            Cause::Lost(lost) | Cause::WaitsForEver(Some(lost)) => lost.blames(story),
            Cause::Late { published, arrived } => vec![limit(story, *published, *arrived)],
            Cause::EndsLate { over, closed, back } => {
                let back = back.and_then(|back| story.came_back(client?, back));
                [limit(story, *over, *closed)].into_iter().chain(back).collect()
            }
            Cause::TooMany(requests) => {
                let observed = Observed::Count(u32::try_from(requests.len()).unwrap_or(u32::MAX));
                vec![Blame::Limit(observed).always()]
            }
            Cause::Twice(comings) => story.repeated(self, comings),
            Cause::Overtaken { by, .. } => by.iter().filter_map(|one| story.announces(one.1)).collect(),
            Cause::NotThere { fetched, resource, there } => {
                let by = there.map(|there| story.at(there) - story.at(*fetched));
                of_client(&|client| Blame::Early(client, *resource, by)).into_iter().collect()
            }
            Cause::Phantom { undone, .. } => story.fails(*undone).into_iter().collect(),
            Cause::TimedOut(_) => of_client(&Blame::Timers).into_iter().collect(),
            Cause::CameBack { back, ended: true, .. } => {
                client.and_then(|client| story.came_back(client, *back)).into_iter().collect()
            }
            Cause::CameBack { ended: false, .. } | Cause::StaysOpen { .. } => {
                let server = client.and_then(|client| story.server(client));
                server.map(|server| Blame::NoEnd(server).always()).into_iter().collect()
            }
            Cause::EndsEarly { closed, .. } => story.ends(*closed).into_iter().collect(),
            Cause::ShownWrong { shown, .. } => {
                of_client(&|client| Blame::Shows(client, *shown)).into_iter().collect()
            }
            Cause::WaitsForEver(None) => of_client(&Blame::NothingEnds).into_iter().collect(),
            Cause::Untold => Vec::new(),
        };
        blames.sort_unstable();
        blames.dedup_by_key(|blamed| blamed.what);
        blames
    }
}

fn limit(story: &Story<'_>, from: FactId, to: FactId) -> Blamed {
    Blame::Limit(Observed::Span(story.at(to) - story.at(from))).always()
}

impl Lost {
    fn blames(&self, story: &Story<'_>) -> Vec<Blamed> {
        match &self.how {
            How::Sent { stops, .. } => stops.blames(story, self.client),
            How::PassedOver { look, obstacles } => {
                let passed = (look.task, look.step, look.place);
                let of = obstacles.iter().flat_map(|obstacle| obstacle.blames(story, self, passed));
                of.collect()
            }
            How::NotLooked { reason, since, obstacles } => {
                let Some(task) = story.server(self.client) else { return Vec::new() };
                let passed = (task, StepId(0), self.stored.published);
                let others = obstacles.iter().flat_map(|obstacle| obstacle.blames(story, self, passed));
                let what = match reason {
                    NotLooked::Waits(Waiting { unheard: Some(unheard), .. }) => match story.fact(*unheard) {
                        Fact::Notified { signal, .. } => Blame::Unkept(signal),
                        _ => Blame::LooksNoMore(task, self.stored.store),
                    },
                    _ => Blame::LooksNoMore(task, self.stored.store),
                };
                [Blamed { what, from: *since }].into_iter().chain(others).collect()
            }
        }
    }
}

impl Obstacle {
    fn blames(
        &self,
        story: &Story<'_>,
        lost: &Lost,
        (task, step, look): (TaskId, StepId, FactId),
    ) -> Vec<Blamed> {
        let (store, published) = (lost.stored.store, lost.stored.published);
        match self {
            Self::Dropped(dropped) => vec![Blame::Keep(store).from(*dropped)],
            Self::Beyond(moves) => {
                moves.iter().filter_map(|one| one.blame(story, task, (store, published))).collect()
            }
            Self::SameTick(..) | Self::Behind(..) => vec![Blame::Ids(store).from(published)],
            Self::Stopped(stops) => stops.blames(story, lost.client),
            Self::NotAdmitted => story.condition(task, step, look),
            Self::ByChance => vec![Blame::Chance(task, step).from(look)],
        }
    }
}

impl Move {
    /// What of a move of the cursor of `task` is to blame for an event that was published to a store.
    fn blame(
        &self,
        story: &Story<'_>,
        task: TaskId,
        (store, published): (StoreId, FactId),
    ) -> Option<Blamed> {
        let doing = story.doing(self.place)?;
        let (by, number, step) = story.did(doing)?;
        Some(match (self.sent, step.action.traits().sends_from) {
            (None, _) => Blame::Cursor(by, number).from(doing),
            (Some(_), Some(from)) if from == store => Blame::Ids(store).from(published),
            (Some(_), _) => Blame::OneCursor(task).always(),
        })
    }
}

impl Stops {
    fn blames(&self, story: &Story<'_>, client: ClientId) -> Vec<Blamed> {
        let all = self.breaks.iter().chain(&self.holds);
        let of = all.filter_map(|&place| match story.fact(place) {
            Fact::TimedOut(_, timer) => Some(Blame::HangUp(client, timer).from(place)),
            Fact::Closed(_) => story.ends(place),
            _ => story.befalls(place),
        });
        of.collect()
    }
}

impl Story<'_> {
    /// The conditions of a step. Chance is not asked where one of them is not so.
    fn condition(&self, task: TaskId, number: StepId, from: FactId) -> Vec<Blamed> {
        let Some(step) = self.step(task, number) else { return Vec::new() };
        let condition = (!step.guards.is_empty()).then(|| Blame::Condition(task, number).from(from));
        let chance = step.chance.is_some().then(|| Blame::Chance(task, number).from(from));
        condition.into_iter().chain(chance).collect()
    }

    /// The step that ended a connection at `place`.
    fn ends(&self, place: FactId) -> Option<Blamed> {
        let doing = self.doing(place)?;
        let (task, _, step) = self.did(doing)?;
        step.action.traits().ends().then(|| Blame::Ends(task).from(doing))
    }

    /// The same, to blame for that the client comes back.
    fn comes_back(&self, place: FactId) -> Option<Blamed> {
        let from = self.ends(place)?.from?;
        self.did(from).map(|(task, number, _)| Blame::ComesBack(task, number).from(from))
    }

    /// What lets a client connect at `back` again.
    fn came_back(&self, client: ClientId, back: FactId) -> Option<Blamed> {
        let (mut lost, mut closed) = (None, None);
        // Whether the client takes its connection for one.
        let mut is_up = true;
        for (place, fact) in self.before(back) {
            match fact {
                Fact::Closed(of) if of == client => closed = Some(place),
                Fact::EndArrived(of) if of == client && is_up => {
                    (is_up, lost) = (false, self.comes_back(closed?));
                }
                Fact::Cut { client: of, noticed: true } if of == client && is_up => {
                    (is_up, lost) = (false, Some(Blame::Reconnects(client).from(place)));
                }
                Fact::TimedOut(of, timer) if of == client && self.hangs_up(client, timer) => {
                    (is_up, lost) = (false, Some(Blame::Reconnects(client).from(place)));
                }
                Fact::Connected { client: of, .. } if of == client => is_up = true,
                _ => {}
            }
        }
        lost
    }

    /// What befell a line or a node at `place`.
    fn befalls(&self, place: FactId) -> Option<Blamed> {
        let doing = self.doing(place)?;
        let fault = self.did(doing)?.2.action.traits().befalls?;
        Some(Blame::Fault(fault).from(doing))
    }

    /// The step that announced or published what the fact at `place` tells of.
    fn announces(&self, place: FactId) -> Option<Blamed> {
        let doing = self.doing(place)?;
        let (task, number, step) = self.did(doing)?;
        let traits = step.action.traits();
        traits.publishes.or(traits.makes_up).map(|_| Blame::Announces(task, number).from(doing))
    }

    /// The step that made up what the fact at `place` tells of, and all others of its task that would have done so in
    /// its stead.
    fn makes_up(&self, place: FactId, what: Identity) -> Vec<Blamed> {
        let (Some(made), Some(doing)) = (self.announces(place), self.doing(place)) else { return Vec::new() };
        let Some((task, ..)) = self.did(doing) else { return vec![made] };
        let steps = self.system.tasks[usize::from(task.0)].numbered_steps();
        let others = steps.filter(|(_, step)| step.action.traits().announces == Some(what.event()));
        let others = others.map(|(number, _)| Blame::Announces(task, number).from(doing));
        [made].into_iter().chain(others).collect()
    }

    fn fails(&self, place: FactId) -> Option<Blamed> {
        match self.fact(place) {
            Fact::RolledBack(row, _) => Some(Blame::Fails(row).from(place)),
            _ => None,
        }
    }

    /// What lets an event come a second time.
    fn repeated(&self, why: &Why, comings: &[Coming]) -> Vec<Blamed> {
        match comings {
            [Coming { sent: Some(one), .. }, Coming { sent: Some(other), .. }, ..] => {
                self.again(why, *one, *other)
            }
            _ => Vec::new(),
        }
    }

    /// What lets an event be sent at `one` and again at `other`.
    fn again(&self, why: &Why, one: FactId, other: FactId) -> Vec<Blamed> {
        let step = |place: FactId| self.did(self.doing(place)?);
        let (Some((task, _, second)), Some((.., first)), Some((what, client))) =
            (step(other), step(one), why.breach.what.zip(why.breach.client))
        else {
            return Vec::new();
        };
        let back = |fact: &Fact| matches!(*fact, Fact::Connected { client: of, .. } if of == client);
        if let Some(back) = self.last_before(other, back).filter(|back| *back > one) {
            // Who begins anew knows nothing of what was sent.
            return self.came_back(client, back).into_iter().collect();
        }
        let [from, before] = [second, first].map(|step| step.action.traits().sends_from);
        let (Some(from), Some(before)) = (from, before) else {
            // One of them was made up.
            let made = if from.is_some() { one } else { other };
            return self.makes_up(made, what);
        };
        let copies = self.stored(what).into_iter();
        let copies: Vec<Stored> =
            copies.filter(|copy| copy.store == from && copy.published < other).collect();
        let Some(stored) = copies.last().copied() else { return Vec::new() };
        if from != before || stored.published > one {
            return self.announces(stored.published).into_iter().collect();
        }
        let moves = self.moves(task, from).into_iter();
        let back = moves.filter(|moved| one < moved.place && moved.place < other && moved.to < stored.id);
        let back = back.filter(|moved| moved.sent.is_none()).filter_map(|back| {
            let doing = self.doing(back.place)?;
            let (task, number, _) = self.did(doing)?;
            Some(Blame::Cursor(task, number).from(doing))
        });
        let back: Vec<Blamed> = back.collect();
        if !back.is_empty() {
            return back;
        }
        // Else several copies stand in the store, one behind the other.
        let mut more: Vec<Blamed> =
            copies[1..].iter().filter_map(|copy| self.announces(copy.published)).collect();
        more.sort();
        more.dedup_by_key(|blamed| blamed.what);
        more
    }
}
