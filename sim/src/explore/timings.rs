//! All timings of one path of classes, and the one among them that is easiest to believe.
//!
//! Along the path every instant is kept in the zone: when each event was asked for and when it was
//! due. What is left are all timings of this path. Of these the one is taken with the widest separation, and then, from left
//! to right, the roundest delay that is still possible.

use crate::chooser::{About, Occurrences};
use crate::delay::Name;
use crate::enumerate::Enumerate;
use crate::explore::class::{EnabledSet, ZoneClock};
use crate::explore::clocks::Clocks;
use crate::explore::desk::{start, take};
use crate::explore::pass::Pass;
use crate::explore::query::Goal;
use crate::explore::separation::{self, Concurrent};
use crate::explore::symbolic::{Asked, Table, Timed, bound};
use crate::explore::zone::{NEVER, sum};
use crate::explore::zones::Origin;
use crate::machine::{Channel, Machine};
use crate::trace::Decision;
use crate::watch::{Monitor, ObserverClock};

/// No separation is wider, in microseconds: some twelve days.
const WIDEST: i64 = 1 << 40;

/// All timings of one path.
pub(crate) struct Timings<E> {
    pub(crate) table: Table<E>,
    /// By step: the index of the event that happened in it.
    pub(crate) fired: Vec<usize>,
    /// By step: the indices of the events that were concurrent with it.
    concurrent: Vec<Vec<usize>>,
    /// The event of each step and the FIFO channel that it came on; nothing where the run was over.
    pub(crate) events: Vec<Option<(Option<Channel>, E)>>,
    /// By index: that of the instant at which it was asked for.
    made_at: Vec<usize>,
}

/// How far the last step of a path is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Last {
    /// Until what was looked for has happened.
    UntilMet,
    /// To its end.
    ToItsEnd,
}

/// The steps of a path, taken again one after the other; every instant is kept.
struct Walk<'w, M: Machine, J> {
    machine: &'w M,
    monitor: J,
    table: Table<M::Event>,
    state: Option<M::State>,
    facts: Vec<M::Fact>,
    enabled: EnabledSet<M::Event>,
    /// The indices of the clocks of the class that the last step led to.
    kept: Vec<usize>,
}

impl<'w, M, J> Walk<'w, M, J>
where
    M: Machine<Effect = ()>,
    J: Monitor<M::Fact>,
{
    fn new(pass: &Pass<'w, M>, monitor: &J) -> Self {
        let mut table = Table::new(Timed::All);
        table.kind = pass.kind;
        table.begin();
        table.log = Some(Vec::new());
        table.known = Some(Vec::new());
        Self {
            machine: pass.machine,
            monitor: monitor.clone(),
            table,
            state: None,
            facts: Vec::new(),
            enabled: EnabledSet::empty(),
            kept: Vec::new(),
        }
    }

    /// Takes a step, in the turn that `origin` says. Nothing if it is no step here.
    fn take(&mut self, origin: Origin) -> Option<()> {
        let before = (origin.turn > 0).then(|| (self.table.copy(), self.state.clone()));
        let mut decide = Enumerate::new();
        for turn in 0..=origin.turn {
            if let Some((table, state)) = before.as_ref().filter(|_| turn > 0) {
                self.table = table.copy();
                self.state.clone_from(state);
                if !decide.advance() {
                    return None;
                }
            }
            self.table.decide = decide;
            self.happen(origin)?;
            if turn < origin.turn {
                // What the monitor asks, and what becomes of its observer clocks, are decisions too.
                self.table.tell(&mut self.monitor.clone(), &self.facts);
                self.table.finish(&mut self.enabled, &mut Vec::new());
            }
            decide = std::mem::take(&mut self.table.decide);
        }
        self.table.decide = decide;
        Some(())
    }

    /// Lets the machine take its step.
    fn happen(&mut self, origin: Origin) -> Option<()> {
        let Self { machine, table, facts, .. } = self;
        facts.clear();
        self.state = Some(match self.state.take() {
            None => start(*machine, table, facts),
            Some(mut state) => {
                let event = table.pass(*self.kept.get(usize::from(origin.index))?);
                take(*machine, &mut state, event, table, facts);
                state
            }
        });
        Some(())
    }

    /// Lets the monitor hear of the step that was taken.
    fn judge(&mut self) {
        self.table.tell(&mut self.monitor, &self.facts);
        let broken = self.monitor.broken();
        self.monitor.forget(broken);
        if let Some(state) = &mut self.state {
            self.machine.canonical(state);
        }
    }
}

impl<E: Copy + Eq + Ord> Timings<E> {
    /// Takes the steps of a path again; `last` says how far the last of them is followed. Nothing if what was a
    /// step once is none here.
    pub(crate) fn of<M, J>(pass: &Pass<'_, M>, monitor: &J, path: &[Origin], last: Last) -> Option<Self>
    where
        M: Machine<Effect = (), Event = E>,
        J: Monitor<M::Fact>,
    {
        let mut walk = Walk::new(pass, monitor);
        let (mut fired, mut concurrent, mut events, mut made_at) =
            (Vec::new(), Vec::new(), Vec::new(), vec![0]);
        for (number, origin) in path.iter().enumerate() {
            let at = walk.kept.get(usize::from(origin.index)).copied();
            let what = at.and_then(|at| walk.table.clocks[at]);
            walk.take(*origin)?;
            if let Some(at) = at.filter(|_| origin.from.is_some()) {
                fired.push(at);
                concurrent.push(walk.table.concurrent.clone());
                events.push(match what {
                    Some(ZoneClock::Timer(event)) => Some((None, event)),
                    Some(ZoneClock::Message(channel, event)) => Some((Some(channel), event)),
                    Some(
                        ZoneClock::Over | ZoneClock::Observer(..) | ZoneClock::Tick(..) | ZoneClock::Phase(_),
                    )
                    | None => None,
                });
            }
            walk.judge();
            made_at.resize(walk.table.clocks.len(), walk.table.now);
            if last == Last::ToItsEnd || number + 1 < path.len() {
                walk.table.finish(&mut walk.enabled, &mut walk.kept);
            }
        }
        Some(Self { table: walk.table, fired, concurrent, events, made_at })
    }

    /// Keeps the timings in which `goal` is reached, where it is about a span.
    pub(crate) fn attain(&mut self, goal: Goal) {
        let (now, zone) = (self.table.now, &mut self.table.zone);
        let mut measured = self.table.measured.iter();
        match goal {
            Goal::Breaks(_) | Goal::Lost(_) | Goal::Lasso(_) => {}
            Goal::AtLeast(observer, least) => {
                let least = bound(least);
                let fits = |&&(known, started): &&(ObserverClock, usize)| {
                    known == observer && zone.at(now, started) >= least
                };
                if let Some(&(_, started)) = measured.find(fits) {
                    zone.restrict(started, now, -least);
                }
            }
            Goal::AtMost(observer, most) => {
                let most = bound(most);
                let fits = |&&(known, started): &&(ObserverClock, usize)| {
                    known == observer && -zone.at(started, now) <= most
                };
                if let Some(&(_, started)) = measured.find(fits) {
                    zone.restrict(now, started, most);
                }
            }
        }
    }

    /// The pairs of concurrent events; of several that are concurrent with one, that which happens next.
    fn concurrent(&self) -> Vec<Concurrent> {
        let next = |place: usize| {
            let mut later = self.fired[place + 1..].iter();
            let second = later.find(|index| self.concurrent[place].contains(index));
            second.map(|second| Concurrent { first: self.fired[place], second: *second })
        };
        (0..self.fired.len()).filter_map(next).collect()
    }

    /// Keeps the timings with the widest separation, in round numbers. That separation.
    fn widen(&mut self) -> i64 {
        let pairs = self.concurrent();
        let separation = round_down(separation::widest(&self.table.zone, &pairs, WIDEST));
        for Concurrent { first, second } in pairs {
            self.table.zone.restrict(first, second, -separation);
        }
        separation
    }

    /// The clocks that are read along the path, each with an index for its phase.
    pub(crate) fn clocks(&mut self) -> Clocks {
        let mut clocks = Clocks::default();
        for asked in self.table.log.iter().flatten() {
            if let Asked::Tick { clock, at } = asked {
                clocks.tick(clock, *at, &mut self.table.zone);
            }
        }
        self.made_at.resize(self.table.zone.clocks(), 0);
        clocks
    }

    /// Keeps what clocks allow of the timings with the widest separation. If they allow none of these, those with the
    /// widest that they allow. That separation.
    pub(crate) fn widen_by_clocks(&mut self, clocks: &Clocks) -> Option<i64> {
        if clocks.is_empty() {
            return Some(self.widen());
        }
        let all = self.table.zone.clone();
        let separation = self.widen();
        let values = self.choose();
        if clocks.keep(&mut self.table.zone, &values) {
            return Some(separation);
        }
        self.table.zone = all;
        clocks.keep(&mut self.table.zone, &values).then(|| self.widen())
    }

    /// Keeps the timings in which time passes from the end of so many events on, if there are any.
    pub(crate) fn let_time_pass(&mut self, events: usize) {
        let from = events.checked_sub(1).map_or(0, |last| self.fired[last]);
        if let Some(&to) = self.fired.last()
            && self.table.zone.allows(from, to, -1)
        {
            self.table.zone.restrict(from, to, -1);
        }
    }

    /// An instant for each index: from left to right, the roundest delay that is still possible.
    pub(crate) fn choose(&self) -> Vec<i64> {
        let zone = &self.table.zone;
        let mut values = vec![0; zone.clocks()];
        // As the zone is closed, what is chosen only has to keep what is bounded by it directly.
        let mut earliest: Vec<i64> = (0..values.len()).map(|index| -zone.at(0, index)).collect();
        let mut latest: Vec<i64> = (0..values.len()).map(|index| zone.at(index, 0)).collect();
        for index in 1..values.len() {
            let (low, high) = (earliest[index], latest[index]);
            let from = values[self.made_at[index]];
            // What need not happen is put a round while off.
            let most = if high == NEVER { (low - from).max(1).saturating_mul(10) } else { high - from };
            values[index] = from + roundest(low - from, most);
            for later in index + 1..values.len() {
                latest[later] = latest[later].min(sum(values[index], zone.at(later, index)));
                if zone.at(index, later) != NEVER {
                    earliest[later] = earliest[later].max(values[index] - zone.at(index, later));
                }
            }
        }
        values
    }

    /// The decisions that make a driver do what `values` say, but for ties.
    pub(crate) fn decisions(&self, values: &[i64], clocks: &Clocks) -> Vec<Decision> {
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
                Asked::LeftOut { delay } => {
                    let interval = delay.interval();
                    if interval.min < interval.max {
                        put(About::Delay, delay.name(), interval.min.0, (interval.min.0, interval.max.0));
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
