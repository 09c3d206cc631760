//! From a path of classes to one run that a person believes.
//!
//! What the roundest of its timings (`timings`) amounts to are decisions. They are run by the ordinary driver,
//! and only a run that does what the path said comes out.

use crate::chooser::About;
use crate::clocked::Clocked;
use crate::delay::Name;
use crate::explore::not_replayed::{LONGEST, NotReplayed};
use crate::explore::parametric::{self, Parameter};
use crate::explore::pass::{By, Pass};
use crate::explore::query::{Goal, Length};
use crate::explore::symbolic::{Asked, Since, bound};
use crate::explore::timings::{Last, Timings};
use crate::explore::zones::Origin;
use crate::follow::Follow;
use crate::machine::{Channel, Machine};
use crate::pending::{First, Pending};
use crate::run::{Ending, Observer, Runner};
use crate::time::{Span, Time};
use crate::trace::{Decision, Trace, TraceOf, record, record_until};
use crate::watch::Monitor;

/// How many events of the run there may be, at first, for each one that is looked for in it.
const SOON: u64 = 16;

/// The steps of a run that reaches a goal.
pub(crate) struct Path {
    pub(crate) steps: Vec<Origin>,
    pub(crate) by: By,
}

/// An event that a run must have.
struct Wanted<E> {
    at: Time,
    channel: Option<Channel>,
    event: E,
}

/// The decisions of a run, and the events that it must have.
struct Decided<E> {
    decisions: Vec<Decision>,
    wanted: Vec<Wanted<E>>,
    separation: i64,
}

/// The run of `path` that is easiest to believe; of a lasso to the end of the first turn of its cycle, or
/// of the second, if time passes only between the two. Beside it its separation.
pub(crate) fn concrete<M, J>(
    pass: &Pass<'_, M>,
    whole: &M,
    monitor: &J,
    path: &Path,
    length: Length,
) -> Result<(TraceOf<M>, i64), NotReplayed>
where
    M: Machine<Effect = ()>,
    J: Monitor<M::Fact>,
{
    let found = made(pass, whole, monitor, path, length);
    match (&found, path.by) {
        (Err(NotReplayed::Zeno), By::Back(before)) => {
            let twice = path.steps.iter().chain(&path.steps[before + 1..]).copied().collect();
            // What leads back may lead on otherwise from where more is possible.
            made(pass, whole, monitor, &Path { steps: twice, by: path.by }, length).or(found)
        }
        _ => found,
    }
}

/// The run of `path`, to its end.
fn made<M, J>(
    pass: &Pass<'_, M>,
    whole: &M,
    monitor: &J,
    path: &Path,
    length: Length,
) -> Result<(TraceOf<M>, i64), NotReplayed>
where
    M: Machine<Effect = ()>,
    J: Monitor<M::Fact>,
{
    let Some(goal) = pass.goal else { return Err(NotReplayed::Differs("nothing is looked for".into())) };
    let Decided { decisions, wanted, separation } = decided(pass, goal, monitor, path)?;
    let (decisions, numbers) = with_ties(whole, decisions, &wanted)?;
    let last = numbers.last().copied().unwrap_or(0);
    // What every continuation breaks, or a lasso, is broken where the run is over.
    let judged = match goal {
        Goal::Lasso(rules) | Goal::Lost(rules) => Goal::Breaks(rules),
        goal @ (Goal::Breaks(_) | Goal::AtLeast(..) | Goal::AtMost(..)) => goal,
    };
    let is_met = |trace: &TraceOf<M>| {
        let mut clocked = Clocked::new(monitor.clone());
        trace.tell::<M>(&mut clocked);
        let measured = clocked.take_measured().into_iter();
        let spans = measured.map(|(observer, span)| (observer, bound(span), bound(span)));
        judged.is_met(clocked.monitor.broken(), spans)
    };
    let beginning = record_until(whole, Follow::new(&decisions), last);
    let trace = match (path.by, length) {
        (By::Back(before), _) => lasso_of(beginning, before, &numbers)?,
        // What is reached only at the end of the run is reached soon after that: what was left out of
        // the machine that was explored may still be on its way.
        _ if is_met(&beginning) => beginning,
        (By::Step | By::Class, Length::ToTheEnd) => record(whole, Follow::new(&decisions)),
        (By::Step | By::Class, Length::UntilReached) => {
            let soon = SOON * (wanted.len() as u64 + 1);
            record_until(whole, Follow::new(&decisions), last + soon)
        }
    };
    if is_met(&trace) {
        Ok((trace, separation))
    } else {
        Err(NotReplayed::Differs("it does not come to what was looked for".into()))
    }
}

/// The timing of `path` that is easiest to believe.
fn decided<M, J>(
    pass: &Pass<'_, M>,
    goal: Goal,
    monitor: &J,
    path: &Path,
) -> Result<Decided<M::Event>, NotReplayed>
where
    M: Machine<Effect = ()>,
    J: Monitor<M::Fact>,
{
    if path.steps.len() > LONGEST {
        return Err(NotReplayed::TooLong(path.steps.len() - 1));
    }
    // What is found as soon as it happens says nothing of what becomes of observer clocks after that.
    let last = match goal {
        Goal::Lasso(_) | Goal::Lost(_) => Last::ToItsEnd,
        Goal::Breaks(_) | Goal::AtLeast(..) | Goal::AtMost(..) => Last::UntilMet,
    };
    let Some(mut timings) = Timings::of(pass, monitor, &path.steps, last) else {
        return Err(NotReplayed::Differs("a step of it is none".into()));
    };
    timings.attain(goal);
    let clocks = timings.clocks();
    let Some(separation) = timings.widen_by_clocks(&clocks) else {
        return Err(NotReplayed::NoClock);
    };
    if let By::Back(before) = path.by {
        timings.let_time_pass(before);
    }
    let values = timings.choose();
    let steps = timings.fired.iter().zip(&timings.events);
    let wanted = steps.filter_map(|(&index, event)| {
        let at = Time(values[index] as u64);
        event.map(|(channel, event)| Wanted { at, channel, event })
    });
    Ok(Decided { wanted: wanted.collect(), decisions: timings.decisions(&values, &clocks), separation })
}

/// A lasso, to the end of the first turn of its cycle. `numbers` are those of the events of its path; that
/// of an event is how many there were with it.
fn lasso_of<E: Copy + PartialEq, F>(
    run: Trace<E, F>,
    before: usize,
    numbers: &[u64],
) -> Result<Trace<E, F>, NotReplayed> {
    let before = before.checked_sub(1).map_or(0, |place| numbers[place]);
    // Only another turn might show that time goes on.
    let first = run.steps.get(before as usize).map(|step| step.at);
    if first == run.steps.last().map(|step| step.at) {
        return Err(NotReplayed::Zeno);
    }
    Ok(Trace { ending: Ending::Lasso(before as u32), ..run })
}

/// The values of `parameter` in `range` for which `path` is possible: the least and the greatest.
pub(crate) fn possible<M, J>(
    pass: &Pass<'_, M>,
    monitor: &J,
    path: &Path,
    parameter: &Parameter,
    range: (Span, Span),
) -> Option<(Span, Span)>
where
    M: Machine<Effect = ()>,
    J: Monitor<M::Fact>,
{
    let last = match path.by {
        By::Step => Last::UntilMet,
        By::Class | By::Back(_) => Last::ToItsEnd,
    };
    let timings = Timings::of(pass, monitor, &path.steps, last)?;
    let known = timings.table.known.as_deref().unwrap_or_default();
    parameter.possible(known, timings.table.clocks.len(), range)
}

/// The delays that make the span that is looked for as long, or as short, as it is.
pub(crate) fn chain<M, J>(pass: &Pass<'_, M>, monitor: &J, path: &[Origin]) -> Option<Vec<(Name, Span)>>
where
    M: Machine<Effect = ()>,
    J: Monitor<M::Fact>,
{
    let Timings { table, .. } = Timings::of(pass, monitor, path, Last::UntilMet)?;
    let (observer, greatest) = match pass.goal? {
        Goal::Breaks(_) | Goal::Lost(_) | Goal::Lasso(_) => return None,
        Goal::AtLeast(observer, _) => (observer, true),
        Goal::AtMost(observer, _) => (observer, false),
    };
    let (_, started) = *table.measured.iter().find(|(known, _)| *known == observer)?;
    let (from, to) = if greatest { (started, table.now) } else { (table.now, started) };
    let known = table.known.as_deref().unwrap_or_default();
    let mut chain = parametric::chain(known, table.clocks.len(), from, to)?;
    if !greatest {
        chain.reverse();
    }
    let name = |key: u32| {
        table.log.iter().flatten().find_map(|asked| match asked {
            Asked::Delay { delay, .. } if delay.name().key() == key => Some(delay.name().clone()),
            _ => None,
        })
    };
    let parts = chain.iter().filter_map(|known| match known.since {
        Since::Least(key) | Since::Greatest(key) => Some((name(key)?, Span(known.bound.unsigned_abs()))),
        Since::Beyond(_) | Since::Order => None,
    });
    Some(parts.collect())
}

/// Which of what may come first does, where that is nothing that is wanted next: nothing that is wanted later at this instant; if
/// need be what is before a wanted message on its channel.
fn besides<E: Copy + Eq>(pending: &Pending<E>, first: First, left: &[Wanted<E>]) -> usize {
    let is_wanted = |choice: &usize| {
        let seen = pending.peek(first, *choice);
        left.iter().take_while(|one| one.at == first.due).any(|one| seen == (one.channel, one.event))
    };
    let is_before = |choice: &usize| {
        let (channel, _) = pending.peek(first, *choice);
        channel.is_some() && left.first().is_some_and(|one| one.channel == channel)
    };
    let all = || 0..first.ties;
    let others = || all().find(|choice| !is_wanted(choice));
    all()
        .take(1)
        .find(|first| !is_wanted(first))
        .or_else(|| all().find(is_before))
        .or_else(others)
        .unwrap_or(0)
}

/// The decisions of a run in which the events of `wanted` happen, with those about ties, and the numbers
/// of these events in it. Other events may happen too: a machine that was explored without some of its alarms has them here.
fn with_ties<M: Machine<Effect = ()>>(
    machine: &M,
    mut decisions: Vec<Decision>,
    wanted: &[Wanted<M::Event>],
) -> Result<(Vec<Decision>, Vec<u64>), NotReplayed> {
    let (mut ties, mut numbers) = (Vec::new(), Vec::new());
    let mut most = SOON * (wanted.len() as u64 + 1);
    loop {
        let mut left = wanted;
        let mut number = 0;
        ties.clear();
        numbers.clear();
        let mut runner = Runner::new(machine, Follow::new(&decisions)).stop_after(most);
        let ending = runner.run_picking(&mut Nobody, |pending, first, _| {
            let is_next = |choice: &usize| {
                let next = left.first().filter(|next| next.at == first.due);
                next.is_some_and(|next| pending.peek(first, *choice) == (next.channel, next.event))
            };
            number += 1;
            let next = (0..first.ties).find(is_next);
            if next.is_some() {
                left = &left[1..];
                numbers.push(number);
            }
            let choice = next.unwrap_or_else(|| besides(pending, first, left));
            if first.ties > 1 {
                ties.push((choice as u64, first.ties as u64 - 1));
            }
            choice
        });
        match (left.first(), ending) {
            (None, _) => break,
            (Some(_), Ending::Over) => return Err(NotReplayed::Beyond),
            (Some(_), Ending::TooLong) if most < Runner::<M, Follow>::MAX_EVENTS => most *= 16,
            (Some(next), Ending::Quiet | Ending::TooLong | Ending::Lasso(_)) => {
                let what = format!("{:?} does not happen at {}", next.event, next.at);
                return Err(NotReplayed::Differs(what));
            }
        }
    }
    let ties = ties.into_iter().enumerate().map(|(occurrence, (value, last))| Decision {
        about: About::Tie,
        name: Name::new(""),
        occurrence: occurrence as u32,
        value,
        range: (0, last),
    });
    decisions.extend(ties);
    Ok((decisions, numbers))
}

/// Watches nothing.
struct Nobody;

impl<M: Machine> Observer<M> for Nobody {
    fn noted(&mut self, _: Time, _: &M::Fact) {}
}
