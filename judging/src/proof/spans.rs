//! Exactly how far apart two facts can be, over every timing.
//!
//! They are measured in the system that goes on. Where that meets a limit, because something can come later
//! and later, they are measured as far as runs are made, and it is said that there is more beyond.

use punctual_model::{
    Alone, ClientId, ClientSet, Fact, FactKind, Gauge, SeenAt, Sighting, StepId, Stretch, System, TaskId,
    World, deciding, following, independent_kinds, taken_apart, without_idle_comments, without_reactions,
};
use punctual_sim::explore::{self, Answer, Found, Goal, Length, NotFound, Query};
use punctual_sim::{Monitor, ObserverClock, Span};

use super::decide::Wanted;
use super::{counterexample_of, met};
use crate::budget::{Budget, Cause};
use crate::counterexample::{Counterexample, Disagreement};
use crate::delivery::Delays;
use crate::sampling::{Prepared, Until};

/// The exact least and greatest span of a stretch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spans {
    /// Between these, over every timing.
    Exact {
        /// The least.
        least: End,
        /// The greatest; [`Span::NEVER`] if there is none, since a step may take for ever.
        greatest: End,
        /// The number of classes that show it.
        states: u64,
        /// If that is so only up to the end of runs: which limit was met beyond it.
        beyond: Option<String>,
    },
    /// No timing has such a span.
    Never {
        /// The number of classes that show it.
        states: u64,
        /// If that is so only up to the end of runs: which limit was met beyond it.
        beyond: Option<String>,
    },
    /// A limit was met before it was clear.
    Unknown {
        /// Which.
        limit: String,
    },
}

/// An extreme of a stretch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct End {
    /// How long it is.
    pub span: Span,
    /// Whether some run attains it. Else there is no end to it, or it is a bound: clocks are read that may have ticked many times
    /// since they were read last, and no run was found that does.
    pub attained: bool,
    /// The observer clock that measures it in a gauge of its stretch alone.
    observer: ObserverClock,
    /// Whether it was measured up to the end of runs, or beyond it too.
    until: Until,
}

impl Spans {
    /// The least and the greatest, over every timing of the system that goes on; `None` if they are not known of all that
    /// comes after the end of runs.
    pub fn ends(&self) -> Option<(End, End)> {
        match self {
            Self::Exact { least, greatest, beyond: None, .. } => Some((*least, *greatest)),
            Self::Exact { beyond: Some(_), .. } | Self::Never { .. } | Self::Unknown { .. } => None,
        }
    }

    /// If they are known only up to the end of runs: which limit was met beyond it.
    pub fn beyond(&self) -> Option<&str> {
        match self {
            Self::Exact { beyond, .. } | Self::Never { beyond, .. } => beyond.as_deref(),
            Self::Unknown { .. } => None,
        }
    }
}

/// What can make a difference to `stretches`, in runs that end or in the system that goes on.
fn world_for(prepared: &Prepared<'_>, stretches: &[Stretch], until: Until, wanted: Wanted) -> World {
    let ends = match until {
        Until::End => prepared.case.system.ends,
        Until::Beyond => None,
    };
    let system = System { ends, ..prepared.case.system.clone() };
    let kinds = || stretches.iter().flat_map(|stretch| [stretch.from, stretch.to]);
    let asked = |client: ClientId| kinds().any(|kind| kind.is_about(&system, client));
    let system = deciding(&system, asked).unwrap_or(system);
    let kinds_apart = if wanted == Wanted::Verdict { independent_kinds(&system) } else { Vec::new() };
    let system = &following(&system, &kinds_apart, |event| kinds().any(|kind| kind.event() == Some(event)));
    let named = |task: TaskId, step: StepId| kinds().any(|kind| kind == FactKind::Did(task, step));
    match kinds().map(FactKind::seen_at).max() {
        None | Some(SeenAt::Server) => {
            World::of_server(&without_idle_comments(&without_reactions(system), named))
        }
        Some(SeenAt::Link) => {
            World::heard_by(&without_idle_comments(&without_reactions(system), named), heard(stretches))
        }
        Some(SeenAt::Client) => World::heard_by(&without_idle_comments(system, named), heard(stretches)),
    }
}

/// The clients that `stretches` are about, a bit each.
fn heard(stretches: &[Stretch]) -> ClientSet {
    let kinds = stretches.iter().flat_map(|stretch| [stretch.from, stretch.to]);
    let kinds = kinds.filter(|kind| kind.seen_at() > SeenAt::Server);
    kinds.fold(ClientSet::NOBODY, |heard, kind| {
        kind.client().map_or(ClientSet::EVERYBODY, |client| heard.with(client))
    })
}

/// The exact least and greatest span of each of `stretches` over every timing.
pub fn spans(prepared: &Prepared<'_>, stretches: &[Stretch], budget: Budget<'_>) -> Vec<Spans> {
    match measured(prepared, stretches, Until::Beyond, budget) {
        Ok(spans) => spans,
        Err((Cause::Interrupted, limit)) => unknown(stretches, &limit),
        Err((_, limit)) if prepared.unending.is_none() => unknown(stretches, &limit),
        Err((_, further)) => match measured(prepared, stretches, Until::End, budget) {
            Ok(spans) => spans.into_iter().map(|spans| spans.up_to_the_end(&further)).collect(),
            Err((_, limit)) => unknown(stretches, &limit),
        },
    }
}

fn unknown(stretches: &[Stretch], limit: &str) -> Vec<Spans> {
    vec![Spans::Unknown { limit: limit.to_owned() }; stretches.len()]
}

impl Spans {
    /// The same, known only up to the end of runs.
    fn up_to_the_end(self, limit: &str) -> Self {
        let beyond = Some(limit.to_owned());
        match self {
            Self::Exact { least, greatest, states, .. } => Self::Exact { least, greatest, states, beyond },
            Self::Never { states, .. } => Self::Never { states, beyond },
            Self::Unknown { limit } => Self::Unknown { limit },
        }
    }
}

/// The spans of all stretches, or the limit that was met.
fn measured(
    prepared: &Prepared<'_>,
    stretches: &[Stretch],
    until: Until,
    budget: Budget<'_>,
) -> Result<Vec<Spans>, (Cause, String)> {
    let world = world_for(prepared, stretches, until, Wanted::Verdict);
    let gauge = Gauge::new(stretches);
    budget.ask(|limits| {
        let mut answer = Query::spans(&world, &gauge, limits).answer();
        let found = answer.explored.clone();
        if let Some(limit) = &found.limit {
            return Err(met(budget, &answer, limit));
        }
        let states = found.classes as u64;
        let mut of = |place: usize| {
            let mut end = |span: Span, observer: ObserverClock, goal: Goal| {
                let attained = !found.over_approximate.contains(&observer)
                    || find(prepared, &mut answer, goal, until).is_ok();
                let attained = attained && span != Span::NEVER;
                End { span, attained, observer: Stretch::alone(observer), until }
            };
            let spans =
                || found.delays.iter().filter(|(observer, _)| Stretch::of_observer(**observer) == place);
            let least = spans().map(|(&observer, &(span, _))| (span, observer)).min();
            let greatest = spans().map(|(&observer, &(_, span))| (span, observer)).max();
            let (Some((least, first)), Some((greatest, last))) = (least, greatest) else {
                return Spans::Never { states, beyond: None };
            };
            Spans::Exact {
                least: end(least, first, Goal::AtMost(first, least)),
                greatest: end(greatest, last, Goal::AtLeast(last, greatest)),
                states,
                beyond: None,
            }
        };
        Ok((0..stretches.len()).map(&mut of).collect())
    })
}

/// A run that reaches `goal`: as runs are made, if there is one, else beyond their end.
fn find<J: Monitor<Fact>>(
    prepared: &Prepared<'_>,
    answer: &mut Answer<'_, World, J>,
    goal: Goal,
    until: Until,
) -> Result<(Found<World>, Until), NotFound> {
    match (answer.find(&prepared.world, goal, Length::ToTheEnd), &prepared.unending, until) {
        (Ok(found), ..) => Ok((found, Until::End)),
        (Err(NotFound::NotReplayed(_)), Some(unending), Until::Beyond) => {
            answer.find(unending, goal, Length::UntilReached).map(|found| (found, Until::Beyond))
        }
        (Err(why), ..) => Err(why),
    }
}

impl End {
    fn goal(self, extreme: Extreme) -> Goal {
        match extreme {
            Extreme::Least => Goal::AtMost(self.observer, self.span),
            Extreme::Greatest => Goal::AtLeast(self.observer, self.span),
        }
    }
}

/// Which end of a stretch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extreme {
    /// The least.
    Least,
    /// The greatest.
    Greatest,
}

/// A run that attains an end of `stretch`; `None` if none was found that can be made.
///
/// # Errors
/// The judge of traces refuses it: a bug of ours.
pub fn attaining(
    prepared: &Prepared<'_>,
    stretch: Stretch,
    (end, extreme): (End, Extreme),
    budget: Budget<'_>,
) -> Result<Option<Counterexample>, Disagreement> {
    let stretches = [stretch];
    let (world, gauge) = (world_for(prepared, &stretches, end.until, Wanted::Run), Gauge::new(&stretches));
    let found = budget.ask(|limits| {
        find(prepared, &mut Query::rules(&world, &gauge, limits).answer(), end.goal(extreme), end.until)
    });
    found.ok().map(|(found, until)| counterexample_of(prepared, found, until)).transpose()
}

/// Whether runs were found that attain the least and the greatest of `stretch`. They have been made.
pub fn attained(
    prepared: &Prepared<'_>,
    stretch: Stretch,
    (least, greatest): (End, End),
    budget: Budget<'_>,
) -> (bool, bool) {
    let stretches = [stretch];
    let (world, gauge) = (world_for(prepared, &stretches, least.until, Wanted::Run), Gauge::new(&stretches));
    budget.ask(|limits| {
        let mut answer = Query::rules(&world, &gauge, limits).answer();
        let mut is =
            |end: End, extreme: Extreme| find(prepared, &mut answer, end.goal(extreme), end.until).is_ok();
        let least = is(least, Extreme::Least);
        (least, greatest.span != Span::NEVER && is(greatest, Extreme::Greatest))
    })
}

/// Whether some timing has a fact of this kind; `None` if a limit was met before it was clear.
pub fn happens(prepared: &Prepared<'_>, kind: FactKind, budget: Budget<'_>) -> Option<bool> {
    let world = world_for(prepared, &[Stretch { from: kind, to: kind }], Until::Beyond, Wanted::Verdict);
    let found = budget.ask(|limits| explore::every_timing(&world, &Sighting::of(kind), limits));
    if found.broken != 0 { Some(true) } else { found.limit.is_none().then_some(false) }
}

/// The exact delays of deliveries, in the order of `delays`: one search for each client.
pub fn deliveries(prepared: &Prepared<'_>, delays: &[Delays], budget: Budget<'_>) -> Vec<Spans> {
    let mut all = vec![Spans::Never { states: 0, beyond: None }; delays.len()];
    let places_of = |client: ClientId| -> Vec<usize> {
        (0..delays.len()).filter(|&place| delays[place].client == client).collect()
    };
    let one_by_one = !independent_kinds(&prepared.case.system).is_empty();
    for Alone { asked, alike, .. } in taken_apart(&prepared.case.system) {
        for client in asked {
            let places = places_of(client);
            let stretches: Vec<Stretch> =
                places.iter().map(|&place| Stretch::delivery(delays[place].event, client)).collect();
            let at_a_time = if one_by_one { 1 } else { stretches.len().max(1) };
            let spans: Vec<Spans> =
                stretches.chunks(at_a_time).flat_map(|some| spans(prepared, some, budget)).collect();
            for same in [client].iter().chain(&alike) {
                for (place, spans) in places_of(*same).into_iter().zip(&spans) {
                    all[place].clone_from(spans);
                }
            }
        }
    }
    all
}

/// What measuring `stretches` takes.
pub fn size_of(prepared: &Prepared<'_>, stretches: &[Stretch], budget: Budget<'_>) -> super::Size {
    let (world, gauge) =
        (world_for(prepared, stretches, Until::Beyond, Wanted::Verdict), Gauge::new(stretches));
    let found = budget.ask(|limits| explore::every_timing(&world, &gauge, limits));
    super::Size::default().with(&found)
}
