//! From a path of classes to one run that a person believes.
//!
//! Along the path every instant is kept in the zone: when each event was asked for and when it was
//! due. What is left are all timings of this path. Of these the one is taken in which what races is
//! as far apart as it can be, and then, from left to right, the roundest delay that is still
//! possible. The decisions that this amounts to are run by the ordinary driver, and only a run that
//! does what the path said comes out.

use std::fmt;

use crate::chooser::{About, Occurrences};
use crate::delay::Name;
use crate::enumerate::Enumerate;
use crate::explore::class::{Row, Shape};
use crate::explore::clocks::Clocks;
use crate::explore::gap;
use crate::explore::parametric::{self, Parameter};
use crate::explore::symbolic::{Asked, Desk, Kind, Since, Table, Timed, bound};
use crate::explore::zone::{NEVER, sum};
use crate::explore::zones::Origin;
use crate::explore::{Goal, Length, take};
use crate::follow::Follow;
use crate::machine::{Lane, Machine};
use crate::run::{Ending, Observer, Runner};
use crate::time::{Span, Time};
use crate::trace::{Decision, TraceOf, record, record_until};
use crate::watch::{Monitor, Stopwatch};

/// Why a path is no run that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotReplayed {
    /// It has more events than are timed.
    TooLong(usize),
    /// No clock was found that ticks as it is read along the path: exploring allows more than a clock does.
    NoClock,
    /// The machine that the run is made with ends it before that.
    Beyond,
    /// No time passes while it goes round twice, and only another time round might show that it does.
    StandsStill,
    /// Somewhere on the way nothing is broken, for some time or for none.
    Mended,
    /// The driver does something else. Where no clock is read that is a mistake of the machine's canonical
    /// states, or of the explorer.
    Differs(String),
}

impl fmt::Display for NotReplayed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong(events) => write!(f, "it has {events} events, and {LONGEST} at most are timed"),
            Self::NoClock => f.write_str("no clock ticks as it is read there"),
            Self::Beyond => f.write_str("it is beyond the end of the run"),
            Self::StandsStill => f.write_str("no time passes while it goes round twice"),
            Self::Mended => f.write_str("each time round it is mended, for some time or for none"),
            Self::Differs(what) => write!(f, "made by itself the run differs: {what}"),
        }
    }
}

/// No gap is wider, in microseconds: some twelve days.
const WIDEST: i64 = 1 << 40;
/// The most events of a path that is timed: all its instants are kept, and that takes the cube of them.
const LONGEST: usize = 2_000;
/// How many events of the run there may be, at first, for each one that is looked for in it.
const SOON: u64 = 16;

/// All timings of one path.
struct Timings<E> {
    table: Table<E>,
    /// The row that fired in each step.
    fired: Vec<usize>,
    /// By step: the rows that could have fired before it.
    rivals: Vec<Vec<usize>>,
    /// The event of each step and the lane that it came on; nothing where the run was over.
    events: Vec<Option<(Option<Lane>, E)>>,
    /// By row: the row at whose instant it was asked for.
    made_at: Vec<usize>,
}

/// An event that a run must have.
struct Wanted<E> {
    at: Time,
    lane: Option<Lane>,
    event: E,
}

/// The run of `path` that is easiest to believe; of one that goes on for ever to the end of the first round, or
/// of the second, if time passes only between the two.
pub(crate) fn concrete<M, J>(
    machines: (&M, &M),
    monitor: &J,
    wanted: (Goal, Kind),
    path: &[Origin],
    (round, length): (Option<usize>, Length),
) -> Result<(TraceOf<M>, i64), NotReplayed>
where
    M: Machine<Effect = ()>,
    J: Monitor<M::Fact>,
{
    let found = made(machines, monitor, wanted, path, (round, length));
    match (&found, round) {
        (Err(NotReplayed::StandsStill), Some(before)) => {
            let twice: Vec<Origin> = path.iter().chain(&path[before + 1..]).copied().collect();
            // What leads back may lead on otherwise from where more is possible.
            made(machines, monitor, wanted, &twice, (round, length)).or(found)
        }
        _ => found,
    }
}

/// The run of `path`, to its end.
fn made<M, J>(
    (machine, whole): (&M, &M),
    monitor: &J,
    (goal, kind): (Goal, Kind),
    path: &[Origin],
    (round, length): (Option<usize>, Length),
) -> Result<(TraceOf<M>, i64), NotReplayed>
where
    M: Machine<Effect = ()>,
    J: Monitor<M::Fact>,
{
    if path.len() > LONGEST {
        return Err(NotReplayed::TooLong(path.len() - 1));
    }
    // What is found as soon as it happens says nothing of what becomes of marks after that.
    let settled = matches!(goal, Goal::ForEver(_) | Goal::Lost(_));
    let Some(mut timings) = timings(machine, monitor, path, (kind, settled)) else {
        return Err(NotReplayed::Differs("a step of it is none".into()));
    };
    timings.attain(goal);
    let clocks = timings.clocks();
    let Some(gap) = timings.widen_by_clocks(&clocks) else {
        return Err(NotReplayed::NoClock);
    };
    if let Some(before) = round {
        timings.let_time_pass(before);
    }
    let values = timings.choose();
    let decisions = timings.decisions(&values, &clocks);
    let steps = timings.fired.iter().zip(&timings.events);
    let wanted: Vec<Wanted<M::Event>> = steps
        .filter_map(|(&row, event)| {
            let at = Time(values[row] as u64);
            event.map(|(lane, event)| Wanted { at, lane, event })
        })
        .collect();
    let (decisions, numbers) = with_ties(whole, decisions, &wanted)?;
    let last = numbers.last().copied().unwrap_or(0);
    let is_met = |trace: &TraceOf<M>| {
        let mut watcher = Watcher { monitor: monitor.clone(), watch: Stopwatch::default(), goal, met: false };
        trace.tell::<M>(&mut watcher);
        watcher.met
    };
    let trace = match round {
        None => {
            let beginning = record_until(whole, Follow::new(&decisions), last);
            // What is reached only at the end of the run is reached soon after that: what was left out of
            // the machine that was explored may still be on its way.
            match length {
                _ if is_met(&beginning) => beginning,
                Length::ToTheEnd => record(whole, Follow::new(&decisions)),
                Length::UntilReached => {
                    let soon = SOON * (wanted.len() as u64 + 1);
                    record_until(whole, Follow::new(&decisions), last + soon)
                }
            }
        }
        // To the end of the first round; the number of an event is how many there were with it.
        Some(before) => {
            let before = before.checked_sub(1).map_or(0, |place| numbers[place]);
            let trace = record_until(whole, Follow::new(&decisions), last);
            // Only another time round might show that time goes on.
            let first = trace.steps.get(before as usize).map(|step| step.at);
            if first == trace.steps.last().map(|step| step.at) {
                return Err(NotReplayed::StandsStill);
            }
            TraceOf::<M> { ending: Ending::ForEver(before as u32), ..trace }
        }
    };
    if is_met(&trace) {
        Ok((trace, gap))
    } else {
        Err(NotReplayed::Differs("it does not come to what was looked for".into()))
    }
}

/// The values of `parameter` in `range` for which `path` is possible: the least and the greatest.
pub(crate) fn possible<M, J>(
    machine: &M,
    monitor: &J,
    (path, kind, settled): (&[Origin], Kind, bool),
    parameter: &Parameter,
    range: (Span, Span),
) -> Option<(Span, Span)>
where
    M: Machine<Effect = ()>,
    J: Monitor<M::Fact>,
{
    let timings = timings(machine, monitor, path, (kind, settled))?;
    let known = timings.table.known.as_deref().unwrap_or_default();
    parameter.possible(known, timings.table.rows.len(), range)
}

/// The delays that make the span that `goal` is about as long, or as short, as it is.
pub(crate) fn chain<M, J>(
    machine: &M,
    monitor: &J,
    (path, kind): (&[Origin], Kind),
    goal: Goal,
) -> Option<Vec<(Name, Span)>>
where
    M: Machine<Effect = ()>,
    J: Monitor<M::Fact>,
{
    let Timings { table, .. } = timings(machine, monitor, path, (kind, false))?;
    let (slot, greatest) = match goal {
        Goal::Breaks(_) | Goal::Lost(_) | Goal::ForEver(_) => return None,
        Goal::AtLeast(slot, _) => (slot, true),
        Goal::AtMost(slot, _) => (slot, false),
    };
    let (_, mark) = *table.measured.iter().find(|(known, _)| *known == slot)?;
    let (from, to) = if greatest { (mark, table.now) } else { (table.now, mark) };
    let known = table.known.as_deref().unwrap_or_default();
    let mut chain = parametric::chain(known, table.rows.len(), from, to)?;
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

/// Takes the steps of `path` again, keeping every instant; `settled` says whether the last step was
/// followed to its end, or only until what was looked for had happened. Nothing if what was a step once is
/// none here.
fn timings<M, J>(
    machine: &M,
    monitor: &J,
    path: &[Origin],
    (kind, settled): (Kind, bool),
) -> Option<Timings<M::Event>>
where
    M: Machine<Effect = ()>,
    J: Monitor<M::Fact>,
{
    let mut table = Table::new(Timed::All);
    table.kind = kind;
    table.begin();
    table.log = Some(Vec::new());
    table.known = Some(Vec::new());
    let (mut fired, mut rivals) = (Vec::new(), Vec::new());
    let mut events = Vec::new();
    let mut made_at = vec![0];
    let mut state: Option<M::State> = None;
    let mut monitor = monitor.clone();
    let mut facts = Vec::new();
    let (mut shape, mut kept) = (Shape::empty(), Vec::new());
    for (number, origin) in path.iter().enumerate() {
        let what = kept.get(usize::from(origin.row)).and_then(|&at| table.rows[at]);
        let before = (origin.turn > 0).then(|| (table.copy(), state.clone()));
        let mut decide = Enumerate::new();
        for turn in 0..=origin.turn {
            if turn > 0 {
                if let Some(before) = &before {
                    table = before.0.copy();
                    state.clone_from(&before.1);
                }
                if !decide.advance() {
                    return None;
                }
            }
            table.decide = decide;
            facts.clear();
            state = Some(match state.take() {
                None => machine.start(&mut Desk { machine, table: &mut table, facts: &mut facts }),
                Some(mut state) => {
                    let at = *kept.get(usize::from(origin.row))?;
                    let event = table.pass(at);
                    take(machine, &mut state, event, &mut table, &mut facts);
                    state
                }
            });
            if turn < origin.turn {
                // What the monitor asks, and what becomes of its marks, are decisions too.
                table.tell(&mut monitor.clone(), &facts);
                table.finish(&mut shape, &mut Vec::new());
            }
            decide = std::mem::take(&mut table.decide);
        }
        table.decide = decide;
        if origin.from.is_some() {
            let at = kept[usize::from(origin.row)];
            fired.push(at);
            rivals.push(table.rivals.clone());
            events.push(match what {
                Some(Row::Timer(event)) => Some((None, event)),
                Some(Row::Message(lane, event)) => Some((Some(lane), event)),
                Some(Row::Over | Row::Mark(..) | Row::Tick(..) | Row::Phase(_)) | None => None,
            });
        }
        table.tell(&mut monitor, &facts);
        let broken = monitor.broken();
        monitor.forget(broken);
        if let Some(state) = &mut state {
            machine.canonical(state);
        }
        made_at.resize(table.rows.len(), table.now);
        if settled || number + 1 < path.len() {
            table.finish(&mut shape, &mut kept);
        }
    }
    Some(Timings { table, fired, rivals, events, made_at })
}

impl<E: Copy + Eq + Ord> Timings<E> {
    /// Keeps the timings in which `goal` is reached, where it is about a span.
    fn attain(&mut self, goal: Goal) {
        let (now, zone) = (self.table.now, &mut self.table.zone);
        let mut rows = self.table.measured.iter();
        match goal {
            Goal::Breaks(_) | Goal::Lost(_) | Goal::ForEver(_) => {}
            Goal::AtLeast(slot, least) => {
                let least = bound(least);
                let fits = |&&(known, mark): &&(u64, usize)| known == slot && zone.at(now, mark) >= least;
                if let Some(&(_, mark)) = rows.find(fits) {
                    zone.restrict(mark, now, -least);
                }
            }
            Goal::AtMost(slot, most) => {
                let most = bound(most);
                let fits = |&&(known, mark): &&(u64, usize)| known == slot && -zone.at(mark, now) <= most;
                if let Some(&(_, mark)) = rows.find(fits) {
                    zone.restrict(now, mark, most);
                }
            }
        }
    }

    /// The pairs of events of which the second was already pending when the first one happened, and
    /// could have come before it; of several such seconds the one that happens next.
    fn races(&self) -> Vec<(usize, usize)> {
        let next = |place: usize| {
            let mut later = self.fired[place + 1..].iter();
            later.find(|row| self.rivals[place].contains(row)).map(|second| (self.fired[place], *second))
        };
        (0..self.fired.len()).filter_map(next).collect()
    }

    /// Keeps the timings in which what races is as far apart as it can be, in round numbers. The gap.
    fn widen(&mut self) -> i64 {
        let races = self.races();
        let gap = round_down(gap::widest(&self.table.zone, &races, WIDEST));
        for (first, second) in races {
            self.table.zone.restrict(first, second, -gap);
        }
        gap
    }

    /// The clocks of the path, each with a row for its phase.
    fn clocks(&mut self) -> Clocks {
        let mut clocks = Clocks::default();
        for asked in self.table.log.iter().flatten() {
            if let Asked::Tick { clock, at } = asked {
                clocks.tick(clock, *at, &mut self.table.zone);
            }
        }
        self.made_at.resize(self.table.zone.rows(), 0);
        clocks
    }

    /// Keeps what clocks allow of the timings in which what races is as far apart as it can be. If they
    /// allow none of these, those in which it is as far apart as they allow. The gap.
    fn widen_by_clocks(&mut self, clocks: &Clocks) -> Option<i64> {
        if clocks.is_empty() {
            return Some(self.widen());
        }
        let all = self.table.zone.clone();
        let gap = self.widen();
        let values = self.choose();
        if clocks.keep(&mut self.table.zone, &values) {
            return Some(gap);
        }
        self.table.zone = all;
        clocks.keep(&mut self.table.zone, &values).then(|| self.widen())
    }

    /// Keeps the timings in which time passes from the end of so many events on, if there are any.
    fn let_time_pass(&mut self, events: usize) {
        let from = events.checked_sub(1).map_or(0, |last| self.fired[last]);
        if let Some(&to) = self.fired.last()
            && self.table.zone.allows(from, to, -1)
        {
            self.table.zone.restrict(from, to, -1);
        }
    }

    /// An instant for each row: from left to right, the roundest delay that is still possible.
    fn choose(&self) -> Vec<i64> {
        let zone = &self.table.zone;
        let mut values = vec![0; zone.rows()];
        // As the zone is closed, what is chosen only has to keep what is bounded by it directly.
        let mut earliest: Vec<i64> = (0..values.len()).map(|row| -zone.at(0, row)).collect();
        let mut latest: Vec<i64> = (0..values.len()).map(|row| zone.at(row, 0)).collect();
        for row in 1..values.len() {
            let (low, high) = (earliest[row], latest[row]);
            let from = values[self.made_at[row]];
            // What need not happen is put a round while off.
            let most = if high == NEVER { (low - from).max(1).saturating_mul(10) } else { high - from };
            values[row] = from + roundest(low - from, most);
            for later in row + 1..values.len() {
                latest[later] = latest[later].min(sum(values[row], zone.at(later, row)));
                if zone.at(row, later) != NEVER {
                    earliest[later] = earliest[later].max(values[row] - zone.at(row, later));
                }
            }
        }
        values
    }

    /// The decisions that make a driver do what `values` say, but for ties.
    fn decisions(&self, values: &[i64], clocks: &Clocks) -> Vec<Decision> {
        let mut occurrences = Occurrences::new();
        let mut decisions: Vec<Decision> = Vec::new();
        let mut put = |about: About, name: &Name, value: u64, range: (u64, u64)| {
            let occurrence = occurrences.next(about.key(name));
            decisions.push(Decision { about, name: name.clone(), occurrence, value, range });
        };
        let mut read: Vec<u32> = Vec::new();
        for asked in self.table.log.iter().flatten() {
            match asked {
                Asked::Delay { delay, from, due } => {
                    let interval = delay.interval();
                    if interval.min < interval.max {
                        let (min, max) = (interval.min.0, interval.max.0);
                        let value = (values[*due] - values[*from]) as u64;
                        put(About::Delay, delay.name(), value.clamp(min, max), (min, max));
                    }
                }
                Asked::Choice { choice, outcome } => {
                    let last = choice.outcomes().last().unwrap_or(0) as u64;
                    put(About::Choice, choice.name(), *outcome as u64, (0, last));
                }
                Asked::Tick { clock, .. } => {
                    if !read.contains(&clock.name().key()) {
                        read.push(clock.name().key());
                        let last = clock.resolution().0 - 1;
                        put(About::Phase, clock.name(), clocks.phase(clock, values), (0, last));
                    }
                }
            }
        }
        decisions
    }
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
                next.is_some_and(|next| pending.peek(first, *choice) == (next.lane, next.event))
            };
            number += 1;
            let next = (0..first.ties).find(is_next);
            if next.is_some() {
                left = &left[1..];
                numbers.push(number);
            }
            let choice = next.unwrap_or(0);
            if first.ties > 1 {
                ties.push((choice as u64, first.ties as u64 - 1));
            }
            choice
        });
        match (left.first(), ending) {
            (None, _) => break,
            (Some(_), Ending::Over) => return Err(NotReplayed::Beyond),
            (Some(_), Ending::TooLong) if most < Runner::<M, Follow>::MAX_EVENTS => most *= 16,
            (Some(next), Ending::Quiet | Ending::TooLong | Ending::ForEver(_)) => {
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

/// Judges a run of the ordinary driver.
struct Watcher<J> {
    monitor: J,
    watch: Stopwatch,
    goal: Goal,
    met: bool,
}

impl<M: Machine, J: Monitor<M::Fact>> Observer<M> for Watcher<J> {
    fn noted(&mut self, at: Time, fact: &M::Fact) {
        self.watch.at(at);
        self.monitor.noted(fact, &mut self.watch);
        self.took();
    }

    fn ended(&mut self, _: Time, ending: Ending) {
        if ending != Ending::TooLong {
            self.monitor.ended(&self.watch);
            self.took();
        }
    }
}

impl<J> Watcher<J> {
    fn took<F>(&mut self)
    where
        J: Monitor<F>,
    {
        let measured = self.watch.take_measured().into_iter();
        let spans = measured.map(|(slot, span)| (slot, bound(span), bound(span)));
        let goal = match self.goal {
            Goal::ForEver(rules) | Goal::Lost(rules) => Goal::Breaks(rules),
            goal @ (Goal::Breaks(_) | Goal::AtLeast(..) | Goal::AtMost(..)) => goal,
        };
        self.met |= goal.is_met(self.monitor.broken(), spans);
    }
}

/// The greatest number of one digit and zeros that is not above `value`.
fn round_down(value: i64) -> i64 {
    let unit = 10_i64.pow(value.max(1).ilog10());
    value / unit * unit
}

/// The number from `low` to `high` with the most trailing zeros, of several the least; 0 is the
/// roundest.
fn roundest(low: i64, high: i64) -> i64 {
    if low <= 0 && high >= 0 {
        return 0;
    }
    let mut unit = 1_000_000_000_000_i64;
    loop {
        let above = low.div_euclid(unit) * unit + if low.rem_euclid(unit) == 0 { 0 } else { unit };
        if above <= high {
            return above;
        }
        unit /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_numbers_are_those_with_the_fewest_digits() {
        let picked = [(3, 7), (17, 23), (1_234, 1_299), (99, 101), (5, 5), (0, 9), (1_001, 10_000_000)];
        let round: Vec<i64> = picked.iter().map(|&(low, high)| roundest(low, high)).collect();
        assert_eq!(round, [3, 20, 1_240, 100, 5, 0, 10_000_000]);
        assert_eq!([round_down(0), round_down(7), round_down(4_567)], [0, 7, 4_000]);
    }
}
