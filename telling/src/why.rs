//! Why an invariant is broken in a run, as a value: what happened, what did not, and what is to blame.
//!
//! A sentence is a claim. It is written from a [`Why`] ([`Why::said`]) and so is the picture: each fact that
//! is named is one of the run, known by its place; each instant that is named is drawn; and what is blamed
//! decides, so that the run passes without it ([`Blame`]).

mod blame;
mod broke;
mod figures;
mod lost;
mod said;
mod unseen;

use punctual_model::{
    Breach, ClientId, Copies, EventId, Explained, Fact, Identity, Origin, Resource, Rule, Shown, TimerFrom,
    TimerId,
};
use punctual_sim::{Span, Time};

use crate::story::{FactId, Outcome, Story};

pub use self::blame::{Blame, Blamed, Observed};
pub use self::lost::{How, Lost, NotLooked, Obstacle, Waiting};

/// Why an invariant is broken in a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    /// The invariant.
    pub rule: Rule,
    /// What breaks it.
    pub breach: Breach,
    /// How that came.
    pub cause: Cause,
}

/// How an invariant came to be broken. Facts are known by their places in the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// An event never comes.
    Lost(Lost),
    /// An event comes too late.
    Late {
        /// Its publication.
        published: FactId,
        /// Its first arrival.
        arrived: FactId,
    },
    /// An event comes more than once.
    Twice(Vec<Coming>),
    /// An event comes after some that its task published later.
    Overtaken {
        /// Its arrival.
        arrived: FactId,
        /// By what: which event, where it was published, and where it arrived.
        by: Vec<(Identity, FactId, FactId)>,
    },
    /// What is fetched is not there.
    NotThere {
        /// The answer.
        fetched: FactId,
        /// What.
        resource: Resource,
        /// Where it comes to be there, if it does.
        there: Option<FactId>,
    },
    /// What is announced is undone.
    Phantom {
        /// Where it was announced.
        sent: FactId,
        /// Where it was undone.
        undone: FactId,
    },
    /// A timer fires.
    TimedOut(TimedOut),
    /// A client connects again after the job.
    CameBack {
        /// The end of the job.
        over: FactId,
        /// The connection.
        back: FactId,
        /// Whether its connection had ended before; it was left open else.
        ended: bool,
    },
    /// A connection ends long after the job.
    EndsLate {
        /// The end of the job.
        over: FactId,
        /// That of the connection.
        closed: FactId,
        /// Where the client connects again after that, if it does.
        back: Option<FactId>,
    },
    /// A connection does not end.
    StaysOpen {
        /// The end of the job.
        over: FactId,
    },
    /// A connection ends before the event that it is for.
    EndsEarly {
        /// The end of the connection.
        closed: FactId,
        /// The publication of the event.
        published: FactId,
    },
    /// More is asked for than is allowed: all of it, in order.
    TooMany(Vec<FactId>),
    /// A client shows an outcome that the job did not have.
    ShownWrong {
        /// Where it does.
        showed: FactId,
        /// What it shows.
        shown: Shown,
        /// What makes the job one that failed, if it did.
        failed: Option<FactId>,
    },
    /// A client waits for ever; perhaps since an event that would end that is lost.
    WaitsForEver(Option<Lost>),
    /// The facts do not tell.
    Untold,
}

/// A time that an event comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coming {
    /// Where it arrives.
    pub arrived: FactId,
    /// Where it was sent, if that is known.
    pub sent: Option<FactId>,
    /// Which copy it is.
    pub copy: Origin,
}

/// A timer that fires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimedOut {
    /// Where it fires.
    pub fired: FactId,
    /// Which one it is.
    pub timer: TimerId,
    /// Where it was started last; `None` for the beginning of the run.
    pub started: Option<FactId>,
    /// An event that would stop it, and where it arrives, if it does.
    pub stopper: Option<(Identity, Option<FactId>)>,
}

impl Why {
    /// Why `rule` is broken as `breach` says.
    pub fn of(story: &Story<'_>, rule: Rule, breach: Breach) -> Self {
        let cause = match rule.invariant().explained {
            Explained::Lost => story.lost(breach),
            Explained::Late => story.late(breach).or_else(|| story.lost(breach)),
            Explained::Twice => story.twice(breach),
            Explained::Overtaken => story.overtaken(breach),
            Explained::NotThere => story.not_there(breach),
            Explained::Phantom => story.phantom(breach),
            Explained::TimedOut => story.timed_out(breach),
            Explained::NotEnded => rule.span().and_then(|limit| story.not_ended(limit, breach)),
            Explained::EndedEarly => story.ended_early(breach),
            Explained::Requests => Some(Cause::TooMany(story.requests())),
            Explained::ShownWrong => story.shown_wrong(breach),
            Explained::WaitsForEver => breach.client.map(|client| Cause::WaitsForEver(story.unended(client))),
            Explained::BySentence => None,
        };
        Self { rule, breach, cause: cause.unwrap_or(Cause::Untold) }
    }

    /// The places of all facts that it names, in order.
    pub fn places(&self) -> Vec<FactId> {
        let mut places: Vec<FactId> = match &self.cause {
            Cause::Lost(lost) | Cause::WaitsForEver(Some(lost)) => lost.places(),
            Cause::Late { published, arrived } => vec![*published, *arrived],
            Cause::Twice(comings) => comings.iter().take(2).map(|coming| coming.arrived).collect(),
            Cause::Overtaken { arrived, by } => by
                .iter()
                .take(1)
                .flat_map(|(_, published, before)| [*published, *before])
                .chain([*arrived])
                .collect(),
            Cause::NotThere { fetched, there, .. } => [*fetched].into_iter().chain(*there).collect(),
            Cause::Phantom { sent, undone } => vec![*sent, *undone],
            Cause::TimedOut(timed_out) => timed_out.places(),
            Cause::CameBack { over, back, .. } => vec![*over, *back],
            Cause::EndsLate { over, closed, back } => [*over, *closed].into_iter().chain(*back).collect(),
            Cause::StaysOpen { over } => vec![*over],
            Cause::EndsEarly { closed, published } => vec![*closed, *published],
            Cause::TooMany(requests) => self.one_too_many(requests).into_iter().collect(),
            Cause::ShownWrong { showed, failed, .. } => [*showed].into_iter().chain(*failed).collect(),
            Cause::WaitsForEver(None) | Cause::Untold => Vec::new(),
        };
        places.sort_unstable();
        places.dedup();
        places
    }

    /// All instants that it names, in order: those of its facts, and that at which a wait begins.
    pub fn instants(&self, story: &Story<'_>) -> Vec<Time> {
        let waits = self.waiting().map(|waiting| waiting.from);
        let mut instants: Vec<Time> =
            self.places().into_iter().map(|place| story.at(place)).chain(waits).collect();
        instants.sort_unstable();
        instants.dedup();
        instants
    }

    /// The event that is lost, if it tells of one.
    pub fn lost(&self) -> Option<&Lost> {
        match &self.cause {
            Cause::Lost(lost) | Cause::WaitsForEver(Some(lost)) => Some(lost),
            Cause::WaitsForEver(None)
            | Cause::Late { .. }
            | Cause::Twice(_)
            | Cause::Overtaken { .. }
            | Cause::NotThere { .. }
            | Cause::Phantom { .. }
            | Cause::TimedOut(_)
            | Cause::CameBack { .. }
            | Cause::EndsLate { .. }
            | Cause::StaysOpen { .. }
            | Cause::EndsEarly { .. }
            | Cause::TooMany(_)
            | Cause::ShownWrong { .. }
            | Cause::Untold => None,
        }
    }

    /// What waits for ever, so that an event is lost.
    pub fn waiting(&self) -> Option<Waiting> {
        match self.lost()?.how {
            How::NotLooked { reason: NotLooked::Waits(waiting), .. } => Some(waiting),
            How::NotLooked { .. } | How::Sent { .. } | How::PassedOver { .. } => None,
        }
    }

    /// The place of the first of these requests that is beyond what is allowed.
    pub fn one_too_many(&self, requests: &[FactId]) -> Option<FactId> {
        requests.get(self.rule.bound()? as usize).copied()
    }

    /// Whether it tells of what happens, or does not, up to the end of the run.
    pub fn reaches_the_end(&self) -> bool {
        match &self.cause {
            Cause::Lost(lost) => lost.reaches_the_end(),
            Cause::StaysOpen { .. } | Cause::WaitsForEver(_) => true,
            Cause::Late { .. }
            | Cause::Twice(_)
            | Cause::Overtaken { .. }
            | Cause::NotThere { .. }
            | Cause::Phantom { .. }
            | Cause::TimedOut(_)
            | Cause::CameBack { .. }
            | Cause::EndsLate { .. }
            | Cause::EndsEarly { .. }
            | Cause::TooMany(_)
            | Cause::ShownWrong { .. }
            | Cause::Untold => false,
        }
    }
}

impl TimedOut {
    fn places(&self) -> Vec<FactId> {
        let arrives = self.stopper.and_then(|(_, arrives)| arrives);
        [self.fired].into_iter().chain(self.started).chain(arrives).collect()
    }
}

impl Story<'_> {
    /// Why `rule` is broken as `breach` says, in a sentence.
    pub fn reason(&self, rule: Rule, breach: Breach) -> String {
        Why::of(self, rule, breach).said(self)
    }

    fn lost(&self, breach: Breach) -> Option<Cause> {
        let (what, client) = breach.what.zip(breach.client)?;
        Lost::of(self, what, client).map(Cause::Lost)
    }

    fn late(&self, breach: Breach) -> Option<Cause> {
        let (what, client) = breach.what.zip(breach.client)?;
        let published = self.stored(what).first()?.published;
        Some(Cause::Late { published, arrived: self.arrives(what, client)? })
    }

    fn twice(&self, breach: Breach) -> Option<Cause> {
        let (what, client) = breach.what.zip(breach.client)?;
        let course = self.course(client);
        let comings = self.placed().filter_map(|(place, fact)| match fact {
            Fact::Arrived { at, what: w, copy } if (at, w) == (client, what) => {
                let sent = course.sendings.iter().find(|one| one.outcome == Outcome::Arrived(place));
                Some(Coming { arrived: place, sent: sent.map(|one| one.sent), copy })
            }
            _ => None,
        });
        let comings: Vec<Coming> = comings.collect();
        (comings.len() > 1).then_some(Cause::Twice(comings))
    }

    /// The events that a task published later than `breach` is about, and that arrived before it.
    fn overtaken(&self, breach: Breach) -> Option<Cause> {
        let (what, client) = breach.what.zip(breach.client)?;
        let arrived = self.arrives(what, client)?;
        let own = self.stored(what).first()?.published;
        let Fact::Published { by: task, .. } = self.fact(own) else { return None };
        let later = self.since(own.next()).filter_map(|(place, fact)| match fact {
            Fact::Published { what, by, copy: Origin::Published, .. } if by == task => Some((what, place)),
            _ => None,
        });
        let first = |(what, place): &(Identity, FactId)| self.stored(*what)[0].published == *place;
        let by = later.filter(first).filter_map(|(what, published)| {
            let before = self.arrives(what, client).filter(|before| *before < arrived)?;
            Some((what, published, before))
        });
        let mut by: Vec<(Identity, FactId, FactId)> = by.collect();
        by.sort_unstable_by_key(|(_, _, before)| *before);
        (!by.is_empty()).then_some(Cause::Overtaken { arrived, by })
    }

    fn not_there(&self, breach: Breach) -> Option<Cause> {
        let (fetched, resource) = self.placed().find_map(|(place, fact)| match fact {
            Fact::Fetched { by, resource, found: false } if Some(by) == breach.client => {
                Some((place, resource))
            }
            _ => None,
        })?;
        let there = self.since(fetched).find(|(_, fact)| match (*fact, resource) {
            (Fact::Visible(row, _), Resource::Row(wanted)) => row == wanted,
            (Fact::Saved(file), Resource::File(wanted)) => file == wanted,
            _ => false,
        });
        Some(Cause::NotThere { fetched, resource, there: there.map(|(there, _)| there) })
    }

    fn phantom(&self, breach: Breach) -> Option<Cause> {
        let (what, client) = breach.what.zip(breach.client)?;
        let row = self.system.events[usize::from(what.event().0)].row?;
        let sent =
            self.place(|fact| matches!(*fact, Fact::Sent { what: w, to, .. } if (w, to) == (what, client)))?;
        let undone = self.place(
            |fact| matches!(*fact, Fact::RolledBack(of, version) if of == row && version == what.ordinal()),
        )?;
        Some(Cause::Phantom { sent, undone })
    }

    fn timed_out(&self, breach: Breach) -> Option<Cause> {
        let client = breach.client?;
        let (fired, timer) = self.placed().find_map(|(place, fact)| match fact {
            Fact::TimedOut(of, timer) if of == client => Some((place, timer)),
            _ => None,
        })?;
        let plan = &self.system.clients[usize::from(client.0)];
        let described = &plan.timers[usize::from(timer.0)];
        let started = self.last_before(fired, |fact| match *fact {
            Fact::TimerStarted(of, number) => (of, number) == (client, timer),
            Fact::Arrived { at, .. } => {
                at == client && matches!(described.from, TimerFrom::Byte | TimerFrom::Event)
            }
            Fact::CommentArrived(at) => at == client && described.from == TimerFrom::Byte,
            _ => false,
        });
        let started = started.filter(|started| {
            let begins = self.at(*started) == Time::ZERO;
            !(begins && matches!(self.fact(*started), Fact::TimerStarted(..)))
        });
        let stops = |(place, fact): (FactId, Fact)| match fact {
            Fact::Arrived { at, what, copy }
                if at == client && described.stopped_by.contains(&what.event()) =>
            {
                let mut reactions = plan.reactions.iter();
                let understands = reactions.any(|reaction| {
                    reaction.event == what.event()
                        && (reaction.copies == Copies::All || copy == Origin::Synthesized)
                });
                understands.then_some((what, Some(place)))
            }
            _ => None,
        };
        let later = self.since(fired.next()).find_map(stops);
        let comes = |event: EventId| {
            let comes = |fact: &Fact| matches!(*fact, Fact::Arrived { at, what, .. } if at == client && what.event() == event);
            self.place(comes).is_some()
        };
        let never = || {
            let mut never = described.stopped_by.iter().filter(|event| !comes(**event));
            never.next().map(|event| (Identity::new(*event, 1), None))
        };
        Some(Cause::TimedOut(TimedOut { fired, timer, started, stopper: later.or_else(never) }))
    }

    /// When the job was over before `place`: the last of its tasks that was.
    fn job_over(&self, place: FactId) -> Option<FactId> {
        let is_job = |fact: &Fact| matches!(*fact, Fact::Over { task, .. } if self.serves(task).is_none());
        self.last_before(place, is_job)
    }

    /// The first end or beginning of a connection that comes too long after the job; or that it does not end.
    fn not_ended(&self, limit: Span, breach: Breach) -> Option<Cause> {
        let client = breach.client?;
        let over = self.job_over(self.end())?;
        let back = |fact: &Fact| matches!(*fact, Fact::Connected { client: of, .. } if of == client);
        let late = self.since(over).find(|(place, fact)| {
            (*fact == Fact::Closed(client) || back(fact)) && self.at(*place) > self.at(over) + limit
        });
        let Some((late, fact)) = late else { return Some(Cause::StaysOpen { over }) };
        if fact == Fact::Closed(client) {
            let back = self.since(late).find(|(_, fact)| back(fact)).map(|(back, _)| back);
            return Some(Cause::EndsLate { over, closed: late, back });
        }
        let changes = |fact: &Fact| match *fact {
            Fact::Closed(of) | Fact::Cut { client: of, .. } => of == client,
            _ => back(fact),
        };
        let before = self.last_before(late, changes);
        let ended = before.is_some_and(|before| !back(&self.fact(before)));
        Some(Cause::CameBack { over, back: late, ended })
    }

    fn ended_early(&self, breach: Breach) -> Option<Cause> {
        let (what, client) = breach.what.zip(breach.client)?;
        let closed = self.last_before(self.end(), |fact| *fact == Fact::Closed(client))?;
        Some(Cause::EndsEarly { closed, published: self.stored(what).first()?.published })
    }

    /// Where the database was read and where clients connected again.
    fn requests(&self) -> Vec<FactId> {
        let is_one = |fact: &Fact| matches!(fact, Fact::Read(_) | Fact::Connected { .. });
        let all = self.placed().filter(|(_, fact)| is_one(fact));
        all.map(|(place, _)| place).collect()
    }

    /// What makes the job one that failed: its status, or the last try of a commit.
    fn failure(&self) -> Option<FactId> {
        let status =
            self.place(|fact| matches!(*fact, Fact::Set(status) if self.system.failed == Some(status)));
        let undone = self.placed().find(|(place, fact)| {
            let Fact::RolledBack(row, _) = *fact else { return false };
            let again = |fact: &Fact| match *fact {
                Fact::Committed(of, _) | Fact::RolledBack(of, _) => of == row,
                _ => false,
            };
            !self.since(place.next()).any(|(_, fact)| again(&fact))
        });
        let undone = undone.map(|(place, _)| place);
        [status, undone].into_iter().flatten().min()
    }

    fn shown_wrong(&self, breach: Breach) -> Option<Cause> {
        let client = breach.client?;
        let failed = self.failure();
        let shown = if failed.is_some() { Shown::Success } else { Shown::Failure };
        let showed = self.place(|fact| *fact == Fact::Showed(client, shown))?;
        Some(Cause::ShownWrong { showed, shown, failed })
    }

    /// An event that would let a client end and never reaches it.
    fn unended(&self, client: ClientId) -> Option<Lost> {
        let reactions = &self.system.clients[usize::from(client.0)].reactions;
        let ends =
            |what: Identity| reactions.iter().any(|reaction| reaction.ends && reaction.event == what.event());
        let what = self.facts.iter().find_map(|(_, fact)| match *fact {
            Fact::Published { what, .. } if ends(what) && self.arrives(what, client).is_none() => Some(what),
            _ => None,
        })?;
        Lost::of(self, what, client)
    }

    /// How long a timer runs, as far as it may differ: from its last start to where it fires.
    pub fn ran(&self, timed_out: &TimedOut) -> Span {
        self.at(timed_out.fired) - timed_out.started.map_or(Time::ZERO, |started| self.at(started))
    }
}
