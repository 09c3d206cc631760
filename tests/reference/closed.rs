//! The closed lists of what a system can be made of, each entry with the part of the grammar that it is counted as.
//!
//! A new kind of step, condition, place of a cursor, scheme of ids, fault or limit does not compile until it is
//! named here; and what is named here must be drawn.

use punctual_model::{
    Action, Copies, CursorRule, Cursors, FactKind, Fault, Guard, Ids, Limit, Resource, Since, Starts, Step,
    StepTime, System, TimerFrom, Way,
};

/// The parts of the grammar that a system has, as far as closed lists tell them apart.
pub(crate) fn parts(system: &System) -> Vec<&'static str> {
    let mut parts = Vec::new();
    for task in &system.tasks {
        parts.push(match task.starts {
            Starts::After(_) => "task starts later",
            Starts::Spawned => "task starts spawned",
        });
        parts.push(match task.cursors {
            Cursors::One => "cursors one, several stores",
            Cursors::PerStore => "cursors per-source",
        });
        task.all_steps().for_each(|step| of_step(step, &mut parts));
    }
    parts.extend(system.stores.iter().map(|store| match store.ids {
        Ids::Given => "publish to given",
        Ids::Counter => "publish to counter",
        Ids::Clock(_) => "publish to clock",
    }));
    let rests = system.policies.iter().flat_map(|policy| &policy.by_status).flatten().flatten();
    parts.extend(rests.map(|rest| match rest.below {
        None => "policy fixed",
        Some(Limit::Age(_)) => "policy below age",
        Some(Limit::Sleeps(_, Since::Start)) => "policy below rests",
        Some(Limit::Sleeps(_, Since::Event)) => "policy below rests since event",
    }));
    for client in &system.clients {
        parts.extend(client.timers.iter().map(|timer| match timer.from {
            TimerFrom::Start => "timer from start",
            TimerFrom::Byte => "timer from byte",
            TimerFrom::Event => "timer from any event",
            TimerFrom::Named(_) => "timer from an event",
        }));
        for reaction in &client.reactions {
            parts.push(match reaction.copies {
                Copies::All => "on ends",
                Copies::Synthesized => "on copies synthesized",
            });
            parts.extend(reaction.fetches.iter().map(|(what, _)| match what {
                Resource::Row(_) => "on fetches row",
                Resource::File(_) => "on fetches file",
            }));
        }
    }
    parts
}

fn of_step(step: &Step, parts: &mut Vec<&'static str>) {
    parts.push(match &step.time {
        StepTime::Instant => "time none",
        StepTime::Takes(_, None) => "time takes",
        StepTime::Takes(_, Some(_)) => "time returns",
        StepTime::Blocks(_) => "time blocks",
    });
    parts.push(of_action(&step.action));
    parts.extend(step.guards.iter().map(|guard| match guard {
        Guard::Unsent => "if unsent of no row",
        Guard::ChangedTo(_) => "if changed to",
        Guard::Is(_, None) => "if is",
        Guard::Is(_, Some(_)) => "if is for",
        Guard::CountAbove => "if count above",
        Guard::NoneWithin(_) => "if none within us",
        Guard::NoneWithinIds(..) => "if none within ids",
        Guard::Resumed => "if resumed",
        Guard::Fresh => "if fresh",
    }));
}

fn of_action(action: &Action) -> &'static str {
    match action {
        Action::Work => "step work",
        Action::Status(_) => "step status",
        Action::Commit { .. } => "step commit",
        Action::Save(_) => "step save",
        Action::Publish { .. } => "step publish",
        Action::Notify(_) => "step notify",
        Action::Spawn(_) => "step spawn",
        Action::Read { .. } => "step read",
        Action::Send(_) => "step send",
        Action::Announce { cursor: Some(rule), .. } => {
            of_cursor(*rule, ["announce cursor greatest", "announce cursor own"])
        }
        Action::Announce { cursor: None, .. } => "step announce",
        Action::Cursor(rule) => of_cursor(*rule, ["cursor greatest", "cursor own"]),
        Action::Refuse => "step refuse",
        Action::Fault(fault) => of_fault(*fault),
        Action::Comment => "step comment",
        Action::Close { event: None } => "step close",
        Action::Close { event: Some(_) } => "close sends",
        Action::Sleep => "step sleep",
        Action::Poll(_) => "step poll",
        Action::Wait { at_most: None, .. } => "wait for ever",
        Action::Wait { at_most: Some(_), .. } => "wait at-most",
        Action::Repeat { .. } => "step repeat",
    }
}

fn of_cursor(rule: CursorRule, [greatest, own]: [&'static str; 2]) -> &'static str {
    match rule {
        CursorRule::To(0) => "cursor zero",
        CursorRule::To(_) => "cursor number",
        CursorRule::Now(_) => "cursor now",
        CursorRule::Own(_) => own,
        CursorRule::Greatest(_, 0) => greatest,
        CursorRule::Greatest(..) => "cursor greatest plus",
        CursorRule::Given(_) => "cursor given",
    }
}

fn of_fault(fault: Fault) -> &'static str {
    match fault {
        Fault::Disconnect(_) => "step disconnect",
        Fault::HalfOpen(_) => "step half-open",
        Fault::Hold(_, Way::Both) => "hold both",
        Fault::Hold(_, Way::To) => "hold to",
        Fault::Hold(_, Way::From) => "hold from",
        Fault::Release(_, Way::Both) => "release both",
        Fault::Release(_, Way::To) => "release to",
        Fault::Release(_, Way::From) => "release from",
        Fault::Crash(_) => "step crash",
        Fault::Restart(_) => "step restart",
    }
}

/// What a fact that is asked about is counted as; none of what cannot be written.
pub(crate) fn fact(kind: FactKind) -> Option<&'static str> {
    Some(match kind {
        FactKind::Did(..) => "fact TASK.STEP",
        FactKind::Turned(_) => "fact turned",
        FactKind::Set(_) => "fact status",
        FactKind::Committed(_) => "fact committed",
        FactKind::Visible(_) => "fact visible",
        FactKind::RolledBack(_) => "fact rolled-back",
        FactKind::Saved(_) => "fact saved",
        FactKind::Published(_) => "fact published",
        FactKind::Sent(..) => "fact sent",
        FactKind::Arrived(..) => "fact arrived",
        FactKind::Notified(_) => "fact notified",
        FactKind::Over(_) => "fact over",
        FactKind::Closed(_) => "fact closed",
        FactKind::TimerStarted(..) => "fact started",
        FactKind::TimerStopped(..) => return None,
        FactKind::TimedOut(..) => "fact timed-out",
        FactKind::Fetched(_, true) => "fact found",
        FactKind::Fetched(_, false) => "fact missed",
        FactKind::Showed(..) => "fact shown",
        FactKind::Finished(_) => "fact finished",
        FactKind::Cut(_) => "fact cut",
        FactKind::Connected(_) => "fact connected",
        FactKind::GaveUp(_) => "fact gave-up",
        FactKind::Held(_) => "fact held",
        FactKind::Crashed(_) => "fact crashed",
        FactKind::Restarted(_) => "fact restarted",
    })
}
