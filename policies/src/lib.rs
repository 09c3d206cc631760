//! `policies` asks a polling policy as it stands in production: a Python function, run as pasted.
//!
//! ```
//! use punctual_policies::Function;
//! use punctual_sim::Span;
//!
//! let source = "
//! def get_poll_interval(job_status: str, elapsed_time: float, has_voiceover: bool = False) -> float:
//!     if job_status == 'running' and elapsed_time < 30:
//!         return 0.3
//!     return 1.0
//! ";
//! let function = Function::parse(source, "has_voiceover=True").expect("it is a policy");
//! let ages = function.ages(&["running"]).expect("it answers for every age");
//! let [(_, pieces)] = &ages.by_status[..] else { panic!("one status was asked for") };
//! assert_eq!(pieces[0].to, Span(29_999_999));
//! assert_eq!(pieces[1].sleep.min, Span(1_000_000));
//! ```
//!
//! It is parsed by the parser of ruff and evaluated here, with `CPython`'s arithmetic bit for bit; what is not
//! pure (a clock, a draw, a network) is refused with its place ([`Refusal`]). What it returns is rounded to whole
//! microseconds once, here. Where its result changes with the age of the stream is found exactly
//! ([`Function::ages`]): so a pasted policy becomes a table, with an alarm at each age that it asks for, and can
//! be explored for every timing like any other.

mod function;
mod refusal;

mod ages;
mod bounds;
mod module;

mod arithmetic;
mod call;
mod comparison;
mod eval;
mod names;
mod number;
mod position;
mod power;
mod stop;
mod value;

pub use ages::{Ages, Piece, Sleep, Unreached};
pub use function::Function;
pub use module::NAME;
pub use refusal::{Asked, DIFFERS, NoSeconds, Place, Refusal, Returned, Why};
