//! The kinds of what is claimed, by name.

use punctual::story::Outcome;
use punctual::why::{Cause, How, Lost, NotLooked, Obstacle};

/// All kinds of claims of runs.
pub(crate) const KINDS: &[&str] = &[
    "late",
    "twice",
    "overtaken",
    "not there: later",
    "not there: never",
    "phantom",
    "timed out: comes later",
    "timed out: never comes",
    "timed out: nothing stops it",
    "came back",
    "came back: was open",
    "ends late",
    "ends late: back",
    "stays open",
    "ends early",
    "too many",
    "shown wrong: fails",
    "shown wrong: does not fail",
    "waits for ever",
    "waits for ever: lost",
    "sent: on its way",
    "sent: held back, then the line breaks",
    "sent: no line",
    "sent: held",
    "passed over: dropped",
    "passed over: beyond",
    "passed over: same tick",
    "passed over: behind",
    "passed over: stopped",
    "passed over: not admitted",
    "passed over: by chance",
    "not looked: dropped",
    "not looked: same tick",
    "not looked: behind",
    "not looked: beyond",
    "not looked: stopped",
    "not looked: no look any more",
    "not looked: no look at all",
    "not looked: closed",
    "not looked: over",
    "not looked: given up",
    "not looked: began anew",
    "not looked: waits",
    "not looked: waits, signal not kept",
    "not looked: never begins",
    "not looked: run ends",
];

/// Kinds that only facts of which nothing more is known have, as those of a log: a run knows what became of all that was
/// sent, and why it breaks what it breaks.
pub(crate) const OF_LOGS_ONLY: &[&str] = &["untold", "sent: unknown", "passed over: unknown"];

/// The kinds of a claim: one, or one for each that is in the way of an event.
pub(crate) fn kinds(cause: &Cause) -> Vec<String> {
    let named = |name: &str| vec![name.to_owned()];
    match cause {
        Cause::Lost(lost) => of_lost(lost),
        Cause::Late { .. } => named("late"),
        Cause::Twice(_) => named("twice"),
        Cause::Overtaken { .. } => named("overtaken"),
        Cause::NotThere { there: Some(_), .. } => named("not there: later"),
        Cause::NotThere { there: None, .. } => named("not there: never"),
        Cause::Phantom { .. } => named("phantom"),
        Cause::TimedOut(timed_out) => named(match timed_out.stopper {
            Some((_, Some(_))) => "timed out: comes later",
            Some((_, None)) => "timed out: never comes",
            None => "timed out: nothing stops it",
        }),
        Cause::CameBack { ended: true, .. } => named("came back"),
        Cause::CameBack { ended: false, .. } => named("came back: was open"),
        Cause::EndsLate { back: None, .. } => named("ends late"),
        Cause::EndsLate { back: Some(_), .. } => named("ends late: back"),
        Cause::StaysOpen { .. } => named("stays open"),
        Cause::EndsEarly { .. } => named("ends early"),
        Cause::TooMany(_) => named("too many"),
        Cause::ShownWrong { failed: Some(_), .. } => named("shown wrong: fails"),
        Cause::ShownWrong { failed: None, .. } => named("shown wrong: does not fail"),
        Cause::WaitsForEver(None) => named("waits for ever"),
        Cause::WaitsForEver(Some(lost)) => [named("waits for ever: lost"), of_lost(lost)].concat(),
        Cause::Untold => named("untold"),
    }
}

fn of_lost(lost: &Lost) -> Vec<String> {
    let each = |how: &str, obstacles: &[Obstacle]| -> Vec<String> {
        obstacles.iter().map(|obstacle| format!("{how}: {}", of_obstacle(obstacle))).collect()
    };
    match &lost.how {
        How::Sent { outcome, .. } => vec![
            match outcome {
                Outcome::LostOnItsWay(_, None) => "sent: on its way",
                Outcome::LostOnItsWay(_, Some(_)) => "sent: held back, then the line breaks",
                Outcome::NotOnTheLine(_) => "sent: no line",
                Outcome::Held(_) => "sent: held",
                Outcome::Arrived(_) | Outcome::OnItsWay => "sent: unknown",
            }
            .to_owned(),
        ],
        How::PassedOver { obstacles, .. } if obstacles.is_empty() => vec!["passed over: unknown".to_owned()],
        How::PassedOver { obstacles, .. } => each("passed over", obstacles),
        How::NotLooked { reason, obstacles, .. } => {
            let reason = match reason {
                NotLooked::Never(_, Some(_)) => "no look any more",
                NotLooked::Never(_, None) => "no look at all",
                NotLooked::Closed(_) => "closed",
                NotLooked::Over(_) => "over",
                NotLooked::GivenUp(_) => "given up",
                NotLooked::BeganAnew(_) => "began anew",
                NotLooked::Waits(waiting) if waiting.unheard.is_some() => "waits, signal not kept",
                NotLooked::Waits(_) => "waits",
                NotLooked::NeverBegins(_) => "never begins",
                NotLooked::RunEnds => "run ends",
            };
            [vec![format!("not looked: {reason}")], each("not looked", obstacles)].concat()
        }
    }
}

fn of_obstacle(obstacle: &Obstacle) -> &'static str {
    match obstacle {
        Obstacle::Dropped(_) => "dropped",
        Obstacle::Beyond(_) => "beyond",
        Obstacle::SameTick(..) => "same tick",
        Obstacle::Behind(..) => "behind",
        Obstacle::Stopped(_) => "stopped",
        Obstacle::NotAdmitted => "not admitted",
        Obstacle::ByChance => "by chance",
    }
}
