//! From a run to the picture of its race.
//!
//! A picture is drawn for one invariant and from the same [`Why`] as the sentence: which pair of instants
//! decided it (the focus), which window was the dangerous one (the band), and all instants that the sentence
//! names. What is before the turn of the loop in which the first of them lies is left out.

mod bars;
mod marks;
mod painter;

use punctual_model::{Breach, Fact, Identity, OrderId, Rule, StepId, TaskId};
use punctual_reports::picture::Race;
use punctual_scenarios::{Outcome, StepRef};
use punctual_sim::Time;

use self::painter::Painter;
use crate::story::{FactId, Outcome as Sent, Story};
use crate::why::{Cause, How, Lost, NotLooked, Obstacle, TimedOut, Why};
use punctual_judging::counterexample::Counterexample;
use punctual_judging::sampling::Prepared;

/// What decided a run, for one invariant.
struct Decision {
    /// The pair of instants.
    focus: (Time, Time),
    /// What lies between them, or the window around them.
    band: Option<(Time, Time, String)>,
    /// The first instant worth showing.
    from: Time,
    /// The last instant worth showing.
    until: Time,
}

/// The picture of a run that breaks `rule` as `breach` says.
pub fn race(story: &Story<'_>, rule: Rule, breach: Breach) -> Race {
    of_why(story, &Why::of(story, rule, breach))
}

/// The picture of a run that breaks an invariant, for this reason.
pub fn of_why(story: &Story<'_>, why: &Why) -> Race {
    let decision = decision(story, why);
    Painter::new(story, &decision, Some(why)).paint()
}

/// The picture of a run around two of its instants.
pub fn around(story: &Story<'_>, focus: (Time, Time)) -> Race {
    let until = last_decisive(story).max(focus.1);
    Painter::new(story, &Decision { focus, band: None, from: focus.0, until }, None).paint()
}

/// The picture of a whole run.
pub fn whole(story: &Story<'_>) -> Race {
    around(story, (Time::ZERO, story.ended_at))
}

/// The picture of a run that contains the named order at `place`: of what it breaks that must be
/// kept, or else of the order itself.
pub fn of_order(story: &Story<'_>, prepared: &Prepared<'_>, place: OrderId, found: &Counterexample) -> Race {
    let interleaving = prepared.case.interleaving(place);
    if let Outcome::Possible { keeps, .. } = &interleaving.outcome {
        let rules = prepared.plan.rules().iter().zip(&found.breaches);
        let mut broken = rules.filter(|(rule, _)| keeps.contains(rule));
        if let Some((rule, breach)) = broken.find_map(|(rule, breach)| Some((*rule, (*breach)?))) {
            return race(story, rule, breach);
        }
    }
    around(story, of_steps(story, &interleaving.order))
}

/// The instants of the first and the last step of an order, where it is first seen; the whole run if
/// it is not.
fn of_steps(story: &Story<'_>, order: &[StepRef]) -> (Time, Time) {
    let named =
        |task: TaskId, number: StepId| order.iter().any(|step| (step.task, step.step) == (task, number));
    let steps: Vec<(Time, TaskId, StepId)> = story
        .facts
        .iter()
        .filter_map(|(at, fact)| match *fact {
            Fact::Did(task, number) if named(task, number) => Some((*at, task, number)),
            _ => None,
        })
        .collect();
    let mut windows = steps.windows(order.len().max(1));
    let found = windows.find(|window| {
        window.iter().zip(order).all(|((_, task, number), step)| (step.task, step.step) == (*task, *number))
    });
    match found {
        Some([first, .., last]) => (first.0, last.0),
        Some(_) | None => (Time::ZERO, story.ended_at),
    }
}

/// The last instant at which something happens that a client could notice, or an event is published.
fn last_decisive(story: &Story<'_>) -> Time {
    let decisive = |fact: &Fact| {
        matches!(
            fact,
            Fact::Arrived { .. }
                | Fact::TimedOut(..)
                | Fact::Closed(_)
                | Fact::Finished(_)
                | Fact::Fetched { .. }
                | Fact::Published { .. }
                | Fact::Cut { .. }
        )
    };
    story.last_before(story.end(), decisive).map_or(story.ended_at, |place| story.at(place))
}

/// What decided a run: the pair of instants and the window of its cause, and all that is told of it.
fn decision(story: &Story<'_>, why: &Why) -> Decision {
    let decided = decided(story, why);
    let told = why.instants(story).into_iter();
    let (from, until) =
        told.fold((decided.from, decided.until), |(from, until), at| (from.min(at), until.max(at)));
    let until = if why.reaches_the_end() { until.max(story.ended_at) } else { until };
    Decision { from: from.min(decided.focus.0), until: until.max(decided.focus.1), ..decided }
}

fn decided(story: &Story<'_>, why: &Why) -> Decision {
    let at = |place: FactId| story.at(place);
    let what = || why.breach.what.map_or_else(|| "event".into(), |what| story.event(what));
    match &why.cause {
        Cause::Lost(lost) | Cause::WaitsForEver(Some(lost)) => of_lost(story, lost),
        Cause::Late { published, arrived } => {
            let label = format!("{} added, not yet arrived", what());
            let decided = between((at(*published), at(*arrived)), &label);
            Decision { until: last_decisive(story).max(decided.until), ..decided }
        }
        Cause::Twice(comings) => {
            let ends = (comings[0].arrived, comings[1].arrived);
            between((at(ends.0), at(ends.1)), "arrives twice")
        }
        Cause::Overtaken { arrived, by } => {
            let before = by.first().map_or(*arrived, |(_, _, before)| *before);
            between((at(before), at(*arrived)), "arrives after what came later")
        }
        Cause::NotThere { fetched, there, .. } => {
            between((at(*fetched), at(there.unwrap_or(*fetched))), "announced, not there")
        }
        Cause::Phantom { sent, undone } => {
            let decided = between((at(*sent), at(*undone)), "announced and undone");
            Decision { until: last_decisive(story).max(decided.until), ..decided }
        }
        Cause::TimedOut(timed_out) => of_timer(story, why, timed_out),
        Cause::CameBack { over, back: end, .. } | Cause::EndsLate { over, closed: end, .. } => {
            between((at(*over), at(*end)), "job over, connection open")
        }
        Cause::StaysOpen { over } => between((at(*over), story.ended_at), "job over, connection open"),
        Cause::EndsEarly { closed, published } => not_looked_for(&what(), (at(*published), at(*closed))),
        Cause::TooMany(requests) => {
            let Some(last) = why.one_too_many(requests) else { return alone(story.ended_at) };
            let before = requests.iter().copied().take_while(|place| *place < last).last();
            let decided = between((at(before.unwrap_or(last)), at(last)), "one more");
            Decision { from: at(requests[0]), ..decided }
        }
        Cause::ShownWrong { showed, failed, .. } => between((at(*showed), at(failed.unwrap_or(*showed))), ""),
        Cause::WaitsForEver(None) | Cause::Untold => alone(last_decisive(story)),
    }
}

/// What lies between a pair of instants decides.
fn between((one, other): (Time, Time), label: &str) -> Decision {
    let (from, to) = (one.min(other), one.max(other));
    let band = (from < to && !label.is_empty()).then(|| (from, to, label.to_owned()));
    Decision { focus: (from, to), band, from, until: to }
}

/// One instant decides.
fn alone(at: Time) -> Decision {
    Decision { focus: (at, at), band: None, from: at, until: at }
}

/// An event was published, and the connection ended.
fn not_looked_for(name: &str, (published, closed): (Time, Time)) -> Decision {
    let (from, to) = (published.min(closed), published.max(closed));
    let label = if closed < published {
        format!("connection ended, {name} not yet added")
    } else {
        format!("{name} added, not looked for")
    };
    Decision { focus: (from, to), band: Some((from, to, label)), from, until: to }
}

fn of_lost(story: &Story<'_>, lost: &Lost) -> Decision {
    let at = |place: FactId| story.at(place);
    let name = story.event(lost.what);
    let published = at(lost.stored.published);
    match &lost.how {
        How::Sent { sent, outcome, .. } => match outcome {
            Sent::LostOnItsWay(broke, _) => between((at(*sent), at(*broke)), &format!("{name} on its way")),
            Sent::NotOnTheLine(since) => {
                let since = since.first().copied().unwrap_or(*sent);
                between((at(since), at(*sent)), &format!("no connection, {name} not yet sent"))
            }
            Sent::Held(held) => between((at(*held), at(*sent)), &format!("held back, {name} not yet sent")),
            Sent::Arrived(_) | Sent::OnItsWay => {
                between((published, at(*sent)), &format!("{name} in the store"))
            }
        },
        How::PassedOver { look, obstacles } => match &obstacles[..] {
            [Obstacle::Dropped(dropped)] => {
                between((published, at(*dropped)), &format!("{name} in the store, never read"))
            }
            [Obstacle::SameTick(_, before, sent)] => {
                let decided = between((at(*before), published), "one tick, one id");
                let arrives = story.since(*sent).find(|(_, fact)| matches!(fact, Fact::Arrived { .. }));
                let until = at(arrives.map_or(look.place, |(arrives, _)| arrives));
                Decision { until: until.max(decided.until), ..decided }
            }
            [Obstacle::Beyond(moves)] => {
                let moved = moves.first().map_or(published, |first| at(first.place));
                let row = moves.first().and_then(|first| row_shown(story, first.place));
                let decided = match row.filter(|row| *row < published && moved >= *row) {
                    Some(row) => Decision {
                        band: Some((row, published, format!("row visible, {name} not yet added"))),
                        from: row,
                        ..between((moved, published), "")
                    },
                    None => between((moved, published), &format!("{name} added, cursor beyond it")),
                };
                let fired = story.first(|fact| matches!(fact, Fact::TimedOut(..)));
                let fired = fired.filter(|fired| *fired >= decided.focus.1);
                Decision { until: fired.unwrap_or(at(look.place)).max(decided.until), ..decided }
            }
            _ => between((published, at(look.place)), &format!("{name} added, not sent")),
        },
        How::NotLooked { reason, .. } => of_not_looked(story, reason, (&name, published)),
    }
}

fn of_not_looked(story: &Story<'_>, reason: &NotLooked, (name, published): (&str, Time)) -> Decision {
    let at = |place: FactId| story.at(place);
    match reason {
        NotLooked::Closed(place) => not_looked_for(name, (published, at(*place))),
        NotLooked::Over(place) | NotLooked::GivenUp(place) | NotLooked::BeganAnew(place) => {
            let label = if at(*place) < published {
                format!("nobody there, {name} not yet added")
            } else {
                format!("{name} added, not looked for")
            };
            between((published, at(*place)), &label)
        }
        NotLooked::Waits(waiting) => match waiting.unheard {
            Some(unheard) => between((at(unheard), waiting.from), "signal given, not yet waited for"),
            None => between((published, waiting.from), ""),
        },
        NotLooked::Never(..) => {
            let end = story.ended_at.min(last_decisive(story)).max(published);
            between((published, end), &format!("{name} added, never looked for"))
        }
        NotLooked::NeverBegins(_) | NotLooked::RunEnds => {
            between((published, story.ended_at), &format!("{name} added, not looked for"))
        }
    }
}

/// When the row became visible of which the announcement tells that moved a cursor at `place`.
fn row_shown(story: &Story<'_>, place: FactId) -> Option<Time> {
    let announced = story.beside(story.doing(place)?).find_map(|(_, fact)| match fact {
        Fact::Sent { what, copy: punctual_model::Origin::Synthesized, .. } => Some(what),
        _ => None,
    });
    let row = story.system.events[usize::from(announced?.event().0)].row?;
    let shows = story.last_before(place, |fact| matches!(*fact, Fact::Visible(of, _) if of == row))?;
    Some(story.at(shows))
}

/// What would have stopped a timer decides, or that it runs.
fn of_timer(story: &Story<'_>, why: &Why, timed_out: &TimedOut) -> Decision {
    let fired = story.at(timed_out.fired);
    let runs = || {
        let name = why.breach.client.map_or("timer", |client| {
            &story.system.clients[usize::from(client.0)].timers[usize::from(timed_out.timer.0)].name
        });
        let started = timed_out.started.map_or(Time::ZERO, |started| story.at(started));
        between((started, fired), &format!("{name} runs"))
    };
    let lost = |what: Identity| Some(of_lost(story, &Lost::of(story, what, why.breach.client?)?));
    match timed_out.stopper {
        Some((what, Some(arrives))) => {
            let arrived = story.at(arrives);
            let Some((published, ..)) = story.published(what) else { return runs() };
            let label = format!("{} added, not yet arrived", story.event(what));
            let band = between((published, arrived), &label);
            Decision { band: band.band, from: published.min(fired), ..between((fired, arrived), "") }
        }
        Some((what, None)) => {
            let decided = lost(what).unwrap_or_else(runs);
            Decision { until: decided.until.max(fired), ..decided }
        }
        None => runs(),
    }
}
