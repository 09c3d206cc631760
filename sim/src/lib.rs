//! `sim` is the kernel: machines under simulated time, and the drivers that run them.
//!
//! A [`Machine`] is told what happens and asks for what shall happen next; a driver decides when.
//! Nothing here knows of jobs, streams or files, reads a clock, or depends on a thread. The
//! example is a machine that has nothing to do with jobs: a kettle that switches itself off, and
//! somebody who may look too late.
//!
//! ```
//! use punctual_sim::{sample, Cx, Delay, Invariant, Machine, Span};
//!
//! struct Kitchen { boils: Delay, looks: Delay, limit: Delay }
//! #[derive(Clone, PartialEq, Eq, Hash, Debug)]
//! struct Kettle { hot: bool }
//! #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
//! enum Event { Boiled, Looked, SwitchedOff }
//! #[derive(Clone, PartialEq, Debug)]
//! enum Fact { TeaMade, FoundCold }
//!
//! impl Machine for Kitchen {
//!     type State = Kettle;
//!     type Event = Event;
//!     type Effect = ();
//!     type Fact = Fact;
//!
//!     fn start(&self, cx: &mut impl Cx<Self>) -> Kettle {
//!         cx.after(Event::Boiled, &self.boils);
//!         cx.after(Event::Looked, &self.looks);
//!         Kettle { hot: false }
//!     }
//!
//!     fn step(&self, kettle: &mut Kettle, event: Event, cx: &mut impl Cx<Self>) {
//!         match event {
//!             Event::Boiled => {
//!                 kettle.hot = true;
//!                 cx.after(Event::SwitchedOff, &self.limit);
//!             }
//!             Event::SwitchedOff => kettle.hot = false,
//!             Event::Looked if kettle.hot => cx.note(Fact::TeaMade),
//!             Event::Looked => cx.note(Fact::FoundCold),
//!         }
//!     }
//! }
//!
//! let kitchen = Kitchen {
//!     boils: Delay::uniform("boils", Span::secs(100), Span::secs(200)),
//!     looks: Delay::uniform("looks", Span::secs(200), Span::secs(300)),
//!     limit: Delay::fixed("limit", Span::secs(100)),
//! };
//! let tea = Invariant::eventually("there-is-tea", |fact| *fact == Fact::TeaMade);
//! let cold = sample::count(&kitchen, &tea, 7, 0..10_000);
//! // Boiling and looking are uniform over 100 s, so half of the looks come too late.
//! assert!((4_800..5_200).contains(&cold));
//!
//! let bad = sample::first_broken(&kitchen, &tea, 7, 0..100).expect("one in two is broken");
//! assert_eq!(bad.check(&kitchen), Ok(()));
//! ```

mod acceleration;
mod chooser;
mod clocked;
mod delay;
mod enumerate;
pub mod explore;
mod follow;
mod fork;
mod hosted;
mod interned;
mod invariant;
mod law;
mod machine;
mod pending;
mod philox;
pub mod rate;
mod refusal;
mod run;
pub mod sample;
mod shrink;
mod time;
mod trace;
pub mod untimed;
mod watch;

pub use acceleration::Sums;
pub use chooser::{About, Chooser, Seeded};
pub use clocked::Clocked;
pub use delay::{Choice, Clock, Delay, Name};
pub use enumerate::Enumerate;
pub use follow::{Follow, ReplayError, replay, replay_until};
pub use fork::{Common, TakesOver, common_turns, forking_runs};
pub use hosted::{Asked, Claim, Hosted, HostedCx};
pub use invariant::{Invariant, Watcher};
pub use law::{Law, LawError};

pub use machine::{Channel, Cx, IdleCycle, Machine, Nested, Stamp};
pub use philox::{Philox, philox64};
pub use refusal::{NotAllowed, Refusal};
pub use run::{Counts, Ending, Observer, Runner};
pub use shrink::{Judge, shrink};
pub use time::{Interval, Span, Time};
pub use trace::{Decision, Step, Trace, TraceOf, record, record_until};
pub use watch::{Monitor, ObserverClock, Stopwatch, Watch};
