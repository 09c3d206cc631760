//! A run of a system with real bytes: every party on a host of its own, on a simulated network.
//!
//! ```text
//!   database ── SQLite          app ── tasks, axum ── event streams ──> client-0 ── EventSource, hyper
//!       └────────── asked over the network ─┘                 └───────> client-1
//! ```
//!
//! The network takes one tick from one host to the next, so whatever crosses it is up to a few ticks off
//! what the scenario says; timers are exact. What was written down by all hosts is one [`Trace`], and the
//! judge of traces decides whether the model allows it, with that much leeway ([`leeway`]).

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use punctual_model::{Action, Fact, StepTime, System, World, WorldEvent};
use punctual_sim::{Delay, Ending, Refusal, Span, Time, Trace, TraceOf};
use tokio::sync::mpsc;

use crate::chronicle::{Chronicle, Received, Trouble};
use crate::clock::{Pace, SimClock};
use crate::draws::Draws;
use crate::own::{Own, without_streams};
use crate::ports::{APP, DATABASE, host_of};
use crate::server::Panicked;
use crate::{app, database, page};

/// What a run came to.
#[derive(Clone, Debug)]
pub struct Simulated {
    /// What happened on all hosts.
    pub trace: TraceOf<World>,
    /// The bytes that arrived at clients, in order.
    pub received: Vec<Received>,
    /// What went wrong that is none of the model's: panics, answers that are no streams, and the like.
    pub troubles: Vec<Trouble>,
    /// Whether the model allows the run, if what crosses the network may be up to [`leeway`] off.
    pub allowed: Result<(), Refusal>,
    /// How long the network takes from one host to the next.
    pub tick: Span,
}

impl Simulated {
    /// Whether another run is the same: all that happened, and every byte.
    pub fn is_same(&self, other: &Self) -> bool {
        self.trace == other.trace && self.received == other.received && self.troubles == other.troubles
    }
}

/// Why nothing was simulated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SimulateError {
    /// Runtimes cannot be seeded, so a run would be another one each time.
    Unseeded,
    /// A host failed or the run did not come to its end.
    Failed(String),
}

impl std::fmt::Display for SimulateError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unseeded => f.write_str(
                "this program was built without `--cfg tokio_unstable`, and without it the runtimes of a \
                 simulation cannot be seeded: the same run would come out in other ways. Put this into \
                 `.cargo/config.toml` and build it again:\n\n[build]\nrustflags = [\"--cfg\", \"tokio_unstable\"]",
            ),
            Self::Failed(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for SimulateError {}

/// The most ticks of a run: whatever it waits for, it is stopped then.
pub const MOST_TICKS: u64 = 4_000_000;
/// The tick is from 100 us to 10 ms: below that a run takes minutes, and above it nothing is like it is.
pub const TICKS: (Span, Span) = (Span(100), Span(10_000));
/// How many ticks nothing must happen before a run is taken for over: what is on the network has no timer.
const GRACE: u64 = 12;
/// How many ticks it takes until all connections are there.
const BEFORE: u64 = 16;

/// How far what crosses the network may be off: a request and its answer, and a connection before it.
pub fn leeway(tick: Span) -> Span {
    Span(6 * tick.0)
}

/// A tick that suits `system`: a tenth of the shortest delay that crosses the network, from 100 us to 10 ms.
pub fn tick_for(system: &System) -> Span {
    let mut system = system.clone();
    let crossing = crossing(&mut system);
    let shortest = crossing.iter().map(|delay| delay.interval().max.0).filter(|max| *max > 0).min();
    let tick = shortest.map_or(10_000, |shortest| shortest / 10);
    // Whole hundreds of microseconds, which are easier to read.
    Span((tick / 100 * 100).clamp(TICKS.0.0, TICKS.1.0))
}

/// How many ticks a run of `span` takes.
pub fn ticks(span: Span, tick: Span) -> u64 {
    span.0.div_ceil(tick.0.max(1)).saturating_add(BEFORE + GRACE + 1)
}

/// All delays of what crosses the network between hosts.
fn crossing(system: &mut System) -> Vec<&mut Delay> {
    let mut delays: Vec<&mut Delay> = Vec::new();
    for task in &mut system.tasks {
        for step in task.steps.iter_mut().chain(&mut task.otherwise) {
            if !is_of_database(&step.action) {
                continue;
            }
            match &mut step.time {
                StepTime::Instant => {}
                StepTime::Takes(delay, _) | StepTime::Blocks(delay) => delays.push(delay),
            }
        }
    }
    delays.extend(system.rows.iter_mut().filter_map(|row| row.visible_after.as_mut()));
    for client in &mut system.clients {
        delays.push(&mut client.latency);
        if let Some(again) = &mut client.reconnects {
            delays.extend([&mut again.after, &mut again.travels]);
        }
        let fetches = client.reactions.iter_mut().filter_map(|reaction| reaction.fetches.as_mut());
        delays.extend(fetches.map(|(_, delay)| delay));
    }
    delays
}

fn is_of_database(action: &Action) -> bool {
    action.traits().database.is_some()
}

/// `system` as it is hosted: what is done to the database takes time, and if the scenario says none, the
/// node stands still meanwhile, so that nothing comes between that could not before.
fn hosted(system: &System) -> System {
    let mut hosted = system.clone();
    for task in &mut hosted.tasks {
        for step in task.steps.iter_mut().chain(&mut task.otherwise) {
            if is_of_database(&step.action) && step.time == StepTime::Instant {
                let name = format!("{}.{}", task.name, step.name);
                step.time = StepTime::Blocks(Delay::fixed(&name, Span::ZERO));
            }
        }
    }
    hosted
}

/// `system` with `by` more or less time for all that crosses the network.
fn widened(system: &System, by: Span) -> System {
    let mut wide = system.clone();
    for delay in crossing(&mut wide) {
        let interval = delay.interval();
        let max = if interval.max == Span::NEVER { Span::NEVER } else { interval.max + by };
        *delay = delay.between(Span(interval.min.0.saturating_sub(by.0)), max);
    }
    wide
}

/// Runs `system` once, as `draws` decide.
///
/// # Errors
/// Runtimes cannot be seeded, a host failed, or the run did not come to its end.
pub fn simulate(system: &System, draws: &Draws, tick: Span) -> Result<Simulated, SimulateError> {
    let clock = SimClock::new(Pace::STRETCHED, Span(BEFORE * tick.0));
    let chronicle = Chronicle::new(World::new(&hosted(system)), None, clock, tick);
    let chronicle = Rc::new(chronicle);
    run(&chronicle, draws, (tick, tick))?;
    Ok(judged(&chronicle))
}

/// Runs `system` once with `own` in the place of its streams, at the pace of real time: the network takes
/// as long as the clients' latencies say, drawn for each packet, and timers are up to a millisecond late.
/// Whether the model allows the run is not asked, since the server is not of it.
///
/// # Errors
/// Runtimes cannot be seeded, a host failed, or the run did not come to its end.
pub fn simulate_own(system: &System, own: &Own, draws: &Draws) -> Result<Simulated, SimulateError> {
    let tick = Span::millis(1);
    let latencies = || system.clients.iter().map(|client| client.latency.interval());
    let least = latencies().map(|latency| latency.min).min().unwrap_or(tick).max(tick);
    let most = latencies().map(|latency| latency.max).max().unwrap_or(tick).max(least);
    let before = Span(BEFORE * tick.0 + 6 * most.0);
    let clock = SimClock::new(Pace::REAL, Span(before.0.next_multiple_of(tick.0)));
    let rest = World::new(&without_streams(&hosted(system)));
    let chronicle = Rc::new(Chronicle::new(rest, Some(own.clone()), clock, tick));
    run(&chronicle, draws, (least, most))?;
    Ok(Simulated { allowed: Ok(()), ..judged(&chronicle) })
}

/// Lets all hosts run until the run is over.
fn run(chronicle: &Rc<Chronicle>, draws: &Draws, (least, most): (Span, Span)) -> Result<(), SimulateError> {
    if !cfg!(tokio_unstable) {
        return Err(SimulateError::Unseeded);
    }
    let (pace, tick) = (chronicle.clock.pace(), chronicle.tick);
    let mut sim = turmoil::Builder::new()
        .rng_seed(draws.seed())
        .tick_duration(pace.of(tick))
        .min_message_latency(pace.of(least))
        .max_message_latency(pace.of(most))
        .simulation_duration(std::time::Duration::MAX)
        .tcp_capacity(1 << 16)
        .build();
    let (controls, controlled): (Vec<_>, Vec<_>) =
        chronicle.clients.iter().map(|_| mpsc::unbounded_channel()).unzip();
    {
        let chronicle = Rc::clone(chronicle);
        sim.client(DATABASE.0, async move { database::serve(chronicle).await });
    }
    {
        let (chronicle, draws) = (Rc::clone(chronicle), draws.clone());
        sim.client(APP.0, async move { app::serve(chronicle, draws, controls).await });
    }
    for (client, controls) in chronicle.clients.iter().zip(controlled) {
        let (chronicle, draws, id) = (Rc::clone(chronicle), draws.clone(), client.id());
        sim.client(host_of(id), async move { page::serve(chronicle, id, draws, controls).await });
    }
    sim.set_link_latency(APP.0, DATABASE.0, pace.of(tick));
    // A task that panics elsewhere takes its host along.
    let driven = catch_unwind(AssertUnwindSafe(|| drive(&mut sim, chronicle)));
    driven.unwrap_or_else(|payload| {
        Err(SimulateError::Failed(format!("a task of a host {}", Panicked::with(&*payload))))
    })
}

/// Lets time pass until the run is over.
fn drive(sim: &mut turmoil::Sim<'_>, chronicle: &Chronicle) -> Result<(), SimulateError> {
    let mut quiet = 0;
    for tick in 0..MOST_TICKS {
        let failed =
            |error: Box<dyn std::error::Error>| SimulateError::Failed(format!("a host failed: {error}"));
        sim.step().map_err(failed)?;
        if let Some(why) = chronicle.failed() {
            return Err(SimulateError::Failed(why));
        }
        let now = Time((tick * chronicle.tick.0).saturating_sub(chronicle.clock.before().0));
        let is_over = match chronicle.own {
            None => chronicle.is_quiet(),
            // It has timers that nobody knows.
            Some(_) => chronicle.over().is_some_and(|over| now > over),
        };
        quiet = if now > Time::ZERO && is_over { quiet + 1 } else { 0 };
        if quiet > GRACE {
            return Ok(());
        }
    }
    let span = Span(MOST_TICKS * chronicle.tick.0);
    Err(SimulateError::Failed(format!(
        "the run does not end: after {MOST_TICKS} ticks of the network, {span}, {}",
        chronicle.unrest()
    )))
}

/// Whether `system` allows a run with real bytes, if what crosses the network may be up to [`leeway`] off.
///
/// # Errors
/// The first step that it does not allow, and why.
pub fn allows(system: &System, trace: &TraceOf<World>, tick: Span) -> Result<(), Refusal> {
    let wide = widened(&hosted(system), leeway(tick));
    // The end of a run is not sharp here: what was due just before it may have come just after.
    let (ending, ended_at) = match trace.ending {
        Ending::Over => {
            let last = trace.steps.last().map_or(Time::ZERO, |step| step.at);
            (Ending::TooLong, trace.ended_at.min(last))
        }
        ending => (ending, trace.ended_at),
    };
    Trace { ending, ended_at, ..trace.clone() }.check(&World::new(&wide))
}

/// What was written down, as one trace that the judge of traces has looked at.
fn judged(chronicle: &Chronicle) -> Simulated {
    let (steps, received, troubles, drawn) = chronicle.take();
    let (decisions, decided) = drawn.into_iter().unzip();
    let last = steps.last().map_or(Time::ZERO, |step| step.at);
    let ending = chronicle.ending();
    let ended_at = match chronicle.over() {
        Some(over) if ending == Ending::Over => over,
        Some(over) => over.min(last),
        None => last,
    };
    let trace: Trace<WorldEvent, Fact> = Trace { decisions, decided, steps, ending, ended_at };
    let allowed = allows(chronicle.backend.system(), &trace, chronicle.tick);
    Simulated { trace, received, troubles, allowed, tick: chronicle.tick }
}
