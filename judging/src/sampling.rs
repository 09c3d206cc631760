//! Many runs of one case, added up.
//!
//! What is kept of a run is a handful of integers: which invariants it broke, which named orders
//! it contains, how late things arrived. They are added in any order and give the same sums, so the
//! number of threads changes nothing. A run that matters is remembered by its number and run again.

use std::ops::Range;

use punctual_model::{
    Breach, Fact, Happening, Ledger, Matcher, Order, OrderId, Plan, Rule, RuleId, StepAt, System, TaskId,
    World, WorldEvent,
};
use punctual_scenarios::{Case, Interleaving, Outcome, StepRef};
use punctual_sim::{
    Clocked, Counts, Ending, Monitor, Name, Observer, Span, Sums, TakesOver, Time, forking_runs, sample,
};

use crate::budget::{Host, Patient};
use crate::delivery::{Deliveries, Recorder};

/// The seed of runs where nobody names one.
pub const SEED: u64 = 0x5eed;

/// A case, ready to be run.
pub struct Prepared<'c> {
    /// What it was made from.
    pub case: &'c Case,
    /// Its machine, whose runs end as the scenario says.
    pub world: World,
    /// The machine that goes on, if those runs end before nothing is left to happen.
    pub unending: Option<World>,
    /// Its invariants.
    pub plan: Plan,
    /// Its named orders.
    pub orders: Vec<Order>,
}

/// What many runs come to.
#[derive(Clone, Debug)]
pub struct Tally {
    /// How many there were.
    pub runs: u64,
    /// By invariant: how many broke it, and the first that did.
    pub broken: Vec<Count>,
    /// By named order: how many contain it, and how many of those broke each invariant.
    pub orders: Vec<OrderTally>,
    /// How late things arrived.
    pub deliveries: Deliveries,
    /// Reads of the database.
    pub reads: u64,
    /// Connections of clients, and what they fetched.
    pub requests: u64,
    /// Rounds of loops.
    pub turns: u64,
    /// Events that happened.
    pub events: u64,
    /// The first run in which a task never let time pass, and the task.
    pub stuck: Option<(u64, TaskId)>,
    /// The first run that had to be stopped.
    pub too_long: Option<u64>,
    /// How many had to be stopped.
    pub stopped: u64,
    /// By invariant: how many of those had broken it before.
    pub stopped_broken: Vec<u64>,
    /// What happened that invariants are about.
    pub seen: Seen,
}

/// How far a run goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Until {
    /// To the end that the scenario gives to runs (`ends`), if it does.
    End,
    /// Until nothing is left to happen; for ever, where something always is.
    Beyond,
}

/// How often each kind of thing that invariants are about happened, in all runs together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen([u64; Happening::COUNT]);

impl Seen {
    /// Whether anything happened that `rule` is about; without it, it holds whatever is wrong.
    pub fn concerns(&self, rule: Rule) -> bool {
        rule.invariant().without.is_none_or(|happening| self.times(happening) > 0)
    }

    /// How often it happened.
    pub fn times(&self, happening: Happening) -> u64 {
        self.0[happening as usize]
    }

    #[inline(always)]
    fn add(&mut self, happening: Happening) {
        self.0[happening as usize] += 1;
    }

    fn merge(&mut self, other: Self) {
        self.0.iter_mut().zip(other.0).for_each(|(mine, other)| *mine += other);
    }
}

/// What one run comes to, for who compares it with the same run of another case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfRun {
    /// Reads of the database.
    pub reads: u32,
    /// The longest delay of an event; `None` if one never arrived.
    pub latest: Option<Span>,
    /// The invariants that it broke, a bit each.
    pub broken: u64,
}

/// What [`Prepared::sample_accelerated`] makes of each of `cases`, which differ in the delays of the names `differ` only:
/// what their runs have in common is done once.
pub fn sample_forking(
    (cases, differ): (&[&Prepared<'_>], &[Name]),
    (host, sums): (&dyn Host, &Sums),
    seed: u64,
    numbers: Range<u64>,
    mut each: impl FnMut(usize, u64, OfRun),
) -> Vec<Tally> {
    let numbers = numbers.take_while(|_| !host.interrupted());
    let worlds: Vec<&World> = cases.iter().map(|prepared| &prepared.world).collect();
    let mut observers: Vec<Runs<'_>> = cases.iter().map(|prepared| Runs::without_orders(prepared)).collect();
    forking_runs(&worlds, differ, sums, seed, numbers, &mut observers, |place, runs, number, ending| {
        each(place, number, runs.of_run());
        runs.close(number, ending);
    });
    observers.into_iter().map(Runs::into_tally).collect()
}

/// How many runs were of a kind, and the first of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// How many.
    pub runs: u64,
    /// The number of the first.
    pub first: Option<u64>,
}

/// What many runs say of a named order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderTally {
    /// Runs that contain it.
    pub found: Count,
    /// By invariant: how many of those broke it.
    pub broken: Vec<u64>,
    /// The first run that contains it and does not come out as the scenario says.
    pub against: Option<u64>,
}

impl<'c> Prepared<'c> {
    /// `case`, ready to be run.
    pub fn new(case: &'c Case) -> Self {
        let rules: Vec<_> = case.checks.iter().map(|check| check.rule).collect();
        let order = |interleaving: &Interleaving| {
            let at =
                |step: &StepRef| StepAt { task: step.task, step: step.step, occurrence: step.occurrence };
            let steps = interleaving.order.iter().map(at).collect();
            Order::new(steps).expect("the format takes orders of 1 to 64 steps only")
        };
        Self {
            world: World::new(&case.system),
            unending: case.system.ends.map(|_| World::new(&System { ends: None, ..case.system.clone() })),
            plan: Plan::new(&case.system, &rules),
            orders: case.interleavings.iter().map(order).collect(),
            case,
        }
    }

    /// The judge of runs by all invariants.
    pub fn judge(&self) -> Clocked<Ledger<'_>> {
        Clocked::new(Ledger::new(&self.plan))
    }

    /// The judge who finds a run guilty that breaks the invariant at `place`.
    pub fn judge_of(&self, place: RuleId) -> Clocked<Ledger<'_>> {
        Clocked::of(Ledger::new(&self.plan), place.bit())
    }

    /// The machine whose runs go so far.
    pub fn world_of(&self, until: Until) -> &World {
        match until {
            Until::End => &self.world,
            Until::Beyond => self.unending.as_ref().unwrap_or(&self.world),
        }
    }

    /// Makes the runs of `numbers` under `seed`.
    pub fn sample(&self, seed: u64, numbers: Range<u64>) -> Tally {
        self.sample_for(&Patient, seed, numbers)
    }

    /// The same, until the host interrupts it.
    pub fn sample_for(&self, host: &dyn Host, seed: u64, numbers: Range<u64>) -> Tally {
        let numbers = numbers.take_while(|_| !host.interrupted());
        let mut observer = Runs::new(self);
        sample::runs(&self.world, seed, numbers, &mut observer, |runs, number, ending| {
            runs.close(number, ending);
        });
        observer.into_tally()
    }

    /// The same, but stretches in which a loop finds nothing new are passed by the laws of `sums`: other runs,
    /// distributed alike, in a fraction of the time. Named orders are not looked for, and a run cannot be
    /// had again by its number. `each` is told of every run, in order.
    pub fn sample_accelerated(
        &self,
        (host, sums): (&dyn Host, &Sums),
        seed: u64,
        numbers: Range<u64>,
        mut each: impl FnMut(u64, OfRun),
    ) -> Tally {
        let numbers = numbers.take_while(|_| !host.interrupted());
        let mut observer = Runs::without_orders(self);
        sample::accelerated_runs(&self.world, sums, seed, numbers, &mut observer, |runs, number, ending| {
            each(number, runs.of_run());
            runs.close(number, ending);
        });
        observer.into_tally()
    }

    /// Whether its first run comes to an end, and a task that never lets time pass in it.
    pub fn first_run(&self, sums: &Sums, seed: u64) -> (Ending, Option<TaskId>) {
        let (mut observer, mut how) = (Stuck(None), Ending::Quiet);
        sample::accelerated_runs(&self.world, sums, seed, 0..1, &mut observer, |_, _, ending| how = ending);
        (how, observer.0)
    }

    /// The names of the delays in which the system of `other` differs, if that is all in which a run of it
    /// does; else nothing.
    pub fn differs_in(&self, other: &Self) -> Option<Vec<Name>> {
        let names = self.case.system.differing_delays(&other.case.system)?;
        (self.plan.rules() == other.plan.rules()).then_some(names)
    }

    /// Whether a run with these breaches that contains the named order at `place` comes out as the
    /// scenario says.
    pub fn as_said(&self, place: OrderId, breaches: &[Option<Breach>]) -> bool {
        let broken = |rule: &Rule| self.plan.place_of(rule).is_some_and(|place| breaches[place.0].is_some());
        match &self.case.interleaving(place).outcome {
            Outcome::Impossible => false,
            Outcome::Possible { breaks, keeps } => breaks.iter().all(broken) && !keeps.iter().any(broken),
        }
    }

    /// An empty tally.
    pub fn tally(&self) -> Tally {
        let rules = self.plan.rules().len();
        let order = OrderTally { found: Count::default(), broken: vec![0; rules], against: None };
        Tally {
            runs: 0,
            broken: vec![Count::default(); rules],
            orders: vec![order; self.orders.len()],
            deliveries: Deliveries::new(&self.case.system),
            reads: 0,
            requests: 0,
            turns: 0,
            events: 0,
            stuck: None,
            too_long: None,
            stopped: 0,
            stopped_broken: vec![0; rules],
            seen: Seen::default(),
        }
    }
}

impl Count {
    fn add(&mut self, number: u64) {
        self.runs += 1;
        self.first = earlier(self.first, Some(number));
    }

    fn merge(&mut self, other: Self) {
        self.runs += other.runs;
        self.first = earlier(self.first, other.first);
    }
}

impl Tally {
    /// Adds what others counted of the same case.
    #[must_use]
    pub fn merge(mut self, other: &Self) -> Self {
        self.runs += other.runs;
        for (mine, theirs) in self.broken.iter_mut().zip(&other.broken) {
            mine.merge(*theirs);
        }
        for (mine, theirs) in self.orders.iter_mut().zip(&other.orders) {
            mine.found.merge(theirs.found);
            mine.broken.iter_mut().zip(&theirs.broken).for_each(|(mine, theirs)| *mine += theirs);
            mine.against = earlier(mine.against, theirs.against);
        }
        self.deliveries.merge(&other.deliveries);
        self.reads += other.reads;
        self.requests += other.requests;
        self.turns += other.turns;
        self.events += other.events;
        self.stuck = earlier(self.stuck, other.stuck);
        self.too_long = earlier(self.too_long, other.too_long);
        self.stopped += other.stopped;
        self.stopped_broken.iter_mut().zip(&other.stopped_broken).for_each(|(mine, theirs)| *mine += theirs);
        self.seen.merge(other.seen);
        self
    }

    /// Runs of which it is known whether they break the invariant at `place`: those that came to an
    /// end, and those that had broken it before they were stopped.
    pub fn decided(&self, place: RuleId) -> u64 {
        self.runs - self.stopped + self.stopped_broken[place.0]
    }
}

fn earlier<T: Ord>(one: Option<T>, other: Option<T>) -> Option<T> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// Sees whether a task never lets time pass.
struct Stuck(Option<TaskId>);

impl Observer<World> for Stuck {
    fn noted(&mut self, _: Time, fact: &Fact) {
        if let Fact::Stuck(task) = *fact {
            self.0 = Some(task);
        }
    }
}

impl Counts<World> for Stuck {
    fn passed(&mut self, _: &[Fact], _: usize, _: u64) {}
}

/// Watches runs and adds them up.
struct Runs<'p> {
    prepared: &'p Prepared<'p>,
    judge: Clocked<Ledger<'p>>,
    matchers: Vec<Matcher<'p>>,
    recorder: Recorder,
    /// All but the deliveries.
    tally: Tally,
    run: Counted,
}

/// What was counted in the present run.
#[derive(Clone, Copy, Debug, Default)]
struct Counted {
    reads: u64,
    requests: u64,
    turns: u64,
    events: u64,
    stuck: Option<TaskId>,
    seen: Seen,
}

impl<'p> Runs<'p> {
    fn new(prepared: &'p Prepared<'p>) -> Self {
        Self {
            judge: prepared.judge(),
            matchers: prepared.orders.iter().map(Order::matcher).collect(),
            recorder: Recorder::new(&prepared.case.system),
            tally: prepared.tally(),
            run: Counted::default(),
            prepared,
        }
    }

    /// One that looks for no named orders.
    fn without_orders(prepared: &'p Prepared<'p>) -> Self {
        Self { matchers: Vec::new(), ..Self::new(prepared) }
    }

    /// What all runs come to.
    fn into_tally(self) -> Tally {
        Tally { deliveries: self.recorder.into_deliveries(), ..self.tally }
    }

    fn close(&mut self, number: u64, ending: Ending) {
        let tally = &mut self.tally;
        let breaches = self.judge.monitor.breaches();
        let Counted { reads, requests, turns, events, stuck, seen } = std::mem::take(&mut self.run);
        tally.runs += 1;
        tally.reads += reads;
        // Each client has a connection from the beginning.
        tally.requests += requests + self.prepared.case.system.clients.len() as u64;
        tally.turns += turns;
        tally.events += events;
        tally.seen.merge(seen);
        for (count, breach) in tally.broken.iter_mut().zip(breaches) {
            if breach.is_some() {
                count.add(number);
            }
        }
        for (place, matcher) in self.prepared.case.orders().zip(&mut self.matchers) {
            if matcher.complete() {
                let order = &mut tally.orders[place.0];
                order.found.add(number);
                for (count, breach) in order.broken.iter_mut().zip(breaches) {
                    *count += u64::from(breach.is_some());
                }
                if !self.prepared.as_said(place, breaches) {
                    order.against = earlier(order.against, Some(number));
                }
            }
            matcher.reset();
        }
        if let Some(task) = stuck {
            tally.stuck = earlier(tally.stuck, Some((number, task)));
        }
        if ending == Ending::TooLong {
            tally.too_long = earlier(tally.too_long, Some(number));
            tally.stopped += 1;
            for (count, breach) in tally.stopped_broken.iter_mut().zip(breaches) {
                *count += u64::from(breach.is_some());
            }
        }
        self.recorder.reset();
        self.judge.reset();
    }

    /// What the run that is over comes to.
    fn of_run(&self) -> OfRun {
        OfRun {
            reads: self.run.reads as u32,
            latest: self.recorder.latest(),
            broken: self.judge.monitor.broken(),
        }
    }
}

impl TakesOver for Runs<'_> {
    fn take_over(&mut self, other: &Self) {
        self.judge.take_over(&other.judge);
        self.matchers.clone_from(&other.matchers);
        self.recorder.take_over(&other.recorder);
        self.run = other.run;
    }
}

impl Counts<World> for Runs<'_> {
    fn passed(&mut self, facts: &[Fact], events: usize, times: u64) {
        self.run.events += events as u64 * times;
        for fact in facts {
            match fact {
                Fact::Turned(_) => self.run.turns += times,
                Fact::Read(_) => self.run.reads += times,
                _ => {}
            }
        }
        self.judge.passed(facts, events, times);
    }
}

impl Observer<World> for Runs<'_> {
    fn fired(&mut self, _: Time, _: &WorldEvent) {
        self.run.events += 1;
    }

    fn noted(&mut self, at: Time, fact: &Fact) {
        match *fact {
            Fact::Did(..) => {
                for matcher in &mut self.matchers {
                    Observer::<World>::noted(matcher, at, fact);
                }
                return;
            }
            Fact::Turned(_) => {
                self.run.turns += 1;
                return;
            }
            Fact::Read(_) => self.run.reads += 1,
            Fact::Stuck(task) => self.run.stuck = Some(task),
            Fact::Fetched { .. } | Fact::Connected { .. } => self.run.requests += 1,
            _ => {}
        }
        if let Some(happening) = Happening::of(&self.prepared.case.system, fact) {
            self.run.seen.add(happening);
        }
        self.judge.noted(at, fact);
        self.recorder.noted(at, fact);
    }

    fn ended(&mut self, at: Time, ending: Ending) {
        self.judge.ended(at, ending);
        self.recorder.ended(at, ending);
    }
}
