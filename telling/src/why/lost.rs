//! Why an event that was published never reaches a client.
//!
//! Each time that it was sent, or that somebody looked where it was, is a way on which it could have come.
//! The way that is told is the one in which least is in the way, and the earliest of these: with that taken
//! out, it comes. If there was none, what is told is why nobody looked.

use punctual_model::{ClientId, Fact, Identity, SignalId, Sleeping, StepId, TaskId};
use punctual_sim::{Span, Time};

use crate::story::{Course, End, FactId, Life, Look, Looked, Move, Outcome, Stops, Stored, Story};

/// Who looks on, and does not end or go away, comes to look so soon.
const LOOKS_ON: Span = Span(1_001);

/// An event that never comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// Which.
    pub what: Identity,
    /// The client.
    pub client: ClientId,
    /// Where it was, and since when.
    pub stored: Stored,
    /// How it was lost.
    pub how: How,
}

/// How an event was lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum How {
    /// It was sent and did not arrive.
    Sent {
        /// Where it was sent.
        sent: FactId,
        /// What became of it.
        outcome: Outcome,
        /// What stops it.
        stops: Stops,
    },
    /// Somebody looked, or could have, and did not send it.
    PassedOver {
        /// The look.
        look: Look,
        /// What is in its way.
        obstacles: Vec<Obstacle>,
    },
    /// Nobody looked.
    NotLooked {
        /// Why.
        reason: NotLooked,
        /// The last step that the task took before, from which on it could have looked; `None` if there is none.
        since: Option<FactId>,
        /// What would have been in its way all the same.
        obstacles: Vec<Obstacle>,
    },
}

/// What is in the way of an event when somebody comes to look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// The full store has dropped it for another, which was added at this place.
    Dropped(FactId),
    /// The cursor stands at or beyond its id since these moves.
    Beyond(Vec<Move>),
    /// An event that was published just before, at the first place, has the same id of the same tick of a clock, and was
    /// sent, at the second.
    SameTick(Identity, FactId, FactId),
    /// An event that was added before, at this place, has no lesser id: it would be sent first, and the cursor moved
    /// beyond.
    Behind(Identity, FactId),
    /// What is sent then does not arrive.
    Stopped(Stops),
    /// A condition of the look is not so.
    NotAdmitted,
    /// Chance passes the look over.
    ByChance,
}

/// Why nobody looked at a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotLooked {
    /// The task does not do so any more after this look; `None` if it is not in its program at all.
    Never(TaskId, Option<FactId>),
    /// The task has ended the connection, at this place.
    Closed(FactId),
    /// The task was over, at this place.
    Over(FactId),
    /// The task was given up, at this place, since the line broke or its node stopped.
    GivenUp(FactId),
    /// The client has connected again, at this place, and the task began anew.
    BeganAnew(FactId),
    /// The task waits for a signal.
    Waits(Waiting),
    /// The task never begins.
    NeverBegins(TaskId),
    /// The run ends first.
    RunEnds,
}

/// A task that waits for a signal for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Which.
    pub task: TaskId,
    /// The step.
    pub step: StepId,
    /// The place of the step before; `None` if there is none.
    pub since: Option<FactId>,
    /// When it began to wait.
    pub from: Time,
    /// Where the signal was given and not heard, so that it would go on if that had been kept.
    pub unheard: Option<FactId>,
}

impl Lost {
    /// How `what` was lost on its way to `client`; `None` if it was never published.
    pub fn of(story: &Story<'_>, what: Identity, client: ClientId) -> Option<Self> {
        let search = Search { story, what, client, course: story.course(client) };
        let stored = story.stored(what);
        let first = *stored.first()?;
        let ways = search.sendings(first).into_iter();
        let ways = ways.chain(stored.iter().flat_map(|stored| search.looks(stored)));
        let best = ways.min_by_key(|(lost, place)| (lost.how.weight(), *place)).map(|(lost, _)| lost);
        best.or_else(|| search.not_looked(&stored))
    }

    /// The places of the facts that it names.
    pub fn places(&self) -> Vec<FactId> {
        let mut places = vec![self.stored.published];
        match &self.how {
            How::Sent { sent, outcome, stops } => {
                places.push(*sent);
                match outcome {
                    Outcome::LostOnItsWay(broke, held) => places.extend([*broke].into_iter().chain(*held)),
                    Outcome::NotOnTheLine(_) | Outcome::Held(_) => places.extend(stops.first_of_each()),
                    Outcome::Arrived(_) | Outcome::OnItsWay => {}
                }
            }
            How::PassedOver { look, obstacles } => {
                let is_told = |obstacle: &Obstacle| !matches!(obstacle, Obstacle::Dropped(_));
                places.extend(
                    Some(look.place).filter(|_| obstacles.iter().any(is_told) || obstacles.is_empty()),
                );
                places.extend(obstacles.iter().flat_map(Obstacle::places));
            }
            How::NotLooked { reason, obstacles, .. } => {
                places.extend(reason.places());
                places.extend(obstacles.iter().flat_map(Obstacle::places));
            }
        }
        places
    }

    /// Whether it tells of what does not happen up to the end of the run.
    pub fn reaches_the_end(&self) -> bool {
        match &self.how {
            How::NotLooked { reason, .. } => match reason {
                NotLooked::Waits(_) | NotLooked::NeverBegins(_) | NotLooked::RunEnds => true,
                NotLooked::Never(..)
                | NotLooked::Closed(_)
                | NotLooked::Over(_)
                | NotLooked::GivenUp(_)
                | NotLooked::BeganAnew(_) => false,
            },
            How::Sent { .. } | How::PassedOver { .. } => false,
        }
    }
}

impl How {
    /// How much is in the way.
    fn weight(&self) -> usize {
        match self {
            Self::Sent { stops, .. } if stops.is_empty() => usize::MAX,
            Self::Sent { stops, .. } => stops.weight(),
            // Without ids nobody knows what a cursor was held against.
            Self::PassedOver { obstacles, .. } if obstacles.is_empty() => usize::MAX,
            Self::PassedOver { obstacles, .. } => obstacles.iter().map(Obstacle::weight).sum(),
            Self::NotLooked { .. } => usize::MAX,
        }
    }
}

impl Obstacle {
    fn weight(&self) -> usize {
        match self {
            Self::Stopped(stops) => stops.weight(),
            Self::Dropped(_)
            | Self::Beyond(_)
            | Self::SameTick(..)
            | Self::Behind(..)
            | Self::NotAdmitted
            | Self::ByChance => 1,
        }
    }

    fn places(&self) -> Vec<FactId> {
        match self {
            Self::Dropped(dropped) => vec![*dropped],
            Self::Beyond(moves) => moves.first().map(|first| first.place).into_iter().collect(),
            Self::SameTick(_, published, sent) => vec![*published, *sent],
            Self::Behind(_, published) => vec![*published],
            Self::Stopped(stops) => stops.first_of_each(),
            Self::NotAdmitted | Self::ByChance => Vec::new(),
        }
    }
}

impl NotLooked {
    fn places(&self) -> Vec<FactId> {
        match self {
            Self::NeverBegins(_) | Self::RunEnds => Vec::new(),
            Self::Never(_, last) => last.iter().copied().collect(),
            Self::Closed(place) | Self::Over(place) | Self::GivenUp(place) | Self::BeganAnew(place) => {
                vec![*place]
            }
            Self::Waits(waiting) => waiting.unheard.into_iter().collect(),
        }
    }
}

/// One event, one client, and what befell its connection.
struct Search<'s, 't> {
    story: &'s Story<'t>,
    what: Identity,
    client: ClientId,
    course: Course,
}

impl Search<'_, '_> {
    fn lost(&self, stored: Stored, how: How) -> Lost {
        Lost { what: self.what, client: self.client, stored, how }
    }

    /// The ways on which it was sent, each with its place.
    fn sendings(&self, first: Stored) -> Vec<(Lost, FactId)> {
        let of = self.course.sendings.iter().filter(|sending| sending.what == self.what);
        let lost = of.filter(|sending| !matches!(sending.outcome, Outcome::Arrived(_)));
        lost.map(|sending| {
            let mut stops = self.story.stops(&self.course, self.client, sending.sent, Span::ZERO);
            if let Outcome::NotOnTheLine(since) = &sending.outcome {
                stops.breaks.extend(since);
                stops.breaks.sort_unstable();
                stops.breaks.dedup();
            }
            let (sent, outcome) = (sending.sent, sending.outcome.clone());
            (self.lost(first, How::Sent { sent, outcome, stops }), sent)
        })
        .collect()
    }

    /// The ways on which it would have come if somebody who looked had sent it.
    fn looks(&self, stored: &Stored) -> Vec<(Lost, FactId)> {
        let Some(task) = self.story.server(self.client) else { return Vec::new() };
        let moves = self.story.moves(task, stored.store);
        let looks = self.story.looks(self.client, stored.store, stored.published);
        let of = looks.into_iter().filter_map(|look| {
            let sends = |fact: Fact| matches!(fact, Fact::Sent { what, .. } if what == self.what);
            let taken = look.looked == Looked::Taken;
            if taken && self.story.beside(look.place).any(|(_, fact)| sends(fact)) || !self.is_in_time(&look)
            {
                return None;
            }
            let obstacles = self.obstacles(&moves, stored, &look)?;
            let place = look.place;
            Some((self.lost(*stored, How::PassedOver { look, obstacles }), place))
        });
        of.collect()
    }

    /// Whether what a look sends surely arrives before the run ends: one that was passed over would have taken its time.
    fn is_in_time(&self, look: &Look) -> bool {
        let story = self.story;
        let Some(step) = story.step(look.task, look.step).filter(|_| look.looked != Looked::Taken) else {
            return true;
        };
        let travels = story.system.clients[usize::from(self.client.0)].latency.interval().max;
        let reached = story.at_or_end(look.reached);
        story.system.ends.is_none() || reached + step.interval().max + travels <= story.ended_at
    }

    /// What is in the way of it at a look; `None` if it was sent before and nothing has set the cursor back since.
    fn obstacles(&self, moves: &[Move], stored: &Stored, look: &Look) -> Option<Vec<Obstacle>> {
        let (story, mut obstacles) = (self.story, Vec::new());
        obstacles.extend(match look.looked {
            Looked::Taken => None,
            Looked::NotAdmitted => Some(Obstacle::NotAdmitted),
            Looked::ByChance => Some(Obstacle::ByChance),
        });
        let takes = story.step(look.task, look.step).map(|step| step.interval().max);
        let takes = takes.filter(|_| look.looked != Looked::Taken).unwrap_or(Span::ZERO);
        obstacles.extend(self.unseen(moves, stored, (look, takes))?);
        let mut stops = story.stops(&self.course, self.client, look.reached, takes);
        // Who is looking does not end the connection meanwhile.
        let ends = |broke: FactId| matches!(story.fact(broke), Fact::Closed(_));
        stops.breaks.retain(|broke| *broke < look.reached || !ends(*broke));
        obstacles.extend((!stops.is_empty() && stored.id > 0).then_some(Obstacle::Stopped(stops)));
        Some(obstacles)
    }

    /// What keeps a look that takes so long from seeing it; `None` as above.
    fn unseen(&self, moves: &[Move], stored: &Stored, (look, takes): (&Look, Span)) -> Option<Vec<Obstacle>> {
        let (story, mut obstacles) = (self.story, Vec::new());
        let looked = story.at_or_end(look.reached) + takes;
        let is_gone = |dropped: &FactId| {
            *dropped < look.reached || look.looked != Looked::Taken && story.at(*dropped) <= looked
        };
        obstacles.extend(stored.dropped.filter(is_gone).map(Obstacle::Dropped));
        if stored.id == 0 {
            return Some(obstacles);
        }
        let beyond = story.beyond(moves, stored, look);
        if beyond.iter().any(|one| one.sent == Some(self.what)) {
            return None;
        }
        let twin = story.twin(stored).and_then(|(published, twin)| match beyond[..] {
            [Move { sent: Some(sent), place, .. }] if sent == twin => Some((published, twin, place)),
            _ => None,
        });
        if let Some((published, twin, sent)) = twin {
            obstacles.push(Obstacle::SameTick(twin, published, sent));
            return Some(obstacles);
        }
        let of_store = |what: Identity| story.stored(what).iter().any(|other| other.store == stored.store);
        let sent_before = beyond.iter().filter_map(|one| one.sent).any(of_store);
        if !sent_before && (look.looked != Looked::Taken || !beyond.is_empty()) {
            obstacles.extend(story.behind(stored).map(|(what, at)| Obstacle::Behind(what, at)));
        }
        obstacles.extend((!beyond.is_empty()).then_some(Obstacle::Beyond(beyond)));
        Some(obstacles)
    }

    /// Why nobody looked.
    fn not_looked(&self, stored: &[Stored]) -> Option<Lost> {
        let story = self.story;
        let task = story.server(self.client)?;
        let looked_at = stored.iter().find(|stored| story.ever_looks_at(task, stored.store));
        let stored = looked_at.or(stored.first())?;
        let published = stored.published;
        let lives = story.lives(task);
        let began = |life: &&Life| life.from.is_none_or(|from| from < published);
        let life = lives.iter().rev().find(began)?;
        let end = life.end.map_or(story.end(), |(end, _)| end);
        let last = story.last_did(task, life, end);
        let reason = match life.end {
            _ if looked_at.is_none() => NotLooked::Never(task, None),
            None | Some((_, End::GivenUp | End::BeginsAnew)) if !self.may_look(task, last, stored) => {
                let looks = |fact: &Fact| matches!(*fact, Fact::Did(by, step) if by == task && story.looks_at(by, step, stored.store));
                NotLooked::Never(task, story.last_before(published, looks))
            }
            Some((place, End::Closes)) => NotLooked::Closed(place),
            Some((place, End::Over)) => NotLooked::Over(place),
            Some((place, End::GivenUp)) => NotLooked::GivenUp(place),
            Some((place, End::BeginsAnew)) => NotLooked::BeganAnew(place),
            None => self.idle(task, life, stored),
        };
        let since = match &reason {
            NotLooked::NeverBegins(_) => None,
            NotLooked::Never(..) => story.last_did(task, life, published.min(end)),
            NotLooked::Waits(waiting) if waiting.unheard.is_some() => waiting.unheard,
            NotLooked::RunEnds => self.in_time(task, life, last),
            _ => last,
        };
        let since = since.or(life.from);
        // Whoever looks on sees it as soon as it is there.
        let reached = end.max(published.next());
        let look = Look { place: reached, reached, task, step: StepId(0), looked: Looked::NotAdmitted };
        let moves = story.moves(task, stored.store);
        let mut obstacles = self.unseen(&moves, stored, (&look, LOOKS_ON)).unwrap_or_default();
        let stops = self.stops(&reason, since.map_or(published, |since| published.max(since)));
        obstacles.extend((!stops.is_empty()).then_some(Obstacle::Stopped(stops)));
        Some(self.lost(*stored, How::NotLooked { reason, since, obstacles }))
    }

    /// The last step of a task, up to that at `last`, after which there was the time to look, and for what that sends
    /// to arrive.
    fn in_time(&self, task: TaskId, life: &Life, last: Option<FactId>) -> Option<FactId> {
        let story = self.story;
        let takes = LOOKS_ON + story.system.clients[usize::from(self.client.0)].latency.interval().max;
        let mut last = last;
        while let Some(place) = last
            && story.system.ends.is_some()
            && story.at(place) + takes > story.ended_at
        {
            last = story.last_did(task, life, place);
        }
        last
    }

    /// What stops what is sent as soon as it is there, at `place`; with what the reason that nobody looked is.
    fn stops(&self, reason: &NotLooked, place: FactId) -> Stops {
        let mut stops = self.story.stops(&self.course, self.client, place, LOOKS_ON);
        let from = match reason {
            NotLooked::GivenUp(end) | NotLooked::BeganAnew(end) => Some(*end),
            NotLooked::Never(..)
            | NotLooked::Closed(_)
            | NotLooked::Over(_)
            | NotLooked::Waits(_)
            | NotLooked::NeverBegins(_)
            | NotLooked::RunEnds => None,
        };
        let more = from.map(|from| self.story.stops(&self.course, self.client, from, Span::LONGEST));
        stops.breaks.extend(more.into_iter().flat_map(|more| more.breaks));
        stops.breaks.retain(|broke| !matches!(self.story.fact(*broke), Fact::Closed(_)));
        stops.breaks.sort_unstable();
        stops.breaks.dedup();
        stops
    }

    /// Whether a task can come to look at the store after the step at `last`, or its beginning, when it is there.
    fn may_look(&self, task: TaskId, last: Option<FactId>, stored: &Stored) -> bool {
        let number = last.and_then(|last| self.story.did(last)).map(|(_, number, _)| number);
        self.story.may_follow(task, number, |number| self.story.looks_at(task, number, stored.store))
    }

    /// Why a task that is there to the end of the run does not come to look.
    fn idle(&self, task: TaskId, life: &Life, stored: &Stored) -> NotLooked {
        let story = self.story;
        let begins = story.begins(task, life);
        let since = story.last_did(task, life, story.end());
        if since.is_none() && begins.is_none_or(|begins| begins > story.ended_at) {
            return NotLooked::NeverBegins(task);
        }
        self.waiting((task, since), begins, stored).map_or(NotLooked::RunEnds, NotLooked::Waits)
    }

    /// What a task waits for at the end of the run, for ever if nobody gives the signal.
    fn waiting(
        &self,
        (task, since): (TaskId, Option<FactId>),
        begins: Option<Time>,
        stored: &Stored,
    ) -> Option<Waiting> {
        let story = self.story;
        let under_way = story.under_way(task, (since, begins?), story.ended_at);
        let step = under_way.step?;
        let Sleeping { policy: None, signal: Some(signal) } =
            story.step(task, step)?.action.traits().sleeps?
        else {
            return None;
        };
        let mut waiting = Waiting { task, step, since, from: under_way.from, unheard: None };
        let looks = |number: StepId| story.looks_at(task, number, stored.store);
        let goes_on = story.leads_to((task, step), looks);
        let in_time = |takes: Span| story.system.ends.is_none() || waiting.from + takes <= story.ended_at;
        if goes_on.is_some_and(in_time) {
            waiting.unheard = self.unheard(&waiting, signal, stored.published);
        }
        Some(waiting)
    }

    /// Where the signal was given that a task waits for, so that it would have looked after the event was there if
    /// that had been kept.
    fn unheard(&self, waiting: &Waiting, signal: SignalId, published: FactId) -> Option<FactId> {
        let story = self.story;
        let given =
            story.last_before(story.end(), |fact| *fact == Fact::Notified { signal, heard: false })?;
        let waited = |fact: &Fact| matches!(*fact, Fact::Did(task, step) if (task, step) == (waiting.task, waiting.step));
        let begins = waiting.since.unwrap_or(FactId(0));
        let keeps = !story.between(given, begins.max(given)).any(|(_, fact)| waited(&fact));
        (keeps && (published < given || published < begins)).then_some(given)
    }
}
