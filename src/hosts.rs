//! Your own server under test: real bytes from it to a simulated browser, and the scenario around it.
//!
//! The job, the database and the client are those of a scenario. What publishes to a store and streams from
//! it is your axum router, as it stands: it is told what the job publishes, asks the database, and answers
//! the requests of an `EventSource`, over a network and by clocks that are simulated and seeded.
//!
//! ```
//! use axum::{Router, http::header, routing::get};
//! use punctual::hosts::{Net, Simulation};
//! use std::sync::{Arc, Mutex};
//!
//! fn app(net: Net) -> Router {
//!     let published = Arc::new(Mutex::new(String::new()));
//!     let store = Arc::clone(&published);
//!     net.on_publish(move |event| {
//!         store.lock().unwrap().push_str(&format!("event: {}\ndata: {}\n\n", event.kind, event.data));
//!     });
//!     // It answers once, with what there is after 48 s. No stream is simpler, or later.
//!     let stream = move || async move {
//!         tokio::time::sleep(std::time::Duration::from_secs(48)).await;
//!         ([(header::CONTENT_TYPE, "text/event-stream")], published.lock().unwrap().clone())
//!     };
//!     Router::new().route("/events/panel", get(stream))
//! }
//!
//! # let (_, text) = punctual::scenarios::library().remove(0);
//! let scenario = punctual::Scenario::from_text("audio-reference", text)?;
//! let outcome = Simulation::new(scenario).runs(3).app(app)?;
//! outcome.expect_holds("no-event-lost");
//! outcome.expect_violated("delivered-within");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The runtimes are seeded, and tokio has that behind a flag: put this into `.cargo/config.toml`, or nothing
//! is simulated.
//!
//! ```toml
//! [build]
//! rustflags = ["--cfg", "tokio_unstable"]
//! ```

use std::fmt;

use axum::Router;
use punctual_hosts::simulate::simulate_own;
pub use punctual_hosts::*;
use punctual_model::RuleId;
use punctual_reports::style::Style;
use punctual_reports::{terminal, text};
use punctual_scenarios::Case;

use crate::api::Scenario;
use crate::simulated::{CannotSimulate, Cases, added_up, judged_as_it_ends, repeatable};
use punctual_judging::sampling::Prepared;
use punctual_telling::race;
use punctual_telling::story::Story;

/// A scenario, and how your server takes the place of its streams.
#[derive(Clone, Debug)]
pub struct Simulation {
    scenario: Scenario,
    variant: Option<String>,
    seed: u64,
    runs: u64,
    path: Option<String>,
    identify: Option<Identifying>,
}

#[derive(Clone)]
struct Identifying(own::Identify);

impl fmt::Debug for Identifying {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identifying")
    }
}

/// What runs with your server came to.
pub struct Outcome {
    case: Case,
    cases: Cases,
    seed: u64,
}

/// Why nothing was simulated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SimulationError {
    /// The scenario has no such variant.
    Variant(String),
    /// Something of the scenario cannot befall a server of one's own: what, and what can.
    Unsuited(String),
    /// A host failed, a run came out in two ways, or runtimes cannot be seeded.
    Run(CannotSimulate),
}

impl fmt::Display for SimulationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variant(name) => write!(f, "the scenario has no variant {name:?}"),
            Self::Unsuited(what) => write!(f, "{what}"),
            Self::Run(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for SimulationError {}

impl Simulation {
    /// Runs of each simulation, unless told otherwise.
    pub const RUNS: u64 = 20;

    /// The scenario as it is written.
    pub fn new(scenario: Scenario) -> Self {
        Self { scenario, variant: None, seed: Scenario::SEED, runs: Self::RUNS, path: None, identify: None }
    }

    /// The scenario with this variant or combination.
    #[must_use]
    pub fn variant(mut self, name: &str) -> Self {
        self.variant = Some(name.to_owned());
        self
    }

    /// Lets `seed` decide the draws.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Makes this many runs; at least one.
    #[must_use]
    pub fn runs(mut self, runs: u64) -> Self {
        self.runs = runs.max(1);
        self
    }

    /// Your stream is at this path, `{client}` standing for the name of the client; `/events/{client}` if
    /// nothing is said.
    #[must_use]
    pub fn stream_at(mut self, path: &str) -> Self {
        self.path = Some(path.to_owned());
        self
    }

    /// Your messages tell in their own way which event they are: `identify` gives kind and number, from 1, or
    /// nothing for a message that is no event of the scenario. Without it, `data` must be what
    /// [`Published::data`] was.
    #[must_use]
    pub fn identify(
        mut self,
        identify: impl Fn(&event_stream::Message) -> Option<(String, u32)> + Send + Sync + 'static,
    ) -> Self {
        self.identify = Some(Identifying(std::sync::Arc::new(identify)));
        self
    }

    /// Runs it with the server that `app` makes, anew for each run. The first run is made twice, and must
    /// come out the same, byte for byte.
    ///
    /// # Errors
    /// There is no such variant, something of the scenario cannot befall a server, a host failed, or runtimes cannot
    /// be seeded.
    pub fn app(
        &self,
        app: impl Fn(Net) -> Router + Send + Sync + 'static,
    ) -> Result<Outcome, SimulationError> {
        let case = self.scenario.case_of(self.variant.as_deref());
        let case = case.ok_or_else(|| SimulationError::Variant(self.variant.clone().unwrap_or_default()))?;
        if let Some(what) = own::unsuited(&case.system) {
            return Err(SimulationError::Unsuited(what));
        }
        let mut own = Own::new(app);
        if let Some(path) = &self.path {
            own = own.stream_at(path);
        }
        if let Some(Identifying(identify)) = self.identify.clone() {
            own = own.identify(move |message| identify(message));
        }
        let prepared = Prepared::new(&case);
        let once = |run: u64| {
            let draws = Draws::Seeded { seed: self.seed, run };
            Ok(judged_as_it_ends(&prepared, simulate_own(&case.system, &own, &draws)?))
        };
        let made = repeatable(self.runs, &once, &|_| ()).map_err(SimulationError::Run)?;
        let cases = added_up(&prepared, made);
        Ok(Outcome { cases, seed: self.seed, case: case.clone() })
    }
}

impl Outcome {
    /// What the runs came to.
    pub fn cases(&self) -> &Cases {
        &self.cases
    }

    /// In how many of the runs `invariant` is broken.
    ///
    /// # Panics
    /// If the scenario does not check it.
    pub fn broken(&self, invariant: &str) -> u64 {
        self.cases.broken[self.place(invariant).0].len() as u64
    }

    /// Fails unless no run breaks `invariant` and nothing went wrong on any host.
    ///
    /// # Panics
    /// If a run breaks it, with the run, or if the scenario does not check it.
    #[track_caller]
    pub fn expect_holds(&self, invariant: &str) {
        let broken = self.broken(invariant);
        self.expect_no_trouble();
        assert!(broken == 0, "{}", self.said(invariant, broken));
    }

    /// Fails unless some run breaks `invariant`.
    ///
    /// # Panics
    /// If none does, or if the scenario does not check it.
    #[track_caller]
    pub fn expect_violated(&self, invariant: &str) {
        let broken = self.broken(invariant);
        assert!(broken > 0, "{invariant} is broken in none of {}", text::count(self.cases.runs, "run"));
    }

    /// Fails if anything went wrong on a host: a panic, an answer that is no stream, a message that is none.
    ///
    /// # Panics
    /// If something did.
    #[track_caller]
    pub fn expect_no_trouble(&self) {
        if let Some((run, trouble)) = self.cases.troubles.first() {
            let at = text::duration(trouble.at.0);
            panic!("run {run} of seed {:#x}: {} at {at}: {}", self.seed, trouble.host, trouble.what);
        }
    }

    fn place(&self, invariant: &str) -> RuleId {
        self.case.rule_named(invariant).unwrap_or_else(|| {
            let known: Vec<&str> = self.case.checks.iter().map(|check| check.rule.name()).collect();
            panic!("the scenario does not check {invariant}; it checks {}", known.join(", "))
        })
    }

    /// What is said of a broken invariant: how often, why, and the picture of a run.
    fn said(&self, invariant: &str, broken: u64) -> String {
        let runs = text::count(self.cases.runs, "run");
        let mut said = format!("{invariant} is broken in {broken} of {runs} of seed {:#x}", self.seed);
        let place = self.place(invariant);
        if let Some((run, ran)) = &self.cases.shown
            && let Some(breach) = ran.breaches[place.0]
        {
            let story = Story::of(&self.case.system, &ran.simulated.trace);
            let rule = self.case.check(place).rule;
            let style = Style::plain();
            let picture = terminal::picture(&race::race(&story, rule, breach), &style);
            said += &format!(", first in run {run}\n{}\n\n{picture}", story.reason(rule, breach));
        }
        said
    }
}
