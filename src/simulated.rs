//! Cases run with real bytes, and what their invariants say of it.
//!
//! The same invariants judge the facts of all hosts. A run is also held against the model: what no delay of
//! the scenario allows, with the leeway of the network, is said with the step, what was measured, and what
//! would be allowed. Run number 7 of a seed here takes the draws of run number 7 when it is sampled.

use punctual_hosts::simulate::{MOST_TICKS, Simulated, TICKS, leeway, simulate, tick_for, ticks};
use punctual_hosts::{Draws, SimulateError, Trouble};
use punctual_model::{Breach, Fact, RuleId, StepId, StepTime, System, TaskId, World, WorldEvent};
use punctual_reports::text;
use punctual_scenarios::Expected;
use punctual_sim::{Decision, Ending, Follow, Observer, Refusal, Span, Time, TraceOf, record, sample};
use rayon::prelude::*;

use punctual_judging::counterexample::{breaches, told};
use punctual_judging::sampling::Prepared;
use punctual_judging::separation;
use punctual_judging::zeno;

/// A run with real bytes, judged.
#[derive(Clone, Debug)]
pub struct Ran {
    /// What it came to.
    pub simulated: Simulated,
    /// By invariant: how it is broken; not what is broken only since the run is over.
    pub breaches: Vec<Option<Breach>>,
    /// By invariant: how it is broken only since the run is over.
    pub cut: Vec<Option<Breach>>,
}

/// A step of a run that the scenario does not allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outside {
    /// The number of the run.
    pub run: u64,
    /// What happened, how long it took, and what is allowed.
    pub what: String,
    /// What to write into the scenario so that it is allowed.
    pub mend: Option<String>,
}

/// What runs of a case came to.
pub struct Cases {
    /// The runs that were made.
    pub runs: u64,
    /// By invariant: the runs that break it.
    pub broken: Vec<Vec<u64>>,
    /// What the model does not allow.
    pub outside: Vec<Outside>,
    /// What went wrong on a host, with the number of the run.
    pub troubles: Vec<(u64, Trouble)>,
    /// How long the network takes from one host to the next.
    pub tick: Span,
    /// How long the runs took together, in simulated time.
    pub took: Span,
    /// How many bytes arrived at clients.
    pub bytes: u64,
    /// The first run that breaks something that must hold, or else the first that breaks something.
    pub shown: Option<(u64, Ran)>,
}

/// Why a case could not be simulated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CannotSimulate {
    /// A host failed, or runtimes cannot be seeded.
    Run(u64, SimulateError),
    /// A run came out in two ways.
    TwoResults(u64),
    /// A run that is sampled does not come to an end: its number, and when it was stopped.
    Endless(u64, Time),
    /// A run that is sampled stays at an instant for ever: its number, and when that is.
    StandsStill(u64, Time),
    /// A run takes more ticks of the network than are made.
    TooLong {
        /// Its number.
        run: u64,
        /// How long it takes as it is sampled.
        takes: Span,
        /// The tick that was meant.
        tick: Span,
    },
}

impl std::fmt::Display for CannotSimulate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Run(_, error @ SimulateError::Unseeded) => write!(f, "{error}"),
            Self::Run(run, error) => write!(f, "run {run}: {error}"),
            Self::TwoResults(run) => {
                write!(
                    f,
                    "run {run} came out in two ways with the same seed; punctual promises that it cannot"
                )
            }
            Self::Endless(run, at) => write!(
                f,
                "run {run} does not come to an end: after a million events, at {at}, there is more to come, and with real \
                 bytes it would not end either; let it end with `ends = \"10s after TASK\"`, or let what it waits for happen"
            ),
            Self::StandsStill(run, at) => write!(
                f,
                "run {run}: there is a Zeno cycle (events without end at one instant) at {at}, and with real bytes there \
                 would be, too; let a step of it take time whatever happens"
            ),
            Self::TooLong { run, takes, tick } => {
                write!(
                    f,
                    "run {run} takes {takes}, at a tick of {tick} {} ticks of the network, and no more than {} are made: ",
                    text::grouped(ticks(*takes, *tick)),
                    text::grouped(MOST_TICKS)
                )?;
                match fitting(*takes) {
                    Some(tick) => write!(f, "say --tick {tick}"),
                    None => write!(f, "let it end earlier with `ends`"),
                }
            }
        }
    }
}

/// Judges a run with real bytes. How one would go on that was cut is what the model makes of the same draws, if its run
/// breaks the same.
pub fn judged(prepared: &Prepared<'_>, simulated: Simulated, draws: &Draws) -> Ran {
    let mut ran = judged_as_it_ends(prepared, simulated);
    if prepared.unending.is_none() || ran.breaches.iter().all(Option::is_none) {
        return ran;
    }
    let modelled = match draws {
        Draws::Seeded { seed, run } => sample::trace(&prepared.world, *seed, *run),
        Draws::Follow(decisions) => record(&prepared.world, Follow::new(decisions)),
    };
    let cut = told(prepared, &modelled).cut;
    for ((breach, only_cut), cut) in ran.breaches.iter_mut().zip(&mut ran.cut).zip(cut) {
        *only_cut = breach.take_if(|_| cut.is_some());
    }
    ran
}

/// Judges a run of which nobody knows how it would go on, since another server is in it than the modelled one.
pub fn judged_as_it_ends(prepared: &Prepared<'_>, simulated: Simulated) -> Ran {
    let breaches = breaches(prepared, &simulated.trace);
    Ran { cut: vec![None; breaches.len()], simulated, breaches }
}

/// Runs a case once, as `draws` decide; `tick` is what the network takes, or what suits the case.
///
/// # Errors
/// A host failed, or runtimes cannot be seeded.
pub fn run(prepared: &Prepared<'_>, draws: &Draws, tick: Option<Span>) -> Result<Ran, SimulateError> {
    let system = &prepared.case.system;
    let tick = tick.unwrap_or_else(|| tick_for(system));
    Ok(judged(prepared, simulate(system, draws, tick)?, draws))
}

/// The smallest tick at which a run of this length is not too long.
fn fitting(takes: Span) -> Option<Span> {
    let hundreds = (TICKS.0.0..=TICKS.1.0).step_by(100).map(Span);
    hundreds.into_iter().find(|tick| ticks(takes, *tick) <= MOST_TICKS)
}

/// How long the runs of a case take together, in simulated time, the first of them made twice.
struct Foreseen {
    run: u64,
    total: Span,
    longest: (u64, Span),
    /// How many events have followed each other at the instant of the last one.
    at_once: (Time, u64),
    endless: Option<CannotSimulate>,
}

/// So many events at one instant are no accident.
const STILL: u64 = 100_000;

impl Observer<World> for Foreseen {
    fn fired(&mut self, at: Time, _: &WorldEvent) {
        self.at_once = if self.at_once.0 == at { (at, self.at_once.1 + 1) } else { (at, 1) };
    }

    fn noted(&mut self, _: Time, _: &Fact) {}

    fn ended(&mut self, at: Time, ending: Ending) {
        let takes = at - Time::ZERO;
        let times = if self.run == 0 { 2 } else { 1 };
        self.total = Span(self.total.0.saturating_add(takes.0.saturating_mul(times)));
        if takes > self.longest.1 {
            self.longest = (self.run, takes);
        }
        if ending == Ending::TooLong {
            self.endless.get_or_insert(if self.at_once.1 > STILL {
                CannotSimulate::StandsStill(self.run, at)
            } else {
                CannotSimulate::Endless(self.run, at)
            });
        }
        self.run += 1;
    }
}

/// How long the first `runs` runs of a seed will take together in simulated time, the first of them made twice:
/// they take as long as when they are sampled, but for a few looks.
///
/// # Errors
/// A run does not come to an end, or takes more ticks of the network than are made.
pub fn foreseen(
    prepared: &Prepared<'_>,
    seed: u64,
    runs: u64,
    tick: Option<Span>,
) -> Result<Span, CannotSimulate> {
    let mut foreseen = Foreseen {
        run: 0,
        total: Span::ZERO,
        longest: (0, Span::ZERO),
        at_once: (Time::ZERO, 0),
        endless: None,
    };
    sample::runs(&prepared.world, seed, 0..runs, &mut foreseen, |_, _, _| {});
    if let Some(endless) = foreseen.endless {
        return Err(endless);
    }
    let tick = tick.unwrap_or_else(|| tick_for(&prepared.case.system));
    let (run, takes) = foreseen.longest;
    if ticks(takes, tick) > MOST_TICKS {
        return Err(CannotSimulate::TooLong { run, takes, tick });
    }
    Ok(foreseen.total)
}

/// Makes the first `runs` runs of a seed; the first of them twice, to see that it comes out the same. `progress`
/// hears how long each took, in simulated time.
///
/// # Errors
/// A run would be too long, a host failed, a run came out in two ways, or runtimes cannot be seeded.
pub fn runs(
    prepared: &Prepared<'_>,
    seed: u64,
    runs: u64,
    tick: Option<Span>,
    progress: &(impl Fn(Span) + Sync),
) -> Result<Cases, CannotSimulate> {
    foreseen(prepared, seed, runs, tick)?;
    let once = |run: u64| self::run(prepared, &Draws::Seeded { seed, run }, tick);
    Ok(added_up(prepared, repeatable(runs, &once, progress)?))
}

/// Makes the runs from 0 on; the first of them twice, to see that it comes out the same, byte for byte.
pub(crate) fn repeatable(
    runs: u64,
    once: &(impl Fn(u64) -> Result<Ran, SimulateError> + Sync),
    progress: &(impl Fn(Span) + Sync),
) -> Result<Vec<Ran>, CannotSimulate> {
    let made = (0..runs).into_par_iter().map(|run| {
        let once = || {
            let ran = once(run).map_err(|error| CannotSimulate::Run(run, error))?;
            progress(ran.simulated.trace.ended_at - Time::ZERO);
            Ok(ran)
        };
        let ran = once()?;
        if run == 0 && !once()?.simulated.is_same(&ran.simulated) {
            return Err(CannotSimulate::TwoResults(run));
        }
        Ok(ran)
    });
    made.collect()
}

/// What runs of a case came to, in the order of their numbers from 0.
pub fn added_up(prepared: &Prepared<'_>, made: Vec<Ran>) -> Cases {
    let system = &prepared.case.system;
    let rules = prepared.plan.rules().len();
    let must_hold = |place: RuleId| prepared.case.check(place).expected == Some(Expected::Holds);
    let wrong =
        |ran: &Ran| prepared.case.rules().any(|place| must_hold(place) && ran.breaches[place.0].is_some());
    let mut cases = Cases {
        runs: made.len() as u64,
        broken: vec![Vec::new(); rules],
        outside: Vec::new(),
        troubles: Vec::new(),
        tick: made.first().map_or(Span::ZERO, |ran| ran.simulated.tick),
        took: Span::ZERO,
        bytes: 0,
        shown: None,
    };
    let shown = made.iter().position(wrong);
    let shown = shown.or_else(|| made.iter().position(|ran| ran.breaches.iter().any(Option::is_some)));
    for (number, ran) in made.into_iter().enumerate() {
        let run = number as u64;
        for (broken, breach) in cases.broken.iter_mut().zip(&ran.breaches) {
            if breach.is_some() {
                broken.push(run);
            }
        }
        let simulated = &ran.simulated;
        if let Err(refusal) = &simulated.allowed {
            let (what, mend) = outside(system, simulated, refusal);
            cases.outside.push(Outside { run, what, mend });
        }
        cases.troubles.extend(simulated.troubles.iter().map(|trouble| (run, trouble.clone())));
        cases.took = cases.took + (simulated.trace.ended_at - Time::ZERO);
        cases.bytes += simulated.received.iter().map(|received| received.bytes.len() as u64).sum::<u64>();
        if Some(number) == shown {
            cases.shown = Some((run, ran));
        }
    }
    cases
}

/// What of a run the scenario does not allow, and what would allow it.
pub fn outside(system: &System, simulated: &Simulated, refusal: &Refusal) -> (String, Option<String>) {
    let trace = &simulated.trace;
    let Some(step) = trace.steps.get(refusal.step) else {
        return (refusal.why.to_string(), None);
    };
    let Some(event) = step.event else { return (refusal.why.to_string(), None) };
    let did = step.facts.iter().find_map(|fact| match (*fact, event) {
        (Fact::Did(task, number), WorldEvent::Backend(_)) => Some((task, number)),
        _ => None,
    });
    if let Some((task, number)) = did
        && let Some(took) = took(trace, refusal.step, task)
        && let Some((key, allowed)) = interval(system, task, number)
        && !allowed.contains(took)
    {
        let name = system.step_name(task, number);
        let wide = leeway(simulated.tick);
        let what = format!("{name} took {}, allowed {allowed}", text::duration(took.0));
        let (min, max) = (allowed.min.min(took), allowed.max.max(took));
        let mend = format!("{key} = \"{min}..{max}\"");
        let beyond = format!("{what} and {} for the network", text::duration(wide.0));
        return (beyond, Some(format!("{name}: {mend}")));
    }
    (format!("{}: {}", zeno::happens(system, event), refusal.why), None)
}

/// How long a task took for the step that takes effect in step `at` of a trace.
fn took(trace: &TraceOf<World>, at: usize, task: TaskId) -> Option<Span> {
    let of_task = |fact: &Fact| matches!(*fact, Fact::Did(by, _) | Fact::Turned(by) if by == task);
    let before = trace.steps[..at].iter().rev().find(|step| step.facts.iter().any(of_task))?;
    Some(trace.steps[at].at - before.at)
}

/// The key and the interval of the time that a step takes.
fn interval(system: &System, task: TaskId, number: StepId) -> Option<(&'static str, punctual_sim::Interval)> {
    let step = system.tasks[usize::from(task.0)].step(number)?;
    match &step.time {
        StepTime::Instant => None,
        StepTime::Takes(delay, _) => Some(("takes", delay.interval())),
        StepTime::Blocks(delay) => Some(("blocks", delay.interval())),
    }
}

/// What came of following a run.
pub struct Followed {
    /// The run with real bytes.
    pub ran: Ran,
    /// The least time between two events of the run that meet anywhere.
    pub separation: Span,
}

/// Follows the decisions of a run with real bytes. The network is made fast enough for the narrowest separation
/// of the run, as far as that goes: 100 us from one host to the next.
///
/// # Errors
/// A host failed, or runtimes cannot be seeded.
pub fn follow(
    prepared: &Prepared<'_>,
    trace: &TraceOf<World>,
    decisions: &[Decision],
) -> Result<Followed, SimulateError> {
    let system = &prepared.case.system;
    let separation = separation::smallest(system, trace);
    let tick = tick_for(system).0.min(separation.0 / 8).max(100);
    let ran = run(prepared, &Draws::Follow(decisions.to_vec()), Some(Span(tick)))?;
    Ok(Followed { ran, separation })
}
