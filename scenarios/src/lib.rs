//! `scenarios` is the file format: text in, compiled systems and their checks out.
//!
//! One TOML file describes a system, its variants and what is expected of each. [`Scenario::parse`]
//! gives one [`Case`] for the file as it stands, for each variant and for each combination that it
//! lists, or [`Problems`]: everything that is wrong with the file at once, each with its place, a
//! code that [`explain`] knows, and what would be right.
//!
//! ```
//! use punctual_scenarios::{Expected, Scenario, library};
//!
//! let (name, text) = library()[0];
//! let scenario = Scenario::parse(name, text).expect("the library is sound");
//! let base = scenario.case(None).expect("there always is a base");
//! assert_eq!(base.system.tasks[0].name, "voiceover");
//! assert_eq!(base.checks[0].rule.name(), "no-event-lost");
//! assert_eq!(base.checks[0].expected, Some(Expected::Violated));
//!
//! let fixed = scenario.case(Some("fix-3")).expect("the third fix is a variant");
//! assert_ne!(fixed.system, base.system);
//!
//! let wrong = text.replace("20s..45s", "45s..20s");
//! let problems = Scenario::parse("wrong.toml", &wrong).expect_err("an interval is reversed");
//! assert_eq!(problems.list[0].code, "P0206");
//! ```

mod case;
mod scenario;

mod doubts;
mod file;
mod form;
mod listed;
mod mend;
mod placed;
mod schema;
mod structure;
mod tree;

mod compile;
mod draws;
mod duration;
mod guard;
mod idle;
mod names;
mod outages;
#[cfg(feature = "python")]
mod pasted;
#[cfg(not(feature = "python"))]
#[path = "unpasted.rs"]
mod pasted;
mod places;
mod sleeping;
mod steps;
mod value;
mod whole;

mod apply;
mod axis;
mod expect;
mod facts;
mod parameter;
mod patch;
mod paths;
mod wanted;

mod codes;
mod library;
mod load;
mod problem;
mod scaffold;
mod words;

pub use axis::{Axis, Ends, NoAxis, Now, Point, VARIANT, WrongAxis};
pub use case::{Case, Check, Expected, Interleaving, Outcome, States, StepRef, digest};
pub use codes::{codes, explain, titles};
pub use duration::{NoDuration, duration};
pub use facts::{NoFact, fact, fact_words};
pub use form::step_keys;
pub use idle::Idle;
pub use library::library;
pub use load::{LARGEST, LoadError, STDIN, is_scenario, load, load_from};
pub use names::BASE;
pub use parameter::{Parameter, Put};
pub use paths::{NoParameter, WrongPath};
pub use placed::Place;
pub use problem::{NOWHERE, Problem, Problems};
pub use scaffold::{ScaffoldFile, scaffold, scaffold_from};
pub use scenario::Scenario;
pub use schema::schema;
