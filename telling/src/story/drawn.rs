//! What a record of a run tells besides its facts: since when a step lasts, and what chance passed over.
//!
//! Facts are noted where something takes effect. When a step was begun is told by what was drawn for it,
//! or by a delay that is always the same; a log knows of draws as little as facts do.

use punctual_model::{Action, ClientId, Fact, Leads, Noted, Starts, StepId, StepTime, System, TaskId, World};
use punctual_sim::{About, Delay, Name, Span, Time, TraceOf};

use super::{FactId, Story};

/// The delays and choices of a run, as far as they are known.
#[derive(Default)]
pub(super) struct Drawn {
    /// Whether all of them are.
    known: bool,
    /// Delays that differ from draw to draw: which, when it was drawn, and what.
    delays: Vec<(Name, Time, Span)>,
    skipped: Vec<Skipped>,
}

/// A step that chance passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Whose.
    pub task: TaskId,
    /// Which.
    pub step: StepId,
    /// When.
    pub at: Time,
}

/// A step that was begun and has not taken effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interrupted {
    /// Which; `None` if it may be one of several.
    pub step: Option<StepId>,
    /// When it was begun.
    pub from: Time,
}

/// A time in which a task is there: from its beginning, or that of a connection, to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Life {
    /// The place at which it begins; `None` for the beginning of the run.
    pub from: Option<FactId>,
    /// The place at which it ends, and how; `None` if the run ends first.
    pub end: Option<(FactId, End)>,
}

/// How a task comes to an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It ends its client's connection.
    Closes,
    /// It has taken its last step.
    Over,
    /// Its client's connection breaks, or its node stops.
    GivenUp,
    /// Its client connects again: it begins anew.
    BeginsAnew,
}

impl Drawn {
    pub(super) fn of(system: &System, trace: &TraceOf<World>) -> Self {
        let mut drawn = Self { known: true, ..Self::default() };
        for (decision, at) in trace.decisions.iter().zip(&trace.decided) {
            match decision.about {
                About::Delay => drawn.delays.push((decision.name.clone(), *at, Span(decision.value))),
                About::Choice if decision.value == 0 => {
                    let skipped = chance_of(system, &decision.name);
                    drawn.skipped.extend(skipped.map(|(task, step)| Skipped { task, step, at: *at }));
                }
                About::Choice | About::Phase | About::Tie => {}
            }
        }
        drawn
    }

    /// When a delay was drawn that ends at `end`.
    fn ends(&self, delay: &Delay, end: Time) -> Option<Time> {
        let Some(fixed) = fixed(delay) else {
            let of = self.delays.iter().rev().filter(|(name, ..)| name == delay.name());
            return of.map(|(_, at, took)| (*at, *at + *took)).find(|(_, to)| *to == end).map(|(at, _)| at);
        };
        end.0.checked_sub(fixed.0).map(Time)
    }

    /// When a delay ends that was drawn at `begin`.
    fn begins(&self, delay: &Delay, begin: Time) -> Option<Time> {
        let Some(fixed) = fixed(delay) else {
            let of = self.delays.iter().find(|(name, at, _)| name == delay.name() && *at == begin);
            return of.map(|(_, at, took)| *at + *took);
        };
        Some(begin + fixed)
    }

    /// When a step may have been begun, from `from` on, that takes so long and is not over at `until`; and whether
    /// it surely was.
    fn pending(&self, delay: &Delay, from: Time, until: Time) -> Option<(Time, bool)> {
        let longest = from + delay.interval().max;
        if fixed(delay).is_some() || !self.known {
            return (longest > until).then_some((from, false));
        }
        let of = self.delays.iter().rev().find(|(name, at, _)| name == delay.name() && *at <= until);
        of.filter(|(_, at, took)| *at >= from && *at + *took > until).map(|(_, at, _)| (*at, true))
    }
}

/// The delay, if it is always the same.
fn fixed(delay: &Delay) -> Option<Span> {
    let interval = delay.interval();
    (interval.min == interval.max).then_some(interval.min)
}

/// The step that this choice takes or passes over.
fn chance_of(system: &System, name: &Name) -> Option<(TaskId, StepId)> {
    system.tasks.iter().enumerate().find_map(|(task, described)| {
        let of = |choice: &punctual_sim::Choice| choice.name() == name;
        let (step, _) = described.numbered_steps().find(|(_, step)| step.chance.as_ref().is_some_and(of))?;
        Some((TaskId(task as u8), step))
    })
}

impl Story<'_> {
    /// What chance passed over, in order.
    pub fn skipped(&self) -> &[Skipped] {
        &self.drawn.skipped
    }

    /// When the step was begun that takes effect at `place`, if it takes time and that is known.
    pub fn begun(&self, place: FactId) -> Option<Time> {
        let (.., step) = self.did(place)?;
        match &step.time {
            StepTime::Instant => None,
            StepTime::Takes(delay, _) | StepTime::Blocks(delay) => self.drawn.ends(delay, self.at(place)),
        }
    }

    /// When the answer is back to the step that takes effect at `place`, if it is waited for.
    pub fn answered(&self, place: FactId) -> Option<Time> {
        let (.., step) = self.did(place)?;
        match &step.time {
            StepTime::Takes(_, Some(returns)) => self.drawn.begins(returns, self.at(place)),
            StepTime::Instant | StepTime::Takes(_, None) | StepTime::Blocks(_) => None,
        }
    }

    /// What a task is doing at `until`, where the step before it took effect at `last`, or it began at `from`.
    pub fn under_way(&self, task: TaskId, (last, from): (Option<FactId>, Time), until: Time) -> Interrupted {
        let from = last.map_or(from, |last| self.answered(last).unwrap_or(self.at(last)));
        let ahead = self.ahead(task, last.and_then(|last| self.did(last)).map(|(_, number, _)| number));
        let possible = ahead.into_iter().filter_map(|number| {
            let step = self.step(task, number)?;
            let rests = step.action.traits().sleeps.is_some();
            match &step.time {
                StepTime::Instant => rests.then_some((number, from, false)),
                StepTime::Takes(delay, _) | StepTime::Blocks(delay) => {
                    self.drawn.pending(delay, from, until).map(|(begun, surely)| (number, begun, surely))
                }
            }
        });
        let possible: Vec<(StepId, Time, bool)> = possible.collect();
        let surely = possible.iter().find(|(.., surely)| *surely);
        match (surely, &possible[..]) {
            (Some((number, from, _)), _) | (None, [(number, from, _)]) => {
                Interrupted { step: Some(*number), from: *from }
            }
            (None, _) => Interrupted { step: None, from },
        }
    }

    /// The steps of which a task may begin the next one after step `after`, or at its beginning: those up to
    /// the first that nothing passes over.
    pub fn ahead(&self, task: TaskId, after: Option<StepId>) -> Vec<StepId> {
        let (mut open, mut seen, mut ahead) = (self.following(task, after), Vec::new(), Vec::new());
        while let Some(number) = open.pop() {
            let Some(step) = self.step(task, number).filter(|_| !seen.contains(&number)) else { continue };
            seen.push(number);
            let passes = match step.action.traits().noted {
                Noted::Never => true,
                // One that has nothing to announce is not made.
                Noted::WhereMade if step.time == StepTime::Instant => true,
                Noted::Always | Noted::WhereMade => {
                    ahead.push(number);
                    !step.guards.is_empty() || step.chance.is_some()
                }
            };
            if passes {
                open.extend(self.following(task, Some(number)));
            }
        }
        ahead
    }

    /// The steps between two that a task took one after the other: those that were passed over, by a condition
    /// or by chance. `None` if no way leads from one to the other.
    pub fn passed(&self, task: TaskId, after: Option<StepId>, to: StepId) -> Option<Vec<StepId>> {
        let mut ways: Vec<Vec<StepId>> =
            self.following(task, after).into_iter().map(|one| vec![one]).collect();
        let mut seen: Vec<StepId> = Vec::new();
        while !ways.is_empty() {
            let mut longer = Vec::new();
            for way in ways {
                let Some(&number) = way.last().filter(|number| !seen.contains(number)) else { continue };
                if number == to {
                    return Some(way[..way.len() - 1].to_vec());
                }
                seen.push(number);
                let Some(step) = self.step(task, number) else { continue };
                let is_noted = step.action.traits().noted == Noted::Always;
                if is_noted && step.guards.is_empty() && step.chance.is_none() {
                    continue;
                }
                longer.extend(self.following(task, Some(number)).into_iter().map(|next| {
                    let mut way = way.clone();
                    way.push(next);
                    way
                }));
            }
            ways = longer;
        }
        None
    }

    /// Whether a step of a kind may come after `after`, sooner or later.
    pub fn may_follow(&self, task: TaskId, after: Option<StepId>, kind: impl Fn(StepId) -> bool) -> bool {
        let (mut open, mut seen) = (self.following(task, after), Vec::new());
        while let Some(number) = open.pop() {
            if seen.contains(&number) {
                continue;
            }
            if kind(number) {
                return true;
            }
            seen.push(number);
            open.extend(self.following(task, Some(number)));
        }
        false
    }

    /// How long it takes at most from the end of a step to the next of a kind, if nothing on the way there is under a
    /// condition, waits, ends the task or moves a cursor; `None` else.
    pub fn leads_to(&self, (task, after): (TaskId, StepId), kind: impl Fn(StepId) -> bool) -> Option<Span> {
        let (mut at, mut takes) = (after, Span::ZERO);
        for _ in 0..self.system.tasks[usize::from(task.0)].all_steps().count() {
            let &[next] = &self.following(task, Some(at))[..] else { return None };
            let step = self.step(task, next)?;
            if !step.guards.is_empty() || step.chance.is_some() {
                return None;
            }
            takes = takes + step.interval().max;
            if kind(next) {
                return Some(takes);
            }
            match step.action {
                Action::Work | Action::Read { .. } | Action::Send(_) | Action::Comment | Action::Sleep => {
                    at = next;
                }
                _ => return None,
            }
        }
        None
    }

    /// The steps that may come after `after`, whatever is passed over; at the beginning the first.
    fn following(&self, task: TaskId, after: Option<StepId>) -> Vec<StepId> {
        let described = &self.system.tasks[usize::from(task.0)];
        let Some(after) = after else { return vec![StepId(0)] };
        let next = usize::from(after.0) + 1;
        let all = described.all_steps().count();
        let next = if next == described.steps.len() { described.again_from } else { Some(next) };
        let mut following: Vec<StepId> =
            next.filter(|next| *next < all).map(|next| StepId(next as u16)).into_iter().collect();
        if let Some(Leads::Back(to)) = self.step(task, after).map(|step| step.action.traits().leads) {
            following.push(StepId(to as u16));
        }
        following
    }

    /// When a task begins a life; `None` if it does not.
    pub fn begins(&self, task: TaskId, life: &Life) -> Option<Time> {
        let starts = |at: Time| match &self.system.tasks[usize::from(task.0)].starts {
            Starts::After(delay) => self.drawn.begins(delay, at),
            Starts::Spawned => {
                let spawns = |fact: &Fact| match *fact {
                    Fact::Did(by, number) => {
                        self.step(by, number).is_some_and(|step| step.action.traits().spawns == Some(task))
                    }
                    _ => false,
                };
                self.first(spawns).filter(|spawned| *spawned >= at)
            }
        };
        match life.from {
            None => starts(Time::ZERO),
            Some(from) if matches!(self.fact(from), Fact::Restarted(_)) => starts(self.at(from)),
            Some(from) => Some(self.at(from)),
        }
    }

    /// The place of the last step that a task took in a life before `until`.
    pub fn last_did(&self, task: TaskId, life: &Life, until: FactId) -> Option<FactId> {
        let last = self.last_before(until, |fact| matches!(*fact, Fact::Did(by, _) if by == task));
        last.filter(|last| life.from.is_none_or(|from| *last >= from))
    }

    /// The times in which a task is there.
    pub fn lives(&self, task: TaskId) -> Vec<Life> {
        let node = self.system.tasks[usize::from(task.0)].node;
        let client = self.serves(task);
        let serves = |of: ClientId| client == Some(of);
        let mut lives = vec![Life { from: None, end: None }];
        for (place, fact) in self.placed() {
            let last = lives.len() - 1;
            let is_there = lives[last].end.is_none();
            match fact {
                Fact::Closed(of) if serves(of) && is_there => lives[last].end = Some((place, End::Closes)),
                Fact::Over { task: of, .. } if of == task && is_there => {
                    lives[last].end = Some((place, End::Over));
                }
                Fact::Cut { client: of, noticed: true } if serves(of) && is_there => {
                    lives[last].end = Some((place, End::GivenUp));
                }
                Fact::Connected { client: of, .. } if serves(of) => {
                    lives[last].end.get_or_insert((place, End::BeginsAnew));
                    lives.push(Life { from: Some(place), end: None });
                }
                Fact::Crashed(of) if of == node && client.is_none() && is_there => {
                    lives[last].end = Some((place, End::GivenUp));
                }
                Fact::Restarted(of) if of == node && client.is_none() => {
                    lives.push(Life { from: Some(place), end: None });
                }
                _ => {}
            }
        }
        lives
    }
}
